"""Calls, with a contact center, an audience and conditions made of tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import pytest

from clarion.channels.calls.port import CalloutFailed, Dial, Refused
from clarion.core.clock import HOUR_MS
from clarion.domain.audience.model import Demographic, Endpoint
from clarion.domain.journeys.activities.port import Here, Made, Tools
from clarion.domain.journeys.calling.dialler import NO_NUMBER, Calling
from clarion.domain.journeys.calling.model import CHECK_MS, MOST_CHECKS, MOST_DIALS, REDIAL_MS, RESULT
from clarion.domain.journeys.definition import encode, route
from clarion.domain.journeys.model import Go, Leave, Stay, Verdict, Walker
from clarion.shapes.pinpoint import SimpleCondition, WriteJourneyRequest
from tests.domain.journeys.walking.test_walk import JOURNEY, NOW

CAMPAIGN = "arn:aws:connect-campaigns:eu-west-1:000000000001:campaign/c"
LEA, JON = "+12025550101", "+12025550102"


class Center:
    """A contact center that keeps what it is asked."""

    def __init__(self, answer: Callable[[Sequence[Dial]], Mapping[str, Refused]] = lambda dials: {}) -> None:
        self.asked: list[tuple[str, str, Sequence[Dial]]] = []
        self.answer = answer

    def dial(self, center: str, role: str, dials: Sequence[Dial]) -> Mapping[str, Refused]:
        self.asked.append((center, role, dials))
        return self.answer(dials)

    def batch(self, calls: Sequence[Callable[[], Any]]) -> list[Any]:
        found: list[Any] = []
        for one in calls:
            try:
                found.append(one())
            except CalloutFailed as error:
                found.append(error)
        return found

    @property
    def dials(self) -> list[Dial]:
        return [one for _, _, dials in self.asked for one in dials]


class People:
    """Participants and their endpoints; whom segments, and events, hold."""

    def __init__(self, **endpoints: Sequence[Endpoint]) -> None:
        self.known = {f"u{name}": some for name, some in endpoints.items()}
        self.segments: dict[str, set[str] | None] = {"everybody": set(self.known)}
        self.told: set[str] = set()
        self.asked = 0

    def endpoints(self, app_id: str, group: Sequence[Walker]) -> Mapping[str, Sequence[Endpoint]]:
        return {one.participant: self.known[one.participant] for one in group if one.participant in self.known}

    def holds(
        self, here: Here, conditions: Sequence[SimpleCondition], group: Sequence[Walker]
    ) -> list[frozenset[str] | None]:
        self.asked += 1
        return [self._held(one, group) for one in conditions]

    def _held(self, one: SimpleCondition, group: Sequence[Walker]) -> frozenset[str] | None:
        names = {walker.participant for walker in group}
        if one.segment_condition is not None:
            members = self.segments.get(one.segment_condition.segment_id)
            return None if members is None else frozenset(members & names)
        assert one.event_condition is not None
        assert one.event_condition.dimensions is not None
        types = one.event_condition.dimensions.event_type
        assert (one.event_condition.message_activity, types and types.values) == ("call", [RESULT])
        return frozenset(self.told & names)


def phone(address: str, name: str = "phone", **members: Any) -> Endpoint:
    return Endpoint(id=name, channel_type="VOICE", address=address, **members)


def walker(name: str, waiting: Any = "", **members: Any) -> Walker:
    return Walker(participant=f"u{name}", version=1, run_id="run", entry=1, activity="call", waiting=waiting, **members)


CALL = {"call": {"ContactCenter": {"NextActivity": "after"}}, "after": {"Wait": {"WaitTime": {"WaitFor": "PT1H"}}}}


def called(
    people: People,
    center: Center,
    group: Sequence[Walker],
    *,
    activities: Mapping[str, Any] = CALL,
    start: str = "call",
    made: Made | None = None,
    test_of: str = "",
    now_ms: int = NOW,
    **write: Any,
) -> Sequence[Verdict]:
    written = {
        "Name": "j",
        "StartActivity": start,
        "Activities": activities,
        "StartCondition": {"SegmentStartCondition": {"SegmentId": "everybody"}},
        "JourneyChannelSettings": {"ConnectCampaignArn": CAMPAIGN, "ConnectCampaignExecutionRoleArn": "role"},
        **write,
    }
    way = route(encode(msgspec.convert(written, WriteJourneyRequest)))
    tools: Any = Tools(conditions=people, messages=None, dialler=None, people=people)  # type: ignore[arg-type]
    node = way.graph.nodes["call"]
    here = Here(
        journey=JOURNEY._replace(test_of=test_of, defaults=b"{}"),
        wanted=way.wanted,
        graph=way.graph,
        node=node,
        now_ms=now_ms,
        tools=tools,
        made=made or Made(),
    )
    return Calling(center).call(here, group)  # type: ignore[arg-type]


def statuses(made: Made) -> list[tuple[str, str]]:
    return [(event.endpoint_id, event.status) for event in made.events]


def test_everybody_is_dialled_once_by_25() -> None:
    people = People(**{f"p{number:02}": [phone(f"+120255501{number:02}", f"e{number:02}")] for number in range(60)})
    center, made = Center(), Made()
    group = [walker(f"p{number:02}") for number in range(60)]
    assert called(people, center, group, made=made) == [Stay(NOW, "call", "CALL_QUEUED")] * 60
    assert [(where, role, len(dials)) for where, role, dials in center.asked] == [
        (CAMPAIGN, "role", 25),
        (CAMPAIGN, "role", 25),
        (CAMPAIGN, "role", 10),
    ]
    assert len({one.token for one in center.dials}) == len({one.number for one in center.dials}) == 60
    assert {one.expires_ms for one in center.dials} == {NOW + 180_000}
    assert statuses(made) == [(f"e{number:02}", "SUCCESS") for number in range(60)]
    assert len({event.event_id for event in made.events}) == 60
    assert {event.message_id for event in made.events} == {""}


def test_a_call_has_the_same_token_however_often_it_is_asked_for() -> None:
    people, center = People(lea=[phone(LEA)]), Center()
    called(people, center, [walker("lea")])
    called(people, center, [walker("lea", "redial", tries=1, turn=3)])
    again = walker("lea")
    again.entry = 2
    called(people, center, [again])
    first, second, third = (one.token for one in center.dials)
    assert first == second != third
    assert len(first) <= 200


def test_which_number_is_called() -> None:
    people = People(
        lea=[
            phone("+12025550100", "old", effective_ms=1),
            phone(LEA, "new", effective_ms=2),
            phone("+12025550103", "off", effective_ms=3, status="INACTIVE"),
            phone("+12025550104", "out", effective_ms=4, opt_out="ALL"),
            phone("2025550105", "odd", effective_ms=5),
            Endpoint(id="sms", channel_type="SMS", address="+12025550106", effective_ms=6),
        ],
        jon=[phone(JON, "off", status="INACTIVE")],
    )
    center = Center()
    called(people, center, [walker("lea"), walker("jon")])
    assert [one.number for one in center.dials] == [LEA, JON]


@pytest.mark.parametrize("endpoints", [[], [phone("555-0100")], [Endpoint(id="e", channel_type="SMS", address=LEA)]])
def test_whoever_has_no_number_goes_on(endpoints: list[Endpoint]) -> None:
    people, center = People(lea=endpoints), Center()
    assert called(people, center, [walker("lea")]) == [Go("after", "DIAL_FAILURE", NO_NUMBER)]
    assert center.asked == []


def test_without_a_contact_center_nobody_is_called() -> None:
    people, center = People(lea=[phone(LEA)]), Center()
    verdicts = called(people, center, [walker("lea")], JourneyChannelSettings={})
    assert (verdicts, center.asked) == ([Go("after", "DIAL_FAILURE", "there is no contact center")], [])


def test_one_refused_among_others() -> None:
    people = People(lea=[phone(LEA)], jon=[phone(JON)])
    center = Center(lambda dials: {dials[0].token: Refused("no such number", True)})
    made = Made()
    assert called(people, center, [walker("lea"), walker("jon")], made=made) == [
        Go("after", "DIAL_FAILURE", "no such number"),
        Stay(NOW, "call", "CALL_QUEUED"),
    ]
    assert [status for _, status in statuses(made)] == ["FAILURE_PERMANENT", "SUCCESS"]


def test_what_may_pass_is_dialled_again_so_many_times() -> None:
    def busy(dials: Sequence[Dial]) -> Mapping[str, Refused]:
        raise CalloutFailed("busy")

    people, one = People(lea=[phone(LEA)]), walker("lea")
    for number in range(1, MOST_DIALS):
        (verdict,) = called(people, Center(busy), [one])
        assert verdict == Stay(NOW + REDIAL_MS, "redial", "DIAL_FAILURE", "busy", number)
        one = walker("lea", "redial", tries=number)
    assert called(people, Center(busy), [one]) == [Go("after", "DIAL_FAILURE", "busy")]


@pytest.mark.parametrize(("final", "asked"), [(False, 1), (True, 3)])
def test_a_center_that_does_not_answer_holds_up_nobody_twice(final: bool, asked: int) -> None:
    def away(dials: Sequence[Dial]) -> Mapping[str, Refused]:
        raise CalloutFailed("no answer", final=final)

    people = People(**{f"p{number:02}": [phone(f"+120255501{number:02}")] for number in range(60)})
    center = Center(away)
    verdicts = called(people, center, [walker(f"p{number:02}") for number in range(60)])
    again = Stay(NOW + REDIAL_MS, "redial", "DIAL_FAILURE", "no answer", 1)
    assert verdicts == [Go("after", "DIAL_FAILURE", "no answer") if final else again] * 60
    assert len(center.asked) == asked


def test_what_will_not_pass_is_not_dialled_again() -> None:
    def gone(dials: Sequence[Dial]) -> Mapping[str, Refused]:
        raise CalloutFailed("gone", final=True)

    made = Made()
    assert called(People(lea=[phone(LEA)]), Center(gone), [walker("lea")], made=made) == [
        Go("after", "DIAL_FAILURE", "gone")
    ]
    (event,) = made.events
    assert event.record is not None
    assert (event.status, event.reason) == ("FAILURE_PERMANENT", "gone")


def test_the_outcome_is_looked_for_until_it_is_late() -> None:
    people, center = People(lea=[phone(LEA)], jon=[phone(JON)], new=[phone("+12025550107")]), Center()
    people.told = {"ulea"}
    group = [walker("lea", "call", tries=1), walker("jon", "call", tries=1), walker("new", "call")]
    assert called(people, center, group) == [
        Go("after", "WAIT_FINISHED"),
        Stay(NOW + CHECK_MS, "call", "CONTINUE_WAITING", tries=2),
        Stay(NOW + CHECK_MS, "call", "WAIT_STARTED", tries=1),
    ]
    assert called(people, center, [walker("jon", "call", tries=MOST_CHECKS)]) == [Go("after", "TIMEOUT")]
    assert (center.asked, people.asked) == ([], 2), "one question a group"


def test_a_test_looks_once_and_dials_once() -> None:
    def busy(dials: Sequence[Dial]) -> Mapping[str, Refused]:
        raise CalloutFailed("busy")

    people = People(lea=[phone(LEA)])
    waiting = called(people, Center(), [walker("lea", "call", tries=1)], test_of="journey")
    assert waiting == [Go("after", "TIMEOUT")]
    assert called(people, Center(busy), [walker("lea")], test_of="journey") == [Go("after", "DIAL_FAILURE", "busy")]


QUIET = {"QuietTime": {"Start": "00:00", "End": "23:00"}}
"""NOW is at 22:13 UTC."""


def test_the_end_of_quiet_hours_is_waited_for() -> None:
    people, center, made = People(lea=[phone(LEA, demographic=Demographic(timezone="UTC"))]), Center(), Made()
    (verdict,) = called(people, center, [walker("lea", tries=1)], made=made, WaitForQuietTime=True, **QUIET)
    assert isinstance(verdict, Stay)
    assert verdict.until_ms is not None
    assert verdict[1:] == ("quiet", "WAIT_FOR_QUIET_HOURS", "", 1)
    held = walker("lea", "quiet", tries=1)
    (again,) = called(people, center, [held], made=made, WaitForQuietTime=True, **QUIET)
    assert again == verdict._replace(outcome=""), "told once"
    assert (center.asked, people.asked, made.events) == ([], 0, []), "asked right before the call, not earlier"
    (last,) = called(people, center, [held], made=made, now_ms=verdict.until_ms, WaitForQuietTime=True, **QUIET)
    assert last == Stay(verdict.until_ms, "call", "CALL_QUEUED")
    assert [status for _, status in statuses(made)] == ["QUIET_TIME_WAIT_FINISHED", "SUCCESS"]
    assert "journey_activity_type" not in "".join(made.events[0].kv)


def test_without_waiting_quiet_hours_are_passed_by() -> None:
    people, center, made = People(lea=[phone(LEA, demographic=Demographic(timezone="UTC"))]), Center(), Made()
    (verdict,) = called(people, center, [walker("lea")], made=made, **QUIET)
    assert (verdict[:2], center.asked) == (("after", "QUIET_TIME"), [])
    assert [status for _, status in statuses(made)] == ["QUIET_TIME"]


def test_where_zones_are_estimated_nobody_without_one_is_called() -> None:
    people, center, made = People(lea=[phone(LEA)]), Center(), Made()
    estimated = {"TimezoneEstimationMethods": ["PHONE_NUMBER"], "WaitForQuietTime": True}
    (verdict,) = called(people, center, [walker("lea")], made=made, **QUIET, **estimated)
    assert (verdict[:2], center.asked) == (("after", "QUIET_TIME"), [])
    assert [status for _, status in statuses(made)] == ["QUIET_TIME_MISSING_TIMEZONE"]
    assert called(people, center, [walker("lea")], **QUIET) == [Stay(NOW, "call", "CALL_QUEUED")]


# --- who still qualifies


def split(segment: str, yes: str, no: str = "") -> dict[str, Any]:
    condition = {"Conditions": [{"SegmentCondition": {"SegmentId": segment}}]}
    wait = {"WaitFor": "P1D"}
    return {
        "ConditionalSplit": {
            "Condition": condition,
            "TrueActivity": yes,
            "FalseActivity": no,
            "EvaluationWaitTime": wait,
        }
    }


def branches(*ways: tuple[str, str], default: str = "") -> dict[str, Any]:
    parts = [{"Condition": {"SegmentCondition": {"SegmentId": segment}}, "NextActivity": to} for segment, to in ways]
    return {"MultiCondition": {"Branches": parts, "DefaultActivity": default}}


def pair() -> tuple[People, Center]:
    people = People(lea=[phone(LEA)], jon=[phone(JON)])
    people.segments |= {"gold": {"ulea"}, "old": {"ulea", "ujon"}}
    return people, Center()


def outcomes(verdicts: Sequence[Verdict]) -> list[str]:
    return [verdict.outcome for verdict in verdicts]


WAIT = {"Wait": {"WaitTime": {"WaitFor": "P1D"}, "NextActivity": "call"}}
GROUP = ("lea", "jon")
Q, D = "CALL_QUEUED", "DROPPED"


@pytest.mark.parametrize(
    ("activities", "expected"),
    [
        ({"first": split("gold", "wait"), "wait": WAIT}, [Q, D]),
        ({"first": split("gold", "", "wait"), "wait": WAIT}, [D, Q]),
        # Both ways lead here.
        ({"first": split("gold", "wait", "call"), "wait": WAIT}, [Q, Q]),
        # One decision after another; the second has the last word only on those whom the first lets come.
        ({"first": split("old", "second"), "second": split("gold", "call")}, [Q, D]),
        ({"first": split("gold", "second"), "second": split("old", "", "call")}, [D, D]),
        ({"first": branches(("gold", "wait"), ("old", "call")), "wait": WAIT}, [Q, Q]),
        ({"first": branches(("gold", ""), ("old", "call")), "wait": WAIT}, [D, Q]),
        ({"first": branches(("none", ""), default="call")}, [Q, Q]),
        # A segment that is gone holds nobody.
        ({"first": split("deleted", "call")}, [D, D]),
        ({"first": {"Holdout": {"Percentage": 0, "NextActivity": "call"}}}, [Q, Q]),
        ({"first": {"Holdout": {"Percentage": 100, "NextActivity": "call"}}}, [D, D]),
    ],
)
def test_every_decision_is_taken_again(activities: dict[str, Any], expected: list[str]) -> None:
    people, center = pair()
    group = [walker(name) for name in GROUP]
    verdicts = called(people, center, group, activities={**CALL, **activities}, start="first")
    assert outcomes(verdicts) == expected
    assert len(center.dials) == expected.count(Q)
    assert [one.waiting for one in group] == ["", ""], "they are asked, not moved"


def test_where_ways_part_is_the_reason() -> None:
    people, center = pair()
    activities = {**CALL, "first": split("gold", "wait"), "wait": WAIT}
    verdicts = called(people, center, [walker("jon")], activities=activities, start="first")
    assert verdicts == [Leave("first would lead elsewhere now", "DROPPED")]


@pytest.mark.parametrize("members", [{"ulea"}, None])
def test_who_left_the_entry_segment_is_dropped(members: set[str] | None) -> None:
    people, center = pair()
    people.segments["everybody"] = members
    verdicts = called(people, center, [walker(name) for name in GROUP])
    assert outcomes(verdicts) == [Q if members else D, D]
    assert verdicts[1] == Leave("not in the entry segment any more", "DROPPED")


def test_whom_a_test_lets_in_need_not_be_in_the_entry_segment() -> None:
    people, center = pair()
    people.segments["everybody"] = set()
    assert outcomes(called(people, center, [walker("lea")], test_of="journey")) == [Q]


def test_a_participant_who_does_not_qualify_is_dropped_with_or_without_a_number() -> None:
    people, center = pair()
    people.known["ujon"] = []
    people.segments["everybody"] = {"ulea"}
    assert outcomes(called(people, center, [walker("jon")])) == [D]


def test_who_is_dialled_again_has_to_qualify_again() -> None:
    people, center = pair()
    people.segments["everybody"] = set()
    assert outcomes(called(people, center, [walker("lea", "redial", tries=1)], now_ms=NOW + HOUR_MS)) == [D]
