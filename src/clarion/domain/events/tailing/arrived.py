"""What has newly come into the record, told by the moment of its storing (`columnar`, column `seen`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from clarion.domain.events.model import PLANNED, EventRow
from clarion.domain.events.queries import ROW, row_of
from clarion.store.columnar import Columnar


class Wanted(NamedTuple):
    """Events of these projects: of some types if any are named, of one endpoint unless that is None."""

    app_ids: Sequence[str]
    event_types: Sequence[str]
    endpoint_key: str | None


class Arrived(NamedTuple):
    """The newest ones, oldest first; how many there were in all; and the moment of the last (Unix µs)."""

    rows: list[EventRow]
    number: int
    last_us: int


# The longest look back; and rows from before the column, which have no moment of their own, are known by `stored`.
_LATELY = "stored >= now() - INTERVAL 1 DAY AND stored >= fromUnixTimestamp64Micro({after:Int64}) - INTERVAL 1 SECOND"


def arrived(columnar: Columnar, wanted: Wanted, after_us: int, most: int) -> Arrived:
    """At most `most` events that were stored after that moment, of the last day."""
    conditions = [
        "app_id IN {apps:Array(String)}",
        "event_type != {planned:String}",
        "seen > fromUnixTimestamp64Micro({after:Int64}, 'UTC')",
        _LATELY,
    ]
    given: dict[str, object] = {"apps": list(wanted.app_ids), "planned": PLANNED, "after": after_us}
    if wanted.event_types:
        conditions.append("event_type IN {types:Array(String)}")
        given["types"] = list(wanted.event_types)
    if wanted.endpoint_key is not None:
        conditions.append("endpoint_key = {endpoint:String}")
        given["endpoint"] = wanted.endpoint_key
    where = " AND ".join(conditions)
    ((count, last),) = columnar.query(
        f"SELECT count(), toUnixTimestamp64Micro(max(seen)) FROM events WHERE {where}",  # noqa: S608 - constants
        given,
    )
    number, last_us = int(str(count)), int(str(last))
    if not number:
        return Arrived([], 0, after_us)
    rows = columnar.query(
        f"SELECT {ROW} FROM events WHERE {where} AND seen <= fromUnixTimestamp64Micro({{last:Int64}}, 'UTC')"  # noqa: S608
        " ORDER BY seen DESC, arrival DESC, ts DESC, event_id DESC LIMIT {most:UInt32}",
        {**given, "last": last_us, "most": most},
    )
    return Arrived([row_of(values) for values in reversed(rows)], number, last_us)
