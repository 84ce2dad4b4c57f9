"""CUSTOM: a customer's own function or web hook is told of the participant's endpoints of the types it asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from clarion.domain.journeys.activities.message import MessageActivity
from clarion.domain.journeys.activities.port import register
from clarion.domain.journeys.model import Fault

if TYPE_CHECKING:
    from clarion.domain.journeys.graph import Node
    from clarion.domain.journeys.review.context import Review

MOST_DATA = 5_000
"""Characters."""

_URL = re.compile(r"https?://[A-Za-z0-9\-._~?/#;:]+")


class Custom(MessageActivity):
    """What the function answers of an endpoint is recorded with the message, for splits to ask for."""

    member, wire = "custom", "CUSTOM"

    def template_faults(self, node: Node, review: Review) -> Iterator[Fault]:
        """There are no templates of custom messages: a name is kept, and says nothing."""
        return iter(())

    def own_faults(self, node: Node, review: Review) -> Iterator[Fault]:
        uri = node.spec.delivery_uri or ""
        if not uri:
            yield Fault("E16", node.id, "DeliveryUri is required")
        elif "://" in uri and not _URL.fullmatch(uri):
            yield Fault("E16", node.id, "DeliveryUri: a URL may have letters, digits and - . _ ~ ? / # ; : only")
        elif refused := review.lookups.refused(uri):
            yield Fault("E16", node.id, refused)
        data = (node.spec.message_config.data if node.spec.message_config else None) or ""
        if len(data) > MOST_DATA:
            yield Fault("E16", node.id, f"MessageConfig.Data: must have at most {MOST_DATA} characters")
        if node.spec.endpoint_types is not None and not node.spec.endpoint_types:
            yield Fault("E16", node.id, "EndpointTypes: must not be empty")


register(Custom())
