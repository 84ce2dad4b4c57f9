"""The columnar mirror over the log: equal to the state database once it has caught up, whatever happened."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, cast

import pyarrow as pa
import pytest
import sqlalchemy as sa

from clarion.core.clock import SystemClock, from_ms
from clarion.core.errors import ClarionError
from clarion.core.ids import SystemIds
from clarion.domain.audience import store
from clarion.domain.audience.columnar import DDL, MirrorSink, tokens
from clarion.domain.audience.model import Demographic, Endpoint, Location
from clarion.domain.audience.store import LOG_KIND
from clarion.engine.log import LogConsumer, LogRow
from clarion.engine.log_batches import ingest_log
from clarion.store.columnar import Columnar
from tests.domain.audience.conftest import CTX, House, mail


@pytest.fixture
def mirror(columnar: Columnar) -> Columnar:
    for statement in DDL:
        columnar.command(statement)
    return columnar


def consumer(house: House, mirror: Columnar) -> LogConsumer:
    sinks = {LOG_KIND: MirrorSink(house.database, mirror)}
    return LogConsumer(house.database, sinks, real=SystemClock(), ids=SystemIds())


def mirrored(mirror: Columnar, app_id: str) -> dict[str, tuple[Any, ...]]:
    columns = (
        "endpoint_key, endpoint_id, channel_type, address, opt_out, status, user_id, effective, created, cohort,"
        " make, locale, city, latitude, attributes, user_attributes, metric_names, metric_values"
    )
    rows = mirror.query(f"SELECT {columns} FROM endpoints FINAL WHERE app_id = {{app:String}}", {"app": app_id})
    return {str(row[0]): tuple(row[1:]) for row in rows}


def stored(house: House, app_id: str) -> dict[str, tuple[Any, ...]]:
    keys = house.database.read(lambda c: store.keys_after(c, app_id, "", 10_000))
    return {key: _columns(one) for key, one in house.audience.load(app_id, keys).items()}


def _columns(one: Endpoint) -> tuple[Any, ...]:
    demographic, location = one.demographic or Demographic(), one.location or Location()
    return (
        one.id,
        one.channel_type,
        one.address,
        one.opt_out,
        one.status,
        one.user_id,
        from_ms(one.effective_ms),
        from_ms(one.created_ms),
        one.cohort,
        demographic.make,
        demographic.locale,
        location.city,
        location.latitude,
        list(tokens(one.attributes)),
        list(tokens(one.user_attributes)),
        list(one.metrics),
        list(one.metrics.values()),
    )


def test_an_endpoint_in_columns(house: House, mirror: Columnar) -> None:
    house.put(
        "E1",
        **mail("lea@acme.test", "u", plan=["gold"]),
        Attributes={"a": ["1", "x\ny"], "none": []},
        Metrics={"m": 1.5, "n": 2},
        Demographic={"Make": "Apple", "AppVersion": "1.2", "Timezone": "Europe/Bern"},
        Location={"City": "Bern", "Country": "CH", "Latitude": 46.94},
        EffectiveDate="2027-01-01T00:00:00.125Z",
    )
    consumer(house, mirror).catch_up()
    [row] = mirror.query(
        "SELECT endpoint_key, endpoint_id, address, attributes, user_attributes, metric_names, metric_values,"
        " timezone, app_version, latitude, longitude, toString(effective), deleted FROM endpoints FINAL"
    )
    assert row == (
        "e1",
        "E1",
        "lea@acme.test",
        ["a\x1f1", "a\x1fx\ny"],
        ["plan\x1fgold"],
        ["m", "n"],
        [1.5, 2.0],
        "Europe/Bern",
        "1.2",
        46.9,
        None,
        "2027-01-01 00:00:00.125",
        0,
    )


def test_deleted_and_made_again_while_the_clock_stands_still(house: House, mirror: Columnar) -> None:
    ingest = consumer(house, mirror)
    for round_ in range(3):
        house.put("e", **mail(f"a{round_}"))
        ingest.catch_up()
        assert mirrored(mirror, house.app)["e"][2] == f"a{round_}"
        house.delete("e")
        ingest.catch_up()
        assert mirrored(mirror, house.app) == {}
    house.put("e", **mail("last"))
    house.delete("e")
    house.put("e", **mail("again"))
    ingest.catch_up()
    assert mirrored(mirror, house.app)["e"][2] == "again"


@pytest.mark.parametrize("seed", range(3))
def test_the_mirror_equals_the_state_after_random_writes(house: House, mirror: Columnar, seed: int) -> None:
    chance = random.Random(seed)
    ingest = consumer(house, mirror)
    for turn in range(150):
        if turn % 7 == 0:
            house.clock.move_to(house.clock.now() + timedelta(seconds=1))
        with suppress(ClarionError):
            chance.choice(WRITES)(house, chance)
        if turn % 40 == 39:
            ingest.catch_up()
            assert mirrored(mirror, house.app) == stored(house, house.app)
    ingest.catch_up()
    final = stored(house, house.app)
    assert mirrored(mirror, house.app) == final
    assert len(final) > 3


def _body(chance: random.Random) -> dict[str, Any]:
    body: dict[str, Any] = mail(f"a{chance.randrange(8)}", chance.choice(["", "u1", "u2", "u3"]))
    if chance.random() < 0.5:
        body["Attributes"] = {chance.choice("xyz"): [str(chance.randrange(3)) for _ in range(chance.randrange(3))]}
    if chance.random() < 0.3:
        body.setdefault("User", {})["UserAttributes"] = {chance.choice("xyz"): [str(chance.randrange(3))]}
    if chance.random() < 0.3:
        body["Metrics"] = {chance.choice("mn"): chance.random()}
    if chance.random() < 0.2:
        body["EffectiveDate"] = f"20{chance.randrange(10, 40)}-01-01T00:00:00Z"
    if chance.random() < 0.2:
        body["Location"] = {"City": "Bern", "Latitude": chance.random() * 90}
    return body


def _id(chance: random.Random) -> str:
    return chance.choice(["e", "E"]) + str(chance.randrange(10))


WRITES: list[Callable[[House, random.Random], object]] = [
    lambda house, chance: house.put(_id(chance), **_body(chance)),
    lambda house, chance: house.batch(*({"Id": _id(chance), **_body(chance)} for _ in range(5))),
    lambda house, chance: house.delete(_id(chance)),
    lambda house, chance: house.audience.delete_user(CTX.scope, house.app, chance.choice(["u1", "u2"])),
    lambda house, chance: house.database.write(
        lambda c: house.audience.deactivate(c, house.app, [f"e{chance.randrange(10)}"], "TEST")
    ),
]
WRITES[1:1] = [WRITES[0]] * 3


def test_rows_taken_twice_and_out_of_order_change_nothing(house: House, mirror: Columnar) -> None:
    house.put("e1", **mail("a"))
    house.put("e2", **mail("b"))
    house.delete("e1")
    house.put("e1", **mail("c"))
    house.delete("e2")
    rows = house.database.read(
        lambda c: [LogRow(*row) for row in c.execute(sa.select(ingest_log).order_by(ingest_log.c.id))]
    )
    expected = stored(house, house.app)
    sink = MirrorSink(house.database, mirror)
    for number, part in enumerate((rows[3:], rows[:2], rows, rows[2:4], rows[::-1])):
        sink.consume(part, f"token{number}")
    assert mirrored(mirror, house.app) == expected
    sink.consume(rows, "token2")
    assert mirrored(mirror, house.app) == expected


class Late:
    """A columnar store that keeps inserts back until `arrive`: a consumer that was overtaken."""

    def __init__(self, columnar: Columnar) -> None:
        self._columnar = columnar
        self._kept: list[tuple[str, pa.Table, str, str | None]] = []

    def insert_arrow(self, table: str, data: pa.Table, *, token: str, select: str | None = None) -> None:
        self._kept.append((table, data, token, select))

    def arrive(self) -> None:
        for table, data, token, select in self._kept:
            self._columnar.insert_arrow(table, data, token=token, select=select)


def test_the_newest_counts_even_when_it_comes_first(house: House, mirror: Columnar) -> None:
    def taken(sink: MirrorSink, token: str) -> None:
        rows = house.database.read(
            lambda c: [LogRow(*row) for row in c.execute(sa.select(ingest_log).order_by(ingest_log.c.id))]
        )
        sink.consume(rows, token)

    old, older = Late(mirror), Late(mirror)
    house.put("changed", **mail("old"))
    house.put("gone", **mail("x"))
    taken(MirrorSink(house.database, cast(Columnar, older)), "older")
    house.delete("changed")
    taken(MirrorSink(house.database, cast(Columnar, old)), "old")
    house.put("changed", **mail("new"))
    house.delete("gone")
    taken(MirrorSink(house.database, mirror), "new")
    old.arrive()
    older.arrive()
    assert mirrored(mirror, house.app) == stored(house, house.app)
    assert mirrored(mirror, house.app)["changed"][2] == "new"


def test_a_deleted_app_leaves_the_mirror(house: House, mirror: Columnar) -> None:
    other = house.apps.create(CTX.scope, "Other", None).app.id
    house.batch(*({"Id": f"e{n}", **mail(f"a{n}")} for n in range(100)))
    house.put("e", app=other, **mail("a"))
    ingest = consumer(house, mirror)
    ingest.catch_up()
    house.put("e1", OptOut="ALL")
    house.apps.delete(CTX.scope, house.app)
    house.engine.settle()
    ingest.catch_up()
    assert mirrored(mirror, house.app) == {}
    assert list(mirrored(mirror, other)) == ["e"]


def test_dates_that_the_mirror_cannot_hold_are_cut(house: House, mirror: Columnar) -> None:
    house.put("old", **mail("a"), EffectiveDate="0001-01-01T00:00:00Z")
    house.put("far", **mail("b"), EffectiveDate="9999-12-31T00:00:00Z")
    consumer(house, mirror).catch_up()
    rows = dict(mirror.query("SELECT endpoint_key, toYear(effective) FROM endpoints FINAL"))
    assert rows == {"old": 1900, "far": 2299}
