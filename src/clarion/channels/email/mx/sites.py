"""One receiver: the hosts that take mail for one or many domains, their connections, and when they are left alone.

    well ──no host can be connected to──> left alone: a minute, three, nine … an hour ──next connection works──> well
      └────it says "slow down", or was too slow for a batch──> left alone for a while

While it is left alone nobody waits for it: its messages go back at once, to come again when it is over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from aiosmtplib import SMTP

from clarion.channels.email.dkim import Signer
from clarion.channels.email.mx.config import Limits
from clarion.channels.email.mx.connecting import Connector, NotConnected
from clarion.channels.email.mx.routes import Hosts, Routes, Unroutable
from clarion.channels.email.names import LookupFailed, NoSuchName
from clarion.channels.email.sessions import NoSession, Sessions, Slots
from clarion.channels.port import Bounce, EmailOutgoing, Outcome

MOST_ADDRESSES = 5
"""Tried for one connection; what comes after is for the next time."""

_FIRST_REST = 60.0
_LONGEST_REST = 3_600.0
_BUSY_REST = 60.0
_SLOW_REST = 300.0
_IDLE_SECONDS = 20.0
_LATER = Outcome("throttled", "there was no time for it yet", blame="provider", retry_after_ms=1_000)


class Site:
    """`hosts` by preference; `order` draws the order of those of one preference."""

    def __init__(
        self,
        hosts: Hosts,
        limits: Limits,
        *,
        routes: Routes,
        connector: Connector,
        signer: Signer | None,
        slots: Slots,
        timeout_seconds: float,
        batch_seconds: float,
        jitter: Callable[[], float],
        now: Callable[[], float],
    ) -> None:
        self._hosts = hosts
        self._tls = limits.tls
        self._routes = routes
        self._connector = connector
        self._jitter = jitter
        self._now = now
        self._failures = 0
        self._rests_until = 0.0
        self._why = ""
        self._slow = Outcome("temporary", f"{hosts[0].host} is too slow")
        self._sessions = Sessions(
            self._connect,
            connections=limits.connections,
            timeout_seconds=timeout_seconds,
            signer=signer,
            patience=batch_seconds,
            too_slow=self._slow,
            slots=slots,
            idle_seconds=_IDLE_SECONDS,
            rate=limits.rate,
        )

    @property
    def is_idle(self) -> bool:
        """Whether forgetting it loses nothing."""
        return self._sessions.is_idle and self._rests_until <= self._now()

    async def send(self, messages: Sequence[EmailOutgoing]) -> list[Outcome]:
        """See `Transport.send`; blames nobody but the messages."""
        if self._rests_until > self._now():
            return [self._resting()] * len(messages)
        outcomes = await self._sessions.send(messages)
        if any(outcome is self._slow for outcome in outcomes):
            if any(outcome.status == "sent" for outcome in outcomes):
                # There were more of them than it takes in that time.
                outcomes = [_LATER if outcome is self._slow else outcome for outcome in outcomes]
            else:
                self._rest(_SLOW_REST, self._slow.detail)
        elif busy := next((one for one in outcomes if one.status == "throttled" and one.response), None):
            self._rest(_BUSY_REST, busy.detail)
        return [self._judged(outcome) for outcome in outcomes]

    async def close(self) -> None:
        """End its connections."""
        await self._sessions.close()

    def _judged(self, outcome: Outcome) -> Outcome:
        """As the lane has to see it: a receiver that is ill is the trouble of its own mail, of no other."""
        settled = outcome.status in ("sent", "permanent") or outcome.retry_after_ms is not None
        if settled or (outcome.blame == "credentials" and not outcome.response):
            return outcome
        rest = max(self._rests_until - self._now(), 0.0)
        events = outcome.events or (_delayed("4.4.1", outcome.detail),)
        return msgspec.structs.replace(
            outcome,
            status="temporary",
            blame="message",
            events=events,
            retry_after_ms=int(max(rest, 0.0) * 1000) or self._routes.retry_ms,
        )

    def _resting(self) -> Outcome:
        wait = int((self._rests_until - self._now()) * 1000) + 1
        events = (_delayed("4.4.1", self._why),)
        return Outcome("temporary", f"left alone for now: {self._why}", events=events, retry_after_ms=wait)

    def _rest(self, seconds: float, why: str) -> None:
        self._rests_until = max(self._rests_until, self._now() + seconds)
        self._why = why

    async def _connect(self) -> SMTP:
        if self._rests_until > self._now():
            raise NoSession(self._resting())
        search = _Search(self._routes)
        tried = 0
        for host in sorted(self._hosts, key=lambda one: (one.preference, self._jitter())):
            addresses = await search.addresses(host.host)
            for address in addresses[: MOST_ADDRESSES - tried]:
                tried += 1
                try:
                    client = await self._connector.connect(host.host, address, self._tls)
                except NotConnected as error:
                    if error.loop:
                        raise NoSession(Outcome("permanent", f"mail loops back: {error}")) from error
                    search.problems.append(str(error))
                else:
                    if self._failures:  # it is there after all: others of us may have been one too many
                        self._failures, self._rests_until = 0, 0.0
                    return client
        raise NoSession(search.dead_end(len(self._hosts)) or self._unreachable(search.problems))

    def _unreachable(self, problems: Sequence[str]) -> Outcome:
        why = "; ".join(problems)[:500]
        # Of several at once the first counts, and only if it is not that no more of them are wanted.
        if self._rests_until <= self._now() and not self._sessions.is_working:
            self._rest(min(_FIRST_REST * 3 ** min(self._failures, 9), _LONGEST_REST), why)
            self._failures += 1
        wait = max(int((self._rests_until - self._now()) * 1000), 0) + 1
        return Outcome("temporary", why, events=(_delayed("4.4.1", why),), retry_after_ms=wait)


class _Search:
    """The addresses of one host after the other, and what was wrong with each."""

    def __init__(self, routes: Routes) -> None:
        self.problems: list[str] = []
        self._routes = routes
        self._dead_ends = 0
        self._refused: Outcome | None = None

    async def addresses(self, host: str) -> list[str]:
        """Those that may be connected to, none if there is something wrong."""
        try:
            found = await self._routes.addresses(host)
        except Unroutable as failure:
            self._refused = failure.outcome
            self._dead_ends += 1
            return []
        except LookupFailed as error:
            self.problems.append(str(error))
            return []
        except NoSuchName as error:
            self.problems.append(str(error))
            found = []
        else:
            if not found:
                self.problems.append(f"{host} has no address")
        self._dead_ends += not found
        return found

    def dead_end(self, hosts: int) -> Outcome | None:
        """What becomes of the mail if none of so many hosts can ever be reached."""
        if self._dead_ends < hosts:
            return None
        why = self.problems[-1] if self.problems else ""
        return self._refused or Outcome("permanent", why, events=(_failed("5.4.4", why),))


def _delayed(status: str, why: str) -> Bounce:
    """What is recorded when the caller gives up."""
    return Bounce(bounce_type="Transient", status=status, diagnostic_code=f"X-Clarion; {why}", action="delayed")


def _failed(status: str, why: str) -> Bounce:
    return Bounce(bounce_type="Transient", status=status, diagnostic_code=f"X-Clarion; {why}")
