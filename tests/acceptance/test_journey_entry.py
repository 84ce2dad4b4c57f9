"""Who enters journeys, when, and what events do to those inside. Source: spec of journeys, 4, 5, 7, 8, 13.5."""

from __future__ import annotations

from typing import Any

import pytest

from tests.acceptance.project import Project
from tests.acceptance.test_event_campaigns import tell
from tests.acceptance.test_journeys import create, get, inside, metrics, runs, state, write

DAILY = {"RefreshFrequency": "P1D"}
FIVE_MINUTES = "PT5M"


def published(project: Project, **members: Any) -> str:
    """A journey that is published, and has begun unless its schedule says otherwise; answers its id."""
    journey = str(create(project, State="ACTIVE", **members)["Id"])
    project.server.advance(FIVE_MINUTES)
    return journey


def extended(project: Project, **members: Any) -> str:
    """`published` with members that boto3 does not know."""
    request = write(project, State="ACTIVE", **members)
    status, made = project.server.raw("POST", f"/v1/apps/{project.id}/journeys", request)
    assert status == 201, made
    project.server.advance(FIVE_MINUTES)
    return str(made["Id"])


def from_segment(segment: str) -> dict[str, Any]:
    return {"SegmentStartCondition": {"SegmentId": segment}}


def on(event_type: str, kind: str = "ENDPOINT", **dimensions: Any) -> dict[str, Any]:
    wanted = {"EventType": {"DimensionType": "INCLUSIVE", "Values": [event_type]}, **dimensions}
    return {"FilterType": kind, "Dimensions": wanted}


def by_event(event_type: str, segment: str | None = None, **dimensions: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"EventFilter": on(event_type, **dimensions)}
    return {"EventStartCondition": found if segment is None else {**found, "SegmentId": segment}}


def run_metrics(project: Project, journey: str, number: int = 0) -> dict[str, str]:
    """GetJourneyRunExecutionMetrics of a run, without those that are 0."""
    run_id = runs(project, journey)[number]["RunId"]
    answer = project.pinpoint.get_journey_run_execution_metrics(
        ApplicationId=project.id, JourneyId=journey, RunId=run_id
    )
    found = answer["JourneyRunExecutionMetricsResponse"]["Metrics"]
    return {name: number for name, number in found.items() if number != "0"}


def places(project: Project, journey: str) -> dict[str, int]:
    """How many people are at which activity."""
    found = project.server.control("GET", f"apps/{project.id}/journeys/{journey}/places")["Places"]
    return {place["ActivityId"]: place["People"] for place in found}


def test_without_a_refresh_only_those_of_the_start_enter(project: Project) -> None:
    project.people(["lea", "jon"])
    journey = create(project, State="ACTIVE")["Id"]
    project.server.advance("PT4M")
    assert (inside(project, journey), [run["Status"] for run in runs(project, journey)]) == (0, ["SCHEDULED"])
    project.person("ann")
    project.server.advance("PT1M")
    assert (inside(project, journey), get(project, journey)["State"]) == (3, "CLOSED")
    project.person("eve")
    project.server.advance("PT30M")
    assert metrics(project, journey) == {"ENDPOINT_ENTERED": "3", "ENDPOINT_ACTIVE": "3"}
    project.server.advance("PT30M")
    assert get(project, journey)["State"] == "COMPLETED"
    assert [run["Status"] for run in runs(project, journey)] == ["COMPLETED"]


def test_refreshes_let_new_members_in(project: Project) -> None:
    project.people(["lea"])
    journey = published(project, **DAILY)
    project.person("jon")
    project.server.advance("P1D")
    assert inside(project, journey) == 1
    found = metrics(project, journey)
    assert (found["ENDPOINT_ENTERED"], found["REENTRY_CAP_EXCEEDED"]) == ("2", "1")
    assert [run["Status"] for run in runs(project, journey)] == ["COMPLETED", "RUNNING", "SCHEDULED"]


def test_entering_again_and_being_inside_already(project: Project) -> None:
    """The wait of an hour is over at the second refresh, not at the first."""
    project.people(["lea"])
    journey = published(project, RefreshFrequency="PT40M", Limits={"EndpointReentryCap": 2})
    project.server.advance("PT40M")
    assert metrics(project, journey)["ACTIVE_ENDPOINT_REJECTED"] == "1"
    project.server.advance("PT40M")
    assert metrics(project, journey)["ENDPOINT_ENTERED"] == "2"
    project.server.advance("PT6H")
    assert metrics(project, journey)["ENDPOINT_ENTERED"] == "2"


def test_why_somebody_did_not_enter(project: Project) -> None:
    project.people({"lea": {}, "out": {"OptOut": "ALL"}, "asleep": {"EndpointStatus": "INACTIVE"}})
    project.put("screen", ChannelType="IN_APP")
    project.people({"a": {"User": {"UserId": "u"}}, "b": {"User": {"UserId": "u"}}})
    journey = published(project)
    assert inside(project, journey) == 2
    assert run_metrics(project, journey) == {
        "ENDPOINT_PRODUCED": "6",
        "ENDPOINT_OPT_OUT": "1",
        "ENDPOINT_INACTIVE": "1",
        "ENDPOINT_MISSING_ADDRESS": "1",
        "DUPLICATE_USER": "1",
    } | {name: number for name, number in run_metrics(project, journey).items() if name.startswith("ENDPOINT_E")}


@pytest.mark.parametrize(("follows", "people"), [(False, 1), (True, 2)])
def test_a_segment_that_is_changed(project: Project, follows: bool, people: int) -> None:
    project.people({"lea": {"Location": {"Country": "DE"}}, "jon": {"Location": {"Country": "AT"}}})
    segment = project.segment({"Location": {"Country": {"Values": ["DE"]}}})
    journey = published(project, StartCondition=from_segment(segment), RefreshOnSegmentUpdate=follows, **DAILY)
    assert inside(project, journey) == 1
    wanted = {"Name": "s", "Dimensions": {"Location": {"Country": {"Values": ["AT"]}}}}
    project.pinpoint.update_segment(ApplicationId=project.id, SegmentId=segment, WriteSegmentRequest=wanted)
    project.server.settle()
    assert inside(project, journey) == people


def test_local_time(project: Project) -> None:
    zones = {"tokyo": "Asia/Tokyo", "lima": "America/Lima"}
    project.people({name: {"Demographic": {"Timezone": zone}} for name, zone in zones.items()})
    project.people(["nowhere"])
    start = project.in_time("P2D")[:10]
    schedule = {"StartTime": f"{start}T12:00:00+09:00", "Timezone": "UTC+09"}
    waits = {"w1": {"Wait": {"WaitTime": {"WaitFor": "P5D"}}}}
    journey = create(project, State="ACTIVE", LocalTime=True, Schedule=schedule, Activities=waits)["Id"]
    found = set()
    for _ in range(16):
        project.server.advance("PT6H")
        found.add(inside(project, journey))
    assert found == {0, 1, 2}
    assert run_metrics(project, journey)["ENDPOINT_MISSING_TIMEZONE"] == "1"
    assert get(project, journey)["State"] == "CLOSED"


def test_an_event_lets_its_endpoint_in(project: Project) -> None:
    project.people({"lea": {"Location": {"Country": "DE"}}, "jon": {"Location": {"Country": "AT"}}, "ann": {}})
    germans = project.segment({"Location": {"Country": {"Values": ["DE"]}}})
    asked = {"Attributes": {"plan": {"AttributeType": "INCLUSIVE", "Values": ["gold"]}}}
    journey = published(project, StartCondition=by_event("joined", germans, **asked))
    tell(project, "jon", "joined", Attributes={"plan": "gold"})
    tell(project, "lea", "joined", Attributes={"plan": "free"})
    project.server.settle()
    assert inside(project, journey) == 0
    tell(project, "lea", "joined", Attributes={"plan": "gold"})
    project.server.settle()
    assert inside(project, journey) == 1
    assert get(project, journey)["State"] == "ACTIVE"
    found = run_metrics(project, journey)
    assert (found["ENDPOINT_PRODUCED"], found["FILTERED_OUT_BY_SEGMENT"]) == ("2", "1")


def test_an_event_counts_once_and_again_after_the_interval(project: Project) -> None:
    project.people(["lea"])
    limits = {"EndpointReentryCap": 0, "EndpointReentryInterval": "PT2H"}
    journey = published(project, StartCondition=by_event("joined"), Limits=limits)
    entered = []
    for hours in (0, 2, 2):
        project.server.advance(f"PT{hours}H1M")
        tell(project, "lea", "joined")
        tell(project, "lea", "joined")
        project.server.settle()
        entered.append(metrics(project, journey)["ENDPOINT_ENTERED"])
    assert entered == ["1", "1", "2"]


def test_exit_criteria(project: Project) -> None:
    project.people({"lea": {}, "jon": {"User": {"UserId": "jon"}}, "ann": {}})
    journey = extended(project, ExitCriteria={"Events": [on("left")]})
    assert inside(project, journey) == 3
    tell(project, "lea", "left")
    tell(project, "tablet", "left", Endpoint={"User": {"UserId": "jon"}})
    project.server.settle()
    assert inside(project, journey) == 1
    assert metrics(project, journey)["ENDPOINT_LEFT"] == "2"


def test_waiting_for_an_event(project: Project) -> None:
    long = {"Wait": {"WaitTime": {"WaitFor": "P9D"}}}
    waits = {"EventFilter": on("bought"), "NextActivity": "thanks", "TimeoutActivity": "reminder"}
    activities = {"w1": {"WaitForEvent": {**waits, "Timeout": {"WaitFor": "P1D"}}}, "thanks": long, "reminder": long}
    project.people(["lea", "jon"])
    journey = extended(project, Activities=activities)
    assert places(project, journey) == {"w1": 2}
    tell(project, "lea", "bought")
    project.server.settle()
    assert places(project, journey) == {"w1": 1, "thanks": 1}
    project.server.advance("P1D")
    assert places(project, journey) == {"reminder": 1, "thanks": 1}


def test_only_so_many_participants(project: Project) -> None:
    project.people([f"p{number}" for number in range(5)])
    journey = extended(project, Limits={"MaximumParticipants": 2})
    assert inside(project, journey) == 2


def test_a_paused_journey_lets_nobody_in(project: Project) -> None:
    project.people(["lea"])
    journey = published(project, **DAILY)
    project.person("jon")
    state(project, journey, "PAUSED")
    project.server.advance("P2D")
    assert metrics(project, journey)["ENDPOINT_ENTERED"] == "1"
    state(project, journey, "ACTIVE")
    project.server.advance("P1D")
    assert metrics(project, journey)["ENDPOINT_ENTERED"] == "2"


def test_a_segment_that_is_deleted(project: Project) -> None:
    project.people(["lea"])
    segment = project.segment()
    journey = published(project, StartCondition=from_segment(segment), **DAILY)
    project.pinpoint.delete_segment(ApplicationId=project.id, SegmentId=segment)
    project.server.settle()
    assert (inside(project, journey), get(project, journey)["State"]) == (1, "CLOSED")
    project.server.advance("PT1H")
    assert get(project, journey)["State"] == "COMPLETED"


def test_an_end(project: Project) -> None:
    project.people(["lea"])
    schedule = {"EndTime": project.in_time("PT30M")}
    journey = published(project, Schedule=schedule, **DAILY)
    project.server.advance("PT30M")
    assert (inside(project, journey), get(project, journey)["State"]) == (1, "CLOSED")
    project.server.advance("P2D")
    assert get(project, journey)["State"] == "COMPLETED"
