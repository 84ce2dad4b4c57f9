"""Text messages, push notifications and custom channels of journeys. Source: spec of journeys, 3.3 to 3.5."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.acceptance.letters import go, journey, name_of, reached, sends, state, why
from tests.acceptance.outside import Outside
from tests.acceptance.project import Project
from tests.acceptance.running import eventually
from tests.acceptance.test_recommenders import create as recommender
from tests.channels.calls.peers import Said


@pytest.fixture
def everywhere(project: Project) -> Project:
    """A project with channels for text messages and push notifications, and templates of them."""
    pinpoint, app = project.pinpoint, project.id
    pinpoint.update_gcm_channel(ApplicationId=app, GCMChannelRequest={"ApiKey": "key", "Enabled": True})
    pinpoint.update_sms_channel(ApplicationId=app, SMSChannelRequest={"Enabled": True, "SenderId": "Acme"})
    name = name_of(project, "all")
    pinpoint.create_sms_template(TemplateName=name, SMSTemplateRequest={"Body": "sms {{Attributes.Name}}"})
    push = {"Default": {"Title": "default", "Body": "to {{Id}}"}, "GCM": {"Title": "gcm", "Body": "for {{Id}}"}}
    pinpoint.create_push_template(TemplateName=name, PushNotificationTemplateRequest=push)
    return project


def sms(project: Project, **config: Any) -> dict[str, Any]:
    config = {"MessageType": "PROMOTIONAL", **config}
    return {"SMS": {"TemplateName": name_of(project, "all"), "MessageConfig": config}}


def push(project: Project, **config: Any) -> dict[str, Any]:
    return {"PUSH": {"TemplateName": name_of(project, "all"), "MessageConfig": config}}


def custom(uri: str, *kinds: str, following: str = "", **config: Any) -> dict[str, Any]:
    activity: dict[str, Any] = {"DeliveryUri": uri, "MessageConfig": config}
    if kinds:
        activity["EndpointTypes"] = list(kinds)
    return {"CUSTOM": {**activity, **({"NextActivity": following} if following else {})}}


def test_a_text_message(everywhere: Project) -> None:
    everywhere.put("phone", ChannelType="SMS", Address="+4915550001", Attributes={"Name": ["Lea"]})
    made = journey(everywhere, {"smsA": sms(everywhere)}, "smsA")
    go(everywhere)
    [found] = everywhere.server.inbox(everywhere.id, Channel="SMS")
    assert (found["Text"], found["JourneyId"], found["JourneyActivityId"]) == ("sms Lea", made, "smsA")
    assert found["Headers"]["SenderId"] == "Acme"
    assert found["Headers"]["MessageType"] == "PROMOTIONAL"
    told = {one["EventType"]: one["ActivityId"] for one in why(everywhere, "phone", made)}
    assert told.keys() >= {"_journey.send", "_SMS.BUFFERED"}
    assert set(told.values()) == {"smsA"}


def test_a_text_message_from_the_activitys_sender(everywhere: Project) -> None:
    everywhere.put("phone", ChannelType="SMS", Address="+4915550001")
    config = {"SenderId": "Shop", "MessageType": "TRANSACTIONAL", "EntityId": "e1", "TemplateId": "t1"}
    journey(everywhere, {"smsA": sms(everywhere, **config)}, "smsA")
    go(everywhere)
    [found] = everywhere.server.inbox(everywhere.id, Channel="SMS")
    assert {name: found["Headers"].get(name) for name in config} == config


def test_a_push_notification_to_every_device(everywhere: Project) -> None:
    everywhere.put("droid", ChannelType="GCM", Address="token-1", User={"UserId": "u1"})
    everywhere.put("tablet", ChannelType="GCM", Address="token-2", User={"UserId": "u1"})
    everywhere.put("apple", ChannelType="APNS", Address="token-3", User={"UserId": "u1"})
    made = journey(everywhere, {"pushA": push(everywhere, TimeToLive="3600")}, "pushA")
    go(everywhere)
    assert reached(everywhere, "PUSH") == [("droid", "pushA"), ("tablet", "pushA")]
    found = everywhere.server.inbox(everywhere.id, Channel="PUSH")
    payloads = {one["EndpointId"]: json.loads(one["Payload"])["message"] for one in found}
    told = json.loads(payloads["droid"]["data"]["pinpoint"])["journey"]
    run = everywhere.pinpoint.get_journey_runs(ApplicationId=everywhere.id, JourneyId=made)["JourneyRunsResponse"]
    assert told == {"journey_id": made, "journey_activity_id": "pushA", "journey_run_id": run["Item"][0]["RunId"]}
    assert payloads["droid"]["data"]["pinpoint.notification.title"] == "gcm"
    assert payloads["droid"]["android"]["ttl"] == "3600s"
    assert sends(everywhere, "droid", made) == [("pushA", "SUCCESS")]
    assert sends(everywhere, "apple", made) == [("pushA", "UNSUPPORTED_CHANNEL")]


@pytest.fixture
def world(outside: Outside) -> Iterator[Outside]:
    outside.invoked.clear()
    yield outside
    outside.functions.clear()


def test_a_function_is_told(shop: Project, world: Outside) -> None:
    world.functions["deliver"] = lambda event: None
    shop.person("lea", Attributes={"tier": ["gold"]}, User={"UserId": "u1"})
    shop.put("own", ChannelType="CUSTOM", Address="anything")
    shop.put("phone", ChannelType="SMS", Address="+4915550001")
    made = journey(shop, {"callA": custom("deliver", "EMAIL", "CUSTOM", Data="offer")}, "callA")
    go(shop)
    (told,) = world.told("deliver")
    endpoints = told.pop("Endpoints")
    assert told.pop("ScheduledTime")
    assert told == {
        "Message": {},
        "Data": "offer",
        "ApplicationId": shop.id,
        "JourneyId": made,
        "JourneyActivityId": "callA",
        "ActivityId": "callA",
    }
    assert sorted(endpoints) == ["lea", "own"]
    assert endpoints["lea"]["Attributes"]["tier"] == ["gold"]
    assert sends(shop, "lea", made) == [("callA", "SUCCESS")]
    assert sends(shop, "phone", made) == [("callA", "UNSUPPORTED_CHANNEL")]
    assert state(shop, made) == "COMPLETED"


def test_fifty_are_told_in_one_call(shop: Project, world: Outside) -> None:
    page = world.page("/deliver", lambda body: Said(202, b"thanks"))
    shop.people(f"e{number}" for number in range(120))
    journey(shop, {"callA": custom(page, "EMAIL")}, "callA")
    go(shop)
    assert sorted(len(body["Endpoints"]) for body in world.told("/deliver")) == [20, 50, 50]


def test_custom_endpoints_are_meant_when_no_kind_is_named(shop: Project, world: Outside) -> None:
    world.functions["deliver"] = lambda event: {}
    shop.person("lea")
    shop.put("own", ChannelType="CUSTOM", Address="anything")
    journey(shop, {"callA": custom("deliver")}, "callA")
    go(shop)
    assert [sorted(event["Endpoints"]) for event in world.told("deliver")] == [["own"]]


def test_a_call_that_fails_is_told_and_everybody_goes_on(shop: Project, world: Outside) -> None:
    world.functions["deliver"] = lambda event: Said(400, {"Message": "no"}, {"x-amzn-ErrorType": "InvalidRequest"})
    shop.person("lea")
    activities = {"callA": custom("deliver", "EMAIL", following="callB"), "callB": custom("deliver", "EMAIL")}
    made = journey(shop, activities, "callA")
    go(shop)
    assert sorted(sends(shop, "lea", made)) == [
        ("callA", "CUSTOM_DELIVERY_FAILURE"),
        ("callB", "CUSTOM_DELIVERY_FAILURE"),
    ]
    assert state(shop, made) == "COMPLETED"


def test_a_function_that_hangs_stops_nobody(shop: Project, world: Outside) -> None:
    """Its people have gone on to the mail behind it while the call is still unanswered."""
    let_go = threading.Event()
    world.functions["deliver"] = lambda event: let_go.wait(10) and None
    name = name_of(shop)
    shop.pinpoint.create_email_template(TemplateName=name, EmailTemplateRequest={"Subject": "s", "TextPart": "t"})
    shop.person("lea")
    activities = {"callA": custom("deliver", "EMAIL", following="mailA"), "mailA": {"EMAIL": {"TemplateName": name}}}
    journey(shop, activities, "callA")
    moving = threading.Thread(target=lambda: go(shop))
    moving.start()
    try:
        eventually(lambda: reached(shop) == [("lea", "mailA")])
        assert not let_go.is_set()
    finally:
        let_go.set()
        moving.join()


def test_recommendations_are_asked_for_and_who_they_fail_for_goes_on(shop: Project, world: Outside) -> None:
    world.items = lambda user_id: [f"{user_id}-1", f"{user_id}-2"]
    by_user = recommender(shop.pinpoint, RecommendationProviderIdType="PINPOINT_USER_ID")["Id"]
    name = name_of(shop)
    parts = {"Subject": "{{RecommendationItems.[1]}}", "TextPart": "t", "RecommenderId": by_user}
    shop.pinpoint.create_email_template(TemplateName=name, EmailTemplateRequest=parts)
    shop.people({"lea": {"User": {"UserId": "u1"}}, "tim": {}})
    made = journey(shop, {"mailA": {"EMAIL": {"TemplateName": name}}}, "mailA")
    go(shop)
    assert [(one["EndpointId"], one["Subject"]) for one in shop.mail()] == [("lea", "u1-2")]
    assert sends(shop, "tim", made) == [("mailA", "SERVICE_FAILURE")]
    assert why(shop, "tim", made)[-1]["Gate"] == "recommender"
    assert state(shop, made) == "COMPLETED"


@pytest.mark.parametrize(
    ("activity", "problem"),
    [
        (custom(""), "DeliveryUri"),
        (custom("not a function!"), "DeliveryUri"),
        (custom("https://localhost:1/gone"), "DeliveryUri"),
        (custom("deliver", Data="x" * 5_001), "Data"),
    ],
)
def test_what_cannot_be_called_is_not_published(shop: Project, activity: dict[str, Any], problem: str) -> None:
    with pytest.raises(shop.pinpoint.exceptions.BadRequestException, match=f"E16.*{problem}"):
        journey(shop, {"callA": activity}, "callA")
