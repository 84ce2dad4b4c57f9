"""Journeys that send something, and what became of it."""

from __future__ import annotations

from typing import Any

from tests.acceptance.project import Project

SENDS = ("_journey.send", "_clarion.skip")
HELLO = {"Subject": "Hello {{Attributes.Name}}", "TextPart": "Hello", "HtmlPart": "<p>Hello</p>"}


def name_of(project: Project, kind: str = "EMAIL") -> str:
    """Templates belong to the account: each project has its own."""
    return f"{kind}-{project.id[:12]}"


def template(project: Project, **parts: Any) -> str:
    name = name_of(project)
    project.pinpoint.create_email_template(TemplateName=name, EmailTemplateRequest=parts or HELLO)
    return name


def journey(project: Project, activities: dict[str, Any], start: str = "mailA", **write: Any) -> str:
    """A journey for everybody, published; answers its id."""
    request = {
        "Name": "journey",
        "State": "ACTIVE",
        "StartActivity": start,
        "Activities": activities,
        "StartCondition": {"SegmentStartCondition": {"SegmentId": project.segment()}},
        **write,
    }
    answer = project.pinpoint.create_journey(ApplicationId=project.id, WriteJourneyRequest=request)
    return str(answer["JourneyResponse"]["Id"])


def mail(project: Project, following: str = "", **members: Any) -> dict[str, Any]:
    """An EMAIL activity."""
    activity: dict[str, Any] = {"TemplateName": name_of(project), "MessageConfig": {}, **members}
    return {"EMAIL": {**activity, **({"NextActivity": following} if following else {})}}


def why(project: Project, endpoint_id: str, journey_id: str) -> list[dict[str, Any]]:
    """What was decided about an endpoint in a journey, oldest first."""
    path = f"why?ApplicationId={project.id}&EndpointId={endpoint_id}&JourneyId={journey_id}"
    return list(reversed(project.server.control("GET", path)["Decisions"]))


def sends(project: Project, endpoint_id: str, journey_id: str) -> list[tuple[str, str]]:
    """The activities that came to an endpoint, with what came of each; what is silently left out by its gate."""
    found = [one for one in why(project, endpoint_id, journey_id) if one["EventType"] in SENDS]
    return [(one["ActivityId"], one.get("Status") or one["Gate"]) for one in found]


def state(project: Project, journey_id: str) -> str:
    answer = project.pinpoint.get_journey(ApplicationId=project.id, JourneyId=journey_id)
    return str(answer["JourneyResponse"]["State"])


def go(project: Project, *durations: str) -> None:
    """Let a journey that was just published begin, and go on as far as the durations lead."""
    for duration in durations or ("PT10M",):
        project.server.advance(duration)


def reached(project: Project, channel: str = "EMAIL") -> list[tuple[str, str]]:
    """Who got which activity's message, sorted."""
    found = project.server.inbox(project.id, Channel=channel)
    return sorted((one["EndpointId"], one["JourneyActivityId"]) for one in found)


WAIT = {"Wait": {"WaitTime": {"WaitFor": "PT1H"}, "NextActivity": "mailB"}}


def two(project: Project, **write: Any) -> str:
    """A journey of two mails with an hour between them."""
    return journey(project, {"mailA": mail(project, "wait"), "wait": WAIT, "mailB": mail(project)}, **write)
