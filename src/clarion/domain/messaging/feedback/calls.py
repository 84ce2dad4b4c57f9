"""What becomes of calls, turned into events. Source: spec of voice, 3 and 4.

    handed over ─→ `_VOICE.INITIATED` ─→ RINGING ─→ ANSWERED ─┬→ COMPLETED   the text was played to its end
                                                              └→ FAILED      they hung up before
                        └─────────────────┴─→ BUSY, NO_ANSWER, FAILED

Pinpoint has no events of calls: these are Clarion's own, in the words of SMS-Voice v2, and never streamed. A report
that is here before its message was recorded waits in a job of its own; a call of which nothing more is heard for a day
has FAILED.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import sqlalchemy as sa
import structlog
from prometheus_client import CollectorRegistry, Counter

from clarion.channels import phones
from clarion.channels.feedback import CallReport, CallState
from clarion.channels.port import Outcome
from clarion.core.clock import Clock
from clarion.domain.events import produced
from clarion.domain.events.model import EventRow
from clarion.domain.events.service import Events
from clarion.domain.messaging.feedback import dialled
from clarion.domain.messaging.feedback.dialled import OVER, SILENCE_MS, Row, Told, decode_told, encode_told
from clarion.domain.messaging.model import Envelope
from clarion.domain.messaging.outcomes import subject_of, told_of_call
from clarion.engine.jobs import Jobs, LeasedJob
from clarion.store.database import Database

EARLY = "voice.reports"
SWEEP = "voice.sweep"
WAITS_MS = (1_000, 5_000, 30_000, 120_000, 600_000)
"""How long a report that nobody knows waits, one time after the other."""
HOUR_MS = 3_600_000
CHUNK = 500

_LETTERS: Mapping[CallState, str] = {"INITIATED": "I", "RINGING": "R", "ANSWERED": "A"}
"""States that a call passes through; all others are its end."""
_log = structlog.get_logger(__name__)


class Early(msgspec.Struct, kw_only=True):
    """Arguments of `voice.reports`: reports that nobody knew so far, so many times asked."""

    provider: str
    reports: list[CallReport]
    asked: int = 1
    version: int = 1


class Metrics:
    """What is counted about calls."""

    def __init__(self, registry: CollectorRegistry) -> None:
        told = "Calls by how far they came: each state that a call reached counts once."
        self.calls = Counter("clarion_calls", told, ["provider", "state"], registry=registry)
        self.seconds = Counter(
            "clarion_call_seconds", "Seconds that people were connected.", ["provider"], registry=registry
        )
        self.unknown = Counter("clarion_call_reports_unknown", "Reports of calls that nobody knows.", registry=registry)


class Calls:
    """Calls under way, of every project."""

    def __init__(self, database: Database, events: Events, jobs: Jobs, clock: Clock, metrics: Metrics) -> None:
        self._database = database
        self._events = events
        self._jobs = jobs
        self._clock = clock
        self._metrics = metrics

    def register(self) -> None:
        """Let the engine's worker handle reports that came early, and silence."""
        self._jobs.register(EARLY, self._again)
        self._jobs.register(SWEEP, self.sweep)

    def expect(self, connection: sa.Connection, found: Sequence[tuple[Envelope, Outcome]]) -> None:
        """Note calls that were handed over, in the transaction that records it; other messages are passed over."""
        now = self._clock.now_ms()
        rows = [
            _row(envelope, outcome, now + SILENCE_MS)
            for envelope, outcome in found
            if envelope.voice is not None and outcome.status == "sent" and outcome.provider_message_id
        ]
        if rows:
            dialled.add(self._database, connection, rows)
            if not self._jobs.has(connection, SWEEP):
                self._jobs.enqueue(connection, SWEEP, {}, due_ms=now + HOUR_MS, key=SWEEP)

    def take(self, provider: str, reports: Sequence[CallReport]) -> None:
        """Record reports; see `channels.feedback.Feedback`. What is told again changes nothing."""

        def work(connection: sa.Connection) -> list[CallReport]:
            unknown, told = self._record(connection, provider, reports)
            if unknown:
                due_ms = self._clock.now_ms() + WAITS_MS[0]
                self._jobs.enqueue(connection, EARLY, Early(provider=provider, reports=unknown), due_ms=due_ms)
            return told

        if reports:
            self._count(provider, self._database.write(work))

    def sweep(self, job: LeasedJob) -> None:
        """End calls of which nobody has heard for a day, and let go of the others; come back in an hour."""
        now = self._clock.now_ms()
        while self._database.write(lambda connection: self._silent(connection, now)) == CHUNK:
            pass

        def finish(connection: sa.Connection) -> None:
            job.finish(connection)
            if dialled.any_left(connection):
                self._jobs.enqueue(connection, SWEEP, {}, due_ms=now + HOUR_MS, key=SWEEP)

        self._database.write(finish)

    def _again(self, job: LeasedJob) -> None:
        """Look again for calls whose reports were here first."""
        early = job.decode(Early)

        def work(connection: sa.Connection) -> tuple[int, list[CallReport]]:
            job.finish(connection)
            unknown, told = self._record(connection, early.provider, early.reports)
            if unknown and early.asked < len(WAITS_MS):
                later = Early(provider=early.provider, reports=unknown, asked=early.asked + 1)
                self._jobs.enqueue(connection, EARLY, later, due_ms=self._clock.now_ms() + WAITS_MS[early.asked])
                return 0, told
            return len(unknown), told

        dropped, told = self._database.write(work)
        self._count(early.provider, told)
        if dropped:
            self._metrics.unknown.inc(dropped)
            _log.info("voice.unknown_calls", provider=early.provider, reports=dropped)

    def _count(self, provider: str, told: Iterable[CallReport]) -> None:
        for report in told:
            self._metrics.calls.labels(provider, report.state).inc()
            if report.state not in _LETTERS:
                self._metrics.seconds.labels(provider).inc(max(report.seconds, 0))

    def _record(
        self, connection: sa.Connection, provider: str, reports: Iterable[CallReport]
    ) -> tuple[list[CallReport], list[CallReport]]:
        """Record what is known; answers the reports of calls that are not, and those that were news."""
        listed = list(reports)
        rows = dialled.find(connection, provider, sorted({one.provider_message_id for one in listed}))
        unknown, news, events = list[CallReport](), list[CallReport](), list[EventRow]()
        for report in listed:
            row = rows.get(report.provider_message_id)
            if row is None:
                unknown.append(report)
            elif (letter := _LETTERS.get(report.state, OVER)) not in row.told:
                rows[row.provider_id] = row = row._replace(told=row.told + letter)
                dialled.save(connection, row)
                news.append(report)
                events.append(self._event(row, report))
        self._events.record(connection, events)
        return unknown, news

    def _event(self, row: Row, report: CallReport) -> EventRow:
        told = decode_told(row.body)
        now = self._clock.now_ms()
        return produced.call(
            told.subject,
            report.state,
            at_ms=now,
            ts_ms=min(report.at_ms or now, now),
            attributes=told.attributes | ({"call_detail": report.detail[:200]} if report.detail else {}),
            seconds=None if report.state in _LETTERS else max(report.seconds, 0),
            price_millicents=report.price_millicents,
        )

    def _silent(self, connection: sa.Connection, now_ms: int) -> int:
        rows = dialled.expired(connection, now_ms, CHUNK)
        silent = [row for row in rows if OVER not in row.told]
        said = "nothing was heard of the call for a day"
        reports = [CallReport(provider_message_id=row.provider_id, state="FAILED", detail=said) for row in silent]
        events = [self._event(row, report) for row, report in zip(silent, reports, strict=True)]
        dialled.drop(connection, rows)
        self._events.record(connection, events)
        return len(rows)


def _row(envelope: Envelope, outcome: Outcome, expires_ms: int) -> Row:
    message = envelope.voice
    assert message is not None
    told = Told(
        subject=msgspec.structs.replace(subject_of(envelope), endpoint=""),
        attributes=told_of_call(envelope, message),
        ts_ms=message.sent_at_ms,
    )
    return Row(
        provider=outcome.provider,
        provider_id=outcome.provider_message_id,
        app_id=envelope.app_id,
        endpoint_key=envelope.endpoint_id.lower(),
        number=(phones.e164(message.to_address) or message.to_address)[:20],
        told=_LETTERS["INITIATED"],
        expires_ms=expires_ms,
        body=encode_told(told),
    )
