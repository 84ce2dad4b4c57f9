"""Execution metrics of journeys agree with what was sent and with everybody's path; why and why not. Source: spec of
journeys, 13."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from clarion.cli.main import app as commands
from tests.acceptance.letters import go, journey, mail, reached, template
from tests.acceptance.project import Project
from tests.acceptance.running import REGION

RED = {"SegmentDimensions": {"Attributes": {"color": {"AttributeType": "INCLUSIVE", "Values": ["red"]}}}}
DAY = {"Wait": {"WaitTime": {"WaitFor": "P1D"}, "NextActivity": "ask"}}


@pytest.fixture
def letters(project: Project) -> Project:
    """A project with an e-mail template of its own."""
    template(project)
    return project


def ask(yes: str, no: str) -> dict[str, Any]:
    condition = {"Conditions": [RED], "Operator": "ALL"}
    return {"ConditionalSplit": {"Condition": condition, "TrueActivity": yes, "FalseActivity": no}}


def way(project: Project) -> dict[str, Any]:
    """A mail, a day, a split: red ones get another mail; of the others a half may get one, if it is not held out."""
    return {
        "mailA": mail(project, "day"),
        "day": DAY,
        "ask": ask("mailR", "lot"),
        "mailR": mail(project),
        "lot": {"RandomSplit": {"Branches": [{"Percentage": 50, "NextActivity": "hold"}, {"Percentage": 50}]}},
        "hold": {"Holdout": {"Percentage": 50, "NextActivity": "mailB"}},
        "mailB": mail(project),
    }


def numbers(answer: dict[str, Any]) -> dict[str, int]:
    return {name: int(number) for name, number in answer["Metrics"].items()}


def whole(project: Project, journey_id: str) -> dict[str, int]:
    answer = project.pinpoint.get_journey_execution_metrics(
        ApplicationId=project.id, JourneyId=journey_id, PageSize="1", NextToken="ignored"
    )["JourneyExecutionMetricsResponse"]
    assert (answer["ApplicationId"], answer["JourneyId"]) == (project.id, journey_id)
    assert answer["LastEvaluatedTime"] == project.in_time("PT0S")
    return numbers(answer)


def at(project: Project, journey_id: str, activity: str, type: str) -> dict[str, int]:
    answer = project.pinpoint.get_journey_execution_activity_metrics(
        ApplicationId=project.id, JourneyId=journey_id, JourneyActivityId=activity, PageSize="1"
    )["JourneyExecutionActivityMetricsResponse"]
    assert (answer["JourneyActivityId"], answer["ActivityType"]) == (activity, type)
    return numbers(answer)


def runs(project: Project, journey_id: str) -> list[str]:
    answer = project.pinpoint.get_journey_runs(ApplicationId=project.id, JourneyId=journey_id)
    return [run["RunId"] for run in answer["JourneyRunsResponse"]["Item"]]


def of_run(project: Project, journey_id: str, run_id: str) -> dict[str, int]:
    answer = project.pinpoint.get_journey_run_execution_metrics(
        ApplicationId=project.id, JourneyId=journey_id, RunId=run_id
    )["JourneyRunExecutionMetricsResponse"]
    assert answer["RunId"] == run_id
    return numbers(answer)


def run_at(project: Project, journey_id: str, run_id: str, activity: str) -> dict[str, int]:
    answer = project.pinpoint.get_journey_run_execution_activity_metrics(
        ApplicationId=project.id, JourneyId=journey_id, RunId=run_id, JourneyActivityId=activity
    )["JourneyRunExecutionActivityMetricsResponse"]
    assert (answer["RunId"], answer["JourneyActivityId"]) == (run_id, activity)
    return numbers(answer)


def told(project: Project, journey_id: str, **query: str) -> dict[str, Any]:
    """`clarion journey why`."""
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return dict(project.server.control("GET", f"apps/{project.id}/journeys/{journey_id}/why?{asked}"))


def sent(project: Project) -> Counter[str]:
    """Messages in the inbox by activity."""
    return Counter(activity for _, activity in reached(project))


def some(numbers: dict[str, int]) -> dict[str, int]:
    return {name: number for name, number in numbers.items() if number}


def test_figures_agree_with_what_was_sent_and_with_every_path(letters: Project) -> None:
    people: dict[str, dict[str, Any]] = {f"ep{number}": {} for number in range(20)}
    people |= {f"red{number}": {"Attributes": {"color": ["red"]}} for number in range(5)}
    people |= {"out": {"OptOut": "ALL"}, "off": {"EndpointStatus": "INACTIVE"}}
    letters.people(people)
    made = journey(letters, way(letters))
    assert set(whole(letters, made).values()) == {0}
    go(letters)
    assert some(whole(letters, made)) == {"ENDPOINT_ENTERED": 25, "ENDPOINT_ACTIVE": 25}
    assert some(at(letters, made, "day", "WAIT")) == {"WAIT_STARTED": 25}
    assert some(at(letters, made, "mailA", "MESSAGE")) == {"SUCCESS": 25}
    assert set(at(letters, made, "mailB", "MESSAGE")) == {
        "SUCCESS",
        "DAILY_CAP_EXCEEDED",
        "QUIET_TIME",
        "THROTTLED",
        "TRANSIENT_FAILURE",
        "SERVICE_FAILURE",
        "FAILURE_PERMANENT",
        "UNKNOWN",
    }
    [run] = runs(letters, made)
    assert some(of_run(letters, made, run)) == {
        "ENDPOINT_PRODUCED": 27,
        "ENDPOINT_OPT_OUT": 1,
        "ENDPOINT_INACTIVE": 1,
    }
    go(letters, "P2D")
    assert some(whole(letters, made)) == {"ENDPOINT_ENTERED": 25, "ENDPOINT_LEFT": 25}
    assert at(letters, made, "day", "WAIT") == {"WAIT_STARTED": 0, "WAIT_FINISHED": 25, "WAIT_SKIPPED": 0}
    assert at(letters, made, "ask", "CONDITIONAL_SPLIT") == {"Branch_TRUE": 5, "Branch_FALSE": 20}
    lot = at(letters, made, "lot", "RANDOM_SPLIT")
    assert (lot.keys(), sum(lot.values())) == ({"Branch_1", "Branch_2"}, 20)
    hold = at(letters, made, "hold", "HOLDOUT")
    assert (hold.keys(), sum(hold.values())) == ({"HOLDOUT", "PASSED"}, lot["Branch_1"])
    assert sent(letters) == +Counter(mailA=25, mailR=5, mailB=hold["PASSED"])
    for activity, number in sent(letters).items():
        assert some(at(letters, made, activity, "MESSAGE")) == {"SUCCESS": number}
    for activity in ("day", "ask", "lot", "hold"):
        type = {"day": "WAIT", "ask": "CONDITIONAL_SPLIT", "lot": "RANDOM_SPLIT", "hold": "HOLDOUT"}[activity]
        assert run_at(letters, made, run, activity) == at(letters, made, activity, type)
    paths: Counter[tuple[str, str]] = Counter()
    for name in people:
        path = told(letters, made, EndpointId=name)["Path"]
        paths.update((step.get("ActivityId", ""), step["Outcome"]) for step in path)
    assert paths["lot", "Branch_1"] == lot["Branch_1"]
    assert paths["hold", "HOLDOUT"] == hold["HOLDOUT"]
    assert paths["mailA", "SUCCESS"] == paths["", "ENDPOINT_ENTERED"] == paths["", "ENDPOINT_LEFT"] == 25
    assert paths["", "ENDPOINT_OPT_OUT"] == 1


def test_runs_are_counted_apart_and_who_may_not_enter_again_is_counted(letters: Project) -> None:
    letters.people(["lea", "jon"])
    made = journey(
        letters,
        {"wait": {"Wait": {"WaitTime": {"WaitFor": "PT90M"}, "NextActivity": "mailA"}}, "mailA": mail(letters)},
        "wait",
        RefreshFrequency="PT1H",
        Limits={"EndpointReentryCap": 1},
    )
    go(letters)
    letters.people(["zoe"])
    letters.server.settle()
    [reason] = told(letters, made, EndpointId="zoe")["Reasons"]
    assert reason.startswith(f"nothing keeps them out: members enter at {letters.in_time('PT55M')[:16]}")
    go(letters, "PT1H")
    first, second = runs(letters, made)[:2]
    assert some(of_run(letters, made, second)) == {"ENDPOINT_PRODUCED": 3, "ACTIVE_ENDPOINT_REJECTED": 2}
    assert whole(letters, made)["ACTIVE_ENDPOINT_REJECTED"] == 2
    assert some(run_at(letters, made, first, "wait")) == {"WAIT_STARTED": 2}
    assert some(run_at(letters, made, second, "wait")) == {"WAIT_STARTED": 1}
    go(letters, "PT1H")
    assert some(run_at(letters, made, first, "mailA")) == {"SUCCESS": 2}
    assert set(run_at(letters, made, second, "mailA").values()) == {0}
    assert some(whole(letters, made)) == {
        "ENDPOINT_ENTERED": 3,
        "ENDPOINT_ACTIVE": 1,
        "ENDPOINT_LEFT": 2,
        "REENTRY_CAP_EXCEEDED": 2,
        "ACTIVE_ENDPOINT_REJECTED": 3,
    }
    assert any("may do so 1 time" in reason for reason in told(letters, made, EndpointId="lea")["Reasons"])


def test_who_is_let_out_by_a_cancellation_has_not_left(letters: Project) -> None:
    letters.people(["lea", "jon"])
    made = journey(letters, way(letters))
    go(letters)
    letters.pinpoint.update_journey_state(
        ApplicationId=letters.id, JourneyId=made, JourneyStateRequest={"State": "CANCELLED"}
    )
    letters.server.settle()
    assert some(whole(letters, made)) == {"ENDPOINT_ENTERED": 2, "CANCELLED": 2}
    assert set(at(letters, made, "day", "WAIT").values()) == {0}
    [run] = runs(letters, made)
    assert of_run(letters, made, run)["ENDED"] == 2
    [reason] = [one for one in told(letters, made, EndpointId="lea")["Reasons"] if "they left" in one]
    assert reason.endswith("the journey was cancelled")


def test_why_messages_were_not_sent_is_counted(letters: Project) -> None:
    letters.people(["lea"])
    letters.put("phone", ChannelType="SMS", Address="+4915550001")
    made = journey(
        letters,
        {"mailA": mail(letters, "mailB"), "mailB": mail(letters)},
        Limits={"DailyCap": 1},
    )
    go(letters)
    assert some(at(letters, made, "mailA", "MESSAGE")) == {"SUCCESS": 1, "UNSUPPORTED_CHANNEL": 1}
    assert some(at(letters, made, "mailB", "MESSAGE")) == {"DAILY_CAP_EXCEEDED": 1, "UNSUPPORTED_CHANNEL": 1}


def test_what_is_not_there_is_not_found(letters: Project) -> None:
    letters.people(["lea"])
    made, other = journey(letters, way(letters)), journey(letters, {"mailA": mail(letters)})
    go(letters)
    [foreign] = runs(letters, other)
    ids = {"ApplicationId": letters.id, "JourneyId": made}
    client = letters.pinpoint
    for call, arguments in (
        (client.get_journey_execution_metrics, {**ids, "JourneyId": "0" * 32}),
        (client.get_journey_execution_metrics, {**ids, "ApplicationId": "0" * 32}),
        (client.get_journey_execution_activity_metrics, {**ids, "JourneyActivityId": "nope"}),
        (client.get_journey_run_execution_metrics, {**ids, "RunId": "0" * 32}),
        (client.get_journey_run_execution_metrics, {**ids, "RunId": foreign}),
        (client.get_journey_run_execution_activity_metrics, {**ids, "RunId": foreign, "JourneyActivityId": "mailA"}),
    ):
        with pytest.raises(ClientError) as refused:
            call(**arguments)
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    client.delete_journey(**ids)
    letters.server.settle()
    with pytest.raises(ClientError) as refused:
        client.get_journey_execution_metrics(**ids)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert whole(letters, other)["ENDPOINT_ENTERED"] == 1


def test_where_somebody_is_and_why_not_elsewhere(letters: Project) -> None:
    letters.person("lea", User={"UserId": "u1"})
    letters.person("jon", Attributes={"color": ["red"]})
    letters.person("out", OptOut="ALL")
    reds = letters.segment({"Attributes": {"color": {"AttributeType": "INCLUSIVE", "Values": ["red"]}}})
    draft = journey(letters, way(letters), State="DRAFT")
    only = journey(letters, {"mailA": mail(letters)}, StartCondition={"SegmentStartCondition": {"SegmentId": reds}})
    made = journey(letters, way(letters))
    assert any("starts at" in one for one in told(letters, made, EndpointId="lea")["Reasons"])
    go(letters)
    lea = told(letters, made, UserId="u1")
    assert lea == told(letters, made, EndpointId="lea")
    place = lea["Place"]
    assert (lea["UserId"], place["Inside"], place["ActivityId"], place["Waiting"]) == ("u1", True, "day", "wait")
    assert place["Until"] > letters.in_time("PT23H")
    assert [(step.get("ActivityId"), step["Outcome"]) for step in lea["Path"]] == [
        (None, "ENDPOINT_ENTERED"),
        ("mailA", "SUCCESS"),
        ("mailA", "_email.send"),
        ("mailA", "_email.delivered"),
        ("day", "WAIT_STARTED"),
    ]
    [reason] = told(letters, made, UserId="u1", ActivityId="mailB")["Reasons"]
    assert "not that far" in reason
    assert "until" in reason
    assert told(letters, draft, EndpointId="lea")["Reasons"][0].startswith("the journey is a DRAFT")
    assert any(f"not in segment {reds}" in one for one in told(letters, only, EndpointId="lea")["Reasons"])
    assert sum("has opted out" in one for one in told(letters, made, EndpointId="out")["Reasons"]) == 2
    assert "there is no endpoint nobody" in told(letters, made, EndpointId="nobody")["Reasons"]
    go(letters, "P2D")
    jon = told(letters, made, EndpointId="jon", ActivityId="lot")
    assert "at ask they took Branch_TRUE (yes)" in jon["Reasons"][0]
    assert "lot is behind Branch_FALSE (no)" in jon["Reasons"][0]
    assert [(one["Way"], one["Holds"]) for one in jon["Conditions"]] == [("Branch_TRUE", True)]
    assert told(letters, made, EndpointId="jon", ActivityId="mailR")["Reasons"] == []
    asked = told(letters, made, UserId="u1", ActivityId="ask")
    assert (asked["Reasons"], [one["Holds"] for one in asked["Conditions"]]) == ([], [False])
    with pytest.raises(AssertionError, match="404"):
        told(letters, made, EndpointId="lea", ActivityId="nope")


def test_the_commands_tell_the_same(letters: Project) -> None:
    letters.person("lea", User={"UserId": "u1"})
    made = journey(letters, way(letters))
    go(letters)
    where = ("--app", letters.id)
    lines = [line.split("\t") for line in clarion(letters, "metrics", made, *where)]
    assert lines[0] == ["ACTIVITY", "TYPE", "METRIC", "NUMBER"]
    assert ["", "", "ENDPOINT_ENTERED", "1"] in lines
    assert ["day", "WAIT", "WAIT_STARTED", "1"] in lines
    assert ["mailA", "MESSAGE", "SUCCESS", "1"] in lines
    [run] = runs(letters, made)
    assert "\t\tENDPOINT_PRODUCED\t1" in clarion(letters, "metrics", made, *where, "--run", run)
    said = clarion(letters, "why", made, "lea", *where)
    assert said == clarion(letters, "why", made, "--user", "u1", *where)
    assert said[0].startswith("u1: inside, at day since ")
    assert "waiting: wait until " in said[0]
    assert said[1] == "AT\tENTRY\tACTIVITY\tOUTCOME\tENDPOINT\tDETAIL"
    assert [line.split("\t")[2:4] for line in said[2:4]] == [["", "ENDPOINT_ENTERED"], ["mailA", "SUCCESS"]]
    [first, reason, *_] = clarion(letters, "why", made, "nobody", *where)
    assert (first, reason) == (
        "nobody: never entered",
        "- the journey is CLOSED: its start has passed, and it is not refreshed",
    )
    go(letters, "P2D")
    told = clarion(letters, "why", made, "lea", *where, "--activity", "mailR")
    assert told[1].startswith("- at ask they took Branch_FALSE (no)")
    assert "Branch_TRUE\tby attributes\tno" in told


def clarion(project: Project, *arguments: str) -> list[str]:
    """The lines of `clarion journey …`."""
    server = project.server
    where = ("--url", server.url, "--region", REGION, "--data", str(server.data))
    environ = {"CLARION_ACCESS_KEY_ID": "AKIDROOT", "CLARION_SECRET_ACCESS_KEY": "root-secret"}
    done = CliRunner().invoke(commands, ["journey", *arguments, *where], env=environ)
    assert done.exit_code == 0, done.output
    return done.stdout.splitlines()
