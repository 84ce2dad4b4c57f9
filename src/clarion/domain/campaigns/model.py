"""What a campaign may be: the rules of WriteCampaignRequest, defaults, and the states.

    SCHEDULED -> EXECUTING -> COMPLETED                                       once
    SCHEDULED -> EXECUTING -> PENDING_NEXT_RUN -> EXECUTING ... -> COMPLETED  recurring
    SCHEDULED | PENDING_NEXT_RUN <-> PAUSED                                   IsPaused true / false
    EXECUTING -> INVALID                                                      no e-mail channel to send through
    any of them -> DELETED                                                    campaign or its segment deleted

Source: spec of campaigns, sections 2, 6 and 7.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b
from typing import Literal

import msgspec

from clarion.core.errors import Invalid
from clarion.domain.apps.model import check_limits
from clarion.domain.campaigns.schedule import Plan, plan
from clarion.domain.templates.handlebars import TemplateCache
from clarion.domain.templates.model import check_headers, check_source
from clarion.shapes.pinpoint import (
    CampaignLimits,
    CampaignStatus,
    MessageConfiguration,
    QuietTime,
    TemplateConfiguration,
    WriteCampaignRequest,
)

ACTIVE: frozenset[CampaignStatus] = frozenset({"SCHEDULED", "EXECUTING", "PENDING_NEXT_RUN"})

_LATER = (
    ("AdditionalTreatments", "additional_treatments"),
    ("Hook", "hook"),
    ("CustomDeliveryConfiguration", "custom_delivery_configuration"),
)


def check(request: WriteCampaignRequest, now: datetime) -> Plan:
    """Check a request by itself and answer its schedule; raises Invalid naming the member at fault.

    What this version cannot carry out is refused here, so that nothing is accepted and then silently not sent.
    """
    for member, attribute in (("Name", "name"), ("SegmentId", "segment_id")):
        if not getattr(request, attribute):
            raise Invalid(f"{member}: is required")
    for member, attribute in _LATER:
        if getattr(request, attribute):
            raise Invalid(f"{member}: not supported by this version of Clarion")
    if not 0 <= (request.holdout_percent or 0) <= 100:
        raise Invalid("HoldoutPercent: must be 0 to 100")
    check_limits(request.limits)
    schedule = plan(request.schedule, now)
    if schedule.frequency in ("EVENT", "IN_APP_EVENT"):
        raise Invalid(f"Schedule.Frequency: {schedule.frequency} is not supported by this version of Clarion")
    if request.is_paused and schedule.immediate:
        raise Invalid("IsPaused: a campaign that starts immediately cannot be paused")
    _check_message(request.message_configuration, request.template_configuration)
    return schedule


def _check_message(message: MessageConfiguration | None, templates: TemplateConfiguration | None) -> None:
    template = templates.email_template if templates else None
    if template is not None and not template.name:
        raise Invalid("TemplateConfiguration.EmailTemplate.Name: is required")
    email = message.email_message if message else None
    written = email is not None and (email.title or email.body or email.html_body)
    default = message.default_message if message else None
    if template is None and not written and not (default and default.body):
        raise Invalid("MessageConfiguration: an e-mail message, a default message or an e-mail template is required")


def with_defaults(
    request: WriteCampaignRequest, segment_version: int, limits: CampaignLimits | None, quiet: QuietTime | None
) -> WriteCampaignRequest:
    """The definition that is kept: the segment's version frozen, app settings of this moment filled in.

    A limit the campaign names beats the app's; later changes of the app's settings do not reach it.
    """
    own, app = request.limits or CampaignLimits(), limits or CampaignLimits()
    merged = CampaignLimits(
        **{
            name: getattr(own, name) if getattr(own, name) is not None else (getattr(app, name) or 0)
            for name in ("daily", "maximum_duration", "messages_per_second", "total", "session")
        }
    )
    schedule = request.schedule
    if schedule is not None and schedule.quiet_time is None and quiet is not None and quiet.start:
        schedule = msgspec.structs.replace(schedule, quiet_time=quiet)
    return msgspec.structs.replace(
        request,
        segment_version=segment_version,
        limits=merged,
        schedule=schedule,
        holdout_percent=request.holdout_percent or 0,
        is_paused=bool(request.is_paused),
        additional_treatments=[],
        template_configuration=request.template_configuration or TemplateConfiguration(),
        tags=None,
    )


def check_sources(message: MessageConfiguration | None, cache: TemplateCache) -> None:
    """Raise Invalid naming member, line and column when a part of the written message does not compile."""
    email = message.email_message if message else None
    default = message.default_message if message else None
    parts = []
    if email is not None:
        field = "MessageConfiguration.EmailMessage"
        parts += [
            (f"{field}.Title", email.title),
            (f"{field}.Body", email.body),
            (f"{field}.HtmlBody", email.html_body),
        ]
        check_headers(f"{field}.Headers", email.headers, cache)
    if default is not None:
        field = "MessageConfiguration.DefaultMessage"
        parts += [(f"{field}.Title", default.title), (f"{field}.Body", default.body)]
    for member, source in parts:
        check_source(member, source, cache)


START_RUN = "campaigns.start_run"
PLAN_RUN = "campaigns.plan_run"
SEND_PAGE = "campaigns.send_page"
FINISH_RUN = "campaigns.finish_run"


class StartRun(msgspec.Struct, kw_only=True):
    """Job: begin run `number` of a campaign, unless its schedule has started anew (`epoch`) since."""

    version: int = 1
    app_id: str
    campaign_id: str
    epoch: int
    number: int
    scheduled_ms: int


class RunJob(msgspec.Struct, kw_only=True):
    """What all jobs of a run that has begun say of it."""

    version: int = 1
    app_id: str
    campaign_id: str
    activity_id: str


class PlanRun(RunJob):
    """Job: write the members of a run down and divide it into parts."""


class SendPage(RunJob):
    """Job: plan the messages of the next members of a run, or of one time zone of it.

    `snapshot_id` holds the members, `after` is the last position planned, `until` the last one of this part (0:
    of all), `planned` how many messages this part has so far (for the rate). It is due at `planned_ms` and really
    began at `began_ms` (0: not yet). `zone_fault` is why this part's zone is not served.
    """

    snapshot_id: str
    zone_fault: Literal["", "missing", "past"] = ""
    planned_ms: int = 0
    began_ms: int = 0
    part: int = 0
    after: int = 0
    until: int = 0
    planned: int = 0

    @property
    def key(self) -> str:
        """The key of this part's one job."""
        return f"run:{self.snapshot_id}:{self.part}"


class FinishRun(RunJob):
    """Job: the last message of a run is recorded; count and close it."""


def job_key(campaign_id: str) -> str:
    """The key of the job that starts a campaign's next run."""
    return f"campaign:{campaign_id}"


def held_out(percent: int, campaign_id: str) -> frozenset[int]:
    """The cohorts a hold-out of `percent` leaves out: drawn once per campaign, the same in all its runs."""
    order = sorted(range(100), key=lambda cohort: blake2b(f"{campaign_id}/{cohort}".encode(), digest_size=8).digest())
    return frozenset(order[:percent])
