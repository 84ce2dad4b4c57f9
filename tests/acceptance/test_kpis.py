"""KPIs of a project, a campaign and a journey agree with what was sent. Source: spec of analytics, 1 to 6."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.acceptance.letters import go, journey, mail, template
from tests.acceptance.project import Project


def rows(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (row["GroupedBys"][0]["Value"] if row["GroupedBys"] else "", row["Values"][0]["Value"])
        for row in answer["KpiResult"]["Rows"]
    ]


def of_app(project: Project, name: str, **dates: Any) -> dict[str, Any]:
    answer = project.pinpoint.get_application_date_range_kpi(ApplicationId=project.id, KpiName=name, **dates)
    return dict(answer["ApplicationDateRangeKpiResponse"])


def test_what_was_sent(project: Project) -> None:
    template(project)
    project.people(["lea", "jon"])
    project.put("bad", ChannelType="EMAIL", Address="bounce@simulator.amazonses.com")
    campaign = project.campaign(project.segment())["Id"]
    project.server.settle()
    words = {"EmailMessage": {"SimpleEmail": {"Subject": {"Data": "s"}, "TextPart": {"Data": "t"}}}}
    to = {"Endpoints": {"lea": {}}, "MessageConfiguration": words}
    project.pinpoint.send_messages(ApplicationId=project.id, MessageRequest=to)
    activities = {
        "mailA": mail(project, "wait"),
        "wait": {"Wait": {"WaitTime": {"WaitFor": "P1D"}, "NextActivity": "mailB"}},
        "mailB": mail(project),
    }
    made = journey(project, activities)
    go(project, "PT10M", "P1D")

    answer = of_app(project, "successful-deliveries-grouped-by-campaign")
    assert rows(answer) == [(campaign, "2.0")]
    assert (answer["ApplicationId"], answer["KpiName"]) == (project.id, "successful-deliveries-grouped-by-campaign")
    assert answer["StartTime"] < answer["EndTime"]
    assert rows(of_app(project, "txn-emails-sent")) == [("", "1.0")]
    [value] = of_app(project, "txn-emails-sent")["KpiResult"]["Rows"][0]["Values"]
    assert value == {"Key": "TxnEmailsSent", "Type": "Double", "Value": "1.0"}
    assert rows(of_app(project, "txn-sms-sent")) == []

    of_campaign = project.pinpoint.get_campaign_date_range_kpi(
        ApplicationId=project.id, CampaignId=campaign, KpiName="hard-bounce-rate"
    )["CampaignDateRangeKpiResponse"]
    assert of_campaign["CampaignId"] == campaign
    assert float(rows(of_campaign)[0][1]) == pytest.approx(1 / 3)

    asked = {"ApplicationId": project.id, "JourneyId": made, "KpiName": "emails-sent-grouped-by-journey-activity"}
    of_journey = project.pinpoint.get_journey_date_range_kpi(**asked)["JourneyDateRangeKpiResponse"]
    assert rows(of_journey) == [("mailA", "3.0"), ("mailB", "3.0")]
    metrics = project.pinpoint.get_journey_execution_activity_metrics(
        ApplicationId=project.id, JourneyId=made, JourneyActivityId="mailB"
    )["JourneyExecutionActivityMetricsResponse"]["Metrics"]
    assert metrics["SUCCESS"] == "3"


def test_dates(project: Project) -> None:
    now = project.in_time("PT0S")
    answer = of_app(project, "unique-deliveries", StartTime=now, EndTime=now)
    assert answer["StartTime"] == answer["EndTime"]
    for start, end in (("2020-01-01T00:00:00Z", now), (now, "2020-01-01T00:00:00Z")):
        with pytest.raises(ClientError) as caught:
            of_app(project, "unique-deliveries", StartTime=start, EndTime=end)
        assert caught.value.response["Error"]["Code"] == "BadRequestException"


def test_what_is_not_there(project: Project) -> None:
    pinpoint, nothing = project.pinpoint, "0" * 32
    with pytest.raises(pinpoint.exceptions.BadRequestException, match="KpiName"):
        of_app(project, "no-such-thing")
    with pytest.raises(pinpoint.exceptions.NotFoundException):
        pinpoint.get_application_date_range_kpi(ApplicationId=nothing, KpiName="unique-deliveries")
    with pytest.raises(pinpoint.exceptions.NotFoundException):
        pinpoint.get_campaign_date_range_kpi(ApplicationId=project.id, CampaignId=nothing, KpiName="unique-deliveries")
    with pytest.raises(pinpoint.exceptions.NotFoundException):
        pinpoint.get_journey_date_range_kpi(ApplicationId=project.id, JourneyId=nothing, KpiName="journey-emails-sent")
