"""Tests whose winner goes to the rest: who gets what when, and what becomes of it when somebody intervenes."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from clarion.core.errors import Conflict, Invalid
from clarion.domain.campaigns import store
from clarion.domain.campaigns.experiments.choosing import best
from clarion.domain.campaigns.experiments.pending import choice_key
from clarion.domain.events.comparing.conversions import Arm
from clarion.domain.messaging.inbox.store import Filter
from clarion.shapes.pinpoint import WriteApplicationSettingsRequest
from clarion.wire.context import Context
from tests.server.house import SCOPE, House

WHO = Context(SCOPE, "request", "AKID", "admin", "arn")
NAMES = [f"e{number:03}" for number in range(60)]
OTHER = {"MessageConfiguration": {"EmailMessage": {"Title": "other", "HtmlBody": "<p>o</p>"}}}
WRITE: dict[str, Any] = {
    "HoldoutPercent": 10,
    "AdditionalTreatments": [{"SizePercent": 45, **OTHER}],
    "ConversionGoal": {"EventType": "bought", "Days": 7},
    "Winner": {"TestPercent": 50, "Hours": 4, "Metric": "CONVERSION"},
}


def mail(house: House, app: str) -> dict[str, str]:
    """Treatment by recipient; nobody may have two messages."""
    found, _ = house.inbox.page(Filter(app_id=app), 1000, None)
    got = {kept.message.context["EndpointId"]: kept.message.context["TreatmentId"] for kept in found}
    assert len(got) == len(found)
    return got


def bought(house: House, app: str, *names: str) -> None:
    event = {"EventType": "bought", "Timestamp": "2027-03-04T09:15:00Z"}
    batch = {name: {"Endpoint": {}, "Events": {"e": event}} for name in names}
    house.events.put(WHO, app, msgspec.json.encode({"BatchItem": batch})).result(30)


def in_test(house: House, **write: Any) -> tuple[str, str, str]:
    """A campaign whose test has been sent: app, segment, campaign."""
    app = house.project()
    house.people(app, *NAMES)
    segment = house.segment(app)
    campaign = house.campaign(app, segment, **{**WRITE, **write})
    house.settle()
    return app, segment, campaign


def rest_of(house: House, app: str, before: dict[str, str]) -> Counter[str]:
    return Counter(treatment for name, treatment in mail(house, app).items() if name not in before)


def row_of(house: House, app: str, campaign: str) -> store.CampaignRow:
    row = house.database.read(lambda connection: store.get(connection, app, campaign))
    assert row is not None
    return row


def test_best() -> None:
    arms = {"0": Arm(10, 2, 5, 0), "1": Arm(20, 5, 10, 0), "2": Arm(0, 0, 0, 0), "rest": Arm(5, 5, 5, 5)}
    assert best(arms, ["0", "1", "2"], "CONVERSION").treatment_id == "1"
    assert best(arms, ["0", "2"], "CONVERSION").treatment_id == "0"
    assert best(arms, ["0", "1", "2"], "OPEN").treatment_id == "0"
    assert best(arms, ["1", "2"], "CLICK").treatment_id == "1"
    assert best({}, ["0", "1"], "CLICK").treatment_id == "0"
    assert "treatment 1 25.0% (5 of 20 converted)" in best(arms, ["0", "1"], "CONVERSION").reason


def test_the_best_goes_to_the_rest(house: House) -> None:
    app, _, campaign = in_test(house)
    test = mail(house, app)
    assert set(test.values()) == {"0", "1"}
    assert len(test) < len(NAMES) - 10
    assert house.status(app, campaign) == "PENDING_NEXT_RUN"
    bought(house, app, *(name for name, treatment in test.items() if treatment == "1"))
    house.advance(hours=3, minutes=59)
    assert mail(house, app) == test
    house.advance(minutes=1)
    assert set(rest_of(house, app, test)) == {"1"}
    assert house.status(app, campaign) == "COMPLETED"
    runs = house.activities(app, campaign)
    assert [(one.treatment_id, one.state, one.result) for one in runs[:1]] == [("1", "COMPLETED", "SUCCESS")]
    assert "treatment 1 has the best rate" in (runs[0].reason or "")
    arms = house.counting.arms(row_of(house, app, campaign), house.campaigns.get(SCOPE, app, campaign).definition)
    assert arms["rest"].people == sum(rest_of(house, app, test).values())
    assert (arms["1"].people, arms["1"].conversions) == (Counter(test.values())["1"],) * 2
    assert sum(arm.people for arm in arms.values()) == len(NAMES)
    house.advance(days=2)
    assert len(house.activities(app, campaign)) == 3


def test_a_tie_is_the_defaults(house: House) -> None:
    app, _, campaign = in_test(house, Winner={"TestPercent": 20, "Minutes": 30, "Metric": "OPEN"})
    test = mail(house, app)
    house.advance(minutes=30)
    assert set(rest_of(house, app, test)) == {"0"}
    assert house.status(app, campaign) == "COMPLETED"


def test_paused_and_resumed(house: House) -> None:
    app, segment, campaign = in_test(house)
    test, later = mail(house, app), {"StartTime": "IMMEDIATE"}
    with pytest.raises(Invalid, match="IsPaused"):
        house.change(app, campaign, segment, **WRITE, Schedule=later, IsPaused=True)
    started = {"StartTime": "2027-03-04T09:15:00Z"}
    house.change(app, campaign, segment, **WRITE, Schedule=started, IsPaused=True)
    assert house.status(app, campaign) == "PAUSED"
    house.advance(hours=10)
    assert mail(house, app) == test
    house.change(app, campaign, segment, **WRITE, Schedule=started, IsPaused=False)
    house.settle()
    assert set(rest_of(house, app, test)) == {"0"}
    assert house.status(app, campaign) == "COMPLETED"


def test_stopped_while_it_waits(house: House) -> None:
    app, _, campaign = in_test(house)
    test = mail(house, app)
    house.advance(hours=1)
    assert house.stopping.stop(SCOPE, app, campaign).status == "PAUSED"
    with pytest.raises(Conflict):
        house.stopping.stop(SCOPE, app, campaign)
    house.advance(hours=10)
    assert mail(house, app) == test
    assert house.stopping.resume(SCOPE, app, campaign).status == "PENDING_NEXT_RUN"
    house.advance(hours=2, minutes=59)
    assert mail(house, app) == test
    house.advance(minutes=1)
    assert set(rest_of(house, app, test)) == {"0"}


@pytest.mark.parametrize("held", [False, True])
def test_stopped_for_good(house: House, held: bool) -> None:
    app, _, campaign = in_test(house)
    test = mail(house, app)
    if held:
        house.stopping.stop(SCOPE, app, campaign)
    assert house.stopping.cancel(SCOPE, app, campaign).status == "COMPLETED"
    house.advance(days=1)
    assert mail(house, app) == test
    with pytest.raises(Conflict):
        house.stopping.resume(SCOPE, app, campaign)


def test_stopped_while_the_test_is_sent(house: House) -> None:
    app, _, campaign = in_test(house, Limits={"MessagesPerSecond": 5})
    house.advance(seconds=3)
    test = mail(house, app)
    house.stopping.stop(SCOPE, app, campaign)
    house.advance(hours=10)
    assert mail(house, app) == test
    house.stopping.resume(SCOPE, app, campaign)
    house.advance(hours=3)
    assert house.status(app, campaign) == "PENDING_NEXT_RUN"
    house.advance(hours=2)
    assert house.status(app, campaign) == "COMPLETED"
    arms = house.counting.arms(row_of(house, app, campaign), house.campaigns.get(SCOPE, app, campaign).definition)
    assert sum(arm.people for arm in arms.values()) == len(NAMES)


@pytest.mark.parametrize("what", ["campaign", "segment", "app"])
def test_deleted(house: House, what: str) -> None:
    app, segment, campaign = in_test(house)
    test = mail(house, app)
    if what == "campaign":
        house.campaigns.delete(SCOPE, app, campaign)
    elif what == "segment":
        house.segments.delete(SCOPE, app, segment)
    else:
        house.apps.delete(SCOPE, app)
    assert not house.database.read(lambda connection: house.jobs.has(connection, choice_key(campaign)))
    house.advance(days=1)
    assert what == "app" or mail(house, app) == test


def test_what_may_change_in_a_test(house: House) -> None:
    app, segment, campaign = in_test(house)
    test, started = mail(house, app), {"StartTime": "2027-03-04T09:15:00Z"}
    write = {**WRITE, "Schedule": started}
    for wrong in ({"HoldoutPercent": 11}, {"Winner": {**WRITE["Winner"], "TestPercent": 51}}):
        with pytest.raises(Invalid, match="the test has begun"):
            house.change(app, campaign, segment, **{**write, **wrong})
    house.change(app, campaign, segment, **write, Name="renamed")
    assert house.status(app, campaign) == "PENDING_NEXT_RUN"
    house.change(app, campaign, segment, **{**write, "Winner": None})
    assert house.status(app, campaign) == "COMPLETED"
    house.advance(days=1)
    assert mail(house, app) == test


def test_a_campaign_that_was_another_one_before(house: House) -> None:
    app = house.project()
    house.people(app, "lea")
    segment = house.segment(app)
    daily = {"StartTime": house.in_time(hours=1), "Frequency": "DAILY"}
    campaign = house.campaign(app, segment, Schedule=daily)
    house.advance(days=2)
    house.change(app, campaign, segment, **WRITE, Schedule={"StartTime": house.in_time(hours=1)})
    kept = house.campaigns.get(SCOPE, app, campaign)
    assert [one.number for one in house.database.read(lambda c: store.runs(c, app, campaign, None, 9))] == [1, 0]
    assert house.counting.rest_runs(kept.row, kept.definition) == []
    house.advance(hours=6)
    kept = house.campaigns.get(SCOPE, app, campaign)
    [rest] = house.counting.rest_runs(kept.row, kept.definition)
    assert (rest.number, rest.state, kept.row.status) == (1, "COMPLETED", "COMPLETED")


def test_a_change_that_waits_for_approval(house: House) -> None:
    app, segment, campaign = in_test(house)
    test, started = mail(house, app), {"StartTime": "2027-03-04T09:15:00Z"}
    required = msgspec.convert({"ApprovalRequired": True}, WriteApplicationSettingsRequest)
    house.apps.update_settings(SCOPE, app, required)
    request = house.written(segment, **WRITE, Schedule=started, Name="renamed")
    house.campaigns.update(SCOPE, app, campaign, request, "AKIDAUTHOR")
    assert house.status(app, campaign) == "PAUSED"
    house.advance(hours=5)
    assert mail(house, app) == test
    house.approvals.approve(SCOPE, app, campaign, None, by="AKIDOTHER", comment="")
    house.settle()
    assert set(rest_of(house, app, test)) == {"0"}
    assert house.status(app, campaign) == "COMPLETED"


def test_a_choice_that_fails_for_ever_says_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    app, _, campaign = in_test(house)
    test = mail(house, app)

    def broken(*_: object) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr(house.counting, "arms", broken)
    house.advance(hours=12)
    assert house.status(app, campaign) == "COMPLETED"
    run = house.activities(app, campaign)[0]
    assert (run.result, run.reason) == ("FAIL", "no winner could be chosen")
    assert mail(house, app) == test


def test_nothing_is_left(house: House) -> None:
    app, _, campaign = in_test(house)
    house.stopping.stop(SCOPE, app, campaign)
    house.stopping.resume(SCOPE, app, campaign)
    house.advance(hours=5)
    count = sa.select(sa.func.count()).select_from(store.campaign_held)
    assert house.database.read(lambda connection: connection.scalar(count)) == 0
