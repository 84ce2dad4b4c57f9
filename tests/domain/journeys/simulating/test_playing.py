"""A simulated journey, with an audience and a past made for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from clarion.core.clock import DAY_MS, HOUR_MS
from clarion.domain.audience.model import Endpoint
from clarion.domain.events.asking.past import Occurred, Responses
from clarion.domain.journeys.activities.port import Tools
from clarion.domain.journeys.definition import Route, encode, route
from clarion.domain.journeys.entry.admission import Terms
from clarion.domain.journeys.simulating.past import Times, rates
from clarion.domain.journeys.simulating.playing import Known, Play
from clarion.domain.journeys.simulating.stand_ins import Counting, Crowd, Judged, Silent
from clarion.domain.journeys.simulating.telling import Told
from clarion.domain.journeys.store import JourneyRow
from clarion.shapes.pinpoint import WriteJourneyRequest

SINCE = 1_800_000_000_000 // DAY_MS * DAY_MS
END = SINCE + 30 * DAY_MS
OPENED = {"EventType": {"DimensionType": "INCLUSIVE", "Values": ["_email.open"]}}
BOUGHT = {"EventType": {"DimensionType": "INCLUSIVE", "Values": ["bought"]}}


def mail(to: str = "") -> dict[str, Any]:
    return {"EMAIL": {"TemplateName": "hello", "NextActivity": to}}


def wait(duration: str, to: str = "") -> dict[str, Any]:
    return {"Wait": {"WaitTime": {"WaitFor": duration}, "NextActivity": to}}


def split(condition: dict[str, Any], yes: str, no: str) -> dict[str, Any]:
    asked = {"Conditions": [{"EventCondition": condition}], "Operator": "ALL"}
    return {"ConditionalSplit": {"Condition": asked, "TrueActivity": yes, "FalseActivity": no}}


def way(activities: Mapping[str, Any], **more: Any) -> Route:
    written = {"Name": "j", "StartActivity": next(iter(activities)), "Activities": activities, **more}
    return route(encode(msgspec.convert(written, WriteJourneyRequest)))


def row() -> JourneyRow:
    values: dict[str, Any] = dict.fromkeys(JourneyRow._fields, 0)
    values |= {"app_id": "app", "journey_id": "simulated", "state": "ACTIVE", "version": 1, "defaults": b"{}"}
    return JourneyRow(**{**values, "end_ms": None, "test_of": ""})


def people(number: int, **more: Any) -> dict[str, list[Endpoint]]:
    written = {"channel_type": "EMAIL", "address": "a@example.com", **more}
    return {f"e{one}": [msgspec.convert({"id": f"{one}", **written}, Endpoint)] for one in range(number)}


class World:
    """What there was, for `play`."""

    def __init__(self) -> None:
        self.rates: dict[Any, Any] = {}
        self.events: dict[tuple[str, int], Times] = {}
        self.exits = Times((), {})
        self.awaited: dict[str, Times] = {}
        self.terms = Terms(1, 0, 0)


def times(*events: tuple[int, int]) -> Times:
    """Events of people by their numbers, with when each was."""
    owners = {str(number): f"e{number}" for number, _ in events}
    return Times([Occurred(str(number), "", at_ms) for number, at_ms in sorted(events, key=lambda one: one[1])], owners)


def play(
    walked: Route,
    crowd: Mapping[str, Sequence[Endpoint]],
    world: World,
    entries: Sequence[tuple[str, int]] | None = None,
) -> tuple[Told, Play]:
    told = Told()
    counting = Counting(told)
    nobody: Any = None
    judged = Judged(nobody, counting, crowd, world.rates, world.events)
    tools = Tools(conditions=judged, messages=counting, dialler=Silent(), people=Crowd(crowd))
    played = Play(row(), walked, tools, world.terms, Known(world.exits, world.awaited), told)
    played.run([(one, SINCE) for one in crowd] if entries is None else entries, END)
    return told, played


class TestResponses:
    WAY = way(
        {
            "m1": mail("open"),
            "open": split({"MessageActivity": "m1", "Dimensions": OPENED}, "m2", "w1"),
            "m2": mail(),
            "w1": wait("P1D"),
        }
    )

    def test_as_likely_as_before(self) -> None:
        world = World()
        world.rates["m1", ("_email.open",)] = rates({"x": Responses(100, 30)})
        told, played = play(self.WAY, people(2_000), world)
        assert told.outcomes["m1"] == {"SUCCESS": 2_000}
        yes = told.outcomes["open"]["Branch_TRUE"]
        assert 520 < yes < 680
        assert told.outcomes["m2"] == {"SUCCESS": yes}
        assert told.left == {"completed": 2_000}
        assert not played.inside
        # A split right behind a mail waits an hour for what becomes of it.
        assert sorted(set(told.lasted_ms)) == [HOUR_MS, HOUR_MS + DAY_MS]
        assert told.messages["2027-01-15", "m1", "EMAIL"] == 2_000

    def test_who_has_a_past_of_their_own(self) -> None:
        known = rates({"0": Responses(1_000, 1_000), "1": Responses(1_000, 0)})
        assert known.of(["0"]) > 0.99
        assert known.of(["1"]) < 0.01
        assert known.of([]) == known.average == 0.5
        assert rates({}).of(["0"]) == 0

    def test_nobody_opens_what_they_did_not_get(self) -> None:
        world = World()
        world.rates["m1", ("_email.open",)] = rates({"x": Responses(1, 1)})
        told, _ = play(self.WAY, people(10, channel_type="SMS", address="+49301234567"), world)
        assert told.outcomes["m1"] == {"UNSUPPORTED_CHANNEL": 10}
        assert told.outcomes["open"] == {"Branch_FALSE": 10}


class TestPast:
    def test_an_event_of_the_record(self) -> None:
        world = World()
        world.events["bought", 0] = times((1, SINCE + DAY_MS), (2, SINCE + 3 * DAY_MS), (3, SINCE - 1))
        walked = way({"w1": wait("P2D", "bought"), "bought": split({"Dimensions": BOUGHT}, "", "")})
        told, _ = play(walked, people(4), world)
        assert told.outcomes["bought"] == {"Branch_TRUE": 1, "Branch_FALSE": 3}

    def test_leaving_by_an_event(self) -> None:
        world = World()
        world.exits = times((1, SINCE + DAY_MS), (2, SINCE + 5 * DAY_MS))
        told, _ = play(way({"w1": wait("P3D")}), people(3), world)
        assert told.left == {"exit: an exit event": 1, "completed": 2}
        assert sorted(told.lasted_ms) == [DAY_MS, 3 * DAY_MS, 3 * DAY_MS]

    def test_awaiting_an_event(self) -> None:
        world = World()
        filter = {"FilterType": "ENDPOINT", "Dimensions": BOUGHT}
        world.awaited["await"] = times((1, SINCE + HOUR_MS), (2, SINCE + 9 * DAY_MS))
        walked = way({"await": {"WaitForEvent": {"EventFilter": filter, "Timeout": {"WaitFor": "P7D"}}}})
        told, _ = play(walked, people(3), world)
        assert told.outcomes["await"]["EVENT_RECEIVED"] == 1
        assert told.outcomes["await"]["TIMED_OUT"] == 2
        assert sorted(told.lasted_ms) == [HOUR_MS, 7 * DAY_MS, 7 * DAY_MS]


class TestEntries:
    def test_again_as_often_as_allowed(self) -> None:
        world = World()
        world.terms = Terms(2, DAY_MS, 0)
        entries = [("e0", SINCE + number * HOUR_MS) for number in range(0, 96, 6)]
        told, _ = play(way({"w1": wait("PT1H")}), people(1), world, entries)
        assert told.entries == 2
        assert told.left == {"completed": 2}

    def test_no_more_than_the_journey_takes(self) -> None:
        world = World()
        world.terms = Terms(1, 0, 3)
        assert play(way({"w1": wait("PT1H")}), people(9), world)[0].entries == 3

    def test_who_is_still_inside_at_the_end(self) -> None:
        told, played = play(way({"w1": wait("P60D")}), people(5), World())
        assert len(played.inside) == 5
        assert not told.left


QUIET = {"QuietTime": {"Start": "00:00", "End": "07:59"}}


class TestHours:
    def test_waits_for_the_end_of_quiet_time(self) -> None:
        told, _ = play(way({"m1": mail()}, WaitForQuietTime=True, **QUIET), self.sleepers(), World())
        assert told.outcomes["m1"] == {"SUCCESS": 3}
        assert told.lasted_ms == [8 * HOUR_MS] * 3

    def test_goes_without(self) -> None:
        told, _ = play(way({"m1": mail()}, **QUIET), self.sleepers(), World())
        assert told.outcomes["m1"] == {"QUIET_TIME": 3}

    def test_caps(self) -> None:
        walked = way({"m1": mail("w1"), "w1": wait("PT1H", "m2"), "m2": mail()}, Limits={"DailyCap": 1})
        told, _ = play(walked, people(4), World())
        assert (told.outcomes["m1"], told.outcomes["m2"]) == ({"SUCCESS": 4}, {"DAILY_CAP": 4})

    def sleepers(self) -> dict[str, list[Endpoint]]:
        return people(3, demographic={"timezone": "Etc/UTC"})
