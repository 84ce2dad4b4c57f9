"""From method and raw path to what answers there.

Routes are matched segment by segment on the path as it was sent, and each label is decoded once, so ids may
hold an encoded slash (`a%2Fb`) or anything else. A literal segment wins over a label. A label called
`resource-arn` also takes the slashes that some clients leave unencoded in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import unquote_to_bytes

from clarion.core.errors import Invalid

T = TypeVar("T")

_GREEDY = b"resource-arn"
_METHODS = ("DELETE", "GET", "POST", "PUT")
_LABEL = re.compile(rb"\{([\w-]+)\}")


class Match(NamedTuple, Generic[T]):
    """What a request is routed to, and its decoded labels by their name in the path."""

    target: T
    labels: Mapping[str, str]


class _Node(Generic[T]):
    __slots__ = ("greedy", "label", "literals", "targets")

    def __init__(self) -> None:
        self.literals: dict[bytes, _Node[T]] = {}
        self.label: _Node[T] | None = None
        self.greedy = False
        self.targets: dict[str, tuple[T, tuple[str, ...]]] = {}


class Router(Generic[T]):
    """All routes of one server. `T` is whatever answers."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def add(self, method: str, path: str, target: T) -> None:
        """Add a route; `path` holds labels in braces. Raises ValueError when it is taken."""
        node, names = self._root, []
        for segment in path.encode().split(b"/")[1:]:
            label = _LABEL.fullmatch(segment)
            if label is None:
                node = node.literals.setdefault(segment, _Node())
                continue
            names.append(label[1].decode())
            node.label = node.label or _Node()
            node.label.greedy = node.label.greedy or label[1] == _GREEDY
            node = node.label
        if method in node.targets:
            raise ValueError(f"{method} {path} is routed twice")
        node.targets[method] = (target, tuple(names))

    def find(self, method: str, path: bytes) -> Match[T] | None:
        """The route of `path` (raw, normalised) for `method`; None: no such method there, or no such path.

        Raises Invalid for a label that is not UTF-8.
        """
        found = _find(self._root, path.split(b"/"), 1, (), method)
        if found is None:
            return None
        target, names, values = found
        return Match(target, dict(zip(names, map(decode_segment, values), strict=True)))

    def methods(self, path: bytes) -> list[str]:
        """The methods that `path` has; empty: there is no such path."""
        segments, found = path.split(b"/"), []
        for method in _METHODS:
            if _find(self._root, segments, 1, (), method) is not None:
                found.append(method)
        return found


def _find(
    node: _Node[T], segments: list[bytes], index: int, values: tuple[bytes, ...], method: str
) -> tuple[T, tuple[str, ...], tuple[bytes, ...]] | None:
    if index == len(segments):
        target = node.targets.get(method)
        return None if target is None else (*target, values)
    segment = segments[index]
    literal = node.literals.get(segment)
    if literal is not None:
        found = _find(literal, segments, index + 1, values, method)
        if found is not None:
            return found
    label = node.label
    if label is None or not segment:
        return None
    found = _find(label, segments, index + 1, (*values, segment), method)
    if found is None and label.greedy and method in label.targets:
        return (*label.targets[method], (*values, b"/".join(segments[index:])))
    return found


def decode_segment(segment: bytes) -> str:
    """One segment of a raw path, decoded once; raises Invalid when it is not UTF-8 or holds a NUL."""
    text = unquote_to_bytes(segment) if b"%" in segment else segment
    if b"\0" in text:
        raise Invalid("The request path holds a NUL character")
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise Invalid("The request path is not UTF-8 text") from error
