"""Where a transport lives: on an event loop of its own, as lanes are threads and transports are not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

from clarion.channels.port import Outcome, Outgoing, Transport


class TransportLoop:
    """A transport on an event loop of its own, callable from the lanes' threads; opened by the first message."""

    def __init__(self, transport: Transport[Any]) -> None:
        self.transport = transport
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._is_open = False

    def send(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Hand a batch over and wait for what came of it."""
        loop = self._opened()
        return asyncio.run_coroutine_threadsafe(self.transport.send(messages), loop).result()

    def close(self) -> None:
        """Close the transport and stop the loop."""
        with self._lock:
            if self._loop is None or self._thread is None:
                return
            if self._is_open:
                asyncio.run_coroutine_threadsafe(self.transport.close(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
            self._loop = None

    def _opened(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                name = f"transport-{self.transport.channel}-{self.transport.name}"
                self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
                self._thread.start()
            if not self._is_open:
                asyncio.run_coroutine_threadsafe(self.transport.open(), self._loop).result()
                self._is_open = True
            return self._loop
