"""A condition in words, and what an endpoint has that the condition asks about."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from clarion.core.clock import iso_ms
from clarion.domain.audience.model import Demographic, Endpoint, Location
from clarion.domain.segments.algebra import (
    EVERYBODY,
    NOBODY,
    SEPARATOR,
    ActiveWithin,
    And,
    Did,
    HasInstant,
    HasText,
    HasToken,
    Leaf,
    Listed,
    Measures,
    Near,
    Node,
    Not,
    OneOf,
    Or,
    SameCell,
    Span,
    TokenColumn,
)
from clarion.domain.segments.model import PUSH_CHANNELS

MOST_VALUES = 10
"""How many values are spelt out."""

_WHOSE = {"attributes": "attribute ", "user_attributes": "user attribute ", "kv": ""}


def words(node: Node) -> str:
    """The condition as a phrase about an endpoint."""
    match node:
        case And():
            return " and ".join(_part(part) for part in node.parts) or "everybody"
        case Or():
            return " or ".join(_part(part) for part in node.parts) or "nobody"
        case Not():
            return f"not: {words(node.part)}"
    return _leaf(node)


def _part(node: Node) -> str:
    return f"({words(node)})" if isinstance(node, And | Or) and node not in (EVERYBODY, NOBODY) else words(node)


def _leaf(leaf: Leaf) -> str:
    match leaf:
        case HasToken():
            values = [token.partition(SEPARATOR)[2] for token in leaf.tokens]
            return f"{_WHOSE[leaf.column]}{_name(leaf)} is {_either(values)}"
        case HasText():
            return f"{_WHOSE[leaf.column]}{leaf.name} contains {_either(leaf.texts)}"
        case HasInstant():
            spans = " or ".join(_span(span) for span in sorted(leaf.spans, key=str))
            return f"{_WHOSE[leaf.column]}{leaf.name} is {spans or 'no time'}"
        case Measures():
            return f"metric {leaf.name} {leaf.comparison} {leaf.value:g}"
        case OneOf():
            return f"{leaf.column.replace('_', ' ')} is {_either(_short(leaf.values))}"
        case ActiveWithin():
            return f"active within {leaf.hours} hours"
        case Did():
            return _did(leaf)
        case Near():
            return f"at most {leaf.kilometers:g} km from {leaf.latitude:g}, {leaf.longitude:g}"
        case SameCell():
            return f"at {leaf.latitude_tenths / 10:g}, {leaf.longitude_tenths / 10:g} to one decimal"
        case Listed():
            return f"on the list of imported segment {leaf.segment_id}"


def _did(leaf: Did) -> str:
    many = f"at least {leaf.least}" if leaf.most is None else f"{leaf.least} to {leaf.most}"
    times = "" if (leaf.least, leaf.most) == (1, None) else f" {many} times"
    where = "" if leaf.where == EVERYBODY else f" with {words(leaf.where)}"
    return f"{leaf.event_type}{where}{times} in the last {leaf.days} days"


def _span(span: Span) -> str:
    if span.low is None:
        return "at any time" if span.high is None else f"before {iso_ms(span.high)}"
    return f"from {iso_ms(span.low)}" + ("" if span.high is None else f" to before {iso_ms(span.high)}")


def _short(values: frozenset[str]) -> frozenset[str]:
    return values - PUSH_CHANNELS | {"PUSH"} if values >= PUSH_CHANNELS else values


def _either(values: Collection[str]) -> str:
    shown = sorted(values)
    more = f" or one of {len(shown) - MOST_VALUES} more" if len(shown) > MOST_VALUES else ""
    return (" or ".join(f"“{value}”" for value in shown[:MOST_VALUES]) or "nothing") + more


def _name(leaf: HasToken) -> str:
    return min(leaf.tokens).partition(SEPARATOR)[0] if leaf.tokens else ""


_NOWHERE, _NO_DEVICE = Location(), Demographic()


def own(node: Node, endpoint: Endpoint, had: int) -> list[str] | None:
    """What the endpoint has that the condition asks about, as text; None for one that asks about nothing it has.

    `had` is what the columnar store tells of it: see `build.build_each`.
    """
    leaf = node.part if isinstance(node, Not) else node
    location = endpoint.location or _NOWHERE
    match leaf:
        case HasToken():
            return _values(endpoint, leaf.column, _name(leaf))
        case HasText() | HasInstant():
            return _values(endpoint, leaf.column, leaf.name)
        case Measures():
            return [f"{endpoint.metrics[leaf.name]:g}"] if leaf.name in endpoint.metrics else []
        case OneOf():
            return _one_of(endpoint, location, leaf)
        case ActiveWithin():
            return [iso_ms(had)]
        case Did():
            return [str(had)]
        case Near() | SameCell():
            known = [number for number in (location.latitude, location.longitude) if number is not None]
            return [f"{number:g}" for number in known]
    return None


def _values(endpoint: Endpoint, column: TokenColumn, name: str) -> list[str]:
    found = endpoint.attributes if column == "attributes" else endpoint.user_attributes
    return list(found.get(name, []))


def _one_of(endpoint: Endpoint, location: Location, leaf: OneOf) -> list[str]:
    device = endpoint.demographic or _NO_DEVICE
    found: Sequence[str] = {
        "channel_type": (endpoint.channel_type,),
        "app_version": (device.app_version,),
        "make": (device.make,),
        "model": (device.model,),
        "platform": (device.platform,),
        "country": (location.country,),
    }[leaf.column]
    return [value for value in found if value]
