"""The custom channel: customers' own functions and webhooks are told of up to 50 endpoints a call.

Messages of one destination, run and treatment that say the same share a call. Any success will do; a call that failed
in all its tries has failed for everybody in it, and is not tried again by the lane. What is answered of the endpoints
of a journey is kept. Source: specs of campaigns, 9, and of journeys, 3.5.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from clarion.channels.calls.port import CalloutFailed, parts
from clarion.channels.calls.service import Callout
from clarion.channels.port import CustomOutgoing, Outcome
from clarion.core.clock import iso_ms

_encode = msgspec.json.Encoder().encode
_JOURNEY = ("JourneyId", "JourneyActivityId")

MOST_ATTRIBUTES, LONGEST = 5, 128
"""What is kept of an answer about an endpoint: attributes, and characters of their names and values."""

Answers = Mapping[str, Mapping[str, str]]
"""The attributes that were answered, by endpoint id."""


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
            for number in part:
                found[number] = _outcome(answer, messages[number].endpoint_id)
        return [found[number] for number in range(len(messages))]

    def _calling(self, batch: Sequence[CustomOutgoing]) -> Callable[[], Answers]:
        def call() -> Answers:
            body = self._callout.call(batch[0].destination, payload(batch))
            return answers(body) if "JourneyId" in batch[0].context else {}

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


def answers(body: bytes) -> Answers:
    """What an answer says of endpoints; what has another form, or is too much, is left out."""
    try:
        told = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return {}
    found = {name: _attributes(one) for name, one in told.items()} if isinstance(told, dict) else {}
    return {name: attributes for name, attributes in found.items() if attributes}


def _attributes(one: Any) -> dict[str, str]:
    told = one.get("EventAttributes") if isinstance(one, dict) else None
    if not isinstance(told, dict):
        return {}
    fitting = {name: value for name, value in told.items() if isinstance(value, str) and 0 < len(name) <= LONGEST}
    return dict([(name, value) for name, value in fitting.items() if len(value) <= LONGEST][:MOST_ATTRIBUTES])


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


def _outcome(answer: Answers | CalloutFailed, endpoint_id: str) -> Outcome:
    if isinstance(answer, CalloutFailed):
        return Outcome("permanent", answer.reason)
    answered = answer.get(endpoint_id)
    return _SENT if answered is None else Outcome("sent", response=_SENT.response, answered=answered)


_SENT = Outcome("sent", response="200 called")
