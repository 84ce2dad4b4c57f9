"""Splits of journeys: what they ask of people, when they ask, and which way people take. Source: spec of journeys, 3.7,
3.8, 3.12, 4.1, 9."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.acceptance.letters import go, journey, mail, reached, state, template
from tests.acceptance.outside import Outside
from tests.acceptance.project import Project


@pytest.fixture
def letters(project: Project) -> Project:
    """A project with an e-mail template of its own."""
    template(project)
    return project


def event(*types: str, activity: str = "mailA", **dimensions: Any) -> dict[str, Any]:
    """An EventCondition."""
    if types:
        dimensions["EventType"] = {"DimensionType": "INCLUSIVE", "Values": list(types)}
    condition = {"Dimensions": dimensions} | ({"MessageActivity": activity} if activity else {})
    return {"EventCondition": condition}


def split(*conditions: dict[str, Any], operator: str = "ALL", **wait: str) -> dict[str, Any]:
    """A ConditionalSplit to the mails `yes` and `no`."""
    return {
        "ConditionalSplit": {
            "Condition": {"Conditions": list(conditions), "Operator": operator},
            "TrueActivity": "yes",
            "FalseActivity": "no",
            **({"EvaluationWaitTime": wait} if wait else {}),
        }
    }


def branches(project: Project, *conditions: dict[str, Any], **wait: str) -> dict[str, Any]:
    """A MultiCondition split to the mails `way1`, `way2` … and `else`, with those mails."""
    ways = [f"way{number}" for number in range(1, len(conditions) + 1)]
    parts = [{"Condition": one, "NextActivity": way} for one, way in zip(conditions, ways, strict=True)]
    members: dict[str, Any] = {"Branches": parts, "DefaultActivity": "else"}
    members |= {"EvaluationWaitTime": wait} if wait else {}
    return {"ask": {"MultiCondition": members}} | {way: mail(project) for way in (*ways, "else")}


def asking(project: Project, one: dict[str, Any]) -> dict[str, Any]:
    """The activities of a journey that sends a mail and then asks."""
    return {"mailA": mail(project, "ask"), "ask": one, "yes": mail(project), "no": mail(project)}


def only_asking(project: Project, one: dict[str, Any]) -> dict[str, Any]:
    return {"ask": one, "yes": mail(project), "no": mail(project)}


def ways(project: Project) -> dict[str, str]:
    """The mail that everybody got last, but for the first one."""
    return {name: activity for name, activity in reached(project) if activity != "mailA"}


def feedback(project: Project, endpoint_id: str, kind: str, activity: str = "mailA") -> None:
    """What becomes of the mail that an activity sent to an endpoint."""
    [found] = [
        one for one in project.mail() if (one["EndpointId"], one.get("JourneyActivityId")) == (endpoint_id, activity)
    ]
    project.server.control("POST", "feedback", {"MessageId": found["MessageId"], "Type": kind})


def counts(project: Project, journey_id: str, activity: str = "ask") -> dict[str, str]:
    """The execution metrics of an activity."""
    answer = project.pinpoint.get_journey_execution_activity_metrics(
        ApplicationId=project.id, JourneyId=journey_id, JourneyActivityId=activity
    )
    return dict(answer["JourneyExecutionActivityMetricsResponse"]["Metrics"])


def tell(project: Project, endpoint_id: str, kind: str, **members: Any) -> None:
    """One event that an app reports of an endpoint."""
    sent = {"EventType": kind, "Timestamp": "2027-01-04T09:00:00Z", **members}
    results = project.events({endpoint_id: {"Endpoint": {}, "Events": {f"{kind}-{members}"[:60]: sent}}})
    assert results[endpoint_id]["EventsItemResponse"], results


def test_who_opened_and_who_did_not(letters: Project) -> None:
    letters.people(["lea", "jon"])
    made = journey(letters, asking(letters, split(event("_email.open"), WaitFor="P1D")))
    go(letters)
    feedback(letters, "lea", "Open")
    go(letters, "PT23H")
    assert ways(letters) == {}, "it is evaluated after a day"
    go(letters, "PT1H")
    assert ways(letters) == {"lea": "yes", "jon": "no"}
    assert counts(letters, made) == {"Branch_TRUE": "1", "Branch_FALSE": "1"}
    assert state(letters, made) == "COMPLETED"


def test_right_behind_a_mail_events_have_an_hour_to_come(letters: Project) -> None:
    letters.people(["lea", "jon"])
    journey(letters, asking(letters, split(event("_email.open"))))
    go(letters)
    go(letters, "PT49M")
    feedback(letters, "lea", "Open")
    assert ways(letters) == {}
    go(letters, "PT12M")
    assert ways(letters) == {"lea": "yes", "jon": "no"}
    feedback(letters, "jon", "Open")
    go(letters, "P2D")
    assert ways(letters) == {"lea": "yes", "jon": "no"}, "it is evaluated once"


def test_a_longer_wait_takes_the_place_of_the_hour_a_shorter_one_does_not(letters: Project) -> None:
    letters.people(["lea"])
    journey(letters, asking(letters, split(event("_email.open"), WaitFor="PT1M")))
    go(letters)
    go(letters, "PT30M")
    assert ways(letters) == {}
    go(letters, "PT31M")
    assert ways(letters) == {"lea": "no"}


def test_a_date_to_evaluate_on(letters: Project) -> None:
    letters.people(["lea", "jon"])
    date = letters.in_time("P3D")
    made = journey(letters, asking(letters, split(event("_email.click"), WaitUntil=date)))
    go(letters)
    feedback(letters, "jon", "Open")
    go(letters, "P2DT20H")
    assert ways(letters) == {}
    [place] = letters.server.control("GET", f"apps/{letters.id}/journeys/{made}/places")["Places"]
    assert (place["ActivityId"], place["Waiting"], place["People"]) == ("ask", "until", 2)
    go(letters, "PT4H")
    assert ways(letters) == {"lea": "no", "jon": "no"}


OUTCOMES: Sequence[tuple[str, str]] = (
    ("SoftBounce", "_email.softbounce"),
    ("HardBounce", "_email.hardbounce"),
    ("Complaint", "_email.complaint"),
    ("Open", "_email.open"),
)


@pytest.mark.parametrize(("kind", "event_type"), OUTCOMES)
def test_what_became_of_a_mail(letters: Project, kind: str, event_type: str) -> None:
    letters.people(["lea", "jon"])
    journey(letters, asking(letters, split(event(event_type))))
    go(letters)
    feedback(letters, "lea", kind)
    go(letters, "PT2H")
    assert ways(letters).get("jon") == "no"
    assert ways(letters).get("lea", "yes") == "yes"
    assert ("lea", "no") not in reached(letters)


def test_any_and_all_of_several_conditions(letters: Project) -> None:
    letters.people({"both": {"Attributes": {"plan": ["pro"]}}, "open": {}, "pro": {"Attributes": {"plan": ["pro"]}}})
    letters.person("none")
    pro = {"SegmentDimensions": {"Attributes": {"plan": {"AttributeType": "INCLUSIVE", "Values": ["pro"]}}}}
    asked = (event("_email.open"), pro)
    any_, all_ = split(*asked, operator="ANY"), split(*asked, operator="ALL")
    all_["ConditionalSplit"] |= {"TrueActivity": "all", "FalseActivity": "any"}
    activities = asking(letters, any_) | {"mailA": mail(letters, "every"), "every": all_, "any": any_}
    activities |= {"all": mail(letters)}
    del activities["ask"]
    journey(letters, activities)
    go(letters)
    for name in ("both", "open"):
        feedback(letters, name, "Open")
    go(letters, "PT2H")
    assert ways(letters) == {"both": "all", "open": "yes", "pro": "yes", "none": "no"}


def test_a_segment_is_asked_for_as_it_is_now(letters: Project) -> None:
    letters.people({"lea": {"Attributes": {"plan": ["pro"]}}, "jon": {}, "tom": {}})
    pro = letters.segment({"Attributes": {"plan": {"Values": ["pro"]}}})
    one = split({"SegmentCondition": {"SegmentId": pro}}, WaitFor="PT1H")
    made = journey(letters, only_asking(letters, one), start="ask")
    go(letters)
    letters.put("jon", Attributes={"plan": ["pro"]})
    letters.put("lea", Attributes={"plan": ["free"]})
    go(letters, "PT1H")
    assert ways(letters) == {"lea": "no", "jon": "yes", "tom": "no"}
    assert counts(letters, made) == {"Branch_TRUE": "1", "Branch_FALSE": "2"}


def test_a_user_fits_when_any_endpoint_does_and_all_go_that_way(letters: Project) -> None:
    for name, plan in (("a", "pro"), ("b", "free")):
        letters.person(name, Attributes={"plan": [plan]}, User={"UserId": "u1"})
    letters.person("c", Attributes={"plan": ["free"]}, User={"UserId": "u2"})
    pro = {"SegmentDimensions": {"Attributes": {"plan": {"AttributeType": "INCLUSIVE", "Values": ["pro"]}}}}
    made = journey(letters, only_asking(letters, split(pro)), start="ask")
    go(letters)
    assert ways(letters) == {"a": "yes", "b": "yes", "c": "no"}
    assert counts(letters, made) == {"Branch_TRUE": "1", "Branch_FALSE": "1"}


def test_what_one_endpoint_of_a_user_opened_all_have(letters: Project) -> None:
    for name, user in (("a", "u1"), ("b", "u1"), ("c", "u2")):
        letters.person(name, User={"UserId": user})
    journey(letters, asking(letters, split(event("_email.open"))))
    go(letters)
    feedback(letters, "b", "Open")
    go(letters, "PT2H")
    assert ways(letters) == {"a": "yes", "b": "yes", "c": "no"}


def test_the_first_branch_that_holds(letters: Project) -> None:
    letters.people({"ab": {"Attributes": {"tag": ["a", "b"]}}, "b": {"Attributes": {"tag": ["b"]}}, "none": {}})
    letters.person("other", Location={"Country": "DE"})
    tagged = [
        {"SegmentDimensions": {"Attributes": {"tag": {"AttributeType": "INCLUSIVE", "Values": [tag]}}}} for tag in "ab"
    ]
    german = {"SegmentCondition": {"SegmentId": letters.segment({"Location": {"Country": {"Values": ["DE"]}}})}}
    made = journey(letters, branches(letters, tagged[1], tagged[0], german), start="ask")
    go(letters)
    assert ways(letters) == {"ab": "way1", "b": "way1", "other": "way3", "none": "else"}
    # No `Branch_2`: it is what nobody took.
    found = {name: count for name, count in counts(letters, made).items() if count != "0"}
    assert found == {"Branch_1": "2", "Branch_3": "1", "Branch_4": "1"}


def test_branches_on_events_wait_too(letters: Project) -> None:
    letters.people(["open", "click", "none"])
    asked = branches(letters, event("_email.click"), event("_email.open"), WaitFor="P2D")
    journey(letters, {"mailA": mail(letters, "ask"), **asked})
    go(letters)
    feedback(letters, "open", "Open")
    feedback(letters, "click", "Open")
    feedback(letters, "click", "Click")
    go(letters, "P1DT23H")
    assert ways(letters) == {}
    go(letters, "PT1H")
    assert ways(letters) == {"open": "way2", "click": "way1", "none": "else"}


def test_events_of_another_activity_or_journey_do_not_count(letters: Project) -> None:
    letters.people(["lea"])
    activities = {
        "mailA": mail(letters, "mailB"),
        "mailB": mail(letters, "ask"),
        "ask": split(event("_email.open", activity="mailB")),
        "yes": mail(letters),
        "no": mail(letters),
    }
    journey(letters, activities)
    go(letters)
    feedback(letters, "lea", "Open", "mailA")
    go(letters, "PT2H")
    assert ("lea", "no") in reached(letters)


def test_what_somebody_did_since_they_entered(letters: Project) -> None:
    letters.people(["before", "since", "cheap", "never"])
    price = {"Metrics": {"price": {"ComparisonOperator": "GREATER_THAN", "Value": 10.0}}}
    tell(letters, "before", "bought", Metrics={"price": 20.0})
    letters.server.advance("PT1M")
    one = split(event("bought", activity="", **price), WaitFor="PT2H")
    journey(letters, only_asking(letters, one), start="ask")
    go(letters)
    tell(letters, "since", "bought", Metrics={"price": 20.0})
    tell(letters, "cheap", "bought", Metrics={"price": 10.0})
    go(letters, "PT2H")
    assert ways(letters) == {"before": "no", "since": "yes", "cheap": "no", "never": "no"}


def test_a_push_notification_that_was_opened(letters: Project) -> None:
    letters.pinpoint.update_gcm_channel(ApplicationId=letters.id, GCMChannelRequest={"ApiKey": "key", "Enabled": True})
    name = f"PUSH-{letters.id[:12]}"
    request = {"Default": {"Title": "Hello", "Body": "Hello", "Action": "OPEN_APP"}}
    letters.pinpoint.create_push_template(TemplateName=name, PushNotificationTemplateRequest=request)
    for number in range(3):
        letters.put(f"phone{number}", ChannelType="GCM", Address=f"token{number}", User={"UserId": f"u{number}"})
        letters.person(f"mail{number}", User={"UserId": f"u{number}"})
    sent = {"PUSH": {"TemplateName": name, "MessageConfig": {}, "NextActivity": "ask"}}
    one = split(event("_journey.opened_notification", activity="push"))
    made = journey(letters, {"push": sent, **only_asking(letters, one)}, start="push")
    go(letters)
    own = {"journey_id": made, "journey_activity_id": "push"}
    tell(letters, "phone0", "_journey.opened_notification", Attributes=own)
    tell(letters, "phone1", "_journey.opened_notification", Attributes={**own, "journey_id": "0" * 32})
    go(letters, "PT2H")
    assert ways(letters) == {"mail0": "yes", "mail1": "no", "mail2": "no"}


def test_a_segment_that_was_deleted_holds_for_nobody(letters: Project) -> None:
    letters.people(["lea"])
    everybody = letters.segment()
    one = split({"SegmentCondition": {"SegmentId": everybody}}, WaitFor="PT1H")
    made = journey(letters, only_asking(letters, one), start="ask")
    go(letters)
    letters.pinpoint.delete_segment(ApplicationId=letters.id, SegmentId=everybody)
    go(letters, "PT1H")
    assert ways(letters) == {"lea": "no"}
    assert state(letters, made) == "COMPLETED"


REFUSED: Sequence[tuple[str, dict[str, Any]]] = (
    ("E18", {"ConditionalSplit": {"Condition": {"Conditions": []}, "TrueActivity": "yes"}}),
    ("E18", split(event("_email.open"), event("_email.click"), operator="ALL", WaitFor="soon")),
    ("E18", split({"SegmentCondition": {"SegmentId": "0" * 32}})),
    ("E18", split({"SegmentDimensions": {"Attributes": {"a": {"Values": []}}}})),
    ("E18", split({})),
    ("E19", {"MultiCondition": {"Branches": [], "DefaultActivity": "no"}}),
    ("E19", {"MultiCondition": {"Branches": [{"NextActivity": "yes"}], "DefaultActivity": "no"}}),
    ("E20", split(event("_SMS.SUCCESS"))),
    ("E20", split(event("bought"))),
    ("E20", split(event("_email.open", activity="gone"))),
    ("E20", split(event("_email.open", activity="yes"))),
    ("E20", split(event("_email.open", activity="ask"))),
    ("E20", split({"EventCondition": {"MessageActivity": "mailA"}})),
)


@pytest.mark.parametrize(("code", "one"), REFUSED)
def test_what_a_review_refuses(letters: Project, code: str, one: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as raised:
        journey(letters, asking(letters, one))
    error = raised.value.response["Error"]
    assert error["Code"] == "BadRequestException"
    assert f"{code} ask" in error["Message"]


@pytest.fixture
def world(outside: Outside) -> Iterator[Outside]:
    outside.invoked.clear()
    yield outside
    outside.functions.clear()


def test_what_a_function_answered(shop: Project, world: Outside) -> None:
    template(shop)

    def answer(told: dict[str, Any]) -> Any:
        ranks = {"lea": "gold", "jon": "tin"}
        return {name: {"EventAttributes": {"rank": ranks[name]}} for name in told["Endpoints"] if name in ranks}

    world.functions["rank"] = answer
    shop.people(["lea", "jon", "tom"])
    call = {"DeliveryUri": "rank", "EndpointTypes": ["EMAIL"], "MessageConfig": {"Data": "x"}, "NextActivity": "ask"}
    gold = {"Attributes": {"rank": {"AttributeType": "INCLUSIVE", "Values": ["gold"]}}}
    one = split(event(activity="call", **gold))
    # The model of the API requires no type of event; boto3 sends none.
    journey(shop, {"call": {"CUSTOM": call}, **only_asking(shop, one)}, start="call")
    go(shop)
    assert ways(shop) == {}
    go(shop, "PT16M")
    assert ways(shop) == {"lea": "yes", "jon": "no", "tom": "no"}
