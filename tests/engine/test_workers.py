"""Running jobs: attempts, batches, fairness, long handlers, stopping."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa

from clarion.core.clock import VirtualClock
from clarion.core.ids import SystemIds
from clarion.engine.job_rows import jobs as job_table
from clarion.engine.jobs import Jobs, LeasedJob, NewJob, finish_all
from clarion.engine.workers import JobsPump
from clarion.store.database import Database

Pumps = Callable[..., JobsPump]


@pytest.fixture
def jobs(db: Database, clock: VirtualClock) -> Jobs:
    return Jobs(db, clock)


@pytest.fixture
def pump_of(db: Database, clock: VirtualClock, real: VirtualClock) -> Iterator[Pumps]:
    """Makes workers, each a process of its own, and ends them after the test."""
    made: list[JobsPump] = []

    def make(jobs: Jobs, **options: int) -> JobsPump:
        made.append(JobsPump(db, jobs, clock=clock, real=real, ids=SystemIds(), **options))
        return made[-1]

    yield make
    for pump in made:
        pump.stop(10)


def enqueue(db: Database, jobs: Jobs, kind: str, count: int = 1, *, due_ms: int = 0) -> None:
    db.write(lambda c: jobs.enqueue_all(c, kind, [NewJob({"n": n}, due_ms) for n in range(count)]))


def rest(pump: JobsPump) -> None:
    """Step until nothing is due or running."""
    woken = threading.Event()
    pump.attach(woken.set)
    for _ in range(10_000):
        woken.clear()
        if not pump.step() and not pump.outstanding():
            return
        woken.wait(0.01)
    raise AssertionError("the jobs do not come to rest")


def pass_seconds(clock: VirtualClock, seconds: float) -> None:
    clock.move_to(clock.now() + timedelta(seconds=seconds))


def stored(db: Database) -> list[tuple[str, str, int, str | None]]:
    columns = (job_table.c.kind, job_table.c.state, job_table.c.attempts, job_table.c.error)
    return db.read(lambda c: [tuple(row) for row in c.execute(sa.select(*columns).order_by(job_table.c.id))])


def number(job: LeasedJob) -> int:
    return job.decode(dict[str, int])["n"]


def test_handlers_run_and_jobs_are_gone(db: Database, jobs: Jobs, pump_of: Pumps) -> None:
    done: list[int] = []
    jobs.register("k", lambda job: done.append(number(job)))
    enqueue(db, jobs, "k", 20)
    rest(pump_of(jobs))
    assert sorted(done) == list(range(20))
    assert stored(db) == []


def test_jobs_wait_until_they_are_due(db: Database, jobs: Jobs, pump_of: Pumps, clock: VirtualClock) -> None:
    done: list[int] = []
    jobs.register("k", lambda job: done.append(job.due_ms))
    pump = pump_of(jobs)
    assert pump.next_due_ms() is None
    due = clock.now_ms() + 5_000
    enqueue(db, jobs, "k", due_ms=due)
    rest(pump)
    assert (done, pump.next_due_ms(), pump.outstanding()) == ([], due, 0)
    pass_seconds(clock, 5)
    rest(pump)
    assert (done, pump.next_due_ms()) == ([due], None)


def test_failures_come_back_later_and_are_buried_in_the_end(
    db: Database, jobs: Jobs, pump_of: Pumps, clock: VirtualClock
) -> None:
    attempts: list[int] = []

    def handler(job: LeasedJob) -> None:
        attempts.append(job.attempt)
        raise RuntimeError(f"no {job.attempt}")

    jobs.register("k", handler, attempts=3)
    enqueue(db, jobs, "k")
    pump = pump_of(jobs)
    for _ in range(5):
        rest(pump)
        pass_seconds(clock, 3600)
    assert attempts == [1, 2, 3]
    assert stored(db) == [("k", "dead", 3, "RuntimeError: no 3")]
    assert pump.next_due_ms() is None

    (dead,) = db.read(lambda c: jobs.dead(c))
    assert dead.error == "RuntimeError: no 3"
    assert db.write(lambda c: jobs.revive(c, dead.id, due_ms=0))
    assert not db.write(lambda c: jobs.revive(c, dead.id, due_ms=0))
    rest(pump)
    assert attempts == [1, 2, 3, 1]


def test_who_gave_a_dead_job_up_is_told_in_the_same_transaction(
    db: Database, jobs: Jobs, pump_of: Pumps, clock: VirtualClock
) -> None:
    told: list[tuple[int, str]] = []

    def handler(job: LeasedJob) -> None:
        if number(job):
            raise RuntimeError("never")

    def on_dead(connection: sa.Connection, job: LeasedJob) -> None:
        states = connection.scalars(sa.select(job_table.c.state).where(job_table.c.id == job.id))
        told.append((number(job), states.one()))
        jobs.enqueue(connection, "k", {"n": 0}, due_ms=0)

    jobs.register("k", handler, attempts=3, on_dead=on_dead)
    enqueue(db, jobs, "k", 2)
    pump = pump_of(jobs)
    for _ in range(5):
        rest(pump)
        pass_seconds(clock, 3600)
    assert told == [(1, "dead")]
    assert stored(db) == [("k", "dead", 3, "RuntimeError: never")]


def test_job_is_buried_also_when_it_cannot_be_given_up(
    db: Database, jobs: Jobs, pump_of: Pumps, clock: VirtualClock
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("never")

    def on_dead(connection: sa.Connection, job: LeasedJob) -> None:
        jobs.enqueue(connection, "lost", {"n": 0}, due_ms=0)
        fail()

    jobs.register("k", fail, attempts=1, on_dead=on_dead)
    enqueue(db, jobs, "k")
    rest(pump_of(jobs))
    assert stored(db) == [("k", "dead", 1, "RuntimeError: never")]


def test_job_that_passed_to_another_worker_is_not_given_up(
    db: Database, jobs: Jobs, pump_of: Pumps, clock: VirtualClock
) -> None:
    told: list[int] = []

    def handler(job: LeasedJob) -> None:
        db.write(lambda c: jobs.enqueue(c, "k", {"n": 7}, due_ms=clock.now_ms() + 60_000, key="one"))
        raise RuntimeError("too late")

    jobs.register("k", handler, attempts=1, on_dead=lambda connection, job: told.append(number(job)))
    db.write(lambda c: jobs.enqueue(c, "k", {"n": 1}, due_ms=0, key="one"))
    rest(pump_of(jobs))
    assert told == []
    assert stored(db) == [("k", "ready", 0, None)]


def test_job_whose_worker_always_dies_is_buried(db: Database, jobs: Jobs, pump_of: Pumps, real: VirtualClock) -> None:
    """Attempts count when they begin, so a job that takes the process down with it does not do so for ever."""
    ran: list[int] = []
    jobs.register("k", lambda job: ran.append(job.attempt), attempts=2)
    enqueue(db, jobs, "k")
    db.write(lambda c: c.execute(sa.update(job_table).values(attempts=2, lease="gone", leased_until_ms=1)) and None)
    rest(pump_of(jobs))
    assert ran == []
    assert stored(db)[0][1] == "dead"


def test_finishing_inside_the_handler_is_enough(db: Database, jobs: Jobs, pump_of: Pumps) -> None:
    done: list[int] = []

    def handler(job: LeasedJob) -> None:
        db.write(job.finish)
        done.append(number(job))

    jobs.register("k", handler)
    enqueue(db, jobs, "k", 3)
    rest(pump_of(jobs))
    assert sorted(done) == [0, 1, 2]
    assert stored(db) == []


def test_error_after_finishing_does_not_run_it_again(db: Database, jobs: Jobs, pump_of: Pumps) -> None:
    def handler(job: LeasedJob) -> None:
        db.write(job.finish)
        raise RuntimeError("too late")

    jobs.register("k", handler)
    enqueue(db, jobs, "k")
    rest(pump_of(jobs))
    assert stored(db) == []


def test_batches_are_bounded_and_complete(db: Database, jobs: Jobs, pump_of: Pumps) -> None:
    sizes: list[int] = []
    done: list[int] = []

    def handler(batch: Sequence[LeasedJob]) -> None:
        sizes.append(len(batch))
        db.write(lambda c: finish_all(c, batch))
        done.extend(number(job) for job in batch)

    jobs.register("k", handler, batch=True, size=10)
    enqueue(db, jobs, "k", 35)
    rest(pump_of(jobs))
    assert sorted(done) == list(range(35))
    assert sorted(sizes) == [5, 10, 10, 10]


def test_a_bad_job_does_not_take_its_batch_with_it(
    db: Database, jobs: Jobs, pump_of: Pumps, clock: VirtualClock
) -> None:
    done: list[int] = []

    def handler(batch: Sequence[LeasedJob]) -> None:
        if any(number(job) == 3 for job in batch):
            raise RuntimeError("three")
        done.extend(number(job) for job in batch)

    jobs.register("k", handler, batch=True, attempts=4)
    enqueue(db, jobs, "k", 8)
    pump = pump_of(jobs)
    for _ in range(6):
        rest(pump)
        pass_seconds(clock, 3600)
    assert sorted(done) == [0, 1, 2, 4, 5, 6, 7]
    assert [row[1] for row in stored(db)] == ["dead"]


def test_kinds_do_not_starve_each_other(db: Database, jobs: Jobs, pump_of: Pumps) -> None:
    """Every thread is busy with slow jobs; three other kinds still run."""
    go = threading.Event()
    slow = threading.Semaphore(0)
    done: list[str] = []

    def hold(job: LeasedJob) -> None:
        slow.release()
        assert go.wait(20)

    jobs.register("slow", hold)
    for kind in ("a", "b", "c"):
        jobs.register(kind, lambda job: done.append(job.kind))
    enqueue(db, jobs, "slow", 50)
    pump = pump_of(jobs, threads=3)
    pump.step()
    assert all(slow.acquire(timeout=10) for _ in range(3))
    for kind in ("a", "b", "c"):
        enqueue(db, jobs, kind, 4)
    woken = threading.Event()
    pump.attach(woken.set)
    for _ in range(1_000):
        if len(done) == 12:
            break
        pump.step()
        woken.wait(0.01)
    assert sorted(done) == ["a"] * 4 + ["b"] * 4 + ["c"] * 4
    assert not slow.acquire(blocking=False)
    go.set()
    rest(pump)


def test_long_handler_keeps_its_lease(db: Database, jobs: Jobs, pump_of: Pumps, real: VirtualClock) -> None:
    go, started = threading.Event(), threading.Event()
    runs: list[int] = []

    def handler(job: LeasedJob) -> None:
        runs.append(job.attempt)
        started.set()
        assert go.wait(20)

    jobs.register("k", handler)
    enqueue(db, jobs, "k")
    first, second = pump_of(jobs, lease_seconds=30), pump_of(jobs, lease_seconds=30)
    first.step()
    assert started.wait(10)
    for _ in range(5):
        pass_seconds(real, 20)
        first.renew()
        assert second.step() == 0
    go.set()
    rest(first)
    assert runs == [1]
    assert stored(db) == []


def test_heartbeat_renews_by_itself(db: Database, jobs: Jobs, pump_of: Pumps, real: VirtualClock) -> None:
    go, started = threading.Event(), threading.Event()

    def handler(job: LeasedJob) -> None:
        started.set()
        assert go.wait(20)

    jobs.register("k", handler)
    enqueue(db, jobs, "k")
    pump = pump_of(jobs, lease_seconds=0.03)
    pump.step()
    assert started.wait(10)
    pass_seconds(real, 3600)
    until = sa.select(job_table.c.leased_until_ms)
    for _ in range(2_000):
        if db.read(lambda c: c.scalar(until)) > real.now_ms():
            break
        go.wait(0.005)
    else:
        raise AssertionError("the lease was not renewed")
    go.set()
    rest(pump)


def test_worker_that_lost_its_lease_does_not_complete(
    db: Database, jobs: Jobs, pump_of: Pumps, clock: VirtualClock, real: VirtualClock
) -> None:
    """The first worker is halted for longer than its lease; the second takes over; one effect remains."""
    go, started = threading.Event(), threading.Event()
    effects: list[int] = []

    def handler(job: LeasedJob) -> None:
        if job.attempt == 1:
            started.set()
            assert go.wait(20)

        def work(connection: sa.Connection) -> None:
            db.after_commit(connection, lambda: effects.append(job.attempt))
            job.finish(connection)

        db.write(work)

    jobs.register("k", handler)
    enqueue(db, jobs, "k")
    first, second = pump_of(jobs), pump_of(jobs)
    first.step()
    assert started.wait(10)
    pass_seconds(real, 3600)
    assert second.step() == 1
    for _ in range(1_000):
        if effects:
            break
        go.wait(0.005)
    go.set()
    rest(first)
    rest(second)
    assert effects == [2]
    assert stored(db) == []


def test_stop_gives_back_what_has_not_begun(db: Database, jobs: Jobs, pump_of: Pumps) -> None:
    """Of a batch that is tried again job by job, the second is given back while the first runs."""
    go, started = threading.Event(), threading.Event()

    def handler(batch: Sequence[LeasedJob]) -> None:
        started.set()
        assert go.wait(20)

    jobs.register("k", handler, batch=True)
    enqueue(db, jobs, "k", 2)
    db.write(lambda c: c.execute(sa.update(job_table).values(attempts=1)) and None)
    pump = pump_of(jobs)
    pump.step()
    assert started.wait(10)
    stopping = threading.Thread(target=pump.stop, args=(20,))
    stopping.start()
    while not pump._stopping:
        go.wait(0.001)
    go.set()
    stopping.join(20)
    assert [(attempts, state) for _, state, attempts, _ in stored(db)] == [(1, "ready")]
    lease = db.read(lambda c: c.execute(sa.select(job_table.c.lease, job_table.c.leased_until_ms)).one())
    assert tuple(lease) == (None, 0)
    assert pump.step() == 0


def test_stop_is_bounded(db: Database, jobs: Jobs, pump_of: Pumps) -> None:
    go, started = threading.Event(), threading.Event()

    def handler(job: LeasedJob) -> None:
        started.set()
        go.wait(20)

    jobs.register("k", handler)
    enqueue(db, jobs, "k")
    pump = pump_of(jobs)
    pump.step()
    assert started.wait(10)
    pump.stop(0.01)
    assert pump.outstanding() == 1
    go.set()


def test_unknown_kinds_wait_for_a_worker_that_knows_them(
    db: Database, jobs: Jobs, pump_of: Pumps, clock: VirtualClock
) -> None:
    enqueue(db, jobs, "new")
    rest(pump_of(jobs))
    assert len(stored(db)) == 1
    newer = Jobs(db, clock)
    done: list[str] = []
    newer.register("new", lambda job: done.append(job.kind))
    rest(pump_of(newer))
    assert done == ["new"]
