"""Conditions become answers: the columnar tables of this slice, and the queries over `endpoints`.

`endpoints` is read with FINAL: the newest version of each, deleted ones left out. Only counting has a way of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa

from clarion.domain.audience.model import answer, decode
from clarion.domain.segments.build import Condition, Conditions
from clarion.store.columnar import DURABLE, Columnar

SNAPSHOT_DAYS = 90

DDL: Sequence[str] = (
    # By week, so that what is too old goes as whole parts. The day is the store's own: TTL is judged by it.
    f"""
    CREATE TABLE IF NOT EXISTS segment_snapshots (
        snapshot_id LowCardinality(String),
        position UInt64 CODEC(Delta, ZSTD(1)),
        endpoint_key String CODEC(ZSTD(1)),
        made Date DEFAULT today()
    )
    ENGINE = MergeTree PARTITION BY toMonday(made) ORDER BY (snapshot_id, position)
    TTL made + INTERVAL {SNAPSHOT_DAYS} DAY
    SETTINGS ttl_only_drop_parts = 1, {DURABLE}
    """,
    # A row names an endpoint, or only a user, who stands for all endpoints of that user.
    f"""
    CREATE TABLE IF NOT EXISTS segment_imports (
        segment_id LowCardinality(String),
        version UInt32,
        endpoint_key String,
        user_id String
    )
    ENGINE = MergeTree ORDER BY (segment_id, version, endpoint_key, user_id)
    SETTINGS {DURABLE}
    """,
)

_FROM = "FROM endpoints FINAL WHERE app_id = {app:String} AND"
_ELIGIBLE = "opt_out != 'ALL' AND status != 'INACTIVE'"
_KEPT = "(SELECT endpoint_key FROM segment_snapshots WHERE snapshot_id = {snapshot:String})"
_ZONE = "if(match(timezone, '^[A-Za-z0-9_+/-]{1,64}$'), timezone, '')"
# Blocks of a million rows bound the memory; the store's own default is one block for everything. Sorting those who are
# selected takes a quarter of the time of selecting in the table's order, which FINAL does with one thread.
_KEEP = (
    "INSERT INTO segment_snapshots (snapshot_id, position, endpoint_key)"
    " SETTINGS min_insert_block_size_rows = 1048576, max_insert_block_size = 1048576,"
    " optimize_read_in_order = 0, optimize_read_in_window_order = 0"
)


def counting(condition: Condition) -> str:
    """The statement that counts the endpoints a condition means.

    FINAL would carry all columns of the condition along while it merges; here the condition is asked of every version
    first, and the newest one's answer counts: the version in the upper bits, then whether it is there and is meant.
    Events are looked up only for those of whom nothing else says no. Of ten million endpoints two may share a hash once
    in 370,000 audiences.
    """
    return (
        f"SELECT count() FROM (SELECT max(version * 4 + (deleted = 0) * 2 + ({condition.sql})) AS newest"  # noqa: S608 - constants, see build
        " FROM endpoints WHERE app_id = {app:String} GROUP BY key_hash HAVING newest % 4 = 3)"
        " SETTINGS short_circuit_function_evaluation = 'force_enable'"
    )


_encode = msgspec.json.Encoder().encode


class Documents(NamedTuple):
    """A page of endpoints: the key of the last one, a line of JSON for each, and their number."""

    last: str
    lines: bytes
    number: int


class Endpoints:
    """The audience, as conditions select it."""

    def __init__(self, columnar: Columnar) -> None:
        self._columnar = columnar

    def count(self, condition: Condition) -> int:
        """How many endpoints."""
        return self._number(counting(condition), condition.parameters)

    def first(self, condition: Condition, limit: int) -> list[str]:
        """The first `limit` endpoint keys in their order."""
        sql = f"SELECT endpoint_key {_FROM} {condition.sql} ORDER BY endpoint_key LIMIT {{limit:UInt64}}"
        return [str(key) for (key,) in self._columnar.query(sql, {**condition.parameters, "limit": limit})]

    def documents(self, app_id: str, condition: Condition, after: str, limit: int) -> Iterator[Documents]:
        """Up to `limit` endpoints behind the key `after` as the API answers them, in key order, page by page."""
        sql = (
            f"SELECT endpoint_key, document {_FROM} {condition.sql}"
            " AND endpoint_key > {after:String} ORDER BY endpoint_key LIMIT {limit:UInt64}"
        )
        for batch in self._columnar.stream(sql, {**condition.parameters, "after": after, "limit": limit}):
            if batch.num_rows:
                documents = batch.column("document").cast(pa.large_binary()).to_pylist()
                lines = [_encode(answer(app_id, decode(document))) for document in documents]
                last = str(batch.column("endpoint_key")[-1].as_py())
                yield Documents(last, b"\n".join(lines) + b"\n", len(lines))

    def among(self, condition: Condition, keys: Sequence[str]) -> set[str]:
        """Those of `keys` that are meant; the condition is built with `among`."""
        sql = f"SELECT endpoint_key {_FROM} endpoint_key IN {{keys:Array(String)}} AND {condition.sql}"
        return {str(key) for (key,) in self._columnar.query(sql, {**condition.parameters, "keys": list(keys)})}

    def each(self, conditions: Conditions, keys: Sequence[str]) -> list[set[str]]:
        """Those of `keys` for whom each of some conditions, built with `among`, holds."""
        columns = ", ".join(f"toUInt8({sql})" for sql in conditions.sqls)
        sql = f"SELECT endpoint_key, {columns} {_FROM} endpoint_key IN {{keys:Array(String)}}"
        rows = self._columnar.query(sql, {**conditions.parameters, "keys": list(keys)})
        return [{str(row[0]) for row in rows if row[number]} for number in range(1, len(conditions.sqls) + 1)]

    def keep(self, condition: Condition, snapshot: str) -> int:
        """Write those who are meant now down under a name not used before, numbered from 1 in key order.

        A crash leaves a part of it, so nobody may read a name before this has returned. Answers how many.
        """
        self._columnar.command(
            f"{_KEEP} SELECT {{snapshot:String}}, row_number() OVER (ORDER BY endpoint_key), endpoint_key"
            f" {_FROM} {condition.sql}",
            {**condition.parameters, "snapshot": snapshot},
        )
        sql = "SELECT count() FROM segment_snapshots WHERE snapshot_id = {snapshot:String}"
        return self._number(sql, {"snapshot": snapshot})

    def kept(self, snapshot: str, after: int, limit: int) -> dict[int, str]:
        """The endpoint keys at positions `after + 1` to `after + limit` of what was kept, by position."""
        rows = self._columnar.query(
            "SELECT position, endpoint_key FROM segment_snapshots WHERE snapshot_id = {snapshot:String}"
            " AND position > {after:UInt64} AND position <= {last:UInt64} ORDER BY position",
            {"snapshot": snapshot, "after": after, "last": after + limit},
        )
        return {_integer(position): str(key) for position, key in rows}

    def duplicates(self, app_id: str, snapshot: str) -> list[str]:
        """Of those kept: who may be messaged but has channel and address of one earlier in key order.

        Mailboxes are the same whatever case they are written in.
        """
        kept = Condition(f"endpoint_key IN {_KEPT}", {"app": app_id, "snapshot": snapshot})
        return self.duplicates_among(kept, range(100))

    def duplicates_among(self, condition: Condition, cohorts: Collection[int]) -> list[str]:
        """`duplicates` of those a condition means, as far as they are in these cohorts (0-99)."""
        rows = self._columnar.query(
            "WITH members AS ("  # noqa: S608 - constants of this file and `build` only
            " SELECT endpoint_key, cohort, channel_type,"
            " if(channel_type = 'EMAIL', lower(address), address) AS place"
            f" {_FROM} {condition.sql} AND address != '' AND {_ELIGIBLE}),"
            " later AS (SELECT arrayJoin(arraySlice(arraySort(groupArray((endpoint_key, cohort))), 2)) AS one"
            " FROM members WHERE (channel_type, place) IN"
            " (SELECT channel_type, place FROM members GROUP BY channel_type, place HAVING count() > 1)"
            " GROUP BY channel_type, place)"
            " SELECT one.1 AS key FROM later WHERE has({cohorts:Array(UInt8)}, one.2) ORDER BY key",
            {**condition.parameters, "cohorts": sorted(cohorts)},
        )
        return [str(key) for (key,) in rows]

    def divide(self, app_id: str, snapshot: str, parts: str) -> list[tuple[str, int]]:
        """Keep those kept once more, by the time zone they have now, each part numbered for itself.

        What cannot be the name of a zone counts as none. Parts are named `parts` + "/" + zone; the rest is as in
        `keep`. Answers zones and how many are in each.
        """
        self._columnar.command(
            f"{_KEEP} SELECT concat({{parts:String}}, '/', zone),"  # noqa: S608 - constants of this file only
            " row_number() OVER (PARTITION BY zone ORDER BY endpoint_key), endpoint_key"
            f" FROM (SELECT endpoint_key, {_ZONE} AS zone {_FROM} endpoint_key IN {_KEPT})",
            {"app": app_id, "snapshot": snapshot, "parts": parts},
        )
        rows = self._columnar.query(
            "SELECT snapshot_id, count() FROM segment_snapshots"
            " WHERE startsWith(snapshot_id, {parts:String}) GROUP BY snapshot_id ORDER BY snapshot_id",
            {"parts": parts + "/"},
        )
        return [(str(name).removeprefix(parts + "/"), _integer(members)) for name, members in rows]

    def drop(self, snapshots: Sequence[str]) -> None:
        """Erase what was kept under these names."""
        sql = "DELETE FROM segment_snapshots WHERE snapshot_id IN {names:Array(String)}"
        self._columnar.command(sql, {"names": list(snapshots)})

    def drop_lists(self, segments: Sequence[str]) -> None:
        """Erase the lists of these imported segments, in all their versions."""
        sql = "DELETE FROM segment_imports WHERE segment_id IN {segments:Array(String)}"
        self._columnar.command(sql, {"segments": list(segments)})

    def _number(self, sql: str, parameters: dict[str, Any]) -> int:
        ((number,),) = self._columnar.query(sql, parameters)
        return _integer(number)


def _integer(value: object) -> int:
    assert isinstance(value, int)
    return value
