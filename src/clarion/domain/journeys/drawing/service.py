"""Drawings of journeys, kept or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from clarion.core.errors import Invalid, NotFound
from clarion.core.scope import Scope
from clarion.domain.apps.service import Apps
from clarion.domain.journeys import participants, store
from clarion.domain.journeys.definition import Route, route
from clarion.domain.journeys.drawing.mermaid import mermaid
from clarion.domain.journeys.drawing.picture import Picture, picture
from clarion.domain.journeys.drawing.svg import svg
from clarion.domain.journeys.drawing.words import Words
from clarion.domain.journeys.graph import parse
from clarion.domain.journeys.service import find
from clarion.domain.segments.service import Segments
from clarion.shapes.pinpoint import WriteJourneyRequest
from clarion.store.database import Database

Form = Literal["mermaid", "svg"]

MOST_DRAWN = 100
"""Activities of a drawing: a draft may have more than can be published, but nobody could read it."""
MOST_ARROWS = 500
MOST_NAMED = 100
"""Segments whose names are looked up."""

_FORMS: Mapping[Form, Callable[[Picture], str]] = {"mermaid": mermaid, "svg": svg}


class Drawings:
    """Draws journeys; segments are called by their names."""

    def __init__(self, database: Database, apps: Apps, segments: Segments) -> None:
        self._database = database
        self._apps = apps
        self._segments = segments

    def kept(
        self, scope: Scope, app_id: str, journey_id: str, form: Form, version: int | None = None, *, people: bool
    ) -> str:
        """A drawing of a version of a journey, by default of the one that new participants walk.

        `people`: with how many of those who walk that version are where. Raises NotFound, Invalid when it is too large.
        """

        def work(connection: sa.Connection) -> tuple[Route, Counter[str] | None]:
            self._apps.check(connection, scope, app_id)
            row = find(connection, scope, app_id, journey_id).row
            number = row.version if version is None else version
            kept = store.definitions(connection, app_id, journey_id).get(number)
            if kept is None:
                raise NotFound(f"version {number} of journey {journey_id} not found")
            return route(kept), _places(connection, journey_id, number) if people else None

        found, here = self._database.read(work)
        return self._draw(scope, app_id, found, form, here)

    def unsaved(self, scope: Scope, app_id: str, wanted: WriteJourneyRequest, form: Form) -> str:
        """A drawing of a journey that is not kept. Raises NotFound, Invalid as `kept`."""
        self._apps.require(scope, app_id)
        return self._draw(scope, app_id, Route(wanted, parse(wanted)), form, None)

    def _draw(self, scope: Scope, app_id: str, found: Route, form: Form, people: Mapping[str, int] | None) -> str:
        if (number := len(found.graph.nodes)) > MOST_DRAWN:
            raise Invalid(f"Activities: {number} are too many for a drawing, which has at most {MOST_DRAWN}")
        shown = picture(found.wanted, found.graph, Words(self._names(scope, app_id, found.wanted)), people)
        if (number := len(shown.arrows)) > MOST_ARROWS:
            raise Invalid(f"Activities: {number} ways on are too many for a drawing, which has at most {MOST_ARROWS}")
        return _FORMS[form](shown)

    def _names(self, scope: Scope, app_id: str, wanted: WriteJourneyRequest) -> dict[str, str]:
        """The names of the segments that a journey means, of those that are there."""
        names: dict[str, str] = {}
        ids = dict.fromkeys(_segment_ids(msgspec.to_builtins(wanted)))
        for segment_id in list(ids)[:MOST_NAMED]:
            try:
                names[segment_id] = self._segments.require(scope, app_id, segment_id).definition.name or ""
            except NotFound:
                continue
        return names


def _places(connection: sa.Connection, journey_id: str, version: int) -> Counter[str]:
    here = Counter[str]()
    for (walked, activity, _), number in participants.places(connection, journey_id).items():
        if walked == version:
            here[activity] += number
    return here


def _segment_ids(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            if name == "SegmentId" and isinstance(one, str):
                yield one
            else:
                yield from _segment_ids(one)
    elif isinstance(value, list):
        for one in value:
            yield from _segment_ids(one)
