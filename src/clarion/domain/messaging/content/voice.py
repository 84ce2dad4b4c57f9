"""Calls: a text that is spoken to whoever answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from clarion.channels.port import VoiceOutgoing
from clarion.core.errors import Invalid
from clarion.domain.messaging.content.rendering import Recipient, Renderer, compiled
from clarion.domain.messaging.model import VOICE
from clarion.domain.templates.service import Compiling

LONGEST = 3_000
"""Characters that are spoken."""


class VoiceParts(msgspec.Struct, frozen=True, kw_only=True):
    """The source of what is said, and by which voice; "" for what is left to the sender."""

    body: str
    language_code: str = ""
    voice_id: str = ""
    origination_number: str = ""


class VoiceContent:
    """A compiled call of one send. `defaults` are the template's, `common` the message's substitutions."""

    lane = VOICE

    def __init__(
        self,
        templates: Compiling,
        parts: VoiceParts,
        *,
        defaults: Mapping[str, Any] | None = None,
        common: Mapping[str, Any] | None = None,
    ) -> None:
        self._templates = templates
        self._parts = parts
        self._defaults = defaults or {}
        self._common = common or {}
        self._body = compiled(templates, parts.body)

    def message(self, render: Renderer, recipient: Recipient) -> VoiceOutgoing:
        """The call for one recipient. Raises RenderError, Invalid when there is nothing to say or too much."""
        layers = render.layers(recipient.substitutions, self._common, recipient.context, self._defaults)
        template = self._body if recipient.body is None else compiled(self._templates, recipient.body)
        body = render(template, layers) or ""
        if not body.strip():
            raise Invalid("The message is empty")
        if len(body) > LONGEST:
            raise Invalid(f"The message has {len(body)} characters, at most {LONGEST} are spoken")
        return VoiceOutgoing(
            message_id=recipient.message_id,
            account=recipient.account,
            app_id=recipient.app_id,
            to_address=recipient.address,
            body=body,
            language_code=self._parts.language_code,
            voice_id=self._parts.voice_id,
            origination_number=self._parts.origination_number,
            context=recipient.ids,
            sent_at_ms=recipient.sent_at_ms,
        )
