from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clarion.core.clock import SystemClock, VirtualClock, parse_iso
from clarion.core.ids import SystemIds
from clarion.core.scope import Scope
from clarion.domain.apps.service import Apps
from clarion.domain.apps.tags import Tags
from clarion.domain.audience.service import Audience
from clarion.domain.audience.store import LOG_KIND
from clarion.domain.events.columnar import ddl
from clarion.domain.events.ingest.metrics import IngestMetrics
from clarion.domain.events.model import EventRow
from clarion.domain.events.queries import ROW, row_of
from clarion.domain.events.service import Events
from clarion.domain.events.sink import sinks
from clarion.engine.jobs import Jobs
from clarion.engine.log import LogConsumer, LogRow
from clarion.store.columnar import Columnar, open_columnar
from clarion.store.database import Database, open_database
from clarion.store.schema import metadata
from clarion.wire.context import Context
from tests.columnar import chdb_directory, chdb_url, clickhouse_front, clickhouse_url, columnar, columnar_url
from tests.databases import database, postgres_url, state_url

__all__ = [
    "chdb_directory",
    "chdb_url",
    "clickhouse_front",
    "clickhouse_url",
    "columnar",
    "columnar_url",
    "database",
    "postgres_url",
    "state_url",
]

NOW = "2027-03-04T09:15:03.008Z"


class _Elsewhere:
    """Stands for the sink of the endpoint mirror, which is the audience's."""

    def consume(self, rows: Sequence[LogRow], token: str) -> None:
        pass


class House:
    """The slice, built as the server builds it, with one project."""

    elsewhere = _Elsewhere()

    def __init__(self, database: Database, columnar: Columnar, *, new: bool = True) -> None:
        self.database, self.columnar = database, columnar
        self.clock, self.ids = VirtualClock(parse_iso(NOW)), SystemIds()
        database.write(metadata.create_all)
        for statement in ddl(90):
            columnar.command(statement)
        self.jobs = jobs = Jobs(database, self.clock)
        self.apps = Apps(database, Tags(database), jobs, clock=self.clock, ids=self.ids)
        self.audience = Audience(database, self.apps, jobs, clock=self.clock, ids=self.ids)
        self.metrics = IngestMetrics()
        self.events = self.open_events()
        self.consumer = self.open_consumer()
        self.scope = Scope("000000000001", "eu-central-1")
        self.app = self.apps.create(self.scope, "shop", None).app.id if new else ""

    def open_events(self) -> Events:
        """As in another process: nothing is remembered."""
        return Events(self.database, self.columnar, self.apps, self.audience, clock=self.clock, metrics=self.metrics)

    def open_consumer(self) -> LogConsumer:
        wanted = {LOG_KIND: self.elsewhere, **sinks(self.columnar)}
        return LogConsumer(self.database, wanted, real=SystemClock(), ids=self.ids, lease_seconds=1.0)

    def context(self, account: str = "000000000001") -> Context:
        scope = Scope(account, "eu-central-1")
        return Context(scope, self.ids.uuid(), "AKID", "admin", f"arn:aws:iam::{account}:user/AKID")

    def put(self, body: bytes, app: str | None = None) -> dict[str, Any]:
        """The answer as a client reads it."""
        answer = self.events.put(self.context(), app or self.app, body).result(10)
        decoded: dict[str, Any] = json.loads(msgspec.json.encode(answer))
        return decoded

    def stored(self) -> list[EventRow]:
        """Everything in the record, by endpoint and event id."""
        self.consumer.catch_up(20)
        sql = f"SELECT {ROW} FROM events ORDER BY endpoint_key, event_id"
        return [row_of(values) for values in self.columnar.query(sql)]

    def close(self) -> None:
        self.consumer.stop()


@pytest.fixture
def house(database: Database, chdb_url: str) -> Iterator[House]:
    """On each state database."""
    store = open_columnar(chdb_url)
    house = House(database, store)
    yield house
    house.close()
    store.close()


@pytest.fixture
def any_house(database: Database, columnar: Columnar) -> Iterator[House]:
    """On each pair of state database and columnar store."""
    house = House(database, columnar)
    yield house
    house.close()


@pytest.fixture(scope="module")
def _shared(tmp_path_factory: pytest.TempPathFactory, chdb_directory: Path) -> Iterator[House]:
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('state')}/state.db")
    store = open_columnar(f"chdb://{chdb_directory}?database=events_shared")
    house = House(database, store)
    yield house
    house.close()
    store.command("DROP DATABASE events_shared SYNC")
    store.close()
    database.close()


@pytest.fixture
def shared(_shared: House) -> House:
    """One for many small tests, emptied before each: SQLite and chDB."""
    _shared.app = _shared.apps.create(_shared.scope, "shop", None).app.id
    _shared.metrics = IngestMetrics()
    _shared.events = _shared.open_events()
    _shared.columnar.command("TRUNCATE TABLE events")
    return _shared
