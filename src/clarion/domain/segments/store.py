"""Rows of segments, of their versions, and of what was selected when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.domain.segments.model import Definition, Segment
from clarion.store.batches import among
from clarion.store.database import Database
from clarion.store.schema import metadata

segments = sa.Table(
    "segments",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("app_id", sa.String(32), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    # The latest.
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Index("ix_segments_app", "app_id", "created_ms", "id"),
)

segment_versions = sa.Table(
    "segment_versions",
    metadata,
    sa.Column("segment_id", sa.String(32), sa.ForeignKey("segments.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("modified_ms", sa.BigInteger, nullable=False),
    # JSON of `model.Definition`.
    sa.Column("definition", sa.LargeBinary, nullable=False),
)

snapshots = sa.Table(
    "segment_snapshots",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    # For a part by time zone: the snapshot it is a part of, and the zone ('' for none).
    sa.Column("whole", sa.Text),
    sa.Column("zone", sa.Text, nullable=False),
    # The name it has in the columnar store.
    sa.Column("kept_as", sa.Text, nullable=False),
    sa.Column("app_id", sa.String(32), nullable=False),
    sa.Column("members", sa.BigInteger, nullable=False),
    sa.Column("made_ms", sa.BigInteger, nullable=False),
    sa.Index("ix_segment_snapshots_whole", "whole"),
    sa.Index("ix_segment_snapshots_made_ms", "made_ms"),
    sa.Index("ix_segment_snapshots_app_id", "app_id"),
)

_ID = re.compile(r"[0-9a-f]{32}")
_MOST_VERSIONS = 2**31

_definition = msgspec.json.Decoder(Definition).decode

_SEGMENT = sa.select(
    segments.c.app_id,
    segments.c.id,
    segments.c.kind,
    segment_versions.c.version,
    segments.c.created_ms,
    segment_versions.c.modified_ms,
    segment_versions.c.definition,
).join_from(segments, segment_versions)


class Snapshot(NamedTuple):
    """A selection that was written down; `kept_as` is its name in the columnar store."""

    id: str
    whole: str | None
    zone: str
    kept_as: str
    app_id: str
    members: int
    made_ms: int


def insert(connection: sa.Connection, segment: Segment) -> None:
    """Add a segment with its first version."""
    connection.execute(
        sa.insert(segments).values(
            id=segment.id,
            app_id=segment.app_id,
            kind=segment.kind,
            version=segment.version,
            created_ms=segment.created_ms,
        )
    )
    _insert_version(connection, segment)


def add_version(connection: sa.Connection, segment: Segment) -> None:
    """Add a version, which becomes the latest."""
    _insert_version(connection, segment)
    connection.execute(sa.update(segments).where(segments.c.id == segment.id).values(version=segment.version))


def replace_version(connection: sa.Connection, segment: Segment) -> None:
    """Write a version anew."""
    which = sa.update(segment_versions).where(
        segment_versions.c.segment_id == segment.id, segment_versions.c.version == segment.version
    )
    definition = msgspec.json.encode(segment.definition)
    connection.execute(which.values(modified_ms=segment.modified_ms, definition=definition))


def get(
    connection: sa.Connection, app_id: str, segment_id: str, version: int | None = None, *, lock: bool = False
) -> Segment | None:
    """That version of a segment, or the latest. `lock`: nobody else changes it until the transaction ends."""
    if not _ID.fullmatch(segment_id) or not (version is None or 0 < version < _MOST_VERSIONS):
        return None
    if lock:
        connection.execute(sa.select(segments.c.id).where(segments.c.id == segment_id).with_for_update())
    wanted = segments.c.version if version is None else version
    statement = _SEGMENT.where(segments.c.app_id == app_id, segments.c.id == segment_id)
    row = connection.execute(statement.where(segment_versions.c.version == wanted)).first()
    return None if row is None else _segment(row)


def page(connection: sa.Connection, app_id: str, after: tuple[int, str] | None, limit: int) -> list[Segment]:
    """The latest versions of an app's segments by creation, those after (created_ms, id)."""
    statement = _SEGMENT.where(segments.c.app_id == app_id, segment_versions.c.version == segments.c.version)
    if after is not None:
        statement = statement.where(sa.tuple_(segments.c.created_ms, segments.c.id) > sa.tuple_(*after))
    rows = connection.execute(statement.order_by(segments.c.created_ms, segments.c.id).limit(limit))
    return [_segment(row) for row in rows]


def versions(connection: sa.Connection, segment_id: str, before: int | None, limit: int) -> list[Segment]:
    """A segment's versions, newest first, those before `before`."""
    statement = _SEGMENT.where(segments.c.id == segment_id)
    if before is not None:
        statement = statement.where(segment_versions.c.version < before)
    rows = connection.execute(statement.order_by(segment_versions.c.version.desc()).limit(limit))
    return [_segment(row) for row in rows]


def delete(connection: sa.Connection, segment_id: str) -> None:
    """Remove a segment with all its versions."""
    connection.execute(sa.delete(segments).where(segments.c.id == segment_id))


def delete_app(connection: sa.Connection, app_id: str) -> None:
    """Remove all segments of an app."""
    connection.execute(sa.delete(segments).where(segments.c.app_id == app_id))


def imported(connection: sa.Connection, app_id: str) -> list[str]:
    """The ids of an app's imported segments."""
    which = sa.select(segments.c.id).where(segments.c.app_id == app_id, segments.c.kind == "IMPORT")
    return list(connection.scalars(which))


def snapshot(connection: sa.Connection, snapshot_id: str, *, lock: bool = False) -> Snapshot | None:
    """What is known of a snapshot or part. `lock`: whoever else asks for the lock waits."""
    which = sa.select(snapshots).where(snapshots.c.id == snapshot_id)
    row = connection.execute(which.with_for_update() if lock else which).first()
    return None if row is None else Snapshot(*row)


def add_snapshot(database: Database, connection: sa.Connection, taken: Snapshot) -> Snapshot:
    """Make `taken` the snapshot of its id, unless there is one; answers the one there is."""
    statement = database.insert(snapshots).on_conflict_do_nothing(index_elements=[snapshots.c.id])
    connection.execute(statement, taken._asdict())
    known = snapshot(connection, taken.id)
    assert known is not None
    return known


def parts(connection: sa.Connection, snapshot_id: str) -> list[Snapshot]:
    """The parts of a snapshot by time zone, in the order of the zones."""
    which = sa.select(snapshots).where(snapshots.c.whole == snapshot_id).order_by(snapshots.c.zone)
    return [Snapshot(*row) for row in connection.execute(which)]


def add_parts(connection: sa.Connection, taken: Sequence[Snapshot]) -> None:
    """Add the parts of a snapshot."""
    if taken:
        connection.execute(sa.insert(snapshots), [part._asdict() for part in taken])


def snapshots_of(connection: sa.Connection, app_id: str, limit: int | None = None) -> list[Snapshot]:
    """An app's snapshots and parts, or some of them."""
    rows = connection.execute(sa.select(snapshots).where(snapshots.c.app_id == app_id).limit(limit))
    return [Snapshot(*row) for row in rows]


def drop_snapshots(connection: sa.Connection, ids: Sequence[str]) -> None:
    """Forget these snapshots."""
    connection.execute(sa.delete(snapshots).where(among(connection, snapshots.c.id, ids)))


def forget_snapshots(connection: sa.Connection, before_ms: int) -> None:
    """Forget snapshots that were made before `before_ms`."""
    connection.execute(sa.delete(snapshots).where(snapshots.c.made_ms < before_ms))


def _insert_version(connection: sa.Connection, segment: Segment) -> None:
    connection.execute(
        sa.insert(segment_versions).values(
            segment_id=segment.id,
            version=segment.version,
            modified_ms=segment.modified_ms,
            definition=msgspec.json.encode(segment.definition),
        )
    )


def _segment(row: sa.Row[*tuple[Any, ...]]) -> Segment:
    return Segment(
        app_id=row.app_id,
        id=row.id,
        kind=row.kind,
        version=row.version,
        created_ms=row.created_ms,
        modified_ms=row.modified_ms,
        definition=_definition(row.definition),
    )
