"""A bind that is kept up.

    start ─> connecting ── refused, unreachable, no answer ──> waiting (back-off with jitter) ─> connecting …
                 │                                                ↑
                 └─ bound (`link`) ── lost, unbound, silent ──────┘
    stop ──> unbind, closed

It listens for what the SMSC delivers as long as it is bound, whether there is something to send or not.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Literal

import structlog

from clarion.channels.port import Outcome
from clarion.channels.sms.smpp import pdu, statuses
from clarion.channels.sms.smpp.config import VERSIONS, SmppConfig
from clarion.channels.sms.smpp.link import Link, Silence
from clarion.channels.sms.smpp.pdu import Bind, Pdu
from clarion.core.ids import Ids

Kind = Literal["transceiver", "transmitter", "receiver"]

_COMMANDS: dict[Kind, int] = {
    "transceiver": pdu.BIND_TRANSCEIVER,
    "transmitter": pdu.BIND_TRANSMITTER,
    "receiver": pdu.BIND_RECEIVER,
}
_FIRST_WAIT = 1.0
_STEADY_SECONDS = 10.0
_GOODBYE_SECONDS = 2.0

_log = structlog.get_logger(__name__)


class NotBound(Exception):
    """There is no bind; `outcome` is what a message comes to for it."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.detail)
        self.outcome = outcome


async def bind(
    config: SmppConfig,
    kind: Kind,
    tls: ssl.SSLContext | None,
    *,
    on_request: Callable[[Link, Pdu], None],
    on_change: Callable[[], None],
) -> Link:
    """A link that is bound. Raises NotBound."""
    link = Link(
        response_seconds=config.response_seconds,
        enquire_seconds=config.enquire_link_seconds,
        on_request=on_request,
        on_change=on_change,
    )
    try:
        await _connect(config, link, tls)
        version = VERSIONS[config.interface_version]
        body = Bind(
            system_id=config.system_id,
            password=config.password,
            system_type=config.system_type,
            interface_version=version,
            addr_ton=config.addr_ton,
            addr_npi=config.addr_npi,
            address_range=config.address_range,
        )
        answer = await link.ask(_COMMANDS[kind], body.encode())
        if isinstance(answer, Silence):
            raise NotBound(_unreachable(config, f"bind_{kind}: {answer.reason}"))
        if not link.bound:
            raise NotBound(statuses.not_bound(answer.status))
    except BaseException:
        link.abort("not bound")
        raise
    return link


async def _connect(config: SmppConfig, link: Link, tls: ssl.SSLContext | None) -> None:
    loop = asyncio.get_running_loop()
    name = config.host if tls else None
    try:
        async with asyncio.timeout(config.connect_seconds):
            await loop.create_connection(lambda: link, config.host, config.port, ssl=tls, server_hostname=name)
    except TimeoutError as error:
        raise NotBound(_unreachable(config, f"no connection within {config.connect_seconds:g} s")) from error
    except (OSError, ValueError) as error:
        raise NotBound(_unreachable(config, f"{error or type(error).__name__}")) from error


def _unreachable(config: SmppConfig, why: str) -> Outcome:
    return Outcome("temporary", f"{config.host}:{config.port}: {why}", blame="provider")


async def unbind(link: Link, reason: str) -> None:
    """Take leave and close; in no more than a few seconds whatever the SMSC does."""
    link.bound = False
    with suppress(TimeoutError):
        await asyncio.wait_for(link.ask(pdu.UNBIND), _GOODBYE_SECONDS)
    link.close(reason)
    await link.lost


class Session:
    """See above. `link` is there while it is bound, `failure` says why it is not, `trying` whether it may be soon."""

    def __init__(
        self,
        config: SmppConfig,
        kind: Kind,
        *,
        ids: Ids,
        on_request: Callable[[Link, Pdu], None],
        on_change: Callable[[], None],
    ) -> None:
        self.kind = kind
        self.link: Link | None = None
        self.trying = False
        self.failure = _unreachable(config, "not bound yet")
        self._config = config
        self._ids = ids
        self._on_request = on_request
        self._on_change = on_change
        self._task: asyncio.Task[None] | None = None
        self._steady_at = 0.0

    def start(self, tls: ssl.SSLContext | None) -> None:
        self.trying = True
        self._task = asyncio.create_task(self._keep(tls), name=f"smpp-{self.kind}")

    async def stop(self) -> None:
        """Unbind and be done; requests that wait for their answer get none."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task, self.trying = None, False
        self.failure = _unreachable(self._config, "closed")
        link, self.link = self.link, None
        if link is not None:
            await unbind(link, "closed")
        self._on_change()

    async def _keep(self, tls: ssl.SSLContext | None) -> None:
        failures = 0
        while True:
            self.trying = True
            failures = 0 if await self._once(tls) else failures + 1
            if failures:
                self.trying = False
                self._on_change()
                await asyncio.sleep(self._wait_seconds(failures))

    async def _once(self, tls: ssl.SSLContext | None) -> bool:
        """Bind and stay bound; answers whether that went on for a while, so that the next bind may come at once."""
        try:
            link = await bind(self._config, self.kind, tls, on_request=self._on_request, on_change=self._moved)
        except NotBound as error:
            self._failed(error.outcome)
            return False
        except Exception as error:
            _log.exception("smpp.failed", host=self._config.host)
            self._failed(_unreachable(self._config, type(error).__name__))
            return False
        self.link, self.trying = link, False
        self._steady_at = asyncio.get_running_loop().time() + _STEADY_SECONDS
        _log.info("smpp.bound", host=self._config.host, port=self._config.port, kind=self.kind)
        self._on_change()
        await asyncio.shield(link.lost)
        if self.link is link:  # it was lost before it was here
            self._moved()
        return self.trying

    def _moved(self) -> None:
        """A window has room, or the link is lost."""
        if self.link is not None and self.link.lost.done():
            self._failed(_unreachable(self._config, self.link.lost.result()))
            self.link = None
            self.trying = asyncio.get_running_loop().time() >= self._steady_at
        self._on_change()

    def _failed(self, outcome: Outcome) -> None:
        if outcome != self.failure:
            _log.warning("smpp.not_bound", kind=self.kind, problem=outcome.detail)
        self.failure = outcome

    def _wait_seconds(self, failures: int) -> float:
        """From half of it to all of it, doubling with each failure: an SMSC counts attempts."""
        longest = min(self._config.reconnect_seconds, _FIRST_WAIT * (1 << min(failures - 1, 20)))
        return longest * (0.5 + self._ids.jitter() / 2)
