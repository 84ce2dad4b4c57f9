"""Works, log rows and jobs per second through the state database: SQLite, and PostgreSQL from the tests' package.

Tiny works insert one row each and are submitted together; the log carries bodies of 44 KB, as PutEvents of 100
events has; jobs are taken in batches of 500, or one at a time. What is
submitted at once is the median of five runs, the rest one run.

    python -m bench.store [sqlite|postgresql]
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa

from clarion.core.clock import SystemClock
from clarion.core.ids import SystemIds
from clarion.engine.jobs import Jobs, LeasedJob, NewJob, finish_all
from clarion.engine.log import LogConsumer, LogRow, append
from clarion.engine.pumps import Engine
from clarion.engine.workers import JobsPump
from clarion.store.batches import insert_rows
from clarion.store.database import Database, open_database
from clarion.store.migrate import migrate

TABLES = sa.MetaData()
TINY = sa.Table("bench_tiny", TABLES, sa.Column("id", sa.Integer, primary_key=True), sa.Column("v", sa.Text))
BODY = os.urandom(44_000)


class Nowhere:
    """A sink that only counts."""

    def __init__(self) -> None:
        self.rows = 0

    def consume(self, rows: Sequence[LogRow], token: str) -> None:
        self.rows += len(rows)


def tiny(connection: sa.Connection) -> None:
    connection.execute(sa.insert(TINY), {"v": "hello"})


def log_row(connection: sa.Connection) -> None:
    append(connection, "bench", BODY)


def report(what: str, per_second: float) -> None:
    print(f"  {what:<52} {per_second:>10,.0f} /s", flush=True)


def together(database: Database, work: Callable[[sa.Connection], None], count: int, runs: int = 5) -> float:
    """Works per second when `count` are submitted at once."""
    rates = []
    for _ in range(runs):
        start = time.perf_counter()
        for future in [database.submit(work) for _ in range(count)]:
            future.result()
        rates.append(count / (time.perf_counter() - start))
    return statistics.median(rates)


def works(database: Database) -> None:
    for count in (1_000, 2_000, 4_000):
        report(f"tiny works, {count} submitted at once", together(database, tiny, count))
    start = time.perf_counter()
    threads = [threading.Thread(target=lambda: [database.write(tiny) for _ in range(200)]) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report("tiny works, 16 threads that wait for each", 16 * 200 / (time.perf_counter() - start))


def rows_beside_a_busy_thread(database: Database) -> None:
    """1,000 rows in one work, while another thread computes: one by one, and as `insert_rows` writes them."""
    values = [("hello",)] * 1_000
    one_by_one = sa.insert(TINY)
    ways: dict[str, Callable[[sa.Connection], None]] = {
        "one by one": lambda c: c.execute(one_by_one, [{"v": text} for (text,) in values]).close(),
        "by insert_rows": lambda c: insert_rows(c, database.insert(TINY), ["v"], values),
    }
    done = threading.Event()

    def compute() -> None:
        while not done.is_set():
            sum(range(1_000))

    busy = threading.Thread(target=compute)
    busy.start()
    for name, work in ways.items():
        start = time.perf_counter()
        database.write(work)
        report(f"rows {name} beside a busy thread", len(values) / (time.perf_counter() - start))
    done.set()
    busy.join()


def log(database: Database) -> None:
    report("log rows of 44 KB appended, 1000 at once", together(database, log_row, 1_000))
    sink = Nowhere()
    consumer = LogConsumer(database, {"bench": sink}, real=SystemClock(), ids=SystemIds())
    start = time.perf_counter()
    consumer.catch_up(120)
    report("log rows of 44 KB consumed into nothing", sink.rows / (time.perf_counter() - start))
    consumer.stop()


def jobs(database: Database) -> None:
    def finish(batch: Sequence[LeasedJob]) -> None:
        database.write(lambda connection: finish_all(connection, batch))

    table = Jobs(database, SystemClock())
    table.register("bench.batch", finish, batch=True)
    table.register("bench.single", lambda job: None)
    pump = JobsPump(database, table, clock=SystemClock(), real=SystemClock(), ids=SystemIds())
    engine = Engine([pump], SystemClock(), SystemIds())
    for kind, count in (("bench.batch", 40_000), ("bench.single", 2_000)):
        start = time.perf_counter()
        new = [NewJob({"n": number}, 0) for number in range(500)]
        for _ in range(count // 500):
            database.write(lambda connection, kind=kind, new=new: table.enqueue_all(connection, kind, new))
        enqueued = time.perf_counter()
        engine.settle(300)
        report(f"{kind} jobs enqueued, 500 a transaction", count / (enqueued - start))
        report(f"{kind} jobs run", count / (time.perf_counter() - enqueued))
    engine.stop()


@contextmanager
def state(dialect: str) -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/state.db"
        if dialect == "postgresql":
            from tests import postgres

            # The tests' server does without syncing to disk; a figure must not.
            postgres._SETTINGS.update(fsync="on", full_page_writes="on")
            url = postgres.server().url("postgres")
        database = open_database(url)
        migrate(database)
        database.write(TABLES.create_all)
        yield database
        database.close()


if __name__ == "__main__":
    for dialect in sys.argv[1:] or ["sqlite", "postgresql"]:
        print(dialect)
        with state(dialect) as database:
            works(database)
            rows_beside_a_busy_thread(database)
            log(database)
            jobs(database)
