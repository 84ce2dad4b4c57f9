"""The control API's call that tests a journey."""

from __future__ import annotations

import msgspec

from clarion.domain.journeys.operations import show
from clarion.domain.journeys.testing.service import JourneyTests
from clarion.domain.journeys.testing.shortened import AT_ONCE
from clarion.shapes.pinpoint import JourneyResponse
from clarion.wire.context import Context
from clarion.wire.control import ControlApi
from clarion.wire.keys import MARKETERS

PATH = "/clarion/v1/apps/{ApplicationId}/journeys/{JourneyId}/tests"


class JourneyTestRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Who walks: endpoints, and users with all of theirs. `waits` is how long each wait of the journey takes."""

    application_id: str
    journey_id: str
    endpoint_ids: list[str] = []
    user_ids: list[str] = []
    waits: str = AT_ONCE


class Walking(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """One participant of a test: a user, or an endpoint."""

    user_id: str | None = None
    endpoint_id: str | None = None


class NotWalking(msgspec.Struct, kw_only=True, rename="pascal"):
    """An endpoint that may not enter, and why."""

    endpoint_id: str
    reason: str


class JourneyTestBegun(msgspec.Struct, kw_only=True, rename="pascal"):
    """The test: a journey of its own. It is COMPLETED when everybody is through."""

    journey: JourneyResponse
    participants: list[Walking]
    refused: list[NotWalking]


class TestsControl:
    """Handler of `…/tests`."""

    def __init__(self, tests: JourneyTests) -> None:
        self._tests = tests

    def add_to(self, control: ControlApi) -> None:
        """Add the route."""
        text = "Send a few people through a copy of a journey that hardly waits."
        control.add(
            "POST", PATH, JourneyTestRequest, JourneyTestBegun, self.test_journey, roles=MARKETERS, summary=text
        )

    def test_journey(self, ctx: Context, request: JourneyTestRequest) -> JourneyTestBegun:
        begun = self._tests.begin(
            ctx.scope,
            request.application_id,
            request.journey_id,
            request.endpoint_ids,
            request.user_ids,
            request.waits,
        )
        return JourneyTestBegun(
            journey=show(begun.journey),
            participants=[_walking(one) for one in begun.participants],
            refused=[NotWalking(endpoint_id=key, reason=reason) for key, reason in begun.refused],
        )


def _walking(participant: str) -> Walking:
    name = participant[1:]
    return Walking(user_id=name) if participant[0] == "u" else Walking(endpoint_id=name)
