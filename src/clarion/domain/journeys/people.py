"""What journeys have about one person: where they stand, what they were told, and the record of their moves.

Who is erased while inside is out of the journey's numbers as well, in the same transaction; a step that had them in
hand notices and is planned anew. Rows of entries that hold only numbers name nobody and stay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from clarion.core.clock import Clock, iso_ms
from clarion.domain.audience.people.holder import Holder, Page, Person, Redact, Section
from clarion.domain.audience.people.rows import PeopleRows
from clarion.domain.audience.service import Audience
from clarion.domain.journeys import participants, store
from clarion.domain.journeys.lifecycle import Lifecycle
from clarion.domain.journeys.metrics.columnar import ROW, move_of
from clarion.domain.journeys.metrics.record import LOG_KIND, decode, encode
from clarion.domain.journeys.model import Move
from clarion.domain.journeys.participants import NEVER_MS, Standing
from clarion.store.columnar import Columnar
from clarion.store.database import Database

_TOLD = 100
# `@` is where the number of the person goes.
_MINE = "(app_id = {app@:String} AND participant IN {people@:Array(String)})"
_GONE = (
    "(app_id = {app@:String} AND (participant IN {left@:Array(String)}"
    " OR (participant IN {people@:Array(String)} AND at < fromUnixTimestamp64Milli({bound@:Int64}, 'UTC'))"
)
_OVERTAKEN = " OR (participant = {who@:String} AND at < fromUnixTimestamp64Milli({until@:Int64}, 'UTC'))"
_PLACE = "(toUnixTimestamp64Milli(at), journey_id, participant, entry, turn)"
_AFTER = (
    "({after_ms:Int64}, {after_journey:String}, {after_participant:String}, {after_entry:UInt32}, {after_turn:UInt32})"
)
_AFTER_NAMES = ("after_ms", "after_journey", "after_participant", "after_entry", "after_turn")


class JourneysHolder(Holder):
    """Participants, signals, moves, and what became of messages."""

    tables = ("journey_participants", "journey_signals", "columnar.journey_moves", "columnar.journey_sends")

    def __init__(
        self, database: Database, columnar: Columnar, audience: Audience, lifecycle: Lifecycle, clock: Clock
    ) -> None:
        self._database = database
        self._audience = audience
        self._lifecycle = lifecycle
        self._clock = clock
        self._moves = PeopleRows(columnar, "journey_moves", _mine, self._gone)
        self._sends = PeopleRows(columnar, "journey_sends", _mine, self._gone)

    def sections(self) -> Mapping[str, Section]:
        return {"Journeys": self._standings_page, "JourneyMoves": self._moves_page}

    def count(self, person: Person) -> Mapping[str, int]:
        found = self._leaving(person) if person.before_ms else self._standings(person)
        return {"JourneyParticipants": len(found), "JourneyMoves": self._moves.count(person)}

    def about(self, person: Person) -> Mapping[str, object]:
        """The journeys the person is in, or was."""
        return {"Journeys": [_standing(one) for one in self._standings(person)[:_TOLD]]}

    def redactors(self) -> Mapping[str, Redact]:
        return {LOG_KIND: _redact}

    def erase(self, people: Sequence[Person]) -> bool:
        for person in people:
            for journey_id in sorted({one.journey_id for one in self._leaving(person)}):
                self._database.write(
                    lambda connection, person=person, journey_id=journey_id: self._forget(
                        connection, person, journey_id
                    )  # type: ignore[misc]
                )
        deleted = [rows.delete(people) for rows in (self._moves, self._sends)]
        return any(deleted)

    def purge(self) -> None:
        for rows in (self._moves, self._sends):
            rows.purge()

    def _forget(self, connection: sa.Connection, person: Person, journey_id: str) -> None:
        journey = store.get(connection, person.app_id, journey_id, lock=True)
        until = self._until(person)
        there = participants.standings(connection, journey_id, list(until)).values()
        gone = [one for one in there if one.entered_ms < until[one.participant]]
        participants.remove(connection, journey_id, [one.participant for one in gone])
        inside = Counter(one.run_id for one in gone if one.inside)
        if journey is None or not inside:
            return
        change_of = {run_id: -number for run_id, number in inside.items()}
        store.moved(connection, person.app_id, journey_id, change_of, self._clock.now_ms())
        self._lifecycle.emptied(connection, person.app_id, journey_id)

    def _standings(self, person: Person) -> list[Standing]:
        found = self._database.read(lambda c: participants.of_person(c, person.app_id, names_of(person)))
        return sorted(found, key=lambda one: (one.journey_id, one.participant))

    def _leaving(self, person: Person) -> list[Standing]:
        until = self._until(person)
        return [one for one in self._standings(person) if one.entered_ms < until[one.participant]]

    def _until(self, person: Person) -> dict[str, int]:
        """Before when an entry was this person's, not somebody new's, by participant."""
        now_ms = self._clock.now_ms()
        until = {f"e{key}": person.until(key, now_ms) for key in person.keys}
        if person.user_id:
            until[f"u{person.user_id}"] = person.bound_ms if self._is_back(person) else now_ms + 1
        return until

    def _is_back(self, person: Person) -> bool:
        """Whether there is a user of this name again."""
        return bool(self._audience.keys_of_users(person.app_id, [person.user_id]))

    def _standings_page(self, person: Person, after: str, limit: int) -> Page:
        place = tuple(msgspec.json.decode(after)) if after else ("", "")
        found = [one for one in self._standings(person) if (one.journey_id, one.participant) > place]
        last = found[limit - 1] if len(found) > limit else None
        following = "" if last is None else msgspec.json.encode([last.journey_id, last.participant]).decode()
        return Page([_standing(one) for one in found[:limit]], following)

    def _moves_page(self, person: Person, after: str, limit: int) -> Page:
        given: dict[str, object] = {"limit": limit}
        more = ""
        if after:
            more = f" AND {_PLACE} > {_AFTER}"
            given |= dict(zip(_AFTER_NAMES, msgspec.json.decode(after), strict=True))
        end = f"{more} ORDER BY {_PLACE} LIMIT {{limit:UInt32}}"
        moves = [move_of(values) for values in self._moves.read(ROW, person, end, given)]
        following = ""
        if len(moves) == limit:
            last = moves[-1]
            place = [last.at_ms, last.journey_id, last.participant, last.entry, last.turn]
            following = msgspec.json.encode(place).decode()
        return Page([_move(one) for one in moves], following)

    def _gone(self, person: Person, n: str) -> tuple[str, dict[str, object]]:
        overtaken = {f"e{key}": created_ms for key, created_ms in person.newer.items()}
        back = {f"u{person.user_id}"} if person.user_id and self._is_back(person) else set()
        left = [name for name in names_of(person) if name not in overtaken and name not in back]
        sql, given = _GONE, {**_mine(person, n)[1], f"left{n}": left, f"bound{n}": person.bound_ms}
        for number, (name, created_ms) in enumerate(overtaken.items()):
            own = f"{n}_{number}"
            sql += _OVERTAKEN.replace("@", own)
            given |= {f"who{own}": name, f"until{own}": created_ms}
        return sql.replace("@", n) + "))", given


def names_of(person: Person) -> list[str]:
    """The participants that a person is: the user, and each endpoint that may have walked by itself."""
    return [*([f"u{person.user_id}"] if person.user_id else []), *(f"e{key}" for key in person.keys)]


def _mine(person: Person, n: str) -> tuple[str, dict[str, object]]:
    return _MINE.replace("@", n), {f"app{n}": person.app_id, f"people{n}": names_of(person)}


def _standing(one: Standing) -> dict[str, Any]:
    told: dict[str, Any] = {
        "JourneyId": one.journey_id,
        **_who(one.participant),
        "Entries": one.entry,
        "EnteredAt": iso_ms(one.entered_ms),
        "Inside": one.inside,
        "Activity": one.activity,
        "LeftAt": None if one.left_ms is None else iso_ms(one.left_ms),
        "Reason": one.reason,
    }
    if one.inside and one.due_ms < NEVER_MS:
        told["Until"] = iso_ms(one.due_ms)
    return {name: value for name, value in told.items() if value not in ("", None)}


def _move(one: Move) -> dict[str, Any]:
    told = {
        "JourneyId": one.journey_id,
        "JourneyRunId": one.run_id,
        **_who(one.participant),
        "Entry": one.entry,
        "Activity": one.activity,
        "Outcome": one.outcome,
        "Detail": one.detail,
        "At": iso_ms(one.at_ms),
    }
    return {name: value for name, value in told.items() if value != ""}


def _who(participant: str) -> dict[str, str]:
    return {"UserId" if participant.startswith("u") else "EndpointId": participant[1:]}


def _redact(body: bytes, person: Person) -> bytes | None:
    moves = decode(body)
    left = list(_without(moves, person))
    return body if len(left) == len(moves) else encode(left) if left else None


def _without(moves: Iterable[Move], person: Person) -> Iterable[Move]:
    names = set(names_of(person))
    for move in moves:
        if move.app_id != person.app_id or move.participant not in names or move.at_ms >= person.bound_ms:
            yield move
