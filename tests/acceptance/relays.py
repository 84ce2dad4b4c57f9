"""A mail relay beside the server under test, which can be told to misbehave."""

from __future__ import annotations

import asyncio
import threading

from tests.channels.servers import Answer, Drop, Hang, Received, Script


class Relay:
    """A scripted relay on a thread of its own, whose manners can be changed and which can go away and come back."""

    def __init__(self) -> None:
        self.manners = "good"
        self._script = Script(self._answer)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = 0
        self.open()

    @property
    def received(self) -> list[Received]:
        return self._script.received

    @property
    def asked(self) -> int:
        """How often anything was said to it."""
        return len(self._script.log)

    def open(self) -> None:
        """Listen, on the same port as before."""
        self._serving = self._script.serve(self.port)
        self.port = asyncio.run_coroutine_threadsafe(self._serving.__aenter__(), self._loop).result(10)

    def close(self) -> None:
        """Connections are refused, and those that are open break."""
        asyncio.run_coroutine_threadsafe(self._serving.__aexit__(None, None, None), self._loop).result(10)

    def end(self) -> None:
        self.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _answer(self, step: str, argument: str, connection: int, message: int) -> Answer:
        match self.manners, step:
            case "hangs at once", "CONNECT":
                return Hang()
            case "hangs in the middle", "DATA":
                return Hang()
            case "drops at once", "CONNECT":
                return Drop()
            case "drops in the middle", "RCPT" if message > 2:
                return Drop()
            case "drops content", "READ":
                return Drop(after=10)
            case "busy", "CONNECT":
                return "421 4.3.2 too busy"
            case "greylists", "RCPT":
                return "451 4.7.1 come back later"
            case "unknown users", "RCPT" if "e0" in argument:
                return "550 5.1.1 no such user"
            case "policy", "CONTENT":
                return "554 5.7.1 rejected by policy"
        return None
