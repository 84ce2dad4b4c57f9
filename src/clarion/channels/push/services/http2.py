"""The way to all push services: HTTP/2 over TLS, many requests side by side on a connection that is kept.

pyreqwest (reqwest, hyper and h2 in Rust) does the protocol: it takes the connection of before, waits for a free stream
where the service allows few, leaves connections that say GOAWAY, and repeats what a service refused to begin
(REFUSED_STREAM). Here is what this means for a message. See docs/adr/0021.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import structlog
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import BuilderError, DetailedPyreqwestError, PyreqwestError, RequestTimeoutError
from pyreqwest.http import HeaderMap

from clarion.channels.port import Outcome, PushOutgoing
from clarion.core.errors import Invalid

_log = structlog.get_logger(__name__)

IN_FLIGHT = 500
"""Requests under way at once to a service that speaks HTTP/2, unless settings say otherwise."""

CONNECTIONS = 20
"""Requests under way at once to a service that may want a connection for each."""

_CONNECTING = "client error (Connect)"
_WAITED = "request was canceled"
_REFUSED = "refused stream before processing"
_NOT_LET_IN = ("received fatal alert", "tls handshake eof")


class Answer(NamedTuple):
    """A service's answer; names of headers are in lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class _Headers(Mapping[str, str]):
    """A service's headers without those that are no text."""

    def __init__(self, found: HeaderMap) -> None:
        self._found = found

    def __getitem__(self, name: str) -> str:
        try:
            return self._found[name]
        except ValueError:
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


class Unanswered(Exception):
    """There is no answer. `outcome` is what that means for the message; `all_of_them`: for those after it as well.
    An `echo` is of a message that waited for a connection that another one failed to make: that one knows why."""

    def __init__(self, outcome: Outcome, *, all_of_them: bool = False, echo: bool = False) -> None:
        super().__init__(outcome.detail)
        self.outcome = outcome
        self.all_of_them = all_of_them
        self.echo = echo


class Http2:
    """Requests to one service under one identity.

    `authorities` (a PEM file) are trusted besides the system's; `identity` is a client certificate and its key, in PEM.
    `timeout_seconds` is for a request from its beginning, connecting included, to the last byte of its answer.
    A service that speaks HTTP/2 `only` gets all requests over one connection, the first of them alone; of others it is
    not known before the first answer, and each request of the first batch makes a connection, as all do in HTTP/1.1.
    `pinned` (host, IP address, port) keeps the system from being asked where that host is. Of an answer `most` bytes
    are read, None: all.
    """

    def __init__(
        self,
        *,
        authorities: str = "",
        identity: str = "",
        timeout_seconds: float = 30,
        only: bool = False,
        pinned: tuple[str, str, int] | None = None,
        most: int | None = None,
    ) -> None:
        self._authorities = authorities
        self._identity = identity
        self._timeout = timeout_seconds
        self._only = only
        self._pinned = pinned
        self._most = most
        self._client: Client | None = None
        self._is_proven = False
        self._first: asyncio.Future[Unanswered | None] | None = None

    async def open(self) -> None:
        """Read certificates; connections are made when there is something to say. Raises Invalid."""
        if self._client is None:
            self._client = await asyncio.to_thread(self._build)

    def _build(self) -> Client:
        limit = timedelta(seconds=self._timeout)
        # The environment's proxies and the service's redirects are for others: neither is to see credentials.
        builder = ClientBuilder().https_only(True).no_proxy().follow_redirects(False)
        builder = builder.http2_prior_knowledge() if self._only else builder.http2(True)
        builder = builder.timeout(limit).connect_timeout(limit / 2).user_agent("clarion")
        # Connections stay, as Apple wants it; one that died in silence is found out before it costs a request.
        builder = builder.pool_idle_timeout(timedelta(hours=1)).http2_keep_alive_while_idle(True)
        builder = builder.http2_keep_alive_interval(timedelta(seconds=20))
        builder = builder.http2_keep_alive_timeout(timedelta(seconds=10))
        try:
            if self._authorities:
                builder = builder.add_root_certificate_pem(Path(self._authorities).read_bytes())
            if self._identity:
                # In TLS 1.3 a client learns only after its first request that its certificate was refused, and then
                # a lost connection is all it may see of it. In 1.2 it is part of the handshake.
                builder = builder.identity_pem(self._identity.encode()).max_tls_version("TLSv1.2")
            if self._pinned:
                builder = builder.resolve(*self._pinned)
            return builder.build()
        except (OSError, PyreqwestError, ValueError) as error:
            raise Invalid(f"push: certificates cannot be used: {type(error).__name__}") from None

    async def close(self) -> None:
        """Let go of connections; requests under way end without an answer."""
        client, self._client, self._is_proven = self._client, None, False
        if client is not None:
            await client.close()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer to a POST. Raises Unanswered when there is none."""
        if not self._only or self._is_proven:
            return await self._post(url, headers, body)
        if self._first is not None:
            failed = await asyncio.shield(self._first)
            if failed is not None:
                raise failed
            return await self._post(url, headers, body)
        # Apple allows a connection one stream until it has shown that it is let in.
        self._first, failed = asyncio.get_running_loop().create_future(), None
        try:
            answer = await self._post(url, headers, body)
            self._is_proven = True
            return answer
        except Unanswered as error:
            failed = error if error.all_of_them else None
            raise
        finally:
            first, self._first = self._first, None
            first.set_result(failed)

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if self._client is None:
            raise Unanswered(Outcome("temporary", "not open", blame="provider"), all_of_them=True)
        try:
            request = self._client.post(url).headers(headers).body_bytes(body)
            if self._most is not None:
                async with request.build_streamed() as begun:
                    found = bytes(await begun.body_reader.read(self._most) or b"")
                    return Answer(begun.status, found, _Headers(begun.headers))
            response = await request.build().send()
            return Answer(response.status, bytes(await response.bytes()), _Headers(response.headers))
        except BuilderError as error:
            why = f"the service's address cannot be used: {_causes(error)[-1]}"
            raise Unanswered(Outcome("temporary", why, blame="provider"), all_of_them=True) from None
        except PyreqwestError as error:
            raise self._unanswered(error) from None
        except ValueError:
            # Of the URL or a header, and it says which characters: not to be repeated.
            raise Unanswered(Outcome("permanent", "a token or header has characters that it must not have")) from None

    def _unanswered(self, error: PyreqwestError) -> Unanswered:
        causes = _causes(error)
        last = causes[-1]
        if _CONNECTING in causes:
            if self._identity and last.startswith(_NOT_LET_IN):
                why = f"the service does not take the client certificate: {last}"
                return Unanswered(Outcome("temporary", why, blame="credentials"), all_of_them=True)
            outcome = Outcome("temporary", f"no connection: {last}", blame="provider")
            return Unanswered(outcome, all_of_them=True, echo=last == _WAITED)
        if any(_REFUSED in cause for cause in causes):
            return Unanswered(Outcome("temporary", f"not begun: {last}", blame="provider"))
        if isinstance(error, RequestTimeoutError):
            last = f"none in {self._timeout:g} s"
        return Unanswered(Outcome("temporary", f"no answer: {last}; it may have been delivered", uncertain=True))


def _causes(error: PyreqwestError) -> list[str]:
    """Why, from the whole to the part. Only the last is fit to be shown: others have the URL in them."""
    told = error.details.get("causes") if isinstance(error, DetailedPyreqwestError) else None
    return [cause["message"] for cause in told or []] or [error.message]


async def side_by_side(
    messages: Sequence[PushOutgoing], one: Callable[[PushOutgoing], Awaitable[Outcome]], most: int = IN_FLIGHT
) -> list[Outcome]:
    """Hand over a batch, `most` at a time: an outcome a message, in order.

    Where a service cannot be reached or does not let us in, it is not asked for each message that is left: those get
    the outcome of the one before. Messages that sign in otherwise (`method`) stand for themselves.
    """
    outcomes: list[Outcome | None] = [None] * len(messages)
    halted: dict[str, Outcome] = {}
    echoes: dict[str, list[int]] = {}
    left = iter(enumerate(messages))

    async def work() -> None:
        for index, message in left:
            outcome = halted.get(message.method)
            if outcome is None:
                try:
                    outcome = await one(message)
                except Unanswered as error:
                    outcome = error.outcome
                    if error.echo:
                        echoes.setdefault(message.method, []).append(index)
                    elif error.all_of_them:
                        halted[message.method] = outcome
                except Exception as error:
                    # Nobody foresaw it; it is not to cost the others their outcomes. What it says may be a secret.
                    _log.error("push.unforeseen", service=message.service, error=type(error).__name__)
                    outcome = Outcome("temporary", f"{type(error).__name__}; it may be delivered", uncertain=True)
            outcomes[index] = outcome

    tasks = [asyncio.ensure_future(work()) for _ in range(min(max(most, 1), len(messages)))]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
    for method, indexes in echoes.items():
        for index in indexes:
            outcomes[index] = halted.get(method, outcomes[index])
    return [outcome or Outcome("temporary", "not handed over", blame="provider") for outcome in outcomes]


def let_in(outcome: Outcome) -> Outcome:
    """The outcome, or Unanswered for the whole batch where it says that we are not let in."""
    if outcome.blame == "credentials":
        raise Unanswered(outcome, all_of_them=True)
    return outcome
