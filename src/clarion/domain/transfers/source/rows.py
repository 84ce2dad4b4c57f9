"""Lines become rows: what each says of an endpoint or a user, or why it cannot be read.

A row that has `CohortId` and `CreationDate` comes from an export: the endpoint is restored as it was, with its
status. In other rows `EndpointStatus` does not count. Source: spec of the audience, sections 4.3 to 4.5.
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import NamedTuple, get_args

import msgspec

from clarion.core.clock import parse_iso, to_ms
from clarion.domain.audience.service import Restored
from clarion.domain.transfers.source.content import MOST_LINE, Line
from clarion.shapes.pinpoint import (
    AttributeValues,
    ChannelType,
    EndpointBatchItem,
    EndpointDemographic,
    EndpointLocation,
    EndpointUser,
    Format,
)
from clarion.wire.explain import WHOLE, explain

CHANNELS = frozenset(get_args(ChannelType))

_BOM = b"\xef\xbb\xbf"
_TOO_LONG = f"the line is longer than {MOST_LINE >> 20} MB"
_NO_ENDPOINT = "needs an Id, or a ChannelType and an Address, or nothing but a User.UserId"
_PLAIN = {
    "Id": "id",
    "ChannelType": "channel_type",
    "Address": "address",
    "OptOut": "opt_out",
    "RequestId": "request_id",
    "EffectiveDate": "effective_date",
}
IGNORED = frozenset({"ApplicationId", "CohortId", "CreationDate", "EndpointStatus"})
LEAVES = {
    "Demographic": {field.encode_name: field.name for field in msgspec.structs.fields(EndpointDemographic)},
    "Location": {field.encode_name: field.name for field in msgspec.structs.fields(EndpointLocation)},
}
NUMBERS = frozenset({"Latitude", "Longitude"})
_LISTED = ("Attributes.", "User.UserAttributes.")
_COHORT = re.compile(r"[0-9]{1,2}")


class Row(NamedTuple):
    """A row: an endpoint (`item`), or every endpoint of a user, or an error."""

    line: int
    item: EndpointBatchItem | None = None
    user_id: str = ""
    restored: Restored | None = None
    error: str = ""


class BadHeader(Exception):
    """The first line of a CSV file does not name columns."""


Parse = Callable[[Line], Sequence[Row]]
"""The rows of a line: usually one, none for a blank line, several in a list of user ids."""


def parser(format: Format, header: Line | None) -> Parse:
    """What reads the lines of a file; CSV needs its first line. Raises BadHeader."""
    return _json if format == "JSON" else _csv(header)


def derived_id(channel_type: str, address: str) -> str:
    """The id of an endpoint whose row has none: the same for the same channel and address."""
    text = f"{channel_type}:{address}"
    return blake2b(text.encode(), digest_size=16, person=b"clarion-address").hexdigest()


class _Exported(EndpointBatchItem, kw_only=True, omit_defaults=True):
    """A line of an export: an endpoint, and what only the service sets."""

    cohort_id: str | None = msgspec.field(default=None, name="CohortId")
    creation_date: str | None = msgspec.field(default=None, name="CreationDate")


_decode = msgspec.json.Decoder(_Exported).decode


def _json(line: Line) -> Sequence[Row]:
    if line.data is None:
        return (Row(line.number, error=_TOO_LONG),)
    data = line.data.removeprefix(_BOM) if line.number == 1 else line.data
    if not data.strip():
        return ()
    try:
        item = _decode(data)
        restored = _restored(item)
    except (msgspec.MsgspecError, RecursionError, ValueError, OverflowError) as error:
        return (Row(line.number, error=_json_reason(data, error)),)
    if restored is None:
        item.endpoint_status = None
    return (_row(line.number, item, restored),)


def _json_reason(data: bytes, error: Exception) -> str:
    """Why a line is no endpoint, in words that name the member."""
    try:
        data.decode()
        if isinstance(error, msgspec.ValidationError):
            # Python's own reader has room for the numbers that are refused.
            return str(explain(_Exported, json.loads(data, parse_int=float), error)).replace(WHOLE, "the line", 1)
    except UnicodeDecodeError as wrong:
        return _reason(wrong)
    except (RecursionError, json.JSONDecodeError) as wrong:
        error = wrong
    if isinstance(error, RecursionError):
        return "is nested too deeply"
    if isinstance(error, json.JSONDecodeError):
        return f"is not valid JSON: {error.msg} (byte {error.pos})"
    if isinstance(error, msgspec.DecodeError):
        return f"is not valid JSON: {str(error).removeprefix('JSON is malformed: ')}"
    return str(error)


def _restored(item: _Exported) -> Restored | None:
    if item.cohort_id is None or item.creation_date is None:
        return None
    if not _COHORT.fullmatch(item.cohort_id):
        raise ValueError("CohortId: must be from 0 to 99")
    try:
        created = to_ms(parse_iso(item.creation_date))
    except (ValueError, OverflowError) as error:
        raise ValueError("CreationDate: must be an ISO 8601 date") from error
    return Restored(int(item.cohort_id), created)


def _row(number: int, item: EndpointBatchItem, restored: Restored | None = None) -> Row:
    if item.channel_type is not None and item.channel_type not in CHANNELS:
        return Row(number, error=f"ChannelType: {item.channel_type} is not a channel")
    if item.id:
        return Row(number, item, restored=restored)
    if item.channel_type and item.address:
        item.id = derived_id(item.channel_type, item.address)
        return Row(number, item, restored=restored)
    user_id = item.user.user_id if item.user else None
    if user_id and not item.channel_type and not item.address and item.user and not item.user.user_attributes:
        return Row(number, user_id=user_id)
    return Row(number, error=_NO_ENDPOINT)


class _Draft:
    """An endpoint that is being read from cells."""

    __slots__ = ("attributes", "demographic", "location", "metrics", "plain", "user_attributes", "user_id")

    def __init__(self) -> None:
        self.plain: dict[str, str] = {}
        self.attributes: dict[str, AttributeValues | None] = {}
        self.user_attributes: dict[str, AttributeValues | None] = {}
        self.metrics: dict[str, float | None] = {}
        self.demographic: dict[str, str] = {}
        self.location: dict[str, str | float] = {}
        self.user_id: str | None = None

    def item(self) -> EndpointBatchItem:
        user = None
        if self.user_id is not None or self.user_attributes:
            user = EndpointUser(user_id=self.user_id, user_attributes=self.user_attributes or None)
        return EndpointBatchItem(
            **self.plain,  # type: ignore[arg-type]
            attributes=self.attributes or None,
            metrics=self.metrics or None,
            demographic=EndpointDemographic(**self.demographic) if self.demographic else None,
            location=EndpointLocation(**self.location) if self.location else None,  # type: ignore[arg-type]
            user=user,
        )


Cell = Callable[[_Draft, str], None]


def _csv(header: Line | None) -> Parse:
    columns = names(header)
    if twice := next((name for name in columns if columns.count(name) > 1 and not name.startswith(_LISTED)), None):
        raise BadHeader(f"the column {twice[:100]!r} is there twice; only attributes may be")
    if columns == ["User.UserId"]:
        return _users
    cells = [_cell(name) for name in columns]
    width = len(columns)

    def parse(line: Line) -> Sequence[Row]:
        if line.data is None:
            return (Row(line.number, error=_TOO_LONG),)
        if not line.data.strip():
            return ()
        try:
            values = _values(line.data)
            if len(values) != width:
                raise ValueError(f"has {len(values)} cells, the header names {width} columns")
            draft = _Draft()
            for cell, value in zip(cells, values, strict=True):
                if value:
                    cell(draft, value)
            return (_row(line.number, draft.item()),)
        except (ValueError, csv.Error) as error:
            return (Row(line.number, error=_reason(error)),)

    return parse


def names(header: Line | None) -> list[str]:
    """The names of the columns, as they are in the first line. Raises BadHeader."""
    if header is None or header.data is None or not header.data.strip():
        raise BadHeader("the first line must name the columns")
    try:
        return [name.strip() for name in _values(header.data.removeprefix(_BOM))]
    except (ValueError, csv.Error) as error:
        raise BadHeader(f"the first line: {_reason(error)}") from error


def _values(data: bytes) -> list[str]:
    text = data.decode()
    if '"' not in text:
        return text.split(",")
    return next(csv.reader((text,), strict=True))


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"is not UTF-8 at byte {error.start + 1}"
    return "a quoted value does not end on its line" if str(error) == "unexpected end of data" else str(error)


def _users(line: Line) -> Sequence[Row]:
    """Ids of users, separated by blanks."""
    if line.data is None:
        return (Row(line.number, error=_TOO_LONG),)
    try:
        values = _values(line.data)
    except (ValueError, csv.Error) as error:
        return (Row(line.number, error=_reason(error)),)
    return [Row(line.number, user_id=user_id) for value in values for user_id in re.split(r"[ \t]+", value) if user_id]


def _cell(name: str) -> Cell:
    """What a column's cells do to a draft; raises BadHeader for a column that means nothing."""
    if name in _PLAIN:
        return _plain(_PLAIN[name])
    if name in IGNORED:
        return lambda draft, value: None
    if name == "User.UserId":
        return _user_id
    group, _, leaf = name.rpartition(".") if name.startswith(("Demographic.", "Location.")) else name.partition(".")
    if group in LEAVES and leaf in LEAVES[group]:
        return _leaf(group.lower(), LEAVES[group][leaf], is_number=leaf in NUMBERS, name=name)
    if name.startswith("User.UserAttributes.") and len(name) > len("User.UserAttributes."):
        return _listed("user_attributes", name.removeprefix("User.UserAttributes."))
    if group == "Attributes" and leaf:
        return _listed("attributes", leaf)
    if group == "Metrics" and leaf:
        return _metric(leaf)
    if not name:
        raise BadHeader("a column has no name")
    raise BadHeader(f"the column {name[:100]!r} is unknown (columns are separated by commas, names are case-sensitive)")


def _plain(attribute: str) -> Cell:
    def put(draft: _Draft, value: str) -> None:
        draft.plain[attribute] = value

    return put


def _user_id(draft: _Draft, value: str) -> None:
    draft.user_id = value


def _leaf(group: str, attribute: str, *, is_number: bool, name: str) -> Cell:
    def put(draft: _Draft, value: str) -> None:
        getattr(draft, group)[attribute] = _number(name, value) if is_number else value

    return put


def _listed(group: str, name: str) -> Cell:
    def put(draft: _Draft, value: str) -> None:
        getattr(draft, group).setdefault(name, []).append(value)

    return put


def _metric(name: str) -> Cell:
    def put(draft: _Draft, value: str) -> None:
        draft.metrics[name] = _number(f"Metrics.{name}", value)

    return put


def _number(name: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{name}: {value[:40]!r} is not a number")
    return number
