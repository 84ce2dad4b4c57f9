"""Connections to the push services that browsers name: one way for each host, to an address that was judged.

A browser's URL may lead anywhere, also to what only this machine can reach. So its name is resolved here, each address
judged by the guard of all calls (`channels.calls.guard`), and the connection made to a judged one, whatever the name
means a moment later. Redirects are not followed.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from clarion.channels.calls.guard import Guard, Target
from clarion.channels.calls.port import CalloutFailed
from clarion.channels.calls.web import addresses_of
from clarion.channels.port import Outcome
from clarion.channels.push.services.http2 import Answer, Http2, Unanswered
from clarion.core.clock import perf_seconds
from clarion.core.errors import Invalid

MOST = 64
"""Hosts with connections at a time. There are a handful of real services; the rest is what strangers make up."""
AT_ONCE = 100
"""Requests under way to one host."""
KEPT_SECONDS = 300.0
MOST_BYTES = 16_384
"""Of an answer. What strangers' hosts say is for people to read, and short."""
_RESOLVING_SECONDS = 5.0
_RESOLVERS = 16
_MOST_FAILED = 1_000

Resolve = Callable[[str, int], Sequence[str]]


class _Way:
    """Connections to one host. Its first request goes alone: whether one connection does for all is known after it."""

    def __init__(self, http: Http2, until: float) -> None:
        self.http = http
        self.until = until
        self.users = 0
        self.left = False
        self._begun = False
        self._known = asyncio.Event()
        self._room = asyncio.Semaphore(AT_ONCE)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if not self._begun:
            self._begun = True
            try:
                return await self.http.post(url, headers, body)
            finally:
                self._known.set()
        await self._known.wait()
        async with self._room:
            return await self.http.post(url, headers, body)


class Hosts:
    """POST requests to any host that `guard` lets pass."""

    def __init__(
        self,
        guard: Guard,
        *,
        authorities: str = "",
        timeout_seconds: float = 30,
        resolve: Resolve = addresses_of,
    ) -> None:
        self._guard = guard
        self._authorities = authorities
        self._timeout = timeout_seconds
        self._resolve = resolve
        self._names = _resolvers()
        self._failed: dict[tuple[str, int], int] = {}
        self._ways: OrderedDict[tuple[str, int], _Way] = OrderedDict()
        self._making: dict[tuple[str, int], asyncio.Task[_Way]] = {}

    async def close(self) -> None:
        """Let go of all connections; a later request makes new ones."""
        ways = list(self._ways.values())
        self._ways.clear()
        for way in ways:
            await way.http.close()
        names, self._names = self._names, _resolvers()
        names.shutdown(wait=False, cancel_futures=True)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer. Raises Unanswered when there is none, also for a URL that must not be asked."""
        try:
            target = self._guard.target(url)
        except Invalid as error:
            raise Unanswered(Outcome("permanent", f"the subscription's URL {error.message}")) from None
        way = await self._way(target)
        way.users += 1
        try:
            return await way.post(url, headers, body)
        except Unanswered as error:
            if error.all_of_them:
                self._look_again(target, way)
            raise
        finally:
            way.users -= 1
            if way.left and not way.users:
                await way.http.close()

    async def _way(self, target: Target) -> _Way:
        """The way to a host, which may be used until the next pause."""
        key = (target.host, target.port)
        while True:
            way = self._ways.get(key)
            if way is not None and perf_seconds() < way.until:
                self._ways.move_to_end(key)
                return way
            if key not in self._making:
                self._making[key] = asyncio.ensure_future(self._made(key, target))
                self._making[key].add_done_callback(lambda task: self._over(key, task))
            way = await asyncio.shield(self._making[key])
            if not way.left:  # others may have needed the room meanwhile
                return way

    def _look_again(self, target: Target, way: _Way) -> None:
        """No connection: perhaps the host is somewhere else by now, or another of its addresses is well."""
        if way.until:
            way.until = 0
            if len(self._failed) >= _MOST_FAILED:
                self._failed.clear()
            key = (target.host, target.port)
            self._failed[key] = self._failed.get(key, 0) + 1

    def _over(self, key: tuple[str, int], task: asyncio.Task[_Way]) -> None:
        self._making.pop(key, None)
        if not task.cancelled():
            task.exception()  # whoever waited has it

    async def _made(self, key: tuple[str, int], target: Target) -> _Way:
        try:
            # Not in the loop's own threads: names of strangers may take as long as they like.
            resolving = asyncio.get_running_loop().run_in_executor(self._names, self._resolve, *key)
            found = self._guard.admitted(target, await asyncio.wait_for(resolving, _RESOLVING_SECONDS))
            address = found[self._failed.get(key, 0) % len(found)]
        except CalloutFailed as error:
            raise Unanswered(Outcome("permanent", str(error))) from None
        except (OSError, UnicodeError, TimeoutError):
            raise Unanswered(Outcome("temporary", "the name of the subscription's host cannot be resolved")) from None
        pinned = (target.host, address, target.port)
        http = Http2(authorities=self._authorities, timeout_seconds=self._timeout, pinned=pinned, most=MOST_BYTES)
        await http.open()
        await self._leave(self._ways.pop(key, None))
        way = self._ways[key] = _Way(http, perf_seconds() + KEPT_SECONDS)
        while len(self._ways) > MOST:
            await self._leave(self._ways.popitem(last=False)[1])
        return way

    async def _leave(self, way: _Way | None) -> None:
        """Close it, now or when its last request is over."""
        if way is not None:
            way.left = True
            if not way.users:
                await way.http.close()


def _resolvers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_RESOLVERS, thread_name_prefix="web-push-names")
