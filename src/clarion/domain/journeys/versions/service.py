"""Verbs of versions: write a new one while the journey runs, list them, and say where everybody is.

edit ─→ version n + 1, walked by whoever enters from now on ─→ planner: entries as the new version says
        version n stays as it is until the last one of those inside has left it
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.core.errors import Conflict, NotFound
from clarion.core.scope import Scope
from clarion.domain.journeys import definition, participants, store
from clarion.domain.journeys.definition import Route, route
from clarion.domain.journeys.lifecycle import Lifecycle
from clarion.domain.journeys.service import Journey, Reviewer, find, require_sound
from clarion.domain.journeys.versions.rules import check_edit
from clarion.shapes.pinpoint import WriteJourneyRequest
from clarion.store.database import Database


class Version(NamedTuple):
    """A version, when it was written (Unix ms), and how many people walk it now."""

    number: int
    wanted: WriteJourneyRequest
    modified_ms: int
    inside: int


class Place(NamedTuple):
    """So many people are at an activity of a version now. `kind` and `description` are the activity's."""

    version: int
    activity: str
    kind: str
    description: str
    waiting: str
    people: int


class Places(NamedTuple):
    """Where everybody is."""

    journey: Journey
    places: list[Place]


class Versions:
    """The versions of every journey."""

    def __init__(self, database: Database, reviewer: Reviewer, lifecycle: Lifecycle, clock: Clock) -> None:
        self._database = database
        self._reviewer = reviewer
        self._lifecycle = lifecycle
        self._clock = clock

    def edit(
        self,
        scope: Scope,
        app_id: str,
        journey_id: str,
        request: WriteJourneyRequest,
        edited: int | None = None,
        *,
        dry: bool = False,
    ) -> Journey:
        """Give a journey under way a new version; the same again changes nothing, and a `dry` run neither.

        `edited` is the version that the author started from. Raises Invalid for what the review or `rules` refuse,
        Conflict when nobody would enter it, or when there is a newer version than `edited`.
        """
        self._find(scope, app_id, journey_id)
        definition.check(request)
        kept = definition.kept_of(request)
        require_sound(self._reviewer.review(scope, app_id, kept))

        def work(connection: sa.Connection) -> Journey:
            row, before = find(connection, scope, app_id, journey_id, lock=True)
            if edited is not None and edited != row.version:
                raise Conflict(f"the journey is at version {row.version} already")
            older = [route(one).wanted for one in store.definitions(connection, app_id, journey_id).values()]
            check_edit(row, before, kept, older, self._clock.now_ms())
            if kept != before and not dry:
                row = row._replace(version=row.version + 1, modified_ms=self._clock.now_ms())
                store.change(connection, app_id, journey_id, version=row.version)
                store.add_version(connection, row, definition.encode(kept))
                self._lifecycle.edited(connection, row, kept)
            return find(connection, scope, app_id, journey_id)

        return self._database.write(work)

    def all(self, scope: Scope, app_id: str, journey_id: str) -> list[Version]:
        """Every version, newest first."""

        def work(connection: sa.Connection) -> list[Version]:
            find(connection, scope, app_id, journey_id)
            inside: dict[int, int] = {}
            for (version, _, _), count in participants.places(connection, journey_id).items():
                inside[version] = inside.get(version, 0) + count
            return [
                Version(number, route(kept).wanted, modified_ms, inside.get(number, 0))
                for number, kept, modified_ms in store.versions(connection, app_id, journey_id)
            ]

        return self._database.read(work)

    def one(self, scope: Scope, app_id: str, journey_id: str, number: int) -> Version:
        """A version. Raises NotFound."""
        for found in self.all(scope, app_id, journey_id):
            if found.number == number:
                return found
        raise NotFound()

    def places(self, scope: Scope, app_id: str, journey_id: str) -> Places:
        """Where everybody is now, in the order of the activities, newest version first."""

        def work(connection: sa.Connection) -> Places:
            journey = find(connection, scope, app_id, journey_id)
            routes = {number: route(one) for number, one in store.definitions(connection, app_id, journey_id).items()}
            counted = participants.places(connection, journey_id).items()
            found = [(_order(routes, *at), _place(routes, *at, people)) for at, people in counted]
            return Places(journey, [place for _, place in sorted(found)])

        return self._database.read(work)

    def _find(self, scope: Scope, app_id: str, journey_id: str) -> Journey:
        return self._database.read(lambda connection: find(connection, scope, app_id, journey_id))


def _order(routes: Mapping[int, Route], version: int, activity: str, waiting: str) -> tuple[int, int, str]:
    return -version, routes[version].graph.order.get(activity, -1), waiting


def _place(routes: Mapping[int, Route], version: int, activity: str, waiting: str, people: int) -> Place:
    node = routes[version].graph.get(activity)
    kind = "" if node is None or node.kind is None else node.kind.wire
    description = "" if node is None else node.activity.description or ""
    return Place(version, activity, kind, description, waiting, people)
