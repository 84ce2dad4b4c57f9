"""Reading one HTTP/1.1 answer from its bytes, by httptools (llhttp): bounded in size, strict about its form."""

from __future__ import annotations

from collections.abc import Mapping

import httptools

_HEAD = 65_536
"""Bytes of status line and headers."""
_BODILESS = frozenset({204, 304})


class Malformed(Exception):
    """It is not HTTP, or it ended before its end."""


class TooLarge(Exception):
    """Its body is larger than allowed."""


class Answer:
    """One answer to come. `most` bytes of body; none comes to HEAD. With `unread` it is over with its headers."""

    def __init__(self, method: str, most: int, *, unread: bool = False) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.complete = False
        """Body and all is there, or what is wanted of it."""
        self.keeps = False
        """The connection can be used again once it is complete."""
        self._most = most
        self._method = method
        self._unread = unread
        self._parser = httptools.HttpResponseParser(self)
        self._read = 0
        self._head = 0
        self._headed = self._ended = self._too_large = False

    @property
    def begun(self) -> bool:
        """Something of it has arrived."""
        return self._read > 0

    def feed(self, data: bytes) -> None:
        """What arrived; b"" when the other end has closed. Raises Malformed, TooLarge, or OSError
        when nothing has come at all."""
        self._read += len(data)
        if not data:
            self._closed()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._headed = self.complete = True
        except httptools.HttpParserError as error:
            if not self._ended:
                raise Malformed(type(error).__name__) from error
            self.keeps = False
        if self._too_large:
            raise TooLarge
        if self._head > _HEAD or (not self._headed and self._read > 2 * _HEAD):
            raise Malformed("headers without end")

    def on_message_begin(self) -> None:
        """Another one behind a complete one is what nobody asked for."""
        if self._ended:
            self.keeps = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head += len(name) + len(value) + 4
        if not self._ended and self._head <= _HEAD:
            self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        if self._ended:
            return
        status = self._parser.get_status_code()
        if status < 200 and status != 101:
            return
        self.status, self._headed = status, True
        self.keeps = self._parser.should_keep_alive()
        reads = self._method != "HEAD" and not self._unread
        self._too_large = reads and int(self.headers.get("content-length") or 0) > self._most
        if self._method == "HEAD":
            self.complete, self.keeps = True, False
        elif self._unread:
            self.complete = True

    def on_body(self, body: bytes) -> None:
        if self._ended or self._method == "HEAD" or self._unread or self._too_large:
            return
        if len(self.body) + len(body) > self._most:
            self._too_large = True
        else:
            self.body += body

    def on_message_complete(self) -> None:
        if not self._headed:  # 100 Continue and its like
            self.headers.clear()
            return
        self._ended = self.complete = True

    @property
    def reusable(self) -> bool:
        """Nothing of it is left on the connection."""
        return self.keeps and self._ended

    def _closed(self) -> None:
        self.keeps = False
        if not self._read:
            raise ConnectionResetError("closed without an answer")
        if not self._headed:
            raise Malformed("closed before the end of the headers")
        if not self.complete and not self._lasts_to_the_end:
            raise Malformed("closed before the end of the body")
        self.complete = True

    @property
    def _lasts_to_the_end(self) -> bool:
        told: Mapping[str, str] = self.headers
        chunked = "chunked" in told.get("transfer-encoding", "").lower()
        return self.status not in _BODILESS and "content-length" not in told and not chunked
