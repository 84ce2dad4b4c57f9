"""A journey as if it had begun earlier: every date of its activities so much earlier. Pure."""

from __future__ import annotations

from msgspec.structs import replace

from clarion.core.clock import iso_ms
from clarion.domain.journeys.times import instant_ms
from clarion.domain.journeys.waits import with_waits
from clarion.shapes.pinpoint import WaitTime, WriteJourneyRequest


def earlier(wanted: WriteJourneyRequest, by_ms: int) -> WriteJourneyRequest:
    """The journey with the dates of its waits moved."""

    def moved(time: WaitTime) -> WaitTime:
        until_ms = instant_ms(time.wait_until)
        return time if until_ms is None else replace(time, wait_until=iso_ms(until_ms - by_ms))

    return with_waits(wanted, moved)
