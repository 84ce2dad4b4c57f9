"""Campaign hooks: functions and URLs that filter a page of people and change what is said of them.

Source: spec of campaigns, section 8.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.acceptance.outside import Outside
from tests.acceptance.project import Project
from tests.acceptance.test_gates import why
from tests.channels.calls.peers import Said

HOOK = {"LambdaFunctionName": "choose", "Mode": "FILTER"}
ARN = "arn:aws:lambda:eu-central-1:000000000001:function:choose"
MESSAGE = {"EmailMessage": {"Title": "{{Attributes.tier}} {{User.UserAttributes.Name}}", "Body": "b"}}


@pytest.fixture
def world(outside: Outside) -> Iterator[Outside]:
    outside.invoked.clear()
    yield outside
    outside.functions.clear()


def run(project: Project, hook: dict[str, Any] | None, **write: Any) -> str:
    """A campaign's id, after its run."""
    given = {"MessageConfiguration": MESSAGE, "Hook": hook, **write}
    campaign = project.campaign(project.segment(), **given)["Id"]
    project.server.settle()
    assert project.status(campaign) == "COMPLETED"
    return str(campaign)


@pytest.mark.parametrize("name", ["choose", ARN])
def test_a_function_chooses_and_changes(shop: Project, world: Outside, name: str) -> None:
    def choose(event: Any) -> Any:
        chosen = {key: one for key, one in event["Endpoints"].items() if key != "tim"}
        for one in chosen.values():
            one["Attributes"]["tier"] = [7]
            one["User"] = {"UserAttributes": {"Name": ["Somebody"]}}
        return chosen

    world.functions[name] = choose
    shop.people({"lea": {"Attributes": {"tier": ["gold"]}, "Metrics": {"visits": 3}}, "tim": {}, "kim": {}})
    campaign = run(shop, {"LambdaFunctionName": name, "Mode": "FILTER"})
    assert {one["EndpointId"]: one["Subject"] for one in shop.mail(campaign)} == {
        "lea": "7 Somebody",
        "kim": "7 Somebody",
    }
    decision = why(shop, "tim", campaign)
    assert (decision["Gate"], decision.get("Status")) == ("hook", None)
    assert shop.get("lea")["Attributes"] == {"tier": ["gold"]}
    (told,) = world.told(name)
    assert told["MessageConfiguration"] == {
        "EmailMessage": {
            "SimpleEmail": {
                "Subject": {"Charset": "UTF-8", "Data": MESSAGE["EmailMessage"]["Title"]},
                "TextPart": {"Charset": "UTF-8", "Data": "b"},
            }
        }
    }
    [activity] = shop.activities(campaign)
    assert told["ActivityId"] == activity["Id"]
    assert (told["ApplicationId"], told["CampaignId"], told["TreatmentId"]) == (shop.id, campaign, "0")
    assert told["ScheduledTime"] == activity["ScheduledStart"]
    lea = told["Endpoints"]["lea"]
    assert (lea["Address"], lea["ChannelType"], lea["Metrics"]) == ("lea@example.com", "EMAIL", {"visits": 3.0})
    assert lea["Attributes"]["tier"] == [7] or lea["Attributes"]["tier"] == ["gold"]


def test_a_url_is_called_over_tls(shop: Project, world: Outside) -> None:
    page = world.page("/choose", lambda body: {key: {} for key in body["Endpoints"] if key != "tim"})
    shop.people(["lea", "tim"])
    assert shop.reached(run(shop, {"WebUrl": page, "Mode": "FILTER"})) == ["lea"]


def test_fifty_people_a_call(shop: Project, world: Outside) -> None:
    world.functions["choose"] = lambda event: event
    shop.people(f"e{number}" for number in range(120))
    assert len(shop.reached(run(shop, HOOK))) == 120
    assert sorted(len(event["Endpoints"]) for event in world.told("choose")) == [20, 50, 50]


def test_a_failing_batch_is_recorded_and_the_others_go_on(shop: Project, world: Outside) -> None:
    error = Said(200, {"errorMessage": "boom"}, {"X-Amz-Function-Error": "Unhandled"})
    world.functions["choose"] = lambda event: error if "e7" in event["Endpoints"] else event["Endpoints"]
    shop.people(f"e{number}" for number in range(120))
    campaign = run(shop, HOOK)
    [activity] = shop.activities(campaign)
    reached = len(shop.reached(campaign))
    assert reached in (70, 100)
    assert (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"]) == (reached, reached)
    decision = why(shop, "e7", campaign)
    assert (decision["Gate"], decision["Status"]) == ("hook", "HOOK_FAILURE")
    assert "boom" in decision["Reason"]
    assert "(3 tries)" in decision["Reason"]
    assert len([event for event in world.told("choose") if "e7" in event["Endpoints"]]) == 3


def test_rubbish_is_a_failure(shop: Project, world: Outside) -> None:
    page = world.page("/rubbish", lambda body: Said(body=b"<html>"))
    shop.people(["lea"])
    campaign = run(shop, {"WebUrl": page})
    assert shop.reached(campaign) == []
    assert why(shop, "lea", campaign)["Status"] == "HOOK_FAILURE"


def test_the_project_s_hook_serves_campaigns_without_one(shop: Project, world: Outside) -> None:
    world.functions["all"] = lambda event: event["Endpoints"]
    world.functions["nobody"] = lambda event: {}
    shop.people(["lea"])
    shop.pinpoint.update_application_settings(
        ApplicationId=shop.id,
        WriteApplicationSettingsRequest={"CampaignHook": {"LambdaFunctionName": "nobody", "Mode": "FILTER"}},
    )
    assert shop.reached(run(shop, None)) == []
    assert shop.reached(run(shop, {"LambdaFunctionName": "all", "Mode": "FILTER"})) == ["lea"]
    shop.pinpoint.update_application_settings(
        ApplicationId=shop.id, WriteApplicationSettingsRequest={"CampaignHook": {}}
    )
    assert shop.reached(run(shop, None)) == ["lea"]


def test_delivery_mode_is_accepted_and_fails_saying_so(shop: Project, world: Outside) -> None:
    shop.people(["lea"])
    campaign = run(shop, {"LambdaFunctionName": "choose", "Mode": "DELIVERY"})
    assert shop.get_campaign(campaign)["Hook"] == {"LambdaFunctionName": "choose", "Mode": "DELIVERY"}
    decision = why(shop, "lea", campaign)
    assert (decision["Status"], "custom channel" in decision["Reason"]) == ("HOOK_FAILURE", True)
    assert world.invoked == []


@pytest.mark.parametrize(
    ("member", "hook"),
    [
        ("Hook.LambdaFunctionName", {"LambdaFunctionName": "a b"}),
        ("Hook.LambdaFunctionName", {"LambdaFunctionName": "arn:aws:sqs:eu-central-1:000000000001:choose"}),
        ("Hook.WebUrl", {"WebUrl": "http://hook.example/"}),
        ("Hook.WebUrl", {"WebUrl": "https://lea:secret@hook.example/"}),
        ("Hook.WebUrl", {"WebUrl": "choose"}),
        ("Mode", {"LambdaFunctionName": "choose", "Mode": "BLOCK"}),
        ("Hook", {"Mode": "FILTER"}),
    ],
)
def test_a_hook_that_calls_nobody_is_refused(shop: Project, member: str, hook: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match=member) as raised:
        shop.campaign(shop.segment(), Hook=hook)
    assert raised.value.response["Error"]["Code"] == "BadRequestException"


def test_an_inner_address_is_not_called(project: Project) -> None:
    """A server whose settings allow no network: whatever the URL's text promises, its address is judged."""
    project.people(["lea"])
    campaign = run(project, {"WebUrl": "https://localhost:1/hook"})
    decision = why(project, "lea", campaign)
    assert decision["Status"] == "HOOK_FAILURE"
    assert "an address that may not be called" in decision["Reason"]


def test_overrides_reach_text_messages_and_not_mail(shop: Project, world: Outside) -> None:
    world.functions["choose"] = lambda event: {
        key: {"TitleOverride": "Other {{Id}}", "BodyOverride": "Other {{Id}}"} for key in event["Endpoints"]
    }
    shop.pinpoint.update_sms_channel(ApplicationId=shop.id, SMSChannelRequest={"Enabled": True})
    shop.person("lea")
    shop.put("tim", ChannelType="SMS", Address="+4915550001")
    campaign = run(shop, HOOK, MessageConfiguration={**MESSAGE, "SMSMessage": {"Body": "Own"}})
    found = {one["EndpointId"]: one for one in shop.mail(campaign)}
    assert found["tim"]["Text"] == "Other tim"
    assert "Other" not in found["lea"]["Subject"]
