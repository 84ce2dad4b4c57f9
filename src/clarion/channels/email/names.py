"""What DNS says about mail: which hosts take a domain's, their addresses, and texts.

Answers are kept as long as they say themselves, by dnspython. A name that does not exist is told from one that nobody
could say anything about: the first is the domain's fault, the second may be over in a minute.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import dns.asyncresolver
import dns.exception
import dns.name
import dns.nameserver
import dns.resolver

from clarion.core.errors import Invalid

T = TypeVar("T")

LIFETIME_SECONDS = 10.0
"""Longest that one question may take, all name servers and repetitions together."""

_KEPT_ANSWERS = 20_000


class NoSuchName(Exception):
    """DNS knows for sure that there is no such name."""


class LookupFailed(Exception):
    """Nobody could say. `silent`: no name server answered at all, so it may well be our own that is away."""

    def __init__(self, message: str, *, silent: bool) -> None:
        super().__init__(message)
        self.silent = silent


class Exchange(NamedTuple):
    """A host that takes a domain's mail; the lowest preference is tried first. Host "" (null MX): it takes none."""

    preference: int
    host: str


class Names:
    """Asks `servers` ("address" or "address:port", separated by commas), those of this machine when empty.

    Raises Invalid for servers that are none, or when this machine has none.
    """

    def __init__(self, servers: str = "", *, lifetime_seconds: float = LIFETIME_SECONDS) -> None:
        self._resolver = dns.asyncresolver.Resolver(configure=not servers.strip())
        if servers.strip():
            self._resolver.nameservers = [_server(text) for text in servers.replace(",", " ").split()]
        self._resolver.cache = dns.resolver.LRUCache(_KEPT_ANSWERS)
        self._resolver.lifetime = lifetime_seconds
        self._resolver.search = []

    async def exchanges(self, domain: str) -> list[Exchange]:
        """The hosts of a domain's MX records by preference, or the domain itself when it has none (RFC 5321, 5.1).

        Raises NoSuchName, LookupFailed.
        """
        answer = await self._ask(domain, "MX")
        found = [Exchange(int(one.preference), _text(one.exchange)) for one in answer]
        return sorted(found) if found else [Exchange(0, domain.rstrip(".").lower())]

    async def addresses(self, host: str, kinds: Sequence[str] = ("A", "AAAA")) -> list[str]:
        """A host's addresses, those of the first kind first. Raises NoSuchName, LookupFailed when there are none."""
        answers = await asyncio.gather(*(self._ask(host, kind) for kind in kinds), return_exceptions=True)
        found = [one.address for answer in answers if not isinstance(answer, BaseException) for one in answer]
        if not found:
            for answer in answers:
                if isinstance(answer, BaseException):
                    raise answer
        return found

    async def texts(self, name: str) -> list[str]:
        """The TXT records of a name, none when there is no such name. Raises LookupFailed."""
        try:
            answer = await self._ask(name, "TXT")
        except NoSuchName:
            return []
        return [b"".join(one.strings).decode("utf-8", "replace") for one in answer]

    async def alias(self, name: str) -> str:
        """Where a CNAME leads, "" when there is none. Raises LookupFailed."""
        try:
            answer = await self._ask(name, "CNAME")
        except NoSuchName:
            return ""
        return next((_text(one.target) for one in answer), "")

    async def _ask(self, name: str, kind: str) -> Sequence[Any]:
        try:
            absolute = dns.name.from_text(name.rstrip(".") + ".")
            answer = await self._resolver.resolve(absolute, kind, raise_on_no_answer=False, search=False)
        except dns.resolver.NXDOMAIN as error:
            raise NoSuchName(f"{name}: there is no such name") from error
        except dns.resolver.YXDOMAIN as error:
            raise NoSuchName(f"{name}: its alias leads nowhere") from error
        except (dns.exception.Timeout, dns.resolver.NoResolverConfiguration, OSError) as error:
            raise LookupFailed(f"{name}: no name server answers", silent=True) from error
        except dns.resolver.NoNameservers as error:
            raise LookupFailed(f"{name}: the name servers have no answer ({kind})", silent=False) from error
        except dns.exception.DNSException as error:
            raise LookupFailed(f"{name}: {type(error).__name__}", silent=False) from error
        found: Sequence[Any] = list(answer.rrset or ())
        return found


def asked(question: Callable[[], Awaitable[T]]) -> T:
    """The answer to questions, for those who are in no event loop."""

    async def answer() -> T:
        return await question()

    return asyncio.run(answer())


def _server(text: str) -> dns.nameserver.Nameserver | str:
    address, port = text, 53
    if text.count(":") == 1:
        address, _, given = text.partition(":")
        port = int(given) if given.isdigit() else 0
    try:
        ipaddress.ip_address(address)
    except ValueError as error:
        raise Invalid(f"dns_servers: {text[:60]!r} is not an address, or address:port") from error
    if not 0 < port < 65_536:
        raise Invalid(f"dns_servers: {text[:60]!r} has no port from 1 to 65535")
    return dns.nameserver.Do53Nameserver(address, port)


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower() if name != dns.name.root else ""
