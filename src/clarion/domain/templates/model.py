"""What a template is: names, kinds, limits, versions. Source: spec of templates, sections 1 to 4."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast, get_args

import msgspec

from clarion.channels.headers import NAME_LIMIT
from clarion.channels.mime import HEADER_LIMIT
from clarion.core.errors import Invalid
from clarion.core.scope import Scope
from clarion.domain.templates.handlebars import TemplateCache, TemplateSyntaxError
from clarion.shapes.pinpoint import EmailTemplateRequest, MessageHeader, TemplateType

KINDS = get_args(TemplateType)
LATEST = "latest"

MAX_EMAIL = 600_000
MAX_DESCRIPTION = 500

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")


class Email(msgspec.Struct, frozen=True, omit_defaults=True):
    """One version of an e-mail template, as it is stored."""

    version: int = 1
    subject: str | None = None
    html: str | None = None
    text: str | None = None
    headers: list[MessageHeader] | None = None
    default_substitutions: str | None = None
    description: str | None = None
    recommender_id: str | None = None


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


def email(request: EmailTemplateRequest, cache: TemplateCache) -> Email:
    """A version from a request. Raises Invalid naming the member that is too long, no JSON, or does not compile."""
    size = sum(len(part) for part in (request.subject, request.html_part, request.text_part) if part)
    if size > MAX_EMAIL:
        raise Invalid(f"the template has {size} characters, at most {MAX_EMAIL} are allowed")
    if len(request.template_description or "") > MAX_DESCRIPTION:
        raise Invalid(f"TemplateDescription: must have at most {MAX_DESCRIPTION} characters")
    substitutions(request.default_substitutions)
    check_headers("Headers", request.headers, cache)
    for member, source in (
        ("Subject", request.subject),
        ("HtmlPart", request.html_part),
        ("TextPart", request.text_part),
    ):
        check_source(member, source, cache)
    return Email(
        subject=request.subject,
        html=request.html_part,
        text=request.text_part,
        headers=request.headers,
        default_substitutions=request.default_substitutions,
        description=request.template_description,
        recommender_id=request.recommender_id,
    )


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
