"""`clarion events export` on a running server: to a folder, followed to its end, listed, refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from clarion.cli.main import app as commands
from tests.acceptance.project import Project
from tests.acceptance.running import REGION

PATH = "/clarion/v1/events/exports"


def run(project: Project, *arguments: str) -> Result:
    server = project.server
    where = ["--app", project.id, "--url", server.url, "--region", REGION, "--data", str(server.data)]
    environ = {"CLARION_ACCESS_KEY_ID": "AKIDROOT", "CLARION_SECRET_ACCESS_KEY": "root-secret"}
    return CliRunner().invoke(commands, ["events", *arguments, *where], env=environ)


def folder(project: Project) -> Path:
    """What exports of a project may always be written to."""
    return project.server.data / "uploads" / project.id / "out"


def reported(project: Project, *names: str) -> None:
    at = project.in_time("PT0S")
    events = {name: {"EventType": f"_{name}", "Timestamp": at, "Attributes": {"c": name}} for name in names}
    project.events({"lea": {"Endpoint": {}, "Events": events}})


def test_into_a_folder(project: Project) -> None:
    reported(project, "a", "b")
    middle = project.server.advance("PT1H")
    reported(project, "c")
    url = f"file://{folder(project)}"
    done = run(project, "export", "--to-url", url)
    assert done.stdout.splitlines()[0] == "COMPLETED: 3 events"
    [file] = [Path(line.removeprefix("file://")) for line in done.stdout.splitlines()[1:]]
    assert sorted(pq.ParquetFile(file).read().column("event_id").to_pylist()) == ["a", "b", "c"]
    asked = ["--format", "jsonl", "--to", middle, "--type", "_b", "--json"]
    job = json.loads(run(project, "export", "--to-url", url, *asked).stdout)
    assert (job["Status"], job["Events"], job["TotalEvents"], job["To"]) == ("COMPLETED", 1, 1, middle)
    [one] = job["Objects"]
    [line] = Path(one["Url"].removeprefix("file://")).read_text().splitlines()
    record = json.loads(line)
    assert (record["event_type"], record["client"]["client_id"], record["attributes"]) == ("_b", "lea", {"c": "b"})
    listed = [line.split("\t")[1:5:3] for line in run(project, "exports").stdout.splitlines()[1:]]
    assert listed == [["COMPLETED", "1"], ["COMPLETED", "3"]]
    assert "409" in run(project, "cancel-export", job["ExportId"]).stderr
    assert project.pinpoint.get_export_jobs(ApplicationId=project.id)["ExportJobsResponse"]["Item"] == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"Url": "file:///etc/clarion"}, "Url: file:///etc/clarion: outside"),
        ({"Url": "file:///var/../etc"}, "Url"),
        ({"Url": "https://x.test/"}, "Url"),
        ({"Url": "s3://"}, "Url"),
        ({"Url": ""}, "Url"),
        ({"Format": "csv"}, "Format"),
        ({"From": "2027-01-02T00:00:00Z", "To": "2027-01-01T00:00:00Z"}, "From"),
        ({"From": "2027-01-01T00:00:00Z", "To": "2027-01-01T00:00:00Z"}, "From"),
        ({"To": "2100-01-01T00:00:00Z"}, "To"),
        ({"From": "2100-01-01T00:00:00Z"}, "From"),
        ({"From": "yesterday"}, "From"),
        ({"EventTypes": [""]}, "EventTypes"),
        ({"EventTypes": "x"}, "EventTypes"),
    ],
)
def test_bad_input(project: Project, change: dict[str, Any], why: str) -> None:
    body = {"ApplicationId": project.id, "Url": f"file://{folder(project)}", **change}
    status, answer = project.server.raw("POST", PATH, body)
    assert (status, why in answer["Message"]) == (400, True), answer


def test_nobody_elses(project: Project) -> None:
    server = project.server
    other = Project(server, channel=False)
    body = {"ApplicationId": project.id, "Url": f"file://{folder(other)}"}
    assert server.raw("POST", PATH, body)[0] == 400
    mine = {**body, "Url": f"file://{folder(project)}"}
    assert server.raw("POST", PATH, mine, key=server.key("reader"))[0] == 403
    assert server.raw("POST", PATH, mine, key=server.key("admin", account="000000000002"))[0] == 404
    job = server.control("POST", "events/exports", mine)["ExportId"]
    server.settle()
    for path in (f"?ApplicationId={other.id}&ExportId={job}", f"?ApplicationId={project.id}&ExportId={'0' * 32}"):
        assert server.raw("GET", PATH + path)[0] == 404
    assert server.raw("GET", f"{PATH}?ApplicationId={project.id}&NextToken=x")[0] == 400
    assert server.raw("POST", f"{PATH}/cancel", {"ApplicationId": other.id, "ExportId": job})[0] == 404
