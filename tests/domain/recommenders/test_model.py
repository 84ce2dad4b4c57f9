"""The rules of a recommender configuration."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.channels.calls.service import Callouts
from clarion.core.errors import Invalid
from clarion.core.settings import Settings
from clarion.domain.recommenders.model import Recommender, recommender
from clarion.shapes.pinpoint import CreateRecommenderConfiguration

MODEL = "arn:aws:personalize:eu-central-1:000000000001:campaign/shop"
ROLE = "arn:aws:iam::000000000001:role/recommend"
CHECK_URI = Callouts(Settings()).check_uri


def sent(**members: Any) -> CreateRecommenderConfiguration:
    return CreateRecommenderConfiguration(
        **{
            "recommendation_provider_uri": MODEL,
            "recommendation_provider_role_arn": ROLE,
            "recommendations_display_name": "Products",
            **members,
        }
    )


def with_function(**members: Any) -> CreateRecommenderConfiguration:
    given = {"recommendation_transformer_uri": "describe", "attributes": {"Title": "Title"}, **members}
    return sent(recommendations_display_name=None, **given)


def test_defaults_are_filled_in() -> None:
    assert recommender(sent(), CHECK_URI) == Recommender(
        provider=MODEL, role=ROLE, id_type="PINPOINT_ENDPOINT_ID", items=5, display_name="Products"
    )


@pytest.mark.parametrize(
    "members",
    [
        {"name": "A name_with-all 9"},
        {"name": "9" * 128},
        {"description": "(all); that, may_be-there 9"},
        {"recommendation_provider_uri": "https://models.example/recommend"},
        {"recommendation_provider_uri": MODEL.replace("arn:aws:", "arn:aws-cn:")},
        {"recommendation_provider_id_type": "PINPOINT_USER_ID"},
        {"recommendations_per_message": 1},
        {"recommendations_display_name": "Our best 4 you"},
        {"recommendation_transformer_uri": "", "attributes": {}},
    ],
)
def test_good_ones(members: dict[str, Any]) -> None:
    recommender(sent(**members), CHECK_URI)


@pytest.mark.parametrize(
    "members",
    [
        {"recommendation_transformer_uri": "https://transform.example/x"},
        {"recommendation_transformer_uri": "arn:aws:lambda:eu-central-1:000000000001:function:describe:live"},
        {"recommendations_display_name": "also one"},
        {"attributes": {f"{'a' * 49}{number}": "b" * 25 for number in range(10)}},
    ],
)
def test_good_ones_with_a_function(members: dict[str, Any]) -> None:
    given = {"recommendation_transformer_uri": "describe", "attributes": {"Title": "Title"}, **members}
    assert recommender(sent(**given), CHECK_URI).attributes


@pytest.mark.parametrize(
    ("member", "members"),
    [
        ("Name", {"name": ""}),
        ("Name", {"name": " leads"}),
        ("Name", {"name": "_leads"}),
        ("Name", {"name": "a" * 129}),
        ("Name", {"name": "a.b"}),
        ("Description", {"description": "a" * 129}),
        ("Description", {"description": "why?"}),
        ("RecommendationProviderUri", {"recommendation_provider_uri": ""}),
        ("RecommendationProviderUri", {"recommendation_provider_uri": "shop"}),
        ("RecommendationProviderUri", {"recommendation_provider_uri": "http://models.example/"}),
        ("RecommendationProviderUri", {"recommendation_provider_uri": MODEL.replace("campaign", "solution")}),
        ("RecommendationProviderRoleArn", {"recommendation_provider_role_arn": ""}),
        ("RecommendationProviderRoleArn", {"recommendation_provider_role_arn": "recommend"}),
        ("RecommendationProviderIdType", {"recommendation_provider_id_type": "DEVICE"}),
        ("RecommendationsPerMessage", {"recommendations_per_message": 0}),
        ("RecommendationsPerMessage", {"recommendations_per_message": 6}),
        ("RecommendationsDisplayName", {"recommendations_display_name": None}),
        ("RecommendationsDisplayName", {"recommendations_display_name": ""}),
        ("RecommendationsDisplayName", {"recommendations_display_name": "a" * 26}),
        ("RecommendationsDisplayName", {"recommendations_display_name": "a.b"}),
        ("Attributes", {"attributes": {"Title": "Title"}}),
    ],
)
def test_bad_ones_name_the_member(member: str, members: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match=f"^{member}: "):
        recommender(sent(**members), CHECK_URI)


@pytest.mark.parametrize(
    ("member", "members"),
    [
        ("RecommendationTransformerUri", {"recommendation_transformer_uri": "no function"}),
        ("RecommendationTransformerUri", {"recommendation_transformer_uri": "https://lea@transform.example/"}),
        ("Attributes", {"attributes": None}),
        ("Attributes", {"attributes": {}}),
        ("Attributes", {"attributes": {f"a{number}": "a" for number in range(11)}}),
        ("Attributes", {"attributes": {"a" * 51: "a"}}),
        ("Attributes", {"attributes": {"-a": "a"}}),
        ("Attributes", {"attributes": {"a b": "a"}}),
        ("Attributes.a", {"attributes": {"a": ""}}),
        ("Attributes.a", {"attributes": {"a": "b" * 26}}),
        ("Attributes.a", {"attributes": {"a": " b"}}),
    ],
)
def test_bad_ones_with_a_function_name_the_member(member: str, members: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match=f"^{member}: "):
        recommender(with_function(**members), CHECK_URI)
