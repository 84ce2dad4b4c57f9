"""Values for shapes of the AWS models, and their translation to and from the generated structs, made from
botocore's model alone so that it can judge ours."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from tools.models import attribute, is_iso

AWKWARD = ("a/b +c~%25?é&=日本;'\"<>", "plain", "x" * 300, "a..b", "eqmj8/b3vch+1@example.com", "\u2028 {tab}\t")
_TEXTS = (
    *AWKWARD,
    "+14255550100",
    "arn:aws:sns:eu-central-1:123456789012:a-topic",
    "ABC",
    "US",
    "us",
    "123",
    "0.01",
    "s3://bucket-name/some/key.txt",
    "https://example.com/x",
    "bucket.name-1",
    "UPPER_CASE",
    "a.b",
)
_KEYS = ("Color", 'ключ "q"', "a.b/c")


class Sampler:
    """Values of shapes; the same seed gives the same values. `density`: how likely an optional member is
    there, from 0.0 (required ones only) to 1.0 (all)."""

    def __init__(self, seed: int, density: float) -> None:
        self._random = random.Random(seed)
        self._density = density

    def value(self, shape: Shape, depth: int = 0) -> Any:
        match shape:
            case StructureShape():
                return self._structure(shape, depth)
            case ListShape():
                count = max(shape.metadata.get("min", 0), min(2, shape.metadata.get("max", 2)))
                return [self.value(shape.member, depth + 1) for _ in range(count)]
            case MapShape():
                keys = shape.key.enum if getattr(shape.key, "enum", None) else self._keys(shape.key)
                return {key: self.value(shape.value, depth + 1) for key in keys[:2]}
            case StringShape() if shape.enum:
                return self._random.choice(shape.enum)
        return self._scalar(shape)

    def _keys(self, shape: Shape) -> list[str]:
        return [key for key in (*_KEYS, *_TEXTS) if fits(shape, key)]

    def _structure(self, shape: StructureShape, depth: int) -> dict[str, Any]:
        names = list(shape.members)
        if getattr(shape, "is_tagged_union", False):
            names = [self._random.choice(names)]
        density = self._density if depth < 8 else 0.0
        chosen = [
            name
            for name in names
            if getattr(shape, "is_tagged_union", False)
            or name in shape.required_members
            or self._random.random() < density
        ]
        return {name: self.value(shape.members[name], depth + 1) for name in chosen}

    def _scalar(self, shape: Shape) -> Any:
        low, high = shape.metadata.get("min", 0), shape.metadata.get("max", 10**6)
        match shape.type_name:
            case "boolean":
                return self._random.random() < 0.5
            case "integer" | "long":
                return self._random.randint(low, min(high, 2**31 - 1))
            case "double" | "float":
                return round(self._random.uniform(low, min(high, 10**6)), 3)
            case "timestamp":
                return datetime.fromtimestamp(self._random.randint(10**9, 2 * 10**9), UTC)
            case "blob":
                return bytes(self._random.randrange(256) for _ in range(max(low, 40)))
        candidates = [text for text in _TEXTS if fits(shape, text)]
        assert candidates, (shape, shape.metadata)
        return self._random.choice(candidates)


def fits(shape: Shape, text: str) -> bool:
    """Whether a string is allowed by the model."""
    pattern = shape.metadata.get("pattern")
    low, high = shape.metadata.get("min", 0), shape.metadata.get("max", 10**9)
    return low <= len(text) <= high and (pattern is None or re.fullmatch(pattern, text) is not None)


def to_struct(module: ModuleType, shape: Shape, value: Any, location: str | None = None) -> Any:
    """botocore's form of a value as our struct."""
    match shape:
        case StructureShape():
            members = {attribute(name): to_struct(module, shape.members[name], item) for name, item in value.items()}
            return getattr(module, shape.name)(**members)
        case ListShape():
            return [to_struct(module, shape.member, item) for item in value]
        case MapShape():
            return {key: to_struct(module, shape.value, item) for key, item in value.items()}
    if shape.type_name == "timestamp" and not is_iso(shape, location):
        return value.timestamp()
    return value


def from_struct(shape: Shape, value: Any, location: str | None = None) -> Any:
    """Our struct in botocore's form; members that are None are left out."""
    match shape:
        case StructureShape():
            return dict(_members(shape, value))
        case ListShape():
            return [from_struct(shape.member, item) for item in value]
        case MapShape():
            return {key: from_struct(shape.value, item) for key, item in value.items()}
    if shape.type_name == "timestamp" and not is_iso(shape, location):
        return datetime.fromtimestamp(value, UTC)
    return value


def _members(shape: StructureShape, value: Any) -> Iterator[tuple[str, Any]]:
    for name, member in shape.members.items():
        item = getattr(value, attribute(name))
        if item is not None:
            yield name, from_struct(member, item, member.serialization.get("location"))
