"""The HTTP front that stands in for a ClickHouse server speaks its interface, to clickhouse-connect and in the raw."""

from __future__ import annotations

import gzip
import http.client
import json
import threading
import zlib
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import clickhouse_connect
import lz4.frame
import pytest
from backports import zstd
from clickhouse_connect.driver.exceptions import DatabaseError

ENCODERS = {"gzip": gzip.compress, "deflate": zlib.compress, "lz4": lz4.frame.compress, "zstd": zstd.compress}


class Raw:
    """One kept-open connection, without a client library."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.database = parts.path.strip("/")
        self.connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)

    def __call__(
        self, body: object = b"", method: str = "POST", headers: dict[str, str] | None = None, **parameters: str
    ):
        query = urlencode({"database": self.database, **parameters})
        self.connection.request(method, f"/?{query}", body, headers or {})
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()


@pytest.fixture
def client(clickhouse_url: str) -> Iterator[clickhouse_connect.driver.Client]:
    parts = urlsplit(clickhouse_url)
    settings = {"async_insert": 0}
    client = clickhouse_connect.get_client(host=parts.hostname, port=parts.port, settings=settings)
    client.command(f"CREATE DATABASE {parts.path[1:]}")
    client.database = parts.path[1:]
    client.command("CREATE TABLE t (a UInt64, s String, l Array(String)) ENGINE = MergeTree ORDER BY a")
    yield client
    client.close()


@pytest.fixture
def raw(client: clickhouse_connect.driver.Client, clickhouse_url: str) -> Iterator[Raw]:
    raw = Raw(clickhouse_url)
    yield raw
    raw.connection.close()


def test_clickhouse_connect_in_native_format(client: clickhouse_connect.driver.Client) -> None:
    rows = [(n, f"é'\t{n}", ["x", str(n)]) for n in range(10_000)]
    for compression in (None, "lz4", "zstd", "gzip"):
        context = client.create_insert_context("t", data=rows)
        context.compression = compression
        assert client.insert(context=context).written_rows == 10_000
    answer = client.query("SELECT a, s, l FROM t WHERE a < {n:UInt64} ORDER BY a LIMIT 1 BY a", {"n": 10_000})
    assert answer.result_rows == rows
    assert client.query("SELECT a, s FROM t LIMIT 0").column_names == ("a", "s")
    assert client.command("SELECT count() FROM t") == 40_000
    assert client.query_arrow("SELECT a FROM t LIMIT 3").num_rows == 3
    with client.query_row_block_stream("SELECT number FROM numbers(300000)") as blocks:
        assert sum(len(block) for block in blocks) == 300_000
    with pytest.raises(DatabaseError) as failed:
        client.query("SELECT nonsense FROM t")
    assert failed.value.code == 47


def test_statement_in_body_or_parameter_and_data_after_it(raw: Raw) -> None:
    lines = b'{"a":1,"s":"FORMAT x\\n"}\n{"a":2}\n'
    assert raw(b"INSERT INTO t FORMAT JSONEachRow\n" + lines)[0] == 200
    assert raw(lines, query="INSERT INTO t FORMAT JSONEachRow")[0] == 200
    assert raw(b"INSERT INTO t (s, a) VALUES ('it''s a FORMAT JSONEachRow\n', 3), ('b', 4)")[0] == 200
    assert raw(b"/* FORMAT CSV\n */ INSERT INTO t SELECT 5, 'x', []")[0] == 200
    select = "INSERT INTO t SELECT n + 5 AS a, 'sel' AS s, [] AS l FROM input('n UInt64') FORMAT JSONEachRow"
    status, headers, _ = raw(b'{"n":1}\n{"n":2}', query=select)
    assert (status, json.loads(headers["X-ClickHouse-Summary"])["written_rows"]) == (200, "2")
    assert raw(b"SELECT a FROM t ORDER BY a")[2].split() == b"1 1 2 2 3 4 5 6 7".split()
    assert raw(b"FROM t WHERE s != '' FORMAT CSV", query="SELECT count()")[2] == b"7\n"


@pytest.mark.parametrize("encoding", ENCODERS)
def test_compressed_bodies(raw: Raw, encoding: str) -> None:
    body = ENCODERS[encoding](b"INSERT INTO t FORMAT JSONEachRow\n" + b'{"a":1}\n' * 5000)
    assert raw(body, headers={"Content-Encoding": encoding})[0] == 200
    assert raw(b"SELECT count() FROM t")[2] == b"5000\n"


def test_chunked_body_and_form(raw: Raw) -> None:
    assert raw(iter([b"INSERT INTO t FORMAT ", b"JSONEachRow\n", b'{"a":1}\n', b'{"a":2}']))[0] == 200
    boundary = {"Content-Type": "multipart/form-data; boundary=xyz"}
    fields = {"query": "SELECT {s:String}, count() FROM t", "param_s": "é\\tü"}
    form = "".join(f'--xyz\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items())
    assert raw((form + "--xyz--\r\n").encode(), headers=boundary)[2].decode() == "é\\tü\t2\n"


def test_formats_settings_and_parameters(raw: Raw) -> None:
    status, headers, body = raw(b"SELECT 1 AS a", default_format="JSONEachRow", query_id="q-1")
    assert (status, body, headers["X-ClickHouse-Format"]) == (200, b'{"a":1}\n', "JSONEachRow")
    assert headers["X-ClickHouse-Query-Id"] == "q-1"
    assert headers["X-ClickHouse-Timezone"] == "America/New_York"
    assert raw(b"SELECT {n:UInt8} + 1 FORMAT CSV", param_n="41")[2] == b"42\n"
    setting = b"SELECT value FROM system.settings WHERE name = 'max_threads'"
    assert raw(setting, max_threads="7")[2] == b"7\n"
    assert raw(setting)[2] != b"7\n"


@pytest.mark.parametrize(
    ("statement", "parameters", "status", "code"),
    [
        ("SELECT * FROM nowhere", {}, 404, "60"),
        ("SELEC 1", {}, 400, "62"),
        ("SELEC", {}, 400, "62"),
        ("SELECT throwIf(1)", {}, 500, "395"),
        ("SELECT 1", {"no_such_setting": "1"}, 404, "115"),
        ("SELECT 1", {"database": "nowhere"}, 404, "81"),
        ("SELECT {n:UInt8}", {"param_n": "x"}, 400, "457"),
        ('INSERT INTO t FORMAT JSONEachRow\n{"a":"x"}', {}, 400, "27"),
        ("SELECT 1", {"max_threads": "x"}, 400, "27"),
    ],
)
def test_errors(raw: Raw, statement: str, parameters: dict[str, str], status: int, code: str) -> None:
    answered, headers, body = raw(statement.encode(), **parameters)
    assert (answered, headers["X-ClickHouse-Exception-Code"]) == (status, code)
    assert body.startswith(f"Code: {code}. DB::Exception: ".encode())
    assert raw(b"SELECT 1")[2] == b"1\n"


def test_get_only_reads(raw: Raw) -> None:
    assert raw(method="GET", query="SELECT 1")[2] == b"1\n"
    assert (
        raw(method="GET", query="CREATE TABLE u (a UInt8) ENGINE = Memory")[1]["X-ClickHouse-Exception-Code"] == "164"
    )
    raw.connection.request("GET", "/ping")
    assert raw.connection.getresponse().read() == b"Ok.\n"


def test_requests_run_side_by_side(raw: Raw, clickhouse_url: str) -> None:
    answers: list[bytes] = []

    def ask(number: int) -> None:
        connection = Raw(clickhouse_url)
        for _ in range(5):
            answers.append(connection(b"SELECT sum(number) + {n:UInt64} FROM numbers(100000)", param_n=str(number))[2])
        connection.connection.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(map(int, answers)) == sorted([4999950000 + n for n in range(16)] * 5)
