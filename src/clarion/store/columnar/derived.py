"""Tables that the store itself fills from the record: what figures ask for again and again, in fewer rows.

A view takes every event that comes in. Taking one twice must change nothing, since a batch that is repeated after a
crash goes through the view once more; so a table can be filled with what was recorded before it, while more comes in.
Its comment says what it was made by, and whether that is done: made otherwise, it is made anew from the record.

Whoever owns such a table registers with the people registry, as for every copy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from clarion.store.columnar.port import Columnar

DURABLE = "fsync_after_insert = 1, fsync_part_directory = 1"
"""As `store.columnar.DURABLE`; which inserts were there before is not remembered, for repeating one is free."""


class Derived(NamedTuple):
    """`columns` with their types, the engine with its order and partitions, and the SELECT of `events` that fills it
    ("": whoever owns it fills it).

    There are columns `app_id`, `arrival` (the product's time of the last event in a row) and `stored` (real time, which
    the table is kept by, as the record is). A row is as old as the column `age` says, where a project's rows are not
    kept for so long.
    """

    name: str
    columns: Sequence[str]
    engine: str
    select: str
    age: str = "arrival"

    @property
    def view(self) -> str:
        """The name of the view that fills it."""
        return f"{self.name}_view"

    @property
    def made_by(self) -> str:
        """Changes with whatever the rows depend on."""
        text = "\n".join([*self.columns, self.engine, self.select])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def create(columnar: Columnar, derived: Derived, events_days: int) -> None:
    """Create the table, filled with what is recorded, unless it is there; rows are kept as long as events."""
    name, made_by = derived.name, derived.made_by
    said = _comment(columnar, name)
    if said is not None and not said.endswith(made_by):
        columnar.command(f"DROP VIEW IF EXISTS {derived.view} SYNC")
        columnar.command(f"DROP TABLE {name} SYNC")
    retention = ttl(events_days)
    columnar.command(
        f"CREATE TABLE IF NOT EXISTS {name} ({', '.join(derived.columns)}) ENGINE = {derived.engine} TTL {retention}"
        f" SETTINGS {DURABLE}, ttl_only_drop_parts = 1 COMMENT 'making {made_by}'"
    )
    if derived.select:
        columnar.command(f"CREATE MATERIALIZED VIEW IF NOT EXISTS {derived.view} TO {name} AS {derived.select}")
    if said != f"made {made_by}":
        if derived.select:
            columnar.command(f"INSERT INTO {name} {derived.select} SETTINGS max_partitions_per_insert_block = 0")
        columnar.command(f"ALTER TABLE {name} MODIFY COMMENT 'made {made_by}'")
    keep(columnar, name, events_days)


def ttl(events_days: int) -> str:
    """The TTL of a table. In real time: on a virtual clock an arrival may long be "expired"."""
    return f"stored + toIntervalDay({int(events_days)})"


def keep(columnar: Columnar, table: str, events_days: int) -> None:
    """Have the record, or a table that is derived of it, keep rows for so many days."""
    columnar.command(f"ALTER TABLE {table} MODIFY TTL {ttl(events_days)} SETTINGS materialize_ttl_after_modify = 0")


def _comment(columnar: Columnar, name: str) -> str | None:
    found = columnar.query(
        "SELECT comment FROM system.tables WHERE database = currentDatabase() AND name = {name:String}", {"name": name}
    )
    return str(found[0][0]) if found else None
