"""What a template is: names, kinds, what a version of each kind holds. Source: spec of templates, sections 1 to 4."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar, cast, get_args

import msgspec

from clarion.channels.email.headers import NAME_LIMIT
from clarion.channels.email.mime import HEADER_LIMIT
from clarion.core.errors import Invalid
from clarion.core.scope import Scope
from clarion.domain.templates.handlebars import TemplateSyntaxError
from clarion.domain.templates.locales import Variants
from clarion.domain.templates.sources import Compiler, Sources
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

    `version` is the version of this format. `default_substitutions` is the JSON text as it was given. `partials` are
    the shared ones that the sources call; only copies hold them. Each kind has `variants`, by locale.
    """

    TOGETHER: ClassVar[frozenset[str]] = frozenset({"body"})
    """Members that a variant says all or none of: half of them would be in another language."""

    version: int = 1
    default_substitutions: str | None = None
    description: str | None = None
    recommender_id: str | None = None
    partials: dict[str, str] | None = None


class Email(Stored, frozen=True, omit_defaults=True):
    """An e-mail. `html` is what `mjml` was compiled to, where there is that."""

    TOGETHER = frozenset({"html", "text", "mjml"})

    subject: str | None = None
    html: str | None = None
    text: str | None = None
    headers: list[MessageHeader] | None = None
    mjml: str | None = None
    variants: dict[str, Email] | None = None


class Sms(Stored, frozen=True, omit_defaults=True):
    """A text message."""

    body: str | None = None
    variants: dict[str, Sms] | None = None


class Voice(Stored, frozen=True, omit_defaults=True):
    """A spoken message; language and voice in Amazon Polly's words."""

    TOGETHER = frozenset({"body", "language_code", "voice_id"})

    body: str | None = None
    language_code: str | None = None
    voice_id: str | None = None
    variants: dict[str, Voice] | None = None


class Push(Stored, frozen=True, omit_defaults=True):
    """A push notification: a part for each service, and one for those without."""

    TOGETHER = frozenset({"default", "apns", "gcm", "adm", "baidu"})

    default: DefaultPushNotificationTemplate | None = None
    apns: APNSPushNotificationTemplate | None = None
    gcm: AndroidPushNotificationTemplate | None = None
    adm: AndroidPushNotificationTemplate | None = None
    baidu: AndroidPushNotificationTemplate | None = None
    variants: dict[str, Push] | None = None


class InApp(Stored, frozen=True, omit_defaults=True):
    """A message shown by an app. It has no variables."""

    TOGETHER = frozenset({"content"})

    content: list[InAppMessageContent] | None = None
    custom_config: dict[str, str] | None = None
    layout: Layout | None = None
    variants: dict[str, InApp] | None = None


S = TypeVar("S", bound=Stored)
S_co = TypeVar("S_co", bound=Stored, covariant=True)

STORED: Mapping[str, type[Stored]] = {"EMAIL": Email, "SMS": Sms, "VOICE": Voice, "PUSH": Push, "INAPP": InApp}
_decoders = {kind: msgspec.json.Decoder(stored).decode for kind, stored in STORED.items()}
encode = msgspec.json.Encoder().encode
"""A version as bytes, for whoever keeps a copy; `decode` reads them."""


class Content(Generic[S_co]):
    """What a message that names a template is made of.

    `version` is the template's, 0 of a copy. `parts` holds the sources, which `sources` compiles; `defaults` are the
    values of variables that nobody else gives.
    """

    def __init__(self, version: int, parts: S_co, defaults: Mapping[str, Any], sources: Sources) -> None:
        self.version = version
        self.parts = parts
        self.defaults = defaults
        self.sources = sources

    @property
    def recommender_id(self) -> str | None:
        """The recommender that is to be asked for each recipient."""
        return self.parts.recommender_id

    @cached_property
    def variants(self) -> Variants[Content[S_co]]:
        """The same in other languages: `variants.of(locale)` is what somebody with that locale gets instead."""
        found: Mapping[str, Any] = getattr(self.parts, "variants", None) or {}
        return Variants(
            {
                locale: Content(self.version, varied(self.parts, variant), self.defaults, self.sources)
                for locale, variant in found.items()
            }
        )

    def for_locale(self, locale: object) -> Content[S_co]:
        """The content for somebody whose device speaks `locale`."""
        return self.variants.of(locale) or self

    def copy(self) -> bytes:
        """What `Templates.copied` makes the same content of, when the template and its partials may be gone."""
        partials = dict(self.sources.partials) or None
        return encode(msgspec.structs.replace(self.parts, partials=partials))


def varied(parts: S, variant: S) -> S:
    """The template as one of its variants: what that does not say is the template's."""
    own: dict[str, Any] = {
        name: value for name in variant.__struct_fields__ if (value := getattr(variant, name)) is not None
    }
    together = {name: getattr(variant, name) for name in parts.TOGETHER}
    if not any(value is not None for value in together.values()):
        together = {}
    return msgspec.structs.replace(parts, **{**own, **together, "version": parts.version, "variants": None})


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


def check_source(member: str, source: str | None, cache: Compiler) -> None:
    """Raise Invalid naming the member, line and column when a part does not compile."""
    if source:
        try:
            cache.get(source)
        except TemplateSyntaxError as error:
            raise Invalid(f"{member}: {error.message}") from error


def check_headers(field: str, headers: list[MessageHeader] | None, cache: Compiler) -> None:
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
