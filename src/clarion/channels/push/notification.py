"""What a push notification says, before any service's own form. Source: spec of push and direct messages, 2.2, 4."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from clarion.core.errors import Invalid

Action = Literal["OPEN_APP", "DEEP_LINK", "URL"]

DIRECT = "_DIRECT"
"""The campaign id of messages that belong to no campaign or journey."""


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """One notification. In a message its texts are sources of templates, to a service they go rendered.

    `url` goes with the actions DEEP_LINK and URL. `data` (JSON text) is for the app, with or without something to
    show; a `silent` notification shows nothing. `raw` (JSON text) is the service's own message and replaces all
    else but the time to live, the priority and the collapse key. `collapse` replaces an earlier notification of
    that name. `priority`: "" is the service's default. `time_to_live` in seconds, 0: now or never. `push_type` is
    APNs' own, "" to find it out; `package` the only Android app that may get it; `md5` ADM's checksum of `data`.
    `method` is how to sign in to the service, "" as the channel says.
    """

    title: str | None = None
    body: str | None = None
    action: Action = "OPEN_APP"
    url: str | None = None
    data: str | None = None
    silent: bool = False
    raw: str | None = None
    image_url: str | None = None
    image_icon_url: str | None = None
    small_image_icon_url: str | None = None
    icon: str | None = None
    media_url: str | None = None
    sound: str | None = None
    badge: int | None = None
    category: str | None = None
    thread_id: str | None = None
    collapse: str | None = None
    priority: Literal["", "normal", "high"] = ""
    time_to_live: int | None = None
    push_type: str = ""
    package: str | None = None
    md5: str | None = None
    method: str = ""


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """Who sends a notification and to whom: what it carries beside its text; "" for what does not apply.

    `context` are the request's own entries. Without campaign or journey it is a direct message.
    """

    endpoint_id: str = ""
    campaign_id: str = ""
    activity_id: str = ""
    treatment_id: str = ""
    journey_id: str = ""
    journey_run_id: str = ""
    trace_id: str = ""
    context: Mapping[str, str] = {}


class Built(msgspec.Struct, frozen=True):
    """The bytes for a service, and the fields that go beside them (APNs' headers, Baidu's parameters)."""

    payload: bytes
    headers: list[tuple[str, str]] = []


def campaign_block(sender: Sender) -> dict[str, str]:
    """The ids of the campaign that client libraries report; of a direct message, too."""
    found = {
        "campaign_id": sender.campaign_id or DIRECT,
        "campaign_activity_id": sender.activity_id if sender.campaign_id else "",
        "treatment_id": sender.treatment_id or "0",
        "trace_id": sender.trace_id,
    }
    return {name: value for name, value in found.items() if value}


def journey_block(sender: Sender) -> dict[str, str]:
    """The ids of the journey that client libraries report."""
    return {
        "journey_id": sender.journey_id,
        "journey_run_id": sender.journey_run_id,
        "journey_activity_id": sender.activity_id,
    }


def json_object(member: str, text: str) -> dict[str, Any]:
    """A JSON object out of its text; raises Invalid naming the member."""
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise Invalid(f"{member}: not JSON: {error}") from None
    if not isinstance(found, dict):
        raise Invalid(f"{member}: must be a JSON object")
    return found


def text(value: Any) -> str:
    """A value as text, as services want the values of their data: strings stay, the rest becomes JSON."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
