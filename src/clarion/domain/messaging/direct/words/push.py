"""The push notifications of one request.

Highest first: the target's own raw content, the service's raw message, the target's title and body, the service's
message, the template's part for the service and its part for all, the default push message, the default message.
Members are chosen one by one. A template's raw content gives way to any title or body from above it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from clarion.channels.port import PushOutgoing
from clarion.channels.push.notification import Notification
from clarion.channels.push.services import SERVICES
from clarion.core.errors import Invalid
from clarion.domain.messaging.content import PushContent, Recipient, Renderer
from clarion.domain.messaging.content.push import TEXTS
from clarion.domain.messaging.direct.words.port import Nothing, Target, check_raw
from clarion.domain.messaging.model import PUSH
from clarion.domain.templates.handlebars import Layers
from clarion.domain.templates.model import Push, check_source
from clarion.domain.templates.service import Content, Templates
from clarion.shapes.pinpoint import DirectMessageConfiguration

_AT = "MessageConfiguration."
_MEMBERS = {
    "GCM": ("gcm", "GCMMessage"),
    "ADM": ("adm", "ADMMessage"),
    "BAIDU": ("baidu", "BaiduMessage"),
    "WEB_PUSH": ("gcm", "GCMMessage"),
}
_APPLE = ("apns", "APNSMessage")

_NAMES: Mapping[str, str] = {
    "title": "title",
    "body": "body",
    "action": "action",
    "url": "url",
    "silent_push": "silent",
    "raw_content": "raw",
    "image_url": "image_url",
    "image_icon_url": "image_icon_url",
    "small_image_icon_url": "small_image_icon_url",
    "icon_reference": "icon",
    "media_url": "media_url",
    "sound": "sound",
    "badge": "badge",
    "category": "category",
    "thread_id": "thread_id",
    "collapse_id": "collapse",
    "collapse_key": "collapse",
    "consolidation_key": "collapse",
    "time_to_live": "time_to_live",
    "restricted_package_name": "package",
    "md5": "md5",
}
"""Members of the API's messages → those of a notification."""

_PRIORITIES: Mapping[str, Literal["normal", "high"]] = {"5": "normal", "normal": "normal", "10": "high", "high": "high"}
_PUSH_TYPES = frozenset(("alert", "background", "complication", "fileprovider", "mdm", "voip"))
_METHODS = frozenset(("KEY", "TOKEN", "CERTIFICATE"))


class PushWords:
    """Notifications for every service that the request says something to. Raises Invalid naming the member."""

    lane = PUSH

    def __init__(
        self, templates: Templates, message: DirectMessageConfiguration, template: Content[Push] | None
    ) -> None:
        self._templates = templates
        self._sources = template.sources if template else templates
        self._message = message
        self._template = template
        self._defaults: Mapping[str, Any] = template.defaults if template else {}
        self._above: dict[str, dict[str, Any]] = {}
        for part, name in (_APPLE, *_MEMBERS.values()):
            own = getattr(message, f"{part}_message")
            self._above[part] = _said(_AT + name, own) if own is not None else {}
            self._check(_AT + name, self._above[part])
        general = message.default_push_notification_message
        self._general = _said(f"{_AT}DefaultPushNotificationMessage", general) if general is not None else {}
        self._check(f"{_AT}DefaultPushNotificationMessage", self._general)
        self._last = {"body": message.default_message.body} if message.default_message else {}
        self._contents: dict[tuple[str | None, ...], PushContent | None] = {}

    def speaks(self, channel: str, target: Target) -> bool:
        """See `Words`."""
        return channel in SERVICES and self._content(channel, target) is not None

    def message(self, render: Renderer, recipient: Recipient, target: Target) -> PushOutgoing:
        """See `Words`."""
        content = self._content(recipient.channel, target)
        if content is None:
            raise Nothing(recipient.channel)
        return content.message(render, recipient)

    def _content(self, channel: str, target: Target) -> PushContent | None:
        part, _ = _MEMBERS.get(channel, _APPLE)
        key = (part, target.title_override, target.body_override, target.raw_content)
        if key not in self._contents:
            self._contents[key] = self._compiled(part, target)
        return self._contents[key]

    def _compiled(self, part: str, target: Target) -> PushContent | None:
        above = {**self._above[part]}
        if target.raw_content:
            above["raw"] = target.raw_content
        for name, override in (("title", target.title_override), ("body", target.body_override)):
            if override:
                above[name] = override
        template = self._of_template(part)
        if above.get("title") or above.get("body"):
            template.pop("raw", None)
        told = _present(self._last) | _present(self._general) | template | _present(above)
        said = Notification(**told)
        if not (said.raw or said.title or said.body or said.data or said.silent):
            return None
        own = getattr(self._message, f"{part}_message")
        common = Layers(*(one.substitutions for one in (own, *self._defaults_said()) if one is not None))
        return PushContent(self._sources, said, defaults=self._defaults, common=common)

    def _of_template(self, part: str) -> dict[str, Any]:
        if self._template is None:
            return {}
        parts = self._template.parts
        found: dict[str, Any] = {}
        for said in (parts.default, getattr(parts, part)):
            if said is not None:
                found |= _present(_renamed(said))
        return found

    def _defaults_said(self) -> tuple[Any, ...]:
        return (self._message.default_push_notification_message, self._message.default_message)

    def _check(self, member: str, said: Mapping[str, Any]) -> None:
        cache = self._templates.cache
        for name in TEXTS:
            check_source(f"{member}.{_SHOWN.get(name, name.capitalize())}", said.get(name), cache)
        check_raw(f"{member}.RawContent", said.get("raw"), cache)
        check_source(f"{member}.Data", said.get("data"), cache)


_SHOWN = {
    "image_url": "ImageUrl",
    "image_icon_url": "ImageIconUrl",
    "small_image_icon_url": "SmallImageIconUrl",
    "media_url": "MediaUrl",
}


def _renamed(message: msgspec.Struct) -> dict[str, Any]:
    return {own: getattr(message, name) for name, own in _NAMES.items() if hasattr(message, name)}


def _present(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None and value != ""}


def _said(member: str, message: Any) -> dict[str, Any]:
    """A message of the API in the words of a notification. Raises Invalid for a value that no service knows."""
    found = _renamed(message)
    if message.data:
        found["data"] = msgspec.json.encode(message.data).decode()
    if priority := getattr(message, "priority", None):
        if priority.lower() not in _PRIORITIES:
            raise Invalid(f"{member}.Priority: must be 5 or normal, 10 or high")
        found["priority"] = _PRIORITIES[priority.lower()]
    if push_type := getattr(message, "apns_push_type", None):
        if push_type.lower() not in _PUSH_TYPES:
            raise Invalid(f"{member}.APNSPushType: must be one of {', '.join(sorted(_PUSH_TYPES))}")
        found["push_type"] = push_type.lower()
    if method := getattr(message, "preferred_authentication_method", None):
        if method.upper() not in _METHODS:
            raise Invalid(f"{member}.PreferredAuthenticationMethod: must be one of {', '.join(sorted(_METHODS))}")
        found["method"] = method.upper()
    if expires := getattr(message, "expires_after", None):
        if not (expires.isascii() and expires.isdigit()):
            raise Invalid(f"{member}.ExpiresAfter: must be a number of seconds")
        found["time_to_live"] = int(expires)
    life = found.get("time_to_live")
    if life is not None and life < 0:
        raise Invalid(f"{member}.TimeToLive: must not be negative")
    return found
