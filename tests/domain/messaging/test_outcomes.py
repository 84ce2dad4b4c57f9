"""What the mailbox does with a message, as events: by the simulator's addresses, from the request to the record."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clarion.channels.port import Bounce, Complaint, CustomOutgoing, Delivery, Fact, Outcome, Rejection
from clarion.domain.messaging import outcomes
from clarion.domain.messaging.model import Envelope, Refusal, SendStatus
from tests.channels.letters import letter
from tests.domain.messaging.house import House

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
HELLO: dict[str, Any] = {"EmailMessage": {"SimpleEmail": {"Subject": {"Data": "s"}, "TextPart": {"Data": "t"}}}}
VIRUS: dict[str, Any] = {"EmailMessage": {"RawEmail": {"Data": b"From: shop@acme.test\r\n\r\n" + EICAR + b"\r\n"}}}


@pytest.mark.parametrize(
    ("local", "message", "kinds", "arrived"),
    [
        ("success", HELLO, ["send", "delivered"], 1),
        ("bounce+label", HELLO, ["send", "hardbounce"], 0),
        ("complaint", HELLO, ["send", "delivered", "complaint"], 1),
        ("suppressionlist", HELLO, ["send", "hardbounce"], 0),
        ("ooto", HELLO, ["send", "delivered"], 2),
        ("success", VIRUS, ["send", "rejected"], 0),
    ],
)
def test_the_mailbox_simulator(
    house: House, local: str, message: dict[str, Any], kinds: list[str], arrived: int
) -> None:
    app = house.app()
    target = {f"{local}@simulator.amazonses.com": {"ChannelType": "EMAIL"}}
    answer = house.send(app, MessageConfiguration=message, Addresses=target)
    assert next(iter(answer["Result"].values()))["DeliveryStatus"] == "SUCCESSFUL"
    house.settle()
    assert sorted(row.event_type for row in house.recorded(app)) == sorted(f"_email.{kind}" for kind in kinds)
    assert len(house.arrived(app)) == arrived


BOUNCE = Bounce(bounce_type="Permanent", status="5.1.1", diagnostic_code="smtp; 550 5.1.1 no")


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome("sent"), [("_campaign.send", "SUCCESS"), ("_email.send", "")]),
        (
            Outcome("delivered", events=(Delivery("250"),)),
            [("_campaign.send", "SUCCESS"), ("_email.send", ""), ("_email.delivered", "")],
        ),
        (
            # The relay said no in the dialogue: handed to the channel, and bounced there.
            Outcome("permanent", "550", events=(BOUNCE,)),
            [("_campaign.send", "SUCCESS"), ("_email.send", ""), ("_email.hardbounce", "")],
        ),
        (Outcome("permanent", "Duplicate header"), [("_campaign.send", "FAILURE_PERMANENT")]),
        (Outcome("temporary", "relay down"), [("_campaign.send", "TRANSIENT_FAILURE")]),
        (Outcome("throttled", "421"), [("_campaign.send", "THROTTLED")]),
    ],
)
def test_a_campaign_s_message(outcome: Outcome, expected: list[tuple[str, str]]) -> None:
    envelope = Envelope(
        channel="EMAIL",
        account="1",
        region="r",
        app_id="a" * 32,
        origin="campaign",
        endpoint_id="Lea",
        campaign_id="c1",
        activity_id="run",
        email=letter(),
    )
    rows = list(outcomes.final(envelope, outcome, at_ms=5))
    assert [(row.event_type, row.status) for row in rows] == expected
    assert all((row.campaign_id, row.activity_id, row.endpoint_key) == ("c1", "run", "lea") for row in rows)
    if expected[0][1] != "SUCCESS":
        assert (rows[0].gate, rows[0].reason) == ("channel", outcome.detail)


@pytest.mark.parametrize("fact", [Delivery("250 ok"), BOUNCE, Complaint(), Rejection()])
def test_a_message_can_be_recalled_from_its_events(fact: Fact) -> None:
    context = {"order": "17"}
    envelope = Envelope(
        channel="EMAIL",
        account="1",
        region="r",
        app_id="a" * 32,
        origin="direct",
        endpoint_id="Lea",
        user_id="u",
        trace_id="t",
        context=context,
        client_id="some-uuid",
        email=letter(headers=[("X-A", "b")]),
    )
    rows = list(outcomes.final(envelope, Outcome("sent", events=(fact,)), at_ms=5))
    subject, mail = outcomes.recalled(rows)
    wanted = msgspec.structs.replace(outcomes.subject_of(envelope), endpoint_key="lea")
    assert (subject, mail) == (wanted, outcomes.mail_of(letter(headers=[("X-A", "b")])))


def journeys(**more: Any) -> Envelope:
    return Envelope(
        channel="EMAIL",
        account="1",
        region="r",
        app_id="a" * 32,
        origin="journey",
        endpoint_id="Lea",
        user_id="u",
        journey_id="j1",
        journey_run_id="run",
        activity_id="mailA",
        **more,
    )


NAMED = {"journey_id": "j1", "journey_run_id": "run", "journey_activity_id": "mailA"}
SENT = {"journey_send_status": "SUCCESS", "journey_send_status_code": "200", "journey_send_status_message": "200"}


def failed(status: str, code: str, reason: str) -> dict[str, str]:
    return {
        "journey_send_status": status,
        "journey_send_status_code": code,
        "journey_send_status_message": reason,
    }


@pytest.mark.parametrize(
    ("outcome", "kinds", "status", "told"),
    [
        (Outcome("sent"), ["_email.send"], "SUCCESS", SENT),
        (Outcome("delivered", events=(Delivery("250"),)), ["_email.send", "_email.delivered"], "SUCCESS", SENT),
        (Outcome("permanent", "550", events=(BOUNCE,)), ["_email.send", "_email.hardbounce"], "SUCCESS", SENT),
        (Outcome("permanent", "no"), [], "FAILURE_PERMANENT", failed("FAILURE_PERMANENT", "400", "no")),
        (Outcome("temporary", "down"), [], "TRANSIENT_FAILURE", failed("FAILURE", "500", "down")),
        (Outcome("temporary", "cut", uncertain=True), [], "UNKNOWN", failed("FAILURE", "500", "cut")),
        (Outcome("throttled", "421"), [], "THROTTLED", failed("THROTTLED", "429", "421")),
    ],
)
def test_a_journeys_message(outcome: Outcome, kinds: list[str], status: str, told: dict[str, str]) -> None:
    sent, *others = outcomes.final(journeys(email=letter()), outcome, at_ms=5)
    assert (sent.event_type, sent.status) == ("_journey.send", status)
    assert sent.attributes == {**NAMED, "journey_activity_type": "EMAIL", **told}
    assert [row.event_type for row in others] == kinds
    for row in (sent, *others):
        assert (row.journey_id, row.activity_id, row.campaign_id, row.treatment_id) == ("j1", "mailA", "", "")
        assert row.attributes.items() >= NAMED.items()
        assert "client" not in msgspec.json.decode(row.record or b"{}")


@pytest.mark.parametrize("fact", [Delivery("250 ok"), BOUNCE, Complaint(), Rejection()])
def test_a_journeys_message_can_be_recalled_from_its_events(fact: Fact) -> None:
    rows = list(outcomes.final(journeys(email=letter()), Outcome("sent", events=(fact,)), at_ms=5))
    subject, mail = outcomes.recalled(rows[1:])
    found = outcomes.subject_of(journeys(email=letter()))
    assert subject == msgspec.structs.replace(found, endpoint_key="lea", activity_type="")
    assert mail == outcomes.mail_of(letter())


def custom() -> CustomOutgoing:
    return CustomOutgoing(
        message_id="m", account="1", app_id="a" * 32, destination="f", endpoint_id="Lea", endpoint=b"{}"
    )


def test_what_a_function_answers_of_an_endpoint_stands_in_its_event() -> None:
    answered = {"offer": "gold", "journey_id": "other"}
    (sent,) = outcomes.final(journeys(custom=custom()), Outcome("sent", answered=answered), at_ms=5)
    assert sent.attributes == {"offer": "gold", **NAMED, "journey_activity_type": "CUSTOM", **SENT}


def test_a_function_that_fails() -> None:
    (sent,) = outcomes.final(journeys(custom=custom()), Outcome("permanent", "no answer"), at_ms=5)
    assert (sent.status, sent.reason) == ("CUSTOM_DELIVERY_FAILURE", "no answer")
    assert sent.attributes["journey_send_status"] == "CUSTOM_DELIVERY_FAILURE"


@pytest.mark.parametrize(
    ("status", "kind", "word"),
    [
        ("DAILY_CAP", "_journey.send", "DAILY_CAP"),
        ("QUIET_TIME", "_journey.send", "QUIET_TIME"),
        ("QUIET_TIME_MISSING_TIMEZONE", "_journey.send", "QUIET_TIME_MISSING_TIMEZONE"),
        ("UNSUPPORTED_CHANNEL", "_journey.send", "UNSUPPORTED_CHANNEL"),
        ("FAILURE_PERMANENT", "_journey.send", "FAILURE_PERMANENT"),
        ("RECOMMENDATION_FAILURE", "_journey.send", "FAILURE"),
        ("HOLDOUT", "_clarion.skip", None),
        (None, "_clarion.skip", None),
    ],
)
def test_what_a_journey_does_not_send(status: SendStatus | None, kind: str, word: str | None) -> None:
    subject = outcomes.subject_of(journeys(email=letter()))
    row = outcomes.refused(subject, Refusal("gate", "why", status), at_ms=5, channel="EMAIL")
    assert (row.event_type, row.gate, row.reason) == (kind, "gate", "why")
    assert row.attributes.get("journey_send_status") == word
    assert row.status == ("SERVICE_FAILURE" if word == "FAILURE" else word or "")
    assert row.attributes.items() >= NAMED.items()


def test_a_message_that_was_held_back_has_an_event_beside_its_outcome() -> None:
    envelope = journeys(email=letter())
    held = outcomes.released(outcomes.subject_of(envelope), "m", at_ms=4)
    sent, *_ = outcomes.final(envelope, Outcome("sent"), at_ms=5)
    assert held.event_id != sent.event_id
    assert (held.message_id, held.status) == ("", "QUIET_TIME_WAIT_FINISHED")
    assert held.attributes == {**NAMED, "journey_send_status": "QUIET_TIME_WAIT_FINISHED"}
