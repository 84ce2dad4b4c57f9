"""Campaigns that events trigger: who is answered with what, how often, until when. Source: spec of campaigns, 4.4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.acceptance.project import Project

STAMP = "2027-01-04T09:00:00Z"


def waiting(*types: str, **more: Any) -> dict[str, Any]:
    """An EventFilter for these types of events that apps report; `more` goes into it, or its dimensions."""
    dimensions: dict[str, Any] = {"EventType": {"DimensionType": "INCLUSIVE", "Values": list(types)}}
    dimensions |= {name: more.pop(name) for name in ("Attributes", "Metrics") if name in more}
    return {"FilterType": "ENDPOINT", "Dimensions": dimensions, **more}


def schedule(event_filter: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A Schedule that begins at once."""
    return {"StartTime": "IMMEDIATE", "Frequency": "EVENT", "EventFilter": event_filter, **more}


def create(project: Project, segment: str, **write: Any) -> tuple[int, dict[str, Any]]:
    """CreateCampaign with members that boto3 does not know: status and body."""
    return project.server.raw("POST", f"/v1/apps/{project.id}/campaigns", project.write(segment, **write))


def listen(project: Project, segment: str, event_filter: Mapping[str, Any], **write: Any) -> str:
    """An event campaign that has begun; answers its id."""
    timing = write.pop("timing", {})
    status, made = create(project, segment, Schedule=schedule(event_filter, **timing), **write)
    assert status == 201, made
    project.server.settle()
    return str(made["Id"])


_numbers = iter(range(1_000_000))


def tell(project: Project, endpoint: str, event_type: str, **event: Any) -> None:
    """One event of an endpoint, accepted."""
    name = event.pop("id", None) or f"e{next(_numbers)}"
    of_endpoint = event.pop("Endpoint", {})
    sent = {"EventType": event_type, "Timestamp": STAMP, **event}
    results = project.events({endpoint: {"Endpoint": of_endpoint, "Events": {name: sent}}})
    assert results[endpoint]["EventsItemResponse"][name]["Message"] == "Accepted", results


def statuses(project: Project, endpoint: str, campaign: str) -> list[str]:
    """What became of an endpoint's turns of a campaign, oldest first: its status, or the gate that has none."""
    path = f"why?ApplicationId={project.id}&EndpointId={endpoint}&CampaignId={campaign}"
    found = project.server.control("GET", path)["Decisions"]
    told = [one for one in found if one["EventType"] in ("_campaign.send", "_clarion.skip")]
    return [one.get("Status") or one["Gate"] for one in reversed(told)]


def test_an_event_is_answered(project: Project) -> None:
    project.people(["lea", "jon"])
    segment = project.segment()
    made = project.campaign(segment, Schedule=schedule(waiting("cart.left")))
    assert made["State"] == {"CampaignStatus": "SCHEDULED"}
    assert made["Schedule"] == schedule(waiting("cart.left"))
    project.server.settle()
    assert project.status(made["Id"]) == "EXECUTING"
    assert project.mail(made["Id"]) == []
    tell(project, "lea", "cart.left")
    tell(project, "jon", "cart.filled")
    project.server.settle()
    assert project.reached(made["Id"]) == ["lea"]
    tell(project, "lea", "cart.left")
    tell(project, "jon", "cart.left")
    project.server.settle()
    assert project.reached(made["Id"]) == ["jon", "lea", "lea"]
    [activity] = project.activities(made["Id"])
    assert activity["State"] == "RUNNING"
    assert (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"]) == (2, 2)
    assert activity["ExecutionMetrics"] == {"ENDPOINT_PRODUCED": "2"}
    assert not activity.keys() & {"End", "Result"}


MATCHING: Sequence[tuple[str, dict[str, Any], dict[str, Any], bool]] = (
    ("one of the values", {"Attributes": {"kind": {"Values": ["shoe", "hat"]}}}, {"kind": "hat"}, True),
    ("none of the values", {"Attributes": {"kind": {"Values": ["shoe", "hat"]}}}, {"kind": "coat"}, False),
    ("no such attribute", {"Attributes": {"kind": {"Values": ["shoe"]}}}, {}, False),
    ("excluded", {"Attributes": {"kind": {"AttributeType": "EXCLUSIVE", "Values": ["hat"]}}}, {"kind": "hat"}, False),
    ("not excluded", {"Attributes": {"kind": {"AttributeType": "EXCLUSIVE", "Values": ["hat"]}}}, {}, True),
    ("contains", {"Attributes": {"kind": {"AttributeType": "CONTAINS", "Values": ["oe"]}}}, {"kind": "shoe"}, True),
    ("enough", {"Metrics": {"sum": {"ComparisonOperator": "GREATER_THAN", "Value": 9.5}}}, {"sum": 9.6}, True),
    ("not enough", {"Metrics": {"sum": {"ComparisonOperator": "GREATER_THAN", "Value": 9.5}}}, {"sum": 9.5}, False),
    ("no such metric", {"Metrics": {"sum": {"ComparisonOperator": "LESS_THAN", "Value": 1}}}, {}, False),
    (
        "only one of two",
        {
            "Attributes": {"kind": {"Values": ["hat"]}},
            "Metrics": {"sum": {"ComparisonOperator": "EQUAL", "Value": 0}},
        },
        {"kind": "hat", "sum": 1},
        False,
    ),
)


def test_which_events_match(project: Project) -> None:
    project.people([f"p{number}" for number in range(len(MATCHING))])
    segment = project.segment()
    campaigns = [
        listen(project, segment, waiting(f"told.{number}", **wanted))
        for number, (_, wanted, _, _) in enumerate(MATCHING)
    ]
    for number, (_, _, sent, _) in enumerate(MATCHING):
        attributes = {name: value for name, value in sent.items() if isinstance(value, str)}
        metrics = {name: value for name, value in sent.items() if not isinstance(value, str)}
        tell(project, f"p{number}", f"told.{number}", Attributes=attributes, Metrics=metrics)
    project.server.settle()
    reached = {one["CampaignId"]: one["EndpointId"] for one in project.mail()}
    for number, (name, _, _, matches) in enumerate(MATCHING):
        assert reached.get(campaigns[number]) == (f"p{number}" if matches else None), name


def test_the_endpoint_must_be_in_the_segment_at_that_time(project: Project) -> None:
    project.person("in", Attributes={"plan": ["pro"]})
    project.person("out", Attributes={"plan": ["free"]})
    campaign = listen(project, project.segment({"Attributes": {"plan": {"Values": ["pro"]}}}), waiting("bought"))
    tell(project, "in", "bought")
    tell(project, "out", "bought")
    # An event may bring along what makes its endpoint a member, and an endpoint that was not there before.
    tell(project, "new", "bought", Endpoint={"ChannelType": "EMAIL", "Address": "new@example.com"})
    member = {"ChannelType": "EMAIL", "Address": "young@example.com", "Attributes": {"plan": ["pro"]}}
    tell(project, "young", "bought", Endpoint=member)
    project.server.settle()
    assert project.reached(campaign) == ["in", "young"]
    tell(project, "out", "bought", Endpoint={"Attributes": {"plan": ["pro"]}})
    tell(project, "in", "bought", Endpoint={"Attributes": {"plan": ["free"]}})
    project.server.settle()
    assert project.reached(campaign) == ["in", "out", "young"]


def test_gates_tell_why_somebody_gets_nothing(project: Project) -> None:
    project.people({"lea": {}, "off": {"OptOut": "ALL"}, "gone": {"EndpointStatus": "INACTIVE"}})
    project.put("phone", ChannelType="SMS", Address="+4915112345678")
    campaign = listen(project, project.segment(), waiting("bought"))
    for name in ("lea", "off", "gone", "phone"):
        tell(project, name, "bought")
    project.server.settle()
    assert project.reached(campaign) == ["lea"]
    assert {name: statuses(project, name, campaign) for name in ("lea", "off", "gone", "phone")} == {
        "lea": ["SUCCESS"],
        "off": ["opt_out"],
        "gone": ["status"],
        "phone": ["content"],
    }
    [activity] = project.activities(campaign)
    assert activity["ExecutionMetrics"] == {
        "ENDPOINT_PRODUCED": "4",
        "ENDPOINT_OPT_OUT": "1",
        "ENDPOINT_INACTIVE": "1",
        "ENDPOINT_CHANNEL_MISMATCH": "1",
    }


def test_a_total_holds_however_fast_events_come(project: Project) -> None:
    project.people(["lea", "jon"])
    campaign = listen(project, project.segment(), waiting("bought"), Limits={"Total": 2})
    events = {f"b{number}": {"EventType": "bought", "Timestamp": STAMP} for number in range(5)}
    project.events({"lea": {"Endpoint": {}, "Events": events}})
    tell(project, "jon", "bought")
    project.server.settle()
    assert project.reached(campaign) == ["jon", "lea", "lea"]
    assert statuses(project, "lea", campaign).count("CAMPAIGN_CAP") == 3
    project.server.advance("P3D")
    tell(project, "lea", "bought")
    tell(project, "jon", "bought")
    tell(project, "jon", "bought")
    project.server.settle()
    assert project.reached(campaign) == ["jon", "jon", "lea", "lea"]


def test_daily_limits_count_a_sliding_day(project: Project) -> None:
    project.people(["lea"])
    segment = project.segment()
    campaign = listen(project, segment, waiting("bought"), Limits={"Daily": 1})
    for _ in range(3):
        tell(project, "lea", "bought")
    project.server.settle()
    assert project.reached(campaign) == ["lea"]
    assert sorted(statuses(project, "lea", campaign)) == ["DAILY_CAP", "DAILY_CAP", "SUCCESS"]
    project.server.advance("PT23H")
    tell(project, "lea", "bought")
    project.server.advance("PT2H")
    tell(project, "lea", "bought")
    project.server.settle()
    assert project.reached(campaign) == ["lea", "lea"]
    project.pinpoint.update_application_settings(
        ApplicationId=project.id, WriteApplicationSettingsRequest={"Limits": {"Daily": 1}}
    )
    other = listen(project, segment, waiting("looked"), Limits={"Daily": 50})
    tell(project, "lea", "looked")
    project.server.settle()
    assert statuses(project, "lea", other) == ["DAILY_CAP"]


def test_a_cool_down(project: Project) -> None:
    project.people(["lea", "jon"])
    campaign = listen(project, project.segment(), waiting("bought", CoolDownHours=6))
    for name in ("lea", "lea", "jon"):
        tell(project, name, "bought")
    project.server.settle()
    assert project.reached(campaign) == ["jon", "lea"]
    assert sorted(statuses(project, "lea", campaign)) == ["SUCCESS", "cool_down"]
    project.server.advance("PT5H")
    tell(project, "lea", "bought")
    project.server.advance("PT1H1M")
    tell(project, "lea", "bought")
    project.server.settle()
    assert project.reached(campaign) == ["jon", "lea", "lea"]


def test_all_endpoints_of_the_user_when_that_is_wanted(project: Project) -> None:
    for name, plan in (("lea1", "pro"), ("lea2", "pro"), ("lea3", "free")):
        project.person(name, User={"UserId": "lea"}, Attributes={"plan": [plan]})
    project.person("jon", Attributes={"plan": ["pro"]})
    project.put("app", ChannelType="GCM", Address="token", User={"UserId": "lea"})
    segment = project.segment({"Attributes": {"plan": {"Values": ["pro"]}}})
    own = listen(project, segment, waiting("bought"))
    whole = listen(project, segment, waiting("bought", Recipients="USER"))
    shown = project.server.raw("GET", f"/v1/apps/{project.id}/campaigns/{whole}")[1]
    assert shown["Schedule"]["EventFilter"]["Recipients"] == "USER"
    tell(project, "app", "bought")
    tell(project, "jon", "bought")
    project.server.settle()
    assert project.reached(own) == ["jon"]
    assert project.reached(whole) == ["jon", "lea1", "lea2"]


def test_quiet_time_and_hold_out(project: Project) -> None:
    hours, minutes = (int(part) for part in project.in_time("PT0S")[11:16].split(":"))
    # Nine in the morning, UTC: whatever other tests have let pass.
    project.server.advance(f"PT{(9 * 60 - hours * 60 - minutes) % 1440}M")
    project.person("asleep", Demographic={"Timezone": "America/Los_Angeles"})
    project.person("awake", Demographic={"Timezone": "Europe/Berlin"})
    quiet = {"QuietTime": {"Start": "22:00", "End": "06:00"}}
    segment = project.segment()
    campaign = listen(project, segment, waiting("bought"), timing=quiet, Limits={"Total": 1})
    nobody = listen(project, segment, waiting("bought"), HoldoutPercent=100)
    for name in ("asleep", "awake"):
        tell(project, name, "bought")
    project.server.settle()
    assert project.reached(campaign) == ["awake"]
    assert statuses(project, "asleep", campaign) == ["QUIET_TIME"]
    assert project.reached(nobody) == []
    assert statuses(project, "awake", nobody) == ["HOLDOUT"]
    # Being targeted at all uses up the total.
    project.server.advance("PT9H")
    tell(project, "asleep", "bought")
    project.server.settle()
    assert statuses(project, "asleep", campaign) == ["QUIET_TIME", "CAMPAIGN_CAP"]


def test_treatments_by_cohort(project: Project) -> None:
    names = [f"p{number:02d}" for number in range(60)]
    project.people(names)
    other = {"SizePercent": 50, "MessageConfiguration": {"EmailMessage": {"Title": "B", "Body": "b"}}}
    campaign = listen(project, project.segment(), waiting("bought"), AdditionalTreatments=[other], HoldoutPercent=10)
    for name in names:
        tell(project, name, "bought")
    project.server.settle()
    mail = project.mail(campaign)
    by_treatment = {letter: {one["EndpointId"] for one in mail if one["TreatmentId"] == letter} for letter in "01"}
    assert all(one["Subject"] == ("B" if one["TreatmentId"] == "1" else "Hello") for one in mail)
    assert all(by_treatment.values())
    assert not by_treatment["0"] & by_treatment["1"]
    held = set(names) - by_treatment["0"] - by_treatment["1"]
    runs = {run["TreatmentId"]: run for run in project.activities(campaign)}
    assert {letter: run["SuccessfulEndpointCount"] for letter, run in runs.items()} == {
        letter: len(found) for letter, found in by_treatment.items()
    }
    assert all(statuses(project, name, campaign) == ["HOLDOUT"] for name in held)
    for name in names[:10]:
        tell(project, name, "bought")
    project.server.settle()
    again = {one["EndpointId"]: one["TreatmentId"] for one in project.mail(campaign)}
    assert all(again[name] == letter for letter in "01" for name in by_treatment[letter])


def test_a_rate_and_a_deadline(project: Project) -> None:
    """The rate is the campaign's, not a batch's; whoever's turn would come too late gets nothing."""
    names = [f"p{number:02d}" for number in range(70)]
    project.people(names)
    limits = {"MessagesPerSecond": 1, "MaximumDuration": 60}
    campaign = listen(project, project.segment(), waiting("bought"), Limits=limits)
    for batch in (names[:30], names[30:]):
        event = {"e": {"EventType": "bought", "Timestamp": STAMP}}
        project.events({name: {"Endpoint": {}, "Events": event} for name in batch})
        project.server.settle()
    assert len(project.reached(campaign)) == 1
    project.server.advance("PT10S")
    assert len(project.reached(campaign)) == 11
    for _ in range(6):
        project.server.advance("PT10S")
    sent = project.reached(campaign)
    assert len(sent) == 61
    unsent = sorted(set(names) - set(sent))
    assert all(statuses(project, name, campaign) == ["EXPIRED"] for name in unsent)
    [activity] = project.activities(campaign)
    assert activity["SuccessfulEndpointCount"] == 61
    tell(project, names[0], "bought")
    project.server.settle()
    assert len(project.reached(campaign)) == 62


def test_what_does_not_leave_within_five_minutes_is_dropped(project: Project) -> None:
    project.people(["lea"])
    campaign = listen(project, project.segment(), waiting("bought"), Limits={"MessagesPerSecond": 1})
    events = {f"b{number}": {"EventType": "bought", "Timestamp": STAMP} for number in range(100)}
    for batch in range(4):
        named = {f"{batch}-{name}": event for name, event in events.items()}
        project.events({"lea": {"Endpoint": {}, "Events": named}})
    project.server.settle()
    assert statuses(project, "lea", campaign).count("EXPIRED") == 400 - 301
    project.pinpoint.delete_campaign(ApplicationId=project.id, CampaignId=campaign)


def test_a_window_from_its_start_to_its_end(project: Project) -> None:
    project.people(["lea", "jon"])
    start, end = project.in_time("PT1H"), project.in_time("PT3H")
    made = project.campaign(project.segment(), Schedule=schedule(waiting("bought"), StartTime=start, EndTime=end))
    tell(project, "lea", "bought")
    project.server.settle()
    assert project.status(made["Id"]) == "SCHEDULED"
    assert project.activities(made["Id"]) == []
    project.server.advance("PT1H")
    assert project.status(made["Id"]) == "EXECUTING"
    assert project.mail(made["Id"]) == []
    tell(project, "lea", "bought")
    project.server.advance("PT1H59M59S")
    tell(project, "jon", "bought")
    project.server.settle()
    assert project.reached(made["Id"]) == ["jon", "lea"]
    project.server.advance("PT1S")
    tell(project, "jon", "bought")
    project.server.settle()
    assert project.reached(made["Id"]) == ["jon", "lea"]
    assert project.status(made["Id"]) == "COMPLETED"
    [activity] = project.activities(made["Id"])
    assert (activity["State"], activity["Result"]) == ("COMPLETED", "SUCCESS")
    assert (activity["ScheduledStart"], activity["End"]) == (
        start.replace("Z", ".000Z") if "." not in start else start,
        end.replace("Z", ".000Z") if "." not in end else end,
    )
    assert (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"]) == (2, 2)


def test_an_event_just_before_the_end_is_answered_at_the_end_or_never(project: Project) -> None:
    """The rate would let the last message out after the end: then it expires."""
    project.people(["lea", "jon"])
    end = project.in_time("PT1M")
    made = project.campaign(
        project.segment(),
        Schedule=schedule(waiting("bought"), EndTime=end),
        Limits={"MessagesPerSecond": 1},
    )
    project.server.advance("PT59S")
    for name in ("lea", "jon", "lea"):
        tell(project, name, "bought")
    project.server.advance("PT1M")
    assert project.status(made["Id"]) == "COMPLETED"
    assert len(project.mail(made["Id"])) == 2
    [activity] = project.activities(made["Id"])
    assert activity["State"] == "COMPLETED"


def test_pausing_and_going_on(project: Project) -> None:
    project.people(["lea"])
    segment = project.segment()
    timing = {"StartTime": project.in_time("PT1M")}
    made = project.campaign(segment, Schedule=schedule(waiting("bought"), **timing))
    project.server.advance("PT2M")
    tell(project, "lea", "bought")
    project.server.settle()
    paused = project.update(made["Id"], segment, Schedule=schedule(waiting("bought"), **timing), IsPaused=True)
    assert paused["State"] == {"CampaignStatus": "PAUSED"}
    tell(project, "lea", "bought")
    resumed = project.update(made["Id"], segment, Schedule=schedule(waiting("bought"), **timing), IsPaused=False)
    assert resumed["State"] == {"CampaignStatus": "EXECUTING"}
    project.server.settle()
    assert project.reached(made["Id"]) == ["lea"]
    tell(project, "lea", "bought")
    project.server.settle()
    assert project.reached(made["Id"]) == ["lea", "lea"]
    assert len(project.activities(made["Id"])) == 1


def test_changing_what_it_waits_for_and_says(project: Project) -> None:
    project.people(["lea"])
    segment = project.segment()
    campaign = listen(project, segment, waiting("bought"))
    message = {"EmailMessage": {"Title": "New", "Body": "New"}}
    changed = project.update(campaign, segment, Schedule=schedule(waiting("looked")), MessageConfiguration=message)
    assert changed["State"] == {"CampaignStatus": "EXECUTING"}
    tell(project, "lea", "bought")
    tell(project, "lea", "looked")
    project.server.settle()
    assert [one["Subject"] for one in project.mail(campaign)] == ["New"]
    # Events no more: the window's run ends, and the campaign goes by the time.
    soon = project.in_time("PT1H")
    project.update(campaign, segment, Schedule={"StartTime": soon})
    tell(project, "lea", "looked")
    project.server.advance("PT1H1S")
    assert project.status(campaign) == "COMPLETED"
    assert len(project.mail(campaign)) == 2
    assert [run["State"] for run in project.activities(campaign)] == ["COMPLETED", "COMPLETED"]


def test_deleting_ends_it_at_once(project: Project) -> None:
    project.people(["lea"])
    segment, doomed = project.segment(), project.segment()
    campaign = listen(project, segment, waiting("bought"))
    of_doomed = listen(project, doomed, waiting("bought"))
    project.pinpoint.delete_campaign(ApplicationId=project.id, CampaignId=campaign)
    project.pinpoint.delete_segment(ApplicationId=project.id, SegmentId=doomed)
    tell(project, "lea", "bought")
    project.server.settle()
    assert project.mail() == []
    assert project.status(of_doomed) == "DELETED"
    assert [run["State"] for run in project.activities(of_doomed)] == ["CANCELLED"]


def test_events_of_the_service(project: Project) -> None:
    project.people(["lea", "jon"])
    segment = project.segment()
    delivered = {"FilterType": "SYSTEM", "Dimensions": {"EventType": {"Values": ["_email.delivered"]}}}
    follow = listen(project, segment, delivered)
    further = listen(project, segment, delivered)
    reported = listen(project, segment, waiting("_email.delivered"))
    first = project.campaign(project.segment({"Attributes": {"no": {"Values": ["such"]}}}))
    project.server.settle()
    assert project.mail(first["Id"]) == []
    tell(project, "jon", "_email.delivered")
    project.server.settle()
    assert project.reached(reported) == ["jon"]
    # Its message was delivered, which both answer, and each the other's answer; never what it caused itself.
    assert project.reached(follow) == ["jon", "jon"]
    assert project.reached(further) == ["jon", "jon"]


def test_an_event_reported_again_is_answered_once(project: Project) -> None:
    project.people(["lea"])
    campaign = listen(project, project.segment(), waiting("bought"))
    for _ in range(3):
        tell(project, "lea", "bought", id="the-same")
    project.server.settle()
    tell(project, "lea", "bought", id="the-same")
    project.server.settle()
    assert project.reached(campaign) == ["lea"]


def test_messages_can_name_the_event(project: Project) -> None:
    project.people(["lea"])
    text = "{{Event.Attributes.product}} for {{Event.Metrics.price}} ({{Event.EventType}})"
    message = {"EmailMessage": {"Title": text, "Body": "b"}}
    campaign = listen(project, project.segment(), waiting("left"), MessageConfiguration=message)
    tell(project, "lea", "left", Attributes={"product": "Shoe"}, Metrics={"price": 49.5})
    project.server.settle()
    assert [one["Subject"] for one in project.mail(campaign)] == ["Shoe for 49.5 (left)"]


def test_events_that_name_campaigns_that_are_not_there(project: Project) -> None:
    project.people(["lea"])
    campaign = listen(project, project.segment(), waiting("bought"))
    attributes = {"campaign_id": "0" * 32, "campaign_activity_id": "nothing", "treatment_id": "x"}
    tell(project, "lea", "bought", Attributes=attributes)
    tell(project, "nobody", "bought")
    project.server.settle()
    assert project.reached(campaign) == ["lea"]


def test_without_a_channel_it_is_invalid(project: Project) -> None:
    project.people(["lea"])
    message = {"SMSMessage": {"Body": "hello"}}
    campaign = listen(project, project.segment(), waiting("bought"), MessageConfiguration=message)
    tell(project, "lea", "bought")
    project.server.settle()
    assert project.status(campaign) == "INVALID"
    [activity] = project.activities(campaign)
    assert (activity["State"], activity["Result"]) == ("COMPLETED", "FAIL")


WRONG: Mapping[str, tuple[dict[str, Any], str]] = {
    "no filter": ({"StartTime": "IMMEDIATE", "Frequency": "EVENT"}, "Schedule.EventFilter"),
    "no type": (
        schedule({"FilterType": "ENDPOINT", "Dimensions": {}}),
        "Schedule.EventFilter.Dimensions.EventType",
    ),
    "no values": (
        schedule({"FilterType": "ENDPOINT", "Dimensions": {"EventType": {"Values": []}}}),
        "Schedule.EventFilter.Dimensions.EventType.Values",
    ),
    "comparison": (
        schedule(waiting("a", Metrics={"m": {"ComparisonOperator": "ABOUT", "Value": 1}})),
        "Schedule.EventFilter.Dimensions.Metrics.m.ComparisonOperator",
    ),
    "filter type": (schedule({**waiting("a"), "FilterType": "APP"}), "FilterType"),
    "recipients": (schedule(waiting("a", Recipients="FAMILY")), "Recipients"),
    "cool-down": (schedule(waiting("a", CoolDownHours=0)), "CoolDownHours"),
    "of a campaign by the time": ({"StartTime": "IMMEDIATE", "EventFilter": waiting("a")}, "Schedule.EventFilter"),
    "end before start": (schedule(waiting("a"), EndTime="2020-01-01T00:00:00Z"), "Schedule.EndTime"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_refused(project: Project, name: str) -> None:
    wrong, member = WRONG[name]
    status, answer = create(project, project.segment(), Schedule=wrong)
    assert (status, member in answer["Message"]) == (400, True), answer


def test_boto3_is_told_of_its_mistake(project: Project) -> None:
    with pytest.raises(ClientError) as refused:
        project.campaign(project.segment(), Schedule={"StartTime": "IMMEDIATE", "Frequency": "EVENT"})
    assert refused.value.response["Error"]["Code"] == "BadRequestException"
