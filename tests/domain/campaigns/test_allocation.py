"""Who gets which treatment, for any campaign and any shares."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from clarion.domain.campaigns.allocation import COHORTS, DEFAULT, allocate
from clarion.domain.campaigns.treatments import overall

IDS = st.text("0123456789abcdef", min_size=32, max_size=32)


@st.composite
def shares(draw: st.DrawFn) -> tuple[int, list[int]]:
    """A hold-out and up to four treatments, at most a hundred together."""
    left, found = 100, []
    for _ in range(draw(st.integers(1, 5))):
        found.append(draw(st.integers(0, left)))
        left -= found[-1]
    return found[0], found[1:]


@given(IDS, shares())
def test_everybody_is_in_exactly_one_place_and_shares_are_kept(campaign: str, given: tuple[int, list[int]]) -> None:
    holdout, sizes = given
    found = allocate(campaign, holdout, sizes)
    places = [found.holdout, *found.treatments.values()]
    assert sorted(cohort for place in places for cohort in place) == list(range(COHORTS))
    assert len(found.holdout) == holdout
    assert list(found.treatments) == [DEFAULT, *(str(number + 1) for number in range(len(sizes)))]
    assert [len(found.treatments[str(number)]) for number in range(1, len(sizes) + 1)] == sizes
    for cohort in range(COHORTS):
        treatment = found.of(cohort)
        assert (treatment is None) == (cohort in found.holdout)
        assert treatment is None or cohort in found.treatments[treatment]


@given(IDS, shares())
def test_runs_tell_everybody_once(campaign: str, given: tuple[int, list[int]]) -> None:
    found = allocate(campaign, *given)
    told = [cohort for treatment in found.treatments for cohort in found.told(treatment)]
    assert sorted(told) == list(range(COHORTS))
    assert found.holdout <= found.told(DEFAULT)


@given(IDS, shares(), st.integers(0, 100))
def test_nobody_changes_places_when_a_last_treatment_is_added(
    campaign: str, given: tuple[int, list[int]], more: int
) -> None:
    """It only takes people from the default's share."""
    holdout, sizes = given
    more = min(more, 100 - holdout - sum(sizes))
    before, after = allocate(campaign, holdout, sizes), allocate(campaign, holdout, [*sizes, more])
    assert allocate(campaign, holdout, sizes) == before
    assert after.holdout == before.holdout
    assert all(after.treatments[str(number)] == before.treatments[str(number)] for number in range(1, len(sizes) + 1))


def test_each_campaign_draws_for_itself() -> None:
    assert len({allocate(f"{number:032x}", 30, []).holdout for number in range(50)}) == 50


def test_the_status_of_a_campaign_is_made_of_its_treatments() -> None:
    assert overall(["COMPLETED", "COMPLETED"]) == "COMPLETED"
    assert overall(["COMPLETED", "EXECUTING"]) == "EXECUTING"
    assert overall(["COMPLETED", "SCHEDULED"]) == "PENDING_NEXT_RUN"
    assert overall(["SCHEDULED", "PENDING_NEXT_RUN"]) == "PENDING_NEXT_RUN"
    assert overall(["SCHEDULED", "SCHEDULED"]) == "SCHEDULED"
    assert overall(["PAUSED", "COMPLETED"]) == "PAUSED"
    assert overall(["INVALID", "SCHEDULED"]) == "SCHEDULED"
    assert overall(["INVALID", "COMPLETED"]) == "INVALID"
    assert overall(["INVALID", "INVALID"]) == "INVALID"
