"""`clarion journey` as a script uses it: verbs, versions, and journeys as files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from clarion.cli.main import app as commands
from tests.acceptance.project import Project
from tests.acceptance.running import REGION, Server
from tests.acceptance.test_journeys import DAILY, create, get

DIFFERENT = 3


def run(project: Project, *arguments: str, app: str | None = None, stdin: str = "") -> Result:
    """`clarion journey` on the project, in this process, whatever its exit code."""
    server = project.server
    where = ["--app", app or project.id, "--url", server.url, "--region", REGION, "--data", str(server.data)]
    environ = {"CLARION_ACCESS_KEY_ID": "AKIDROOT", "CLARION_SECRET_ACCESS_KEY": "root-secret"}
    return CliRunner().invoke(commands, ["journey", *arguments, *where], input=stdin, env=environ)


def clarion(project: Project, *arguments: str, **more: Any) -> str:
    """The output of `clarion journey`, which must succeed."""
    done = run(project, *arguments, **more)
    assert done.exit_code == 0, done.stderr or done.stdout
    return done.stdout


def failing(project: Project, *arguments: str, **more: Any) -> str:
    """What `clarion journey` has to say against something."""
    done = run(project, *arguments, **more)
    assert done.exit_code == 1, done.stdout
    assert isinstance(done.exception, SystemExit)
    return done.stderr


def rows(text: str) -> list[list[str]]:
    """The lines of a table, without its heading."""
    return [line.split("\t") for line in text.splitlines()[1:]]


def journeys(project: Project, app: str | None = None) -> list[dict[str, Any]]:
    return list(project.pinpoint.list_journeys(ApplicationId=app or project.id)["JourneysResponse"]["Item"])


def test_verbs(project: Project) -> None:
    project.people(["lea", "jon"])
    activities = {
        "split": {"RandomSplit": {"Branches": [{"Percentage": 50, "NextActivity": "w1"}, {"Percentage": 50}]}},
        "w1": {"Description": "[red]", "Wait": {"WaitTime": {"WaitFor": "P3D"}}},
    }
    made = create(project, Name="first", StartActivity="w1", Activities=activities, **DAILY)["Id"]
    project.server.advance("PT1S")
    other = create(project, Name="second")["Id"]
    [first, second] = rows(clarion(project, "list"))
    assert (first[:3], first[4:]) == ([made, "first", "DRAFT"], ["P1D", "2"])
    assert (second[:3], second[4:]) == ([other, "second", "DRAFT"], ["", "1"])
    assert failing(project, "pause", made).startswith("400")
    assert clarion(project, "publish", made) == "first: ACTIVE\n"
    assert "ACTIVE" in failing(project, "publish", made)
    project.server.advance("PT10M")
    assert [row[0] for row in rows(clarion(project, "list", "--state", "active"))] == [made]
    shown = clarion(project, "show", made)
    assert "first: ACTIVE, version 1, start: segment" in shown
    assert "w1\tWait\t[red]\t\t2" in shown
    assert "split\tRandomSplit\t\tw1\t0" in shown
    assert len(json.loads(clarion(project, "show", made, "--json"))["Runs"]) == 2
    assert rows(clarion(project, "where", made))[-1] == ["1", "w1", "Wait", "[red]", "wait", "2"]
    assert clarion(project, "pause", made) == "first: PAUSED\n"
    assert "five minutes" in failing(project, "resume", made)
    project.server.advance("PT5M")
    assert clarion(project, "resume", made) == "first: ACTIVE\n"
    assert json.loads(clarion(project, "cancel", made, "--json"))["State"] == "CANCELLED"
    assert run(project, "delete", made, stdin="n\n").exit_code == 1
    assert clarion(project, "delete", made, "--yes") == "first: deleted\n"
    assert failing(project, "show", made).startswith("404")
    assert [one["Id"] for one in journeys(project)] == [other]


def test_editing_under_way(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project.people(["lea"])
    made = create(project, Name="way", State="ACTIVE", **DAILY)["Id"]
    project.server.advance("PT10M")
    file = tmp_path / "way.yaml"
    clarion(project, "save", made, "-o", str(file))
    file.write_text(file.read_text().replace("PT1H", "PT2H"))
    assert clarion(project, "edit", made, "--file", str(file)) == "way: ACTIVE, version 2\n"
    assert [(row[0], row[2], row[3]) for row in rows(clarion(project, "versions", made))] == [
        ("2", "0", "who enters"),
        ("1", "1", ""),
    ]
    assert "PT1H" in clarion(project, "versions", made, "--show", "1")
    assert "version 2 already" in failing(project, "edit", made, "--file", str(file), "--version", "1")
    difference = run(project, "diff", f"{made}@1", f"{made}@2")
    assert difference.exit_code == DIFFERENT
    assert difference.stdout == "~ Activities.w1.Wait.WaitTime.WaitFor: PT1H → PT2H\n"
    assert clarion(project, "diff", made, str(file)) == ""
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "sed -i s/PT2H/PT4H/")
    assert clarion(project, "edit", made) == "way: ACTIVE, version 3\n"
    monkeypatch.setenv("EDITOR", "true")
    assert "nothing was changed" in failing(project, "edit", made)
    monkeypatch.setenv("EDITOR", "false")
    assert "dit" in failing(project, "edit", made)
    draft = create(project, Name="draft")["Id"]
    file.write_text("Name: other")
    assert clarion(project, "edit", draft, "--file", str(file)) == "draft: DRAFT, version 1\n".replace(
        "draft:", "other:"
    )


_WAY = """
# Every new reader.
Name: way
State: ACTIVE
StartCondition: {SegmentStartCondition: {SegmentId: name:readers}}
RefreshFrequency: P1D
QuietTime: {Start: 22:00, End: 07:00}
Schedule: {EndTime: {end}}
StartActivity: w1
Activities:
  w1: {Description: no, Wait: {WaitTime: {WaitFor: PT1H}}}
"""


def way(project: Project) -> str:
    """A journey as a file, that ends in a while."""
    return _WAY.replace("{end}", project.in_time("P100D"))


def test_a_file_is_applied(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "way.yaml"
    file.write_text(way(project).replace("ACTIVE", "DRAFT"))
    assert "no segment with the name readers" in failing(project, "plan", str(file))
    segment = project.segment(Name="readers")
    assert clarion(project, "plan", str(file)) == "way: create, 1 activities, as a draft\n"
    assert journeys(project) == []
    assert run(project, "apply", str(file), stdin="n\n").exit_code == 1
    assert journeys(project) == []
    assert "way: DRAFT" in clarion(project, "apply", str(file), "--yes")
    [made] = journeys(project)
    assert made["StartCondition"]["SegmentStartCondition"]["SegmentId"] == segment
    assert made["QuietTime"] == {"Start": "22:00", "End": "07:00"}
    assert made["Activities"]["w1"]["Description"] == "no"
    assert clarion(project, "plan", str(file), "--check") == "way (DRAFT): nothing to do\n"
    assert clarion(project, "apply", str(file)) == "way (DRAFT): nothing to do\n"

    file.write_text(way(project).replace("PT1H", "PT2H"))
    planned = run(project, "plan", str(file), "--check")
    assert planned.exit_code == DIFFERENT
    assert planned.stdout == (
        "way (DRAFT): change the draft, and publish\n  ~ Activities.w1.Wait.WaitTime.WaitFor: PT1H → PT2H\n"
    )
    assert get(project, made["Id"]) == made
    assert f"way: ACTIVE, {made['Id']}" in clarion(project, "apply", str(file), stdin="y\n")
    assert clarion(project, "plan", str(file), "--check") == "way (ACTIVE): nothing to do\n"

    file.write_text(way(project).replace("P1D", "P7D"))
    [step] = json.loads(clarion(project, "plan", str(file), "--json"))
    assert (step["Action"], step["JourneyId"], len(step["Changes"])) == ("edit", made["Id"], 2)
    [done] = json.loads(clarion(project, "apply", str(file), "--yes", "--json"))
    assert (done["Id"], done["RefreshFrequency"], done["Version"]) == (made["Id"], "P7D", 2)
    file.write_text(way(project).replace("Wait: {WaitTime: {WaitFor: PT1H}}", "Holdout: {Percentage: 5}"))
    assert "another kind" in failing(project, "plan", str(file))
    file.write_text(way(project).replace("ACTIVE", "DRAFT"))
    assert "cannot be a DRAFT again" in failing(project, "plan", str(file))

    project.pinpoint.update_journey_state(
        ApplicationId=project.id, JourneyId=made["Id"], JourneyStateRequest={"State": "CANCELLED"}
    )
    file.write_text(way(project))
    assert "--new" in failing(project, "apply", str(file), "--yes")
    assert "way: ACTIVE" in clarion(project, "apply", str(file), "--yes", "--new")
    assert sorted(one["State"] for one in journeys(project)) == ["ACTIVE", "CANCELLED"]


def test_the_review_comes_before_anything_is_done(project: Project, tmp_path: Path) -> None:
    project.segment(Name="readers")
    file = tmp_path / "ways.yaml"
    file.write_text(way(project) + "---" + way(project).replace("Name: way", "Name: other").replace("PT1H", "PT1M"))
    for command in (["plan", str(file)], ["apply", str(file), "--yes"]):
        assert "other cannot be published: E17 w1" in failing(project, *command)
    assert journeys(project) == []
    file.write_text(way(project) + "---" + way(project).replace("Name: way", "Name: other"))
    clarion(project, "apply", str(file), "--yes")
    assert {one["Name"] for one in journeys(project)} == {"way", "other"}


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("", "a.yaml", "no journey"),
        ("[1]", "a.json", "is not an object"),
        ("Nme: x", "a.yaml", "Name"),
        ("Name: x\nActivites: {}", "a.yaml", "nobody knows Activites"),
        ("Name: x\nActivities: {a: {Wait: {WaitTme: {}}}}", "a.yaml", "nobody knows Activities.a.Wait.WaitTme"),
        ("Name: x\nName: y", "a.yaml", "Name is there twice"),
        ('{"Name": "x", "Name": "y"}', "a.json", "Name is there twice"),
        ("Name: [", "a.yaml", "a.yaml"),
        ("{", "a.json", "a.json"),
        ("Name: x\nState: PAUSED", "a.yaml", "State"),
        ("Name: x\n---\nName: x", "a.yaml", "x is there twice"),
        ("- Name: x\n- Name: y\n- LocalTime: 5", "a.yaml", "journey 3"),
    ],
)
def test_what_is_no_file_of_journeys(project: Project, tmp_path: Path, text: str, name: str, said: str) -> None:
    file = tmp_path / name
    file.write_text(text)
    assert said in failing(project, "plan", str(file))


def test_a_file_that_is_not_there(project: Project, tmp_path: Path) -> None:
    assert "No such file" in failing(project, "plan", str(tmp_path / "none.yaml"))


def test_names_that_mean_several(project: Project, tmp_path: Path) -> None:
    one, two = (create(project, Name="way")["Id"] for _ in range(2))
    file = tmp_path / "way.json"
    file.write_text('{"Name": "way"}')
    assert one in failing(project, "plan", str(file))
    assert "way (DRAFT): change the draft" in clarion(project, "plan", str(file), "--journey", two)
    clarion(project, "apply", str(file), "--journey", two, "--yes")
    assert ("Activities" in get(project, one), "Activities" in get(project, two)) == (True, False)
    assert "no journey" in failing(project, "plan", str(file), "--journey", "0" * 32)
    for _ in range(2):
        project.segment(Name="readers")
    file.write_text(
        json.dumps({"Name": "n", "StartCondition": {"SegmentStartCondition": {"SegmentId": "name:readers"}}})
    )
    assert "2 segments" in failing(project, "plan", str(file))


def test_a_copy_in_another_project(project: Project, server: Server) -> None:
    other = Project(server)
    ids = [one.segment(Name="readers") for one in (project, other)]
    start = {"StartCondition": {"SegmentStartCondition": {"SegmentId": ids[0]}}}
    split = {
        "s1": {
            "ConditionalSplit": {
                "Condition": {"Conditions": [{"SegmentCondition": {"SegmentId": ids[0]}}]},
                "TrueActivity": "w1",
            }
        },
        "w1": {"Wait": {"WaitTime": {"WaitFor": "PT1H"}}},
    }
    made = create(project, Name="way", State="ACTIVE", StartActivity="s1", Activities=split, **start, **DAILY)["Id"]
    assert "way: DRAFT" in clarion(project, "copy", made, "--to", other.id)
    [copied] = journeys(project, other.id)
    source = get(project, made)
    own = ("Id", "ApplicationId", "CreationDate", "LastModifiedDate", "State")
    expected = json.dumps({name: one for name, one in source.items() if name not in own}).replace(ids[0], ids[1])
    assert {name: one for name, one in copied.items() if name not in own} == json.loads(expected)
    assert copied["State"] == "DRAFT"
    assert "has a journey of this name" in failing(project, "copy", made, "--to", other.id)
    clarion(project, "copy", made, "--to", other.id, "--name", "again")
    assert {one["Name"] for one in journeys(project, other.id)} == {"way", "again"}
    clarion(project, "copy", made, "--to", project.id, "--name", "twin")
    [twin] = [one for one in journeys(project) if one["Name"] == "twin"]
    assert twin["StartCondition"] == source["StartCondition"]
    empty = Project(server)
    assert "no segment with the name readers" in failing(project, "copy", made, "--to", empty.id)
    assert journeys(project, empty.id) == []


def test_what_is_saved_can_be_applied_elsewhere(project: Project, server: Server, tmp_path: Path) -> None:
    project.segment(Name="readers")
    file = tmp_path / "way.yaml"
    file.write_text(way(project).replace("State: ACTIVE\n", ""))
    clarion(project, "apply", str(file), "--yes")
    [made] = journeys(project)
    other = Project(server)
    segment = other.segment(Name="readers")
    for name in ("saved.yaml", "saved.json"):
        saved = tmp_path / name
        clarion(project, "save", made["Id"], "-o", str(saved))
        assert "name:readers" in saved.read_text()
        clarion(project, "apply", str(saved), "--yes", app=other.id)
        [again] = journeys(project, other.id)
        assert again["StartCondition"]["SegmentStartCondition"]["SegmentId"] == segment
        assert again["QuietTime"] == made["QuietTime"]
        assert again["Schedule"] == made["Schedule"]
    assert made["StartCondition"]["SegmentStartCondition"]["SegmentId"] in clarion(project, "save", made["Id"], "--ids")
