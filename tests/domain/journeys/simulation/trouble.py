"""What goes wrong: processes end, the database is away, somebody is slow; drawn from the seed."""

from __future__ import annotations

import random

from clarion.core.errors import Unavailable
from tests.domain.journeys.simulation.crew import Crew


class Crash(BaseException):
    """The process ends here. No handler of errors may see it."""


class Trouble:
    """Chances of each call to the database. `calm`: nothing goes wrong any more, `pause`: for a while."""

    def __init__(self, chance: random.Random, crew: Crew) -> None:
        self._chance = chance
        self._crew = crew
        self.crash = chance.choice([0, 0, 0.005, 0.02, 0.06])
        self.away = chance.choice([0, 0, 0.005, 0.02, 0.06])
        self.calm = False
        self.pause = False
        self.crashes = 0

    def before(self) -> None:
        """Before a call: others may come first, and the database may be away."""
        self.between()
        self._draw()

    def committing(self) -> None:
        """Everything is written and nothing is durable."""
        self._draw()

    def committed(self) -> None:
        """It is durable, and nobody has been told."""
        self._draw()

    def between(self) -> None:
        """Others may come first."""
        self._crew.pause()

    def asked(self) -> None:
        """Another store than the state database was asked: it may be away."""
        self.between()
        self._draw()

    def _draw(self) -> None:
        if self.calm or self.pause or not (self.crash or self.away):
            return
        lot = self._chance.random()
        if lot < self.crash:
            self.crashes += 1
            raise Crash
        if lot < self.crash + self.away:
            raise Unavailable("the state database is not available right now")
