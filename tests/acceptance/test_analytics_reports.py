"""Dashboards, saved reports, how long events are kept: over the control API and with the commands; and that KPIs agree
with what campaigns and journeys say of themselves."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner, Result

from clarion.cli.main import app as commands
from tests.acceptance.letters import go, journey, mail, template
from tests.acceptance.project import Project
from tests.acceptance.running import REGION


def get(project: Project, path: str, **query: str) -> Any:
    return raw(project, "GET", path, **query)[1]


def raw(project: Project, method: str, path: str, body: object = None, **query: str) -> tuple[int, Any]:
    asked = "&".join(f"{name}={value}" for name, value in {"ApplicationId": project.id, **query}.items())
    return project.server.raw(method, f"/clarion/v1/{path}?{asked}", body)


def run(project: Project, *arguments: str) -> Result:
    server = project.server
    where = ["--app", project.id, "--url", server.url, "--region", REGION, "--data", str(server.data)]
    environ = {"CLARION_ACCESS_KEY_ID": "AKIDROOT", "CLARION_SECRET_ACCESS_KEY": "root-secret"}
    return CliRunner().invoke(commands, [*arguments, *where], env=environ)


@pytest.fixture
def day(project: Project) -> str:
    """Yesterday: there were two visitors, one bought something."""
    day = (datetime.fromisoformat(project.in_time("PT0S")) - timedelta(days=1)).date().isoformat()

    def event(type: str, hour: int, **more: Any) -> dict[str, Any]:
        return {"EventType": type, "Timestamp": f"{day}T{hour:02}:00:00Z", **more}

    bought = event("_monetization.purchase", 10, Metrics={"_item_price": 2.5, "_quantity": 2})
    bought["Attributes"] = {"_currency": "USD", "_product_id": "hat"}
    project.events_raw(
        {
            "lea": {"Endpoint": {}, "Events": {"1": event("_session.start", 9), "2": bought}},
            "jon": {"Endpoint": {}, "Events": {"3": event("_session.start", 11)}},
        }
    )
    return day


def values(chart: dict[str, Any], key: str) -> list[str]:
    return [one["Value"] for row in chart["Rows"] for one in row["Values"] if one["Key"] == key]


def test_dashboards(project: Project, day: str) -> None:
    status, told = project.server.raw("GET", "/clarion/v1/dashboards")
    assert status == 200
    charts = {one["Name"]: one["Charts"] for one in told["Dashboards"]}
    assert list(charts) == [
        "overview", "usage", "revenue", "events", "demographics", "campaigns", "transactional", "journeys"
    ]  # fmt: skip
    answer = get(project, "dashboards/revenue", StartTime=day, EndTime=day)
    assert [one["Chart"] for one in answer["Charts"]] == charts["revenue"]
    assert {one["StartTime"] for one in answer["Charts"]} == {answer["StartTime"]} == {f"{day}T00:00:00.000Z"}
    assert values(answer["Charts"][0], "Revenue") == ["5.0"]
    # All can be asked, also of nothing.
    for name in charts:
        assert len(get(project, f"dashboards/{name}")["Charts"]) == len(charts[name])


def test_dashboards_as_csv(project: Project, day: str, tmp_path: Path) -> None:
    path = tmp_path / "usage.zip"
    assert run(project, "dashboard", "usage", "--from", day, "--to", day, "--csv", str(path)).exit_code == 0
    with zipfile.ZipFile(path) as files:
        assert "sessions.csv" in files.namelist()
        lines = list(csv.reader(io.StringIO(files.read("daily-active-endpoints.csv").decode())))
    assert lines == [["Date", "DailyActiveEndpoints"], [day, "2.0"]]
    zone = ("--zone", "Europe/Berlin")
    said = run(project, "dashboard", "events", "--from", day, "--to", day, *zone).output
    assert said.startswith(f"events, {day} to {day} (Europe/Berlin)")


@pytest.mark.parametrize(
    ("path", "query", "status", "word"),
    [
        ("dashboards/nothing", {}, 404, "nothing"),
        ("dashboards/usage", {"StartTime": "soon"}, 400, "StartTime"),
        ("dashboards/usage", {"Step": "a"}, 400, "Step"),
        ("dashboards/usage", {"Platfrom": "iOS"}, 400, "Platfrom: there is no such parameter"),
        ("dashboards/usage", {"Format": "pdf"}, 400, "Format"),
        ("dashboards/usage", {"ApplicationId": "0" * 32}, 404, ""),
        ("reports/nothing", {}, 404, ""),
        ("reports/nothing/result", {}, 404, ""),
        ("analytics/retention", {"ApplicationId": "0" * 32}, 404, ""),
    ],
)
def test_what_cannot_be_asked(project: Project, path: str, query: dict[str, str], status: int, word: str) -> None:
    found, answer = raw(project, "GET", path, **query)
    assert found == status
    assert word in answer["Message"]


def test_reports(project: Project, day: str) -> None:
    steps = ["_session.start", "_monetization.purchase"]
    asks = {"Name": "Bought", "Chart": "funnel", "Members": {"Step": steps, "StartTime": day, "EndTime": day}}
    status, saved = raw(project, "POST", "reports", asks)
    assert (status, saved["Chart"], saved["Members"]["Step"]) == (200, "funnel", steps)
    result = get(project, f"reports/{saved['Id']}/result")
    assert (result["Name"], [one["Chart"] for one in result["Charts"]]) == ("Bought", ["funnel"])
    assert len(result["Charts"][0]["Rows"]) == 2
    assert get(project, f"reports/{saved['Id']}/result", Format="csv").startswith("Step,")

    status, answer = raw(project, "POST", "reports", {"Name": "Bought", "Dashboard": "usage"})
    assert (status, "Bought" in answer["Message"]) == (409, True)
    status, other = raw(project, "POST", "reports", {"Name": "All", "Dashboard": "events", "LastDays": 7})
    assert status == 200
    ours = get(project, f"reports/{other['Id']}/result")
    assert len(ours["Charts"]) > 1
    first = datetime.fromisoformat(day) - timedelta(days=5)
    assert ours["StartTime"] == f"{first.date()}T00:00:00.000Z"
    theirs = get(project, f"reports/{other['Id']}/result", StartTime=day, EndTime=day)
    assert theirs["StartTime"] == f"{day}T00:00:00.000Z"
    assert [one["Name"] for one in get(project, "reports")["Reports"]] == ["All", "Bought"]

    status, changed = raw(project, "PUT", f"reports/{saved['Id']}", {**asks, "Name": "Sold"})
    assert (status, changed["Name"], changed["CreatedAt"]) == (200, "Sold", saved["CreatedAt"])
    assert raw(project, "DELETE", f"reports/{saved['Id']}")[0] == 204
    assert raw(project, "GET", f"reports/{saved['Id']}")[0] == 404
    assert raw(project, "DELETE", f"reports/{saved['Id']}")[0] == 404


@pytest.mark.parametrize(
    ("asks", "status", "word"),
    [
        ({"Chart": "sessions"}, 400, "Name"),
        ({"Name": "x"}, 400, "Chart"),
        ({"Name": "x", "Chart": "sessions", "Dashboard": "usage"}, 400, "Chart"),
        ({"Name": "x", "Chart": "nothing"}, 404, "nothing"),
        ({"Name": "x", "Dashboard": "nothing"}, 404, "nothing"),
        ({"Name": "x", "Chart": "sessions", "Members": {"Colour": "red"}}, 400, "Members.Colour"),
        ({"Name": "x", "Chart": "sessions", "Members": {"Step": ["a", "b"]}}, 400, "Step"),
        ({"Name": "x", "Chart": "sessions", "Members": {"Platform": 3}}, 400, "Members.Platform"),
        ({"Name": "x", "Chart": "funnel", "Members": {"Step": ["a"]}}, 400, "Step"),
        ({"Name": "x", "Chart": "funnel", "Members": {"Step": ["a", "a"]}}, 400, "Step"),
        ({"Name": "x", "Chart": "sessions", "Members": {"SegmentId": "none"}}, 404, ""),
        ({"Name": "x", "Chart": "sessions", "LastDays": 0}, 400, "LastDays"),
        ({"Name": "x", "Chart": "sessions", "LastDays": 91}, 400, "90"),
        ({"Name": "x", "Chart": "sessions", "LastDays": 3, "Members": {"EndTime": "2027-01-01"}}, 400, "LastDays"),
    ],
)
def test_what_cannot_be_saved(project: Project, asks: dict[str, Any], status: int, word: str) -> None:
    found, answer = raw(project, "POST", "reports", asks)
    assert (found, word in answer["Message"]) == (status, True), answer


def test_how_long_events_are_kept(project: Project, day: str) -> None:
    whole = {"ApplicationId": project.id, "Days": 90}
    assert get(project, "analytics/retention") == whole
    assert raw(project, "PUT", "analytics/retention", {"Days": 0})[0] == 400
    assert raw(project, "PUT", "analytics/retention", {"Days": 400}) == (200, {**whole, "Days": 400, "OwnDays": 400})
    # Charts reach as far back.
    long_ago = (datetime.fromisoformat(day) - timedelta(days=200)).date().isoformat()
    assert raw(project, "GET", "charts/sessions", StartTime=long_ago)[0] == 200
    assert raw(project, "PUT", "analytics/retention", {"Days": 1}) == (200, {**whole, "Days": 1, "OwnDays": 1})
    assert raw(project, "GET", "charts/sessions", StartTime=long_ago)[0] == 400
    assert raw(project, "PUT", "analytics/retention", {"Days": None}) == (200, whole)


def test_commands(project: Project, day: str) -> None:
    assert "overview" in run(project, "dashboard").stdout
    shown = run(project, "dashboard", "usage", "--from", day, "--to", day)
    assert (shown.exit_code, f"{day}\t2.0" in shown.stdout) == (0, True)
    assert run(project, "dashboard", "usage", "--with", "Step").exit_code == 1

    funnel = ["--chart", "funnel", "--with", "Step=_session.start", "--with", "Step=_monetization.purchase"]
    assert run(project, "report", "save", "Bought", *funnel).exit_code == 0
    assert run(project, "report", "save", "Bought", *funnel, "--last-days", "80").exit_code == 0
    listed = run(project, "report", "list", "--json")
    assert [one["LastDays"] for one in json.loads(listed.stdout)["Reports"]] == [80]
    shown = run(project, "report", "show", "Bought", "--json")
    assert json.loads(shown.stdout)["Charts"][0]["Chart"] == "funnel"
    assert "Step\tName" in run(project, "report", "show", "Bought").stdout
    assert run(project, "report", "delete", "Bought").exit_code == 0
    assert run(project, "report", "show", "Bought").exit_code == 1

    assert "90 days" in run(project, "retention", "show").stdout
    assert "100 days" in run(project, "retention", "set", "100").stdout
    assert "as the settings say" in run(project, "retention", "set").stdout


class TestKpis:
    """What the KPIs say is what campaigns and journeys say of themselves."""

    def test_of_a_campaign(self, project: Project) -> None:
        template(project)
        project.people(["lea", "jon"])
        project.put("bad", ChannelType="EMAIL", Address="bounce@simulator.amazonses.com")
        campaign = project.campaign(project.segment())["Id"]
        project.server.settle()
        which = {"ApplicationId": project.id, "CampaignId": campaign}
        [run] = project.pinpoint.get_campaign_activities(**which)["ActivitiesResponse"]["Item"]

        def kpi(name: str) -> list[tuple[str, float]]:
            answer = project.pinpoint.get_campaign_date_range_kpi(**which, KpiName=name)
            rows = answer["CampaignDateRangeKpiResponse"]["KpiResult"]["Rows"]
            return [(row["GroupedBys"][0]["Value"], float(row["Values"][0]["Value"])) for row in rows]

        attempted = kpi("attempted-deliveries-grouped-by-campaign-activity")
        assert attempted == [(run["Id"], float(run["TotalEndpointCount"]))] == [(run["Id"], 3.0)]
        assert kpi("successful-deliveries-grouped-by-campaign-activity") == [(run["Id"], 2.0)]

    def test_of_a_journey(self, project: Project) -> None:
        template(project)
        project.people(["lea", "jon"])
        made = journey(project, {"mailA": mail(project)})
        go(project, "PT10M")
        which = {"ApplicationId": project.id, "JourneyId": made}
        answer = project.pinpoint.get_journey_date_range_kpi(**which, KpiName="journey-emails-sent")
        [row] = answer["JourneyDateRangeKpiResponse"]["KpiResult"]["Rows"]
        step = project.pinpoint.get_journey_execution_activity_metrics(**which, JourneyActivityId="mailA")
        metrics = step["JourneyExecutionActivityMetricsResponse"]["Metrics"]
        assert float(row["Values"][0]["Value"]) == float(metrics["SUCCESS"]) == 2.0

    def test_pages(self, project: Project) -> None:
        asked = {"ApplicationId": project.id, "KpiName": "txn-emails-sent"}
        kpi = project.pinpoint.get_application_date_range_kpi
        assert kpi(**asked, PageSize="5")["ApplicationDateRangeKpiResponse"]["KpiResult"]["Rows"] == []
        with pytest.raises(ClientError, match="NextToken"):
            kpi(**asked, NextToken="eyJhIjoxfQ==")

    def test_the_future(self, project: Project) -> None:
        asked = {"ApplicationId": project.id, "KpiName": "txn-emails-sent"}
        with pytest.raises(ClientError, match="future") as caught:
            project.pinpoint.get_application_date_range_kpi(
                **asked, StartTime="2033-01-01T00:00:00Z", EndTime="2033-01-02T00:00:00Z"
            )
        assert caught.value.response["Error"]["Code"] == "BadRequestException"
