"""How sure a difference between two rates is, for somebody who looks as often as they like. Pure arithmetic.

A usual 95 % interval is right at one moment that was fixed beforehand; whoever looks every day and stops at the first
"significant" day is misled far more often than in one case of twenty. What is computed here is a confidence sequence:
with a chance of 95 % it holds at all moments together, so one may look, wait, and stop at will.

The count of conversions in one group less that in the other, weighted as if the groups were of one size, wanders around
its mean; its variance is what has been seen of it so far, "V", which grows with every person and every conversion. A
walk like that stays with probability 1 - alpha for ever within sqrt((V + r) ln((V + r) / (r alpha^2))): the boundary of
the normal mixture (Robbins 1970; Howard et al. 2021), with an estimated variance (an asymptotic confidence sequence in
the sense of Waudby-Smith et al. 2021). V counts conversions, not people, since in a campaign everybody may be written
to at once and the conversions trickle in: looking again is what makes V grow. `r` says at which V it is narrowest.
"""

from __future__ import annotations

import math
from typing import NamedTuple

ALPHA = 0.05
TUNED_FOR = 100.0
"""Conversions, in both groups together, at which the interval is narrowest in comparison with the usual one."""


class Group(NamedTuple):
    """People, and those of them who did it."""

    people: int
    conversions: int

    @property
    def rate(self) -> float | None:
        """The share who did, None without people."""
        return self.conversions / self.people if self.people else None


class Interval(NamedTuple):
    """What a difference is at least and at most: both between -1 and 1."""

    low: float
    high: float

    @property
    def sure(self) -> bool:
        """Whether it says that there is a difference."""
        return self.low > 0 or self.high < 0


def difference(group: Group, other: Group, alpha: float = ALPHA) -> Interval | None:
    """Where the rate of `group` less that of `other` is, at all moments together with probability 1 - `alpha`.

    None when one of them has no people.
    """
    if not group.people or not other.people:
        return None
    size = 2 * group.people * other.people / (group.people + other.people)
    seen = size * size * (_variance(group) + _variance(other))
    reach = boundary(seen, alpha) / size
    middle = group.conversions / group.people - other.conversions / other.people
    return Interval(max(-1.0, middle - reach), min(1.0, middle + reach))


def boundary(seen: float, alpha: float = ALPHA) -> float:
    """How far a walk whose variance so far is `seen` gets from its mean, at any time, with probability `alpha`."""
    slack = _slack(alpha)
    return math.sqrt((seen + slack) * math.log((seen + slack) / (slack * alpha * alpha)))


def lift(group: Group, other: Group) -> float | None:
    """How much more `group` does in proportion: 0.5 is half as much again. None where that has no meaning."""
    if not group.people or not other.people or not other.conversions:
        return None
    return group.conversions * other.people / (group.people * other.conversions) - 1


def _variance(group: Group) -> float:
    """Of a group's rate. One conversion, and one who did not, are added: nobody seen does not mean nobody ever."""
    rate = (group.conversions + 1) / (group.people + 2)
    return rate * (1 - rate) / group.people


def _slack(alpha: float) -> float:
    """The `r` with which the boundary is narrowest at `TUNED_FOR`."""
    log = -2 * math.log(alpha)
    return TUNED_FOR / (log + math.log(log) + 1)
