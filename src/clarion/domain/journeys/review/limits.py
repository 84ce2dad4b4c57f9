"""How much and how often: caps, durations, quotas."""

from __future__ import annotations

from collections.abc import Iterator

from clarion.domain.journeys.model import Fault
from clarion.domain.journeys.review.context import Check, Review
from clarion.domain.journeys.times import duration_ms
from clarion.shapes.pinpoint import JourneyLimits, JourneyTimeframeCap

MOST = 100
MOST_DAYS = 30
NO_LIMITS = JourneyLimits()


def numbers(review: Review) -> Iterator[Fault]:
    """E25, first half."""
    limits = review.wanted.limits or NO_LIMITS
    frame = limits.timeframe_cap or JourneyTimeframeCap()
    for member, value, most in (
        ("DailyCap", limits.daily_cap, MOST),
        ("EndpointReentryCap", limits.endpoint_reentry_cap, MOST),
        ("TotalCap", limits.total_cap, MOST),
        ("TimeframeCap.Cap", frame.cap, MOST),
        ("TimeframeCap.Days", frame.days, MOST_DAYS),
    ):
        if not 0 <= (value or 0) <= most:
            yield Fault("E25", "", f"Limits.{member}: must be between 0 and {most}")
    for member, value in (
        ("MessagesPerSecond", limits.messages_per_second),
        ("MaximumParticipants", limits.maximum_participants),
    ):
        if (value or 0) < 0:
            yield Fault("E25", "", f"Limits.{member}: must not be negative")


def durations(review: Review) -> Iterator[Fault]:
    """E25, second half."""
    limits = review.wanted.limits or NO_LIMITS
    interval, refresh = limits.endpoint_reentry_interval, review.wanted.refresh_frequency
    if interval and duration_ms(interval) is None:
        yield Fault("E25", "", f"Limits.EndpointReentryInterval: {interval} is not an ISO 8601 duration")
    if refresh and not duration_ms(refresh):
        yield Fault("E25", "", f"RefreshFrequency: {refresh} is not an ISO 8601 duration above zero")


def quotas(review: Review) -> Iterator[Fault]:
    """E27."""
    condition = review.wanted.start_condition
    if why := review.lookups.full(condition is not None and condition.event_start_condition is not None):
        yield Fault("E27", "", why)


def daily_cap(review: Review) -> Iterator[Fault]:
    """W9."""
    if not (review.wanted.limits or NO_LIMITS).daily_cap and not review.lookups.daily_cap():
        text = "Limits.DailyCap: neither the journey nor the project says how many messages a day somebody gets at most"
        yield Fault("W9", "", text, advice=True)


CHECKS: tuple[Check, ...] = (numbers, durations, quotas, daily_cap)
