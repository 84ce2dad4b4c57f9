"""The e-mail of one request.

Highest first: the target's own override, the channel's message, the template, the default message. Parts are
chosen one by one, so a message may bring its own subject to a template. `BodyOverride` takes the place of
every body the message would have. A raw e-mail is nothing but itself: neither overrides nor variables reach
it. A target's `RawContent` is for push. Source: spec of push and direct messages, 2.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clarion.channels.email import headers, mime
from clarion.channels.port import EmailOutgoing
from clarion.core.errors import Invalid
from clarion.domain.apps.channels import EmailChannel
from clarion.domain.apps.model import is_sender
from clarion.domain.messaging.content import EmailContent, EmailParts, Recipient, Renderer, header_pairs, template_parts
from clarion.domain.messaging.content.email import overridden
from clarion.domain.messaging.direct.words.port import Nothing, Target
from clarion.domain.messaging.inbox.letters import subject_of
from clarion.domain.messaging.model import EMAIL
from clarion.domain.templates.handlebars import Layers
from clarion.domain.templates.model import Email, check_headers, check_source
from clarion.domain.templates.service import Content, Templates
from clarion.shapes.pinpoint import (
    DirectMessageConfiguration,
    EmailMessage,
    SimpleEmail,
    SimpleEmailPart,
)

_EMAIL = "MessageConfiguration.EmailMessage"


class EmailWords:
    """The e-mail of one request, sent from the channel's address unless the message names one.

    Without `channel` it can be told what would be said, but not be sent.
    """

    lane = EMAIL

    def __init__(
        self,
        templates: Templates,
        message: DirectMessageConfiguration,
        template: Content[Email] | None,
        channel: EmailChannel | None,
    ) -> None:
        email = message.email_message or EmailMessage()
        self._templates = templates
        self._sources = template.sources if template else templates
        self.raw = _raw(email)
        self._subject_of_raw = subject_of(self.raw) if self.raw is not None else ""
        self.from_address = email.from_address or (channel.from_address if channel else "")
        self._reply_to = email.reply_to_addresses or []
        self._return_path = email.feedback_forwarding_address or ""
        self._check(email)
        default = message.default_message
        self._common = Layers(email.substitutions, default.substitutions if default else None)
        self._defaults: Mapping[str, Any] = template.defaults if template else {}
        self._parts = _parts(email, template, default.body if default else None)
        self._contents: dict[EmailParts, EmailContent] = {}

    def speaks(self, channel: str, target: Target) -> bool:
        """See `Words`."""
        return channel == EMAIL and (self.raw is not None or self.content(target) is not None)

    def message(self, render: Renderer, recipient: Recipient, target: Target) -> EmailOutgoing:
        """See `Words`."""
        if self.raw is not None:
            message = self._raw_message(self.raw, recipient)
        else:
            content = self.content(target)
            if content is None:
                raise Nothing(EMAIL)
            message = content.message(render, recipient)
        mime.build(message)  # raises Invalid for what no relay would take
        return message

    def _raw_message(self, raw: bytes, recipient: Recipient) -> EmailOutgoing:
        """The raw e-mail for a recipient: only its envelope is ours."""
        return EmailOutgoing(
            message_id=recipient.message_id,
            account=recipient.account,
            app_id=recipient.app_id,
            from_address=self.from_address,
            to_address=recipient.address,
            # For events; who reads the mail finds it in the raw message.
            subject=self._subject_of_raw,
            raw=raw,
            context=recipient.ids,
            sent_at_ms=recipient.sent_at_ms,
            return_path=self._return_path,
        )

    def content(self, target: Target) -> EmailContent | None:
        """The compiled e-mail for a target, None when nothing is said by e-mail."""
        parts = self._overridden(target)
        if parts.html is None and parts.text is None:
            return None
        found = self._contents.get(parts)
        if found is None:
            found = self._contents[parts] = EmailContent(
                self._sources,
                parts,
                from_address=self.from_address,
                reply_to=self._reply_to,
                return_path=self._return_path,
                defaults=self._defaults,
                common=self._common,
            )
        return found

    def _overridden(self, target: Target) -> EmailParts:
        html, text = self._parts.html, self._parts.text
        if target.body_override:
            html, text = overridden(html, text, target.body_override)
        subject = target.title_override or self._parts.subject
        return EmailParts(subject=subject, html=html, text=text, headers=self._parts.headers)

    def _check(self, email: EmailMessage) -> None:
        if email.from_address is not None and not is_sender(email.from_address):
            raise Invalid(f"{_EMAIL}.FromAddress: must be an e-mail address, or a name and one in angle brackets")
        for member, address in [
            *((f"ReplyToAddresses[{number}]", address) for number, address in enumerate(self._reply_to)),
            *((("FeedbackForwardingAddress", self._return_path),) if self._return_path else ()),
        ]:
            try:
                headers.parse(address)
            except Invalid as error:
                raise Invalid(f"{_EMAIL}.{member}: {error.message}") from None
        check_source(f"{_EMAIL}.Body", email.body, self._templates.cache)
        if (simple := email.simple_email) is not None:
            check_headers(f"{_EMAIL}.SimpleEmail.Headers", simple.headers, self._templates.cache)
            for member, part in (
                ("Subject", simple.subject),
                ("HtmlPart", simple.html_part),
                ("TextPart", simple.text_part),
            ):
                check_source(f"{_EMAIL}.SimpleEmail.{member}", _data(part), self._templates.cache)


def _parts(email: EmailMessage, template: Content[Email] | None, default: str | None) -> EmailParts:
    simple = email.simple_email or SimpleEmail()
    base = template_parts(template) if template else EmailParts()
    html = _data(simple.html_part) or base.html or None
    text = _data(simple.text_part) or email.body or base.text or None
    if html is None and text is None:
        text = default or None
    own = header_pairs(simple.headers)
    named = {name.lower() for name, _ in own}
    kept = [(name, value) for name, value in base.headers if name.lower() not in named]
    return EmailParts(subject=_data(simple.subject) or base.subject, html=html, text=text, headers=(*own, *kept))


def _data(part: SimpleEmailPart | None) -> str | None:
    return part.data if part is not None else None


def _raw(email: EmailMessage) -> bytes | None:
    if email.raw_email is None:
        return None
    data = email.raw_email.data
    if not data:
        raise Invalid(f"{_EMAIL}.RawEmail.Data: is required")
    if len(data) > mime.SIZE_LIMIT:
        raise Invalid(f"{_EMAIL}.RawEmail.Data: must not be larger than {mime.SIZE_LIMIT // 1_000_000} MB")
    return data
