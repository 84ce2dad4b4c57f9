"""The seeds of the suite. One of them by itself: `python -m bench.journey_simulation --seed N`."""

from __future__ import annotations

import pytest

from tests.domain.journeys.simulation.simulation import run

SEEDS, PARTS = 1_000, 20


@pytest.mark.parametrize("part", range(PARTS))
def test_nobody_is_lost_and_nothing_is_doubled(part: int) -> None:
    each = SEEDS // PARTS
    outcomes = [run(seed) for seed in range(part * each, (part + 1) * each)]
    assert not [(outcome.seed, outcome.wrong[:3]) for outcome in outcomes if outcome.wrong]
    # They do something: people move, messages leave, processes end.
    assert sum(outcome.moves for outcome in outcomes) > 10 * each
    assert sum(outcome.messages for outcome in outcomes) > each // 2
    assert sum(outcome.crashes for outcome in outcomes) > each


def test_a_seed_is_the_same_every_time() -> None:
    for seed in (3, 11, 29):
        assert run(seed) == run(seed)
