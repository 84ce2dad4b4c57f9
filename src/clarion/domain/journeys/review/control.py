"""The control API's calls that review a journey."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from clarion.domain.journeys.definition import kept_of
from clarion.domain.journeys.model import Fault
from clarion.domain.journeys.review.codes import CODES
from clarion.domain.journeys.review.service import Reviewer
from clarion.shapes.pinpoint import WriteJourneyRequest
from clarion.wire.context import Context
from clarion.wire.control import ControlApi
from clarion.wire.keys import READERS

PATH = "/clarion/v1/apps/{ApplicationId}/journeys"


class ReviewRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Which journey."""

    application_id: str
    journey_id: str


class ReviewUnsavedRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """A journey that is not kept, as for CreateJourney."""

    application_id: str
    journey: WriteJourneyRequest


class Finding(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """An error, which keeps the journey from being published, or advice. Without `activity_id`: of the whole."""

    severity: Literal["ERROR", "ADVICE"]
    code: str
    concern: str
    activity_id: str = ""
    text: str


class Reviewed(msgspec.Struct, kw_only=True, rename="pascal"):
    """Everything that was found, errors first; with any of them the journey cannot be published."""

    publishable: bool
    errors: int
    findings: list[Finding]


class ReviewControl:
    """Handlers of `…/review`."""

    def __init__(self, reviewer: Reviewer) -> None:
        self._reviewer = reviewer

    def add_to(self, control: ControlApi) -> None:
        """Add the routes."""
        path, text = f"{PATH}/{{JourneyId}}/review", "What keeps a journey from being published, and advice."
        control.add("GET", path, ReviewRequest, Reviewed, self.review_journey, roles=READERS, summary=text)
        path, text = f"{PATH}/review", "The same of a journey that is not kept."
        call = self.review_unsaved_journey
        control.add("POST", path, ReviewUnsavedRequest, Reviewed, call, roles=READERS, summary=text)

    def review_journey(self, ctx: Context, request: ReviewRequest) -> Reviewed:
        return _shown(self._reviewer.kept(ctx.scope, request.application_id, request.journey_id))

    def review_unsaved_journey(self, ctx: Context, request: ReviewUnsavedRequest) -> Reviewed:
        return _shown(self._reviewer.review(ctx.scope, request.application_id, kept_of(request.journey), ""))


def _shown(faults: Sequence[Fault]) -> Reviewed:
    errors = sum(not one.advice for one in faults)
    return Reviewed(publishable=not errors, errors=errors, findings=[_finding(one) for one in faults])


def _finding(fault: Fault) -> Finding:
    return Finding(
        severity="ADVICE" if fault.advice else "ERROR",
        code=fault.code,
        concern=CODES[fault.code],
        activity_id=fault.activity,
        text=fault.text,
    )
