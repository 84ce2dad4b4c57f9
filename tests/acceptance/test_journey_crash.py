"""kill -9 while people walk: everybody goes their way once, and gets each message once."""

from __future__ import annotations

import random
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.acceptance.letters import mail, state, template
from tests.acceptance.project import Project
from tests.acceptance.running import Worker, eventually
from tests.acceptance.stacks import databases, embedded

PEOPLE = 150
KILLS = 3
AT_ONCE = {"CLARION_JOURNEY_START_DELAY_SECONDS": "0"}
AWAITED = {"FilterType": "ENDPOINT", "Dimensions": {"EventType": {"DimensionType": "INCLUSIVE", "Values": ["never"]}}}


def _way(project: Project) -> dict[str, Any]:
    """A mail at thirty a second, a second of waiting, another for about half of them."""
    return {
        "mailA": mail(project, "wait"),
        "wait": {
            "WaitForEvent": {"EventFilter": AWAITED, "Timeout": {"WaitFor": "PT1S"}, "TimeoutActivity": "lot"},
        },
        "lot": {"RandomSplit": {"Branches": [{"Percentage": 50, "NextActivity": "mailB"}, {"Percentage": 50}]}},
        "mailB": mail(project, "hold"),
        "hold": {"Holdout": {"Percentage": 50, "NextActivity": "mailC"}},
        "mailC": mail(project),
    }


def _publish(project: Project) -> str:
    template(project)
    request = {
        "Name": "crash",
        "State": "ACTIVE",
        "StartActivity": "mailA",
        "Activities": _way(project),
        "StartCondition": {"SegmentStartCondition": {"SegmentId": project.segment()}},
        "Limits": {"MessagesPerSecond": 30},
    }
    status, made = project.server.raw("POST", f"/v1/apps/{project.id}/journeys", request)
    assert status == 201, made
    return str(made["Id"])


def _metrics(project: Project, journey: str, activity: str = "") -> dict[str, int]:
    client = project.pinpoint
    given = {"ApplicationId": project.id, "JourneyId": journey}
    if activity:
        answer = client.get_journey_execution_activity_metrics(**given, JourneyActivityId=activity)
        found = answer["JourneyExecutionActivityMetricsResponse"]["Metrics"]
    else:
        found = client.get_journey_execution_metrics(**given)["JourneyExecutionMetricsResponse"]["Metrics"]
    return {name: int(number) for name, number in found.items() if number != "0"}


def _everybody_once(project: Project, journey: str) -> None:
    """All are out, each by one way, with the messages of that way and none twice."""
    assert _metrics(project, journey) == {"ENDPOINT_ENTERED": PEOPLE, "ENDPOINT_LEFT": PEOPLE}
    lot, hold = _metrics(project, journey, "lot"), _metrics(project, journey, "hold")
    assert lot["Branch_1"] + lot["Branch_2"] == PEOPLE
    assert hold["PASSED"] + hold["HOLDOUT"] == lot["Branch_1"]
    # The last ones still wait for their turn at the journey's rate.
    messages = PEOPLE + lot["Branch_1"] + hold["PASSED"]
    assert eventually(lambda: len(project.server.inbox(project.id)) >= messages, 60)
    project.server.settle()
    sent = Counter((one["EndpointId"], one["JourneyActivityId"]) for one in project.server.inbox(project.id))
    assert set(sent.values()) == {1}
    of_activity = Counter(activity for _, activity in sent)
    assert of_activity == {"mailA": PEOPLE, "mailB": lot["Branch_1"], "mailC": hold["PASSED"]}
    for activity, number in of_activity.items():
        assert _metrics(project, journey, activity) == {"SUCCESS": number}


def test_a_killed_server_loses_and_doubles_nobody(tmp_path: Path) -> None:
    moments = random.Random(5)
    with embedded(tmp_path, environ=AT_ONCE) as server:
        project = Project(server)
        project.people([f"p{number}" for number in range(PEOPLE)])
        journey = _publish(project)
        for _ in range(KILLS):
            time.sleep(moments.uniform(0.5, 1.5))
            server.kill()
            server.restart()
            project.reconnect()
        assert eventually(lambda: state(project, journey) == "COMPLETED", 120)
        server.settle()
        _everybody_once(project, journey)


def test_killed_workers_of_two_lose_and_double_nobody(tmp_path: Path) -> None:
    moments = random.Random(6)
    environ = {"CLARION_LOG_LEVEL": "warning", **AT_ONCE}
    with ExitStack() as stack:
        options = stack.enter_context(databases(tmp_path))
        server = stack.enter_context(embedded(tmp_path / "api", *options, "--no-workers", environ=environ))
        project = Project(server)
        project.people([f"p{number}" for number in range(PEOPLE)])
        workers = [Worker(tmp_path / "worker", *options, environ=environ) for _ in range(2)]
        journey = _publish(project)
        for _ in range(KILLS):
            time.sleep(moments.uniform(0.5, 1.5))
            workers.pop(0).kill()
            workers.append(Worker(tmp_path / "worker", *options, environ=environ))
        assert eventually(lambda: state(project, journey) == "COMPLETED", 120)
        _everybody_once(project, journey)
        for worker in workers:
            assert worker.stop()[0] == 0
