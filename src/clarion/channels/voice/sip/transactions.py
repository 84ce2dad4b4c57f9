"""A request of ours and what comes back for it. Source: RFC 3261, 17.1.

      INVITE                                     others
      calling ─1xx→ proceeding ─┐                trying ─1xx→ proceeding ─┐
         │ ─────────2xx─────────┼→ passed on        │ ─────2xx…6xx────────┴→ passed on, once
         │ ──────3xx…6xx────────┴→ ACK, passed on   └ nothing for 64 T1 → TimedOut
         └ nothing for 64 T1 → TimedOut

Over UDP a request is sent again after T1, 2 T1, 4 T1 …, others than INVITE at most every T2; answers that were sent
again are answered again (ACK) for as long as they may come.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from clarion.channels.voice.sip.link import Hop, Link
from clarion.channels.voice.sip.message import Address, Request, Response, written


class Timers(NamedTuple):
    """Seconds: a round trip, the longest pause between repeats, how long a message stays in the network."""

    t1: float = 0.5
    t2: float = 4.0
    t4: float = 5.0

    @property
    def patience(self) -> float:
        """How long a request waits for any answer."""
        return 64 * self.t1


class NoAnswer(Exception):
    """No answer came for a request. `sent`: it has left, so the trunk may have it."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent


class Transaction:
    """One request. `responses` yields what comes; over when a final response was passed on."""

    def __init__(self, request: Request, hop: Hop, link: Link, timers: Timers, forget: Callable[[], None]) -> None:
        self.request = request
        self.hop = hop
        self._link = link
        self._timers = timers
        self._forget = forget
        self._data = written(request)
        self._invite = request.method == "INVITE"
        self._came: asyncio.Queue[Response | NoAnswer] = asyncio.Queue()
        self._again: asyncio.TimerHandle | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._linger: asyncio.TimerHandle | None = None
        self._ack: bytes | None = None
        self._provisional = self._done = False

    def start(self) -> None:
        """Send the request. Raises NoAnswer when it cannot even leave."""
        try:
            self._link.send(self._data, self.hop)
        except OSError as error:
            self._forget()
            raise NoAnswer(f"{type(error).__name__}", sent=False) from error
        loop = asyncio.get_running_loop()
        if not self._link.reliable:
            self._again = loop.call_later(self._timers.t1, self._repeat, self._timers.t1)
        self._patience = loop.call_later(self._timers.patience, self._give_up)

    async def next(self) -> Response:
        """The next response. Raises NoAnswer."""
        came = await self._came.get()
        if isinstance(came, NoAnswer):
            raise came
        return came

    async def final(self) -> Response:
        """The final response. Raises NoAnswer."""
        while (response := await self.next()).status < 200:
            pass
        return response

    def arrived(self, response: Response) -> None:
        """A response of this transaction."""
        if response.status < 200:
            if not self._done:
                self._provisional = True
                if self._invite:
                    self._quiet()
                self._came.put_nowait(response)
            return
        self._quiet()
        if self._invite and response.status >= 300:
            self._acknowledge(response)
        elif self._invite:
            # Each 2xx is the call's to acknowledge, and may be of another phone that answered, too.
            self._came.put_nowait(response)
        if not self._done:
            self._done = True
            if not self._invite or response.status >= 300:
                self._came.put_nowait(response)
            # Repeats of the final response are still ours for a while.
            later = self._timers.patience if self._invite else self._timers.t4
            self._linger = asyncio.get_running_loop().call_later(later, self._forget)

    def failed(self, reason: str) -> None:
        """The connection has ended."""
        if not self._done:
            self._end(NoAnswer(reason, sent=True))

    def stop(self) -> None:
        """No more timers."""
        self._quiet()
        if self._linger is not None:
            self._linger.cancel()

    @property
    def proceeding(self) -> bool:
        """Whether something came, but nothing final: an INVITE can be cancelled then, and not before."""
        return self._provisional and not self._done

    def _quiet(self) -> None:
        for timer in (self._again, self._patience):
            if timer is not None:
                timer.cancel()
        self._again = self._patience = None

    def _repeat(self, pause: float) -> None:
        longest = float("inf") if self._invite else self._timers.t2
        pause = min(2 * pause, longest) if not self._provisional else self._timers.t2
        self._again = asyncio.get_running_loop().call_later(pause, self._repeat, pause)
        self._say(self._data)

    def _give_up(self) -> None:
        self._end(NoAnswer("no answer", sent=True))

    def _end(self, failure: NoAnswer) -> None:
        self._quiet()
        self._done = True
        self._came.put_nowait(failure)
        self._forget()

    def _acknowledge(self, response: Response) -> None:
        if self._ack is None:
            self._ack = written(ack_of(self.request, response))
        self._say(self._ack)

    def _say(self, data: bytes) -> None:
        try:
            self._link.send(data, self.hop)
        except OSError as error:
            self.failed(type(error).__name__)


class Transactions:
    """All transactions of a user agent, by what names them on the wire."""

    def __init__(self, link: Link, timers: Timers) -> None:
        self._link = link
        self._timers = timers
        self._running: dict[tuple[str, str], Transaction] = {}

    def start(self, request: Request, hop: Hop) -> Transaction:
        """Send a request. Raises NoAnswer when it cannot leave."""
        key = (request.branch(), request.method)
        made = Transaction(request, hop, self._link, self._timers, lambda: self._forget(key))
        self._running[key] = made
        made.start()
        return made

    def arrived(self, response: Response) -> bool:
        """Lead a response to its request; False when there is none."""
        found = self._running.get((response.branch(), response.cseq()[1]))
        if found is not None:
            found.arrived(response)
        return found is not None

    def lost(self, reason: str) -> None:
        """The connection has ended: nothing comes back any more."""
        for one in list(self._running.values()):
            one.failed(reason)

    def close(self) -> None:
        """Stop all timers."""
        for one in list(self._running.values()):
            one.stop()
            one.failed("closed")
        self._running.clear()

    def _forget(self, key: tuple[str, str]) -> None:
        if (found := self._running.pop(key, None)) is not None:
            found.stop()


def ack_of(invite: Request, response: Response) -> Request:
    """The ACK of a refusal: of the INVITE's own transaction. Source: RFC 3261, 17.1.1.3."""
    number, _ = invite.cseq()
    headers = [
        ("via", next(iter(invite.all("via")), "")),
        ("max-forwards", "70"),
        ("from", invite.get("from")),
        ("to", response.get("to")),
        ("call-id", invite.get("call-id")),
        ("cseq", f"{number} ACK"),
        *[("route", one) for one in invite.all("route")],
    ]
    return Request(headers=headers, body=b"", method="ACK", uri=invite.uri)


def cancel_of(invite: Request) -> Request:
    """The CANCEL of an INVITE. Source: RFC 3261, 9.1."""
    headers = ack_of(invite, Response(headers=[("to", invite.get("to"))], body=b"", status=0, reason="")).headers
    number, _ = invite.cseq()
    headers = [(name, f"{number} CANCEL" if name == "cseq" else value) for name, value in headers]
    return Request(headers=headers, body=b"", method="CANCEL", uri=invite.uri)


def tag_of(value: str) -> str:
    """The tag of a From or To."""
    return Address.read(value).parameters.get("tag", "")
