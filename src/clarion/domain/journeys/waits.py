"""A journey with other waits: the one place that knows which activities wait, and by which member. Pure."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from clarion.shapes.pinpoint import Activity, WaitTime, WriteJourneyRequest

Change = Callable[[WaitTime], WaitTime]
"""What becomes of a wait; an empty one is asked about where an activity waits without saying how long."""


def with_waits(wanted: WriteJourneyRequest, change: Change) -> WriteJourneyRequest:
    """The journey with each wait of its activities changed; splits that are evaluated at once stay so."""
    return replace(wanted, activities={id: _changed(one, change) for id, one in (wanted.activities or {}).items()})


def _changed(activity: Activity, change: Change) -> Activity:
    if (wait := activity.wait) is not None:
        return replace(activity, wait=replace(wait, wait_time=change(wait.wait_time or WaitTime())))
    if (awaited := activity.wait_for_event) is not None:
        return replace(activity, wait_for_event=replace(awaited, timeout=change(awaited.timeout or WaitTime())))
    if (split := activity.conditional_split) is not None and (time := split.evaluation_wait_time) is not None:
        return replace(activity, conditional_split=replace(split, evaluation_wait_time=change(time)))
    if (several := activity.multi_condition) is not None and (time := several.evaluation_wait_time) is not None:
        return replace(activity, multi_condition=replace(several, evaluation_wait_time=change(time)))
    return activity
