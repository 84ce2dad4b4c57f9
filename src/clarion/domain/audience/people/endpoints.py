"""The audience's own part of a person: stored endpoints, and their rows in the columnar mirror.

The stored endpoints themselves go in the transaction that begins an erasure (`jobs`); here go the mirror's rows, old
versions and the mark of the deletion included.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from clarion.domain.audience import store
from clarion.domain.audience.model import Endpoint, answer
from clarion.domain.audience.people.holder import Holder, Page, Person, Redact, Section
from clarion.domain.audience.people.rows import PeopleRows
from clarion.store.columnar import Columnar
from clarion.store.database import Database

_ALL_VERSIONS = 2**64 - 1

_names = msgspec.json.Decoder(list[tuple[str, str]]).decode


class EndpointsHolder(Holder):
    """Endpoints in both databases."""

    tables = ("endpoints", "columnar.endpoints")

    def __init__(self, database: Database, columnar: Columnar) -> None:
        self._database = database
        self._columnar = columnar
        self._rows = PeopleRows(columnar, "endpoints", _rows)

    def sections(self) -> Mapping[str, Section]:
        return {"Endpoints": self._page}

    def count(self, person: Person) -> Mapping[str, int]:
        stored = self._database.read(lambda connection: store.load(connection, person.app_id, person.keys))
        return {"Endpoints": len(stored), "EndpointVersions": self._rows.count(person)}

    def last_seen(self, person: Person) -> int | None:
        stored = self._database.read(lambda connection: store.load(connection, person.app_id, person.keys))
        return max((one.effective_ms for one in stored.values()), default=None)

    def keys_of(self, app_id: str, user_id: str) -> Collection[str]:
        """Those that left the user and have had no other since."""
        rows = self._columnar.query(
            "SELECT endpoint_key FROM endpoints FINAL WHERE app_id = {app:String} AND former_user = {user:String}",
            {"app": app_id, "user": user_id},
        )
        return [str(key) for (key,) in rows]

    def redactors(self) -> Mapping[str, Redact]:
        return {store.LOG_KIND: _without}

    def erase(self, people: Sequence[Person]) -> bool:
        return self._rows.delete(people)

    def purge(self) -> None:
        self._rows.purge()

    def _page(self, person: Person, after: str, limit: int) -> Page:
        keys = [key for key in person.keys if key > after][: limit + 1]
        stored = self._database.read(lambda connection: store.load(connection, person.app_id, keys))
        items = [_told(person.app_id, stored[key]) for key in keys[:limit] if key in stored]
        return Page(items, keys[limit - 1] if len(keys) > limit else "")


def _rows(person: Person, n: str) -> tuple[str, dict[str, object]]:
    # Not by FINAL: every version is a row.
    sql = (
        f"app_id = {{app{n}:String}} AND endpoint_key IN {{keys{n}:Array(String)}} AND version <= {{version{n}:UInt64}}"
    )
    version = person.announced or _ALL_VERSIONS
    return sql, {f"app{n}": person.app_id, f"keys{n}": person.keys, f"version{n}": version}


def _told(app_id: str, endpoint: Endpoint) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(answer(app_id, endpoint))
    own = {"StatusReason": endpoint.status_reason, "UserAttributesOf": endpoint.attributes_of}
    return told | {name: value for name, value in own.items() if value}


def _without(body: bytes, person: Person) -> bytes | None:
    named = _names(body)
    gone = {(person.app_id, key) for key in person.keys if key not in person.newer}
    left = [one for one in named if one not in gone]
    if len(left) == len(named):
        return body
    return msgspec.json.encode(left) if left else None
