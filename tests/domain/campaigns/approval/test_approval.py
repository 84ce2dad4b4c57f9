"""What of a campaign waits for approval, and who may give it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clarion.core.errors import Conflict, Forbidden, Invalid
from clarion.domain.campaigns.approval.model import Approval, asked, decode, encode, shown, waits
from clarion.shapes.pinpoint import WriteApplicationSettingsRequest, WriteCampaignRequest
from tests.server.house import SCOPE, House

WANTED = WriteCampaignRequest(name="a", segment_id="s")
FILTER = {"FilterType": "ENDPOINT", "Dimensions": {"EventType": {"DimensionType": "INCLUSIVE", "Values": ["x"]}}}
LISTENING = {"StartTime": "IMMEDIATE", "Frequency": "EVENT", "EventFilter": FILTER}
APPROVED = encode(Approval(status="APPROVED", author="ann", by="bob", at_ms=0, comment="fine"))


def test_nothing_waits_unless_the_project_wants_it() -> None:
    assert asked(None, None, WANTED, required=False, author="ann") is None
    assert asked(APPROVED, WANTED, WANTED, required=False, author="ann") is None
    assert not waits(None)


def test_another_definition_waits() -> None:
    assert decode(asked(None, None, WANTED, required=True, author="ann")) == Approval(author="ann")
    other = msgspec.structs.replace(WANTED, name="b")
    stored = asked(APPROVED, WANTED, other, required=True, author="ann")
    assert waits(stored)


def test_pausing_is_no_other_definition() -> None:
    paused = msgspec.structs.replace(WANTED, is_paused=True)
    assert asked(APPROVED, WANTED, paused, required=True, author="ann") == APPROVED
    assert asked(None, WANTED, paused, required=True, author="ann") is None


def test_as_the_api_shows_it() -> None:
    assert shown(None) is None
    pending = shown(encode(Approval(author="ann")))
    assert pending is not None
    assert (pending.status, pending.by, pending.at, pending.comment) == ("PENDING", None, None, None)
    said = shown(APPROVED)
    assert said is not None
    assert (said.by, said.at, said.comment) == ("bob", "1970-01-01T00:00:00.000Z", "fine")


def required(house: House, app: str, *, on: bool = True) -> None:
    house.apps.update_settings(SCOPE, app, WriteApplicationSettingsRequest(approval_required=on))


def made(house: House, app: str, by: str = "ann", **write: Any) -> str:
    written = house.written(house.segment(app), **write)
    return house.campaigns.create(SCOPE, app, written, by).row.campaign_id


@pytest.fixture
def app(house: House) -> str:
    """A project of one person that wants approval."""
    found = house.project()
    house.people(found, "lea")
    required(house, found)
    return found


def test_who_is_alone_approves_their_own(house: House, app: str) -> None:
    campaign = made(house, app)
    key = house.keys.create(SCOPE.account, "marketer").access_key_id
    with pytest.raises(Forbidden):
        house.approvals.approve(SCOPE, app, campaign, None, by="ann")
    house.keys.revoke(key)
    house.keys.create(SCOPE.account, "reader")
    house.keys.create(SCOPE.account, "developer", app_id="0" * 32)
    house.keys.create("000000000002", "admin")
    house.approvals.approve(SCOPE, app, campaign, None, by="ann")
    house.settle()
    assert (house.status(app, campaign), house.reached(app)) == ("COMPLETED", ["lea"])


def test_who_has_switched_it_off_needs_nobody(house: House, app: str) -> None:
    campaign = made(house, app)
    house.keys.create(SCOPE.account, "marketer")
    required(house, app, on=False)
    house.settle()
    assert house.status(app, campaign) == "PAUSED"
    house.approvals.approve(SCOPE, app, campaign, None, by="ann")
    house.settle()
    assert house.status(app, campaign) == "COMPLETED"
    with pytest.raises(Conflict, match="needs no approval"):
        house.approvals.approve(SCOPE, app, made(house, app), None, by="bob")


def test_a_change_after_it_was_switched_off_runs(house: House, app: str) -> None:
    campaign = made(house, app)
    required(house, app, on=False)
    house.advance(hours=3)
    house.change(app, campaign, house.segment(app))
    house.settle()
    assert (house.status(app, campaign), house.reached(app)) == ("COMPLETED", ["lea"])
    [run] = house.activities(app, campaign)
    assert run.scheduled_start == house.in_time()


def test_one_that_has_run_does_not_run_again(house: House, app: str) -> None:
    campaign = made(house, app)
    house.approvals.approve(SCOPE, app, campaign, None, by="bob")
    house.settle()
    house.campaigns.update(SCOPE, app, campaign, house.written(house.segment(app), Name="b"), "ann")
    assert house.status(app, campaign) == "PAUSED"
    house.approvals.approve(SCOPE, app, campaign, None, by="bob")
    house.settle()
    assert (house.status(app, campaign), len(house.reached(app))) == ("COMPLETED", 1)


def test_a_rejected_one_can_still_be_approved(house: House, app: str) -> None:
    campaign = made(house, app)
    house.approvals.reject(SCOPE, app, campaign, 1, by="ann", comment="wait")
    house.approvals.approve(SCOPE, app, campaign, 1, by="bob")
    with pytest.raises(Conflict, match="approved already"):
        house.approvals.reject(SCOPE, app, campaign, 1, by="bob")
    house.settle()
    assert house.reached(app) == ["lea"]


def test_one_that_is_paused_stays_so(house: House, app: str) -> None:
    later = {"StartTime": house.in_time(days=1)}
    campaign = made(house, app, Schedule=later, IsPaused=True)
    house.approvals.approve(SCOPE, app, campaign, None, by="bob")
    house.advance(days=2)
    assert (house.status(app, campaign), house.reached(app)) == ("PAUSED", [])


def test_an_event_campaign_listens_from_its_approval_on(house: House, app: str) -> None:
    campaign = made(house, app, Schedule=LISTENING)
    house.settle()
    assert (house.status(app, campaign), house.activities(app, campaign)) == ("PAUSED", [])
    house.approvals.approve(SCOPE, app, campaign, None, by="bob")
    house.settle()
    assert house.status(app, campaign) == "EXECUTING"


def test_quotas_hold_at_approval(house: House, app: str, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = made(house, app, Schedule=LISTENING)
    monkeypatch.setattr("clarion.domain.campaigns.service.MOST_EVENT", 0)
    with pytest.raises(Invalid, match="at most"):
        house.approvals.approve(SCOPE, app, campaign, None, by="bob")
    assert decode(house.campaigns.get(SCOPE, app, campaign).version.approval) == Approval(author="ann")
    assert house.status(app, campaign) == "PAUSED"
