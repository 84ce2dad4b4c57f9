"""Text messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from clarion.channels.port import SmsOutgoing
from clarion.channels.sms.size import check_length
from clarion.core.errors import Invalid
from clarion.domain.messaging.content.rendering import Recipient, Renderer, compiled
from clarion.domain.messaging.model import SMS
from clarion.domain.templates.service import Compiling


class SmsParts(msgspec.Struct, frozen=True, kw_only=True):
    """Sources of a text message before they are compiled, and how it is to be sent; "" for what is not said."""

    body: str
    message_type: Literal["", "TRANSACTIONAL", "PROMOTIONAL"] = ""
    origination_number: str = ""
    sender_id: str = ""
    keyword: str = ""
    entity_id: str = ""
    template_id: str = ""


class SmsContent:
    """A compiled text message of one send. `defaults` are the template's, `common` the message's substitutions."""

    lane = SMS

    def __init__(
        self,
        templates: Compiling,
        parts: SmsParts,
        *,
        defaults: Mapping[str, Any] | None = None,
        common: Mapping[str, Any] | None = None,
    ) -> None:
        self._templates = templates
        self._parts = parts
        self._defaults = defaults or {}
        self._common = common or {}
        self._body = compiled(templates, parts.body)

    def message(self, render: Renderer, recipient: Recipient) -> SmsOutgoing:
        """The message for one recipient. Raises RenderError, Invalid when it is empty, too long or cannot be sent."""
        layers = render.layers(recipient.substitutions, self._common, recipient.context, self._defaults)
        template = self._body if recipient.body is None else compiled(self._templates, recipient.body)
        body = render(template, layers) or ""
        if not body:
            raise Invalid("The message is empty")
        check_length(body)
        parts = self._parts
        message = SmsOutgoing(
            message_id=recipient.message_id,
            account=recipient.account,
            app_id=recipient.app_id,
            to_address=recipient.address,
            body=body,
            message_type=parts.message_type,
            origination_number=parts.origination_number,
            sender_id=parts.sender_id,
            keyword=parts.keyword,
            entity_id=parts.entity_id,
            template_id=parts.template_id,
            context=recipient.ids,
            sent_at_ms=recipient.sent_at_ms,
        )
        return render.originated(message)
