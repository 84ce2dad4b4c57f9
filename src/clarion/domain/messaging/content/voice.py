"""Calls: a text that is spoken to whoever answers, plain or SSML.

A text that begins with `<speak` is SSML: nobody wants tags read aloud. Values that are put into it are escaped, so that
a name with an ampersand neither breaks the document nor brings tags of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import msgspec

from clarion.channels.port import VoiceOutgoing
from clarion.channels.voice import ssml
from clarion.core.errors import Invalid
from clarion.domain.messaging.content.rendering import Recipient, Renderer, compiled
from clarion.domain.messaging.model import VOICE
from clarion.domain.templates.handlebars import Layers
from clarion.domain.templates.service import Compiling

LONGEST = ssml.MOST_SPOKEN
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
        marked = ssml.is_ssml(self._parts.body if recipient.body is None else recipient.body)
        body = render(template, _escaped(layers) if marked else layers) or ""
        _check(body, marked)
        return VoiceOutgoing(
            message_id=recipient.message_id,
            account=recipient.account,
            app_id=recipient.app_id,
            to_address=recipient.address,
            body=body,
            body_type="SSML" if marked else "TEXT",
            language_code=self._parts.language_code,
            voice_id=self._parts.voice_id,
            origination_number=self._parts.origination_number,
            context=recipient.ids,
            sent_at_ms=recipient.sent_at_ms,
        )


def _check(body: str, marked: bool) -> None:
    if marked:
        try:
            said = "".join(ssml.parse(body).texts())
        except ssml.BadSsml as error:
            raise Invalid(str(error)) from error
    else:
        said = body
    if not said.strip():
        raise Invalid("The message is empty")
    if len(said) > LONGEST:
        raise Invalid(f"The message has {len(said)} characters, at most {LONGEST} are spoken")


def _escaped(layers: Layers) -> Layers:
    return Layers(*({name: _safe(value) for name, value in layer.items()} for layer in layers.maps))


def _safe(value: object) -> object:
    """The value with all text in it fit for SSML."""
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, Mapping):
        return {name: _safe(inner) for name, inner in value.items()}
    if isinstance(value, Sequence):
        return [_safe(inner) for inner in value]
    return value
