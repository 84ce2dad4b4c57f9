from __future__ import annotations

import threading
from datetime import timedelta

import sqlalchemy as sa

from clarion.core.clock import VirtualClock
from clarion.core.ids import SystemIds
from clarion.engine.leases import Heartbeat, Leadership, forget, leases
from clarion.store.database import Database


def leader(db: Database, real: VirtualClock, name: str = "x") -> Leadership:
    return Leadership(db, name, real=real, ids=SystemIds(), seconds=9)


def pass_seconds(real: VirtualClock, seconds: float) -> None:
    real.move_to(real.now() + timedelta(seconds=seconds))


def test_one_leads_until_its_lease_expires(db: Database, real: VirtualClock) -> None:
    first, second = leader(db, real), leader(db, real)
    assert first.hold()
    assert not second.hold()
    pass_seconds(real, 8)
    assert not second.hold()
    pass_seconds(real, 1)
    assert second.hold()
    assert not first.hold()


def test_who_keeps_asking_keeps_the_lead(db: Database, real: VirtualClock) -> None:
    first, second = leader(db, real), leader(db, real)
    for _ in range(20):
        assert first.hold()
        assert not second.hold()
        pass_seconds(real, 4)


def test_a_released_lease_is_free_at_once(db: Database, real: VirtualClock) -> None:
    first, second = leader(db, real), leader(db, real)
    assert first.hold()
    second.release()  # not its own: nothing happens
    assert not second.hold()
    first.release()
    assert second.hold()


def test_names_do_not_disturb_each_other(db: Database, real: VirtualClock) -> None:
    assert leader(db, real, "a").hold()
    assert leader(db, real, "b").hold()


def test_leases_of_the_dead_are_forgotten(db: Database, real: VirtualClock) -> None:
    for name in ("lane.a", "lane.b", "lanes", "ingest"):
        assert leader(db, real, name).hold()
    pass_seconds(real, 60)
    assert leader(db, real, "lane.b").hold()
    db.write(lambda c: forget(c, "lane.", real.now_ms() - 30_000))
    assert db.read(lambda c: sorted(c.scalars(sa.select(leases.c.name)))) == ["ingest", "lane.b", "lanes"]


def test_of_many_at_once_one_wins(db: Database, real: VirtualClock) -> None:
    leaders = [leader(db, real) for _ in range(8)]
    held: list[bool] = []
    threads = [threading.Thread(target=lambda one=one: held.append(one.hold())) for one in leaders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(held) == [False] * 7 + [True]


def test_heartbeat_goes_on_after_an_error() -> None:
    beats = threading.Semaphore(0)

    def beat() -> None:
        beats.release()
        raise RuntimeError("once more")

    heartbeat = Heartbeat("test", 0.001, beat)
    heartbeat.start()
    heartbeat.start()
    assert all(beats.acquire(timeout=10) for _ in range(3))
    heartbeat.stop()
