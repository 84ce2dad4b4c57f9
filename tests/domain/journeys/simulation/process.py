"""A process of the product, as far as journeys are concerned: the real services, jobs and log over a `Door`."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from clarion.core.errors import Unavailable
from clarion.core.ids import SeededIds
from clarion.domain.apps.channels import Channels
from clarion.domain.apps.service import Apps
from clarion.domain.apps.tags import Tags
from clarion.domain.audience.service import Audience
from clarion.domain.events.model import EventRow
from clarion.domain.events.reported import ROWS, encode_rows, note_of
from clarion.domain.messaging.content import Composer
from clarion.domain.messaging.guardrails.service import Guardrails
from clarion.domain.messaging.model import EMAIL, LaneName
from clarion.domain.messaging.service import Messaging
from clarion.domain.recommenders.service import Recommenders
from clarion.domain.templates.service import Templates
from clarion.engine import log
from clarion.engine.jobs import Jobs
from clarion.engine.leases import LeaseLost
from clarion.server.journeys import JourneyParts
from tests.domain.journeys.simulation.disk import Door
from tests.domain.journeys.simulation.ground import CACHE, SETTINGS, ground
from tests.domain.journeys.simulation.lanes import Lanes
from tests.domain.journeys.simulation.pump import Consumer, Pump
from tests.domain.journeys.simulation.stand_ins import Figures, Judge, Reviewer, Segments
from tests.domain.journeys.simulation.world import World


class Events:
    """What `Events` does for journeys: append to the log."""

    def record(self, connection: sa.Connection, rows: Sequence[EventRow]) -> None:
        if rows:
            log.append(connection, ROWS, encode_rows(rows), note=note_of(rows))


class Post(Messaging):
    """The message path, with an outbox that is soon full."""

    room: int

    def crowded(self, lanes: Collection[LaneName] = (EMAIL,), most: int = 0) -> LaneName | None:
        return super().crowded(lanes, self.room)


class Process:
    """Comes up, works in turns, and may end at any call to the database. It is `server.journeys.Base`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.settings, self.clock = SETTINGS, world.clock
        clock, real = world.clock, world.real
        self.ids = ids = SeededIds(world.chance.getrandbits(32))
        self.database = database = Door(world.disk, world.trouble)
        self.jobs = jobs = Jobs(database, clock)
        tags = Tags(database)
        self.apps = Apps(database, tags, jobs, clock=clock, ids=ids)
        self.channels = Channels(database, self.apps, ground().vault, clock=clock)
        self.audience = Audience(database, self.apps, jobs, clock=clock, ids=ids)
        self.segments: Any = Segments(world)
        self.figures: Any = Figures(world)
        self.templates = Templates(database, tags, clock, CACHE)
        self.composer = Composer(self.channels, self.templates)
        self.callouts: Any = None
        self.columnar: Any = None
        self.kpis: Any = None
        self.recommenders = Recommenders(database, self.callouts, self.callouts, clock, ids)
        self.guardrails = Guardrails(database, self.apps, self.audience, self.figures, clock, ids)
        self.events: Any = Events()
        self.messaging = Post(database, self.events, jobs, self.settings, clock, ids)
        self.messaging.room = world.room
        self.consumer = Consumer(database, world.record.sinks(), real=real, ids=ids).be_still()
        self.parts = parts = JourneyParts(self)
        sound: Any = Reviewer()
        parts.journeys._reviewer = parts.versions._reviewer = sound
        parts.steps._tools = msgspec.structs.replace(parts.tools, conditions=Judge(world))
        parts.register()
        for kind, known in list(jobs.kinds.items()):
            jobs.kinds[kind] = known._replace(handler=self._watched(known.handler), attempts=1_000_000)
        self.pump = Pump(database, jobs, clock=clock, real=real, ids=ids)
        self.lanes = Lanes(database, self.messaging, clock, world.room)

    def turn(self) -> None:
        """Do what is to be done now, as far as it goes."""
        try:
            for _ in range(self._world.chance.randint(1, 5)):
                due = self._world.due()
                if due.jobs:
                    self.pump.step()
                if due.messages or due.parked:
                    self.lanes.step()
                if due.log and (not due.jobs or self._world.chance.random() < 0.2):
                    self.consumer.step()
        except Unavailable:
            pass

    def _watched(self, handler: Callable[[Any], None]) -> Callable[[Any], None]:
        """The handler; errors that trouble does not explain are told."""

        def call(job: Any) -> None:
            try:
                handler(job)
            except (Unavailable, LeaseLost):
                raise
            except Exception:
                self._world.surprises.append(traceback.format_exc())
                raise

        return call
