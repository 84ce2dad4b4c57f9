"""An import of gzip CSV into both stores: rows per second from its creation to the last row selectable.

Rows have 10 custom attributes, 3 metrics, 3 user attributes, a user and a place. Target: 15,000 rows/s, memory flat
below 1.5 GB. Beside it, in the same run, the bare engines do the least that anybody could: SQLite takes the same
documents by primary key in batches, chDB the same rows from one Arrow table.

    python -m bench imports [rows]
"""

from __future__ import annotations

import gzip
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO

import sqlalchemy as sa

from clarion.core.scope import Scope
from clarion.core.settings import load
from clarion.domain.audience.store import endpoints
from clarion.server import logs
from clarion.server.doctor.mirror import examine_mirror
from clarion.server.system import System
from clarion.server.upkeep import look
from clarion.shapes.pinpoint import ImportJobRequest

SCOPE = Scope("000000000001", "us-east-1")
TARGET, MEMORY_MB, STREAM_TARGET = 15_000, 1_500, 150_000
CITIES = ("Berlin", "Paris", "Madrid", "Roma", "Wien", "London", "Oslo", "Porto")
HEADER = ",".join(
    (
        "Id,ChannelType,Address,User.UserId,Location.City,Location.Country,Location.Latitude,Location.Longitude",
        *(f"Attributes.a{number}" for number in range(10)),
        *(f"Metrics.m{number}" for number in range(3)),
        *(f"User.UserAttributes.u{number}" for number in range(3)),
    )
)


def row(number: int) -> str:
    """A row whose values are as varied as people's: some with few values, some with many."""
    attributes = (f"v{number * (place + 3) % (10 ** (1 + place % 4))}" for place in range(10))
    metrics = (number % 97, number % 1009, number * 7 % 100_003)
    of_user = (f"w{number * (place + 5) % 50}" for place in range(3))
    place = number % 8
    return ",".join(
        (
            f"endpoint-{number:08d},EMAIL,person{number}@example.com,user-{number:08d}",
            f"{CITIES[place]},DE,{45 + number % 100 / 10},{number % 170 / 10}",
            *attributes,
            *map(str, metrics),
            *of_user,
        )
    )


def write(file: IO[str], rows: int) -> None:
    """The whole file."""
    file.write(HEADER + "\n")
    for first in range(0, rows, 10_000):
        file.write("".join(row(number) + "\n" for number in range(first, min(first + 10_000, rows))))


def _rss_mb() -> float:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _watch(samples: list[float], done: threading.Event) -> None:
    while not done.wait(0.5):
        samples.append(_rss_mb())


def main(rows: int = 200_000) -> int:
    logs.configure("warning")
    with tempfile.TemporaryDirectory(prefix="clarion-bench-") as folder:
        settings = load({"data": folder, "email_transport": "counting", "public_url": ""}, environ={})
        system = System(settings, "http://127.0.0.1:8080")
        system.start(work=True)
        try:
            app_id = system.apps.create(SCOPE, "bench", None).app.id
            path = Path(folder) / "uploads" / app_id / "people.csv.gz"
            path.parent.mkdir(parents=True)
            with gzip.open(path, "wt", compresslevel=1) as file:
                write(file, rows)
            return _measure(system, app_id, rows, f"file://{path}")
        finally:
            system.close()


def _measure(system: System, app_id: str, rows: int, url: str) -> int:
    samples = [_rss_mb()]
    done = threading.Event()
    threading.Thread(target=_watch, args=(samples, done), daemon=True).start()
    request = ImportJobRequest(format="CSV", role_arn="arn:aws:iam::1:role/r", s3_url=url, register_endpoints=True)
    begun, cpu = time.perf_counter(), time.process_time()
    job = system.transfers.create_import(SCOPE, app_id, request)
    while not (found := system.transfers.get(SCOPE, app_id, "IMPORT", job.id)).job.ended:
        time.sleep(0.2)
    written = time.perf_counter() - begun
    system.consumer.catch_up(timeout_seconds=600)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    done.set()
    stored = system.database.read(lambda c: c.scalar(sa.select(sa.func.count()).select_from(endpoints))) or 0
    third = max(1, len(samples) // 3)
    rate = rows / seconds
    print(
        f"import: {rate:,.0f} rows/s ({rate / TARGET:.2f} of {TARGET:,}), {seconds:.1f} s, state after {written:.1f} s"
    )
    print(f"processor: {cpu / rows * 1e6:.0f} µs a row, {cpu / seconds:.2f} cores busy")
    print(f"stored: {stored:,} of {rows:,}, {found.job.failed:,} refused")
    print(
        f"memory: {samples[0]:.0f} MB before, {max(samples[:third]):.0f} MB at most in the first third,"
        f" {max(samples[-third:]):.0f} MB in the last (of {MEMORY_MB:,})"
    )
    _stream(system, app_id, rows)
    _compare(system, rows)
    return 0 if stored == rows else 1


def _stream(system: System, app_id: str, rows: int) -> None:
    """All members with their documents, as exports read them, beside the engine's bare stream of the same columns."""
    begun = time.perf_counter()
    written = sum(page.number for page in system.segments.documents(SCOPE, app_id, None, limit=rows))
    exported = written / (time.perf_counter() - begun)
    begun = time.perf_counter()
    sql = "SELECT endpoint_key, document FROM endpoints FINAL WHERE app_id = {app:String}"
    read = sum(batch.num_rows for batch in system.columnar.stream(sql, {"app": app_id}))
    bare = read / (time.perf_counter() - begun)
    print(
        f"members with documents: {bare:,.0f}/s streamed ({bare / STREAM_TARGET:.2f} of {STREAM_TARGET:,}),"
        f" {exported:,.0f}/s as lines of an export ({exported / bare:.2f} of that)"
    )


def _compare(system: System, rows: int) -> None:
    """What `clarion doctor --deep` does."""
    begun = time.perf_counter()
    (finding,) = examine_mirror(lambda request: look(system.mirror, request), None, repair=False)
    seconds = time.perf_counter() - begun
    print(
        f"mirror: {finding.compared:,} endpoints compared in {seconds:.1f} s, {rows / seconds:,.0f}/s: {finding.state}"
    )


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))
