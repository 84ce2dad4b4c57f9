"""Service events are built and streamed exactly as the examples of the specification."""

import json

import pytest

from clarion.domain.events import produced
from clarion.domain.events.model import EventRow, tokens
from clarion.domain.events.produced import Mail, Subject
from clarion.domain.events.records import encode_record, stream_record, streamed

APP = "0f4b6f2e5a4c4f8da1b2c3d4e5f60718"
ACCOUNT = "000000000001"
JOURNEY = {
    "journey_id": "1f2e3d4c5b6a79880716253443526170",
    "journey_run_id": "aa11bb22cc33dd44ee55ff6600112233",
}
MAIL = Mail(
    message_id="m-000000001",
    sent_ms=1804151402000,
    from_address="shop@acme.test",
    destination=["lea@acme.test"],
    subject="Hello",
    headers=[
        ("From", "shop@acme.test"),
        ("To", "lea@acme.test"),
        ("Subject", "Hello"),
        ("MIME-Version", "1.0"),
    ],
)


def _common(event_type: str, ts: int, arrival: int, client: str = "ep-7781") -> dict[str, object]:
    return {
        "event_type": event_type,
        "event_timestamp": ts,
        "arrival_timestamp": arrival,
        "event_version": "3.1",
        "application": {"app_id": APP, "sdk": {}},
        "client": {"client_id": client},
        "device": {"platform": {}},
        "session": {},
        "awsAccountId": ACCOUNT,
    }


def _campaign(**more: str) -> Subject:
    return Subject(
        account=ACCOUNT,
        app_id=APP,
        endpoint_id="ep-7781",
        campaign_id="9a0d6f7b1c2e4d5f8a9b0c1d2e3f4a5b",
        activity_id="5e6f708192a3b4c5d6e7f8091a2b3c4d",
        **more,
    )


def _journey(**more: str) -> Subject:
    return Subject(account=ACCOUNT, app_id=APP, endpoint_id="ep-7781", activity_id="mailA", **JOURNEY, **more)


def test_app_event() -> None:
    row = EventRow(
        app_id=APP,
        event_type="_monetization.purchase",
        event_id="e-1",
        endpoint_key="ep-7781",
        endpoint_id="ep-7781",
        ts=1804151402120,
        arrival=1804151403008,
        account=ACCOUNT,
        session_id="s-55",
        session_start=1804151100000,
        kv=tokens({"_product_id": "sku-9", "_currency": "USD", "_store": "Virtual"}),
        metric_names=["_quantity", "_item_price"],
        metric_values=[2.0, 4.5],
        application=json.dumps(
            {
                "package_name": "com.acme.shop",
                "title": "Acme Shop",
                "version_name": "4.2",
                "version_code": "402",
                "sdk": {"name": "amplify-android", "version": "2.14.0"},
            }
        ),
        device=json.dumps(
            {
                "locale": {"code": "de_DE", "country": "DE", "language": "de"},
                "make": "Fairphone",
                "model": "FP5",
                "platform": {"name": "android", "version": "14"},
            }
        ),
        record='{"client":{"cognito_id":"eu-west-1:11111111-2222-3333-4444-555555555555"}}',
    )
    expected = {
        "event_type": "_monetization.purchase",
        "event_timestamp": 1804151402120,
        "arrival_timestamp": 1804151403008,
        "event_version": "3.0",
        "application": {
            "app_id": APP,
            "package_name": "com.acme.shop",
            "title": "Acme Shop",
            "version_name": "4.2",
            "version_code": "402",
            "sdk": {"name": "amplify-android", "version": "2.14.0"},
        },
        "client": {"client_id": "ep-7781", "cognito_id": "eu-west-1:11111111-2222-3333-4444-555555555555"},
        "device": {
            "locale": {"code": "de_DE", "country": "DE", "language": "de"},
            "make": "Fairphone",
            "model": "FP5",
            "platform": {"name": "android", "version": "14"},
        },
        "session": {"session_id": "s-55", "start_timestamp": 1804151100000},
        "attributes": {"_product_id": "sku-9", "_currency": "USD", "_store": "Virtual"},
        "metrics": {"_quantity": 2, "_item_price": 4.5},
    }
    assert stream_record(row) == expected
    line = encode_record(row)
    assert line.endswith(b"}\n")
    assert json.loads(line) == expected


def test_campaign_send() -> None:
    endpoint = (
        '{"ChannelType":"EMAIL","EndpointStatus":"ACTIVE","OptOut":"NONE",'
        '"EffectiveDate":"2027-02-20T10:00:00.000Z","User":{"UserId":"u-19"}}'
    )
    row = produced.campaign_send(
        _campaign(treatment_id="1", endpoint=endpoint),
        at_ms=1804155000155,
        status="QUIET_TIME",
        delivery_type="EMAIL",
        gate="quiet_time",
        reason="22:00 to 08:00",
    )
    assert stream_record(row) == _common("_campaign.send", 1804155000155, 1804155000155) | {
        "attributes": {
            "campaign_id": "9a0d6f7b1c2e4d5f8a9b0c1d2e3f4a5b",
            "campaign_activity_id": "5e6f708192a3b4c5d6e7f8091a2b3c4d",
            "treatment_id": "1",
            "delivery_type": "EMAIL",
            "campaign_send_status": "QUIET_TIME",
        },
        "client_context": {"custom": {"endpoint": endpoint}},
    }
    assert (row.gate, row.reason, row.status) == ("quiet_time", "22:00 to 08:00", "QUIET_TIME")


def test_journey_send() -> None:
    endpoint = (
        '{"ChannelType":"EMAIL","EndpointStatus":"ACTIVE","OptOut":"NONE","Demographic":{"Timezone":"Europe/Berlin"}}'
    )
    row = produced.journey_send(
        _journey(endpoint=endpoint, activity_type="EMAIL"),
        at_ms=1804160000000,
        status="SUCCESS",
        code="200",
        message="200",
    )
    assert stream_record(row) == _common("_journey.send", 1804160000000, 1804160000000) | {
        "attributes": {
            **JOURNEY,
            "journey_activity_id": "mailA",
            "journey_activity_type": "EMAIL",
            "journey_send_status": "SUCCESS",
            "journey_send_status_code": "200",
            "journey_send_status_message": "200",
        },
        "client_context": {"custom": {"endpoint": endpoint}},
    }


def test_email_send_of_a_journey() -> None:
    row = produced.email(_journey(), "send", MAIL, at_ms=1804151402640)
    assert stream_record(row) == _common("_email.send", 1804151402000, 1804151402640) | {
        "attributes": {"feedback": "received", **JOURNEY, "journey_activity_id": "mailA"},
        "client_context": {"custom": {"legacy_identifier": APP}},
        "facets": {
            "email_channel": {
                "mail_event": {
                    "mail": {
                        "message_id": "m-000000001",
                        "message_send_timestamp": 1804151402000,
                        "from_address": "shop@acme.test",
                        "destination": ["lea@acme.test"],
                        "headers_truncated": False,
                        "headers": [
                            {"name": "From", "value": "shop@acme.test"},
                            {"name": "To", "value": "lea@acme.test"},
                            {"name": "Subject", "value": "Hello"},
                            {"name": "MIME-Version", "value": "1.0"},
                        ],
                        "common_headers": {
                            "from": "shop@acme.test",
                            "to": ["lea@acme.test"],
                            "subject": "Hello",
                        },
                    },
                    "send": {},
                }
            }
        },
    }


def test_subject_is_missing_from_campaign_sends_only() -> None:
    def mail(row: EventRow) -> dict[str, object]:
        return stream_record(row)["facets"]["email_channel"]["mail_event"]["mail"]  # type: ignore[no-any-return]

    sent = mail(produced.email(_campaign(), "send", MAIL, at_ms=1))
    assert "Subject" not in json.dumps(sent)
    assert "subject" not in sent["common_headers"]  # type: ignore[operator]
    assert "Hello" in json.dumps(mail(produced.email(_campaign(), "delivered", MAIL, at_ms=1)))


@pytest.mark.parametrize(
    ("kind", "feedback", "detail"),
    [
        ("delivered", "delivered", {"delivery": {"smtp_response": "250 2.0.0 queued as 4Q1"}}),
        ("open", "opened", {"open": {"ip_address": "192.0.2.17", "user_agent": "ExampleMail/1.0"}}),
        ("click", "https://acme.test/sale", {"click": {"link": "https://acme.test/sale"}}),
        ("hardbounce", "hardbounce", {"bounce": {"bounce_type": "Permanent"}}),
        ("softbounce", "softbounce", {"bounce": {"bounce_type": "Transient"}}),
        ("complaint", "complaint", {"complaint": {"complaint_feedback_type": "abuse"}}),
        ("unsubscribe", "unsubscribed", {"unsubscribe": {"link": "https://acme.test/prefs"}}),
        ("rejected", "rejected", {"reject": {"reason": "Bad content"}}),
        ("rendering_failure", "rendering_failure", {"rendering_failure": {"template_name": "hello-mail"}}),
    ],
)
def test_email_event_objects(kind: produced.EmailKind, feedback: str, detail: dict[str, dict[str, object]]) -> None:
    (inner,) = detail.values()
    record = stream_record(produced.email(_campaign(), kind, MAIL, at_ms=5, detail=inner))
    assert record["event_type"] == f"_email.{kind}"
    assert record["attributes"]["feedback"] == feedback
    assert record["attributes"]["treatment_id"] == "0"
    event = record["facets"]["email_channel"]["mail_event"]
    assert {name: value for name, value in event.items() if name != "mail"} == detail


def test_transactional_mail_names_its_recipient_as_told() -> None:
    subject = Subject(account=ACCOUNT, app_id=APP, endpoint_id="EP-1", client_id="7f0e", context={"order": "9"})
    row = produced.email(subject, "send", MAIL, at_ms=5)
    record = stream_record(row)
    assert record["client"] == {"client_id": "7f0e"}
    assert record["attributes"] == {"feedback": "received", "order": "9"}
    assert (row.endpoint_key, row.endpoint_id) == ("ep-1", "EP-1")


def test_sms() -> None:
    attributes = {
        "sender_request_id": "r-1",
        "message_id": "sm-1",
        "origination_phone_number": "+4915550001",
        "destination_phone_number": "+4915550002",
        "record_status": "SUCCESSFUL",
        "iso_country_code": "DE",
        "number_of_message_parts": "1",
        "message_type": "Transactional",
        "customer_context": '{"userId":"u-19"}',
    }
    subject = Subject(account=ACCOUNT, app_id=APP, endpoint_id="ep-88")
    row = produced.sms(subject, "BUFFERED", at_ms=1804151500010, ts_ms=1804151500300, attributes=attributes)
    expected = _common("_SMS.BUFFERED", 1804151500300, 1804151500010, "ep-88")
    assert stream_record(row) == expected | {"attributes": attributes | {"treatment_id": "0"}}
    paid = produced.sms(subject, "SUCCESS", at_ms=1, ts_ms=2, attributes=attributes, price_millicents=7100)
    assert stream_record(paid)["metrics"] == {"price_in_millicents_usd": 7100.0}
    assert (paid.status, paid.message_id) == ("SUCCESSFUL", "sm-1")


def test_skips_are_recorded_but_never_streamed() -> None:
    row = produced.skip(_campaign(), at_ms=7, gate="address", reason="no address")
    assert not streamed(row)
    assert row.attributes["gate"] == "address"
    assert row.attributes["campaign_id"] == row.campaign_id
    assert streamed(produced.email(_campaign(), "open", MAIL, at_ms=5))


def test_event_ids_tell_occurrences_apart_and_repeat_for_the_same_one() -> None:
    first = produced.email(_campaign(), "open", MAIL, at_ms=5, occurrence="1")
    again = produced.email(_campaign(), "open", MAIL, at_ms=9, occurrence="1")
    second = produced.email(_campaign(), "open", MAIL, at_ms=9, occurrence="2")
    assert first.event_id == again.event_id != second.event_id
    one = produced.skip(_campaign(), at_ms=7, gate="g", reason="r")
    assert one.event_id != produced.campaign_send(_campaign(), at_ms=7, status="S", delivery_type="X").event_id
