"""What is kept of a journey's definition, and the way it is walked."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import msgspec

from clarion.domain.journeys.graph import Graph, parse
from clarion.shapes.pinpoint import WriteJourneyRequest

encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(WriteJourneyRequest).decode


class Route(NamedTuple):
    """A version of a journey, ready to be walked."""

    wanted: WriteJourneyRequest
    graph: Graph


@lru_cache(maxsize=512)
def route(definition: bytes) -> Route:
    """The route of a kept definition; it must not be changed."""
    wanted = _decode(definition)
    return Route(wanted, parse(wanted))


def rate_of(wanted: WriteJourneyRequest) -> int:
    """Messages per second that the journey may send; 0: no limit."""
    return (wanted.limits.messages_per_second if wanted.limits else None) or 0
