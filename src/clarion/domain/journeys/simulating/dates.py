"""A journey as if it had begun earlier: every date of its activities so much earlier. Pure."""

from __future__ import annotations

from msgspec.structs import replace

from clarion.core.clock import iso_ms
from clarion.domain.journeys.times import instant_ms
from clarion.shapes.pinpoint import Activity, WaitTime, WriteJourneyRequest


def earlier(wanted: WriteJourneyRequest, by_ms: int) -> WriteJourneyRequest:
    """The journey with the dates of its waits moved."""
    activities = {id: _activity(one, by_ms) for id, one in (wanted.activities or {}).items()}
    return replace(wanted, activities=activities)


def _activity(activity: Activity, by_ms: int) -> Activity:
    if activity.wait is not None:
        return replace(activity, wait=replace(activity.wait, wait_time=_time(activity.wait.wait_time, by_ms)))
    if (awaited := activity.wait_for_event) is not None:
        return replace(activity, wait_for_event=replace(awaited, timeout=_time(awaited.timeout, by_ms)))
    if (split := activity.conditional_split) is not None:
        time = _time(split.evaluation_wait_time, by_ms)
        return replace(activity, conditional_split=replace(split, evaluation_wait_time=time))
    if (several := activity.multi_condition) is not None:
        time = _time(several.evaluation_wait_time, by_ms)
        return replace(activity, multi_condition=replace(several, evaluation_wait_time=time))
    return activity


def _time(time: WaitTime | None, by_ms: int) -> WaitTime | None:
    until_ms = instant_ms(time.wait_until) if time is not None else None
    return time if time is None or until_ms is None else replace(time, wait_until=iso_ms(until_ms - by_ms))
