"""Campaigns on every channel: what each of them says, to whom, and who is left out. Source: spec of campaigns, 3."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.acceptance.project import Project

KINDS = {"mail": "EMAIL", "droid": "GCM", "fire": "ADM", "bear": "BAIDU", "phone": "SMS"}
DEFAULT = {"DefaultMessage": {"Title": "Hi {{Attributes.name}}", "Body": "Body of {{Id}}"}}


@pytest.fixture
def everywhere(project: Project) -> Project:
    """A project with channels for all of `KINDS`, and an endpoint of each."""
    pinpoint, app = project.pinpoint, project.id
    pinpoint.update_gcm_channel(ApplicationId=app, GCMChannelRequest={"ApiKey": "key", "Enabled": True})
    secret = {"ClientId": "id", "ClientSecret": "secret", "Enabled": True}
    pinpoint.update_adm_channel(ApplicationId=app, ADMChannelRequest=secret)
    keys = {"ApiKey": "key", "SecretKey": "secret", "Enabled": True}
    pinpoint.update_baidu_channel(ApplicationId=app, BaiduChannelRequest=keys)
    pinpoint.update_sms_channel(ApplicationId=app, SMSChannelRequest={"Enabled": True, "SenderId": "Acme"})
    for name, kind in KINDS.items():
        address = {"EMAIL": "mail@example.com", "SMS": "+4915550001"}.get(kind, f"token-of-{name}")
        project.put(name, ChannelType=kind, Address=address, Attributes={"name": ["Lea"]})
    return project


def arrived(project: Project, campaign: str) -> dict[str, dict[str, Any]]:
    """What everybody got, by endpoint."""
    project.server.settle()
    found = project.mail(campaign)
    by_endpoint = {one["EndpointId"]: one for one in found}
    assert len(by_endpoint) == len(found)
    return by_endpoint


def metrics(project: Project, campaign: str) -> dict[str, str]:
    [activity] = project.activities(campaign)
    return dict(activity["ExecutionMetrics"])


def test_the_default_message_reaches_everybody(everywhere: Project) -> None:
    campaign = everywhere.campaign(everywhere.segment(), MessageConfiguration=DEFAULT)["Id"]
    found = arrived(everywhere, campaign)
    assert found.keys() == KINDS.keys()
    assert {name: one["Text"] for name, one in found.items()} == {name: f"Body of {name}" for name in KINDS}
    assert {name for name, one in found.items() if one.get("Subject") == "Hi Lea"} == KINDS.keys() - {"phone"}
    [activity] = everywhere.activities(campaign)
    assert (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"]) == (5, 5)
    assert everywhere.status(campaign) == "COMPLETED"


def test_a_channels_own_message_beats_the_default_and_others_are_left_out(everywhere: Project) -> None:
    message = {
        "GCMMessage": {"Title": "For {{Id}}", "Body": "own", "Action": "URL", "Url": "https://shop.example/{{Id}}"},
        "SMSMessage": {"Body": "sms for {{Id}}", "MessageType": "PROMOTIONAL", "SenderId": "Shop"},
    }
    campaign = everywhere.campaign(everywhere.segment(), MessageConfiguration=message)["Id"]
    found = arrived(everywhere, campaign)
    assert found.keys() == {"droid", "phone"}
    assert (found["droid"]["Subject"], found["droid"]["Text"]) == ("For droid", "own")
    assert "https://shop.example/droid" in json.dumps(found["droid"]["Payload"])
    assert (found["phone"]["Text"], found["phone"]["Headers"]["SenderId"]) == ("sms for phone", "Shop")
    assert metrics(everywhere, campaign) == {"ENDPOINT_PRODUCED": "5", "ENDPOINT_CHANNEL_MISMATCH": "3"}
    both = everywhere.campaign(everywhere.segment(), MessageConfiguration={**message, **DEFAULT})["Id"]
    found = arrived(everywhere, both)
    assert {name: one["Text"] for name, one in found.items()} == {
        "mail": "Body of mail",
        "droid": "own",
        "fire": "Body of fire",
        "bear": "Body of bear",
        "phone": "sms for phone",
    }


def test_templates_of_three_kinds(everywhere: Project) -> None:
    pinpoint, name = everywhere.pinpoint, f"t-{everywhere.id[:8]}"
    pinpoint.create_email_template(
        TemplateName=name, EmailTemplateRequest={"Subject": "S {{Id}}", "TextPart": "T", "DefaultSubstitutions": "{}"}
    )
    pinpoint.create_sms_template(TemplateName=name, SMSTemplateRequest={"Body": "sms {{Attributes.name}}"})
    push = {
        "Default": {"Title": "default", "Body": "to {{Id}}"},
        "GCM": {"Title": "gcm", "Body": "{{x}}"},
        "DefaultSubstitutions": '{"x": "from the template"}',
    }
    pinpoint.create_push_template(TemplateName=name, PushNotificationTemplateRequest=push)
    named = {kind: {"Name": name} for kind in ("EmailTemplate", "SMSTemplate", "PushTemplate")}
    campaign = everywhere.campaign(
        everywhere.segment(),
        TemplateConfiguration=named,
        MessageConfiguration={"EmailMessage": {"FromAddress": "Other <other@shop.example>"}},
    )["Id"]
    found = arrived(everywhere, campaign)
    assert {key: (one.get("Subject", ""), one["Text"]) for key, one in found.items() if key != "phone"} == {
        "mail": ("S mail", "T"),
        "droid": ("gcm", "from the template"),
        "fire": ("default", "to fire"),
        "bear": ("default", "to bear"),
    }
    assert (found["phone"]["Text"], found["phone"]["Headers"]["SenderId"]) == ("sms Lea", "Acme")
    assert found["mail"]["Headers"]["From"] == "Other <other@shop.example>"


def test_which_version_of_a_template_is_sent(everywhere: Project) -> None:
    """None: the one that is active when it is sent; a number pins; `latest` is the newest."""
    pinpoint, name = everywhere.pinpoint, f"v-{everywhere.id[:8]}"
    pinpoint.create_sms_template(TemplateName=name, SMSTemplateRequest={"Body": "one"})
    segment, start = everywhere.segment(), {"StartTime": everywhere.in_time("PT1H")}
    made = {
        version: everywhere.campaign(
            segment,
            Schedule=start,
            MessageConfiguration=None,
            TemplateConfiguration={
                "SMSTemplate": {"Name": name, **({} if version is None else {"Version": version})},
            },
        )["Id"]
        for version in (None, "1", "latest")
    }
    for body in ("two", "three"):
        pinpoint.update_sms_template(TemplateName=name, SMSTemplateRequest={"Body": body}, CreateNewVersion=True)
    pinpoint.update_template_active_version(
        TemplateName=name, TemplateType="SMS", TemplateActiveVersionRequest={"Version": "2"}
    )
    everywhere.server.advance("PT1H")
    texts = {version: arrived(everywhere, campaign)["phone"]["Text"] for version, campaign in made.items()}
    assert texts == {None: "two", "1": "one", "latest": "three"}


def test_a_campaign_without_any_of_its_channels_is_invalid(project: Project) -> None:
    project.person("lea")
    campaign = project.campaign(project.segment(), MessageConfiguration={"SMSMessage": {"Body": "b"}})["Id"]
    project.server.settle()
    assert project.status(campaign) == "INVALID"
    path = f"/v1/apps/{project.id}/campaigns/{campaign}/activities"
    [activity] = project.server.raw("GET", path)[1]["Item"]
    assert (activity["State"], activity["Result"]) == ("COMPLETED", "FAIL")
    assert activity["Reason"] == "no channel is enabled that the campaign has content for"
    assert "Reason" not in project.activities(campaign)[0]


def test_a_template_that_is_not_there(project: Project) -> None:
    segment = project.segment()
    for kind in ("EmailTemplate", "PushTemplate", "SMSTemplate", "InAppTemplate"):
        with pytest.raises(project.pinpoint.exceptions.NotFoundException):
            project.campaign(segment, TemplateConfiguration={kind: {"Name": "nobody"}})
