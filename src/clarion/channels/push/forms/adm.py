"""Amazon Device Messaging: the request body, whose data are the flat keys."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.channels.push.forms.flat import flat_data
from clarion.channels.push.notification import Built, Notification, Sender, json_object
from clarion.core.errors import Invalid

LIMIT = 6_144


def build(said: Notification, sender: Sender) -> Built:
    """The request body. Raises Invalid for raw content that is no object, and for too much."""
    body: dict[str, Any]
    body = {"data": flat_data(said, sender)} if said.raw is None else json_object("RawContent", said.raw)
    own = {"consolidationKey": said.collapse, "expiresAfter": said.time_to_live, "md5": said.md5}
    body = {**{name: value for name, value in own.items() if value is not None}, **body}
    payload = msgspec.json.encode(body)
    if len(payload) > LIMIT:
        raise Invalid(f"The ADM message is larger than {LIMIT} bytes")
    return Built(payload)
