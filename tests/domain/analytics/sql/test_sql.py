"""SQL over one project: what is refused, what each of the three walls refuses by itself, and what is answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.core.errors import Invalid, NotFound, TooMany
from clarion.core.scope import Scope
from clarion.domain.analytics.sql import wall
from clarion.domain.analytics.sql.functions import is_allowed
from clarion.domain.analytics.sql.reading import LONGEST, read
from clarion.domain.analytics.sql.service import MOST_AT_ONCE, Limits, Sql
from clarion.domain.analytics.sql.tables import PREFIX
from clarion.domain.audience.columnar import DDL
from clarion.domain.events.columnar import ddl
from clarion.domain.events.model import EventRow, tokens
from clarion.domain.events.reported import ROWS, encode_rows
from clarion.domain.events.sink import sinks
from clarion.engine.log import LogRow
from clarion.store.columnar import Columnar, Refused, open_columnar
from tests.domain.analytics.sql.hostile import HOSTILE, TEXTS, USEFUL

MINE, THEIRS = "a" * 32, "b" * 32
SCOPE = Scope("000000000001", "eu-central-1")
MONDAY = datetime(2027, 3, 8, 9, tzinfo=UTC)


class _App:
    def __init__(self, id: str) -> None:
        self.id = id


class _Apps:
    def require(self, scope: Scope, app_id: str) -> _App:
        if app_id not in (MINE, THEIRS):
            raise NotFound
        return _App(app_id)


def event(app: str, number: int, **more: Any) -> EventRow:
    at = int(MONDAY.timestamp() * 1000) + number
    key = f"{app[0]}-{number}"
    return EventRow(
        app_id=app, event_type="x", event_id=key, endpoint_key=key, endpoint_id=key.upper(), ts=at, arrival=at, **more
    )


def fill(store: Columnar) -> None:
    for statement in [
        *ddl(90),
        *DDL,
        "CREATE TABLE secrets (event_type String) ENGINE = MergeTree ORDER BY event_type",
    ]:
        store.command(statement)
    store.command("INSERT INTO secrets VALUES ('secret')")
    rows = [event(THEIRS, number) for number in range(5)]
    rows += [event(MINE, 1, kv=tokens({"c": "red"}), metric_names=["m"], metric_values=[2.5]), event(MINE, 2)]
    sinks(store)[ROWS].consume([LogRow(1, ROWS, encode_rows(rows), b"")], "one")
    for app, version, city in ((MINE, 1, "Ulm"), (MINE, 2, "Bonn"), (THEIRS, 1, "Rome")):
        store.command(
            "INSERT INTO endpoints (app_id, endpoint_key, endpoint_id, version, city, attributes) VALUES"
            " ({app:String}, 'e', 'E', {version:UInt64}, {city:String}, ['c\x1fred', 'c\x1fblue', 'd\x1fx'])",
            {"app": app, "version": version, "city": city},
        )


@pytest.fixture(scope="module")
def store(chdb_directory: Path) -> Iterator[Columnar]:
    found = open_columnar(f"chdb://{chdb_directory}?database=asked_in_sql")
    fill(found)
    yield found
    found.command("DROP DATABASE asked_in_sql SYNC")
    found.close()


@pytest.fixture(scope="module")
def sql(store: Columnar) -> Sql:
    return Sql(store, _Apps(), Limits(1, 200), lambda: None)  # type: ignore[arg-type]


def ask(sql: Sql, query: str, most: int = 100) -> list[list[Any]]:
    return sql.run(SCOPE, MINE, query, most).rows


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_refused(sql: Sql, kind: str) -> None:
    for query in HOSTILE[kind].format(db="asked_in_sql").strip().splitlines():
        with pytest.raises(Invalid, match="Query: "):
            print(query, ask(sql, query))
    assert ask(sql, "SELECT count() FROM events") == [[2]]
    assert not Path("/tmp/clarion-was-here").exists()


def test_what_is_in_a_text_is_a_text(sql: Sql) -> None:
    assert {query: ask(sql, query) for query in TEXTS} == {query: [[text]] for query, text in TEXTS.items()}


def test_what_it_is_for(sql: Sql) -> None:
    for query in USEFUL:
        text = str(ask(sql, query))
        assert "b-" not in text, query
        assert "Rome" not in text, query


def test_the_projects_own_rows(sql: Sql) -> None:
    assert ask(sql, "SELECT event_id, endpoint_id FROM events ORDER BY ts DESC") == [["a-2", "A-2"], ["a-1", "A-1"]]
    assert ask(sql, "SELECT city, attributes FROM endpoints") == [["Bonn", {"c": ["red", "blue"], "d": ["x"]}]]
    assert ask(sql, "SELECT count() FROM events AS a, events AS b, endpoints") == [[4]]
    assert sql.run(SCOPE, THEIRS, "SELECT count() FROM events", 1).rows == [[5]]
    with pytest.raises(NotFound):
        sql.run(SCOPE, "c" * 32, "SELECT 1", 1)


def test_values(sql: Sql) -> None:
    result = sql.run(
        SCOPE,
        MINE,
        "SELECT attributes, metrics['m'] AS m, toDate(ts) AS d, toStartOfHour(ts) AS h, ts, 0 / 0 AS nan, NULL AS n,"
        " toDecimal64(1.5, 2) AS z, (1, 'a') AS t, [toDate(ts)] AS a FROM events WHERE metrics['m'] > 0",
        10,
    )
    [row] = result.rows
    assert row[:5] == [{"c": "red"}, 2.5, "2027-03-08", "2027-03-08T09:00:00.000Z", "2027-03-08T09:00:00.001Z"]
    assert row[5] != row[5]
    assert row[6:] == [None, "1.50", {"1": 1, "2": "a"}, ["2027-03-08"]]
    assert [column.type for column in result.columns][1:3] == ["Float64", "Date"]
    with pytest.raises(Invalid, match="no text"):
        ask(sql, "SELECT unhex('ff')")


def test_rows_over_the_limit_are_left_out(sql: Sql) -> None:
    result = sql.run(SCOPE, MINE, "SELECT arrayJoin(range(100)) AS a ORDER BY a DESC", 3)
    assert (result.rows, result.truncated) == ([[99], [98], [97]], True)
    union = sql.run(SCOPE, MINE, "SELECT 1 AS a UNION ALL SELECT 1", 2)
    assert (union.rows, union.truncated) == ([[1], [1]], False)


@pytest.mark.parametrize(
    ("query", "why"),
    [
        (
            "SELECT max(a * b) FROM (SELECT arrayJoin(range(1000000)) AS a) AS x"
            " CROSS JOIN (SELECT arrayJoin(range(1000000)) AS b) AS y",
            "longer than 1 s",
        ),
        ("SELECT groupArray(repeat('x', 1000)) FROM (SELECT arrayJoin(range(1000000)) AS a)", "memory"),
        ("SELECT arrayMap(x -> arrayMap(y -> y, range(100000)), range(100000))", "memory|array elements"),
        ("SELECT repeat('x', 800000) FROM (SELECT arrayJoin(range(45)))", "32 MB"),
        (f"SELECT {'x' * LONGEST}", "longer than"),
        ("SELECT " + "(" * 50 + "1" + ")" * 50, "nested"),
        ("SELECT " + "- " * 3000 + "1", "nested"),
        ("", "empty"),
        ("SELECT unknown FROM events", "unknown"),
        ("SELECT count( FROM events", "cannot be read"),
    ],
)
def test_limits_and_mistakes(sql: Sql, query: str, why: str) -> None:
    with pytest.raises(Invalid, match=why) as caught:
        ask(sql, query)
    assert "clarion_with_" not in caught.value.message
    assert MINE not in caught.value.message


_WORDS = st.sampled_from(
    r"""
    SELECT FROM WHERE WITH AS events endpoints secrets ( ) ( ) , . * = 1 'a' "b" `c` x count -> [ ] :: ? : - -- /* */ ;
    IN NOT JOIN ARRAY ON UNION ALL GROUP BY ORDER LIMIT CASE WHEN THEN END INTERVAL DAY OVER DISTINCT {x:String} $$ \ '
    # SETTINGS FORMAT CAST String file FINAL USING VALUES system.tables HAVING t.a 1.5 NULL @ ☃
    """.split()
)
_TEXT = re.compile(r"'[^']*'")
_TABLE = re.compile(r"(?:\bFROM|(?<!ARRAY )\bJOIN) (?!\()(\S+)")


@settings(max_examples=300, deadline=None)
@given(st.lists(_WORDS, min_size=1, max_size=25))
def test_rubbish_is_read_or_refused(words: list[str]) -> None:
    """Nothing else comes out, and what is read has plain signs only."""
    queries = {"events": "SELECT 1 AS e", "endpoints": "SELECT 1 AS p"}
    refused = False
    try:
        found = read(" ".join(["SELECT", *words]), queries)
    except Invalid as error:
        refused = error.message.startswith("Query: ")
    if not refused:
        assert not set("`;\\#$@") & set(found.sql)
        assert all(name.startswith(PREFIX) for name in _TABLE.findall(_TEXT.sub("", found.sql))), found.sql


def test_two_at_once(sql: Sql, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clarion.domain.analytics.sql.service.PATIENCE_SECONDS", 0.01)
    for _ in range(MOST_AT_ONCE):
        sql._turns.acquire()
    with pytest.raises(TooMany):
        ask(sql, "SELECT 1")
    for _ in range(MOST_AT_ONCE):
        sql._turns.release()
    assert ask(sql, "SELECT 1") == [[1]]


@pytest.mark.parametrize("kind", ["other tables", "functions that make tables", "functions"])
def test_the_wall_by_itself(store: Columnar, kind: str) -> None:
    """As if a query had come through reading untouched: the engine's own tree tells."""
    tables = ["asked_in_sql.events", "asked_in_sql.endpoints"]
    for query in HOSTILE[kind].format(db="elsewhere").strip().splitlines():
        try:
            lines = [str(line) for (line,) in store.query(f"EXPLAIN AST {query}")]
        except Refused:
            continue
        if any(word in query for word in ("clarion_with_", "AggregateFunction", "system.one")):
            continue  # names without harm, or known to reading only
        with pytest.raises(Invalid):
            print(query, wall.check(lines, tables))


def test_the_engine_by_itself(store: Columnar, sql: Sql) -> None:
    """As if the first two walls were not there."""
    settings = sql._settings(MINE, "asked_in_sql", 10)
    for table, count in (("events", 2), ("asked_in_sql.events", 2), ("endpoints FINAL", 1)):
        assert store.query(f"SELECT count() FROM {table} SETTINGS {settings}") == [(count,)]
    for table in ("file('/etc/passwd', 'LineAsString')", "url('http://127.0.0.1:1/', 'LineAsString')"):
        with pytest.raises(Refused):
            store.query(f"SELECT * FROM {table} SETTINGS {settings}")
    store.command("INSERT INTO secrets VALUES ('still')")


def test_no_function_is_allowed_that_looks_around(store: Columnar) -> None:
    kinds = ["Dictionary", "Embedded Dictionary", "Introspection", "AI", "Machine Learning", "Internal", "Encryption"]
    names = store.query(
        "SELECT name FROM system.functions WHERE categories IN {kinds:Array(String)} OR origin != 'System'"
        " OR match(name, '(?i)^(dict|get|current|host|server|sleep|file|joinGet|transaction|format(Row|Query))')",
        {"kinds": kinds},
    )
    assert len(names) > 80
    allowed = [name for (name,) in names if is_allowed(str(name))]
    assert allowed == ["_CAST", "caseWithExpression"]


def test_on_a_server(columnar: Columnar) -> None:
    """The same on both engines."""
    fill(columnar)
    asked = Sql(columnar, _Apps(), Limits(1, 200), lambda: None)  # type: ignore[arg-type]
    assert ask(asked, "SELECT event_id FROM events ORDER BY ts") == [["a-1"], ["a-2"]]
    assert ask(asked, "SELECT city FROM endpoints WHERE city != 'it\\'s'") == [["Bonn"]]
    with pytest.raises(Invalid, match="there is no table"):
        ask(asked, "SELECT * FROM secrets")
    with pytest.raises(Invalid, match="longer than 1 s"):
        ask(asked, "SELECT max(a * b) FROM (SELECT arrayJoin(range(1000000)) AS a) AS x"
            " CROSS JOIN (SELECT arrayJoin(range(1000000)) AS b) AS y")  # fmt: skip
    store_name = columnar.query("SELECT currentDatabase()")[0][0]
    with pytest.raises(Invalid):
        ask(asked, f"SELECT * FROM {store_name}.events")
