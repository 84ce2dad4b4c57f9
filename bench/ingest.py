"""PutEvents through the real API: signed, durable, queryable; the whole product in one process.

Targets on two cores that the load generator shares: 50,000 events/s in bodies of 100, 2,500 requests/s in bodies
of one, accepted until queryable in at most 2 s (99th percentile), at most 1.5 GB of memory. Every body is
different and signed before the clock starts; endpoints are known to the server, as nearly all are in production.

    python -m bench.ingest [seconds] [--details] [--beside]

With `--beside` the events also go to an event stream (files), and 20 KPIs a second are asked meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

from bench.beside import Beside
from bench.load import sign
from tests.acceptance.running import Server

EVENTS_TARGET, REQUESTS_TARGET, DELAY_SECONDS, RSS_MIB = 50_000, 2_500, 2.0, 1_500
CONNECTIONS = 32
ENDPOINTS = 5_000
_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Shape(NamedTuple):
    """One kind of traffic: events in a body, and how many bodies a second of load may need at most."""

    events: int
    bodies_per_second: int


MANY, ONE = Shape(100, 1_600), Shape(1, 5_000)


def body(shape: Shape, number: int) -> bytes:
    """A body of about 430 bytes an event, as a mobile SDK sends it, with ids of its own."""
    endpoint = number % ENDPOINTS
    prefix = uuid.uuid4().hex[:24]
    events = {
        f"{prefix[:8]}-{prefix[8:12]}-{prefix[12:16]}-{prefix[16:20]}-{prefix[20:24]}{n:08x}": {
            "EventType": ("cart.left", "page.view", "_session.start", "search")[n % 4],
            "Timestamp": f"2026-11-04T09:{n % 60:02d}:{number % 60:02d}.{(number + n) % 1000:03d}Z",
            "Attributes": {
                "category": ("shoes", "hats", "bags")[n % 3],
                "path": f"/p/{(number * 7 + n) % 1000}",
                "ref": "newsletter",
                "lang": "de",
            },
            "Metrics": {"amount": (number + n) % 10_000 / 100, "qty": n % 5},
            "AppPackageName": "com.acme.shop",
            "AppTitle": "Acme Shop",
            "AppVersionCode": "402",
            "ClientSdkVersion": "2.14.0",
            "SdkName": "amplify-android",
            "Session": {"Id": f"s-{endpoint}", "StartTimestamp": "2026-11-04T09:00:00.000Z"},
        }
        for n in range(shape.events)
    }
    item = {"Endpoint": _endpoint(endpoint), "Events": events}
    return json.dumps({"BatchItem": {f"ep-{endpoint}": item}}, separators=(",", ":")).encode()


def _endpoint(number: int) -> dict[str, Any]:
    return {
        "ChannelType": "EMAIL",
        "Address": f"person{number}@acme.test",
        "User": {"UserId": f"u-{number}"},
        "Demographic": {
            "AppVersion": "4.2",
            "Locale": "de_DE",
            "Make": "Fairphone",
            "Model": "FP5",
            "Platform": "android",
            "PlatformVersion": "14",
        },
    }


# --- the load generator: a process of its own


class _Connection(asyncio.Protocol):
    """Sends the next request as soon as the last one is answered."""

    def __init__(self, requests: Iterator[bytes], end: float, times: list[float], finished: asyncio.Event) -> None:
        self._requests, self._end, self._times, self._finished = requests, end, times, finished
        self._answer = b""
        self._wanted = 0
        self.errors = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def _send(self) -> None:
        request = next(self._requests, None) if time.perf_counter() < self._end else None
        if request is None:
            self._transport.close()
            return
        self._begun = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if not self._wanted:
            head, found, _ = self._answer.partition(b"\r\n\r\n")
            if not found:
                return
            length = re.search(rb"content-length: (\d+)", head)
            assert length is not None
            self._wanted = len(head) + 4 + int(length[1])
        if len(self._answer) >= self._wanted:
            self._times.append(time.perf_counter() - self._begun)
            if not self._answer.startswith(b"HTTP/1.1 202") or b'"StatusCode":400' in self._answer:
                self.errors += 1
            self._answer, self._wanted = b"", 0
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        self._finished.set()


async def _drive(host: str, port: int, requests: list[bytes], seconds: float) -> dict[str, float]:
    loop = asyncio.get_running_loop()
    times: list[float] = []
    pending = iter(requests)
    begun = time.perf_counter()
    finished = [asyncio.Event() for _ in range(CONNECTIONS)]
    made = [
        await loop.create_connection(lambda done=done: _Connection(pending, begun + seconds, times, done), host, port)
        for done in finished
    ]
    for done in finished:
        await done.wait()
    took = time.perf_counter() - begun
    times.sort()
    used = os.times()
    return {
        "requests": len(times),
        "seconds": took,
        "p50": statistics.median(times),
        "p99": times[len(times) * 99 // 100],
        "errors": sum(protocol.errors for _, protocol in made),
        "cpu": used.user + used.system,
    }


def child(url: str, app: str, events: int, count: int, seconds: float, first: int) -> None:
    """Make and sign the requests, say so, wait for the start, send, print what was measured."""
    import uvloop

    shape = Shape(events, 0)
    path = f"/v1/apps/{app}/events"
    requests = [sign(url, "POST", path, body(shape, first + number)) for number in range(count)]
    print("ready", flush=True)
    sys.stdin.readline()
    before = os.times()
    parts = urlsplit(url)
    report = uvloop.run(_drive(str(parts.hostname), int(parts.port or 80), requests, seconds))
    report["cpu"] -= before.user + before.system
    print(json.dumps(report), flush=True)


# --- the measurement


class Run(NamedTuple):
    """What one load showed. Seconds, but for `cpu`: by thread, seconds of CPU."""

    requests: int
    seconds: float
    p50: float
    p99: float
    errors: int
    load_cpu: float
    cpu: dict[str, float]
    caught_up: float


def load(server: Server, app: str, shape: Shape, seconds: float, first: int) -> Run:
    """One load, and how long the record needed afterwards to hold everything."""
    count = int(shape.bodies_per_second * seconds)
    arguments = [server.url, app, str(shape.events), str(count), str(seconds), str(first)]
    command = [sys.executable, "-m", "bench.ingest", "child", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        before = thread_seconds(server.process.pid)
        process.stdin.write("go\n")
        process.stdin.flush()
        report = json.loads(process.stdout.readline())
    sent = time.perf_counter()
    server.settle()
    caught_up = time.perf_counter() - sent
    after = thread_seconds(server.process.pid)
    cpu = {name: value - before.get(name, 0.0) for name, value in after.items()}
    return Run(
        int(report["requests"]),
        report["seconds"],
        report["p50"],
        report["p99"],
        int(report["errors"]),
        report["cpu"],
        cpu,
        caught_up,
    )


def thread_seconds(pid: int) -> dict[str, float]:
    """CPU seconds of a process by the name of its threads; `main` is the event loop's."""
    found: dict[str, float] = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            name, _, rest = (task / "stat").read_text().partition("(")[2].rpartition(")")
        except OSError:
            continue
        if int(task.name) == pid:
            name = "main"
        fields = rest.split()
        found[name] = found.get(name, 0.0) + (int(fields[11]) + int(fields[12])) / _CLOCK_TICKS
    return found


def rss_mib(pid: int) -> float:
    """Resident memory now."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE / 2**20


def peak_mib(pid: int) -> float:
    """The most resident memory so far."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def delays(server: Server) -> dict[float, float]:
    """Log rows by seconds from arrival until queryable: the histogram's buckets, cumulated."""
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    return {
        float(edge): float(count)
        for edge, count in re.findall(r'clarion_ingest_delay_seconds_bucket\{le="([^"]+)"\} (\S+)', text)
    }


def percentile(before: dict[float, float], after: dict[float, float], share: float) -> float:
    """The bucket edge under which `share` of what came between the two readings lies."""
    counts = {edge: count - before.get(edge, 0.0) for edge, count in sorted(after.items())}
    total = max(counts.values(), default=0.0)
    return next((edge for edge, count in counts.items() if count >= total * share), float("nan"))


def decode_rate(shape: Shape) -> float:
    """Events a second that msgspec alone decodes on one core, into the same structs."""
    from clarion.domain.events.ingest.body import decode

    bodies = [body(shape, number) for number in range(50)]
    best = 0.0
    for _ in range(5):
        begun = time.perf_counter()
        for one in bodies:
            decode(one)
        best = max(best, len(bodies) * shape.events / (time.perf_counter() - begun))
    return best


def show(name: str, run: Run, shape: Shape, delay: float, alone: float, *, details: bool) -> None:
    """One line of figures, and where the CPU went."""
    requests = run.requests / run.seconds
    if shape.events == 1:
        rate = f"{requests:,.0f} requests/s ({requests / REQUESTS_TARGET:.2f} of {REQUESTS_TARGET:,})"
    else:
        events = requests * shape.events
        rate = (
            f"{events:,.0f} events/s ({events / EVENTS_TARGET:.2f} of {EVENTS_TARGET:,};"
            f" {events / alone:.3f} of decoding alone, {alone:,.0f} on one core)"
        )
    print(
        f"{name}: {rate}, p50 {run.p50 * 1000:.1f} ms, p99 {run.p99 * 1000:.1f} ms, {run.errors} errors;"
        f" queryable within {delay:g} s (p99, of {DELAY_SECONDS:g} s), all of it {run.caught_up:.1f} s after the end"
    )
    if details:
        each = {thread: seconds / run.requests * 1e6 for thread, seconds in run.cpu.items()}
        spent = ", ".join(f"{thread} {us:.0f}" for thread, us in sorted(each.items(), key=lambda e: -e[1]) if us >= 1)
        print(f"  CPU a request, microseconds: {spent}; load generator {run.load_cpu / run.requests * 1e6:.0f}")


def main(seconds: float, *, details: bool, beside: bool) -> int:
    alone = decode_rate(MANY)
    with tempfile.TemporaryDirectory(prefix="clarion-bench-") as folder:
        server = Server(
            Path(folder) / "data", environ={"CLARION_LOG_LEVEL": "warning", "CLARION_OBJECT_FOLDERS": folder}
        )
        try:
            client = server.client()
            app = client.create_app(CreateApplicationRequest={"Name": "bench"})["ApplicationResponse"]["Id"]
            for first in range(0, ENDPOINTS, 100):
                items = [{"Id": f"ep-{number}", **_endpoint(number)} for number in range(first, first + 100)]
                client.update_endpoints_batch(ApplicationId=app, EndpointBatchRequest={"Item": items})
            around = Beside(server, app) if beside else nullcontext()
            if isinstance(around, Beside):
                around.stream()
            load(server, app, MANY, 2, 0)
            first = 10_000_000
            for name, shape in (("bodies of 100", MANY), ("bodies of 1", ONE)):
                before = delays(server)
                with around:
                    run = load(server, app, shape, seconds, first)
                delay = percentile(before, delays(server), 0.99)
                show(name, run, shape, delay, alone, details=details)
                first *= 2
            pid = server.process.pid
            print(f"memory: {rss_mib(pid):,.0f} MiB, at most {peak_mib(pid):,.0f} (of {RSS_MIB:,})")
        finally:
            server.end()
    return 0


if __name__ == "__main__":
    given = sys.argv[1:]
    if given[:1] == ["child"]:
        child(given[1], given[2], int(given[3]), int(given[4]), float(given[5]), int(given[6]))
    else:
        numbers = [float(argument) for argument in given if not argument.startswith("-")]
        sys.exit(main(numbers[0] if numbers else 8.0, details="--details" in given, beside="--beside" in given))
