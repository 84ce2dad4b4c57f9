"""The kinds of templates, each defined once: what is stored, answered and checked.

The shapes of AWS name the same member alike in requests and answers, so a kind says only what differs: under
which names it is stored, and what has to hold. Source: spec of templates, sections 1 and 2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from clarion.core.errors import Invalid
from clarion.domain.templates import model
from clarion.domain.templates.html.mjml import compile_mjml
from clarion.domain.templates.in_app import check_in_app
from clarion.domain.templates.locales import check_locales
from clarion.domain.templates.model import Stored, check_headers, check_source
from clarion.domain.templates.sources import Compiler
from clarion.shapes import pinpoint as shapes

MAX_DESCRIPTION = 500
MAX_EMAIL = 600_000
MAX_SMS = 1_600
MAX_VOICE = 10_000
MAX_PUSH: Mapping[str, tuple[str, int]] = {
    "default": ("Default", 4_000),
    "apns": ("APNS", 4_000),
    "gcm": ("GCM", 4_000),
    "adm": ("ADM", 6_000),
    "baidu": ("Baidu", 4_000),
}

_RENAMED: Mapping[str, str] = {"description": "template_description", "html": "html_part", "text": "text_part"}
"""Stored members that the shapes call otherwise."""
_UNSAID = frozenset({"version", "partials", "variants"})


class Kind(NamedTuple):
    """One kind. `check` raises Invalid for a request that Pinpoint would not take; `prepare` does what has to be
    done with the request before. Both take the members of a variant as well."""

    name: shapes.TemplateType
    stored: type[Stored]
    request: type[msgspec.Struct]
    answer: type[msgspec.Struct]
    variant: type[msgspec.Struct]
    check: Callable[[Any, Compiler], None]
    prepare: Callable[[Any], Any] = lambda request: request

    @property
    def members(self) -> Mapping[str, str]:
        """Stored member → its name in the shapes."""
        names = (name for name in self.stored.__struct_fields__ if name not in _UNSAID)
        return {name: _RENAMED.get(name, name) for name in names}

    def read(self, request: Any, cache: Compiler) -> Stored:
        """A version from a request. Raises Invalid naming the member that is too long, no JSON, or does not compile."""
        if len(request.template_description or "") > MAX_DESCRIPTION:
            raise Invalid(f"TemplateDescription: must have at most {MAX_DESCRIPTION} characters")
        model.substitutions(getattr(request, "default_substitutions", None))
        variants = request.variants or {}
        check_locales("Variants", variants)
        found = {}
        for locale, variant in variants.items():
            try:
                found[locale] = self._parts(variant, cache)
            except Invalid as error:
                raise Invalid(f"Variants.{locale}.{error.message}") from error
        return self._parts(request, cache, variants=found or None)

    def _parts(self, said: Any, cache: Compiler, **more: Any) -> Stored:
        said = self.prepare(said)
        self.check(said, cache)
        make: Callable[..., Stored] = self.stored
        return make(**{own: getattr(said, name, None) for own, name in self.members.items()}, **more)

    def said(self, stored: Any) -> dict[str, Any]:
        """A version as members of the answer."""
        variants = {
            locale: self.variant(**self.named(self.variant, one)) for locale, one in (stored.variants or {}).items()
        }
        return {**self.named(self.answer, stored), "variants": variants or None}

    def named(self, shape: type[msgspec.Struct], stored: Stored) -> dict[str, Any]:
        """The members of a version that a shape has, by their names in it."""
        known = shape.__struct_fields__
        return {name: getattr(stored, own) for own, name in self.members.items() if name in known}


def _with_html(said: Any) -> Any:
    """With MJML compiled: HTML beside it can only be what it makes, as it is answered."""
    if not said.mjml:
        return said
    try:
        html = compile_mjml(said.mjml)
    except Invalid as error:
        raise Invalid(f"Mjml: {error.message}") from error
    if said.html_part and said.html_part != html:
        raise Invalid("HtmlPart: is made of Mjml; send one of them")
    return msgspec.structs.replace(said, html_part=html)


def _check_email(request: Any, cache: Compiler) -> None:
    size = sum(len(part) for part in (request.subject, request.html_part, request.text_part) if part)
    if size > MAX_EMAIL:
        raise Invalid(f"HtmlPart: has {size} characters with Subject and TextPart, at most {MAX_EMAIL} are allowed")
    check_headers("Headers", request.headers, cache)
    for member, source in (
        ("Subject", request.subject),
        ("HtmlPart", request.html_part),
        ("TextPart", request.text_part),
    ):
        check_source(member, source, cache)


def _check_sms(request: Any, cache: Compiler) -> None:
    _check_body(request.body, MAX_SMS, cache)


def _check_voice(request: Any, cache: Compiler) -> None:
    _check_body(request.body, MAX_VOICE, cache)


def _check_body(body: str | None, most: int, cache: Compiler) -> None:
    if len(body or "") > most:
        raise Invalid(f"Body: must have at most {most} characters")
    check_source("Body", body, cache)


def _check_push(request: Any, cache: Compiler) -> None:
    for name, (part, most) in MAX_PUSH.items():
        texts: dict[str, str] = msgspec.to_builtins(getattr(request, name)) or {}
        size = sum(map(len, texts.values()))
        if size > most:
            raise Invalid(f"{part}: has {size} characters, at most {most} are allowed")
        for member, source in texts.items():
            check_source(f"{part}.{member}", source, cache)


def _check_in_app(request: Any, cache: Compiler) -> None:
    check_in_app("", request.content, request.custom_config, request.layout)


EMAIL = Kind(
    "EMAIL",
    model.Email,
    shapes.EmailTemplateRequest,
    shapes.EmailTemplateResponse,
    shapes.EmailTemplateVariant,
    _check_email,
    _with_html,
)
SMS = Kind(
    "SMS",
    model.Sms,
    shapes.SMSTemplateRequest,
    shapes.SMSTemplateResponse,
    shapes.SMSTemplateVariant,
    _check_sms,
)
VOICE = Kind(
    "VOICE",
    model.Voice,
    shapes.VoiceTemplateRequest,
    shapes.VoiceTemplateResponse,
    shapes.VoiceTemplateVariant,
    _check_voice,
)
PUSH = Kind(
    "PUSH",
    model.Push,
    shapes.PushNotificationTemplateRequest,
    shapes.PushNotificationTemplateResponse,
    shapes.PushTemplateVariant,
    _check_push,
)
IN_APP = Kind(
    "INAPP",
    model.InApp,
    shapes.InAppTemplateRequest,
    shapes.InAppTemplateResponse,
    shapes.InAppTemplateVariant,
    _check_in_app,
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (EMAIL, SMS, VOICE, PUSH, IN_APP)}
