"""Exports of the record: every event once, whatever happens on the way, in each format."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from clarion.core.clock import iso_ms
from clarion.core.errors import Conflict, Unavailable
from clarion.domain.events.model import SKIP, EventRow, tokens
from clarion.domain.events.records import encode_record, streamed
from clarion.domain.transfers.model import RecordExport, RecordFormat
from clarion.domain.transfers.record import jobs as exporting
from clarion.domain.transfers.record.windows import Which, windows
from tests.domain.transfers.desk import Desk
from tests.server.house import SCOPE

FOREVER = 2**41


@pytest.fixture
def rows(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[EventRow]:
    """Twenty events, many in one second, and some of another project; objects hold four."""
    monkeypatch.setattr(exporting, "PIECE", 4)
    now = desk.house.clock.now_ms()
    found = [
        EventRow(
            app_id=desk.app,
            event_type=SKIP if number == 7 else f"type-{number % 3}",
            event_id=str(number),
            endpoint_key=f"e{number}",
            endpoint_id=f"E{number}",
            ts=now - number,
            arrival=now - (1_000 if number < 6 else number * 977_000),
            system=number == 7,
            kv=tokens({"color": f"it's {number}"}),
            metric_names=["price"],
            metric_values=[number / 2],
        )
        for number in range(20)
    ]
    other = [EventRow(app_id="0" * 32, event_type="x", event_id="x", endpoint_key="x", ts=now, arrival=now - 5)]
    desk.house.database.write(lambda connection: desk.house.events.record(connection, [*found, *other]))
    return found


def export(desk: Desk, format: RecordFormat = "parquet", since: int = 0, until: int = FOREVER, **more: Any) -> str:
    wanted = RecordExport(url=f"file://{desk.files}/out", format=format, from_ms=since, until_ms=until, **more)
    return desk.house.transfers.create_record_export(SCOPE, desk.app, wanted).id


def status(desk: Desk, export_id: str) -> tuple[str, int]:
    job = desk.house.transfers.get(SCOPE, desk.app, "RECORD", export_id).job
    return job.status, job.processed


def files(desk: Desk) -> list[Path]:
    return sorted(path for path in desk.files.rglob("*") if path.is_file())


def ids(desk: Desk) -> list[str]:
    """The events in all Parquet files."""
    return sorted(
        (str(one["event_id"]) for path in files(desk) for one in pq.ParquetFile(path).read().to_pylist()), key=int
    )


def wanted(rows: list[EventRow]) -> list[str]:
    return [row.event_id for row in rows]


def test_every_event_once_as_parquet(desk: Desk, rows: list[EventRow]) -> None:
    export_id = export(desk)
    desk.house.settle()
    assert status(desk, export_id) == ("COMPLETED", 20)
    assert len(files(desk)) >= 5
    assert ids(desk) == wanted(rows)
    table = {one["event_id"]: one for path in files(desk) for one in pq.ParquetFile(path).read().to_pylist()}
    three = table["3"]
    assert (dict(three["attributes"]), dict(three["metrics"])) == ({"color": "it's 3"}, {"price": 1.5})
    assert iso_ms(round(three["arrival"].timestamp() * 1000)) == iso_ms(rows[3].arrival)


@pytest.mark.parametrize("format", ["jsonl", "jsonl.gz"])
def test_lines_are_the_records_of_the_stream(desk: Desk, rows: list[EventRow], format: RecordFormat) -> None:
    export_id = export(desk, format)
    desk.house.settle()
    lines = []
    for path in files(desk):
        assert path.name.endswith(f".{format}")
        content = path.read_bytes()
        lines += (gzip.decompress(content) if format == "jsonl.gz" else content).splitlines(keepends=True)
    streams = [row for row in rows if streamed(row)]
    assert sorted(map(json.loads, lines), key=str) == sorted(
        (json.loads(encode_record(row)) for row in streams), key=str
    )
    assert all(line.endswith(b"\n") for line in lines)
    assert status(desk, export_id) == ("COMPLETED", 19)


def test_a_range_and_some_types(desk: Desk, rows: list[EventRow]) -> None:
    since, until = rows[15].arrival, rows[9].arrival
    export(desk, since=since, until=until, event_types=["type-1", "type-2"])
    desk.house.settle()
    chosen = [row for row in rows if since <= row.arrival < until and row.event_type in ("type-1", "type-2")]
    assert ids(desk) == wanted(chosen)
    assert len(chosen) == 4


def test_nothing_to_export(desk: Desk) -> None:
    export_id = export(desk)
    desk.house.settle()
    assert status(desk, export_id) == ("COMPLETED", 0)
    assert files(desk) == []


def test_broken_off_in_the_middle(desk: Desk, rows: list[EventRow], monkeypatch: pytest.MonkeyPatch) -> None:
    """Once while an object is written, once between its last byte and the transaction that says so."""
    watched, commit = exporting.RecordExports._watched, exporting.RecordExports._commit
    whiles, afters = iter([False, True]), iter([False, False, True])

    def breaking(self: Any, job_id: str, first: Any, rest: Any) -> Iterator[Any]:
        yield from watched(self, job_id, first, rest)
        if next(whiles, False):
            raise Unavailable("killed")

    def forgetting(self: Any, *arguments: Any) -> None:
        if next(afters, False):
            raise Unavailable("killed")
        commit(self, *arguments)

    monkeypatch.setattr(exporting.RecordExports, "_watched", breaking)
    monkeypatch.setattr(exporting.RecordExports, "_commit", forgetting)
    export_id = export(desk)
    for _ in range(10):
        desk.house.advance(minutes=1)
    assert (next(whiles, None), next(afters, None)) == (None, None)
    assert status(desk, export_id) == ("COMPLETED", 20)
    assert ids(desk) == wanted(rows)
    assert not [path for path in desk.files.rglob("*") if path.name.startswith(".")]


def test_cancelled_in_the_middle(desk: Desk, rows: list[EventRow], monkeypatch: pytest.MonkeyPatch) -> None:
    watched = exporting.RecordExports._watched
    monkeypatch.setattr(exporting, "LOOK_SECONDS", -1.0)
    started: list[str] = []

    def cancelling(self: Any, job_id: str, first: Any, rest: Any) -> Iterator[Any]:
        started.append(job_id)
        if len(started) == 3:
            desk.house.transfers.cancel(SCOPE, desk.app, "RECORD", job_id)
        yield from watched(self, job_id, first, iter([*rest, first]))

    monkeypatch.setattr(exporting.RecordExports, "_watched", cancelling)
    export_id = export(desk)
    desk.house.settle()
    job = desk.house.transfers.get(SCOPE, desk.app, "RECORD", export_id).job
    assert (job.status, job.reason, job.pieces_done) == ("FAILED", "cancelled", 2)
    assert len(files(desk)) == 2
    with pytest.raises(Conflict):
        desk.house.transfers.cancel(SCOPE, desk.app, "RECORD", export_id)


def test_windows_hold_everything_once(desk: Desk, rows: list[EventRow]) -> None:
    desk.house.settle()
    for most in (1, 3, 7, 100):
        spans = windows(desk.house.columnar, Which(desk.app, []), 0, FOREVER, most)
        assert sum(span.events for span in spans) == 20
        assert all(one.until_ms <= other.from_ms for one, other in pairwise(spans))
        for span in spans:
            inside = [row for row in rows if span.from_ms <= row.arrival < span.until_ms]
            assert len(inside) == span.events
            assert len(inside) <= most or span.until_ms - span.from_ms <= 1_000


def test_a_deleted_projects_export_ends(desk: Desk, rows: list[EventRow]) -> None:
    export(desk)
    desk.house.apps.delete(SCOPE, desk.app)
    desk.house.settle()
    assert files(desk) == []
