"""The text message of one request. A target's raw content is its text, before everything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clarion.channels.port import SmsOutgoing
from clarion.domain.apps.channels import SmsConfig
from clarion.domain.messaging.content import Recipient, Renderer, SmsContent, SmsParts
from clarion.domain.messaging.direct.words.port import Nothing, Target, check_number, first
from clarion.domain.messaging.model import SMS
from clarion.domain.templates.handlebars import Layers
from clarion.domain.templates.model import Sms, check_source
from clarion.domain.templates.service import Content, Templates
from clarion.shapes.pinpoint import DirectMessageConfiguration, SMSMessage


class SmsWords:
    """The text message, from the channel's number and sender id unless the message names others."""

    lane = SMS

    def __init__(
        self,
        templates: Templates,
        message: DirectMessageConfiguration,
        template: Content[Sms] | None,
        config: SmsConfig,
    ) -> None:
        sms, default = message.sms_message or SMSMessage(), message.default_message
        self._templates = templates
        check_source("MessageConfiguration.SMSMessage.Body", sms.body, templates.cache)
        body = first(sms.body, template.parts.body if template else None, default.body if default else None)
        self._parts = SmsParts(
            body=body or "",
            message_type=sms.message_type or "",
            origination_number=sms.origination_number or config.short_code,
            sender_id=sms.sender_id or config.sender_id,
            keyword=sms.keyword or "",
            entity_id=sms.entity_id or "",
            template_id=sms.template_id or "",
        )
        common = Layers(sms.substitutions, default.substitutions if default else None)
        defaults: Mapping[str, Any] = template.defaults if template else {}
        sources = template.sources if template else templates
        self._content = SmsContent(sources, self._parts, defaults=defaults, common=common)

    def speaks(self, channel: str, target: Target) -> bool:
        """See `Words`."""
        return channel == SMS and bool(_own(target) or self._parts.body)

    def message(self, render: Renderer, recipient: Recipient, target: Target) -> SmsOutgoing:
        """See `Words`."""
        if not self.speaks(recipient.channel, target):
            raise Nothing(SMS)
        check_number(recipient.address)
        return self._content.message(render, recipient.saying(None, _own(target)))


def _own(target: Target) -> str | None:
    return first(target.raw_content, target.body_override)
