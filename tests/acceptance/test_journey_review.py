"""Reviewing and drawing journeys: through the API, the control API and the commands."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests import processes
from tests.acceptance.project import Project
from tests.acceptance.running import REGION

WAIT = {"Wait": {"WaitTime": {"WaitFor": "P1D"}}}
ROUND = {
    "a": {"Wait": {"WaitTime": {"WaitFor": "P1D"}, "NextActivity": "b"}},
    "b": {**WAIT, "Holdout": {"Percentage": 5}},
}


def write(project: Project, **members: Any) -> dict[str, Any]:
    start = {"SegmentStartCondition": {"SegmentId": project.segment()}}
    return {"Name": "way", "StartActivity": "a", "StartCondition": start, "Activities": {"a": WAIT}, **members}


def create(project: Project, **members: Any) -> str:
    answer = project.pinpoint.create_journey(ApplicationId=project.id, WriteJourneyRequest=write(project, **members))
    return str(answer["JourneyResponse"]["Id"])


def call(project: Project, method: str, path: str, body: object = None) -> Any:
    status, answer = project.server.raw(method, f"/clarion/v1/apps/{project.id}/journeys/{path}", body)
    assert status == 200, answer
    return answer


def clarion(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`clarion journey` on the project, whatever its exit code."""
    server = project.server
    where = ["--app", project.id, "--url", server.url, "--region", REGION, "--data", str(server.data)]
    return processes.run(["journey", *arguments, *where], server._environ, timeout=120)


def codes(answer: dict[str, Any], severity: str = "ERROR") -> list[tuple[str, str]]:
    return [(one["Code"], one.get("ActivityId", "")) for one in answer["Findings"] if one["Severity"] == severity]


def test_a_faulty_draft_is_kept_and_its_publication_refused_with_every_error(project: Project) -> None:
    journey = create(project, Activities=ROUND, StartActivity="c")
    found = call(project, "GET", f"{journey}/review")
    assert (found["Publishable"], found["Errors"]) == (False, 2)
    assert codes(found) == [("E7", ""), ("E9", "b")]
    assert ("W10", "") in codes(found, "ADVICE")
    faulty = write(project, Activities=ROUND, StartActivity="c", State="ACTIVE")
    with pytest.raises(project.pinpoint.exceptions.BadRequestException) as error:
        project.pinpoint.update_journey(ApplicationId=project.id, JourneyId=journey, WriteJourneyRequest=faulty)
    message = error.value.response["Error"]["Message"]
    assert "E7: StartActivity: there is no activity c" in message
    assert "E9 b: an activity does one thing, this says Holdout, Wait" in message
    assert message.index("E9 b") < message.index(". Advice: ") < message.index("W10: Schedule.EndTime")
    sound = write(project, State="ACTIVE")
    answer = project.pinpoint.update_journey(ApplicationId=project.id, JourneyId=journey, WriteJourneyRequest=sound)
    assert answer["JourneyResponse"]["State"] == "ACTIVE"


def test_review_of_a_body_that_is_not_kept(project: Project) -> None:
    found = call(project, "POST", "review", {"Journey": write(project)})
    assert (found["Publishable"], found["Errors"], codes(found)) == (True, 0, [])
    assert all(one["Concern"] and one["Text"] for one in found["Findings"])
    status, _ = project.server.raw("GET", f"/clarion/v1/apps/{project.id}/journeys/{'0' * 32}/review")
    assert status == 404
    status, _ = project.server.raw("POST", f"/clarion/v1/apps/{'0' * 32}/journeys/review", {"Journey": write(project)})
    assert status == 404


def test_the_review_command(project: Project, tmp_path: Path) -> None:
    good = create(project)
    answer = clarion(project, "review", good)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.splitlines()[0].split("\t") == ["SEVERITY", "CODE", "ACTIVITY", "ABOUT", "TEXT"]
    assert answer.stdout.splitlines()[-1] == "no errors: it can be published"
    file = tmp_path / "way.json"
    file.write_text(json.dumps(write(project, Activities=ROUND, StartActivity="c")))
    answer = clarion(project, "review", str(file), "--errors")
    assert answer.returncode == 1
    assert [line.split("\t")[:3] for line in answer.stdout.splitlines()[2:-1]] == [
        ["error", "E7", ""],
        ["error", "E9", "b"],
    ]
    answer = clarion(project, "review", str(file), "--json")
    assert answer.returncode == 1
    assert json.loads(answer.stdout)[0]["Errors"] == 2
    assert clarion(project, "review", str(tmp_path / "none.json")).returncode == 1


def test_drawings(project: Project, tmp_path: Path) -> None:
    wait = {"Wait": {"WaitTime": {"WaitFor": "P1D"}, "NextActivity": "b"}}
    journey = create(project, Name="both", Activities={"a": wait, "b": WAIT})
    found = call(project, "GET", f"{journey}/drawing?Format=svg&People=true")
    assert ElementTree.fromstring(found["Drawing"]).tag == "{http://www.w3.org/2000/svg}svg"
    found = call(project, "POST", "drawing", {"Journey": write(project), "Format": "mermaid"})
    assert found["Drawing"].startswith("flowchart TD\n")
    assert "segment s" in found["Drawing"]
    assert clarion(project, "draw", journey).stdout.startswith("flowchart TD\n")
    out = tmp_path / "both.svg"
    assert clarion(project, "draw", journey, "--out", str(out)).returncode == 0
    assert ElementTree.fromstring(out.read_text(encoding="utf-8")).tag.endswith("svg")
    file = tmp_path / "way.json"
    file.write_text(json.dumps(write(project, Activities={"a": WAIT, "z": WAIT})))
    answer = clarion(project, "draw", str(file), "--format", "mermaid")
    assert (answer.returncode, "lost" in answer.stdout) == (0, True)
    assert clarion(project, "draw", str(file), "--people").returncode == 1


def test_a_drawing_has_bounds(project: Project) -> None:
    names = [f"a{number}" for number in range(30)]
    everywhere = {"RandomSplit": {"Branches": [{"Percentage": 1, "NextActivity": name} for name in names]}}
    for activities in ({f"a{number}": WAIT for number in range(101)}, dict.fromkeys(names, everywhere)):
        body = {"Journey": write(project, Activities=activities)}
        status, answer = project.server.raw("POST", f"/clarion/v1/apps/{project.id}/journeys/drawing", body)
        assert (status, "too many" in answer["Message"]) == (400, True)
    journey = create(project)
    status, _ = project.server.raw("GET", f"/clarion/v1/apps/{project.id}/journeys/{journey}/drawing?Version=9")
    assert status == 404
