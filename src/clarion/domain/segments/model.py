"""What a segment is: its stored definition, its answer, and the words its dimensions use."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import msgspec

from clarion.channels.push.services import SERVICES
from clarion.core.clock import iso_ms, parse_iso, to_ms
from clarion.core.scope import Scope
from clarion.shapes.pinpoint import (
    SegmentDimensions,
    SegmentGroup,
    SegmentGroupList,
    SegmentImportResource,
    SegmentResponse,
    SegmentType,
)

PUSH_CHANNELS: Final = frozenset({"PUSH", *SERVICES})
"""What `PUSH` stands for in a Channel dimension."""

DURATION_HOURS: Final = {"HR_24": 24, "DAY_7": 7 * 24, "DAY_14": 14 * 24, "DAY_30": 30 * 24}

RECIPIENT_EVENTS: Final = ("_SMS.OPTOUT", "_email.click", "_email.complaint", "_email.open", "_email.unsubscribe")
"""Of the events that Clarion records itself, those that the recipient caused: only they are activity."""

INSTANT: Final = (
    r"^[1-9]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
    r"(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]([01]\d|2[0-3]):?[0-5]\d)?)?$"
)
"""The texts that are read as an instant, in the syntax Python's `re` and ClickHouse's `match` share."""

_INSTANT = re.compile(INSTANT, re.ASCII)


def instant(text: str) -> int | None:
    """Unix milliseconds of an ISO instant or a date (midnight UTC), None for any other text."""
    if text.endswith("\n") or not _INSTANT.match(text):
        return None
    try:
        return to_ms(parse_iso(text))
    except (ValueError, OverflowError):
        return None


class Member(NamedTuple):
    """A row of an imported segment's list: an endpoint, or a user who stands for all endpoints of that user."""

    endpoint_key: str
    user_id: str


class Definition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One version of a segment, as it is stored: what the caller sent, or what an import was made from.

    `list_number` is that of the list of members in `segment_imports`; 0: it has the number of the version.
    """

    v: int = 1
    name: str | None = None
    dimensions: SegmentDimensions | None = None
    groups: SegmentGroupList | None = None
    imported: SegmentImportResource | None = None
    list_number: int = 0


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a segment with its identity. Times are Unix milliseconds; `modified_ms` is the version's."""

    app_id: str
    id: str
    kind: SegmentType
    version: int
    created_ms: int
    modified_ms: int
    definition: Definition


def as_groups(definition: Definition) -> SegmentGroupList:
    """The definition in the form of groups, into which the older form of one `Dimensions` translates."""
    if definition.groups is not None:
        return definition.groups
    group = SegmentGroup(
        dimensions=[definition.dimensions or SegmentDimensions()],
        source_segments=[],
        source_type="ALL",
        type="ALL",
    )
    return SegmentGroupList(groups=[group], include="ALL")


def resource(app_id: str, segment_id: str) -> str:
    """The last part of a segment's ARN."""
    return f"apps/{app_id}/segments/{segment_id}"


def answer(segment: Segment, scope: Scope, tags: dict[str, str]) -> SegmentResponse:
    """The segment as callers see it.

    One made with `Dimensions` shows them a second time as groups; one made with groups shows only these.
    """
    definition = segment.definition
    return SegmentResponse(
        application_id=segment.app_id,
        arn=scope.arn(resource(segment.app_id, segment.id)),
        creation_date=iso_ms(segment.created_ms),
        dimensions=definition.dimensions,
        id=segment.id,
        import_definition=definition.imported,
        last_modified_date=iso_ms(segment.modified_ms),
        name=definition.name,
        segment_groups=None if segment.kind == "IMPORT" else as_groups(definition),
        segment_type=segment.kind,
        tags=tags,
        version=segment.version,
    )
