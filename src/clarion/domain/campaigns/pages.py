"""One page of a run: everything the gates and the template need to know of its members, fetched at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import msgspec

from clarion.core.clock import Clock, to_ms
from clarion.core.scope import Scope
from clarion.domain.apps.service import Apps
from clarion.domain.audience.service import Audience
from clarion.domain.campaigns import store
from clarion.domain.campaigns.experiments.shares import is_rest
from clarion.domain.campaigns.hooks.enrichers import Enrichers
from clarion.domain.campaigns.model import SendPage
from clarion.domain.campaigns.parts import rate_of
from clarion.domain.campaigns.schedule import base_zone, moment
from clarion.domain.campaigns.service import definition
from clarion.domain.campaigns.store import CampaignRow, RunRow, VersionRow
from clarion.domain.campaigns.treatments import Treatment, allocation, treatment
from clarion.domain.events.figures import Figures
from clarion.domain.messaging.content import Content
from clarion.domain.messaging.guardrails.service import Guardrails
from clarion.domain.messaging.model import Caps, Counts, Enricher, Facts, Send
from clarion.domain.messaging.service import Messaging, Prepared
from clarion.shapes.pinpoint import ApplicationSettingsResource, CampaignLimits, WriteCampaignRequest
from clarion.store.database import Database

_DAY = timedelta(hours=24)
_RUNS_REMEMBERED = 4

_keys = msgspec.json.Decoder(list[str]).decode


class Rehearsal(msgspec.Struct):
    """What a run that is only looked at brings along: its duplicates, whether hooks and recommenders are asked, and
    what earlier pages planned for users, which is in no record."""

    duplicates: frozenset[str]
    calls: bool = False
    carried: dict[tuple[int, str], int] = {}


class Pages:
    """Turns members into messages and refusals; writes nothing."""

    def __init__(
        self,
        database: Database,
        apps: Apps,
        audience: Audience,
        messaging: Messaging,
        enrichers: Enrichers,
        figures: Figures,
        guardrails: Guardrails,
        clock: Clock,
    ) -> None:
        self._database = database
        self._apps = apps
        self._audience = audience
        self._messaging = messaging
        self._enrichers = enrichers
        self._figures = figures
        self._guardrails = guardrails
        self._clock = clock
        self._duplicates: dict[str, frozenset[str]] = {}

    def prepare(
        self,
        row: CampaignRow,
        version: VersionRow,
        run: RunRow,
        page: SendPage,
        keys: list[str],
        contents: Mapping[str, Content],
        rehearsal: Rehearsal | None = None,
    ) -> Prepared:
        """The page of these members, to whom `contents` says something by channel type. Raises `content.Gone`.

        Of a run that is there, unless it is a `rehearsal`.
        """
        wanted, settings = definition(version), self._settings(row)
        send = self._send(row, wanted, run, page, settings)
        found = self._audience.load(row.app_id, keys)
        endpoints = [found[key] for key in keys if key in found]
        tally = self._guardrails.tally(settings, endpoints)
        if tally is not None and rehearsal is not None:
            tally.carry(rehearsal.carried)
        facts = Facts(
            duplicates=self._duplicates_of(run) if rehearsal is None else rehearsal.duplicates,
            counts=self._past(row, send, keys),
            control_group=self._guardrails.control_group(settings, endpoints),
            frequency=tally,
        )
        enrich: list[Enricher] = []
        if rehearsal is None or rehearsal.calls:
            one = treatment(wanted, run.treatment_id)
            enrich = self._enrichers.of(row, version, one, wanted.hook, run.scheduled_ms)
        prepared = self._messaging.prepare(send, contents, endpoints, facts, page.planned, enrich)
        if tally is not None and rehearsal is not None:
            rehearsal.carried = tally.carried
        if rehearsal is None:
            return prepared
        return self._database.read(lambda connection: self._messaging.sift(connection, prepared))

    def one_by_one(self, row: CampaignRow) -> bool:
        """Whether what one page of a run plans matters to its others: then no two are prepared at once."""
        return any(cap.per_user for cap in self._settings(row).frequency_caps or ())

    def _settings(self, row: CampaignRow) -> ApplicationSettingsResource:
        return self._apps.settings(Scope(row.account, row.region), row.app_id)

    def _send(
        self,
        row: CampaignRow,
        wanted: WriteCampaignRequest,
        run: RunRow,
        page: SendPage,
        settings: ApplicationSettingsResource,
    ) -> Send:
        one = treatment(wanted, run.treatment_id)
        limits, of_app = wanted.limits or CampaignLimits(), settings.limits or CampaignLimits()
        return Send(
            account=row.account,
            region=row.region,
            app_id=row.app_id,
            origin="campaign",
            activity_id=run.activity_id,
            campaign_id=row.campaign_id,
            treatment_id=run.treatment_id,
            caps=Caps(app_daily=of_app.daily or 0, daily=limits.daily or 0, total=limits.total or 0),
            quiet_time=one.schedule.quiet_time if one.schedule else None,
            holdout=allocation(row.campaign_id, wanted).holdout,
            began_ms=page.began_ms,
            deadline_ms=_deadline_ms(limits, one, page),
            rate=rate_of(wanted, one, alone=is_rest(wanted, run)),
            zone_fault=page.zone_fault,
        )

    def _duplicates_of(self, run: RunRow) -> frozenset[str]:
        """They can be many, and are the same for every page."""
        known = self._duplicates.get(run.activity_id)
        if known is None:
            stored = self._database.read(lambda connection: store.duplicates(connection, run.app_id, run.activity_id))
            known = frozenset(_keys(stored) if stored else ())
            if len(self._duplicates) >= _RUNS_REMEMBERED:
                self._duplicates.clear()
            self._duplicates[run.activity_id] = known
        return known

    def _past(self, row: CampaignRow, send: Send, keys: list[str]) -> Mapping[str, Counts]:
        """Earlier messages to a page of endpoints, read only when a cap asks for them."""
        if not send.caps.any:
            return {}
        self._figures.catch_up()
        since = to_ms(self._clock.now() - _DAY)
        past = self._figures.targeted(row.app_id, row.campaign_id, keys, since)
        return {key: Counts(*counts) for key, counts in past.items()}


def _deadline_ms(limits: CampaignLimits, one: Treatment, page: SendPage) -> int | None:
    """When nothing of this run is sent any more: its maximum duration is over, or the end of what recurs has come.

    In local time the end is another moment in each zone, and a run of the last day goes round the earth.
    """
    duration, schedule = limits.maximum_duration, one.schedule
    ends = [page.planned_ms + duration * 1000] if duration else []
    if schedule and schedule.end_time and (schedule.frequency or "ONCE") != "ONCE" and not schedule.is_local_time:
        ends.append(to_ms(moment("Schedule.EndTime", schedule.end_time, base_zone(schedule.timezone))))
    return min(ends, default=None)
