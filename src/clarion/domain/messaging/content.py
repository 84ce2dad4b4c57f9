"""Content: what a message says before it is known to whom, and the rendering for one recipient.

Variables are looked up in layers, the first that has a value wins: the recipient's own substitutions, the
message's, the endpoint (the two can be swapped by a setting), the template's defaults. Source: spec of
templates, 4.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from clarion.channels.port import EmailOutgoing
from clarion.channels.tracking import OPEN_TRACKER
from clarion.core.clock import Clock
from clarion.core.errors import Invalid
from clarion.core.ids import Ids
from clarion.core.settings import Settings
from clarion.domain.templates.handlebars import Layers, Missing, Template
from clarion.domain.templates.service import Content, Templates
from clarion.shapes.pinpoint import MessageHeader

# Tracking looks for it in the finished HTML, so rendering must leave it in place.
_KEPT: Mapping[str, object] = {OPEN_TRACKER.strip("{}"): OPEN_TRACKER}


class EmailParts(msgspec.Struct, frozen=True, kw_only=True):
    """Sources of an e-mail before they are compiled; None for a part that is not there."""

    subject: str | None = None
    html: str | None = None
    text: str | None = None
    headers: Sequence[tuple[str, str]] = ()


class EmailContent:
    """A compiled e-mail of one send. `defaults` are the template's, `common` the message's substitutions."""

    def __init__(
        self,
        templates: Templates,
        parts: EmailParts,
        *,
        from_address: str,
        reply_to: Sequence[str] = (),
        return_path: str = "",
        defaults: Mapping[str, Any] | None = None,
        common: Mapping[str, Any] | None = None,
    ) -> None:
        self.from_address = from_address
        self._reply_to = list(reply_to)
        self._return_path = return_path
        self._defaults = defaults or {}
        self._common = common or {}
        self._subject = _compiled(templates, parts.subject)
        self._html = _compiled(templates, parts.html)
        self._text = _compiled(templates, parts.text)
        self._headers = [(name, templates.compiled(value)) for name, value in parts.headers]

    def message(self, render: Renderer, recipient: Recipient) -> EmailOutgoing:
        """The e-mail for one recipient. Raises RenderError."""
        layers = render.layers(recipient.substitutions, self._common, recipient.context, self._defaults)
        return EmailOutgoing(
            message_id=recipient.message_id,
            account=recipient.account,
            app_id=recipient.app_id,
            from_address=self.from_address,
            to_address=recipient.address,
            subject=_one_line(render(self._subject, layers) or ""),
            html=render(self._html, layers),
            text=render(self._text, layers),
            reply_to=self._reply_to,
            return_path=self._return_path,
            headers=[(name, render(value, layers) or "") for name, value in self._headers],
            context=recipient.ids,
            sent_at_ms=recipient.sent_at_ms,
        )


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """One addressee: `context` is the endpoint as variables see it, `substitutions` its own values."""

    message_id: str
    account: str
    app_id: str
    address: str
    context: Mapping[str, Any]
    sent_at_ms: int
    ids: dict[str, str] = {}
    substitutions: Mapping[str, Any] | None = None


class Renderer:
    """Renders with the product's clock, ids and the settings for missing and competing values."""

    def __init__(self, settings: Settings, clock: Clock, ids: Ids) -> None:
        self._missing: Missing = "strict" if settings.missing_variables == "strict" else "empty"
        self._message_first = settings.message_defaults_first
        self._clock = clock
        self._ids = ids

    def __call__(self, template: Template | None, layers: Layers) -> str | None:
        if template is None:
            return None
        return template.render(layers, clock=self._clock, ids=self._ids, missing=self._missing)

    def layers(
        self,
        own: Mapping[str, Any] | None,
        common: Mapping[str, Any],
        endpoint: Mapping[str, Any],
        defaults: Mapping[str, Any],
    ) -> Layers:
        """The values of one message in order of precedence."""
        middle = (common, endpoint) if self._message_first else (endpoint, common)
        return Layers(own, *middle, defaults, _KEPT)


def template_parts(content: Content) -> EmailParts:
    """The parts of a stored template."""
    email = content.email
    return EmailParts(subject=email.subject, html=email.html, text=email.text, headers=header_pairs(email.headers))


def header_pairs(headers: Sequence[MessageHeader] | None) -> list[tuple[str, str]]:
    """Headers as pairs; raises Invalid for one without a name."""
    pairs = []
    for header in headers or ():
        if not header.name:
            raise Invalid("Headers: a header without Name")
        pairs.append((header.name, header.value or ""))
    return pairs


def _compiled(templates: Templates, source: str | None) -> Template | None:
    return templates.compiled(source) if source else None


def _one_line(text: str) -> str:
    return " ".join(text.split())
