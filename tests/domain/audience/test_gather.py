"""Updates that arrive together: one transaction, and still each for itself."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import msgspec
import pytest
import sqlalchemy as sa

from clarion.core.errors import ClarionError, Invalid, NotFound, Unavailable
from clarion.domain.audience.gather import MOST, Gathered
from clarion.domain.audience.service import Outcome
from clarion.shapes.pinpoint import EndpointRequest
from clarion.store.database import Database
from tests.domain.audience.conftest import CTX, House, mail
from tests.domain.audience.test_merging_events import rows


def update(house: House, endpoint_id: str, app: str = "", **body: object) -> Future[Outcome]:
    request = msgspec.convert(body, EndpointRequest)
    return house.audience.update(CTX.scope, app or house.app, endpoint_id, request, f"request-{endpoint_id}")


class Held:
    """A writer that is busy until released, so that what is submitted meanwhile waits together."""

    def __init__(self, database: Database) -> None:
        self._go = threading.Event()
        self._works = [database.submit(lambda _: self._go.wait(30)) for _ in range(8)]

    def release(self) -> None:
        self._go.set()
        for work in self._works:
            work.result(30)


def test_what_waits_together_is_written_together(house: House) -> None:
    held = Held(house.database)
    waiting = [update(house, f"e{n}", **mail(f"a{n}")) for n in range(50)]
    again = update(house, "e0", OptOut="ALL")
    held.release()
    for future in [*waiting, again]:
        assert future.result(30).status_code == 202
    assert (house.get("e0")["OptOut"], house.get("e49")["Address"]) == ("ALL", "a49")
    assert house.get("e7")["RequestId"] == "request-e7"
    assert rows(house) == 1


def test_each_fails_alone(small: House) -> None:
    other = small.apps.create(CTX.scope, "Other", None).app.id
    held = Held(small.database)
    waiting = [update(small, f"e{n}", **mail(f"a{n}", "u")) for n in range(4)]
    unknown_app = update(small, "e", app="0" * 32, **mail("a"))
    incomplete = update(small, "x", Address="a")
    elsewhere = update(small, "e", app=other, **mail("a0"))
    held.release()
    assert [future.exception(30) is None for future in waiting] == [True, True, True, False]
    assert isinstance(waiting[3].exception(), Invalid)
    assert isinstance(unknown_app.exception(30), NotFound)
    assert isinstance(incomplete.exception(30), Invalid)
    assert elsewhere.result(30).status_code == 202
    assert small.get("e0")["EndpointStatus"] == "ACTIVE"


def test_a_full_batch_makes_room_for_the_next(database: Database) -> None:
    sizes: list[int] = []

    def work(connection: sa.Connection, items: Sequence[int]) -> list[int | Exception]:
        sizes.append(len(items))
        return [item * 2 for item in items]

    gathered: Gathered[int, int] = Gathered(database, work)
    held = Held(database)
    futures = [gathered.submit(number) for number in range(MOST + 10)]
    held.release()
    assert [future.result(30) for future in futures] == [number * 2 for number in range(MOST + 10)]
    assert sizes == [MOST, 10]


def test_what_nobody_waits_for_is_done_all_the_same(database: Database) -> None:
    done: list[int] = []

    def work(connection: sa.Connection, items: Sequence[int]) -> list[int | Exception]:
        done.extend(items)
        return list(items)

    gathered: Gathered[int, int] = Gathered(database, work)
    held = Held(database)
    first, second = gathered.submit(1), gathered.submit(2)
    first.cancel()
    held.release()
    assert second.result(30) == 2
    assert done == [1, 2]


def test_a_failed_transaction_fails_all_and_the_next_batch_works(database: Database) -> None:
    broken = True

    def work(connection: sa.Connection, items: Sequence[int]) -> list[int | Exception]:
        if broken:
            raise RuntimeError("no")
        return list(items)

    gathered: Gathered[int, int] = Gathered(database, work)
    held = Held(database)
    futures = [gathered.submit(number) for number in range(3)]
    held.release()
    for future in futures:
        with pytest.raises(RuntimeError):
            future.result(30)
    broken = False
    assert gathered.submit(5).result(30) == 5


def test_a_closed_database_is_said_to_every_caller(database: Database) -> None:
    gathered: Gathered[int, int] = Gathered(database, lambda _, items: list(items))
    database.close()
    for _ in range(2):
        with pytest.raises(Unavailable):
            gathered.submit(1).result(30)


def test_rules_hold_among_concurrent_callers(small: House) -> None:
    """Many threads, few endpoints, users and addresses: whatever the order, what must hold at the end holds."""

    def one(number: int) -> None:
        try:
            if number % 9 == 0:
                small.batch(*({"Id": f"e{(number + k) % 12}", **mail(f"a{k}", f"u{k % 3}")} for k in range(4)))
            elif number % 7 == 0:
                small.delete(f"e{number % 12}")
            else:
                user = f"u{number % 3}"
                small.put(f"e{number % 12}", **mail(f"a{number % 5}", user, **{f"x{number % 4}": [str(number)]}))
        except ClarionError:
            pass

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(400)))
    found = small.audience.load(small.app, [f"e{n}" for n in range(12)])
    assert found
    active = [one.contact for one in found.values() if one.status == "ACTIVE"]
    assert len(active) == len(set(active))
    for user in ("u0", "u1", "u2"):
        members = small.audience.user_endpoints(small.app, user)
        assert len(members) <= 3
        assert all(member.user_attributes == members[0].user_attributes for member in members)


def test_concurrent_changes_of_one_endpoint_all_arrive(house: House) -> None:
    house.put("e", **mail("a"))

    def one(number: int) -> None:
        if number % 2:
            house.put("e", Attributes={f"x{number}": ["1"]})
        else:
            house.batch({"Id": "E", "Attributes": {f"x{number}": ["1"]}})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(100)))
    assert house.get("e")["Attributes"].keys() == {f"x{number}" for number in range(100)}
