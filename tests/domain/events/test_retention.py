"""Old events go, project by project, and nothing else does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clarion.core.clock import DAY_MS, SystemClock
from clarion.core.errors import NotFound
from clarion.domain.analytics.kept import MESSAGES
from clarion.domain.events import produced
from clarion.domain.events.model import EventRow
from clarion.domain.events.produced import Mail, Subject
from clarion.domain.events.reported import ROWS, encode_rows
from clarion.domain.events.retention.jobs import RetentionJobs
from clarion.domain.events.retention.service import Retention
from clarion.domain.events.sink import sinks
from clarion.engine.log import LogRow
from clarion.engine.pumps import Engine
from clarion.engine.workers import JobsPump
from clarion.store.columnar.derived import create
from tests.domain.events.conftest import House

DAYS = 90


class Kept:
    """Projects whose events are told by how many days old they are."""

    def __init__(self, house: House) -> None:
        self.house = house
        create(house.columnar, MESSAGES, DAYS)
        self.retention = Retention(house.database, house.apps, house.jobs, house.clock, DAYS)
        RetentionJobs(house.database, house.columnar, self.retention, house.jobs, house.clock, [MESSAGES])
        pump = JobsPump(house.database, house.jobs, clock=house.clock, real=SystemClock(), ids=house.ids)
        self._engine = Engine([pump], house.clock, house.ids)
        self._begun = house.clock.now_ms()

    def project(self) -> str:
        """With an event and a message of today, and of so many days ago."""
        app = self.house.apps.create(self.house.scope, "one", None).app.id
        rows = []
        for age in (0, 20, 40, 100, 200):
            at = self._begun - age * DAY_MS
            rows.append(EventRow(app_id=app, event_type="seen", event_id=str(age), endpoint_key="e", ts=at, arrival=at))
            about = Subject(account="1", app_id=app, endpoint_id="e", message_id=str(age))
            mail = Mail(message_id=str(age), sent_ms=at, from_address="a@b.c", destination=[], subject="")
            rows.append(produced.email(about, "send", mail, at_ms=at))
        sinks(self.house.columnar)[ROWS].consume([LogRow(1, ROWS, encode_rows(rows), b"")], app)
        return app

    def write(self, app: str, days: int | None) -> None:
        self.retention.write(self.house.scope, app, days)

    def settle(self) -> None:
        self._engine.settle(30)

    def advance(self, days: int) -> None:
        self._engine.advance(self.house.clock.now() + timedelta(days=days))

    def left(self, app: str) -> list[int]:
        """How old the events are that are there, in days, as of the beginning; messages are as old."""
        sql = "SELECT toInt64(intDiv({now:Int64} - toUnixTimestamp64Milli(ts), 86400000)) AS age FROM %s"
        given = {"app": app, "now": self._begun}
        seen, sent = (
            self.house.columnar.query(f"{sql % table} WHERE app_id = {{app:String}}{more} ORDER BY age", given)
            for table, more in (("events", " AND NOT system"), ("messages", ""))
        )
        assert seen == sent
        return [int(str(age)) for (age,) in seen]


@pytest.fixture
def kept(any_house: House) -> Kept:
    return Kept(any_house)


def test_old_events_go_and_nothing_else_does(kept: Kept) -> None:
    short, long, plain = kept.project(), kept.project(), kept.project()
    kept.write(short, 30)
    kept.settle()
    assert (kept.left(short), kept.left(plain)) == ([0, 20], [0, 20, 40, 100, 200])
    # Once somebody's are kept for longer than the settings say, the settings are seen to by the same job.
    kept.write(long, 150)
    kept.settle()
    assert [kept.left(app) for app in (short, long, plain)] == [[0, 20], [0, 20, 40, 100], [0, 20, 40]]
    kept.advance(days=11)
    assert [kept.left(app) for app in (short, long, plain)] == [[0], [0, 20, 40, 100], [0, 20, 40]]
    kept.advance(days=40)
    assert [kept.left(app) for app in (short, long, plain)] == [[], [0, 20, 40], [0, 20]]


def test_the_store_keeps_as_long_as_anybody(kept: Kept) -> None:
    def said() -> list[bool]:
        found = kept.house.columnar.query(
            "SELECT create_table_query LIKE '%toIntervalDay(150)%' FROM system.tables"
            " WHERE database = currentDatabase() AND name IN ('events', 'messages') ORDER BY name"
        )
        return [bool(one) for (one,) in found]

    app = kept.project()
    kept.write(app, 150)
    kept.settle()
    assert said() == [True, True]
    assert kept.retention.of(app) == 150
    kept.write(app, None)
    kept.settle()
    assert said() == [False, False]
    assert kept.retention.of(app) == DAYS


def test_unknown_and_deleted_projects(kept: Kept) -> None:
    app = kept.project()
    with pytest.raises(NotFound):
        kept.write("0" * 32, 30)
    kept.write(app, 30)
    kept.house.jobs.register("apps.erase", lambda job: None)
    kept.house.apps.delete(kept.house.scope, app)
    assert kept.retention.of(app) == DAYS
