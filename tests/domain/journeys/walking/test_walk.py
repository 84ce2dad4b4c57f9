"""One step of many people, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from clarion.core.clock import DAY_MS, HOUR_MS
from clarion.domain.journeys.activities.port import Tools
from clarion.domain.journeys.definition import Route, encode, route
from clarion.domain.journeys.model import Told, Walker, encode_told
from clarion.domain.journeys.store import JourneyRow
from clarion.domain.journeys.walking.walk import Walk, Walked
from clarion.shapes.pinpoint import WriteJourneyRequest

NOW = 1_700_000_000_000
NOBODY: Any = None

JOURNEY = JourneyRow(
    app_id="app",
    journey_id="journey",
    account="000000000001",
    region="us-east-1",
    state="ACTIVE",
    version=1,
    epoch=1,
    created_ms=0,
    modified_ms=0,
    published_ms=0,
    start_ms=0,
    end_ms=None,
    paused_ms=None,
    paced_ms=0,
    segment_id="",
    event_started=False,
    behind=0,
    defaults=b"",
    test_of="",
    inside=0,
    entered=0,
)
TOOLS = Tools(conditions=NOBODY, messages=NOBODY, dialler=NOBODY, people=NOBODY)


def way(activities: dict[str, Any]) -> Route:
    written = {"Name": "j", "StartActivity": next(iter(activities)), "Activities": activities}
    return route(encode(msgspec.convert(written, WriteJourneyRequest)))


def walker(number: int, activity: str, **more: Any) -> Walker:
    return Walker(participant=f"e{number}", version=1, run_id="run", entry=1, activity=activity, **more)


def walk(activities: dict[str, Any], walkers: Sequence[Walker], now_ms: int = NOW) -> Walked:
    return Walk(JOURNEY, {1: way(activities)}, TOOLS, now_ms).all(walkers)


def told(walked: Walked) -> list[tuple[str, str, str, int]]:
    return [(move.participant, move.activity, move.outcome, move.turn) for move in walked.moves]


WAIT = {"Wait": {"WaitTime": {"WaitFor": "P1D"}, "NextActivity": "after"}}
AFTER = {"Wait": {"WaitTime": {"WaitFor": "PT2H"}}}


class TestWait:
    def test_somebody_arrives(self) -> None:
        walked = walk({"first": WAIT, "after": AFTER}, [walker(1, "first")])
        (change,) = walked.changes
        assert change.left_ms is None
        assert (change.walker.activity, change.walker.waiting, change.walker.due_ms) == ("first", "wait", NOW + DAY_MS)
        assert told(walked) == [("e1", "first", "WAIT_STARTED", 1)]

    def test_the_time_has_come_and_the_next_wait_begins_now(self) -> None:
        walked = walk({"first": WAIT, "after": AFTER}, [walker(1, "first", waiting="wait", turn=1, due_ms=NOW - 5)])
        (change,) = walked.changes
        assert (change.walker.activity, change.walker.due_ms) == ("after", NOW + 2 * HOUR_MS)
        assert told(walked) == [("e1", "first", "WAIT_FINISHED", 2), ("e1", "after", "WAIT_STARTED", 3)]

    def test_the_end(self) -> None:
        walked = walk({"after": AFTER}, [walker(1, "after", waiting="wait", turn=4)])
        (change,) = walked.changes
        assert (change.left_ms, change.reason) == (NOW, "completed")
        assert walked.left == {"run": 1}
        assert told(walked) == [("e1", "after", "WAIT_FINISHED", 5), ("e1", "", "ENDPOINT_LEFT", 6)]

    @pytest.mark.parametrize(("until", "outcome"), [(NOW, "WAIT_SKIPPED"), (NOW + 1_000, "WAIT_STARTED")])
    def test_until_a_date(self, until: int, outcome: str) -> None:
        written = f"2023-11-14T22:13:{20 + (until - NOW) // 1000}Z"
        walked = walk({"first": {"Wait": {"WaitTime": {"WaitUntil": written}}}}, [walker(1, "first")])
        assert told(walked)[0] == ("e1", "first", outcome, 1)


SPLIT = {
    "split": {"RandomSplit": {"Branches": [{"Percentage": 30, "NextActivity": "hold"}, {"Percentage": 70}]}},
    "hold": {"Holdout": {"Percentage": 20, "NextActivity": ""}},
}


class TestChance:
    def test_shares_and_repeats(self) -> None:
        walked = walk(SPLIT, [walker(number, "split") for number in range(4_000)])
        counts = dict.fromkeys(("Branch_1", "Branch_2", "HOLDOUT", "PASSED"), 0)
        for _, _, outcome, _ in told(walked):
            if outcome in counts:
                counts[outcome] += 1
        assert 1_080 < counts["Branch_1"] < 1_320
        assert counts["Branch_1"] + counts["Branch_2"] == 4_000
        assert 0.15 < counts["HOLDOUT"] / counts["Branch_1"] < 0.25
        again = walk(SPLIT, [walker(number, "split") for number in range(4_000)])
        assert told(again) == told(walked)

    def test_another_entry_draws_anew(self) -> None:
        first = walk(SPLIT, [walker(number, "split") for number in range(200)])
        second = [walker(number, "split") for number in range(200)]
        for one in second:
            one.entry = 2
        assert told(walk(SPLIT, second)) != told(first)

    @pytest.mark.parametrize(("percentage", "outcome"), [(0, "PASSED"), (100, "HOLDOUT")])
    def test_none_and_all_held_out(self, percentage: int, outcome: str) -> None:
        walked = walk({"hold": {"Holdout": {"Percentage": percentage}}}, [walker(n, "hold") for n in range(50)])
        assert {move.outcome for move in walked.moves if move.activity} == {outcome}


class TestSignals:
    def test_somebody_leaves(self) -> None:
        signal = encode_told(Told("", "purchase")).decode()
        walked = walk({"after": AFTER}, [walker(1, "after", waiting="wait", due_ms=NOW + 9, signal=signal)])
        (change,) = walked.changes
        assert (change.left_ms, change.reason) == (NOW, "exit: purchase")
        assert told(walked) == [("e1", "", "ENDPOINT_LEFT", 1)]


class TestOddities:
    def test_an_activity_that_is_gone(self) -> None:
        (change,) = walk({"after": AFTER}, [walker(1, "before")]).changes
        assert change.reason == "the activity is gone"

    def test_ways_that_meet_again_are_judged_together(self) -> None:
        branches = [{"Percentage": 50, "NextActivity": "wait"}, {"Percentage": 50, "NextActivity": "hold"}]
        activities = {
            "split": {"RandomSplit": {"Branches": branches}},
            "hold": {"Holdout": {"Percentage": 0, "NextActivity": "wait"}},
            "wait": AFTER,
        }
        walked = walk(activities, [walker(number, "split") for number in range(100)])
        started = [number for number, move in enumerate(walked.moves) if move.outcome == "WAIT_STARTED"]
        assert started == list(range(len(walked.moves) - 100, len(walked.moves)))
