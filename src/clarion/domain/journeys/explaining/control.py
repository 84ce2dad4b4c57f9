"""The control API's call about one participant of a journey: their path, where they are, and why not elsewhere."""

from __future__ import annotations

import msgspec

from clarion.core.clock import iso_ms
from clarion.core.errors import Invalid
from clarion.domain.journeys.explaining.path import Step
from clarion.domain.journeys.explaining.service import Asked, Explained, Explaining
from clarion.domain.journeys.participants import NEVER_MS, Standing
from clarion.wire.context import Context
from clarion.wire.control import ControlApi
from clarion.wire.keys import READERS

PATH = "/clarion/v1/apps/{ApplicationId}/journeys/{JourneyId}/why"


class JourneyWhyRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Who: a user or an endpoint, one of the two; and which activity they are looked for at, if any."""

    application_id: str
    journey_id: str
    endpoint_id: str | None = None
    user_id: str | None = None
    activity_id: str = ""


class PathStep(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """Something that happened: at an activity, or ("") on entering and leaving. `at` is ISO 8601.

    `outcome` is the word of the record, for a message its `journey_send_status` or the event reported of it later.
    """

    at: str
    outcome: str
    activity_id: str = ""
    entry: int = 0
    detail: str = ""
    endpoint_id: str = ""
    message_id: str = ""


class Place(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """Where somebody inside is and until when they wait, or how they left. Times are ISO 8601."""

    inside: bool
    entries: int
    version: int
    run_id: str
    entered_at: str
    activity_id: str = ""
    waiting: str = ""
    since: str | None = None
    until: str | None = None
    left_at: str | None = None
    reason: str = ""


class ConditionNow(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """A condition of a split and whether it holds now; not told when what it asks for is gone."""

    way: str
    condition: str
    holds: bool | None = None


class JourneyWhy(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """What is known of a participant; without `place` they never entered. `reasons` say why they are not inside, or
    have not come to the activity that was asked about."""

    application_id: str
    journey_id: str
    state: str
    user_id: str | None = None
    endpoint_id: str | None = None
    place: Place | None = None
    path: list[PathStep]
    reasons: list[str]
    conditions: list[ConditionNow] = []


class ExplainingControl:
    """Handler of `why`."""

    def __init__(self, explaining: Explaining) -> None:
        self._explaining = explaining

    def add_to(self, control: ControlApi) -> None:
        """Add the route."""
        text = "Somebody's path through a journey, and why they are not inside or not at an activity."
        control.add("GET", PATH, JourneyWhyRequest, JourneyWhy, self.journey_why, roles=READERS, summary=text)

    def journey_why(self, ctx: Context, request: JourneyWhyRequest) -> JourneyWhy:
        where = (ctx.scope, request.application_id, request.journey_id)
        if bool(request.endpoint_id) == bool(request.user_id):
            raise Invalid("UserId: give either UserId or EndpointId")
        if request.user_id:
            found = self._explaining.user(*where, request.user_id, request.activity_id)
        else:
            found = self._explaining.endpoint(*where, request.endpoint_id or "", request.activity_id)
        return _answer(request, found)


def _answer(request: JourneyWhyRequest, found: Explained) -> JourneyWhy:
    walks = found.standing.participant if found.standing is not None else found.participant
    return JourneyWhy(
        application_id=request.application_id,
        journey_id=request.journey_id,
        state=found.journey.state,
        user_id=walks[1:] if walks[0] == "u" else None,
        endpoint_id=walks[1:] if walks[0] == "e" else None,
        place=None if found.standing is None else _place(found.standing),
        path=[_step(step) for step in found.path],
        reasons=found.reasons,
        conditions=[_condition(one) for one in found.conditions],
    )


def _place(one: Standing) -> Place:
    until = one.due_ms if one.inside and one.waiting and one.due_ms < NEVER_MS else None
    return Place(
        inside=one.inside,
        entries=one.entry,
        version=one.version,
        run_id=one.run_id,
        entered_at=iso_ms(one.entered_ms),
        activity_id=one.activity,
        waiting=one.waiting if one.inside else "",
        since=iso_ms(one.arrived_ms) if one.inside else None,
        until=None if until is None else iso_ms(until),
        left_at=None if one.left_ms is None else iso_ms(one.left_ms),
        reason=one.reason,
    )


def _step(step: Step) -> PathStep:
    return PathStep(
        at=iso_ms(step.at_ms),
        outcome=step.outcome,
        activity_id=step.activity,
        entry=step.entry,
        detail=step.detail,
        endpoint_id=step.endpoint,
        message_id=step.message_id,
    )


def _condition(one: Asked) -> ConditionNow:
    return ConditionNow(way=one.way, condition=one.words, holds=one.holds)
