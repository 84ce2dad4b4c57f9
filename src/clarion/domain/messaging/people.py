"""What messaging has about one person: messages that wait, messages in the local inbox, hits not recorded yet.

What is in the outbox is found by looking at all of it: it holds some tens of thousands of messages at most, and a
column to look a recipient up by would cost every message of every campaign. Erasing takes messages away from lanes
that are handing them over: such a message may still arrive, but nothing of it is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from clarion.core.clock import Clock, iso_ms, parse_iso, to_ms
from clarion.domain.audience.model import endpoint_key
from clarion.domain.audience.people.holder import Holder, Page, Person, Section
from clarion.domain.messaging import outbox
from clarion.domain.messaging.inbox import store as inbox
from clarion.domain.messaging.inbox.service import entry
from clarion.domain.messaging.inbox.store import Kept
from clarion.domain.messaging.outbox import Waiting
from clarion.domain.messaging.tracking.hits import KIND, Hit
from clarion.engine import job_rows
from clarion.engine.job_rows import Given
from clarion.store.database import Database

PAGE = 1_000

Row = TypeVar("Row")


class _Message(msgspec.Struct):
    to_address: str = ""
    subject: str = ""
    title: str = ""
    sent_at_ms: int = 0


_NONE = _Message()


class _Envelope(msgspec.Struct):
    """What is asked of an envelope; the rest is not decoded."""

    app_id: str
    channel: str = ""
    endpoint_id: str = ""
    user_id: str = ""
    campaign_id: str = ""
    journey_id: str = ""
    endpoint: str = ""
    email: _Message | None = None
    push: _Message | None = None
    sms: _Message | None = None
    voice: _Message | None = None
    custom: _Message | None = None

    @property
    def message(self) -> _Message:
        """The message itself."""
        return self.email or self.push or self.sms or self.voice or self.custom or _NONE


class _Created(msgspec.Struct, rename="pascal"):
    creation_date: str


_envelope = msgspec.msgpack.Decoder(_Envelope).decode
_created = msgspec.json.Decoder(_Created).decode
_hit = msgspec.json.Decoder(Hit).decode


class MessagingHolder(Holder):
    """Outbox, inbox and hits. `drained` is told the groups that lost messages, in the transaction that drops them;
    `messages_of` answers the ids of the messages that the record has about a person."""

    tables = ("outbox", "inbox_messages", "jobs")

    def __init__(
        self,
        database: Database,
        drained: Callable[[sa.Connection, Iterable[str]], None],
        messages_of: Callable[[Person], set[str]],
        *,
        clock: Clock,
    ) -> None:
        self._database = database
        self._drained = drained
        self._messages_of = messages_of
        self._clock = clock

    def sections(self) -> Mapping[str, Section]:
        return {"Inbox": self._inbox_page, "Outbox": self._outbox_page, "Hits": self._hits_page}

    def count(self, person: Person) -> Mapping[str, int]:
        return {
            "OutboxMessages": sum(1 for _ in self._waiting([person])),
            "InboxMessages": sum(1 for _ in self._arrived([person])),
            "Hits": sum(1 for _ in self._hits([person])),
        }

    def erase(self, people: Sequence[Person]) -> bool:
        for found in _chunks(self._waiting(people)):
            self._database.write(lambda connection, found=found: self._drop(connection, found))  # type: ignore[misc]
        for arrived in _chunks(self._arrived(people)):
            seqs = [one.seq for one in arrived]
            self._database.write(lambda connection, seqs=seqs: inbox.remove(connection, seqs))  # type: ignore[misc]
        for hits in _chunks(self._hits(people)):
            ids = [one.id for one in hits]
            self._database.write(lambda connection, ids=ids: job_rows.remove(connection, ids))  # type: ignore[misc]
        return False

    def _drop(self, connection: sa.Connection, found: Sequence[Waiting]) -> None:
        outbox.drop(connection, [row.seq for row in found])
        self._drained(connection, {row.group_id for row in found})

    def _waiting(self, people: Sequence[Person]) -> Iterator[Waiting]:
        for row in self._all(outbox.after, lambda row: row.seq):
            if any(_writes_to(person, _envelope(row.body)) for person in people):
                yield row

    def _arrived(self, people: Sequence[Person]) -> Iterator[Kept]:
        now = self._clock.now_ms()
        for app_id in sorted({person.app_id for person in people}):
            of_app = [person for person in people if person.app_id == app_id]

            def page(connection: sa.Connection, seq: int, most: int, app_id: str = app_id) -> list[Kept]:
                return inbox.after(connection, app_id, seq, most)

            for kept in self._all(page, lambda row: row.seq):
                if any(_went_to(person, kept, now) for person in of_app):
                    yield kept

    def _hits(self, people: Sequence[Person]) -> Iterator[Given]:
        """Jobs about messages to these people. Only asks for their messages when there are hits at all."""
        messages: dict[str, set[str]] | None = None

        def page(connection: sa.Connection, after: int, most: int) -> list[Given]:
            return job_rows.of_kind(connection, KIND, after, most)

        for job in self._all(page, lambda row: row.id):
            hit = _hit(job.args)
            of_app = [person for person in people if person.app_id == hit.app_id]
            if not of_app:
                continue
            if messages is None:
                messages = {}
                for person in people:
                    messages.setdefault(person.app_id, set()).update(self._messages_of(person))
            if hit.message_id in messages[hit.app_id] or any(_hit_by(person, hit) for person in of_app):
                yield job

    def _all(self, page: Callable[[sa.Connection, int, int], list[Row]], number: Callable[[Row], int]) -> Iterator[Row]:
        """Every row, a page a time: nobody waits for a long look."""
        after = 0
        while rows := self._database.read(lambda connection, after=after: page(connection, after, PAGE)):  # type: ignore[misc]
            yield from rows
            after = number(rows[-1])

    def _inbox_page(self, person: Person, after: str, limit: int) -> Page:
        found = (kept for kept in self._arrived([person]) if kept.seq > int(after or 0))
        return _page(found, limit, lambda kept: kept.seq, lambda kept: msgspec.to_builtins(entry(kept.message)))

    def _outbox_page(self, person: Person, after: str, limit: int) -> Page:
        found = (row for row in self._waiting([person]) if row.seq > int(after or 0))
        return _page(found, limit, lambda row: row.seq, _told)

    def _hits_page(self, person: Person, after: str, limit: int) -> Page:
        found = (job for job in self._hits([person]) if job.id > int(after or 0))
        return _page(found, limit, lambda job: job.id, lambda job: msgspec.to_builtins(_hit(job.args)))


def _writes_to(person: Person, envelope: _Envelope) -> bool:
    """Whether a message is written to this person, and not to somebody new with the same id."""
    if envelope.app_id != person.app_id:
        return False
    if not person.owns(envelope.endpoint_id, envelope.user_id, envelope.message.to_address):
        return False
    if not person.before_ms:
        return True
    if not envelope.endpoint:
        return envelope.message.sent_at_ms < person.bound_ms
    newer = person.newer.get(endpoint_key(envelope.endpoint_id))
    created = _created(envelope.endpoint.encode()).creation_date
    return newer is None or to_ms(parse_iso(created)) < newer


def _went_to(person: Person, kept: Kept, now_ms: int) -> bool:
    message = kept.message
    endpoint_id, user_id = message.context.get("EndpointId", ""), message.context.get("UserId", "")
    if not person.owns(endpoint_id, user_id, message.to_address):
        return False
    return not person.before_ms or message.received_at_ms < person.until(endpoint_id, now_ms)


def _hit_by(person: Person, hit: Hit) -> bool:
    old = not person.before_ms or hit.at_ms < person.bound_ms
    return old and bool(hit.endpoint_id) and endpoint_key(hit.endpoint_id) in person.keys


def _told(row: Waiting) -> dict[str, Any]:
    envelope = _envelope(row.body)
    told = {
        "MessageId": row.message_id,
        "EndpointId": envelope.endpoint_id,
        "UserId": envelope.user_id,
        "CampaignId": envelope.campaign_id,
        "JourneyId": envelope.journey_id,
        "Address": envelope.message.to_address,
        "Channel": envelope.channel,
        "Subject": envelope.message.subject or envelope.message.title,
        "DueAt": iso_ms(row.due_ms),
    }
    return {name: value for name, value in told.items() if value}


def _page(rows: Iterator[Row], limit: int, number: Callable[[Row], int], told: Callable[[Row], Any]) -> Page:
    items: list[Any] = []
    for row in rows:
        items.append(told(row))
        if len(items) == limit:
            return Page(items, str(number(row)))
    return Page(items)


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == PAGE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
