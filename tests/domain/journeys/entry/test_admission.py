"""The rules of who enters, one by one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clarion.core.clock import HOUR_MS
from clarion.domain.audience.model import Outline
from clarion.domain.journeys.entry.admission import (
    Admission,
    Candidate,
    admit,
    fault_of,
    names_of,
    participant_of,
    terms,
)
from clarion.domain.journeys.entry.model import shard_of
from clarion.domain.journeys.participants import Standing
from clarion.shapes.pinpoint import WriteJourneyRequest

NOW = 1_800_000_000_000


def standing(
    name: str, *, inside: bool = False, entry: int = 1, left_ms: int = NOW - HOUR_MS, run: str = "r0"
) -> Standing:
    return Standing(
        journey_id="j",
        participant=name,
        version=1,
        run_id=run,
        entry=entry,
        inside=inside,
        activity="",
        waiting="",
        arrived_ms=0,
        due_ms=0,
        turn=7,
        shard=2,
        entered_ms=0,
        left_ms=None if inside else left_ms,
        reason="",
    )


def judge(*people: tuple[str, str], known: Any = (), room: int = 9, run: str = "r1", **limits: Any) -> Admission:
    wanted = msgspec.convert({"Name": "n", "Limits": limits}, WriteJourneyRequest)
    return admit(
        [Candidate(*one) for one in people],
        {one.participant: one for one in known},
        terms(wanted),
        run_id=run,
        room=room,
        rate=0,
        now_ms=NOW,
    )


@pytest.mark.parametrize(
    ("members", "fault"),
    [
        ({}, ""),
        ({"channel_type": "", "address": ""}, "ENDPOINT_MISSING_CHANNEL"),
        ({"address": "", "opt_out": "ALL"}, "ENDPOINT_MISSING_ADDRESS"),
        ({"opt_out": "ALL", "status": "INACTIVE"}, "ENDPOINT_OPT_OUT"),
        ({"status": "INACTIVE"}, "ENDPOINT_INACTIVE"),
    ],
)
def test_faults(members: dict[str, Any], fault: str) -> None:
    assert fault_of(Outline(**{"channel_type": "EMAIL", "address": "a@b", **members})) == fault


def test_who_walks() -> None:
    assert [participant_of("k", user) for user in ("", "lea")] == ["ek", "ulea"]
    assert names_of([Candidate("ulea", "k"), Candidate("ej", "j"), Candidate("ulea", "k2")]) == [
        "ulea",
        "ek",
        "ej",
        "ek2",
    ]


@pytest.mark.parametrize(
    ("known", "limits", "outcome"),
    [
        ([], {}, ""),
        ([standing("ulea")], {}, "REENTRY_CAP_EXCEEDED"),
        ([standing("ulea")], {"EndpointReentryCap": 0}, ""),
        ([standing("ulea", entry=2)], {"EndpointReentryCap": 2}, "REENTRY_CAP_EXCEEDED"),
        ([standing("ulea", entry=2)], {"EndpointReentryCap": 3}, ""),
        ([standing("ulea"), standing("ephone", entry=2)], {"EndpointReentryCap": 3}, "REENTRY_CAP_EXCEEDED"),
        ([standing("ulea", inside=True)], {"EndpointReentryCap": 0}, "ACTIVE_ENDPOINT_REJECTED"),
        ([standing("ephone", inside=True)], {"EndpointReentryCap": 0}, "ACTIVE_ENDPOINT_REJECTED"),
        ([standing("ulea")], {"EndpointReentryCap": 0, "EndpointReentryInterval": "PT1H"}, ""),
        ([standing("ulea")], {"EndpointReentryCap": 0, "EndpointReentryInterval": "PT61M"}, "REENTRY_CAP_EXCEEDED"),
        ([standing("ulea", run="r1")], {"EndpointReentryCap": 0}, "DUPLICATE_USER"),
        ([standing("eother", inside=True)], {}, ""),
    ],
)
def test_somebody_who_was_there(known: list[Standing], limits: dict[str, Any], outcome: str) -> None:
    found = judge(("ulea", "phone"), known=known, **limits)
    assert found.refused == ({outcome: 1} if outcome else {})
    assert len(found.entrants) == (0 if outcome else 1)


def test_entries_and_moves_are_counted_on() -> None:
    first, again = judge(
        ("enew", "new"), ("eold", "old"), known=[standing("eold", entry=3)], EndpointReentryCap=0
    ).entrants
    assert (first.entry, first.turn, first.shard) == (1, 1, shard_of("enew", 0))
    # Whoever comes again stays in the part of the journey that they were in.
    assert (again.entry, again.turn, again.shard) == (4, 8, 2)


def test_room_is_for_those_who_enter() -> None:
    people = [("ea", "a"), ("eb", "b"), ("ea2", "a2"), ("ec", "c")]
    found = judge(*people, known=[standing("eb")], room=2)
    assert [one.participant for one in found.entrants] == ["ea", "ea2"]
    assert found.refused == {"REENTRY_CAP_EXCEEDED": 1, "MAXIMUM_PARTICIPANTS_EXCEEDED": 1}
    assert judge(("ea", "a"), room=-3).refused == {"MAXIMUM_PARTICIPANTS_EXCEEDED": 1}


def test_a_user_twice_on_a_page() -> None:
    found = judge(("ulea", "phone"), ("ulea", "desk"))
    assert ([one.participant for one in found.entrants], found.refused) == (["ulea"], {"DUPLICATE_USER": 1})


def test_terms_that_say_nothing() -> None:
    said = terms(msgspec.convert({"Name": "n", "Limits": {"EndpointReentryInterval": "soon"}}, WriteJourneyRequest))
    assert said == (1, 0, 0)


def test_shards_are_even_and_one_with_a_rate() -> None:
    names = [f"e{number}" for number in range(3_000)]
    counts = [sum(shard_of(name, 0) == shard for name in names) for shard in range(3)]
    assert min(counts) > 900
    assert {shard_of(name, 5) for name in names} == {0}
