"""Activities in a few words, for boxes and arrows: read off the members that kinds have in common. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from clarion.domain.journeys.graph import Node
from clarion.domain.journeys.model import Edge
from clarion.shapes.pinpoint import Condition, EventDimensions, EventFilter, SimpleCondition, StartCondition, WaitTime

MOST_CONDITIONS = 3
"""Conditions that are told; of the others their number."""

_BRANCH = "Branch_"
_ANSWERS = {"TRUE": "yes", "FALSE": "no"}


class Words:
    """Says things; `segments` are names of segments by id."""

    def __init__(self, segments: Mapping[str, str] | None = None) -> None:
        self._segments = segments or {}

    def details(self, node: Node) -> Iterator[str]:
        """What is worth knowing of an activity, a line each."""
        spec = node.spec
        if name := getattr(spec, "template_name", None):
            version = getattr(spec, "template_version", None)
            yield f"template {name}, version {version}" if version else f"template {name}"
        if uri := getattr(spec, "delivery_uri", None):
            yield f"calls {uri}"
        if isinstance(wanted := getattr(spec, "event_filter", None), EventFilter):
            yield f"awaits {_event(wanted.dimensions)}"
        for member, word in (("wait_time", "for"), ("evaluation_wait_time", "after"), ("timeout", "at most")):
            if isinstance(wait := getattr(spec, member, None), WaitTime) and (text := _time(wait, word)):
                yield text
        if isinstance(condition := getattr(spec, "condition", None), Condition):
            yield from self._conditions(condition)
        if isinstance(share := getattr(spec, "percentage", None), int):
            yield f"holds out {share} %"

    def label(self, node: Node, edge: Edge) -> str:
        """What is written on a way out; "" when it is the only one."""
        if len(node.edges) < 2:
            return ""
        name = edge.outcome.removeprefix(_BRANCH)
        if name == edge.outcome or not name.isdecimal():
            return _ANSWERS.get(name, name.replace("_", " ").lower())
        branches: list[Any] = getattr(node.spec, "branches", None) or []
        if not 1 <= int(name) <= len(branches):
            return "else"
        branch = branches[int(name) - 1]
        if (share := getattr(branch, "percentage", None)) is not None:
            return f"{share} %"
        condition = getattr(branch, "condition", None)
        return self.asked(condition) if isinstance(condition, SimpleCondition) else name

    def entry(self, condition: StartCondition | None) -> str:
        """Who comes in."""
        if condition is not None and condition.segment_start_condition is not None:
            return self._segment(condition.segment_start_condition.segment_id)
        if condition is not None and (event := condition.event_start_condition) is not None:
            text = f"event {_event(event.event_filter.dimensions)}" if event.event_filter else "an event"
            return f"{text} in {self._segment(event.segment_id)}" if event.segment_id else text
        return "nobody"

    def _conditions(self, condition: Condition) -> Iterator[str]:
        those = condition.conditions or []
        if len(those) > 1:
            yield f"{(condition.operator or 'ALL').lower()} of:"
        for one in those[:MOST_CONDITIONS]:
            yield self.asked(one)
        if len(those) > MOST_CONDITIONS:
            yield f"and {len(those) - MOST_CONDITIONS} more"

    def asked(self, condition: SimpleCondition) -> str:
        """What a condition asks."""
        if (event := condition.event_condition) is not None:
            asked = _event(event.dimensions)
            return f"{asked} of {event.message_activity}" if event.message_activity else asked
        if condition.segment_condition is not None:
            return self._segment(condition.segment_condition.segment_id)
        if (wanted := condition.segment_dimensions) is not None:
            return f"by {', '.join(_members(wanted)) or 'nothing'}"
        return "nothing"

    def _segment(self, segment_id: str) -> str:
        return f"segment {self._segments.get(segment_id) or segment_id}"


def title(node: Node) -> str:
    """What an activity does."""
    return " + ".join(kind.wire for kind in node.kinds) or "nothing"


def _event(dimensions: EventDimensions | None) -> str:
    values = dimensions.event_type.values if dimensions is not None and dimensions.event_type is not None else []
    return " or ".join(values) or "any event"


def _time(wait: WaitTime, word: str) -> str:
    return f"{word} {wait.wait_for}" if wait.wait_for else f"until {wait.wait_until}" if wait.wait_until else ""


def _members(dimensions: Any) -> Iterator[str]:
    """The kinds of dimensions that are asked about."""
    for name in dimensions.__struct_fields__:
        if getattr(dimensions, name):
            yield name.replace("_", " ")
