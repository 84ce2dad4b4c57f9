"""What kept answers of direct messages tell about one person: addresses, endpoints, and what became of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from clarion.core.clock import Clock, iso_ms
from clarion.domain.audience.people.holder import Holder, Page, Person, Section
from clarion.domain.messaging.direct import answers
from clarion.domain.messaging.direct.answers import Kept
from clarion.store.database import Database

PAGE = 1_000


class _Of(msgspec.Struct):
    """Somebody in an answer; "" for what it does not name."""

    endpoint_id: str
    user_id: str
    address: str
    result: Mapping[str, Any]


class AnswersHolder(Holder):
    """Answers are looked through one by one: there are few, of those who use tokens, and thirty days of them."""

    tables = ("direct_answers",)

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def sections(self) -> Mapping[str, Section]:
        return {"DirectAnswers": self._page}

    def count(self, person: Person) -> Mapping[str, int]:
        return {"DirectAnswers": sum(1 for _ in self._about(person))}

    def erase(self, people: Sequence[Person]) -> bool:
        for person in people:
            seqs = sorted({kept.seq for kept, _ in self._about(person)})
            for first in range(0, len(seqs), PAGE):
                some = seqs[first : first + PAGE]
                self._database.write(lambda connection, some=some: answers.blank(connection, some))  # type: ignore[misc]
        return False

    def _about(self, person: Person, after: int = 0) -> Iterator[tuple[Kept, list[_Of]]]:
        """Answers that name a person, and what they say of that one."""
        now = self._clock.now_ms()
        while rows := self._database.read(
            lambda connection, after=after: answers.after(connection, person.app_id, after, PAGE)  # type: ignore[misc]
        ):
            for kept in rows:
                named = [one for one in _named(kept) if _is(person, one, kept.at_ms, now)]
                if named:
                    yield kept, named
            after = rows[-1].seq

    def _page(self, person: Person, after: str, limit: int) -> Page:
        seq, place = map(int, (after or "0.0").split("."))
        items: list[Any] = []
        for kept, named in self._about(person, max(seq - 1, 0)):
            for number in range(place if kept.seq == seq else 0, len(named)):
                if len(items) == limit:
                    return Page(items, f"{kept.seq}.{number}")
                items.append(_told(kept, named[number]))
        return Page(items)


def _named(kept: Kept) -> Iterator[_Of]:
    body = msgspec.json.decode(kept.body)
    result: Mapping[str, Any] = body.get("Result") or {}
    if kept.operation == "SendUsersMessages":
        for user_id, endpoints in result.items():
            for endpoint_id, one in endpoints.items():
                yield _Of(endpoint_id, user_id, one.get("Address", ""), one)
            if not endpoints:
                yield _Of("", user_id, "", {})
        return
    for address, one in result.items():
        yield _Of("", "", address, one)
    for endpoint_id, one in (body.get("EndpointResult") or {}).items():
        yield _Of(endpoint_id, "", one.get("Address", ""), one)


def _is(person: Person, one: _Of, at_ms: int, now_ms: int) -> bool:
    """Whether that is this person, and not somebody new with the same id."""
    if not person.owns(one.endpoint_id, one.user_id, one.address):
        return False
    return not person.before_ms or at_ms < person.until(one.endpoint_id, now_ms)


def _told(kept: Kept, one: _Of) -> dict[str, Any]:
    told = {
        "Operation": kept.operation,
        "AnsweredAt": iso_ms(kept.at_ms),
        "EndpointId": one.endpoint_id,
        "UserId": one.user_id,
        "Address": one.address,
        **one.result,
    }
    return {name: value for name, value in told.items() if value}
