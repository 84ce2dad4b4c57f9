"""One connection to an SMSC: PDUs in and out, answers to their questions, life signs.

    request ──> waiting, by sequence number ──┬─ its answer, or a generic_nack ──> done(Pdu)
                                              ├─ response_seconds are over ──────> done(Silence)
                                              └─ the connection is lost ─────────> done(Silence)

A connection is given up when its PDUs have no sensible length, when nothing has come for `enquire_seconds` and then no
answer to an enquire_link either, and when a request has waited in vain while no other was answered. Answers nobody
waits for, second answers and those of another kind change nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from clarion.channels.sms.smpp import pdu, statuses
from clarion.channels.sms.smpp.pdu import Pdu

_LAST_SEQUENCE = 0x7FFFFFFF
_GOODBYE_SECONDS = 2.0
_MOST_UNREAD = 1 << 20
"""Octets that a peer may leave unread before we stop reading from it."""


class Silence(NamedTuple):
    """No answer came, and why."""

    reason: str


Answer = Pdu | Silence
Done = Callable[[Answer], None]


class _Waiting(NamedTuple):
    command: int
    sent: float
    done: Done


class Link(asyncio.Protocol):
    """See above. `on_request` gets what the SMSC delivers once the link is `bound`, and answers it by `respond`;
    `on_change` is called when a window has room again and when the link is lost."""

    def __init__(
        self,
        *,
        response_seconds: float,
        enquire_seconds: float,
        on_request: Callable[[Link, Pdu], None],
        on_change: Callable[[], None],
    ) -> None:
        self._response_seconds = response_seconds
        self._enquire_seconds = enquire_seconds
        self._on_request = on_request
        self._on_change = on_change
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._out: list[bytes] = []
        self._waiting: dict[int, _Waiting] = {}
        self._sequence = 0
        self._heard = self._answered = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._goodbye: asyncio.TimerHandle | None = None
        self._enquiring = False
        self._reason = ""
        self.bound = False
        self.ignored = 0
        self.lost: asyncio.Future[str] = self._loop.create_future()

    @property
    def usable(self) -> bool:
        """Whether it takes submissions."""
        return self.bound and not self._reason and not self.lost.done()

    @property
    def outstanding(self) -> int:
        """Requests that wait for their answer."""
        return len(self._waiting)

    def request(self, command: int, body: bytes, done: Done) -> None:
        """Send a request; `done` is called exactly once, on this event loop, maybe at once."""
        if self._transport is None or self._reason or self.lost.done():
            done(Silence(self._reason or "the connection is closed"))
            return
        self._sequence = self._sequence % _LAST_SEQUENCE + 1
        self._waiting[self._sequence] = _Waiting(command, self._loop.time(), done)
        self._write(Pdu(command, statuses.OK, self._sequence, body))
        if len(self._waiting) == 1:
            self._arm()

    async def ask(self, command: int, body: bytes = b"") -> Answer:
        """Send a request and wait for what comes of it."""
        told: asyncio.Future[Answer] = self._loop.create_future()
        self.request(command, body, lambda answer: None if told.done() else told.set_result(answer))
        return await told

    def respond(self, to: Pdu, status: int = statuses.OK, body: bytes = b"") -> bool:
        """Answer a request of the SMSC's; False when the connection is gone, so that it will ask again."""
        if self._transport is None or self._reason or self.lost.done():
            return False
        self._write(Pdu(to.command | pdu.RESPONSE, status, to.sequence, body))
        return True

    def close(self, reason: str) -> None:
        """Send what is to be sent, then close. What waits for answers gets none."""
        if self._transport is not None and not self._reason:
            self._flush()
            self._reason = reason
            self._transport.close()
            # A peer that does not read would keep it open.
            self._goodbye = self._loop.call_later(_GOODBYE_SECONDS, self._transport.abort)

    def abort(self, reason: str) -> None:
        """Close without sending anything."""
        self._reason = self._reason or reason
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=_MOST_UNREAD)
        self._heard = self._loop.time()
        self._arm()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        try:
            for found in pdu.frames(self._buffer):
                self._heard = self._loop.time()
                self._take(found)
                if self._reason:
                    return
        except pdu.Unframed as error:
            self._write(Pdu(pdu.GENERIC_NACK, statuses.INVALID_COMMAND_LENGTH, 0))
            self.close(f"the SMSC sent {error}")

    def pause_writing(self) -> None:
        """The SMSC does not read: no more questions of its are taken, as their answers would pile up."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        self._reason = self._reason or (f"connection lost: {error}" if error else "the SMSC closed the connection")
        for timer in (self._timer, self._goodbye):
            if timer is not None:
                timer.cancel()
        waiting, self._waiting = self._waiting, {}
        if not self.lost.done():
            self.lost.set_result(self._reason)
        for one in waiting.values():
            one.done(Silence(self._reason))
        self._on_change()

    def peer_certificate_ends(self) -> str:
        """`notAfter` of the SMSC's certificate as OpenSSL writes it; "" without TLS or verification."""
        certificate = self._transport.get_extra_info("peercert") if self._transport is not None else None
        return str((certificate or {}).get("notAfter", ""))

    def _take(self, found: Pdu) -> None:
        if found.command & pdu.RESPONSE:
            self._take_answer(found)
        elif found.command == pdu.ENQUIRE_LINK:
            self.respond(found)
        elif found.command in (pdu.DELIVER_SM, pdu.DATA_SM):
            if self.bound:
                self._on_request(self, found)
            else:
                self.respond(found, statuses.WRONG_BIND_STATE, pdu.encode_message_id(""))
        elif found.command == pdu.UNBIND:
            self.respond(found)
            self.close("the SMSC has unbound us")
        elif found.command != pdu.ALERT_NOTIFICATION:
            # outbind among them: who binds here is us.
            self._write(Pdu(pdu.GENERIC_NACK, statuses.INVALID_COMMAND_ID, found.sequence))

    def _take_answer(self, found: Pdu) -> None:
        waiting = self._waiting.get(found.sequence)
        if waiting is None or found.command not in (waiting.command | pdu.RESPONSE, pdu.GENERIC_NACK):
            self.ignored += 1
            return
        del self._waiting[found.sequence]
        if waiting.command != pdu.ENQUIRE_LINK:
            self._answered = self._heard
        if waiting.command in pdu.BINDS and found.status == statuses.OK and found.command != pdu.GENERIC_NACK:
            # At once: what waits for us comes right behind.
            self.bound = True
        waiting.done(found)
        self._on_change()

    def _write(self, what: Pdu) -> None:
        """What is written in one turn of the loop goes out in one piece."""
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out.append(what.encode())

    def _flush(self) -> None:
        if self._out and self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"".join(self._out))
        self._out.clear()

    def _arm(self) -> None:
        """Have `_tick` called when the next time is over, if nothing calls it before."""
        if self.lost.done():
            return
        due = (self._heard if self.bound and not self._enquiring else self._loop.time()) + self._enquire_seconds
        if self._waiting:
            due = min(due, next(iter(self._waiting.values())).sent + self._response_seconds)
        if self._timer is not None:
            if self._timer.when() <= due:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(due, self._tick)

    def _tick(self) -> None:
        self._timer = None
        now = self._loop.time()
        while self._waiting:
            sequence, oldest = next(iter(self._waiting.items()))
            if oldest.sent + self._response_seconds > now:
                break
            del self._waiting[sequence]
            oldest.done(Silence(f"no answer within {self._response_seconds:g} s"))
            if oldest.command == pdu.ENQUIRE_LINK or self._answered < oldest.sent:
                self.abort(f"no answer within {self._response_seconds:g} s")
                return
            self._on_change()
        if self.bound and not self._enquiring and self._heard + self._enquire_seconds <= now:
            self._enquiring = True
            self.request(pdu.ENQUIRE_LINK, b"", self._enquired)
        self._arm()

    def _enquired(self, _: Answer) -> None:
        self._enquiring = False
        self._arm()
