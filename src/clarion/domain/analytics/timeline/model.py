"""Entries of a timeline, each made of what was recorded. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

import msgspec

from clarion.core.clock import iso_ms
from clarion.domain.audience.model import Endpoint
from clarion.domain.audience.people.holder import Person
from clarion.domain.events.asking.person import Period, Place
from clarion.domain.events.model import EventRow
from clarion.domain.events.queries import decision_of

Kind = Literal["EVENT", "MESSAGE", "REFUSED", "JOURNEY", "ENDPOINT"]


class Fate(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """Something that happened to a message, in Pinpoint's words."""

    at: str
    event_type: str
    outcome: str = ""


class Entry(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """One thing: an event that an app reported (`EVENT`), a message with all its `fates` (`MESSAGE`), a message that
    was not sent, with the gate and the reason (`REFUSED`), a move in a journey (`JOURNEY`), or that an endpoint came
    to be or opted out (`ENDPOINT`). `outcome` says it in a word.
    """

    at: str
    kind: Kind
    outcome: str = ""
    event_type: str = ""
    event_id: str = ""
    endpoint_id: str = ""
    user_id: str = ""
    arrived_at: str = ""
    attributes: dict[str, str] = {}
    metrics: dict[str, float] = {}
    session_id: str = ""
    channel: str = ""
    address: str = ""
    campaign_id: str = ""
    treatment_id: str = ""
    journey_id: str = ""
    activity_id: str = ""
    detail: str = ""
    message_id: str = ""
    gate: str = ""
    reason: str = ""
    fates: list[Fate] = []


class Placed(NamedTuple):
    """An entry and where it stands."""

    place: Place
    entry: Entry


class Source(Protocol):
    """Knows some of what there is about people."""

    def last(self, person: Person, endpoints: Sequence[Endpoint], period: Period, most: int) -> list[Placed]:
        """The last `most` entries of a period, newest first."""
        ...


def of_event(place: Place, row: EventRow) -> Placed:
    """An event that an app reported."""
    entry = Entry(
        at=iso_ms(place.at_ms),
        kind="EVENT",
        outcome=row.event_type,
        event_type=row.event_type,
        event_id=row.event_id,
        endpoint_id=row.endpoint_id or row.endpoint_key,
        user_id=row.user_id,
        arrived_at=iso_ms(row.arrival),
        attributes=row.attributes,
        metrics=row.metrics,
        session_id=row.session_id,
    )
    return Placed(place, entry)


def of_message(place: Place, rows: Sequence[EventRow]) -> Placed:
    """A message, or a refusal of one, with everything that was recorded of it (at least one row), oldest first."""
    decisions = [decision_of(row) for row in rows]
    first = rows[0]
    refusals = [one for one in decisions if one.gate not in ("send", "delivery")]
    refused = len(refusals) == len(decisions)

    def named(name: str) -> str:
        # A campaign and a journey say in rows of their own for what a message was.
        return next((str(value) for row in rows if (value := getattr(row, name))), "")

    entry = Entry(
        at=iso_ms(place.at_ms),
        kind="REFUSED" if refused else "MESSAGE",
        outcome=refusals[-1].reason if refused else decisions[-1].reason,
        event_type=first.event_type,
        message_id=first.message_id,
        gate=refusals[-1].gate if refused else "",
        reason=refusals[-1].reason if refused else "",
        fates=[] if refused else [_fate(row, one.reason) for row, one in zip(rows, decisions, strict=True)],
        campaign_id=named("campaign_id"),
        treatment_id=named("treatment_id"),
        journey_id=named("journey_id"),
        activity_id=named("activity_id"),
        user_id=named("user_id"),
        endpoint_id=named("endpoint_id"),
    )
    return Placed(place, entry)


def of_endpoint(endpoint: Endpoint) -> list[Placed]:
    """What an endpoint's record tells: when it came to be, and that it has opted out."""
    created = Place(endpoint.created_ms, f"a{endpoint.key}")
    found = [_endpoint(endpoint, created, "CREATED")]
    if endpoint.opt_out == "ALL":
        # When that was, nobody kept; its last change is the latest it can be.
        found.append(_endpoint(endpoint, Place(endpoint.effective_ms, f"b{endpoint.key}"), "OPTED_OUT"))
    return found


def _endpoint(endpoint: Endpoint, place: Place, outcome: str) -> Placed:
    entry = Entry(
        at=iso_ms(place.at_ms),
        kind="ENDPOINT",
        outcome=outcome,
        endpoint_id=endpoint.id,
        user_id=endpoint.user_id,
        channel=endpoint.channel_type,
        address=endpoint.address,
    )
    return Placed(place, entry)


def _fate(row: EventRow, outcome: str) -> Fate:
    return Fate(at=iso_ms(row.arrival), event_type=row.event_type, outcome=outcome)
