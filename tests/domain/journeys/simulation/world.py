"""All that is there however many processes end: time, chance, the disk, the record, and people."""

from __future__ import annotations

import functools
import random
from collections.abc import Iterator
from typing import NamedTuple

from clarion.core.clock import DAY_MS, VirtualClock, from_ms
from clarion.domain.events.model import EventRow
from clarion.domain.events.reported import ROWS, rows_of
from clarion.domain.messaging.outbox import HELD
from clarion.engine.log import LogRow
from tests.domain.journeys.simulation.crew import Crew
from tests.domain.journeys.simulation.disk import Disk
from tests.domain.journeys.simulation.ground import BEGIN_MS
from tests.domain.journeys.simulation.people import Crowd
from tests.domain.journeys.simulation.record import Record
from tests.domain.journeys.simulation.trouble import Trouble

MONTHS_18_MS = 548 * DAY_MS


class Due(NamedTuple):
    """How much is due: jobs that are free, jobs in somebody's hands, messages, rows of the log, planners
    that need not wait for the outbox any more."""

    jobs: int
    leased: int
    messages: int
    log: int
    parked: int

    @property
    def any(self) -> bool:
        return any(self)


_DUE = (
    "SELECT (SELECT count(*) FROM jobs WHERE state = 'ready' AND due_ms <= ? AND leased_until_ms <= ?),"
    " (SELECT count(*) FROM jobs WHERE state = 'ready' AND due_ms <= ? AND leased_until_ms > ?),"
    " (SELECT count(*) FROM outbox WHERE due_ms <= ?), (SELECT count(*) FROM ingest_log),"
    " (SELECT count(*) FROM outbox_parked WHERE ? >"
    " (SELECT count(*) FROM outbox WHERE channel = outbox_parked.channel))"
)
_NEXT = (
    "SELECT (SELECT min(due_ms) FROM jobs WHERE state = 'ready'),"
    f" (SELECT min(due_ms) FROM outbox WHERE due_ms < {HELD})"
)


@functools.cache
def _disk() -> Disk:
    return Disk()


class World:
    """One seed's."""

    def __init__(self, seed: int) -> None:
        self.chance = chance = random.Random(seed)
        self.begin_ms = BEGIN_MS + chance.randrange(365) * DAY_MS + chance.randrange(DAY_MS)
        self.end_ms = self.begin_ms + chance.choice([7 * DAY_MS, 90 * DAY_MS, MONTHS_18_MS, MONTHS_18_MS])
        self.clock = VirtualClock(from_ms(self.begin_ms))
        self.real = VirtualClock(from_ms(BEGIN_MS))
        self.crew = Crew(chance, self.real)
        self.trouble = Trouble(chance, self.crew)
        self.disk = _disk()
        self.disk.clear()
        self.record = Record()
        self.surprises: list[str] = []
        """Errors that nothing explains."""
        self.lags = False
        """Whether nobody consumes the log now."""
        self.room = chance.choice([2, 6, 20_000])
        """Messages in a lane at which planners hold back."""
        self.crowd = Crowd(chance)
        self.snapshots: dict[str, list[str]] = {}

    def due(self) -> Due:
        """What there is to do now."""
        now_ms, real_ms = self.clock.now_ms(), self.real.now_ms()
        due = Due(*self.disk.look(_DUE, now_ms, real_ms, now_ms, real_ms, now_ms, self.room // 2)[0])
        return due._replace(log=0) if self.lags else due

    def next_ms(self) -> int | None:
        """When there is something to do next (Unix ms)."""
        return min((due_ms for due_ms in self.disk.look(_NEXT)[0] if due_ms is not None), default=None)

    def events(self) -> Iterator[EventRow]:
        """The record of events, with what is still on its way into it."""
        yield from self.record.events
        for row in self.disk.look("SELECT id, kind, body, note FROM ingest_log WHERE kind = ?", ROWS):
            if row[0] not in self.record.taken:
                yield from rows_of(LogRow(*row))

    def be_calm(self) -> None:
        """From now on nothing goes wrong."""
        self.crew.calm = self.trouble.calm = True
