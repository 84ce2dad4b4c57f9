"""Calls: what becomes of them, and whoever keeps something about people."""

from __future__ import annotations

from typing import Protocol

from prometheus_client import CollectorRegistry

from clarion.core.clock import Clock
from clarion.domain.apps.service import Apps
from clarion.domain.audience.people.holder import Holder
from clarion.domain.events.service import Events
from clarion.domain.messaging.feedback import dialled
from clarion.domain.messaging.feedback.calls import Calls, Metrics
from clarion.domain.messaging.feedback.desk import Desk
from clarion.domain.messaging.feedback.dialled import CallsHolder
from clarion.domain.messaging.service import Messaging
from clarion.engine.jobs import Jobs
from clarion.store.database import Database


class Base(Protocol):
    """What calls stand on: parts of `System`."""

    clock: Clock
    metrics: CollectorRegistry
    database: Database
    jobs: Jobs
    apps: Apps
    events: Events
    messaging: Messaging


class VoiceParts:
    """The parts. `receive` comes once there are lanes."""

    def __init__(self, base: Base) -> None:
        self._database = base.database
        self.calls = Calls(base.database, base.events, base.jobs, base.clock, Metrics(base.metrics))
        base.messaging.on_settled(self.calls.expect)
        base.apps.eraser(dialled.erase)

    def receive(self, desk: Desk) -> None:
        """Take in what providers tell, and have the engine's worker deal with it."""
        self.calls.register()
        desk.on_calls(self.calls.take)

    def holders(self) -> tuple[Holder, ...]:
        """Whoever keeps something about people."""
        return (CallsHolder(self._database),)
