"""Lines become changes: where they are few in this process, else in one of its own, beside the writing of the rows.

Rows that nothing but their own line decides upon are drafted there, too (`audience.drafts`). What goes over is
encoded in C; this process decodes the row of a draft only when it has to.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import msgspec

from clarion.core.errors import Unavailable
from clarion.domain.audience.service import Change, Drafts, Item, Restored, draft, item_of
from clarion.domain.transfers.source.content import Line
from clarion.domain.transfers.source.quick import quick
from clarion.domain.transfers.source.rows import Row, parser
from clarion.shapes.pinpoint import Format


class Checked(msgspec.Struct, array_like=True, gc=False):
    """A row: the change of an endpoint, or a user, or why it is refused."""

    line: int
    user_id: str = ""
    error: str = ""
    endpoint_id: str = ""
    change: Change | None = None
    request_id: str = ""
    restored: Restored | None = None

    @property
    def item(self) -> Item | None:
        """The change as the audience takes it."""
        if self.change is None:
            return None
        return Item(self.endpoint_id, self.change, self.request_id, restored=self.restored)


class Parsed(msgspec.Struct, array_like=True, gc=False):
    """Rows in their order, encoded one by one; `drafts` are of those at its places, None when there are none."""

    encoded: list[bytes]
    drafts: Drafts | None = None

    def rows(self) -> list[Checked]:
        """All of them."""
        return [_decode_row(row) for row in self.encoded]

    def others(self, places: Collection[int]) -> Iterator[tuple[int, Checked]]:
        """Those that are not at these places, with their own."""
        for place, row in enumerate(self.encoded):
            if place not in places:
                yield place, _decode_row(row)


def check(format: Format, header: Line | None, request_id: str, lines: Sequence[Line]) -> Parsed:
    """The rows of these lines. Raises BadHeader."""
    parse = parser(format, header)
    usual = quick(format, header, request_id)
    rows: list[Checked] = []
    for line in lines:
        if (item := usual(line)) is not None:
            rows.append(Checked(line.number, "", "", item.endpoint_id, item.change, request_id))
        else:
            rows += [_checked(row, request_id) for row in parse(line)]
    return Parsed([_encode(row) for row in rows], draft([row.item for row in rows]))


class Parsing:
    """The process that parses; it starts with the first lines for it and ends with `close`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def begin(self, format: Format, header: Line | None, request_id: str, lines: Sequence[Line]) -> Future[bytes]:
        """Have lines parsed; give the future to `result`."""
        given = (format, header, request_id, [(*line,) for line in lines])
        try:
            return self._started().submit(_work, *given)
        except BrokenProcessPool:
            self.close()
            return self._started().submit(_work, *given)

    def _started(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                # Spawned: a fork would take over the locks of this process's threads.
                spawned = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(1, spawned, initializer=_begin)
            return self._pool

    def result(self, parsed: Future[bytes]) -> Parsed:
        """The rows. Raises Unavailable when the process was killed: the next `begin` starts another."""
        try:
            return _decode(parsed.result())
        except BrokenProcessPool as error:
            self.close()
            raise Unavailable("the process that parses imports was ended") from error

    def close(self) -> None:
        """End the process."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """In the process that parses: rows hold no cycles, and looking for them took a third of its time."""
    gc.freeze()
    gc.set_threshold(500_000, 20, 100)
    _end_with_parent()


def _end_with_parent() -> None:
    """In the process that parses: end when its parent does, also when that was killed and could not say so."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _work(format: Format, header: Line | None, request_id: str, lines: list[tuple[int, int, bytes | None]]) -> bytes:
    return _encode(check(format, header, request_id, [Line(*line) for line in lines]))


def _checked(row: Row, request_id: str) -> Checked:
    if row.item is None:
        return Checked(row.line, row.user_id, row.error)
    item = item_of(row.item.id or "", row.item, request_id, row.restored)
    if item.error is not None:
        return Checked(row.line, error=item.error.message)
    return Checked(row.line, "", "", item.endpoint_id, item.change, request_id, row.restored)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Parsed).decode
_decode_row = msgspec.msgpack.Decoder(Checked).decode
