"""Which hosts take a domain's mail, and which of their addresses may be connected to (RFC 5321, 5.1).

domain ─→ MX by preference; none: the domain itself ─→ is one of them us? then only better ones ─→ addresses
   │           └ null MX (RFC 7505): nobody there takes mail             └ none left: a loop
   └ no such domain: a soft bounce. One that is typed wrong and one whose name server is ill look alike from here,
     and an ill resolver must not put an audience on the suppression list
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Literal

from clarion.channels.calls.guard import Guard
from clarion.channels.email.names import Exchange, LookupFailed, Names, NoSuchName
from clarion.channels.port import Blame, Bounce, BounceSubType, BounceType, Outcome

_LOOKUPS = 100
"""Questions on their way at once: each has a socket."""

_SILENT_SECONDS = 60.0
"""When nobody has answered anything for so long, it is our name server that is away."""

Hosts = tuple[Exchange, ...]


class Unroutable(Exception):
    """Mail for the domain leads nowhere; `outcome` is what becomes of it."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.detail)
        self.outcome = outcome


class Routes:
    """Answers from `names`. `own` are our names, small letters; `guard` says which addresses may be connected to."""

    def __init__(
        self, names: Names, guard: Guard, *, own: frozenset[str], ipv6: bool, retry_ms: int, now: Callable[[], float]
    ) -> None:
        self._names = names
        self._guard = guard
        self._own = own
        self._kinds = ("A", "AAAA") if ipv6 else ("A",)
        self.retry_ms = retry_ms
        self._now = now
        self._heard = float("-inf")
        self._lookups = asyncio.Semaphore(_LOOKUPS)

    async def hosts(self, domain: str) -> Hosts:
        """The hosts that take the domain's mail, by preference. Raises Unroutable."""
        try:
            async with self._lookups:
                found = await self._names.exchanges(domain)
        except NoSuchName as error:
            self._heard = self._now()
            bounce = _bounce("Transient", "General", "5.1.2", str(error))
            raise Unroutable(Outcome("permanent", str(error), events=(bounce,))) from error
        except LookupFailed as error:
            raise Unroutable(self._unknown(error)) from error
        self._heard = self._now()
        return self._checked(domain, found)

    async def addresses(self, host: str) -> list[str]:
        """Those of a host's addresses that may be connected to. Raises NoSuchName, LookupFailed; Unroutable when it has
        only others."""
        async with self._lookups:
            found = await self._names.addresses(host, self._kinds)
        admitted = [address for address in found if self._guard.admits(address)]
        if found and not admitted:
            detail = f"{host} leads to an address that mail is not sent to (member networks)"
            bounce = _bounce("Undetermined", "Undetermined", "5.4.4", detail)
            raise Unroutable(Outcome("permanent", detail, events=(bounce,)))
        return admitted

    def unsafe(self, domain: str) -> Outcome:
        """What becomes of mail whose hosts in DNS are none of those that the domain vouches for (MTA-STS)."""
        detail = f"{domain}: none of its hosts is in its MTA-STS policy"
        bounce = _bounce("Transient", "General", "4.7.0", detail, "delayed")
        return Outcome("temporary", detail, events=(bounce,), retry_after_ms=self.retry_ms)

    def _checked(self, domain: str, found: Sequence[Exchange]) -> Hosts:
        if any(not one.host for one in found):
            if len(found) == 1:
                detail = f"{domain} takes no mail (null MX)"
                bounce = _bounce("Permanent", "General", "5.1.10", detail)
                raise Unroutable(Outcome("permanent", detail, events=(bounce,)))
            found = [one for one in found if one.host]
        ours = min((one.preference for one in found if one.host in self._own), default=None)
        if ours is None:
            return tuple(found)
        better = tuple(one for one in found if one.preference < ours)
        if not better:
            raise Unroutable(Outcome("permanent", f"mail for {domain} loops back to this machine"))
        return better

    def _unknown(self, error: LookupFailed) -> Outcome:
        ours = error.silent and self._now() - self._heard > _SILENT_SECONDS
        blame: Blame = "provider" if ours else "message"
        events = () if ours else (_bounce("Transient", "General", "4.4.3", str(error), "delayed"),)
        return Outcome("temporary", str(error), events=events, blame=blame, retry_after_ms=self.retry_ms)


def _bounce(
    kind: BounceType, sub_type: BounceSubType, status: str, why: str, action: Literal["failed", "delayed"] = "failed"
) -> Bounce:
    diagnosis = f"X-Clarion; {why}"
    return Bounce(bounce_type=kind, bounce_sub_type=sub_type, status=status, diagnostic_code=diagnosis, action=action)
