"""What templates, and messages written beside them, say on each channel: made ready for sending, of one moment.

    a template, for the parts it has ─┬─ before ─→ the channel's own message ─→ the default message
    (settings that templates lack come from the message beside it)

Source: spec of campaigns, section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple, TypeVar

import msgspec

from clarion.channels.push.notification import Notification
from clarion.domain.apps.channels import Channels, SmsConfig
from clarion.domain.messaging.content.email import EmailContent, EmailParts, header_pairs, template_parts
from clarion.domain.messaging.content.localised import localised
from clarion.domain.messaging.content.push import PushContent
from clarion.domain.messaging.content.rendering import Content
from clarion.domain.messaging.content.sms import SmsContent, SmsParts
from clarion.domain.templates import service as templates_service
from clarion.domain.templates.model import Push
from clarion.domain.templates.service import Templates
from clarion.shapes.pinpoint import CampaignEmailMessage, CampaignSmsMessage, Message, MessageConfiguration

EMAIL, SMS = "EMAIL", "SMS"

PUSH: Mapping[str, str] = {
    "APNS": "apns",
    "APNS_SANDBOX": "apns",
    "APNS_VOIP": "apns",
    "APNS_VOIP_SANDBOX": "apns",
    "GCM": "gcm",
    "ADM": "adm",
    "BAIDU": "baidu",
    "WEB_PUSH": "gcm",
}
"""Channel types of push → the beginning of their messages' names, which is their part of a template. Browsers get what
is written for Android."""

C = TypeVar("C", bound=Content)


class Said(NamedTuple):
    """What templates (by kind) and the messages beside them say."""

    message: MessageConfiguration
    templates: Mapping[str, templates_service.Content[Any]]


class Composer:
    """Content by channel type, from what is said and how a project's channels are set up."""

    def __init__(self, channels: Channels, templates: Templates) -> None:
        self._channels = channels
        self._templates = templates

    def enabled(self, app_id: str) -> frozenset[str]:
        """The channel types that are switched on."""
        return self._channels.enabled_kinds(app_id)

    def by_channel(self, app_id: str, said: Said) -> Iterator[tuple[str, Content]]:
        """The compiled content, for channels that are switched on."""
        enabled = self.enabled(app_id)
        if EMAIL in enabled and (email := _spoken(said, "EMAIL", lambda one: self._email(app_id, one))) is not None:
            yield EMAIL, email
        if SMS in enabled and (sms := _spoken(said, "SMS", lambda one: self._sms(app_id, one))) is not None:
            yield SMS, sms
        for channel, name in PUSH.items():
            if channel in enabled and (push := _spoken(said, "PUSH", partial(self._push, name))) is not None:
                yield channel, push

    def _email(self, app_id: str, said: Said) -> EmailContent | None:
        own = said.message.email_message or CampaignEmailMessage()
        channel = self._channels.email(app_id)
        sender = own.from_address or (channel.from_address if channel else "")
        template = said.templates.get("EMAIL")
        parts = written(said.message) if template is None else template_parts(template)
        if not sender or not (parts.subject or parts.html or parts.text):
            return None
        defaults = template.defaults if template else None
        return EmailContent(self._sources(template), parts, from_address=sender, defaults=defaults)

    def _sms(self, app_id: str, said: Said) -> SmsContent | None:
        """From the channel's number and sender id unless the message names others."""
        own = said.message.sms_message or CampaignSmsMessage()
        channel = self._channels.find(app_id, SMS)
        config = channel.config if channel is not None and isinstance(channel.config, SmsConfig) else SmsConfig()
        template, default = said.templates.get("SMS"), said.message.default_message
        body = template.parts.body if template else own.body or (default.body if default else None)
        if not body:
            return None
        parts = SmsParts(
            body=body,
            message_type=own.message_type or "",
            origination_number=own.origination_number or config.short_code,
            sender_id=own.sender_id or config.sender_id,
            entity_id=own.entity_id or "",
            template_id=own.template_id or "",
        )
        return SmsContent(self._sources(template), parts, defaults=template.defaults if template else None)

    def _push(self, name: str, said: Said) -> PushContent | None:
        own: Message | None = getattr(said.message, f"{name}_message")
        template = said.templates.get("PUSH")
        members = {**_notification(said.message.default_message), **_notification(own)}
        if template is not None:
            members |= _template_notification(template.parts, name)
        if not any(members.get(part) for part in ("title", "body", "raw", "data")):
            return None
        defaults = template.defaults if template else None
        return PushContent(self._sources(template), Notification(**members), defaults=defaults)

    def _sources(self, template: templates_service.Content[Any] | None) -> templates_service.Compiling:
        return self._templates if template is None else template.sources


def _spoken(said: Said, kind: str, build: Callable[[Said], C | None]) -> Content | None:
    """What `build` makes of it, in each recipient's language when the template of this kind has several."""

    def of(template: templates_service.Content[Any] | None) -> C | None:
        return build(said if template is None else said._replace(templates={**said.templates, kind: template}))

    return localised(said.templates.get(kind), of)


def written(message: MessageConfiguration) -> EmailParts:
    """The parts of a written e-mail; the default message serves what the e-mail leaves out."""
    email, default = message.email_message, message.default_message
    subject = (email.title if email else None) or (default.title if default else None)
    html = email.html_body if email else None
    text = (email.body if email else None) or (default.body if default and not html else None)
    return EmailParts(
        subject=subject, html=html, text=text, headers=tuple(header_pairs(email.headers if email else None))
    )


_MEMBERS = {
    "title": "title",
    "body": "body",
    "action": "action",
    "url": "url",
    "json_body": "data",
    "silent_push": "silent",
    "raw_content": "raw",
    "image_url": "image_url",
    "image_icon_url": "image_icon_url",
    "image_small_icon_url": "small_image_icon_url",
    "small_image_icon_url": "small_image_icon_url",
    "media_url": "media_url",
    "time_to_live": "time_to_live",
    "sound": "sound",
}


def _notification(message: msgspec.Struct | None) -> dict[str, Any]:
    """What a push message or a part of a push template says, in the words of a notification."""
    if message is None:
        return {}
    values = {own: getattr(message, name, None) for name, own in _MEMBERS.items() if hasattr(message, name)}
    return {own: value for own, value in values.items() if value is not None}


def _template_notification(parts: Push, name: str) -> dict[str, Any]:
    """A template's notification for a service: its own part over that for all services."""
    return {**_notification(parts.default), **_notification(getattr(parts, name))}
