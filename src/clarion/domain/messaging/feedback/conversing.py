"""What is kept of texts with one person: messages that wait for receipts, who wrote last, texts in hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from clarion.channels.phones import e164
from clarion.core.clock import iso_ms
from clarion.domain.audience.people.holder import Holder, Page, Person, Section
from clarion.domain.messaging.feedback import forwarding, pending, receipts, texts
from clarion.domain.messaging.feedback.forwarding import Forward
from clarion.domain.messaging.feedback.pending import conversations, inbound
from clarion.domain.messaging.feedback.texts import Inbound
from clarion.domain.sms.service import Sms
from clarion.engine import job_rows
from clarion.store.batches import among
from clarion.store.database import Database

PAGE = 500

_inbound = msgspec.json.Decoder(Inbound).decode
_forward = msgspec.json.Decoder(Forward).decode


class ConversationsHolder(Holder):
    """Text messages that left and came. Jobs with texts in them live for seconds, unless a webhook is away."""

    tables = ("sms_receipts", "sms_conversations", "sms_inbound")

    def __init__(self, database: Database, sms: Sms) -> None:
        self._database = database
        self._sms = sms

    def sections(self) -> Mapping[str, Section]:
        return {"Conversations": self._page}

    def count(self, person: Person) -> Mapping[str, int]:
        def work(connection: sa.Connection) -> Mapping[str, int]:
            waiting = sa.select(sa.func.count()).select_from(pending.receipts)
            talks = sa.select(sa.func.count()).select_from(conversations)
            return {
                "TextsWithoutReceipt": connection.scalar(waiting.where(_receipts_of(connection, person))) or 0,
                "Conversations": connection.scalar(talks.where(_talks_of(connection, person))) or 0,
            }

        counted = self._database.read(work)
        return {**counted, "TextsInHand": sum(1 for _ in self._in_hand([person]))}

    def erase(self, people: Sequence[Person]) -> bool:
        for person in people:
            self._database.write(lambda connection, person=person: self._erase(connection, person))  # type: ignore[misc]
        ids = [one.id for one in self._in_hand(people)]
        for first in range(0, len(ids), PAGE):
            some = ids[first : first + PAGE]
            self._database.write(lambda connection, some=some: job_rows.remove(connection, some))  # type: ignore[misc]
        return False

    def _erase(self, connection: sa.Connection, person: Person) -> None:
        connection.execute(sa.delete(pending.receipts).where(_receipts_of(connection, person)))
        connection.execute(sa.delete(conversations).where(_talks_of(connection, person)))
        places = [self._sms.places.of(number) for number in _numbers(person)]
        connection.execute(sa.delete(inbound).where(among(connection, inbound.c.place, places)))

    def _in_hand(self, people: Sequence[Person]) -> Iterator[job_rows.Given]:
        """Jobs with a text from one of these people's numbers."""
        numbers = {number for person in people for number in _numbers(person)}
        yield from self._jobs(texts.KIND, lambda args: _number_of(_inbound(args)) in numbers)
        yield from self._jobs(forwarding.KIND, lambda args: _forward(args).person in numbers)

    def _jobs(self, kind: str, wanted: Callable[[bytes], bool]) -> Iterator[job_rows.Given]:
        after = 0
        while rows := self._database.read(lambda c, after=after: job_rows.of_kind(c, kind, after, PAGE)):  # type: ignore[misc]
            yield from (row for row in rows if wanted(row.args))
            after = rows[-1].id

    def _page(self, person: Person, after: str, limit: int) -> Page:
        start = int(after or 0)

        def work(connection: sa.Connection) -> Sequence[Any]:
            mine = sa.select(conversations).where(_talks_of(connection, person)).order_by(conversations.c.sent_ms)
            return connection.execute(mine.offset(start).limit(limit + 1)).all()

        rows = self._database.read(work)
        told = [
            {"Number": row.number, "Origination": row.origination, "SentAt": iso_ms(row.sent_ms)}
            for row in rows[:limit]
        ]
        return Page(told, str(start + limit) if len(rows) > limit else "")


def _numbers(person: Person) -> list[str]:
    return sorted({number for address in person.addresses if (number := e164(address)) is not None})


def _number_of(one: Inbound) -> str:
    return e164(one.text.from_number) or one.text.from_number


def _receipts_of(connection: sa.Connection, person: Person) -> sa.ColumnElement[bool]:
    rows = pending.receipts.c
    mine = sa.or_(among(connection, rows.number, _numbers(person)), among(connection, rows.endpoint_key, person.keys))
    bound = person.bound_ms + receipts.SILENCE_MS
    old = [rows.expires_ms < bound] if person.before_ms else []
    return sa.and_(rows.app_id == person.app_id, mine, *old)


def _talks_of(connection: sa.Connection, person: Person) -> sa.ColumnElement[bool]:
    rows = conversations.c
    old = [rows.sent_ms < person.bound_ms] if person.before_ms else []
    return sa.and_(rows.app_id == person.app_id, among(connection, rows.number, _numbers(person)), *old)
