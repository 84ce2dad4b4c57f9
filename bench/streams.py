"""Event streams: events a second from the ingest log into the backlog, and from there to files and to Kinesis.

Events as apps report them, of a thousand endpoints, twenty-five requests of a hundred to a log row. Kinesis is a sink
on loopback in a process of its own. Target on two cores: 50,000 events/s to either. Order, leases and progress are
those of the product, on SQLite; the log's sinks do nothing, so that what is measured is streaming alone.

    python -m bench.streams [events]
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from bench.destinations import _beside, _serve
from clarion.channels.streaming.catalog import Surroundings, open_destination
from clarion.channels.streaming.port import Destination, Failed, Limits, Record
from clarion.core.clock import SystemClock
from clarion.core.ids import SystemIds
from clarion.core.settings import Settings
from clarion.domain.events.reported import Reported, ReportedEndpoint
from clarion.server.system import _calm_collector
from clarion.store.database import open_database
from clarion.store.migrate import migrate
from tests.domain.streams.house import House

EVENTS, REQUESTS, ENDPOINTS = 100, 25, 1_000
TARGET = 50_000
DEVICE = '{"locale":{"code":"de_DE","country":"DE","language":"de"},"make":"Fairphone","platform":{"name":"android"}}'


class Unasked:
    """A destination that is not asked whether it is there: the sink knows no other operation."""

    def __init__(self, destination: Destination) -> None:
        self._destination = destination
        self.limits: Limits = destination.limits
        self.send: Callable[[Sequence[Record]], Sequence[Failed]] = destination.send
        self.close = destination.close

    def check(self) -> None:
        pass


class Outlets:
    """Real destinations."""

    def __init__(self, settings: Settings) -> None:
        self._surroundings = Surroundings(settings=settings, clock=SystemClock(), ids=SystemIds())

    def open(self, uri: str, *, role: str, account: str, app_id: str) -> Unasked:
        given = {"role": role, "account": account, "app_id": app_id}
        return Unasked(open_destination(uri, surroundings=self._surroundings, **given))

    def shown(self, uri: str) -> str:
        return uri


def reported(app: str, number: int) -> Reported:
    """A request of a hundred events of one endpoint."""
    events = {
        f"{number}-{place}": {
            "EventType": ("page.view", "cart.left")[place % 2],
            "Timestamp": "2026-11-04T09:00:00.000Z",
            "Attributes": {"category": ("shoes", "hats")[place % 2], "path": f"/p/{number}/{place}", "lang": "de"},
            "Metrics": {"amount": place / 100},
            "Session": {"Id": f"s-{number}", "StartTimestamp": "2026-11-04T08:59:00.000Z"},
            "AppPackageName": "com.acme.shop",
            "SdkName": "amplify-android",
            "ClientSdkVersion": "2.14.0",
        }
        for place in range(EVENTS)
    }
    name = f"ep-{number % ENDPOINTS}"
    raw = msgspec.Raw(json.dumps(events, separators=(",", ":")).encode())
    endpoint = ReportedEndpoint(name, name, f"u-{number % ENDPOINTS}", "4.2", DEVICE, raw)
    return Reported(app, "000000000001", 1_804_151_402_640 + number, [endpoint])


def measure(name: str, uri: str, settings: Settings, folder: Path, events: int) -> None:
    """Fill a backlog, then empty it."""
    database = open_database(f"sqlite:///{folder}/{name}.db")
    migrate(database)
    house = House(database, places=Outlets(settings))  # type: ignore[arg-type]
    app = house.app()
    house.put(app, uri, "arn:aws:iam::000000000001:role/streams")
    for first in range(0, events // EVENTS, REQUESTS):
        house.report(*[reported(app, first + number) for number in range(REQUESTS)])
    begun, cpu = time.perf_counter(), time.process_time()
    house.consumer.catch_up(600)
    _say(f"log to backlog ({name})", events, begun, cpu, "")
    size = house.status(app).progress.bytes
    begun, cpu = time.perf_counter(), time.process_time()
    house.engine.start()
    while house.status(app).progress.waiting:
        time.sleep(0.05)
    rate = _say(f"backlog to {name}", events, begun, cpu, f", {size / events:.0f} bytes an event in the backlog")
    progress = house.status(app).progress
    assert (progress.waiting, progress.exported) == (0, events), progress
    print(f"  {rate / TARGET:.2f} of the target of {TARGET:,} events/s", flush=True)
    house.engine.stop()
    database.close()


def _say(what: str, events: int, begun: float, cpu: float, more: str) -> float:
    took, used = time.perf_counter() - begun, time.process_time() - cpu
    print(f"{what}: {events / took:,.0f} events/s, {used / events * 1e6:.1f} µs of CPU an event{more}", flush=True)
    return events / took


def main(events: int) -> int:
    _calm_collector()
    with tempfile.TemporaryDirectory(prefix="clarion-bench-") as path, _beside(_serve) as port:
        folder = Path(path)
        settings = Settings(
            kinesis_endpoint_url=f"http://127.0.0.1:{port}",
            callout_access_key_id="AKIAEXAMPLE",
            callout_secret_access_key="secret",
            object_folders=path,
        )
        measure("files", f"file://{path}/out?interval=0", settings, folder, events)
        arn = "arn:aws:kinesis:eu-west-1:000000000001:stream/events"
        measure("kinesis", arn, settings, folder, events)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(float(sys.argv[1])) if sys.argv[1:] else 500_000))
