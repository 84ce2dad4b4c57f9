"""A deleted project leaves nothing behind in the record, and takes nothing of others with it."""

from __future__ import annotations

from clarion.core.clock import SystemClock
from clarion.domain.events import store
from clarion.domain.events.jobs import EventsJobs
from clarion.domain.events.model import NameKind
from clarion.engine.pumps import Engine
from clarion.engine.workers import JobsPump
from tests.domain.events.bodies import body, event
from tests.domain.events.conftest import House


def test_a_deleted_projects_events_go(any_house: House) -> None:
    house = any_house
    EventsJobs(house.apps, house.jobs, house.columnar, clock=house.clock, catch_up=house.consumer.catch_up)
    other = house.apps.create(house.scope, "other", None).app.id
    for app in (house.app, other):
        house.put(body({"early": event()}), app)
    house.consumer.catch_up(20)
    for app in (house.app, other):
        house.put(body({"late": event()}), app)
    house.apps.delete(house.scope, house.app)
    pump = JobsPump(house.database, house.jobs, clock=house.clock, real=SystemClock(), ids=house.ids)
    house.jobs.register("apps.erase", lambda job: None)
    Engine([pump, house.consumer], house.clock, house.ids).settle(30)
    assert [(row.app_id, row.event_id) for row in house.stored()] == [(other, "early"), (other, "late")]
    names = house.database.read(lambda c: [store.names(c, app)[NameKind.TYPE] for app in (house.app, other)])
    assert names == [set(), {"cart.left"}]
