"""Being known to a trunk that wants to know us: REGISTER, again before it runs out. Source: RFC 3261, 10."""

from __future__ import annotations

import asyncio

import structlog

from clarion.channels.voice.sip.agent import UserAgent
from clarion.channels.voice.sip.message import Address, Response
from clarion.channels.voice.sip.transactions import NoAnswer

EXPIRES = 300
_AGAIN_SECONDS = 30.0
_log = structlog.get_logger(__name__)


class Registration:
    """Keeps an agent registered while `open`; a trunk that refuses is asked again every half minute."""

    def __init__(self, agent: UserAgent, *, again: float = _AGAIN_SECONDS) -> None:
        self._agent = agent
        self._again = again
        self._keeping: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin."""
        if self._keeping is None:
            self._keeping = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Stop, and take the registration back."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
            self._keeping = None
            try:
                await asyncio.wait_for(self.ask(0), 4 * self._agent.timers.t1)
            except (NoAnswer, OSError, TimeoutError):
                return

    async def ask(self, expires: int = EXPIRES) -> Response:
        """One registration. Raises NoAnswer, OSError."""
        trunk = self._agent.trunk
        return await self._agent.ask("REGISTER", f"sip:{trunk.domain or trunk.host}", [("expires", str(expires))])

    async def _keep(self) -> None:
        wanted = EXPIRES
        while True:
            try:
                response = await self.ask(wanted)
            except (NoAnswer, OSError) as error:
                _log.warning("voice.sip.not_registered", trunk=self._agent.trunk.host, error=str(error))
                await asyncio.sleep(self._again)
                continue
            if response.status == 423:
                least = response.get("min-expires")
                wanted = min(int(least), 86_400) if least.isascii() and least.isdigit() and len(least) < 6 else wanted
            if response.status >= 300:
                _log.warning("voice.sip.not_registered", trunk=self._agent.trunk.host, status=response.status)
            await asyncio.sleep(self._again if response.status >= 300 else granted(response, wanted) / 2)


def granted(response: Response, wanted: int) -> int:
    """For how many seconds we are registered."""
    contact = Address.read(next(iter(response.all("contact")), ""))
    told = contact.parameters.get("expires") or response.get("expires")
    return max(int(told), 10) if told.isascii() and told.isdigit() and len(told) < 7 else wanted
