"""What a template is: names, kinds, what a version of each kind holds. Source: spec of templates, sections 1 to 4."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Generic, NamedTuple, TypeVar, cast, get_args

import msgspec

from clarion.channels.headers import NAME_LIMIT
from clarion.channels.mime import HEADER_LIMIT
from clarion.core.errors import Invalid
from clarion.core.scope import Scope
from clarion.domain.templates.handlebars import TemplateCache, TemplateSyntaxError
from clarion.shapes.pinpoint import (
    AndroidPushNotificationTemplate,
    APNSPushNotificationTemplate,
    DefaultPushNotificationTemplate,
    InAppMessageContent,
    Layout,
    MessageHeader,
    TemplateType,
)

KINDS: tuple[TemplateType, ...] = get_args(TemplateType)
LATEST = "latest"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")


class Stored(msgspec.Struct, frozen=True, omit_defaults=True):
    """One version of a template, as it is stored: what all kinds have.

    `version` is the version of this format. `default_substitutions` is the JSON text as it was given.
    """

    version: int = 1
    default_substitutions: str | None = None
    description: str | None = None
    recommender_id: str | None = None


class Email(Stored, frozen=True, omit_defaults=True):
    """An e-mail."""

    subject: str | None = None
    html: str | None = None
    text: str | None = None
    headers: list[MessageHeader] | None = None


class Sms(Stored, frozen=True, omit_defaults=True):
    """A text message."""

    body: str | None = None


class Voice(Stored, frozen=True, omit_defaults=True):
    """A spoken message; language and voice in Amazon Polly's words."""

    body: str | None = None
    language_code: str | None = None
    voice_id: str | None = None


class Push(Stored, frozen=True, omit_defaults=True):
    """A push notification: a part for each service, and one for those without."""

    default: DefaultPushNotificationTemplate | None = None
    apns: APNSPushNotificationTemplate | None = None
    gcm: AndroidPushNotificationTemplate | None = None
    adm: AndroidPushNotificationTemplate | None = None
    baidu: AndroidPushNotificationTemplate | None = None


class InApp(Stored, frozen=True, omit_defaults=True):
    """A message shown by an app. It has no variables."""

    content: list[InAppMessageContent] | None = None
    custom_config: dict[str, str] | None = None
    layout: Layout | None = None


S_co = TypeVar("S_co", bound=Stored, covariant=True)

STORED: Mapping[str, type[Stored]] = {"EMAIL": Email, "SMS": Sms, "VOICE": Voice, "PUSH": Push, "INAPP": InApp}
_decoders = {kind: msgspec.json.Decoder(stored).decode for kind, stored in STORED.items()}
encode = msgspec.json.Encoder().encode
"""A version as bytes, for whoever keeps a copy; `decode` reads them."""


class Content(NamedTuple, Generic[S_co]):
    """What a message that names a template is made of.

    `version` is the template's, 0 of a copy. `parts` holds the sources, `defaults` the values of variables
    that nobody else gives, `recommender_id` the recommender that is to be asked for each recipient.
    """

    version: int
    parts: S_co
    defaults: Mapping[str, Any]

    @property
    def recommender_id(self) -> str | None:
        return self.parts.recommender_id

    @property
    def email(self) -> Any:
        """The parts of an e-mail."""
        return self.parts


def check_name(name: str) -> str:
    """The name itself; raises Invalid when Pinpoint would not take it."""
    if not _NAME.fullmatch(name):
        raise Invalid(
            "TemplateName: must be 1 to 128 letters, digits, hyphens and underscores, the first a letter or digit"
        )
    return name


def check_kind(kind: str) -> TemplateType:
    """The kind in capitals, whichever way it was written; raises Invalid for another word."""
    if kind.upper() not in KINDS:
        raise Invalid(f"TemplateType: {kind} is not one of {', '.join(KINDS)}")
    return cast(TemplateType, kind.upper())


def arn(scope: Scope, kind: str, name: str) -> str:
    """The template's ARN, its kind in capitals."""
    return scope.arn(f"templates/{name}/{kind}")


def decode(kind: str, document: bytes) -> Any:
    """A version of this kind, of the class that `STORED` names."""
    return _decoders[kind](document)


def check_source(member: str, source: str | None, cache: TemplateCache) -> None:
    """Raise Invalid naming the member, line and column when a part does not compile."""
    if source:
        try:
            cache.get(source)
        except TemplateSyntaxError as error:
            raise Invalid(f"{member}: {error.message}") from error


def check_headers(field: str, headers: list[MessageHeader] | None, cache: TemplateCache) -> None:
    """Raise Invalid unless there are at most 15 headers with names that fit and values that compile.

    How long a value is shows only when it is rendered: see `channels.headers.custom`.
    """
    if len(headers or []) > HEADER_LIMIT:
        raise Invalid(f"{field}: at most {HEADER_LIMIT}")
    for number, header in enumerate(headers or []):
        if not header.name or len(header.name) > NAME_LIMIT:
            raise Invalid(f"{field}[{number}].Name: must have 1 to {NAME_LIMIT} characters")
        check_source(f"{field}[{number}].Value", header.value, cache)


def substitutions(text: str | None) -> Mapping[str, Any]:
    """DefaultSubstitutions as a mapping; raises Invalid when the text is not a JSON object."""
    if not text:
        return {}
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise Invalid(f"DefaultSubstitutions: not JSON: {error}") from error
    if not isinstance(found, dict):
        raise Invalid("DefaultSubstitutions: must be a JSON object")
    return found
