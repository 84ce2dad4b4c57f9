"""Web Push: what a browser's service worker gets, before it is encrypted; and the headers of RFC 8030.

    {"notification": {"title", "body", "image", "icon", "badge"}, "data": {"url", "jsonBody", "pinpoint": {…}}}

The same two members as FCM's messages for the web. Without `notification` there is nothing to show. `data.pinpoint` has
the ids that a page reports opens with, as on other platforms (`endpointId`, `campaign` or `journey`, the context).
"""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64encode
from typing import Any

import msgspec

from clarion.channels.push.notification import (
    Built,
    Notification,
    Sender,
    campaign_block,
    journey_block,
    json_object,
)
from clarion.core.errors import Invalid

LIMIT = 3_993
"""Bytes: a service takes bodies of 4,096, and encryption adds 103."""
LONGEST_LIFE = 2_419_200
"""Seconds (28 days) that services keep a message at most, and when nothing is said."""

_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,32}")
_OTHERS = frozenset(("token", "topic", "condition", "android", "apns"))


def build(said: Notification, sender: Sender) -> Built:
    """What is to be encrypted. Raises Invalid for raw content that is no object, and for too much."""
    if said.raw is None:
        message: dict[str, Any] = {"data": _data(said, sender)}
        if not said.silent:
            message["notification"] = _shown(said)
    else:
        message = _raw(json_object("RawContent", said.raw))
    payload = msgspec.json.encode(message)
    if len(payload) > LIMIT:
        raise Invalid(f"The WEB_PUSH message is larger than {LIMIT} bytes")
    return Built(payload, _headers(said))


def _shown(said: Notification) -> dict[str, str]:
    found = {
        "title": said.title,
        "body": said.body,
        "image": said.image_url,
        "icon": said.image_icon_url,
        "badge": said.small_image_icon_url,
    }
    return {name: value for name, value in found.items() if value is not None}


def _data(said: Notification, sender: Sender) -> dict[str, Any]:
    told: dict[str, Any] = dict(sender.context)
    if sender.endpoint_id:
        told["endpointId"] = sender.endpoint_id
    if sender.journey_id:
        told["journey"] = journey_block(sender)
    else:
        told["campaign"] = campaign_block(sender)
    found: dict[str, Any] = {"pinpoint": told}
    if said.action != "OPEN_APP" and said.url is not None:
        found["url"] = said.url
    if said.data is not None:
        found["jsonBody"] = json_object("JsonBody", said.data)
    return found


def _raw(raw: dict[str, Any]) -> dict[str, Any]:
    """Raw content as it is; of an FCM message what is for all platforms."""
    wrapped = raw.get("fcmV1Message", raw)
    message = wrapped.get("message", wrapped) if isinstance(wrapped, dict) else None
    if not isinstance(message, dict):
        raise Invalid("RawContent: message must be a JSON object")
    return {name: value for name, value in message.items() if name not in _OTHERS}


def _headers(said: Notification) -> list[tuple[str, str]]:
    life = LONGEST_LIFE if said.time_to_live is None else min(said.time_to_live, LONGEST_LIFE)
    headers = [("ttl", str(life))]
    if said.priority:
        headers.append(("urgency", said.priority))
    if said.collapse:
        headers.append(("topic", said.collapse if _TOPIC.fullmatch(said.collapse) else _short(said.collapse)))
    return headers


def _short(name: str) -> str:
    """A name of another form in the 32 characters that topics may have."""
    return urlsafe_b64encode(hashlib.sha256(name.encode()).digest()[:24]).decode()
