"""Figures equal a slow count of the same moves and events in Python, to the last unit."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.domain.events import produced
from clarion.domain.events.model import EventRow
from clarion.domain.events.produced import Subject
from clarion.domain.journeys.model import Move
from tests.domain.journeys.metrics.conftest import Record

APP, JOURNEY, TEST = "app", "journey", "test-journey"
RUNS = ("run1", "run2")
WAYS = ("Branch_1", "Branch_2", "Branch_3")
REFUSALS = ("REENTRY_CAP_EXCEEDED", "ACTIVE_ENDPOINT_REJECTED", "ENDPOINT_OPT_OUT", "ENDPOINT_PRODUCED")


class Way:
    """Draws the moves of one entry: it comes in, visits some activities, and perhaps leaves."""

    def __init__(self, draw: st.DrawFn, journey: str, participant: str, entry: int) -> None:
        self.draw, self.journey, self.participant, self.entry = draw, journey, participant, entry
        self.run = draw(st.sampled_from(RUNS))
        self.moves: list[Move] = []
        self._move("", "ENDPOINT_ENTERED")
        self._walk()

    def _walk(self) -> None:
        waits = [name for name in ("wait1", "wait2") if self.draw(st.booleans())]
        for activity in waits:
            if self.draw(st.booleans()):
                self._move(activity, "WAIT_SKIPPED")
                continue
            self._move(activity, "WAIT_STARTED")
            if self.draw(st.booleans()):
                self._leave_perhaps()
                return
            self._move(activity, "WAIT_FINISHED")
        self._move("split", self.draw(st.sampled_from(WAYS)))
        self._move("hold", self.draw(st.sampled_from(["HOLDOUT", "PASSED"])))
        self._leave_perhaps()

    def _leave_perhaps(self) -> None:
        if self.draw(st.booleans()):
            self._move(
                "", "ENDPOINT_LEFT", self.draw(st.sampled_from(["completed", "cancelled", "cancelled: gone", "exit"]))
            )

    def _move(self, activity: str, outcome: str, detail: str = "") -> None:
        turn = len(self.moves) + 1
        at = 1_800_000_000_000 + turn
        who = (self.participant, self.entry, turn)
        self.moves.append(Move(APP, self.journey, self.run, 1, *who, activity, outcome, detail, at))


@st.composite
def moves(draw: st.DrawFn) -> list[Move]:
    found: list[Move] = []
    for journey in (JOURNEY, TEST):
        for participant in draw(st.lists(st.sampled_from(["eann", "ejon", "uann", "uzoe"]), unique=True, max_size=4)):
            for entry in range(1, draw(st.integers(1, 2)) + 1):
                found += Way(draw, journey, participant, entry).moves
        for outcome in draw(st.lists(st.sampled_from(REFUSALS), max_size=4)):
            run, number = draw(st.sampled_from(RUNS)), draw(st.integers(0, 10**6))
            found.append(Move(APP, journey, run, 1, "", 0, 0, "", outcome, "", 1_800_000_000_000, number))
    return draw(st.permutations(found))


def counted(some: list[Move], **like: str) -> Counter[str]:
    """How often each outcome is there among moves with these members."""
    found: Counter[str] = Counter()
    for move in some:
        if all(getattr(move, name) == value for name, value in like.items()):
            found[move.outcome] += move.number
    return found


def let_out(some: list[Move]) -> int:
    """Those whom the end of the journey let out."""
    return sum(move.outcome == "ENDPOINT_LEFT" and move.detail in ("cancelled", "cancelled: gone") for move in some)


def waiting(some: list[Move], activity: str) -> int:
    """Those whose latest move is the beginning of a wait there."""
    latest: dict[tuple[str, int], Move] = {}
    for move in sorted(some, key=lambda move: move.turn):
        latest[move.participant, move.entry] = move
    return sum(move.outcome == "WAIT_STARTED" and move.activity == activity for move in latest.values())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves(), st.sampled_from(["", *RUNS]))
def test_figures_equal_a_slow_count(embedded: Record, everything: list[Move], run: str) -> None:
    embedded.empty()
    embedded.take(everything)
    mine = [move for move in everything if move.journey_id == JOURNEY]
    entries = counted(mine, activity="")
    cancelled = let_out(mine)
    assert embedded.figures.journey(APP, JOURNEY) == {
        "ENDPOINT_ENTERED": entries["ENDPOINT_ENTERED"],
        "ENDPOINT_ACTIVE": entries["ENDPOINT_ENTERED"] - entries["ENDPOINT_LEFT"],
        "ENDPOINT_LEFT": entries["ENDPOINT_LEFT"] - cancelled,
        "CANCELLED": cancelled,
        "REENTRY_CAP_EXCEEDED": entries["REENTRY_CAP_EXCEEDED"],
        "ACTIVE_ENDPOINT_REJECTED": entries["ACTIVE_ENDPOINT_REJECTED"],
    }
    if run:
        mine = [move for move in mine if move.run_id == run]
        dropped = embedded.figures.run(APP, JOURNEY, run)
        assert {name: dropped.get(name, 0) for name in REFUSALS} == {
            name: counted(mine, activity="")[name] for name in REFUSALS
        }
        assert dropped["ENDED"] == let_out(mine)
        assert not {"ENDPOINT_ENTERED", "ENDPOINT_LEFT"} & dropped.keys()

    def activity(name: str, type: str) -> dict[str, int]:
        return embedded.figures.activity(APP, JOURNEY, name, type, WAYS, run)

    for name in ("wait1", "wait2"):
        there = counted(mine, activity=name)
        assert activity(name, "WAIT") == {
            "WAIT_STARTED": waiting(mine, name),
            "WAIT_FINISHED": there["WAIT_FINISHED"],
            "WAIT_SKIPPED": there["WAIT_SKIPPED"],
        }
    assert activity("split", "RANDOM_SPLIT") == {way: counted(mine, activity="split")[way] for way in WAYS}
    held = counted(mine, activity="hold")
    assert activity("hold", "HOLDOUT") == {name: held[name] for name in ("HOLDOUT", "PASSED")}
    assert set(activity("nowhere", "WAIT").values()) == {0}


def send(status: str, message: str, journey: str = JOURNEY, run: str = "run1", **more: Any) -> EventRow:
    given: dict[str, Any] = {"endpoint_id": "ann", "activity_id": "mail", "at_ms": 1_800_000_000_000, **more}
    subject = Subject(
        account="1",
        app_id=APP,
        endpoint_id=given["endpoint_id"],
        journey_id=journey,
        journey_run_id=run,
        activity_id=given["activity_id"],
        message_id=message,
    )
    return produced.journey_send(subject, at_ms=given["at_ms"], status=status)


def test_messages_are_counted_by_what_became_of_them(record: Record) -> None:
    record.happen(
        [
            *(send("SUCCESS", f"m{number}", endpoint_id=f"ep{number}") for number in range(5)),
            send("SUCCESS", "m4", endpoint_id="ep4"),
            send("SUCCESS", "m9", run="run2"),
            send("DAILY_CAP", "", endpoint_id="jon"),
            send("DAILY_CAP", "", endpoint_id="zoe"),
            send("DAILY_CAP", "", endpoint_id="zoe", at_ms=1_800_000_000_001),
            send("QUIET_TIME", "q"),
            send("QUIET_TIME_WAIT_FINISHED", ""),
            send("FAILURE", "f"),
            send("UNSUPPORTED_CHANNEL", "u"),
            send("SUCCESS", "t", journey=TEST),
            send("SUCCESS", "o", activity_id="other"),
        ]
    )
    record.take([Move(APP, JOURNEY, "run1", 1, "eann", 1, 2, "mail", "SENT", "", 1)])
    zero = dict.fromkeys(("THROTTLED", "TRANSIENT_FAILURE", "FAILURE_PERMANENT", "UNKNOWN"), 0)
    assert record.figures.activity(APP, JOURNEY, "mail", "MESSAGE", ()) == {
        **zero,
        "SUCCESS": 6,
        "DAILY_CAP_EXCEEDED": 3,
        "QUIET_TIME": 1,
        "SERVICE_FAILURE": 1,
        "UNSUPPORTED_CHANNEL": 1,
    }
    assert record.figures.activity(APP, JOURNEY, "mail", "MESSAGE", (), "run2") == {
        **zero,
        "SUCCESS": 1,
        "DAILY_CAP_EXCEEDED": 0,
        "QUIET_TIME": 0,
        "SERVICE_FAILURE": 0,
    }


def test_what_apps_report_themselves_is_not_counted(record: Record) -> None:
    row = send("SUCCESS", "m1")
    row.system = False
    record.happen([row])
    assert record.figures.activity(APP, JOURNEY, "mail", "MESSAGE", ())["SUCCESS"] == 0


def test_calls_are_counted_as_often_as_they_are_placed(record: Record) -> None:
    def call(turn: int, outcome: str) -> Move:
        return Move(APP, JOURNEY, "run1", 1, "uann", 1, turn, "call", outcome, "", turn)

    record.take([call(1, "CALL_QUEUED"), call(2, "DIAL_FAILURE"), call(3, "CALL_QUEUED"), call(4, "WAIT_STARTED")])
    record.take([call(5, "WAIT_FINISHED"), call(6, "CALL_QUEUED"), call(7, "WAIT_STARTED")])
    record.take([call(8, "CONTINUE_WAITING")])
    found = record.figures.activity(APP, JOURNEY, "call", "CONTACT_CENTER", ())
    assert {name: number for name, number in found.items() if number} == {
        "CALL_QUEUED": 3,
        "DIAL_FAILURE": 1,
        "WAIT_STARTED": 1,
        "WAIT_FINISHED": 1,
        "CONTINUE_WAITING": 1,
    }
    assert set(found) >= {"DROPPED", "TIMEOUT", "WAIT_FINISHED", "WAIT_FOR_QUIET_HOURS"}


def test_who_awaits_an_event_waits_until_it_comes_or_the_time_is_over(record: Record) -> None:
    def await_(who: str, *outcomes: str) -> list[Move]:
        return [Move(APP, JOURNEY, "r", 1, who, 1, turn, "paid", one, "", turn) for turn, one in enumerate(outcomes, 1)]

    start = "WAIT_STARTED"
    record.take([*await_("u1", start), *await_("u2", start, "EVENT_RECEIVED"), *await_("u3", start, "TIMED_OUT")])
    assert record.figures.activity(APP, JOURNEY, "paid", "WAIT_FOR_EVENT", ()) == {
        "WAIT_STARTED": 1,
        "EVENT_RECEIVED": 1,
        "TIMED_OUT": 1,
    }
