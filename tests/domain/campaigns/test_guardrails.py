"""Frequency caps and the control group in runs of several pages, side by side, and in in-app messages."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clarion.shapes.pinpoint import WriteApplicationSettingsRequest
from tests.server.house import SCOPE, House

LEFT = {"Alignment": "LEFT", "TextColor": "#000000"}
BANNER = {"BackgroundColor": "#ffffff", "HeaderConfig": {**LEFT, "Header": "h"}, "BodyConfig": {**LEFT, "Body": "b"}}


def guard(house: House, app: str, **members: Any) -> None:
    house.apps.update_settings(SCOPE, app, msgspec.convert(members, WriteApplicationSettingsRequest))


def gates(house: House, app: str, endpoint: str) -> list[str]:
    """The decisions about an endpoint, newest first."""
    house.consumer.catch_up(60)
    return [one.gate for one in house.events.why(app, endpoint, None, None)]


def test_a_user_s_endpoints_on_several_pages(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clarion.domain.campaigns.jobs.PAGE", 1)
    monkeypatch.setattr("clarion.domain.campaigns.parts.MANY", 1)
    app = house.project()
    house.people(app, "a", "c", "e", User={"UserId": "lea"})
    house.people(app, "b", "d", User={"UserId": "ben"})
    guard(house, app, FrequencyCaps=[{"Messages": 2, "Days": 1, "PerUser": True}])
    house.campaign(app, house.segment(app))
    house.settle()
    assert house.reached(app) == ["a", "b", "c", "d"]
    assert gates(house, app, "e") == ["frequency_cap"]


def test_what_is_planned_is_no_decision_and_no_event_of_pinpoint_s(house: House) -> None:
    app = house.project()
    house.people(app, "lea")
    guard(house, app, FrequencyCaps=[{"Messages": 1, "Days": 1}])
    house.campaign(app, house.segment(app))
    house.settle()
    house.consumer.catch_up(60)
    told = house.events.why(app, "lea", None, None)
    assert {one.event_type for one in told} == {"_campaign.send", "_email.send", "_email.delivered"}


def test_what_was_planned_and_expired_does_not_count(house: House) -> None:
    app = house.project()
    house.people(app, "lea", "max")
    guard(house, app, FrequencyCaps=[{"Messages": 1, "Days": 1}])
    everybody = house.segment(app)
    slow = house.campaign(app, everybody, Limits={"MessagesPerSecond": 1, "MaximumDuration": 60})
    house.settle()
    house.stopping.stop(SCOPE, app, slow)
    house.advance(minutes=2)
    house.stopping.resume(SCOPE, app, slow)
    house.advance(seconds=5)
    assert (gates(house, app, "max"), house.reached(app)) == (["expiry"], ["lea"])
    house.campaign(app, everybody)
    house.settle()
    assert house.reached(app) == ["lea", "max"]


def test_the_control_group_sees_no_in_app_messages(house: House) -> None:
    app = house.project()
    names = [f"d{number}" for number in range(20)]
    for name in names:
        house.people_of(app, name, "IN_APP", f"device-{name}")
    filtered = {"FilterType": "ENDPOINT", "Dimensions": {"EventType": {"DimensionType": "INCLUSIVE", "Values": ["x"]}}}
    house.campaign(
        app,
        house.segment(app),
        Schedule={"StartTime": "IMMEDIATE", "Frequency": "IN_APP_EVENT", "EventFilter": filtered},
        MessageConfiguration={"InAppMessage": {"Content": [BANNER]}},
    )
    house.settle()
    guard(house, app, ControlGroup={"Percent": 50})
    shown = {name for name in names if house.in_app.messages(SCOPE, app, name)}
    members = {name for name in names if house.guardrails.is_member(SCOPE, app, f"endpoint/{name}")[1]}
    assert members
    assert shown == set(names) - members
