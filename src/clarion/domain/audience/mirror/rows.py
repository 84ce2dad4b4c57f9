"""What the check reads and changes in the columnar table, range by range of an app's keys, in the order of bytes.

A range is everything behind `after`, up to and with `upto` (None: to the end).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, cast

from clarion.domain.audience.mirror.digest import HASH
from clarion.store.columnar import Columnar

_DELETED_TOGETHER = 1_000


class Mirrored(NamedTuple):
    """A row of the mirror: its version, and its number (`digest`)."""

    version: int
    hash: int


class MirrorRows:
    """The columnar table `endpoints` as the check sees it."""

    def __init__(self, columnar: Columnar) -> None:
        self._columnar = columnar

    def next_app(self, after: str) -> str | None:
        """The first app behind `after` that has rows, deleted ones too."""
        sql = "SELECT app_id FROM endpoints WHERE app_id > {after:String} ORDER BY app_id LIMIT 1"
        rows = self._columnar.query(sql, {"after": after})
        return str(rows[0][0]) if rows else None

    def digest(self, app_id: str, after: str, upto: str | None) -> tuple[int, int]:
        """How many endpoints there are in a range, and the sum of their numbers."""
        ((count, total),) = self._select(f"count(), sum({HASH})", app_id, after, upto)
        return cast(int, count), cast(int, total)

    def read(self, app_id: str, after: str, upto: str | None, limit: int) -> dict[str, Mirrored]:
        """The first `limit` endpoints of a range, by key, in order."""
        rows = self._select(
            f"endpoint_key, version, {HASH}", app_id, after, upto, f"ORDER BY endpoint_key LIMIT {int(limit)}"
        )
        return _rows(rows)

    def between(self, app_id: str, first: str, last: str) -> dict[str, Mirrored]:
        """The endpoints from key `first` to key `last`, both included."""
        sql = (
            f"SELECT endpoint_key, version, {HASH} FROM endpoints FINAL"  # noqa: S608
            " WHERE app_id = {app:String} AND endpoint_key >= {first:String} AND endpoint_key <= {last:String}"
        )
        return _rows(self._columnar.query(sql, {"app": app_id, "first": first, "last": last}))

    def highest_version(self, app_id: str) -> int:
        """The highest version of any row of the app, deletions too; 0 without rows."""
        sql = "SELECT max(version) FROM endpoints WHERE app_id = {app:String}"
        ((version,),) = self._columnar.query(sql, {"app": app_id})
        return cast(int, version)

    def deleted_beyond(self, app_id: str, version: int, after: str, limit: int) -> list[str]:
        """Keys behind `after` with a deletion of a higher version than this, in order."""
        sql = (
            "SELECT DISTINCT endpoint_key FROM endpoints WHERE app_id = {app:String} AND endpoint_key > {after:String}"  # noqa: S608
            f" AND deleted AND version > {{version:UInt64}} ORDER BY endpoint_key LIMIT {int(limit)}"
        )
        rows = self._columnar.query(sql, {"app": app_id, "after": after, "version": version})
        return [str(key) for (key,) in rows]

    def remove(self, app_id: str, keys: Sequence[str]) -> None:
        """Remove every row of these keys, whatever its version."""
        sql = "DELETE FROM endpoints WHERE app_id = {app:String} AND endpoint_key IN {keys:Array(String)}"
        for some in pieces(keys, _DELETED_TOGETHER):
            self._columnar.command(sql, {"app": app_id, "keys": some})

    def _select(
        self, what: str, app_id: str, after: str, upto: str | None, tail: str = ""
    ) -> Sequence[tuple[object, ...]]:
        end = "" if upto is None else " AND endpoint_key <= {upto:String}"
        sql = (
            f"SELECT {what} FROM endpoints FINAL WHERE app_id = {{app:String}} AND endpoint_key > {{after:String}}"  # noqa: S608
            f"{end} {tail}"
        )
        parameters = {"app": app_id, "after": after}
        return self._columnar.query(sql, parameters if upto is None else {**parameters, "upto": upto})


def pieces(keys: Sequence[str], size: int) -> Iterator[list[str]]:
    """`keys` in lists of `size`."""
    for start in range(0, len(keys), size):
        yield list(keys[start : start + size])


def _rows(rows: Sequence[tuple[object, ...]]) -> dict[str, Mirrored]:
    return {str(key): Mirrored(cast(int, version), cast(int, number)) for key, version, number in rows}
