"""Events: taking in what apps report, recording what the product does, and answering about single people.

Requests are not written one by one. While a transaction is being committed, later ones gather, and the next
transaction takes them all:

    put → steps on arrival → waiting ─┐
    put → steps on arrival → waiting ─┼─→ steps in one transaction → commit → every caller is answered
    put → steps on arrival → waiting ─┘
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future

import sqlalchemy as sa
import structlog

from clarion.core.clock import Clock
from clarion.core.errors import ClarionError, Unavailable
from clarion.domain.apps.model import App
from clarion.domain.apps.service import Apps
from clarion.domain.audience.service import Audience
from clarion.domain.events import pipeline, queries
from clarion.domain.events.ingest.metrics import IngestMetrics
from clarion.domain.events.ingest.names import KnownNames
from clarion.domain.events.ingest.recent import RecentEvents
from clarion.domain.events.model import EventRow
from clarion.domain.events.pipeline import Put, Tools
from clarion.domain.events.queries import Decision
from clarion.domain.events.rejections.keeping import Rejections
from clarion.domain.events.reported import ROWS, encode_rows, note_of
from clarion.engine import log
from clarion.shapes.pinpoint import EventsResponse
from clarion.store.columnar import Columnar
from clarion.store.database import Database
from clarion.wire.context import Context

Record = Callable[[sa.Connection], None]
"""Appends events that are encoded already, in the caller's transaction."""

Heard = Callable[[sa.Connection, Sequence[EventRow]], None]
"""Told of events, in the transaction that records them."""

MOST_WAITING = 5_000
"""Requests that may wait for the database; more are told to come again."""

MOST_TOGETHER = 250
"""Requests in one transaction."""

_log = structlog.get_logger(__name__)


class Events:
    """The record of everything that happened."""

    def __init__(
        self,
        database: Database,
        columnar: Columnar,
        apps: Apps,
        audience: Audience,
        *,
        clock: Clock,
        metrics: IngestMetrics | None = None,
        recent: RecentEvents | None = None,
        rejections: Rejections | None = None,
    ) -> None:
        self._database = database
        self._columnar = columnar
        self._clock = clock
        self._tools = Tools(
            apps, audience, KnownNames(database), recent or RecentEvents(), metrics or IngestMetrics(), rejections
        )
        self._lock = threading.Lock()
        self._waiting: list[Put] = []
        self._listeners: list[tuple[frozenset[str], Heard]] = []
        apps.on_delete(self._forget)

    def put(self, ctx: Context, app_id: str, body: bytes) -> Future[EventsResponse]:
        """Take in a PutEvents body; the future answers item by item once the good events are durable.

        Does not block. Raises Invalid or TooLarge for a body that is refused as a whole, Unavailable when too
        many wait already. The future fails with NotFound for an unknown project, Unavailable without database.
        """
        if len(self._waiting) >= MOST_WAITING:
            raise Unavailable("too many events are waiting to be stored")
        put = Put(ctx.scope, app_id, ctx.request_id, body, self._clock.now_ms())
        try:
            pipeline.arrive(self._tools, put)
        except BaseException as error:
            self._tools.recent.settle(put.claim, error)
            raise
        self._gather([put])
        return put.answered

    def on_recorded(self, event_types: Collection[str], heard: Heard) -> None:
        """Have somebody told when the product records events of these types, whatever part of it does."""
        self._listeners.append((frozenset(event_types), heard))

    def record(self, connection: sa.Connection, rows: Sequence[EventRow]) -> None:
        """Record what the product did, in the transaction that did it."""
        if rows:
            self.encoded(rows)(connection)

    def encoded(self, rows: Sequence[EventRow]) -> Record:
        """`record`, with the work of encoding done here and now, outside the transaction."""
        body, note = (encode_rows(rows), note_of(rows)) if rows else (b"", b"")
        told = [
            (heard, found)
            for types, heard in self._listeners
            if (found := [row for row in rows if row.event_type in types])
        ]

        def append(connection: sa.Connection) -> None:
            if body:
                log.append(connection, ROWS, body, note=note)
            for heard, found in told:
                heard(connection, found)

        return append

    def recent(self, app_id: str, endpoint_key: str, limit: int = queries.RECENT) -> list[EventRow]:
        """The endpoint's latest events of every kind, newest first."""
        return queries.recent(self._columnar, app_id, endpoint_key, limit)

    def of_message(self, app_id: str, message_id: str) -> list[EventRow]:
        """Everything that happened to one message, newest first."""
        return queries.of_message(self._columnar, app_id, message_id)

    def of_messages(self, app_id: str, message_ids: Sequence[str], event_types: Sequence[str]) -> list[EventRow]:
        """The events of these types of several messages, newest first."""
        return queries.of_messages(self._columnar, app_id, message_ids, event_types)

    def of_message_ids(
        self, message_ids: Sequence[str], from_ms: int, to_ms: int, event_types: Sequence[str] = ("_email.send",)
    ) -> list[EventRow]:
        """The events of these types of messages whose project is not known, sent in [from_ms, to_ms) (Unix ms), newest
        first. An hour or a few are meant, as a bounce's address tells."""
        return queries.of_message_ids(self._columnar, message_ids, event_types, from_ms, to_ms)

    def why(
        self, app_id: str, endpoint_key: str, campaign_id: str | None = None, journey_id: str | None = None
    ) -> list[Decision]:
        """Why an endpoint did, or did not, get messages; newest first."""
        return queries.why(self._columnar, app_id, endpoint_key, campaign_id, journey_id)

    def _gather(self, puts: list[Put]) -> None:
        with self._lock:
            idle = not self._waiting
            self._waiting += puts
        if idle:
            self._commit_waiting()

    def _commit_waiting(self) -> None:
        """Submit a transaction for what will be waiting when its turn comes."""
        taken: list[Put] = []

        def work(connection: sa.Connection) -> None:
            taken.extend(self._take())
            pipeline.transact(self._tools, connection, taken)

        try:
            self._database.submit(work).add_done_callback(lambda done: self._settle(taken, done))
        except ClarionError as error:
            self._fail(self._take(), error)

    def _take(self) -> list[Put]:
        with self._lock:
            taken, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            more = bool(self._waiting)
        if more:
            self._commit_waiting()
        return taken

    def _settle(self, taken: list[Put], done: Future[None]) -> None:
        error = done.exception()
        if error is None:
            for put in taken:
                try:
                    self._answer(put)
                except Exception as failure:
                    _log.exception("events.answer_failed", app=put.app_id, request_id=put.request_id)
                    if not put.answered.done():
                        put.resolve(failure)
        elif isinstance(error, Unavailable) or len(taken) == 1:
            # Nothing taken: the transaction did not even begin.
            self._fail(taken or self._take(), error)
        else:
            # One of them is poison; by themselves the others go through.
            for put in taken:
                self._commit_alone(put)

    def _commit_alone(self, put: Put) -> None:
        try:
            alone = self._database.submit(lambda connection: pipeline.transact(self._tools, connection, [put]))
            alone.add_done_callback(lambda done: self._settle([put], done))
        except ClarionError as error:
            self._fail([put], error)

    def _answer(self, put: Put) -> None:
        if put.error is not None:
            self._fail([put], put.error)
            return
        self._tools.recent.settle(put.claim)
        pipeline.count(self._tools, put)
        if put.claim.repeats:
            self._tools.recent.after(put.claim, put.resolve)
        else:
            put.resolve()

    def _fail(self, puts: Sequence[Put], error: BaseException) -> None:
        for put in puts:
            self._tools.recent.settle(put.claim, error)
            put.resolve(error)

    def _forget(self, connection: sa.Connection, app: App) -> None:
        self._tools.names.forget(connection, app.id)
