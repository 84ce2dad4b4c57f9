"""What was recorded more than once is known, however it came in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.core.clock import DAY_MS
from clarion.domain.events import repeats
from clarion.domain.events.columnar import ddl
from clarion.domain.events.model import EventRow
from clarion.domain.events.repeats import REPEATED, Repeats
from clarion.domain.events.reported import ROWS, encode_rows
from clarion.domain.events.sink import sinks
from clarion.engine.log import LogRow
from clarion.store.columnar import Columnar, open_columnar

APP, OTHER = "app", "other"
NOON = 1_804_507_200_000


class Record:
    def __init__(self, columnar: Columnar) -> None:
        self.columnar = columnar
        for statement in ddl(90):
            columnar.command(statement)
        self._sink = sinks(columnar)[ROWS]
        self._batches = 0

    def forget(self) -> None:
        for table in ("events", repeats.TABLE):
            self.columnar.command(f"TRUNCATE TABLE {table}")

    def take(self, *events: tuple[str, str, int], app: str = APP, system: bool = False) -> None:
        """A batch of (endpoint, id, day)."""
        rows = [
            EventRow(
                app_id=app,
                event_type="a",
                event_id=id,
                endpoint_key=endpoint,
                ts=NOON + day * DAY_MS,
                arrival=NOON,
                system=system,
            )
            for endpoint, id, day in events
        ]
        self._batches += 1
        if rows:
            self._sink.consume([LogRow(1, ROWS, encode_rows(rows), b"")], f"token-{self._batches}")

    def repeated(self, app: str = APP) -> set[tuple[str, str]]:
        """Those whose endpoint and id are said to be there more than once."""
        sql = f"SELECT DISTINCT endpoint_key, event_id FROM events WHERE app_id = {{app:String}} AND {REPEATED}"
        return {(str(endpoint), str(id)) for endpoint, id in self.columnar.query(sql, {"app": app})}


@pytest.fixture
def embedded(chdb_url: str) -> Iterator[Record]:
    store = open_columnar(chdb_url)
    yield Record(store)
    store.close()


events = st.tuples(st.sampled_from(["phone", "web"]), st.sampled_from("123"), st.integers(0, 1))
looks = st.sampled_from(["", "", "look", "another process looks"])
slices = st.sampled_from([1, 2, 100])
quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(batches=st.lists(st.tuples(st.lists(events, max_size=4), looks), max_size=5), size=slices, keep=slices)
def test_none_is_missing(embedded: Record, batches: list[Any], size: int, keep: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeats, "_SLICE", size)
        patch.setattr(repeats, "_WORTH_KEEPING", keep)
        embedded.forget()
        known = Repeats(embedded.columnar)
        for batch, look in batches:
            embedded.take(*batch)
            if look:
                (known if look == "look" else Repeats(embedded.columnar)).catch_up(APP)
        anything = known.catch_up(APP)
        counts = Counter(event for batch, _ in batches for event in batch)
        expected = {event[:2] for event, count in counts.items() if count > 1}
        assert embedded.repeated() == expected
        assert anything or not expected
        assert Repeats(embedded.columnar).catch_up(APP) == bool(expected)


def test_of_one_project(columnar: Columnar) -> None:
    record = Record(columnar)
    record.take(("phone", "1", 0), ("phone", "1", 0))
    record.take(("phone", "1", 0), app=OTHER)
    known = Repeats(columnar)
    assert (known.catch_up(APP), known.catch_up(OTHER)) == (True, False)
    assert (record.repeated(), record.repeated(OTHER)) == ({("phone", "1")}, set())


def test_what_the_product_recorded_is_known_otherwise(columnar: Columnar) -> None:
    record = Record(columnar)
    record.take(("phone", "1", 0), ("phone", "1", 0), system=True)
    assert not Repeats(columnar).catch_up(APP)
