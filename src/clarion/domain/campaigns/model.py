"""What a campaign is: what is kept of a request, the states, and the jobs of runs. `checks` has the rules.

    SCHEDULED -> EXECUTING -> COMPLETED                                       once
    SCHEDULED -> EXECUTING -> PENDING_NEXT_RUN -> EXECUTING ... -> COMPLETED  recurring
    SCHEDULED | PENDING_NEXT_RUN <-> PAUSED                                   IsPaused true / false
    EXECUTING -> INVALID                                                      no channel to send through
    any of them -> DELETED                                                    campaign or its segment deleted

Source: spec of campaigns, sections 2, 6 and 7.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from clarion.domain.campaigns.allocation import DEFAULT
from clarion.shapes.pinpoint import (
    CampaignLimits,
    CampaignStatus,
    QuietTime,
    Schedule,
    TemplateConfiguration,
    WriteCampaignRequest,
)

ACTIVE: frozenset[CampaignStatus] = frozenset({"SCHEDULED", "EXECUTING", "PENDING_NEXT_RUN"})


EVENT, IN_APP = "EVENT", "IN_APP"
"""Kinds of campaigns that do not run by the time."""

MOST_EVENT = 25
"""Active campaigns of a project that events trigger."""

_KINDS = {"EVENT": EVENT, "IN_APP_EVENT": IN_APP}


def kind_of(wanted: WriteCampaignRequest) -> str:
    """What makes a campaign run: EVENT, IN_APP, or "" for the time."""
    return _KINDS.get((wanted.schedule and wanted.schedule.frequency) or "", "")


class Defaults(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the app's settings were when a campaign was created: all its versions are filled up from them."""

    version: int = 1
    limits: CampaignLimits = msgspec.field(default_factory=CampaignLimits)
    quiet_time: QuietTime | None = None


def with_defaults(request: WriteCampaignRequest, segment_version: int, defaults: Defaults) -> WriteCampaignRequest:
    """The definition that is kept: the segment's version frozen, the app's defaults filled in.

    A limit the campaign names beats the app's; later changes of the app's settings do not reach it.
    """
    own, app, quiet = request.limits or CampaignLimits(), defaults.limits, defaults.quiet_time
    merged = CampaignLimits(
        **{
            name: getattr(own, name) if getattr(own, name) is not None else (getattr(app, name) or 0)
            for name in ("daily", "maximum_duration", "messages_per_second", "total", "session")
        }
    )
    return msgspec.structs.replace(
        request,
        segment_version=segment_version,
        limits=merged,
        schedule=_quiet(request.schedule, quiet),
        holdout_percent=request.holdout_percent or 0,
        is_paused=bool(request.is_paused),
        additional_treatments=[
            msgspec.structs.replace(one, schedule=_quiet(one.schedule, quiet))
            for one in request.additional_treatments or []
        ],
        template_configuration=request.template_configuration or TemplateConfiguration(),
        tags=None,
    )


def _quiet(schedule: Schedule | None, quiet: QuietTime | None) -> Schedule | None:
    if schedule is None or schedule.quiet_time is not None or quiet is None or not quiet.start:
        return schedule
    return msgspec.structs.replace(schedule, quiet_time=quiet)


START_RUN = "campaigns.start_run"
PLAN_RUN = "campaigns.plan_run"
SEND_PAGE = "campaigns.send_page"
FINISH_RUN = "campaigns.finish_run"


class StartRun(msgspec.Struct, kw_only=True):
    """Job: begin run `number` of a treatment, unless the campaign's schedule has started anew (`epoch`) since."""

    version: int = 1
    app_id: str
    campaign_id: str
    treatment_id: str = DEFAULT
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

    def size(self, most: int) -> int:
        """How many members to read, at most so many."""
        return min(most, self.until - self.after) if self.until else most

    def following(self, read: int, size: int, turns: int) -> SendPage | None:
        """The page after this one, of which `read` of `size` members were there; None when it was the last."""
        after = self.after + read
        more = read == size and after != self.until
        return msgspec.structs.replace(self, after=after, planned=self.planned + turns) if more else None


class FinishRun(RunJob):
    """Job: the last message of a run is recorded; count and close it."""


def job_key(campaign_id: str, treatment_id: str) -> str:
    """The key of the job that starts a treatment's next run."""
    return f"campaign:{campaign_id}:{treatment_id}"
