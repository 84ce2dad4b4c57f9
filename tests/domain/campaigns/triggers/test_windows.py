"""Event campaigns that meet trouble: repeats, crashes, changes at the worst moment, several processes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from clarion.core.errors import Unavailable
from clarion.domain.campaigns.triggers import store
from clarion.domain.messaging.outbox import outbox, outbox_groups
from clarion.wire.context import Context
from tests.server.house import SCOPE, House

WHO = Context(SCOPE, "request", "AKID", "admin", "arn")


def listening(*types: str, **more: Any) -> dict[str, Any]:
    dimensions = {"EventType": {"Values": list(types)}}
    event_filter = {"FilterType": "ENDPOINT", "Dimensions": dimensions}
    return {"StartTime": "IMMEDIATE", "Frequency": "EVENT", "EventFilter": event_filter, **more}


def tell(house: House, app: str, endpoint: str, *events: str, kind: str = "bought") -> None:
    """PutEvents of events with these ids."""
    sent = {name: {"EventType": kind, "Timestamp": "2027-03-04T09:15:00Z"} for name in events}
    body = msgspec.json.encode({"BatchItem": {endpoint: {"Endpoint": {}, "Events": sent}}})
    house.events.put(WHO, app, body).result(30)


def rows(house: House, table: sa.Table) -> int:
    return house.database.read(lambda c: c.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


@pytest.fixture
def shop(house: House) -> tuple[str, str]:
    """A project with two people and a campaign that listens: ids of the project and the campaign."""
    app = house.project()
    house.people(app, "lea", "jon")
    campaign = house.campaign(app, house.segment(app), Schedule=listening("bought"))
    house.settle()
    return app, campaign


def test_nothing_is_left_behind(house: House, shop: tuple[str, str]) -> None:
    app, campaign = shop
    tell(house, app, "lea", "e1", "e2")
    house.settle()
    assert house.reached(app) == ["lea", "lea"]
    assert (rows(house, store.matches), rows(house, store.answers)) == (0, 2)
    house.campaigns.delete(SCOPE, app, campaign)
    assert [rows(house, table) for table in (store.windows, store.matches, store.answers, outbox_groups)] == [0] * 4


def test_a_log_batch_that_comes_again_is_answered_once(
    house: House, shop: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sinks have it all, and the process dies before the batch is finished: twice."""
    app, _ = shop
    tell(house, app, "lea", "e1")
    tell(house, app, "jon", "e2")
    finish = store.add_matches
    with monkeypatch.context() as patch:

        def dies(connection: sa.Connection, bodies: Any) -> None:
            finish(connection, bodies)
            raise Unavailable("killed")

        patch.setattr(store, "add_matches", dies)
        for _ in range(2):
            with pytest.raises(Unavailable):
                house.consumer.step()
    assert rows(house, store.matches) == 0
    house.settle()
    assert house.reached(app) == ["jon", "lea"]


def test_a_job_that_dies_before_or_after_its_transaction(
    house: House, shop: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, _ = shop
    tell(house, app, "lea", "e1", "e2", "e3")
    add = store.add_answers
    died: list[int] = []

    def dies(*given: Any) -> None:
        add(*given)
        if len(died) < 2:
            died.append(1)
            raise RuntimeError("killed")

    monkeypatch.setattr(store, "add_answers", dies)
    house.settle()
    house.advance(minutes=2)
    assert len(died) == 2
    assert house.reached(app) == ["lea", "lea", "lea"]


def test_an_event_that_comes_again_after_a_restart(
    house: House, shop: tuple[str, str], state_url: str, chdb_url: str
) -> None:
    """A client that got no answer reports its event again, to a process that knows nothing of it."""
    app, _ = shop
    tell(house, app, "lea", "e1")
    house.settle()
    other = House(state_url, chdb_url)
    tell(other, app, "lea", "e1")
    house.settle()
    assert house.reached(app) == ["lea"]
    house.advance(minutes=6)
    third = House(state_url, chdb_url)
    third.clock.move_to(house.clock.now())  # type: ignore[attr-defined]
    tell(third, app, "lea", "e1")
    house.settle()
    # Apps use ids again.
    assert house.reached(app) == ["lea", "lea"]
    other.close()
    third.close()


def test_every_process_knows_of_every_campaign_at_once(house: House, state_url: str, chdb_url: str) -> None:
    app = house.project()
    house.people(app, "lea")
    segment = house.segment(app)
    other = House(state_url, chdb_url)
    for number in range(3):
        tell(house, app, "lea", f"before{number}")
        campaign = other.campaign(app, segment, Schedule=listening("bought"))
        tell(house, app, "lea", f"during{number}")
        house.settle()
        assert len(house.reached(app)) == number + 1
        other.campaigns.delete(SCOPE, app, campaign)
        tell(house, app, "lea", f"after{number}")
        house.settle()
        assert len(house.reached(app)) == number + 1
    other.close()


def test_a_campaign_that_changes_while_its_answers_are_planned(
    house: House, shop: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, campaign = shop
    segment = house.segment(app)
    load = house.audience.load
    message = {"SMSMessage": {"Body": "b"}}
    changed: list[int] = []

    def changing(*given: Any) -> Any:
        if not changed:
            changed.append(1)
            house.change(app, campaign, segment, Schedule=listening("bought"), MessageConfiguration=message)
        return load(*given)

    monkeypatch.setattr(house.audience, "load", changing)
    tell(house, app, "lea", "e1")
    house.settle()
    # Planned with an e-mail, then changed to a text message for which there is no channel.
    assert house.reached(app) == []
    assert house.status(app, campaign) == "INVALID"
    assert (rows(house, outbox), rows(house, store.matches)) == (0, 0)


def test_windows_of_a_project_are_answered_together(
    house: House, shop: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One query for the members of all their segments; what happens to one campaign meanwhile is its own affair."""
    app, _ = shop
    adults = house.segment(app)
    schedule = listening("bought", StartTime=house.in_time(minutes=1))
    paused, _ = (house.campaign(app, adults, Schedule=schedule) for _ in range(2))
    gone = house.campaign(app, house.segment(app), Schedule=listening("bought"))
    house.advance(minutes=2)
    members, load, asked = house.segments.memberships, house.audience.load, []

    def counting(*given: Any, **options: Any) -> Any:
        asked.append(given[2])
        return members(*given, **options)

    def pausing(*given: Any) -> Any:
        if len(asked) == 1:
            house.change(app, paused, adults, Schedule=schedule, IsPaused=True)
            house.campaigns.delete(SCOPE, app, gone)
        return load(*given)

    monkeypatch.setattr(house.segments, "memberships", counting)
    monkeypatch.setattr(house.audience, "load", pausing)
    tell(house, app, "lea", "e1")
    tell(house, app, "jon", "e2")
    house.settle()
    assert len(asked) == 1
    assert house.reached(app) == ["jon", "jon", "lea", "lea"]
    assert rows(house, store.matches) == 0


def test_campaigns_that_ask_others_have_jobs_apart(
    house: House, shop: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, slow = shop
    house.campaign(app, house.segment(app), Schedule=listening("bought"))
    house.settle()
    seen: list[list[str]] = []

    def asking(row: Any, *given: Any) -> list[Any]:
        return [lambda send, turns: seen.append(house.reached(app))] if row.campaign_id == slow else []

    monkeypatch.setattr(house.enrichers, "of", asking)
    tell(house, app, "lea", "e1")
    house.settle()
    assert len(seen) == 1
    assert house.reached(app) == ["lea", "lea"]


def test_deleted_while_messages_wait(house: House) -> None:
    app = house.project()
    house.people(app, "lea")
    limits = {"MessagesPerSecond": 1}
    campaign = house.campaign(app, house.segment(app), Schedule=listening("bought"), Limits=limits)
    house.settle()
    tell(house, app, "lea", *(f"e{number}" for number in range(10)))
    house.settle()
    assert (house.reached(app), rows(house, outbox)) == (["lea"], 9)
    house.campaigns.delete(SCOPE, app, campaign)
    house.advance(minutes=1)
    assert (house.reached(app), rows(house, outbox)) == (["lea"], 0)


def test_matches_of_a_paused_campaign_are_never_answered(house: House) -> None:
    app = house.project()
    house.people(app, "lea")
    segment = house.segment(app)
    schedule = listening("bought", StartTime=house.in_time(minutes=1))
    campaign = house.campaign(app, segment, Schedule=schedule)
    house.advance(minutes=2)
    tell(house, app, "lea", "e1")
    house.consumer.step()
    assert rows(house, store.matches) == 1
    house.change(app, campaign, segment, Schedule=schedule, IsPaused=True)
    tell(house, app, "lea", "e2")
    house.change(app, campaign, segment, Schedule=schedule)
    house.settle()
    assert house.reached(app) == []
    tell(house, app, "lea", "e3")
    house.settle()
    assert house.reached(app) == ["lea"]


def test_what_came_in_before_the_end_is_answered(house: House) -> None:
    app = house.project()
    house.people(app, "lea", "jon")
    schedule = listening("bought", EndTime=house.in_time(minutes=10))
    campaign = house.campaign(app, house.segment(app), Schedule=schedule)
    house.advance(minutes=9)
    tell(house, app, "lea", "e1")
    # Nobody has looked at the log when the end comes.
    house.clock.move_to(house.clock.now())  # type: ignore[attr-defined]
    house.advance(minutes=2)
    assert house.status(app, campaign) == "COMPLETED"
    assert house.reached(app) == ["lea"]
    tell(house, app, "jon", "e2")
    house.settle()
    assert house.reached(app) == ["lea"]
    assert [one.state for one in house.activities(app, campaign)] == ["COMPLETED"]


def test_a_longer_window_goes_on_in_the_same_run_or_a_new_one(house: House) -> None:
    app = house.project()
    house.people(app, "lea")
    segment = house.segment(app)
    start = house.in_time(minutes=0)
    first = listening("bought", StartTime=start, EndTime=house.in_time(hours=1))
    second = listening("bought", StartTime=start, EndTime=house.in_time(hours=2))
    third = listening("bought", StartTime=start, EndTime=house.in_time(hours=4))
    campaign = house.campaign(app, segment, Schedule=first)
    house.advance(minutes=30)
    house.change(app, campaign, segment, Schedule=second)
    house.advance(minutes=60)
    tell(house, app, "lea", "e1")
    house.settle()
    assert (house.status(app, campaign), house.reached(app)) == ("EXECUTING", ["lea"])
    house.advance(minutes=60)
    assert house.status(app, campaign) == "COMPLETED"
    house.change(app, campaign, segment, Schedule=third)
    house.settle()
    tell(house, app, "lea", "e2")
    house.settle()
    assert (house.status(app, campaign), house.reached(app)) == ("EXECUTING", ["lea", "lea"])
    assert [one.state for one in house.activities(app, campaign)] == ["RUNNING", "COMPLETED"]


def test_erasing_somebody_takes_what_waits_for_them(house: House, shop: tuple[str, str]) -> None:
    app, _ = shop
    tell(house, app, "jon", "e0")
    house.settle()
    tell(house, app, "lea", "e1")
    tell(house, app, "jon", "e2")
    house.consumer.step()
    assert rows(house, store.matches) == 1
    house.erase(app, "lea")
    assert house.reached(app) == ["jon", "jon"]
    assert house.database.read(lambda c: c.scalars(sa.select(store.answers.c.endpoint_key)).all()) == ["jon", "jon"]


def test_the_end_of_a_project(house: House, shop: tuple[str, str]) -> None:
    app, _ = shop
    tell(house, app, "lea", "e1")
    house.consumer.step()
    house.apps.delete(SCOPE, app)
    house.settle()
    assert [rows(house, table) for table in (store.windows, store.matches, store.answers)] == [0] * 3
