"""kill -9, for real: another process does the work, dies in the middle, and this one carries on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from clarion.core.clock import SystemClock, VirtualClock
from clarion.core.ids import SystemIds
from clarion.engine.jobs import Jobs
from clarion.engine.log import LogConsumer, LogRow, append
from clarion.engine.log_batches import ingest_log
from clarion.engine.pumps import Engine
from clarion.engine.workers import JobsPump
from clarion.store.database import Database

PROGRAM = """
import json, sys, threading
import sqlalchemy as sa
from clarion.core.clock import SystemClock
from clarion.core.ids import SystemIds
from clarion.engine.jobs import Jobs
from clarion.engine.log import LogConsumer, append
from clarion.engine.workers import JobsPump
from clarion.store.database import open_database

def say(value):
    print(json.dumps(value), flush=True)

class Hanging:
    def consume(self, rows, token):
        say([token, [row.id for row in rows]])
        threading.Event().wait()

def hang(job):
    say([job.id, job.attempt])
    threading.Event().wait()

database = open_database(sys.argv[1])
jobs = Jobs(database, SystemClock())
jobs.register("k", hang)
what = sys.argv[2]
if what == "consume":
    LogConsumer(database, {"a": Hanging()}, real=SystemClock(), ids=SystemIds(), batch_rows=5).step()
elif what == "work":
    JobsPump(database, jobs, clock=SystemClock(), real=SystemClock(), ids=SystemIds()).step()
    threading.Event().wait()
else:
    for number in range(1_000_000):
        say(database.write(lambda c: append(c, "a", b"%d" % number)))
"""


class Other:
    """A process that runs one part of PROGRAM and says what it does, a JSON value a line."""

    def __init__(self, url: str, what: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, url, what], stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def hear(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def kill(self) -> list[Any]:
        """Kill it without warning; answers what it had said and was not heard yet."""
        self._process.kill()
        rest, _ = self._process.communicate(timeout=30)
        return [json.loads(line) for line in rest.splitlines() if line.endswith(("]", *"0123456789"))]


class Noted:
    def __init__(self) -> None:
        self.calls: list[tuple[str, list[int]]] = []

    def consume(self, rows: Sequence[LogRow], token: str) -> None:
        self.calls.append((token, [row.id for row in rows]))


@pytest.fixture
def afterwards() -> VirtualClock:
    """Real time as seen when every lease of a dead process has expired."""
    return VirtualClock(SystemClock().now() + timedelta(hours=1))


def test_batch_is_delivered_again_with_the_same_rows_and_token(
    db: Database, state_url: str, afterwards: VirtualClock
) -> None:
    numbers = db.write(lambda c: [append(c, "a", b"%d" % number) for number in range(12)])
    other = Other(state_url, "consume")
    token, delivered = other.hear()
    other.kill()
    assert delivered == numbers[:5]
    db.write(lambda c: append(c, "a", b"later") and None)
    sink = Noted()
    consumer = LogConsumer(db, {"a": sink}, real=afterwards, ids=SystemIds(), batch_rows=5)
    consumer.catch_up(20)
    consumer.stop()
    assert sink.calls[0] == (token, delivered)
    assert [number for _, rows in sink.calls for number in rows][:12] == numbers
    assert len({token for token, _ in sink.calls}) == len(sink.calls) == 3


def test_job_in_hand_is_taken_over(db: Database, state_url: str, afterwards: VirtualClock) -> None:
    jobs = Jobs(db, afterwards)
    db.write(lambda c: jobs.enqueue(c, "k", {}, due_ms=0))
    other = Other(state_url, "work")
    job_id, attempt = other.hear()
    other.kill()
    ran: list[tuple[int, int]] = []
    jobs.register("k", lambda job: ran.append((job.id, job.attempt)))
    pump = JobsPump(db, jobs, clock=afterwards, real=afterwards, ids=SystemIds())
    engine = Engine([pump], afterwards, SystemIds())
    engine.settle(20)
    engine.stop(20)
    assert (attempt, ran) == (1, [(job_id, 2)])


def test_every_acknowledged_write_survives(db: Database, state_url: str) -> None:
    other = Other(state_url, "write")
    said = [other.hear() for _ in range(200)]
    said += other.kill()
    stored = set(db.read(lambda c: list(c.scalars(sa.select(ingest_log.c.id)))))
    assert len(said) >= 200
    assert set(said) <= stored
    assert len(stored) <= len(said) + 1
