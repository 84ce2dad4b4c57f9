"""Moments that a seed seldom meets: what happens between a look at the database and the transaction after it."""

from __future__ import annotations

from typing import Any

from clarion.core.clock import DAY_MS, from_ms
from clarion.domain.journeys.model import StepJob, step_key
from clarion.domain.journeys.participants import NEVER_MS
from clarion.engine import job_rows
from clarion.engine.jobs import LeasedJob
from tests.domain.journeys.simulation.ground import SCOPE, ground
from tests.domain.journeys.simulation.journeys import Author
from tests.domain.journeys.simulation.process import Process
from tests.domain.journeys.simulation.world import World

WAIT = {"wait": {"Wait": {"WaitTime": {"WaitFor": "P30D"}}}}


def test_a_journey_resumed_while_its_step_finds_it_paused_goes_on() -> None:
    world = _world()
    process, journey_id = _waiting(world)
    process.parts.journeys.set_state(SCOPE, ground().app_id, journey_id, "PAUSED")
    world.clock.move_to(from_ms(world.clock.now_ms() + 40 * DAY_MS))
    job = _leased(world, process)
    looked = process.database.read

    def read(work: Any) -> Any:
        found = looked(work)
        process.database.read = looked  # type: ignore[method-assign]
        process.parts.journeys.set_state(SCOPE, ground().app_id, journey_id, "ACTIVE")
        return found

    process.database.read = read  # type: ignore[method-assign]
    process.parts.steps.step(job)
    ((due_ms, shard),) = world.disk.look(
        "SELECT min(due_ms), shard FROM journey_participants WHERE inside AND due_ms < ? GROUP BY shard", NEVER_MS
    )
    assert world.disk.look("SELECT due_ms FROM jobs WHERE key = ?", step_key(journey_id, shard))
    assert due_ms > world.clock.now_ms() - DAY_MS


def _world() -> World:
    """Where nothing goes wrong, with one person."""
    for seed in range(1_000):
        world = World(seed)
        alone = [one for one in world.crowd.endpoints.values() if "OptOut" not in one and "EndpointStatus" not in one]
        if len(alone) == len(world.crowd.endpoints) == 1:
            world.be_calm()
            return world
    raise AssertionError("no seed has one person")


def _waiting(world: World) -> tuple[Process, str]:
    """A process, and a journey in which the person waits."""
    process = Process(world)
    items = world.crowd.items()
    process.database.write(lambda connection: process.audience.register(connection, ground().app_id, items))
    start = {"StartCondition": {"SegmentStartCondition": {"SegmentId": "red"}}, "RefreshFrequency": "P1M"}
    author = Author(world.chance, world.begin_ms, world.begin_ms + 500 * DAY_MS)
    wanted = author.journey(**start, Activities=WAIT, StartActivity="wait", LocalTime=False, Limits={}, ExitCriteria={})
    journey_id = process.parts.journeys.create(SCOPE, ground().app_id, wanted).row.journey_id
    for _ in range(100):
        while world.due().jobs:
            process.pump.step()
        if world.disk.look("SELECT 1 FROM journey_participants WHERE inside AND waiting = 'wait'"):
            return process, journey_id
        moment = world.next_ms()
        assert moment is not None
        world.clock.move_to(from_ms(moment))
    raise AssertionError("nobody waits")


def _leased(world: World, process: Process) -> LeasedJob:
    """The step's job, in hand."""
    now_ms = world.clock.now_ms()
    (row,) = process.database.write(
        lambda connection: job_rows.lease(
            connection, "journeys.step", 1, token="t", due_by_ms=now_ms, real_ms=0, until_ms=2**60
        )
    )
    job = LeasedJob(row, "t", process.database)
    assert job.decode(StepJob).app_id == ground().app_id
    return job
