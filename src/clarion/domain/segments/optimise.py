"""Algebra becomes smaller algebra that selects the same: flat, without constants, like leaves merged.

Merging is what makes ten criteria on one attribute one pass over the column:

    Or   union        of tokens, texts, spans, and of values of one column; the longest of several recencies, and of
                      several spans of days in which the same is asked of events
    And  intersection of values of one column; the shortest of these times
    and what Or does to leaves, And does to their opposites
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace

from clarion.domain.segments.algebra import (
    EVERYBODY,
    NOBODY,
    ActiveWithin,
    And,
    Did,
    HasInstant,
    HasText,
    HasToken,
    Leaf,
    Node,
    Not,
    OneOf,
    Or,
)


def optimise(node: Node) -> Node:
    """An equal tree; EVERYBODY and NOBODY are only ever the whole of it (or of what is asked of an event)."""
    if isinstance(node, Not):
        return _opposite(optimise(node.part))
    if isinstance(node, And | Or):
        return _join(type(node), [optimise(part) for part in node.parts])
    if isinstance(node, Did):
        return _settled(replace(node, where=optimise(node.where)))
    return _settled(node)


def _join(kind: type[And] | type[Or], parts: list[Node]) -> Node:
    """`kind` of optimised parts. Opposites go together: not a and not b is not (a or b)."""
    absorbing, merge = (NOBODY, _intersection) if kind is And else (EVERYBODY, _union)
    flat = _flat(kind, parts)
    kept = _merged([part for part in flat if not isinstance(part, Not)], merge)
    opposites = [part.part for part in flat if isinstance(part, Not)]
    if opposites:
        kept.append(_opposite(_join(Or if kind is And else And, opposites)))
    if absorbing in kept:
        return absorbing
    return kept[0] if len(kept) == 1 else kind(tuple(kept))


def _flat(kind: type[And] | type[Or], parts: Iterable[Node]) -> list[Node]:
    """The parts with those of the same kind opened, each once, in their first order."""
    flat: dict[Node, None] = {}
    for part in parts:
        flat.update(dict.fromkeys(part.parts if isinstance(part, kind) else (part,)))
    return list(flat)


def _opposite(node: Node) -> Node:
    if isinstance(node, Not):
        return node.part
    if node == EVERYBODY:
        return NOBODY
    return EVERYBODY if node == NOBODY else Not(node)


def _settled(leaf: Leaf) -> Node:
    """A leaf that nobody can match is NOBODY."""
    empty = (
        (isinstance(leaf, OneOf) and not leaf.values)
        or (isinstance(leaf, HasToken) and not leaf.tokens)
        or (isinstance(leaf, HasText) and not leaf.texts)
        or (isinstance(leaf, HasInstant) and not leaf.spans)
        or (isinstance(leaf, Did) and leaf.where == NOBODY)
    )
    return NOBODY if empty else leaf


Merge = Callable[[Leaf, Leaf], Leaf | None]


def _merged(parts: list[Node], merge: Merge) -> list[Node]:
    """The parts with leaves that look at the same thing merged into the first of them, where `merge` can."""
    result: dict[Hashable, Node] = {}
    for position, part in enumerate(parts):
        if isinstance(part, And | Or | Not):
            result[position] = part
            continue
        key = _subject(part)
        known = result.get(key)
        if known is None:
            result[key] = part
            continue
        assert not isinstance(known, And | Or | Not)
        merged = merge(known, part)
        result[key if merged is not None else position] = part if merged is None else merged
    return [_settled(part) if not isinstance(part, And | Or | Not) else part for part in result.values()]


def _subject(leaf: Leaf) -> Hashable:
    """What a leaf looks at: leaves with the same subject may be merged."""
    if isinstance(leaf, HasToken | OneOf):
        return type(leaf), leaf.column
    if isinstance(leaf, HasText | HasInstant):
        return type(leaf), leaf.column, leaf.name
    if isinstance(leaf, ActiveWithin):
        return (type(leaf),)
    if isinstance(leaf, Did) and leaf.most is None:
        return replace(leaf, days=0)
    return leaf


def _union(first: Leaf, second: Leaf) -> Leaf | None:
    if isinstance(first, HasToken) and isinstance(second, HasToken):
        return HasToken(first.column, first.tokens | second.tokens)
    if isinstance(first, OneOf) and isinstance(second, OneOf):
        return OneOf(first.column, first.values | second.values)
    if isinstance(first, HasText) and isinstance(second, HasText):
        return HasText(first.column, first.name, first.texts | second.texts)
    if isinstance(first, HasInstant) and isinstance(second, HasInstant):
        return HasInstant(first.column, first.name, first.spans | second.spans)
    if isinstance(first, ActiveWithin) and isinstance(second, ActiveWithin):
        return ActiveWithin(max(first.hours, second.hours))
    if isinstance(first, Did) and isinstance(second, Did):
        return replace(first, days=max(first.days, second.days))
    return None


def _intersection(first: Leaf, second: Leaf) -> Leaf | None:
    """None where both must stay: an endpoint can have several values of an attribute."""
    if isinstance(first, OneOf) and isinstance(second, OneOf):
        return OneOf(first.column, first.values & second.values)
    if isinstance(first, ActiveWithin) and isinstance(second, ActiveWithin):
        return ActiveWithin(min(first.hours, second.hours))
    if isinstance(first, Did) and isinstance(second, Did):
        return replace(first, days=min(first.days, second.days))
    return None
