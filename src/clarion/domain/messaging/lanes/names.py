"""What lanes and their queues are called. Pure.

A lane is one credential at one provider and one identity that sends by it:

    EMAIL                        a channel whose transport the settings choose
    SMS/carrier/+4915112345678   the provider "carrier", one origination number
    PUSH/GCM/<project id>        a project's own push service
    CUSTOM/hooks.acme.test       a destination

Messages wait in a queue of their lane: a digit for the priority, then the lane. So queues in the order of their names
are in the order of their priorities.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

OTP, TRANSACTIONAL, PROMOTIONAL = 0, 1, 2
"""Priorities of messages, most urgent first."""

_LONGEST = 64


def lane_name(channel: str, provider: str = "", identity: str = "") -> str:
    """A lane's name; identities that are long or have a slash are told by a digest."""
    if len(identity) > _LONGEST or "/" in identity:
        identity = f"#{blake2b(identity.encode(), digest_size=12).hexdigest()}"
    return "/".join(part for part in (channel, provider, identity) if part)


def provider_of(lane: str) -> str:
    """The provider in a lane's name, "" when it has none."""
    parts = lane.split("/", 2)
    return parts[1] if len(parts) > 1 else ""


def moved(lane: str, provider: str) -> str:
    """The lane of the same identity at another provider."""
    channel, _, rest = lane.partition("/")
    identity = rest.partition("/")[2]
    return lane_name(channel, provider, identity)


def queue_of(lane: str, priority: int = PROMOTIONAL) -> str:
    """The queue of a lane's messages of a priority."""
    return f"{priority}{lane}"


def lane_of(queue: str) -> str:
    """The lane of a queue."""
    return queue[1:]


def priority_of(queue: str) -> int:
    """The priority of a queue."""
    return int(queue[:1] or PROMOTIONAL)


def scopes(lane: str) -> Iterator[str]:
    """What is said of a lane is said of one of these: its channel, its provider, the lane itself."""
    place = 0
    while (place := lane.find("/", place + 1)) >= 0:
        yield lane[:place]
    yield lane
