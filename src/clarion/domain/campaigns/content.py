"""What a treatment says on each channel: its templates or its written messages, compiled once per version.

    a template, for the parts it has ─┬─ before ─→ the channel's own message ─→ the default message
    (settings that templates lack come from the message beside it)

An unpinned template is read anew for every page, so a run uses the version that is active when it sends. When a
template, or its pinned version, is gone, the copy made with the campaign's version serves.
Source: spec of campaigns, section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple, TypeVar

import msgspec

from clarion.channels.push.notification import Notification
from clarion.core.errors import Invalid, NotFound
from clarion.core.scope import Scope
from clarion.domain.apps.channels import Channels, SmsConfig
from clarion.domain.campaigns.checks.message import named_templates
from clarion.domain.campaigns.store import CampaignRow, VersionRow
from clarion.domain.campaigns.treatments import Treatment, treatments
from clarion.domain.messaging.content import (
    Content,
    CustomContent,
    EmailContent,
    EmailParts,
    PushContent,
    SmsContent,
    SmsParts,
    header_pairs,
    localised,
    template_parts,
)
from clarion.domain.templates import service as templates_service
from clarion.domain.templates.model import Push
from clarion.domain.templates.service import Templates
from clarion.shapes.pinpoint import (
    CampaignEmailMessage,
    CampaignSmsMessage,
    Message,
    MessageConfiguration,
    Template,
    WriteCampaignRequest,
)

EMAIL, SMS, CUSTOM = "EMAIL", "SMS", "CUSTOM"

PUSH: Mapping[str, str] = {
    "APNS": "apns",
    "APNS_SANDBOX": "apns",
    "APNS_VOIP": "apns",
    "APNS_VOIP_SANDBOX": "apns",
    "GCM": "gcm",
    "ADM": "adm",
    "BAIDU": "baidu",
}
"""Channel types of push → the beginning of their messages' names, which is their part of a template."""

KIND_OF = {"EmailTemplate": "EMAIL", "PushTemplate": "PUSH", "SMSTemplate": "SMS", "InAppTemplate": "INAPP"}
"""Members of TemplateConfiguration → kinds of templates."""


C = TypeVar("C", bound=Content)


NO_CHANNEL = "no channel is enabled that the campaign has content for"
"""Why a run says nothing to anybody."""


class Gone(Exception):
    """A template of the campaign is gone, and so is its copy; the text says which one."""


class Copies(msgspec.Struct, frozen=True, kw_only=True):
    """Copies of the templates that a campaign's version names, by kind, name and version as they are named there."""

    version: int = 1
    templates: dict[str, msgspec.Raw] = {}


_copies = msgspec.json.Decoder(Copies).decode


class Said(NamedTuple):
    """What a treatment's templates and messages say, None for what is not there."""

    message: MessageConfiguration
    templates: Mapping[str, templates_service.Content[Any]]


class Contents:
    """Content of campaigns, by version and treatment."""

    def __init__(self, channels: Channels, templates: Templates) -> None:
        self._channels = channels
        self._templates = templates

    def copies(self, scope: Scope, wanted: WriteCampaignRequest) -> bytes:
        """Copies of all templates that a definition names. Raises NotFound, Invalid for a version that is no number."""
        found = {}
        for one in treatments(wanted):
            for member, template in named_templates(one.templates):
                kind = KIND_OF[member]
                try:
                    content = self._templates.content(scope, kind, template.name or "", template.version)
                except Invalid as error:
                    raise Invalid(f"{one.at}TemplateConfiguration.{member}.{error.message}") from error
                found[_key(kind, template)] = msgspec.Raw(content.copy())
        return msgspec.json.encode(Copies(templates=found))

    def refreshed(self, scope: Scope, wanted: WriteCampaignRequest, copies: bytes) -> bytes:
        """The copies anew, of the templates that there still are."""
        found = dict(_copies(copies).templates)
        for one in treatments(wanted):
            for member, template in named_templates(one.templates):
                kind = KIND_OF[member]
                with suppress(NotFound):
                    content = self._templates.content(scope, kind, template.name or "", template.version)
                    found[_key(kind, template)] = msgspec.Raw(content.copy())
        return msgspec.json.encode(Copies(templates=found))

    def of(self, row: CampaignRow, version: VersionRow, one: Treatment, scheduled_ms: int) -> dict[str, Content]:
        """The compiled content by channel type, for channels that are switched on. Raises Gone."""
        enabled = self._channels.enabled_kinds(row.app_id)
        said = self.said(row, version, one)
        found = dict(self._by_channel(row.app_id, said, enabled))
        custom = said.message.custom_message
        if one.delivery is not None and custom is not None and custom.data:
            content = CustomContent(one.delivery.delivery_uri, custom.data, scheduled_ms=scheduled_ms)
            kinds: list[str] = [*(one.delivery.endpoint_types or (CUSTOM,))]
            found |= dict.fromkeys(kinds, content)
        return found

    def _by_channel(self, app_id: str, said: Said, enabled: frozenset[str]) -> Iterator[tuple[str, Content]]:
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

    def said(self, row: CampaignRow, version: VersionRow, one: Treatment) -> Said:
        """What a treatment's messages, and its templates of this moment, say. Raises Gone."""
        found: dict[str, templates_service.Content[Any]] = {}
        for member, template in named_templates(one.templates):
            found[KIND_OF[member]] = self._template(Scope(row.account, row.region), version, KIND_OF[member], template)
        return Said(one.message or MessageConfiguration(), found)

    def _template(
        self, scope: Scope, version: VersionRow, kind: str, template: Template
    ) -> templates_service.Content[Any]:
        try:
            return self._templates.content(scope, kind, template.name or "", template.version)
        except NotFound:
            copy = _copies(version.content).templates.get(_key(kind, template))
            if copy is None:
                raise Gone(f"the {kind} template {template.name} is gone") from None
            return self._templates.copied(kind, bytes(copy))


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


def _key(kind: str, template: Template) -> str:
    return f"{kind}/{template.name}/{template.version or ''}"
