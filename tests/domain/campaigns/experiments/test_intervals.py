"""The interval holds however often one looks, narrows as more is known, and says little when little is known."""

from __future__ import annotations

import itertools
import random

import pytest

from clarion.domain.campaigns.experiments.intervals import ALPHA, Group, boundary, difference, lift

HISTORIES = 200


def grows(chance: random.Random, rates: tuple[float, float], share: float, people: int) -> bool:
    """Whether the interval holds whenever somebody looks while people come one by one, up to so many."""
    counts = [[0, 0], [0, 0]]
    for number in range(1, people + 1):
        which = chance.random() >= share
        counts[which][0] += 1
        counts[which][1] += chance.random() < rates[which]
        if number % 10 == 0 and not holds(counts, rates[0] - rates[1]):
            return False
    return True


def trickles(chance: random.Random, rates: tuple[float, float], sizes: tuple[int, int]) -> bool:
    """Whether it holds whenever somebody looks while all were written to at once and conversions come in with time.

    They come evenly; what is true at a moment is the share of the rates up to it.
    """
    moments = sorted(
        (chance.random(), which) for which in (0, 1) for _ in range(sizes[which]) if chance.random() < rates[which]
    )
    counts = [[sizes[0], 0], [sizes[1], 0]]
    for moment, which in moments:
        if not holds(counts, moment * (rates[0] - rates[1])):
            return False
        counts[which][1] += 1
        if not holds(counts, moment * (rates[0] - rates[1])):
            return False
    return True


def holds(counts: list[list[int]], truth: float) -> bool:
    interval = difference(Group(*counts[0]), Group(*counts[1]))
    return interval is None or interval.low <= truth <= interval.high


@pytest.mark.parametrize(
    ("rates", "share"),
    [((0.5, 0.5), 0.5), ((0.1, 0.1), 0.5), ((0.03, 0.02), 0.5), ((0.1, 0.1), 0.9), ((0.2, 0.05), 0.1)],
)
def test_it_holds_at_all_looks_together_while_people_come(rates: tuple[float, float], share: float) -> None:
    chance = random.Random(f"{rates}{share}")
    held = sum(grows(chance, rates, share, 2_000) for _ in range(HISTORIES))
    assert held >= HISTORIES * (1 - ALPHA)


@pytest.mark.parametrize(
    ("rates", "sizes"),
    [
        ((0.1, 0.1), (2_000, 2_000)),
        ((0.3, 0.3), (1_000, 1_000)),
        ((0.05, 0.05), (3_600, 400)),
        ((0.02, 0.01), (5_000, 250)),
        ((0.5, 0.4), (500, 500)),
    ],
)
def test_it_holds_at_all_looks_together_while_conversions_trickle_in(
    rates: tuple[float, float], sizes: tuple[int, int]
) -> None:
    chance = random.Random(f"{rates}{sizes}")
    held = sum(trickles(chance, rates, sizes) for _ in range(HISTORIES))
    assert held >= HISTORIES * (1 - ALPHA)


def test_a_usual_interval_would_not_hold() -> None:
    """What all this is for: two equal groups, looked at as they grow, and 1.96 standard errors."""
    chance = random.Random(1)
    misled = 0
    for _ in range(200):
        counts = [[0, 0], [0, 0]]
        for number in range(1, 2_001):
            which = number % 2
            counts[which][0] += 1
            counts[which][1] += chance.random() < 0.1
            if number >= 100 and number % 5 == 0:
                rates = [one / people for people, one in counts]
                error = sum(rate * (1 - rate) / people for rate, (people, _) in zip(rates, counts, strict=True)) ** 0.5
                if abs(rates[0] - rates[1]) > 1.96 * error:
                    misled += 1
                    break
    assert misled > 200 * 0.2


def test_it_narrows() -> None:
    found = [difference(Group(size, size // 10), Group(size, size // 20)) for size in (20, 200, 2_000, 20_000, 200_000)]
    widths = [one.high - one.low for one in found if one]
    assert len(widths) == len(found)
    assert all(later < earlier / 2 for earlier, later in itertools.pairwise(widths))
    assert [one.sure for one in found if one] == [False, False, True, True, True]


def test_no_data() -> None:
    assert difference(Group(0, 0), Group(10, 1)) is None
    assert difference(Group(10, 1), Group(0, 0)) is None
    assert (Group(0, 0).rate, Group(4, 1).rate) == (None, 0.25)


def test_no_conversions() -> None:
    few, many = difference(Group(3, 0), Group(3, 0)), difference(Group(9_000, 0), Group(9_000, 0))
    assert few is not None
    assert many is not None
    assert few == (-1.0, 1.0)
    assert -0.002 < many.low < 0 < many.high < 0.002
    assert not many.sure


def test_the_other_way_round_it_is_the_opposite() -> None:
    one, other = Group(1_000, 120), Group(100, 3)
    there, back = difference(one, other), difference(other, one)
    assert there is not None
    assert back is not None
    assert there == pytest.approx((-back.high, -back.low))


def test_a_lower_alpha_is_wider() -> None:
    assert boundary(100, 0.01) > boundary(100, 0.05) > boundary(50, 0.05)


def test_lift() -> None:
    assert lift(Group(100, 30), Group(1_000, 200)) == pytest.approx(0.5)
    assert lift(Group(100, 10), Group(100, 20)) == pytest.approx(-0.5)
    assert lift(Group(100, 10), Group(100, 0)) is None
    assert lift(Group(0, 0), Group(100, 1)) is None
