"""Webhooks: what arrives is what Standard Webhooks wants, and every way in which the other end may behave."""

from __future__ import annotations

import datetime
import json
from email.utils import format_datetime
from pathlib import Path

import pytest
import standardwebhooks
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.channels import signatures
from clarion.channels.streaming import port
from clarion.channels.streaming.catalog import shown
from clarion.channels.streaming.port import Destination, Failed, StreamFailed
from clarion.core.clock import VirtualClock, parse_iso
from clarion.core.errors import Invalid, Unavailable
from clarion.core.settings import Settings
from tests.channels.calls.peers import Asked, Said, script, site
from tests.channels.certificates import self_signed
from tests.channels.streaming.places import SECRET, opened, record

LOOPBACK = Settings(callout_networks="127.0.0.0/8", callout_http=True)
OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD0000"
RECORDS = [record(f"ep-{number}", number) for number in range(5)]


def hook(url: str, secret: str = SECRET, **surroundings: object) -> Destination:
    return opened(f"{url}#{secret}", LOOPBACK, **surroundings)


def failure(destination: Destination) -> StreamFailed:
    with pytest.raises(StreamFailed) as raised:
        destination.send(RECORDS)
    return raised.value


def test_a_batch_is_one_signed_message() -> None:
    clock = VirtualClock(parse_iso("2027-03-04T09:15:02.120Z"))
    with site(lambda asked: Said(202, b"thanks")) as peer:
        destination = hook(peer.url("/in?project=1"), f"{SECRET},{OTHER}", clock=clock)
        assert not destination.send(RECORDS)
        assert not destination.send(RECORDS)
        assert not destination.send(RECORDS[1:])
        destination.check()
        destination.close()
    first, again, _, ping = peer.asked
    assert (first.method, first.path) == ("POST", "/in?project=1")
    assert first.headers["Content-Type"] == "application/json"
    assert SECRET not in str(first) + str(first.headers)
    events = [json.loads(one.data) for one in RECORDS]
    assert first.json == {"type": "events", "timestamp": "2027-03-04T09:15:02.120Z", "data": events}
    headers = {name.lower(): value for name, value in first.headers.items()}
    for secret in (SECRET, OTHER):
        assert standardwebhooks.Webhook(secret).verify(first.body, headers) == first.json
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook("whsec_" + "AAAA" * 8).verify(first.body, headers)
    ids = [asked.headers["webhook-id"] for asked in peer.asked]
    assert ids[0] == ids[1] != ids[2]
    assert ping.json == {"type": "ping", "timestamp": "2027-03-04T09:15:02.120Z", "data": []}
    assert again.body == first.body


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=24, max_size=64), st.text(st.characters(codec="ascii", categories=["L", "N"])), st.binary())
def test_signatures_are_those_of_the_reference(secret: bytes, message_id: str, body: bytes) -> None:
    when = datetime.datetime(2027, 3, 4, 9, 15, 2, tzinfo=datetime.UTC)
    reference = standardwebhooks.Webhook(secret)
    text = body.decode("latin-1")
    made = signatures.headers([secret], message_id, int(when.timestamp()), text.encode())
    assert made["webhook-signature"] == reference.sign(message_id, when, text)


@pytest.mark.parametrize(
    ("status", "code", "final"),
    [
        (301, port.REFUSED, True),
        (400, port.REFUSED, True),
        (401, port.DENIED, True),
        (403, port.DENIED, True),
        (404, port.MISSING, True),
        (410, "Gone", True),
        (408, port.TIMED_OUT, False),
        (429, port.THROTTLED, False),
        (500, "InternalFailure", False),
        (503, port.UNAVAILABLE, False),
        (504, port.TIMED_OUT, False),
        (599, "InternalFailure", False),
    ],
)
def test_what_an_answer_means(status: int, code: str, final: bool) -> None:
    with site(lambda asked: Said(status, headers={"Location": "http://127.0.0.1:1/"})) as peer:
        destination = hook(peer.url("/in?key=hidden"))
        failed = failure(destination)
        with pytest.raises(Invalid if final else Unavailable):
            destination.check()
        destination.close()
    assert (failed.code, failed.final, failed.retry_after_seconds) == (code, final, None)
    assert f"answered {status}" in failed.message
    assert "hidden" not in failed.message


@pytest.mark.parametrize(
    ("status", "asked_for", "least", "most"),
    [
        (429, "120", 120, 120),
        (503, "0", 0, 0),
        (503, "999999999999", 86_400, 86_400),
        (429, "in 10 minutes", 590, 600),
        (429, "soon", None, None),
        (429, "-5", None, None),
        (429, "", None, None),
        (500, "120", None, None),
    ],
)
def test_how_long_to_wait(status: int, asked_for: str, least: float | None, most: float | None) -> None:
    if asked_for == "in 10 minutes":
        soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=600)
        asked_for = format_datetime(soon, usegmt=True)
    with site(lambda asked: Said(status, headers={"Retry-After": asked_for})) as peer:
        destination = hook(peer.url())
        wait = failure(destination).retry_after_seconds
        destination.close()
    if least is None or most is None:
        assert wait is None
    else:
        assert wait is not None
        assert least - 60 <= wait <= most


def test_a_batch_that_is_too_large_is_halved_and_what_is_small_enough_is_remembered() -> None:
    def answer(asked: Asked) -> Said:
        events = asked.json["data"]
        poisoned = len(events) == 1 and events[0]["attributes"]["number"] == "7"
        return Said(413 if len(events) > 3 or poisoned else 200)

    records = [record("ep", number) for number in range(12)]
    with site(answer) as peer:
        destination = hook(peer.url())
        assert not destination.send(records[:6])
        assert [len(asked.json["data"]) for asked in peer.asked] == [6, 3, 3]
        peer.asked.clear()
        assert not destination.send(records[8:])
        assert [len(asked.json["data"]) for asked in peer.asked] == [3, 1]
        destination.close()


def test_a_record_that_is_too_large_by_itself_is_given_up() -> None:
    def answer(asked: Asked) -> Said:
        return Said(413 if "3" in [event["attributes"]["number"] for event in asked.json["data"]] else 200)

    with site(answer) as peer:
        destination = hook(peer.url())
        (failed,) = destination.send(RECORDS)
        destination.close()
        taken = [event["attributes"]["number"] for asked in peer.asked for event in asked.json["data"]]
    assert (failed.index, failed.code, failed.final) == (3, port.TOO_LARGE, True)
    assert {"0", "1", "2", "4"} <= set(taken)


def test_what_comes_after_a_failure_is_not_sent() -> None:
    def answer(asked: Asked) -> Said:
        events = asked.json["data"]
        return Said(413 if len(events) > 2 else 200 if events[0]["attributes"]["number"] == "0" else 500)

    with site(answer) as peer:
        destination = hook(peer.url())
        failed = destination.send(RECORDS)
        destination.close()
    assert failed == [Failed(at, "InternalFailure", failed[0].message) for at in (2, 3, 4)]


@pytest.mark.parametrize(
    ("pieces", "hang", "codes"),
    [
        ((), True, (port.TIMED_OUT,)),
        ((b"HTTP/1.1 200",), True, (port.TIMED_OUT,)),
        ((), False, (port.NOT_CONNECTED,)),
        # The connection may be gone before our request is through.
        ((b"SSH-2.0-OpenSSH_9.6\r\n",), False, (port.MALFORMED_ANSWER, port.NOT_CONNECTED)),
    ],
)
def test_an_end_that_breaks_off(pieces: tuple[bytes, ...], hang: bool, codes: tuple[str, ...]) -> None:
    with script(*pieces, then_hang=hang) as url:
        failed = failure(hook(url, seconds=0.3))
    assert failed.code in codes
    assert not failed.final


def test_the_status_is_all_that_is_waited_for() -> None:
    with script(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", then_hang=True) as url:
        assert not hook(url).send(RECORDS)


def test_nobody_listens() -> None:
    assert failure(hook("http://127.0.0.1:1/")).code == port.NOT_CONNECTED


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    context, trusted = self_signed(tmp_path)
    with site(tls=context) as peer:
        failed = failure(hook(peer.url()))
        assert (failed.code, failed.final) == (port.NOT_CONNECTED, True)
        settings = Settings(callout_networks="127.0.0.0/8", callout_authorities=trusted)
        assert not opened(f"{peer.url()}#{SECRET}", settings).send(RECORDS)


def test_private_addresses_are_not_called() -> None:
    with site() as peer:
        for settings, resolve in (
            (Settings(callout_http=True), None),
            (Settings(callout_http=True), lambda host, port: ["169.254.169.254", "127.0.0.1", "10.0.0.1"]),
        ):
            url = peer.url() if resolve is None else f"http://hook.test:{peer.port}/"
            destination = opened(f"{url}#{SECRET}", settings, resolve=resolve)
            failed = failure(destination)
            assert (failed.code, failed.final) == (port.DENIED, True)
            with pytest.raises(Invalid, match=port.MEMBER):
                destination.check()
    assert not peer.asked


@pytest.mark.parametrize(
    "uri",
    [
        "http://hook.test/in#" + SECRET,
        "https://user:pass@hook.test/in#" + SECRET,
        "https:///in#" + SECRET,
        "https://hook.test/in",
        "https://hook.test/in#",
        "https://hook.test/in#whsec_",
        "https://hook.test/in#whsec_c2hvcnQ=",
        "https://hook.test/in#whsec_!!!!" + "A" * 40,
        "https://hook.test/in#MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "https://hook.test/in#" + ",".join([SECRET] * 5),
        "https://hook.test/in#" + SECRET + ",",
        "https://hook.test/\u2028#" + SECRET,
        "https://hook.test/" + "x" * 2_100 + "#" + SECRET,
    ],
)
def test_a_uri_that_cannot_be_meant(uri: str) -> None:
    with pytest.raises(Invalid, match=f"^{port.MEMBER}: ") as raised:
        opened(uri, Settings())
    assert "MfKQ9r8" not in raised.value.message


def test_secrets_are_not_shown() -> None:
    assert shown(f"https://hook.test/in?a=1#{SECRET}") == "https://hook.test/in?a=1#…"
    assert shown("https://hook.test/in") == "https://hook.test/in"
