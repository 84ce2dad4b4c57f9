"""What segments have about one person: rows of imported lists, and places in selections that were written down.

Who is erased leaves gaps in selections: the numbers of the others stay, so that a run that pages through one misses
nobody and repeats nobody. The log brings nobody back: its rows were in the lists before anything was erased.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from clarion.domain.audience.people.holder import Holder, Page, Person, Redact, Section
from clarion.domain.audience.people.rows import PeopleRows
from clarion.domain.segments import store
from clarion.domain.segments.lists import LOG_KIND, without
from clarion.store.columnar import Columnar
from clarion.store.database import Database

_TOLD = 100
_LISTED = (
    "segment_id IN {segments@:Array(String)} AND ((endpoint_key != '' AND endpoint_key IN {keys@:Array(String)})"
    " OR (user_id != '' AND user_id = {user@:String}))"
)
_SELECTED = (
    "(snapshot_id IN {all@:Array(String)} AND endpoint_key IN {left@:Array(String)})"
    " OR (snapshot_id IN {old@:Array(String)} AND endpoint_key IN {newer@:Array(String)})"
)
_LIST_PLACE = "(segment_id, version, endpoint_key, user_id)"


class SegmentsHolder(Holder):
    """Imported lists and selections."""

    tables = ("columnar.segment_imports", "columnar.segment_snapshots")

    def __init__(self, database: Database, columnar: Columnar) -> None:
        self._database = database
        self._imports = PeopleRows(columnar, "segment_imports", self._listed)
        self._snapshots = PeopleRows(columnar, "segment_snapshots", self._selected)

    def sections(self) -> Mapping[str, Section]:
        return {"ImportedSegments": self._lists, "Selections": self._selections}

    def count(self, person: Person) -> Mapping[str, int]:
        return {
            "ImportedSegmentRows": 0 if person.late else self._imports.count(person),
            "SelectionRows": self._snapshots.count(person),
        }

    def about(self, person: Person) -> Mapping[str, object]:
        """The imported segments that list the person."""
        rows = self._imports.read("DISTINCT segment_id", person, f" ORDER BY segment_id LIMIT {_TOLD}")
        ids = [str(segment_id) for (segment_id,) in rows]

        def work(connection: Any) -> list[dict[str, str]]:
            found = [store.get(connection, person.app_id, one) for one in ids]
            return [{"Id": one.id, "Name": one.definition.name or ""} for one in found if one is not None]

        return {"ImportedSegments": self._database.read(work)}

    def redactors(self) -> Mapping[str, Redact]:
        return {LOG_KIND: _redact}

    def erase(self, people: Sequence[Person]) -> bool:
        # A list that names the same id later names somebody new.
        listed = self._imports.delete([person for person in people if not person.late])
        return self._snapshots.delete(people) or listed

    def purge(self) -> None:
        self._imports.purge()
        self._snapshots.purge()

    def _lists(self, person: Person, after: str, limit: int) -> Page:
        more = ""
        given: dict[str, object] = {}
        if after:
            more = f" AND {_LIST_PLACE} > ({{segment:String}}, {{list:UInt32}}, {{key:String}}, {{person:String}})"
            given = dict(zip(("segment", "list", "key", "person"), msgspec.json.decode(after), strict=True))
        more += f" ORDER BY {_LIST_PLACE} LIMIT 1 BY {_LIST_PLACE} LIMIT {limit}"
        rows = self._imports.read("segment_id, version, endpoint_key, user_id", person, more, given)
        items = [{"SegmentId": row[0], "List": row[1], "EndpointId": row[2], "UserId": row[3]} for row in rows]
        return Page(items, msgspec.json.encode(rows[-1]).decode() if len(rows) == limit else "")

    def _selections(self, person: Person, after: str, limit: int) -> Page:
        names = {one.kept_as: one for one in self._kept(person.app_id)}
        rows = self._snapshots.read("DISTINCT snapshot_id, endpoint_key", person, " ORDER BY snapshot_id, endpoint_key")
        start = int(after or 0)
        items = [
            {
                "SelectionId": names[str(name)].whole or names[str(name)].id,
                "EndpointId": key,
                "MadeMs": names[str(name)].made_ms,
            }
            for name, key in rows[start : start + limit]
            if str(name) in names
        ]
        return Page(items, str(start + limit) if len(rows) > start + limit else "")

    def _kept(self, app_id: str) -> list[store.Snapshot]:
        return self._database.read(lambda connection: store.snapshots_of(connection, app_id))

    def _listed(self, person: Person, n: str) -> tuple[str, dict[str, object]]:
        segments = self._database.read(lambda connection: store.imported(connection, person.app_id))
        given: dict[str, object] = {f"segments{n}": segments, f"keys{n}": person.keys, f"user{n}": person.user_id}
        return _LISTED.replace("@", n), given

    def _selected(self, person: Person, n: str) -> tuple[str, dict[str, object]]:
        kept = self._kept(person.app_id)
        left = [key for key in person.keys if key not in person.newer]
        given: dict[str, object] = {
            f"all{n}": [one.kept_as for one in kept],
            f"left{n}": left,
            f"old{n}": [one.kept_as for one in kept if one.made_ms <= person.before_ms],
            f"newer{n}": list(person.newer),
        }
        return _SELECTED.replace("@", n), given


def _redact(body: bytes, person: Person) -> bytes | None:
    return without(body, person.keys, person.user_id)
