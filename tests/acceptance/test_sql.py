"""`clarion sql` and `POST /clarion/v1/sql` against a running server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from clarion.cli.main import app as commands
from tests.acceptance.project import Project
from tests.acceptance.running import REGION, Server


def run(project: Project, *arguments: str, stdin: str = "") -> Result:
    server = project.server
    where = ["--app", project.id, "--url", server.url, "--region", REGION, "--data", str(server.data)]
    environ = {"CLARION_ACCESS_KEY_ID": "AKIDROOT", "CLARION_SECRET_ACCESS_KEY": "root-secret"}
    return CliRunner().invoke(commands, ["sql", *arguments, *where], input=stdin, env=environ)


def event(kind: str, **more: Any) -> dict[str, Any]:
    return {"EventType": kind, "Timestamp": "2027-03-04T09:15:02.120Z", **more}


def test_asked_in_sql(project: Project, tmp_path: Path) -> None:
    other = Project(project.server, channel=False)
    other.events({"x": {"Endpoint": {}, "Events": {"e": event("theirs")}}})
    project.events(
        {
            "lea": {
                "Endpoint": {"Attributes": {"hobby": ["chess", "go"]}, "ChannelType": "EMAIL", "Address": "l@x.test"},
                "Events": {"a": event("buy", Attributes={"c": "red"}, Metrics={"m": 2.5}), "b": event("look")},
            }
        }
    )
    # What was acknowledged can be asked for at once.
    query = "SELECT event_type, count() AS n FROM events GROUP BY event_type ORDER BY event_type"
    assert run(project, query).stdout == "event_type\tn\nbuy\t1\nlook\t1\n"
    file = tmp_path / "query.sql"
    file.write_text("SELECT attributes, metrics['m'] AS m FROM events WHERE attributes['c'] = 'red'")
    assert run(project, "--csv", "--file", str(file)).stdout == 'attributes,m\n"{""c"":""red""}",2.5\n'
    answer = json.loads(run(project, "--json", stdin="SELECT address, attributes['hobby'] AS h FROM endpoints").stdout)
    assert [column["Name"] for column in answer["Columns"]] == ["address", "h"]
    assert (answer["Rows"], answer["Truncated"]) == ([["l@x.test", ["chess", "go"]]], False)
    more = run(project, "SELECT arrayJoin([1, 2, 3]) AS a", "--max-rows", "2")
    assert (more.stdout, "more than 2 rows" in more.stderr) == ("a\n1\n2\n", True)
    assert run(project, "SELECT 1 AS a WHERE 0").stdout == "a\nno rows\n"


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("DROP TABLE events", "only SELECT"),
        ("SELECT * FROM default.events", "by its name alone"),
        ("SELECT * FROM file('/etc/passwd')", "functions that make tables"),
        ("SELECT file('/etc/passwd')", "the function file is not allowed"),
        ("SELECT * FROM events SETTINGS max_execution_time = 0", "SETTINGS"),
        ("SELECT FROM WHERE", "cannot be read"),
        ("SELECT nothing FROM events", "nothing"),
    ],
)
def test_refused(project: Project, query: str, why: str) -> None:
    done = run(project, query)
    assert done.exit_code == 1
    assert done.stderr.startswith("400 Query: ")
    assert why in done.stderr


def test_a_query_that_takes_too_long(project: Project) -> None:
    """With the default limit of 15 s this would be the slowest test of all: memory is used up sooner."""
    body = {"ApplicationId": project.id, "Query": "SELECT groupArray(arrayJoin(range(400000000)))"}
    status, answer = project.server.raw("POST", "/clarion/v1/sql", body)
    assert (status, answer["Message"][:6]) == (400, "Query:")


def test_who_may(project: Project) -> None:
    server: Server = project.server
    body = {"ApplicationId": project.id, "Query": "SELECT 1"}
    path = "/clarion/v1/sql"
    assert server.raw("POST", path, body, key=server.key("reader"))[0] == 403
    assert server.raw("POST", path, body, key=server.key("admin", account="000000000002"))[0] == 404
    own = server.key("developer", app=project.id)
    assert server.raw("POST", f"{path}?ApplicationId={project.id}", body, key=own)[0] == 200
    # A key of one project cannot name another one beside it.
    other = Project(server, channel=False)
    stranger = {**body, "ApplicationId": other.id, "Query": "SELECT count() FROM events"}
    assert server.raw("POST", path, stranger, key=own)[0] == 403
    # The query wins over the body, so this asks the own project.
    other.events({"x": {"Endpoint": {}, "Events": {"e": event("theirs")}}})
    status, answer = server.raw("POST", f"{path}?ApplicationId={project.id}", stranger, key=own)
    assert (status, answer["Rows"]) == (200, [[0]])


@pytest.mark.parametrize("body", [{}, {"Query": "SELECT 1"}, {"Query": 5}, {"Query": "SELECT 1", "MaxRows": 0}])
def test_bad_input(project: Project, body: dict[str, Any]) -> None:
    given = body if body.get("MaxRows") != 0 and body.get("Query") != 5 else {**body, "ApplicationId": project.id}
    assert project.server.raw("POST", "/clarion/v1/sql", given)[0] == 400
