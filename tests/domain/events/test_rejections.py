"""Rejections on their way into the table, and out of it again: rates, counts, ages, and the order they are read in."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from clarion.core.errors import Forbidden, Invalid, NotFound, TooLarge, TooMany
from clarion.core.scope import Scope
from clarion.domain.events.model import DropReason
from clarion.domain.events.rejections import keeping, store
from clarion.domain.events.rejections.jobs import EXPIRE, RejectionsJobs
from clarion.domain.events.rejections.keeping import Rejections
from clarion.domain.events.rejections.model import KEEP_MS, RULES, Kept, RequestReason, cut, reason_of
from clarion.engine.jobs import Jobs
from clarion.engine.workers import JobsPump
from tests.domain.events.conftest import House


@pytest.fixture
def kept(house: House) -> Rejections:
    """Written down by `flush` only: the thread that does it otherwise is told that it has ended."""
    found = Rejections(house.database, house.apps, house.jobs, house.clock)
    found._ending.set()
    return found


def all_of(house: House, app: str | None = None, after: int = 0) -> list[Kept]:
    wanted = store.Wanted(house.scope, house.app if app is None else app, 0, after)
    return house.database.read(lambda connection: store.newest(connection, wanted, 100_000))[::-1]


def refuse(house: House, kept: Rejections, message: str = "no", app: str | None = None) -> None:
    kept.of_request(house.scope, house.app if app is None else app, "r", "AKID", Invalid(message), proven=True)


def test_every_reason_has_a_rule() -> None:
    assert set(RULES) == {*DropReason, *RequestReason}
    assert reason_of(Forbidden("x"), proven=False) is RequestReason.SIGNATURE
    assert reason_of(Forbidden("x"), proven=True) is RequestReason.NOT_ALLOWED
    assert reason_of(NotFound(), proven=True) is RequestReason.PROJECT
    assert reason_of(TooLarge("x"), proven=False) is RequestReason.REQUEST_TOO_LARGE
    assert reason_of(TooMany("x"), proven=True) is RequestReason.THROTTLED
    assert reason_of(Invalid("x"), proven=True) is RequestReason.REQUEST
    assert len(cut("x\0" * 5_000)) == 1_000
    assert "\0" not in cut("x\0y")


def test_a_flood_is_counted(house: House, kept: Rejections, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(keeping, "perf_seconds", lambda: now[0])
    other = house.apps.create(house.scope, "other", None).app.id
    for number in range(1_000):
        refuse(house, kept, str(number))
    refuse(house, kept, "other", other)
    kept.flush()
    assert [one.detail.message for one in all_of(house)] == [str(number) for number in range(keeping.REASON_A_SECOND)]
    assert [one.detail.message for one in all_of(house, other)] == ["other"]
    now[0] = 1.5
    refuse(house, kept, "later")
    kept.flush()
    more, later = all_of(house)[-2:]
    assert (more.reason, later.reason) == (RequestReason.MORE, RequestReason.REQUEST)
    assert more.detail.message.startswith(f"{1_000 - keeping.REASON_A_SECOND} more")
    now[0] = 3.0
    kept.flush()
    assert kept._seconds == {}


def test_the_oldest_go_first(house: House, kept: Rejections, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "TRIM_EVERY", 10)
    monkeypatch.setattr(keeping, "REASON_A_SECOND", 1_000)
    monkeypatch.setattr(keeping, "PROJECT_A_SECOND", 1_000)
    monkeypatch.setattr(store, "MOST", 20)
    for number in range(95):
        refuse(house, kept, str(number))
        kept.flush()
    left = [int(one.detail.message) for one in all_of(house)]
    assert left == list(range(95 - len(left), 95))
    assert 20 <= len(left) < 30


def test_old_ones_go_and_the_job_ends_with_them(house: House, kept: Rejections) -> None:
    jobs = Jobs(house.database, house.clock)
    RejectionsJobs(house.database, jobs, house.clock)
    pump = JobsPump(house.database, jobs, clock=house.clock, real=house.clock, ids=house.ids)
    refuse(house, kept, "old")
    kept.flush()
    for _ in range(KEEP_MS // 86_400_000 + 2):
        house.clock.move_to(house.clock.now() + timedelta(days=1, seconds=1))
        while pump.step() or pump.outstanding():
            pass
    assert all_of(house) == []
    assert not house.database.read(lambda connection: jobs.has(connection, EXPIRE))
    pump.stop(5)


def test_unknown_and_deleted_projects(house: House, kept: Rejections) -> None:
    refuse(house, kept, app="nowhere\0")
    body = {"BatchItem": {"lea": {"Endpoint": {}, "Events": {"e": {}}}}}
    events = house.open_events()
    events._tools = events._tools._replace(rejections=kept)
    events.put(house.context(), house.app, json.dumps(body).encode()).result(10)
    kept.flush()
    [nowhere] = all_of(house, "")
    assert nowhere.detail.asked == "nowhere\N{REPLACEMENT CHARACTER}"
    [lea] = all_of(house)
    assert (lea.endpoint_key, lea.reason) == ("lea", DropReason.EVENT_TYPE)
    events.put(house.context(), house.app, json.dumps(body).encode()).result(10)
    house.apps.delete(house.scope, house.app)
    kept.flush()
    assert len(all_of(house, "")) == 1
    assert house.database.write(lambda connection: store.erase(connection, house.app, 10)) == 1


def test_whoever_has_read_one_has_missed_none(house: House) -> None:
    """Several processes write at once; a reader goes on behind the greatest number it has seen."""
    several = [Rejections(house.database, house.apps, house.jobs, house.clock) for _ in range(4)]

    def write(one: Rejections) -> None:
        for _ in range(5):
            refuse(house, one)
            one.flush()

    threads = [threading.Thread(target=write, args=(one,)) for one in several]
    for thread in threads:
        thread.start()
    read: list[int] = []
    while any(thread.is_alive() for thread in threads) or len(read) < 20:
        read += [one.seq for one in all_of(house, after=max(read, default=0))]
    assert (
        len(read)
        == len(set(read))
        == 20
        == house.database.read(
            lambda connection: connection.scalar(sa.select(sa.func.count()).select_from(store.rejections))
        )
    )
    for one in several:
        one.close()


def test_nobody_elses(house: House, kept: Rejections) -> None:
    refuse(house, kept)
    kept.flush()
    for scope in (Scope("000000000002", house.scope.region), Scope(house.scope.account, "us-east-1")):
        wanted = store.Wanted(scope, None, 0)
        assert house.database.read(lambda connection, wanted=wanted: store.newest(connection, wanted, 10)) == []  # type: ignore[misc]
