"""The control API's calls about versions of a journey, and about where everybody is."""

from __future__ import annotations

from typing import Annotated

import msgspec

from clarion.core.clock import iso_ms
from clarion.domain.journeys.operations import show
from clarion.domain.journeys.versions.service import Place, Version, Versions
from clarion.shapes.pinpoint import JourneyResponse, WriteJourneyRequest
from clarion.wire.context import Context
from clarion.wire.control import ControlApi
from clarion.wire.keys import MARKETERS, READERS

PATH = "/clarion/v1/apps/{ApplicationId}/journeys/{JourneyId}"


class JourneyRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Which journey."""

    application_id: str
    journey_id: str


class VersionRequest(JourneyRequest, kw_only=True, rename="pascal"):
    """Which version of it."""

    version: Annotated[int, msgspec.Meta(ge=1, lt=2**31)]


class EditRequest(JourneyRequest, kw_only=True, rename="pascal"):
    """What the journey is for those who enter from now on; `version` is the one that the author started from.

    A dry run only says whether it would be taken.
    """

    journey: WriteJourneyRequest
    dry_run: bool = False
    version: Annotated[int, msgspec.Meta(ge=1, lt=2**31)] | None = None


class Edited(msgspec.Struct, kw_only=True, rename="pascal"):
    """The journey as new participants walk it, and the number of its version."""

    version: int
    journey: JourneyResponse


class VersionSummary(msgspec.Struct, kw_only=True, rename="pascal"):
    """A version; `current`: new participants walk it."""

    version: int
    last_modified_date: str
    people_inside: int
    current: bool


class VersionList(msgspec.Struct, kw_only=True, rename="pascal"):
    """Every version, newest first."""

    versions: list[VersionSummary]


class VersionShown(msgspec.Struct, kw_only=True, rename="pascal"):
    """A version as it was written."""

    version: int
    last_modified_date: str
    people_inside: int
    journey: WriteJourneyRequest


class PlaceShown(msgspec.Struct, kw_only=True, rename="pascal"):
    """So many people are at an activity of a version, waiting for `waiting` ("" nothing: their step is due)."""

    version: int
    activity_id: str
    activity_type: str
    description: str
    waiting: str
    people: int


class PlacesShown(msgspec.Struct, kw_only=True, rename="pascal"):
    """Where everybody is now, and how many entries there ever were."""

    state: str
    version: int
    people_inside: int
    entries: int
    places: list[PlaceShown]


class VersionsControl:
    """Handlers of `…/versions` and `…/places`."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions

    def add_to(self, control: ControlApi) -> None:
        """Add the routes."""
        path, add = f"{PATH}/versions", control.add
        text = "Change a journey under way, for those who enter from now on."
        add("PUT", path, EditRequest, Edited, self.edit_journey, roles=MARKETERS, summary=text)
        text = "The versions of a journey."
        add("GET", path, JourneyRequest, VersionList, self.journey_versions, roles=READERS, summary=text)
        path, text = f"{path}/{{Version}}", "A version of a journey."
        add("GET", path, VersionRequest, VersionShown, self.journey_version, roles=READERS, summary=text)
        path, text = f"{PATH}/places", "Where everybody in a journey is now."
        add("GET", path, JourneyRequest, PlacesShown, self.journey_places, roles=READERS, summary=text)

    def edit_journey(self, ctx: Context, request: EditRequest) -> Edited:
        which = (ctx.scope, request.application_id, request.journey_id)
        journey = self._versions.edit(*which, request.journey, request.version, dry=request.dry_run)
        return Edited(version=journey.row.version, journey=show(journey))

    def journey_versions(self, ctx: Context, request: JourneyRequest) -> VersionList:
        found = self._versions.all(ctx.scope, request.application_id, request.journey_id)
        newest = max(version.number for version in found)
        return VersionList(versions=[_summary(version, newest) for version in found])

    def journey_version(self, ctx: Context, request: VersionRequest) -> VersionShown:
        found = self._versions.one(ctx.scope, request.application_id, request.journey_id, request.version)
        return VersionShown(
            version=found.number,
            last_modified_date=iso_ms(found.modified_ms),
            people_inside=found.inside,
            journey=found.wanted,
        )

    def journey_places(self, ctx: Context, request: JourneyRequest) -> PlacesShown:
        (row, _), places = self._versions.places(ctx.scope, request.application_id, request.journey_id)
        return PlacesShown(
            state=row.state,
            version=row.version,
            people_inside=row.inside,
            entries=row.entered,
            places=[_shown(place) for place in places],
        )


def _summary(version: Version, newest: int) -> VersionSummary:
    return VersionSummary(
        version=version.number,
        last_modified_date=iso_ms(version.modified_ms),
        people_inside=version.inside,
        current=version.number == newest,
    )


def _shown(place: Place) -> PlaceShown:
    return PlaceShown(
        version=place.version,
        activity_id=place.activity,
        activity_type=place.kind,
        description=place.description,
        waiting=place.waiting,
        people=place.people,
    )
