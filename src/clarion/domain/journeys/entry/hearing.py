"""What the engine does about events that a journey waits for: a job for each journey with matches.

    hear ──→ hear ──→ …   matches, oldest first: may enter? ─→ in the segment? ─→ `entering`
                          inside, and leave or go on? ─→ a signal, which the step of their shard takes up

What comes of some matches and their end is one transaction. Two workers that take the same matches by mistake collide
when they remove them; one of them begins again. Somebody inside is found by the endpoint of the event, by its user, or,
when they came in before they had a user, by another endpoint of that user.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

import sqlalchemy as sa

from clarion.core.clock import HOUR_MS, Clock
from clarion.core.scope import Scope
from clarion.domain.audience.model import Outline
from clarion.domain.audience.service import Audience
from clarion.domain.journeys import participants, store
from clarion.domain.journeys.definition import route
from clarion.domain.journeys.entry import store as entry_store
from clarion.domain.journeys.entry.entering import Entering, Page, look
from clarion.domain.journeys.entry.matches import (
    AWAITED,
    EXIT,
    HEAR,
    REPEAT_MS,
    START,
    Match,
    decode_matches,
    hear_job,
    hear_key,
    occasion,
)
from clarion.domain.journeys.entry.model import FILTERED, PRODUCED, run_id
from clarion.domain.journeys.entry.watch import LISTENING
from clarion.domain.journeys.model import JourneyJob, StepJob, Told, Walker, encode_told
from clarion.domain.journeys.store import JourneyRow
from clarion.domain.journeys.walking.hasten import hasten
from clarion.domain.segments.service import Segments
from clarion.engine.jobs import Jobs, LeasedJob
from clarion.engine.leases import LeaseLost
from clarion.store.database import Database

ROWS = 4
"""Rows of matches that are answered together."""

ATTEMPTS = 30


class Heard(NamedTuple):
    """Matches in hand, and what the audience knows of their endpoints. `members`: who of them is in the segment that a
    journey asks for (None: it asks for none); `of_users` are the keys of the endpoints of users."""

    seqs: list[int]
    matches: list[Match]
    outlines: Mapping[str, Outline]
    members: set[str] | None
    of_users: Mapping[str, list[str]]

    def names(self, match: Match) -> Iterator[str]:
        """Who may be inside by the endpoint of an event."""
        outline = self.outlines.get(match.endpoint_key)
        yield f"e{match.endpoint_key}"
        for user_id in dict.fromkeys((match.user_id, outline.user_id if outline else "")):
            if user_id:
                yield f"u{user_id}"
                yield from (f"e{key}" for key in self.of_users.get(user_id, ()) if key != match.endpoint_key)


class Hearing:
    """Answers events. `register` makes the engine's worker call it."""

    def __init__(
        self,
        database: Database,
        segments: Segments,
        audience: Audience,
        jobs: Jobs,
        clock: Clock,
    ) -> None:
        self._database = database
        self._segments = segments
        self._audience = audience
        self._entering = Entering(database, jobs, clock)
        self._jobs = jobs
        self._clock = clock

    def register(self) -> None:
        """Handle the matches of journeys."""
        self._jobs.register(HEAR, self.hear, attempts=ATTEMPTS, on_dead=self._later)

    def hear(self, job: LeasedJob) -> None:
        """Answer the oldest matches of a journey, and come again when there are more."""
        args = job.decode(JourneyJob)
        row, rows = self._database.read(lambda connection: _read(connection, args))
        if row is None or row.state not in LISTENING or not rows:
            self._database.write(lambda connection: self._drop(connection, job, args))
            return
        matches = [match for one in rows for match in decode_matches(one.body).items]
        heard = self._look_up(row, [one.seq for one in rows], matches)
        self._database.write(lambda connection: self._answer(connection, job, args, heard))

    def _look_up(self, row: JourneyRow, seqs: list[int], matches: list[Match]) -> Heard:
        app_id = row.app_id
        outlines = self._audience.outlines(app_id, list({match.endpoint_key for match in matches}))
        members: set[str] | None = None
        starting = list({match.endpoint_key for match in matches if match.meaning == START})
        if row.segment_id and starting:
            wanted = (row.segment_id, None)
            # An event is matched once it is in the columnar store, and so is what was written before it.
            found = self._segments.memberships(
                Scope(row.account, row.region), app_id, [wanted], starting, caught_up=True
            )
            members = found.get(wanted, set())
        users = {match.user_id for match in matches if match.meaning != START}
        users |= {
            one.user_id for match in matches if match.meaning != START and (one := outlines.get(match.endpoint_key))
        }
        of_users = self._audience.keys_of_users(app_id, users - {""})
        return Heard(seqs, matches, outlines, members, of_users)

    def _answer(self, connection: sa.Connection, job: LeasedJob, args: JourneyJob, heard: Heard) -> None:
        row = store.get(connection, args.app_id, args.journey_id, lock=True)
        job.finish(connection)
        if row is None or row.state not in LISTENING:
            entry_store.forget(connection, args.app_id, args.journey_id)
            return
        if entry_store.remove_matches(connection, heard.seqs) != len(heard.seqs):
            raise LeaseLost("the matches are another worker's")
        for starting, some in groupby(heard.matches, lambda match: match.meaning == START):
            if starting:
                self._enter(connection, row, heard, list(some))
            else:
                self._tell(connection, row, heard, list(some))
        self._again(connection, args)

    def _enter(self, connection: sa.Connection, row: JourneyRow, heard: Heard, matches: list[Match]) -> None:
        """Let in whom these events let in: each once, however often a client reports it."""
        row = store.get(connection, row.app_id, row.journey_id) or row
        if row.state != "ACTIVE":
            return
        current = route(store.definition(connection, row.app_id, row.journey_id, row.version))
        id = run_id(row.app_id, row.journey_id, 0)
        for wave in _waves(self._new(connection, row, matches)):
            keys = [match.endpoint_key for match in wave]
            page = look(keys, heard.outlines, {PRODUCED: len(keys)})
            self._entering.enter(connection, row, current, id, _members_of(page, heard.members), again=True)
            row = store.get(connection, row.app_id, row.journey_id) or row

    def _new(self, connection: sa.Connection, row: JourneyRow, matches: Iterable[Match]) -> list[Match]:
        """Without events that were answered a short while ago: a client that got no answer reports its events again."""
        named = [(occasion(match), match) for match in matches]
        known = entry_store.answered_of(connection, row.journey_id, [name for name, _ in named])
        new: dict[str, Match] = {}
        for name, match in named:
            before = known.get(name)
            if name not in new and (before is None or before <= match.arrival - REPEAT_MS):
                new[name] = match
        now_ms = self._clock.now_ms()
        entry_store.forget_answered(connection, row.journey_id, now_ms - 2 * REPEAT_MS)
        arrivals = {match.arrival for match in new.values()}
        for arrival in sorted(arrivals):
            some = [name for name, match in new.items() if match.arrival == arrival]
            entry_store.add_answered(self._database, connection, row.journey_id, some, arrival)
        return list(new.values())

    def _tell(self, connection: sa.Connection, row: JourneyRow, heard: Heard, matches: list[Match]) -> None:
        """Leave signals for those inside whom these events concern."""
        names = {name for match in matches for name in heard.names(match)}
        inside = {walker.participant: walker for walker in participants.inside(connection, row.journey_id, names)}
        told: list[tuple[int, str, str]] = []
        for match in matches:
            for name in dict.fromkeys(heard.names(match)):
                walker = inside.get(name)
                if walker is not None and _concerns(match, walker, event_started=row.event_started):
                    signal = Told(match.activity, match.event_type)
                    told.append((walker.shard, name, encode_told(signal).decode()))
        told = list(dict.fromkeys(told))
        participants.tell(connection, row.journey_id, told)
        for shard in sorted({shard for shard, _, _ in told}):
            args = StepJob(app_id=row.app_id, journey_id=row.journey_id, shard=shard)
            hasten(self._jobs, connection, args, self._clock.now_ms())

    def _drop(self, connection: sa.Connection, job: LeasedJob, args: JourneyJob) -> None:
        """There is nothing to answer, or nobody to answer it."""
        row = store.get(connection, args.app_id, args.journey_id, lock=True)
        job.finish(connection)
        if row is None or row.state not in LISTENING:
            entry_store.forget(connection, args.app_id, args.journey_id)
        else:
            self._again(connection, args)

    def _again(self, connection: sa.Connection, args: JourneyJob) -> None:
        """Come again when there is more; the journey is held."""
        if entry_store.first_matches(connection, args.app_id, args.journey_id, 1):
            job_args, key = hear_job(args.app_id, args.journey_id), hear_key(args.journey_id)
            self._jobs.enqueue(connection, HEAR, job_args, due_ms=self._clock.now_ms(), key=key)

    def _later(self, connection: sa.Connection, job: LeasedJob) -> None:
        """What has failed for long is not given up."""
        later_ms = self._clock.now_ms() + HOUR_MS
        self._jobs.enqueue(connection, HEAR, job.decode(JourneyJob), due_ms=later_ms, key=job.key)


def _read(connection: sa.Connection, args: JourneyJob) -> tuple[JourneyRow | None, list[entry_store.MatchesRow]]:
    row = store.get(connection, args.app_id, args.journey_id)
    return row, entry_store.first_matches(connection, args.app_id, args.journey_id, ROWS)


def _members_of(page: Page, members: set[str] | None) -> Page:
    """A page without those who are not in the segment."""
    if members is None:
        return page
    others = [(one.endpoint_key, FILTERED) for one in page.candidates if one.endpoint_key not in members]
    inside = [one for one in page.candidates if one.endpoint_key in members]
    return page._replace(candidates=inside, faults=[*page.faults, *others])


def _waves(matches: Sequence[Match]) -> Iterator[list[Match]]:
    """Matches in their order, cut so that each endpoint is in a wave once: its next event finds it inside."""
    left = list(matches)
    while left:
        wave: dict[str, Match] = {}
        later = []
        for match in left:
            if match.endpoint_key in wave:
                later.append(match)
            else:
                wave[match.endpoint_key] = match
        yield list(wave.values())
        left = later


def _concerns(match: Match, walker: Walker, *, event_started: bool) -> bool:
    """Whether an event is about somebody as they are now: in its version, and there before it."""
    if match.version != walker.version:
        return False
    if match.meaning == EXIT:
        # Where events let people in, they are heard in their order.
        return event_started or walker.entered_ms <= match.arrival
    assert match.meaning == AWAITED
    at = match.activity == walker.activity and walker.waiting == "event"
    return at and walker.arrived_ms <= match.arrival
