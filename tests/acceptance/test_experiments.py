"""Conversion goals, results, and winners of a test that go to the rest: what Clarion adds to A/B tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.project import Project
from tests.acceptance.running import REGION
from tests.acceptance.stacks import START, embedded
from tests.acceptance.test_campaign_treatments import other

NAMES = [f"e{number:02}" for number in range(40)]
GOAL = {
    "EventType": "bought",
    "Days": 7,
    "Attributes": {"plan": {"Values": ["pro"]}},
    "Metrics": {"sum": {"ComparisonOperator": "GREATER_THAN", "Value": 10}},
}
WINNER = {"TestPercent": 50, "Minutes": 30, "Metric": "OPEN"}


def create(project: Project, segment: str, **write: Any) -> tuple[int, dict[str, Any]]:
    """CreateCampaign with members that boto3 does not know: status and body."""
    return project.server.raw("POST", f"/v1/apps/{project.id}/campaigns", project.write(segment, **write))


def made(project: Project, **write: Any) -> str:
    """A campaign to forty people, sent as far as it goes at once."""
    project.people(NAMES)
    status, answer = create(project, project.segment(), **write)
    assert status == 201, answer
    project.server.settle()
    return str(answer["Id"])


def results(project: Project, campaign: str) -> dict[str, Any]:
    path = f"campaigns/results?ApplicationId={project.id}&CampaignId={campaign}"
    return dict(project.server.control("GET", path))


def groups(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["Group"]: one for one in found["Groups"]}


def clarion(project: Project, *arguments: str) -> str:
    """`clarion campaign` on the project."""
    server = project.server
    where = ["--app", project.id, "--url", server.url, "--region", REGION, "--data", str(server.data)]
    return server.clarion("campaign", *arguments, *where).stdout


def buy(project: Project, *names: str, total: float = 20.0) -> None:
    event = {
        "EventType": "bought",
        "Timestamp": START,
        "Attributes": {"plan": "pro"},
        "Metrics": {"sum": total},
    }
    project.events({name: {"Endpoint": {}, "Events": {"e": event}} for name in names})


def by_treatment(project: Project, campaign: str) -> dict[str, list[str]]:
    """Who was sent which treatment; nobody may have two messages."""
    mail = project.mail(campaign)
    assert len({one["EndpointId"] for one in mail}) == len(mail)
    found: dict[str, list[str]] = {}
    for one in mail:
        found.setdefault(one["TreatmentId"], []).append(one["EndpointId"])
    return found


def opened(project: Project, campaign: str, treatment: str) -> None:
    """Everybody who was sent that treatment opens it."""
    for one in project.mail(campaign):
        if one["TreatmentId"] == treatment:
            project.server.control("POST", "feedback", {"MessageId": one["MessageId"], "Type": "Open"})


def test_results(project: Project) -> None:
    campaign = made(
        project,
        ConversionGoal=GOAL,
        HoldoutPercent=30,
        AdditionalTreatments=[other(35, "short", TreatmentName="short")],
    )
    path = f"/v1/apps/{project.id}/campaigns/{campaign}"
    assert project.server.raw("GET", path)[1]["ConversionGoal"] == GOAL
    got = by_treatment(project, campaign)
    held = [name for name in NAMES if name not in got["0"] + got["1"]]
    nothing = results(project, campaign)
    assert nothing["Confidence"] == 0.95
    assert all("cannot be said yet" in sentence for sentence in nothing["Conclusions"])
    buy(project, *got["1"], held[0])
    buy(project, got["0"][0], total=5.0)
    opened(project, campaign, "0")
    found = results(project, campaign)
    one = groups(found)
    assert {name: (one[name]["People"], one[name]["Conversions"], one[name]["Opens"]) for name in one} == {
        "0": (len(got["0"]), 0, len(got["0"])),
        "1": (len(got["1"]), len(got["1"]), 0),
        "holdout": (len(held), 1, 0),
    }
    assert one["1"]["Rate"] == 1.0
    against = one["1"]["AgainstHoldout"]
    assert against["Difference"] == pytest.approx(1 - 1 / len(held))
    assert against["Low"] < against["Difference"]
    assert against["Lift"] == pytest.approx(len(held) - 1)
    assert one["1"]["AgainstDefault"]["Lift"] is None
    assert "AgainstDefault" not in one["0"]
    assert len(found["Conclusions"]) == 3
    project.server.advance("P8D")
    buy(project, *got["0"])
    assert groups(results(project, campaign))["0"]["Conversions"] == 0
    table = clarion(project, "results", campaign).splitlines()
    assert table[0].startswith("GROUP\tNAME\tPEOPLE\tCONVERTED\tRATE")
    assert table[2].startswith(f"1\tshort\t{len(got['1'])}\t{len(got['1'])}\t100.00%\t")
    assert "treatment 1 (short)" in table[5].lower()
    assert json.loads(clarion(project, "results", campaign, "--json")) == results(project, campaign)


def test_results_of_a_campaign_without_goal(project: Project) -> None:
    campaign = made(project)
    found = results(project, campaign)
    assert found["Conclusions"] == ["The campaign has no ConversionGoal, so nothing can be said about what it brings."]
    assert [(one["Group"], one["People"]) for one in found["Groups"]] == [("0", len(NAMES))]
    server = project.server
    path = f"/clarion/v1/campaigns/results?ApplicationId={project.id}&CampaignId="
    assert server.raw("GET", path + campaign, key=server.key("reader"))[0] == 200
    assert server.raw("GET", path + campaign, key=server.key("client", app=project.id))[0] == 403
    assert server.raw("GET", path + "0" * 32)[0] == 404
    assert server.raw("GET", path)[0] == 400


def test_the_winner_goes_to_the_rest(project: Project) -> None:
    campaign = made(project, Winner=WINNER, HoldoutPercent=10, AdditionalTreatments=[other(45, "short")])
    test = by_treatment(project, campaign)
    assert project.status(campaign) == "PENDING_NEXT_RUN"
    assert results(project, campaign)["Winner"] == {"State": "WAITING"}
    opened(project, campaign, "1")
    project.server.advance("PT29M")
    assert by_treatment(project, campaign) == test
    assert json.loads(clarion(project, "stop", campaign, "--json"))["CampaignStatus"] == "PAUSED"
    assert results(project, campaign)["Winner"] == {"State": "HELD"}
    project.server.advance("PT5H")
    assert by_treatment(project, campaign) == test
    clarion(project, "resume", campaign)
    project.server.advance("PT1M")
    assert project.status(campaign) == "COMPLETED"
    after = by_treatment(project, campaign)
    assert after["0"] == test["0"]
    assert len(after["1"]) > len(test["1"])
    rest, *runs = project.server.raw("GET", f"/v1/apps/{project.id}/campaigns/{campaign}/activities")[1]["Item"]
    assert {one["TreatmentId"] for one in runs} == {"0", "1"}
    assert (rest["TreatmentId"], rest["Result"]) == ("1", "SUCCESS")
    assert rest["Reason"].startswith("winner of the test: treatment 1 has the best rate")
    found = results(project, campaign)
    assert found["Winner"] == {
        "State": "CHOSEN",
        "TreatmentId": "1",
        "ActivityId": rest["Id"],
        "ChosenAt": rest["ScheduledStart"],
        "Reason": rest["Reason"],
    }
    assert groups(found)["rest"]["People"] == len(after["1"]) - len(test["1"]) == rest["SuccessfulEndpointCount"]
    assert f"winner: CHOSEN: {rest['Reason']}" in clarion(project, "results", campaign)


def test_a_test_outlives_the_server(tmp_path: Path) -> None:
    with embedded(tmp_path, "--clock", f"virtual:{START}") as server:
        project = Project(server)
        campaign = made(project, Winner=WINNER, AdditionalTreatments=[other(50, "short")])
        test = by_treatment(project, campaign)
        server.kill()
        server.restart()
        project.reconnect()
        assert by_treatment(project, campaign) == test
        server.advance("PT30M")
        after = by_treatment(project, campaign)
        assert sorted(name for names in after.values() for name in names) == NAMES
        assert project.status(campaign) == "COMPLETED"


TREATMENTS = [other(40, "a")]
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no type": ({"ConversionGoal": {"Days": 1}}, "ConversionGoal.EventType"),
    "no days": ({"ConversionGoal": {"EventType": "a"}}, "ConversionGoal.Days"),
    "too long": ({"ConversionGoal": {"EventType": "a", "Days": 91}}, "ConversionGoal.Days"),
    "comparison": (
        {"ConversionGoal": {**GOAL, "Metrics": {"m": {"ComparisonOperator": "ABOUT", "Value": 1}}}},
        "ConversionGoal.Metrics.m.ComparisonOperator",
    ),
    "no values": ({"ConversionGoal": {**GOAL, "Attributes": {"a": {"Values": []}}}}, "ConversionGoal.Attributes.a"),
    "alone": ({"Winner": WINNER}, "Winner: needs AdditionalTreatments"),
    "no time": ({"Winner": {"TestPercent": 9, "Metric": "OPEN"}, "AdditionalTreatments": TREATMENTS}, "Winner: Hours"),
    "two times": ({"Winner": {**WINNER, "Hours": 1}, "AdditionalTreatments": TREATMENTS}, "Winner: Hours"),
    "all": ({"Winner": {**WINNER, "TestPercent": 100}, "AdditionalTreatments": TREATMENTS}, "Winner.TestPercent"),
    "too much": (
        {"Winner": {**WINNER, "TestPercent": 50}, "HoldoutPercent": 50, "AdditionalTreatments": TREATMENTS},
        "Winner.TestPercent",
    ),
    "too little": ({"Winner": {**WINNER, "TestPercent": 1}, "AdditionalTreatments": TREATMENTS}, "Winner.TestPercent"),
    "metric": ({"Winner": {**WINNER, "Metric": "FUN"}, "AdditionalTreatments": TREATMENTS}, "Winner.Metric"),
    "no goal": ({"Winner": {**WINNER, "Metric": "CONVERSION"}, "AdditionalTreatments": TREATMENTS}, "Winner.Metric"),
    "recurring": (
        {
            "Winner": WINNER,
            "AdditionalTreatments": TREATMENTS,
            "Schedule": {"StartTime": "IMMEDIATE", "Frequency": "DAILY"},
        },
        "Winner: only a campaign that is sent once",
    ),
    "local": (
        {
            "Winner": WINNER,
            "AdditionalTreatments": TREATMENTS,
            "Schedule": {"StartTime": "2036-01-01T00:00:00Z", "IsLocalTime": True},
        },
        "Winner: does not go with Schedule.IsLocalTime",
    ),
    "other times": (
        {"Winner": WINNER, "AdditionalTreatments": [other(40, "a", Schedule={"StartTime": "2036-01-01T00:00:00Z"})]},
        "AdditionalTreatments[0].Schedule",
    ),
}


def test_what_is_refused(project: Project) -> None:
    segment = project.segment()
    for name, (wrong, said) in WRONG.items():
        status, answer = create(project, segment, **wrong)
        assert (status, said in answer["Message"]) == (400, True), (name, answer)
