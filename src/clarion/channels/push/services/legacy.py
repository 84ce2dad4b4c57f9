"""FCM's legacy HTTP API, for servers that still speak it: our v1 message in its form, and what its answers mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from clarion.channels.port import Fact, Gone, Moved, Outcome
from clarion.channels.push.services import answers

_TTL = re.compile(r"(\d{1,9})(?:\.\d+)?s")
_DEAD = frozenset(("NotRegistered", "InvalidRegistration"))


def body(payload: bytes) -> bytes | None:
    """The legacy form of a v1 message; None for one that says what the legacy form cannot."""
    message = answers.members(payload).get("message")
    if not isinstance(message, dict) or message.keys() - {"token", "data", "notification", "android"}:
        return None
    android = message.get("android", {})
    if not isinstance(android, dict):
        return None
    found: dict[str, Any] = {"to": message.get("token")}
    shown = {**message.get("notification", {}), **android.get("notification", {})}
    if shown:
        found["notification"] = shown
    if "data" in message or "data" in android:
        found["data"] = {**message.get("data", {}), **android.get("data", {})}
    if "priority" in android:
        found["priority"] = str(android["priority"]).lower()
    if life := _TTL.fullmatch(str(android.get("ttl", ""))):
        found["time_to_live"] = int(life[1])
    found.update({name: android[name] for name in ("collapse_key", "restricted_package_name") if name in android})
    return msgspec.json.encode(found)


def verdict(status: int, body: bytes, headers: Mapping[str, str]) -> Outcome:
    """What an answer means: `detail` and `response` as for v1, `provider_message_id` its message_id.

    A canonical id (`registration_id`) is where the device is known now.
    """
    if status != 200:
        return answers.usual(status, "", body, headers)
    found = answers.members(body)
    results = found.get("results")
    first = results[0] if isinstance(results, list) and len(results) == 1 else None
    if not isinstance(first, dict):
        return answers.garbage(status, body)
    error, response = answers.word(first, "error"), answers.text(body)
    line = answers.detail(status, error)
    facts: tuple[Fact, ...] = ()
    if not error:
        if moved := answers.word(first, "registration_id"):
            facts = (Moved(moved),)
        return Outcome("sent", line, events=facts, provider_message_id=answers.word(first, "message_id"))
    if error in ("Unavailable", "InternalServerError"):
        wait = answers.retry_after_ms(headers)
        return Outcome("temporary", line, response, blame="provider", retry_after_ms=wait)
    if error in ("DeviceMessageRateExceeded", "TopicsMessageRateExceeded"):
        return Outcome("throttled", line, response, retry_after_ms=answers.retry_after_ms(headers))
    if error in _DEAD:
        facts = (Gone(reason=error),)
    return Outcome("permanent", line, response, facts)
