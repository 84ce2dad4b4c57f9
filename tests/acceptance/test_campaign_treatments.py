"""A/B tests and hold-outs: who gets what, when, and what is told of it. Source: spec of campaigns, section 5."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.acceptance.project import Project
from tests.acceptance.test_apps import DATE

NAMES = [f"e{number:02}" for number in range(30)]
FAR = {"StartTime": "2099-01-01T00:00:00Z"}


def email(title: str) -> dict[str, Any]:
    return {"EmailMessage": {"Title": title, "Body": "b"}}


def other(size: int, title: str, **members: Any) -> dict[str, Any]:
    return {"SizePercent": size, "MessageConfiguration": email(title), **members}


def runs(project: Project, campaign: str) -> dict[str, dict[str, Any]]:
    """The activities of a campaign that ran once, by treatment."""
    found = project.activities(campaign)
    by_treatment = {one["TreatmentId"]: one for one in found}
    assert len(by_treatment) == len(found)
    return by_treatment


def test_what_is_echoed(project: Project) -> None:
    later = {**FAR, "IsLocalTime": False, "Timezone": "utc"}
    sent = [
        other(10, "one", TreatmentName="n", TreatmentDescription="d", Schedule=later),
        {"SizePercent": 20},
        {"SizePercent": 0, "TemplateConfiguration": {}},
        other(30, "four"),
    ]
    write = {"HoldoutPercent": 40, "AdditionalTreatments": sent, "TreatmentName": "default"}
    made = project.campaign(project.segment(), Schedule=FAR, **write)
    state = {"CampaignStatus": "SCHEDULED"}
    assert made["AdditionalTreatments"] == [
        {**one, "Id": str(number), "State": state} for number, one in enumerate(sent, 1)
    ]
    assert (made["State"], made["DefaultState"], made["HoldoutPercent"]) == (state, state, 40)
    assert project.get_campaign(made["Id"]) == made
    alone = project.campaign(project.segment(), Schedule=FAR)
    assert "DefaultState" not in alone


def test_everybody_gets_what_is_theirs(project: Project) -> None:
    project.people(NAMES)
    segment = project.segment()
    write = {"HoldoutPercent": 20, "AdditionalTreatments": [other(30, "one"), other(20, "two")]}
    campaign = project.campaign(segment, **write)["Id"]
    project.server.settle()
    titles = {"0": "Hello", "1": "one", "2": "two"}
    mail = project.mail(campaign)
    assert all(one["Subject"] == titles[one["TreatmentId"]] for one in mail)
    got = Counter(one["TreatmentId"] for one in mail)
    assert len({one["EndpointId"] for one in mail}) == len(mail)
    found = runs(project, campaign)
    assert found.keys() == titles.keys()
    held = len(NAMES) - len(mail)
    for treatment, run in found.items():
        told = got[treatment] + (held if treatment == "0" else 0)
        assert DATE.fullmatch(run["Start"])
        assert (run["State"], run["Result"]) == ("COMPLETED", "SUCCESS")
        assert (run["TotalEndpointCount"], run["SuccessfulEndpointCount"]) == (got[treatment], got[treatment])
        metrics = run["ExecutionMetrics"]
        assert metrics["ENDPOINT_PRODUCED"] == str(len(NAMES))
        assert metrics.get("TREATMENT_HOLDOUT", "0") == str(len(NAMES) - told)
    done = project.get_campaign(campaign)
    assert done["State"] == done["DefaultState"] == {"CampaignStatus": "COMPLETED"}
    [left] = sorted(set(NAMES) - {one["EndpointId"] for one in mail})[:1] or [None]
    if left is not None:
        path = f"why?ApplicationId={project.id}&EndpointId={left}&CampaignId={campaign}"
        [decision] = project.server.control("GET", path)["Decisions"]
        assert (decision["Status"], decision["TreatmentId"]) == ("HOLDOUT", "0")


def test_a_recipient_keeps_the_treatment_in_all_runs(project: Project) -> None:
    project.people(NAMES)
    daily = {"StartTime": project.in_time("PT1H"), "Frequency": "DAILY"}
    campaign = project.campaign(project.segment(), Schedule=daily, AdditionalTreatments=[other(50, "one")])["Id"]
    project.server.advance("P2DT2H")
    of_person: dict[str, set[str]] = {}
    for one in project.mail(campaign):
        of_person.setdefault(one["EndpointId"], set()).add(one["TreatmentId"])
    assert sorted(of_person) == NAMES
    assert all(len(treatments) == 1 for treatments in of_person.values())
    assert Counter(one["TreatmentId"] for one in project.activities(campaign)) == {"0": 3, "1": 3}
    assert project.status(campaign) == "PENDING_NEXT_RUN"


def test_a_treatment_with_a_schedule_of_its_own(project: Project) -> None:
    project.people(NAMES)
    later = {"StartTime": project.in_time("PT3H")}
    campaign = project.campaign(
        project.segment(), AdditionalTreatments=[{"SizePercent": 50, "Schedule": later, "TreatmentName": "evening"}]
    )["Id"]
    project.server.settle()
    first = project.get_campaign(campaign)
    assert first["DefaultState"] == {"CampaignStatus": "COMPLETED"}
    assert first["AdditionalTreatments"][0]["State"] == {"CampaignStatus": "SCHEDULED"}
    assert first["State"] == {"CampaignStatus": "PENDING_NEXT_RUN"}
    assert {one["TreatmentId"] for one in project.mail(campaign)} == {"0"}
    project.server.advance("PT3H")
    assert project.status(campaign) == "COMPLETED"
    assert project.reached(campaign) == NAMES
    assert {one["SentAt"] for one in project.mail(campaign) if one["TreatmentId"] == "1"} == {later["StartTime"]}


def test_pausing_and_deleting_reach_all_treatments(project: Project) -> None:
    project.people(NAMES)
    segment = project.segment()
    first, second = {"StartTime": project.in_time("PT1H")}, {"StartTime": project.in_time("PT2H")}
    write = {"Schedule": first, "AdditionalTreatments": [other(50, "one", Schedule=second)]}
    campaign = project.campaign(segment, **write)["Id"]
    paused = project.update(campaign, segment, **write, IsPaused=True)
    assert paused["State"] == paused["DefaultState"] == paused["AdditionalTreatments"][0]["State"]
    assert paused["State"] == {"CampaignStatus": "PAUSED"}
    project.server.advance("PT90M")
    assert project.mail(campaign) == []
    resumed = project.update(campaign, segment, **write, IsPaused=False)
    assert resumed["DefaultState"] == {"CampaignStatus": "COMPLETED"}
    assert resumed["AdditionalTreatments"][0]["State"] == {"CampaignStatus": "SCHEDULED"}
    project.server.advance("PT1H")
    assert {one["TreatmentId"] for one in project.mail(campaign)} == {"1"}
    waiting = project.campaign(
        segment, Schedule={"StartTime": project.in_time("PT1H")}, AdditionalTreatments=[other(50, "x")]
    )
    gone = project.pinpoint.delete_campaign(ApplicationId=project.id, CampaignId=waiting["Id"])["CampaignResponse"]
    assert gone["AdditionalTreatments"][0]["State"] == {"CampaignStatus": "DELETED"}
    project.server.advance("PT2H")
    assert project.mail(waiting["Id"]) == []


def test_templates_of_treatments_are_kept_when_they_are_deleted(project: Project) -> None:
    project.people(NAMES)
    pinpoint, names = project.pinpoint, [f"{project.id[:8]}-{which}" for which in ("a", "b")]
    for name in names:
        pinpoint.create_email_template(
            TemplateName=name, EmailTemplateRequest={"Subject": f"{name} {{{{Id}}}}", "TextPart": "t"}
        )
    campaign = project.campaign(
        project.segment(),
        Schedule={"StartTime": project.in_time("PT1H")},
        MessageConfiguration=None,
        TemplateConfiguration={"EmailTemplate": {"Name": names[0]}},
        AdditionalTreatments=[
            {"SizePercent": 50, "TemplateConfiguration": {"EmailTemplate": {"Name": names[1], "Version": "1"}}}
        ],
    )["Id"]
    for name in names:
        pinpoint.delete_email_template(TemplateName=name)
    project.server.advance("PT1H")
    subjects = {(one["TreatmentId"], one["Subject"]) for one in project.mail(campaign)}
    assert len(subjects) == len(NAMES)
    assert all(re.fullmatch(rf"{names[int(treatment)]} e\d\d", subject) for treatment, subject in subjects)


def test_a_treatment_cannot_be_called_with_more_than_there_is(project: Project) -> None:
    segment = project.segment()
    for write, said in (
        ({"AdditionalTreatments": [other(60, "a"), other(41, "b")]}, "101 together"),
        ({"HoldoutPercent": 50, "AdditionalTreatments": [other(51, "a")]}, "101 together"),
        ({"AdditionalTreatments": [other(10, "a")] * 5}, "at most 4"),
        ({"AdditionalTreatments": [other(10, "{{#if}}")]}, "AdditionalTreatments[0].MessageConfiguration"),
    ):
        with pytest.raises(ClientError, match=re.escape(said)) as raised:
            project.campaign(segment, **write)
        assert raised.value.response["Error"]["Code"] == "BadRequestException"
