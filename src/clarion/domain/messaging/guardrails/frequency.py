"""Frequency caps: how many messages somebody may get in a time, of all campaigns and journeys of a project. Pure.

A tally knows what the people of a page got before and grows with what the page itself plans, so that two
endpoints of one user do not both get the last message that is allowed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from clarion.channels.push.services import SERVICES
from clarion.shapes.pinpoint import FrequencyCap


class Rule(msgspec.Struct, frozen=True):
    """At most `messages` in the last `hours`, on these channels (None: on all of them together), to one endpoint or,
    `per_user`, to all endpoints of one user."""

    messages: int
    hours: int
    channels: frozenset[str] | None = None
    per_user: bool = False

    def holds_for(self, channel: str) -> bool:
        """Whether messages on this channel count."""
        return self.channels is None or channel in self.channels

    @property
    def words(self) -> str:
        """The rule in a sentence."""
        span = f"{self.hours // 24} days" if self.hours % 24 == 0 else f"{self.hours} hours"
        on = "" if self.channels is None else f" on {', '.join(sorted(self.channels))}"
        return f"at most {self.messages} in {span}{on}"


class Person(msgspec.Struct, frozen=True):
    """An endpoint and the user it belongs to ("" for nobody)."""

    key: str
    user_id: str = ""

    def of(self, rule: Rule) -> str:
        """Whose messages a rule counts: the user's, or the endpoint's."""
        return f"user/{self.user_id}" if rule.per_user and self.user_id else f"endpoint/{self.key}"


def rules_of(caps: Sequence[FrequencyCap] | None) -> tuple[Rule, ...]:
    """The rules that a project's `FrequencyCaps` are."""
    return tuple(
        Rule(cap.messages, (cap.days or 0) * 24 + (cap.hours or 0), _channels(cap.channel_types), bool(cap.per_user))
        for cap in caps or ()
    )


def _channels(types: Sequence[str] | None) -> frozenset[str] | None:
    if not types:
        return None
    return frozenset(types) - {"PUSH"} | (SERVICES if "PUSH" in types else frozenset())


class Tally:
    """Messages by rule and person: those of before, and those planned since."""

    def __init__(
        self, rules: Sequence[Rule], before: Mapping[tuple[int, str], int], shared: Collection[str] = ()
    ) -> None:
        self._rules = rules
        self._counts = dict(before)
        self._shared = shared
        self.carried: dict[tuple[int, str], int] = {}
        """What was added for users (`shared`, by id) whose other endpoints may come later."""

    def over(self, person: Person, channel: str) -> str | None:
        """Why this person must not get another message on this channel; None when they may."""
        for number, rule in self._those_for(channel):
            count = self._counts.get((number, person.of(rule)), 0)
            if count >= rule.messages:
                whose = "the user" if rule.per_user and person.user_id else "the endpoint"
                return f"{whose} has {count} messages of the project, {rule.words}"
        return None

    def add(self, person: Person, channel: str, number: int = 1) -> None:
        """The person gets a message on this channel; -1 takes it back."""
        for index, rule in self._those_for(channel):
            name = (index, person.of(rule))
            self._counts[name] = self._counts.get(name, 0) + number
            if rule.per_user and person.user_id in self._shared:
                self.carried[name] = self.carried.get(name, 0) + number

    def carry(self, carried: Mapping[tuple[int, str], int]) -> None:
        """Count what a tally before this one carried, of which there is no record."""
        for name, number in carried.items():
            self._counts[name] = self._counts.get(name, 0) + number
            self.carried[name] = self.carried.get(name, 0) + number

    def _those_for(self, channel: str) -> Iterator[tuple[int, Rule]]:
        return ((number, rule) for number, rule in enumerate(self._rules) if rule.holds_for(channel))


def before(
    rules: Sequence[Rule],
    people: Iterable[Person],
    counts: Mapping[str, Sequence[int]],
    of_user: Mapping[str, Sequence[str]],
) -> dict[tuple[int, str], int]:
    """What a tally begins with: `counts` are messages by endpoint key, one number for each rule; `of_user` are the
    keys of each user's endpoints."""
    found: dict[tuple[int, str], int] = {}
    for person in people:
        for number, rule in enumerate(rules):
            name = (number, person.of(rule))
            if name in found:
                continue
            whole = rule.per_user and person.user_id
            keys = {person.key, *of_user.get(person.user_id, ())} if whole else {person.key}
            if total := sum(counts[key][number] for key in keys if key in counts):
                found[name] = total
    return found
