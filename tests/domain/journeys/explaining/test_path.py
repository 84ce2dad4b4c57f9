"""Where a way left that to an activity, and how a path is put together."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clarion.domain.journeys.definition import Route, encode, route
from clarion.domain.journeys.entry.admission import Terms
from clarion.domain.journeys.explaining.path import Step, in_order, leads_to, parting
from clarion.domain.journeys.explaining.reasons import of_activity, of_terms
from clarion.domain.journeys.model import Move
from clarion.domain.journeys.participants import Standing
from clarion.shapes.pinpoint import WriteJourneyRequest

T = 1_800_000_000_000
WAIT = {"WaitTime": {"WaitFor": "P1D"}}
RED = {"segmentDimensions": {"Attributes": {"color": {"AttributeType": "INCLUSIVE", "Values": ["red"]}}}}
ACTIVITIES: dict[str, Any] = {
    "ask": {"ConditionalSplit": {"Condition": {"Conditions": [RED]}, "TrueActivity": "day", "FalseActivity": "lot"}},
    "day": {"Wait": {**WAIT, "NextActivity": "both"}},
    "lot": {
        "RandomSplit": {
            "Branches": [{"Percentage": 50, "NextActivity": "hold"}, {"Percentage": 50, "NextActivity": "both"}]
        }
    },
    "hold": {"Holdout": {"Percentage": 50, "NextActivity": "last"}},
    "last": {"Wait": WAIT},
    "both": {"Wait": {**WAIT, "NextActivity": "end"}},
    "end": {"Wait": WAIT},
    "alone": {"Wait": WAIT},
}


def way() -> Route:
    written = {"Name": "j", "StartActivity": "ask", "Activities": ACTIVITIES}
    return route(encode(msgspec.convert(written, WriteJourneyRequest)))


def moves(*told: tuple[str, str, str] | tuple[str, str]) -> list[Move]:
    return [
        Move("a", "j", "r", 1, "eann", 1, turn, one[0], one[1], one[2] if len(one) > 2 else "", T + turn)  # type: ignore[misc]
        for turn, one in enumerate(told, 1)
    ]


ENTERED = ("", "ENDPOINT_ENTERED")


@pytest.mark.parametrize(
    ("told", "wanted", "found"),
    [
        ([ENTERED, ("ask", "Branch_TRUE"), ("day", "WAIT_STARTED")], "hold", ("ask", "Branch_TRUE", ["Branch_FALSE"])),
        ([ENTERED, ("ask", "Branch_TRUE"), ("day", "WAIT_STARTED")], "end", None),
        ([ENTERED, ("ask", "Branch_FALSE"), ("lot", "Branch_2")], "hold", ("lot", "Branch_2", ["Branch_1"])),
        ([ENTERED, ("ask", "Branch_FALSE"), ("lot", "Branch_2")], "end", None),
        (
            [
                ENTERED,
                ("ask", "Branch_FALSE"),
                ("lot", "Branch_1"),
                ("hold", "HOLDOUT", "held out"),
                ("", "ENDPOINT_LEFT", "held out"),
            ],
            "last",
            ("hold", "HOLDOUT", ["PASSED"]),
        ),
        ([ENTERED, ("ask", "Branch_TRUE"), ("day", "WAIT_STARTED"), ("", "ENDPOINT_LEFT", "exit: paid")], "end", None),
        ([ENTERED, ("ask", "Branch_TRUE"), ("day", "WAIT_SKIPPED"), ("both", "WAIT_STARTED")], "end", None),
    ],
)
def test_where_a_way_left_that_to_an_activity(told: Any, wanted: str, found: Any) -> None:
    parted = parting(way().graph, moves(*told), wanted)
    assert (parted and (parted.node.id, parted.outcome, [edge.outcome for edge in parted.ways])) == found


def test_what_leads_where() -> None:
    graph = way().graph
    assert leads_to(graph, "ask", "end")
    assert leads_to(graph, "end", "end")
    assert not leads_to(graph, "end", "ask")
    assert not leads_to(graph, "", "ask")


def standing(**members: Any) -> Standing:
    usual = {
        "journey_id": "j",
        "participant": "eann",
        "version": 1,
        "run_id": "r",
        "entry": 1,
        "inside": True,
        "activity": "day",
        "waiting": "wait",
        "arrived_ms": T,
        "due_ms": T + 86_400_000,
        "turn": 3,
        "shard": 0,
        "entered_ms": T,
        "left_ms": None,
        "reason": "",
    }
    given = {name: members.get(name, usual.get(name, 0)) for name in Standing._fields}
    return Standing(**given)


def test_why_somebody_is_not_at_an_activity() -> None:
    route = way()
    told = moves(ENTERED, ("ask", "Branch_TRUE"), ("day", "WAIT_STARTED"))
    assert list(of_activity(route, standing(), told, "end")) == [
        "they are not that far: at day since 2027-01-15T08:00:00.000Z, they wait until 2027-01-16T08:00:00.000Z"
    ]
    assert list(of_activity(route, standing(), told, "hold")) == [
        "at ask they took Branch_TRUE (yes) at 2027-01-15T08:00:00.002Z; hold is behind Branch_FALSE (no)"
    ]
    assert list(of_activity(route, standing(), told, "alone")) == ["nothing leads to alone"]
    assert list(of_activity(route, standing(), told, "later")) == [
        "version 1 of the journey, which they walk, has no activity later"
    ]
    gone = standing(inside=False, left_ms=T, reason="exit: paid")
    assert list(of_activity(route, gone, told, "end")) == ["they left from day at 2027-01-15T08:00:00.000Z: exit: paid"]


def test_why_somebody_may_not_enter_again() -> None:
    left = standing(inside=False, left_ms=T, entry=2)
    assert list(of_terms([left], Terms(0, 0, 0), 9, T)) == []
    assert list(of_terms([left], Terms(3, 0, 10), 9, T)) == []
    assert list(of_terms([left], Terms(2, 1000, 9), 9, T)) == [
        "they left at 2027-01-15T08:00:00.000Z and may enter again at 2027-01-15T08:00:01.000Z",
        "they have entered 2 time(s), and may do so 2 time(s)",
        "the journey has had 9 entries, and may have 9",
    ]


def test_a_path_is_in_the_order_of_time_and_of_the_graph() -> None:
    graph = way().graph
    same = [move._replace(at_ms=T) for move in moves(ENTERED, ("ask", "Branch_TRUE"), ("", "ENDPOINT_LEFT", "x"))]
    mail = Step(T, 0, "day", "SUCCESS", "", "ann", "m")
    late = mail._replace(at_ms=T + 9, outcome="_email.open")
    assert [step.outcome for step in in_order(graph, same, [late, mail])] == [
        "ENDPOINT_ENTERED",
        "Branch_TRUE",
        "SUCCESS",
        "ENDPOINT_LEFT",
        "_email.open",
    ]
