"""What waits for streams about one person: counted, and taken out when the person is erased.

What a destination has already is out of reach, and so are the records of a batch that is being sent in that moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from clarion.domain.audience.people.holder import Holder, Person, Redact
from clarion.domain.events.reported import PUT, ROWS
from clarion.domain.streams import backlog, store
from clarion.domain.streams.backlog import Chunk
from clarion.domain.streams.packing import Form, Piece, pack, unpack
from clarion.domain.streams.records import records_of
from clarion.domain.streams.store import StreamRow
from clarion.store.database import Database

PAGE = 20

_KINDS: Mapping[Form, str] = {"put": PUT, "rows": ROWS}


class StreamsHolder(Holder):
    """Backlog and refused records. `redactors` take a person out of log rows, by their kind: those of the events."""

    tables = ("stream_backlog", "stream_refused")

    def __init__(self, database: Database, redactors: Mapping[str, Redact]) -> None:
        self._database = database
        self._redactors = redactors

    def count(self, person: Person) -> Mapping[str, int]:
        stream = self._stream(person)
        if stream is None:
            return {}
        waiting = sum(chunk.events - events for chunk, events, _ in self._without(stream, person))
        refused = self._database.read(lambda connection: backlog.refused(connection, stream.stream_id))
        return {
            "StreamEvents": waiting,
            "StreamRefusals": sum(person.named_in(one.data) for one in refused),
        }

    def erase(self, people: Sequence[Person]) -> bool:
        for person in people:
            stream = self._stream(person)
            if stream is not None:
                self._erase(stream, person)
        return False

    def _erase(self, stream: StreamRow, person: Person) -> None:
        for chunk, events, pieces in self._without(stream, person):
            body = pack(pieces) if events else b""
            self._database.write(
                lambda c, chunk=chunk, events=events, body=body: backlog.replace(c, stream, chunk, events, body)  # type: ignore[misc]
            )
        refused = self._database.read(lambda connection: backlog.refused(connection, stream.stream_id))
        gone = [one.seq for one in refused if person.named_in(one.data)]
        self._database.write(lambda connection: backlog.forget_refused(connection, gone))

    def _stream(self, person: Person) -> StreamRow | None:
        return self._database.read(lambda connection: store.get(connection, person.app_id))

    def _without(self, stream: StreamRow, person: Person) -> Iterator[tuple[Chunk, int, list[Piece]]]:
        """Rows that have something of a person, with how many events are left without, and these."""
        for chunk in self._chunks(stream):
            pieces = unpack(chunk.body)
            left = [one for piece in pieces if (one := self._redacted(piece, person)) is not None]
            if left != pieces:
                yield chunk, sum(len(records_of(piece)) for piece in left), left

    def _redacted(self, piece: Piece, person: Person) -> Piece | None:
        if piece.form not in _KINDS:
            return piece
        try:
            body = self._redactors[_KINDS[piece.form]](piece.body, person)
        except msgspec.DecodeError:
            body = None if person.named_in(piece.body) else piece.body
        return None if body is None else Piece(piece.form, body)

    def _chunks(self, stream: StreamRow) -> Iterator[Chunk]:
        seq = 0
        while page := self._page(stream, seq):
            yield from page
            seq = page[-1].seq

    def _page(self, stream: StreamRow, seq: int) -> list[Chunk]:
        return self._database.read(lambda connection: backlog.after(connection, stream.stream_id, seq, PAGE))
