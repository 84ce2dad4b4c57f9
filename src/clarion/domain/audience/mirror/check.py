"""Compares the mirror with the state, range by range of keys, and repairs what differs.

    both sides' digest of a range ─→ equal: on to the next range
                │
             differs ─→ key by key ─→ confirm: is it still so when the log has been taken over, twice?
                                          │
                                    announce again ─→ confirm ─→ still so: the mirror has a higher version, which
                                                                 wins whatever is written. Remove its rows,
                                                                 announce again ─→ confirm: left, or repaired

A write in flight is no difference: a key counts only when the state did not change around the look at the mirror.
Versions beyond the log's last number come from a state database older than the mirror (restored from a backup).
Those of deletions hide nothing today, but would hide the next endpoint of that key; so they are looked for too.
Nothing waits for a check: it reads in small transactions, and repairs are log rows like everybody's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.core.clock import perf_seconds
from clarion.domain.audience import store
from clarion.domain.audience.mirror.digest import hash_of, total
from clarion.domain.audience.mirror.rows import Mirrored, MirrorRows, pieces
from clarion.domain.audience.store import Versioned
from clarion.store.columnar import Columnar
from clarion.store.database import Database

RANGE = 5_000
SECONDS = 2.0
EXAMPLES = 5
_ANNOUNCED_TOGETHER = 1_000
_ROUNDS = 2

Kind = Literal["missing", "stale", "ahead", "altered", "surplus"]
"""What is wrong with the mirror: no row, an older version, a newer one, the same with other values, a row too many."""


class Position(NamedTuple):
    """How far a check has come: everything up to this key of this app is done, `done` the whole app."""

    app_id: str = ""
    key: str = ""
    done: bool = True


class Difference(msgspec.Struct, rename="pascal"):
    """Endpoints of one project that differ in one way: how many, how many of them are repaired, some of their keys."""

    application_id: str
    kind: Kind
    found: int
    repaired: int
    examples: list[str]


class Progress(NamedTuple):
    """What one call of `look` did; `position` None: everything is compared."""

    compared: int
    differences: list[Difference]
    position: Position | None


class MirrorCheck:
    """Looks at everything, a part at a time. `catch_up` returns when the log so far is in the mirror.

    Projects that are `erasing` are left out: their endpoints go without being announced one by one.
    """

    def __init__(
        self,
        database: Database,
        columnar: Columnar,
        catch_up: Callable[[], None],
        *,
        erasing: Callable[[sa.Connection, str], bool],
        size: int = RANGE,
    ) -> None:
        self._database = database
        self._mirror = MirrorRows(columnar)
        self._catch_up = catch_up
        self._erasing = erasing
        self._size = size
        self._newest = 0

    def look(
        self, position: Position, *, app_id: str | None = None, repair: bool = False, seconds: float = SECONDS
    ) -> Progress:
        """Compare on from `position`, in one app or in all, for about `seconds`. Raises Unavailable."""
        end = perf_seconds() + seconds
        tally = _Tally()
        following: Position | None = position
        while following is not None:
            following = self._step(following, app_id, tally, repair=repair)
            if perf_seconds() > end:
                break
        return Progress(tally.compared, tally.differences(), following)

    def _step(self, position: Position, only: str | None, tally: _Tally, *, repair: bool) -> Position | None:
        """Compare one range, or find the next app; None at the end."""
        if not position.done:
            key = self._range(position.app_id, position.key, tally, repair=repair)
            if key is not None:
                return Position(position.app_id, key, done=False)
            self._hidden(position.app_id, tally, repair=repair)
            return None if only else Position(position.app_id)
        app_id = only or self._next_app(position.app_id)
        if app_id is None:
            return None
        if self._database.read(lambda connection: self._erasing(connection, app_id)):
            return None if only else Position(app_id)
        return Position(app_id, done=False)

    def _next_app(self, after: str) -> str | None:
        stored = self._database.read(lambda connection: store.app_after(connection, after))
        mirrored = self._mirror.next_app(after)
        return min((one for one in (stored, mirrored) if one is not None), default=None)

    def _range(self, app_id: str, after: str, tally: _Tally, *, repair: bool) -> str | None:
        """Compare the range behind `after`; answers its last key, None when it was the last range."""
        size = self._size
        stored = self._database.read(lambda connection: store.versioned_after(connection, app_id, after, size))
        upto = stored[-1].key if len(stored) == size else None
        expected = {one.key: Mirrored(one.version, hash_of(app_id, one)) for one in stored}
        digest = len(expected), total(one.hash for one in expected.values())
        if self._mirror.digest(app_id, after, upto) != digest:
            found = self._mirror.read(app_id, after, upto, size)
            if len(found) == size:
                # There may be more than `size` rows too many: what is behind the last one is another range.
                upto = max(found)
                expected = {key: one for key, one in expected.items() if key <= upto}
            suspects = [key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)]
            self._treat(app_id, suspects, tally, repair=repair)
        tally.compared += len(expected)
        return upto

    def _treat(self, app_id: str, suspects: Collection[str], tally: _Tally, *, repair: bool) -> None:
        differing = self._confirm(app_id, suspects)
        if not differing:
            return
        left: Collection[str] = differing
        if repair:
            self._announce(app_id, sorted(differing))
            if left := self._confirm(app_id, differing):
                self._mirror.remove(app_id, sorted(left))
                self._announce(app_id, sorted(left))
                left = self._confirm(app_id, left)
        tally.add(app_id, differing, left)

    def _confirm(self, app_id: str, keys: Collection[str]) -> dict[str, Kind]:
        """Those of `keys` that differ when everything announced so far is in the mirror."""
        remaining = sorted(keys)
        differing: dict[str, Kind] = {}
        for _ in range(_ROUNDS):
            if not remaining:
                break
            differing = self._round(app_id, remaining)
            remaining = sorted(differing)
        return differing

    def _round(self, app_id: str, keys: Sequence[str]) -> dict[str, Kind]:
        """Those of `keys` (sorted) that differ now and were not written since the round began."""
        first = self._number(app_id)
        before = self._versions(app_id, keys)
        self._catch_up()
        found = self._found(app_id, keys)
        now = self._stored(app_id, keys)
        last = self._number(app_id)
        differing: dict[str, Kind] = {}
        for key in keys:
            one, there = now.get(key), found.get(key)
            if before.get(key) != (None if one is None else one.version):
                continue
            if one is None and there is not None and first < there.version < last:
                continue  # made and deleted meanwhile
            kind = _compare(None if one is None else Mirrored(one.version, hash_of(app_id, one)), there)
            if kind is not None:
                differing[key] = kind
        return differing

    def _number(self, app_id: str) -> int:
        """The newest number of the log: that of a row made for it, which names nobody."""
        return self._database.write(lambda connection: store.announce(connection, app_id, []))

    def _found(self, app_id: str, keys: Sequence[str]) -> dict[str, Mirrored]:
        """The mirror's rows of these keys (sorted), which are of one range: that is read, not each by itself."""
        wanted = set(keys)
        between = self._mirror.between(app_id, keys[0], keys[-1])
        return {key: row for key, row in between.items() if key in wanted}

    def _stored(self, app_id: str, keys: Sequence[str]) -> dict[str, Versioned]:
        stored = self._database.read(lambda connection: store.versioned(connection, app_id, keys))
        return {one.key: one for one in stored}

    def _versions(self, app_id: str, keys: Sequence[str]) -> Mapping[str, int]:
        return self._database.read(lambda connection: store.versions(connection, app_id, keys))

    def _announce(self, app_id: str, keys: Sequence[str]) -> None:
        for some in pieces(keys, _ANNOUNCED_TOGETHER):
            self._database.write(lambda connection, some=some: store.announce(connection, app_id, some))  # type: ignore[misc]

    def _hidden(self, app_id: str, tally: _Tally, *, repair: bool) -> None:
        """Find deletions of keys that nobody has, with versions the log has not given out yet."""
        if self._mirror.highest_version(app_id) <= self._newest:
            return
        highest = self._mirror.highest_version(app_id)
        self._newest = self._number(app_id)
        if highest <= self._newest:
            return
        for keys in self._hidden_keys(app_id, self._newest):
            if repair:
                self._mirror.remove(app_id, keys)
                self._announce(app_id, keys)
            tally.add(app_id, dict.fromkeys(keys, "ahead"), () if repair else keys)

    def _hidden_keys(self, app_id: str, newest: int) -> Iterator[list[str]]:
        after = ""
        while keys := self._mirror.deleted_beyond(app_id, newest, after, self._size):
            after = keys[-1]
            known = self._versions(app_id, keys)
            if hidden := [key for key in keys if key not in known]:
                yield hidden


class _Tally:
    """What a call has compared and found."""

    def __init__(self) -> None:
        self.compared = 0
        self._found: Counter[tuple[str, Kind]] = Counter()
        self._left: Counter[tuple[str, Kind]] = Counter()
        self._examples: dict[tuple[str, Kind], list[str]] = {}

    def add(self, app_id: str, differing: Mapping[str, Kind], left: Collection[str]) -> None:
        for key, kind in sorted(differing.items()):
            self._found[app_id, kind] += 1
            self._left[app_id, kind] += key in left
            examples = self._examples.setdefault((app_id, kind), [])
            if len(examples) < EXAMPLES:
                examples.append(key)

    def differences(self) -> list[Difference]:
        return [
            Difference(app_id, kind, count, count - self._left[app_id, kind], self._examples[app_id, kind])
            for (app_id, kind), count in sorted(self._found.items())
        ]


def _compare(expected: Mirrored | None, found: Mirrored | None) -> Kind | None:
    """What is wrong with a row of the mirror, None when nothing is."""
    if expected == found:
        return None
    if expected is None:
        return "surplus"
    if found is None:
        return "missing"
    if expected.version == found.version:
        return "altered"
    return "stale" if found.version < expected.version else "ahead"
