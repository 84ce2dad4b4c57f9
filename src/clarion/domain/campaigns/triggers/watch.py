"""Watching the ingest log for events that campaigns wait for.

Matching is done beside the consumer's work, by compiled filters in memory; what matched is written down in the very
transaction that deletes the log rows: each event is matched once, whatever crashes. The windows are remembered by
project. A number in the database, read once a batch, tells when they have changed, so a campaign that was answered
2xx sees every later event, whichever process answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
import structlog

from clarion.core.clock import Clock
from clarion.domain.campaigns import store as campaigns
from clarion.domain.campaigns.store import VersionRow
from clarion.domain.campaigns.treatments import treatment
from clarion.domain.campaigns.triggers import store
from clarion.domain.campaigns.triggers.model import (
    ANSWER,
    Match,
    Matches,
    WindowJob,
    answer_key,
    chain_of,
    encode_matches,
)
from clarion.domain.campaigns.triggers.store import Key, WindowRow
from clarion.domain.events.listening.remembered import Listeners, Remembered, together
from clarion.domain.events.reported import Happened, apps_in, happened
from clarion.domain.segments.occasions import Matcher
from clarion.engine.jobs import Jobs, NewJob
from clarion.engine.log import Follow, LogRow
from clarion.shapes.pinpoint import WriteCampaignRequest
from clarion.store.database import Database

_definition = msgspec.json.Decoder(WriteCampaignRequest).decode
_log = structlog.get_logger(__name__)


class Listener(NamedTuple):
    """A window that listens, with its compiled filter."""

    window: WindowRow
    matcher: Matcher

    def wants(self, event: Happened, row_id: int, chain: list[str]) -> bool:
        """Whether an event of an awaited type is one to answer, but for who its recipients are."""
        window = self.window
        return (
            row_id > window.behind
            and window.start_ms <= event.arrival
            and (window.end_ms is None or event.arrival < window.end_ms)
            and window.campaign_id not in chain
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
        found: dict[Key, list[Match]] = {}
        for row in rows:
            try:
                _match(row, listeners, found)
            except (msgspec.DecodeError, ValueError):
                _log.exception("campaigns.row_not_matched", row=row.id, kind=row.kind)
        if not found:
            return None
        bodies = {key: _bodies(matched) for key, matched in found.items()}
        return lambda connection: self._write(connection, bodies)

    def _write(self, connection: sa.Connection, bodies: dict[Key, list[bytes]]) -> None:
        """Leave the matches to the windows' jobs. A job that is at work looks for more itself when it is done."""
        keys = store.listening(connection, bodies)
        store.add_matches(connection, {key: bodies[key] for key in keys})
        now_ms = self._clock.now_ms()
        names = {answer_key(key.campaign_id, key.treatment_id): key for key in keys}
        new = [
            NewJob(WindowJob(**key._asdict()), now_ms, name)
            for name, key in names.items()
            if not self._jobs.has(connection, name)
        ]
        if new:
            self._jobs.enqueue_all(connection, ANSWER, new)


def _read(connection: sa.Connection, app_id: str) -> list[Listener]:
    """The windows of a project that wait for events on the server's side."""
    found = []
    versions: dict[tuple[str, int], VersionRow | None] = {}
    for window in store.windows_of(connection, app_id):
        if window.kind != "EVENT" or not window.listens:
            continue
        place = (window.campaign_id, window.version)
        if place not in versions:
            versions[place] = campaigns.get_version(connection, app_id, *place)
        version = versions[place]
        schedule = treatment(_definition(version.definition), window.treatment_id).schedule if version else None
        if schedule is not None and schedule.event_filter is not None:
            found.append(Listener(window, Matcher(schedule.event_filter)))
    return found


def _match(row: LogRow, known: dict[str, Listeners[Listener]], found: dict[Key, list[Match]]) -> None:
    def awaited(app_id: str, system: bool, event_type: str) -> bool:
        return app_id in known and bool(known[app_id].to(system, event_type))

    for event in happened(row, awaited):
        chain = chain_of(event)
        match: Match | None = None
        for listener in known[event.app_id].to(event.system, event.event_type):
            if listener.wants(event, row.id, chain):
                match = match or Match(
                    event.event_type,
                    event.event_id,
                    event.endpoint_key,
                    event.user_id,
                    event.arrival,
                    chain,
                    event.attributes,
                    event.metrics,
                )
                found.setdefault(listener.window.key, []).append(match)


def _bodies(matched: list[Match]) -> list[bytes]:
    return [encode_matches(Matches(items=list(part))) for part in together(matched)]
