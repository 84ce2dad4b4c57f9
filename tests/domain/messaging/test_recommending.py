"""Recommendations on their way into messages: who is asked for, and what becomes of a failure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest

from clarion.core.scope import Scope
from clarion.domain.audience.model import Endpoint, template_context
from clarion.domain.messaging.model import Refusal, Send, Turn
from clarion.domain.messaging.recommending import recommender_of, recommending
from clarion.domain.recommenders.asking import Found, Person
from clarion.domain.templates.handlebars import TemplateCache
from clarion.domain.templates.model import Content, Email, Push, Sms, Stored
from clarion.domain.templates.sources import Sources
from clarion.shapes.pinpoint import AndroidPushNotificationTemplate

SEND = Send(account="1", region="r", app_id="app", origin="campaign", campaign_id="c", activity_id="a")


class FakeRecommenders:
    """Recommends "{id}!" to everybody but tim."""

    def __init__(self) -> None:
        self.asked: list[tuple[Scope, str, list[str], Mapping[str, Any]]] = []

    def recommend(
        self, scope: Scope, recommender_id: str, people: Sequence[Person], about: Mapping[str, Any]
    ) -> list[Found]:
        self.asked.append((scope, recommender_id, [person.endpoint_id for person in people], about))
        return [
            Found(failed="no answer")
            if person.endpoint_id == "tim"
            else Found({"RecommendationItems": [f"{person.endpoint_id}!"]})
            for person in people
        ]


def content(parts: Stored, **partials: str) -> Content[Stored]:
    return Content(1, parts, {}, Sources(TemplateCache(), partials))


def turn(name: str, channel: str = "EMAIL", refusal: Refusal | None = None) -> Turn:
    endpoint = Endpoint(id=name, channel_type=channel, address=name)
    return Turn(
        endpoint=endpoint, message_id=f"m-{name}", due_ms=0, variables=template_context(endpoint), refusal=refusal
    )


def enrich(by_channel: Mapping[str, str], turns: Sequence[Turn]) -> FakeRecommenders:
    recommenders: Any = FakeRecommenders()
    recommending(recommenders, by_channel, 0)(SEND, turns)
    found: FakeRecommenders = recommenders
    return found


def test_items_become_variables_and_a_failure_a_refusal() -> None:
    turns = [turn("lea"), turn("tim"), turn("kim")]
    enrich({"EMAIL": "r1"}, turns)
    assert [one.variables.get("RecommendationItems") for one in turns] == [["lea!"], None, ["kim!"]]
    assert [one.refusal for one in turns] == [
        None,
        Refusal("recommender", "no answer", "RECOMMENDATION_FAILURE"),
        None,
    ]


def test_each_channel_s_recommender_is_asked_for_its_own_people() -> None:
    turns = [turn("lea"), turn("kim", "SMS"), turn("jo", "GCM"), turn("max", refusal=Refusal("hook", "left out"))]
    recommenders = enrich({"EMAIL": "r1", "GCM": "r2"}, turns)
    about = {
        "ApplicationId": "app",
        "CampaignId": "c",
        "TreatmentId": "0",
        "ActivityId": "a",
        "ScheduledTime": "1970-01-01T00:00:00.000Z",
    }
    assert recommenders.asked == [(Scope("1", "r"), "r1", ["lea"], about), (Scope("1", "r"), "r2", ["jo"], about)]


def test_nobody_is_asked_for_nobody() -> None:
    assert enrich({"EMAIL": "r1"}, [turn("kim", "SMS")]).asked == []


@pytest.mark.parametrize(
    ("parts", "asks"),
    [
        (Email(subject="{{RecommendationItems}}"), True),
        (Email(html="<p>{{RecommendationItems.[0]}}"), True),
        (Email(text="{{upper Recommendations.Title.[1]}}"), True),
        (Email(text="{{#with Recommendations}}{{Title}}{{/with}}"), True),
        (Email(text="{{#* inline 'x'}}{{RecommendationItems}}{{/inline}}{{> x}}"), True),
        (Sms(body="Try {{{Recommendations.Title}}}"), True),
        (Push(gcm=AndroidPushNotificationTemplate(body="{{RecommendationItems}}")), True),
        (Push(adm=AndroidPushNotificationTemplate(raw_content='{"a": "{{RecommendationItems}}"}')), True),
        (Email(subject="Our Recommendations", html="RecommendationItems {{Attributes.x}}"), False),
        (Email(text="{{Attributes.MyRecommendations}}"), False),
        (Email(text="hi", default_substitutions='{"x": "{{RecommendationItems}}"}'), False),
        (Email(), False),
    ],
)
def test_a_recommender_is_asked_only_when_the_template_names_recommendations(parts: Stored, asks: bool) -> None:
    template = content(msgspec.structs.replace(parts, recommender_id="r1"))
    assert recommender_of(template) == ("r1" if asks else "")
    assert recommender_of(content(parts)) == ""


def test_a_shared_partial_may_name_them() -> None:
    parts = Email(text="{{> best}}", recommender_id="r1")
    assert recommender_of(content(parts, best="{{RecommendationItems}}")) == "r1"
    assert recommender_of(content(parts, best="{{Id}}")) == ""
