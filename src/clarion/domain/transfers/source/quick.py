"""The usual line of a CSV file becomes a change at once, without the request it stands for: three times as fast.

Columns are looked at once, with the header; what is left for a line is to put its cells where they belong. Only
what is plainly right is read here. Of anything else None is answered: then `rows` reads the line, rule by rule, and
says what is wrong with it. Both say the same of every line.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

from clarion.core.errors import Invalid
from clarion.domain.audience.service import Change, Item, OptOut, change_of
from clarion.domain.transfers.source.content import Line
from clarion.domain.transfers.source.rows import CHANNELS, IGNORED, LEAVES, NUMBERS, BadHeader, names
from clarion.shapes.pinpoint import AttributeValues, EndpointBatchItem, EndpointUser, Format

Quick = Callable[[Line], Item | None]
"""The change of a line."""

_PLAIN = frozenset({"Id", "ChannelType", "Address", "OptOut", "User.UserId", "RequestId", "EffectiveDate", *IGNORED})
_NEEDED = frozenset({"Id", "ChannelType", "Address"})
_COORDINATES = frozenset(LEAVES["Location"][name] for name in NUMBERS)
_SHORT = 100
"""Characters of a cell that break no limit wherever they are."""

_Cells = Sequence[tuple[str, int]]
"""Names and the numbers of their cells."""


class _Columns(NamedTuple):
    """Where everything is."""

    plain: dict[str, int]
    attributes: _Cells
    metrics: _Cells
    user_attributes: _Cells
    demographic: _Cells
    location: _Cells
    coordinates: _Cells
    width: int


def quick(format: Format, header: Line | None, request_id: str) -> Quick:
    """What reads the usual lines of a file."""
    columns = _columns(header) if format == "CSV" else None
    if columns is None:
        return lambda line: None
    change_of_cells = _changes(columns)
    endpoint_id, address = columns.plain["Id"], columns.plain["Address"]
    odd = [columns.plain[name] for name in ("RequestId", "EffectiveDate") if name in columns.plain]

    def read(line: Line) -> Item | None:
        data = line.data
        if data is None or b'"' in data or b"$" in data or b"{" in data or b"}" in data or b"\0" in data:
            return None
        try:
            cells = data.decode().split(",")
            if len(cells) != columns.width or not cells[endpoint_id] or not cells[address]:
                return None
            if max(map(len, cells)) > _SHORT or (odd and any(cells[number] for number in odd)):
                return None
            change = change_of_cells(cells)
        except ValueError:
            return None
        return None if change is None else Item(cells[endpoint_id], change, request_id)

    return read


def _columns(header: Line | None) -> _Columns | None:
    """The columns of a file whose lines can be read here."""
    try:
        found = names(header)
    except BadHeader:
        return None
    plain = {name: number for number, name in enumerate(found) if name in _PLAIN}
    columns = _Columns(
        plain,
        _under("Attributes.", found),
        _under("Metrics.", found),
        _under("User.UserAttributes.", found),
        _leaves("Demographic", found),
        [one for one in _leaves("Location", found) if one[0] not in _COORDINATES],
        [one for one in _leaves("Location", found) if one[0] in _COORDINATES],
        len(found),
    )
    several = sum(map(len, columns[:-1])) < len(found) or len(set(found)) < len(found)
    return None if several or not plain.keys() >= _NEEDED or not _are_names(columns) else columns


def _under(prefix: str, found: Sequence[str]) -> _Cells:
    return [(name.removeprefix(prefix), number) for number, name in enumerate(found) if name.startswith(prefix)]


def _leaves(group: str, found: Sequence[str]) -> _Cells:
    known = LEAVES[group]
    return [(known[leaf], number) for leaf, number in _under(f"{group}.", found) if leaf in known]


def _are_names(columns: _Columns) -> bool:
    """Whether endpoints may have attributes and metrics of these names."""
    texts = [dict.fromkeys(dict(cells), "") for cells in (columns.attributes, columns.user_attributes)]
    attributes, of_user = cast("list[dict[str, AttributeValues | None]]", texts)
    metrics: dict[str, float | None] = dict.fromkeys(dict(columns.metrics), 0.0)
    try:
        change_of(EndpointBatchItem(attributes=attributes, metrics=metrics, user=EndpointUser(user_attributes=of_user)))
    except Invalid:
        return False
    return True


def _changes(columns: _Columns) -> Callable[[Sequence[str]], Change | None]:
    """What makes a change of the cells of a line; it raises ValueError for what is no number."""
    plain, attributes, metrics, user_attributes, demographic, location, coordinates, _ = columns
    channel_at, address_at = plain["ChannelType"], plain["Address"]
    user_at, opt_out_at = plain.get("User.UserId"), plain.get("OptOut")

    def change(cells: Sequence[str]) -> Change | None:
        channel = cells[channel_at]
        opt_out = None if opt_out_at is None else cells[opt_out_at] or None
        if channel not in CHANNELS or opt_out not in (None, "ALL", "NONE"):
            return None
        place: dict[str, str | float] = {name: cell for name, at in location if (cell := cells[at])}
        for name, at in coordinates:
            if cells[at]:
                place[name] = round(_finite(cells[at]), 1) + 0.0
        return Change(
            channel_type=channel,
            address=cells[address_at],
            attributes={name: [cell] for name, at in attributes if (cell := cells[at])},
            metrics={name: _finite(cell) for name, at in metrics if (cell := cells[at])},
            demographic={name: cell for name, at in demographic if (cell := cells[at])},
            location=place,
            user_id=None if user_at is None else cells[user_at] or None,
            user_attributes={name: [cell] for name, at in user_attributes if (cell := cells[at])},
            opt_out=cast("OptOut | None", opt_out),
        )

    return change


def _finite(cell: str) -> float:
    number = float(cell)
    if not math.isfinite(number):
        raise ValueError(cell)
    return number
