"""Letting people in: candidates become participants at the first activity, or lines of the record that say why not.

    endpoints ─→ can be reached? ─→ whose? ─→ inside, or too often? ─→ participants, moves, and the steps hastened

What the audience knows is read before; who stands how to the journey is read in the transaction that lets them in,
with the journey held, so nobody is let in twice at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.domain.audience.model import Outline
from clarion.domain.journeys import participants, store
from clarion.domain.journeys.definition import Route, rate_of
from clarion.domain.journeys.entry.admission import (
    Candidate,
    Entrant,
    admit,
    fault_of,
    names_of,
    participant_of,
    terms,
)
from clarion.domain.journeys.entry.model import FILTERED, SAME_ENDPOINT
from clarion.domain.journeys.metrics import record
from clarion.domain.journeys.model import ENTERED, Move, StepJob, Walker
from clarion.domain.journeys.participants import Change
from clarion.domain.journeys.store import JourneyRow
from clarion.domain.journeys.walking.hasten import hasten
from clarion.engine.jobs import Jobs
from clarion.store.database import Database

UNLIMITED = 1 << 60


class Page(NamedTuple):
    """Endpoints that were looked at: who may enter by one of them, who may not and why (endpoint key and outcome),
    and numbers for the record, by outcome."""

    candidates: list[Candidate]
    faults: list[tuple[str, str]]
    counts: dict[str, int]


def look(
    keys: Sequence[str],
    found: Mapping[str, Outline],
    first: Mapping[str, int] | None = None,
    same: Collection[str] = (),
) -> Page:
    """A page of endpoints; those that are not there any more count as not in the segment. `first` are numbers to begin
    with, `same` the keys of endpoints at whose address another one is looked at."""
    page = Page([], [], dict(first or {}))
    for key in keys:
        endpoint = found.get(key)
        if endpoint is None:
            page.counts[FILTERED] = page.counts.get(FILTERED, 0) + 1
        elif fault := fault_of(endpoint):
            page.faults.append((key, fault))
        elif key in same and not endpoint.user_id:
            page.faults.append((key, SAME_ENDPOINT))
        else:
            page.candidates.append(Candidate(participant_of(key, endpoint.user_id), key))
    return page


class Entering:
    """Lets people into journeys."""

    def __init__(self, database: Database, jobs: Jobs, clock: Clock) -> None:
        self._database = database
        self._jobs = jobs
        self._clock = clock

    def enter(
        self,
        connection: sa.Connection,
        row: JourneyRow,
        route: Route,
        run_id: str,
        page: Page,
        *,
        again: bool = False,
        due: Mapping[str, int] | None = None,
    ) -> int:
        """Let those of a page in who may enter; the journey is held. Answers how many entered.

        `again`: the run may let somebody in who has left since they came in it. `due` is when those named by it take
        their first step (Unix ms); everybody else does at once.
        """
        now_ms, rate, asked = self._clock.now_ms(), rate_of(route.wanted), terms(route.wanted)
        admission = admit(
            page.candidates,
            participants.standings(connection, row.journey_id, names_of(page.candidates)),
            asked,
            run_id="" if again else run_id,
            room=asked.most - row.entered if asked.most else UNLIMITED,
            rate=rate,
            now_ms=now_ms,
        )
        walkers = [_walker(row, route, run_id, one, now_ms, due or {}) for one in admission.entrants]
        participants.write(self._database, connection, row.app_id, row.journey_id, map(Change, walkers))
        record.append(connection, list(_moves(row, run_id, walkers, page, admission.refused, now_ms)))
        if walkers:
            store.moved(connection, row.app_id, row.journey_id, {run_id: len(walkers)}, now_ms, entered=len(walkers))
        self._hasten(connection, row, walkers)
        return len(walkers)

    def _hasten(self, connection: sa.Connection, row: JourneyRow, walkers: Sequence[Walker]) -> None:
        soonest: dict[int, int] = {}
        for walker in walkers:
            soonest[walker.shard] = min(walker.due_ms, soonest.get(walker.shard, walker.due_ms))
        for shard, due_ms in sorted(soonest.items()):
            hasten(self._jobs, connection, StepJob(app_id=row.app_id, journey_id=row.journey_id, shard=shard), due_ms)


def _walker(row: JourneyRow, route: Route, run_id: str, one: Entrant, now_ms: int, due: Mapping[str, int]) -> Walker:
    return Walker(
        participant=one.participant,
        version=row.version,
        run_id=run_id,
        entry=one.entry,
        activity=route.graph.start,
        arrived_ms=now_ms,
        due_ms=due.get(one.participant, now_ms) if due else now_ms,
        turn=one.turn,
        shard=one.shard,
        entered_ms=now_ms,
    )


def _moves(
    row: JourneyRow,
    run_id: str,
    walkers: Sequence[Walker],
    page: Page,
    refused: Mapping[str, int],
    now_ms: int,
) -> Iterable[Move]:
    app_id, journey_id, version = row.app_id, row.journey_id, row.version
    for one in walkers:
        yield Move(app_id, journey_id, run_id, version, one.participant, one.entry, one.turn, "", ENTERED, "", now_ms)
    for key, fault in page.faults:
        yield Move(app_id, journey_id, run_id, version, f"e{key}", 0, 0, "", fault, "", now_ms)
    for counts in (page.counts, refused):
        for outcome, number in counts.items():
            if number:
                yield Move(app_id, journey_id, run_id, version, "", 0, 0, "", outcome, "", now_ms, number)
