"""Reading awaited events out of log rows: the same as everything they hold, but only what somebody waits for."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings

from clarion.domain.events.model import INTERNAL, EventRow, tokens
from clarion.domain.events.reported import (
    PUT,
    ROWS,
    Happened,
    Note,
    apps_in,
    encode,
    encode_rows,
    happened,
    note_of,
    rows_of,
)
from clarion.engine.log import LogRow
from tests.domain.events.bodies import batch, bodies
from tests.domain.events.test_sink import produced_rows, reported


def told(one: Happened | EventRow) -> tuple[object, ...]:
    """Either form of an event, as far as both have it."""
    kv = tokens(one.attributes) if isinstance(one, Happened) else one.kv
    about = one.campaign_id if one.system else ""
    names = (one.app_id, one.event_type, one.event_id, one.endpoint_key, one.user_id, about, one.trace_id)
    return (*names, one.arrival, one.system, kv, dict(one.metrics))


def as_stored(row: LogRow) -> list[tuple[object, ...]]:
    return [told(one) for one in rows_of(row) if one.event_type not in INTERNAL and one.system == (row.kind == ROWS)]


def put(raw: bytes) -> LogRow:
    request = reported(raw, user_id="u1")
    bare = LogRow(1, PUT, encode([request]), b"")
    types = {one.event_type for one in rows_of(bare)}
    return bare._replace(note=encode(Note(types={"app": types})))


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow],
)
@given(bodies)
def test_what_apps_reported(sent: dict[str, Any]) -> None:
    row = put(batch(sent))
    assert [told(one) for one in happened(row, lambda app, system, name: not system)] == as_stored(row)
    assert list(happened(row, lambda app, system, name: system)) == []


def test_what_the_product_recorded() -> None:
    rows = produced_rows()
    row = LogRow(1, ROWS, encode_rows(rows), note_of(rows))
    assert [told(one) for one in happened(row, lambda app, system, name: system)] == as_stored(row)
    some = list(happened(row, lambda app, system, name: system and name == "_email.delivered"))
    assert {one.event_type for one in some} <= {"_email.delivered"}
    assert apps_in([row]) == {one.app_id for one in rows}


def test_a_row_without_anything_awaited_is_not_opened() -> None:
    note = encode(Note(types={"app": {"seen"}}))
    assert list(happened(LogRow(1, PUT, b"not even JSON", note), lambda app, system, name: name == "bought")) == []
    assert list(happened(LogRow(1, "endpoints", b"", b""), lambda app, system, name: True)) == []
