"""Calls of journeys: whom the contact center is asked to call, who is dropped right before, and what comes of calls.
Source: spec of journeys, 3.10, 13.4."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.acceptance.letters import go, journey, mail, reached, sends, state, template
from tests.acceptance.outside import Outside
from tests.acceptance.project import Project
from tests.channels.calls.peers import Said

CAMPAIGN = "arn:aws:connect-campaigns:eu-west-1:000000000001:campaign/hotline"
ROLE = "arn:aws:iam::000000000001:role/dialler"
CONNECT = {"ConnectCampaignArn": CAMPAIGN, "ConnectCampaignExecutionRoleArn": ROLE}
NUMBERS = {"lea": "+12025550101", "jon": "+12025550102"}
RESULT = "contact_center.disposition"


def callee(project: Project, name: str, **endpoint: Any) -> None:
    """A user with an e-mail endpoint, `name`, and one to be called at."""
    project.person(name, User={"UserId": name}, **endpoint)
    project.put(f"{name}-phone", ChannelType="VOICE", Address=NUMBERS[name], User={"UserId": name}, **endpoint)


def call(following: str = "") -> dict[str, Any]:
    return {"ContactCenter": {"NextActivity": following} if following else {}}


def calls(project: Project, activities: Mapping[str, Any], start: str = "call", **write: Any) -> str:
    """A journey with calls, published; answers its id."""
    return journey(project, dict(activities), start, **{"JourneyChannelSettings": CONNECT, **write})


def figures(project: Project, journey_id: str, activity: str = "call") -> dict[str, int]:
    """The execution metrics of an activity that are not 0."""
    answer = project.pinpoint.get_journey_execution_activity_metrics(
        ApplicationId=project.id, JourneyId=journey_id, JourneyActivityId=activity
    )["JourneyExecutionActivityMetricsResponse"]
    assert answer["ActivityType"] == "CONTACT_CENTER"
    return {name: int(number) for name, number in answer["Metrics"].items() if number != "0"}


def hotline(outside: Outside, *answers: Any) -> list[list[dict[str, Any]]]:
    """Let the Connect campaign answer one after the other, then always take everybody; its requests, as they come."""
    said: list[list[dict[str, Any]]] = []

    def answer(event: Any) -> Any:
        said.append(event["dialRequests"])
        return answers[len(said) - 1] if len(said) <= len(answers) else {}

    outside.functions["hotline"] = answer
    return said


def failed(token: str, code: str) -> dict[str, Any]:
    return {"failedRequests": [{"clientToken": token, "failureCode": code}]}


def ends(project: Project, attributes: Mapping[str, str], disposition: str) -> None:
    """What the contact center tells when a call is over, with what it was told of it."""
    sent = {
        "EventType": RESULT,
        "Timestamp": project.in_time("PT0S"),
        "Attributes": {
            "journey_id": attributes["journey_id"],
            "journey_activity_id": attributes["journey_activity_id"],
            "disposition": disposition,
        },
    }
    endpoint_id = attributes["endpoint_id"]
    results = project.events({endpoint_id: {"Endpoint": {}, "Events": {"ended": sent}}})
    assert results[endpoint_id]["EventsItemResponse"]["ended"]["StatusCode"] == 202, results


def answered(yes: str, no: str) -> dict[str, Any]:
    """A split on whether somebody answered the call."""
    dimensions = {
        "EventType": {"DimensionType": "INCLUSIVE", "Values": [RESULT]},
        "Attributes": {"disposition": {"AttributeType": "INCLUSIVE", "Values": ["HUMAN_ANSWERED"]}},
    }
    condition = {"EventCondition": {"MessageActivity": "call", "Dimensions": dimensions}}
    return {"ConditionalSplit": {"Condition": {"Conditions": [condition]}, "TrueActivity": yes, "FalseActivity": no}}


def test_a_call_its_outcome_and_a_split_on_it(shop: Project, outside: Outside) -> None:
    template(shop)
    said = hotline(outside)
    callee(shop, "lea")
    callee(shop, "jon")
    made = calls(shop, {"call": call("ask"), "ask": answered("yes", "no"), "yes": mail(shop), "no": mail(shop)})
    go(shop)
    [requests] = said
    assert {one["phoneNumber"]: one["attributes"]["user_id"] for one in requests} == {
        NUMBERS["lea"]: "lea",
        NUMBERS["jon"]: "jon",
    }
    told = next(one["attributes"] for one in requests if one["attributes"]["user_id"] == "lea")
    assert told.keys() == {
        "application_id",
        "journey_id",
        "journey_run_id",
        "journey_activity_id",
        "endpoint_id",
        "user_id",
    }
    assert (told["application_id"], told["journey_id"], told["journey_activity_id"]) == (shop.id, made, "call")
    assert len({one["clientToken"] for one in requests}) == 2
    assert figures(shop, made).items() >= {"CALL_QUEUED": 2, "WAIT_STARTED": 2}.items()
    assert sends(shop, "lea-phone", made) == [("call", "SUCCESS")]
    ends(shop, told, "HUMAN_ANSWERED")
    go(shop, "PT5M")
    assert reached(shop) == [("lea", "yes")]
    assert figures(shop, made)["WAIT_FINISHED"] == 1
    go(shop, "PT1H")
    assert reached(shop) == [("jon", "no"), ("lea", "yes")], "nobody told what came of the other call"
    found = figures(shop, made)
    assert (found["CALL_QUEUED"], found["WAIT_FINISHED"], found["TIMEOUT"]) == (2, 1, 1)
    assert "WAIT_STARTED" not in found
    assert found["CONTINUE_WAITING"] >= 11
    assert (len(said), state(shop, made)) == (1, "COMPLETED")


def test_a_web_hook_in_the_place_of_connect(shop: Project, outside: Outside) -> None:
    template(shop)
    callee(shop, "lea")
    asked: list[dict[str, Any]] = []
    url = outside.page("/dial", lambda event: asked.append(event) or {})
    made = calls(shop, {"call": call("mailA"), "mailA": mail(shop)}, JourneyChannelSettings={"ConnectCampaignArn": url})
    go(shop)
    [request] = asked[0]["DialRequests"]
    assert len(asked) == 1
    assert request["PhoneNumber"] == NUMBERS["lea"]
    ends(shop, request["Attributes"], "NOT_ANSWERED")
    go(shop, "PT10M")
    assert reached(shop) == [("lea", "mailA")]
    assert figures(shop, made)["WAIT_FINISHED"] == 1


def test_who_does_not_qualify_any_more_is_dropped(shop: Project, outside: Outside) -> None:
    template(shop)
    said = hotline(outside)
    gold = {"AttributeType": "INCLUSIVE", "Values": ["gold"]}
    for name in ("lea", "jon"):
        callee(shop, name, Attributes={"tier": ["gold"]})
    split = {
        "ConditionalSplit": {
            "Condition": {"Conditions": [{"SegmentDimensions": {"Attributes": {"tier": gold}}}]},
            "TrueActivity": "pause",
            "FalseActivity": "no",
        }
    }
    pause = {"Wait": {"WaitTime": {"WaitFor": "PT2H"}, "NextActivity": "call"}}
    made = calls(shop, {"ask": split, "pause": pause, "call": call("yes"), "yes": mail(shop), "no": mail(shop)}, "ask")
    go(shop)
    for endpoint in ("jon", "jon-phone"):
        shop.put(endpoint, Attributes={"tier": ["silver"]})
    go(shop, "PT2H", "PT2H")
    assert [one["phoneNumber"] for requests in said for one in requests] == [NUMBERS["lea"]]
    found = figures(shop, made)
    assert (found["CALL_QUEUED"], found["DROPPED"]) == (1, 1)
    assert reached(shop) == [("lea", "yes")]
    assert state(shop, made) == "COMPLETED"


def test_who_is_not_in_the_entry_segment_any_more_is_dropped(shop: Project, outside: Outside) -> None:
    said = hotline(outside)
    shop.put("lea", ChannelType="VOICE", Address=NUMBERS["lea"], Attributes={"in": ["yes"]})
    segment = shop.segment({"Attributes": {"in": {"AttributeType": "INCLUSIVE", "Values": ["yes"]}}})
    pause = {"Wait": {"WaitTime": {"WaitFor": "PT2H"}, "NextActivity": "call"}}
    start = {"SegmentStartCondition": {"SegmentId": segment}}
    made = calls(shop, {"pause": pause, "call": call()}, "pause", StartCondition=start)
    go(shop)
    shop.put("lea", Attributes={"in": ["no"]})
    go(shop, "PT3H")
    assert (said, figures(shop, made)) == ([], {"DROPPED": 1})


def test_chance_decides_the_same_when_asked_again(shop: Project, outside: Outside) -> None:
    said = hotline(outside)
    for number in range(20):
        shop.put(f"p{number}", ChannelType="VOICE", Address=f"+120255502{number:02}")
    split = {"RandomSplit": {"Branches": [{"Percentage": 50, "NextActivity": "call"}, {"Percentage": 50}]}}
    made = calls(shop, {"lots": split, "call": call()}, "lots")
    go(shop)
    assert 0 < len([one for requests in said for one in requests]) == figures(shop, made)["CALL_QUEUED"] < 20
    assert "DROPPED" not in figures(shop, made)


def test_what_is_not_taken_is_dialled_again(shop: Project, outside: Outside) -> None:
    template(shop)
    said = hotline(outside, *[Said(429, {"message": "slow"}, {"x-amzn-ErrorType": "ThrottlingException"})] * 3)
    callee(shop, "lea")
    made = calls(shop, {"call": call("mailA"), "mailA": mail(shop)})
    go(shop, "PT6M")
    assert figures(shop, made) == {"DIAL_FAILURE": 1}
    go(shop, "PT5M")
    assert figures(shop, made).items() >= {"DIAL_FAILURE": 1, "CALL_QUEUED": 1}.items()
    tokens = {one["clientToken"] for requests in said for one in requests}
    assert (len(said), len(tokens)) == (4, 1), "tried three times at once, and once later, always the same call"
    assert sends(shop, "lea-phone", made) == [("call", "TRANSIENT_FAILURE"), ("call", "SUCCESS")]


def test_a_number_that_cannot_be_called_does_not_hold_anybody_up(shop: Project, outside: Outside) -> None:
    template(shop)
    callee(shop, "lea")
    shop.person("eve", User={"UserId": "eve"})
    shop.put("eve-phone", ChannelType="VOICE", Address="555-0100", User={"UserId": "eve"})
    outside.functions["hotline"] = lambda event: failed(event["dialRequests"][0]["clientToken"], "InvalidInput")
    made = calls(shop, {"call": call("mailA"), "mailA": mail(shop)})
    go(shop)
    assert figures(shop, made) == {"DIAL_FAILURE": 2}
    assert reached(shop) == [("eve", "mailA"), ("lea", "mailA")]
    assert sends(shop, "lea-phone", made)[-1] == ("call", "FAILURE_PERMANENT")


def test_a_contact_center_that_is_gone_does_not_hold_anybody_up(shop: Project, outside: Outside) -> None:
    outside.functions.pop("hotline", None)
    shop.put("lea", ChannelType="VOICE", Address=NUMBERS["lea"])
    made = calls(shop, {"call": call()})
    go(shop)
    assert figures(shop, made) == {"DIAL_FAILURE": 1}
    assert state(shop, made) == "COMPLETED"


@pytest.mark.parametrize("waits", [True, False])
def test_nobody_is_called_in_quiet_hours(shop: Project, outside: Outside, waits: bool) -> None:
    said = hotline(outside)
    now = int(shop.in_time("PT0S")[11:13])
    quiet = {"Start": f"{now:02}:00", "End": f"{(now + 2) % 24:02}:59"}
    shop.put("lea", ChannelType="VOICE", Address=NUMBERS["lea"], Demographic={"Timezone": "UTC"})
    made = calls(shop, {"call": call()}, QuietTime=quiet, WaitForQuietTime=waits)
    go(shop)
    assert (said, figures(shop, made)) == ([], {"WAIT_FOR_QUIET_HOURS" if waits else "QUIET_TIME": 1})
    go(shop, "PT4H")
    assert len(said) == waits
    status = ["QUIET_TIME_WAIT_FINISHED", "SUCCESS"] if waits else ["QUIET_TIME"]
    assert [found for _, found in sends(shop, "lea", made)] == status


def test_voice_has_open_hours_of_its_own(shop: Project, outside: Outside) -> None:
    said = hotline(outside)
    now = int(shop.in_time("PT0S")[11:13])
    quiet = {"Start": f"{(now + 20) % 24:02}:00", "End": f"{(now + 20) % 24:02}:01"}
    hours = [{"StartTime": f"{(now + 2) % 24:02}:00", "EndTime": f"{(now + 2) % 24:02}:30"}]
    days = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
    shop.put("lea", ChannelType="VOICE", Address=NUMBERS["lea"], Demographic={"Timezone": "UTC"})
    made = calls(
        shop,
        {"call": call()},
        QuietTime=quiet,
        WaitForQuietTime=True,
        SendingSchedule=True,
        OpenHours={"VOICE": dict.fromkeys(days, hours)},
    )
    go(shop)
    assert (said, figures(shop, made)) == ([], {"WAIT_FOR_QUIET_HOURS": 1})
    go(shop, "PT3H")
    assert len(said) == 1


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({}, "ConnectCampaignArn is required"),
        ({"ConnectCampaignArn": CAMPAIGN}, "ConnectCampaignExecutionRoleArn is required"),
        ({**CONNECT, "ConnectCampaignArn": "arn:aws:connect:eu-west-1:000000000001:instance/i"}, "must be the ARN"),
        ({**CONNECT, "ConnectCampaignExecutionRoleArn": f"{ROLE}/more"}, "without a path"),
        ({"ConnectCampaignArn": "https://localhost:1/dial"}, "ConnectCampaignArn: https://localhost:1/dial"),
    ],
)
def test_a_journey_that_could_call_nobody_is_not_published(shop: Project, settings: dict[str, str], text: str) -> None:
    with pytest.raises(ClientError, match=text):
        calls(shop, {"call": call()}, JourneyChannelSettings=settings)


def test_at_most_three_calls(shop: Project) -> None:
    activities = {f"call{number}": call(f"call{number + 1}") for number in range(3)}
    with pytest.raises(ClientError, match="at most 3 of ContactCenter"):
        calls(shop, {**activities, "call3": call()}, "call0")
