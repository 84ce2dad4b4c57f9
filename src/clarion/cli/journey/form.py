"""A journey as a file: JSON or YAML in Pinpoint's own shape, a WriteJourneyRequest.

    Name: welcome
    StartCondition: {SegmentStartCondition: {SegmentId: "name:Newsletter"}}
    Activities: …

Two things are a file's own. A segment may be named by `name:` and its name, so that one file serves several projects;
and what a file says twice or nobody knows is refused. `State` is DRAFT unless it says ACTIVE.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import yaml

from clarion.cli.output import fail
from clarion.shapes.pinpoint import Activity, WriteJourneyRequest

Document = dict[str, Any]

NAMED = "name:"
"""Begins a SegmentId that is a segment's name."""

_NOT_SAID = ("Id", "ApplicationId", "CreationDate", "LastModifiedDate", "State", "Version", "tags")
_MEMBERS = [name for name in Activity.__struct_encode_fields__ if name != "Description"]


def read(path: Path) -> list[Document]:
    """The journeys of a file: one, a list, or YAML documents one behind the other. Ends the command without any."""
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{path}: {getattr(error, 'strerror', None) or error}")
    return parsed(str(path), text, as_json=path.suffix.lower() == ".json")


def parsed(where: str, text: str, *, as_json: bool = False) -> list[Document]:
    """The journeys of a text."""
    try:
        found = _json(text) if as_json else list(yaml.load_all(text, _Loader))
    except (ValueError, yaml.YAMLError) as error:
        fail(f"{where}: {error}")
    documents = [one for some in found for one in (some if isinstance(some, list) else [some]) if one is not None]
    if not documents:
        fail(f"{where}: there is no journey in it")
    return [_checked(f"{where}: journey {number}", one) for number, one in enumerate(documents, 1)]


def write(documents: list[Document], path: Path | None = None) -> str:
    """The text of a file; JSON when its name says so."""
    if path is not None and path.suffix.lower() == ".json":
        return json.dumps(documents[0] if len(documents) == 1 else documents, indent=2, ensure_ascii=False) + "\n"
    return str(yaml.safe_dump_all(documents, sort_keys=False, allow_unicode=True, width=120))


def definition(journey: Document) -> Document:
    """What a journey of the API says of itself: all but what the service says about it."""
    return {name: value for name, value in journey.items() if name not in _NOT_SAID}


def normal(document: Document) -> Document:
    """The document as the API would say it again: dates in one form, nothing empty."""
    request = msgspec.convert(definition(document), WriteJourneyRequest)
    if schedule := request.schedule:
        schedule.start_time, schedule.end_time = _utc(schedule.start_time), _utc(schedule.end_time)
    plain: Document = msgspec.json.decode(msgspec.json.encode(request))
    return plain


def kind_of(activity: Document) -> str:
    """What an activity does, in the API's word; "" when it says nothing or several things."""
    said = [name for name in _MEMBERS if activity.get(name) is not None]
    return said[0] if len(said) == 1 else ""


def following(activity: Document) -> list[str]:
    """The ids of the activities behind one, in their order; "" ends the journey."""
    spec = activity.get(kind_of(activity)) or {}
    ways = [spec.get(name) for name in ("NextActivity", "TrueActivity", "FalseActivity") if name in spec]
    ways += [branch.get("NextActivity") for branch in spec.get("Branches") or ()]
    return [way or "" for way in [*ways, *([spec["DefaultActivity"]] if "DefaultActivity" in spec else [])]]


def segments_mapped(document: Document, change: Callable[[str], str]) -> Document:
    """The document with another id for every segment it means."""

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: change(one) if name == "SegmentId" and isinstance(one, str) else walk(one)
                for name, one in value.items()
            }
        return [walk(one) for one in value] if isinstance(value, list) else value

    mapped: Document = walk(document)
    return mapped


def differences(before: Document, after: Document) -> list[str]:
    """How two journeys differ, a line each: `- what is gone`, `+ what is new`, `~ what is another`."""
    old, new = dict(_leaves("", before)), dict(_leaves("", after))
    lines = []
    for path in [*old, *(path for path in new if path not in old)]:
        if path not in new:
            lines.append(f"- {path}: {_text(old[path])}")
        elif path not in old:
            lines.append(f"+ {path}: {_text(new[path])}")
        elif old[path] != new[path]:
            lines.append(f"~ {path}: {_text(old[path])} → {_text(new[path])}")
    return lines


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, one in value.items():
            yield from _leaves(f"{path}.{name}" if path else name, one)
    elif isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
        for number, one in enumerate(value):
            yield from _leaves(f"{path}[{number}]", one)
    else:
        yield path, value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _checked(where: str, document: object) -> Document:
    if not isinstance(document, dict):
        fail(f"{where}: is not an object")
    try:
        request = msgspec.convert(document, WriteJourneyRequest)
    except msgspec.ValidationError as error:
        fail(f"{where}: {error}")
    if strange := _strange("", document, msgspec.json.decode(msgspec.json.encode(request))):
        fail(f"{where}: nobody knows {strange}")
    if request.state not in (None, "DRAFT", "ACTIVE"):
        fail(f"{where}: State must be DRAFT or ACTIVE")
    return document


def _strange(path: str, value: Any, known: Any) -> str:
    """The path of the first member that the API has no place for."""
    if isinstance(value, dict) and isinstance(known, dict):
        for name, one in value.items():
            at = f"{path}.{name}" if path else str(name)
            if name not in known:
                if one is not None:
                    return at
            elif strange := _strange(at, one, known[name]):
                return strange
    if isinstance(value, list) and isinstance(known, list):
        for number, (one, other) in enumerate(zip(value, known, strict=True)):
            if strange := _strange(f"{path}[{number}]", one, other):
                return strange
    return ""


def _json(text: str) -> list[Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"{twice} is there twice")
        return dict(pairs)

    return [json.loads(text, object_pairs_hook=once)]


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """YAML as JSON means it: `22:00`, `2027-02-01` and `no` are texts, and no member comes twice."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[Any]]] = {}

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"{twice} is there twice, line {node.start_mark.line + 1}")
        return super().construct_mapping(node, deep=deep)  # type: ignore[no-any-return]


for _tag, _pattern, _first in (
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("bool", r"^(?:true|false)$", ["t", "f"]),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", list("-0123456789")),
    ("float", r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$", list("-0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)
