"""The columnar tables for tests, and how people get into them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

import msgspec

from clarion.core.clock import iso, to_ms
from clarion.domain.audience import columnar as endpoint_tables
from clarion.domain.events import columnar as event_tables
from clarion.domain.segments import columnar as segment_tables
from clarion.domain.segments.build import Condition, build
from clarion.domain.segments.model import Definition, Segment
from clarion.domain.segments.optimise import optimise
from clarion.domain.segments.parse import parse
from clarion.shapes.pinpoint import SegmentDimensions, SegmentGroupList, SegmentType
from clarion.store.columnar import Columnar
from tests.domain.segments.evaluate import Person

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def create(columnar: Columnar) -> None:
    for statement in (*endpoint_tables.DDL, *event_tables.ddl(90), *segment_tables.DDL):
        columnar.command(statement)


def load(
    columnar: Columnar,
    app_id: str,
    people: Iterable[Person],
    lists: Mapping[tuple[str, int], list[tuple[str, str]]] | None = None,
    *,
    version: int = 1,
    deleted: bool = False,
) -> None:
    """Write people, their events and the rows of imported segments."""
    people = list(people)
    rows = [{**_row(app_id, person), "version": version, "deleted": int(deleted)} for person in people]
    columnar.insert_json("endpoints", _lines(rows), token=f"endpoints {app_id} {version}")
    events = [
        {
            "app_id": app_id,
            "event_type": event.kind,
            "event_id": f"{person.key} {event.id or number}",
            "endpoint_key": person.key,
            "system": event.system,
            "arrival": iso(event.at),
            "kv": [f"{name}\x1f{value}" for name, value in event.attributes.items()],
            "metric_names": list(event.metrics),
            "metric_values": list(event.metrics.values()),
        }
        for person in people
        for number, event in enumerate(person.events)
    ]
    columnar.insert_json("events", _lines(events), token=f"events {app_id} {version}")
    listed = [
        {"segment_id": segment, "version": number, "endpoint_key": key, "user_id": user}
        for (segment, number), members in (lists or {}).items()
        for key, user in members
    ]
    columnar.insert_json("segment_imports", _lines(listed), token=f"imports {app_id} {version}")


def _row(app_id: str, person: Person) -> dict[str, object]:
    columns = ("user_id", "channel_type", "address", "opt_out", "status", "timezone")
    columns += ("app_version", "make", "model", "platform", "country", "cohort")
    return {
        "app_id": app_id,
        "endpoint_key": person.key,
        "endpoint_id": person.key.upper(),
        **{column: getattr(person, column) for column in columns},
        "latitude": person.latitude,
        "longitude": person.longitude,
        "effective": iso(person.effective),
        "attributes": _tokens(person.attributes),
        "user_attributes": _tokens(person.user_attributes),
        "metric_names": list(person.metrics),
        "metric_values": list(person.metrics.values()),
    }


def _tokens(attributes: Mapping[str, list[str]]) -> list[str]:
    return [f"{name}\x1f{value}" for name, values in attributes.items() for value in values]


def _lines(rows: list[dict[str, object]]) -> bytes:
    return b"\n".join(msgspec.json.encode(row) for row in rows)


def segment(
    definition: SegmentDimensions | SegmentGroupList | None = None,
    *,
    id: str = "subject",
    version: int = 1,
    kind: SegmentType = "DIMENSIONAL",
    app_id: str = "app",
) -> Segment:
    """A segment as stored; without a definition an imported one."""
    return Segment(
        app_id=app_id,
        id=id,
        kind=kind if definition is not None else "IMPORT",
        version=version,
        created_ms=0,
        modified_ms=0,
        definition=Definition(
            dimensions=definition if isinstance(definition, SegmentDimensions) else None,
            groups=definition if isinstance(definition, SegmentGroupList) else None,
        ),
    )


def compiled(
    subject: Segment,
    find: Callable[[str, int | None], Segment | None] = lambda _id, _version: None,
    *,
    among: bool = False,
) -> Condition:
    """The condition of a segment at NOW."""
    return build(optimise(parse(subject, find)), app_id=subject.app_id, now_ms=to_ms(NOW), among=among)
