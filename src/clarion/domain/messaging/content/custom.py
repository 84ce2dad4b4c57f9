"""Custom channels: what a customer's own function or web hook is told. Source: spec of campaigns, 9."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.channels.port import CustomOutgoing
from clarion.core.clock import iso_ms
from clarion.domain.audience.model import Endpoint, answer
from clarion.domain.messaging.content.rendering import Recipient, Renderer
from clarion.domain.messaging.model import CUSTOM, Send

_NOT_TOLD = ("ApplicationId", "CohortId", "Id", "RequestId")


class CustomContent:
    """The data of one send for `destination` (a function or an https URL); `scheduled_ms` is the run's time."""

    lane = CUSTOM

    def __init__(self, destination: str, data: str, *, scheduled_ms: int = 0) -> None:
        self._destination = destination
        self._data = data
        self._scheduled_ms = scheduled_ms

    def message(self, render: Renderer, recipient: Recipient) -> CustomOutgoing:
        """What is told of one recipient; nothing is rendered."""
        return CustomOutgoing(
            message_id=recipient.message_id,
            account=recipient.account,
            app_id=recipient.app_id,
            destination=self._destination,
            endpoint_id=recipient.endpoint.id,
            endpoint=endpoint_document(recipient.app_id, recipient.endpoint),
            data=self._data,
            campaign_id=recipient.ids.get("CampaignId", ""),
            treatment_id=recipient.ids.get("TreatmentId", ""),
            activity_id=recipient.activity_id,
            scheduled_ms=self._scheduled_ms,
            to_address=recipient.address,
            context=recipient.ids,
            sent_at_ms=recipient.sent_at_ms,
        )


def endpoint_document(app_id: str, endpoint: Endpoint) -> bytes:
    """An endpoint as functions are told of it: JSON, without what is not set, its cohort among its attributes."""
    told: dict[str, Any] = msgspec.to_builtins(answer(app_id, endpoint))
    found = {name: value for name, value in told.items() if name not in _NOT_TOLD and value not in (None, {}, "")}
    found["Attributes"] = {**told.get("Attributes", {}), "CohortId": [told["CohortId"]]}
    return msgspec.json.encode(found)


def send_document(send: Send, scheduled_ms: int) -> dict[str, Any]:
    """A send as functions are told of it, without its endpoints; `scheduled_ms` is when it was due."""
    if send.journey_id:
        ids = {"JourneyId": send.journey_id, "JourneyActivityId": send.activity_id}
    else:
        ids = {"CampaignId": send.campaign_id, "TreatmentId": send.treatment_id}
    return {
        "ApplicationId": send.app_id,
        **ids,
        "ActivityId": send.activity_id,
        "ScheduledTime": iso_ms(scheduled_ms),
    }
