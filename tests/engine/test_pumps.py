"""The engine: threads, waking, coming to rest, and weeks of work on a virtual clock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from clarion.core.clock import SystemClock, VirtualClock, to_ms
from clarion.core.errors import Conflict, Unavailable
from clarion.core.ids import SeededIds, SystemIds
from clarion.engine.jobs import Jobs, LeasedJob
from clarion.engine.log import LogConsumer, LogRow, append
from clarion.engine.log_batches import ingest_log
from clarion.engine.pumps import Engine
from clarion.engine.workers import JobsPump
from clarion.store.database import Database

START = datetime(2027, 1, 1, tzinfo=UTC)
DAY_MS = 86_400_000


class Counted:
    """A pump that does what it is told to and watches that no two steps overlap."""

    def __init__(self, name: str, work: int = 0) -> None:
        self.name = name
        self.work = work
        self.steps = 0
        self.overlapped = False
        self.stopped = False
        self.stepped = threading.Condition()
        self._busy = threading.Lock()

    def step(self) -> int:
        if not self._busy.acquire(blocking=False):
            self.overlapped = True
            return 0
        try:
            with self.stepped:
                self.steps += 1
                self.stepped.notify_all()
            if self.work:
                self.work -= 1
                return 1
            return 0
        finally:
            self._busy.release()

    def next_due_ms(self) -> int | None:
        return None

    def outstanding(self) -> int:
        return self.work

    def stop(self, timeout_seconds: float) -> None:
        self.stopped = True

    def wait_for(self, condition: Callable[[], bool]) -> None:
        with self.stepped:
            assert self.stepped.wait_for(condition, 10)


class Failing(Counted):
    """A pump whose first steps raise."""

    def __init__(self, times: int) -> None:
        super().__init__("failing", work=1)
        self.times = times

    def step(self) -> int:
        if self.times:
            self.times -= 1
            raise RuntimeError("not yet")
        return super().step()


@pytest.fixture
def run() -> Iterator[Callable[..., Engine]]:
    """Starts engines and stops them after the test."""
    engines: list[Engine] = []

    def start(*pumps: Counted, poll_seconds: float = 0.5) -> Engine:
        engines.append(Engine(pumps, SystemClock(), SeededIds(), poll_seconds=poll_seconds))
        engines[-1].start()
        return engines[-1]

    yield start
    for engine in engines:
        engine.stop(10)


def test_thread_steps_until_there_is_nothing_to_do(run: Callable[..., Engine]) -> None:
    pump = Counted("p", work=5)
    run(pump, poll_seconds=3600)
    pump.wait_for(lambda: pump.steps == 6)
    assert pump.work == 0


def test_wake_comes_before_the_poll(run: Callable[..., Engine]) -> None:
    pump, other = Counted("p"), Counted("other")
    engine = run(pump, other, poll_seconds=3600)
    pump.wait_for(lambda: pump.steps == 1)
    pump.work = 2
    engine.wake("p")
    pump.wait_for(lambda: pump.work == 0 and pump.steps == 4)
    other.wait_for(lambda: other.steps == 1)


def test_poll_finds_what_nobody_announced(run: Callable[..., Engine]) -> None:
    pump = Counted("p")
    run(pump, poll_seconds=0.005)
    pump.wait_for(lambda: pump.steps > 3)
    pump.work = 1
    pump.wait_for(lambda: pump.work == 0)


def test_a_pump_that_others_wait_for_steps_sooner(run: Callable[..., Engine]) -> None:
    class Awaited(Counted):
        def pause_seconds(self) -> float:
            return 0.005 if self.steps < 5 else 3600

    pump = Awaited("p")
    run(pump, poll_seconds=3600)
    pump.wait_for(lambda: pump.steps == 5)


def test_thread_wakes_when_the_next_work_is_due(run: Callable[..., Engine]) -> None:
    class Due(Counted):
        def next_due_ms(self) -> int | None:
            return SystemClock().now_ms() + 10 if self.steps < 5 else None

    pump = Due("p")
    run(pump, poll_seconds=3600)
    pump.wait_for(lambda: pump.steps == 5)


def test_thread_survives_errors(run: Callable[..., Engine]) -> None:
    pump = Failing(times=3)
    run(pump, poll_seconds=0.005)
    pump.wait_for(lambda: pump.steps > 1)
    assert pump.work == 0


def test_settle_waits_for_all_work_and_never_overlaps_the_threads(run: Callable[..., Engine]) -> None:
    pumps = [Counted("a", work=300), Counted("b", work=300)]
    engine = run(*pumps, poll_seconds=0.001)
    settlers = [threading.Thread(target=engine.settle, args=(20,)) for _ in range(2)]
    for settler in settlers:
        settler.start()
    engine.settle(20)
    assert [pump.work for pump in pumps] == [0, 0]
    for settler in settlers:
        settler.join(20)
    assert not any(pump.overlapped for pump in pumps)


def test_settle_waits_for_a_step_that_is_under_way(run: Callable[..., Engine]) -> None:
    go, started = threading.Event(), threading.Event()

    class Slow(Counted):
        def step(self) -> int:
            done = super().step()
            started.set()
            assert go.wait(20)
            return done

    pump = Slow("slow")
    engine = run(pump)
    assert started.wait(10)
    settling = threading.Thread(target=engine.settle, args=(20,))
    settling.start()
    settling.join(0.05)
    assert (settling.is_alive(), pump.steps) == (True, 1)
    go.set()
    settling.join(20)
    assert not settling.is_alive()


def test_settle_works_without_threads() -> None:
    pump = Counted("p", work=7)
    Engine([pump], VirtualClock(START), SeededIds()).settle()
    assert pump.work == 0


def test_settle_lets_those_look_who_have_something_to_do() -> None:
    busy, idle = Counted("busy", work=50), Counted("idle")
    Engine([idle, busy], VirtualClock(START), SeededIds()).settle()
    assert (busy.work, idle.steps) == (0, 3)


def test_settle_lets_everybody_look_when_the_busy_do_not_get_on() -> None:
    other = Counted("other")

    class Waiting(Counted):
        def step(self) -> int:
            return super().step() if other.steps > 1 else 0

    waiting = Waiting("waiting", work=1)
    Engine([waiting, other], VirtualClock(START), SeededIds()).settle(20)
    assert waiting.work == 0


def test_settle_retries_a_failing_pump() -> None:
    pump = Failing(times=2)
    Engine([pump], VirtualClock(START), SeededIds()).settle(20)
    assert pump.work == 0


def test_settle_gives_up_and_says_who_is_busy() -> None:
    class Stuck(Counted):
        def step(self) -> int:
            return 0

    with pytest.raises(Unavailable, match="stuck"):
        Engine([Counted("fine"), Stuck("stuck", work=1)], VirtualClock(START), SeededIds()).settle(0.05)


def test_stop_is_bounded_and_tells_the_pumps() -> None:
    go, started = threading.Event(), threading.Event()

    class Hanging(Counted):
        def step(self) -> int:
            started.set()
            go.wait(20)
            return 0

    pumps = [Hanging("hanging"), Counted("fine")]
    engine = Engine(pumps, SystemClock(), SeededIds())
    engine.start()
    assert started.wait(10)
    engine.stop(0.05)
    assert [pump.stopped for pump in pumps] == [True, True]
    go.set()


def test_real_clock_cannot_be_advanced() -> None:
    with pytest.raises(Conflict):
        Engine([], SystemClock(), SeededIds()).advance(START)


def test_advance_is_not_held_up_by_a_pump_that_names_the_past() -> None:
    class Late(Counted):
        def next_due_ms(self) -> int | None:
            return to_ms(START) - 1

    clock = VirtualClock(START)
    engine = Engine([Late("late")], clock, SeededIds())
    advancing = threading.Thread(target=engine.advance, args=(START + timedelta(days=1),), daemon=True)
    advancing.start()
    advancing.join(10)
    assert clock.now() == START + timedelta(days=1)


# --- with the real pumps, on a virtual clock


class World:
    """One process: jobs, the log, an engine on a virtual clock, and a diary of what happened when."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = VirtualClock(START)
        self.diary: list[tuple[int, str]] = []
        self.jobs = Jobs(db, self.clock)
        self.worker = JobsPump(db, self.jobs, clock=self.clock, real=SystemClock(), ids=SystemIds())
        self.log = LogConsumer(db, {"note": self}, real=SystemClock(), ids=SystemIds())
        self.engine = Engine([self.log, self.worker], self.clock, SystemIds(), database=db)

    def now(self) -> int:
        return self.clock.now_ms() - to_ms(START)

    def consume(self, rows: Sequence[LogRow], token: str) -> None:
        self.diary.extend((self.now(), row.body.decode()) for row in rows)

    def enqueue(self, kind: str, *after_ms: int) -> None:
        for after in after_ms:
            due_ms = to_ms(START) + after
            self.db.write(lambda c, due_ms=due_ms: self.jobs.enqueue(c, kind, {"due": due_ms}, due_ms=due_ms))

    def note(self, job: LeasedJob) -> None:
        self.diary.append((self.now(), job.kind))


@pytest.fixture
def world(db: Database) -> Iterator[World]:
    made = World(db)
    yield made
    made.engine.stop(10)


def test_advance_runs_jobs_at_their_time_in_their_order(world: World) -> None:
    world.jobs.register("x", world.note)
    world.enqueue("x", 3 * DAY_MS, DAY_MS, 10 * DAY_MS, 1)
    world.engine.advance(START + timedelta(days=7))
    assert world.diary == [(1, "x"), (DAY_MS, "x"), (3 * DAY_MS, "x")]
    assert world.clock.now() == START + timedelta(days=7)
    world.engine.advance(START + timedelta(days=30))
    assert world.diary[3:] == [(10 * DAY_MS, "x")]


def test_advance_follows_jobs_that_cause_jobs(world: World) -> None:
    def daily(job: LeasedJob) -> None:
        def work(connection: sa.Connection) -> None:
            job.finish(connection)
            append(connection, "note", b"day")
            world.jobs.enqueue(connection, "daily", {}, due_ms=job.due_ms + DAY_MS, key="daily")
            world.jobs.enqueue(connection, "evening", {}, due_ms=job.due_ms + DAY_MS // 2)

        world.db.write(work)

    world.jobs.register("daily", daily)
    world.jobs.register("evening", world.note)
    world.db.write(lambda c: world.jobs.enqueue(c, "daily", {}, due_ms=to_ms(START), key="daily"))
    world.engine.advance(START + timedelta(days=14))
    days = [(day * DAY_MS, "day") for day in range(15)]
    evenings = [(day * DAY_MS + DAY_MS // 2, "evening") for day in range(14)]
    assert world.diary == sorted(days + evenings)


def test_advance_reaches_the_second_attempt_of_a_failed_job(world: World) -> None:
    def handler(job: LeasedJob) -> None:
        world.note(job)
        if job.attempt < 3:
            raise RuntimeError("again")

    world.jobs.register("x", handler)
    world.enqueue("x", 0)
    world.engine.settle()
    assert len(world.diary) >= 1
    world.engine.advance(START + timedelta(hours=1))
    moments = [moment for moment, _ in world.diary]
    assert len(moments) == 3
    assert moments == sorted(moments)


def test_advance_with_threads_running_gives_the_same_diary(world: World) -> None:
    world.jobs.register("x", world.note)
    world.enqueue("x", *(hour * 3_600_000 for hour in range(1, 25)))
    world.engine.start()
    world.engine.advance(START + timedelta(days=1))
    assert world.diary == [(hour * 3_600_000, "x") for hour in range(1, 25)]


def test_work_that_passes_on_while_the_pumps_are_asked_is_not_missed(world: World, db: Database) -> None:
    class Passing(Counted):
        """Is asked after the jobs; what it has becomes a job just before it answers."""

        def outstanding(self) -> int:
            if not self.stopped:
                self.stopped = True
                db.write(pass_on)
            return world.log.outstanding()

    def pass_on(connection: sa.Connection) -> None:
        connection.execute(sa.delete(ingest_log))
        world.jobs.enqueue(connection, "x", {}, due_ms=to_ms(START))

    world.jobs.register("x", world.note)
    db.write(lambda connection: append(connection, "note", b"x"))
    Engine([world.worker, Passing("passing")], world.clock, SystemIds(), database=db).settle()
    assert world.diary == [(0, "x")]


def test_settle_waits_for_a_job_that_another_process_has_in_hand(world: World, db: Database) -> None:
    go, started = threading.Event(), threading.Event()

    def hold(job: LeasedJob) -> None:
        started.set()
        assert go.wait(20)
        db.write(lambda c: append(c, "note", b"from the other") and None)

    other_jobs = Jobs(db, world.clock)
    other_jobs.register("x", hold)
    other = JobsPump(db, other_jobs, clock=world.clock, real=SystemClock(), ids=SystemIds())
    world.jobs.register("x", world.note)
    world.enqueue("x", 0)
    other.step()
    assert started.wait(10)
    settling = threading.Thread(target=world.engine.settle, args=(20,))
    settling.start()
    settling.join(0.1)
    assert settling.is_alive()
    go.set()
    settling.join(20)
    assert not settling.is_alive()
    assert world.diary == [(0, "from the other")]
    other.stop(10)


def test_enqueue_wakes_the_worker_at_once(world: World) -> None:
    ran = threading.Event()
    world.jobs.register("x", lambda job: ran.set())
    engine = Engine([world.worker], world.clock, SeededIds(), poll_seconds=3600)
    engine.start()
    world.enqueue("x", 0)
    assert ran.wait(10)
    engine.stop(10)
