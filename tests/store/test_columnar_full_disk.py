"""An insert that did not find space says so, and stores its rows when it is repeated."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from clarion.core.errors import Unavailable
from clarion.store.columnar.port import Refused, failure
from tests.disk import fill, small_disk

PROGRAM = """
import sys
import pyarrow as pa
from clarion.core.errors import Unavailable
from clarion.store.columnar import DURABLE, open_columnar

store = open_columnar(sys.argv[1])
store.command(f"CREATE TABLE IF NOT EXISTS t (a UInt64, b String) ENGINE = MergeTree ORDER BY a SETTINGS {DURABLE}")
data = pa.table({"a": pa.array(range(5000), pa.uint64()), "b": pa.array(["x"] * 5000)})
inserts = {
    "json": lambda: store.insert_json("t", b'{"a": 1, "b": "x"}\\n' * 5000, token="json"),
    "arrow": lambda: store.insert_arrow("t", data, token="arrow"),
    "select": lambda: store.insert_arrow("t", data, token="select", select="SELECT a, b FROM input"),
}
def all_of_them():
    for name, insert in inserts.items():
        try:
            insert()
            print(name, "stored")
        except Unavailable:
            print(name, "unavailable")
print("ready", flush=True)
for line in sys.stdin:
    all_of_them()
    print(*store.query("SELECT count() FROM t")[0], flush=True)
store.close()
"""


def test_a_full_disk_is_told_and_the_repeated_insert_stores(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 100) as disk:
        command = [sys.executable, "-c", PROGRAM, f"chdb://{disk}/events"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin
            assert process.stdout

            def insert() -> list[str]:
                assert process.stdin
                assert process.stdout
                process.stdin.write("again\n")
                process.stdin.flush()
                return [process.stdout.readline().strip() for _ in range(4)]

            assert process.stdout.readline() == "ready\n"
            ballast = fill(disk)
            for _ in range(2):
                assert insert() == ["json unavailable", "arrow unavailable", "select unavailable", "0"]
            ballast.unlink()
            for _ in range(2):
                assert insert() == ["json stored", "arrow stored", "select stored", "15000"]
            process.stdin.close()
            assert process.wait(30) == 0


@pytest.mark.parametrize(
    ("message", "code", "kind"),
    [
        ("Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space", 243, Unavailable),
        ("Code: 573. DB::ErrnoException: Cannot open epoll descriptor, errno: 24", 573, Unavailable),
        ("Code: 76. DB::ErrnoException: Cannot open file x: , errno: 30, Read-only file system", 76, Unavailable),
        ("Code: 27. DB::Exception: Cannot parse input", 27, Refused),
    ],
)
def test_what_the_system_refuses_may_be_tried_again(message: str, code: int, kind: type) -> None:
    assert type(failure(message, code)) is kind
