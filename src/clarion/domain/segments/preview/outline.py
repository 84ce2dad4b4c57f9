"""A definition as the list of its steps, in its own order, with the names of columns that answer about each.

A step is a group, a source segment, an object of dimensions or a single condition. `alone` tells who satisfies it by
itself, `left` who would be selected if the definition ended there: what comes later is not asked yet, what came before
is. The conditions are columns `c0`, `c1` ...; of members joined by ALL, ANY or NONE a column `d0`, `d1` ... says the
position of the first that decides, counted from 1, 0 for none: what it decides about those up to another is then known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, NamedTuple, TypeVar

from clarion.domain.segments.algebra import NOBODY, Node
from clarion.domain.segments.model import Segment
from clarion.domain.segments.optimise import optimise
from clarion.domain.segments.parse import Find, conditions, parse
from clarion.domain.segments.preview.words import words
from clarion.shapes.pinpoint import SegmentDimensions, SegmentGroup, SegmentReference

Kind = Literal["SEGMENT", "GROUP", "SOURCE", "DIMENSIONS", "CONDITION"]
T = TypeVar("T")

LEVELS = 3
"""Conditions and sources are joined, the objects of dimensions made of them, and the groups made of those."""

_SAID = {"ALL": "all", "ANY": "any of the", "NONE": "none of the"}

Within = Callable[[str], str]
"""The formula of the whole definition up to here, from that of the part in hand."""


@dataclass
class Part:
    """Steps that are joined by ALL, ANY or NONE."""

    how: str
    steps: list[Step] = field(default_factory=list)


@dataclass
class Step:
    """`path` is that of the member in the definition. `parts` must all hold. `node`: of a condition or a source."""

    path: str
    kind: Kind
    words: str
    alone: str = ""
    left: str = ""
    parts: list[Part] = field(default_factory=list)
    node: Node | None = None

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Step]]:
        """This step and those inside it, in order, with their depths."""
        yield depth, self
        for part in self.parts:
            for step in part.steps:
                yield from step.walk(depth + 1)


class Position(NamedTuple):
    """A column over those of lower levels, and over the conditions; without formula nobody asks for it."""

    level: int
    name: str
    formula: str


class Outline:
    """The steps of one segment: `whole` has them all inside. Raises Invalid when `parse` would."""

    def __init__(self, segment: Segment, find: Find) -> None:
        parse(segment, find)
        self._find = find
        self.conditions: list[Node] = []
        self.positions: list[Position] = []
        self.whole = self._segment(segment)

    def _segment(self, segment: Segment) -> Step:
        definition = segment.definition
        if segment.kind == "IMPORT":
            return self._condition("ImportDefinition", parse(segment, self._find), _same)
        if definition.groups is None:
            return self._dimensions("Dimensions", definition.dimensions or SegmentDimensions(), _same)
        how = definition.groups.include or "ALL"
        whole = Step("SegmentGroups", "SEGMENT", f"{_SAID[how]} groups")
        found = self._joined(whole, 2, how, _numbered("Groups", definition.groups.groups), self._group, _same)
        return _finished(whole, found, _same)

    def _group(self, path: str, group: SegmentGroup, within: Within) -> Step:
        source_type, kind = group.source_type or "ALL", group.type or "ALL"
        said = [f"{_SAID[source_type]} source segments"] if group.source_segments else []
        said += [f"{_SAID[kind]} objects of dimensions"] if group.dimensions else []
        step = Step(path, "GROUP", ", ".join(said) or "everybody")
        sources = _numbered(f"{path}.SourceSegments", group.source_segments)
        base = self._joined(step, 0, source_type, sources, self._source, within)
        objects = _numbered(f"{path}.Dimensions", group.dimensions)
        found = self._joined(step, 1, kind, objects, self._dimensions, lambda text: within(_and(base, text)))
        return _finished(step, _and(base, found), within)

    def _source(self, path: str, source: SegmentReference, within: Within) -> Step:
        segment = self._find(source.id, source.version)
        if segment is None:
            return self._condition(path, NOBODY, within, "SOURCE", f"in segment {source.id}, which is gone: nobody")
        said = f"in segment “{segment.definition.name or segment.id}”, version {segment.version}"
        return self._condition(path, parse(segment, self._find), within, "SOURCE", said)

    def _dimensions(self, path: str, dimensions: SegmentDimensions, within: Within) -> Step:
        found = [(f"{path}.{name}", node) for name, node in conditions(dimensions)]
        step = Step(path, "DIMENSIONS", f"{_SAID['ALL']} conditions" if found else "everybody")
        return _finished(step, self._joined(step, 0, "ALL", found, self._condition, within), within)

    def _condition(
        self, path: str, node: Node, within: Within, kind: Kind = "CONDITION", said: str | None = None
    ) -> Step:
        small = optimise(node)
        self.conditions.append(small)
        step = Step(path, kind, said or words(small), node=small)
        return _finished(step, f"c{len(self.conditions) - 1}", within)

    def _joined(
        self,
        step: Step,
        level: int,
        how: str,
        members: Iterable[tuple[str, T]],
        make: Callable[[str, T, Within], Step],
        within: Within,
    ) -> str:
        """The formula of the members together; their steps become a part of `step`."""
        part, position = Part(how), f"d{len(self.positions)}"
        self.positions.append(Position(level, position, ""))
        number = len(self.positions) - 1
        for before, (path, member) in enumerate(members):
            part.steps.append(make(path, member, partial(_up_to, how, position, before, within)))
        if len(part.steps) > 1:
            decisive = ", ".join(inner.alone for inner in part.steps)
            formula = f"indexOf([{decisive}], {0 if how == 'ALL' else 1})"
            self.positions[number] = Position(level, position, formula)
        if not part.steps:
            return "1"
        step.parts.append(part)
        return _together(how, position, part.steps)


def culprit(step: Step, passes: Mapping[str, bool]) -> Step:
    """Of a step that an endpoint does not pass: the first one inside it that by itself keeps the endpoint out.

    `passes`: by path, whether the endpoint satisfies the step alone. Where it had to pass one of several, no single one
    keeps it out: then they do together.
    """
    for part in step.parts:
        passed = [inner for inner in part.steps if passes[inner.path]]
        failed = [inner for inner in part.steps if not passes[inner.path]]
        if part.how == "NONE" and passed:
            return _only(passed[0])
        if part.how == "ALL" and failed:
            return culprit(failed[0], passes)
        if part.how == "ANY" and not passed:
            return culprit(failed[0], passes) if len(failed) == 1 else step
    return step


def _only(step: Step) -> Step:
    """The one thing a step asks for, if it is one."""
    while len(step.parts) == 1 and len(step.parts[0].steps) == 1 and step.parts[0].how != "NONE":
        step = step.parts[0].steps[0]
    return step


def _same(text: str) -> str:
    return text


def _finished(step: Step, alone: str, within: Within) -> Step:
    step.alone, step.left = alone, within(alone)
    return step


def _together(how: str, position: str, steps: list[Step]) -> str:
    if len(steps) == 1:
        return f"(NOT {steps[0].alone})" if how == "NONE" else steps[0].alone
    return f"({position} != 0)" if how == "ANY" else f"({position} = 0)"


def _up_to(how: str, position: str, before: int, within: Within, text: str) -> str:
    return within(_one_more(how, position, before, text))


def _one_more(how: str, position: str, before: int, text: str) -> str:
    """The first `before` members and one more."""
    one = f"(NOT {text})" if how == "NONE" else text
    if not before:
        return one
    if how == "ANY":
        return f"(({position} != 0 AND {position} <= {before}) OR {one})"
    return f"(({position} = 0 OR {position} > {before}) AND {one})"


def _and(first: str, second: str) -> str:
    if first == "1":
        return second
    return first if second == "1" else f"({first} AND {second})"


def _numbered(path: str, members: Iterable[T] | None) -> Iterator[tuple[str, T]]:
    return ((f"{path}[{number}]", member) for number, member in enumerate(members or ()))
