"""A journey of a million people: moves per second, how late its timers are, memory, and the size of the database.

    e-mail → wait an hour → opened? → random split ─┬→ e-mail → end
                                                    └→ hold out half → end

A transport only counts; all else is the product. The clock runs with real time and leaps over the wait: the hours in
which nothing happens are left out, timers come due at the pace at which people began to wait. Four in ten open.
Targets: 10,000 moves/s overall, memory flat, median lateness of timers under 2 s.

    python -m bench.journey [participants]
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from bench.campaign import HTML, SCOPE, load_endpoints, rss_mb, watch
from clarion.core.clock import HOUR_MS, VirtualClock, from_ms
from clarion.core.settings import load
from clarion.domain.events import produced
from clarion.domain.events.model import EventRow
from clarion.domain.events.produced import Mail, Subject
from clarion.domain.journeys import participants, store
from clarion.domain.journeys.model import SHARDS
from clarion.domain.journeys.store import JourneyRow
from clarion.domain.templates.model import Email
from clarion.server import logs
from clarion.server.system import System
from clarion.shapes.pinpoint import (
    EmailChannelRequest,
    WriteJourneyRequest,
    WriteSegmentRequest,
)

TARGET, LATE_SECONDS, OPEN_PERCENT = 10_000, 2.0, 40
QUIET_SECONDS = 1.0


def main(count: int) -> int:
    logs.configure("warning")
    with tempfile.TemporaryDirectory(prefix="clarion-bench-") as folder:
        settings = load(
            {
                "data": folder,
                "email_transport": "counting",
                "public_url": "",
                "clock": "virtual",
                "journey_start_delay_seconds": 0,
            },
            environ={},
        )
        system = System(settings, "http://127.0.0.1:8080")
        system.start(work=True)
        try:
            with _ticking(system):
                return _measure(system, count, Path(folder))
        finally:
            system.close()


@contextmanager
def _ticking(system: System) -> Iterator[None]:
    """Let the virtual clock run with real time from where it stands."""
    clock = system.clock
    assert isinstance(clock, VirtualClock)
    done = threading.Event()

    def tick() -> None:
        last = time.perf_counter()
        while not done.wait(0.01):
            now = time.perf_counter()
            clock.move_to(clock.now() + timedelta(seconds=now - last))
            last = now

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _measure(system: System, count: int, folder: Path) -> int:
    app_id = system.apps.create(SCOPE, "bench", None).app.id
    identity = "arn:aws:ses:us-east-1:000000000001:identity/example.com"
    channel = EmailChannelRequest(from_address="a@example.com", identity=identity)
    system.channels.update(SCOPE, app_id, "EMAIL", channel, "me")
    hello = Email(subject="Hello {{User.UserAttributes.FirstName}}", html=HTML)
    system.templates.create(SCOPE, "EMAIL", "hello", hello, None)
    begun = time.perf_counter()
    load_endpoints(system, app_id, count)
    print(f"loaded {count:,} endpoints, {count / (time.perf_counter() - begun):,.0f}/s", flush=True)
    everybody = msgspec.json.decode(b'{"Name":"all","Dimensions":{}}', type=WriteSegmentRequest)
    segment_id = system.segments.create(SCOPE, app_id, everybody).segment.id

    samples, done = [rss_mb()], threading.Event()
    threading.Thread(target=watch, args=(samples, done), daemon=True).start()
    begun, cpu = time.perf_counter(), time.process_time()
    written = msgspec.convert(_journey(segment_id), WriteJourneyRequest)
    journey_id = system.journeys.journeys.create(SCOPE, app_id, written).row.journey_id
    _until(system, app_id, journey_id, lambda row, waiting: waiting >= count)
    first = time.perf_counter() - begun
    print(f"all wait after {first:.1f} s", flush=True)
    _open(system, app_id, journey_id, count)
    clock = system.clock
    assert isinstance(clock, VirtualClock)
    begun = time.perf_counter()
    clock.move_to(from_ms(_first_due(system, journey_id) - 1_000))
    system.engine.wake("jobs")
    _until(system, app_id, journey_id, lambda row, waiting: row.inside == 0)
    seconds, cpu = first + time.perf_counter() - begun, time.process_time() - cpu
    done.set()
    system.consumer.catch_up(timeout_seconds=600)
    moves, median, late = _record(system, app_id, journey_id)
    third = max(1, len(samples) // 3)
    print(f"journey: {moves / seconds:,.0f} moves/s ({moves / seconds / TARGET:.2f} of the target of {TARGET:,})")
    print(f"  {moves:,} moves of {count:,} people in {seconds:.1f} s, {first:.1f} s of it until all waited")
    print(f"  processor: {cpu / moves * 1e6:.0f} µs a move, {cpu / seconds:.2f} cores busy")
    print(f"  timers: {median:.2f} s late in the median ({median / LATE_SECONDS:.2f} of the target), 99 % {late:.2f} s")
    print(
        f"  memory: {samples[0]:.0f} MB before, {max(samples[:third]):.0f} MB at most in the first third,"
        f" {max(samples[-third:]):.0f} MB in the last"
    )
    size = sum(path.stat().st_size for path in folder.glob("state.sqlite*"))
    print(f"  state database: {size / 1e6:.0f} MB, {size / count:.0f} bytes a participant and endpoint")
    return 0


def _journey(segment_id: str) -> dict[str, Any]:
    def mail(to: str) -> dict[str, Any]:
        return {"EMAIL": {"TemplateName": "hello", "NextActivity": to}}

    opened = {"DimensionType": "INCLUSIVE", "Values": ["_email.open"]}
    condition = {"EventCondition": {"MessageActivity": "first", "Dimensions": {"EventType": opened}}}
    return {
        "Name": "bench",
        "State": "ACTIVE",
        "StartCondition": {"SegmentStartCondition": {"SegmentId": segment_id}},
        "StartActivity": "first",
        "Activities": {
            "first": mail("wait"),
            "wait": {"Wait": {"WaitTime": {"WaitFor": "PT1H"}, "NextActivity": "opened"}},
            "opened": {
                "ConditionalSplit": {
                    "Condition": {"Operator": "ANY", "Conditions": [condition]},
                    "TrueActivity": "chance",
                    "FalseActivity": "chance",
                }
            },
            "chance": {
                "RandomSplit": {
                    "Branches": [
                        {"Percentage": 50, "NextActivity": "second"},
                        {"Percentage": 50, "NextActivity": "hold"},
                    ]
                }
            },
            "second": mail(""),
            "hold": {"Holdout": {"Percentage": 50}},
        },
    }


def _until(system: System, app_id: str, journey_id: str, reached: Callable[[JourneyRow, int], bool]) -> None:
    def look(connection: sa.Connection) -> bool:
        row = store.get(connection, app_id, journey_id)
        assert row is not None
        waiting = 0
        if row.state != "COMPLETED" and row.inside:
            places = participants.places(connection, journey_id)
            waiting = sum(count for (_, _, what), count in places.items() if what == "wait")
        return reached(row, waiting)

    while not system.database.read(look):
        time.sleep(QUIET_SECONDS)


def _first_due(system: System, journey_id: str) -> int:
    dues = system.database.read(
        lambda connection: [participants.next_due_ms(connection, journey_id, shard) for shard in range(SHARDS)]
    )
    return min(due for due in dues if due is not None)


def _open(system: System, app_id: str, journey_id: str, count: int) -> None:
    """Somebody opens: as the tracking of opens records it."""
    now = system.clock.now_ms()
    numbers = [number for number in range(count) if number % 100 < OPEN_PERCENT]
    for start in range(0, len(numbers), 1_000):
        rows = [_opened(app_id, journey_id, number, now) for number in numbers[start : start + 1_000]]
        record = system.events.encoded(rows)
        system.database.write(record)
    system.consumer.catch_up(timeout_seconds=600)


def _opened(app_id: str, journey_id: str, number: int, now: int) -> EventRow:
    subject = Subject(
        account=SCOPE.account,
        app_id=app_id,
        endpoint_id=f"endpoint-{number:07d}",
        user_id=f"user-{number}",
        journey_id=journey_id,
        journey_run_id="run",
        activity_id="first",
        message_id=f"message-{number}",
    )
    mail = Mail(message_id=subject.message_id, sent_ms=now, from_address="a@example.com", destination=[], subject="")
    return produced.email(subject, "open", mail, at_ms=now, occurrence="1")


def _record(system: System, app_id: str, journey_id: str) -> tuple[int, float, float]:
    """Activities that people went through, as recorded; how late timers were: median and 99 %, in seconds."""
    here = {"app": app_id, "journey": journey_id}
    of_journey = "WHERE app_id = {app:String} AND journey_id = {journey:String}"
    ((moves,),) = system.columnar.query(
        f"SELECT count() FROM journey_moves {of_journey} AND activity != '' AND outcome != 'WAIT_STARTED'",
        here,
    )
    ((sends,),) = system.columnar.query(
        f"SELECT count() FROM events {of_journey} AND event_type = '_journey.send'",
        here,
    )
    ((left,),) = system.columnar.query(
        f"SELECT count() FROM journey_moves {of_journey} AND outcome = 'ENDPOINT_LEFT'",
        here,
    )
    ((median, late),) = system.columnar.query(
        "SELECT quantile(0.5)(late), quantile(0.99)(late) FROM (SELECT participant,"
        " toUnixTimestamp64Milli(maxIf(at, outcome = 'WAIT_FINISHED')) - {hour:Int64}"
        " - toUnixTimestamp64Milli(maxIf(at, outcome = 'WAIT_STARTED')) AS late"
        f" FROM journey_moves {of_journey} AND activity = 'wait' GROUP BY participant)",
        {**here, "hour": HOUR_MS},
    )
    return int(str(moves)) + int(str(sends)) + int(str(left)), float(str(median)) / 1000, float(str(late)) / 1000


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
