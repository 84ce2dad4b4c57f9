"""What a review learns of a real project."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clarion.core.errors import Invalid, NotFound, Unavailable
from clarion.domain.journeys.model import Fault
from clarion.domain.journeys.review.project import Project, Services, Terms
from clarion.domain.templates.kinds import KINDS
from clarion.shapes.pinpoint import (
    EmailTemplateRequest,
    WriteApplicationSettingsRequest,
    WriteJourneyRequest,
    WriteSegmentRequest,
)
from tests.server.house import SCOPE, House

HELLO = {
    "Subject": "Hello {{User.UserAttributes.name}}, {{Attributes.city}}",
    "TextPart": "Hi",
    "DefaultSubstitutions": '{"Attributes":{"city":["here"]}}',
}
WAY = {"w": {"Wait": {"WaitTime": {"WaitFor": "P1D"}}}}
ARN = "arn:aws:connect-campaigns:eu-central-1:000000000001:campaign/c1"


class Office:
    """A house with a project to review journeys in."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.app = house.project()

    def looked_at(self, journey_id: str | None = "", **terms: Any) -> Project:
        services = self.house.journeys.reviewer._services
        return Project(msgspec.structs.replace(services, terms=Terms(**terms)), SCOPE, self.app, journey_id)

    def template(self, name: str) -> None:
        kind = KINDS["EMAIL"]
        content = self.house.templates.read(SCOPE, kind, msgspec.convert(HELLO, EmailTemplateRequest))
        self.house.templates.create(SCOPE, "EMAIL", name, content, None)

    def segment(self, **write: Any) -> str:
        request = msgspec.convert({"Name": "s", **write}, WriteSegmentRequest)
        return self.house.segments.create(SCOPE, self.app, request).segment.id

    def journey(self, **write: Any) -> str:
        segment = {"SegmentStartCondition": {"SegmentId": self.segment(Dimensions={})}}
        wanted = {"Name": "way", "StartActivity": "w", "Activities": WAY, "StartCondition": segment, **write}
        request = msgspec.convert(wanted, WriteJourneyRequest)
        return self.house.journeys.journeys.create(SCOPE, self.app, request).row.journey_id

    def review(self, **write: Any) -> list[Fault]:
        request = msgspec.convert(
            {"Name": "way", "StartActivity": "w", "Activities": WAY, **write}, WriteJourneyRequest
        )
        return self.house.journeys.reviewer.review(SCOPE, self.app, request, "")


@pytest.fixture
def office(house: House) -> Office:
    return Office(house)


def test_templates_and_their_variables(office: Office) -> None:
    office.template("hello")
    found = office.looked_at()
    assert found.template("EMAIL", "hello", None)
    assert found.template("EMAIL", "hello", "1")
    assert not found.template("EMAIL", "hello", "2")
    assert not found.template("EMAIL", "hello", "first")
    assert not found.template("SMS", "hello", None)
    assert not found.template("CUSTOM", "hello", None)
    assert found.undefaulted("EMAIL", "hello", None) == ["User.UserAttributes.name"]
    assert found.undefaulted("EMAIL", "gone", None) == []


def test_channels(office: Office) -> None:
    found = office.looked_at(rates={"EMAIL": 5}, local=frozenset({"EMAIL"}))
    assert (found.enabled(), found.sender()) == (frozenset({"EMAIL"}), "a@acme.test")
    assert (found.rate("EMAIL"), found.rate("SMS")) == (5, 0)
    assert (found.stays_here("EMAIL"), found.stays_here("SMS")) == (True, False)


def test_segments(office: Office) -> None:
    office.house.people(office.app, "ann", "bob")
    office.house.people(office.app, "cem", Demographic={"Timezone": "Europe/Vienna"})
    everybody = office.segment(Dimensions={})
    group = {"SourceSegments": [{"Id": everybody}], "Dimensions": [], "SourceType": "ANY", "Type": "ALL"}
    built = {"Groups": [group], "Include": "ALL"}
    found = office.looked_at()
    assert found.segment(everybody) == "DIMENSIONAL"
    assert found.segment(office.segment(SegmentGroups=built)) == "DIMENSIONAL"
    assert found.segment("0" * 32) is None
    assert (found.members(everybody), found.without_zone(everybody)) == (3, 2)


def test_nobody_waits_for_advice(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def count(*asked: object) -> int:
        raise Unavailable("the columnar store is away")

    everybody = office.segment(Dimensions={})
    for name in ("count", "without_zone"):
        monkeypatch.setattr(office.house.segments, name, count)
    found = office.looked_at()
    assert (found.members(everybody), found.without_zone(everybody)) == (0, 0)


def test_daily_caps(office: Office) -> None:
    assert not office.looked_at().daily_cap()
    for settings in ({"JourneyLimits": {"DailyCap": 2}}, {"JourneyLimits": {}, "Limits": {"Daily": 3}}):
        sent = msgspec.convert(settings, WriteApplicationSettingsRequest)
        office.house.apps.update_settings(SCOPE, office.app, sent)
        assert office.looked_at().daily_cap()


def test_quotas(office: Office) -> None:
    office.journey(State="ACTIVE")
    draft = office.journey()
    assert office.looked_at(draft, most_active=2).full(False) == ""
    assert office.looked_at(draft, most_active=1).full(False) == "an account has at most 1 active journeys"
    assert office.looked_at(draft, most_active=0, most_event_started=1).full(True) == ""
    assert office.looked_at(None, most_active=1).full(False) == ""


def test_a_journey_under_way_needs_no_room(office: Office) -> None:
    assert office.looked_at(office.journey(State="ACTIVE"), most_active=1).full(False) == ""


def test_tests_and_callers_of_the_same_campaign(office: Office) -> None:
    settings = {"ConnectCampaignArn": ARN, "ConnectCampaignExecutionRoleArn": "arn:aws:iam::000000000001:role/dialler"}
    one = office.journey(State="ACTIVE", Name="calls", JourneyChannelSettings=settings)
    other = office.journey(Name="draft", JourneyChannelSettings=settings)
    assert office.looked_at(other).also_calling(ARN) == ["calls"]
    assert office.looked_at(one).also_calling(ARN) == []
    assert not office.looked_at(one).tested()
    request = msgspec.convert({"Name": "Test-calls", "StartActivity": "w", "Activities": WAY}, WriteJourneyRequest)
    office.house.journeys.journeys.create(SCOPE, office.app, request, test_of=one)
    assert office.looked_at(one).tested()
    assert not office.looked_at("").tested()


def test_a_review_of_a_project_that_is_not_there(office: Office) -> None:
    office.app = "0" * 32
    with pytest.raises(NotFound):
        office.review()


def test_publishing_what_has_errors_says_all_of_them(office: Office) -> None:
    with pytest.raises(Invalid) as error:
        office.journey(State="ACTIVE", StartActivity="x", Activities={"w": {"Wait": {"NextActivity": "w"}}})
    for part in ("E7: StartActivity: there is no activity x", "E10 w: leads to itself", "E17 w: WaitTime needs either"):
        assert part in error.value.message


def test_terms_are_those_of_the_settings(house: House) -> None:
    services: Services = house.journeys.reviewer._services
    assert services.terms == Terms(rates={"EMAIL": 0}, local=frozenset({"EMAIL", "SMS", "PUSH"}))
