"""The rules that need nothing but the request: audience, treatments, schedules, limits. Spec of campaigns, 2 to 7."""

from __future__ import annotations

from datetime import datetime

from clarion.core.errors import Invalid
from clarion.domain.apps.model import check_limits
from clarion.domain.campaigns.checks.delivery import check_delivery, check_hook
from clarion.domain.campaigns.checks.experiment import check_experiment
from clarion.domain.campaigns.checks.message import check_message
from clarion.domain.campaigns.schedule import Plan, plan
from clarion.domain.campaigns.treatments import Treatment, treatments
from clarion.domain.segments.check import check_event, check_set
from clarion.shapes.pinpoint import CampaignEventFilter, WriteCampaignRequest

MOST_TREATMENTS = 4
"""Besides the default one."""

TRIGGERED = ("EVENT", "IN_APP_EVENT")
"""Frequencies of campaigns that wait for events."""


def check(request: WriteCampaignRequest, now: datetime) -> dict[str, Plan]:
    """Check a request by itself; answers each treatment's schedule. Raises Invalid naming the member at fault."""
    for member, attribute in (("Name", "name"), ("SegmentId", "segment_id")):
        if not getattr(request, attribute):
            raise Invalid(f"{member}: is required")
    _check_shares(request)
    check_limits(request.limits)
    check_hook(request.hook)
    if (request.priority or 0) < 0:
        raise Invalid("Priority: must not be negative")
    found = treatments(request)
    plans = {one.id: _schedule(one, now) for one in found}
    kinds = {_kind(one) for one in plans.values()}
    if len(kinds) > 1:
        raise Invalid("AdditionalTreatments: all treatments must be triggered by the same kind of event, or none")
    if request.is_paused and any(one.immediate for one in plans.values()):
        raise Invalid("IsPaused: a campaign that starts immediately cannot be paused")
    for one in found:
        check_message(one.at, one.message, one.templates, in_app="IN_APP_EVENT" in kinds)
        check_delivery(one.at, one.delivery, one.message)
    check_experiment(request)
    return plans


def _check_shares(request: WriteCampaignRequest) -> None:
    holdout, others = request.holdout_percent or 0, request.additional_treatments or []
    if not 0 <= holdout <= 100:
        raise Invalid("HoldoutPercent: must be 0 to 100")
    if len(others) > MOST_TREATMENTS:
        raise Invalid(f"AdditionalTreatments: at most {MOST_TREATMENTS}")
    for number, one in enumerate(others):
        if not 0 <= one.size_percent <= 100:
            raise Invalid(f"AdditionalTreatments[{number}].SizePercent: must be 0 to 100")
    total = holdout + sum(one.size_percent for one in others)
    if total > 100:
        raise Invalid(f"AdditionalTreatments: HoldoutPercent and all SizePercent are {total} together, at most 100")


def _kind(one: Plan) -> str:
    return one.frequency if one.frequency in TRIGGERED else ""


def _schedule(one: Treatment, now: datetime) -> Plan:
    at = f"{one.at}Schedule"
    found = plan(one.schedule, now, at)
    event_filter = one.schedule.event_filter if one.schedule else None
    if found.frequency in TRIGGERED:
        if event_filter is None:
            raise Invalid(f"{at}.EventFilter: is required with Frequency {found.frequency}")
        _check_filter(f"{at}.EventFilter", event_filter)
    elif event_filter is not None:
        raise Invalid(f"{at}.EventFilter: goes with Frequency {' or '.join(TRIGGERED)} only")
    return found


def _check_filter(at: str, wanted: CampaignEventFilter) -> None:
    dimensions = wanted.dimensions
    if not check_set(f"{at}.Dimensions.EventType", dimensions.event_type):
        raise Invalid(f"{at}.Dimensions.EventType: is required")
    check_event(f"{at}.Dimensions", dimensions.attributes, dimensions.metrics)
