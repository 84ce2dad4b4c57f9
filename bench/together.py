"""Point writes while an import and counts run: UpdateEndpoint through the signed API, first alone, then beside them.

Target: what `bench/api` asks of it alone (2,000 requests/s, 99th percentile under 20 ms) also then.

    python -m bench together [seconds]
"""

from __future__ import annotations

import gzip
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from bench import api, imports
from bench.load import Load, Report, sign
from tests.acceptance.running import Server

ROWS = 1_000_000
"""More than are imported meanwhile."""


def main(seconds: float) -> int:
    with tempfile.TemporaryDirectory(prefix="clarion-bench-") as folder:
        server = Server(Path(folder) / "data", environ={"CLARION_LOG_LEVEL": "warning"})
        try:
            _measure(server, seconds)
        finally:
            server.stop()
    return 0


def _measure(server: Server, seconds: float) -> None:
    app = api._prepare(server)
    client = server.client()
    segment = client.create_segment(ApplicationId=app, WriteSegmentRequest={"Dimensions": {}})["SegmentResponse"]["Id"]
    path = server.data / "uploads" / app / "people.csv.gz"
    path.parent.mkdir(parents=True)
    with gzip.open(path, "wt", compresslevel=1) as file:
        imports.write(file, ROWS)
    load = _load(server, app)
    _report("UpdateEndpoint alone", load.run(seconds))
    request = {
        "Format": "CSV",
        "RoleArn": "arn:aws:iam::1:role/r",
        "S3Url": f"file://{path}",
        "RegisterEndpoints": True,
    }
    job = client.create_import_job(ApplicationId=app, ImportJobRequest=request)["ImportJobResponse"]["Id"]
    ended = threading.Event()
    counts: list[float] = []
    counting = threading.Thread(target=_count, args=(server, app, segment, ended, counts))
    counting.start()
    time.sleep(2)
    before, begun = _processed(client, app, job), time.perf_counter()
    _report("UpdateEndpoint beside an import and counts", load.run(seconds))
    rows, took = _processed(client, app, job) - before, time.perf_counter() - begun
    ended.set()
    counting.join()
    print(
        f"meanwhile: {rows / took:,.0f} rows/s imported, {len(counts)} counts, the slowest {max(counts) * 1000:,.0f} ms"
    )
    server.control("POST", "imports/cancel", {"ApplicationId": app, "JobId": job})


def _load(server: Server, app: str) -> Load:
    path = f"/v1/apps/{app}/endpoints"
    return Load(server.url, [sign(server.url, "PUT", f"{path}/e{n}", api._endpoint(n)) for n in range(api.ENDPOINTS)])


def _count(server: Server, app: str, segment: str, ended: threading.Event, counts: list[float]) -> None:
    while not ended.wait(0.5):
        begun = time.perf_counter()
        server.control("POST", "segments/estimate", {"ApplicationId": app, "SegmentId": segment})
        counts.append(time.perf_counter() - begun)


def _processed(client: Any, app: str, job: str) -> int:
    found = client.get_import_job(ApplicationId=app, JobId=job)["ImportJobResponse"]
    return int(found.get("TotalProcessed", 0))


def _report(name: str, report: Report) -> None:
    print(
        f"{name}: {report.rate:,.0f} requests/s ({report.rate / api.TARGET:.2f} of {api.TARGET:,}),"
        f" p50 {report.p50_ms:.1f} ms, p99 {report.p99_ms:.1f} ms, {report.errors} errors"
    )


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 8.0))
