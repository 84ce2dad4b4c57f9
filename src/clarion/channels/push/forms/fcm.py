"""Firebase Cloud Messaging: a message of its HTTP v1 API, data only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from clarion.channels.push.forms.flat import flat_data
from clarion.channels.push.notification import Built, Notification, Sender, json_object, text
from clarion.core.errors import Invalid

LIMIT = 4_096
"""Bytes of a message without its token."""

LONGEST_LIFE = 2_419_200
"""Seconds that Google keeps a message, at most and when nothing is said; it refuses more."""

# What the legacy form's `notification` says for all platforms in v1; the rest is Android's.
_FOR_ALL = frozenset(("title", "body", "image"))
_OF_ANDROID = {"collapse_key": "collapse_key", "restricted_package_name": "restricted_package_name"}


def build(said: Notification, sender: Sender, token: str) -> Built:
    """The request body. Raises Invalid for raw content that is no message, and for too much."""
    message = {"data": flat_data(said, sender)} if said.raw is None else _raw(json_object("RawContent", said.raw))
    android = {**_android(said), **message.pop("android", {})}
    if android:
        message["android"] = android
    if len(msgspec.json.encode(message)) > LIMIT:
        raise Invalid(f"The GCM message is larger than {LIMIT} bytes")
    return Built(msgspec.json.encode({"message": {"token": token, **message}}))


def _android(said: Notification) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if said.priority:
        found["priority"] = said.priority.upper()
    if said.time_to_live is not None:
        found["ttl"] = f"{min(said.time_to_live, LONGEST_LIFE)}s"
    if said.collapse:
        found["collapse_key"] = said.collapse
    if said.package:
        found["restricted_package_name"] = said.package
    return found


def _raw(raw: Mapping[str, Any]) -> dict[str, Any]:
    """A message out of raw content of either form: `{"fcmV1Message": {"message": …}}`, or the legacy API's."""
    wrapped = raw.get("fcmV1Message", raw)
    if isinstance(wrapped, dict) and "message" in wrapped:
        message = wrapped["message"]
        if not isinstance(message, dict) or not isinstance(message.get("android", {}), dict):
            raise Invalid("RawContent: message must be a JSON object")
        return {name: value for name, value in message.items() if name not in ("token", "topic", "condition")}
    if wrapped is not raw:
        raise Invalid("RawContent: fcmV1Message must hold a message")
    return _of_legacy(raw)


def _of_legacy(raw: Mapping[str, Any]) -> dict[str, Any]:
    message: dict[str, Any] = {}
    android: dict[str, Any] = {new: raw[old] for old, new in _OF_ANDROID.items() if old in raw}
    if isinstance(shown := raw.get("notification"), dict):
        message["notification"] = {name: value for name, value in shown.items() if name in _FOR_ALL}
        if own := {name: value for name, value in shown.items() if name not in _FOR_ALL}:
            android["notification"] = own
    if isinstance(data := raw.get("data"), dict):
        message["data"] = {name: text(value) for name, value in data.items()}
    if not message:
        raise Invalid("RawContent: a GCM message has notification or data, or is an fcmV1Message")
    if "priority" in raw:
        android["priority"] = str(raw["priority"]).upper()
    if "time_to_live" in raw:
        android["ttl"] = f"{raw['time_to_live']}s"
    if android:
        message["android"] = android
    return message
