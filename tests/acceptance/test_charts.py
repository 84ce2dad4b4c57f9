"""Charts over HTTP, of events that boto3 put; as JSON, as CSV, and on the command line."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from typer.testing import CliRunner

from clarion.cli.main import app as commands
from tests.acceptance.project import Project
from tests.acceptance.running import REGION

LEA, JON = {"User": {"UserId": "lea"}}, {"User": {"UserId": "jon"}, "Demographic": {"Platform": "iOS"}}


def ask(project: Project, name: str, **members: str) -> dict[str, Any]:
    query = urlencode({"ApplicationId": project.id, **members})
    return dict(project.server.control("GET", f"charts/{name}?{query}"))


def values(answer: dict[str, Any]) -> dict[str, str]:
    return {row["GroupedBys"][0]["Value"]: row["Values"][0]["Value"] for row in answer["Rows"]}


@pytest.fixture
def days(project: Project) -> list[str]:
    """The day before yesterday and yesterday, with visits: Lea's on two devices and both days, Jon's yesterday."""
    now = datetime.fromisoformat(project.in_time("PT0S"))
    before, yesterday = ((now - timedelta(days=days)).date().isoformat() for days in (2, 1))

    def event(type: str, day: str, time: str) -> dict[str, str]:
        return {"EventType": type, "Timestamp": f"{day}T{time}Z"}

    start, stop = "_session.start", "_session.stop"
    visits = {
        "a": event(start, before, "23:30:00.000"),
        "b": event(stop, before, "23:40:00.000"),
        "c": event(start, before, "23:40:04.000"),
        "d": event(stop, before, "23:50:00.000"),
        "e": event(start, before, "23:50:06.000"),
        "f": event("cart.left", yesterday, "08:00:00.000"),
    }
    project.put("jon", ChannelType="IN_APP", **JON)
    project.events({"phone": {"Endpoint": LEA, "Events": visits}})
    project.events({"tablet": {"Endpoint": LEA, "Events": {"a": event(start, yesterday, "09:00:00.000")}}})
    project.events({"jon": {"Endpoint": JON, "Events": {"a": event("_userauth.sign_in", yesterday, "10:00:00.000")}}})
    return [before, yesterday]


def test_what_is_told_of_visits(project: Project, days: list[str]) -> None:
    before, yesterday = days
    asked = {"StartTime": before, "EndTime": yesterday}
    answer = ask(project, "daily-active-endpoints", **asked)
    assert values(answer) == {before: "1.0", yesterday: "3.0"}
    assert (answer["Chart"], answer["Exact"], answer["TimeZone"]) == ("daily-active-endpoints", True, "UTC")
    assert answer["Summaries"] == [{"Key": "DailyActiveEndpoints", "Average": 2.0, "Change": 2.0}]
    assert values(ask(project, "daily-active-users", **asked)) == {before: "1.0", yesterday: "2.0"}
    assert values(ask(project, "monthly-active-users", **asked)) == {before: "1.0", yesterday: "2.0"}
    assert values(ask(project, "sticky-factor", **asked)) == {before: "1.0", yesterday: "1.0"}
    assert values(ask(project, "sessions", **asked)) == {before: "2.0", yesterday: "1.0"}
    assert values(ask(project, "sessions", TimeZone="Asia/Tokyo", **asked)) == {yesterday: "3.0"}
    assert values(ask(project, "sessions-per-user", **asked)) == {before: "2.0", yesterday: "0.5"}
    assert values(ask(project, "sign-ins", **asked)) == {yesterday: "1.0"}
    assert values(ask(project, "daily-active-users", Platform="ios", **asked)) == {yesterday: "1.0"}
    segment = project.segment({"Demographic": {"Platform": {"Values": ["iOS"]}}})
    assert values(ask(project, "daily-active-users", SegmentId=segment, **asked)) == {yesterday: "1.0"}


def test_as_csv_and_on_the_command_line(project: Project, days: list[str]) -> None:
    before, yesterday = days

    def run(*arguments: str) -> str:
        where = ["--url", project.server.url, "--region", REGION, "--data", str(project.server.data)]
        environ = {"CLARION_ACCESS_KEY_ID": "AKIDROOT", "CLARION_SECRET_ACCESS_KEY": "root-secret"}
        result = CliRunner().invoke(commands, ["chart", *arguments, *where], env=environ)
        assert result.exit_code == 0, result.output
        return result.stdout.replace("\r\n", "\n")

    asked = ["--app", project.id, "--from", before, "--to", yesterday]
    assert run("show", "sessions", *asked) == f"Date\tSessions\n{before}\t2\n{yesterday}\t1\n"
    assert run("show", "sessions", *asked, "--csv") == f"Date,Sessions\n{before},2.0\n{yesterday},1.0\n"
    assert run("show", "sticky-factor", *asked, "--with", "By=User", "--platform", "ios") == (
        f"Date\tStickyFactor\n{yesterday}\t1\n"
    )
    assert "sticky-factor\tDate\tBy\t" in run("list")


def test_who_is_erased_was_never_there(project: Project, days: list[str]) -> None:
    before, yesterday = days
    asked = {"StartTime": before, "EndTime": yesterday}
    body = {"ApplicationId": project.id, "UserId": "lea", "WaitSeconds": 30}
    assert project.server.control("POST", "users/erase", body)["State"] == "COMPLETED"
    for name in ("daily-active-users", "daily-active-endpoints", "new-users", "events"):
        assert values(ask(project, name, **asked)) == {yesterday: "1.0"}, name
    assert values(ask(project, "sessions", **asked)) == {}


@pytest.mark.parametrize(
    ("name", "members", "status", "word"),
    [
        ("sessions-per-moon", {}, 404, "sessions-per-moon"),
        ("sessions", {"SegmentId": "nothing"}, 404, ""),
        ("sessions", {"StartTime": "2027-03-02", "EndTime": "2027-03-01"}, 400, "StartTime"),
        ("sessions", {"StartTime": "2099-03-02"}, 400, "StartTime"),
        ("sessions", {"StartTime": "2001-03-02"}, 400, "StartTime"),
        ("sessions", {"TimeZone": "Middle/Earth"}, 400, "TimeZone"),
        ("sessions", {"EventType": "cart.left"}, 400, "EventType"),
        ("sessions", {"Segmentid": "nothing"}, 400, "Segmentid: there is no such parameter"),
        ("event-metric", {"Metric": "amount"}, 400, "Metric.name=value"),
        ("sticky-factor", {"By": "Moon"}, 400, "By"),
    ],
)
def test_what_cannot_be_asked(project: Project, name: str, members: dict[str, str], status: int, word: str) -> None:
    query = urlencode({"ApplicationId": project.id, **members})
    found, answer = project.server.raw("GET", f"/clarion/v1/charts/{name}?{query}")
    assert found == status
    assert word in answer["Message"]
