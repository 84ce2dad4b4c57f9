"""Runs that meet trouble: steps that fail for ever, changes and deletions at the worst moment, nobody to send to."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from clarion.core.clock import iso, to_ms
from clarion.domain.campaigns import store
from clarion.domain.messaging.outbox import outbox, outbox_groups
from tests.server.house import SCOPE, House

DAILY = {"StartTime": "IMMEDIATE", "Frequency": "DAILY"}
WEEKLY = {"StartTime": "IMMEDIATE", "Frequency": "WEEKLY"}


class Ticking:
    """A clock that moves between two looks at it, as real ones do."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock
        self._ticks = 0

    def now(self) -> datetime:
        self._ticks += 1
        moment: datetime = self._clock.now() + timedelta(milliseconds=self._ticks)
        return moment

    def now_ms(self) -> int:
        return to_ms(self.now())


def broken(*_: object, **__: object) -> Any:
    raise RuntimeError("broken")


def results(house: House, app: str, campaign: str) -> list[tuple[str | None, str | None]]:
    return [(one.state, one.result) for one in house.activities(app, campaign)]


def rows(house: House, table: sa.Table) -> int:
    return house.database.read(lambda c: c.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


@pytest.mark.parametrize("step", ["snapshot", "members"])
def test_a_run_that_cannot_go_on_fails_for_all_to_see(house: House, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    app = house.project()
    house.people(app, "lea", "jon")
    monkeypatch.setattr(house.segments, step, broken)
    campaign = house.campaign(app, house.segment(app))
    house.settle()
    assert house.status(app, campaign) == "EXECUTING"
    house.advance(hours=4)
    assert house.status(app, campaign) == "COMPLETED"
    [activity] = house.activities(app, campaign)
    assert (activity.state, activity.result) == ("COMPLETED", "FAIL")
    assert activity.start is not None
    assert activity.end is not None
    assert (house.reached(app), rows(house, outbox_groups)) == ([], 0)
    monkeypatch.undo()
    [dead] = house.database.read(lambda c: house.jobs.dead(c))
    house.database.write(lambda c: house.jobs.revive(c, dead.id, due_ms=0))
    house.settle()
    assert (house.reached(app), house.database.read(lambda c: house.jobs.dead(c))) == ([], [])


def test_the_next_run_is_not_kept_from_its_turn(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    app = house.project()
    house.people(app, "lea")
    campaign = house.campaign(app, house.segment(app), Schedule=DAILY)
    with monkeypatch.context() as patch:
        patch.setattr(house.segments, "members", broken)
        house.advance(hours=5)
    assert house.status(app, campaign) == "PENDING_NEXT_RUN"
    house.advance(hours=20)
    assert results(house, app, campaign) == [("COMPLETED", "SUCCESS"), ("COMPLETED", "FAIL")]
    assert house.reached(app) == ["lea"]


def test_what_was_planned_before_a_run_failed_is_handed_over_and_counted(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.domain.campaigns.jobs.PAGE", 2)
    app = house.project()
    house.people(app, "a", "b", "c", "d")
    members = house.segments.members
    monkeypatch.setattr(house.segments, "members", lambda i, after, n: broken() if after else members(i, after, n))
    campaign = house.campaign(app, house.segment(app))
    house.advance(hours=4)
    [activity] = house.activities(app, campaign)
    assert (activity.result, activity.total_endpoint_count, activity.successful_endpoint_count) == ("FAIL", 2, 2)
    assert house.reached(app) == ["a", "b"]
    assert house.database.read(lambda c: store.runs(c, app, campaign, None, 1))[0].counts is not None


def test_a_run_that_cannot_begin_makes_the_campaign_invalid(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    app = house.project()
    campaign = house.campaign(app, house.segment(app), Schedule=DAILY)
    monkeypatch.setattr(store, "add_run", broken)
    house.advance(hours=4)
    assert house.status(app, campaign) == "INVALID"
    assert house.activities(app, campaign) == []


def test_a_run_whose_counting_fails_is_over_all_the_same(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    app = house.project()
    house.people(app, "lea")
    with monkeypatch.context() as patch:
        patch.setattr(house.figures, "run_counts", broken)
        campaign = house.campaign(app, house.segment(app))
        house.advance(hours=4)
    assert house.status(app, campaign) == "COMPLETED"
    [activity] = house.activities(app, campaign)
    assert (activity.result, activity.successful_endpoint_count) == ("SUCCESS", 1)


def test_a_channel_that_is_removed_during_a_run_ends_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    app = house.project()
    house.people(app, "lea")
    members = house.segments.members

    def removing(*which: Any) -> list[str]:
        house.channels.delete(SCOPE, app, "EMAIL")
        return members(*which)

    monkeypatch.setattr(house.segments, "members", removing)
    campaign = house.campaign(app, house.segment(app), Schedule=DAILY)
    house.settle()
    assert house.status(app, campaign) == "INVALID"
    assert results(house, app, campaign) == [("COMPLETED", "FAIL")]
    house.advance(days=2)
    assert len(house.activities(app, campaign)) == 1


@pytest.mark.parametrize("write", [{"Name": "changed"}, {"Schedule": DAILY}, {"Schedule": WEEKLY}])
def test_changing_a_campaign_while_its_run_is_being_planned(
    house: House, monkeypatch: pytest.MonkeyPatch, write: dict[str, Any]
) -> None:
    app = house.project()
    house.people(app, "lea")
    segment = house.segment(app)
    campaign = house.campaign(app, segment, **({} if "Name" in write else {"Schedule": DAILY}))
    duplicates = house.segments.duplicates

    def interrupted(snapshot_id: str) -> list[str]:
        house.change(app, campaign, segment, **write)
        return duplicates(snapshot_id)

    with monkeypatch.context() as patch:
        patch.setattr(house.segments, "duplicates", interrupted)
        house.settle()
    assert house.status(app, campaign) == ("COMPLETED" if "Name" in write else "PENDING_NEXT_RUN")
    assert results(house, app, campaign) == [("COMPLETED", "SUCCESS")]
    assert house.reached(app) == ["lea"]


def test_deleting_a_campaign_while_it_is_being_planned(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    app = house.project()
    house.people(app, "lea")
    campaign = house.campaign(app, house.segment(app))
    duplicates = house.segments.duplicates

    def interrupted(snapshot_id: str) -> list[str]:
        house.campaigns.delete(SCOPE, app, campaign)
        return duplicates(snapshot_id)

    monkeypatch.setattr(house.segments, "duplicates", interrupted)
    house.settle()
    assert (house.reached(app), rows(house, outbox_groups)) == ([], 0)


@pytest.mark.parametrize("what", ["campaign", "segment", "project"])
def test_a_page_that_is_being_written_when_all_is_deleted_is_taken_back(
    house: House, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """On PostgreSQL the two transactions run side by side; nothing of the page may be overlooked."""
    monkeypatch.setattr("clarion.domain.campaigns.jobs.PAGE", 1)
    app = house.project()
    house.people(app, "lea", "jon")
    segment = house.segment(app)
    campaign = house.campaign(app, segment, Schedule={"StartTime": house.in_time(hours=1)}, Limits={"Total": 3})
    written, deleting = threading.Event(), threading.Event()
    hand_over = house.messaging.hand_over

    def slow(*arguments: Any) -> None:
        hand_over(*arguments)
        if not written.is_set():
            written.set()
            deleting.wait(0.5)

    def delete() -> None:
        assert written.wait(30)
        if what == "campaign":
            house.campaigns.delete(SCOPE, app, campaign)
        elif what == "segment":
            house.segments.delete(SCOPE, app, segment)
        else:
            house.apps.delete(SCOPE, app)

    monkeypatch.setattr(house.messaging, "hand_over", slow)
    monkeypatch.setattr(house.messaging, "wake", lambda lanes: None)
    for lane in house.ways.pumps:
        monkeypatch.setattr(lane, "step", lambda: 0)
        monkeypatch.setattr(lane, "outstanding", lambda: 0)
    thread = threading.Thread(target=delete)
    thread.start()
    house.advance(hours=1)
    thread.join(30)
    assert written.is_set()
    assert (rows(house, outbox), rows(house, outbox_groups)) == (0, 0)


def test_a_local_time_run_of_nobody_comes_to_its_end(house: House) -> None:
    app = house.project()
    schedule = {"StartTime": house.in_time(hours=1), "IsLocalTime": True, "Timezone": "UTC"}
    campaign = house.campaign(app, house.segment(app), Schedule=schedule)
    house.advance(hours=2)
    assert house.status(app, campaign) == "COMPLETED"
    [activity] = house.activities(app, campaign)
    assert (activity.result, activity.timezones_total_count, activity.timezones_completed_count) == ("SUCCESS", 0, 0)


def test_an_immediate_campaign_that_recurs_runs_at_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    app = house.project()
    house.people(app, "lea")
    ticking = Ticking(house.clock)
    monkeypatch.setattr(house.campaigns, "_clock", ticking)
    monkeypatch.setattr(house.lifecycle, "_clock", ticking)
    house.campaign(app, house.segment(app), Schedule=DAILY)
    house.advance(hours=1)
    assert house.reached(app) == ["lea"]
    house.advance(hours=24)
    assert house.reached(app) == ["lea", "lea"]


def test_changing_how_often_an_immediate_campaign_recurs(house: House) -> None:
    app = house.project()
    house.people(app, "lea")
    segment = house.segment(app)
    campaign = house.campaign(app, segment, Schedule=DAILY)
    house.settle()
    house.change(app, campaign, segment, Schedule=WEEKLY)
    house.advance(days=6)
    assert house.reached(app) == ["lea"]
    house.advance(days=2)
    assert house.reached(app) == ["lea", "lea"]
    house.change(app, campaign, segment, Schedule={**WEEKLY, "EndTime": house.in_time(days=1)})
    assert house.status(app, campaign) == "COMPLETED"


@pytest.mark.parametrize("frequency", ["ONCE", "DAILY"])
def test_a_change_in_the_moment_of_a_run_does_not_repeat_it(house: House, frequency: str) -> None:
    app = house.project()
    house.people(app, "lea")
    segment = house.segment(app)
    schedule = {"StartTime": house.in_time(hours=1), "Frequency": frequency}
    campaign = house.campaign(app, segment, Schedule=schedule)
    house.advance(hours=1)
    house.change(app, campaign, segment, Schedule=schedule, Name="changed")
    house.settle()
    assert house.reached(app) == ["lea"]
    assert house.status(app, campaign) == ("COMPLETED" if frequency == "ONCE" else "PENDING_NEXT_RUN")


def test_a_retried_beginning_does_not_shift_the_run(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    app = house.project()
    house.people(app, "lea", Demographic={"Timezone": "UTC"})
    start = house.in_time(hours=1)
    schedule = {"StartTime": start, "IsLocalTime": True, "Timezone": "UTC"}
    campaign = house.campaign(app, house.segment(app), Schedule=schedule)
    add_run, failures = store.add_run, [1, 2]

    def shaky(*arguments: Any) -> None:
        if failures:
            failures.pop()
            broken()
        add_run(*arguments)

    monkeypatch.setattr(store, "add_run", shaky)
    house.advance(hours=2)
    assert not failures
    [activity] = house.activities(app, campaign)
    assert activity.scheduled_start == start
    assert house.reached(app) == ["lea"]


def test_duplicates_are_kept_no_longer_than_the_run(house: House) -> None:
    app = house.project()
    house.people(app, "a", Address="same@example.com")
    house.people(app, "b", Address="Same@Example.com")
    campaign = house.campaign(app, house.segment(app))
    house.settle()
    [activity] = house.activities(app, campaign)
    assert house.reached(app) == ["a"]
    assert activity.execution_metrics is not None
    assert activity.execution_metrics["DUPLICATE_ENDPOINT"] == "1"
    assert house.database.read(lambda c: store.duplicates(c, app, str(activity.id))) is None
    assert msgspec.to_builtins(activity)["TotalEndpointCount"] == 1


def test_a_run_that_begins_after_its_maximum_duration_reaches_nobody(house: House) -> None:
    app = house.project()
    house.people(app, "lea")
    schedule = {"StartTime": house.in_time(hours=1)}
    campaign = house.campaign(app, house.segment(app), Schedule=schedule, Limits={"MaximumDuration": 3600})
    house.clock.move_to(house.clock.now() + timedelta(hours=3))
    house.settle()
    assert (house.reached(app), house.status(app, campaign)) == ([], "COMPLETED")
    [activity] = house.activities(app, campaign)
    assert (activity.result, activity.total_endpoint_count) == ("SUCCESS", 0)
    [decision] = house.events.why(app, "lea", campaign)
    assert (decision.gate, decision.status) == ("expiry", "EXPIRED")


def test_a_run_that_begins_late_keeps_its_rate_and_quiet_time(house: House) -> None:
    app = house.project()
    house.people(app, "a", "b", "c", "d")
    house.people(app, "quiet", Demographic={"Timezone": "UTC"})
    start = house.clock.now() + timedelta(hours=1)
    house.campaign(
        app,
        house.segment(app),
        Schedule={"StartTime": iso(start), "QuietTime": {"Start": "12:00", "End": "13:00"}},
        Limits={"MessagesPerSecond": 1},
    )
    house.clock.move_to(start.replace(hour=12, minute=15))
    house.settle()
    assert len(house.reached(app)) == 1
    house.advance(seconds=2)
    assert len(house.reached(app)) == 3
    house.advance(seconds=60)
    assert house.reached(app) == ["a", "b", "c", "d"]


def test_nothing_is_sent_after_the_end_of_a_recurring_campaign(house: House) -> None:
    app = house.project()
    house.people(app, *(f"e{number}" for number in range(9)))
    schedule = {"StartTime": house.in_time(hours=1), "Frequency": "DAILY", "EndTime": house.in_time(hours=1, seconds=4)}
    campaign = house.campaign(app, house.segment(app), Schedule=schedule, Limits={"MessagesPerSecond": 1})
    house.advance(hours=2)
    assert (len(house.reached(app)), house.status(app, campaign)) == (5, "COMPLETED")
    [activity] = house.activities(app, campaign)
    assert (activity.result, activity.total_endpoint_count) == ("SUCCESS", 5)
