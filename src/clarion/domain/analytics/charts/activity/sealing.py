"""Days whose sessions are known: worked out once, and good for as long as the record has the same events of the day.

To find the sessions of a day is to sort its starts and stops by endpoint and time, which takes seconds for a month of a
large app. So the sessions of days (UTC) that are over are kept in `session_starts`, under a seal, with a mark of the
events that they were worked out from: how many there were, and the sum of the moments at which they were stored. Events
that take the place of others are stored later than these, so as many with the same sum are the same. Whoever asks
compares the marks first:

    the mark is still that of the record ─→ the sessions under the seal
    a late event, an erasure, time that took some away ─→ worked out from the record, and sealed anew

With the seal goes how many of them began in each quarter of an hour, for those who ask for no more than that. A seal is
written after its sessions, and only if the mark has not changed meanwhile; of two processes that seal the
same day either seal is right. Sessions of a broken seal go when it can no longer be in use.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from clarion.domain.analytics.charts.activity.presence import moment
from clarion.domain.analytics.charts.activity.sessions import (
    DAY_MS,
    GRACE_MS,
    QUARTER_MS,
    SEALED,
    TYPES,
    in_quarters,
    sessions,
)
from clarion.domain.analytics.charts.model import Ask
from clarion.domain.analytics.charts.sources import query, reported
from clarion.store.columnar import Columnar
from clarion.store.columnar.derived import Derived

_MOST_LOOKED = 1_000
"""Ranges that a process remembers."""

WORTH_SEALING = 5_000
"""Events that a day has to have: fewer are worked out at once."""

SESSIONS = Derived(
    SEALED,
    (
        "app_id LowCardinality(String)",
        "day UInt32",
        "mark UInt64",
        "seal UInt64",
        # The row that says that a seal holds has none: it is the last that is written.
        "endpoint UInt64",
        "user UInt64",
        "at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))",
        "whole Bool",
        # Of that row: how many sessions began in each quarter of an hour of the day, and how many of them were users'.
        "by_quarter Array(UInt32)",
        "users_by_quarter Array(UInt32)",
        "stored DateTime DEFAULT now()",
    ),
    "MergeTree PARTITION BY intDiv(day, 7) ORDER BY (app_id, day, seal, endpoint)",
    "",
    age="at",
)

_COLUMNS = "app_id, day, mark, seal, endpoint, user, at, whole"
_SESSIONS = f"INSERT INTO {SEALED} ({_COLUMNS})"
_SEAL = f"INSERT INTO {SEALED} ({_COLUMNS}, by_quarter, users_by_quarter)"
_MARK = "cityHash64(sum(number), sum(moments))"
_BROKEN = (
    f"FROM {SEALED} WHERE app_id = {{app:String}} AND day = {{day:UInt32}} AND seal != {{seal:UInt64}}"
    " AND stored < now() - 3600"
)


class _Marked(NamedTuple):
    """A day, as the record has it."""

    events: int
    mark: int


class _Looked(NamedTuple):
    """Days that were looked at: what the record had of them all, and the seals that hold as long as it has that."""

    whole: _Marked
    seals: Mapping[int, int]


class Sealing:
    """Seals days of all projects."""

    def __init__(self, columnar: Columnar) -> None:
        self._columnar = columnar
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._looked: dict[tuple[str, int, int], _Looked] = {}

    def catch_up(self, ask: Ask) -> Mapping[int, int]:
        """The seals that hold, by day (as days since 1970), of the days that are over and whole in the range; what is
        worth it and has none is sealed now."""
        first, last = -(-ask.since_ms // DAY_MS), min(ask.until_ms + 1, ask.now_ms) // DAY_MS - 1
        if last < first:
            return {}
        with self._locks[ask.app_id]:
            whole = self._whole(ask, first, last)
            looked = self._looked.get((ask.app_id, first, last))
            if looked is not None and looked.whole == whole:
                return looked.seals
            known = self._seals(ask, first, last)
            found: dict[int, int] = {}
            for day, marked in self._marks(ask, first, last).items():
                if marked.events >= WORTH_SEALING:
                    seal = known.get((day, marked.mark)) or self._seal(ask, day, marked)
                    if seal:
                        found[day] = seal
            if len(self._looked) >= _MOST_LOOKED:
                self._looked.clear()
            self._looked[ask.app_id, first, last] = _Looked(whole, found)
            return found

    def _whole(self, ask: Ask, first: int, last: int) -> _Marked:
        """All days together, which takes about half of the time of telling them apart."""
        meant = _of_days(ask, first, last)
        sql = f"SELECT 0, count(), sum(toUnixTimestamp(stored)) {_of_sessions(meant)}"
        ((_, events, moments),) = self._ask(meant, sql)
        return _Marked(events, moments)

    def _marks(self, ask: Ask, first: int, last: int) -> dict[int, _Marked]:
        meant = _of_days(ask, first, last)
        # An end shortly before a day belongs to both.
        sql = (
            f"SELECT day, sum(number), {_MARK} FROM (SELECT intDiv(toUnixTimestamp64Milli(ts), {DAY_MS}) AS one,"
            f" intDiv(toUnixTimestamp64Milli(ts) + {GRACE_MS}, {DAY_MS}) AS other, count() AS number,"
            f" sum(toUnixTimestamp(stored)) AS moments {_of_sessions(meant)} GROUP BY one, other)"
            " ARRAY JOIN arrayDistinct([one, other]) AS day WHERE day BETWEEN {first:Int64} AND {last:Int64}"
            " GROUP BY day"
        )
        rows = self._ask(meant, sql, first=first, last=last)
        return {day: _Marked(events, mark) for day, events, mark in rows}

    def _seals(self, ask: Ask, first: int, last: int) -> dict[tuple[int, int], int]:
        sql = (
            f"SELECT day, mark, min(seal) FROM {SEALED} WHERE app_id = {{app:String}} AND whole"
            " AND day BETWEEN {first:Int64} AND {last:Int64} GROUP BY day, mark"
        )
        return {(day, mark): seal for day, mark, seal in self._ask(ask, sql, first=first, last=last)}

    def _seal(self, ask: Ask, day: int, marked: _Marked) -> int:
        """The new seal of a day, 0 when its events change right now."""
        meant = _of_days(ask, day, day)
        ((_, _, seal),) = self._ask(ask, "SELECT 0, 0, rand64()")
        given = {"day": day, "mark": marked.mark, "seal": seal}
        row = "SELECT {app:String}, {day:UInt32}, {mark:UInt64}, {seal:UInt64}"
        self._do(meant, f"{_SESSIONS} {row}, endpoint, user, at, false FROM {sessions(meant)}", **given)
        if self._marks(ask, day, day).get(day) != marked:
            return 0
        self._do(meant, f"{_SEAL} {row}, 0, 0, {moment(meant.since_ms)}, true, {_counts(day)}", **given)
        if self._ask(ask, f"SELECT 0, 0, 0 {_BROKEN} LIMIT 1", day=day, seal=seal):
            self._do(ask, f"DELETE {_BROKEN}", day=day, seal=seal)
        return seal

    def _ask(self, ask: Ask, sql: str, **given: Any) -> Sequence[tuple[int, int, int]]:
        found = query(ask, sql, **given)
        rows = self._columnar.query(found.sql, found.parameters)
        return [(int(str(one)), int(str(two)), int(str(three))) for one, two, three in rows]

    def _do(self, ask: Ask, sql: str, **given: Any) -> None:
        found = query(ask, sql, **given)
        self._columnar.command(found.sql, found.parameters)


def _of_sessions(meant: Ask) -> str:
    """`FROM …`: the events of which sessions of these days are made. An end shortly before them counts, too."""
    since, until = moment(meant.since_ms - GRACE_MS), moment(meant.until_ms)
    return f"{reported(meant, TYPES, in_range=False)} AND ts >= {since} AND ts <= {until}"


def _of_days(ask: Ask, first: int, last: int) -> Ask:
    """The same of whole days, of everybody."""
    return ask._replace(since_ms=first * DAY_MS, until_ms=(last + 1) * DAY_MS - 1, audience=None, seals={})


def _counts(day: int) -> str:
    """`…, … FROM …`: the counts that go with the seal of a day, of the sessions under it."""
    place = f"toUInt32(intDiv(toUnixTimestamp64Milli(quarter) - {day * DAY_MS}, {QUARTER_MS}))"
    noted = f"groupArrayInsertAt(0, {DAY_MS // QUARTER_MS})"
    under = (
        f"(SELECT * FROM {SEALED} WHERE app_id = {{app:String}} AND day = {{day:UInt32}} AND seal = {{seal:UInt64}})"
    )
    return f"{noted}(toUInt32(begun), {place}), {noted}(toUInt32(of_users), {place}) FROM ({in_quarters(under)})"
