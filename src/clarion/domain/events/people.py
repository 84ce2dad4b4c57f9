"""What the record has about one person: counted, told, erased.

| Event                                             | Told as the person's      | Erased with the person            |
|---------------------------------------------------|---------------------------|-----------------------------------|
| of the user                                       | yes                       | what came in before the erasure   |
| of one of the endpoints, without a user           | yes                       | the same                          |
| of one of the endpoints, of an earlier other user | no, it is that user's     | the same: the endpoint is gone    |
| of a message to one of the endpoints              | yes                       | also when it is recorded later    |
| of a message to a bare address of the person's    | yes                       | what came in before the erasure   |
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from clarion.channels.phones import e164
from clarion.core.clock import iso_ms
from clarion.domain.audience.people.holder import Holder, Page, Person, Redact, Section
from clarion.domain.audience.people.rows import PeopleRows
from clarion.domain.events.model import SEPARATOR, TEXT_RECEIVED, EventRow
from clarion.domain.events.queries import ROW, decision_of, row_of
from clarion.domain.events.records import stream_record
from clarion.domain.events.reported import PUT, ROWS, without_put, without_rows
from clarion.store.columnar import Columnar

_TO, _BY = "destination_phone_number", "origination_phone_number"
# `@` is where the number of the person goes.
_KEYS = "endpoint_key IN {keys@:Array(String)}"
_DESTINATIONS = "JSONExtract(record, 'facets', 'email_channel', 'mail_event', 'mail', 'destination', 'Array(String)')"
_TO_NUMBERS = (
    "(startsWith(event_type, '_SMS.') OR startsWith(event_type, '_VOICE.')) AND hasAny(kv, {to@:Array(String)})"
)
_BY_NUMBERS = f"event_type = '{TEXT_RECEIVED}' AND hasAny(kv, {{by@:Array(String)}})"
_BARE_NUMBER = f"(system AND endpoint_key = '' AND (({_TO_NUMBERS}) OR ({_BY_NUMBERS})))"
_BARE = (
    "(system AND endpoint_key = '' AND startsWith(event_type, '_email.')"
    f" AND hasAny(arrayMap(address -> lower(address), {_DESTINATIONS}), {{addresses@:Array(String)}}))"
)
_USER = "(user_id != '' AND user_id = {user@:String})"
_OWN = f"({_KEYS} AND ({{user@:String}} = '' OR user_id IN ('', {{user@:String}})))"
_TOLD = f"app_id = {{app@:String}} AND ({_OWN} OR {_USER} OR {_BARE} OR {_BARE_NUMBER})"
# What apps report is somebody new's as soon as it comes in later; what the product says is about a message, which
# may have been written for the one who was erased. Nothing is sent to an endpoint before it was created.
_GONE = (
    "app_id = {app@:String} AND ((arrival < fromUnixTimestamp64Milli({bound@:Int64}, 'UTC')"
    f" AND ({_KEYS} OR {_USER} OR {_BARE} OR {_BARE_NUMBER})) OR (system AND endpoint_key IN {{left@:Array(String)}}))"
)
_OVERTAKEN = "(endpoint_key = {key@:String} AND arrival < fromUnixTimestamp64Milli({created@:Int64}, 'UTC'))"
_PLACE = "(toUnixTimestamp64Milli(arrival), endpoint_key, event_type, event_id)"
_AFTER = "({after_ms:Int64}, {after_key:String}, {after_type:String}, {after_id:String})"


class EventsHolder(Holder):
    """Events of every kind."""

    tables = ("columnar.events",)

    def __init__(self, columnar: Columnar) -> None:
        self._columnar = columnar
        self._rows = PeopleRows(columnar, "events", told, _erased)
        self._overtaken = PeopleRows(columnar, "events", _before_the_newer)

    def sections(self) -> Mapping[str, Section]:
        return {"Events": self._events, "Decisions": self._decisions}

    def count(self, person: Person) -> Mapping[str, int]:
        return {"Events": self._rows.count(person)}

    def about(self, person: Person) -> Mapping[str, object]:
        """Events by type, with the date of the last."""
        what = "event_type, count(), toUnixTimestamp64Milli(max(arrival))"
        rows = self._rows.read(what, person, " GROUP BY event_type ORDER BY event_type")
        return {"EventTypes": [{"EventType": name, "Count": n, "Last": iso_ms(last)} for name, n, last in rows]}

    def last_seen(self, person: Person) -> int | None:
        """When an app last reported something."""
        what = "count(), toUnixTimestamp64Milli(max(arrival))"
        ((number, last),) = self._rows.read(what, person, " AND NOT system")
        return int(last) if number else None

    def messages_of(self, person: Person) -> set[str]:
        """The ids of the messages to the person."""
        rows = self._rows.read("DISTINCT message_id", person, " AND message_id != ''")
        return {str(message_id) for (message_id,) in rows}

    def keys_of(self, app_id: str, user_id: str) -> Collection[str]:
        """Endpoints with events of this user."""
        rows = self._columnar.query(
            "SELECT DISTINCT endpoint_key FROM events WHERE app_id = {app:String} AND user_id = {user:String}"
            " AND endpoint_key != ''",
            {"app": app_id, "user": user_id},
        )
        return [str(key) for (key,) in rows]

    def redactors(self) -> Mapping[str, Redact]:
        return {PUT: _redact_put, ROWS: _redact_rows}

    def erase(self, people: Sequence[Person]) -> bool:
        erased = self._rows.delete(people)
        overtaken = self._overtaken.delete([person for person in people if person.newer])
        return erased or overtaken

    def purge(self) -> None:
        self._rows.purge()

    def _events(self, person: Person, after: str, limit: int) -> Page:
        return self._page(person, after, limit, "", _record)

    def _decisions(self, person: Person, after: str, limit: int) -> Page:
        return self._page(person, after, limit, " AND system", _decision)

    def _page(self, person: Person, after: str, limit: int, more: str, told: Any) -> Page:
        place = _decode_place(after) if after else None
        given: dict[str, object] = {"limit": limit}
        if place is not None:
            more += f" AND {_PLACE} > {_AFTER}"
            given |= dict(zip(("after_ms", "after_key", "after_type", "after_id"), place, strict=True))
        end = f"{more} ORDER BY {_PLACE} LIMIT 1 BY {_PLACE} LIMIT {{limit:UInt32}}"
        rows = [row_of(values) for values in self._rows.read(ROW, person, end, given)]
        last = rows[-1] if len(rows) == limit else None
        following = [last.arrival, last.endpoint_key, last.event_type, last.event_id] if last else None
        return Page([told(row) for row in rows], msgspec.json.encode(following).decode() if following else "")


_decode_place = msgspec.json.Decoder(tuple[int, str, str, str]).decode


def told(person: Person, n: str) -> tuple[str, dict[str, object]]:
    """Which rows are told as the person's: a condition for `PeopleRows`."""
    return _TOLD.replace("@", n), _named(person, n)


def _erased(person: Person, n: str) -> tuple[str, dict[str, object]]:
    left = [key for key in person.keys if key not in person.newer]
    return _GONE.replace("@", n), {**_named(person, n), f"bound{n}": person.bound_ms, f"left{n}": left}


def _before_the_newer(person: Person, n: str) -> tuple[str, dict[str, object]]:
    """What the product did about an endpoint before somebody new was created under its id."""
    parts = []
    given: dict[str, object] = {f"app{n}": person.app_id}
    for number, (key, created_ms) in enumerate(person.newer.items()):
        own = f"{n}_{number}"
        parts.append(_OVERTAKEN.replace("@", own))
        given |= {f"key{own}": key, f"created{own}": created_ms}
    return f"app_id = {{app{n}:String}} AND system AND ({' OR '.join(parts)})", given


def _named(person: Person, n: str) -> dict[str, object]:
    numbers = _numbers(person)
    return {
        f"to{n}": [f"{_TO}{SEPARATOR}{number}" for number in numbers],
        f"by{n}": [f"{_BY}{SEPARATOR}{number}" for number in numbers],
        f"app{n}": person.app_id,
        f"keys{n}": person.keys,
        f"user{n}": person.user_id,
        f"addresses{n}": person.addresses,
    }


def _numbers(person: Person) -> list[str]:
    return sorted({number for address in person.addresses if (number := e164(address)) is not None})


def _record(row: EventRow) -> dict[str, Any]:
    """The stream record, with what only Clarion knows beside it."""
    own = {
        "EventId": row.event_id,
        "EndpointId": row.endpoint_id or row.endpoint_key,
        "UserId": row.user_id,
        "MessageId": row.message_id,
    }
    return {name: value for name, value in own.items() if value} | {"Record": stream_record(row)}


def _decision(row: EventRow) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(decision_of(row))
    return {"EndpointId": row.endpoint_id or row.endpoint_key, **told}


def _about(row: EventRow, person: Person) -> bool:
    if row.app_id != person.app_id:
        return False
    if row.endpoint_key in person.keys and row.system and row.endpoint_key not in person.newer:
        return True
    if row.arrival >= person.bound_ms:
        return False
    if row.endpoint_key in person.keys:
        return True
    if row.user_id:
        return row.user_id == person.user_id
    if not row.system or row.endpoint_key:
        return False
    name = _BY if row.event_type == TEXT_RECEIVED else _TO
    return row.attributes.get(name) in _numbers(person) or any(
        f'"{one}"' in row.record.lower() for one in person.addresses
    )


def _redact_rows(body: bytes, person: Person) -> bytes | None:
    return without_rows(body, lambda row: _about(row, person))


def _redact_put(body: bytes, person: Person) -> bytes | None:
    def about(app_id: str, arrival: int, endpoint_key: str, user_id: str) -> bool:
        own = endpoint_key in person.keys or (bool(user_id) and user_id == person.user_id)
        return app_id == person.app_id and arrival < person.bound_ms and own

    return without_put(body, about)
