"""Verbs of journeys: define, change, publish, pause, stop, delete, look at; each one transaction with its jobs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.core.errors import Conflict, Invalid, NotFound
from clarion.core.ids import Ids
from clarion.core.pages import cut, decode_token
from clarion.core.scope import Scope
from clarion.domain.apps.service import Apps
from clarion.domain.journeys import definition, store
from clarion.domain.journeys.jobs import Removal
from clarion.domain.journeys.lifecycle import Lifecycle
from clarion.domain.journeys.model import Fault
from clarion.domain.journeys.store import JourneyRow, RunRow
from clarion.domain.segments.service import Segments
from clarion.shapes.pinpoint import WriteJourneyRequest
from clarion.store.database import Database


class Reviewer(Protocol):
    """Looks at a journey before people enter it."""

    def review(self, scope: Scope, app_id: str, wanted: WriteJourneyRequest) -> list[Fault]:
        """All errors, and advice."""
        ...


class Quotas(NamedTuple):
    """Most active journeys of an account, and most of them that events start; 0: no limit."""

    active: int = 0
    event_started: int = 0


class Journey(NamedTuple):
    """A journey as operations show it."""

    row: JourneyRow
    wanted: WriteJourneyRequest


class Journeys:
    """The journeys of every app."""

    def __init__(
        self,
        database: Database,
        apps: Apps,
        segments: Segments,
        reviewer: Reviewer,
        lifecycle: Lifecycle,
        removal: Removal,
        clock: Clock,
        ids: Ids,
        *,
        quotas: Quotas,
    ) -> None:
        self._database = database
        self._apps = apps
        self._segments = segments
        self._reviewer = reviewer
        self._lifecycle = lifecycle
        self._removal = removal
        self._clock = clock
        self._ids = ids
        self._quotas = quotas

    def create(self, scope: Scope, app_id: str, request: WriteJourneyRequest, *, test_of: str = "") -> Journey:
        """A new draft, published at once when it says ACTIVE. Raises Invalid naming what is at fault."""
        self._apps.require(scope, app_id)
        definition.check(request)
        kept = definition.kept_of(request)
        if request.state == "ACTIVE":
            require_sound(self._reviewer.review(scope, app_id, kept))
        defaults = definition.defaults_from(self._apps.settings(scope, app_id))
        row = drafted(scope, app_id, self._ids.hex32(), kept, defaults, self._clock.now_ms())._replace(test_of=test_of)

        def work(connection: sa.Connection) -> Journey:
            self._apps.check(connection, scope, app_id)
            store.insert(connection, row, definition.encode(kept))
            if request.state == "ACTIVE":
                self._publish(connection, row, kept)
            return find(connection, scope, app_id, row.journey_id)

        return self._database.write(work)

    def update(self, scope: Scope, app_id: str, journey_id: str, request: WriteJourneyRequest) -> Journey:
        """Replace a draft as a whole, and publish it when the request says ACTIVE.

        Of a journey that was published only the same again is accepted, and changes nothing; else Conflict.
        """
        found = self.get(scope, app_id, journey_id)
        definition.check(request)
        kept = definition.kept_of(request)
        if request.state == "ACTIVE" and found.row.state == "DRAFT":
            require_sound(self._reviewer.review(scope, app_id, kept))

        def work(connection: sa.Connection) -> Journey:
            before = find(connection, scope, app_id, journey_id, lock=True)
            if before.row.state != "DRAFT":
                if kept == before.wanted and request.state in (None, before.row.state):
                    return before
                raise Conflict(f"the journey is {before.row.state}: only a DRAFT can be changed")
            row = _changed(before.row, kept, self._clock.now_ms())
            values = {"segment_id": row.segment_id, "event_started": row.event_started, "modified_ms": row.modified_ms}
            store.change(connection, app_id, journey_id, **values)
            store.add_version(connection, row, definition.encode(kept))
            if request.state == "ACTIVE":
                self._publish(connection, row, kept)
            return find(connection, scope, app_id, journey_id)

        return self._database.write(work)

    def set_state(self, scope: Scope, app_id: str, journey_id: str, state: str | None) -> Journey:
        """Pause, resume or cancel a journey. Raises Invalid for any other state, and for moves there are not."""
        found = self.get(scope, app_id, journey_id)
        if state not in ("ACTIVE", "PAUSED", "CANCELLED"):
            raise Invalid("State: must be ACTIVE, PAUSED or CANCELLED")
        orphaned = state == "ACTIVE" and not self._has_segment(scope, found.row)

        def work(connection: sa.Connection) -> Journey:
            row, wanted = find(connection, scope, app_id, journey_id, lock=True)
            if state == "PAUSED":
                self._lifecycle.paused(connection, row, wanted)
            elif state == "CANCELLED":
                self._lifecycle.cancelled(connection, row)
            else:
                self._lifecycle.resumed(connection, row, wanted)
                if orphaned:
                    self._lifecycle.closed(connection, find(connection, scope, app_id, journey_id).row)
            return find(connection, scope, app_id, journey_id)

        return self._database.write(work)

    def delete(self, scope: Scope, app_id: str, journey_id: str) -> Journey:
        """Delete a journey, whatever its state; answers what it was. Its people are forgotten by and by."""

        def work(connection: sa.Connection) -> Journey:
            found = find(connection, scope, app_id, journey_id, lock=True)
            self._removal.remove(connection, found.row)
            return found

        return self._database.write(work)

    def get(self, scope: Scope, app_id: str, journey_id: str) -> Journey:
        """A journey. Raises NotFound."""
        return self._database.read(lambda connection: find(connection, scope, app_id, journey_id))

    def page(self, scope: Scope, app_id: str, size: int, token: str | None) -> tuple[list[Journey], str | None]:
        """A page of the app's journeys in the order of their creation."""
        after = decode_token("journeys", token, [int, str])
        last = None if after is None else (int(after[0]), str(after[1]))

        def work(connection: sa.Connection) -> tuple[list[Journey], str | None]:
            self._apps.check(connection, scope, app_id)
            found = store.page(connection, app_id, last, size + 1)
            rows, following = cut(found, size, "journeys", lambda both: (both[0].created_ms, both[0].journey_id))
            return [Journey(row, definition.decode(kept)) for row, kept in rows], following

        return self._database.read(work)

    def runs(
        self, scope: Scope, app_id: str, journey_id: str, size: int, token: str | None
    ) -> tuple[list[RunRow], str | None]:
        """A page of a journey's runs, oldest first."""
        after = decode_token("journey-runs", token, [int])
        last = None if after is None else int(after[0])

        def work(connection: sa.Connection) -> tuple[list[RunRow], str | None]:
            find(connection, scope, app_id, journey_id)
            found = store.runs(connection, app_id, journey_id, last, size + 1)
            return cut(found, size, "journey-runs", lambda run: (run.number,))

        return self._database.read(work)

    def _publish(self, connection: sa.Connection, row: JourneyRow, kept: WriteJourneyRequest) -> None:
        if not row.test_of:
            self._check_quota(connection, row, self._quotas.active, None, "active journeys")
            if row.event_started:
                most = self._quotas.event_started
                self._check_quota(connection, row, most, True, "active journeys that events start")
        self._lifecycle.published(connection, row, kept)

    def _check_quota(
        self, connection: sa.Connection, row: JourneyRow, most: int, event_started: bool | None, what: str
    ) -> None:
        there = store.active(connection, row.account, row.region, event_started=event_started) if most else 0
        if most and there >= most:
            raise Invalid(f"the journey cannot be published: E27: an account has at most {most} {what}")

    def _has_segment(self, scope: Scope, row: JourneyRow) -> bool:
        try:
            return not row.segment_id or bool(self._segments.require(scope, row.app_id, row.segment_id))
        except NotFound:
            return False


def drafted(
    scope: Scope, app_id: str, journey_id: str, kept: WriteJourneyRequest, defaults: bytes, now_ms: int
) -> JourneyRow:
    """The row of a new draft."""
    return JourneyRow(
        app_id=app_id,
        journey_id=journey_id,
        account=scope.account,
        region=scope.region,
        state="DRAFT",
        version=1,
        epoch=0,
        created_ms=now_ms,
        modified_ms=now_ms,
        published_ms=None,
        start_ms=None,
        end_ms=None,
        paused_ms=None,
        paced_ms=0,
        segment_id=definition.segment_of(kept),
        event_started=definition.is_event_started(kept),
        behind=0,
        defaults=defaults,
        test_of="",
        inside=0,
        entered=0,
    )


def find(connection: sa.Connection, scope: Scope, app_id: str, journey_id: str, *, lock: bool = False) -> Journey:
    """A journey with the connection at hand, held with `lock`. Raises NotFound."""
    row = store.get(connection, app_id, journey_id, lock=lock)
    if row is None or Scope(row.account, row.region) != scope:
        raise NotFound()
    return Journey(row, definition.decode(store.definition(connection, app_id, journey_id, row.version)))


def require_sound(faults: Iterable[Fault]) -> None:
    """Raise Invalid when a review has errors: with all of them, each with its code and its activity, and the advice."""
    found = list(faults)
    errors, advice = (_told(one for one in found if one.advice is wanted) for wanted in (False, True))
    if errors:
        raise Invalid(f"the journey cannot be published: {errors}" + (f". Advice: {advice}" if advice else ""))


def _told(faults: Iterable[Fault]) -> str:
    return "; ".join(" ".join(filter(None, (one.code, one.activity))) + f": {one.text}" for one in faults)


def _changed(row: JourneyRow, kept: WriteJourneyRequest, now_ms: int) -> JourneyRow:
    return row._replace(
        segment_id=definition.segment_of(kept), event_started=definition.is_event_started(kept), modified_ms=now_ms
    )
