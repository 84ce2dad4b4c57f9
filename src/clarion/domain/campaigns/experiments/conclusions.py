"""What may be concluded from the arms of a campaign: their rates, how they compare, and that in plain words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from clarion.domain.campaigns.allocation import DEFAULT
from clarion.domain.campaigns.experiments.intervals import Group, Interval, difference, lift
from clarion.domain.events.comparing.conversions import HOLDOUT, Arm


class Comparison(NamedTuple):
    """A rate less another: `difference` and where it is at all moments together, both as shares (0.01 is a percentage
    point); `lift` is the difference in proportion to the other rate, None where that has no meaning."""

    difference: float
    interval: Interval
    lift: float | None


def compare(arm: Arm, other: Arm | None) -> Comparison | None:
    """How an arm's conversions compare; None when one of them has no people."""
    if other is None:
        return None
    own, its = Group(arm.people, arm.conversions), Group(other.people, other.conversions)
    interval = difference(own, its)
    if interval is None or own.rate is None or its.rate is None:
        return None
    return Comparison(own.rate - its.rate, interval, lift(own, its))


def conclusions(arms: Mapping[str, Arm], names: Mapping[str, str], *, goal: bool, holdout: bool) -> list[str]:
    """Sentences for everybody: `names` are the treatments by their ids, the default first.

    `goal`, `holdout`: the campaign has one. A sentence claims only what its interval carries.
    """
    if not any(arms[name].people for name in names if name in arms):
        return ["Nobody has been sent anything yet, so nothing can be said."]
    if not goal:
        return ["The campaign has no ConversionGoal, so nothing can be said about what it brings."]
    said = (
        list(_against_nobody(arms, names))
        if holdout
        else ["Nobody is held out, so it cannot be said what would have happened without the campaign."]
    )
    return [*said, *_against_default(arms, names)]


def _against_nobody(arms: Mapping[str, Arm], names: Mapping[str, str]) -> Iterator[str]:
    for name in names:
        found = compare(arms.get(name, Arm()), arms.get(HOLDOUT))
        if found is None:
            yield f"{_called(name, names)} cannot be compared with sending nothing: one of the two groups is empty."
        else:
            yield _sentence(_called(name, names), "sending nothing", found)


def _against_default(arms: Mapping[str, Arm], names: Mapping[str, str]) -> Iterator[str]:
    for name in [name for name in names if name != DEFAULT]:
        found = compare(arms.get(name, Arm()), arms.get(DEFAULT))
        if found is not None:
            yield _sentence(_called(name, names), _called(DEFAULT, names).lower(), found)


def _sentence(one: str, other: str, found: Comparison) -> str:
    low, high = found.interval
    if low > 0:
        return f"{one} brings more conversions than {other}: at least {_points(low)} and at most {_points(high)} more."
    if high < 0:
        return (
            f"{one} brings fewer conversions than {other}: at least {_points(-high)} and at most {_points(-low)} fewer."
        )
    return (
        f"Whether {one[0].lower()}{one[1:]} brings more or fewer conversions than {other} cannot be said yet:"
        f" anything from {_points(-low)} fewer to {_points(high)} more is possible."
    )


def _called(name: str, names: Mapping[str, str]) -> str:
    kind = "The default treatment" if name == DEFAULT else f"Treatment {name}"
    return f"{kind} ({names[name]})" if names[name] else kind


def _points(share: float) -> str:
    return f"{share * 100:.2f} points"


def ordered(arms: Mapping[str, Arm], names: Sequence[str]) -> list[str]:
    """The arms to show: all treatments, then whoever else there is."""
    return [*names, *(name for name in sorted(arms) if name not in names)]
