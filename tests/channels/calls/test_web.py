"""Requests to peers on loopback: well-behaved, and in every other way."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clarion.channels.calls import service
from clarion.channels.calls.port import CalloutFailed, Limits
from clarion.channels.calls.service import Callouts
from clarion.core.clock import perf_seconds
from clarion.core.errors import Invalid, Unavailable
from clarion.core.settings import Settings
from tests.channels.calls.peers import Asked, Said, script, site
from tests.channels.certificates import self_signed

LOOPBACK = Settings(callout_networks="127.0.0.0/8", callout_http=True)
PATIENT = Limits(seconds=30, tries=2, pause_seconds=0.01, payload=10_000)
FAST = msgspec.structs.replace(PATIENT, seconds=0.5)
"""For peers that hang."""


@pytest.fixture
def callouts() -> Iterator[Callouts]:
    made = Callouts(LOOPBACK, PATIENT)
    yield made
    made.close()


@pytest.fixture
def hasty() -> Iterator[Callouts]:
    made = Callouts(LOOPBACK, FAST)
    yield made
    made.close()


def failure(call: Callable[[], Any]) -> CalloutFailed:
    with pytest.raises(CalloutFailed) as raised:
        call()
    return raised.value


def test_a_payload_is_posted_and_its_answer_returned(callouts: Callouts) -> None:
    with site(lambda asked: Said(body={"a": 1})) as peer:
        assert callouts.call(peer.url("/hook?key=1"), b'{"x": 1}') == b'{"a": 1}'
    (asked,) = peer.asked
    assert (asked.method, asked.path, asked.json) == ("POST", "/hook?key=1", {"x": 1})
    assert asked.headers["Content-Type"] == "application/json"
    assert asked.headers["Host"] == f"127.0.0.1:{peer.port}"


def test_an_answer_in_chunks_is_put_together(callouts: Callouts) -> None:
    with script(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n"
    ) as url:
        assert callouts.call(url, b"{}") == b"abcde"


def test_temporary_failures_are_tried_again(callouts: Callouts) -> None:
    answers = iter([Said(503), Said(200, b"{}")])
    with site(lambda asked: next(answers)) as peer:
        assert callouts.call(peer.url(), b"{}") == b"{}"
    assert len(peer.asked) == 2


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_a_refusal_is_not_tried_again(callouts: Callouts, status: int) -> None:
    with site(lambda asked: Said(status, b"secret")) as peer:
        failed = failure(lambda: callouts.call(peer.url("/hook?key=secret"), b"{}"))
    assert failed.reason == f"{peer.url('/hook')}: answered {status}"
    assert len(peer.asked) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_tries_are_used_up(callouts: Callouts, status: int) -> None:
    with site(lambda asked: Said(status)) as peer:
        failed = failure(lambda: callouts.call(peer.url(), b"{}"))
    assert failed.reason.endswith(f": answered {status} (2 tries)")
    assert len(peer.asked) == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(callouts: Callouts, status: int) -> None:
    with site() as other, site(lambda asked: Said(status, headers={"Location": other.url()})) as peer:
        assert "redirects" in failure(lambda: callouts.call(peer.url(), b"{}")).reason
    assert (len(peer.asked), other.asked) == (1, [])


_HEADER = b"HTTP/1.1 200 OK\r\n"

HANGING = {
    "says nothing": (),
    "stops in the status line": (b"HTTP/1.",),
    "stops in the headers": (_HEADER + b"Content-Len",),
    "stops in the body": (_HEADER + b"Content-Length: 10\r\n\r\nabc",),
    "stops in a chunk": (_HEADER + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",),
    "drips headers": (_HEADER, *[b"X-%d: 1\r\n" % number for number in range(90)] * 20),
    "drips the body": (_HEADER + b"Content-Length: 5000\r\n\r\n", *[b"x"] * 5_000),
    "drips without length": (_HEADER + b"\r\n", *[b"x"] * 5_000),
}


@pytest.mark.parametrize("how", HANGING)
def test_a_peer_that_hangs_costs_its_time_and_no_more(hasty: Callouts, how: str) -> None:
    begun = perf_seconds()
    with script(*HANGING[how], then_hang=True) as url:
        assert "no answer within 0.5 seconds (2 tries)" in failure(lambda: hasty.call(url, b"{}")).reason
        assert perf_seconds() - begun < 15


RUBBISH = {
    "nothing": (),
    "no HTTP": (b"220 mail.example ESMTP\r\n",),
    "a broken length": (_HEADER + b"Content-Length: 10\r\n\r\nabc",),
    "a broken chunk": (_HEADER + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc",),
    "an endless line": (_HEADER + b"X: " + b"x" * 70_000,),
    "endless headers": (_HEADER + b"X: 1\r\n" * 20_000 + b"\r\n",),
}


@pytest.mark.parametrize("how", RUBBISH)
def test_a_peer_that_talks_rubbish_is_a_failure(callouts: Callouts, how: str) -> None:
    with script(*RUBBISH[how]) as url:
        assert failure(lambda: callouts.call(url, b"{}")).reason.startswith(url)


def test_answers_may_have_the_limit_and_not_a_byte_more(callouts: Callouts) -> None:
    with site(lambda asked: Said(200, b"x" * int(asked.path[1:]))) as peer:
        assert len(callouts.call(peer.url("/10000"), b"{}")) == 10_000
        assert "larger than 10000 bytes" in failure(lambda: callouts.call(peer.url("/10001"), b"{}")).reason
    assert len(peer.asked) == 2


def test_an_answer_that_does_not_tell_its_size_is_cut_at_the_limit(callouts: Callouts) -> None:
    endless = itertools.repeat(b"x" * 9_000, 200)
    with script(_HEADER + b"\r\n", *endless) as url:
        assert "larger than" in failure(lambda: callouts.call(url, b"{}")).reason
    with script(_HEADER + b"Content-Length: 99999999999999\r\n\r\n") as url:
        assert "larger than" in failure(lambda: callouts.call(url, b"{}")).reason


def test_a_payload_over_the_limit_is_not_sent(callouts: Callouts) -> None:
    with site() as peer:
        callouts.call(peer.url(), b"x" * 10_000)
        assert "payload" in failure(lambda: callouts.call(peer.url(), b"x" * 10_001)).reason
    assert len(peer.asked) == 1


def test_nobody_listens(callouts: Callouts) -> None:
    with site() as peer:
        pass
    assert "(2 tries)" in failure(lambda: callouts.call(peer.url(), b"{}")).reason


def test_loopback_is_refused_without_the_setting() -> None:
    callouts = Callouts(Settings(callout_http=True), PATIENT)
    with site() as peer:
        assert "may not be called" in failure(lambda: callouts.call(peer.url(), b"{}")).reason
    callouts.close()
    assert peer.asked == []


def test_without_the_setting_http_is_refused() -> None:
    callouts = Callouts(Settings(callout_networks="127.0.0.0/8"), PATIENT)
    assert failure(lambda: callouts.call("http://127.0.0.1:1/", b"{}")).reason == "the URL must begin with https://"
    callouts.close()


def test_a_name_that_leads_inside_is_refused() -> None:
    callouts = Callouts(
        Settings(callout_networks="127.0.0.1/32"), PATIENT, resolve=lambda host, port: ["10.0.0.1", "169.254.169.254"]
    )
    assert "may not be called" in failure(lambda: callouts.call("https://hook.example/", b"{}")).reason
    callouts.close()


def test_the_address_that_was_judged_is_the_one_that_is_called() -> None:
    """A name server that says something else the second time is not asked a second time."""
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    settings = Settings(callout_networks="127.0.0.1/32", callout_http=True)
    callouts = Callouts(settings, msgspec.structs.replace(PATIENT, kept_seconds=0), resolve=resolve)
    with site() as peer:
        callouts.call(f"http://hook.example:{peer.port}/", b"{}")
        assert peer.asked[0].headers["Host"] == f"hook.example:{peer.port}"
        assert asked == ["hook.example"]
        assert "may not be called" in failure(lambda: callouts.call(f"http://hook.example:{peer.port}/", b"{}")).reason
    callouts.close()
    assert len(peer.asked) == 1


def test_the_next_address_is_tried_when_one_does_not_take_connections() -> None:
    callouts = Callouts(LOOPBACK, PATIENT, resolve=lambda host, port: ["127.0.0.9", "10.0.0.1", "127.0.0.1"])
    with site() as peer:
        assert callouts.call(f"http://hook.example:{peer.port}/", b"{}") == b""
    callouts.close()


def test_a_name_server_that_hangs_costs_no_more_time_than_a_peer() -> None:
    over = threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        over.wait(30)
        return []

    callouts = Callouts(LOOPBACK, FAST, resolve=resolve)
    assert "no answer within" in failure(lambda: callouts.call("https://hook.example/", b"{}")).reason
    over.set()
    callouts.close()


def test_a_name_that_nobody_knows() -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    callouts = Callouts(Settings(), PATIENT, resolve=resolve)
    assert "cannot be resolved" in failure(lambda: callouts.call("https://hook.invalid/", b"{}")).reason
    callouts.close()


def test_tls_is_checked_against_the_name_and_not_the_address(tmp_path: Path) -> None:
    context, authority = self_signed(tmp_path, "hook.example")
    settings = Settings(callout_networks="127.0.0.0/8", callout_authorities=authority)
    callouts = Callouts(settings, PATIENT, resolve=lambda host, port: ["127.0.0.1"])
    with site(tls=context) as peer:
        assert callouts.call(f"https://hook.example:{peer.port}/", b"{}") == b""
        wrong = failure(lambda: callouts.call(f"https://other.example:{peer.port}/", b"{}"))
        assert "certificate" in wrong.reason
        assert wrong.final
    callouts.close()


def test_an_unknown_authority_is_refused(tmp_path: Path) -> None:
    context, _ = self_signed(tmp_path)
    callouts = Callouts(LOOPBACK, PATIENT)
    with site(tls=context) as peer:
        assert "certificate" in failure(lambda: callouts.call(peer.url(), b"{}")).reason
    callouts.close()
    assert peer.asked == []


def test_authorities_that_cannot_be_read_are_a_failure_that_names_the_setting(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.pem", tmp_path):
        callouts = Callouts(Settings(callout_authorities=str(path)), FAST)
        assert "callout_authorities" in failure(lambda: callouts.call("https://hook.example/", b"{}")).reason  # noqa: B023
        callouts.close()


def test_a_tls_handshake_that_hangs_is_cut(hasty: Callouts) -> None:
    with script(b"\x16\x03\x03", then_hang=True) as url:
        failed = failure(lambda: hasty.call(url.replace("http:", "https:"), b"{}"))
    assert "no answer within" in failed.reason


def test_a_webhook_says_whose_calls_it_takes(callouts: Callouts) -> None:
    def answer(asked: Asked) -> Said:
        headers = {"X-Amz-Pinpoint-AccountId": "000000000001"} if asked.path == "/mine" else {}
        return Said(404 if asked.path == "/missing" else 200, headers=headers)

    with site(answer) as peer:
        callouts.check_webhook("DeliveryUri", peer.url("/mine"), "000000000001")
        for path, account in (("/mine", "000000000002"), ("/other", "000000000001"), ("/missing", "000000000001")):
            with pytest.raises(Invalid, match=r"^DeliveryUri: "):
                callouts.check_webhook("DeliveryUri", peer.url(path), account)
    assert {asked.method for asked in peer.asked} == {"HEAD"}


@pytest.mark.parametrize(
    ("uri", "good"),
    [
        ("hook", True),
        ("hook:live", True),
        ("function:hook", True),
        ("000000000001:function:hook", True),
        ("arn:aws:lambda:eu-central-1:000000000001:function:hook", True),
        ("arn:aws:lambda:eu-central-1:000000000001:function:hook:$LATEST", True),
        ("https://hook.example/a?b=c", True),
        ("", False),
        ("a hook", False),
        ("arn:aws:sqs:eu-central-1:000000000001:hook", False),
        ("ftp://hook.example/", False),
        ("https://lea:secret@hook.example/", False),
        ("hook/../x", False),
    ],
)
def test_what_can_be_called(callouts: Callouts, uri: str, good: bool) -> None:
    if good:
        callouts.check_uri("Uri", uri)
    else:
        with pytest.raises(Invalid, match=r"^Uri: "):
            callouts.check_uri("Uri", uri)


def test_many_calls_come_back_in_order_and_fail_one_by_one(callouts: Callouts) -> None:
    with site(lambda asked: Said(400 if asked.body == b"7" else 200, asked.body)) as peer:
        calls = [lambda number=number: callouts.call(peer.url(), b"%d" % number) for number in range(40)]
        found = callouts.batch(calls)
    assert [one for one in found if not isinstance(one, CalloutFailed)] == [b"%d" % n for n in range(40) if n != 7]
    assert isinstance(found[7], CalloutFailed)


def test_a_batch_begins_nothing_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(service, "perf_seconds", lambda: now[0])
    callouts = Callouts(LOOPBACK, Limits(at_once=1, batch_seconds=60))

    def call() -> str:
        now[0] += 25
        return "called"

    found = callouts.batch([call] * 5)
    callouts.close()
    assert [one.reason if isinstance(one, CalloutFailed) else one for one in found] == [
        *["called"] * 3,
        *["its turn did not come within 60 seconds"] * 2,
    ]


def test_closing_breaks_off_what_is_under_way() -> None:
    callouts = Callouts(LOOPBACK, Limits(seconds=30))
    begun = threading.Event()
    raised: list[BaseException] = []

    def call(url: str) -> None:
        try:
            callouts.call(url, b"{}")
        except BaseException as error:
            raised.append(error)

    def answer(asked: Asked) -> Said:
        begun.set()
        over.wait(10)
        return Said()

    over = threading.Event()
    with site(answer) as peer:
        thread = threading.Thread(target=call, args=(peer.url(),))
        thread.start()
        assert begun.wait(10)
        callouts.close()
        thread.join(10)
        over.set()
    assert [type(error) for error in raised] == [Unavailable]
    with pytest.raises(Unavailable):
        callouts.call("https://hook.example/", b"{}")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("callout_networks", "everything"),
        ("lambda_endpoint_url", "localhost:9001"),
        ("personalize_endpoint_url", "ftp://localhost"),
        ("callout_access_key_id", "AKID"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(setting: str, value: str) -> None:
    with pytest.raises(Invalid, match=setting):
        Callouts(Settings(**{setting: value}))
