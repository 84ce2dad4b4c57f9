"""Lanes: what moves messages from the outbox through a transport into the record.

One step of a lane is lease, hand over, record. Several lanes of a channel overlap those steps; they share the
transport and the channel's rate. A lane that died while handing over leaves rows behind that another takes
over, and `unrecorded_handover` decides whether their messages are handed over again or given up as unknown.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
import structlog

from clarion.channels.port import EmailOutgoing, Outcome, Transport
from clarion.core.clock import Clock
from clarion.core.ids import Ids
from clarion.core.settings import Settings
from clarion.domain.messaging import outbox
from clarion.domain.messaging.model import Envelope, decode_envelope
from clarion.domain.messaging.outcomes import Outcomes
from clarion.engine.backoff import Backoff
from clarion.engine.jobs import Jobs
from clarion.engine.leases import Leases
from clarion.engine.rates import TokenBucket
from clarion.store.database import Database

BATCH = 500

_log = structlog.get_logger(__name__)


class TransportLoop:
    """A transport on an event loop of its own, callable from the lanes' threads."""

    def __init__(self, transport: Transport[Any]) -> None:
        self.transport = transport
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"transport-{transport.name}", daemon=True)

    def open(self) -> None:
        """Start the loop and make the transport ready."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.transport.open(), self._loop).result()

    def send(self, messages: Sequence[EmailOutgoing]) -> list[Outcome]:
        """Hand a batch over and wait for what came of it."""
        return asyncio.run_coroutine_threadsafe(self.transport.send(messages), self._loop).result()

    def close(self) -> None:
        """Close the transport and stop the loop."""
        asyncio.run_coroutine_threadsafe(self.transport.close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
