"""The event streams of one process: read here what they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Protocol

from prometheus_client import CollectorRegistry

from clarion.channels.streaming import catalog
from clarion.channels.streaming.port import Destination
from clarion.core.clock import Clock
from clarion.core.ids import Ids
from clarion.core.settings import Settings
from clarion.domain.apps.service import Apps
from clarion.domain.events.people import EventsHolder
from clarion.domain.streams.capture import Capture
from clarion.domain.streams.control import StreamsControl
from clarion.domain.streams.delivery.courier import Tools
from clarion.domain.streams.delivery.pump import StreamsPump
from clarion.domain.streams.jobs import StreamsJobs
from clarion.domain.streams.metrics import BacklogMetrics, StreamMetrics
from clarion.domain.streams.operations import StreamsOperations
from clarion.domain.streams.people import StreamsHolder
from clarion.domain.streams.service import Streams
from clarion.engine.backoff import Backoff
from clarion.engine.jobs import Jobs
from clarion.engine.log import LogConsumer
from clarion.store.columnar import Columnar
from clarion.store.database import Database
from clarion.store.vault import Vault
from clarion.wire.control import ControlApi


class Base(Protocol):
    """What event streams stand on: parts of `System`."""

    settings: Settings
    clock: Clock
    real: Clock
    ids: Ids
    metrics: CollectorRegistry
    database: Database
    jobs: Jobs
    apps: Apps
    columnar: Columnar
    consumer: LogConsumer
    vault: Vault


FOLDER = "streams"
"""Folder of the data folder that `file://` destinations may always write to."""


class StreamParts:
    """The parts of event streams."""

    def __init__(self, base: Base) -> None:
        folder = Path(base.settings.data).absolute() / FOLDER
        outlets = _Outlets(
            catalog.Surroundings(settings=base.settings, clock=base.clock, ids=base.ids, folders=[folder])
        )
        self.streams = Streams(base.database, base.apps, outlets, base.vault, base.jobs, base.clock, base.ids)
        StreamsJobs(base.database, base.jobs, base.clock)
        settings, metrics = base.settings, StreamMetrics(base.metrics)
        bound = settings.stream_backlog_bytes
        base.metrics.register(BacklogMetrics(base.database, base.clock, bound))
        tools = Tools(
            database=base.database,
            open=self.streams.open,
            clock=base.clock,
            real=base.real,
            backoff=Backoff(base.ids),
            metrics=metrics,
            owner=base.ids.hex32(),
            hours=settings.stream_hours,
            stopping=Event(),
        )
        self.pump = StreamsPump(tools, bound=bound)
        self.streams.wake = self.pump.wake
        self.capture = Capture(base.database, base.clock, bound=bound, wake=self.pump.wake, lost=metrics.lost)
        base.consumer.followers.append(self.capture)
        self._control = StreamsControl(self.streams, base.clock, bound)
        self.holder = StreamsHolder(base.database, EventsHolder(base.columnar).redactors())

    def operations(self) -> Sequence[object]:
        """What is mounted on `pinpoint`."""
        return [StreamsOperations(self.streams)]

    def add_to(self, control: ControlApi) -> None:
        """Add the routes of the control API."""
        self._control.add_to(control)


class _Outlets:
    """See `domain.streams.service.Outlets`. The folder that files may always go to is made when one is to."""

    def __init__(self, surroundings: catalog.Surroundings) -> None:
        self._surroundings = surroundings

    def open(self, uri: str, *, role: str, account: str, app_id: str) -> Destination:
        if uri.startswith("file:"):
            for folder in self._surroundings.folders:
                folder.mkdir(parents=True, exist_ok=True)
        return catalog.open_destination(uri, role=role, account=account, app_id=app_id, surroundings=self._surroundings)

    def shown(self, uri: str) -> str:
        return catalog.shown(uri)
