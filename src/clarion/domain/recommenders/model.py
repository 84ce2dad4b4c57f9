"""What a recommender configuration may be. Source: spec of recommenders, sections 2 and 3."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import msgspec

from clarion.channels.calls.service import is_model, is_url
from clarion.core.errors import Invalid
from clarion.shapes.pinpoint import CreateRecommenderConfiguration, UpdateRecommenderConfiguration

MOST = 100
"""Configurations of an account in a region."""
MOST_ITEMS = 5
MOST_ATTRIBUTES = 10
MOST_CHARACTERS = 100
"""Of a recommended item."""

BY_ENDPOINT, BY_USER = "PINPOINT_ENDPOINT_ID", "PINPOINT_USER_ID"

_NAME = re.compile(r"[^\W_][\w -]{0,127}")
_DESCRIPTION = re.compile(r"[\w ;(),-]{0,128}")
_DISPLAY = re.compile(r"[\w -]{1,25}")
_ATTRIBUTE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,49}")
_ATTRIBUTE_DISPLAY = re.compile(r"[^\W_][\w -]{0,24}")
_ROLE = re.compile(r"arn:aws[a-zA-Z-]*:iam::[0-9]{12}:role/\S{1,512}")

Sent = CreateRecommenderConfiguration | UpdateRecommenderConfiguration
CheckUri = Callable[[str, str], None]
"""Raises Invalid, naming the member, for a function or URL that cannot be called."""


class Recommender(msgspec.Struct, frozen=True, omit_defaults=True):
    """A configuration as it is stored. `attributes` are names and display names; without `transformer` none."""

    version: int = 1
    name: str | None = None
    description: str | None = None
    provider: str = ""
    role: str = ""
    id_type: str = BY_ENDPOINT
    items: int = MOST_ITEMS
    display_name: str | None = None
    transformer: str | None = None
    attributes: Mapping[str, str] | None = None

    @property
    def by_user(self) -> bool:
        return self.id_type == BY_USER


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Recommender).decode


def recommender(sent: Sent, check_uri: CheckUri) -> Recommender:
    """What a request defines; an update replaces all. Raises Invalid naming the member at fault."""
    transformer, attributes = sent.recommendation_transformer_uri or None, sent.attributes or None
    _text("Name", sent.name, _NAME, "1 to 128 letters, digits, spaces, _ and -, the first a letter or digit")
    _text("Description", sent.description, _DESCRIPTION, "at most 128 letters, digits, spaces and _ ; ( ) , -")
    _check_provider(sent.recommendation_provider_uri, check_uri)
    if not _ROLE.fullmatch(sent.recommendation_provider_role_arn):
        raise Invalid("RecommendationProviderRoleArn: must be the ARN of a role")
    id_type = sent.recommendation_provider_id_type or BY_ENDPOINT
    if id_type not in (BY_ENDPOINT, BY_USER):
        raise Invalid(f"RecommendationProviderIdType: must be {BY_ENDPOINT} or {BY_USER}")
    items = MOST_ITEMS if sent.recommendations_per_message is None else sent.recommendations_per_message
    if not 1 <= items <= MOST_ITEMS:
        raise Invalid(f"RecommendationsPerMessage: must be 1 to {MOST_ITEMS}")
    display = sent.recommendations_display_name or None
    _text("RecommendationsDisplayName", display, _DISPLAY, "at most 25 letters, digits, spaces, _ and -")
    _check_attributes(transformer, attributes, display)
    if transformer:
        check_uri("RecommendationTransformerUri", transformer)
    return Recommender(
        name=sent.name,
        description=sent.description,
        provider=sent.recommendation_provider_uri,
        role=sent.recommendation_provider_role_arn,
        id_type=id_type,
        items=items,
        display_name=display,
        transformer=transformer,
        attributes=attributes,
    )


def _check_provider(uri: str, check_uri: CheckUri) -> None:
    if is_url(uri):
        check_uri("RecommendationProviderUri", uri)
    elif not is_model(uri):
        raise Invalid(
            "RecommendationProviderUri: must be the ARN of a campaign of Amazon Personalize, or an https:// URL"
        )


def _check_attributes(transformer: str | None, attributes: Mapping[str, str] | None, display: str | None) -> None:
    if not transformer:
        if attributes:
            raise Invalid("Attributes: need a RecommendationTransformerUri")
        if not display:
            raise Invalid("RecommendationsDisplayName: is required without a RecommendationTransformerUri")
        return
    if not attributes:
        raise Invalid("Attributes: are required with a RecommendationTransformerUri")
    if len(attributes) > MOST_ATTRIBUTES:
        raise Invalid(f"Attributes: at most {MOST_ATTRIBUTES}")
    for name, shown in attributes.items():
        letters = "letters, digits, _ and -, the first a letter or digit"
        if not _ATTRIBUTE.fullmatch(name):
            raise Invalid(f"Attributes: a name must have 1 to 50 {letters}")
        _text(f"Attributes.{name}", shown, _ATTRIBUTE_DISPLAY, f"1 to 25 {letters}; spaces as well")


def _text(member: str, value: str | None, pattern: re.Pattern[str], rule: str) -> None:
    if value is not None and not pattern.fullmatch(value):
        raise Invalid(f"{member}: must be {rule}")
