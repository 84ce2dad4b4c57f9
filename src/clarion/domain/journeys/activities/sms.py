"""SMS: a text message template to every SMS endpoint of the participant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from clarion.domain.journeys.activities.message import MessageActivity
from clarion.domain.journeys.activities.port import register
from clarion.domain.journeys.model import Fault
from clarion.shapes.pinpoint import JourneySMSMessage

if TYPE_CHECKING:
    from clarion.domain.journeys.graph import Node
    from clarion.domain.journeys.review.context import Review

TYPES = ("TRANSACTIONAL", "PROMOTIONAL")


class Sms(MessageActivity):
    """From the activity's number or sender id, or else from the channel's; the number is tried first."""

    member, wire = "sms", "SMS"

    def own_faults(self, node: Node, review: Review) -> Iterator[Fault]:
        if "SMS" not in review.lookups.enabled():
            yield Fault("E12", node.id, "the SMS channel is not enabled")
        config: JourneySMSMessage = node.spec.message_config or JourneySMSMessage()
        if config.message_type not in TYPES:
            yield Fault("E14", node.id, f"MessageConfig.MessageType is required: {' or '.join(TYPES)}")
        if bool(config.entity_id) != bool(config.template_id):
            yield Fault("E14", node.id, "MessageConfig.EntityId and TemplateId go together")
        elif config.entity_id and not config.sender_id:
            yield Fault("E14", node.id, "MessageConfig.EntityId and TemplateId need a SenderId")
        if config.origination_number and config.sender_id:
            text = "MessageConfig has an OriginationNumber and a SenderId: the number is used"
            yield Fault("W12", node.id, text, advice=True)


register(Sms())
