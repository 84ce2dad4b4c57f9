"""The control API's calls that draw a journey."""

from __future__ import annotations

from typing import Annotated

import msgspec

from clarion.domain.journeys.definition import kept_of
from clarion.domain.journeys.drawing.service import Drawings, Form
from clarion.shapes.pinpoint import WriteJourneyRequest
from clarion.wire.context import Context
from clarion.wire.control import ControlApi
from clarion.wire.keys import READERS

PATH = "/clarion/v1/apps/{ApplicationId}/journeys"


class DrawingRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Which journey, in which version (default: the one that new participants walk). `people`: also how many are
    where."""

    application_id: str
    journey_id: str
    version: Annotated[int, msgspec.Meta(ge=1, lt=2**31)] | None = None
    format: Form = "svg"
    people: bool = False


class DrawUnsavedRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """A journey that is not kept, as for CreateJourney."""

    application_id: str
    journey: WriteJourneyRequest
    format: Form = "svg"


class Drawing(msgspec.Struct, kw_only=True, rename="pascal"):
    """The drawing: an SVG document, or the text of a Mermaid flow chart."""

    format: Form
    drawing: str


class DrawingControl:
    """Handlers of `…/drawing`."""

    def __init__(self, drawings: Drawings) -> None:
        self._drawings = drawings

    def add_to(self, control: ControlApi) -> None:
        """Add the routes."""
        path, text = f"{PATH}/{{JourneyId}}/drawing", "A drawing of a journey, as SVG or for Mermaid."
        control.add("GET", path, DrawingRequest, Drawing, self.draw_journey, roles=READERS, summary=text)
        path, text = f"{PATH}/drawing", "The same of a journey that is not kept."
        call = self.draw_unsaved_journey
        control.add("POST", path, DrawUnsavedRequest, Drawing, call, roles=READERS, summary=text)

    def draw_journey(self, ctx: Context, request: DrawingRequest) -> Drawing:
        which = (ctx.scope, request.application_id, request.journey_id)
        drawn = self._drawings.kept(*which, request.format, request.version, people=request.people)
        return Drawing(format=request.format, drawing=drawn)

    def draw_unsaved_journey(self, ctx: Context, request: DrawUnsavedRequest) -> Drawing:
        wanted = kept_of(request.journey)
        drawn = self._drawings.unsaved(ctx.scope, request.application_id, wanted, request.format)
        return Drawing(format=request.format, drawing=drawn)
