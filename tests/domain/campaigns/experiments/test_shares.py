"""Who is tested, and who waits for the winner."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clarion.domain.campaigns.allocation import COHORTS
from clarion.domain.campaigns.experiments import shares
from clarion.domain.campaigns.treatments import allocation
from clarion.shapes.pinpoint import WriteCampaignRequest


def wanted(holdout: int, sizes: list[int], percent: int, **winner: Any) -> WriteCampaignRequest:
    members = {"TestPercent": percent, "Metric": "OPEN", "Hours": 1, **winner}
    request = {
        "HoldoutPercent": holdout,
        "AdditionalTreatments": [{"SizePercent": size} for size in sizes],
        "Winner": members,
    }
    return msgspec.convert(request, WriteCampaignRequest)


@pytest.mark.parametrize(
    ("holdout", "sizes", "percent", "expected"),
    [
        (0, [50], 20, {"0": 10, "1": 10}),
        (10, [30, 30], 30, {"0": 10, "1": 10, "2": 10}),
        (0, [20], 50, {"0": 40, "1": 10}),
        (0, [1], 2, {"0": 1, "1": 1}),
        (0, [100], 10, {"1": 10}),
        (0, [0, 50], 10, {"0": 5, "2": 5}),
    ],
)
def test_sizes(holdout: int, sizes: list[int], percent: int, expected: dict[str, int]) -> None:
    assert shares.sizes_in_test(wanted(holdout, sizes, percent)) == expected


def test_everybody_is_in_one_place_at_most_and_where_they_would_be_without_a_test() -> None:
    for holdout in (0, 1, 10, 60):
        for sizes in ([10], [1, 2, 3, 4], [33, 0], [40]):
            for percent in range(sum(1 for size in sizes if size) + 1, 100 - holdout):
                request = wanted(holdout, sizes, percent)
                whole, test = allocation("c", request), shares.tested("c", request)
                assert test.holdout == whole.holdout
                assert all(own <= whole.treatments[name] for name, own in test.treatments.items())
                taken = frozenset().union(*test.treatments.values())
                assert len(taken) == sum(map(len, test.treatments.values())) == percent
                assert shares.rest("c", request) == frozenset(range(COHORTS)) - taken - test.holdout
                assert shares.rest("c", request)


def test_campaigns_test_on_different_people() -> None:
    found = {shares.rest(campaign, wanted(0, [50], 20)) for campaign in "abcdefgh"}
    assert len(found) == 8


def test_length() -> None:
    for winner, minutes in (({"Hours": 2}, 120), ({"Hours": None, "Minutes": 5}, 5)):
        found = wanted(0, [50], 20, **winner).winner
        assert found is not None
        assert shares.length_ms(found) == minutes * 60_000
