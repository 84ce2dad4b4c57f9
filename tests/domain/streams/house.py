"""The slice as the server builds it, over null sinks, with destinations that do as a script says."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from clarion.channels.streaming.port import Failed, Limits, Record, StreamFailed
from clarion.core.clock import SystemClock, VirtualClock, parse_iso
from clarion.core.errors import Invalid, Unavailable
from clarion.core.ids import SeededIds
from clarion.core.scope import Scope
from clarion.domain.apps.service import Apps
from clarion.domain.apps.tags import Tags
from clarion.domain.events import produced
from clarion.domain.events.model import EventRow
from clarion.domain.events.people import _redact_put, _redact_rows
from clarion.domain.events.reported import PUT, ROWS, Note, Reported, ReportedEndpoint, encode, encode_rows, note_of
from clarion.domain.streams import store
from clarion.domain.streams.capture import Capture
from clarion.domain.streams.delivery.courier import Tools
from clarion.domain.streams.delivery.pump import StreamsPump
from clarion.domain.streams.jobs import StreamsJobs
from clarion.domain.streams.metrics import StreamMetrics
from clarion.domain.streams.people import StreamsHolder
from clarion.domain.streams.service import Streams
from clarion.domain.streams.store import Listed
from clarion.engine import log
from clarion.engine.backoff import Backoff
from clarion.engine.jobs import Jobs
from clarion.engine.log import LogConsumer, LogRow
from clarion.engine.pumps import Engine
from clarion.engine.workers import JobsPump
from clarion.shapes.pinpoint import WriteEventStream
from clarion.store import secrets
from clarion.store.database import Database
from clarion.store.vault import open_vault

NOW = "2027-03-04T09:15:03.008Z"
ACCOUNT = "000000000001"
LIMITS = Limits(records=10, bytes=100_000, record_bytes=10_000)

Answer = Callable[[Sequence[Record]], Sequence[Failed]]


def fine(records: Sequence[Record]) -> Sequence[Failed]:
    return ()


def dead(records: Sequence[Record]) -> Sequence[Failed]:
    raise StreamFailed("ServiceUnavailableException", "nobody there")


class Place:
    """Where a stream leads: what has arrived, and how it answers."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.limits = limits
        self.arrived: list[Record] = []
        self.batches: list[list[Record]] = []
        self.answer: Answer = fine
        self.away = ""
        self.wrong = ""
        self.opened = self.closed = 0

    def ids(self) -> list[str]:
        """The `n` of what has arrived, in order."""
        return [json.loads(record.data)["attributes"]["n"] for record in self.arrived]

    # --- the destination

    def check(self) -> None:
        if self.wrong:
            raise Invalid(f"DestinationStreamArn: {self.wrong}")
        if self.away:
            raise Unavailable(f"DestinationStreamArn: {self.away}")

    def send(self, records: Sequence[Record]) -> Sequence[Failed]:
        assert len(records) <= self.limits.records
        assert sum(len(record.data) for record in records) <= self.limits.bytes
        failed = self.answer(records)
        not_taken = {one.index for one in failed}
        self.batches.append(list(records))
        self.arrived += [record for place, record in enumerate(records) if place not in not_taken]
        return failed

    def close(self) -> None:
        self.closed += 1


class Places:
    """See `domain.streams.service.Outlets`: any URI `fake://NAME[?secret=…]` that was put here."""

    def __init__(self) -> None:
        self.places: dict[str, Place] = {}

    def open(self, uri: str, *, role: str, account: str, app_id: str) -> Place:
        name = uri.partition("?")[0]
        if name not in self.places:
            raise Invalid("DestinationStreamArn: no such place")
        self.places[name].opened += 1
        return self.places[name]

    def shown(self, uri: str) -> str:
        base, query, _ = uri.partition("?")
        return f"{base}?secret=***" if query else base


class _Null:
    def consume(self, rows: Sequence[LogRow], token: str) -> None:
        pass


class House:
    """One process on a database; several may share one, with `places` and a clock."""

    def __init__(
        self,
        database: Database,
        *,
        clock: VirtualClock | None = None,
        places: Places | None = None,
        bound: int = 10**9,
        hours: int = 24,
        seed: int = 1,
    ) -> None:
        self.database = database
        self.clock = clock or VirtualClock(parse_iso(NOW))
        self.places = places or Places()
        real, ids = SystemClock(), SeededIds(seed)
        self.jobs = Jobs(database, self.clock)
        self.apps = Apps(database, Tags(database), self.jobs, clock=self.clock, ids=ids)
        vault = open_vault(database, ids, "")
        self.vault_key = secrets.get(database, ids, "vault")
        self.streams = Streams(database, self.apps, self.places, vault, self.jobs, self.clock, ids)
        StreamsJobs(database, self.jobs, self.clock)
        self.metrics = StreamMetrics()
        tools = Tools(
            database=database,
            open=self.streams.open,
            clock=self.clock,
            real=real,
            backoff=Backoff(ids),
            metrics=self.metrics,
            owner=ids.hex32(),
            hours=hours,
            stopping=threading.Event(),
        )
        self.pump = StreamsPump(tools, bound=bound)
        self.streams.wake = self.pump.wake
        self.capture = Capture(database, self.clock, bound=bound, wake=self.pump.wake, lost=self.metrics.lost)
        sinks = {PUT: _Null(), ROWS: _Null()}
        self.consumer = LogConsumer(database, sinks, real=real, ids=ids, followers=[self.capture])
        self.holder = StreamsHolder(database, {PUT: _redact_put, ROWS: _redact_rows})
        worker = JobsPump(database, self.jobs, clock=self.clock, real=real, ids=ids)
        self.engine = Engine([worker, self.consumer, self.pump], self.clock, ids)
        self.scope = Scope(ACCOUNT, "eu-central-1")

    def app(self) -> str:
        return self.apps.create(self.scope, "shop", None).app.id

    def stream(self, name: str = "fake://a", limits: Limits = LIMITS, app: str = "") -> tuple[str, Place]:
        """A project that streams to a new place."""
        app = app or self.app()
        place = self.places.places.setdefault(name, Place(limits))
        self.put(app, name)
        return app, place

    def put(self, app: str, uri: str, role: str = "") -> Any:
        sent = WriteEventStream(destination_stream_arn=uri, role_arn=role)
        return self.streams.put(self.scope, app, sent, "arn:aws:iam::1:user/me")

    def status(self, app: str) -> Listed:
        return self.streams.status(self.scope, app)

    def report(self, *requests: Reported) -> None:
        """What PutEvents leaves in the log: requests of one row."""
        note = Note(arrival=requests[0].arrival)
        for request in requests:
            for endpoint in request.endpoints:
                for event in msgspec.json.decode(endpoint.events).values():
                    note.types.setdefault(request.app_id, set()).add(event["EventType"])
        self.database.write(lambda c: log.append(c, PUT, encode(requests), note=encode(note)))

    def record(self, *rows: EventRow) -> None:
        """What the product leaves in the log."""
        body, note = encode_rows(rows), note_of(rows)
        self.database.write(lambda c: log.append(c, ROWS, body, note=note))

    def settle(self) -> None:
        self.consumer.catch_up()
        self.engine.settle(20)

    def advance(self, minutes: float) -> None:
        self.engine.advance(self.clock.now() + timedelta(minutes=minutes))

    def count(self, table: sa.Table) -> int:
        return self.database.read(lambda c: c.scalar(sa.select(sa.func.count()).select_from(table)) or 0)

    def stop(self) -> None:
        self.pump.stop(5)
        self.consumer.stop()

    @property
    def tables(self) -> Any:
        return store


def request(app: str, events: Sequence[tuple[str, str]], *, event_type: str = "cart.left", user: str = "") -> Reported:
    """Events (endpoint, n) of one request, in order."""
    endpoints: list[ReportedEndpoint] = []
    for endpoint, n in events:
        event = {"EventType": event_type, "Timestamp": "2027-03-04T09:15:02.120Z", "Attributes": {"n": n}}
        raw = msgspec.Raw(json.dumps({f"e-{n}": event}, separators=(",", ":")).encode())
        endpoints.append(ReportedEndpoint(endpoint, endpoint, user, "", "", raw))
    return Reported(app, ACCOUNT, 1804151403008, endpoints)


def skip(app: str, n: str, endpoint: str = "ep") -> EventRow:
    """Something of which nothing is streamed."""
    subject = produced.Subject(account=ACCOUNT, app_id=app, endpoint_id=endpoint, message_id=n)
    return produced.skip(subject, at_ms=5, gate="g", reason="r")


def sent(app: str, n: str, endpoint: str = "ep") -> EventRow:
    """A campaign reached an endpoint."""
    subject = produced.Subject(
        account=ACCOUNT, app_id=app, endpoint_id=endpoint, campaign_id="c", activity_id="a", message_id=n
    )
    row = produced.campaign_send(subject, at_ms=5, status="SUCCESS", delivery_type="EMAIL")
    row.kv.append(f"n\x1f{n}")
    return row
