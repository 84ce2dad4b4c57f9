"""The attribute names of an app: which are known, how many there may be, which are no longer recorded.

Each app may have 250 distinct names over attributes, metrics and user attributes. The names are rows, added when
a write brings one for the first time and kept in memory, so that an ordinary write asks nothing: it only looks
whether it brings a name that this process has not seen. RemoveAttributes puts patterns here; a name that matches
is dropped from every later write and no longer counts. Source: spec of the audience, sections 2.1 and 2.7.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, get_args

import sqlalchemy as sa

from clarion.core.clock import perf_seconds
from clarion.core.errors import Invalid
from clarion.domain.audience.change import Change, NameKind
from clarion.store.database import Database
from clarion.store.schema import metadata

MAX_NAMES = 250

STALE_SECONDS = 2.0
"""How long a pattern that another process added may go unnoticed."""

KINDS: Sequence[NameKind] = get_args(NameKind)
ATTRIBUTE_TYPES: dict[str, NameKind] = {
    "endpoint-custom-attributes": "attributes",
    "endpoint-metric-attributes": "metrics",
    "endpoint-user-attributes": "user_attributes",
}

attribute_names = sa.Table(
    "attribute_names",
    metadata,
    sa.Column("app_id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
)

attribute_blocks = sa.Table(
    "attribute_blocks",
    metadata,
    sa.Column("app_id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("pattern", sa.Text, primary_key=True),
)


class _Known(NamedTuple):
    """What this process knows of one app's names."""

    names: dict[NameKind, set[str]]
    blocks: dict[NameKind, re.Pattern[str]]
    until: float


class Admitted(NamedTuple):
    """A change without blocked names, and the names in it that are not recorded yet."""

    change: Change
    new: Sequence[tuple[NameKind, str]]


class Names:
    """The names of all apps."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._apps: dict[str, _Known] = {}

    def admit(
        self, connection: sa.Connection, app_id: str, sent: Change, recorded: Collection[tuple[NameKind, str]] = ()
    ) -> Admitted:
        """`sent` without the names that are blocked. Raises Invalid when it brings the app past 250 names.

        Once the change is carried out, its new names must be given to `record`; those that this transaction
        has recorded before are `recorded`.
        """
        known = self._known(connection, app_id)
        new: list[tuple[NameKind, str]] = []
        for kind in KINDS:
            names = sent.names(kind)
            if not names:
                continue
            block = known.blocks.get(kind)
            if block is not None and (dropped := {name for name in names if block.fullmatch(name)}):
                sent = sent.without(kind, dropped)
                names = sent.names(kind)
            if not names.keys() <= known.names[kind]:
                new += [
                    (kind, name) for name in names if name not in known.names[kind] and (kind, name) not in recorded
                ]
        return Admitted(sent, self._missing(connection, app_id, known, new) if new else ())

    def recorded(self, connection: sa.Connection, app_id: str, names: Mapping[NameKind, Sequence[str]]) -> bool:
        """Whether `admit` would let all of these pass as they are, none of them for the first time."""
        known = self._known(connection, app_id)
        for kind, sent in names.items():
            block = known.blocks.get(kind)
            if not known.names[kind].issuperset(sent) or (block and any(block.fullmatch(name) for name in sent)):
                return False
        return True

    def record(self, connection: sa.Connection, app_id: str, new: Sequence[tuple[NameKind, str]]) -> None:
        """Count these names from now on."""
        statement = self._database.insert(attribute_names).on_conflict_do_nothing()
        rows = [{"app_id": app_id, "kind": kind, "name": name} for kind, name in new]
        connection.execute(statement, rows)
        self._database.after_commit(connection, lambda: self._remember(app_id, new))

    def block(self, connection: sa.Connection, app_id: str, kind: NameKind, patterns: Sequence[str]) -> list[str]:
        """No longer record names that match; answers the names concerned, with those named in full."""
        matches = matcher(patterns)
        stored = sa.select(attribute_names.c.name).where(
            attribute_names.c.app_id == app_id, attribute_names.c.kind == kind
        )
        gone = [name for name in connection.scalars(stored) if matches.fullmatch(name)]
        statement = self._database.insert(attribute_blocks).on_conflict_do_nothing()
        connection.execute(statement, [{"app_id": app_id, "kind": kind, "pattern": pattern} for pattern in patterns])
        if gone:
            which = sa.and_(attribute_names.c.app_id == app_id, attribute_names.c.kind == kind)
            connection.execute(sa.delete(attribute_names).where(which, attribute_names.c.name.in_(gone)))
        self._database.after_commit(connection, lambda: self._forget(app_id))
        return sorted({*gone, *(pattern for pattern in patterns if "*" not in pattern)})

    def drop(self, connection: sa.Connection, app_id: str) -> None:
        """Forget an app that is deleted."""
        for table in (attribute_names, attribute_blocks):
            connection.execute(sa.delete(table).where(table.c.app_id == app_id))
        self._database.after_commit(connection, lambda: self._forget(app_id))

    def _known(self, connection: sa.Connection, app_id: str) -> _Known:
        known = self._apps.get(app_id)
        if known is None or known.until < perf_seconds():
            known = self._apps[app_id] = _read(connection, app_id)
        return known

    def _missing(
        self, connection: sa.Connection, app_id: str, known: _Known, new: list[tuple[NameKind, str]]
    ) -> list[tuple[NameKind, str]]:
        """Which names nobody has recorded yet. The count holds: writers of an app take turns (`store.Rows`)."""
        present = _read(connection, app_id)
        missing = [(kind, name) for kind, name in new if name not in present.names[kind]]
        all_names = {name for names in present.names.values() for name in names}
        if len(all_names | {name for _, name in missing}) > max(MAX_NAMES, len(all_names)):
            raise Invalid("Too many custom attributes")
        # Others may have recorded some: known from now on, should this transaction be told the truth.
        recorded = [one for one in new if one not in missing]
        self._database.after_commit(connection, lambda: self._remember(app_id, recorded))
        return missing

    def _remember(self, app_id: str, new: Sequence[tuple[NameKind, str]]) -> None:
        known = self._apps.get(app_id)
        if known is not None:
            for kind, name in new:
                known.names[kind].add(name)

    def _forget(self, app_id: str) -> None:
        self._apps.pop(app_id, None)


def matcher(patterns: Iterable[str]) -> re.Pattern[str]:
    """What matches any of these names, in which `*` stands for any number of characters."""
    parts = (".*".join(re.escape(part) for part in pattern.split("*")) for pattern in patterns)
    return re.compile("|".join(parts), re.DOTALL)


def _read(connection: sa.Connection, app_id: str) -> _Known:
    """What the database knows, to be believed for a while."""
    names: dict[NameKind, set[str]] = {kind: set() for kind in KINDS}
    for row in connection.execute(
        sa.select(attribute_names.c.kind, attribute_names.c.name).where(attribute_names.c.app_id == app_id)
    ):
        names[row.kind].add(row.name)
    patterns: dict[NameKind, list[str]] = {}
    for row in connection.execute(
        sa.select(attribute_blocks.c.kind, attribute_blocks.c.pattern).where(attribute_blocks.c.app_id == app_id)
    ):
        patterns.setdefault(row.kind, []).append(row.pattern)
    blocks = {kind: matcher(found) for kind, found in patterns.items()}
    return _Known(names, blocks, perf_seconds() + STALE_SECONDS)
