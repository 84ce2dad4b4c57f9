"""Retention, funnels and paths over HTTP, of events that boto3 put."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.acceptance.project import Project

STEPS = ["item.seen?Attribute.category=shoes %26 more", "cart.filled", "bought?Metric.units=2"]


def ask(project: Project, name: str, **members: Any) -> list[tuple[list[str], dict[str, str]]]:
    query = urlencode({"ApplicationId": project.id, **members}, doseq=True)
    rows = project.server.control("GET", f"charts/{name}?{query}")["Rows"]
    return [
        (
            [group["Value"] for group in row["GroupedBys"]],
            {value["Key"]: value["Value"] for value in row["Values"]},
        )
        for row in rows
    ]


@pytest.fixture
def day(project: Project) -> str:
    """Three days ago: Lea saw shoes on her phone, bought them on her tablet, and came back the day after. Jon only saw
    them."""
    first = datetime.fromisoformat(project.in_time("PT0S")).date() - timedelta(days=3)
    day, after = first.isoformat(), (first + timedelta(days=1)).isoformat()
    shoes = {"Attributes": {"category": "shoes & more"}}

    def put(endpoint: str, user: str, **events: dict[str, Any]) -> None:
        batch = {endpoint: {"Endpoint": {"User": {"UserId": user}}, "Events": events}}
        project.events(batch)
        project.events(batch)

    put("phone", "lea", a={"EventType": "item.seen", "Timestamp": f"{day}T09:00:00Z", **shoes})
    put(
        "tablet",
        "lea",
        c={"EventType": "bought", "Timestamp": f"{day}T09:10:00Z", "Metrics": {"units": 2}},
        b={"EventType": "cart.filled", "Timestamp": f"{day}T09:01:00Z"},
        d={"EventType": "item.seen", "Timestamp": f"{after}T09:00:00Z"},
    )
    put("web", "jon", a={"EventType": "item.seen", "Timestamp": f"{day}T09:00:00Z", **shoes})
    return day


def test_what_people_do_one_after_another(project: Project, day: str) -> None:
    asked = {"StartTime": day, "By": "User"}
    assert ask(project, "funnel", Step=STEPS, Window="PT1H", **asked) == [
        (["1", STEPS[0]], {"People": "2.0", "Share": "1.0"}),
        (
            ["2", STEPS[1]],
            {"People": "1.0", "Share": "0.5", "ShareOfPrevious": "0.5", "Lost": "1.0", "MedianSeconds": "60.0"},
        ),
        (
            ["3", STEPS[2]],
            {"People": "1.0", "Share": "0.5", "ShareOfPrevious": "1.0", "Lost": "0.0", "MedianSeconds": "540.0"},
        ),
    ]
    by_endpoint = ask(project, "funnel", EventType=["item.seen", "bought"], StartTime=day)
    assert [values["People"] for _, values in by_endpoint] == ["3.0", "0.0"]
    assert ask(project, "daily-retention", **asked) == [([day], {"People": "2.0", "Retention1Day": "0.5"})]
    assert ask(project, "retention-cohorts", **asked)[0][1]["People"] == "2.0"
    paths = {
        "/".join(groups): values["People"] for groups, values in ask(project, "paths-after", Step=STEPS[:1], **asked)
    }
    assert paths == {"cart.filled/bought/item.seen//": "1.0", "(end)////": "1.0"}


@pytest.mark.parametrize(
    ("name", "members", "word"),
    [
        ("funnel", {"Step": ["a.a"]}, "2 to 10 steps"),
        ("funnel", {"Step": ["a.a", "a.a"]}, "the same as step 1"),
        ("funnel", {"Step": [f"a.{number}" for number in range(11)]}, "not 11"),
        ("funnel", {"Step": ["a.a", "b.b"], "Window": "soon"}, "Window"),
        ("paths-before", {}, "Step"),
        ("daily-retention", {"Step": ["a.a"]}, "Step"),
    ],
)
def test_what_cannot_be_asked(project: Project, name: str, members: dict[str, Any], word: str) -> None:
    query = urlencode({"ApplicationId": project.id, **members}, doseq=True)
    status, answer = project.server.raw("GET", f"/clarion/v1/charts/{name}?{query}")
    assert status == 400
    assert word in answer["Message"]
