"""The check of the mirror: quiet when both copies are equal, and each kind of difference found and repaired."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from clarion.core.errors import ClarionError
from clarion.domain.audience import store
from clarion.domain.audience.columnar import COLUMNS, DDL
from clarion.domain.audience.mirror.check import Difference, MirrorCheck, Position, Progress
from clarion.engine.log import LogConsumer
from clarion.store.columnar import Columnar
from tests.domain.audience.conftest import CTX, House, mail
from tests.domain.audience.test_mirror import WRITES, consumer, mirrored, stored

FAR = 10**12
"""A version that the log has not given out."""


class Ward:
    """A house with a mirror, and what is needed to break and to look at it."""

    def __init__(self, house: House, columnar: Columnar) -> None:
        for statement in DDL:
            columnar.command(statement)
        self.house = house
        self.columnar = columnar
        self.ingest: LogConsumer = consumer(house, columnar)
        self.erasing: set[str] = set()
        self.check = MirrorCheck(
            house.database, columnar, self.ingest.catch_up, erasing=lambda _, app: app in self.erasing, size=7
        )

    def fill(self, count: int = 30) -> None:
        """Endpoints with something in every column that can hold more than one thing."""
        for number in range(count):
            self.house.put(
                f"E{number:03d}",
                **mail(f"a{number}", f"u{number % 5}", plan=["gold", "silver"][: number % 3]),
                Attributes={"a": [str(number), "x"], "ü": ["", "y\n"], "none": []},
                Metrics={"m": number / 7, "n": -0.0},
                Location={"City": "Bern", "Latitude": number / 3},
                Demographic={"Make": "Apple"},
                EffectiveDate=f"{1905 + number * 13}-01-01T00:00:00.125Z",
            )
        self.ingest.catch_up()

    def look(self, *, repair: bool = False, **options: Any) -> dict[tuple[str, str], tuple[int, int]]:
        """Everything from the beginning: (app, kind) → (found, repaired)."""
        sums: dict[tuple[str, str], tuple[int, int]] = {}
        for one in self.differences(repair=repair, **options):
            found, repaired = sums.get((one.application_id, one.kind), (0, 0))
            sums[one.application_id, one.kind] = (found + one.found, repaired + one.repaired)
        return sums

    def differences(self, *, repair: bool = False, **options: Any) -> list[Difference]:
        found: list[Difference] = []
        position: Position | None = Position()
        while position is not None:
            progress: Progress = self.check.look(position, repair=repair, **options)
            found += progress.differences
            position = progress.position
        return found

    def sql(self, statement: str, **parameters: object) -> None:
        self.columnar.command(statement, parameters)

    def forge(self, key: str, **changed: str) -> None:
        """One more row of an endpoint with other values, written as SQL expressions."""
        values = ", ".join(f"{changed.get(name, name)} AS {name}_" for name in COLUMNS)
        self.sql(
            f"INSERT INTO endpoints ({', '.join(COLUMNS)}) SELECT {values} FROM endpoints FINAL"
            " WHERE app_id = {app:String} AND endpoint_key = {key:String}",
            app=self.house.app,
            key=key,
        )

    def remove(self, *keys: str) -> None:
        self.sql("DELETE FROM endpoints WHERE endpoint_key IN {keys:Array(String)}", keys=list(keys))

    def assert_equal(self) -> None:
        assert mirrored(self.columnar, self.house.app) == stored(self.house, self.house.app)
        assert self.look() == {}


@pytest.fixture
def ward(house: House, columnar: Columnar) -> Ward:
    return Ward(house, columnar)


def test_nothing_is_found_where_nothing_is_wrong(ward: Ward) -> None:
    assert ward.look() == {}
    ward.fill()
    ward.house.delete("e003")
    ward.house.put("e004", **mail("other"))
    other = ward.house.apps.create(CTX.scope, "Other", None).app.id
    ward.house.put("z", app=other, **mail("z"))
    progress = ward.check.look(Position(), seconds=60)  # waits for the log by itself
    assert (progress.compared, progress.differences, progress.position) == (30, [], None)
    ward.assert_equal()


def _forge_stale(ward: Ward) -> None:
    """An older row than the state has."""
    ward.remove("e005")
    ward.sql(
        "INSERT INTO endpoints (app_id, endpoint_key, endpoint_id, version) VALUES ({app:String}, 'e005', 'x', 0)",
        app=ward.house.app,
    )


Break = Callable[[Ward], None]
BREAKS: dict[str, tuple[Break, str, int]] = {
    "row missing": (lambda ward: ward.remove("e000", "e013", "e029"), "missing", 3),
    "row stale": (_forge_stale, "stale", 1),
    "other text": (lambda ward: ward.forge("e006", city="'Basel'"), "altered", 1),
    "other number": (lambda ward: ward.forge("e006", metric_values="[0.5, 0]"), "altered", 1),
    "other sign of zero": (lambda ward: ward.forge("e006", metric_values="[6 / 7, 0]"), "altered", 1),
    "no latitude": (lambda ward: ward.forge("e006", latitude="NULL"), "altered", 1),
    "a millisecond": (lambda ward: ward.forge("e006", effective="effective + INTERVAL 1 MILLISECOND"), "altered", 1),
    "tokens in one": (lambda ward: ward.forge("e008", attributes="[arrayStringConcat(attributes)]"), "altered", 1),
    "no tokens": (lambda ward: ward.forge("e008", attributes="[]"), "altered", 1),
    "row ahead": (lambda ward: ward.forge("e006", version="version + 1000", city="'Basel'"), "ahead", 1),
    "row far ahead": (lambda ward: ward.forge("e006", version=str(FAR)), "ahead", 1),
    "deleted ahead": (lambda ward: ward.forge("e006", version=str(FAR), deleted="1"), "missing", 1),
    "surplus": (lambda ward: ward.forge("e006", endpoint_key="'e006b'"), "surplus", 1),
    "surplus far ahead": (lambda ward: ward.forge("e006", endpoint_key="'zz'", version=str(FAR)), "surplus", 1),
    "deletion far ahead": (
        lambda ward: ward.forge("e006", endpoint_key="'gone'", version=str(FAR), deleted="1"),
        "ahead",
        1,
    ),
    "everything gone": (lambda ward: ward.sql("TRUNCATE TABLE endpoints"), "missing", 30),
}


@pytest.mark.parametrize("name", list(BREAKS))
def test_each_difference_is_found_and_repaired(ward: Ward, name: str) -> None:
    break_it, kind, count = BREAKS[name]
    ward.fill()
    assert ward.look() == {}
    break_it(ward)
    app = ward.house.app
    assert ward.look() == {(app, kind): (count, 0)}
    assert ward.look(repair=True) == {(app, kind): (count, count)}
    ward.assert_equal()
    ward.sql("OPTIMIZE TABLE endpoints FINAL")
    ward.assert_equal()
    ward.house.put("e006", **mail("later"))
    ward.house.put("gone", **mail("made after all"))
    ward.ingest.catch_up()
    ward.assert_equal()


def test_an_app_that_never_was_leaves(ward: Ward) -> None:
    ward.fill()
    ward.sql(
        "INSERT INTO endpoints (app_id, endpoint_key, version)"
        " SELECT 'ffffffffffffffffffffffffffffffff', concat('s', toString(number)), 9 FROM numbers(50)"
    )
    strange = "f" * 32
    assert ward.look(repair=True) == {(strange, "surplus"): (50, 50)}
    assert mirrored(ward.columnar, strange) == {}
    ward.assert_equal()


def test_one_app_is_looked_at_and_examples_are_few(ward: Ward) -> None:
    ward.fill()
    other = ward.house.apps.create(CTX.scope, "Other", None).app.id
    ward.house.put("z", app=other, **mail("z"))
    ward.ingest.catch_up()
    ward.sql("TRUNCATE TABLE endpoints")
    assert ward.look(app_id=other) == {(other, "missing"): (1, 0)}
    [first] = ward.check.look(Position(), app_id=ward.house.app, seconds=60).differences
    assert (first.found, first.examples) == (30, ["e000", "e001", "e002", "e003", "e004"])


def test_a_check_goes_on_where_it_stopped(ward: Ward) -> None:
    ward.fill()
    ward.remove("e001", "e028")
    position: Position | None = Position()
    calls, compared, found = 0, 0, 0
    while position is not None:
        progress = ward.check.look(position, seconds=0)
        position = progress.position
        calls += 1
        compared += progress.compared
        found += sum(one.found for one in progress.differences)
    assert (compared, found) == (30, 2)
    assert calls > 5


def test_projects_that_are_being_erased_are_left_alone(ward: Ward) -> None:
    ward.fill()
    ward.sql("TRUNCATE TABLE endpoints")
    ward.erasing.add(ward.house.app)
    assert ward.look(repair=True) == {}
    assert mirrored(ward.columnar, ward.house.app) == {}


def test_keys_are_in_the_same_order_everywhere(ward: Ward) -> None:
    """Under a locale's collation these would be ordered otherwise than byte by byte."""
    for key in ("a b", "a-b", "ab", "a_b", "b", "é", "e", "z", "ß", "~", "\U0001f600", "\uffee", "A.b", "10", "9"):
        ward.house.put(key, **mail(key))
    ward.ingest.catch_up()
    assert ward.look() == {}
    ward.remove("é", "a_b")
    assert ward.look(repair=True) == {(ward.house.app, "missing"): (2, 2)}
    keys = ward.house.database.read(lambda c: store.keys_after(c, ward.house.app, "", 100))
    assert keys == sorted(keys, key=str.encode)


@pytest.mark.parametrize("seed", range(2))
def test_writes_meanwhile_are_no_differences(ward: Ward, seed: int) -> None:
    chance, over = random.Random(seed), threading.Event()

    def write() -> None:
        while not over.is_set():
            with suppress(ClarionError):
                chance.choice(WRITES)(ward.house, chance)

    ward.fill(10)
    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(6):
            assert ward.look() == {}
        ward.remove("e001")
        assert ward.look(repair=True).get((ward.house.app, "missing"), (0, 0)) in ((1, 1), (0, 0))
    finally:
        over.set()
        thread.join(30)
    ward.ingest.catch_up()
    ward.assert_equal()
