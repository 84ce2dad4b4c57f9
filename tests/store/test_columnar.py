"""`Columnar`: what is asked, bound, answered and refused, on each engine."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta, timezone

import pyarrow as pa
import pytest

from clarion.core.errors import Invalid, Unavailable
from clarion.store.columnar import DURABLE, Columnar, Refused, open_columnar

HOSTILE = [
    "",
    "'",
    "\\",
    "\\'; DROP TABLE people; --",
    "'; DROP TABLE people; --",
    "' OR 1=1 --",
    "') UNION ALL SELECT name FROM system.tables --",
    "{name:String}",
    "%(name)s %s %",
    "\\N",
    "NULL",
    "tab\tline\nreturn\rnul\x00end",
    "ünïcødé – 漢字 – 😀",
    "\u2028\ufeff",
    "$$; $name$",
]


@pytest.fixture
def people(columnar: Columnar) -> Columnar:
    columnar.command(f"CREATE TABLE people (id UInt64, name String) ENGINE = MergeTree ORDER BY id SETTINGS {DURABLE}")
    return columnar


@pytest.mark.parametrize("text", HOSTILE)
def test_text_parameter_is_a_value_whatever_it_says(people: Columnar, text: str) -> None:
    people.insert_arrow("people", pa.table({"id": [1, 2], "name": [text, "other"]}), token="a")
    assert people.query("SELECT id, name FROM people WHERE name = {name:String}", {"name": text}) == [(1, text)]
    among = people.query("SELECT id FROM people WHERE name IN {names:Array(String)}", {"names": [text, "x", text]})
    assert among == [(1,)]
    assert people.query("SELECT {names:Array(String)}", {"names": [text, text]}) == [([text, text],)]
    assert people.query("SELECT count() FROM people") == [(2,)]


@pytest.mark.parametrize("token", HOSTILE[1:])
def test_token_is_a_value_whatever_it_says(people: Columnar, token: str) -> None:
    for _ in range(2):
        people.insert_json("people", b'{"id":1,"name":"a"}', token=token)
    people.insert_json("people", b'{"id":1,"name":"a"}', token=token + "2")
    assert people.query("SELECT count() FROM people") == [(2,)]


def test_parameters_of_every_type(columnar: Columnar) -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    tokyo = moment.astimezone(timezone(timedelta(hours=9)))
    [row] = columnar.query(
        "SELECT {t:DateTime64(3)}, {tokyo:DateTime64(3, 'UTC')}, toUnixTimestamp64Milli({t:DateTime64(3)}),"
        " {times:Array(DateTime64(3))}, {d:Date}, {f:Float64}, {tiny:Float64}, {u:UInt64}, {i:Int64}, {b:Bool},"
        " {none:Nullable(String)}, {floats:Array(Float64)}, {empty:Array(String)}, {nested:Array(Array(String))}",
        {
            "t": moment,
            "tokyo": tokyo,
            "times": [moment, tokyo],
            "d": date(2026, 1, 2),
            "f": 0.1,
            "tiny": 5e-324,
            "u": 2**64 - 1,
            "i": -(2**63),
            "b": False,
            "none": None,
            "floats": [1.5, -2.0],
            "empty": [],
            "nested": [["a'", "b"], []],
        },
    )
    assert row == (
        *(moment, moment, 1767323045678, [moment, moment], date(2026, 1, 2), 0.1, 5e-324, 2**64 - 1, -(2**63), False),
        *(None, [1.5, -2.0], [], [["a'", "b"], []]),
    )
    assert isinstance(row[0], datetime)
    assert row[0].utcoffset() == timedelta(0)


def test_columns_of_every_type(columnar: Columnar) -> None:
    columnar.command(
        "CREATE TABLE all (s LowCardinality(String), t DateTime64(3, 'UTC'), zoneless DateTime64(3), kv"
        " Array(LowCardinality(String)), m Map(String, String), f Float64, u UInt64, n Nullable(Int32), b Bool)"
        " ENGINE = MergeTree ORDER BY s"
    )
    columnar.insert_json(
        "all",
        '{"s":"é\\u0000😀","t":"2026-01-02T03:04:05.678+02:00","zoneless":"2026-01-02T03:04:05.678Z","kv":["a","a"],'
        '"m":{"k":"v"},"f":0.1,"u":18446744073709551615,"n":null,"b":true}\n{"s":"later"}'.encode(),
        token="a",
    )
    zero = datetime(1970, 1, 1, tzinfo=UTC)
    assert columnar.query("SELECT * FROM all ORDER BY u") == [
        ("later", zero, zero, [], {}, 0.0, 0, None, False),
        (
            *("é\0😀", datetime(2026, 1, 2, 1, 4, 5, 678000, tzinfo=UTC)),
            *(datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC), ["a", "a"], {"k": "v"}, 0.1, 2**64 - 1, None, True),
        ),
    ]


def test_parameter_without_placeholder_is_refused(columnar: Columnar) -> None:
    with pytest.raises(ValueError, match="name"):
        columnar.query("SELECT '%(name)s'", {"name": "x"})
    with pytest.raises(ValueError, match="name"):
        columnar.command("SELECT {other:String}", {"other": "x", "name": "x"})
    with pytest.raises(ValueError, match="zone"):
        columnar.query("SELECT {t:DateTime64(3)}", {"t": datetime(2026, 1, 1)})


def test_percent_and_empty_answers(columnar: Columnar) -> None:
    assert columnar.query("SELECT '100 %', {x:String} LIKE '%b%'", {"x": "abc"}) == [("100 %", True)]
    assert columnar.query("SELECT 1 AS a WHERE 0") == []
    assert columnar.query_arrow("SELECT toUInt64(1) AS a, 'x' AS b LIMIT 0").schema.names == ["a", "b"]
    assert list(columnar.stream("SELECT 1 AS a WHERE 0")) == [] or columnar.query("SELECT 1 WHERE 0") == []


def test_a_long_parameter_list(columnar: Columnar) -> None:
    names = [f"endpoint-{number:07d}" for number in range(20_000)]
    assert columnar.query("SELECT length({names:Array(String)}), {names:Array(String)}[20000]", {"names": names}) == [
        (20_000, names[-1])
    ]


def test_a_hundred_thousand_rows_in_and_out(people: Columnar) -> None:
    names = [f"näme-{number}" for number in range(100_000)]
    table = pa.table({"name": names, "id": pa.array(range(100_000), pa.uint64())})  # not the table's order
    people.insert_arrow("people", table, token="arrow")
    people.insert_json("people", b"".join(b'{"id":%d,"name":"x"}\n' % n for n in range(100_000)), token="json")
    assert people.query("SELECT count(), sum(id), uniqExact(name) FROM people") == [
        (200_000, 2 * sum(range(100_000)), 100_001)
    ]
    out = people.query_arrow("SELECT id, name FROM people WHERE name != 'x' ORDER BY id")
    assert out["id"].to_pylist() == list(range(100_000))
    assert out["name"].to_pylist() == names
    assert sum(batch.num_rows for batch in people.stream("SELECT id FROM people")) == 200_000


def test_a_stream_left_early_leaves_nothing_behind(columnar: Columnar) -> None:
    stream = columnar.stream("SELECT number FROM numbers(5000000)")
    assert next(stream).num_rows > 0
    assert columnar.query("SELECT 1") == [(1,)]  # beside the open stream
    stream.close()  # type: ignore[attr-defined]
    assert columnar.query("SELECT 2") == [(2,)]


def test_statements_that_are_refused(people: Columnar) -> None:
    for wrong, code in [("SELEC 1", 62), ("SELECT * FROM nowhere", 60), ("SELECT {x:UInt8}", 456)]:
        with pytest.raises(Refused) as refused:
            people.query(wrong)
        assert refused.value.code == code
        with pytest.raises(Refused):
            people.command(wrong)
    with pytest.raises(Refused):
        people.query("SELECT {x:UInt64}", {"x": "1; DROP TABLE people"})
    with pytest.raises(Refused):
        list(people.stream("SELECT throwIf(number = 900000) FROM numbers(1000000)"))
    with pytest.raises(Refused):
        people.insert_json("nowhere", b'{"id":1}', token="a")
    with pytest.raises(ValueError, match="name"):
        people.insert_json("people; DROP TABLE people", b'{"id":1}', token="a")
    assert people.query("SELECT count() FROM people") == [(0,)]


@pytest.mark.parametrize("bad", [b'{"id":1}\n{"id":"x"}', b'{"id":1}\n{"id":2', b'{"id":1,"unknown":1}'])
def test_a_bad_row_refuses_the_whole_insert(people: Columnar, bad: bytes) -> None:
    with pytest.raises(Refused):
        people.insert_json("people", bad, token="a")
    assert people.query("SELECT count() FROM people") == [(0,)]
    people.insert_json("people", b'{"id":1}\n{"id":2}\n', token="a")
    assert people.query("SELECT count() FROM people") == [(2,)]


@pytest.mark.parametrize(
    "failing",
    [
        "SELECT throwIf(number = 500000) FROM numbers(1000000)",
        "SELECT number FROM numbers(10000000) SETTINGS max_result_rows = 10",
        "SELECT number, throwIf(number = 500000) FROM numbers(1000000) ORDER BY number DESC",
    ],
)
def test_a_failure_does_not_leak_into_the_next_answer(columnar: Columnar, failing: str) -> None:
    with pytest.raises(Refused):
        columnar.query(failing)
    for _ in range(3):
        assert columnar.query("SELECT 'right'") == [("right",)]
    with pytest.raises(Refused):
        list(columnar.stream(failing))
    for _ in range(3):
        assert [batch.to_pylist() for batch in columnar.stream("SELECT 'right' AS a")] == [[{"a": "right"}]]


def test_trouble_that_passes_is_unavailable(columnar: Columnar) -> None:
    with pytest.raises(Unavailable):
        columnar.query("SELECT groupArray(number) FROM numbers(10000000) SETTINGS max_memory_usage = 1000000")
    assert columnar.query("SELECT 1") == [(1,)]


def test_readers_see_whole_inserts_while_one_writes(people: Columnar) -> None:
    batches, done, wrong = 20, threading.Event(), []

    def read() -> None:
        while not done.is_set():
            [(count, low, high)] = people.query("SELECT count(), min(id), max(id) FROM people")
            if count % 500 or (count and (low, high) != (0, count - 1)):  # type: ignore[operator]
                wrong.append((count, low, high))

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    try:
        for batch in range(batches):
            lines = b"".join(b'{"id":%d}\n' % (batch * 500 + n) for n in range(500))
            people.insert_json("people", lines, token=str(batch))
    finally:
        done.set()
        for reader in readers:
            reader.join(60)
    assert wrong == []
    assert people.query("SELECT count(), uniqExact(id) FROM people") == [(batches * 500, batches * 500)]


def test_many_threads_share_a_store(columnar: Columnar) -> None:
    answers: list[object] = []

    def ask(number: int) -> None:
        answers.extend(columnar.query("SELECT {n:UInt64} + count() FROM numbers(1000)", {"n": number}))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answers) == [(1000 + number,) for number in range(32)]  # type: ignore[type-var]


def test_two_databases_do_not_see_each_other(columnar: Columnar, columnar_url: str) -> None:
    columnar.command("CREATE TABLE here (a UInt8) ENGINE = MergeTree ORDER BY a")
    other = open_columnar(columnar_url.replace("test_", "test_other_"))
    try:
        with pytest.raises(Refused):
            other.query("SELECT * FROM here")
        again = open_columnar(columnar_url)
        assert again.query("SELECT count() FROM here") == [(0,)]
        again.close()
        assert columnar.query("SELECT count() FROM here") == [(0,)]
    finally:
        other.command("DROP DATABASE IF EXISTS " + str(other.query("SELECT currentDatabase()")[0][0]))
        other.close()


def test_settings_in_the_url(columnar_url: str) -> None:
    separator = "&" if "?" in columnar_url else "?"
    store = open_columnar(f"{columnar_url}{separator}max_execution_time=77")
    assert store.query("SELECT value FROM system.settings WHERE name = 'max_execution_time'") == [("77",)]
    store.close()


def test_a_closed_chdb_store_is_unavailable(chdb_url: str) -> None:
    store = open_columnar(chdb_url)
    store.close()
    with pytest.raises(Unavailable):
        store.query("SELECT 1")


@pytest.mark.parametrize("url", ["", "data", "sqlite:///x", "chdb://relative", "chdb:///", "http:///x", "http://h/a/b"])
def test_other_urls_are_invalid(url: str) -> None:
    with pytest.raises(Invalid):
        open_columnar(url)
