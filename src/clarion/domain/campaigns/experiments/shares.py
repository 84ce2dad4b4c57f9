"""Who is in a test and who waits for its winner. Pure.

A campaign with a winner gives each treatment only the first of the cohorts that would be its own (`allocation`), as
many as its share of the test percentage; all others who are not held out are the rest.
"""

from __future__ import annotations

from clarion.domain.campaigns.allocation import COHORTS, Allocation, drawn
from clarion.domain.campaigns.store import RunRow
from clarion.domain.campaigns.treatments import allocation, treatments
from clarion.shapes.pinpoint import CampaignWinner, WriteCampaignRequest

REST = 1
"""Number of the run that sends the winner to the rest; that of the test is 0."""

MINUTE_MS = 60_000


def is_rest(wanted: WriteCampaignRequest, run: RunRow) -> bool:
    """Whether a run of that definition sends the winner to the rest."""
    return wanted.winner is not None and run.number == REST


def length_ms(winner: CampaignWinner) -> int:
    """How long the test takes."""
    return MINUTE_MS * (60 * winner.hours if winner.hours else winner.minutes or 0)


def audience_left(wanted: WriteCampaignRequest) -> int:
    """The percentage that is not held out."""
    return 100 - (wanted.holdout_percent or 0)


def sizes_in_test(wanted: WriteCampaignRequest) -> dict[str, int]:
    """How many of the hundred cohorts each treatment that has a share gets in the test.

    Everybody gets one; the others go to the treatments in proportion, those left over to the largest remainders.
    """
    assert wanted.winner is not None
    shares = {one.id: one.share for one in treatments(wanted) if one.share}
    spare, whole = max(0, wanted.winner.test_percent - len(shares)), sum(shares.values())
    exact = {name: 1 + spare * (share - 1) / max(1, whole - len(shares)) for name, share in shares.items()}
    sizes = {name: int(size) for name, size in exact.items()}
    left = wanted.winner.test_percent - sum(sizes.values())
    for name in sorted(exact, key=lambda name: sizes[name] - exact[name])[: max(0, left)]:
        sizes[name] += 1
    return sizes


def tested(campaign_id: str, wanted: WriteCampaignRequest) -> Allocation:
    """Who is held out, and who gets which treatment in the test. The rest are in no place."""
    whole, sizes, order = allocation(campaign_id, wanted), sizes_in_test(wanted), drawn(campaign_id)
    first = {
        name: frozenset([cohort for cohort in order if cohort in own][: sizes.get(name, 0)])
        for name, own in whole.treatments.items()
    }
    return Allocation(whole.holdout, first)


def rest(campaign_id: str, wanted: WriteCampaignRequest) -> frozenset[int]:
    """The cohorts that get the winner."""
    test = tested(campaign_id, wanted)
    return frozenset(range(COHORTS)) - test.holdout - frozenset().union(*test.treatments.values())


def cohorts_of(wanted: WriteCampaignRequest, run: RunRow) -> frozenset[int] | None:
    """The cohorts that a run goes through; None: everybody, as there are no further treatments."""
    if not wanted.additional_treatments:
        return None
    if wanted.winner is None:
        return allocation(run.campaign_id, wanted).told(run.treatment_id)
    if is_rest(wanted, run):
        return rest(run.campaign_id, wanted)
    return tested(run.campaign_id, wanted).told(run.treatment_id)
