"""Moves on their way into the record: through the ingest log, in the transaction that makes them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from clarion.domain.journeys.model import Move
from clarion.engine import log

LOG_KIND = "journeys.moves"
"""Log rows of this kind are a JSON list of moves, each a list of its values in the order of `Move`."""

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(list[Move]).decode


def append(connection: sa.Connection, moves: Sequence[Move]) -> None:
    """Record moves in the caller's transaction."""
    if moves:
        log.append(connection, LOG_KIND, encode(moves))
