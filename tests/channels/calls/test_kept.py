"""Connections that are kept for the next call: when they are used again, and what happens when they are gone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from clarion.channels.calls import connections
from clarion.channels.calls.connections import Connection, Pool
from clarion.channels.calls.port import CalloutFailed, Limits
from clarion.channels.calls.service import Callouts
from clarion.core.settings import Settings
from tests.channels.calls.peers import Said, script, site
from tests.channels.certificates import self_signed

LOOPBACK = Settings(callout_networks="127.0.0.0/8", callout_http=True)
ONCE = Limits(seconds=20, tries=1, payload=10_000)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@pytest.fixture
def callouts() -> Iterator[Callouts]:
    made = Callouts(LOOPBACK, ONCE)
    yield made
    made.close()


@contextmanager
def connection_by_connection(*scripts: list[bytes]) -> Iterator[tuple[str, list[int]]]:
    """A server whose first connection answers requests with the pieces of the first list and then closes, and so on.
    Answers its URL and how many requests each connection has got."""
    listening = socket.create_server(("127.0.0.1", 0))
    got: list[int] = []

    def serve() -> None:
        for pieces in scripts:
            connected, _ = listening.accept()
            got.append(0)
            with connected:
                for piece in pieces:
                    if connected.recv(65_536):
                        got[-1] += 1
                        connected.sendall(piece)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/hook", got
    finally:
        listening.close()
        thread.join(10)


def test_calls_share_a_connection(callouts: Callouts) -> None:
    with site(lambda asked: Said(200, asked.body)) as peer:
        assert [callouts.call(peer.url(f"/{n}"), b"%d" % n) for n in range(20)] == [b"%d" % n for n in range(20)]
    assert len(peer.connections) == 1


def test_failures_that_are_answers_keep_it_too(callouts: Callouts) -> None:
    statuses = iter([404, 500, 200])
    with site(lambda asked: Said(next(statuses), b"{}")) as peer:
        for _ in range(2):
            with pytest.raises(CalloutFailed):
                callouts.call(peer.url(), b"{}")
        callouts.call(peer.url(), b"{}")
    assert len(peer.connections) == 1


def test_tls_connections_are_kept_for_their_name_only(tmp_path: Path) -> None:
    context, authority = self_signed(tmp_path, "hook.example")
    settings = Settings(callout_networks="127.0.0.0/8", callout_authorities=authority)
    callouts = Callouts(settings, ONCE, resolve=lambda host, port: ["127.0.0.1"])
    with site(tls=context) as peer:
        for _ in range(3):
            callouts.call(f"https://hook.example:{peer.port}/", b"{}")
        assert len(peer.connections) == 1
        with pytest.raises(CalloutFailed, match="certificate"):
            callouts.call(f"https://other.example:{peer.port}/", b"{}")
    callouts.close()


def test_one_that_was_closed_meanwhile_is_replaced_without_a_failure(callouts: Callouts) -> None:
    with site(lambda asked: Said(200, asked.body)) as peer:
        callouts.call(peer.url(), b"1")
        peer.hang_up()
        assert callouts.call(peer.url(), b"2") == b"2"
    assert [asked.body for asked in peer.asked] == [b"1", b"2"]


def test_one_that_is_closed_when_the_request_comes_is_replaced_once(callouts: Callouts) -> None:
    """The second request is read by a server that closes without a word, and goes once more on a new connection."""
    with connection_by_connection([OK, b""], [OK]) as (url, got):
        assert callouts.call(url, b"{}") == b"{}"
        assert callouts.call(url, b"{}") == b"{}"
    assert got == [2, 1]


def test_a_new_connection_that_is_closed_is_not_tried_again(callouts: Callouts) -> None:
    with connection_by_connection([b""], [OK]) as (url, got):
        with pytest.raises(CalloutFailed) as raised:
            callouts.call(url, b"{}")
        assert raised.value.uncertain
        assert got == [1]
        callouts.call(url, b"{}")


def test_nothing_is_tried_again_once_an_answer_has_begun(callouts: Callouts) -> None:
    with connection_by_connection([OK, b"HTTP/1.1 200"], [OK]) as (url, got):
        callouts.call(url, b"{}")
        with pytest.raises(CalloutFailed, match="not complete"):
            callouts.call(url, b"{}")
        assert got == [2]
        callouts.call(url, b"{}")


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        OK + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged",
        OK + b"more",
        b"HTTP/1.1 200 OK\r\n\r\n{}",
    ],
)
def test_a_connection_is_not_kept_after(callouts: Callouts, answer: bytes) -> None:
    """What is not over with its answer; least of all one that has said more than it was asked for."""
    with connection_by_connection([answer], [OK]) as (url, got):
        assert callouts.call(url, b"{}") == b"{}"
        assert callouts.call(url, b"{}") == b"{}"
    assert got == [1, 1]


def test_what_came_unasked_meanwhile_is_not_taken_for_an_answer(callouts: Callouts) -> None:
    said = threading.Event()
    with site() as peer:
        callouts.call(peer.url(), b"{}")
        peer.connections[0].sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged")
        peer.answer = lambda asked: said.set() or Said(200, b"true")  # type: ignore[func-returns-value]
        assert callouts.call(peer.url(), b"{}") == b"true"
    assert said.is_set()
    assert len(peer.connections) == 2


def test_age_and_idleness_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a name that leads elsewhere by now is found out."""
    now = [1_000.0]
    monkeypatch.setattr(connections, "perf_seconds", lambda: now[0])
    resolved: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        resolved.append(host)
        return ["127.0.0.1"]

    limits = msgspec.structs.replace(ONCE, seconds=10_000, kept_seconds=60, idle_seconds=15)
    callouts = Callouts(LOOPBACK, limits, resolve=resolve)
    with site() as peer:
        counts = []
        for step in (0, 14, 14, 14, 14, 14, 16):
            now[0] += step
            callouts.call(f"http://hook.example:{peer.port}/", b"{}")
            counts.append(len(resolved))
    callouts.close()
    assert counts == [1, 1, 1, 1, 1, 2, 3]


def test_no_more_are_kept_than_there_are_threads_and_none_once_it_is_closed() -> None:
    pool = Pool(msgspec.structs.replace(ONCE, threads=2))
    pairs = [socket.socketpair() for _ in range(4)]
    kept = [Connection(ours, connections.perf_seconds()) for ours, _ in pairs]
    place = (False, "hook.example", 80)
    for one in kept[:3]:
        pool.give(place, one)
    assert [one.socket.fileno() < 0 for one in kept[:3]] == [False, False, True]
    assert pool.take(place) is kept[1]
    pool.close()
    pool.give(place, kept[1])
    pool.give(place, kept[3])
    assert all(one.socket.fileno() < 0 for one in kept)
    assert pool.take(place) is None
    for _, theirs in pairs:
        theirs.close()


def test_an_early_word_before_the_answer_is_skipped(callouts: Callouts) -> None:
    with script(b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n" + OK) as url:
        assert callouts.call(url, b"{}") == b"{}"


def test_a_switch_of_protocols_is_a_refusal(callouts: Callouts) -> None:
    switched = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    with script(switched) as url, pytest.raises(CalloutFailed, match="answered 101"):
        callouts.call(url, b"{}")
