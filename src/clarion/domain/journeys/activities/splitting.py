"""What both splits on conditions have in common: when they are evaluated, once, and by what.

Events take their time to come. So right behind a message a split that asks for events waits, whatever it says: an hour,
or a quarter of one behind a custom message. Source: spec of journeys, 3.12.

    arrives ─→ nothing to wait for ─→ evaluated ─→ goes on
            └→ waits ("evaluate", or "until" a date) ─→ evaluated ─→ goes on
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from clarion.core.clock import DAY_MS, HOUR_MS
from clarion.domain.journeys.activities.port import Here, Kind
from clarion.domain.journeys.model import Fault, Go, Stay, Verdict, Walker
from clarion.domain.journeys.times import duration_ms, instant_ms
from clarion.shapes.pinpoint import SimpleCondition, WaitTime

if TYPE_CHECKING:
    from clarion.domain.journeys.graph import Graph, Node
    from clarion.domain.journeys.review.context import Review

MINUTE_MS = 60_000
MOST_MS = 365 * DAY_MS

ARRIVING_MS: Mapping[str, int] = {
    "email": HOUR_MS,
    "sms": HOUR_MS,
    "push": HOUR_MS,
    "custom": 15 * MINUTE_MS,
}
"""How long a split on events waits at least right behind a message, by the message's kind."""


class Held(NamedTuple):
    """For whom each condition of a split holds, and what is to be said of those that cannot hold."""

    people: Sequence[frozenset[str]]
    detail: str


class Splitting(Kind):
    """Waits, evaluates, chooses."""

    @abstractmethod
    def conditions(self, spec: Any) -> Sequence[SimpleCondition]:
        """What is asked, in order."""

    @abstractmethod
    def choose(self, here: Here, walker: Walker, held: Held) -> Go:
        """The way that somebody takes."""

    def arrive(self, here: Here, group: Sequence[Walker]) -> Iterable[Verdict]:
        conditions = self.conditions(here.node.spec)
        wait = _wait(here, conditions)
        now = [walker for walker in group if wait is None or walker.waiting]
        held = _held(here, conditions, now) if now else Held([], "")
        for walker in group:
            yield wait if wait is not None and not walker.waiting else self.choose(here, walker, held)

    def wait_faults(self, code: str, node: Node, review: Review) -> Iterator[Fault]:
        """What is wrong with EvaluationWaitTime, and whether events can be there when it is over."""
        wait: WaitTime = node.spec.evaluation_wait_time or WaitTime()
        length = duration_ms(wait.wait_for)
        until = instant_ms(wait.wait_until)
        if wait.wait_for and wait.wait_until:
            yield Fault(code, node.id, "EvaluationWaitTime: has either WaitFor or WaitUntil")
        elif wait.wait_for and length is None:
            yield Fault(code, node.id, f"EvaluationWaitTime.WaitFor: {wait.wait_for} is not an ISO 8601 duration")
        elif length is not None and length > MOST_MS:
            yield Fault(code, node.id, "EvaluationWaitTime.WaitFor must be at most P365D")
        elif wait.wait_until and until is None:
            yield Fault(code, node.id, f"EvaluationWaitTime.WaitUntil: {wait.wait_until} is not an ISO 8601 time")
        elif until is not None and until >= review.end_ms:
            yield Fault(code, node.id, "EvaluationWaitTime.WaitUntil must be before the journey's end")
        elif until is None:
            yield from _hurry(node, review.graph, self.conditions(node.spec), length or 0)


def _wait(here: Here, conditions: Sequence[SimpleCondition]) -> Stay | None:
    """The wait of those who arrive now."""
    said: WaitTime = here.node.spec.evaluation_wait_time or WaitTime()
    least = 0 if here.journey.test_of else arriving_ms(here.graph, here.node, conditions)
    length = max(duration_ms(said.wait_for) or 0, least)
    until = instant_ms(said.wait_until)
    if until is not None and until > here.now_ms + length:
        return Stay(until, "until")
    return Stay(here.now_ms + length, "evaluate") if length else None


def arriving_ms(graph: Graph, node: Node, conditions: Sequence[SimpleCondition]) -> int:
    """How long the events that a split asks for may take to come; 0 unless a message is right before it."""
    if not any(one.event_condition for one in conditions):
        return 0
    before = (found.kind for found in graph.directly_before(node.id))
    return max((ARRIVING_MS.get(kind.member, 0) for kind in before if kind), default=0)


def _held(here: Here, conditions: Sequence[SimpleCondition], group: Sequence[Walker]) -> Held:
    found = here.tools.conditions.holds(here, conditions, group) if conditions else []
    gone = dict.fromkeys(_asked(one) for one, people in zip(conditions, found, strict=True) if people is None)
    return Held([people or frozenset() for people in found], ", ".join(f"{name} is gone" for name in gone))


def _asked(condition: SimpleCondition) -> str:
    return f"segment {condition.segment_condition.segment_id}" if condition.segment_condition else "what was asked for"


def _hurry(node: Node, graph: Graph, conditions: Sequence[SimpleCondition], length: int) -> Iterator[Fault]:
    """W2: the split asks for what happens to a message, and is evaluated soon after it was sent."""
    asked = {one.event_condition.message_activity or "" for one in conditions if one.event_condition}
    for activity in sorted(_sent_just_before(node, graph) & asked):
        if length < ARRIVING_MS.get(_member(graph, activity), 0):
            least = arriving_ms(graph, node, conditions)
            said = f"it is evaluated {least // MINUTE_MS} minutes after" if least else "it is evaluated right after"
            text = f"asks what became of {activity}; {said}, and who has done nothing by then is counted as never"
            yield Fault("W2", node.id, text, advice=True)


def _sent_just_before(node: Node, graph: Graph) -> set[str]:
    """The messages between which and the split nobody waits on some way."""
    found: set[str] = set()
    seen = {node.id}
    waiting = [node.id]
    while waiting:
        for before in graph.directly_before(waiting.pop()):
            if before.id in seen:
                continue
            seen.add(before.id)
            if _member(graph, before.id) in ARRIVING_MS:
                found.add(before.id)
            if not _waits(before):
                waiting.append(before.id)
    return found


def _waits(node: Node) -> bool:
    if node.kind is None or node.kind.member in ("wait", "wait_for_event"):
        return True
    said = getattr(node.spec, "evaluation_wait_time", None)
    return said is not None and bool(said.wait_for or said.wait_until)


def _member(graph: Graph, activity: str) -> str:
    found = graph.get(activity)
    return found.kind.member if found and found.kind else ""
