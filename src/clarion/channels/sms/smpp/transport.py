"""Text messages to an SMSC, and what it says of them.

    message ─> its parts ─> a bind with room in its window ─> submit_sm ─┬─ ESME_ROK ──────────> sent, with all ids
                   │ none is bound: temporary, the provider's fault      ├─ an error ──────────> by `statuses`
                   └ throttled a moment ago: throttled                   └─ silence, lost ─────> temporary, uncertain

A message of which only some parts were taken is remembered for a while: when it is tried again here, only the others
are submitted. A crash between an answer and its record submits a message again, with the same reference.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial

from clarion.channels.port import Outcome, Outgoing, SmsOutgoing
from clarion.channels.provider import Finding, Provider, Surroundings
from clarion.channels.sms.smpp import pdu, receipts, statuses
from clarion.channels.sms.smpp.arrivals import Arrivals
from clarion.channels.sms.smpp.compose import Composer, sender_of
from clarion.channels.sms.smpp.config import SmppConfig
from clarion.channels.sms.smpp.link import Answer, Link, Silence
from clarion.channels.sms.smpp.pdu import Pdu
from clarion.channels.sms.smpp.pool import Pool
from clarion.channels.sms.smpp.session import Kind, NotBound, bind, unbind
from clarion.core.errors import Invalid

PAUSE_SECONDS = 1.0
"""How long nothing is submitted after the SMSC has asked for less; it does not say itself."""

_REMEMBERED = 4_096
_SOON_DAYS = 14
_CLOSED = Outcome("temporary", "the transport is not open", blame="provider")


class _Batch:
    """One call of `send`."""

    def __init__(self, size: int) -> None:
        self.outcomes: list[Outcome] = [_CLOSED] * size
        self.complete: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._open = size

    def record(self, index: int, outcome: Outcome) -> None:
        self.outcomes[index] = outcome
        self._open -= 1
        if not self._open and not self.complete.done():
            self.complete.set_result(None)


class _UnderWay:
    """One message: the ids of the parts that were taken, and the worst that was said of the others."""

    def __init__(self, batch: _Batch, index: int, message_id: str, ids: list[str | None]) -> None:
        self.batch = batch
        self.index = index
        self.message_id = message_id
        self.ids = ids
        self.left = ids.count(None)
        self.worst: Outcome | None = None

    @property
    def refused(self) -> Outcome | None:
        """That it will never go, if that is known: no more of its parts are submitted then."""
        return self.worst if self.worst is not None and self.worst.status == "permanent" else None

    def blame(self, outcome: Outcome) -> None:
        """The graver one stays; that something is uncertain is never forgotten."""
        worst = self.worst
        if worst is None or _graver(outcome) > _graver(worst):
            self.worst = outcome


def _graver(outcome: Outcome) -> int:
    return 3 if outcome.status == "permanent" else 2 if outcome.uncertain else 1 if outcome.status == "temporary" else 0


class SmppTransport:
    """See `clarion.channels.port.Transport`. It is open to receive, too."""

    name = "smpp"
    channel = "sms"

    def __init__(self, config: SmppConfig, given: Surroundings) -> None:
        self._config = config
        self._clock = given.clock
        self._composer = Composer(config)
        self._own = config.own_statuses()
        self._arrivals = Arrivals(config, given.name, feedback=given.feedback, clock=given.clock, ids=given.ids)
        self._pool = Pool(config, ids=given.ids, on_request=self._arrivals.take)
        self._is_open = False
        self._failure = _CLOSED
        self._quiet_until = 0.0
        self._partly: OrderedDict[str, list[str | None]] = OrderedDict()

    async def open(self) -> None:
        """Begin to bind, and to go on trying."""
        try:
            tls = await asyncio.to_thread(self._config.context)
        except (OSError, ValueError) as error:
            self._failure = Outcome("temporary", f"ca_file: {type(error).__name__}", blame="provider")
            return
        self._arrivals.open()
        self._pool.open(tls)
        self._is_open = True

    async def close(self) -> None:
        """Record what has arrived, unbind, close."""
        if self._is_open:
            self._is_open, self._failure = False, _CLOSED
            await self._arrivals.close()
            await self._pool.close()

    @property
    def bound(self) -> int:
        """How many binds there are now."""
        return self._pool.bound

    async def send(self, messages: Sequence[SmsOutgoing]) -> list[Outcome]:
        """See `Transport.send`."""
        if not self._is_open or not messages:
            return [self._failure] * len(messages)
        batch = _Batch(len(messages))
        for index, message in enumerate(messages):
            try:
                bodies = self._composer.bodies(message)
            except Invalid as error:
                batch.record(index, Outcome("permanent", error.message))
                continue
            ids = self._partly.pop(message.message_id, [])
            if len(ids) != len(bodies):
                ids = [None] * len(bodies)
            await self._submit(_UnderWay(batch, index, message.message_id, ids), bodies)
        await batch.complete
        return batch.outcomes

    async def _submit(self, message: _UnderWay, bodies: list[bytes]) -> None:
        for number, body in enumerate(bodies):
            if message.ids[number] is not None:
                continue
            refusal = message.refused or self._quiet()
            if refusal is None:
                try:
                    link = await self._pool.link()
                    refusal = message.refused or self._quiet()
                except NotBound as error:
                    refusal = error.outcome
            if refusal is None:
                link.request(pdu.SUBMIT_SM, body, partial(self._answered, message, number))
            else:
                self._settle(message, refusal)

    def _quiet(self) -> Outcome | None:
        """Why nothing is submitted just now; None when something may be."""
        left = self._quiet_until - asyncio.get_running_loop().time()
        if left <= 0:
            return None
        return Outcome("throttled", "the SMSC has asked for less", retry_after_ms=max(1, round(left * 1000)))

    def _answered(self, message: _UnderWay, number: int, answer: Answer) -> None:
        if isinstance(answer, Silence):
            detail = f"submit_sm: {answer.reason}; it is uncertain whether the message was taken"
            self._settle(message, Outcome("temporary", detail, uncertain=True))
        elif answer.status == statuses.OK and answer.command != pdu.GENERIC_NACK:
            found = pdu.decode_message_id(answer.body)
            message.ids[number] = receipts.answered_id(found, self._config.receipt_ids)
            self._settle(message, None)
        else:
            outcome = statuses.submitted(answer.status, self._own, pause_ms=round(PAUSE_SECONDS * 1000))
            if outcome.status == "throttled":
                self._quiet_until = asyncio.get_running_loop().time() + PAUSE_SECONDS
            self._settle(message, outcome)

    def _settle(self, message: _UnderWay, outcome: Outcome | None) -> None:
        """One part is through; `outcome` is None when it was taken."""
        if outcome is not None:
            message.blame(outcome)
        message.left -= 1
        if message.left:
            return
        worst = message.worst
        if worst is None:
            ids = ",".join(found for found in message.ids if found)
            worst = Outcome("sent", response=f"{statuses.OK:#010x} ESME_ROK {ids}".rstrip(), provider_message_id=ids)
        elif worst.status != "permanent" and any(found is not None for found in message.ids):
            self._partly[message.message_id] = message.ids
            if len(self._partly) > _REMEMBERED:
                self._partly.popitem(last=False)
        message.batch.record(message.index, worst)

    async def check(self) -> list[Finding]:
        """Bind, ask for a life sign, unbind. See `clarion.channels.provider.Checked`."""
        config, found = self._config, []
        if config.tls == "none":
            found.append(Finding("warning", "tls is none: the password and all texts go in the clear"))
        elif config.tls == "unverified":
            found.append(Finding("warning", "tls is unverified: anybody in between can pose as the SMSC"))
        try:
            tls = await asyncio.to_thread(config.context)
        except (OSError, ValueError) as error:
            return [*found, Finding("error", f"ca_file: {type(error).__name__}")]
        kinds: tuple[Kind, ...] = ("transceiver",) if config.bind == "transceiver" else ("transmitter", "receiver")
        for kind in kinds:
            found += await self._check_bind(kind, tls)
        return found

    async def _check_bind(self, kind: Kind, tls: ssl.SSLContext | None) -> list[Finding]:
        try:
            link = await bind(self._config, kind, tls, on_request=_come_again, on_change=lambda: None)
        except NotBound as error:
            return [Finding("error", f"bind_{kind}: {error.outcome.detail}")]
        ends = link.peer_certificate_ends()
        answer = await link.ask(pdu.ENQUIRE_LINK)
        await unbind(link, "checked")
        if isinstance(answer, Silence):
            return [Finding("error", f"enquire_link: {answer.reason}")]
        found = [Finding("ok", f"bind_{kind} as {self._config.system_id}, enquire_link answered")]
        days = (ssl.cert_time_to_seconds(ends) * 1000 - self._clock.now_ms()) / 86_400_000 if ends else _SOON_DAYS
        if days < _SOON_DAYS:
            found.append(Finding("warning", f"the SMSC's certificate ends on {ends}"))
        return found


def _come_again(link: Link, request: Pdu) -> None:
    """What is delivered to a check is not ours to take."""
    link.respond(request, statuses.TEMPORARY_APP_ERROR, pdu.encode_message_id(""))


def _identity(config: SmppConfig, message: Outgoing) -> str:
    return sender_of(config, message) if isinstance(message, SmsOutgoing) else ""


PROVIDER = Provider(
    kind="smpp",
    channel="sms",
    title="SMSC (SMPP 3.4)",
    config=SmppConfig,
    build=SmppTransport,
    features=frozenset({"receipts", "inbound", "tls", "several connections", "check"}),
    identity=_identity,
    listens=True,
)
