"""What is kept of a journey's definition, and the way it is walked."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import msgspec

from clarion.core.errors import Invalid
from clarion.domain.journeys.graph import Graph, parse
from clarion.shapes.pinpoint import (
    ApplicationSettingsJourneyLimits,
    ApplicationSettingsResource,
    CampaignLimits,
    QuietTime,
    WriteJourneyRequest,
)

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(WriteJourneyRequest).decode

_NAME = re.compile(r"\S{1,150}")
_ACTIVITY = re.compile(r"[A-Za-z0-9]{1,100}")
_START = re.compile(r"[A-Za-z0-9]{0,128}")


class Defaults(msgspec.Struct, kw_only=True):
    """The project's settings when the journey was made; what the project says later does not change it."""

    journey_limits: ApplicationSettingsJourneyLimits = msgspec.field(default_factory=ApplicationSettingsJourneyLimits)
    limits: CampaignLimits = msgspec.field(default_factory=CampaignLimits)
    quiet_time: QuietTime | None = None


_defaults = msgspec.json.Decoder(Defaults).decode


def defaults_from(settings: ApplicationSettingsResource) -> bytes:
    """What is kept of the project's settings."""
    return encode(
        Defaults(
            journey_limits=settings.journey_limits or ApplicationSettingsJourneyLimits(),
            limits=settings.limits or CampaignLimits(),
            quiet_time=settings.quiet_time if settings.quiet_time and settings.quiet_time.start else None,
        )
    )


@lru_cache(maxsize=512)
def defaults_of(kept: bytes) -> Defaults:
    """What `defaults_from` kept; it must not be changed."""
    return _defaults(kept)


def check(request: WriteJourneyRequest) -> None:
    """What even a draft has to be; the rest is told by `review`. Raises Invalid naming the member at fault."""
    if not _NAME.fullmatch(request.name):
        raise Invalid("Name: must be 1 to 150 characters without spaces")
    for id in request.activities or {}:
        if not _ACTIVITY.fullmatch(id):
            raise Invalid(f"Activities: {id[:100]!r} is not an id: 1 to 100 letters and digits")
    if not _START.fullmatch(request.start_activity or ""):
        raise Invalid("StartActivity: must be at most 128 letters and digits")
    if request.state not in (None, "DRAFT", "ACTIVE"):
        raise Invalid("State: must be DRAFT or ACTIVE")


def kept_of(request: WriteJourneyRequest) -> WriteJourneyRequest:
    """What is kept of a request: all but its state and the dates, which are ours to say."""
    return msgspec.structs.replace(request, state=None, creation_date=None, last_modified_date=None)


def segment_of(wanted: WriteJourneyRequest) -> str:
    """The segment whose members may enter, "" when anybody may."""
    start = wanted.start_condition
    if start is None:
        return ""
    if start.segment_start_condition is not None:
        return start.segment_start_condition.segment_id
    return (start.event_start_condition.segment_id if start.event_start_condition else None) or ""


def is_event_started(wanted: WriteJourneyRequest) -> bool:
    """Whether an event lets people in."""
    return wanted.start_condition is not None and wanted.start_condition.event_start_condition is not None


class Route(NamedTuple):
    """A version of a journey, ready to be walked."""

    wanted: WriteJourneyRequest
    graph: Graph


@lru_cache(maxsize=512)
def route(definition: bytes) -> Route:
    """The route of a kept definition; it must not be changed."""
    wanted = decode(definition)
    return Route(wanted, parse(wanted))


def rate_of(wanted: WriteJourneyRequest) -> int:
    """Messages per second that the journey may send; 0: no limit."""
    return (wanted.limits.messages_per_second if wanted.limits else None) or 0
