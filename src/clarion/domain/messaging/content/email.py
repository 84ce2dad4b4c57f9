"""E-mails: subject, HTML, text and header fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from clarion.channels.port import EmailOutgoing
from clarion.core.errors import Invalid
from clarion.domain.messaging.content.rendering import Recipient, Renderer, compiled, one_line
from clarion.domain.messaging.model import EMAIL
from clarion.domain.templates.model import Email
from clarion.domain.templates.service import Compiling, Content
from clarion.shapes.pinpoint import MessageHeader

Part = TypeVar("Part")


class EmailParts(msgspec.Struct, frozen=True, kw_only=True):
    """Sources of an e-mail before they are compiled; None for a part that is not there."""

    subject: str | None = None
    html: str | None = None
    text: str | None = None
    headers: Sequence[tuple[str, str]] = ()


class EmailContent:
    """A compiled e-mail of one send. `defaults` are the template's, `common` the message's substitutions.

    A template's HTML without text beside it brings a text part made of it.
    """

    lane = EMAIL

    def __init__(
        self,
        templates: Compiling,
        parts: EmailParts,
        *,
        from_address: str,
        reply_to: Sequence[str] = (),
        return_path: str = "",
        defaults: Mapping[str, Any] | None = None,
        common: Mapping[str, Any] | None = None,
    ) -> None:
        self.from_address = from_address
        self._templates = templates
        self._reply_to = list(reply_to)
        self._return_path = return_path
        self._defaults = defaults or {}
        self._common = common or {}
        self._subject = compiled(templates, parts.subject)
        self._html = compiled(templates, parts.html)
        self._text = compiled(templates, parts.text)
        self._made = self._text is None and parts.html is not None
        if self._made and parts.html:
            self._text = templates.text_of(parts.html)
        self._headers = [(name, templates.compiled(value)) for name, value in parts.headers]

    def message(self, render: Renderer, recipient: Recipient) -> EmailOutgoing:
        """The e-mail for one recipient. Raises RenderError."""
        layers = render.layers(recipient.substitutions, self._common, recipient.context, self._defaults)
        subject, html, text = self._subject, self._html, self._text
        if recipient.title is not None:
            subject = compiled(self._templates, recipient.title)
        if recipient.body is not None:
            body = compiled(self._templates, recipient.body)
            html, text = overridden(html, None if self._made else text, body)
            if self._made and html is not None:
                text = self._templates.text_of(recipient.body)
        return EmailOutgoing(
            message_id=recipient.message_id,
            account=recipient.account,
            app_id=recipient.app_id,
            from_address=self.from_address,
            to_address=recipient.address,
            subject=one_line(render(subject, layers) or ""),
            html=render(html, layers),
            text=render(text, layers),
            reply_to=self._reply_to,
            return_path=self._return_path,
            headers=[(name, render(value, layers) or "") for name, value in self._headers],
            context=recipient.ids,
            sent_at_ms=recipient.sent_at_ms,
        )


def template_parts(content: Content[Email]) -> EmailParts:
    """The parts of a stored template."""
    email = content.parts
    return EmailParts(subject=email.subject, html=email.html, text=email.text, headers=header_pairs(email.headers))


def header_pairs(headers: Sequence[MessageHeader] | None) -> list[tuple[str, str]]:
    """Headers as pairs; raises Invalid for one without a name."""
    pairs = []
    for header in headers or ():
        if not header.name:
            raise Invalid("Headers: a header without Name")
        pairs.append((header.name, header.value or ""))
    return pairs


def overridden(html: Part | None, text: Part | None, body: Part | None) -> tuple[Part | None, Part | None]:
    """HTML and text of a message when `body` takes the place of every body it would have."""
    return (body if html is not None else None), (body if text is not None or html is None else None)
