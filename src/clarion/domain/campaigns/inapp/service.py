"""What GetInAppMessages answers: the in-app campaigns that are there for one endpoint at this moment.

The client decides by itself when to show which of them, and reports what it showed as events. So all that the server
decides is decided here, each time it is asked: the window, the segment, the treatment, and the total.
Source: spec of campaigns, 10.
"""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa
import structlog

from clarion.core.clock import Clock, from_ms, iso
from clarion.core.scope import Scope
from clarion.domain.apps.service import Apps
from clarion.domain.audience.model import Endpoint
from clarion.domain.audience.service import Audience
from clarion.domain.campaigns import store as campaigns
from clarion.domain.campaigns.content import Contents, Gone
from clarion.domain.campaigns.schedule import plan
from clarion.domain.campaigns.service import definition
from clarion.domain.campaigns.store import CampaignRow, VersionRow
from clarion.domain.campaigns.treatments import Treatment, allocation, treatment
from clarion.domain.campaigns.triggers import store
from clarion.domain.campaigns.triggers.model import Span, open_for
from clarion.domain.campaigns.triggers.store import WindowRow
from clarion.domain.events.figures import Figures
from clarion.domain.messaging.guardrails.service import Guardrails
from clarion.domain.segments.service import Segments
from clarion.shapes.pinpoint import (
    CampaignEventFilter,
    CampaignLimits,
    InAppCampaignSchedule,
    InAppMessage,
    InAppMessageCampaign,
    WriteCampaignRequest,
)
from clarion.store.database import Database

_log = structlog.get_logger(__name__)


class Offer(NamedTuple):
    """A treatment whose window is open for the endpoint."""

    row: CampaignRow
    version: VersionRow
    wanted: WriteCampaignRequest
    one: Treatment
    span: Span

    @property
    def segment(self) -> tuple[str, int | None]:
        return self.wanted.segment_id or "", self.wanted.segment_version

    @property
    def total(self) -> int:
        """How often the endpoint may be shown it at all; 0: no limit."""
        return (self.wanted.limits.total if self.wanted.limits else 0) or 0


class InApp:
    """In-app messages of every app."""

    def __init__(
        self,
        database: Database,
        audience: Audience,
        segments: Segments,
        contents: Contents,
        figures: Figures,
        apps: Apps,
        guardrails: Guardrails,
        clock: Clock,
    ) -> None:
        self._database = database
        self._audience = audience
        self._segments = segments
        self._contents = contents
        self._figures = figures
        self._apps = apps
        self._guardrails = guardrails
        self._clock = clock

    def messages(self, scope: Scope, app_id: str, endpoint_id: str) -> list[InAppMessageCampaign]:
        """The messages that an endpoint may show now, in the order of their campaigns' creation. Raises NotFound."""
        endpoint = self._audience.get(scope, app_id, endpoint_id)
        if endpoint.channel_type != "IN_APP" or endpoint.status == "INACTIVE" or endpoint.opt_out == "ALL":
            return []
        if self._guardrails.control_group(self._apps.settings(scope, app_id), [endpoint]):
            return []
        offers = self._database.read(lambda connection: self._offers(connection, app_id, endpoint))
        if not offers:
            return []
        segments = self._segments.containing(scope, app_id, [one.segment for one in offers], endpoint.key)
        offers = [one for one in offers if one.segment in segments]
        if any(one.total for one in offers):
            shown = self._figures.displayed(app_id, endpoint.key)
            offers = [one for one in offers if not one.total or shown.get(one.row.campaign_id, 0) < one.total]
        locale = endpoint.demographic.locale if endpoint.demographic else None
        said = [(one, self._message(one, locale)) for one in offers]
        return [_answer(one, message) for one, message in said if message is not None]

    def _offers(self, connection: sa.Connection, app_id: str, endpoint: Endpoint) -> list[Offer]:
        found = [
            offer
            for window in store.windows_of(connection, app_id)
            if window.kind == "IN_APP" and window.listens
            if (offer := self._offer(connection, window, endpoint)) is not None
        ]
        return sorted(found, key=lambda offer: (offer.row.created_ms, offer.row.campaign_id))

    def _offer(self, connection: sa.Connection, window: WindowRow, endpoint: Endpoint) -> Offer | None:
        """A window as the endpoint sees it; None when it is not open for it, or another treatment is."""
        row = campaigns.get(connection, window.app_id, window.campaign_id)
        version = campaigns.get_version(connection, window.app_id, window.campaign_id, window.version)
        if row is None or version is None:
            return None
        wanted = definition(version)
        if allocation(row.campaign_id, wanted).of(endpoint.cohort) != window.treatment_id:
            return None
        one = treatment(wanted, window.treatment_id)
        span = open_for(plan(one.schedule, from_ms(window.start_ms)), endpoint)
        if span is None or not span.holds(self._clock.now_ms()):
            return None
        return Offer(row, version, wanted, one, span)

    def _message(self, offer: Offer, locale: str | None) -> InAppMessage | None:
        """What the treatment shows to somebody with that locale; None when its template is gone and left no copy."""
        try:
            said = self._contents.said(offer.row, offer.version, offer.one)
        except Gone as error:
            _log.warning("campaigns.not_shown", campaign=offer.row.campaign_id, reason=str(error))
            return None
        own, template = said.message.in_app_message, said.templates.get("INAPP")
        parts = template.for_locale(locale).parts if template is not None else own
        if parts is None:
            return None
        return InAppMessage(content=parts.content or [], custom_config=parts.custom_config or {}, layout=parts.layout)


def _answer(offer: Offer, message: InAppMessage) -> InAppMessageCampaign:
    limits, schedule = offer.wanted.limits or CampaignLimits(), offer.one.schedule
    event_filter = schedule.event_filter if schedule else None
    return InAppMessageCampaign(
        campaign_id=offer.row.campaign_id,
        daily_cap=limits.daily or 0,
        in_app_message=message,
        priority=offer.wanted.priority or 0,
        schedule=InAppCampaignSchedule(
            end_date=None if offer.span.end_ms is None else iso(from_ms(offer.span.end_ms)),
            event_filter=None if event_filter is None else _whole(event_filter),
            quiet_time=schedule.quiet_time if schedule else None,
        ),
        session_cap=limits.session or 0,
        total_cap=limits.total or 0,
        treatment_id=offer.one.id,
    )


def _whole(event_filter: CampaignEventFilter) -> CampaignEventFilter:
    """The filter as clients expect it: with its maps also when they are empty, without what only servers know."""
    dimensions = event_filter.dimensions
    return CampaignEventFilter(
        dimensions=type(dimensions)(
            attributes=dimensions.attributes or {},
            event_type=dimensions.event_type,
            metrics=dimensions.metrics or {},
        ),
        filter_type=event_filter.filter_type,
    )
