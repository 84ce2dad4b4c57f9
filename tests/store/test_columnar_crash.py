"""`Columnar`: a process killed while inserting, and the same token again, leave every row there exactly once."""

from __future__ import annotations

import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clarion.core.errors import Invalid, Unavailable
from clarion.store.columnar import Columnar, open_columnar
from tests.columnar import front
from tests.store import columnar_writer as writer

ROOT = Path(__file__).parent.parent.parent
ROUNDS = 4


@contextmanager
def writing(url: str, first: int) -> Iterator[Iterator[str]]:
    """The lines of a running writer; it is killed with -9 on the way out, or after a minute."""
    command = [sys.executable, "-m", "tests.store.columnar_writer", url, str(first)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        overdue = threading.Timer(60, process.kill)
        overdue.start()
        try:
            assert process.stdout
            yield map(str.strip, process.stdout)
        finally:
            process.kill()
            overdue.cancel()


@pytest.fixture
def directory(tmp_path: Path) -> str:
    return f"chdb://{tmp_path}/events?database=crash"


def test_kill_9_of_the_process_with_the_engine(directory: str) -> None:
    chance = random.Random(5)
    stored = 0
    for _ in range(ROUNDS):
        with writing(directory, stored) as lines:
            assert next(lines) == "open"
            for _ in range(chance.randint(3, 12)):
                stored = int(next(lines)) + 1
            time.sleep(chance.random() * 0.01)  # into the middle of the next insert
        # What was not acknowledged is inserted again, under its token, by the next process.
    store = open_columnar(directory)
    while store.query("SELECT count() FROM numbers WHERE batch >= {n:UInt32}", {"n": stored}) != [(0,)]:
        writer.insert(store, stored)
        stored += 1
    assert writer.missing_or_doubled(store, stored) == []
    store.close()


def test_kill_9_of_the_server(tmp_path: Path) -> None:
    chance = random.Random(6)
    stored, port = 0, 0
    for _ in range(ROUNDS):
        with front(tmp_path / "server", "--port", str(port)) as (process, port):
            store = open_columnar(f"http://default:@127.0.0.1:{port}/crash")
            writer.create(store)
            killing = threading.Timer(0.05 + chance.random() * 0.1, process.kill)
            killing.start()
            try:
                while True:
                    writer.insert(store, stored)
                    stored += 1
            except Unavailable:
                pass
            killing.join()
            store.close()
    with front(tmp_path / "server") as (_, port):
        store = open_columnar(f"http://default:@127.0.0.1:{port}/crash")
        writer.insert(store, stored)
        assert writer.missing_or_doubled(store, stored + 1) == []
        store.close()


def remove_newest_part(path: Path, partition: int) -> None:
    """What a kill between an insert's two last steps leaves: its token in the log, its part not yet in place."""
    [table] = [log.parent for log in path.glob("store/*/*/deduplication_logs")]
    newest = max(table.glob(f"{partition}_*"), key=lambda part: int(part.name.split("_")[2]))
    newest.rename(table / f"tmp_insert_{newest.name}")


def counts(store: Columnar) -> list[tuple[object, ...]]:
    return store.query("SELECT shelf, count(), uniqExact(batch, number) FROM numbers GROUP BY shelf ORDER BY shelf")


def test_a_token_logged_without_its_part_is_inserted_again(directory: str, tmp_path: Path) -> None:
    store = open_columnar(directory)
    writer.create(store)
    store.command("SYSTEM STOP MERGES numbers")
    for batch in range(4):
        writer.insert(store, batch)
    whole = counts(store)
    store.close()
    remove_newest_part(tmp_path / "events", partition=1)
    store = open_columnar(directory)
    assert counts(store) != whole
    for batch in range(4):
        writer.insert(store, batch)
    assert counts(store) == whole
    store.close()


def test_a_torn_line_in_the_token_log_is_no_obstacle(directory: str, tmp_path: Path) -> None:
    store = open_columnar(directory)
    writer.create(store)
    writer.insert(store, 0)
    store.close()
    [log] = (tmp_path / "events").glob("store/*/*/deduplication_logs/*.txt")
    log.write_text(log.read_text() + "1\t1_9")
    store = open_columnar(directory)
    writer.insert(store, 0)
    writer.insert(store, 1)
    assert writer.missing_or_doubled(store, 2) == []
    store.close()


def test_another_process_has_the_directory(directory: str) -> None:
    with writing(directory, 0) as lines:
        assert next(lines) == "open"
        with pytest.raises(Unavailable, match="another process"):
            open_columnar(directory)


def test_a_second_directory_in_this_process(directory: str, tmp_path: Path) -> None:
    store = open_columnar(directory)
    with pytest.raises(Invalid, match="another chDB path"):
        open_columnar(f"chdb://{tmp_path}/elsewhere")
    store.close()
    elsewhere = open_columnar(f"chdb://{tmp_path}/elsewhere")
    assert elsewhere.query("SELECT 1") == [(1,)]
    elsewhere.close()


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unavailable):
        open_columnar(f"http://default:@127.0.0.1:{port}/x")


def test_a_server_that_goes_away_and_comes_back(tmp_path: Path) -> None:
    with front(tmp_path / "server", "--password", "s3cr:t/") as (process, port):
        url = f"http://default:s3cr%3At%2F@127.0.0.1:{port}/x"
        with pytest.raises(Unavailable, match="AUTHENTICATION_FAILED"):
            open_columnar(url.replace("s3cr", "wrong"))
        store = open_columnar(url)
        stream = store.stream("SELECT number FROM numbers(3)")
        assert [row for batch in stream for row in batch["number"].to_pylist()] == [0, 1, 2]
        process.kill()
        process.wait(10)
        for call in (store.query, store.command, lambda sql: list(store.stream(sql))):
            with pytest.raises(Unavailable):
                call("SELECT 1")
        with pytest.raises(Unavailable):
            store.insert_json("t", b'{"a":1}', token="a")
    with front(tmp_path / "server", "--password", "s3cr:t/", "--port", str(port)):
        assert store.query("SELECT 1") == [(1,)]
    store.close()


def test_an_answer_that_breaks_off_is_not_taken_for_whole(tmp_path: Path) -> None:
    with front(tmp_path / "server") as (process, port):
        store = open_columnar(f"http://default:@127.0.0.1:{port}/x")
        stream = store.stream("SELECT hex(sipHash128(number)) AS a FROM numbers(2000000)")
        assert next(stream).num_rows > 0
        process.kill()
        process.wait(10)
        with pytest.raises(Unavailable):
            for _ in stream:
                pass
        store.close()
