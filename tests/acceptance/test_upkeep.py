"""Looking after an installation: the mirror compared and repaired, given-up jobs, log rows that were set aside."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from clarion.store.database import Database, open_database
from tests import processes
from tests.acceptance.project import Project
from tests.acceptance.running import Server, eventually
from tests.acceptance.stacks import embedded, servers

JOB = sa.text(
    "INSERT INTO jobs (kind, key, args, due_ms, state, attempts, error)"
    " VALUES (:kind, :key, :args, 0, 'dead', 10, :error)"
)
ROW = sa.text("INSERT INTO ingest_log (kind, body, note) VALUES ('endpoints', :body, :note)")
ROLE = "arn:aws:iam::000000000001:role/import"
STRIP = {"app_id": "none", "kind": "attributes", "patterns": ["x"]}


def given(server: Server, name: str) -> str:
    """The value of an option that the server was started with; '' without it."""
    arguments = server._arguments
    return arguments[arguments.index(name) + 1] if name in arguments else ""


def options(server: Server) -> list[str]:
    """What leads a command to the server's stores."""
    urls = [(name, given(server, name)) for name in ("--state", "--events")]
    return ["--data", str(server.data), *(part for pair in urls if pair[1] for part in pair)]


@contextmanager
def state(server: Server) -> Iterator[Database]:
    """The state database of a running server, as another process may open it."""
    database = open_database(given(server, "--state") or f"sqlite:///{server.data}/state.sqlite")
    try:
        yield database
    finally:
        database.close()


def run(server: Server, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A `clarion` command, whatever its exit code."""
    return processes.run(arguments, server._environ, timeout=120)


def mirror(server: Server, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """`clarion doctor --deep`: its exit code, and what it found about the mirror."""
    answer = run(server, "doctor", "--deep", "--json", *options(server), *arguments)
    assert answer.stdout, answer.stderr
    return answer.returncode, [one for one in json.loads(answer.stdout) if one["Check"] == "mirror"]


def sql(server: Server, *statements: str) -> None:
    """Run statements in the columnar store, in a process of its own: this one may have another chDB open."""
    where = given(server, "--events") or f"chdb://{server.data}/events"
    program = (
        "import sys; from clarion.store.columnar import open_columnar; store = open_columnar(sys.argv[1]);"
        "[store.command(statement) for statement in sys.argv[2:]]; store.close()"
    )
    subprocess.run([sys.executable, "-c", program, where, *statements], check=True, timeout=60)


def breaking(app: str) -> list[str]:
    """Every kind of difference at once."""
    there = f"FROM endpoints FINAL WHERE app_id = '{app}'"
    return [
        f"INSERT INTO endpoints SELECT * REPLACE ('surplus' AS endpoint_key) {there} AND endpoint_id = 'e00'",
        f"INSERT INTO endpoints SELECT * REPLACE ('nowhere' AS city) {there} AND endpoint_key = 'e01'",
        f"INSERT INTO endpoints SELECT * REPLACE (version + 1000000 AS version) {there} AND endpoint_key = 'e02'",
        f"INSERT INTO endpoints SELECT * REPLACE (version + 1000000 AS version, 1 AS deleted) {there}"
        " AND endpoint_key = 'e03'",
        f"DELETE FROM endpoints WHERE app_id = '{app}' AND endpoint_key = 'e04'",
        "INSERT INTO endpoints (app_id, endpoint_key, version)"
        f" SELECT '{'f' * 32}', toString(number), 1 FROM numbers(9)",
    ]


@pytest.mark.parametrize("stack", ["embedded", "servers"])
def test_the_mirror_is_compared_and_repaired(tmp_path: Path, stack: str) -> None:
    start = {"embedded": embedded, "servers": servers}[stack]
    with start(tmp_path) as server:
        project, other = Project(server), Project(server)
        for one in (project, other):
            one.people(f"e{number:02d}" for number in range(40))
        equal = {"Compared": 80, "Differences": []}
        assert server.control("POST", "doctor/mirror", {}) == equal
        server.stop()
        sql(server, *breaking(project.id), f"DELETE FROM endpoints WHERE app_id = '{other.id}'")
        wanted = {
            (project.id, "surplus"): 1,
            (project.id, "altered"): 1,
            (project.id, "ahead"): 1,
            (project.id, "missing"): 2,
            (other.id, "missing"): 40,
            ("f" * 32, "surplus"): 9,
        }
        code, found = mirror(server, "--no-repair")
        assert code == 1
        assert {one["State"] for one in found} == {"ill"}
        assert counts(found, "Found") == wanted
        assert all("--no-repair" in one["Advice"] for one in found)
        server.restart()
        project.reconnect()
        [mended] = server.control("POST", "doctor/mirror", {"ApplicationId": other.id, "Repair": True})["Differences"]
        assert (mended["Kind"], mended["Repaired"]) == ("missing", 40)
        del wanted[other.id, "missing"]
        code, found = mirror(server, "--url", server.url)
        assert code == 0, found
        assert counts(found, "Repaired") == wanted
        project.person("e03", Location={"City": "Bern"})
        assert server.control("POST", "doctor/mirror", {}) == equal
        server.stop()
        sql(server, f"DELETE FROM endpoints WHERE app_id = '{other.id}'")
        code, found = mirror(server)
        assert (code, counts(found, "Repaired")) == (0, {(other.id, "missing"): 40})


def counts(found: list[dict[str, Any]], member: str) -> dict[tuple[str, str], int]:
    differences = [one["Difference"] for one in found]
    return {(one["ApplicationId"], one["Kind"]): one[member] for one in differences if one is not None}


def test_given_up_jobs_are_listed_retried_and_dropped(server: Server) -> None:
    with state(server) as database:
        for number in range(3):
            values = {"kind": "audience.strip", "key": f"given-up-{number}", "error": "RuntimeError: no"}
            args = json.dumps(STRIP).encode() if number else b"garbage"
            database.write(lambda c, values=values, args=args: c.execute(JOB, {**values, "args": args}))
    found = {one["Key"]: one for one in listed(server, "jobs", "list", "--dead")}
    first, second, third = (found[f"given-up-{number}"] for number in range(3))
    assert (first["State"], first["Attempts"], first["Error"]) == ("dead", 10, "RuntimeError: no")
    page = server.control("GET", "jobs?State=dead&Limit=2")
    assert [one["Id"] for one in page["Jobs"]] == [first["Id"], second["Id"]]
    rest = server.control("GET", f"jobs?State=dead&NextToken={page['NextToken']}")
    assert rest == {"Jobs": [third]}
    assert "clarion_jobs_dead 3.0" in server.raw("GET", "/metrics", key=None)[1]
    answer = run(server, "jobs", "drop", str(first["Id"]), "--url", server.url)
    assert (answer.returncode, answer.stdout) == (0, "1 dropped\n")
    answer = run(server, "jobs", "retry", str(second["Id"]), "999999999", "--url", server.url)
    assert (answer.returncode, answer.stdout) == (1, "1 will be tried again\n")
    assert server.control("POST", "jobs/retry", {"All": True}) == {"Changed": 1}
    server.settle()
    assert server.control("GET", "jobs?Kind=audience.strip") == {"Jobs": []}


def listed(server: Server, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(server.clarion(*arguments, "--url", server.url, "--json").stdout)
    return found


@pytest.mark.breaks_things
def test_a_poison_row_is_set_aside_and_everything_else_goes_on(server: Server, project: Project) -> None:
    def rows() -> list[dict[str, Any]]:
        return list(server.control("GET", "ingest/dead")["Rows"])

    with state(server) as database:
        database.write(lambda c: c.execute(ROW, {"body": b"no JSON", "note": b""}))
    project.person("after")
    [row] = eventually(rows)
    server.settle()
    assert listed(server, "ingest", "dead") == [row]
    assert (row["Kind"], row["Excerpt"], row["Size"]) == ("endpoints", "no JSON", 7)
    assert "malformed" in row["Error"]
    request = {"ApplicationId": project.id}
    assert server.control("POST", "doctor/mirror", request) == {"Compared": 1, "Differences": []}
    assert "clarion_ingest_set_aside 1.0" in server.raw("GET", "/metrics", key=None)[1]
    assert "clarion ingest retry" in run(server, "doctor", *options(server)).stdout
    assert server.clarion("ingest", "retry", "--all", "--url", server.url).stdout == "1 put back into the log\n"
    [again] = eventually(rows)
    assert again["Id"] > row["Id"]
    assert server.control("POST", "ingest/dead/drop", {"Ids": [again["Id"]]}) == {"Changed": 1}
    assert rows() == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "jobs", None),
        ("POST", "jobs/retry", {"All": True}),
        ("POST", "jobs/drop", {"Ids": [1]}),
        ("GET", "ingest/dead", None),
        ("POST", "ingest/dead/retry", {"Ids": [1]}),
        ("POST", "ingest/dead/drop", {"Ids": [1]}),
        ("POST", "doctor/mirror", {}),
    ],
)
def test_only_admins_of_the_installation_may(server: Server, method: str, path: str, body: object) -> None:
    keys = (server.key("developer"), server.key("admin", account="222222222222"))
    assert [server.raw(method, f"/clarion/v1/{path}", body, key=key)[0] for key in keys] == [403, 403]
    assert server.raw(method, f"/clarion/v1/{path}", body)[0] == 200


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("jobs/retry", {}, "Ids"),
        ("jobs/retry", {"Ids": [1], "All": True}, "Ids"),
        ("jobs/drop", {"Ids": []}, "Ids"),
        ("jobs/drop", {"Ids": ["x"]}, "Ids"),
        ("ingest/dead/retry", {"Ids": [2**70]}, "Ids"),
        ("doctor/mirror", {"NextToken": "x"}, "token"),
        ("doctor/mirror", {"Repair": "yes, please"}, "Repair"),
    ],
)
def test_what_makes_no_sense_is_refused(server: Server, path: str, body: object, field: str) -> None:
    status, answer = server.raw("POST", f"/clarion/v1/{path}", body)
    assert status == 400
    assert field in answer["Message"]


def test_every_way_of_writing_endpoints_reaches_the_mirror(server: Server, project: Project) -> None:
    """Whatever writes an endpoint tells the mirror: a difference here is a write that nobody announced."""
    pinpoint, app = project.pinpoint, project.id

    def differences() -> list[dict[str, Any]]:
        server.settle()
        answer = server.control("POST", "doctor/mirror", {"ApplicationId": app})
        assert "NextToken" not in answer
        return list(answer["Differences"])

    project.people(f"batch{number}" for number in range(5))
    project.person("one", User={"UserId": "u", "UserAttributes": {"a": ["1"]}}, Attributes={"x": ["1"]})
    project.person("two", User={"UserId": "u"}, Address="shared@example.com")
    assert differences() == []
    project.person("three", Address="shared@example.com")  # makes `two` inactive
    project.person("one", User={"UserId": "u", "UserAttributes": {"a": ["2"]}})  # changes `two` as well
    assert differences() == []
    told = {"Endpoint": {"ChannelType": "EMAIL", "Address": "told@example.com"}, "Events": {}}
    pinpoint.put_events(ApplicationId=app, EventsRequest={"BatchItem": {"told": told}})
    assert differences() == []
    source = server.data / "uploads" / app / "people.csv"
    source.parent.mkdir(parents=True)
    source.write_text("ChannelType,Address,Id\nEMAIL,in@example.com,imported\nEMAIL,shared@example.com,batch1\n")
    request = {"Format": "CSV", "RoleArn": ROLE, "S3Url": f"file://{source}", "RegisterEndpoints": True}
    pinpoint.create_import_job(ApplicationId=app, ImportJobRequest=request)
    assert differences() == []
    assert project.get("imported")["Address"] == "in@example.com"
    segment = project.segment()
    campaign = project.campaign(segment)["Id"]
    server.settle()
    message = project.mail(campaign)[0]["MessageId"]
    for kind in ("HardBounce", "Complaint"):
        server.control("POST", "feedback", {"MessageId": message, "Type": kind})
        assert differences() == []
    pinpoint.remove_attributes(
        ApplicationId=app,
        AttributeType="endpoint-custom-attributes",
        UpdateAttributesRequest={"Blacklist": ["x"]},
    )
    pinpoint.delete_endpoint(ApplicationId=app, EndpointId="batch0")
    pinpoint.delete_user_endpoints(ApplicationId=app, UserId="u")
    assert differences() == []
    pinpoint.delete_app(ApplicationId=app)
    assert differences() == []
