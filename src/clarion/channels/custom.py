"""The custom channel: customers' own functions and webhooks are told of up to 50 endpoints a call.

Messages of one destination, run and treatment that say the same share a call. Any success will do. A call that failed
has failed for everybody in it: they wait equally long, longer each time, and so come together again, as the same
message (`webhook-id`). Whether that counts as one of their attempts depends on the destination:

    it may work for others      the attempt counts
    it fails again and again    nobody calls it for a while (`calls.circuit`); attempts do not count for `outage_hours`
    it refuses what it is told  (4xx) the end, at once

What is answered of the endpoints of a journey is kept. Source: specs of campaigns, 9, and of journeys, 3.5.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from clarion.channels.calls.port import CalloutFailed, parts
from clarion.channels.calls.service import Callout, is_url
from clarion.channels.port import CustomOutgoing, Outcome, Outgoing
from clarion.core.clock import Clock, iso_ms

_encode = msgspec.json.Encoder().encode
_JOURNEY = ("JourneyId", "JourneyActivityId")

MOST_ATTRIBUTES, LONGEST = 5, 128
"""What is kept of an answer about an endpoint: attributes, and characters of their names and values."""

FIRST_MS, LONGEST_MS = 5_000, 300_000
"""How long those in a call that failed wait at first, and at most."""
_HOUR_MS = 3_600_000
_REMEMBERED = 10_000
"""Calls that failed and are expected again."""

Answers = Mapping[str, Mapping[str, str]]
"""The attributes that were answered, by endpoint id."""


def identity(message: Outgoing) -> str:
    """What names the lane of a message's destination: of a URL its host, and a digest of the rest, if there is one."""
    destination = message.destination if isinstance(message, CustomOutgoing) else ""
    if not is_url(destination):
        return destination
    url = urlsplit(destination)
    rest = f"{url.path}?{url.query}".removesuffix("?").removesuffix("/")
    return (url.netloc or "-") + (f"#{hashlib.blake2b(rest.encode(), digest_size=4).hexdigest()}" if rest else "")


class CustomTransport:
    """See `clarion.channels.port.Transport`. Who has waited `outage_hours` for a destination is given up, and so is who
    comes when it has failed for so long, or a large campaign would never end."""

    name = "calls"
    channel = "custom"

    def __init__(self, callout: Callout, clock: Clock, *, outage_hours: float = 12) -> None:
        self._callout = callout
        self._clock = clock
        self._outage_ms = outage_hours * _HOUR_MS
        self._failures = Failures()

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
        batches = [[messages[number] for number in part] for numbers in together.values() for part in parts(numbers)]
        order = [number for numbers in together.values() for number in numbers]
        answers = self._callout.batch([self._calling(batch) for batch in batches])
        outcomes = [
            outcome for batch, answer in zip(batches, answers, strict=True) for outcome in self._outcomes(batch, answer)
        ]
        found = dict(zip(order, outcomes, strict=True))
        return [found[number] for number in range(len(messages))]

    def _calling(self, batch: Sequence[CustomOutgoing]) -> Callable[[], Answers]:
        first = batch[0]

        def call() -> Answers:
            body = self._callout.once(
                first.destination, payload(batch), app_id=first.app_id, message_id=message_id(batch)
            )
            return answers(body) if "JourneyId" in first.context else {}

        return call

    def _outcomes(self, batch: Sequence[CustomOutgoing], answer: Answers | CalloutFailed) -> list[Outcome]:
        """What came of each message of a call."""
        if not isinstance(answer, CalloutFailed):
            self._failures.forget(message_id(batch))
            told = [answer.get(message.endpoint_id) for message in batch]
            return [_SENT if one is None else Outcome("sent", response=_SENT.response, answered=one) for one in told]
        if answer.final and not answer.ill:
            return [Outcome("permanent", answer.reason)] * len(batch)
        if answer.resting:
            return [self._resting(message, answer) for message in batch]
        wait_ms = max(self._failures.wait_ms(message_id(batch)), answer.retry_after_ms or 0)
        outcome = Outcome(
            "throttled" if answer.throttled else "temporary",
            answer.reason,
            uncertain=answer.uncertain,
            blame="message" if answer.ill else "credentials",
            retry_after_ms=wait_ms,
        )
        return [outcome] * len(batch)

    def _resting(self, message: CustomOutgoing, answer: CalloutFailed) -> Outcome:
        since_ms = min(message.sent_at_ms, answer.since_ms or message.sent_at_ms)
        if self._clock.now_ms() - since_ms > self._outage_ms:
            return Outcome("permanent", answer.reason)
        return Outcome(
            "temporary",
            answer.reason,
            uncertain=answer.uncertain,
            blame="provider",
            retry_after_ms=answer.retry_after_ms,
        )


class Failures:
    """How often calls have failed that may come again. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: OrderedDict[str, int] = OrderedDict()

    def wait_ms(self, message_id: str) -> int:
        """Counts a failure; answers how long those in the call are to wait."""
        with self._lock:
            times = self._times[message_id] = self._times.pop(message_id, 0) + 1
            if len(self._times) > _REMEMBERED:
                self._times.popitem(last=False)
        return min(FIRST_MS << min(times - 1, 20), LONGEST_MS)

    def forget(self, message_id: str) -> None:
        """It worked."""
        if self._times:
            with self._lock:
                self._times.pop(message_id, None)


def message_id(batch: Sequence[CustomOutgoing]) -> str:
    """The `webhook-id` of a call: that of the same messages together, whenever they are sent."""
    ids = "\n".join(message.message_id for message in batch)
    return f"msg_{hashlib.sha256(ids.encode()).hexdigest()[:32]}"


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
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
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


_SENT = Outcome("sent", response="200 called")
