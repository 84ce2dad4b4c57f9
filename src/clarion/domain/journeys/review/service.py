"""Reviews of journeys, kept or not: asked for by their authors, and by whoever publishes one."""

from __future__ import annotations

import sqlalchemy as sa

from clarion.core.scope import Scope
from clarion.domain.journeys.graph import parse
from clarion.domain.journeys.model import Fault
from clarion.domain.journeys.review.context import Review
from clarion.domain.journeys.review.looking import look
from clarion.domain.journeys.review.project import Project, Services
from clarion.domain.journeys.schedule import plan
from clarion.domain.journeys.service import Journey, find
from clarion.shapes.pinpoint import WriteJourneyRequest


class Reviewer:
    """The reviews of every app. Templates, segments and webhooks are asked: not to be called in a transaction."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def review(
        self, scope: Scope, app_id: str, wanted: WriteJourneyRequest, journey_id: str | None = None
    ) -> list[Fault]:
        """Every fault of a journey, errors first. Raises NotFound without the project.

        `journey_id` is "" for one that is not kept. None: it is about to be published, which minds the quotas itself.
        """
        self._services.apps.require(scope, app_id)
        now_ms = self._services.clock.now_ms()
        terms = self._services.terms
        planned = plan(wanted, now_ms, terms.delay_ms, terms.most_days)
        review = Review(
            wanted=wanted,
            graph=parse(wanted),
            lookups=Project(self._services, scope, app_id, journey_id),
            now_ms=now_ms,
            start_ms=planned.start_ms,
            end_ms=planned.end_ms,
            delay_ms=terms.delay_ms,
            most_days=terms.most_days,
        )
        return look(review)

    def kept(self, scope: Scope, app_id: str, journey_id: str) -> list[Fault]:
        """The same of a kept journey, as new participants walk it. Raises NotFound."""

        def work(connection: sa.Connection) -> Journey:
            self._services.apps.check(connection, scope, app_id)
            return find(connection, scope, app_id, journey_id)

        return self.review(scope, app_id, self._services.database.read(work).wanted, journey_id)
