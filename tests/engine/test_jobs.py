"""The job table: keys, leases that never overlap, completion that only the holder can do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
import sqlalchemy as sa

from clarion.core.clock import VirtualClock
from clarion.engine import job_rows
from clarion.engine.jobs import Jobs, LeasedJob, NewJob, finish_all
from clarion.engine.leases import LeaseLost
from clarion.store.database import Database

NOW = 1_000_000
LEASE = 30_000


class Args(msgspec.Struct):
    n: int


@pytest.fixture
def jobs(db: Database, clock: VirtualClock) -> Jobs:
    return Jobs(db, clock)


def enqueue(db: Database, jobs: Jobs, kind: str, *dues: int, key: str | None = None) -> None:
    def work(connection: sa.Connection) -> None:
        for number, due_ms in enumerate(dues):
            jobs.enqueue(connection, kind, Args(number), due_ms=due_ms, key=key)

    db.write(work)


def lease(db: Database, count: int, token: str, *, kind: str = "k", now: int = NOW, real: int = NOW) -> list[LeasedJob]:
    rows = db.write(
        lambda c: job_rows.lease(c, kind, count, token=token, due_by_ms=now, real_ms=real, until_ms=real + LEASE)
    )
    return [LeasedJob(row, token, db) for row in rows]


def test_leases_the_earliest_due_of_a_kind(db: Database, jobs: Jobs) -> None:
    enqueue(db, jobs, "k", NOW, NOW - 2, NOW + 1, NOW - 1)
    enqueue(db, jobs, "other", NOW - 9)
    taken = lease(db, 2, "t")
    assert [(job.kind, job.due_ms, job.attempt, job.decode(Args).n) for job in taken] == [
        ("k", NOW - 2, 1, 1),
        ("k", NOW - 1, 1, 3),
    ]
    assert [job.due_ms for job in lease(db, 9, "u")] == [NOW]
    assert lease(db, 9, "v") == []
    assert [job.due_ms for job in lease(db, 9, "w", now=NOW + 1)] == [NOW + 1]


def test_concurrent_leasers_never_share_a_job(db: Database, jobs: Jobs) -> None:
    total = 1200
    db.write(lambda c: jobs.enqueue_all(c, "k", [NewJob({"n": n}, NOW) for n in range(total)]))

    def work(worker: int) -> list[int]:
        mine: list[int] = []
        empty = 0
        while empty < 3:
            taken = lease(db, 17, f"{worker}-{len(mine)}")
            empty = 0 if taken else empty + 1  # rows another worker is taking are skipped, not waited for
            mine.extend(job.id for job in taken)
            db.write(lambda c, taken=taken: finish_all(c, taken[::2]))
        return mine

    with ThreadPoolExecutor(3) as pool:
        found = [pool.submit(work, worker) for worker in range(3)]
        everything = [job for future in found for job in future.result(60)]
    assert len(everything) == len(set(everything)) == total


def test_expired_lease_passes_on_and_counts_as_an_attempt(db: Database, jobs: Jobs) -> None:
    enqueue(db, jobs, "k", NOW)
    (first,) = lease(db, 1, "first")
    assert lease(db, 1, "early", real=NOW + LEASE - 1) == []
    (second,) = lease(db, 1, "second", real=NOW + LEASE)
    assert (second.id, second.attempt) == (first.id, 2)


def test_virtual_time_does_not_expire_a_lease(db: Database, jobs: Jobs) -> None:
    enqueue(db, jobs, "k", NOW)
    assert len(lease(db, 1, "first")) == 1
    assert lease(db, 1, "second", now=NOW + 10 * LEASE) == []


def test_renewed_lease_lasts_longer(db: Database, jobs: Jobs) -> None:
    enqueue(db, jobs, "k", NOW)
    (job,) = lease(db, 1, "first")
    assert db.write(lambda c: job_rows.renew(c, [job.id], "first", NOW + 2 * LEASE)) == 1
    assert db.write(lambda c: job_rows.renew(c, [job.id], "another", NOW + 9 * LEASE)) == 0
    assert lease(db, 1, "second", real=NOW + LEASE) == []
    assert len(lease(db, 1, "second", real=NOW + 2 * LEASE)) == 1


def test_only_the_holder_can_finish(db: Database, jobs: Jobs) -> None:
    enqueue(db, jobs, "k", NOW)
    (late,) = lease(db, 1, "late")
    (holder,) = lease(db, 1, "holder", real=NOW + LEASE)

    def work(connection: sa.Connection) -> None:
        jobs.enqueue(connection, "effect", Args(1), due_ms=NOW)
        late.finish(connection)

    with pytest.raises(LeaseLost):
        db.write(work)
    assert lease(db, 1, "t", kind="effect") == []
    db.write(holder.finish)
    assert (late.finished, holder.finished) == (False, True)
    with pytest.raises(LeaseLost):
        db.write(holder.finish)


def test_finish_is_part_of_the_transaction(db: Database, jobs: Jobs) -> None:
    enqueue(db, jobs, "k", NOW)
    (job,) = lease(db, 1, "t")

    def work(connection: sa.Connection) -> None:
        job.finish(connection)
        raise ValueError("undo")

    with pytest.raises(ValueError, match="undo"):
        db.write(work)
    assert not job.finished
    db.write(job.finish)
    assert lease(db, 1, "u", real=NOW + LEASE) == []


def test_one_lost_job_undoes_the_whole_batch(db: Database, jobs: Jobs) -> None:
    db.write(lambda c: jobs.enqueue_all(c, "k", [NewJob({}, NOW, "a"), NewJob({}, NOW, "b")]))
    taken = lease(db, 2, "t")
    db.write(lambda c: jobs.cancel(c, "a"))
    with pytest.raises(LeaseLost):
        db.write(lambda c: finish_all(c, taken))
    assert [job.key for job in lease(db, 2, "u", real=NOW + LEASE)] == ["b"]


def test_same_key_moves_the_job(db: Database, jobs: Jobs) -> None:
    enqueue(db, jobs, "k", NOW + 5, key="x")
    enqueue(db, jobs, "k", NOW + 7, NOW - 1, key="x")
    (job,) = lease(db, 9, "t", now=NOW + 10)
    assert (job.key, job.due_ms, job.decode(Args).n) == ("x", NOW - 1, 1)


def test_moving_a_running_job_takes_it_from_its_worker(db: Database, jobs: Jobs) -> None:
    enqueue(db, jobs, "k", NOW, key="x")
    (running,) = lease(db, 1, "t")
    enqueue(db, jobs, "k", NOW + 1, key="x")
    with pytest.raises(LeaseLost):
        db.write(running.finish)
    (moved,) = lease(db, 1, "u", now=NOW + 1)
    assert moved.attempt == 1


def test_handler_may_finish_and_enqueue_its_own_key(db: Database, jobs: Jobs) -> None:
    enqueue(db, jobs, "k", NOW, key="x")
    (job,) = lease(db, 1, "t")

    def work(connection: sa.Connection) -> None:
        job.finish(connection)
        jobs.enqueue(connection, "k", Args(2), due_ms=NOW, key="x")

    db.write(work)
    (following,) = lease(db, 1, "u")
    assert following.id != job.id


def test_cancel_removes_a_job_even_while_it_runs(db: Database, jobs: Jobs) -> None:
    enqueue(db, jobs, "k", NOW, key="x")
    (job,) = lease(db, 1, "t")
    assert db.write(lambda c: jobs.cancel(c, "x"))
    assert not db.write(lambda c: jobs.cancel(c, "x"))
    with pytest.raises(LeaseLost):
        db.write(job.finish)


def test_rolled_back_enqueue_leaves_nothing(db: Database, jobs: Jobs) -> None:
    woken: list[int] = []
    jobs.wake = lambda: woken.append(1)

    def work(connection: sa.Connection) -> None:
        jobs.enqueue(connection, "k", Args(1), due_ms=0)
        raise ValueError

    with pytest.raises(ValueError):
        db.write(work)
    assert lease(db, 1, "t") == []
    assert woken == []


def test_enqueue_wakes_only_for_what_is_due_soon(db: Database, jobs: Jobs, clock: VirtualClock) -> None:
    woken: list[int] = []
    jobs.wake = lambda: woken.append(1)
    enqueue(db, jobs, "k", clock.now_ms() + 60_000)
    assert woken == []
    enqueue(db, jobs, "k", clock.now_ms())
    assert woken == [1]


def test_earliest_due_by_kind_leaves_out_what_is_held(db: Database, jobs: Jobs) -> None:
    enqueue(db, jobs, "k", NOW, NOW + 3)
    enqueue(db, jobs, "l", NOW + 1)

    def earliest(real: int) -> list[tuple[str, int]]:
        return db.read(lambda c: job_rows.earliest(c, ["k", "l", "none"], real))

    assert earliest(NOW) == [("k", NOW), ("l", NOW + 1)]
    lease(db, 1, "t")
    assert earliest(NOW) == [("l", NOW + 1), ("k", NOW + 3)]
    assert earliest(NOW + LEASE) == [("k", NOW), ("l", NOW + 1)]
    assert db.read(lambda c: job_rows.earliest(c, [], NOW)) == []
    assert db.read(job_rows.waiting_kinds) == ["k", "l"]


def test_arguments_of_another_shape_are_refused(db: Database, jobs: Jobs) -> None:
    db.write(lambda c: jobs.enqueue(c, "k", {"n": "many"}, due_ms=NOW))
    (job,) = lease(db, 1, "t")
    with pytest.raises(msgspec.ValidationError):
        job.decode(Args)


def test_a_kind_has_one_handler(jobs: Jobs) -> None:
    jobs.register("k", lambda job: None)
    with pytest.raises(ValueError, match="k"):
        jobs.register("k", lambda job: None)
