"""The parts of a run: chains of pages that are planned side by side, each at its own time.

In local time there is one for each time zone, also for those that are not served, whose members shall be told
why. Otherwise there is one; or several, when the audience is large and no rate has to be kept over all of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from clarion.core.clock import from_ms, to_ms
from clarion.domain.campaigns.model import SendPage
from clarion.domain.campaigns.schedule import base_zone, zone_runs
from clarion.domain.campaigns.store import RunRow
from clarion.domain.campaigns.treatments import Treatment, treatments
from clarion.domain.messaging.quiet import zone_of
from clarion.domain.segments.service import Segments
from clarion.shapes.pinpoint import WriteCampaignRequest

CHAINS, MANY = 3, 10_000
"""Chains of pages of a run with so many members: while one is being committed, the others are prepared."""


def rate_of(wanted: WriteCampaignRequest, one: Treatment, *, alone: bool = False) -> float:
    """Messages per second of a treatment's run (0: no limit): its part of the campaign's rate.

    Treatments that run at the same times divide it by their shares, so that together they keep it; a run that is
    `alone` has all of it.
    """
    rate = (wanted.limits.messages_per_second if wanted.limits else 0) or 0
    if alone:
        return rate
    together = sum(other.share for other in treatments(wanted) if other.schedule == one.schedule)
    return rate * one.share / together if together and one.share else rate


def parts_of(
    segments: Segments, one: Treatment, rate: float, run: RunRow, members: int, *, one_by_one: bool = False
) -> Iterator[SendPage]:
    """The first page of each part of a treatment's run whose members are written down under its id.

    `one_by_one`: its pages must not be prepared side by side, as far as they are due at one time.
    """
    first = SendPage(
        app_id=run.app_id,
        campaign_id=run.campaign_id,
        activity_id=run.activity_id,
        snapshot_id=run.activity_id,
        planned_ms=run.scheduled_ms,
    )
    if one.schedule is not None and one.schedule.is_local_time:
        yield from _zones(segments, one.schedule.timezone, run, first)
        return
    chains = CHAINS if members >= MANY and not rate and not one_by_one else 1
    for part in range(chains):
        yield replace(first, part=part, after=members * part // chains, until=members * (part + 1) // chains)


def _zones(segments: Segments, base: str | None, run: RunRow, first: SendPage) -> Iterator[SendPage]:
    zones = segments.zones(run.activity_id)
    turns = {name: to_ms(turn) for turn, name in zone_runs(from_ms(run.scheduled_ms), base_zone(base), zones)}
    for zone in zones:
        yield replace(
            first,
            snapshot_id=segments.zone_part(run.activity_id, zone),
            zone_fault="" if zone in turns else "missing" if zone_of(zone) is None else "past",
            planned_ms=turns.get(zone, run.scheduled_ms),
        )
