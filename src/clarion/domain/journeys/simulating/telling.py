"""What came of a simulation, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from clarion.core.clock import iso_ms
from clarion.domain.journeys.model import Move
from clarion.domain.journeys.participants import Change


class Assumption(NamedTuple):
    """How many of those who were sent a message would have responded so, going by the past."""

    activity: str
    asked: str
    rate: float


class Told:
    """The counts of a simulation that is under way."""

    def __init__(self) -> None:
        self.outcomes: dict[str, Counter[str]] = {}
        self.messages: Counter[tuple[str, str, str]] = Counter()
        """Messages by day (ISO), activity and channel."""
        self.left: Counter[str] = Counter()
        self.lasted_ms: list[int] = []
        self.entries = 0

    def came(self, activity: str, outcome: str, number: int = 1) -> None:
        """So many people had this outcome at an activity."""
        self.outcomes.setdefault(activity, Counter())[outcome] += number

    def sent(self, at_ms: int, activity: str, channel: str, number: int) -> None:
        """Messages went out."""
        self.messages[iso_ms(at_ms)[:10], activity, channel] += number

    def walked(self, moves: Sequence[Move], changes: Sequence[Change]) -> None:
        """A step was taken."""
        for move in moves:
            if move.activity:
                self.came(move.activity, move.outcome)
        for walker, left_ms, reason in changes:
            if left_ms is not None:
                self.left[reason] += 1
                self.lasted_ms.append(left_ms - walker.entered_ms)


class Played(NamedTuple):
    """What a journey would have done. Unix ms; all numbers are of those who were let walk, `walked` of `people`.

    `inside` are people by activity who are still on their way at the end, `order` the activities in their order.
    """

    since_ms: int
    until_ms: int
    people: int
    walked: int
    told: Told
    inside: Mapping[str, int]
    assumptions: Sequence[Assumption]
    order: Sequence[str]

    @property
    def share(self) -> float:
        """By how much all numbers are to be multiplied."""
        return self.people / self.walked if self.walked else 1.0
