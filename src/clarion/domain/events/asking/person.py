"""What one person did and was sent, newest first: events one by one, what the product did message by message."""

from __future__ import annotations

from typing import NamedTuple

from clarion.domain.audience.people.holder import Person
from clarion.domain.audience.people.rows import PeopleRows
from clarion.domain.events.model import PLANNED, EventRow
from clarion.domain.events.people import told
from clarion.domain.events.queries import ROW, row_of
from clarion.store.columnar import Columnar


class Place(NamedTuple):
    """Where something stands in a timeline: its moment (Unix ms), and what tells things of one moment apart."""

    at_ms: int
    id: str


class Period(NamedTuple):
    """What is asked for: what stands behind a place (that is: is older), but is not older than a moment."""

    before: Place
    since_ms: int


# A device's clock may be ahead; nothing happened after it was told.
_AT = "toUnixTimestamp64Milli(least(ts, arrival)) AS at"
_EVENT = "concat('e', endpoint_key, ' ', event_id) AS place"
_MESSAGE = "if(message_id != '', concat('m', message_id), concat('n', event_type, ' ', event_id)) AS place"
_OLDER = "({at}, place) < ({{before:Int64}}, {{before_id:String}}) AND {at} >= {{since:Int64}}"
_OWN = " AND system AND event_type != {planned:String}"


class PersonRecord:
    """The record as it is about single people."""

    def __init__(self, columnar: Columnar) -> None:
        self._rows = PeopleRows(columnar, "events", told)

    def reported(self, person: Person, period: Period, most: int) -> list[tuple[Place, EventRow]]:
        """The last events that apps reported of a person; each once, however often it was recorded."""
        more = (
            f" AND NOT system AND {_OLDER.format(at='at')} ORDER BY at DESC, place DESC"
            " LIMIT 1 BY place LIMIT {most:UInt32}"
        )
        rows = self._rows.read(f"{_AT}, {_EVENT}, {ROW}", person, more, {**_given(period), "most": most})
        return [(Place(int(at), str(place)), row_of(values)) for at, place, *values in rows]

    def handled(self, person: Person, period: Period, most: int) -> list[tuple[Place, list[EventRow]]]:
        """The last messages to a person, and refusals of one; each with all that was recorded of it, oldest first."""
        more = (
            f"{_OWN} GROUP BY place HAVING {_OLDER.format(at='at')} ORDER BY at DESC, place DESC LIMIT {{most:UInt32}}"
        )
        given = {**_given(period), "most": most, "planned": PLANNED}
        found = self._rows.read(f"toUnixTimestamp64Milli(min(arrival)) AS at, {_MESSAGE}", person, more, given)
        if not found:
            return []
        rows: dict[str, list[EventRow]] = {str(place): [] for _, place in found}
        several = f"{_OWN} AND place IN {{places:Array(String)}} ORDER BY arrival, event_type, event_id"
        wanted = {"planned": PLANNED, "places": list(rows)}
        for place, *values in self._rows.read(f"{_MESSAGE}, {ROW}", person, several, wanted):
            rows[str(place)].append(row_of(values))
        return [(Place(int(at), str(place)), rows[str(place)]) for at, place in found]


def _given(period: Period) -> dict[str, object]:
    return {"before": period.before.at_ms, "before_id": period.before.id, "since": period.since_ms}
