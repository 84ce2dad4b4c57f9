"""The custom channel: campaigns that hand endpoints over to a function or a webhook. Source: spec of campaigns, 9."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import standardwebhooks
from botocore.exceptions import ClientError

from tests.acceptance.outside import Outside
from tests.acceptance.project import Project
from tests.acceptance.running import REGION
from tests.acceptance.test_gates import why
from tests.channels.calls.peers import Said

DATA = '{"offer": "{{Attributes.tier}}"}'


@pytest.fixture
def world(outside: Outside) -> Iterator[Outside]:
    outside.invoked.clear()
    yield outside
    outside.functions.clear()


def write(uri: str, *kinds: str, **members: Any) -> dict[str, Any]:
    delivery = {"DeliveryUri": uri, "EndpointTypes": list(kinds)} if kinds else {"DeliveryUri": uri}
    return {
        "MessageConfiguration": {"CustomMessage": {"Data": DATA}},
        "CustomDeliveryConfiguration": delivery,
        **members,
    }


def run(project: Project, uri: str, *kinds: str, **members: Any) -> str:
    campaign = project.campaign(project.segment(), **write(uri, *kinds, **members))["Id"]
    project.server.settle()
    assert project.status(campaign) == "COMPLETED"
    return str(campaign)


def refused(project: Project, **members: Any) -> str:
    with pytest.raises(ClientError) as raised:
        project.campaign(project.segment(), **members)
    assert raised.value.response["Error"]["Code"] == "BadRequestException"
    return str(raised.value.response["Error"]["Message"])


def test_a_function_is_told_of_endpoints_of_the_kinds_it_asks_for(shop: Project, world: Outside) -> None:
    world.functions["deliver"] = lambda event: None
    shop.person("lea", Attributes={"tier": ["gold"]})
    shop.put("sms", ChannelType="SMS", Address="+4915550001")
    shop.put("own", ChannelType="CUSTOM", Address="anything")
    campaign = run(shop, "deliver", "EMAIL", "CUSTOM")
    (told,) = world.told("deliver")
    endpoints = told.pop("Endpoints")
    [activity] = shop.activities(campaign)
    assert told == {
        "Message": {},
        "Data": DATA,
        "ApplicationId": shop.id,
        "CampaignId": campaign,
        "TreatmentId": "0",
        "ActivityId": activity["Id"],
        "ScheduledTime": activity["ScheduledStart"],
    }
    assert sorted(endpoints) == ["lea", "own"]
    cohort = shop.get("lea")["CohortId"]
    assert endpoints["lea"]["Attributes"] == {"tier": ["gold"], "CohortId": [cohort]}
    assert (endpoints["lea"]["ChannelType"], endpoints["own"]["ChannelType"]) == ("EMAIL", "CUSTOM")
    assert "Location" not in endpoints["lea"]
    assert shop.mail(campaign) == []
    assert why(shop, "sms", campaign)["Gate"] == "content"
    decision = why(shop, "lea", campaign)
    assert (decision["EventType"], decision["Status"]) == ("_campaign.send", "SUCCESS")
    assert (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"]) == (2, 2)


def test_custom_endpoints_are_meant_when_no_kind_is_named(shop: Project, world: Outside) -> None:
    world.functions["deliver"] = lambda event: {}
    shop.person("lea")
    shop.put("own", ChannelType="CUSTOM", Address="anything")
    run(shop, "deliver")
    assert [sorted(event["Endpoints"]) for event in world.told("deliver")] == [["own"]]


def test_a_webhook_is_asked_when_the_campaign_is_made_and_called_when_it_runs(shop: Project, world: Outside) -> None:
    page = world.page("/deliver", lambda body: Said(202, b"thanks"))
    shop.people(f"e{number}" for number in range(120))
    run(shop, page, "EMAIL")
    assert sorted(len(body["Endpoints"]) for body in world.told("/deliver")) == [20, 50, 50]


def test_a_webhook_that_does_not_know_the_account_is_refused(shop: Project, world: Outside) -> None:
    for path, account in (("/stranger", "000000000002"), ("/silent", "")):
        page = world.page(path, lambda body: {}, account=account)
        assert "X-Amz-Pinpoint-AccountId: 000000000001" in refused(shop, **write(page, "EMAIL"))
    assert "DeliveryUri" in refused(shop, **write("https://localhost:1/gone", "EMAIL"))


def test_a_change_asks_only_a_new_webhook(shop: Project, world: Outside) -> None:
    page = world.page("/fickle", lambda body: {})
    segment = shop.segment()
    later = {"Schedule": {"StartTime": shop.in_time("P1D")}}
    campaign = shop.campaign(segment, **write(page, "EMAIL", **later))["Id"]
    world.heads["/fickle"] = {}
    shop.update(campaign, segment, **write(page, "EMAIL", **later, IsPaused=True))
    other = world.page("/other", lambda body: {}, account="000000000002")
    with pytest.raises(ClientError, match="X-Amz-Pinpoint-AccountId"):
        shop.update(campaign, segment, **write(other, "EMAIL", **later))


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "a b",
        "http://hook.example/",
        "https://hook.example/?a=b",
        "https://hook.example/%20",
        "https://lea@hook.example/",
        "arn:aws:sqs:eu-central-1:000000000001:deliver",
    ],
)
def test_a_destination_that_cannot_be_called_is_refused(shop: Project, uri: str) -> None:
    assert "DeliveryUri" in refused(shop, **write(uri, "EMAIL"))


def test_message_and_destination_go_together(shop: Project) -> None:
    assert "CustomDeliveryConfiguration" in refused(shop, MessageConfiguration={"CustomMessage": {"Data": DATA}})
    assert "Data" in refused(shop, CustomDeliveryConfiguration={"DeliveryUri": "deliver"})
    long = {"MessageConfiguration": {"CustomMessage": {"Data": "x" * 5_121}}}
    assert "Data" in refused(shop, **write("deliver", "EMAIL", **long))


def test_a_failing_batch_is_recorded_and_the_others_go_on(shop: Project, world: Outside) -> None:
    world.functions["deliver"] = lambda event: Said(500) if "e7" in event["Endpoints"] else {}
    shop.people(f"e{number}" for number in range(60))
    campaign = shop.campaign(shop.segment(), **write("deliver", "EMAIL"))["Id"]
    shop.server.settle()
    assert shop.status(campaign) == "EXECUTING"
    shop.server.advance("PT10M")
    assert shop.status(campaign) == "COMPLETED"
    decision = why(shop, "e7", campaign)
    assert (decision["Status"], decision["Gate"]) == ("CUSTOM_DELIVERY_FAILURE", "channel")
    [activity] = shop.activities(campaign)
    assert (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"]) in ((60, 10), (60, 50))
    assert len(world.told("deliver")) == 6


def test_a_webhook_that_refuses_a_batch_is_not_asked_again(shop: Project, world: Outside) -> None:
    page = world.page("/refuses", lambda body: Said(422))
    shop.person("lea")
    campaign = run(shop, page, "EMAIL")
    assert why(shop, "lea", campaign)["Status"] == "CUSTOM_DELIVERY_FAILURE"
    assert len(world.told("/refuses")) == 1


def test_nobody_is_lost_over_a_webhook_that_is_down_for_an_hour(shop: Project, world: Outside) -> None:
    page = world.page("/down", lambda body: Said(503))
    other = world.page("/well", lambda body: {})
    shop.people(f"e{number}" for number in range(400))
    campaign = shop.campaign(shop.segment(), **write(page, "EMAIL"))["Id"]
    shop.server.advance("PT1H")
    assert shop.status(campaign) == "EXECUTING"
    assert len(world.told("/down")) < 40
    named = json.loads(shop.server.clarion("channel", "custom", "circuits", "--url", shop.server.url, "--json").stdout)
    [circuit] = [one for one in named["Circuits"] if one["Destination"] == page]
    assert circuit["State"] == "open"
    assert "answered 503" in circuit["Reason"]
    assert 'clarion_callout_circuits{state="open"} 1.0' in shop.server.raw("GET", "/metrics", key=None)[1]
    run(shop, other, "EMAIL")
    world.pages["/down"] = lambda body: {}
    shop.server.advance("PT10M")
    assert shop.status(campaign) == "COMPLETED"
    [activity] = shop.activities(campaign)
    assert (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"]) == (400, 400)


def test_a_campaign_to_a_webhook_that_is_gone_ends_all_the_same(shop: Project, world: Outside) -> None:
    page = world.page("/gone", lambda body: Said(503))
    shop.people(f"e{number}" for number in range(300))
    campaign = shop.campaign(shop.segment(), **write(page, "EMAIL"))["Id"]
    shop.server.advance("PT3H")
    assert shop.status(campaign) == "COMPLETED"
    [activity] = shop.activities(campaign)
    assert (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"]) == (300, 0)
    assert why(shop, "e0", campaign)["Status"] == "CUSTOM_DELIVERY_FAILURE"


def secret(shop: Project, *options: str) -> dict[str, str]:
    """As the command line shows it; it calls the region that projects of the tests are in."""
    where = ("--url", shop.server.url, "--region", REGION, "--json")
    found: dict[str, str] = json.loads(
        shop.server.clarion("channel", "custom", "secret", shop.id, *options, *where).stdout
    )
    return found


def test_calls_are_signed_by_the_project_and_its_secret_can_be_changed(shop: Project, world: Outside) -> None:
    page = world.page("/signed", lambda body: {})
    hook = world.page("/hook", lambda body: {"lea": {}})
    shop.person("lea")
    first = secret(shop)["Secret"]
    run(shop, page, "EMAIL", Hook={"WebUrl": hook})
    second = secret(shop, "--rotate")
    assert second["Previous"] == first != second["Secret"]
    world.page("/signed-again", lambda body: {})
    shop.server.control("POST", "webhook-secret/rotate", {"ApplicationId": shop.id, "AtOnce": True})
    third = secret(shop)["Secret"]
    run(shop, world.url("/signed-again"), "EMAIL")
    for path, good, bad in (("/signed", first, third), ("/hook", first, third), ("/signed-again", third, first)):
        [asked] = [one for one in world.web.asked if one.path == path and one.method == "POST"]
        headers = {name.lower(): value for name, value in asked.headers.items()}
        assert standardwebhooks.Webhook(good).verify(asked.body, headers) == asked.json
        with pytest.raises(standardwebhooks.WebhookVerificationError):
            standardwebhooks.Webhook(bad).verify(asked.body, headers)


def test_a_hook_filters_for_the_custom_channel_too(shop: Project, world: Outside) -> None:
    world.functions["choose"] = lambda event: {"lea": {}}
    world.functions["deliver"] = lambda event: {}
    shop.people(["lea", "tim"])
    run(shop, "deliver", "EMAIL", Hook={"LambdaFunctionName": "choose", "Mode": "FILTER"})
    assert [sorted(event["Endpoints"]) for event in world.told("deliver")] == [["lea"]]
    assert world.told("choose")[0]["MessageConfiguration"] == {}


def test_treatments_have_destinations_of_their_own(shop: Project, world: Outside) -> None:
    for name in ("one", "two"):
        world.functions[name] = lambda event: {}
    shop.people(f"e{number}" for number in range(40))
    other = {"SizePercent": 50, **write("two", "EMAIL")}
    run(shop, "one", "EMAIL", AdditionalTreatments=[other])
    told = [(name, event["TreatmentId"], len(event["Endpoints"])) for name, event in world.invoked]
    assert {(name, treatment) for name, treatment, _ in told} == {("one", "0"), ("two", "1")}
    assert sum(count for *_, count in told) == 40
