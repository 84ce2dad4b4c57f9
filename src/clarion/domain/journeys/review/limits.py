"""How much and how often: caps, rates, durations, quotas."""

from __future__ import annotations

from collections.abc import Iterator

from clarion.domain.journeys.model import Fault
from clarion.domain.journeys.review.context import Check, Review
from clarion.domain.journeys.sending import faults
from clarion.shapes.pinpoint import JourneyLimits


def limits(review: Review) -> Iterator[Fault]:
    """E25."""
    yield from faults.limits(review.wanted)


def quotas(review: Review) -> Iterator[Fault]:
    """E27."""
    condition = review.wanted.start_condition
    if why := review.lookups.full(condition is not None and condition.event_start_condition is not None):
        yield Fault("E27", "", why)


def daily_cap(review: Review) -> Iterator[Fault]:
    """W9."""
    if not (review.wanted.limits or JourneyLimits()).daily_cap and not review.lookups.daily_cap():
        text = "Limits.DailyCap: neither the journey nor the project says how many messages a day somebody gets at most"
        yield Fault("W9", "", text, advice=True)


CHECKS: tuple[Check, ...] = (limits, quotas, daily_cap)
