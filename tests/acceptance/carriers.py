"""An SMSC beside the server under test, on a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from tests.channels.sms.smsc import Reply, Smsc


class Carrier:
    """`manners(command, connection, number)` may be changed at any time; see `Smsc.answer`."""

    def __init__(self) -> None:
        self.manners: Callable[[str, int, int], Reply] = lambda command, connection, number: None
        self.smsc = Smsc(lambda *given: self.manners(*given))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._serving = self.smsc.serve()
        self.port = asyncio.run_coroutine_threadsafe(self._serving.__aenter__(), self._loop).result(10)

    @property
    def bound(self) -> bool:
        return any(link.bound for link in list(self.smsc.links.values()))

    def submitted(self) -> list[Any]:
        return self.smsc.got("submit_sm")

    def deliver(self, **members: Any) -> int:
        """Deliver something on the newest connection; answers the command_status of the response."""
        return asyncio.run_coroutine_threadsafe(self.smsc.deliver(**members), self._loop).result(20)

    def end(self) -> None:
        asyncio.run_coroutine_threadsafe(self._serving.__aexit__(None, None, None), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
