"""Who may enter: rules about an endpoint, and about somebody who was in the journey before. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from clarion.domain.audience.model import Outline
from clarion.domain.journeys.entry.model import (
    ACTIVE,
    CAPPED,
    FULL,
    INACTIVE,
    NO_ADDRESS,
    NO_CHANNEL,
    OPT_OUT,
    SAME_USER,
    shard_of,
)
from clarion.domain.journeys.participants import Standing
from clarion.domain.journeys.times import duration_ms
from clarion.shapes.pinpoint import JourneyLimits, WriteJourneyRequest

ONCE = 1
"""How often somebody may enter when the journey does not say."""


class Terms(NamedTuple):
    """What a journey says of entries: how often (0: no limit), how long after leaving, how many people in all (0: no
    limit)."""

    cap: int
    interval_ms: int
    most: int


class Candidate(NamedTuple):
    """Somebody who may enter, by one of their endpoints."""

    participant: str
    endpoint_key: str


class Entrant(NamedTuple):
    """Somebody who enters: for the `entry`-th time, with so many moves before, into this part of the journey."""

    participant: str
    entry: int
    turn: int
    shard: int


class Admission(NamedTuple):
    """Who of a page enters; those who do not, counted by outcome."""

    entrants: list[Entrant]
    refused: dict[str, int]


def terms(wanted: WriteJourneyRequest) -> Terms:
    """What a journey says of entries."""
    limits = wanted.limits or JourneyLimits()
    cap = ONCE if limits.endpoint_reentry_cap is None else limits.endpoint_reentry_cap
    interval_ms = duration_ms(limits.endpoint_reentry_interval) or 0
    return Terms(cap, interval_ms, limits.maximum_participants or 0)


def participant_of(endpoint_key: str, user_id: str) -> str:
    """Who walks: a user with all their endpoints, or an endpoint without a user by itself."""
    return f"u{user_id}" if user_id else f"e{endpoint_key}"


def fault_of(endpoint: Outline) -> str:
    """Why an endpoint lets nobody in, "" when it does."""
    if not endpoint.channel_type:
        return NO_CHANNEL
    if not endpoint.address:
        return NO_ADDRESS
    if endpoint.opt_out == "ALL":
        return OPT_OUT
    return INACTIVE if endpoint.status == "INACTIVE" else ""


def names_of(candidates: Iterable[Candidate]) -> list[str]:
    """The participants whose standings decide on these: themselves, and who they were before they had a user."""
    names: dict[str, None] = {}
    for participant, key in candidates:
        names[participant] = None
        if participant[0] == "u":
            names[f"e{key}"] = None
    return list(names)


def admit(
    candidates: Iterable[Candidate],
    standings: Mapping[str, Standing],
    terms: Terms,
    *,
    run_id: str,
    room: int,
    rate: int,
    now_ms: int,
) -> Admission:
    """Who of these enters in a run; `room` for so many more. `standings` are those of `names_of` these."""
    entrants: dict[str, Entrant] = {}
    refused: dict[str, int] = {}
    for participant, key in candidates:
        own = standings.get(participant)
        before = standings.get(f"e{key}") if participant[0] == "u" else None
        if participant in entrants or (own is not None and own.run_id == run_id and participant[0] == "u"):
            outcome = SAME_USER
        elif (own is not None or before is not None) and (refusal := _refusal(own, before, terms, now_ms)):
            outcome = refusal
        else:
            outcome = "" if len(entrants) < room else FULL
        if outcome:
            refused[outcome] = refused.get(outcome, 0) + 1
        elif own is None:
            entrants[participant] = Entrant(participant, 1, 1, shard_of(participant, rate))
        else:
            entrants[participant] = Entrant(participant, own.entry + 1, own.turn + 1, own.shard)
    return Admission(list(entrants.values()), refused)


def _refusal(own: Standing | None, before: Standing | None, terms: Terms, now_ms: int) -> str:
    known = [one for one in (own, before) if one is not None]
    if any(one.inside for one in known):
        return ACTIVE
    if terms.cap and sum(one.entry for one in known) >= terms.cap:
        return CAPPED
    if any(one.left_ms is not None and now_ms < one.left_ms + terms.interval_ms for one in known):
        return CAPPED
    return ""
