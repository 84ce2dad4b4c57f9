"""What the engine runs of windows: beginning, answering what was matched, ending.

    begin_window              the window's run is there
    answer ──→ answer ──→ …   a job for each window with matches; a worker takes several and reads for those of a
      └─→ answer_apart ──→ …  project together, but for those that ask others (hooks, recommenders) about each message.
                              Messages, refusals, what was answered and the end of its matches are one transaction
    end_window                what came in before the end is answered, then the window's run ends

Two workers that take the same matches by mistake collide when they remove them; one of them begins again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

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
from clarion.domain.campaigns.triggers.answering import Answering, Candidates, Found, Planned, Task
from clarion.domain.campaigns.triggers.metrics import TriggerMetrics
from clarion.domain.campaigns.triggers.model import (
    ANSWER,
    ANSWER_APART,
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
from clarion.domain.messaging.model import Enricher, LaneName
from clarion.domain.messaging.service import Messaging, Prepared
from clarion.engine.jobs import Jobs, LeasedJob, finish_all
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

WINDOWS = 20
"""Windows that one worker answers in turn."""

ATTEMPTS = 30


class _Taken(NamedTuple):
    """Matches of a window with the job that answers them (None: its end does); `found` is None for a window that is
    not there, does not listen or has no run yet; `old` are answers that the record of events may have."""

    job: LeasedJob | None
    key: Key
    rows: list[MatchesRow]
    matches: list[Match]
    found: Found | None
    old: list[str]


class _Ready(NamedTuple):
    """What can be answered now."""

    taken: _Taken
    task: Task


class _Answered(NamedTuple):
    """The answers of a window, and the old ones that need not be kept."""

    taken: _Taken
    found: Found
    planned: Planned
    recorded: list[str]


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
        self._jobs.register(ANSWER, self.answer, batch=True, attempts=ATTEMPTS, size=WINDOWS)
        self._jobs.register(ANSWER_APART, lambda job: self.answer([job]), attempts=ATTEMPTS)
        self._jobs.register(END_WINDOW, self.end_window, attempts=ATTEMPTS, on_dead=self._not_ended)

    def answer(self, jobs: Sequence[LeasedJob]) -> None:
        """Answer the oldest matches of these windows, and enqueue the job again of each that has more.

        What fails for one of them does not hold up the others: it is raised when they are done.
        """
        keys = [_key(job.decode(WindowJob)) for job in jobs]
        taken = self._database.read(lambda connection: self._take(connection, list(zip(keys, jobs, strict=True))))
        errors: dict[Key, Exception] = {}
        ready: dict[str, list[_Ready]] = {}
        for one in taken:
            try:
                task = self._task(one)
            except Exception as error:
                errors[one.key] = error
                continue
            if task is not None:
                ready.setdefault(one.key.app_id, []).append(_Ready(one, task))
        for of_app in ready.values():
            for some in _portions(of_app):
                errors |= self._answer_all(some)
        for job, key in zip(jobs, keys, strict=True):
            if not job.finished and key not in errors:
                self._database.write(lambda c, job=job, key=key: self._look_again(c, job, key))  # type: ignore[misc]
        if errors:
            raise next(iter(errors.values()))

    def end_window(self, job: LeasedJob) -> None:
        """Answer what came in before the end of a window, then end it."""
        args = job.decode(WindowJob)
        key = _key(args)
        self._figures.catch_up()
        while (taken := self._database.read(lambda connection: self._take(connection, [(key, None)]))[0]).rows:
            task = self._task(taken)
            if task is not None and (errors := self._answer_all([_Ready(taken, task)])):
                raise errors[key]

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

    def _take(self, connection: sa.Connection, asked: Sequence[tuple[Key, LeasedJob | None]]) -> list[_Taken]:
        found = _found(connection, [key for key, _ in asked])
        before_ms = self._clock.now_ms() - KEPT_MS
        taken = []
        for key, job in asked:
            rows, matches = _some(store.next_matches(connection, key, ROWS))
            old = store.old_answers(connection, key.app_id, key.campaign_id, before_ms, OLD) if rows else []
            taken.append(_Taken(job, key, rows, matches, found.get(key), old))
        return taken

    def _task(self, taken: _Taken) -> Task | None:
        """What there is to plan; None when there is nothing, or when what was to be done instead is done."""
        key, job, found = taken.key, taken.job, taken.found
        if not taken.rows:
            return None
        if found is None:
            self._database.write(lambda connection: self._begin_or_drop(connection, key))
            return None
        try:
            # In one transaction, not in one each: what they read is little.
            contents, enrich, crowded = self._database.read(lambda _: self._said(found))
        except Gone as error:
            reason = str(error)
            self._database.write(lambda c: self._fail(c, job, found, reason, "INVALID"))
            return None
        if job is not None and crowded is not None:
            self._database.write(lambda connection: self._park(connection, job, key, crowded))
            return None
        if enrich and job is not None and job.kind == ANSWER:
            self._database.write(lambda connection: self._set_apart(connection, job, key))
            return None
        return Task(found, taken.matches, contents, enrich)

    def _said(self, found: Found) -> tuple[dict[str, Content], list[Enricher], LaneName | None]:
        """What a treatment says, by channel type; its hook and its recommenders; which of its lanes is crowded.
        Raises Gone when it has nothing to say or no way to."""
        wanted = definition(found.version)
        one = treatment(wanted, found.window.treatment_id)
        contents = self._contents.of(found.row, found.version, one, found.window.start_ms)
        if not contents:
            raise Gone(NO_CHANNEL)
        enrich = self._enrichers.of(found.row, found.version, one, wanted.hook, found.window.start_ms)
        return contents, enrich, self._messaging.crowded({content.lane for content in contents.values()}, ROOM)

    def _answer_all(self, ready: Sequence[_Ready]) -> dict[Key, Exception]:
        """Answer windows of one project; answers what went wrong."""
        errors: dict[Key, Exception] = {}
        planned: list[_Answered] = []
        try:
            candidates: Sequence[Candidates | None] = self._answering.look_up([one.task for one in ready])
        except NotFound:
            candidates = [None] * len(ready)
        except Exception as error:
            return {one.taken.key: error for one in ready}
        for one, may in zip(ready, candidates, strict=True):
            try:
                if may is None or may.gone:
                    self._segment_gone(one)
                    continue
                if may.exclusive:
                    errors |= self._write(planned)
                    planned = []
                answers = self._answering.plan(may)
                planned.append(_Answered(one.taken, one.task.found, answers, self._recorded(one.taken)))
            except Exception as error:
                errors[one.taken.key] = error
        return errors | self._write(planned)

    def _write(self, planned: Sequence[_Answered]) -> dict[Key, Exception]:
        """Write these answers down, one by one if one of them is somebody else's by now; answers what went wrong."""
        if not planned:
            return {}
        try:
            self._database.write(lambda connection: self._commit(connection, planned))
        except LeaseLost as error:
            if len(planned) == 1:
                return {planned[0].taken.key: error}
            errors: dict[Key, Exception] = {}
            for one in planned:
                errors |= self._write([one])
            return errors
        except Exception as error:
            return {one.taken.key: error for one in planned}
        for one in planned:
            self._metrics.answered(one.planned.arrivals, self._clock.now_ms())
        return {}

    def _segment_gone(self, one: _Ready) -> None:
        job, found = one.taken.job, one.task.found
        self._database.write(lambda c: self._fail(c, job, found, "the segment is gone", "DELETED"))

    def _park(self, connection: sa.Connection, job: LeasedJob, key: Key, lane: LaneName) -> None:
        """Go on when the outbox has room."""
        job.finish(connection)
        name = answer_key(key.campaign_id, key.treatment_id)
        self._messaging.park(connection, name, job.kind, job.decode(WindowJob), lane)

    def _set_apart(self, connection: sa.Connection, job: LeasedJob, key: Key) -> None:
        """Let a job that waits for others hold up nobody else's."""
        job.finish(connection)
        self._enqueue(connection, ANSWER_APART, key)

    def _commit(self, connection: sa.Connection, planned: Sequence[_Answered]) -> None:
        """The answers of windows of one project, but for campaigns that have changed since: they are planned again."""
        app_id, ids = planned[0].taken.key.app_id, sorted({one.taken.key.campaign_id for one in planned})
        rows = campaigns.get_all(connection, app_id, ids, lock=True)
        windows = store.windows_among(connection, app_id, ids, lock=True)
        runs = campaigns.get_runs(connection, app_id, [one.found.run.activity_id for one in planned], lock=True)
        finish_all(connection, [one.taken.job for one in planned if one.taken.job is not None])
        valid = []
        for one in planned:
            row, window = rows.get(one.taken.key.campaign_id), windows.get(one.taken.key)
            run = runs.get(one.found.run.activity_id)
            same = row is not None and row.version == one.found.row.version
            if same and window is not None and window.listens and run is not None and run.state == "RUNNING":
                valid.append(one)
                if one.planned.paced_ms != window.paced_ms:
                    store.change_window(connection, window.key, paced_ms=one.planned.paced_ms)
        if valid:
            self._put(connection, valid)
        left = store.having_matches(connection, app_id, ids)
        for one in planned:
            if one.taken.job is not None and one.taken.key in left:
                self._enqueue(connection, one.taken.job.kind, one.taken.key)

    def _put(self, connection: sa.Connection, planned: Sequence[_Answered]) -> None:
        """Exchange matches for their answers."""
        if not store.remove_matches(connection, [row.seq for one in planned for row in one.taken.rows]):
            raise LeaseLost("another worker answers these events")
        prepared = Prepared([], [])
        for one in planned:
            prepared.rows.extend(one.planned.prepared.rows)
            prepared.events.extend(one.planned.prepared.events)
        self._messaging.hand_over(connection, prepared)
        store.add_answers(self._database, connection, [answer for one in planned for answer in one.planned.answers])
        if recorded := [message_id for one in planned for message_id in one.recorded]:
            store.remove_answers(connection, recorded)

    def _look_again(self, connection: sa.Connection, job: LeasedJob, key: Key) -> None:
        """Nothing was there; but whoever has added something since has seen this job and added none."""
        store.get_window(connection, key, lock=True)
        job.finish(connection)
        self._go_on(connection, key, job.kind)

    def _go_on(self, connection: sa.Connection, key: Key, kind: str) -> None:
        if store.has_matches(connection, key):
            self._enqueue(connection, kind, key)

    def _enqueue(self, connection: sa.Connection, kind: str, key: Key) -> None:
        name, args = answer_key(key.campaign_id, key.treatment_id), WindowJob(**key._asdict())
        self._jobs.enqueue(connection, kind, args, due_ms=self._clock.now_ms(), key=name)

    def _begin_or_drop(self, connection: sa.Connection, key: Key) -> None:
        """Make the run that the answers are to belong to; without a window that listens nothing is answered."""
        self._begin(connection, key)
        if key not in _found(connection, [key]):
            store.drop_matches(connection, key)

    def _recorded(self, taken: _Taken) -> list[str]:
        """Old answers that are in the record of events and need not be kept; looked for when there are many."""
        old = taken.old
        return sorted(self._figures.recorded(taken.key.app_id, old)) if len(old) == OLD else []

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
            self._go_on(connection, key, job.kind)

    def _not_ended(self, connection: sa.Connection, job: LeasedJob) -> None:
        """What was not answered in all that time is long past its deadline."""
        args = job.decode(WindowJob)
        row = campaigns.get(connection, args.app_id, args.campaign_id, lock=True)
        if row is not None:
            self._windows.close(connection, row, args.treatment_id)


def _key(args: WindowJob) -> Key:
    return Key(args.app_id, args.campaign_id, args.treatment_id)


def _portions(ready: Sequence[_Ready]) -> Iterator[list[_Ready]]:
    """Windows that have enough matches together."""
    portion: list[_Ready] = []
    number = 0
    for one in ready:
        portion.append(one)
        number += len(one.taken.matches)
        if number >= TOGETHER:
            yield portion
            portion, number = [], 0
    if portion:
        yield portion


def _some(rows: list[MatchesRow]) -> tuple[list[MatchesRow], list[Match]]:
    """The first rows that have enough matches together, and these."""
    matches: list[Match] = []
    for number, row in enumerate(rows, 1):
        matches += decode_matches(row.body).items
        if len(matches) >= TOGETHER:
            return rows[:number], matches
    return rows, matches


def _found(connection: sa.Connection, keys: Iterable[Key]) -> dict[Key, Found]:
    """Those of these windows that listen and have a run, with what they are windows of."""
    ids: dict[str, list[str]] = {}
    for key in keys:
        ids.setdefault(key.app_id, []).append(key.campaign_id)
    found = {}
    for app_id, of_app in ids.items():
        rows = campaigns.get_all(connection, app_id, of_app)
        versions = campaigns.current_versions(connection, app_id, of_app)
        windows = store.windows_among(connection, app_id, of_app)
        activities = [one.activity_id for one in windows.values() if one.listens and one.activity_id]
        runs = campaigns.get_runs(connection, app_id, activities)
        for key, window in windows.items():
            row, version = rows.get(key.campaign_id), versions.get(key.campaign_id)
            run = runs.get(window.activity_id) if window.listens else None
            if row is not None and version is not None and run is not None and run.state == "RUNNING":
                found[key] = Found(window, row, version, run)
    return found
