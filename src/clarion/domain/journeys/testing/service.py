"""Beginning a test: a journey of its own, published with nobody in it but those who are named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.core.errors import Invalid
from clarion.core.scope import Scope
from clarion.domain.audience.model import endpoint_key
from clarion.domain.audience.service import Audience
from clarion.domain.journeys import definition, store
from clarion.domain.journeys.entry.entering import Entering, Page, look
from clarion.domain.journeys.entry.planner import Planner
from clarion.domain.journeys.lifecycle import Lifecycle
from clarion.domain.journeys.model import Fault
from clarion.domain.journeys.review.service import Reviewer
from clarion.domain.journeys.service import Journey, Journeys, find, require_sound
from clarion.domain.journeys.testing.shortened import AT_ONCE, shortened
from clarion.domain.journeys.times import duration_ms
from clarion.store.database import Database

MOST = 100
"""Endpoints that one test is for."""

ABOUT_ENTRY = frozenset({"E2", "E3", "E4", "E24", "E27"})
"""Errors of a review that say nothing about a test: who enters the journey, and when."""


class Begun(NamedTuple):
    """A test under way: who walks in it, and which endpoints (keys) may not enter, with the reason."""

    journey: Journey
    participants: list[str]
    refused: list[tuple[str, str]]


class JourneyTests:
    """The tests of all journeys."""

    def __init__(
        self,
        database: Database,
        journeys: Journeys,
        audience: Audience,
        reviewer: Reviewer,
        lifecycle: Lifecycle,
        planner: Planner,
        entering: Entering,
        clock: Clock,
    ) -> None:
        self._database = database
        self._journeys = journeys
        self._audience = audience
        self._reviewer = reviewer
        self._lifecycle = lifecycle
        self._planner = planner
        self._entering = entering
        self._clock = clock

    def begin(
        self,
        scope: Scope,
        app_id: str,
        journey_id: str,
        endpoint_ids: Sequence[str],
        user_ids: Sequence[str],
        waits: str = AT_ONCE,
    ) -> Begun:
        """Send these endpoints, and all endpoints of these users, through a copy of a journey that waits `waits` (an
        ISO 8601 duration) wherever the journey waits. Raises NotFound, Invalid."""
        if duration_ms(waits) is None:
            raise Invalid(f"Waits: {waits} is not an ISO 8601 duration")
        wanted = self._journeys.get(scope, app_id, journey_id).wanted
        require_sound(_about_activities(self._reviewer.review(scope, app_id, wanted)))
        page = self._page(app_id, endpoint_ids, user_ids)
        kept = shortened(wanted, waits)
        made = self._journeys.create(scope, app_id, kept, test_of=journey_id)

        def work(connection: sa.Connection) -> Journey:
            row = find(connection, scope, app_id, made.row.journey_id, lock=True).row
            row = self._lifecycle.tested(connection, row)
            run = self._planner.add_run(connection, row, self._clock.now_ms())
            store.change_run(connection, app_id, run.run_id, state="RUNNING")
            route = definition.route(definition.encode(kept))
            self._entering.enter(connection, row, route, run.run_id, page)
            entered = find(connection, scope, app_id, row.journey_id, lock=True).row
            self._lifecycle.closed(connection, entered)
            return find(connection, scope, app_id, row.journey_id)

        journey = self._database.write(work)
        walking = list(dict.fromkeys(one.participant for one in page.candidates))
        return Begun(journey, walking, page.faults)

    def _page(self, app_id: str, endpoint_ids: Sequence[str], user_ids: Sequence[str]) -> Page:
        of_users = self._audience.keys_of_users(app_id, user_ids) if user_ids else {}
        if unknown := [user_id for user_id in user_ids if user_id not in of_users]:
            raise Invalid(f"UserIds: there is no user {unknown[0]}")
        keys = [*map(endpoint_key, endpoint_ids), *(key for some in of_users.values() for key in some)]
        keys = list(dict.fromkeys(keys))
        if not 0 < len(keys) <= MOST:
            raise Invalid(f"EndpointIds and UserIds: name people with 1 to {MOST} endpoints, not {len(keys)}")
        found = self._audience.outlines(app_id, keys)
        if missing := [id for id in endpoint_ids if endpoint_key(id) not in found]:
            raise Invalid(f"EndpointIds: there is no endpoint {missing[0]}")
        return look(keys, found)


def _about_activities(faults: Sequence[Fault]) -> list[Fault]:
    return [fault for fault in faults if fault.code not in ABOUT_ENTRY]
