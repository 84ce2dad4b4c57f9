"""The event streams of one process: read here what they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from prometheus_client import CollectorRegistry

from clarion.channels.streaming import catalog
from clarion.channels.streaming.port import Destination
from clarion.core.clock import Clock
from clarion.core.ids import Ids
from clarion.core.settings import Settings
from clarion.domain.apps.service import Apps
from clarion.domain.streams.jobs import StreamsJobs
from clarion.domain.streams.operations import StreamsOperations
from clarion.domain.streams.service import Streams
from clarion.engine.jobs import Jobs
from clarion.engine.log import LogConsumer
from clarion.store.database import Database
from clarion.store.vault import Vault


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
    consumer: LogConsumer
    vault: Vault


FOLDER = "streams"
"""Folder of the data folder that `file://` destinations may always write to."""


class StreamParts:
    """The parts of event streams."""

    def __init__(self, base: Base) -> None:
        folder = Path(base.settings.data).absolute() / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        outlets = _Outlets(
            catalog.Surroundings(settings=base.settings, clock=base.clock, ids=base.ids, folders=[folder])
        )
        self.streams = Streams(base.database, base.apps, outlets, base.vault, base.jobs, base.clock, base.ids)
        StreamsJobs(base.database, base.jobs, base.clock)

    def operations(self) -> Sequence[object]:
        """What is mounted on `pinpoint`."""
        return [StreamsOperations(self.streams)]


class _Outlets:
    """See `domain.streams.service.Outlets`."""

    def __init__(self, surroundings: catalog.Surroundings) -> None:
        self._surroundings = surroundings

    def open(self, uri: str, *, role: str, account: str, app_id: str) -> Destination:
        return catalog.open_destination(uri, role=role, account=account, app_id=app_id, surroundings=self._surroundings)

    def shown(self, uri: str) -> str:
        return catalog.shown(uri)
