"""Text messages by a Twilio-compatible service: what it is asked, what its answers mean, and its calls back."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from clarion.channels.feedback import InboundText, Nobody, ReceiptReport
from clarion.channels.port import Outcome, Receipt, SmsOutgoing
from clarion.channels.provider import Surroundings
from clarion.channels.sms.twilio import PROVIDER, TwilioConfig, TwilioTransport, webhook
from clarion.core.clock import SystemClock
from clarion.core.errors import ClarionError, Forbidden, Invalid, NotFound
from clarion.core.ids import SystemIds
from clarion.core.settings import Settings
from clarion.wire.http.plain import PlainRequest
from tests.channels.push.authority import Authority, authority
from tests.channels.servers import run
from tests.channels.sms.rest import Asked, Reply, Rest

TOKEN = "secret-token"
PUBLIC = "https://clarion.example"


class Heard(Nobody):
    """Feedback that is kept."""

    def __init__(self) -> None:
        self.reports: list[ReceiptReport] = []
        self.arrived: list[InboundText] = []

    def receipts(self, provider: str, reports: Sequence[ReceiptReport]) -> None:
        assert provider == "main"
        self.reports += reports

    def texts(self, provider: str, texts: Sequence[InboundText]) -> None:
        assert provider == "main"
        self.arrived += texts


def around(heard: Heard | None = None, **settings: Any) -> Surroundings:
    wanted = Settings(**{"callout_http": True, "public_url": PUBLIC, **settings})
    return Surroundings(name="main", settings=wanted, clock=SystemClock(), ids=SystemIds(), feedback=heard or Heard())


def config(url: str = "https://api.twilio.com", **members: Any) -> TwilioConfig:
    return TwilioConfig(**{"account_sid": "AC1", "auth_token": TOKEN, "url": url, "sender": "+15005550006", **members})


def message(number: str = "+4915550001", body: str = "Hello", **members: Any) -> SmsOutgoing:
    return SmsOutgoing(message_id=f"m{number}", account="1", app_id="a", to_address=number, body=body, **members)


def taken(asked: Asked) -> Reply:
    return Reply(201, {"sid": f"SM{asked.form['To'][1:]}", "status": "queued"})


def send(rest: Rest, *messages: SmsOutgoing, tls: Any = None, **options: Any) -> list[Outcome]:
    """What becomes of messages."""
    settings = options.pop("settings", {})

    async def work() -> list[Outcome]:
        async with rest.serve(tls) as url:
            transport = TwilioTransport(config(url, **options), around(**settings))
            await transport.open()
            try:
                return await transport.send(messages or [message()])
            finally:
                await transport.close()

    return run(work())


def failed(outcome: Outcome) -> str:
    (fact,) = outcome.events
    assert isinstance(fact, Receipt)
    assert (outcome.status, fact.kind) == ("permanent", "FAILURE")
    return fact.record_status


def test_a_text_is_asked_for_by_a_form() -> None:
    rest = Rest(taken)
    body = "7,50 € für {Käse} 🧀 & +1=2"
    (outcome,) = send(rest, message(body=body))
    assert outcome == Outcome("sent", "201", provider_message_id="SM4915550001", provider="main")
    (asked,) = rest.asked
    assert (asked.method, asked.path) == ("POST", "/2010-04-01/Accounts/AC1/Messages.json")
    assert asked.headers["authorization"] == "Basic " + base64.b64encode(f"AC1:{TOKEN}".encode()).decode()
    assert asked.form == {
        "To": "+4915550001",
        "From": "+15005550006",
        "Body": body,
        "StatusCallback": f"{PUBLIC}/providers/main/status",
    }


def test_an_api_key_signs_in_for_the_account() -> None:
    rest = Rest(taken)
    send(rest, api_key="SK1", api_secret="other")
    assert rest.asked[0].headers["authorization"] == "Basic " + base64.b64encode(b"SK1:other").decode()


@pytest.mark.parametrize(
    ("named", "members", "sent"),
    [
        ({"origination_number": "12345"}, {}, {"From": "12345"}),
        ({"sender_id": "ACME"}, {"messaging_service": "MG1"}, {"From": "ACME"}),
        ({}, {"messaging_service": "MG1"}, {"MessagingServiceSid": "MG1"}),
        ({}, {}, {"From": "+15005550006"}),
        ({}, {"sender": ""}, {}),
    ],
)
def test_who_it_comes_from(named: dict[str, str], members: dict[str, str], sent: dict[str, str]) -> None:
    rest = Rest(taken)
    send(rest, message(**named), **members)
    form = rest.asked[0].form
    assert {name: form[name] for name in ("From", "MessagingServiceSid") if name in form} == sent


def test_without_a_public_url_nothing_will_be_told() -> None:
    rest = Rest(taken)
    (outcome,) = send(rest, settings={"public_url": ""})
    assert (outcome.status, outcome.provider_message_id) == ("sent", "")
    assert "StatusCallback" not in rest.asked[0].form


def test_connections_are_kept_and_few() -> None:
    rest = Rest(taken)
    outcomes = send(rest, *(message(f"+49155500{n:02}") for n in range(40)), connections=4)
    assert [one.provider_message_id for one in outcomes] == [f"SM49155500{n:02}" for n in range(40)]
    assert rest.most_open <= 4
    assert len({asked.connection for asked in rest.asked}) <= 4


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (21211, "INVALID"),
        (21408, "DESTINATION_COUNTRY_NOT_SUPPORTED"),
        (21610, "OPTED_OUT"),
        (21614, "INVALID"),
        (21617, "INVALID_MESSAGE"),
        (21606, "INVALID_ORIGINATION_IDENTITY"),
        (99999, "UNKNOWN"),
    ],
)
def test_what_is_refused_for_good(code: int, word: str) -> None:
    rest = Rest(lambda asked: Reply(400, {"code": code, "message": "No.\nNever.", "status": 400}))
    (outcome,) = send(rest)
    assert failed(outcome) == word
    assert (outcome.detail, outcome.blame) == (f"{code} No. Never.", "message")


def test_a_malformed_number_is_not_asked_for() -> None:
    rest = Rest(taken)
    outcomes = send(rest, message("nobody"), message("+1"), message("+49155\n50001"), message())
    assert [failed(one) for one in outcomes[:2]] == ["INVALID", "INVALID"]
    assert outcomes[3].status == "sent"
    assert {asked.form["To"] for asked in rest.asked} == {"+4915550001"}


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(429, {"code": 20429}, {"Retry-After": "7"}), ("throttled", "message", 7_000)),
        (Reply(429, {}), ("throttled", "message", None)),
        (Reply(400, {"code": 21611}), ("throttled", "message", None)),
        (Reply(401, {"code": 20003, "message": "Authenticate"}), ("temporary", "credentials", None)),
        (Reply(403, {"code": 20005}), ("temporary", "credentials", None)),
        (Reply(404, {"code": 20404}), ("temporary", "credentials", None)),
        (Reply(500, b"<html>"), ("temporary", "provider", None)),
        (Reply(503, {}, {"Retry-After": "Wed"}), ("temporary", "provider", None)),
        (Reply(302, {}, {"Location": "http://elsewhere.example/"}), ("temporary", "provider", None)),
    ],
)
def test_what_is_not_the_messages_fault(reply: Reply, expected: tuple[str, str, int | None]) -> None:
    rest = Rest(lambda asked: reply)
    (outcome,) = send(rest)
    assert (outcome.status, outcome.blame, outcome.retry_after_ms) == expected
    assert not outcome.uncertain
    assert TOKEN not in repr(outcome)


def test_once_not_let_in_nobody_else_is_tried() -> None:
    rest = Rest(lambda asked: Reply(401, {"code": 20003}))
    outcomes = send(rest, *(message(f"+49155500{n:02}") for n in range(30)), connections=2)
    assert {one.blame for one in outcomes} == {"credentials"}
    assert len(rest.asked) <= 3


@pytest.mark.parametrize("misbehaviour", ["hang", "reset", "half", "garbage"])
def test_an_answer_that_never_comes_leaves_it_open(misbehaviour: Any) -> None:
    rest = Rest(lambda asked: misbehaviour)
    (outcome,) = send(rest, timeout_seconds=1)
    assert (outcome.status, outcome.uncertain) == ("temporary", True)


def test_once_nobody_answers_the_rest_of_a_batch_is_not_tried() -> None:
    rest = Rest(lambda asked: "reset")
    outcomes = send(rest, *(message(f"+49155500{n:02}") for n in range(30)), connections=2)
    tried = [one for one in outcomes if one.uncertain]
    assert 3 <= len(tried) <= 4
    assert {(one.status, one.blame) for one in outcomes if not one.uncertain} == {("temporary", "provider")}


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"sid": 7}', b'{"sid": "a,b"}', b"[" * 100_000])
def test_an_answer_without_an_id_leaves_it_open(body: bytes) -> None:
    (outcome,) = send(Rest(lambda asked: Reply(201, body)))
    assert (outcome.status, outcome.uncertain, outcome.blame) == ("temporary", True, "provider")


def test_nobody_there_and_a_certificate_of_somebody_else(tmp_path: Path) -> None:
    async def nobody() -> list[Outcome]:
        async with Rest(taken).serve() as url:
            pass
        transport = TwilioTransport(config(url), around())
        await transport.open()
        try:
            return await transport.send([message()])
        finally:
            await transport.close()

    trusted = tmp_path / "trusted.pem"
    trusted.write_text(authority().pem)
    settings = {"callout_authorities": str(trusted)}
    wrong = send(Rest(taken), tls=Authority("Others").server(tmp_path), settings=settings)
    other_host = send(Rest(taken), tls=authority().server(tmp_path, "other.example"), settings=settings)
    for (outcome,) in (run(nobody()), wrong, other_host):
        assert (outcome.status, outcome.blame, outcome.uncertain) == ("temporary", "provider", False)
    (outcome,) = send(Rest(taken), tls=authority().server(tmp_path), settings=settings)
    assert outcome.status == "sent"


def test_plain_http_only_where_settings_allow_it() -> None:
    rest = Rest(taken)
    (outcome,) = send(rest, settings={"callout_http": False})
    assert (outcome.blame, rest.asked) == ("provider", [])
    assert outcome.detail == "url: cannot be used: http:// needs the setting callout_http"


def test_a_check_tells_how_the_account_stands() -> None:
    async def findings(rest: Rest, **settings: Any) -> list[tuple[str, str]]:
        async with rest.serve() as url:
            transport = TwilioTransport(config(url, sender=""), around(**settings))
            await transport.open()
            found = [(one.level, one.text) for one in await transport.check()]
            await transport.close()
            return found

    active = Rest(lambda asked: Reply(200, {"status": "active"}))
    levels = [level for level, _ in run(findings(active, public_url=""))]
    assert levels == ["ok", "warning", "warning"]
    assert active.asked[0].path == "/2010-04-01/Accounts/AC1.json"
    closed = run(findings(Rest(lambda asked: Reply(401, {"message": "Authenticate"}))))
    assert closed == [("error", "the account does not let us in: 401 Authenticate")]


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"account_sid": ""}, "account_sid"),
        ({"account_sid": "../AC1"}, "account_sid"),
        ({"auth_token": ""}, "auth_token"),
        ({"api_key": "SK1"}, "api_secret"),
        ({"url": "ftp://x"}, "url"),
        ({"url": "https://user:pass@x"}, "url"),
        ({"connections": 0}, "connections"),
        ({"timeout_seconds": 0}, "timeout_seconds"),
    ],
)
def test_configs_that_cannot_be_meant(members: dict[str, Any], named: str) -> None:
    with pytest.raises(Invalid, match=f"^{named}: ") as raised:
        config(**members).check()
    assert TOKEN not in raised.value.message


def signed(url: str, form: list[tuple[str, str]], token: str = TOKEN) -> bytes:
    tail = "".join(name + value for name, value in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), (url + tail).encode(), hashlib.sha1).digest())


def call(heard: Heard, kind: str, form: list[tuple[str, str]], **changes: Any) -> int:
    """The service calls; answers our status."""
    url = changes.pop("url", f"{PUBLIC}/providers/main/{kind}")
    signature = changes.pop("signature", signed(url, form, changes.pop("token", TOKEN)))
    settings = changes.pop("settings", {})
    request = PlainRequest(
        method="POST",
        path=f"/providers/main/{kind}",
        query={},
        headers={b"x-twilio-signature": signature},
        body=urlencode(form).encode(),
        request_id="r",
    )
    answer = webhook(config(), around(heard, **settings))(request._replace(**changes))
    if kind == "inbound":
        assert answer.body.endswith(b"<Response/>")
    return answer.status


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        ("delivered", "", ("SUCCESS", "DELIVERED", True)),
        ("read", "", ("SUCCESS", "DELIVERED", True)),
        ("sent", "", ("BUFFERED", "SUCCESSFUL", False)),
        ("undelivered", "30003", ("FAILURE", "UNREACHABLE", True)),
        ("undelivered", "30007", ("FAILURE", "SPAM", True)),
        ("failed", "21610", ("FAILURE", "OPTED_OUT", True)),
        ("failed", "x", ("FAILURE", "UNKNOWN", True)),
    ],
)
def test_status_callbacks_are_receipts(status: str, code: str, expected: tuple[str, str, bool]) -> None:
    heard = Heard()
    form = [("MessageSid", "SM1"), ("MessageStatus", status), ("ErrorCode", code), ("From", "+15005550006")]
    assert call(heard, "status", form) == 204
    (report,) = heard.reports
    assert (report.kind, report.record_status, report.final) == expected
    assert (report.provider_message_id, report.origination_number) == ("SM1", "+15005550006")


def test_what_is_no_news_is_not_told() -> None:
    heard = Heard()
    for status in ("queued", "sending", "accepted", "", "something-new"):
        assert call(heard, "status", [("MessageSid", "SM1"), ("MessageStatus", status)]) == 204
    assert heard.reports == []


def test_texts_of_people_come_in() -> None:
    heard = Heard()
    form = [("MessageSid", "SM2"), ("From", "+4915550001"), ("To", "+15005550006"), ("Body", "Stop 🛑 &="), ("X", "")]
    assert call(heard, "inbound", form) == 200
    (text,) = heard.arrived
    assert (text.inbound_id, text.from_number, text.to_number) == ("SM2", "+4915550001", "+15005550006")
    assert text.body == "Stop 🛑 &="


def test_a_port_in_the_signed_url_makes_no_difference() -> None:
    heard = Heard()
    form = [("MessageSid", "SM1"), ("MessageStatus", "delivered")]
    url = "https://clarion.example:443/providers/main/status"
    assert call(heard, "status", form, url=url) == 204
    assert len(heard.reports) == 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"token": "another"}, Forbidden),
        ({"signature": b""}, Forbidden),
        ({"signature": "ü".encode()}, Forbidden),
        ({"body": b"MessageSid=SM9&MessageStatus=delivered"}, Forbidden),
        ({"query": {"bodySHA256": ["x"]}}, Forbidden),
        ({"settings": {"public_url": ""}}, Forbidden),
        ({"url": f"{PUBLIC}/providers/other/status"}, Forbidden),
        ({"method": "GET"}, NotFound),
        ({"path": "/providers/main/elsewhere"}, NotFound),
        ({"body": "MessageSid=ü".encode()}, Invalid),
        ({"body": b"&".join(b"a=1" for _ in range(500))}, Invalid),
    ],
)
def test_forged_and_broken_calls(changes: dict[str, Any], error: type[ClarionError]) -> None:
    heard = Heard()
    with pytest.raises(error):
        call(heard, "status", [("MessageSid", "SM1"), ("MessageStatus", "delivered")], **changes)
    assert (heard.reports, heard.arrived) == ([], [])


def test_signed_but_incomplete_calls() -> None:
    for kind, form in (("status", [("MessageStatus", "sent")]), ("inbound", [("MessageSid", "SM1")])):
        with pytest.raises(Invalid):
            call(Heard(), kind, form)


def test_a_lane_for_each_sender() -> None:
    named = config(messaging_service="MG1")
    assert PROVIDER.identity(named, message(origination_number="12345")) == "12345"
    assert PROVIDER.identity(named, message()) == "MG1"
    assert PROVIDER.identity(config(), message()) == "+15005550006"


def test_closing_ends_what_is_under_way() -> None:
    async def work() -> list[Outcome]:
        rest = Rest(lambda asked: "hang")
        async with rest.serve() as url:
            transport = TwilioTransport(config(url), around())
            await transport.open()
            sending = asyncio.ensure_future(transport.send([message()]))
            while not rest.asked:
                await asyncio.sleep(0)
            await transport.close()
            return await asyncio.wait_for(sending, 10)

    (outcome,) = run(work())
    assert (outcome.status, outcome.uncertain) == ("temporary", True)
