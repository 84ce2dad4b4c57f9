"""Whatever fails, and whenever a process dies: nothing is missing, all are in order, nobody else's events come.

Destinations take, refuse, throttle or die as chance says; processes are killed before or after any write, and others
take over. At the end everything works, and what has arrived is looked at.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from clarion.channels.streaming.port import Failed, Record, StreamFailed
from clarion.domain.streams.delivery.courier import Courier
from clarion.domain.streams.store import stream_progress
from clarion.store.database import Database
from tests.domain.streams.house import House, Places, fine, request, sent

ENDPOINTS = 4
ROUNDS = 40


class Killed(BaseException):
    """The process is gone, before or after a write; nobody handles that."""


class Mortal:
    """A database of a process that may die at any write."""

    def __init__(self, database: Database, chance: random.Random) -> None:
        self._database = database
        self._chance = chance
        self.deadly = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def write(self, work: Callable[[sa.Connection], Any]) -> Any:
        if self.deadly and self._chance.random() < 0.02:
            raise Killed
        done = self._database.write(work)
        if self.deadly and self._chance.random() < 0.02:
            raise Killed
        return done


class World:
    """Two projects of a place each, reported to all along; one process at a time, that is killed now and then."""

    def __init__(self, database: Database, seed: int) -> None:
        self.chance = random.Random(seed)
        self.database = Mortal(database, self.chance)
        self.places = Places()
        self.house = House(self.database, places=self.places)  # type: ignore[arg-type]
        self.couriers: dict[str, Courier] = {}
        self.deaths = 0
        self.streams = [self.house.stream(f"fake://{name}") for name in "ab"]
        self.reported: dict[str, list[list[int]]] = {app: [[] for _ in range(ENDPOINTS)] for app, _ in self.streams}
        for _, place in self.streams:
            place.answer = self._answers()
        self._start_again()

    def report(self) -> None:
        """Some events of either project, mixed in the log."""
        for app, _ in self.streams:
            events = []
            for _ in range(self.chance.randrange(12)):
                endpoint = self.chance.randrange(ENDPOINTS)
                mine = self.reported[app][endpoint]
                mine.append(len(mine))
                events.append((f"ep-{endpoint}", str(mine[-1])))
            if events and self.chance.random() < 0.3:
                self.house.record(*[sent(app, n, endpoint) for endpoint, n in events])
            elif events:
                self.house.report(request(app, events))

    def work(self) -> None:
        """Let the process do something, and die in the midst of it, perhaps."""
        self.database.deadly = True
        with suppress(Killed):
            self.house.consumer.step()
            for app, _ in self.streams:
                self.couriers[app].turn()
            if self.chance.random() < 0.9:
                self.database.deadly = False
                return
            raise Killed
        self.database.deadly = False
        self.deaths += 1
        self._start_again()

    def finish(self) -> None:
        for _, place in self.streams:
            place.answer = fine
        self._start_again()
        self.house.settle()
        self.house.advance(70)

    def _start_again(self) -> None:
        """Another process, once the leases of the dead one are over."""
        seed = self.chance.randrange(10**6)
        self.house.consumer.stop()
        self.house = House(self.database, places=self.places, clock=self.house.clock, seed=seed)  # type: ignore[arg-type]
        self.couriers = {app: Courier(app, self.house.pump._tools) for app, _ in self.streams}
        self.database.write(lambda c: c.execute(sa.update(stream_progress).values(until_ms=0)).rowcount)

    def _answers(self) -> Callable[[Sequence[Record]], Sequence[Failed]]:
        def answer(records: Sequence[Record]) -> Sequence[Failed]:
            drawn = self.chance.random()
            if drawn < 0.2:
                raise StreamFailed("ServiceUnavailableException", "not now")
            if drawn < 0.6:
                return ()
            bad = [place for place in range(len(records)) if self.chance.random() < 0.3]
            return [Failed(place, "ProvisionedThroughputExceededException", "slow") for place in bad]

        return answer


def complete_and_in_order(arrived: Sequence[Record], app: str, reported: list[list[int]]) -> None:
    found: list[list[int]] = [[] for _ in range(ENDPOINTS)]
    for record in arrived:
        told = json.loads(record.data)
        assert told["application"]["app_id"] == app
        assert told["client"]["client_id"] == record.key
        found[int(record.key.removeprefix("ep-"))].append(int(told["attributes"]["n"]))
    for numbers, wanted in zip(found, reported, strict=True):
        assert sorted(set(numbers)) == wanted
        last = {number: place for place, number in enumerate(numbers)}
        assert sorted(wanted, key=last.__getitem__) == wanted


@contextmanager
def world(database: Database, seed: int) -> Iterator[World]:
    made = World(database, seed)
    yield made
    made.house.stop()


@pytest.mark.parametrize("seed", range(4))
def test_whatever_fails(database: Database, seed: int) -> None:
    with world(database, seed) as of:
        for _ in range(ROUNDS):
            of.report()
            of.work()
            of.house.clock.move_to(of.house.clock.now() + timedelta(minutes=of.chance.random() * 6))
        of.finish()
        assert of.deaths > 2
        for app, place in of.streams:
            progress = of.house.status(app).progress
            assert (progress.waiting, progress.bytes, progress.lost) == (0, 0, 0)
            complete_and_in_order(place.arrived, app, of.reported[app])
