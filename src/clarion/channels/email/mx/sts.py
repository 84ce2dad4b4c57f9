"""MTA-STS (RFC 8461): domains that say over HTTPS which hosts take their mail, and that those have good certificates.

    _mta-sts.{domain} TXT "v=STSv1; id=…" ─→ https://mta-sts.{domain}/.well-known/mta-sts.txt ─→ kept for its max_age

The id tells when to fetch anew. A policy that was seen holds until it has expired, whatever DNS or the web say
meanwhile: else whoever can hide it could switch it off. Only `enforce` counts; `testing` and `none` change nothing.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable
from typing import NamedTuple

import structlog

from clarion.channels.calls.guard import Guard
from clarion.channels.email.names import LookupFailed, Names, NoSuchName

_PATH = "/.well-known/mta-sts.txt"
_MOST_BYTES = 65_536
_MOST_SECONDS = 31_557_600.0
_MOST_KEPT = 10_000
_AGAIN_SECONDS = 300.0
_RECORD = re.compile(r"v=STSv1\s*;\s*(?:.*;\s*)?id=([A-Za-z0-9]{1,32})\s*(?:;.*)?", re.DOTALL)

_log = structlog.get_logger(__name__)


class Policy(NamedTuple):
    """What a domain says: whether it insists, and on which hosts ("mx.acme.test", "*.acme.test")."""

    enforced: bool
    patterns: tuple[str, ...]
    max_age: float

    def allows(self, host: str) -> bool:
        """Whether a host is among them; a star stands for one label."""
        return host in self.patterns or f"*.{host.partition('.')[2]}" in self.patterns


class _Kept(NamedTuple):
    id: str
    policy: Policy | None
    until: float
    quiet_until: float = 0.0


class Policies:
    """The policies of domains. `guard` says which addresses may be connected to, `context` checks certificates."""

    def __init__(
        self,
        names: Names,
        guard: Guard,
        *,
        context: ssl.SSLContext,
        timeout_seconds: float,
        now: Callable[[], float],
        port: int = 443,
    ) -> None:
        self._names = names
        self._guard = guard
        self._context = context
        self._timeout = timeout_seconds
        self._now = now
        self._port = port
        self._kept: dict[str, _Kept] = {}

    async def of(self, domain: str) -> Policy | None:
        """The policy that holds for a domain's mail, None when it insists on nothing. Never raises."""
        kept = self._kept.get(domain)
        if kept is not None and kept.until <= self._now():
            kept = None
        id = await self._id(domain)
        if id and (kept is None or (kept.id != id and kept.quiet_until <= self._now())):
            kept = await self._fetched(domain, id, kept)
            if len(self._kept) >= _MOST_KEPT:
                self._forget_some()
            self._kept[domain] = kept
        policy = None if kept is None else kept.policy
        return policy if policy is not None and policy.enforced else None

    def _forget_some(self) -> None:
        """Those that are over; if nearly all last on, the half that has been there for longest, to be read again."""
        self._kept = {name: one for name, one in self._kept.items() if one.until > self._now()}
        if 2 * len(self._kept) > _MOST_KEPT:
            for name in list(self._kept)[: len(self._kept) // 2]:
                del self._kept[name]

    async def _id(self, domain: str) -> str:
        try:
            texts = await self._names.texts(f"_mta-sts.{domain}")
        except LookupFailed:
            return ""
        found = [match[1] for text in texts if (match := _RECORD.fullmatch(text.strip()))]
        return found[0] if len(found) == 1 else ""

    async def _fetched(self, domain: str, id: str, before: _Kept | None) -> _Kept:
        try:
            async with asyncio.timeout(self._timeout):
                policy = parse(await self._get(f"mta-sts.{domain}"))
        except (OSError, ValueError, TimeoutError, NoSuchName, LookupFailed, asyncio.IncompleteReadError) as error:
            _log.info("mta_sts.no_policy", domain=domain, reason=f"{type(error).__name__}: {error}"[:200])
            again = self._now() + _AGAIN_SECONDS
            # One that was seen goes on; without any, nothing holds until it is asked for again.
            return _Kept(id, None, again) if before is None else before._replace(quiet_until=again)
        return _Kept(id, policy, self._now() + policy.max_age)

    async def _get(self, host: str) -> str:
        """The file. Raises ValueError for an answer that is not it, OSError for no connection."""
        addresses = [one for one in await self._names.addresses(host) if self._guard.admits(one)]
        if not addresses:
            raise ValueError("no address that may be connected to")
        reader, writer = await asyncio.open_connection(
            addresses[0], self._port, ssl=self._context, server_hostname=host, limit=_MOST_BYTES
        )
        try:
            writer.write(f"GET {_PATH} HTTP/1.0\r\nHost: {host}\r\nAccept: text/plain\r\n\r\n".encode("ascii"))
            status = (await reader.readline()).split(None, 2)
            if len(status) < 2 or status[1] != b"200":  # a redirection must not be followed (RFC 8461, 3.3)
                raise ValueError("it does not answer 200")
            while (await reader.readline()).strip():
                pass
            body = bytearray()
            while chunk := await reader.read(_MOST_BYTES):
                body += chunk
                if len(body) > _MOST_BYTES:
                    raise ValueError("it is too long")
            return body.decode("utf-8", "replace")
        finally:
            writer.close()


def parse(text: str) -> Policy:
    """A policy file. Raises ValueError for what is none."""
    members: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            members.setdefault(name.strip().lower(), []).append(value.strip())
    if members.get("version") != ["STSv1"]:
        raise ValueError("it has no version that is known")
    mode, age = members.get("mode", [""])[0], members.get("max_age", [""])[0]
    if mode not in ("enforce", "testing", "none") or not re.fullmatch(r"\d{1,10}", age):
        raise ValueError("mode or max_age are not there")
    patterns = tuple(pattern.rstrip(".").lower() for pattern in members.get("mx", ()))
    if mode == "enforce" and not patterns:
        raise ValueError("it names no host")
    return Policy(mode == "enforce", patterns, min(float(age), _MOST_SECONDS))
