"""A journey as it is tested: the same activities, hardly any time. Pure. Source: spec of journeys, 12.

What makes people wait is left out or takes `waits` (an ISO 8601 duration) each; dates become waits, too. Quiet time,
sending hours, the rate and everything about who enters and when are left out, so that only the activities count.
"""

from __future__ import annotations

from msgspec.structs import replace

from clarion.domain.journeys.waits import with_waits
from clarion.shapes.pinpoint import JourneyLimits, WaitTime, WriteJourneyRequest

PREFIX, LONGEST_NAME = "Test-", 150
AT_ONCE = "PT0S"


def shortened(wanted: WriteJourneyRequest, waits: str = AT_ONCE) -> WriteJourneyRequest:
    """The test of a journey. People enter it by name, so it has no start condition."""
    limits = wanted.limits or JourneyLimits()
    return replace(
        with_waits(wanted, lambda _: WaitTime(wait_for=waits)),
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
    )
