"""Trying a journey before anybody is in it: a test with a few people, and what it would have done in the past."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.acceptance.letters import go, mail, reached, sends, state, template
from tests.acceptance.project import Project
from tests.acceptance.test_journey_commands import clarion, failing

OPENED = {"EventType": {"DimensionType": "INCLUSIVE", "Values": ["_email.open"]}}
NEVER = {"FilterType": "ENDPOINT", "Dimensions": {"EventType": {"Values": ["never"]}}}


def opened(of: str, yes: str, no: str) -> dict[str, Any]:
    condition = {"EventCondition": {"MessageActivity": of, "Dimensions": OPENED}}
    asked = {"Conditions": [condition], "Operator": "ALL"}
    return {"ConditionalSplit": {"Condition": asked, "TrueActivity": yes, "FalseActivity": no}}


def way(project: Project) -> dict[str, Any]:
    return {
        "mailA": mail(project, "week"),
        "week": {"Wait": {"WaitTime": {"WaitFor": "P7D"}, "NextActivity": "ask"}},
        "ask": opened("mailA", "mailB", "until"),
        "until": {"WaitForEvent": {"EventFilter": NEVER, "Timeout": {"WaitFor": "P1D"}, "TimeoutActivity": "mailB"}},
        "mailB": mail(project),
    }


def draft(project: Project, activities: dict[str, Any] | None = None, **more: Any) -> str:
    """Sent as it is: boto3 does not know what waits for events."""
    start = {"SegmentStartCondition": {"SegmentId": project.segment()}}
    body = {"Name": "journey", "StartActivity": "mailA", "Activities": activities or way(project)}
    written = {"StartCondition": start, **body, **more}
    status, answer = project.server.raw("POST", f"/v1/apps/{project.id}/journeys", written)
    assert status == 201, answer
    return str(answer["Id"])


class TestATest:
    def test_a_few_people_walk_at_once(self, project: Project) -> None:
        template(project)
        project.people(["lea", "jon", "pat"])
        project.put("off", ChannelType="EMAIL", Address="off@example.com", OptOut="ALL")
        project.put("ann-mail", ChannelType="EMAIL", Address="ann@example.com", User={"UserId": "ann"})
        quiet = {"QuietTime": {"Start": "00:00", "End": "23:59"}, "WaitForQuietTime": True}
        made = draft(project, Limits={"MessagesPerSecond": 1}, **quiet)
        before = project.in_time("PT0S")
        text = clarion(project, "test", made, "--endpoint", "lea", "--endpoint", "off", "--user", "ann")
        assert project.in_time("PT0S") == before
        first, refused, *paths = text.splitlines()
        assert first.startswith("Test-journey (")
        assert first.endswith("): COMPLETED")
        assert refused == "off may not enter: ENDPOINT_OPT_OUT"
        outcomes = [line.split("\t")[2:4] for line in paths if line.count("\t") > 3]
        assert outcomes[0] == ["ACTIVITY", "OUTCOME"]
        assert outcomes.count(["week", "WAIT_FINISHED"]) == 2
        assert outcomes.count(["ask", "Branch_FALSE"]) == 2
        assert outcomes.count(["until", "TIMED_OUT"]) == 2
        assert outcomes.count(["", "ENDPOINT_LEFT"]) == 2
        assert reached(project) == [(one, name) for one in ("ann-mail", "lea") for name in ("mailA", "mailB")]
        # The journey itself knows nothing of it.
        assert state(project, made) == "DRAFT"
        assert sends(project, "lea", made) == []
        metrics = project.pinpoint.get_journey_execution_metrics(ApplicationId=project.id, JourneyId=made)
        counted = metrics["JourneyExecutionMetricsResponse"]["Metrics"]
        assert set(counted.values()) == {"0"}

    def test_with_waits(self, project: Project) -> None:
        template(project)
        project.people(["lea"])
        made = draft(project)
        said = failing(project, "test", made, "--endpoint", "lea", "--waits", "PT2M", "--timeout", "0")
        assert "not everybody is through" in said
        [other] = [
            one["Id"]
            for one in project.pinpoint.list_journeys(ApplicationId=project.id)["JourneysResponse"]["Item"]
            if one["Name"] == "Test-journey"
        ]
        go(project, "PT2M", "PT2M")
        assert reached(project) == [("lea", "mailA"), ("lea", "mailB")]
        assert state(project, other) == "COMPLETED"

    def test_what_cannot_be_tested(self, project: Project) -> None:
        template(project)
        project.people(["lea"])
        made = draft(project)
        assert "name somebody" in failing(project, "test", made)
        assert "there is no endpoint jon" in failing(project, "test", made, "--endpoint", "jon")
        assert "there is no user jon" in failing(project, "test", made, "--user", "jon")
        assert "not an ISO 8601" in failing(project, "test", made, "--endpoint", "lea", "--waits", "soon")
        assert failing(project, "test", "0" * 32, "--endpoint", "lea").startswith("404")
        broken = draft(project, {"mailA": mail(project, TemplateName="nowhere")})
        assert "E11" in failing(project, "test", broken, "--endpoint", "lea")


class TestASimulation:
    def test_what_it_would_have_done(self, project: Project, tmp_path: Path) -> None:
        template(project)
        project.people({f"p{number}": {"Attributes": {"n": [str(number)]}} for number in range(12)})
        project.put("off", ChannelType="EMAIL", Address="off@example.com", OptOut="ALL")
        event = {"bought": {"EventType": "bought", "Timestamp": project.in_time("PT0S")}}
        project.events({f"p{number}": {"Endpoint": {}, "Events": event} for number in range(4)})
        project.server.advance("P10D")
        bought = {"EventFilter": {"FilterType": "ENDPOINT", "Dimensions": {"EventType": {"Values": ["bought"]}}}}
        by_event = draft(project, StartCondition={"EventStartCondition": bought})
        found = json.loads(clarion(project, "simulate", by_event, "--days", "20", "--json"))
        assert (found["People"], found["Entries"], found["StillInside"]) == (4, 4, 0)
        outcomes = {one["ActivityId"]: one["Outcomes"] for one in found["Activities"]}
        assert list(outcomes) == ["mailA", "week", "ask", "until", "mailB"]
        # Nobody has ever opened a message, so nobody is assumed to.
        assert outcomes["ask"] == {"Branch_FALSE": 4}
        assert outcomes["until"] == {"TIMED_OUT": 4, "WAIT_STARTED": 4}
        assert [(one["ActivityId"], one["Messages"]) for one in found["Messages"]] == [("mailA", 4), ("mailB", 4)]
        assert found["MedianHoursInside"] == 8 * 24
        assert found["Assumptions"] == [{"ActivityId": "mailA", "EventTypes": "_email.open", "Rate": 0.0}]
        assert not project.server.inbox(project.id)
        assert state(project, by_event) == "DRAFT"

        file = tmp_path / "journey.json"
        definition = {
            "Name": "file",
            "StartActivity": "mailA",
            "Activities": way(project),
            "StartCondition": {"SegmentStartCondition": {"SegmentId": project.segment()}},
        }
        file.write_text(json.dumps(definition))
        text = clarion(project, "simulate", str(file), "--days", "5", "--people", "6")
        first, second, *rest = text.splitlines()
        assert first.endswith(": 12 entries of 12 people")
        assert second == "reckoned up from 6 who walked"
        assert "mailA\tSUCCESS\t12" in rest
        assert "still inside: 12" in rest

    def test_what_cannot_be_simulated(self, project: Project) -> None:
        template(project)
        made = draft(project)
        assert failing(project, "simulate", "0" * 32).startswith("404")
        broken = draft(project, {"mailA": mail(project, "mailA")})
        assert "E10" in failing(project, "simulate", broken)
        status, answer = project.server.raw(
            "POST", f"/clarion/v1/apps/{project.id}/journeys/{made}/simulation", {"Days": 91}
        )
        assert (status, "Days" in json.dumps(answer)) == (400, True)
