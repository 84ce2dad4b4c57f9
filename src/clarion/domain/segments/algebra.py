"""What a segment asks of an endpoint, as a small tree: leaves joined by And, Or, Not.

Every leaf is two-valued: an endpoint that lacks what a leaf looks at simply does not match it, so Not(leaf)
matches it. All nodes are immutable and compare by value.

    And(parts)   every part; And(()) is everybody        Or(parts)   any part; Or(()) is nobody
    Not(part)    everybody else
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

SEPARATOR = "\x1f"
"""Between name and value in the token of an attribute value, as the `endpoints` table keeps it."""

TokenColumn = Literal["attributes", "user_attributes", "kv"]
"""Of an endpoint, of its user; of an event."""
SetColumn = Literal["app_version", "channel_type", "make", "model", "platform", "country"]
Comparison = Literal["=", ">", "<", ">=", "<="]


def token(name: str, value: str) -> str:
    """The token of one attribute value."""
    return name + SEPARATOR + value


class Span(NamedTuple):
    """Instants in Unix milliseconds from `low` up to, not including, `high`; None is open."""

    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class HasToken:
    """One of these attribute values is there, exactly."""

    column: TokenColumn
    tokens: frozenset[str]


@dataclass(frozen=True, slots=True)
class HasText:
    """A value of the attribute has one of `texts` in it; the empty text is in every value."""

    column: TokenColumn
    name: str
    texts: frozenset[str]


@dataclass(frozen=True, slots=True)
class HasInstant:
    """A value of the attribute reads as an instant inside one of `spans`."""

    column: TokenColumn
    name: str
    spans: frozenset[Span]


@dataclass(frozen=True, slots=True)
class Measures:
    """The metric is there and compares so."""

    name: str
    comparison: Comparison
    value: float


@dataclass(frozen=True, slots=True)
class OneOf:
    """The column holds one of `values`, exactly."""

    column: SetColumn
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class ActiveWithin:
    """The last activity is no more than so many hours before the moment of asking."""

    hours: int


@dataclass(frozen=True, slots=True)
class Did:
    """Events of a type arrived in so many days before the moment of asking, as many as `least` to `most` (None: or
    more) for which `where` holds; that asks about the event, its attributes (`kv`) and its metrics."""

    event_type: str
    days: int
    least: int
    most: int | None
    where: Node


@dataclass(frozen=True, slots=True)
class Near:
    """The endpoint's place is within so many kilometers along a great circle."""

    latitude: float
    longitude: float
    kilometers: float


@dataclass(frozen=True, slots=True)
class SameCell:
    """The endpoint's place, rounded to one decimal of a degree, is this one in tenths of a degree."""

    latitude_tenths: int
    longitude_tenths: int


@dataclass(frozen=True, slots=True)
class Listed:
    """On the list of this version of an imported segment, itself or through its user."""

    segment_id: str
    version: int


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Node


Leaf: TypeAlias = HasToken | HasText | HasInstant | Measures | OneOf | ActiveWithin | Did | Near | SameCell | Listed
Node: TypeAlias = And | Or | Not | Leaf

EVERYBODY = And(())
NOBODY = Or(())


def leaves(node: Node) -> Iterator[Leaf]:
    """Every leaf of the tree, as often as it occurs, those inside another one too."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from leaves(part)
    elif isinstance(node, Not):
        yield from leaves(node.part)
    else:
        yield node
        if isinstance(node, Did):
            yield from leaves(node.where)
