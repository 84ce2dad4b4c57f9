"""The events that a message activity may be asked for, by the kind of the activity. Source: spec of journeys, 9.

Of `_journey.send`, which every message has, only those count that were sent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

SEND = "_journey.send"
SEND_STATUS = "journey_send_status"
"""Its attribute; whoever asks for it asks for other results than sent ones, too."""

PUSH_EVENTS = frozenset(
    {"_journey.opened_notification", "_journey.received_foreground", "_journey.received_background"}
)
"""What clients report of a push notification."""

OFFERED: Mapping[str, frozenset[str]] = {
    "email": frozenset(
        {
            SEND,
            "_email.send",
            "_email.delivered",
            "_email.rejected",
            "_email.hardbounce",
            "_email.softbounce",
            "_email.complaint",
            "_email.open",
            "_email.click",
            "_email.unsubscribe",
            "_email.rendering_failure",
        }
    ),
    "sms": frozenset({SEND, "_SMS.BUFFERED", "_SMS.SUCCESS", "_SMS.FAILURE", "_SMS.OPTOUT"}),
    "push": PUSH_EVENTS | {SEND},
    "custom": frozenset({SEND}),
    "contact_center": frozenset(),
}
"""By `Kind.member`. Of calls any: the names of their events are not documented."""

_OBSOLETE: Mapping[str, str] = {
    "_sms.send": "_SMS.BUFFERED",
    "_sms.buffered": "_SMS.BUFFERED",
    "_sms.success": "_SMS.SUCCESS",
    "_sms.fail": "_SMS.FAILURE",
    "_sms.failure": "_SMS.FAILURE",
    "_sms.optout": "_SMS.OPTOUT",
}
"""As the guide of 2019 called them, in small letters."""


def named(values: Collection[str]) -> frozenset[str]:
    """The event types that are meant."""
    return frozenset(_OBSOLETE.get(value.lower(), value) for value in values)
