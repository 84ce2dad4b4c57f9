"""What journeys have about one person while they wait for events: those that matched and were not answered yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa
from msgspec import structs

from clarion.core.clock import Clock
from clarion.domain.audience.people.holder import Holder, Person
from clarion.domain.journeys.entry import store
from clarion.domain.journeys.entry.matches import Match, decode_matches, encode_matches
from clarion.domain.journeys.entry.store import MatchesRow
from clarion.store.database import Database

PAGE = 100


class MatchesHolder(Holder):
    """Matches. They are gone by themselves as soon as they are answered."""

    tables = ("journey_matches",)

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def count(self, person: Person) -> Mapping[str, int]:
        now_ms = self._clock.now_ms()
        matched = (match for row in self._rows(person.app_id) for match in decode_matches(row.body).items)
        return {"JourneyMatches": sum(_about(person, match, now_ms) for match in matched)}

    def erase(self, people: Sequence[Person]) -> bool:
        now_ms = self._clock.now_ms()
        for person in people:
            for row in self._rows(person.app_id):
                self._database.write(lambda c, row=row, person=person: _leave_out(c, row, person, now_ms))  # type: ignore[misc]
        return False

    def _rows(self, app_id: str) -> Iterator[MatchesRow]:
        seq = 0
        while rows := self._page(app_id, seq):
            yield from rows
            seq = rows[-1].seq

    def _page(self, app_id: str, seq: int) -> list[MatchesRow]:
        return self._database.read(lambda connection: store.matches_after(connection, app_id, seq, PAGE))


def _about(person: Person, match: Match, now_ms: int) -> bool:
    if match.endpoint_key in person.keys:
        return match.arrival < person.until(match.endpoint_key, now_ms)
    return bool(person.user_id) and match.user_id == person.user_id and match.arrival < person.bound_ms


def _leave_out(connection: sa.Connection, row: MatchesRow, person: Person, now_ms: int) -> None:
    before = decode_matches(row.body)
    left = [match for match in before.items if not _about(person, match, now_ms)]
    if len(left) < len(before.items):
        # Never removed here: who answers the row counts on finding it.
        store.replace_matches(connection, row.seq, encode_matches(structs.replace(before, items=left)))
