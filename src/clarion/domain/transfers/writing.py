"""Writing a batch of an import: its rows, members of the segment, refused rows, counts and place in one transaction."""

from __future__ import annotations

import sqlalchemy as sa

from clarion.domain.audience.service import Audience
from clarion.domain.segments.model import Member
from clarion.domain.segments.service import Segments
from clarion.domain.transfers import store
from clarion.domain.transfers.model import Failure, Job, Piece
from clarion.domain.transfers.source.parsing import Checked, Parsed
from clarion.store.database import Database


class Writing:
    """Writes batches of any import."""

    def __init__(self, database: Database, audience: Audience, segments: Segments) -> None:
        self._database = database
        self._audience = audience
        self._segments = segments

    def write(self, connection: sa.Connection, transfer: Job, before: Piece, after: Piece, rows: Parsed) -> bool:
        """Write a batch, unless the import has ended meanwhile; answers whether it goes on.

        Raises LeaseLost when the piece is not where the batch begins.
        """
        now = store.find(connection, transfer.id)
        if now is None or now.status != "PROCESSING":
            return False
        store.move(connection, before, after)
        batch = _Batch(rows)
        if transfer.imported.register_endpoints and rows.drafts is not None:
            batch.wrote(self._audience.add(connection, transfer.app_id, rows.drafts))
        self._register(connection, transfer, batch)
        if transfer.imported.define_segment:
            self._segments.lists.add(connection, transfer.segment_id or "", transfer.seq, batch.members())
        failed = [Failure(before.number, line, reason) for line, reason in sorted(batch.refused)]
        store.refuse(self._database, connection, transfer.id, failed)
        store.count(connection, transfer.id, len(rows.encoded), len(failed))
        return True

    def _register(self, connection: sa.Connection, transfer: Job, batch: _Batch) -> None:
        """Carry out what is not written yet."""
        rows = [(place, item) for place, row in batch.others.items() if (item := row.item) is not None]
        if not transfer.imported.register_endpoints:
            # Those that exist are left as they are.
            known = self._audience.recognise(connection, transfer.app_id, [item for _, item in rows])
            batch.keys.update((place, known[item.endpoint_id]) for place, item in rows if item.endpoint_id in known)
            rows = [(place, item) for place, item in rows if place not in batch.keys]
        outcomes = self._audience.register(connection, transfer.app_id, [item for _, item in rows]) if rows else []
        for (place, _), outcome in zip(rows, outcomes, strict=True):
            if outcome.error is not None:
                batch.refused.append((batch.others[place].line, outcome.message))
            elif outcome.endpoint is not None:
                batch.keys[place] = outcome.endpoint.key


class _Batch:
    """What has become of the rows of a batch so far; a place is a row's number among them."""

    def __init__(self, rows: Parsed) -> None:
        self._rows = rows
        self.keys: dict[int, str] = {}
        """Of the endpoints, as far as they are known."""
        self.refused: list[tuple[int, str]] = []
        """Lines and reasons."""
        self._others: dict[int, Checked] | None = None

    def wrote(self, numbers: list[int]) -> None:
        """The drafts with these numbers are written."""
        assert self._rows.drafts is not None
        places, keys = self._rows.drafts.places, self._rows.drafts.keys
        self.keys.update((places[number], keys[number]) for number in numbers)

    @property
    def others(self) -> dict[int, Checked]:
        """Rows that were not written from drafts, by place."""
        if self._others is None:
            self._others = dict(self._rows.others(frozenset(self.keys)))
            self.refused += [(row.line, row.error) for row in self._others.values() if row.error]
        return self._others

    def members(self) -> list[Member]:
        """Of the segment, in the order of their rows."""
        users = {place: row.user_id for place, row in self.others.items() if row.change is None and not row.error}
        places = range(len(self._rows.encoded))
        return [
            Member("", users[place]) if place in users else Member(self.keys[place], "")
            for place in places
            if place in users or place in self.keys
        ]
