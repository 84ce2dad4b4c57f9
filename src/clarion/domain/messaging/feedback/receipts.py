"""What carriers say of text messages that left, turned into events. Source: spec of SMS, 12.

    handed over ─→ waits, a row for each part ─┬─ receipts of all parts ──→ `_SMS.SUCCESS`
                                               ├─ one part has failed ────→ `_SMS.FAILURE`
                                               └─ 72 hours of silence ────→ `_SMS.FAILURE` UNKNOWN, or SUCCESS if the
                                                                            carrier had taken it

An event repeats what its message was, so rows keep that. A receipt that is here before its message was recorded waits
in a job of its own for some minutes; then nobody knows it, and it is dropped and counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

import msgspec
import sqlalchemy as sa
import structlog
from prometheus_client import CollectorRegistry, Counter

from clarion.channels import phones
from clarion.channels.feedback import ReceiptReport
from clarion.channels.port import Outcome, Receipt, SmsOutgoing
from clarion.channels.sms.size import size_of
from clarion.core.clock import DAY_MS, Clock
from clarion.domain.events import produced
from clarion.domain.events.model import EventRow
from clarion.domain.events.produced import SmsKind
from clarion.domain.events.service import Events
from clarion.domain.messaging.feedback import pending
from clarion.domain.messaging.feedback.pending import Conversation, Row, Told, decode_told, encode_told
from clarion.domain.messaging.model import Envelope
from clarion.domain.messaging.outcomes import HANDED_OVER, subject_of, told_of_sms
from clarion.domain.sms.service import Sms
from clarion.engine.jobs import Jobs, LeasedJob
from clarion.store.database import Database

EARLY = "sms.receipts"
SWEEP = "sms.sweep"

SILENCE_MS = 72 * 3_600_000
WAITS_MS = (1_000, 5_000, 30_000, 120_000, 600_000)
"""How long a receipt that nobody knows waits, one time after the other."""
HOUR_MS = 3_600_000
OPTED_OUT = "OPTED_OUT"
KEEP_INBOUND_MS = 7 * DAY_MS
KEEP_TALKS_MS = 180 * DAY_MS
CHUNK = 500

_log = structlog.get_logger(__name__)


class Early(msgspec.Struct, kw_only=True):
    """Arguments of `sms.receipts`: reports that nobody knew so far, so many times asked."""

    provider: str
    reports: list[ReceiptReport]
    asked: int = 1
    version: int = 1


class News(msgspec.Struct):
    """What a batch of reports brings, until it is written: messages that are through (`ended`), those of them that have
    failed before all parts were heard of (`failed`), parts that changed or came too late, costs by account and region.
    """

    events: list[EventRow] = []
    saved: dict[tuple[str, str], Row] = {}
    ended: list[str] = []
    failed: list[str] = []
    dropped: list[Row] = []
    costs: dict[tuple[str, str], float] = {}
    opted_out: list[tuple[str, str, str]] = []


class Metrics:
    """What is counted about receipts."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.unknown = Counter(
            "clarion_sms_receipts_unknown", "Receipts of text messages that nobody here knows.", registry=registry
        )


class Receipts:
    """Messages that wait for their receipts, of every project."""

    def __init__(
        self, database: Database, events: Events, jobs: Jobs, sms: Sms, clock: Clock, metrics: Metrics | None = None
    ) -> None:
        self._database = database
        self._events = events
        self._jobs = jobs
        self._sms = sms
        self._clock = clock
        self._metrics = metrics or Metrics(CollectorRegistry())

    def register(self) -> None:
        """Let the engine's worker handle receipts that came early, and silence."""
        self._jobs.register(EARLY, self._again)
        self._jobs.register(SWEEP, self.sweep)

    def expect(self, connection: sa.Connection, found: Sequence[tuple[Envelope, Outcome]]) -> None:
        """Note texts that were handed over, in the transaction that records it; other messages are passed over."""
        self._note_opt_outs(connection, found)
        texts = [(envelope, outcome) for envelope, outcome in found if envelope.sms and outcome.status in HANDED_OVER]
        if not texts:
            return
        now = self._clock.now_ms()
        prices: dict[tuple[str, str], Mapping[str, float]] = {}
        costs: dict[tuple[str, str], float] = {}
        rows: list[Row] = []
        talks: list[Conversation] = []
        for envelope, outcome in texts:
            scope = envelope.account, envelope.region
            if scope not in prices:
                prices[scope] = self._sms.prices(connection, *scope)
            cost = _price(envelope, prices[scope])
            costs[scope] = costs.get(scope, 0.0) + (cost or 0.0)
            if outcome.provider_message_id:
                body = _body(envelope, cost)
                talks.append(_talk(envelope, outcome, body))
                if not any(isinstance(fact, Receipt) for fact in outcome.events):
                    rows += _rows(envelope, outcome, body, now + SILENCE_MS)
        pending.add(self._database, connection, rows)
        pending.wrote(self._database, connection, talks)
        for scope, cost in sorted(costs.items()):
            self._sms.spend(connection, *scope, cost)
        if rows or talks:
            self.watch(connection)

    def _note_opt_outs(self, connection: sa.Connection, found: Sequence[tuple[Envelope, Outcome]]) -> None:
        """A provider that refuses a number as opted out knows more than we do."""
        for envelope, outcome in found:
            message = envelope.sms
            if message is None or outcome.status in HANDED_OVER:
                continue
            if any(isinstance(fact, Receipt) and fact.record_status == OPTED_OUT for fact in outcome.events):
                self._sms.opt_out(connection, envelope.app_id, message.origination_number, _number(message), "")

    def take(self, provider: str, reports: Sequence[ReceiptReport]) -> None:
        """Record receipts; see `channels.feedback.Feedback`. What is told again changes nothing."""

        def work(connection: sa.Connection) -> None:
            unknown = self._record(connection, provider, reports)
            if unknown:
                args = Early(provider=provider, reports=unknown)
                self._jobs.enqueue(connection, EARLY, args, due_ms=self._clock.now_ms() + WAITS_MS[0])

        if reports:
            self._database.write(work)

    def watch(self, connection: sa.Connection) -> None:
        """Have what is too old swept away some time; nothing that is new is too old in a day."""
        if not self._jobs.has(connection, SWEEP):
            self._jobs.enqueue(connection, SWEEP, {}, due_ms=self._clock.now_ms() + DAY_MS, key=SWEEP)

    def sweep(self, job: LeasedJob) -> None:
        """End what nobody has heard of for too long, drop what is old; come back while anything is left."""
        now = self._clock.now_ms()
        while self._database.write(lambda connection: self._silent(connection, now)) == CHUNK:
            pass
        before = now - KEEP_INBOUND_MS, now - KEEP_TALKS_MS
        while self._database.write(lambda connection: pending.clean(connection, *before, CHUNK)) >= CHUNK:
            pass

        def finish(connection: sa.Connection) -> None:
            job.finish(connection)
            if pending.any_left(connection):
                first = pending.first_to_expire(connection) or now + DAY_MS
                due_ms = min(max(first, now + HOUR_MS), now + DAY_MS)
                self._jobs.enqueue(connection, SWEEP, {}, due_ms=due_ms, key=SWEEP)

        self._database.write(finish)

    def _again(self, job: LeasedJob) -> None:
        """Look again for messages whose receipts were here first."""
        early = job.decode(Early)

        def work(connection: sa.Connection) -> int:
            job.finish(connection)
            unknown = self._record(connection, early.provider, early.reports)
            if unknown and early.asked < len(WAITS_MS):
                later = Early(provider=early.provider, reports=unknown, asked=early.asked + 1)
                due_ms = self._clock.now_ms() + WAITS_MS[early.asked]
                self._jobs.enqueue(connection, EARLY, later, due_ms=due_ms)
                return 0
            return len(unknown)

        if dropped := self._database.write(work):
            self._metrics.unknown.inc(dropped)
            _log.info("sms.unknown_receipts", provider=early.provider, receipts=dropped)

    def _record(
        self, connection: sa.Connection, provider: str, reports: Iterable[ReceiptReport]
    ) -> list[ReceiptReport]:
        """Record what is known; answers the reports of messages that are not."""
        # An id that cannot be kept is none that we have.
        listed = [one for one in reports if one.provider_message_id.isprintable() and one.provider_message_id]
        rows = pending.find(connection, provider, sorted({one.provider_message_id for one in listed}))
        messages = {id: list(parts) for id, parts in groupby(rows, lambda row: row.message_id)}
        of_id = {row.provider_id: row.message_id for row in rows}
        unknown, news = [], News()
        for report in listed:
            message_id = of_id.get(report.provider_message_id)
            if message_id is None:
                unknown.append(report)
            elif message_id in messages and (left := self._heard(news, messages[message_id], report)):
                messages[message_id] = left
            else:
                messages.pop(message_id, None)
        self._write(connection, news)
        return unknown

    def _heard(self, news: News, parts: list[Row], report: ReceiptReport) -> list[Row]:
        """A report on one of a message's parts; answers the parts as they are now, none when the message is through."""
        place = next(n for n, part in enumerate(parts) if part.provider_id == report.provider_message_id)
        part = parts[place]
        if part.state == pending.OVER and report.final:
            news.dropped.append(part)
        if part.state != pending.OPEN or (not report.final and part.status == report.record_status):
            return parts
        state = part.state if not report.final else "SUCCESS" if report.kind == "SUCCESS" else "FAILURE"
        status = OPTED_OUT if report.kind == "OPTOUT" else report.record_status
        price = report.price_millicents if report.price_millicents is not None else part.price
        origination = (report.origination_number or part.origination)[:20]
        heard = part._replace(state=state, status=status, price=price, origination=origination)
        parts = [*parts[:place], heard, *parts[place + 1 :]]
        failed = any(one.state == "FAILURE" for one in parts)
        if report.final and (failed or all(one.state == "SUCCESS" for one in parts)):
            self._end(news, parts)
            return []
        news.saved[heard.provider_id, heard.message_id] = heard
        if not report.final and report.record_status != "SUCCESSFUL":
            # That it left has been told already.
            word, told = report.record_status, decode_told(part.body)
            news.events.append(self._event(told, parts, "BUFFERED", word, occurrence=word))
        return parts

    def _end(self, news: News, parts: Sequence[Row], usual: tuple[SmsKind, str] | None = None) -> None:
        """A message is through: its rows go, its real price counts. `usual` is what became of it if no part failed;
        with it nothing more is expected."""
        failed = next((one for one in parts if one.state == "FAILURE"), None)
        statuses = {one.status for one in parts if one.state == "SUCCESS"}
        delivered = "SUCCESSFUL" if statuses == {"SUCCESSFUL"} else "DELIVERED"
        kind, status = usual or ("SUCCESS", delivered)
        if failed is not None:
            kind, status = "FAILURE", failed.status
        told = decode_told(parts[0].body)
        known = [one.price for one in parts if one.price is not None]
        if known and len(known) == len(parts):
            scope = told.subject.account, told.region
            news.costs[scope] = news.costs.get(scope, 0.0) + sum(known) - (told.estimate or 0.0)
        if failed is not None and failed.status == OPTED_OUT:
            origination = told.attributes.get("origination_phone_number", "")
            news.opted_out.append((told.subject.app_id, origination, parts[0].number))
        over = usual is None and any(one.state == pending.OPEN for one in parts)
        (news.failed if over else news.ended).append(parts[0].message_id)
        for one in parts:
            news.saved.pop((one.provider_id, one.message_id), None)
            if over and one.state != pending.OPEN:
                news.saved[one.provider_id, one.message_id] = one
        news.events.append(self._event(told, parts, kind, status))

    def _event(self, told: Told, parts: Sequence[Row], kind: SmsKind, status: str, occurrence: str = "") -> EventRow:
        known = [one.price for one in parts if one.price is not None]
        price = None if kind == "BUFFERED" else sum(known) if known else told.estimate
        attributes = {**told.attributes, "record_status": status}
        if origination := next((one.origination for one in parts if one.origination), ""):
            attributes["origination_phone_number"] = origination
        return produced.sms(
            told.subject,
            kind,
            at_ms=self._clock.now_ms(),
            ts_ms=told.ts_ms,
            attributes=attributes,
            price_millicents=price,
            occurrence=occurrence,
        )

    def _write(self, connection: sa.Connection, news: News) -> None:
        """Everything that reports brought, in a few statements."""
        pending.save(connection, list(news.saved.values()))
        pending.close(connection, news.failed, failed=True)
        pending.close(connection, news.ended, failed=False)
        for part in news.dropped:
            pending.drop(connection, part.provider_id, part.message_id)
        for scope, cost in sorted(news.costs.items()):
            self._sms.spend(connection, *scope, cost)
        for app_id, origination, number in news.opted_out:
            self._sms.opt_out(connection, app_id, origination, number, "")
        self._events.record(connection, news.events)

    def _silent(self, connection: sa.Connection, now_ms: int) -> int:
        """End messages of which nothing more is expected; answers how many there were."""
        news, number = News(), 0
        rows = pending.expired(connection, now_ms, CHUNK)
        for message_id, group in groupby(rows, lambda row: row.message_id):
            parts, number = list(group), number + 1
            if any(one.state == pending.OVER for one in parts):
                news.ended.append(message_id)
                continue
            taken = all(one.state == "SUCCESS" or one.status == "SUCCESSFUL" for one in parts)
            self._end(news, parts, ("SUCCESS", "SUCCESSFUL") if taken else ("FAILURE", "UNKNOWN"))
        self._write(connection, news)
        return number


def _body(envelope: Envelope, cost: float | None) -> bytes:
    """What will have to be said of a message, encoded."""
    message = envelope.sms
    assert message is not None
    told = Told(
        region=envelope.region,
        subject=msgspec.structs.replace(subject_of(envelope), endpoint=""),
        attributes=told_of_sms(envelope, message),
        ts_ms=message.sent_at_ms,
        estimate=cost,
    )
    return encode_told(told)


def _rows(envelope: Envelope, outcome: Outcome, body: bytes, expires_ms: int) -> Iterator[Row]:
    message = envelope.sms
    assert message is not None
    for provider_id in outcome.provider_message_id.split(","):
        yield Row(
            provider_id=provider_id,
            message_id=message.message_id,
            provider=outcome.provider,
            app_id=envelope.app_id,
            endpoint_key=envelope.endpoint_id.lower(),
            number=_number(message),
            state=pending.OPEN,
            status="",
            origination="",
            price=None,
            expires_ms=expires_ms,
            body=body,
        )


def _talk(envelope: Envelope, outcome: Outcome, body: bytes) -> Conversation:
    message = envelope.sms
    assert message is not None
    return Conversation(
        number=_number(message),
        origination=message.origination_number[:20],
        provider=outcome.provider,
        account=envelope.account,
        region=envelope.region,
        app_id=envelope.app_id,
        endpoint_id=envelope.endpoint_id,
        user_id=envelope.user_id,
        message_id=message.message_id,
        sent_ms=message.sent_at_ms,
        body=body,
    )


def _number(message: SmsOutgoing) -> str:
    return (phones.e164(message.to_address) or message.to_address)[:20]


def _price(envelope: Envelope, prices: Mapping[str, float]) -> float | None:
    """What a message costs by the list (millicents), None when its country has no price."""
    if not prices or envelope.sms is None:
        return None
    country = phones.country_of(phones.e164(envelope.sms.to_address) or "")
    each = prices.get(country, prices.get(""))
    return None if each is None else each * size_of(envelope.sms.body).parts
