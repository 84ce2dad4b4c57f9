"""Reading answers: whatever bytes come in whatever pieces, it ends in an answer or in one of three errors."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.channels.calls.answers import Answer, Malformed, TooLarge

_LINES = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.0 503 \r\n",
        b"Content-Length: 5\r\n",
        b"Content-Length: 99999999999999999999\r\n",
        b"Content-Length: -1\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"X-\xff: \xfe\xff\r\n",
        b"X: y\r\n folded\r\n",
        b"\r\n",
        b"5\r\nabcde\r\n",
        b"0\r\n\r\n",
        b"ffffffffffffffffff\r\n",
        b"abcde",
        b"\x00\xff",
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.one_of(_LINES, st.binary(max_size=12)), max_size=14).map(b"".join),
    st.integers(1, 40),
    st.sampled_from(["POST", "HEAD"]),
    st.booleans(),
)
def test_any_bytes_in_any_pieces(said: bytes, size: int, method: str, unread: bool) -> None:
    answer = Answer(method, 20, unread=unread)
    pieces = [said[at : at + size] for at in range(0, len(said), size)]
    try:
        for piece in [*pieces, b""]:
            answer.feed(piece)
            if answer.complete:
                break
    except (Malformed, TooLarge, ConnectionResetError):
        assert not answer.reusable or answer.complete
        return
    assert answer.complete
    assert 100 <= answer.status <= 999
    assert len(answer.body) <= 20
    assert not (answer.body and (unread or method == "HEAD"))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.booleans())
def test_pieces_make_no_difference(size: int, chunked: bool) -> None:
    body = b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n" if chunked else b"abcde"
    length = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 5"
    said = (
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 202 Accepted\r\nX-Note: \xe9\r\n"
        + length
        + b"\r\n\r\n"
        + body
    )
    answer = Answer("POST", 5)
    for at in range(0, len(said), size):
        assert not answer.complete
        answer.feed(said[at : at + size])
    assert (answer.complete, answer.reusable, answer.status) == (True, True, 202)
    assert (bytes(answer.body), answer.headers["x-note"]) == (b"abcde", "é")
    assert "link" not in answer.headers


@pytest.mark.parametrize("lines", [b"X: " + b"y" * 70_000 + b"\r\n", b"X: y\r\n" * 15_000])
def test_headers_end_somewhere(lines: bytes) -> None:
    with pytest.raises(Malformed):
        _fed(b"HTTP/1.1 200 OK\r\n" + lines + b"\r\n")


def _fed(said: bytes) -> None:
    answer = Answer("POST", 5)
    for at in range(0, len(said), 16_384):
        answer.feed(said[at : at + 16_384])
