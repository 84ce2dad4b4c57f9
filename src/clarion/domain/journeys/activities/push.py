"""PUSH: a push template to every device of the participant whose service is enabled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from clarion.domain.journeys.activities.message import MessageActivity
from clarion.domain.journeys.activities.port import register
from clarion.domain.journeys.model import Fault
from clarion.domain.messaging.content.composing import PUSH

if TYPE_CHECKING:
    from clarion.domain.journeys.graph import Node
    from clarion.domain.journeys.review.context import Review


class Push(MessageActivity):
    """With the activity's time to live."""

    member, wire = "push", "PUSH"

    def own_faults(self, node: Node, review: Review) -> Iterator[Fault]:
        if not review.lookups.enabled() & PUSH.keys():
            yield Fault("E12", node.id, "no push channel is enabled")
        seconds = node.spec.message_config.time_to_live if node.spec.message_config else None
        if seconds and not (seconds.isascii() and seconds.isdecimal() and len(seconds) < 10):
            yield Fault("E15", node.id, "MessageConfig.TimeToLive must be a number of seconds, 0 or more")


register(Push())
