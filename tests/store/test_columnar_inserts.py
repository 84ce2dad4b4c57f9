"""`Columnar`: an insert is stored exactly once under its token, whole, on each engine."""

from __future__ import annotations

import json
import random

import pyarrow as pa
import pytest

from clarion.store.columnar import DURABLE, Columnar, Refused, open_columnar

WORDS = """
WITH splitByChar(' ', body) AS words
SELECT doc, word, length(word) % 3 AS shelf
FROM (SELECT doc, arrayJoin(words) AS word FROM input)
"""


@pytest.fixture
def words(columnar: Columnar) -> Columnar:
    """A table in three partitions, whose columns are in another order than the selects'."""
    columnar.command(
        "CREATE TABLE words (word String, doc UInt32, shelf UInt8, note String DEFAULT 'none')"
        f" ENGINE = MergeTree PARTITION BY shelf ORDER BY (word, doc) SETTINGS {DURABLE}"
    )
    return columnar


def documents(count: int, seed: int) -> pa.Table:
    chance = random.Random(seed)
    bodies = [" ".join("x" * chance.randint(1, 9) for _ in range(chance.choice([1, 3, 400]))) for _ in range(count)]
    return pa.table({"body": bodies, "doc": pa.array(range(count), pa.uint32())})


def total(store: Columnar) -> object:
    return store.query("SELECT count() FROM words")[0][0]


def number_of_words(data: pa.Table) -> int:
    return sum(len(body.split(" ")) for body in data["body"].to_pylist())


def json_lines(store: Columnar, token: str) -> int:
    rows = [{"word": "w" * (n % 7), "doc": n, "shelf": n % 3} for n in range(300)]
    store.insert_json("words", "\n".join(map(json.dumps, rows)).encode(), token=token)
    return 300


def arrow_rows(store: Columnar, token: str) -> int:
    data = pa.table({"shelf": [n % 3 for n in range(300)], "word": ["w"] * 300, "doc": range(300)})
    store.insert_arrow("words", data, token=token)
    return 300


def selected(store: Columnar, token: str) -> int:
    data = documents(40, seed=1)
    store.insert_arrow("words", data, token=token, select=WORDS)
    return number_of_words(data)


INSERTS = [json_lines, arrow_rows, selected]


@pytest.mark.parametrize("insert", INSERTS)
def test_the_same_token_stores_rows_once(words: Columnar, columnar_url: str, insert) -> None:
    rows = insert(words, "one")
    for _ in range(3):
        insert(words, "one")
    assert total(words) == rows
    insert(words, "two")  # equal rows, another token
    assert total(words) == 2 * rows
    insert(words, "one")
    assert total(words) == 2 * rows
    assert words.query("SELECT uniqExact(shelf) FROM words") == [(3,)]
    words.close()
    reopened = open_columnar(columnar_url)
    insert(reopened, "one")
    insert(reopened, "two")
    assert total(reopened) == 2 * rows
    insert(reopened, "three")
    assert total(reopened) == 3 * rows
    reopened.close()


@pytest.mark.parametrize("insert", INSERTS)
def test_merging_does_not_forget_tokens(words: Columnar, columnar_url: str, insert) -> None:
    rows = insert(words, "one") and insert(words, "two")
    words.command("OPTIMIZE TABLE words FINAL")
    words.close()
    reopened = open_columnar(columnar_url)
    insert(reopened, "one")
    insert(reopened, "two")
    assert total(reopened) == 2 * rows
    reopened.close()


def test_one_insert_is_one_part_in_each_partition(words: Columnar) -> None:
    words.command("SYSTEM STOP MERGES words")
    count = 1_200_000  # more than ClickHouse's usual block
    data = pa.table({"doc": pa.array(range(count), pa.uint32()), "body": ["x"] * count})
    words.insert_arrow("words", data, token="a", select="SELECT doc, body AS word, doc % 3 AS shelf FROM input")
    words.insert_json("words", b'{"word":"a"}\n' * count, token="b")
    parts = "SELECT count(), sum(rows) FROM system.parts WHERE database = currentDatabase() AND table = 'words'"
    assert words.query(parts) == [(4, 2 * count)]


def test_a_token_repeated_while_extraction_runs_in_parallel(words: Columnar) -> None:
    expected = 0
    for seed in range(8):
        data = documents(100, seed)
        for _ in range(3):
            words.insert_arrow("words", data, token=f"t{seed}", select=WORDS)
        expected += number_of_words(data)
        assert total(words) == expected


def test_select_fills_columns_by_name(words: Columnar) -> None:
    data = pa.table(
        {"a": ["é'\\\0"], "n": pa.array([7], pa.int64()), "t": pa.array([1767323045678], pa.timestamp("ms"))}
    )
    select = "SELECT toString(t) AS note, toUInt32(n) AS doc, concat(a, '%s {x}') AS word FROM input"
    words.insert_arrow("words", data, token="a", select=select)
    assert words.query("SELECT * FROM words") == [("é'\\\0%s {x}", 7, 0, "2026-01-02 03:04:05.678")]


def test_arrow_types_that_enter_a_select(columnar: Columnar) -> None:
    columnar.command(
        "CREATE TABLE t (s String, l Array(String), f Float64, b Bool)"
        f" ENGINE = MergeTree ORDER BY s SETTINGS {DURABLE}"
    )
    data = pa.table(
        {
            "text": ["a", None],
            "raw": pa.array([b"\xff\x00", b""], pa.binary()),
            "list": [["x", "y"], []],
            "float": [0.1, 2.0],
            "flag": [True, False],
        }
    )
    select = "SELECT concat(text, hex(raw)) AS s, list AS l, float AS f, flag AS b FROM input"
    columnar.insert_arrow("t", data, token="a", select=select)
    assert columnar.query("SELECT * FROM t ORDER BY s") == [("", [], 2.0, False), ("aFF00", ["x", "y"], 0.1, True)]
    with pytest.raises(TypeError, match="decimal"):
        columnar.insert_arrow(
            "t", pa.table({"d": pa.array([1], pa.decimal128(5))}), token="b", select="SELECT d FROM input"
        )


def test_nothing_to_insert_stores_nothing(words: Columnar) -> None:
    words.insert_json("words", b"", token="a")
    words.insert_json("words", b" \n", token="a")
    words.insert_arrow("words", documents(0, 1), token="a", select=WORDS)
    words.insert_arrow("words", pa.table({"word": pa.array([], pa.string())}), token="a")
    assert total(words) == 0
    words.insert_arrow("words", documents(3, 1), token="a", select=WORDS + " WHERE word = 'absent'")
    assert total(words) == 0


def test_a_select_must_read_its_input_once(words: Columnar) -> None:
    for select in ["SELECT 1 AS doc", "SELECT doc FROM input UNION ALL SELECT doc FROM input"]:
        with pytest.raises(ValueError, match="once"):
            words.insert_arrow("words", documents(1, 1), token="a", select=select)


@pytest.mark.parametrize(
    "select",
    [
        "SELECT doc, throwIf(doc = 30) AS shelf FROM input",  # fails half way
        "SELECT doc AS unknown FROM input",
        "SELECT missing AS doc FROM input",
    ],
)
def test_a_select_that_fails_stores_nothing(words: Columnar, select: str) -> None:
    with pytest.raises(Refused):
        words.insert_arrow("words", documents(40, 1), token="a", select=select)
    assert total(words) == 0
    assert selected(words, "a") == total(words)


def test_upserts_keep_the_newest_version(columnar: Columnar) -> None:
    columnar.command(
        "CREATE TABLE endpoints (id String, name String, version UInt64, deleted UInt8)"
        f" ENGINE = ReplacingMergeTree(version, deleted) ORDER BY id SETTINGS {DURABLE}"
    )

    def put(*rows: tuple[str, str, int, int]) -> None:
        ids, names, versions, deleted = zip(*rows, strict=True)
        data = pa.table({"id": ids, "name": names, "version": versions, "deleted": deleted})
        columnar.insert_arrow("endpoints", data, token=repr(rows))

    put(("a", "first", 1, 0), ("b", "first", 1, 0), ("c", "first", 1, 0))
    put(("a", "second", 2, 0), ("b", "gone", 2, 1))
    put(("c", "late and old", 0, 0))
    rows = "SELECT id, name FROM endpoints FINAL ORDER BY id"
    assert columnar.query(rows) == [("a", "second"), ("c", "first")]
    columnar.command("OPTIMIZE TABLE endpoints FINAL")
    assert columnar.query(rows) == [("a", "second"), ("c", "first")]
