"""Runs that are stopped in flight: nothing goes out, nothing is lost, nobody gets it twice."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from clarion.core.errors import Conflict, NotFound
from clarion.domain.campaigns import store
from clarion.domain.messaging.outbox import outbox, outbox_groups
from tests.server.house import SCOPE, House

NAMES = [f"e{number}" for number in range(10)]


def rows(house: House, table: sa.Table) -> int:
    return house.database.read(lambda c: c.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


def states(house: House, app: str, campaign: str) -> list[tuple[str | None, str | None]]:
    return [(one.state, one.result) for one in house.activities(app, campaign)]


def sending(house: House, **write: Any) -> tuple[str, str]:
    """A campaign that sends one message a second."""
    app = house.project()
    house.people(app, *NAMES)
    return app, house.campaign(app, house.segment(app), Limits={"MessagesPerSecond": 1}, **write)


def test_a_stopped_run_stands_still_and_goes_on_at_its_pace(house: House) -> None:
    app, campaign = sending(house)
    house.advance(seconds=3)
    before = house.reached(app)
    assert len(before) == 4
    stopped = house.stopping.stop(SCOPE, app, campaign)
    assert (stopped.status, stopped.messages) == ("PAUSED", 6)
    assert states(house, app, campaign) == [("PAUSED", None)]
    house.advance(hours=5)
    assert house.reached(app) == before
    assert house.status(app, campaign) == "PAUSED"
    resumed = house.stopping.resume(SCOPE, app, campaign)
    assert (resumed.status, resumed.messages) == ("EXECUTING", 6)
    house.advance(seconds=2)
    assert len(house.reached(app)) == 6
    house.advance(seconds=10)
    assert house.reached(app) == NAMES
    assert states(house, app, campaign) == [("COMPLETED", "SUCCESS")]
    assert house.status(app, campaign) == "COMPLETED"
    assert (rows(house, outbox), rows(house, outbox_groups), rows(house, store.campaign_held)) == (0, 0, 0)


@pytest.mark.parametrize("step", ["snapshot", "members", "hand_over"])
def test_a_run_can_be_stopped_at_any_step_of_its_planning(
    house: House, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr("clarion.domain.campaigns.jobs.PAGE", 4)
    app = house.project()
    house.people(app, *NAMES)
    where: Any = house.messaging if step == "hand_over" else house.segments
    real, calls = getattr(where, step), []

    def stopping(*arguments: Any) -> Any:
        calls.append(step)
        if len(calls) == 2 or (step == "snapshot" and len(calls) == 1):
            if step == "hand_over":
                raise RuntimeError("tried again after the stop")
            house.stopping.stop(SCOPE, app, campaign)
        return real(*arguments)

    campaign = house.campaign(app, house.segment(app))
    with monkeypatch.context() as patch:
        patch.setattr(where, step, stopping)
        house.settle()
    if step == "hand_over":
        house.stopping.stop(SCOPE, app, campaign)
    house.advance(hours=2)
    assert house.status(app, campaign) == "PAUSED"
    before = house.reached(app)
    assert len(before) < len(NAMES)
    house.stopping.resume(SCOPE, app, campaign)
    house.settle()
    assert house.reached(app) == NAMES
    assert states(house, app, campaign) == [("COMPLETED", "SUCCESS")]


def test_stopped_for_good(house: House) -> None:
    schedule = {"StartTime": house.in_time(hours=1), "Frequency": "DAILY"}
    app, campaign = sending(house, Schedule=schedule)
    house.advance(hours=1, seconds=2)
    house.stopping.stop(SCOPE, app, campaign)
    ended = house.stopping.cancel(SCOPE, app, campaign)
    assert (ended.status, ended.messages) == ("PENDING_NEXT_RUN", 7)
    house.settle()
    [activity] = house.activities(app, campaign)
    assert (activity.state, activity.reason, activity.total_endpoint_count) == ("CANCELLED", "stopped for good", 3)
    with pytest.raises(Conflict, match="no run of the campaign is stopped"):
        house.stopping.resume(SCOPE, app, campaign)
    house.advance(days=1, seconds=30)
    assert len(house.reached(app)) == 13


def test_no_further_run_begins_while_one_is_stopped(house: House) -> None:
    schedule = {"StartTime": house.in_time(hours=1), "Frequency": "HOURLY"}
    app, campaign = sending(house, Schedule=schedule)
    house.advance(hours=1, seconds=2)
    house.stopping.stop(SCOPE, app, campaign)
    house.advance(hours=5)
    assert len(house.activities(app, campaign)) == 1
    house.stopping.resume(SCOPE, app, campaign)
    house.advance(hours=1, seconds=30)
    assert house.reached(app) == sorted(NAMES * 2)


def test_a_stopped_run_is_over_with_its_campaign(house: House) -> None:
    app, campaign = sending(house)
    house.advance(seconds=2)
    house.stopping.stop(SCOPE, app, campaign)
    before = house.reached(app)
    house.campaigns.delete(SCOPE, app, campaign)
    house.advance(hours=1)
    assert house.reached(app) == before
    assert (rows(house, outbox), rows(house, outbox_groups), rows(house, store.campaign_held)) == (0, 0, 0)


def test_a_message_that_fails_during_a_stop_waits_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is being handed over when the run is stopped is not tried again until it goes on."""
    app, campaign = sending(house)
    way = house.ways.ways["EMAIL"]
    send = way.send

    def failing(lane: str, messages: Any) -> Any:
        house.stopping.stop(SCOPE, app, campaign)
        monkeypatch.undo()
        from clarion.channels.port import Outcome

        return [Outcome("temporary", detail="later") for _ in messages]

    monkeypatch.setattr(way, "send", failing)
    house.advance(hours=3)
    assert house.reached(app) == []
    assert house.status(app, campaign) == "PAUSED"
    house.stopping.resume(SCOPE, app, campaign)
    house.advance(hours=1)
    assert (way.send, house.reached(app)) == (send, NAMES)


def test_a_zone_whose_turn_comes_during_a_stop_has_it_afterwards(house: House) -> None:
    app = house.project()
    for name, zone in (("london", "Europe/London"), ("denver", "America/Denver"), ("honolulu", "Pacific/Honolulu")):
        house.people(app, name, Demographic={"Timezone": zone})
    schedule = {"StartTime": house.in_time(hours=1), "IsLocalTime": True, "Timezone": "UTC"}
    campaign = house.campaign(app, house.segment(app), Schedule=schedule)
    house.advance(hours=2)
    assert house.reached(app) == ["london"]
    house.stopping.stop(SCOPE, app, campaign)
    house.advance(hours=7)
    assert house.reached(app) == ["london"]
    house.stopping.resume(SCOPE, app, campaign)
    house.settle()
    assert house.reached(app) == ["denver", "london"]
    house.advance(hours=3)
    assert house.reached(app) == ["denver", "honolulu", "london"]
    assert states(house, app, campaign) == [("COMPLETED", "SUCCESS")]


def test_what_cannot_be_stopped_or_resumed(house: House) -> None:
    app = house.project()
    campaign = house.campaign(app, house.segment(app), Schedule={"StartTime": house.in_time(hours=1)})
    for verb in (house.stopping.stop, house.stopping.cancel, house.stopping.resume):
        with pytest.raises(Conflict, match="no run of the campaign is"):
            verb(SCOPE, app, campaign)
        with pytest.raises(NotFound):
            verb(SCOPE, app, "0" * 32)
