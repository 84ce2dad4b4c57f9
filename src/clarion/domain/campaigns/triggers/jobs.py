"""What the engine runs of windows: beginning, answering what was matched, ending.

    begin_window              the window's run is there
    answer ──→ answer ──→ …   a job for each window with matches: messages, refusals, what was answered and the end of
                              the matches are one transaction
    end_window                what came in before the end is answered, then the window's run ends

Two workers that take the same matches by mistake collide when they remove them; one of them begins again.
"""

from __future__ import annotations

import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.core.errors import NotFound
from clarion.domain.campaigns import store as campaigns
from clarion.domain.campaigns.content import NO_CHANNEL, Contents, Gone
from clarion.domain.campaigns.hooks.enrichers import Enrichers
from clarion.domain.campaigns.lifecycle import Halt, Lifecycle
from clarion.domain.campaigns.model import RunJob
from clarion.domain.campaigns.service import definition
from clarion.domain.campaigns.treatments import treatment
from clarion.domain.campaigns.triggers import store
from clarion.domain.campaigns.triggers.answering import Answering, Found, Planned
from clarion.domain.campaigns.triggers.metrics import TriggerMetrics
from clarion.domain.campaigns.triggers.model import (
    ANSWER,
    BEGIN_WINDOW,
    END_WINDOW,
    Match,
    WindowJob,
    answer_key,
    decode_matches,
)
from clarion.domain.campaigns.triggers.store import Key, MatchesRow
from clarion.domain.campaigns.triggers.windows import Windows
from clarion.domain.events.figures import Figures
from clarion.domain.messaging.content import Content
from clarion.domain.messaging.model import Enricher
from clarion.domain.messaging.service import Messaging
from clarion.engine.jobs import Jobs, LeasedJob
from clarion.engine.leases import LeaseLost
from clarion.store.database import Database

TOGETHER = 1_000
"""Matches that are answered together, about."""

ROWS = 20
"""Rows of matches that are read for that."""

KEPT_MS = 60 * 60_000
"""How long answers are kept at least."""

OLD = 500
"""Old answers that are worth looking whether the record has them."""

ROOM = 60_000
"""Messages that may wait in a channel before answering holds back: more than before campaigns over segments do, so
that these do not hold up an answer that is due within minutes."""

ATTEMPTS = 30


class Triggers:
    """The work of windows. `register` makes the engine's worker call it."""

    def __init__(
        self,
        database: Database,
        lifecycle: Lifecycle,
        windows: Windows,
        answering: Answering,
        contents: Contents,
        enrichers: Enrichers,
        messaging: Messaging,
        figures: Figures,
        jobs: Jobs,
        clock: Clock,
        metrics: TriggerMetrics,
    ) -> None:
        self._database = database
        self._lifecycle = lifecycle
        self._windows = windows
        self._answering = answering
        self._contents = contents
        self._enrichers = enrichers
        self._messaging = messaging
        self._figures = figures
        self._jobs = jobs
        self._clock = clock
        self._metrics = metrics

    def register(self) -> None:
        """Handle the jobs of windows."""
        self._jobs.register(BEGIN_WINDOW, self.begin_window)
        self._jobs.register(ANSWER, self.answer, attempts=ATTEMPTS)
        self._jobs.register(END_WINDOW, self.end_window, attempts=ATTEMPTS, on_dead=self._not_ended)

    def answer(self, job: LeasedJob) -> None:
        """Answer the oldest matches of a window, and enqueue the job again while there are more."""
        key = _key(job.decode(WindowJob))
        self._answer(key, job)
        if not job.finished:
            self._database.write(lambda connection: self._look_again(connection, job, key))

    def end_window(self, job: LeasedJob) -> None:
        """Answer what came in before the end of a window, then end it."""
        args = job.decode(WindowJob)
        key = _key(args)
        self._figures.catch_up()
        while self._answer(key):
            pass

        def work(connection: sa.Connection) -> None:
            row = campaigns.get(connection, key.app_id, key.campaign_id, lock=True)
            window = store.get_window(connection, key, lock=True)
            job.finish(connection)
            if row is None or window is None or window.end_ms != args.end_ms:
                return
            self._windows.close(connection, row, key.treatment_id)
            if not window.activity_id:
                self._lifecycle.ended(connection, row, key.treatment_id)

        self._database.write(work)

    def begin_window(self, job: LeasedJob) -> None:
        """Make the run of a window whose time has come."""
        key = _key(job.decode(WindowJob))

        def work(connection: sa.Connection) -> None:
            job.finish(connection)
            self._begin(connection, key)

        self._database.write(work)

    def _begin(self, connection: sa.Connection, key: Key) -> None:
        row = campaigns.get(connection, key.app_id, key.campaign_id, lock=True)
        window = store.get_window(connection, key, lock=True)
        if row is None or window is None or not window.listens or window.activity_id:
            return
        run = self._windows.begin(connection, row, window)
        if run is not None:
            self._lifecycle.began(connection, row, run)

    def _answer(self, key: Key, job: LeasedJob | None = None) -> bool:
        """Answer some matches of a window, and finish `job` with it; False when there was nothing to do."""
        rows = self._database.read(lambda connection: store.next_matches(connection, key, ROWS))
        rows, matches = _some(rows)
        if not rows:
            return False
        found = self._database.read(lambda connection: _found(connection, key))
        if found is None:
            self._database.write(lambda connection: self._begin_or_drop(connection, key))
            return True
        contents = self._spoken(job, found)
        if contents is None:
            return True
        crowded = self._messaging.crowded({content.lane for content in contents.values()}, ROOM) if job else None
        if job is not None and crowded is not None:
            args = job.decode(WindowJob)

            def park(connection: sa.Connection) -> None:
                job.finish(connection)
                name = answer_key(key.campaign_id, key.treatment_id)
                self._messaging.park(connection, name, ANSWER, args, crowded)

            self._database.write(park)
            return True
        try:
            planned = self._answering.plan(found, matches, contents, self._enriching(found))
        except Gone as error:
            reason = str(error)
            self._database.write(lambda c: self._fail(c, job, found, reason, "INVALID"))
            return True
        except NotFound:
            self._database.write(lambda c: self._fail(c, job, found, "the segment is gone", "DELETED"))
            return True
        recorded = self._recorded(key)
        self._database.write(lambda connection: self._commit(connection, job, found, rows, planned, recorded))
        self._metrics.answered(planned.arrivals, self._clock.now_ms())
        return True

    def _commit(
        self,
        connection: sa.Connection,
        job: LeasedJob | None,
        found: Found,
        rows: list[MatchesRow],
        planned: Planned,
        recorded: list[str],
    ) -> None:
        """The answers to a batch, unless the campaign has changed since it was planned: then it is planned again."""
        key = found.window.key
        row = campaigns.get(connection, key.app_id, key.campaign_id, lock=True)
        window = store.get_window(connection, key, lock=True)
        run = campaigns.get_run(connection, key.app_id, found.run.activity_id, lock=True)
        if job is not None:
            job.finish(connection)
        same = row is not None and row.version == found.row.version
        if same and window is not None and window.listens and run is not None and run.state == "RUNNING":
            if not store.remove_matches(connection, [one.seq for one in rows]):
                raise LeaseLost("another worker answers these events")
            self._messaging.hand_over(connection, planned.prepared)
            store.add_answers(self._database, connection, planned.answers)
            store.change_window(connection, key, paced_ms=planned.paced_ms)
            store.remove_answers(connection, recorded)
        if job is not None:
            self._go_on(connection, key)

    def _look_again(self, connection: sa.Connection, job: LeasedJob, key: Key) -> None:
        """Nothing was there; but whoever has added something since has seen this job and added none."""
        store.get_window(connection, key, lock=True)
        job.finish(connection)
        self._go_on(connection, key)

    def _go_on(self, connection: sa.Connection, key: Key) -> None:
        if store.has_matches(connection, key):
            again = WindowJob(**key._asdict())
            name = answer_key(key.campaign_id, key.treatment_id)
            self._jobs.enqueue(connection, ANSWER, again, due_ms=self._clock.now_ms(), key=name)

    def _begin_or_drop(self, connection: sa.Connection, key: Key) -> None:
        """Make the run that the answers are to belong to; without a window that listens nothing is answered."""
        self._begin(connection, key)
        if _found(connection, key) is None:
            store.drop_matches(connection, key)

    def _recorded(self, key: Key) -> list[str]:
        """Old answers that are in the record of events and need not be kept; looked for when there are many."""
        before_ms = self._clock.now_ms() - KEPT_MS
        old = self._database.read(lambda c: store.old_answers(c, key.app_id, key.campaign_id, before_ms, OLD))
        return sorted(self._figures.recorded(key.app_id, old)) if len(old) == OLD else []

    def _spoken(self, job: LeasedJob | None, found: Found) -> dict[str, Content] | None:
        """What the treatment says, by channel type; None after failing a run that has nothing to say or no way to."""
        one = treatment(definition(found.version), found.window.treatment_id)
        try:
            contents = self._contents.of(found.row, found.version, one, found.window.start_ms)
        except Gone as error:
            reason = str(error)
        else:
            if contents:
                return contents
            reason = NO_CHANNEL
        self._database.write(lambda connection: self._fail(connection, job, found, reason, "INVALID"))
        return None

    def _enriching(self, found: Found) -> list[Enricher]:
        """The campaign's hook and its recommenders. Raises Gone."""
        wanted = definition(found.version)
        one = treatment(wanted, found.window.treatment_id)
        return self._enrichers.of(found.row, found.version, one, wanted.hook, found.window.start_ms)

    def _fail(self, connection: sa.Connection, job: LeasedJob | None, found: Found, reason: str, status: Halt) -> None:
        """End a window that cannot answer, unless its campaign has changed since: then it is asked again."""
        key = found.window.key
        args = RunJob(app_id=key.app_id, campaign_id=key.campaign_id, activity_id=found.run.activity_id)
        row = campaigns.get(connection, key.app_id, key.campaign_id, lock=True)
        if job is not None:
            job.finish(connection)
        if row is not None and row.version == found.row.version:
            self._windows.remove(connection, row, None if status == "DELETED" else key.treatment_id)
            self._lifecycle.failed(connection, args, reason, status)
        elif job is not None:
            self._go_on(connection, key)

    def _not_ended(self, connection: sa.Connection, job: LeasedJob) -> None:
        """What was not answered in all that time is long past its deadline."""
        args = job.decode(WindowJob)
        row = campaigns.get(connection, args.app_id, args.campaign_id, lock=True)
        if row is not None:
            self._windows.close(connection, row, args.treatment_id)


def _key(args: WindowJob) -> Key:
    return Key(args.app_id, args.campaign_id, args.treatment_id)


def _some(rows: list[MatchesRow]) -> tuple[list[MatchesRow], list[Match]]:
    """The first rows that have enough matches together, and these."""
    matches: list[Match] = []
    for number, row in enumerate(rows, 1):
        matches += decode_matches(row.body).items
        if len(matches) >= TOGETHER:
            return rows[:number], matches
    return rows, matches


def _found(connection: sa.Connection, key: Key) -> Found | None:
    """A window that listens and has a run, with what it is a window of."""
    row = campaigns.get(connection, key.app_id, key.campaign_id)
    window = store.get_window(connection, key)
    if row is None or window is None or not window.listens or not window.activity_id:
        return None
    run = campaigns.get_run(connection, key.app_id, window.activity_id)
    version = campaigns.get_version(connection, key.app_id, key.campaign_id, row.version)
    if run is None or version is None or run.state != "RUNNING":
        return None
    return Found(window, row, version, run)
