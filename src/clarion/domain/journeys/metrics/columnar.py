"""The columnar table `journey_moves`, and the SQL that fills it from the ingest log.

One row a move (`model.Move`), sorted by journey and activity, which is how figures read it; a bloom filter finds the
few rows of one person. What the sink stores equals what `record` appends: no move passes through Python.

Beside it `journey_sends`, as long-lived: what became of messages, taken by the store itself from the events, which are
not kept as long as journeys last.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from clarion.domain.events.model import SEPARATOR
from clarion.domain.journeys.model import Move
from clarion.engine.log import LogRow
from clarion.store.columnar import DURABLE, Columnar

DAYS = 630
"""Moves are kept so long: the 540 days of a journey, and 90 to look back."""

_WORD = "LowCardinality(String)"
_RUN = f"journey_run_id{SEPARATOR}"


class _Column(NamedTuple):
    name: str
    type: str
    logged: str


COLUMNS: Sequence[_Column] = (
    _Column("app_id", _WORD, "String"),
    _Column("journey_id", _WORD, "String"),
    _Column("run_id", _WORD, "String"),
    _Column("version", "UInt32", "UInt32"),
    _Column("participant", "String CODEC(ZSTD(1))", "String"),
    _Column("entry", "UInt32", "UInt32"),
    _Column("turn", "UInt32", "UInt32"),
    _Column("activity", _WORD, "String"),
    _Column("outcome", _WORD, "String"),
    _Column("detail", _WORD, "String"),
    _Column("at", "DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))", "Int64"),
    _Column("number", "UInt64 CODEC(T64, ZSTD(1))", "UInt64"),
)
"""The columns of a row with their types in the table and in a log row, in the words and the order of `model.Move`."""


# As participants, endpoints are found as they are in the moves.
_SENDS = (
    "SELECT app_id, journey_id, activity_id AS activity, status, message_id, arrival AS at,"  # noqa: S608 - as below
    f" concat('e', endpoint_key) AS participant, substring(arrayFirst(one -> startsWith(one, '{_RUN}'), kv),"
    f" {len(_RUN) + 1}) AS run_id FROM events WHERE event_type = '_journey.send' AND system"
)


def ddl() -> list[str]:
    """Statements that create the tables; that of the events has to be there."""
    parts = [f"{column.name} {column.type}" for column in COLUMNS]
    # The day of storing in real time: on a virtual clock a move may long be "expired".
    parts.append("stored Date DEFAULT today()")
    parts.append("INDEX by_participant participant TYPE bloom_filter(0.01) GRANULARITY 1")
    return [
        f"CREATE TABLE IF NOT EXISTS journey_moves ({', '.join(parts)}) ENGINE = MergeTree"
        " PARTITION BY toYYYYMM(at) ORDER BY (app_id, journey_id, activity)"
        f" TTL stored + toIntervalDay({DAYS}) SETTINGS {DURABLE}, ttl_only_drop_parts = 1",
        "CREATE TABLE IF NOT EXISTS journey_sends (app_id LowCardinality(String), journey_id LowCardinality(String),"
        " run_id LowCardinality(String), activity LowCardinality(String), status LowCardinality(String),"
        " participant String CODEC(ZSTD(1)), message_id String CODEC(ZSTD(1)), at DateTime64(3, 'UTC'),"
        " stored Date DEFAULT today()) ENGINE = MergeTree PARTITION BY toYYYYMM(at)"
        f" ORDER BY (app_id, journey_id, activity) TTL stored + toIntervalDay({DAYS})"
        f" SETTINGS {DURABLE}, ttl_only_drop_parts = 1",
        f"CREATE MATERIALIZED VIEW IF NOT EXISTS journey_sends_view TO journey_sends AS {_SENDS}",
    ]


_LOGGED = f"Array(Tuple({', '.join(f'{column.name} {column.logged}' for column in COLUMNS)}))"
_MOVE = ", ".join(
    "fromUnixTimestamp64Milli(move.at, 'UTC') AS at" if name == "at" else f"move.{name} AS {name}"
    for name, _, _ in COLUMNS
)
# A log batch on a virtual clock can span years of monthly partitions.
FROM_LOG = f"""
SELECT {_MOVE} FROM (SELECT arrayJoin(JSONExtract(body, '{_LOGGED}')) AS move FROM input)
SETTINGS max_partitions_per_insert_block = 0
"""  # noqa: S608 - constants of this file


class MovesSink:
    """Takes moves from the log into the columnar store. The same token stores the same rows once."""

    def __init__(self, columnar: Columnar) -> None:
        self._columnar = columnar

    def consume(self, rows: Sequence[LogRow], token: str) -> None:
        """Store every move of `rows`; returns when they can be queried. Raises Unavailable."""
        bodies = pa.array([row.body for row in rows], pa.large_binary())
        self._columnar.insert_arrow("journey_moves", pa.table({"body": bodies}), token=token, select=FROM_LOG)


ROW = ", ".join("toUnixTimestamp64Milli(at)" if name == "at" else name for name, _, _ in COLUMNS)
"""What to SELECT for `move_of`."""


def move_of(values: Sequence[object]) -> Move:
    """The move whose columns were selected with `ROW`."""
    return Move(*values)  # type: ignore[arg-type]
