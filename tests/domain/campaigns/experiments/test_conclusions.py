"""What is said of the arms claims what their intervals carry, and no more."""

from __future__ import annotations

from clarion.domain.campaigns.experiments.conclusions import compare, conclusions, ordered
from clarion.domain.events.comparing.conversions import HOLDOUT, REST, Arm

NAMES = {"0": "", "1": "short"}


def said(*treated: Arm, held: Arm | None = None, goal: bool = True) -> list[str]:
    arms = {str(number): arm for number, arm in enumerate(treated)} | ({} if held is None else {HOLDOUT: held})
    return conclusions(arms, NAMES, goal=goal, holdout=held is not None)


def test_a_clear_case() -> None:
    first, second, third = said(Arm(10_000, 100), Arm(10_000, 500), held=Arm(10_000, 300))
    assert first.startswith("The default treatment brings fewer conversions than sending nothing: at least ")
    assert second.startswith("Treatment 1 (short) brings more conversions than sending nothing: at least ")
    assert third.startswith("Treatment 1 (short) brings more conversions than the default treatment: at least ")


def test_nothing_is_claimed_of_little() -> None:
    for sentence in said(Arm(10, 1), Arm(10, 3), held=Arm(10, 0)):
        assert sentence.startswith("Whether ")
        assert "cannot be said yet" in sentence


def test_what_is_missing() -> None:
    assert said(Arm(0), held=Arm(5)) == ["Nobody has been sent anything yet, so nothing can be said."]
    assert "no ConversionGoal" in said(Arm(5), goal=False)[0]
    first, second = said(Arm(5), Arm(5))
    assert first == "Nobody is held out, so it cannot be said what would have happened without the campaign."
    assert second.startswith("Whether treatment 1 (short) brings more or fewer")
    alone = said(Arm(5), held=Arm())
    assert alone[0] == "The default treatment cannot be compared with sending nothing: one of the two groups is empty."
    assert len(alone) == 2


def test_compare() -> None:
    assert compare(Arm(5, 1), None) is None
    assert compare(Arm(5, 1), Arm()) is None
    found = compare(Arm(10, 5), Arm(10, 4))
    assert found is not None
    assert round(found.difference, 9) == 0.1
    assert found.interval.low < 0.1 < found.interval.high


def test_order() -> None:
    assert ordered({REST: Arm(), HOLDOUT: Arm(), "1": Arm()}, ["0", "1"]) == ["0", "1", HOLDOUT, REST]
