"""What recipients do with their mail, on its way into the record: a hit is a job, a job becomes an event.

    open, click ─→ hit (job, durable) ─→ answer
                        └─→ the message's own events ─→ `_email.open`, `_email.click`, `_email.unsubscribe`

An event repeats what its message was (sender, recipient, campaign), so the message's `_email.send` has to be
found first. Hits are resolved many at a time, and a mail that is opened before its sending is recorded waits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
import structlog

from clarion.core.clock import Clock
from clarion.core.errors import Unavailable
from clarion.domain.events import produced
from clarion.domain.events.model import EventRow
from clarion.domain.events.produced import Mail, Subject
from clarion.domain.events.service import Events
from clarion.domain.messaging import outbox
from clarion.domain.messaging.outcomes import recalled
from clarion.domain.messaging.tracking import machines
from clarion.domain.messaging.tracking.machines import Seen
from clarion.engine.jobs import Jobs, LeasedJob, finish_all
from clarion.store.database import Database

KIND = "messaging.hits"
ATTEMPTS = 8
TYPES = ("_email.send", "_email.delivered")

_PAUSE_SECONDS = 0.02
_PAUSES = 100

_log = structlog.get_logger(__name__)

Message = tuple[str, str]
"""Project and message id."""


class Hit(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Arguments of `messaging.hits`. `kind` is that of the token, `id` tells hits on one message apart.

    `url` is where a click led, `endpoint_id` is known for one-click unsubscribing.
    """

    kind: str
    id: str
    app_id: str
    message_id: str
    at_ms: int
    url: str = ""
    tags: dict[str, list[str]] = {}
    endpoint_id: str = ""
    ip_address: str = ""
    user_agent: str = ""
    version: int = 1


class Hits:
    """Takes hits in and records them. `catch_up` returns when what was recorded so far can be queried."""

    def __init__(
        self, database: Database, jobs: Jobs, events: Events, catch_up: Callable[[], None], clock: Clock
    ) -> None:
        self._database = database
        self._jobs = jobs
        self._events = events
        self._catch_up = catch_up
        self._clock = clock

    def register(self) -> None:
        """Let the engine record hits."""
        self._jobs.register(KIND, self.record, batch=True, attempts=ATTEMPTS)

    def add(self, connection: sa.Connection, hit: Hit) -> None:
        """Take a hit in, in the caller's transaction."""
        self._jobs.enqueue(connection, KIND, hit, due_ms=self._clock.now_ms())

    def record(self, jobs: Sequence[LeasedJob]) -> None:
        """Turn hits into events. Raises Unavailable for those whose messages are still being handed over."""
        hits = [(job, job.decode(Hit)) for job in jobs]
        found = self.recall((hit.app_id, hit.message_id) for _, hit in hits)
        early = self._unrecorded({(hit.app_id, hit.message_id) for _, hit in hits} - found.keys())
        hurried = machines.hasty(_seen(hit) for _, hit in hits)
        done: list[LeasedJob] = []
        events: list[EventRow] = []
        for job, hit in hits:
            if hit.message_id in early:
                continue
            done.append(job)
            told = list(_events(hit, found.get((hit.app_id, hit.message_id)), hurried))
            if not told:
                _log.info("tracking.unknown_message", app=hit.app_id, message=hit.message_id, kind=hit.kind)
            events += told

        def finish(connection: sa.Connection) -> None:
            self._events.record(connection, events)
            finish_all(connection, done)

        if done:
            self._database.write(finish)
        if early:
            raise Unavailable("a message is still being handed over")

    def recall(self, messages: Iterable[Message]) -> dict[Message, tuple[Subject, Mail]]:
        """Whom and which run these messages were about; waits a little for those not recorded yet."""
        wanted = set(messages)
        found = self._recorded(wanted)
        missing = wanted - found.keys()
        if missing:
            pause = threading.Event()
            for _ in range(_PAUSES):
                if not self._unrecorded(missing):
                    break
                pause.wait(_PAUSE_SECONDS)
            self._catch_up()
            found |= self._recorded(missing)
        return found

    def _recorded(self, messages: set[Message]) -> dict[Message, tuple[Subject, Mail]]:
        by_app: dict[str, list[str]] = {}
        for app_id, message_id in sorted(messages):
            by_app.setdefault(app_id, []).append(message_id)
        rows: dict[Message, list[EventRow]] = {}
        for app_id, message_ids in by_app.items():
            for row in self._events.of_messages(app_id, message_ids, TYPES):
                rows.setdefault((app_id, row.message_id), []).append(row)
        return {message: recalled(told) for message, told in rows.items()}

    def _unrecorded(self, messages: set[Message]) -> set[str]:
        """The ids of those messages that are in the outbox, on their way."""
        ids = [message_id for _, message_id in messages]
        return self._database.read(lambda connection: outbox.among(connection, ids)) if ids else set()


def _events(hit: Hit, message: tuple[Subject, Mail] | None, hurried: Container[object]) -> Iterator[EventRow]:
    if message is None:
        if hit.kind == "one_click" and hit.endpoint_id:
            yield _unsubscribed(hit, *_forgotten(hit))
        return
    subject, mail = message
    if hit.kind != "one_click":
        subject = _judged(hit, subject, mail, hurried)
    who = _visitor(hit)
    if hit.kind == "open":
        yield produced.email(subject, "open", mail, at_ms=hit.at_ms, detail=who, occurrence=hit.id)
    elif hit.kind in ("click", "unsubscribe"):
        tags: Mapping[str, Any] = {"link_tags": hit.tags} if hit.tags else {}
        detail = {**who, "link": hit.url, **tags}
        yield produced.email(subject, "click", mail, at_ms=hit.at_ms, detail=detail, occurrence=hit.id)
    if hit.kind in ("unsubscribe", "one_click"):
        yield _unsubscribed(hit, subject, mail)


def _judged(hit: Hit, subject: Subject, mail: Mail, hurried: Container[object]) -> Subject:
    """The subject whose events say that it was a machine, if it was."""
    seen = _seen(hit)
    reason = machines.judge(seen, mail.sent_ms)
    if not reason and seen.kind == "click" and seen.message in hurried:
        reason = "many-links"
    if not reason:
        return subject
    return msgspec.structs.replace(subject, context={**subject.context, **machines.attributes(reason)})


def _seen(hit: Hit) -> Seen:
    kind: Literal["open", "click"] = "open" if hit.kind == "open" else "click"
    return Seen(kind, (hit.app_id, hit.message_id), hit.at_ms, hit.user_agent, hit.url)


def _unsubscribed(hit: Hit, subject: Subject, mail: Mail) -> EventRow:
    detail = _visitor(hit) | ({"link": hit.url} if hit.url else {})
    return produced.email(subject, "unsubscribe", mail, at_ms=hit.at_ms, detail=detail, occurrence=hit.id)


def _visitor(hit: Hit) -> dict[str, str]:
    return {"ip_address": hit.ip_address, "user_agent": hit.user_agent}


def _forgotten(hit: Hit) -> tuple[Subject, Mail]:
    """What is still known of a message whose events are gone."""
    subject = Subject(account="", app_id=hit.app_id, endpoint_id=hit.endpoint_id, message_id=hit.message_id)
    mail = Mail(message_id=hit.message_id, sent_ms=hit.at_ms, from_address="", destination=[], subject="")
    return subject, mail
