"""What a review learns of the project around a journey."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, cached_property
from typing import Protocol

import msgspec
import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.core.errors import Invalid, NotFound, Unavailable
from clarion.core.ids import Ids
from clarion.core.scope import Scope
from clarion.core.settings import Settings
from clarion.domain.apps.channels import Channels
from clarion.domain.apps.service import Apps
from clarion.domain.journeys import store
from clarion.domain.journeys.definition import route
from clarion.domain.segments.service import Segments
from clarion.domain.templates.handlebars import Layers, RenderError, TemplateSyntaxError
from clarion.domain.templates.service import Templates
from clarion.domain.templates.sources import texts
from clarion.store.database import Database

UNDER_WAY = ("ACTIVE", "PAUSED", "CLOSED")

_UNSAID = frozenset({"default_substitutions", "description", "recommender_id", "partials", "mjml", "variants"})
"""Members of templates that nobody is sent."""
_MOST_NESTED = 10


class Reachable(Protocol):
    """What is needed of `channels.calls.service.Callouts`."""

    def check_uri(self, member: str, uri: str) -> None:
        """Raise Invalid naming the member unless this may be called at all."""
        ...

    def check_webhook(self, member: str, url: str, account: str) -> None:
        """Raise Invalid naming the member unless the URL says that it takes calls of the account."""
        ...


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What an installation has decided. `rates` are messages per second by channel, `local` the channels whose messages
    stay in the local inbox. Quotas of 0 are none. A journey starts `delay_ms` after it was published, and runs at most
    `most_days`."""

    rates: Mapping[str, int] = {}
    local: frozenset[str] = frozenset()
    most_active: int = 50
    most_event_started: int = 20
    delay_ms: int = 300_000
    most_days: int = 540

    @classmethod
    def of(cls, settings: Settings) -> Terms:
        """Those of the settings."""
        transports = {"EMAIL": settings.email_transport, "SMS": settings.sms_transport, "PUSH": settings.push_transport}
        return cls(
            rates={"EMAIL": settings.email_rate},
            local=frozenset(channel for channel, transport in transports.items() if transport == "inbox"),
            most_active=settings.active_journey_quota,
            most_event_started=settings.event_journey_quota,
            delay_ms=settings.journey_start_delay_seconds * 1000,
            most_days=settings.journey_days,
        )


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a project is known by."""

    database: Database
    apps: Apps
    channels: Channels
    segments: Segments
    templates: Templates
    callouts: Reachable
    clock: Clock
    ids: Ids
    terms: Terms


class Project:
    """`context.Lookups` for one review: nothing is asked twice. `journey_id` is the journey looked at, "" before it is
    kept; None: who publishes it minds the quotas by themselves."""

    def __init__(self, services: Services, scope: Scope, app_id: str, journey_id: str | None) -> None:
        self._services = services
        self._scope = scope
        self._app_id = app_id
        self._journey_id = journey_id or ""
        self._minds_quotas = journey_id is not None
        self.template = cache(self._template)
        self.segment = cache(self._segment)
        self.refused = cache(self._refused)

    def enabled(self) -> frozenset[str]:
        return self._enabled

    def sender(self) -> str:
        channel = self._services.channels.email(self._app_id)
        return "" if channel is None else channel.from_address

    def members(self, segment_id: str) -> int:
        return self._counted(self._services.segments.count, segment_id)

    def without_zone(self, segment_id: str) -> int:
        return self._counted(self._services.segments.without_zone, segment_id)

    def undefaulted(self, kind: str, name: str, version: str | None) -> list[str]:
        services = self._services
        try:
            content = services.templates.content(self._scope, kind, name, version)
        except (NotFound, Invalid):
            return []
        known, noted = Layers(content.defaults), dict[str, None]()
        said = {field: getattr(content.parts, field) for field in content.parts.__struct_fields__}
        for text in texts([value for field, value in said.items() if field not in _UNSAID]):
            try:
                content.sources.get(text).render(known, clock=services.clock, ids=services.ids, noted=noted)
            except (RenderError, TemplateSyntaxError):
                continue
        return list(noted)

    def rate(self, channel: str) -> int:
        return self._services.terms.rates.get(channel, 0)

    def stays_here(self, channel: str) -> bool:
        return channel in self._services.terms.local

    def daily_cap(self) -> bool:
        found = self._services.database.read(lambda c: self._services.apps.stored_settings(c, self._app_id))
        journeys, both = found.journey_limits, found.limits
        return bool((journeys and journeys.daily_cap) or (both and both.daily))

    def tested(self) -> bool:
        if not self._journey_id:
            return False
        return self._services.database.read(lambda c: store.tested(c, self._app_id, self._journey_id))

    def also_calling(self, campaign_arn: str) -> list[str]:
        def work(connection: sa.Connection) -> list[str]:
            found = []
            for row in store.of_app(connection, self._app_id, UNDER_WAY):
                if row.journey_id != self._journey_id:
                    kept = store.definition(connection, self._app_id, row.journey_id, row.version)
                    wanted = route(kept).wanted
                    settings = wanted.journey_channel_settings
                    if settings is not None and settings.connect_campaign_arn == campaign_arn:
                        found.append(wanted.name)
            return found

        return self._services.database.read(work)

    def full(self, event_started: bool) -> str:
        terms, scope = self._services.terms, self._scope

        def work(connection: sa.Connection) -> str:
            row = store.get(connection, self._app_id, self._journey_id)
            if not self._minds_quotas or (row is not None and row.state != "DRAFT"):
                return ""
            if terms.most_active and store.active(connection, scope.account, scope.region) >= terms.most_active:
                return f"an account has at most {terms.most_active} active journeys"
            most = terms.most_event_started if event_started else 0
            if most and store.active(connection, scope.account, scope.region, event_started=True) >= most:
                return f"an account has at most {most} active journeys that events start"
            return ""

        return self._services.database.read(work)

    def _counted(self, count: Callable[[Scope, str, str], int], segment_id: str) -> int:
        """0 while nobody can count: only advice needs it, for which no publication has to wait."""
        try:
            return count(self._scope, self._app_id, segment_id)
        except (Unavailable, NotFound):
            return 0

    # --- asked more than once

    @cached_property
    def _enabled(self) -> frozenset[str]:
        return self._services.channels.enabled_kinds(self._app_id)

    def _template(self, kind: str, name: str, version: str | None) -> bool:
        try:
            self._services.templates.content(self._scope, kind, name, version)
        except (NotFound, Invalid):
            return False
        return True

    def _segment(self, segment_id: str) -> str | None:
        """A segment that is built on others may be so over several steps."""
        try:
            found = self._services.segments.require(self._scope, self._app_id, segment_id)
        except NotFound:
            return None
        if found.kind == "IMPORT":
            return "IMPORT"
        return "BUILT_ON_IMPORT" if self._is_imported(segment_id, None, _MOST_NESTED) else "DIMENSIONAL"

    def _is_imported(self, segment_id: str, version: int | None, depth: int) -> bool:
        try:
            found = self._services.segments.require(self._scope, self._app_id, segment_id, version)
        except NotFound:
            return False
        if found.kind == "IMPORT" or depth == 0:
            return found.kind == "IMPORT"
        groups = found.definition.groups
        sources = [source for group in (groups and groups.groups) or [] for source in group.source_segments or []]
        return any(self._is_imported(source.id, source.version, depth - 1) for source in sources)

    def _refused(self, uri: str) -> str:
        callouts = self._services.callouts
        try:
            callouts.check_uri("DeliveryUri", uri)
            if "://" in uri:
                callouts.check_webhook("DeliveryUri", uri, self._scope.account)
        except Invalid as error:
            return error.message
        return ""
