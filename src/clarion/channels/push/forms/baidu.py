"""Baidu Cloud Push: the `msg` of a push to one device, with the flat keys as its custom content."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.channels.push.forms.flat import flat_data
from clarion.channels.push.notification import Built, Notification, Sender, json_object
from clarion.core.errors import Invalid

LIMIT = 4_096
LONGEST_LIFE = 604_800
"""Seconds that Baidu keeps a message, at most and when nothing is said."""


def build(said: Notification, sender: Sender) -> Built:
    """The message, whether it is shown, and how long it may wait. Raises Invalid for raw content that is no object, and
    for too much."""
    message: dict[str, Any]
    if said.raw is None:
        message = {} if said.silent else _shown(said)
        message["custom_content"] = flat_data(said, sender)
    else:
        message = json_object("RawContent", said.raw)
    payload = msgspec.json.encode(message)
    if len(payload) > LIMIT:
        raise Invalid(f"The BAIDU message is larger than {LIMIT} bytes")
    life = LONGEST_LIFE if said.time_to_live is None else min(said.time_to_live, LONGEST_LIFE)
    # 1: the system shows it, which takes a description; 0: it goes to the app.
    return Built(payload, [("msg_type", "1" if message.get("description") else "0"), ("msg_expires", str(life))])


def _shown(said: Notification) -> dict[str, Any]:
    if not said.body:
        return {"description": said.title} if said.title else {}
    return {"title": said.title, "description": said.body} if said.title is not None else {"description": said.body}
