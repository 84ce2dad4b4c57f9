"""Dry runs of several pages and processes: they tell what a run does, and leave nothing behind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from clarion.core.errors import Conflict, Invalid
from clarion.domain.campaigns.rehearsal.service import Asked, DryRuns
from clarion.domain.campaigns.rehearsal.telling import Told
from clarion.domain.messaging.model import Send, Turn
from clarion.domain.messaging.outbox import outbox, outbox_groups
from clarion.domain.segments.store import snapshots
from clarion.engine.jobs import jobs
from clarion.shapes.pinpoint import WriteApplicationSettingsRequest
from tests.server.house import SCOPE, House


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two to a page."""
    monkeypatch.setattr("clarion.domain.campaigns.rehearsal.service.PAGE", 2)
    monkeypatch.setattr("clarion.domain.campaigns.jobs.PAGE", 2)


def rehearsed(house: House, asked: Asked, *others: DryRuns) -> list[Told]:
    """All that a dry run tells, by several processes in turn."""
    found: list[Told] = []
    token, turn = None, [house.dry_runs, *others]
    while True:
        done = turn[0].go_on(asked, token)
        turn = turn[1:] + turn[:1]
        assert len(done.people) <= 2
        found += done.people
        token = done.token
        if token is None:
            return found


def rows(house: House, *tables: sa.Table) -> list[int]:
    def count(connection: sa.Connection) -> list[int]:
        return [connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in tables]

    return house.database.read(count)


def reached(people: list[Told]) -> list[str]:
    return sorted(one.endpoint_id for one in people if one.outcome == "SENT")


def another(house: House) -> DryRuns:
    """The dry runs of another process."""
    return DryRuns(house.campaigns, house.segments, house.contents, house.pages, house.clock, house.ids)


def later(house: House, **more: Any) -> dict[str, Any]:
    return {"Schedule": {"StartTime": house.in_time(hours=1), **more}}


def test_pages_tell_what_the_run_does_and_leave_nothing(house: House) -> None:
    app = house.project()
    house.people(app, "a", "b", "c", "d", "e", "f", "g")
    house.people_of(app, "b2", "EMAIL", "B@example.com")
    house.people(app, "o", OptOut="ALL")
    further = [{"SizePercent": 40, "TreatmentName": "b"}]
    campaign = house.campaign(app, house.segment(app), **later(house), HoldoutPercent=20, AdditionalTreatments=further)
    house.consumer.catch_up(60)
    tables = (outbox, outbox_groups, snapshots, jobs)
    before, position = rows(house, *tables), house.columnar.query("SELECT count() FROM events")
    people = rehearsed(house, Asked(SCOPE, app, campaign, people=True), another(house))
    house.consumer.catch_up(60)
    assert rows(house, *tables) == before
    assert house.columnar.query("SELECT count() FROM events") == position
    assert house.columnar.query("SELECT count() FROM segment_snapshots") == [(0,)]
    assert sorted(one.endpoint_id for one in people) == ["a", "b", "b2", "c", "d", "e", "f", "g", "o"]
    counted = house.dry_runs.go_on(Asked(SCOPE, app, campaign, seconds=60), None)
    assert (counted.token, counted.people, sum(counted.counts.values())) == (None, [], 9)
    house.advance(hours=2)
    assert house.reached(app) == reached(people)


def test_users_with_endpoints_on_several_pages(house: House) -> None:
    app = house.project()
    house.people(app, "a", "c", "e", User={"UserId": "lea"})
    house.people(app, "b", "d", User={"UserId": "ben"})
    cap = {"FrequencyCaps": [{"Messages": 1, "Days": 1, "PerUser": True}]}
    house.apps.update_settings(SCOPE, app, msgspec.convert(cap, WriteApplicationSettingsRequest))
    people = rehearsed(house, Asked(SCOPE, app, definition=house.written(house.segment(app)), people=True))
    assert reached(people) == ["a", "b"]
    assert {one.gate for one in people if one.outcome == "REFUSED"} == {"frequency_cap"}


def test_each_time_zone_has_its_quiet_time(house: House) -> None:
    app = house.project()
    house.people(app, "berlin", Demographic={"Timezone": "Europe/Berlin"})
    house.people(app, "denver", Demographic={"Timezone": "America/Denver"})
    house.people(app, "nowhere")
    quiet = {"QuietTime": {"Start": "09:00", "End": "11:00"}}
    schedule = {"StartTime": "2027-03-05T12:00:00+00:00", "Frequency": "DAILY", **quiet}
    wanted = house.written(house.segment(app), Schedule=schedule)
    people = rehearsed(house, Asked(SCOPE, app, definition=wanted, people=True))
    assert {one.endpoint_id: one.gate for one in people} == {"berlin": "", "denver": "", "nowhere": ""}
    local = {**schedule, "IsLocalTime": True, "StartTime": "2027-03-05T10:00:00+00:00"}
    wanted = house.written(house.segment(app), Schedule=local)
    people = rehearsed(house, Asked(SCOPE, app, definition=wanted, people=True))
    found = {one.endpoint_id: one.gate for one in people}
    assert found == {"berlin": "turn", "denver": "quiet_time", "nowhere": "time_zone"}


def test_hooks_are_called_only_when_asked_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    app = house.project()
    house.people(app, "lea")
    called: list[str] = []

    def calling(send: Send, turns: Sequence[Turn]) -> None:
        called.extend(turn.endpoint.id for turn in turns)

    monkeypatch.setattr(house.enrichers, "of", lambda *_: [calling])
    wanted = house.written(house.segment(app))
    assert reached(rehearsed(house, Asked(SCOPE, app, definition=wanted, people=True))) == ["lea"]
    assert called == []
    rehearsed(house, Asked(SCOPE, app, definition=wanted, calls=True, people=True))
    assert called == ["lea"]


def test_a_campaign_that_waits_for_events(house: House) -> None:
    app = house.project()
    house.people(app, "lea", "max", OptOut="NONE")
    house.people(app, "out", OptOut="ALL")
    filtered = {"FilterType": "ENDPOINT", "Dimensions": {"EventType": {"DimensionType": "INCLUSIVE", "Values": ["x"]}}}
    schedule = {"StartTime": "IMMEDIATE", "Frequency": "EVENT", "EventFilter": filtered, "IsLocalTime": True}
    wanted = house.written(house.segment(app), Schedule=schedule)
    people = rehearsed(house, Asked(SCOPE, app, definition=wanted, people=True))
    assert {one.endpoint_id: one.gate for one in people} == {"lea": "", "max": "", "out": "opt_out"}
    schedule["Frequency"] = "IN_APP_EVENT"
    side = {"Alignment": "LEFT", "TextColor": "#000000"}
    banner = {
        "BackgroundColor": "#ffffff",
        "HeaderConfig": {**side, "Header": "h"},
        "BodyConfig": {**side, "Body": "b"},
    }
    shown = {"InAppMessage": {"Content": [banner]}}
    wanted = house.written(house.segment(app), Schedule=schedule, MessageConfiguration=shown)
    with pytest.raises(Invalid, match="IN_APP_EVENT has no dry run"):
        house.dry_runs.go_on(Asked(SCOPE, app, definition=wanted), None)


def test_a_change_in_between_ends_it(house: House) -> None:
    app = house.project()
    house.people(app, "a", "b", "c")
    segment = house.segment(app)
    campaign = house.campaign(app, segment, **later(house))
    asked = Asked(SCOPE, app, campaign, people=True)
    token = house.dry_runs.go_on(asked, None).token
    house.change(app, campaign, segment, **later(house), Name="other")
    with pytest.raises(Conflict, match="begin again"):
        house.dry_runs.go_on(asked, token)


def test_who_is_on_the_suppression_list_is_told_to_get_nothing(house: House) -> None:
    app = house.project()
    house.people(app, "a", "b", "c")
    house.mail.suppressions.add(SCOPE, app, "b@example.com")
    campaign = house.campaign(app, house.segment(app), **later(house))
    house.consumer.catch_up(60)
    people = rehearsed(house, Asked(SCOPE, app, campaign, people=True))
    assert reached(people) == ["a", "c"]
    (held,) = [one for one in people if one.outcome == "REFUSED"]
    assert (held.endpoint_id, held.gate) == ("b", "suppression")
