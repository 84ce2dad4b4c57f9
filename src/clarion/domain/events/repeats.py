"""Which reported events were recorded more than once: clients send again what they think was lost.

To tell all events apart whenever they are counted takes seconds for a large app, and hardly any was recorded twice. So
the store remembers those that were (`event_repeats`), and figures look for them alone. An event is known by endpoint
and id, on its day (UTC): apps use ids again. That one is named too many does no harm; none may be missing.

Whoever counts catches up first: what was stored since the last look is looked for among all events of the same days.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import NamedTuple

from clarion.store.columnar import DURABLE, Columnar

TABLE = "event_repeats"
HASH = "event_hash"
"""The column of `events` by which one is known."""

REPEATED = f"{HASH} IN (SELECT id FROM {TABLE} WHERE app_id = {{app:String}})"  # noqa: S608 - constants
"""The condition that an event may have been recorded more than once."""

_SLICE = 4_000_000
"""Events that are told apart at once: so many fit into memory easily."""

_WORTH_KEEPING = 100_000
"""After so many it is remembered how far a look went, so that no other process takes it again."""

_NEW = (
    "app_id = {app:String} AND NOT system AND seen > fromUnixTimestamp64Micro({since:Int64}, 'UTC')"
    " AND stored >= toDateTime(intDiv({since:Int64}, 1000000), 'UTC')"
)


def ddl(events_days: int) -> list[str]:
    """Statements that create the table; rows are kept as long as events. The row of id 0 says how far looks went."""
    retention = f"stored + toIntervalDay({int(events_days)})"
    return [
        f"CREATE TABLE IF NOT EXISTS {TABLE} (app_id LowCardinality(String), id UInt64, until Int64,"
        " stored DateTime DEFAULT now()) ENGINE = ReplacingMergeTree(until) ORDER BY (app_id, id)"
        f" TTL {retention} SETTINGS {DURABLE}",
        f"ALTER TABLE {TABLE} MODIFY TTL {retention} SETTINGS materialize_ttl_after_modify = 0",
    ]


class _Known(NamedTuple):
    """How far was looked (`seen`, in Unix microseconds), and whether anything was found."""

    until: int
    any: bool


class Repeats:
    """What one process knows of all projects."""

    def __init__(self, columnar: Columnar) -> None:
        self._columnar = columnar
        self._known: dict[str, _Known] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def catch_up(self, app_id: str) -> bool:
        """Look at what was stored since the last look. Answers whether any of the project's events was ever recorded
        more than once."""
        with self._locks[app_id]:
            known = self._known.get(app_id) or self._remembered(app_id)
            self._known[app_id] = known = self._look(app_id, known)
            return known.any

    def _remembered(self, app_id: str) -> _Known:
        sql = f"SELECT max(until), countIf(id != 0) FROM {TABLE} WHERE app_id = {{app:String}}"  # noqa: S608 - constant
        until, found = self._row(sql, {"app": app_id})
        return _Known(until, found != 0)

    def _look(self, app_id: str, known: _Known) -> _Known:
        given: dict[str, object] = {"app": app_id, "since": known.until}
        sql = f"SELECT max(toUnixTimestamp64Micro(seen)), count() FROM events WHERE {_NEW}"  # noqa: S608 - constants
        reached, new = self._row(sql, given)
        if new == 0:
            return known
        slices = -(-new // _SLICE)
        found = [self._find(given | {"slices": slices, "slice": one}, reached) for one in range(slices)]
        if any(found) or new > _WORTH_KEEPING:
            self._keep("SELECT {app:String}, 0", {"app": app_id}, reached)
        return _Known(reached, known.any or any(found))

    def _find(self, given: dict[str, object], reached: int) -> bool:
        """Remember what of a slice of the new events is there more than once; whether anything is."""
        sliced = f"{HASH} % {{slices:UInt64}} = {{slice:UInt64}}"
        among = f" AND {HASH} IN (SELECT {HASH} FROM events WHERE {_NEW} AND {sliced})"  # noqa: S608 - constants
        found = (
            f"SELECT {{app:String}}, {HASH} FROM events WHERE app_id = {{app:String}} AND NOT system AND {sliced}"  # noqa: S608
            f"{among if given['since'] else ''} AND toDate(ts) IN (SELECT DISTINCT toDate(ts) FROM events WHERE {_NEW})"
            f" GROUP BY {HASH}, toDate(ts) HAVING count() > 1"
        )
        if not self._columnar.query(f"{found} LIMIT 1", given):
            return False
        self._keep(found, given, reached)
        return True

    def _keep(self, rows: str, given: dict[str, object], reached: int) -> None:
        sql = f"INSERT INTO {TABLE} (app_id, id, until) SELECT *, {{until:Int64}} FROM ({rows})"  # noqa: S608 - ours
        self._columnar.command(sql, {**given, "until": reached})

    def _row(self, sql: str, given: dict[str, object]) -> tuple[int, int]:
        ((first, second),) = self._columnar.query(sql, given)
        return int(str(first)), int(str(second))
