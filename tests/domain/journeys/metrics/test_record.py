"""What the sink stores is what was appended, once, whatever the texts are."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.domain.journeys.metrics.columnar import COLUMNS, ROW, move_of
from clarion.domain.journeys.model import Move
from clarion.store.columnar import open_columnar
from tests.domain.journeys.metrics.conftest import Record

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
small, moments = st.integers(0, 2**31), st.integers(0, 4_000_000_000_000)
moves = st.builds(Move, text, text, text, small, text, small, small, text, text, text, moments, st.integers(0, 2**40))


def stored(record: Record) -> list[Move]:
    return sorted(move_of(values) for values in record.columnar.query(f"SELECT {ROW} FROM journey_moves"))


def test_columns_are_those_of_a_move() -> None:
    assert [name.removesuffix("_ms") for name in Move._fields] == [column.name for column in COLUMNS]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(moves, max_size=8), st.integers(1, 3))
def test_moves_are_stored_as_they_were_written(embedded: Record, given_moves: list[Move], rows: int) -> None:
    embedded.empty()
    embedded.take(given_moves, rows=rows)
    assert stored(embedded) == sorted(given_moves)


def test_the_same_rows_again_store_nothing(record: Record) -> None:
    years = [Move("a", "j", "r", 1, "eann", 1, turn, "w", "O", "", turn * 10**11, 1) for turn in range(40)]
    token = record.take(years)
    record.take(years, token=token)
    assert stored(record) == years


def test_a_table_that_is_there_stays(chdb_url: str) -> None:
    store = open_columnar(chdb_url)
    first = Record(store)
    first.take([Move("a", "j", "r", 1, "eann", 1, 1, "", "ENDPOINT_ENTERED", "", 1)])
    assert len(stored(Record(store))) == 1
    store.close()


def test_moves_of_one_journey_and_of_one_project_are_forgotten(record: Record) -> None:
    record.take([Move(app, journey, "r", 1, "eann", 1, 1, "", "O", "", 1) for app in "ab" for journey in "jk"])
    record.moves.forget("a", "j")
    assert [(move.app_id, move.journey_id) for move in stored(record)] == [("a", "k"), ("b", "j"), ("b", "k")]
    record.moves.forget("b", "")
    assert [(move.app_id, move.journey_id) for move in stored(record)] == [("a", "k")]


@pytest.mark.parametrize("people", [["eann"], ["uann", "eann"], []])
def test_the_moves_of_people_come_in_their_order(record: Record, people: list[str]) -> None:
    way = [Move("a", "j", "r", 1, one, 1, turn, "w", "O", "", turn // 2) for turn in range(6) for one in people]
    others = [
        Move("a", "j", "r", 1, "ejon", 1, 1, "", "O", "", 1),
        Move("a", "k", "r", 1, "eann", 1, 1, "", "O", "", 1),
    ]
    record.take([*reversed(way), *others])
    found = record.moves.of_people("a", "j", people, 100)
    assert sorted(found) == sorted(way)
    assert [(move.at_ms, move.turn) for move in found] == sorted((move.at_ms, move.turn) for move in found)
    assert record.moves.of_people("a", "j", people, 2) == found[-2:]
