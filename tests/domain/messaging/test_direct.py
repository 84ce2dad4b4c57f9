"""SendMessages and SendUsersMessages: what becomes of each target, and what arrives."""

from __future__ import annotations

import email
from email.policy import default
from typing import Any

import pytest

from clarion.core.errors import Invalid, NotFound
from clarion.core.scope import Scope
from clarion.domain.templates.model import Email
from clarion.shapes.pinpoint import MessageHeader
from tests.domain.messaging.house import ACCOUNT, SCOPE, House

EMAIL = {"ChannelType": "EMAIL"}
HELLO: dict[str, Any] = {
    "EmailMessage": {
        "SimpleEmail": {
            "Subject": {"Data": "Hello {{Name}}"},
            "TextPart": {"Data": "Dear {{Name}}"},
            "HtmlPart": {"Data": "<p>Dear {{Name}}</p>"},
        },
        "Substitutions": {"Name": ["friend"]},
    }
}
PLAIN: dict[str, Any] = {"EmailMessage": {"SimpleEmail": {"TextPart": {"Data": "hi"}}}}


@pytest.fixture(scope="module")
def app(house: House) -> str:
    """A project with endpoints of every sort."""
    app = house.app()
    house.endpoint(app, "Good", user="lea")
    house.endpoint(app, "gone", user="lea", endpoint_status="INACTIVE")
    house.endpoint(app, "out", user="lea", opt_out="ALL")
    house.endpoint(app, "phone", user="lea", channel_type="SMS", address="+4930123456")
    house.endpoint(app, "twin", user="max", address="TWIN@example.com")
    house.endpoint(app, "odd", address="no address at all")
    return app


def only(answer: dict[str, Any]) -> dict[str, Any]:
    (result,) = answer.get("Result", answer.get("EndpointResult", {})).values()
    return dict(result)


def test_an_address_gets_the_mail_and_the_answer_says_so(house: House) -> None:
    app = house.app()
    answer = house.send(app, MessageConfiguration=HELLO, Addresses={"lea@example.com": EMAIL})
    message_id = answer["Result"]["lea@example.com"]["MessageId"]
    assert answer == {
        "ApplicationId": app,
        "RequestId": "11111111-2222-4333-8444-555555555555",
        "Result": {
            "lea@example.com": {
                "DeliveryStatus": "SUCCESSFUL",
                "StatusCode": 200,
                "StatusMessage": "Accepted",
                "MessageId": message_id,
            }
        },
    }
    house.settle()
    (mail,) = house.arrived(app)
    assert (mail.message_id, mail.to_address, mail.from_address) == (message_id, "lea@example.com", "shop@acme.test")
    assert (mail.subject, mail.text) == ("Hello friend", "Dear friend")
    assert mail.html.startswith("<p>Dear friend</p>")


PERMANENT = ("PERMANENT_FAILURE", 400)


@pytest.mark.parametrize(
    ("target", "status", "text"),
    [
        ({"Addresses": {"lea@example.com": EMAIL}}, ("SUCCESSFUL", 200), "Accepted"),
        ({"Addresses": {"Lea <lea@example.com>": EMAIL}}, ("SUCCESSFUL", 200), "Accepted"),
        ({"Addresses": {"lea@example.com": {}}}, PERMANENT, "Missing ChannelType"),
        ({"Addresses": {"nowhere": EMAIL}}, PERMANENT, "'nowhere' is not an e-mail address"),
        (
            {"Addresses": {"+4930123456": {"ChannelType": "SMS"}}},
            PERMANENT,
            "No channel of type SMS is enabled for the application {app}",
        ),
        (
            {"Addresses": {"token": {"ChannelType": "GCM"}}},
            PERMANENT,
            "No channel of type GCM is enabled for the application {app}",
        ),
        ({"Endpoints": {"good": {}}}, ("SUCCESSFUL", 200), "Accepted"),
        ({"Endpoints": {"GOOD": {}}}, ("SUCCESSFUL", 200), "Accepted"),
        ({"Endpoints": {"unheard-of": {}}}, PERMANENT, "Endpoint not found"),
        ({"Endpoints": {"gone": {}}}, PERMANENT, "the endpoint is INACTIVE"),
        ({"Endpoints": {"out": {}}}, ("OPT_OUT", 200), "the endpoint's OptOut is ALL"),
        ({"Endpoints": {"odd": {}}}, PERMANENT, "'no address at all' is not an e-mail address"),
        (
            {"Endpoints": {"phone": {}}},
            PERMANENT,
            "No channel of type SMS is enabled for the application {app}",
        ),
    ],
)
def test_the_result_of_each_target(
    house: House, app: str, target: dict[str, Any], status: tuple[str, int], text: str
) -> None:
    result = only(house.send(app, MessageConfiguration=PLAIN, **target))
    assert (result["DeliveryStatus"], result["StatusCode"]) == status
    assert result["StatusMessage"] == text.format(app=app)
    assert ("MessageId" in result) == (status[0] == "SUCCESSFUL")


def test_endpoint_results_name_the_address_and_repeat_the_caller_s_ids(house: House, app: str) -> None:
    answer = house.send(app, MessageConfiguration=PLAIN, Endpoints={"GOOD": {}, "unheard-of": {}})
    assert "Result" not in answer
    assert answer["EndpointResult"]["GOOD"]["Address"] == "Good@example.com"
    assert "Address" not in answer["EndpointResult"]["unheard-of"]


def test_one_address_gets_one_message_a_request(house: House, app: str) -> None:
    answer = house.send(
        app, MessageConfiguration=PLAIN, Addresses={"twin@example.com": EMAIL}, Endpoints={"twin": {}, "Good": {}}
    )
    assert answer["Result"]["twin@example.com"]["DeliveryStatus"] == "SUCCESSFUL"
    twin = answer["EndpointResult"]["twin"]
    assert (twin["DeliveryStatus"], twin["StatusCode"], "MessageId" in twin) == ("DUPLICATE", 200, False)
    assert answer["EndpointResult"]["Good"]["DeliveryStatus"] == "SUCCESSFUL"


def test_a_disabled_channel_sends_direct_mail_and_no_channel_does_not(house: House) -> None:
    for options, status in [({"enabled": False}, "SUCCESSFUL"), ({"channel": False}, "PERMANENT_FAILURE")]:
        app = house.app(**options)
        result = only(house.send(app, MessageConfiguration=PLAIN, Addresses={"lea@example.com": EMAIL}))
        assert result["DeliveryStatus"] == status
    assert result["StatusMessage"] == f"No channel of type EMAIL is enabled for the application {app}"


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        ({}, "MessageRequest: Addresses or Endpoints is required"),
        ({"Addresses": {}, "Endpoints": {}}, "MessageRequest: Addresses or Endpoints is required"),
        (
            {"Addresses": {f"{n}@x.test": EMAIL for n in range(60)}, "Endpoints": {str(n): {} for n in range(41)}},
            "MessageRequest: Addresses and Endpoints must name at most 100 together",
        ),
        (
            {"MessageConfiguration": {"EmailMessage": {"SimpleEmail": {"HtmlPart": {"Data": "<p>\n {{#if x}}"}}}}},
            "MessageConfiguration.EmailMessage.SimpleEmail.HtmlPart: line 2, column ",
        ),
        (
            {"MessageConfiguration": {"EmailMessage": {"Body": "{{"}}},
            "MessageConfiguration.EmailMessage.Body: line 1, column ",
        ),
        (
            {"MessageConfiguration": {"DefaultMessage": {"Body": "{{/if}}"}}},
            "MessageConfiguration.DefaultMessage.Body: line 1, column ",
        ),
        (
            {"Addresses": {"lea@example.com": {**EMAIL, "BodyOverride": "{{#each"}}},
            "Addresses.lea@example.com.BodyOverride: line 1, column ",
        ),
        (
            {"MessageConfiguration": {"EmailMessage": {"FromAddress": "not an address"}}},
            "MessageConfiguration.EmailMessage.FromAddress: must be an e-mail address",
        ),
        (
            {"MessageConfiguration": {"EmailMessage": {"ReplyToAddresses": ["a@b.test", "c"]}}},
            "MessageConfiguration.EmailMessage.ReplyToAddresses[1]: 'c' is not an e-mail address",
        ),
        (
            {"MessageConfiguration": {"EmailMessage": {"FeedbackForwardingAddress": "c"}}},
            "MessageConfiguration.EmailMessage.FeedbackForwardingAddress: 'c' is not an e-mail address",
        ),
        (
            {"MessageConfiguration": {"EmailMessage": {"RawEmail": {}}}},
            "MessageConfiguration.EmailMessage.RawEmail.Data: is required",
        ),
        (
            {"MessageConfiguration": {"EmailMessage": {"SimpleEmail": {"Headers": [{"Name": "X"}] * 16}}}},
            "MessageConfiguration.EmailMessage.SimpleEmail.Headers: at most 15",
        ),
        ({"TemplateConfiguration": {"EmailTemplate": {}}}, "TemplateConfiguration.EmailTemplate.Name: is required"),
    ],
)
def test_a_wrong_request_sends_nothing(house: House, request_: dict[str, Any], problem: str) -> None:
    app = house.app()
    target = {} if "Addresses" in request_ or not request_ else {"Addresses": {"max@example.com": EMAIL}}
    with pytest.raises(Invalid) as raised:
        house.send(app, **{**target, **request_})
    assert raised.value.message.startswith(problem)
    house.settle()
    assert house.arrived(app) == []


def test_a_raw_message_has_at_most_ten_megabytes(house: House) -> None:
    raw = {"EmailMessage": {"RawEmail": {"Data": b"Subject: x\r\n\r\n" + b"x" * 10_000_000}}}
    with pytest.raises(Invalid, match="10 MB"):
        house.send(house.app(), MessageConfiguration=raw, Addresses={"lea@example.com": EMAIL})


def test_projects_and_templates_of_others_are_not_there(house: House) -> None:
    elsewhere = house.app(scope=Scope(ACCOUNT, "us-east-1"))
    with pytest.raises(NotFound):
        house.send(elsewhere, MessageConfiguration=PLAIN, Addresses={"lea@example.com": EMAIL})
    with pytest.raises(NotFound):
        house.send_users(elsewhere, MessageConfiguration=PLAIN, Users={"lea": {}})
    named = {"EmailTemplate": {"Name": "no-such-template"}}
    with pytest.raises(NotFound, match="no-such-template"):
        house.send(house.app(), TemplateConfiguration=named, Addresses={"lea@example.com": EMAIL})


def sent(house: House, app: str, **request: Any) -> Any:
    """The one mail that arrives after a request."""
    house.send(app, **request)
    house.settle()
    (mail,) = house.arrived(app)
    return mail


def test_levels_of_variables(house: House) -> None:
    """The target's, the message's, the default message's, the endpoint's, the template's: first come, first served."""
    app = house.app()
    house.endpoint(app, "lea", attributes={"Size": ["L"], "Town": ["Rome"]}, user="u1")
    template = Email(text="{{A}}|{{B}}|{{C}}|{{Attributes.Size}}|{{Attributes.Town}}|{{E}}|{{Nobody}}|{{Address}}")
    template = Email(
        text=template.text, default_substitutions='{"A":"t","B":"t","C":"t","E":"t","Attributes.Size":"t"}'
    )
    house.templates.create(SCOPE, "EMAIL", "levels", template, None)
    mail = sent(
        house,
        app,
        MessageConfiguration={
            "EmailMessage": {"Substitutions": {"A": ["message"], "B": ["message"], "Attributes.Town": ["message"]}},
            "DefaultMessage": {"Substitutions": {"B": ["default"], "C": ["default"]}},
        },
        TemplateConfiguration={"EmailTemplate": {"Name": "levels"}},
        Endpoints={"lea": {"Substitutions": {"A": ["own"]}}},
    )
    assert mail.text == "own|message|default|L|message|t||lea@example.com"


def test_a_template_and_its_versions(house: House) -> None:
    first = Email(subject="one", html="<b>one</b>", text="one", headers=[MessageHeader(name="X-Kind", value="{{K}}")])
    house.templates.create(SCOPE, "EMAIL", "versions", first, None)
    house.templates.update(SCOPE, "EMAIL", "versions", Email(subject="two", text="two"), version=None, new_version=True)
    for version, subject in [(None, "one"), ("latest", "two"), ("1", "one"), ("2", "two")]:
        named = {"Name": "versions"} | ({"Version": version} if version else {})
        mail = sent(
            house,
            house.app(),
            TemplateConfiguration={"EmailTemplate": named},
            Addresses={"lea@example.com": {**EMAIL, "Substitutions": {"K": ["v"]}}},
        )
        assert (mail.subject, mail.text) == (subject, subject)
        assert (b"X-Kind: v\r\n" in mail.raw) == (subject == "one")


@pytest.mark.parametrize(
    ("message", "override", "subject", "text", "html"),
    [
        ({"SimpleEmail": {"TextPart": {"Data": "t"}}}, {"BodyOverride": "b {{Address}}"}, "", "b l@x.test", None),
        ({"SimpleEmail": {"HtmlPart": {"Data": "h"}}}, {"BodyOverride": "<i>b</i>"}, "", None, "<i>b</i>"),
        (
            {"SimpleEmail": {"HtmlPart": {"Data": "h"}, "TextPart": {"Data": "t"}, "Subject": {"Data": "s"}}},
            {"BodyOverride": "b", "TitleOverride": "T {{Address}}"},
            "T l@x.test",
            "b",
            "b",
        ),
        ({}, {"BodyOverride": "b", "TitleOverride": "T"}, "T", "b", None),
        ({"Body": "body", "SimpleEmail": {"Subject": {"Data": "s"}}}, {}, "s", "body", None),
        ({"Body": "body", "SimpleEmail": {"TextPart": {"Data": "t"}}}, {"RawContent": '{"no": 1}'}, "", "t", None),
    ],
)
def test_overrides(
    house: House, message: Any, override: dict[str, str], subject: str, text: str | None, html: str | None
) -> None:
    configuration = {"EmailMessage": message}
    mail = sent(house, house.app(), MessageConfiguration=configuration, Addresses={"l@x.test": {**EMAIL, **override}})
    assert (mail.subject, mail.text) == (subject, text)
    assert (mail.html is None) if html is None else mail.html.startswith(html)


def test_the_message_s_own_parts_beat_the_template_s(house: House) -> None:
    template = Email(
        subject="template", html="<b>template</b>", text="template", headers=[MessageHeader(name="X-A", value="t")]
    )
    house.templates.create(SCOPE, "EMAIL", "parts", template, None)
    mail = sent(
        house,
        house.app(),
        MessageConfiguration={
            "EmailMessage": {"SimpleEmail": {"Subject": {"Data": "own"}, "Headers": [{"Name": "x-a", "Value": "own"}]}},
            "DefaultMessage": {"Body": "default"},
        },
        TemplateConfiguration={"EmailTemplate": {"Name": "parts"}},
        Addresses={"lea@example.com": EMAIL},
    )
    assert (mail.subject, mail.text) == ("own", "template")
    assert [value for name, value in email.message_from_bytes(mail.raw).items() if name.lower() == "x-a"] == ["own"]


def test_the_default_message_serves_when_nothing_else_is_said(house: House) -> None:
    default_message = {"DefaultMessage": {"Body": "Hi {{N}}", "Substitutions": {"N": ["you"]}}}
    mail = sent(house, house.app(), MessageConfiguration=default_message, Addresses={"lea@example.com": EMAIL})
    assert (mail.subject, mail.text, mail.html) == ("", "Hi you", None)


def test_nothing_to_say(house: House, app: str) -> None:
    result = only(house.send(app, MessageConfiguration={"SMSMessage": {"Body": "x"}}, Endpoints={"Good": {}}))
    assert result["DeliveryStatus"] == "PERMANENT_FAILURE"
    assert result["StatusMessage"] == "The request has no message for the channel EMAIL"


def test_sender_reply_and_return_path(house: House) -> None:
    message = {
        "EmailMessage": {
            **PLAIN["EmailMessage"],
            "FromAddress": '"Süß" <other@acme.test>',
            "ReplyToAddresses": ["reply@acme.test", "Help <help@acme.test>"],
            "FeedbackForwardingAddress": "bounces@acme.test",
        }
    }
    # ooto@ answers to the return path.
    mails = house.send(house.app(), MessageConfiguration=message, Addresses={"ooto@simulator.amazonses.com": EMAIL})
    house.settle()
    app = mails["ApplicationId"]
    mail, reply = house.arrived(app)
    parsed = email.message_from_bytes(mail.raw, policy=default)
    assert parsed["From"] == "Süß <other@acme.test>"
    assert parsed["Reply-To"] == "reply@acme.test, Help <help@acme.test>"
    assert reply.to_address == "bounces@acme.test"


RAW = (
    b"From: Shop <raw@acme.test>\nTo: list@acme.test\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n"
    b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nGr\xc3\xbc\xc3\x9fe {{Name}}\n"
)


def test_raw_mime_passes_through(house: House) -> None:
    app = house.app()
    mail = sent(
        house,
        app,
        MessageConfiguration={"EmailMessage": {"RawEmail": {"Data": RAW}, "Substitutions": {"Name": ["x"]}}},
        Addresses={"lea@example.com": {**EMAIL, "BodyOverride": "not for raw mail"}},
    )
    assert mail.to_address == "lea@example.com"
    assert mail.raw.endswith(RAW.partition(b"\n\n")[2].replace(b"\n", b"\r\n"))
    parsed = email.message_from_bytes(mail.raw, policy=default)
    assert (parsed["To"], parsed["From"]) == ("list@acme.test", "Shop <raw@acme.test>")
    (event,) = house.recorded(app, "_email.send")
    assert '"subject":"Grüße"' in event.record


def test_context_trace_and_user_go_along(house: House) -> None:
    app = house.app()
    house.endpoint(app, "Ann", user="u1")
    house.send(
        app,
        MessageConfiguration=PLAIN,
        Context={"order": "17", "kind": "a"},
        TraceId="trace-1",
        Endpoints={"ann": {"Context": {"kind": "b"}}},
    )
    house.settle()
    (mail,) = house.arrived(app)
    assert mail.context == {"EndpointId": "Ann", "UserId": "u1", "TraceId": "trace-1"}
    events = house.recorded(app)
    assert {event.event_type for event in events} == {"_email.send", "_email.delivered"}
    for event in events:
        assert {"order": "17", "kind": "b"}.items() <= event.attributes.items()
        assert (event.trace_id, event.endpoint_id, event.endpoint_key, event.user_id) == ("trace-1", "Ann", "ann", "u1")
        assert '"client_id":"' in event.record  # a UUID: Pinpoint's transactional mail has no endpoint there


def test_who_cannot_be_rendered_for_fails_alone(house: House) -> None:
    app = house.app()
    body = {"EmailMessage": {"SimpleEmail": {"TextPart": {"Data": "{{divide 6 By}}"}}}}
    answer = house.send(
        app,
        MessageConfiguration=body,
        Addresses={
            "two@example.com": {**EMAIL, "Substitutions": {"By": ["2"]}},
            "none@example.com": {**EMAIL, "Substitutions": {"By": ["0"]}},
        },
    )
    good, bad = answer["Result"]["two@example.com"], answer["Result"]["none@example.com"]
    assert good["DeliveryStatus"] == "SUCCESSFUL"
    assert (bad["DeliveryStatus"], bad["StatusCode"]) == PERMANENT
    assert bad["StatusMessage"].startswith("line 1, column ")
    house.settle()
    assert [mail.text for mail in house.arrived(app)] == ["3"]
    (event,) = house.recorded(app, "_email.rendering_failure")
    assert '"destination":["none@example.com"]' in event.record
    assert bad["StatusMessage"] in event.record


def test_a_refusal_of_a_stored_endpoint_can_be_asked_for(house: House, app: str) -> None:
    house.send(app, MessageConfiguration=PLAIN, Endpoints={"out": {}, "gone": {}, "phone": {}})
    house.settle()
    for key, gate in [("out", "opt_out"), ("gone", "status"), ("phone", "channel")]:
        newest = house.events.why(app, key)[0]
        assert (newest.gate, newest.event_type) == (gate, "_clarion.skip")


def test_users_by_all_their_endpoints_that_there_is_a_message_for(house: House, app: str) -> None:
    answer = house.send_users(app, MessageConfiguration=PLAIN, Users={"lea": {}, "nobody": {}})
    results = {name: result["DeliveryStatus"] for name, result in answer["Result"]["lea"].items()}
    assert results == {"Good": "SUCCESSFUL", "gone": "PERMANENT_FAILURE", "out": "OPT_OUT"}
    assert answer["Result"]["lea"]["Good"]["Address"] == "Good@example.com"
    assert answer["Result"]["nobody"] == {}
    with_text = {**PLAIN, "SMSMessage": {"Body": "x"}}
    answer = house.send_users(app, MessageConfiguration=with_text, Users={"lea": {}})
    assert "phone" not in answer["Result"]["lea"], "no SMS channel is enabled"


def test_a_hundred_users_and_no_more(house: House, app: str) -> None:
    for users in ({}, {str(number): {} for number in range(101)}):
        with pytest.raises(Invalid, match="Users: must name 1 to 100 users"):
            house.send_users(app, MessageConfiguration=PLAIN, Users=users)
    hundred = {str(number): {} for number in range(100)}
    assert len(house.send_users(app, MessageConfiguration=PLAIN, Users=hundred)["Result"]) == 100
