"""EMAIL: an e-mail template to every e-mail endpoint of the participant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from clarion.domain.journeys.activities.message import MessageActivity
from clarion.domain.journeys.activities.port import register
from clarion.domain.journeys.model import Fault

if TYPE_CHECKING:
    from clarion.domain.journeys.graph import Node
    from clarion.domain.journeys.review.context import Review


class Email(MessageActivity):
    """From the activity's address, or else from the channel's."""

    member, wire = "email", "EMAIL"

    def own_faults(self, node: Node, review: Review) -> Iterator[Fault]:
        if "EMAIL" not in review.lookups.enabled():
            yield Fault("E12", node.id, "the EMAIL channel is not enabled")
        address = node.spec.message_config.from_address if node.spec.message_config else None
        if not (address or review.lookups.sender()):
            yield Fault("E13", node.id, "neither MessageConfig.FromAddress nor the channel's FromAddress is there")
        elif address and "@" not in address:
            yield Fault("E13", node.id, f"MessageConfig.FromAddress: {address} is no e-mail address")


register(Email())
