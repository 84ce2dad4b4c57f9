"""A journey as it is tested: the same activities, hardly any time. Pure. Source: spec of journeys, 12.

What makes people wait is left out or takes `waits` (an ISO 8601 duration) each; dates become waits, too. Quiet time,
sending hours, the rate and everything about who enters and when are left out, so that only the activities count.
"""

from __future__ import annotations

from msgspec.structs import replace

from clarion.shapes.pinpoint import Activity, JourneyLimits, WaitTime, WriteJourneyRequest

PREFIX, LONGEST_NAME = "Test-", 150
AT_ONCE = "PT0S"


def shortened(wanted: WriteJourneyRequest, waits: str = AT_ONCE) -> WriteJourneyRequest:
    """The test of a journey. People enter it by name, so it has no start condition."""
    limits = wanted.limits or JourneyLimits()
    return replace(
        wanted,
        name=f"{PREFIX}{wanted.name}"[:LONGEST_NAME],
        state=None,
        start_condition=None,
        refresh_frequency=None,
        refresh_on_segment_update=None,
        schedule=None,
        local_time=None,
        quiet_time=None,
        wait_for_quiet_time=None,
        sending_schedule=None,
        open_hours=None,
        closed_days=None,
        limits=replace(limits, messages_per_second=None, maximum_participants=None),
        activities={id: _activity(one, waits) for id, one in (wanted.activities or {}).items()},
    )


def _activity(activity: Activity, waits: str) -> Activity:
    time = WaitTime(wait_for=waits)
    if activity.wait is not None:
        return replace(activity, wait=replace(activity.wait, wait_time=time))
    if activity.wait_for_event is not None:
        return replace(activity, wait_for_event=replace(activity.wait_for_event, timeout=time))
    if activity.conditional_split is not None and activity.conditional_split.evaluation_wait_time is not None:
        return replace(activity, conditional_split=replace(activity.conditional_split, evaluation_wait_time=time))
    if activity.multi_condition is not None and activity.multi_condition.evaluation_wait_time is not None:
        return replace(activity, multi_condition=replace(activity.multi_condition, evaluation_wait_time=time))
    return activity
