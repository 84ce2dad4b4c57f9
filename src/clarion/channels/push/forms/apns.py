"""Apple Push Notification service: the payload, and the headers that steer its delivery."""

from __future__ import annotations

from collections.abc import Mapping
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

LIMIT = 4_096
COLLAPSE_LIMIT = 64

_PRIORITIES = {"normal": "5", "high": "10"}
_SHOWN = ("alert", "badge", "sound")


def build(said: Notification, sender: Sender, *, voip: bool, sent_at_ms: int) -> Built:
    """Payload and headers; `sent_at_ms` (Unix ms) is when its time to live begins.

    Raises Invalid for raw content against Apple's rules, and for too much.
    """
    if said.raw is None:
        content = {"aps": _aps(said), "data": _data(said, sender)}
        silent = said.silent
    else:
        content = json_object("RawContent", said.raw)
        silent = _is_silent(content)
    payload = msgspec.json.encode(content)
    if len(payload) > LIMIT:
        raise Invalid(f"The APNS payload is larger than {LIMIT} bytes")
    push_type = said.push_type or ("voip" if voip else "background" if silent else "alert")
    return Built(payload, _headers(said, push_type, sent_at_ms))


def _headers(said: Notification, push_type: str, sent_at_ms: int) -> list[tuple[str, str]]:
    # Apple refuses background notifications of the high priority.
    priority = "5" if push_type == "background" else _PRIORITIES.get(said.priority, "10")
    headers = [("apns-push-type", push_type), ("apns-priority", priority)]
    if said.time_to_live is not None:
        expires = sent_at_ms // 1000 + said.time_to_live if said.time_to_live else 0
        headers.append(("apns-expiration", str(expires)))
    if said.collapse:
        if len(said.collapse.encode()) > COLLAPSE_LIMIT:
            raise Invalid(f"CollapseId: must not be longer than {COLLAPSE_LIMIT} bytes")
        headers.append(("apns-collapse-id", said.collapse))
    return headers


def _aps(said: Notification) -> dict[str, Any]:
    if said.silent:
        return {"content-available": 1}
    alert = {name: value for name, value in (("title", said.title), ("body", said.body)) if value is not None}
    found = {
        "alert": alert or None,
        "content-available": 1,
        "mutable-content": 1 if said.media_url else 0,
        "badge": said.badge,
        "sound": said.sound,
        "category": said.category,
        "thread-id": said.thread_id,
    }
    return {name: value for name, value in found.items() if value is not None}


def _data(said: Notification, sender: Sender) -> dict[str, Any]:
    told: dict[str, Any] = dict(sender.context)
    if sender.endpoint_id:
        told["endpointId"] = sender.endpoint_id
    if said.action != "OPEN_APP" and said.url is not None:
        told["deeplink"] = said.url
    if said.data is not None:
        told["jsonBody"] = json_object("JsonBody", said.data)
    if sender.journey_id:
        told["journey"] = journey_block(sender)
    else:
        told["campaign"] = campaign_block(sender)
    found: dict[str, Any] = {"pinpoint": told}
    if said.media_url:
        found["media-url"] = said.media_url
    return found


def _is_silent(content: Mapping[str, Any]) -> bool:
    """Whether raw content is silent; raises Invalid unless it says so as Pinpoint wants it said."""
    aps = content.get("aps")
    if not isinstance(aps, dict):
        raise Invalid("RawContent: an APNS payload has an object aps")
    if isinstance(aps.get("url-args"), list):  # Safari's
        return False
    available = aps.get("content-available")
    if isinstance(available, bool) or available not in (0, 1):
        raise Invalid("RawContent: aps.content-available must be the number 0 or 1")
    if available == 1 and (shown := [name for name in _SHOWN if name in aps]):
        raise Invalid(f"RawContent: aps.{shown[0]} must not be in a silent notification, whose content-available is 1")
    return bool(available)
