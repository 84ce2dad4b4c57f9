"""What must be true whenever everybody has come to rest, and at the end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from clarion.domain.journeys.definition import route
from clarion.domain.journeys.graph import Graph
from clarion.domain.journeys.model import ENTERED, LEFT, WALKING, Move, step_key
from clarion.domain.journeys.participants import NEVER_MS
from clarion.domain.journeys.store import JourneyRow
from tests.domain.journeys.simulation.console import Console
from tests.domain.journeys.simulation.messages import Messages
from tests.domain.journeys.simulation.paths import Path
from tests.domain.journeys.simulation.world import World

OFTEN = 0.1
"""How often the whole record is looked at before the end."""

EMPTY = ("jobs", "journey_signals", "journey_matches", "journey_parts", "outbox", "outbox_parked")
"""Tables in which nothing is left at the end."""


class Person(NamedTuple):
    """A participant's row."""

    participant: str
    version: int
    run_id: str
    entry: int
    inside: int
    activity: str
    waiting: str
    due_ms: int
    turn: int
    shard: int
    left_ms: int | None
    reason: str


class Checks:
    """Looks at the rows and at the record; what it finds is in `wrong`."""

    def __init__(self, world: World, console: Console) -> None:
        self._world = world
        self._console = console
        self._look = world.disk.look
        self._paused_ms: int | None = None
        self._pauses: list[tuple[int, int]] = []
        self.wrong: list[str] = []

    def now(self) -> None:
        """Everybody is at rest."""
        people = self._people()
        row = self._row()
        self._note_pause(row)
        self._numbers(row, people)
        self._nobody_is_forgotten(row, people)
        if self._world.chance.random() < OFTEN and not self._look("SELECT 1 FROM ingest_log LIMIT 1"):
            self._record(row, people)

    def at_the_end(self) -> None:
        """All is over."""
        people = self._people()
        row = self._row()
        self._numbers(row, people)
        self._record(row, people)
        self._say(row.state in ("COMPLETED", "CANCELLED"), f"the journey is {row.state}")
        self._say(not any(one.inside for one in people), "somebody is still inside")
        for number, state, _, _ in self._runs():
            self._say(state in ("COMPLETED", "CANCELLED"), f"run {number} is {state}")
        for table in EMPTY:
            left = self._look(f"SELECT * FROM {table}")
            self._say(not left, f"{table} is left with {left[:2]}")

    def handed(self) -> int:
        """How many messages left."""
        ((number,),) = self._look("SELECT count(*) FROM handed")
        return int(number)

    def _people(self) -> list[Person]:
        return [Person(*row) for row in self._look(_PEOPLE)]

    def _row(self) -> JourneyRow:
        (values,) = self._look(f"SELECT {', '.join(JourneyRow._fields)} FROM journeys")
        return JourneyRow(*values)

    def _runs(self) -> list[tuple[int, str, str, int]]:
        """Number, state, id and people inside."""
        return self._look("SELECT number, state, run_id, inside FROM journey_runs")  # type: ignore[return-value]

    def _note_pause(self, row: JourneyRow) -> None:
        """Time stands still while anybody works: a pause that is over has ended now."""
        if self._paused_ms is not None and row.paused_ms != self._paused_ms:
            self._pauses.append((self._paused_ms, self._world.clock.now_ms()))
        self._paused_ms = row.paused_ms

    def _say(self, good: bool, what: str) -> None:
        if not good:
            self.wrong.append(f"{self._world.clock.now():%Y-%m-%d %H:%M:%S}: {what}")

    def _numbers(self, row: JourneyRow, people: Sequence[Person]) -> None:
        """Everybody is inside or out; the numbers of the journey and its runs are theirs."""
        inside = Counter(one.run_id for one in people if one.inside)
        self._say(row.inside == inside.total(), f"inside: {row.inside} by the journey, {inside.total()} by the rows")
        ((erased,),) = self._look("SELECT coalesce(sum(entries), 0) FROM erased")
        entries = sum(one.entry for one in people) + erased
        self._say(row.entered == entries, f"entered: {row.entered} by the journey, {entries} by the rows")
        for number, _, run_id, there in self._runs():
            known = inside.pop(run_id, 0)
            self._say(there == known, f"run {number} has {there} inside by itself, {known} by the rows")
        self._say(not inside, f"inside runs that there are not: {inside}")
        for one in people:
            out = one.left_ms is not None and bool(one.reason)
            self._say(out != bool(one.inside), f"{one.participant} is neither inside nor out with a reason: {one}")

    def _nobody_is_forgotten(self, row: JourneyRow, people: Sequence[Person]) -> None:
        """Whoever is inside a journey that is walked will be looked at when they are due, and not later."""
        if row.state not in WALKING:
            return
        known: dict[str, int] = dict(self._look(_STEPS))  # type: ignore[arg-type]
        now_ms = self._world.clock.now_ms()
        for one in people:
            if one.inside and one.due_ms < NEVER_MS:
                due_ms = known.get(step_key(row.journey_id, one.shard))
                self._say(due_ms is not None, f"nobody will look at {one.participant}")
                # What has failed is tried again a little later.
                late = due_ms is not None and due_ms > max(one.due_ms, now_ms + 300_000)
                self._say(not late, f"{one.participant} is due at {one.due_ms} and the step at {due_ms}")

    def _record(self, row: JourneyRow, people: Sequence[Person]) -> None:
        """The moves on record are ways through the graphs, and lead to where everybody is; messages are theirs."""
        kept = dict(self._look("SELECT version, definition FROM journey_versions"))
        routes = {version: route(one) for version, one in kept.items()}
        graphs: dict[int, Graph] = {version: one.graph for version, one in routes.items()}
        ways: dict[str, list[Move]] = defaultdict(list)
        erased: dict[str, int] = dict(self._look("SELECT participant, log_id FROM erased"))  # type: ignore[arg-type]
        entered = left = 0
        for log_id, move in self._world.record.moves:
            if log_id <= erased.get(move.participant, 0):
                # Erased since; the record forgets them by another way than this.
                entered += not move.activity and move.outcome == ENTERED
            elif move.participant and (move.activity or move.outcome in (ENTERED, LEFT)):
                ways[move.participant].append(move)
        messages = Messages(self._world, row, routes, erased)
        for one in people:
            moves = sorted(ways.pop(one.participant, []), key=lambda move: move.turn)
            turns = [move.turn for move in moves]
            self._say(
                turns == list(range(1, one.turn + 1)),
                f"{one.participant} has made {one.turn} moves; on record: {turns}",
            )
            path = Path(graphs, self._pauses)
            for move in moves:
                path.follow(move)
            path.ends(one)
            for wrong in path.wrong:
                self._say(False, f"{one.participant}: {wrong}")
            messages.visited(one.participant, path.visits)
            entered += path.entered
            left += path.left
        self._say(not ways, f"moves of people whom nobody knows: {sorted(ways)}")
        self._say(entered == row.entered, f"entered: {row.entered} by the journey, {entered} on record")
        if not erased:
            self._say(entered - left == row.inside, f"inside: {row.inside} by the journey, {entered - left} on record")
        for wrong in messages.wrong():
            self._say(False, wrong)


_PEOPLE = f"SELECT {', '.join(Person._fields)} FROM journey_participants"
_STEPS = (
    "SELECT key, due_ms FROM jobs WHERE state = 'ready' AND kind = 'journeys.step'"
    " UNION ALL SELECT key, 0 FROM outbox_parked"
)
