"""Taking in what belongs to projects that stream: a follower of the ingest log.

What it leaves in the backlog is part of the transaction that deletes the log rows, so neither a crash nor a repeat
loses or doubles an event. Bodies of one single project are taken as they are; of others the project's part. They are
packed beside the consumer's work, whole stretches of the log in one row, since the state database's one writer is what
ingestion waits for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
import structlog
from msgspec import Struct

from clarion.core.clock import Clock
from clarion.domain.events.model import INTERNAL, EventRow
from clarion.domain.events.records import streamed
from clarion.domain.events.reported import (
    PUT,
    ROWS,
    Note,
    Reported,
    apps_in,
    decode_events,
    decode_note,
    encode,
    encode_rows,
)
from clarion.domain.streams import backlog, store
from clarion.domain.streams.backlog import Gone, New
from clarion.domain.streams.model import Lost
from clarion.domain.streams.packing import Piece, pack
from clarion.engine.log import Follow, LogRow
from clarion.store.database import Database

PACK_BYTES = 2_000_000
"""What is packed together, unpacked."""

OnLost = Callable[[str, Lost, Gone], None]
"""Told of a project's events that were dropped."""

_log = structlog.get_logger(__name__)


class _Part(NamedTuple):
    """A project's part of a log row, and how many events that are."""

    piece: Piece
    events: int


class _CountedEndpoint(Struct, array_like=True, gc=False):
    endpoint_id: str
    endpoint_key: str
    user_id: str
    app_version: str
    device: str
    events: dict[str, msgspec.Raw]


class _Counted(Struct, array_like=True, gc=False):
    app_id: str
    account: str
    arrival: int
    endpoints: list[_CountedEndpoint]


class _Whose(Struct, gc=False):
    app_id: str


_decode_counted = msgspec.json.Decoder(list[_Counted]).decode
_decode_reported = msgspec.json.Decoder(list[Reported]).decode
_decode_rows = msgspec.json.Decoder(list[EventRow]).decode
_decode_whose = msgspec.json.Decoder(list[_Whose]).decode


class Capture:
    """Follows the log (`engine.log.Follower`). `bound` is the most bytes that all backlogs may have together."""

    def __init__(self, database: Database, clock: Clock, *, bound: int, wake: Callable[[], None], lost: OnLost) -> None:
        self._database = database
        self._clock = clock
        self._bound = bound
        self._wake = wake
        self._lost = lost

    def follow(self, rows: Sequence[LogRow]) -> Follow | None:
        """Pack what these log rows have for streams; answers what adds it to their backlogs."""
        apps = apps_in(rows)
        if not apps:
            return None
        streams = self._database.read(lambda connection: store.of_apps(connection, apps))
        if not streams:
            return None
        found: dict[str, list[_Part]] = {app_id: [] for app_id in streams}
        for row in rows:
            wanted = {app_id for app_id, stream in streams.items() if row.id > stream.behind}
            for app_id, part in _read(row, wanted):
                found[app_id].append(part)
        now = self._clock.now_ms()
        new = {
            app_id: [New(streams[app_id].stream_id, now, *packed) for packed in _packed(parts)]
            for app_id, parts in found.items()
            if parts
        }
        return (lambda connection: self._write(connection, new)) if new else None

    def _write(self, connection: sa.Connection, new: dict[str, list[New]]) -> None:
        there = store.of_apps(connection, new, share=True)
        mine = {
            app_id: rows
            for app_id, rows in new.items()
            if app_id in there and rows[0].stream_id == there[app_id].stream_id
        }
        if not mine:
            return
        backlog.add(connection, mine)
        lost = backlog.make_room(connection, self._bound)
        self._database.after_commit(connection, lambda: self._done(lost))

    def _done(self, lost: dict[str, Gone]) -> None:
        self._wake()
        for app_id, gone in lost.items():
            self._lost(app_id, Lost.NO_ROOM, gone)


def _read(row: LogRow, wanted: Collection[str]) -> list[tuple[str, _Part]]:
    if row.kind not in (PUT, ROWS) or not wanted:
        return []
    try:
        return list(_parts(row, wanted))
    except (msgspec.DecodeError, ValueError):
        _log.exception("streams.row_not_captured", row=row.id, kind=row.kind)
        return []


def _parts(row: LogRow, wanted: Collection[str]) -> Iterator[tuple[str, _Part]]:
    """What a log row has for these projects, by project."""
    types = (decode_note(row.note) if row.note else Note()).types
    streaming = [app_id for app_id in types if app_id in wanted and not types[app_id] <= INTERNAL]
    if not streaming:
        return
    internal = any(types[app_id] & INTERNAL for app_id in streaming)
    if len(types) == 1 and not internal:
        yield streaming[0], _whole(row)
    else:
        split = _split_put if row.kind == PUT else _split_rows
        yield from split(row.body, streaming)


def _whole(row: LogRow) -> _Part:
    if row.kind == ROWS:
        return _Part(Piece("rows", row.body), len(_decode_whose(row.body)))
    return _Part(Piece("put", row.body), _count(_decode_counted(row.body)))


def _count(requests: Sequence[_Counted]) -> int:
    return sum([len(endpoint.events) for request in requests for endpoint in request.endpoints])


def _split_put(body: bytes, app_ids: Collection[str]) -> Iterator[tuple[str, _Part]]:
    requests = [request for request in _decode_reported(body) if request.app_id in app_ids]
    for app_id in app_ids:
        mine = [request for request in requests if request.app_id == app_id]
        events = 0
        for request in mine:
            for endpoint in request.endpoints:
                told = decode_events(endpoint.events)
                left = {event_id: one for event_id, one in told.items() if one.event_type not in INTERNAL}
                if len(left) < len(told):
                    endpoint.events = msgspec.Raw(encode(left))
                events += len(left)
        if events:
            yield app_id, _Part(Piece("put", encode(mine)), events)


def _split_rows(body: bytes, app_ids: Collection[str]) -> Iterator[tuple[str, _Part]]:
    rows = [row for row in _decode_rows(body) if streamed(row)]
    for app_id in app_ids:
        mine = [row for row in rows if row.app_id == app_id]
        if mine:
            yield app_id, _Part(Piece("rows", encode_rows(mine)), len(mine))


def _packed(parts: Sequence[_Part]) -> Iterator[tuple[int, int, bytes]]:
    """Events, size and body of backlog rows, in the order of the parts."""
    together: list[_Part] = []
    size = 0
    for part in parts:
        if together and size + len(part.piece.body) > PACK_BYTES:
            yield _pack(together)
            together, size = [], 0
        together.append(part)
        size += len(part.piece.body)
    if together:
        yield _pack(together)


def _pack(parts: Sequence[_Part]) -> tuple[int, int, bytes]:
    body = pack([part.piece for part in parts])
    return sum(part.events for part in parts), len(body), body
