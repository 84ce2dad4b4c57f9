"""Charts of events, money and messages over what a server did; they agree with KPIs, campaign activities and journey
metrics to the last unit."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.acceptance.letters import go, journey, mail, template
from tests.acceptance.project import Project

UNREACHABLE = "+14254147167"
"""A number of the SMS simulator."""


def rows(project: Project, name: str, **filters: str) -> list[tuple[list[str], dict[str, float]]]:
    """Each row's groups and values; `__` in a filter's name is a dot."""
    query = urlencode({"ApplicationId": project.id} | {key.replace("__", "."): text for key, text in filters.items()})
    found = project.server.control("GET", f"charts/{name}?{query}")["Rows"]
    return [
        (
            [one["Value"] for one in row.get("GroupedBys", [])],
            {one["Key"]: float(one["Value"]) for one in row["Values"]},
        )
        for row in found
    ]


def total(project: Project, name: str, **filters: str) -> dict[str, float]:
    """The sums of the values of all rows."""
    sums: dict[str, float] = {}
    for _, values in rows(project, name, **filters):
        for key, value in values.items():
            sums[key] = sums.get(key, 0) + value
    return sums


def of_campaign(project: Project, campaign: str, name: str) -> float:
    """A campaign's KPI."""
    answer = project.pinpoint.get_campaign_date_range_kpi(ApplicationId=project.id, CampaignId=campaign, KpiName=name)
    [row] = answer["CampaignDateRangeKpiResponse"]["KpiResult"]["Rows"]
    return float(row["Values"][0]["Value"])


def of_app(project: Project, name: str) -> float:
    """A project's KPI; 0 when it has no row."""
    answer = project.pinpoint.get_application_date_range_kpi(ApplicationId=project.id, KpiName=name)
    found = answer["ApplicationDateRangeKpiResponse"]["KpiResult"]["Rows"]
    return float(found[0]["Values"][0]["Value"]) if found else 0.0


def feedback(project: Project, campaign: str, endpoint_id: str, *kinds: str) -> None:
    """What becomes of a campaign's mail to an endpoint."""
    [found] = [one for one in project.mail(campaign) if one["EndpointId"] == endpoint_id]
    for kind in kinds:
        link = {"Link": "https://shop.example/"} if kind == "Click" else {}
        project.server.control("POST", "feedback", {"MessageId": found["MessageId"], "Type": kind, **link})


def test_a_campaign_with_every_outcome(project: Project) -> None:
    project.pinpoint.update_sms_channel(ApplicationId=project.id, SMSChannelRequest={"Enabled": True})
    project.people(["lea", "jon", "ann"])
    project.person("out", OptOut="ALL")
    project.put("again", ChannelType="EMAIL", Address="LEA@example.com")
    for name in ("bounce", "complaint"):
        project.put(name, ChannelType="EMAIL", Address=f"{name}@simulator.amazonses.com")
    project.put("phone", ChannelType="SMS", Address="+14254147755")
    project.put("off", ChannelType="SMS", Address=UNREACHABLE)
    words = {"EmailMessage": {"Title": "Hello", "Body": "Hello"}, "SMSMessage": {"Body": "Hello"}}
    campaign = project.campaign(project.segment(), MessageConfiguration=words)["Id"]
    project.server.settle()
    reached = project.reached(campaign)
    one = next(name for name in ("lea", "again") if name in reached)
    feedback(project, campaign, one, "Open", "Open", "Click")
    feedback(project, campaign, "jon", "Open")
    feedback(project, campaign, "ann", "SoftBounce")
    start = {"EventType": "_session.start", "Timestamp": project.in_time("PT1H")}
    bought = {
        "EventType": "_monetization.purchase",
        "Timestamp": project.in_time("PT2H"),
        "Attributes": {"_currency": "USD"},
        "Metrics": {"_item_price": 2.5, "_quantity": 2},
    }
    project.server.advance("PT3H")
    project.events({"jon": {"Endpoint": {}, "Events": {"s": start, "b": bought}}})

    [activity] = project.activities(campaign)
    [(groups, run)] = rows(project, "campaign-runs", CampaignId=campaign)
    assert groups == [campaign, activity["Id"], "0"]
    assert (run["Targeted"], run["Sent"]) == (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"])
    assert (run["Sent"], run["Delivered"], run["Bounced"], run["Complaints"]) == (7, 5, 1, 1)
    assert (run["Opened"], run["Clicked"], run["OptedOut"]) == (2, 1, 0)
    kpis = {
        "attempted-deliveries-grouped-by-campaign-activity": "Sent",
        "successful-deliveries-grouped-by-campaign-activity": "Delivered",
        "successful-delivery-rate": "DeliveryRate",
        "direct-email-opens-grouped-by-campaign-activity": "Opened",
        "email-open-rate": "EmailOpenRate",
        "clicks-grouped-by-campaign-activity": "Clicked",
        "hard-bounce-rate": "BounceRate",
        "sms-spend": "Spend",
    }
    assert {name: run[key] for name, key in kpis.items()} == {
        name: pytest.approx(of_campaign(project, campaign, name)) for name in kpis
    }
    # The same messages, by hour.
    by_hour = total(project, "campaign-performance", CampaignId=campaign, Interval="Hour")
    assert by_hour == {key: run[key] for key in by_hour}
    assert total(project, "messages-delivered") == {"MessagesDelivered": run["Delivered"]}
    unique = of_campaign(project, campaign, "unique-deliveries")
    assert total(project, "endpoint-deliveries") == {"EndpointDeliveries": unique}
    assert total(project, "campaign-sessions", CampaignId=campaign)["CampaignSessions"] == 1
    assert total(project, "campaign-units-sold")["UnitsSold"] == 2
    assert total(project, "revenue") == {"Revenue": 5.0}
    assert rows(project, "campaign-runs", CampaignId="0" * 32) == []


def test_a_journey_and_a_program(project: Project) -> None:
    template(project)
    project.people(["lea", "jon"])
    project.put("bad", ChannelType="EMAIL", Address="bounce@simulator.amazonses.com")
    words = {"EmailMessage": {"SimpleEmail": {"Subject": {"Data": "s"}, "TextPart": {"Data": "t"}}}}
    to = {"Endpoints": {"lea": {}, "bad": {}}, "MessageConfiguration": words}
    project.pinpoint.send_messages(ApplicationId=project.id, MessageRequest=to)
    made = journey(project, {"mailA": mail(project)})
    go(project)
    [sent] = [one for one in project.mail() if one["EndpointId"] == "lea" and one.get("JourneyActivityId")]
    project.server.control("POST", "feedback", {"MessageId": sent["MessageId"], "Type": "Open"})

    [(groups, values)] = rows(project, "journey-performance", JourneyId=made)
    assert groups[1:] == [made, "mailA"]
    metrics = project.pinpoint.get_journey_execution_activity_metrics(
        ApplicationId=project.id, JourneyId=made, JourneyActivityId="mailA"
    )["JourneyExecutionActivityMetricsResponse"]["Metrics"]
    assert values["Sent"] == float(metrics["SUCCESS"])
    for key, name in {"Delivered": "delivered", "Opened": "opened", "HardBounced": "hardbounced"}.items():
        asked = {"ApplicationId": project.id, "JourneyId": made, "KpiName": f"journey-emails-{name}"}
        answer = project.pinpoint.get_journey_date_range_kpi(**asked)["JourneyDateRangeKpiResponse"]
        assert float(answer["KpiResult"]["Rows"][0]["Values"][0]["Value"]) == values[key]
    mails = total(project, "transactional-emails")
    assert mails["Sent"] == of_app(project, "txn-emails-sent") == 2
    assert mails["Delivered"] == of_app(project, "txn-emails-delivered") == 1
    [(groups, values)] = rows(project, "messages", Channel="EMAIL")
    assert (groups[1], values["Sent"], values["Failed"]) == ("EMAIL", 2, 1)


def test_custom_events(project: Project) -> None:
    names = {"lea": "shoes", "jon": "hats", "ann": "shoes"}
    for name, category in names.items():
        event = {
            "EventType": "cart.left",
            "Timestamp": project.in_time("PT0S"),
            "Attributes": {"category": category},
            "Metrics": {"amount": 10.0 if category == "hats" else 1.99},
        }
        project.person(name, Demographic={"Platform": "ios"})
        project.events({name: {"Endpoint": {}, "Events": {"e": event}}})
    assert total(project, "events") == {"Events": 3.0}
    assert total(project, "events", EventType="cart.left", Attribute__category="shoes") == {"Events": 2.0}
    assert total(project, "events", Metric__amount="1.99") == {"Events": 2.0}
    [(_, amount)] = rows(project, "event-metric", Metric__amount="")
    assert amount == {"Events": 3.0, "Minimum": 1.99, "Maximum": 10.0, "Average": pytest.approx(4.66), "Sum": 13.98}
    assert rows(project, "event-attribute", Dimension="category")[0] == (["shoes"], {"Events": 2.0})
    status, body = project.server.raw("GET", f"/clarion/v1/charts/demographics?ApplicationId={project.id}&Format=csv")
    assert (status, body) == (200, "Value,People,Share\r\nios,3.0,1.0\r\n")
    status, answer = project.server.raw("GET", f"/clarion/v1/charts/event-metric?ApplicationId={project.id}")
    assert (status, answer["Message"]) == (400, "MetricName: the chart event-metric needs it")
