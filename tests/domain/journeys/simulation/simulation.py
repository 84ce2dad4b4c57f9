"""One seed: a journey and its people over 18 months, with all that may go wrong, and what must be true all the time."""

from __future__ import annotations

from typing import NamedTuple

import structlog

from clarion.core.clock import from_ms
from tests.domain.journeys.simulation.checks import Checks
from tests.domain.journeys.simulation.console import Console
from tests.domain.journeys.simulation.crew import Task
from tests.domain.journeys.simulation.process import Process
from tests.domain.journeys.simulation.trouble import Crash
from tests.domain.journeys.simulation.world import World

MOST_ROUNDS, LONG = 500, 30
LEASE_MS = 11_000
LAGS = 0.7
"""How often the log is left alone until the next time."""


class Outcome(NamedTuple):
    """What came of a seed; `wrong` is empty when every promise was kept."""

    seed: int
    wrong: list[str]
    moves: int
    messages: int
    crashes: int
    rounds: int
    moments: int


class Simulation:
    """Runs one seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.world = world = World(seed)
        self.processes: list[Process | None] = [Process(world) for _ in range(world.chance.choice([1, 1, 2]))]
        self.console = Console(world, self._anybody)
        self.checks = Checks(world, self.console)
        self._rounds = 0
        self._moments = 0

    def run(self) -> Outcome:
        """The whole of it."""
        world = self.world
        try:
            world.trouble.calm = True
            self.console.begin()
            world.trouble.calm = False
            # Trouble ends with the plan; what is left is done in peace.
            while (moment := self._next_ms()) is not None:
                world.clock.move_to(from_ms(moment))
                self._moments += 1
                if moment >= world.end_ms:
                    world.be_calm()
                self._settle()
                self.checks.now()
            world.be_calm()
            self._settle()
            assert self._next_ms() is None, "something was forgotten"
            self.checks.at_the_end()
        except AssertionError as error:
            self.checks.wrong.append(str(error))
        record = world.record
        wrong = record.wrong[:3] + self.checks.wrong
        return Outcome(
            self.seed,
            wrong,
            len(record.moves),
            self.checks.handed(),
            world.trouble.crashes,
            self._rounds,
            self._moments,
        )

    def _settle(self) -> None:
        """Until nothing is due: everybody works at once, those who ended come back."""
        world, rounds = self.world, 0
        world.lags = not world.trouble.calm and world.chance.random() < LAGS
        while not self._is_at_rest():
            rounds += 1
            assert rounds < MOST_ROUNDS, "work does not come to rest"
            assert not world.surprises, world.surprises[0]
            # Nothing would ever be done if something went wrong all the time.
            world.trouble.pause = rounds > LONG
            busy = {task.name for task in world.crew.tasks}
            self.console.act()
            if world.due().any:
                for number, process in enumerate(self.processes):
                    if process is None:
                        # Somebody starts it again, perhaps only after a while.
                        if world.trouble.calm or world.chance.random() < 0.7:
                            self.processes[number] = Process(world)
                    elif str(number) not in busy:
                        world.crew.start(str(number), process.turn)
            for task in world.crew.run():
                self._ended(task)
        world.trouble.pause = False
        self._rounds += rounds

    def _ended(self, task: Task) -> None:
        if isinstance(task.error, Crash):
            if task.name.isdigit():
                self.processes[int(task.name)] = None
            else:
                self.console.again(task)
        elif task.error is not None:
            raise task.error

    def _is_at_rest(self) -> bool:
        """Nothing due, nobody at work. Lets time pass for leases of those who ended, and for those who stand still."""
        world = self.world
        due = world.due()
        if world.crew.tasks:
            if not world.trouble.calm and not due.any and not self.console.is_busy and world.chance.random() < 0.3:
                return True  # for longer than it takes until the next thing is due
            if not due.any or world.chance.random() < 0.5:
                world.crew.wait()
            return False
        if self.console.is_busy:
            return False
        if due.leased or (due.any and world.chance.random() < 0.1):
            world.real.move_to(from_ms(world.real.now_ms() + LEASE_MS))
        return not due.any

    def _next_ms(self) -> int | None:
        """When there is something to do next."""
        moments = [moment for moment in (self.world.next_ms(), self.console.next_ms()) if moment is not None]
        return min(moments, default=None)

    def _anybody(self) -> Process:
        """A process that is up, for somebody's request."""
        up = [process for process in self.processes if process is not None]
        return self.world.chance.choice(up) if up else Process(self.world)


SUSPICIOUS = frozenset({"journeys.put_off", "journeys.failed", "ingest.not_followed", "ingest.refused", "jobs.dead"})
"""What nothing that goes wrong here explains, by the name of its line in the log."""


def run(seed: int) -> Outcome:
    """What comes of a seed."""
    with structlog.testing.capture_logs() as lines:
        outcome = Simulation(seed).run()
    found = [f"in the log: {line}" for line in lines if line["event"] in SUSPICIOUS]
    return outcome._replace(wrong=outcome.wrong + found[:3])
