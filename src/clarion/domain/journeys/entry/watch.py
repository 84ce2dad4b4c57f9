"""Watching the ingest log for events that journeys wait for: to let somebody in, to let them go, or on.

Matching is done beside the consumer's work, by compiled filters in memory; what matched is written down in the very
transaction that deletes the log rows, so each event is matched once, whatever crashes. Journeys are remembered by
project. A number in the database, read once a batch, tells when they have changed (`store.stamp`), so a journey that
was answered 2xx sees every later event, whichever process answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
import structlog

from clarion.core.clock import Clock
from clarion.domain.events.listening.remembered import Listeners, Remembered, together
from clarion.domain.events.reported import Happened, apps_in, happened
from clarion.domain.journeys import store as journeys
from clarion.domain.journeys.definition import route
from clarion.domain.journeys.entry import store
from clarion.domain.journeys.entry.matches import (
    AWAITED,
    EXIT,
    HEAR,
    START,
    Match,
    Matches,
    encode_matches,
    hear_job,
    hear_key,
)
from clarion.domain.journeys.store import JourneyRow
from clarion.domain.segments.occasions import Matcher
from clarion.engine.jobs import Jobs, NewJob
from clarion.engine.log import Follow, LogRow
from clarion.shapes.pinpoint import EventFilter, WriteJourneyRequest
from clarion.store.database import Database

LISTENING = ("ACTIVE", "PAUSED", "CLOSED")
"""States in which anybody can be inside."""

_log = structlog.get_logger(__name__)


class Listener(NamedTuple):
    """Something that a version of a journey waits for. `end_ms`: from then on it does not (Unix ms)."""

    journey_id: str
    behind: int
    start_ms: int
    end_ms: int | None
    meaning: int
    version: int
    activity: str
    matcher: Matcher

    def wants(self, event: Happened, row_id: int) -> bool:
        """Whether an event of an awaited type is one that counts, but for whom it concerns.

        What a journey's own messages cause lets nobody into it: it would run in circles.
        """
        return (
            row_id > self.behind
            and self.start_ms <= event.arrival
            and (self.end_ms is None or event.arrival < self.end_ms)
            and not (self.meaning == START and event.journey_id == self.journey_id)
            and self.matcher.matches(event.attributes, event.metrics)
        )


class Watch:
    """Follows the log (`engine.log.Follower`)."""

    def __init__(self, database: Database, jobs: Jobs, clock: Clock) -> None:
        self._database = database
        self._jobs = jobs
        self._clock = clock
        self._listening = Remembered(database, store.stamps_of, _read)

    def follow(self, rows: Sequence[LogRow]) -> Follow | None:
        """Match the events of these log rows; answers what writes the matches down."""
        listeners = self._listening.of(apps_in(rows))
        if not listeners:
            return None
        found: dict[tuple[str, str], list[Match]] = {}
        for row in rows:
            try:
                _match(row, listeners, found)
            except (msgspec.DecodeError, ValueError):
                _log.exception("journeys.row_not_matched", row=row.id, kind=row.kind)
        if not found:
            return None
        bodies = {key: _bodies(matched) for key, matched in found.items()}
        return lambda connection: self._write(connection, bodies)

    def _write(self, connection: sa.Connection, bodies: dict[tuple[str, str], list[bytes]]) -> None:
        """Leave the matches to the journeys' jobs. A job that is at work looks for more itself when it is done; as the
        journey is held here and there, it finds them."""
        now_ms, new = self._clock.now_ms(), []
        for (app_id, journey_id), some in sorted(bodies.items()):
            row = journeys.get(connection, app_id, journey_id, lock=True)
            if row is None or row.state not in LISTENING:
                continue
            store.add_matches(connection, app_id, [(journey_id, body) for body in some])
            if not self._jobs.has(connection, hear_key(journey_id)):
                new.append(NewJob(hear_job(app_id, journey_id), now_ms, hear_key(journey_id)))
        if new:
            self._jobs.enqueue_all(connection, HEAR, new)


def _read(connection: sa.Connection, app_id: str) -> list[Listener]:
    """What the journeys of a project wait for: for entries in the version of now, else in all that people may be in."""
    return [
        one
        for row in journeys.of_app(connection, app_id, LISTENING)
        for version, kept in journeys.definitions(connection, app_id, row.journey_id).items()
        for one in _of_version(row, version, route(kept).wanted)
    ]


def _of_version(row: JourneyRow, version: int, wanted: WriteJourneyRequest) -> Iterator[Listener]:
    def listener(meaning: int, filtered: EventFilter, activity: str = "") -> Listener:
        start_ms, end_ms = ((row.start_ms or 0), row.end_ms) if meaning == START else (0, None)
        matcher = Matcher(filtered)
        return Listener(row.journey_id, row.behind, start_ms, end_ms, meaning, version, activity, matcher)

    by_event = wanted.start_condition.event_start_condition if wanted.start_condition else None
    if row.state == "ACTIVE" and version == row.version and by_event is not None and by_event.event_filter is not None:
        yield listener(START, by_event.event_filter)
    for filtered in (wanted.exit_criteria.events if wanted.exit_criteria else None) or []:
        yield listener(EXIT, filtered)
    for id, activity in (wanted.activities or {}).items():
        if activity.wait_for_event is not None:
            yield listener(AWAITED, activity.wait_for_event.event_filter, id)


def _match(row: LogRow, known: dict[str, Listeners[Listener]], found: dict[tuple[str, str], list[Match]]) -> None:
    def awaited(app_id: str, system: bool, event_type: str) -> bool:
        return app_id in known and bool(known[app_id].to(system, event_type))

    for event in happened(row, awaited):
        for one in known[event.app_id].to(event.system, event.event_type):
            if event.endpoint_key and one.wants(event, row.id):
                match = Match(
                    one.meaning,
                    one.version,
                    one.activity,
                    event.event_type,
                    event.event_id,
                    event.endpoint_key,
                    event.user_id,
                    event.arrival,
                )
                found.setdefault((event.app_id, one.journey_id), []).append(match)


def _bodies(matched: list[Match]) -> list[bytes]:
    return [encode_matches(Matches(items=list(part))) for part in together(matched)]
