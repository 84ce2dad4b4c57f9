"""What a treatment says, in the form of SendMessages: it is in this form that a hook is told of the message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from clarion.domain.messaging.content import EmailParts, template_parts
from clarion.domain.templates.service import Content
from clarion.shapes.pinpoint import (
    ADMMessage,
    APNSMessage,
    BaiduMessage,
    DefaultMessage,
    DefaultPushNotificationMessage,
    DirectMessageConfiguration,
    EmailMessage,
    GCMMessage,
    Message,
    MessageConfiguration,
    MessageHeader,
    SimpleEmail,
    SimpleEmailPart,
    SMSMessage,
)

S = TypeVar("S", bound=msgspec.Struct)

_OTHER_NAMES = {"small_image_icon_url": "image_small_icon_url"}
"""Members that campaigns call otherwise."""
_NOT_ALIKE = frozenset({"data", "substitutions"})

_PUSH: Mapping[str, type[msgspec.Struct]] = {
    "apns": APNSMessage,
    "gcm": GCMMessage,
    "adm": ADMMessage,
    "baidu": BaiduMessage,
}


def direct_form(
    message: MessageConfiguration, templates: Mapping[str, Content[Any]], written: EmailParts
) -> DirectMessageConfiguration:
    """The message of a campaign as one of SendMessages.

    `templates` are those it names, by kind, which win; `written` is its e-mail without them. Variables stay as they
    are written; the custom channel's data has no place in this form.
    """
    found = DirectMessageConfiguration()
    default = message.default_message
    if default is not None:
        found.default_message = DefaultMessage(body=default.body)
        found.default_push_notification_message = _filled(DefaultPushNotificationMessage, default)
    template = templates.get("PUSH")
    for name, kind in _PUSH.items():
        own, parts = getattr(message, f"{name}_message"), template.parts if template else None
        if own is not None or parts is not None:
            service = getattr(parts, name) if parts else None
            said = _filled(kind, service, parts.default if parts else None, own)
            setattr(found, f"{name}_message", _with_data(said, own))
    sms = templates.get("SMS")
    if message.sms_message is not None or sms is not None:
        found.sms_message = _filled(SMSMessage, sms.parts if sms else None, message.sms_message)
    email = templates.get("EMAIL")
    if message.email_message is not None or email is not None:
        sender = message.email_message.from_address if message.email_message else None
        found.email_message = _email(template_parts(email) if email else written, sender)
    return found


def _filled(kind: type[S], *sources: msgspec.Struct | None) -> S:
    """A message with the members that a source has, earlier ones first."""
    values: dict[str, Any] = {}
    for member in kind.__struct_fields__:
        if member in _NOT_ALIKE:
            continue
        for source in sources:
            value = getattr(source, member, None)
            if value is None and member in _OTHER_NAMES:
                value = getattr(source, _OTHER_NAMES[member], None)
            if value is not None:
                values[member] = value
                break
    return kind(**values)


def _with_data(said: S, own: Message | None) -> S:
    """The JSON of a silent push as the map of strings that direct messages have for it, if it is an object."""
    try:
        data = msgspec.json.decode(own.json_body) if own is not None and own.json_body else None
    except msgspec.MsgspecError:
        return said
    if not isinstance(data, dict):
        return said
    texts = {name: one if isinstance(one, str) else msgspec.json.encode(one).decode() for name, one in data.items()}
    return msgspec.structs.replace(said, data=texts)


def _email(parts: EmailParts, sender: str | None) -> EmailMessage:
    headers = [MessageHeader(name=name, value=value) for name, value in parts.headers]
    return EmailMessage(
        from_address=sender,
        simple_email=SimpleEmail(
            subject=_part(parts.subject),
            html_part=_part(parts.html),
            text_part=_part(parts.text),
            headers=headers or None,
        ),
    )


def _part(text: str | None) -> SimpleEmailPart | None:
    return SimpleEmailPart(charset="UTF-8", data=text) if text else None
