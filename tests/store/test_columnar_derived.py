"""Tables that the store fills from the record."""

from __future__ import annotations

import pytest

from clarion.domain.events.columnar import ddl
from clarion.domain.events.model import EventRow
from clarion.domain.events.reported import ROWS, encode_rows
from clarion.domain.events.sink import sinks
from clarion.engine.log import LogRow
from clarion.store.columnar import Columnar
from clarion.store.columnar.derived import Derived, create

LAST = Derived(
    "last_seen",
    (
        "app_id String",
        "endpoint_key String",
        "arrival SimpleAggregateFunction(max, DateTime64(3, 'UTC'))",
        "stored SimpleAggregateFunction(max, DateTime)",
    ),
    "AggregatingMergeTree ORDER BY (app_id, endpoint_key)",
    "SELECT app_id, endpoint_key, arrival, stored FROM events WHERE event_type = 'seen'",
)
BATCH = [
    EventRow(app_id="a", event_type=type, event_id=f"{key}{at}", endpoint_key=key, ts=at, arrival=at)
    for key, at, type in (("x", 1000, "seen"), ("x", 3000, "seen"), ("y", 2000, "seen"), ("z", 2000, "other"))
]


@pytest.fixture
def record(columnar: Columnar) -> Columnar:
    for statement in ddl(90):
        columnar.command(statement)
    return columnar


def _take(columnar: Columnar, token: str) -> None:
    sinks(columnar)[ROWS].consume([LogRow(1, ROWS, encode_rows(BATCH), b"")], token)


def _seen(columnar: Columnar) -> list[tuple[object, ...]]:
    return columnar.query(
        "SELECT endpoint_key, toUnixTimestamp64Milli(max(arrival)) FROM last_seen GROUP BY 1 ORDER BY 1"
    )


SEEN = [("x", 3000), ("y", 2000)]


def test_takes_what_was_recorded_before_and_what_comes(record: Columnar) -> None:
    _take(record, "before")
    create(record, LAST, 90)
    assert _seen(record) == SEEN
    record.command("TRUNCATE TABLE last_seen")
    create(record, LAST, 30)
    assert _seen(record) == []
    _take(record, "after")
    assert _seen(record) == SEEN


def test_a_batch_repeated_after_a_crash_reaches_it(record: Columnar) -> None:
    create(record, LAST, 90)
    _take(record, "batch")
    # As if the process had been killed between the record and the view.
    record.command("TRUNCATE TABLE last_seen")
    _take(record, "batch")
    assert _seen(record) == SEEN
    assert record.query("SELECT count() FROM events") == [(len(BATCH),)]


def test_what_was_not_finished_is_finished(record: Columnar) -> None:
    _take(record, "before")
    create(record, LAST, 90)
    record.command("TRUNCATE TABLE last_seen")
    record.command(f"ALTER TABLE last_seen MODIFY COMMENT 'making {LAST.made_by}'")
    create(record, LAST, 90)
    assert _seen(record) == SEEN


def test_made_otherwise_it_is_made_anew(record: Columnar) -> None:
    create(record, LAST, 90)
    _take(record, "batch")
    create(record, LAST._replace(select=LAST.select.replace("'seen'", "'other'")), 90)
    assert _seen(record) == [("z", 2000)]
