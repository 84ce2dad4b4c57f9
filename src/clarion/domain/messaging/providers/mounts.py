"""Transports at work: many on one event loop, opened by their first message, replaced when their config changes.

A transport that was replaced goes on until the batches that it has in hand are through, and is closed then: so a
credential can rotate in the middle of a campaign.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future, wait
from functools import partial
from typing import Any, TypeVar

import structlog

from clarion.channels.port import Outcome, Outgoing, Transport
from clarion.channels.provider import Finding
from clarion.core.errors import ClarionError

T = TypeVar("T")

_CLOSING_SECONDS = 10.0

_log = structlog.get_logger(__name__)


class _Mounted:
    def __init__(self, version: object, transport: Transport[Any]) -> None:
        self.version = version
        self.transport = transport
        self.users = 0
        self.opened = False
        self.opening = threading.Lock()
        self.retired = False


class Mounts:
    """The transports of one channel; `name` is that of the thread they live on."""

    def __init__(self, name: str, most: int = 500) -> None:
        self._name = name
        self._most = most
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._mounted: dict[str, _Mounted] = {}
        self._closing: set[Future[None]] = set()
        self._told: dict[str, str] = {}

    def send(
        self, key: str, version: object, build: Callable[[], Transport[Any]], messages: Sequence[Outgoing]
    ) -> list[Outcome]:
        """Hand messages over by the transport of a key, built anew if what it was built from has another version."""
        try:
            mounted = self._use(key, version, build)
        except (ClarionError, OSError, ValueError) as error:
            problem = getattr(error, "message", str(error))
            return [Outcome("temporary", f"it does not start: {problem}", blame="credentials")] * len(messages)
        try:
            return self._await(mounted.transport.send(messages))
        finally:
            self._leave(mounted)

    def open(self, key: str, version: object, build: Callable[[], Transport[Any]]) -> None:
        """Have the transport of a key open, so that things can come in. A failure is logged once while it lasts."""
        try:
            self._leave(self._use(key, version, build))
        except (ClarionError, OSError, ValueError) as error:
            problem = getattr(error, "message", str(error))
            if self._told.get(key) != problem:
                self._told[key] = problem
                _log.warning("providers.cannot_open", provider=key, error=problem)
        else:
            self._told.pop(key, None)

    def check(self, build: Callable[[], Transport[Any]]) -> list[Finding]:
        """What a transport of its own, which exists for this alone, finds out about its credentials."""
        try:
            transport = build()
        except (ClarionError, OSError, ValueError) as error:
            return [Finding("error", f"it does not start: {getattr(error, 'message', str(error))}")]
        ask = getattr(transport, "check", None)
        if ask is None:
            return [Finding("ok", "this kind of provider cannot be asked without sending something")]

        async def look() -> list[Finding]:
            await transport.open()
            try:
                return list(await ask())
            finally:
                await transport.close()

        try:
            return self._await(look())
        except Exception as error:
            return [Finding("error", f"{type(error).__name__}: {error}")]

    def keep(self, keys: set[str]) -> None:
        """Let go of the transports of all other keys."""
        with self._lock:
            gone = [self._mounted.pop(key) for key in self._mounted.keys() - keys]
        for mounted in gone:
            self._retire(mounted)

    def close(self) -> None:
        """Close every transport and end the thread."""
        with self._lock:
            mounted, self._mounted = list(self._mounted.values()), {}
        for one in mounted:
            self._end(one)
        with self._lock:
            closing = list(self._closing)
            loop, thread, self._loop = self._loop, self._thread, None
        if loop is None or thread is None:
            return
        wait(closing, _CLOSING_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    def _use(self, key: str, version: object, build: Callable[[], Transport[Any]]) -> _Mounted:
        old = None
        with self._lock:
            mounted = self._mounted.get(key)
            if mounted is None or mounted.version != version:
                old, mounted = mounted, _Mounted(version, build())
            self._mounted.pop(key, None)
            self._mounted[key] = mounted  # the last one used is the last one to go
            mounted.users += 1
            idle = [name for name, one in self._mounted.items() if not one.users][: len(self._mounted) - self._most]
            gone = [self._mounted.pop(name) for name in idle] if len(self._mounted) > self._most else []
        for one in (*gone, *([old] if old is not None else [])):
            self._retire(one)
        try:
            with mounted.opening:
                if not mounted.opened:
                    self._await(mounted.transport.open())
                    mounted.opened = True
        except BaseException:
            self._leave(mounted)
            raise
        return mounted

    def _leave(self, mounted: _Mounted) -> None:
        with self._lock:
            mounted.users -= 1
            over = mounted.retired and not mounted.users
        if over:
            self._end(mounted)

    def _retire(self, mounted: _Mounted) -> None:
        with self._lock:
            mounted.retired = True
            over = not mounted.users
        if over:
            self._end(mounted)

    def _end(self, mounted: _Mounted) -> None:
        """Begin to close it, and wait for nobody: saying goodbye may take as long as a call does."""
        if mounted.opened:
            mounted.opened = False
            closing = asyncio.run_coroutine_threadsafe(mounted.transport.close(), self._running())
            with self._lock:
                self._closing.add(closing)
            closing.add_done_callback(partial(self._closed, mounted.transport.name))

    def _closed(self, name: str, closing: Future[None]) -> None:
        with self._lock:
            self._closing.discard(closing)
        if not closing.cancelled() and (error := closing.exception()) is not None:
            _log.error("providers.close_failed", transport=name, error=f"{type(error).__name__}: {error}")

    def _await(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._running()).result()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name=self._name, daemon=True)
                self._thread.start()
            return self._loop
