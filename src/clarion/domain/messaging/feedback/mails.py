"""What became of e-mails after they left, on its way into the record: a report is a job, a job becomes an event.

    report ─→ job (durable) ─→ acknowledged to whoever told
                 └─→ which message? ─┬─ ours, and not told before ─→ `_email.hardbounce`, `softbounce` …
                                     ├─ ours, told before ─→ nothing
                                     ├─ still being handed over ─→ later
                                     └─ never sent ─→ counted and dropped

Whom an event is about is taken from the record of the message, never from the report, which anybody could have
written. Once means once: two reports of the same thing share a job, and a later one finds what was recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec
import sqlalchemy as sa
import structlog
from prometheus_client import CollectorRegistry, Counter

from clarion.channels.email.verp import HOUR_MS
from clarion.channels.feedback import MailReport
from clarion.channels.port import Bounce, Complaint, Delivery
from clarion.core.clock import Clock, iso_ms
from clarion.core.errors import Unavailable
from clarion.domain.email.model import Complained
from clarion.domain.email.service import Complaints
from clarion.domain.events import produced
from clarion.domain.events.model import EventRow
from clarion.domain.events.produced import EmailKind
from clarion.domain.events.service import Events
from clarion.domain.messaging import outbox
from clarion.domain.messaging.outcomes import describe, recalled
from clarion.engine.jobs import Jobs, LeasedJob, NewJob, finish_all
from clarion.store.database import Database

KIND = "messaging.mails"
ATTEMPTS = 8

_SENT = ("_email.send", "_email.delivered")
_TOLD = ("_email.hardbounce", "_email.softbounce", "_email.complaint", "_email.delivered")
_TYPES = tuple(sorted({*_SENT, *_TOLD}))

_log = structlog.get_logger(__name__)

Message = tuple[str, str]
"""Project and message id."""


class Told(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Arguments of `messaging.mails`: see `channels.feedback.MailReport`."""

    app_id: str
    message_id: str
    hour_ms: int = 0
    fact: Bounce | Complaint | Delivery
    at_ms: int
    headers: list[tuple[str, str]] = []
    source_ip: str = ""
    version: int = 1


class Metrics:
    """What comes back about e-mails."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.reports = Counter(
            "clarion_email_feedback",
            "Reports about e-mails: recorded, repeated (told before), unknown (no mail of ours).",
            ["result"],
            registry=registry,
        )


class Mails:
    """Takes reports in and records them. `catch_up` returns when what was recorded so far can be queried."""

    def __init__(
        self,
        database: Database,
        jobs: Jobs,
        events: Events,
        complaints: Complaints,
        catch_up: Callable[[], None],
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._database = database
        self._jobs = jobs
        self._events = events
        self._complaints = complaints
        self._catch_up = catch_up
        self._clock = clock
        self._metrics = metrics

    def register(self) -> None:
        """Let the engine record reports."""
        self._jobs.register(KIND, self.record, batch=True, attempts=ATTEMPTS)

    def take(self, reports: Sequence[MailReport]) -> None:
        """Take reports in; durable when it returns. Raises Unavailable when the database is away."""
        now = self._clock.now_ms()
        new = [NewJob(_told(report, now), now, f"mail:{report.message_id}:{_kind(report.fact)}") for report in reports]
        self._database.write(lambda connection: self._jobs.enqueue_all(connection, KIND, new))

    def record(self, jobs: Sequence[LeasedJob]) -> None:
        """Turn reports into events. Raises Unavailable for those whose messages are still being handed over."""
        told = [(job, job.decode(Told)) for job in jobs]
        early = self._unrecorded({one.message_id for _, one in told})
        self._catch_up()
        known = self._messages([one for _, one in told])
        done: list[LeasedJob] = []
        events: list[EventRow] = []
        complaints: list[Complained] = []
        for job, one in told:
            rows = known.get(one.message_id, [])
            if not rows and one.message_id in early:
                continue
            done.append(job)
            event = self._event(one, rows)
            if event is not None:
                events.append(event)
                known[one.message_id] = [*rows, event]
                if isinstance(one.fact, Complaint):
                    complaints.append(_complained(one, event, rows))

        def finish(connection: sa.Connection) -> None:
            finish_all(connection, done)
            self._events.record(connection, events)
            for complaint in complaints:
                self._complaints.keep(connection, complaint)

        if done:
            self._database.write(finish)
        if len(done) < len(told):
            raise Unavailable("a message is still being handed over")

    def _event(self, one: Told, rows: Sequence[EventRow]) -> EventRow | None:
        """What is to be recorded of a report, None for nothing."""
        sent = [row for row in rows if row.event_type in _SENT]
        if not sent:
            self._metrics.reports.labels("unknown").inc()
            _log.info("feedback.unknown_message", message=one.message_id, kind=_kind(one.fact))
            return None
        subject, mail = recalled(sent)
        kind, detail = describe(one.fact, ", ".join(mail.destination))
        if any(row.event_type == f"_email.{kind}" for row in rows):
            self._metrics.reports.labels("repeated").inc()
            return None
        self._metrics.reports.labels("recorded").inc()
        if not isinstance(one.fact, Delivery):
            # Source: spec of events, 10.2. It names what was reported, so told again it is the same.
            moment = "timestamp" if isinstance(one.fact, Bounce) else "arrival_date"
            detail = {**detail, "feedback_id": f"{one.message_id}-{kind}", moment: iso_ms(one.at_ms)}
        return produced.email(subject, kind, mail, at_ms=one.at_ms, detail=detail)

    def _messages(self, told: Iterable[Told]) -> dict[str, list[EventRow]]:
        """What is recorded of these messages, by their ids."""
        by_app: dict[str, set[str]] = {}
        by_hour: dict[int, set[str]] = {}
        for one in told:
            if one.app_id:
                by_app.setdefault(one.app_id, set()).add(one.message_id)
            else:
                by_hour.setdefault(one.hour_ms, set()).add(one.message_id)
        found: dict[str, list[EventRow]] = {}
        for hour_ms, ids in by_hour.items():
            for row in self._events.of_message_ids(sorted(ids), hour_ms, hour_ms + HOUR_MS, _TYPES):
                found.setdefault(row.message_id, []).append(row)
        for app_id, ids in by_app.items():
            for row in self._events.of_messages(app_id, sorted(ids), _TYPES):
                found.setdefault(row.message_id, []).append(row)
        return found

    def _unrecorded(self, message_ids: set[str]) -> set[str]:
        """Those that are in the outbox, on their way."""
        return self._database.read(lambda connection: outbox.among(connection, sorted(message_ids)))


def _told(report: MailReport, now: int) -> Told:
    return Told(
        app_id=report.app_id,
        message_id=report.message_id,
        hour_ms=report.hour_ms,
        fact=report.fact,
        at_ms=report.at_ms or now,
        headers=list(report.headers),
        source_ip=report.source_ip,
    )


def _kind(fact: Bounce | Complaint | Delivery) -> EmailKind:
    return describe(fact, "")[0]


def _complained(one: Told, event: EventRow, rows: Sequence[EventRow]) -> Complained:
    assert isinstance(one.fact, Complaint)
    _, mail = recalled([row for row in rows if row.event_type in _SENT])
    return Complained(
        app_id=event.app_id,
        message_id=event.message_id,
        address=", ".join(mail.destination),
        endpoint_id=event.endpoint_id,
        user_id=event.user_id,
        at_ms=one.at_ms,
        feedback_type=one.fact.feedback_type,
        user_agent=one.fact.user_agent,
        source_ip=one.source_ip,
        headers=one.headers,
    )
