"""The flat keys that Pinpoint's client library on Android reads; every value is a string."""

from __future__ import annotations

import msgspec

from clarion.channels.push.notification import Notification, Sender, campaign_block, journey_block

_URL_KEYS = {"URL": "pinpoint.url", "DEEP_LINK": "pinpoint.deeplink"}


def flat_data(said: Notification, sender: Sender) -> dict[str, str]:
    """What to show, what a tap does, what is for the app, and where it comes from."""
    found: dict[str, str | None] = {
        "pinpoint.notification.silentPush": "1" if said.silent else "0",
        "pinpoint.jsonBody": said.data,
        **_origin(sender),
    }
    if not said.silent:
        found["pinpoint.notification.title"] = said.title
        found["pinpoint.notification.body"] = said.body
        found["pinpoint.notification.imageUrl"] = said.image_url
        found["pinpoint.notification.imageIconUrl"] = said.image_icon_url
        found["pinpoint.notification.imageSmallIconUrl"] = said.small_image_icon_url
        found["pinpoint.notification.icon"] = said.icon
        found["pinpoint.notification.sound"] = said.sound
        if said.action == "OPEN_APP":
            found["pinpoint.openApp"] = "true"
        else:
            found[_URL_KEYS[said.action]] = said.url
    return {name: value for name, value in found.items() if value is not None}


def _origin(sender: Sender) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    if sender.journey_id:
        found["pinpoint"] = msgspec.json.encode({"journey": journey_block(sender)}).decode()
    else:
        found.update({f"pinpoint.campaign.{name}": value for name, value in campaign_block(sender).items()})
    told = dict(sender.context)
    if sender.endpoint_id:
        told["endpointId"] = sender.endpoint_id
    if told:
        found["data"] = msgspec.json.encode({"pinpoint": told}).decode()
    return found
