"""Events that a journey waits for, on their way from the ingest log to the journey's own job."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

import msgspec

from clarion.domain.journeys.model import JourneyJob

HEAR = "journeys.hear"

START: Final = 0
"""What a match means: somebody may enter,"""
EXIT: Final = 1
"""somebody inside leaves,"""
AWAITED: Final = 2
"""or somebody inside who awaits the event at an activity goes on."""

REPEAT_MS = 5 * 60_000
"""An event of the same endpoint and id within this time is the same one, reported again; apps use ids again."""


class Match(msgspec.Struct, array_like=True, gc=False):
    """An event that somebody may enter by, or that concerns those inside in this version. `arrival` in Unix ms."""

    meaning: int
    version: int
    activity: str
    event_type: str
    event_id: str
    endpoint_key: str
    user_id: str
    arrival: int


class Matches(msgspec.Struct):
    """Matches of one journey, as they are stored."""

    version: int = 1
    items: list[Match] = []


encode_matches = msgspec.msgpack.Encoder().encode
decode_matches = msgspec.msgpack.Decoder(Matches).decode


def hear_key(journey_id: str) -> str:
    """The key of the job that answers a journey's matches."""
    return f"hear:{journey_id}"


def hear_job(app_id: str, journey_id: str) -> JourneyJob:
    """Its arguments."""
    return JourneyJob(app_id=app_id, journey_id=journey_id)


def occasion(match: Match) -> str:
    """The name of the event among all that may let an endpoint in, for the time of `REPEAT_MS`."""
    text = f"{match.endpoint_key}\0{match.event_id}"
    return blake2b(text.encode(), digest_size=16, person=b"clarion-entry").hexdigest()
