"""Selections written down: who was in a segment at one moment, numbered, so that a run can page through them.

    take ─→ members go into the columnar store under a new name ─→ one row says: this id is that name

Until the row is there nobody knows the name: what a crash leaves half-written is never read, and of two who
take the same snapshot at once the first row counts. Names nobody knows expire with the rest.
"""

from __future__ import annotations

import sqlalchemy as sa

from clarion.core.clock import DAY_MS, Clock
from clarion.core.errors import NotFound
from clarion.core.ids import Ids
from clarion.domain.segments import store
from clarion.domain.segments.build import Condition
from clarion.domain.segments.columnar import SNAPSHOT_DAYS, Endpoints
from clarion.domain.segments.store import Snapshot
from clarion.store.database import Database

_MOST_CACHED = 10_000


class Snapshots:
    """All snapshots; their ids are the caller's choice, such as that of a run."""

    def __init__(self, database: Database, endpoints: Endpoints, *, clock: Clock, ids: Ids) -> None:
        self._database = database
        self._endpoints = endpoints
        self._clock = clock
        self._ids = ids
        self._cache: dict[str, Snapshot] = {}

    def find(self, snapshot_id: str) -> Snapshot | None:
        """The snapshot of an id, None when it was not taken or has expired. It never changes."""
        known = self._cache.get(snapshot_id)
        if known is None:
            known = self._database.read(lambda connection: store.snapshot(connection, snapshot_id))
            if known is not None:
                if len(self._cache) >= _MOST_CACHED:
                    self._cache.clear()
                self._cache[snapshot_id] = known
        return known

    def take(self, condition: Condition, app_id: str, snapshot_id: str) -> Snapshot:
        """Write down who `condition` means now. Check `find` first: an id keeps its first snapshot."""
        kept_as = self._ids.hex32()
        members = self._endpoints.keep(condition, kept_as)
        now = self._clock.now_ms()
        taken = Snapshot(snapshot_id, None, "", kept_as, app_id, members, now)

        def work(connection: sa.Connection) -> Snapshot:
            store.forget_snapshots(connection, now - SNAPSHOT_DAYS * DAY_MS)
            return store.add_snapshot(self._database, connection, taken)

        return self._database.write(work)

    def page(self, snapshot_id: str, after: int, limit: int) -> list[str]:
        """The endpoint keys at positions `after + 1` to `after + limit`, counted from 1; fewer at the end.

        "" stands for somebody who has been erased since: positions do not change.
        """
        known = self._require(snapshot_id)
        found = self._endpoints.kept(known.kept_as, after, limit)
        return [found.get(position, "") for position in range(after + 1, min(after + limit, known.members) + 1)]

    def drop(self, snapshot_id: str) -> None:
        """Erase a snapshot that nobody needs any more, with its parts."""
        known = self.find(snapshot_id)
        if known is None:
            return
        all_of_it = [known, *self._database.read(lambda connection: store.parts(connection, snapshot_id))]
        self._endpoints.drop([one.kept_as for one in all_of_it])
        self._database.write(lambda connection: store.drop_snapshots(connection, [one.id for one in all_of_it]))
        for one in all_of_it:
            self._cache.pop(one.id, None)

    def duplicates(self, snapshot_id: str) -> list[str]:
        """Members that need no message: another one before them has the same channel and address.

        Only endpoints that may be messaged are compared, so that no address is passed over altogether.
        """
        whole = self._require(snapshot_id)
        return self._endpoints.duplicates(whole.app_id, whole.kept_as)

    def zones(self, snapshot_id: str) -> list[str]:
        """The time zones of the members as their endpoints name them, '' for those without a name; each once.

        The first call divides the members by zone for good, so that everybody is in one part and stays in it.
        """
        return [part.zone for part in self._parts(snapshot_id)]

    def zone_parts(self, snapshot_id: str) -> list[Snapshot]:
        """The parts by zone, in the order of `zones`."""
        return self._parts(snapshot_id)

    def zone_part(self, snapshot_id: str, zone: str) -> str:
        """The id under which the members of a zone are a snapshot of their own."""
        for part in self._parts(snapshot_id):
            if part.zone == zone:
                return part.id
        raise NotFound()

    def _parts(self, snapshot_id: str) -> list[Snapshot]:
        parts = self._database.read(lambda connection: store.parts(connection, snapshot_id))
        return parts or self._divide(self._require(snapshot_id))

    def _divide(self, whole: Snapshot) -> list[Snapshot]:
        kept_as = self._ids.hex32()
        zones = self._endpoints.divide(whole.app_id, whole.kept_as, kept_as)
        now = self._clock.now_ms()
        parts = [
            Snapshot(f"{whole.id}/{zone}", whole.id, zone, f"{kept_as}/{zone}", whole.app_id, members, now)
            for zone, members in zones
        ]

        def work(connection: sa.Connection) -> list[Snapshot]:
            store.snapshot(connection, whole.id, lock=True)
            known = store.parts(connection, whole.id)
            if not known:
                store.add_parts(connection, parts)
            return known or parts

        return self._database.write(work)

    def _require(self, snapshot_id: str) -> Snapshot:
        known = self.find(snapshot_id)
        if known is None:
            raise NotFound(f"snapshot {snapshot_id} does not exist")
        return known
