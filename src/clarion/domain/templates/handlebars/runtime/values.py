"""How a name finds its value. Only maps and lists are ever looked into, by key or index; None means missing.

No attribute of a Python object can be reached: `__class__` is just a key that no map has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TypeGuard

PLAIN: frozenset[type] = frozenset({str, int, float, bool, list})
"""Classes of values that surely are no maps; to be asked before the slower question."""
_MOST_INDEX_DIGITS = 6


def is_map(value: object) -> TypeGuard[Mapping[str, object]]:
    """Whether a value has keys."""
    return value.__class__ is dict or (value.__class__ not in PLAIN and isinstance(value, Mapping))


def item(value: object, step: str) -> object:
    """One step of a path into a value. A single value is its own first item, so that a default written as
    plain text serves where an attribute's list was expected."""
    if is_map(value):
        return value.get(step)
    if isinstance(value, list | tuple):
        if step == "length":
            return len(value)
        if step.isdecimal() and len(step) <= _MOST_INDEX_DIGITS and (index := int(step)) < len(value):
            return value[index]
        return None
    if step == "0" and isinstance(value, str | int | float | Decimal):
        return value
    return None


class Lookup:
    """A path that is walked often: every way to cut it into a dotted key and the steps that remain.

    `("User", "UserAttributes", "x")` tries the keys `User.UserAttributes.x`, `User.UserAttributes`, `User`:
    substitutions may be named by the whole path.
    """

    __slots__ = ("cuts", "keys")

    def __init__(self, keys: tuple[str, ...]) -> None:
        self.keys = keys
        self.cuts = tuple((".".join(keys[:size]), keys[size:]) for size in range(len(keys), 0, -1))

    def within(self, context: object) -> object:
        """The value in a context of any kind; None when it is missing, null or an empty list."""
        if context.__class__ is Layers:
            return context.find(self)
        if is_map(context):
            return first((context,), self.cuts)
        value = context
        for step in self.keys:
            value = item(value, step)
        return None if value == [] else value


def first(maps: Sequence[Mapping[str, object]], cuts: Sequence[tuple[str, tuple[str, ...]]]) -> object:
    """The value of a path in the first map that has it."""
    for layer in maps:
        for key, steps in cuts:
            value = layer.get(key)
            if value is None:
                continue
            for step in steps:
                value = value.get(step) if value.__class__ is dict else item(value, step)
                if value is None:
                    break
            else:
                if value or value.__class__ is not list:
                    return value
    return None


class Layers(Mapping[str, object]):
    """Maps in order of precedence; the first that has a value gives it, an empty list counting as none.

    Nothing is merged ahead. A path is walked in each layer in turn, so one layer may hold
    `User.UserAttributes.x` and another `User.UserAttributes.y`; a path that ends at a map gives a view of that
    map in all layers, including values that a layer names by their whole dotted path.
    """

    __slots__ = ("maps",)
    maps: tuple[Mapping[str, object], ...]

    def __init__(self, *maps: Mapping[str, object] | None) -> None:
        kept: list[Mapping[str, object]] = []
        for layer in maps:
            if type(layer) is Layers:
                kept.extend(layer.maps)
            elif layer:
                kept.append(layer)
        self.maps = tuple(kept)

    def find(self, lookup: Lookup) -> object:
        """The value of a path; None when no layer has it."""
        value = first(self.maps, lookup.cuts)
        if value.__class__ not in PLAIN and value is not None and is_map(value):
            return self._view(lookup)
        return value

    def _view(self, lookup: Lookup) -> Mapping[str, object]:
        prefix = ".".join(lookup.keys) + "."
        maps: list[Mapping[str, object]] = []
        for layer in self.maps:
            dotted = {key[len(prefix) :]: layer[key] for key in layer if key.startswith(prefix)}
            if dotted:
                maps.append(dotted)
            value = first((layer,), lookup.cuts)
            if is_map(value):
                maps.append(value)
        return maps[0] if len(maps) == 1 else Layers(*maps)

    def __getitem__(self, key: str) -> object:
        value = self.find(Lookup((key,)))
        if value is None:
            raise KeyError(key)
        return value

    def __iter__(self) -> Iterator[str]:
        keys = dict.fromkeys(key for layer in self.maps for key in layer)
        return (key for key in keys if self.find(Lookup((key,))) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def truthy(value: object) -> bool:
    """Handlebars' idea of it: false for missing, null, false, empty text, zero, NaN and an empty list."""
    if value.__class__ in PLAIN:
        return bool(value) and value == value
    if is_map(value):
        return True
    return bool(value) and value == value
