"""What becomes of a mail that came in: whom of ours it may be for, and what is reported of it.

    b+…@bounces.acme.test    the envelope sender of one message (`channels.email.verp`): bounces, deliveries, replies
    u+…@bounces.acme.test    the same token: somebody unsubscribes by mail
    fbl@acme.test            the address that feedback loops send complaints to

All else is for nobody here. An address of the first two kinds can only be had from a mail of ours, so what comes to it
is about that mail, whatever else it says. A complaint is believed by what we signed: the envelope sender, else the
unsubscribe link; else it must name a Message-ID, which nobody guesses, and the hour. Nothing is ever answered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog

from clarion.channels.email.inbound import reading
from clarion.channels.email.inbound.reading import Notice
from clarion.channels.email.verp import HOUR_MS, Bounced, Verp
from clarion.channels.feedback import Feedback, MailReport
from clarion.channels.port import Complaint
from clarion.core.clock import Clock

UNSUBSCRIBE_PREFIX = "u+"

_BOUNCE_PREFIX = "b+"

_log = structlog.get_logger(__name__)

Message = tuple[str, str]
"""Project and message id."""


class Intake:
    """Takes mails in. `linked` reads an unsubscribe link of ours, `unsubscribe` does what somebody asks by mail, and
    `count` is told the kind of each mail."""

    def __init__(
        self,
        verp: Verp,
        feedback_address: str,
        feedback: Feedback,
        *,
        linked: Callable[[str], Message | None],
        unsubscribe: Callable[[Bounced], None],
        count: Callable[[str], None],
        clock: Clock,
    ) -> None:
        self._verp = verp
        self._feedback_address = feedback_address.strip().lower()
        self._feedback = feedback
        self._linked = linked
        self._unsubscribe = unsubscribe
        self._count = count
        self._clock = clock

    def accepts(self, address: str) -> bool:
        """Whether mail to this address is taken in at all."""
        return self._is_feedback(address) or self._bounced(address) is not None or self._leaver(address) is not None

    def take(self, recipients: Sequence[str], mail: bytes) -> None:
        """Report what a mail says; durable when it returns. Raises Unavailable when it cannot be kept."""
        if leavers := [one for one in map(self._leaver, recipients) if one is not None]:
            self._count("unsubscribe")
            for one in leavers:
                self._unsubscribe(one)
            return
        notice = reading.read(mail)
        self._count(notice.kind)
        reports = self._reports(notice, recipients)
        if reports:
            self._feedback.mails(reports)
        else:
            _log.info("inbound.nothing_to_record", kind=notice.kind, bytes=len(mail))

    def _reports(self, notice: Notice, recipients: Sequence[str]) -> list[MailReport]:
        if notice.fact is None:
            return []
        bounced = [one for one in map(self._bounced, recipients) if one is not None]
        if isinstance(notice.fact, Complaint) and not bounced:
            found = self._complained(notice)
            return [found] if found is not None else []
        return [self._report(notice, "", one.message_id, one.hour_ms) for one in bounced]

    def _complained(self, notice: Notice) -> MailReport | None:
        original = notice.original
        for sender in original.senders:
            if (one := self._bounced(sender)) is not None:
                return self._report(notice, "", one.message_id, one.hour_ms)
        for link in original.links:
            if (message := self._linked(link)) is not None:
                return self._report(notice, *message, 0)
        if original.message_id and original.sent_ms:
            hour = original.sent_ms - original.sent_ms % HOUR_MS
            return self._report(notice, "", original.message_id, hour)
        return None

    def _report(self, notice: Notice, app_id: str, message_id: str, hour_ms: int) -> MailReport:
        assert notice.fact is not None
        return MailReport(
            app_id=app_id,
            message_id=message_id,
            recipient=notice.recipient,
            fact=notice.fact,
            at_ms=self._clock.now_ms(),
            headers=notice.headers,
            hour_ms=hour_ms,
            source_ip=notice.source_ip,
        )

    def _is_feedback(self, address: str) -> bool:
        return bool(self._feedback_address) and address.strip().lower() == self._feedback_address

    def _bounced(self, address: str) -> Bounced | None:
        return self._verp.read(address)

    def _leaver(self, address: str) -> Bounced | None:
        if address[: len(UNSUBSCRIBE_PREFIX)].lower() != UNSUBSCRIBE_PREFIX:
            return None
        return self._bounced(_BOUNCE_PREFIX + address[len(UNSUBSCRIBE_PREFIX) :])


def unsubscribe_address(bounce_address: str) -> str:
    """Where somebody writes to unsubscribe from the message whose bounces go to this address."""
    return UNSUBSCRIBE_PREFIX + bounce_address.removeprefix(_BOUNCE_PREFIX)
