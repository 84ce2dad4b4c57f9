"""The call of one request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clarion.channels.port import VoiceOutgoing
from clarion.domain.messaging.content import Recipient, Renderer, VoiceContent, VoiceParts
from clarion.domain.messaging.direct.words.port import Nothing, Target, check_number, first
from clarion.domain.messaging.model import VOICE
from clarion.domain.templates.handlebars import Layers
from clarion.domain.templates.model import Voice, check_source
from clarion.domain.templates.service import Content, Templates
from clarion.shapes.pinpoint import DirectMessageConfiguration, VoiceMessage


class VoiceWords:
    """What is said on the phone, in the message's voice or else the template's."""

    lane = VOICE

    def __init__(
        self, templates: Templates, message: DirectMessageConfiguration, template: Content[Voice] | None
    ) -> None:
        voice, default = message.voice_message or VoiceMessage(), message.default_message
        check_source("MessageConfiguration.VoiceMessage.Body", voice.body, templates.cache)
        base = template.parts if template else Voice()
        self._parts = VoiceParts(
            body=first(voice.body, base.body, default.body if default else None) or "",
            language_code=first(voice.language_code, base.language_code) or "",
            voice_id=first(voice.voice_id, base.voice_id) or "",
            origination_number=voice.origination_number or "",
        )
        common = Layers(voice.substitutions, default.substitutions if default else None)
        defaults: Mapping[str, Any] = template.defaults if template else {}
        sources = template.sources if template else templates
        self._content = VoiceContent(sources, self._parts, defaults=defaults, common=common)

    def speaks(self, channel: str, target: Target) -> bool:
        """See `Words`."""
        return channel == VOICE and bool(target.body_override or self._parts.body)

    def message(self, render: Renderer, recipient: Recipient, target: Target) -> VoiceOutgoing:
        """See `Words`."""
        if not self.speaks(recipient.channel, target):
            raise Nothing(VOICE)
        check_number(recipient.address)
        return self._content.message(render, recipient.saying(None, first(target.body_override)))
