"""The custom channel: customers' own functions and webhooks are told of up to 50 endpoints a call.

Messages of one destination, run and treatment that say the same share a call. Any success will do; a call that failed
in all its tries has failed for everybody in it, and is not tried again by the lane. Source: spec of campaigns, 9.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from clarion.channels.calls.port import CalloutFailed, parts
from clarion.channels.calls.service import Callout
from clarion.channels.port import CustomOutgoing, Outcome
from clarion.core.clock import iso_ms

_encode = msgspec.json.Encoder().encode
_JOURNEY = ("JourneyId", "JourneyActivityId")


class CustomTransport:
    """See `clarion.channels.port.Transport`."""

    name = "calls"
    channel = "custom"

    def __init__(self, callout: Callout) -> None:
        self._callout = callout

    async def open(self) -> None:
        """Nothing to get ready."""

    async def close(self) -> None:
        """Nothing to let go of."""

    async def send(self, messages: Sequence[CustomOutgoing]) -> list[Outcome]:
        """See `Transport.send`."""
        return await asyncio.to_thread(self._send, messages)

    def _send(self, messages: Sequence[CustomOutgoing]) -> list[Outcome]:
        together: dict[tuple[str, ...], list[int]] = defaultdict(list)
        times: Counter[tuple[str, ...]] = Counter()
        for number, message in enumerate(messages):
            shared = _shared(message)
            # A call tells of an endpoint once: several messages to it go in several calls.
            times[(*shared, message.endpoint_id)] += 1
            together[(*shared, str(times[(*shared, message.endpoint_id)]))].append(number)
        batches = [part for numbers in together.values() for part in parts(numbers)]
        answers = self._callout.batch([self._calling([messages[number] for number in part]) for part in batches])
        found: dict[int, Outcome] = {}
        for part, answer in zip(batches, answers, strict=True):
            found |= dict.fromkeys(part, answer if isinstance(answer, Outcome) else _failed(answer))
        return [found[number] for number in range(len(messages))]

    def _calling(self, batch: Sequence[CustomOutgoing]) -> Callable[[], Outcome]:
        def call() -> Outcome:
            self._callout.call(batch[0].destination, payload(batch))
            return _SENT

        return call


def payload(batch: Sequence[CustomOutgoing]) -> bytes:
    """The body of one call, for messages that share all but their endpoints."""
    first = batch[0]
    told: dict[str, Any] = {
        "Message": {},
        "Data": first.data,
        "ApplicationId": first.app_id,
        "CampaignId": first.campaign_id,
        "TreatmentId": first.treatment_id,
        "ActivityId": first.activity_id,
        "ScheduledTime": iso_ms(first.scheduled_ms),
        "Endpoints": {message.endpoint_id: msgspec.Raw(message.endpoint) for message in batch},
    }
    if not first.campaign_id:
        del told["CampaignId"], told["TreatmentId"]
        told |= {name: first.context[name] for name in _JOURNEY if name in first.context}
    return _encode(told)


def _shared(message: CustomOutgoing) -> tuple[str, ...]:
    journey = (message.context.get(name, "") for name in _JOURNEY)
    return (
        message.destination,
        message.app_id,
        message.campaign_id,
        message.activity_id,
        message.treatment_id,
        str(message.scheduled_ms),
        message.data,
        *journey,
    )


def _failed(answer: CalloutFailed) -> Outcome:
    return Outcome("permanent", answer.reason)


_SENT = Outcome("sent", response="200 called")
