"""Calls by a Twilio-compatible service: what it is asked, what its answers mean, and its calls back."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from clarion.channels.feedback import CallReport, Nobody
from clarion.channels.port import Outcome, VoiceOutgoing
from clarion.channels.provider import Surroundings
from clarion.channels.voice import twilio
from clarion.channels.voice.twilio import TwilioVoice, TwilioVoiceConfig, webhook
from clarion.core.clock import SystemClock
from clarion.core.errors import ClarionError, Forbidden, Invalid, NotFound, Unavailable
from clarion.core.ids import SystemIds
from clarion.core.settings import Settings
from clarion.wire.http.plain import PlainRequest
from tests.channels.servers import run
from tests.channels.sms.rest import Asked, Reply, Rest
from tests.channels.voice.calling import text

TOKEN = "secret-token"
PUBLIC = "https://clarion.example"
URL = f"{PUBLIC}/providers/main/call"


class Heard(Nobody):
    """Feedback that is kept."""

    def __init__(self) -> None:
        self.reports: list[CallReport] = []
        self.away = False

    def calls(self, provider: str, reports: Sequence[CallReport]) -> None:
        if self.away:
            raise Unavailable("no database")
        assert provider == "main"
        self.reports += reports


def around(heard: Heard | None = None, **settings: Any) -> Surroundings:
    wanted = Settings(**{"callout_http": True, "public_url": PUBLIC, **settings})
    return Surroundings(name="main", settings=wanted, clock=SystemClock(), ids=SystemIds(), feedback=heard or Heard())


def config(url: str = "https://api.twilio.com", **members: Any) -> TwilioVoiceConfig:
    given = {"account_sid": "AC1", "auth_token": TOKEN, "url": url, "caller": "+15005550006", **members}
    return TwilioVoiceConfig(**given)


def taken(asked: Asked) -> Reply:
    return Reply(201, {"sid": f"CA{asked.form['To'][1:]}", "status": "queued"})


def send(rest: Rest, *messages: VoiceOutgoing, **options: Any) -> list[Outcome]:
    settings = options.pop("settings", {})

    async def work() -> list[Outcome]:
        async with rest.serve() as url:
            transport = TwilioVoice(config(url, **options), around(**settings))
            await transport.open()
            try:
                return await transport.send(messages or [text()])
            finally:
                await transport.close()

    return run(work())


def test_a_call_is_asked_for_by_a_form() -> None:
    rest = Rest(taken)
    (outcome,) = send(rest, text("Fish & <chips>", voice_id="CELINE"))
    assert outcome == Outcome("sent", "201", provider_message_id="CA4930123456", provider="main")
    (asked,) = rest.asked
    assert (asked.method, asked.path) == ("POST", "/2010-04-01/Accounts/AC1/Calls.json")
    assert parse_qsl(asked.body.decode()) == [
        ("To", "+4930123456"),
        ("From", "+15005550006"),
        ("Twiml", '<Response><Say voice="Polly.Celine">Fish &amp; &lt;chips&gt;</Say></Response>'),
        ("Timeout", "45"),
        ("StatusCallback", URL),
        ("StatusCallbackMethod", "POST"),
        ("StatusCallbackEvent", "ringing"),
        ("StatusCallbackEvent", "answered"),
        ("StatusCallbackEvent", "completed"),
    ]


@pytest.mark.parametrize(
    ("message", "voices", "said"),
    [
        ({"voice_id": "Olivia"}, "polly", '<Say voice="Polly.Olivia-Neural">hi</Say>'),
        ({}, "polly", '<Say voice="Polly.Matthew">hi</Say>'),
        ({"language_code": "de-DE"}, "basic", '<Say voice="woman" language="de-DE">hi</Say>'),
        ({"language_code": "fi-FI"}, "polly", '<Say language="fi-FI">hi</Say>'),
        (
            {"voice_id": 'x"><Dial>1</Dial>'},
            "polly",
            '<Say voice="Polly.x&quot;&gt;&lt;Dial&gt;1&lt;/Dial&gt;">hi</Say>',
        ),
    ],
)
def test_what_is_said_by_whom(message: dict[str, str], voices: str, said: str) -> None:
    rest = Rest(taken)
    send(rest, text("hi", **message), voices=voices)
    assert rest.asked[0].form["Twiml"] == f"<Response>{said}</Response>"


def test_ssml_is_said_with_its_tags() -> None:
    rest = Rest(taken)
    good = text('<speak>a<break time="1s"/>b</speak>', body_type="SSML", origination_number="+4930999999")
    bad = text("<speak><Dial>+1900</Dial></speak>", body_type="SSML", number=2)
    found = send(rest, good, bad)
    assert [one.status for one in found] == ["sent", "permanent"]
    (asked,) = rest.asked
    assert '>a<break time="1s"/>b</Say>' in asked.form["Twiml"]
    assert asked.form["From"] == "+4930999999"


def test_what_does_not_fit_or_has_nobody_is_refused_here() -> None:
    rest = Rest(taken)
    long = text("<speak>" + "<s>12345678</s>" * 300 + "</speak>", body_type="SSML")
    found = send(rest, long, text(to="nobody"))
    assert [one.status for one in found] == ["permanent"] * 2
    (outcome,) = send(rest, caller="")
    assert (outcome.status, outcome.detail) == ("permanent", "there is no number to call from")
    assert rest.asked == []


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(400, {"code": 21211, "message": "Invalid To"}), ("permanent", "message")),
        (Reply(400, {"code": 21215, "message": "Geo permissions"}), ("permanent", "message")),
        (Reply(400, {"code": 21210, "message": "From not verified"}), ("permanent", "message")),
        (Reply(401, {"code": 20003, "message": "Authenticate"}), ("temporary", "credentials")),
        (Reply(403), ("temporary", "credentials")),
        (Reply(404, {"code": 20404}), ("permanent", "message")),
        (Reply(404), ("temporary", "credentials")),
        (Reply(429, {"code": 20429}, {"Retry-After": "3"}), ("throttled", "provider")),
        (Reply(429), ("throttled", "message")),
        (Reply(500), ("temporary", "provider")),
        (Reply(503, b"<html>"), ("temporary", "provider")),
        (Reply(302), ("temporary", "provider")),
    ],
)
def test_what_its_answers_mean(reply: Reply, expected: tuple[str, str]) -> None:
    (outcome,) = send(Rest(lambda asked: reply))
    assert (outcome.status, outcome.blame, outcome.uncertain) == (*expected, False)
    assert TOKEN not in repr(outcome)


@pytest.mark.parametrize("misbehaviour", ["hang", "reset", "half", "garbage"])
def test_an_answer_that_never_comes_leaves_it_open(misbehaviour: Any) -> None:
    (outcome,) = send(Rest(lambda asked: misbehaviour), timeout_seconds=1)
    assert (outcome.status, outcome.blame, outcome.uncertain) == ("temporary", "provider", True)


def test_once_not_let_in_nobody_else_is_tried() -> None:
    rest = Rest(lambda asked: Reply(401, {"code": 20003, "message": "Authenticate"}))
    found = send(rest, *(text(number=number) for number in range(1, 40)), connections=2)
    assert {one.blame for one in found} == {"credentials"}
    assert len(found) == 39
    assert len(rest.asked) <= 2


def test_what_nobody_foresaw_costs_one_message_and_tells_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    shaped = twilio.twiml

    def twiml(message: VoiceOutgoing, voices: str) -> str:
        if message.body == "odd":
            raise RuntimeError(TOKEN)
        return shaped(message, voices)

    monkeypatch.setattr(twilio, "twiml", twiml)
    odd, good = send(Rest(taken), text("odd"), text(number=2), connections=1)
    assert (odd.status, odd.uncertain, good.status) == ("temporary", True, "sent")
    assert TOKEN not in repr(odd)


def test_without_a_public_url_nothing_is_expected() -> None:
    rest = Rest(taken)
    (outcome,) = send(rest, settings={"public_url": ""})
    assert (outcome.status, outcome.provider_message_id) == ("sent", "")
    assert "StatusCallback" not in rest.asked[0].form


def test_a_check_tells_how_the_account_stands() -> None:
    rest = Rest(lambda asked: Reply(200, {"status": "suspended"}))

    async def work() -> list[str]:
        async with rest.serve() as url:
            transport = TwilioVoice(config(url, caller=""), around(public_url=""))
            await transport.open()
            found = [one.level for one in await transport.check()]
            await transport.close()
            return found

    assert run(work()) == ["error", "warning", "warning"]


def signed(form: dict[str, str], token: str = TOKEN, url: str = URL) -> bytes:
    told = url + "".join(name + value for name, value in sorted(form.items()))
    return base64.b64encode(hmac.new(token.encode(), told.encode(), hashlib.sha1).digest())


def post(heard: Heard, form: dict[str, str], signature: bytes | None = None, path: str = "call") -> int:
    made = webhook(config(), around(heard))
    headers = {b"x-twilio-signature": signed(form) if signature is None else signature}
    body = urlencode(form).encode()
    return made(PlainRequest("POST", f"/providers/main/{path}", {}, headers, body, "r")).status


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("ringing", "RINGING"),
        ("in-progress", "ANSWERED"),
        ("completed", "COMPLETED"),
        ("busy", "BUSY"),
        ("no-answer", "NO_ANSWER"),
        ("failed", "FAILED"),
        ("canceled", "CANCELLED"),
    ],
)
def test_what_it_tells_of_calls(status: str, state: str) -> None:
    heard = Heard()
    form = {"CallSid": "CA1", "CallStatus": status, "CallDuration": "12", "SipResponseCode": "200"}
    assert post(heard, form) == 204
    (report,) = heard.reports
    assert (report.provider_message_id, report.state, report.seconds) == ("CA1", state, 12)
    assert report.detail == f"{status} 200"


def test_what_is_no_news_is_let_go() -> None:
    heard = Heard()
    for status in ("queued", "initiated", "", "dancing"):
        assert post(heard, {"CallSid": "CA1", "CallStatus": status}) == 204
    post(heard, {"CallSid": "CA1", "CallStatus": "completed", "CallDuration": "9" * 30})
    assert [one.seconds for one in heard.reports] == [0]


@pytest.mark.parametrize(
    ("form", "signature", "path", "error"),
    [
        ({"CallSid": "CA1", "CallStatus": "completed"}, b"forged", "call", Forbidden),
        ({"CallSid": "CA1", "CallStatus": "completed"}, b"", "call", Forbidden),
        ({"CallSid": "CA1"}, signed({"CallSid": "CA1"}, token="other"), "call", Forbidden),
        ({"CallSid": "CA1"}, signed({"CallSid": "CA1"}, url=PUBLIC), "call", Forbidden),
        ({"CallSid": "CA1"}, None, "elsewhere", NotFound),
        ({"CallStatus": "completed"}, None, "call", Invalid),
        ({"CallSid": "../../x", "CallStatus": "completed"}, None, "call", Invalid),
    ],
)
def test_what_is_forged_or_no_call_is_nobodys(
    form: dict[str, str], signature: bytes | None, path: str, error: type[ClarionError]
) -> None:
    heard = Heard()
    with pytest.raises(error):
        post(heard, form, signature, path)
    assert heard.reports == []


def test_what_cannot_be_kept_is_not_acknowledged() -> None:
    heard = Heard()
    heard.away = True
    with pytest.raises(Unavailable):
        post(heard, {"CallSid": "CA1", "CallStatus": "completed"})


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"account_sid": ""}, "account_sid"),
        ({"account_sid": "a/b"}, "account_sid"),
        ({"auth_token": ""}, "auth_token"),
        ({"api_key": "SK1"}, "api_secret"),
        ({"url": "ftp://x"}, "url"),
        ({"caller": "me"}, "caller"),
        ({"voices": "loud"}, "voices"),
        ({"ring_seconds": 1}, "ring_seconds"),
    ],
)
def test_what_cannot_be_meant_is_said_by_its_name(members: dict[str, Any], named: str) -> None:
    with pytest.raises(Invalid, match=f"^{named}:"):
        config(**members).check()
