"""The lists of imported segments: filled through the ingest log, so that a member is there when its endpoint is.

import job ─ add, in the transaction that writes the endpoints ─→ ingest log ─→ sink ─→ segment_imports
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.domain.segments.model import Member
from clarion.engine import log
from clarion.engine.log import LogRow
from clarion.store.columnar import Columnar

LOG_KIND = "segment_members"
"""Log rows of this kind hold a `_Added`."""

_LIST = "FROM segment_imports WHERE segment_id = {segment:String} AND version = {list:UInt32}"


class _Added(msgspec.Struct, frozen=True, array_like=True):
    segment_id: str
    list: int
    members: Sequence[Member]


class _Row(NamedTuple):
    segment_id: str
    version: int
    endpoint_key: str
    user_id: str


class ListSize(NamedTuple):
    """How many rows a list has, each counted once, and its endpoints by channel (users stand for theirs)."""

    rows: int
    channels: dict[str, int]


class Lists:
    """All lists, by segment and number."""

    def __init__(self, columnar: Columnar) -> None:
        self._columnar = columnar

    def add(self, connection: sa.Connection, segment_id: str, number: int, members: Sequence[Member]) -> None:
        """Put members on a list, in the caller's transaction."""
        if members:
            log.append(connection, LOG_KIND, msgspec.json.encode(_Added(segment_id, number, members)))

    def size(self, app_id: str, segment_id: str, number: int) -> ListSize:
        """The size of a list as it is in the columnar store: wait for the log first."""
        listed = {"segment": segment_id, "list": number}
        ((rows,),) = self._columnar.query(f"SELECT uniqExact(endpoint_key, user_id) {_LIST}", listed)
        assert isinstance(rows, int)
        counted = self._columnar.query(
            "SELECT channel_type, count() FROM endpoints FINAL WHERE app_id = {app:String} AND"  # noqa: S608 - constants of this file only
            f" (endpoint_key IN (SELECT endpoint_key {_LIST} AND endpoint_key != '')"
            f" OR user_id IN (SELECT user_id {_LIST} AND endpoint_key = '' AND user_id != ''))"
            " AND channel_type != '' GROUP BY channel_type ORDER BY channel_type",
            {**listed, "app": app_id},
        )
        return ListSize(rows, {str(channel): int(str(count)) for channel, count in counted})

    def is_of_users(self, segment_id: str, number: int) -> bool:
        """Whether a list names users only, as it is in the columnar store."""
        sql = f"SELECT count(), countIf(endpoint_key = '') {_LIST}"
        ((rows, users),) = self._columnar.query(sql, {"segment": segment_id, "list": number})
        return rows == users != 0


class ListsSink:
    """Takes members from the log into the columnar store."""

    def __init__(self, columnar: Columnar) -> None:
        self._columnar = columnar

    def consume(self, rows: Sequence[LogRow], token: str) -> None:
        """Insert the members of these log rows; the same token again changes nothing."""
        lines = [
            msgspec.json.encode(_Row(added.segment_id, added.list, *member)._asdict())
            for row in rows
            for added in (_decode(row.body),)
            for member in added.members
        ]
        self._columnar.insert_json("segment_imports", b"\n".join(lines), token=token)


def without(body: bytes, keys: Collection[str], user_id: str) -> bytes | None:
    """The body of a log row without these endpoints and this user ("": none), None when nobody is left.

    Raises msgspec.DecodeError.
    """
    added = _decode(body)
    left = [one for one in added.members if one.endpoint_key not in keys and (not user_id or one.user_id != user_id)]
    if len(left) == len(added.members):
        return body
    return msgspec.json.encode(_Added(added.segment_id, added.list, left)) if left else None


_decode = msgspec.json.Decoder(_Added).decode
