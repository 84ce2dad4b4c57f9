"""What the SMSC delivers, on its way to `Feedback`: receipts and people's texts, acknowledged once they are recorded.

    deliver_sm ─┬─ receipt ──────────────────────────┐
    data_sm     ├─ text ─────────────────────────────┼─> pending ─> Feedback (a thread, many at a time)
                └─ part ─> waiting ── complete or ───┘                 ├─ recorded: ESME_ROK
                                      overdue                          └─ not: RX_T_APPN, the SMSC comes again

Whatever comes while too much is pending, or after `close`, is answered RX_T_APPN at once. A receipt that does not say
of which message is acknowledged and dropped: it would be no better the next time.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import structlog

from clarion.channels.feedback import Feedback, InboundText, ReceiptReport
from clarion.channels.sms.smpp import pdu, receipts, statuses, texts
from clarion.channels.sms.smpp.concatenation import HOLD_SECONDS, Ack, Group, Waiting
from clarion.channels.sms.smpp.config import SmppConfig
from clarion.channels.sms.smpp.link import Link
from clarion.channels.sms.smpp.pdu import Malformed, Message, Pdu
from clarion.core.clock import Clock
from clarion.core.errors import Unavailable
from clarion.core.ids import Ids

BATCH = 1_000
MOST_PENDING = 10_000
_NO_ID = pdu.encode_message_id("")

_log = structlog.get_logger(__name__)


class _Item(msgspec.Struct, eq=False):
    """Something to record, and who waits for that."""

    what: Any
    acks: list[Ack]
    group: Group | None = None


class Arrivals:
    """See above. `name` is what the operator calls the provider."""

    def __init__(self, config: SmppConfig, name: str, *, feedback: Feedback, clock: Clock, ids: Ids) -> None:
        self._config = config
        self._name = name
        self._feedback = feedback
        self._clock = clock
        self._ids = ids
        self._receipts: deque[_Item] = deque()
        self._texts: deque[_Item] = deque()
        self._waiting = Waiting(config.reassembly_seconds)
        self._something = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self._closing = False
        self.dropped = 0

    def open(self) -> None:
        self._closing = False
        self._task = asyncio.create_task(self._work(), name="smpp-arrivals")

    async def close(self) -> None:
        """Record what was acknowledged or is pending; refuse what is not complete, so that it comes again."""
        self._closing = True
        for group in self._waiting.all():
            acks = group.acks()
            if len(acks) < len(group.pieces):
                self._enqueue_group(group)
                continue
            for ack in acks:
                ack.link.respond(ack.request, statuses.TEMPORARY_APP_ERROR, _NO_ID)
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        self._something.set()
        if self._task is not None:
            await self._task
            self._task = None

    def take(self, link: Link, request: Pdu) -> None:
        """Take a deliver_sm or data_sm. Comes back at once; it is answered later."""
        if self._closing or len(self._receipts) + len(self._texts) >= MOST_PENDING:
            link.respond(request, statuses.TEMPORARY_APP_ERROR, _NO_ID)
            return
        try:
            decode = Message.decode if request.command == pdu.DELIVER_SM else Message.decode_data
            message = decode(request.body)
        except Malformed as error:
            _log.warning("smpp.malformed", provider=self._name, problem=str(error))
            self.dropped += 1
            link.respond(request, statuses.PERMANENT_APP_ERROR, _NO_ID)
            return
        ack = Ack(link, request)
        if receipts.is_receipt(message):
            self._take_receipt(message, ack)
        elif receipts.is_acknowledgement(message):
            link.respond(request, body=_NO_ID)
        else:
            self._take_text(message, ack)

    def _take_receipt(self, message: Message, ack: Ack) -> None:
        report = receipts.read(message, self._config.receipt_ids, self._clock.now_ms())
        if report is None:
            _log.warning("smpp.receipt_without_id", provider=self._name)
            self.dropped += 1
            ack.link.respond(ack.request, body=_NO_ID)
            return
        self._receipts.append(_Item(report, [ack]))
        self._something.set()

    def _take_text(self, message: Message, ack: Ack) -> None:
        now = asyncio.get_running_loop().time()
        part, octets = texts.part_of(message)
        if part is None:
            about = (message.source, message.destination, octets)
            if self._waiting.knows(about, now):
                self._waiting.forget(about)
                ack.link.respond(ack.request, body=_NO_ID)
                return
            self._enqueue(_Item(self._text(message, octets), [ack]))
            return
        key = (message.source, message.destination)
        if group := self._waiting.add(key, part, octets, message, ack, now):
            self._enqueue_group(group)
        elif self._waiting.full:
            self._sweep()
        self._watch()

    def _text(self, message: Message, octets: bytes) -> InboundText:
        return InboundText(
            inbound_id=self._ids.hex32(),
            from_number=texts.number_of(message.source),
            to_number=texts.number_of(message.destination),
            body=texts.decoded(octets, message.data_coding, self._config.alphabet),
            at_ms=self._clock.now_ms(),
        )

    def _enqueue_group(self, group: Group) -> None:
        assert isinstance(group.about, Message)
        self._enqueue(_Item(self._text(group.about, group.octets), group.acks(), group))

    def _enqueue(self, item: _Item) -> None:
        self._texts.append(item)
        self._something.set()

    def _watch(self) -> None:
        """Look after waiting parts as long as there are any."""
        if self._sweeper is None and len(self._waiting) and not self._closing:
            seconds = min(HOLD_SECONDS, self._config.reassembly_seconds) / 2
            self._sweeper = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        self._sweeper = None
        self._sweep()
        self._watch()

    def _sweep(self) -> None:
        for group in self._waiting.overdue(asyncio.get_running_loop().time()):
            self._enqueue_group(group)

    async def _work(self) -> None:
        while not self._closing or self._receipts or self._texts:
            if not self._receipts and not self._texts:
                self._something.clear()
                await self._something.wait()
            if self._receipts:
                await self._hand(_front(self._receipts), self._record_receipts)
            if self._texts:
                await self._hand(_front(self._texts), self._record_texts)

    def _record_receipts(self, reports: Sequence[ReceiptReport]) -> None:
        self._feedback.receipts(self._name, reports)

    def _record_texts(self, found: Sequence[InboundText]) -> None:
        self._feedback.texts(self._name, found)

    async def _hand(self, items: list[_Item], record: Callable[[Sequence[Any]], None]) -> None:
        try:
            await asyncio.to_thread(record, [item.what for item in items])
        except Unavailable as error:
            _log.warning("smpp.feedback_unavailable", provider=self._name, problem=error.message)
            self._answer(items, False)
        except Exception:
            if len(items) > 1:
                # One of them is to blame: it must not hold up the others.
                for item in items:
                    await self._hand([item], record)
                return
            _log.exception("smpp.feedback_failed", provider=self._name)
            self._answer(items, False)
        else:
            self._answer(items, True)

    def _answer(self, items: list[_Item], recorded: bool) -> None:
        now = asyncio.get_running_loop().time()
        status = statuses.OK if recorded else statuses.TEMPORARY_APP_ERROR
        for item in items:
            if item.group is not None:
                settle = self._waiting.recorded if recorded else self._waiting.not_recorded
                settle(item.group, now)
            for link, request in item.acks:
                told = link.respond(request, status, _NO_ID)
                if recorded and not told and item.group is None and request.command == pdu.DELIVER_SM:
                    self._not_told(request, now)
        self._watch()

    def _not_told(self, request: Pdu, now: float) -> None:
        """The SMSC will send it again, on its next connection."""
        message = Message.decode(request.body)
        if not receipts.is_receipt(message):
            self._waiting.remember((message.source, message.destination, texts.part_of(message)[1]), now)


def _front(items: deque[_Item]) -> list[_Item]:
    return [items.popleft() for _ in range(min(BATCH, len(items)))]
