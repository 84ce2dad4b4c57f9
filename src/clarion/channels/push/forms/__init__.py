"""Which form a notification takes, by the service of its recipient's device."""

from __future__ import annotations

from clarion.channels.port import PushService
from clarion.channels.push.forms import adm, apns, baidu, fcm, webpush
from clarion.channels.push.notification import Built, Notification, Sender


def build(service: PushService, said: Notification, sender: Sender, *, token: str, sent_at_ms: int) -> Built:
    """What the service gets for one device. Raises Invalid for raw content it would not take, and for too much."""
    match service:
        case "GCM":
            return fcm.build(said, sender, token)
        case "ADM":
            return adm.build(said, sender)
        case "BAIDU":
            return baidu.build(said, sender)
        case "WEB_PUSH":
            return webpush.build(said, sender)
        case _:
            return apns.build(said, sender, voip="VOIP" in service, sent_at_ms=sent_at_ms)
