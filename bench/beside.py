"""What runs beside ingestion in production: an event stream to files, and programs that ask KPIs.

Asked at a rate, not as fast as answers come: who asks next does not wait for the answer before.
"""

from __future__ import annotations

import http.client
import json
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from bench.load import sign
from tests.acceptance.running import Server

KPIS_A_SECOND = 20
_ASKING = 64
"""At most so many at once."""

_CHILD = "import sys; from bench.beside import child; child(sys.argv[1], sys.argv[2], int(sys.argv[3]))"

KPIS = (
    "txn-emails-sent",
    "txn-emails-unique-opens-grouped-by-date",
    "successful-delivery-rate",
    "unique-deliveries-grouped-by-date",
    "txn-sms-sent-grouped-by-country",
)


class Beside:
    """Asks KPIs of a project, from a process of its own, until it is left; then says how that went."""

    def __init__(self, server: Server, app: str, rate: int = KPIS_A_SECOND) -> None:
        self._server = server
        self._app = app
        self._rate = rate

    def stream(self) -> None:
        """Stream the project's events to files."""
        folder = Path(self._server.data) / "stream"
        folder.mkdir(parents=True, exist_ok=True)
        wanted = {"DestinationStreamArn": f"file://{folder}", "RoleArn": "arn:aws:iam::1:role/streams"}
        self._server.client().put_event_stream(ApplicationId=self._app, WriteEventStream=wanted)

    def __enter__(self) -> Beside:
        command = [sys.executable, "-c", _CHILD, self._server.url, self._app, str(self._rate)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        told, _ = self._process.communicate("")
        found = json.loads(told)
        status = self._server.control("GET", f"streams/status?ApplicationId={self._app}")
        print(
            f"  beside it: {found['rate']:.1f} KPIs/s (of {self._rate}), p50 {found['p50'] * 1000:,.0f} ms,"
            f" p99 {found['p99'] * 1000:,.0f} ms, {found['errors']} errors; stream: {_told(status)}"
        )


def _told(status: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in status.items() if isinstance(value, int | float))


def child(url: str, app: str, rate: int) -> None:
    """Ask until the standard input is closed."""
    host = urlsplit(url).netloc
    times: list[float] = []
    errors: list[int] = []
    threads: list[threading.Thread] = []

    def ask(number: int) -> None:
        begun = time.perf_counter()
        path = f"/v1/apps/{app}/kpis/daterange/{KPIS[number % len(KPIS)]}"
        _, _, head = sign(url, "GET", path).decode().partition("\r\n")
        headers = dict(line.split(": ", 1) for line in head.strip().split("\r\n"))
        connection = http.client.HTTPConnection(host, timeout=60)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                errors.append(answer.status)
        except OSError:
            errors.append(0)
        finally:
            connection.close()
        times.append(time.perf_counter() - begun)

    ended = threading.Event()

    def wait() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    begun, number = time.perf_counter(), 0
    while not ended.wait(max(0.0, begun + number / rate - time.perf_counter())):
        threads = [one for one in threads if one.is_alive()]
        if len(threads) < _ASKING:
            threads.append(threading.Thread(target=ask, args=(number,)))
            threads[-1].start()
        number += 1
    took = time.perf_counter() - begun
    answered = len(times)
    for one in threads:
        one.join()
    times.sort()
    p50, p99 = (statistics.median(times), times[len(times) * 99 // 100]) if times else (0.0, 0.0)
    print(json.dumps({"rate": answered / took, "p50": p50, "p99": p99, "errors": len(errors)}))
