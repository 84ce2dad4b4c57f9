"""Treatments that run for themselves: when one fails, is changed, shares a rate or an address with others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from clarion.core.errors import Invalid
from clarion.domain.audience.model import Endpoint
from clarion.domain.campaigns.parts import rate_of
from clarion.domain.campaigns.treatments import allocation, treatments
from clarion.domain.messaging.inbox.store import Filter
from clarion.domain.templates.model import Email
from clarion.shapes.pinpoint import CampaignLimits, WriteApplicationSettingsRequest, WriteCampaignRequest
from tests.server.house import SCOPE, House


def email(title: str) -> dict[str, Any]:
    return {"EmailMessage": {"Title": title, "Body": "b"}}


def other(size: int, title: str = "other", **members: Any) -> dict[str, Any]:
    return {"SizePercent": size, "MessageConfiguration": email(title), **members}


def said(house: House, app: str) -> dict[str, str]:
    """What everybody got."""
    found, _ = house.inbox.page(Filter(app_id=app), 1000, None)
    return {kept.message.context["EndpointId"]: kept.message.subject for kept in found}


def cohorts(house: House, app: str, names: list[str]) -> dict[str, int]:
    found: dict[str, Endpoint] = house.audience.load(app, names)
    return {name: endpoint.cohort for name, endpoint in found.items()}


def of(house: House, app: str, campaign: str) -> WriteCampaignRequest:
    return house.campaigns.get(SCOPE, app, campaign).definition


def test_each_gets_the_treatment_of_their_cohort_and_is_counted_once(house: House) -> None:
    app, names = house.project(), [f"e{number}" for number in range(40)]
    house.people(app, *names)
    campaign = house.campaign(
        app,
        house.segment(app),
        HoldoutPercent=20,
        AdditionalTreatments=[other(30, "one"), other(25, "two")],
    )
    house.settle()
    found = allocation(campaign, of(house, app, campaign))
    places = {name: found.of(cohort) for name, cohort in cohorts(house, app, names).items()}
    titles = {"0": "Hello", "1": "one", "2": "two"}
    assert said(house, app) == {name: titles[place] for name, place in places.items() if place is not None}
    runs = {one.treatment_id: one for one in house.activities(app, campaign)}
    assert runs.keys() == {"0", "1", "2"}
    held = sum(place is None for place in places.values())
    for treatment, run in runs.items():
        own = sum(place == treatment for place in places.values())
        metrics = dict(run.execution_metrics or {})
        assert (run.state, run.result, run.total_endpoint_count) == ("COMPLETED", "SUCCESS", own)
        assert metrics["ENDPOINT_PRODUCED"] == "40"
        assert metrics["TREATMENT_HOLDOUT"] == str(40 - own - (held if treatment == "0" else 0))
    decisions = [house.events.why(app, name, campaign) for name, place in places.items() if place is None]
    assert {(one.status, one.treatment_id) for [one] in decisions} <= {("HOLDOUT", "0")}
    assert len(decisions) == held
    assert house.status(app, campaign) == "COMPLETED"


def test_one_address_gets_one_message_whatever_the_treatments(house: House) -> None:
    """The same mailbox in other letters: of the very same address, all endpoints but one would be inactive."""
    app = house.project()
    for number in range(20):
        letters = [letter.upper() if number >> place & 1 else letter for place, letter in enumerate("hello")]
        house.people(app, f"e{number:02}", Address=f"{''.join(letters)}@example.com")
    house.campaign(app, house.segment(app), AdditionalTreatments=[other(50)])
    house.settle()
    assert list(said(house, app)) == ["e00"]


def test_a_treatment_that_fails_does_not_take_the_others_with_it(house: House) -> None:
    app, names = house.project(), [f"e{number}" for number in range(20)]
    house.people(app, *names)
    campaign = house.campaign(
        app,
        house.segment(app),
        Schedule={"StartTime": house.in_time(hours=1), "Frequency": "DAILY"},
        AdditionalTreatments=[{"SizePercent": 50, "MessageConfiguration": {"SMSMessage": {"Body": "b"}}}],
    )
    house.advance(hours=2)
    results = {one.treatment_id: (one.result, one.reason) for one in house.activities(app, campaign)}
    assert results["0"] == ("SUCCESS", None)
    assert results["1"] == ("FAIL", "no channel is enabled that the campaign has content for")
    standings = house.campaigns.get(SCOPE, app, campaign).row.standings
    assert {name: one.status for name, one in standings.items()} == {"0": "PENDING_NEXT_RUN", "1": "INVALID"}
    assert house.status(app, campaign) == "PENDING_NEXT_RUN"
    house.advance(hours=24)
    assert [one.treatment_id for one in house.activities(app, campaign)].count("0") == 2
    assert [one.treatment_id for one in house.activities(app, campaign)].count("1") == 1


def test_treatments_keep_the_rate_together(house: House) -> None:
    wanted = house.written("s", Limits={"MessagesPerSecond": 10}, AdditionalTreatments=[other(30), other(20)])
    rates = {one.id: rate_of(wanted, one) for one in treatments(wanted)}
    assert rates == {"0": 5.0, "1": 3.0, "2": 2.0}
    later = {"StartTime": "2030-01-01T00:00:00Z"}
    wanted = msgspec.structs.replace(
        wanted,
        additional_treatments=house.written(
            "s", AdditionalTreatments=[other(30, Schedule=later)]
        ).additional_treatments,
    )
    assert {one.id: rate_of(wanted, one) for one in treatments(wanted)} == {"0": 10.0, "1": 10.0}
    app, names = house.project(), [f"e{number}" for number in range(30)]
    house.people(app, *names)
    house.campaign(app, house.segment(app), Limits={"MessagesPerSecond": 1}, AdditionalTreatments=[other(50)])
    house.advance(seconds=9)
    assert 9 <= len(house.reached(app)) <= 12
    house.advance(seconds=60)
    assert len(house.reached(app)) == 30


def test_each_treatment_has_its_own_time(house: House) -> None:
    app, names = house.project(), [f"e{number}" for number in range(20)]
    house.people(app, *names)
    later = {"StartTime": house.in_time(hours=3), "Frequency": "DAILY", "EndTime": house.in_time(days=1, hours=4)}
    campaign = house.campaign(app, house.segment(app), AdditionalTreatments=[other(50, Schedule=later)])
    house.settle()
    assert set(said(house, app).values()) == {"Hello"}
    assert house.status(app, campaign) == "PENDING_NEXT_RUN"
    house.advance(hours=4)
    assert house.reached(app) == sorted(names)
    house.advance(days=3)
    assert house.status(app, campaign) == "COMPLETED"
    assert sorted(str(one.treatment_id) for one in house.activities(app, campaign)) == ["0", "1", "1"]


def test_a_treatment_added_or_taken_away_later(house: House) -> None:
    app, names = house.project(), [f"e{number}" for number in range(20)]
    house.people(app, *names)
    segment, daily = house.segment(app), {"StartTime": house.in_time(hours=1), "Frequency": "DAILY"}
    campaign = house.campaign(app, segment, Schedule=daily)
    house.advance(hours=2)
    house.change(app, campaign, segment, Schedule=daily, AdditionalTreatments=[other(40)])
    house.advance(days=1)
    assert sorted(str(one.treatment_id) for one in house.activities(app, campaign)) == ["0", "0", "1"]
    house.change(app, campaign, segment, Schedule=daily)
    assert house.campaigns.get(SCOPE, app, campaign).row.standings.keys() == {"0"}
    house.advance(days=1)
    assert sorted(str(one.treatment_id) for one in house.activities(app, campaign)) == ["0", "0", "0", "1"]
    assert len(house.reached(app)) == 60


def test_a_treatment_added_to_a_campaign_that_is_over_sends_nothing(house: House) -> None:
    app, names = house.project(), [f"e{number}" for number in range(10)]
    house.people(app, *names)
    segment = house.segment(app)
    campaign = house.campaign(app, segment)
    house.settle()
    house.change(app, campaign, segment, AdditionalTreatments=[other(50)])
    house.advance(hours=1)
    assert house.reached(app) == sorted(names)
    assert house.status(app, campaign) == "COMPLETED"


def test_what_the_apps_settings_were_at_creation_stays(house: House) -> None:
    def settings(**limits: int) -> None:
        wanted = msgspec.convert(limits, CampaignLimits)
        house.apps.update_settings(SCOPE, app, WriteApplicationSettingsRequest(limits=wanted))

    app = house.project()
    settings(Total=7, MaximumDuration=600)
    segment, far = house.segment(app), {"StartTime": house.in_time(days=300)}
    campaign = house.campaign(app, segment, Schedule=far)
    settings(Total=1)
    house.change(app, campaign, segment, Schedule=far, Limits={"Daily": 2})
    limits = of(house, app, campaign).limits
    assert limits is not None
    assert (limits.total, limits.maximum_duration, limits.daily) == (7, 600, 2)


def test_the_quota_of_active_campaigns(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.campaigns, "_most_active", 2)
    app = house.project()
    segment, far = house.segment(app), {"StartTime": house.in_time(days=300)}
    made = [house.campaign(app, segment, Schedule=far) for _ in range(2)]
    with pytest.raises(Invalid, match="at most 2 active campaigns"):
        house.campaign(app, segment, Schedule=far)
    paused = house.campaign(app, segment, Schedule=far, IsPaused=True)
    with pytest.raises(Invalid, match="at most 2 active campaigns"):
        house.change(app, paused, segment, Schedule=far, IsPaused=False)
    for campaign in made:
        house.campaigns.delete(SCOPE, app, campaign)
    house.change(app, paused, segment, Schedule=far, IsPaused=False)
    assert house.status(app, paused) == "SCHEDULED"


def test_a_start_in_the_past_and_an_end_before_now(house: House) -> None:
    app = house.project()
    segment = house.segment(app)
    past = (house.clock.now() - timedelta(days=2)).isoformat()
    over = (house.clock.now() - timedelta(days=1)).isoformat()
    far = {"StartTime": house.in_time(days=300)}
    with pytest.raises(Invalid, match=r"AdditionalTreatments\[0\]\.Schedule\.StartTime: is in the past"):
        house.campaign(app, segment, Schedule=far, AdditionalTreatments=[other(10, Schedule={"StartTime": past})])
    daily = {"StartTime": past, "EndTime": over, "Frequency": "DAILY"}
    with pytest.raises(Invalid, match=r"^Schedule\.EndTime: no run is left"):
        house.campaign(app, segment, Schedule=daily)


def test_the_last_copy_of_a_template_serves_when_it_is_gone(house: House) -> None:
    app = house.project()
    house.people(app, "lea")
    house.templates.create(SCOPE, "EMAIL", f"t{app}", Email(subject="one", text="t"), None)
    house.campaign(
        app,
        house.segment(app),
        Schedule={"StartTime": house.in_time(hours=1), "Frequency": "DAILY"},
        MessageConfiguration={},
        TemplateConfiguration={"EmailTemplate": {"Name": f"t{app}"}},
    )
    house.templates.update(SCOPE, "EMAIL", f"t{app}", Email(subject="two", text="t"), version=None, new_version=False)
    house.advance(hours=2)
    house.templates.delete(SCOPE, "EMAIL", f"t{app}", None)
    house.advance(days=1)
    found, _ = house.inbox.page(Filter(app_id=app), 1000, None)
    assert [kept.message.subject for kept in found] == ["two", "two"]
