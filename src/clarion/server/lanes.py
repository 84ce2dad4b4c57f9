"""The lanes of one process: for each way out its transport, on a loop of its own, and the pumps that feed it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack

import sqlalchemy as sa

from clarion.channels import catalog
from clarion.channels.catalog import Surroundings
from clarion.core.clock import Clock
from clarion.core.ids import Ids
from clarion.core.settings import Settings
from clarion.domain.events.service import Events
from clarion.domain.messaging.lanes import Dress, Lane
from clarion.domain.messaging.loop import TransportLoop
from clarion.domain.messaging.model import CUSTOM, EMAIL, PUSH, SMS, VOICE, LaneName
from clarion.engine.rates import TokenBucket
from clarion.store.database import Database

PUMPS: Mapping[LaneName, int] = {EMAIL: 3, PUSH: 3, SMS: 1, VOICE: 1, CUSTOM: 2}
"""Lanes of each channel. Of several, the others hand over while one records."""


class Lanes:
    """All of them, not started; `close` ends the transports once the engine has stopped."""

    def __init__(
        self,
        surroundings: Surroundings,
        database: Database,
        events: Events,
        enqueue: Callable[[sa.Connection, str, bytes, str | None], None],
        dress: Dress,
        *,
        clock: Clock,
        real: Clock,
        ids: Ids,
    ) -> None:
        settings = surroundings.settings
        self.loops: dict[LaneName, TransportLoop] = {}
        self.lanes: list[Lane] = []
        for channel, pumps in PUMPS.items():
            loop = self.loops[channel] = TransportLoop(catalog.build(channel.lower(), surroundings))
            bucket = TokenBucket(_rate(settings, channel), clock)
            for number in range(pumps):
                lane = Lane(
                    channel,
                    number,
                    database=database,
                    loop=loop,
                    bucket=bucket,
                    record=events.encoded,
                    enqueue=enqueue,
                    dress=dress,
                    settings=settings,
                    clock=clock,
                    real=real,
                    ids=ids,
                )
                self.lanes.append(lane)

    def close(self) -> None:
        """Close the transports; one failure does not keep the others open."""
        with ExitStack() as ending:
            for loop in self.loops.values():
                ending.callback(loop.close)


def _rate(settings: Settings, channel: LaneName) -> int:
    """Messages per second, 0 for as fast as possible."""
    return settings.email_rate if channel == EMAIL else 0
