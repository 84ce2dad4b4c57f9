"""Why an input is not of its type, in words that name the member: `Attributes.x: expected list of strings,
got object`.

msgspec says where it stopped as `$.Attributes[...]`, which hides the key of a map and the names of types. Here
the value is looked at once more, along that path; only requests that fail pay for it.
"""

from __future__ import annotations

import ast
import re
import types
import typing
from datetime import datetime
from typing import Any

import msgspec

from clarion.wire.errors import FieldInvalid

WHOLE = "The request body"
_STEP = re.compile(r"\.([^.\[`]+)|\[(\d+|\.\.\.)\]")
_MISSING = re.compile(r"Object missing required field `(.+?)`")
_BOUND = re.compile(r"Expected `(\w+)` (of length )?(<=|>=|<|>|==) (\S+)")
_PATTERN = re.compile(r"Expected `str` matching regex (.+)", re.DOTALL)
_BOUND_WORDS = {"<=": "at most", ">=": "at least", "<": "less than", ">": "more than", "==": "exactly"}
_NOUNS = {
    str: ("string", "strings"),
    int: ("integer", "integers"),
    float: ("number", "numbers"),
    bool: ("boolean", "booleans"),
    bytes: ("base64 text", "base64 texts"),
    datetime: ("timestamp with time zone (2027-01-31T12:00:00Z)", "timestamps with time zone"),
}


def explain(kind: Any, data: object, error: msgspec.ValidationError, base: str = "") -> FieldInvalid:
    """What is wrong with `data` (decoded JSON) as a `kind`, given msgspec's own `error` about it.

    `base` is the path of `data` itself within the request.
    """
    text, _, where = str(error).partition(" - at ")
    path, kind, data = _locate(kind, data, where, base)
    if missing := _MISSING.match(text):
        field = f"{path}.{missing[1]}" if path else missing[1]
        return FieldInvalid(field, "required, but missing", missing=True)
    return FieldInvalid(path or WHOLE, _reason(kind, data, text))


def _locate(kind: Any, data: object, where: str, path: str) -> tuple[str, Any, Any]:
    for name, index in _STEP.findall(where):
        kind, value = _arms(kind), data
        if name:
            kind = _member(kind, name)
            value = data.get(name) if isinstance(data, dict) else None
            path = f"{path}.{name}" if path else name
        elif index == "...":
            kind = _item(kind, dict)
            key, value = _failing(kind, data)
            if key is not None:
                path = f"{path}.{key}" if path else key
        else:
            kind = _item(kind, list)
            value = data[int(index)] if isinstance(data, list) and int(index) < len(data) else None
            path = f"{path}[{index}]"
        data = value
    return path, kind, data


def _failing(kind: Any, data: object) -> tuple[str | None, object]:
    """The entry of a map that is no `kind`; None when it cannot be told."""
    for key, value in data.items() if isinstance(data, dict) else ():
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError:
            return str(key), value
    return None, None


def _arms(kind: Any) -> tuple[Any, ...]:
    """The alternatives of a type, without None and without annotations."""
    if typing.get_origin(kind) is typing.Annotated:
        return _arms(kind.__origin__)
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return tuple(arm for part in typing.get_args(kind) for arm in _arms(part))
    return () if kind is type(None) else (kind,)


def container(kind: Any) -> type | None:
    """`list` or `dict` when a type is, or may be, one; else None."""
    origins = {typing.get_origin(arm) for arm in _arms(kind)}
    return next((origin for origin in (list, dict) if origin in origins), None)


def _member(arms: tuple[Any, ...], name: str) -> Any:
    for arm in arms:
        if isinstance(arm, type) and issubclass(arm, msgspec.Struct) and name in arm.__struct_encode_fields__:
            attribute = arm.__struct_fields__[arm.__struct_encode_fields__.index(name)]
            return typing.get_type_hints(arm, include_extras=True)[attribute]
    return Any


def _item(arms: tuple[Any, ...], container: type) -> Any:
    for arm in arms:
        if typing.get_origin(arm) is container:
            return typing.get_args(arm)[-1]
    return Any


def _reason(kind: Any, data: object, text: str) -> str:
    arms = _arms(kind)
    if literals := [str(value) for arm in arms if typing.get_origin(arm) is typing.Literal for value in arm.__args__]:
        return f"must be one of {', '.join(literals)}"
    if bound := _BOUND.match(text):
        what, length, sign, limit = bound.groups()
        unit = {"str": " characters", "array": " items", "object": " entries"}.get(what, " bytes") if length else ""
        return f"must be {_BOUND_WORDS[sign]} {limit}{unit}"
    if pattern := _PATTERN.match(text):
        # The generated shapes anchor the model's patterns.
        return f"must match {ast.literal_eval(pattern[1]).removeprefix('^(?:').removesuffix(')$')}"
    if text == "Number out of range":
        return "number out of range"
    return f"expected {noun(arms)}, got {_kind_of(data)}"


def noun(arms: tuple[Any, ...], plural: bool = False) -> str:
    """A type in words; of a choice between a list and a scalar, the list."""
    lists = [arm for arm in arms if typing.get_origin(arm) is list]
    arm = (lists or list(arms) or [Any])[0]
    if typing.get_origin(arm) is list:
        inner = noun(_arms(typing.get_args(arm)[0]), plural=True)
        return f"lists of {inner}" if plural else f"list of {inner}"
    return _NOUNS.get(arm, ("object", "objects"))[plural]


def _kind_of(data: object) -> str:
    match data:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "list"
        case _:
            return "object"
