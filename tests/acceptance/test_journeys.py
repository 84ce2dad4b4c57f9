"""Journeys as resources: every operation on definitions and runs, and the life of a journey. Source: spec of journeys,
1, 2, 8, 10, 13.1."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.acceptance.project import Project, every_page
from tests.acceptance.running import Server
from tests.acceptance.test_apps import DATE

HOUR = {"Wait": {"WaitTime": {"WaitFor": "PT1H"}}}
DAILY = {"RefreshFrequency": "P1D"}

NOT_FOUND = "NotFoundException"
BAD = "BadRequestException"
CONFLICT = "ConflictException"


def write(project: Project, **members: Any) -> dict[str, Any]:
    """A WriteJourneyRequest: everybody waits for an hour; None takes a member out."""
    request: dict[str, Any] = {"Name": "way", "StartActivity": "w1", "Activities": {"w1": HOUR}, **members}
    if "StartCondition" not in request:
        request["StartCondition"] = {"SegmentStartCondition": {"SegmentId": project.segment()}}
    return {name: value for name, value in request.items() if value is not None}


def create(project: Project, **members: Any) -> dict[str, Any]:
    """CreateJourney."""
    answer = project.pinpoint.create_journey(ApplicationId=project.id, WriteJourneyRequest=write(project, **members))
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    return dict(answer["JourneyResponse"])


def get(project: Project, journey_id: str) -> dict[str, Any]:
    """GetJourney."""
    answer = project.pinpoint.get_journey(ApplicationId=project.id, JourneyId=journey_id)
    return dict(answer["JourneyResponse"])


def put(project: Project, journey_id: str, request: dict[str, Any]) -> dict[str, Any]:
    """UpdateJourney."""
    answer = project.pinpoint.update_journey(
        ApplicationId=project.id, JourneyId=journey_id, WriteJourneyRequest=request
    )
    return dict(answer["JourneyResponse"])


def state(project: Project, journey_id: str, wanted: str) -> dict[str, Any]:
    """UpdateJourneyState."""
    answer = project.pinpoint.update_journey_state(
        ApplicationId=project.id, JourneyId=journey_id, JourneyStateRequest={"State": wanted}
    )
    return dict(answer["JourneyResponse"])


def runs(project: Project, journey_id: str) -> list[dict[str, Any]]:
    """GetJourneyRuns."""
    answer = project.pinpoint.get_journey_runs(ApplicationId=project.id, JourneyId=journey_id)
    return list(answer["JourneyRunsResponse"]["Item"])


def metrics(project: Project, journey_id: str) -> dict[str, str]:
    """GetJourneyExecutionMetrics, without those that are 0."""
    answer = project.pinpoint.get_journey_execution_metrics(ApplicationId=project.id, JourneyId=journey_id)
    found = answer["JourneyExecutionMetricsResponse"]["Metrics"]
    return {name: number for name, number in found.items() if number != "0"}


def inside(project: Project, journey_id: str) -> int:
    """How many people are in a journey."""
    return int(project.server.control("GET", f"apps/{project.id}/journeys/{journey_id}/places")["PeopleInside"])


def refused(project: Project, kind: str, match: str | None = None) -> Any:
    """Expects an exception of the API."""
    return pytest.raises(getattr(project.pinpoint.exceptions, kind), match=match)


def test_a_draft_is_what_was_said(project: Project) -> None:
    segment = project.segment()
    said = {
        "Name": "welcome-series_1",
        "StartActivity": "mailA",
        "StartCondition": {"Description": "new ones", "SegmentStartCondition": {"SegmentId": segment}},
        "RefreshFrequency": "PT12H",
        "RefreshOnSegmentUpdate": True,
        "LocalTime": False,
        "Schedule": {"StartTime": "2027-02-01T08:00:00Z", "EndTime": "2027-08-01T08:00:00Z", "Timezone": "UTC+01"},
        "Limits": {
            "DailyCap": 2,
            "EndpointReentryCap": 1,
            "EndpointReentryInterval": "PT1H",
            "MessagesPerSecond": 50,
            "TotalCap": 5,
            "TimeframeCap": {"Cap": 3, "Days": 7},
        },
        "QuietTime": {"Start": "21:00", "End": "07:30"},
        "WaitForQuietTime": True,
        "SendingSchedule": True,
        "OpenHours": {"EMAIL": {"MONDAY": [{"StartTime": "08:00", "EndTime": "12:00"}]}},
        "ClosedDays": {
            "EMAIL": [{"Name": "n", "StartDateTime": "2027-12-31T20:00:00", "EndDateTime": "2028-01-02T08:00:00"}]
        },
        "TimezoneEstimationMethods": ["PHONE_NUMBER", "POSTAL_CODE"],
        "JourneyChannelSettings": {
            "ConnectCampaignArn": "arn:aws:connect-campaigns:eu-central-1:000000000001:campaign/c",
            "ConnectCampaignExecutionRoleArn": "arn:aws:iam::000000000001:role/r",
        },
        "Activities": {
            "mailA": {"Description": "Hello", "EMAIL": {"TemplateName": "none", "NextActivity": "split1"}},
            "split1": {
                "ConditionalSplit": {
                    "Condition": {
                        "Operator": "ANY",
                        "Conditions": [
                            {
                                "EventCondition": {
                                    "MessageActivity": "mailA",
                                    "Dimensions": {
                                        "EventType": {"DimensionType": "INCLUSIVE", "Values": ["_email.open"]}
                                    },
                                }
                            }
                        ],
                    },
                    "EvaluationWaitTime": {"WaitFor": "P2D"},
                    "TrueActivity": "rand1",
                    "FalseActivity": "gone",
                }
            },
            "rand1": {"RandomSplit": {"Branches": [{"Percentage": 70, "NextActivity": "w1"}, {"Percentage": 30}]}},
            "w1": {"Wait": {"WaitTime": {"WaitUntil": "2027-03-01T00:00:00Z"}, "NextActivity": "h1"}},
            "h1": {"Holdout": {"Percentage": 10}},
        },
    }
    answer = project.pinpoint.create_journey(
        ApplicationId=project.id,
        WriteJourneyRequest={**said, "CreationDate": "2001-01-01T00:00:00Z", "LastModifiedDate": "2001-01-01"},
    )
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    made = answer["JourneyResponse"]
    assert DATE.fullmatch(made["CreationDate"])
    assert not made["CreationDate"].startswith("2001")
    assert re.fullmatch("[0-9a-f]{32}", made["Id"])
    times = {name: made["Schedule"][name] for name in ("StartTime", "EndTime")}
    assert [time.isoformat() for time in times.values()] == ["2027-02-01T08:00:00+00:00", "2027-08-01T08:00:00+00:00"]
    assert made == {
        **said,
        "Schedule": {**times, "Timezone": "UTC+01"},
        "State": "DRAFT",
        "Id": made["Id"],
        "ApplicationId": project.id,
        "CreationDate": made["CreationDate"],
        "LastModifiedDate": made["CreationDate"],
    }
    assert get(project, made["Id"]) == made


def test_a_name_is_enough_for_a_draft(project: Project) -> None:
    made = create(project, StartCondition=None, StartActivity=None, Activities=None)
    assert set(made) == {"ApplicationId", "CreationDate", "Id", "LastModifiedDate", "Name", "State"}


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"Name": ""}, "Name"),
        ({"Name": "two words"}, "Name"),
        ({"Name": "x" * 151}, "Name"),
        ({"State": "PAUSED"}, "State"),
        ({"State": "CANCELLED"}, "State"),
        ({"State": "COMPLETED"}, "State"),
        ({"State": "CLOSED"}, "State"),
        ({"StartActivity": "x" * 129}, "StartActivity"),
        ({"Activities": {"a-b": HOUR}}, "Activities"),
        ({"Activities": {"x" * 101: HOUR}}, "Activities"),
        ({"Activities": {"": HOUR}}, "Activities"),
    ],
)
def test_what_even_a_draft_must_not_be(project: Project, members: dict[str, Any], text: str) -> None:
    with refused(project, BAD, text):
        create(project, **members)
    made = create(project)
    with refused(project, BAD, text):
        put(project, made["Id"], write(project, **members))
    assert get(project, made["Id"]) == made


def test_the_limits_of_names_themselves_are_fine(project: Project) -> None:
    made = create(project, Name="x" * 150, Activities={"y" * 100: HOUR}, StartActivity="y" * 100)
    assert (len(made["Name"]), list(made["Activities"])) == (150, ["y" * 100])


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"Name": 1},
        {"Name": "x", "State": "SLEEPING"},
        {"Name": "x", "Activities": []},
        {"Name": "x", "Activities": {"a": {"Wait": {"WaitTime": 5}}}},
        {"Name": "x", "Schedule": {"StartTime": "soon"}},
    ],
)
def test_what_is_not_of_the_right_form_is_told_so(project: Project, body: dict[str, Any]) -> None:
    status, answer = project.server.raw("POST", f"/v1/apps/{project.id}/journeys", body)
    assert (status, bool(answer["Message"])) == (400, True)


def test_an_update_replaces_everything(project: Project) -> None:
    made = create(project, **DAILY, LocalTime=True)
    project.server.advance("PT1M")
    changed = put(project, made["Id"], {"Name": "other", "State": "DRAFT"})
    assert changed == {
        "ApplicationId": project.id,
        "CreationDate": made["CreationDate"],
        "Id": made["Id"],
        "LastModifiedDate": changed["LastModifiedDate"],
        "Name": "other",
        "State": "DRAFT",
    }
    assert changed["LastModifiedDate"] > made["LastModifiedDate"]
    assert get(project, made["Id"]) == changed


def test_publishing_needs_a_sound_journey(project: Project) -> None:
    broken = {"Activities": {"w1": {"Wait": {"WaitTime": {"WaitFor": "PT1M"}, "NextActivity": "w2"}}}}
    with refused(project, BAD, "E10 w1.*E17 w1"):
        create(project, State="ACTIVE", **broken)
    assert project.pinpoint.list_journeys(ApplicationId=project.id)["JourneysResponse"]["Item"] == []
    made = create(project, **broken)
    with refused(project, BAD, "E17 w1"):
        put(project, made["Id"], write(project, State="ACTIVE", **broken))
    assert get(project, made["Id"]) == made
    assert put(project, made["Id"], write(project, State="ACTIVE"))["State"] == "ACTIVE"


def test_of_a_published_journey_only_the_same_is_accepted(project: Project) -> None:
    segment = project.segment()
    start = {"StartCondition": {"SegmentStartCondition": {"SegmentId": segment}}}
    made = create(project, State="ACTIVE", **start, **DAILY)
    same = write(project, **start, **DAILY)
    assert put(project, made["Id"], same) == made
    assert put(project, made["Id"], {**same, "State": "ACTIVE", "LastModifiedDate": "2001-01-01"}) == made
    for other in ({**same, "Name": "other"}, {**same, "State": "DRAFT"}, {"Name": "way"}):
        with refused(project, CONFLICT, "ACTIVE"):
            put(project, made["Id"], other)
    assert get(project, made["Id"]) == made
    state(project, made["Id"], "CANCELLED")
    with refused(project, CONFLICT, "CANCELLED"):
        put(project, made["Id"], {**same, "State": "ACTIVE"})


@pytest.mark.parametrize("wanted", ["DRAFT", "COMPLETED", "CLOSED", "SLEEPING"])
def test_states_that_cannot_be_asked_for(project: Project, wanted: str) -> None:
    made = create(project, State="ACTIVE", **DAILY)
    path = f"/v1/apps/{project.id}/journeys/{made['Id']}/state"
    status, answer = project.server.raw("PUT", path, {"State": wanted})
    assert (status, "State" in answer["Message"]) == (400, True)
    assert project.server.raw("PUT", path, {})[0] == 400
    assert get(project, made["Id"])["State"] == "ACTIVE"


def test_a_draft_has_no_state_but_its_own(project: Project) -> None:
    made = create(project)
    for wanted in ("ACTIVE", "PAUSED", "CANCELLED"):
        with refused(project, BAD, "DRAFT"):
            state(project, made["Id"], wanted)
    assert get(project, made["Id"]) == made


def test_pause_and_resume(project: Project) -> None:
    project.people(["lea", "jon"])
    made = create(project, State="ACTIVE", **DAILY)
    project.server.advance("PT30M")
    assert inside(project, made["Id"]) == 2
    assert state(project, made["Id"], "PAUSED")["State"] == "PAUSED"
    with refused(project, BAD, "PAUSED"):
        state(project, made["Id"], "PAUSED")
    with refused(project, BAD, "five minutes"):
        state(project, made["Id"], "ACTIVE")
    project.server.advance("PT4M59S")
    with refused(project, BAD, "five minutes"):
        state(project, made["Id"], "ACTIVE")
    project.person("eve")
    project.server.advance("P3D")
    assert inside(project, made["Id"]) == 2, "whoever waits keeps waiting, nobody enters"
    assert state(project, made["Id"], "ACTIVE")["State"] == "ACTIVE"
    project.server.advance("PT34M")
    assert inside(project, made["Id"]) == 2, "the rest of their hour is left"
    project.server.advance("PT2M")
    assert inside(project, made["Id"]) == 0
    assert metrics(project, made["Id"])["ENDPOINT_ENTERED"] == "2"
    project.server.advance("P1D")
    assert metrics(project, made["Id"])["ENDPOINT_ENTERED"] == "3", "eve came in with the next refresh"


def test_only_a_journey_that_refreshes_can_be_paused(project: Project) -> None:
    made = create(project, State="ACTIVE")
    with refused(project, BAD, "RefreshFrequency"):
        state(project, made["Id"], "PAUSED")
    assert get(project, made["Id"])["State"] == "ACTIVE"


def test_cancelling_lets_everybody_out(project: Project) -> None:
    project.people(["lea", "jon", "eve"])
    made = create(project, State="ACTIVE", **DAILY)
    project.server.advance("PT30M")
    assert inside(project, made["Id"]) == 3
    assert state(project, made["Id"], "CANCELLED")["State"] == "CANCELLED"
    project.server.settle()
    assert inside(project, made["Id"]) == 0
    found = metrics(project, made["Id"])
    assert (found["ENDPOINT_ENTERED"], found["CANCELLED"]) == ("3", "3")
    assert {run["Status"] for run in runs(project, made["Id"])} == {"CANCELLED"}
    project.server.advance("P3D")
    assert metrics(project, made["Id"]) == found, "nobody enters any more"
    for wanted in ("ACTIVE", "PAUSED", "CANCELLED"):
        with refused(project, BAD, "CANCELLED"):
            state(project, made["Id"], wanted)


def test_a_paused_journey_can_be_cancelled(project: Project) -> None:
    project.people(["lea"])
    made = create(project, State="ACTIVE", **DAILY)
    project.server.advance("PT30M")
    state(project, made["Id"], "PAUSED")
    assert state(project, made["Id"], "CANCELLED")["State"] == "CANCELLED"
    project.server.settle()
    assert inside(project, made["Id"]) == 0


def test_a_journey_closes_and_completes(project: Project) -> None:
    project.people(["lea", "jon"])
    made = create(project, State="ACTIVE")
    project.server.advance("PT4M")
    assert get(project, made["Id"])["State"] == "ACTIVE"
    assert inside(project, made["Id"]) == 0, "nobody enters before five minutes have passed"
    project.server.advance("PT2M")
    assert get(project, made["Id"])["State"] == "CLOSED"
    assert inside(project, made["Id"]) == 2
    with refused(project, BAD, "CLOSED"):
        state(project, made["Id"], "PAUSED")
    [run] = runs(project, made["Id"])
    assert run["Status"] == "RUNNING"
    project.server.advance("PT1H")
    assert get(project, made["Id"])["State"] == "COMPLETED"
    [run] = runs(project, made["Id"])
    assert run["Status"] == "COMPLETED"
    for wanted in ("ACTIVE", "PAUSED", "CANCELLED"):
        with refused(project, BAD, "COMPLETED"):
            state(project, made["Id"], wanted)


def test_a_journey_without_anybody_completes(project: Project) -> None:
    made = create(project, State="ACTIVE")
    project.server.advance("PT6M")
    assert get(project, made["Id"])["State"] == "COMPLETED"


def test_a_closed_journey_can_be_cancelled(project: Project) -> None:
    project.people(["lea"])
    made = create(project, State="ACTIVE")
    project.server.advance("PT6M")
    assert get(project, made["Id"])["State"] == "CLOSED"
    assert state(project, made["Id"], "CANCELLED")["State"] == "CANCELLED"
    project.server.settle()
    assert inside(project, made["Id"]) == 0
    assert get(project, made["Id"])["State"] == "CANCELLED"


def test_a_journey_ends_at_its_end(project: Project) -> None:
    project.people(["lea"])
    end = project.in_time("PT90M")
    made = create(project, State="ACTIVE", Schedule={"EndTime": end}, RefreshFrequency="PT1H")
    project.server.advance("PT89M")
    assert get(project, made["Id"])["State"] == "ACTIVE"
    project.person("jon")
    project.server.advance("PT2M")
    assert get(project, made["Id"])["State"] == "COMPLETED"
    assert metrics(project, made["Id"])["ENDPOINT_ENTERED"] == "1"


def test_runs_page_in_their_order(project: Project) -> None:
    made = create(project, State="ACTIVE", RefreshFrequency="PT1H")
    assert [run["Status"] for run in runs(project, made["Id"])] == ["SCHEDULED"]
    project.server.advance("PT2H10M")
    ids = {"ApplicationId": project.id, "JourneyId": made["Id"]}
    found = every_page(project.pinpoint.get_journey_runs, "JourneyRunsResponse", **ids)
    assert found == runs(project, made["Id"])
    assert [run["Status"] for run in found] == ["COMPLETED", "COMPLETED", "COMPLETED", "SCHEDULED"]
    for run in found:
        assert set(run) == {"RunId", "Status", "CreationTime", "LastUpdateTime"}
        assert re.fullmatch("[0-9a-f]{32}", run["RunId"])
        assert DATE.fullmatch(run["CreationTime"])
        assert DATE.fullmatch(run["LastUpdateTime"])
    assert len({run["RunId"] for run in found}) == 4
    for wrong in ({"Token": "nonsense"}, {"PageSize": "0"}, {"PageSize": "x"}, {"PageSize": "1001"}):
        with refused(project, BAD):
            project.pinpoint.get_journey_runs(**ids, **wrong)


def test_journeys_page_in_the_order_of_their_creation(project: Project) -> None:
    made = [create(project, Name=f"n{number}") for number in range(3)]
    found = every_page(project.pinpoint.list_journeys, "JourneysResponse", ApplicationId=project.id)
    assert sorted(one["Id"] for one in found) == sorted(one["Id"] for one in made)
    whole = project.pinpoint.list_journeys(ApplicationId=project.id)["JourneysResponse"]
    assert whole == {"Item": found}
    for wrong in ({"Token": "nonsense"}, {"PageSize": "0"}, {"PageSize": "-1"}, {"PageSize": "1001"}):
        with refused(project, BAD):
            project.pinpoint.list_journeys(ApplicationId=project.id, **wrong)


def test_a_token_of_another_listing_is_refused(project: Project) -> None:
    create(project)
    made = create(project)
    token = project.pinpoint.list_journeys(ApplicationId=project.id, PageSize="1")["JourneysResponse"]["NextToken"]
    with refused(project, BAD, "token"):
        project.pinpoint.get_journey_runs(ApplicationId=project.id, JourneyId=made["Id"], Token=token)


@pytest.mark.parametrize("name", ["DRAFT", "ACTIVE", "PAUSED", "CLOSED", "COMPLETED", "CANCELLED"])
def test_a_journey_can_be_deleted_in_every_state(project: Project, name: str) -> None:
    project.people(["lea"] if name != "COMPLETED" else [])
    wanted = DAILY if name in ("PAUSED", "ACTIVE") else {}
    made = create(project, State="DRAFT" if name == "DRAFT" else "ACTIVE", **wanted)
    project.server.advance("PT6M")
    if name in ("PAUSED", "CANCELLED"):
        state(project, made["Id"], name)
    before = get(project, made["Id"])
    assert before["State"] == name
    answer = project.pinpoint.delete_journey(ApplicationId=project.id, JourneyId=made["Id"])
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer["JourneyResponse"] == before
    ids = {"ApplicationId": project.id, "JourneyId": made["Id"]}
    for call in (
        project.pinpoint.get_journey,
        project.pinpoint.delete_journey,
        project.pinpoint.get_journey_runs,
        project.pinpoint.get_journey_execution_metrics,
    ):
        with refused(project, NOT_FOUND):
            call(**ids)
    assert project.pinpoint.list_journeys(ApplicationId=project.id)["JourneysResponse"]["Item"] == []
    project.server.advance("P2D")


def test_a_deleted_journey_says_nothing_more(project: Project) -> None:
    project.people(["lea"])
    name = f"t{project.id[:12]}"
    project.pinpoint.create_email_template(TemplateName=name, EmailTemplateRequest={"Subject": "s", "TextPart": "t"})
    activities = {
        "w1": {"Wait": {"WaitTime": {"WaitFor": "PT1H"}, "NextActivity": "m1"}},
        "m1": {"EMAIL": {"TemplateName": name, "MessageConfig": {}}},
    }
    kept, gone = (create(project, State="ACTIVE", Activities=activities)["Id"] for _ in range(2))
    project.server.advance("PT6M")
    project.pinpoint.delete_journey(ApplicationId=project.id, JourneyId=gone)
    project.server.advance("PT2H")
    assert [one["JourneyId"] for one in project.mail()] == [kept]


def test_wrong_ids(project: Project, server: Server) -> None:
    made = create(project)
    other = Project(server)
    stranger = server.client(key=server.key("admin", account="000000000002"))
    unknown = "0" * 32
    for client, app, journey in (
        (project.pinpoint, project.id, unknown),
        (project.pinpoint, project.id, "x"),
        (project.pinpoint, other.id, made["Id"]),
        (project.pinpoint, unknown, made["Id"]),
        (server.client(region="us-east-1"), project.id, made["Id"]),
        (stranger, project.id, made["Id"]),
    ):
        ids = {"ApplicationId": app, "JourneyId": journey}
        for call, more in (
            (client.get_journey, {}),
            (client.delete_journey, {}),
            (client.get_journey_runs, {}),
            (client.update_journey, {"WriteJourneyRequest": {"Name": "x"}}),
            (client.update_journey_state, {"JourneyStateRequest": {"State": "CANCELLED"}}),
        ):
            with pytest.raises(client.exceptions.NotFoundException):
                call(**ids, **more)
    for app in (unknown, "x"):
        with refused(project, NOT_FOUND):
            project.pinpoint.create_journey(ApplicationId=app, WriteJourneyRequest={"Name": "x"})
        with refused(project, NOT_FOUND):
            project.pinpoint.list_journeys(ApplicationId=app)
    assert get(project, made["Id"]) == made
    assert other.pinpoint.list_journeys(ApplicationId=other.id)["JourneysResponse"]["Item"] == []


def test_journeys_have_no_tags(project: Project) -> None:
    made = create(project)
    arn = f"arn:aws:mobiletargeting:eu-central-1:000000000001:apps/{project.id}/journeys/{made['Id']}"
    path = f"/v1/tags/{arn}"
    assert project.server.raw("POST", path, {"tags": {"a": "b"}})[0] >= 400
    status, _ = project.server.raw(
        "PUT", f"/v1/apps/{project.id}/journeys/{made['Id']}", {"Name": "x", "tags": {"a": "b"}}
    )
    assert status == 200
    assert "tags" not in get(project, made["Id"])


def test_a_deleted_segment_closes_the_journey(project: Project) -> None:
    project.people(["lea"])
    segment = project.segment()
    start = {"StartCondition": {"SegmentStartCondition": {"SegmentId": segment}}}
    made = create(project, State="ACTIVE", **start, **DAILY)
    paused = create(project, State="ACTIVE", **start, **DAILY)
    project.server.advance("PT6M")
    state(project, paused["Id"], "PAUSED")
    project.pinpoint.delete_segment(ApplicationId=project.id, SegmentId=segment)
    assert get(project, made["Id"])["State"] == "CLOSED"
    assert get(project, paused["Id"])["State"] == "PAUSED"
    assert (inside(project, made["Id"]), inside(project, paused["Id"])) == (1, 1)
    project.server.advance("PT1H")
    assert get(project, made["Id"])["State"] == "COMPLETED", "who was inside finished the way"
    assert state(project, paused["Id"], "ACTIVE")["State"] == "CLOSED"
    project.server.advance("PT1H")
    assert get(project, paused["Id"])["State"] == "COMPLETED"


def test_what_a_project_takes_with_it(server: Server) -> None:
    project = Project(server)
    project.people(["lea"])
    made = create(project, State="ACTIVE", **DAILY)
    project.server.advance("PT6M")
    assert inside(project, made["Id"]) == 1
    project.delete()
    with refused(project, NOT_FOUND):
        get(project, made["Id"])
    project.server.advance("P2D")
