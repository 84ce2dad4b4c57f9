"""What the jobs of entry say, what their keys are, and the words of the record for those who do not get in."""

from __future__ import annotations

from hashlib import blake2b
from zlib import crc32

import msgspec

from clarion.domain.journeys.model import SHARDS

BEGIN = "journeys.begin_run"
PAGE = "journeys.enter"
CLOSE = "journeys.close"

PRODUCED, FROM_USER = "ENDPOINT_PRODUCED", "ENDPOINTS_FROM_USER"
OPT_OUT, INACTIVE = "ENDPOINT_OPT_OUT", "ENDPOINT_INACTIVE"
FILTERED, NO_ADDRESS, NO_CHANNEL = "FILTERED_OUT_BY_SEGMENT", "ENDPOINT_MISSING_ADDRESS", "ENDPOINT_MISSING_CHANNEL"
NO_ZONE, OTHER_ZONE, ESTIMATED_ZONE = (
    "ENDPOINT_MISSING_TIMEZONE",
    "ENDPOINT_TIMEZONE_MISMATCH",
    "ENDPOINT_ESTIMATED_TIMEZONE",
)
SAME_ENDPOINT, SAME_USER = "DUPLICATE_ENDPOINT", "DUPLICATE_USER"
CAPPED, ACTIVE = "REENTRY_CAP_EXCEEDED", "ACTIVE_ENDPOINT_REJECTED"
FULL = "MAXIMUM_PARTICIPANTS_EXCEEDED"
PAUSED, ENDED = "PAUSED", "ENDED"

ON_UPDATE = -1
"""The turn of a run that nothing but a change of the segment gave rise to."""


class RunJob(msgspec.Struct, kw_only=True):
    """Let a run begin. `turn` counts the refreshes of the schedule from 0, the start."""

    version: int = 1
    app_id: str
    journey_id: str
    epoch: int
    run_id: str
    turn: int


class PageJob(msgspec.Struct, kw_only=True):
    """Look at the next members of a part of a run."""

    version: int = 1
    app_id: str
    journey_id: str
    run_id: str
    part: int


def run_id(app_id: str, journey_id: str, number: int) -> str:
    """The id of a journey's run of this number: the same one however often the run is planned."""
    text = f"{app_id}/{journey_id}/{number}"
    return blake2b(text.encode(), digest_size=16, person=b"clarion-journey").hexdigest()


def begin_key(journey_id: str) -> str:
    """The key of the job that begins the next run of the schedule."""
    return f"entry:{journey_id}"


def update_key(journey_id: str) -> str:
    """The key of the job that begins a run because the segment has changed."""
    return f"entry-update:{journey_id}"


def page_key(run_id: str, part: int) -> str:
    """The key of the job that looks at members."""
    return f"enter:{run_id}:{part}"


def close_key(journey_id: str) -> str:
    """The key of the job that ends the entries of a journey."""
    return f"close:{journey_id}"


def shard_of(participant: str, rate: int) -> int:
    """The part of a journey that somebody belongs to; one that keeps a rate of messages has only one."""
    return 0 if rate else crc32(participant.encode()) % SHARDS
