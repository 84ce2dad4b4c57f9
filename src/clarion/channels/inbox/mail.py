"""E-mail in the local inbox, which stands in for the mailbox simulator.

Addresses of Amazon's mailbox simulator
(with or without +label) behave as they do there, so that bounces and complaints can be tried at home:

    success@simulator.amazonses.com            delivered
    bounce@simulator.amazonses.com             hard bounce, 550 5.1.1
    ooto@simulator.amazonses.com               delivered, and an automatic reply comes back
    complaint@simulator.amazonses.com          delivered, then a complaint
    suppressionlist@simulator.amazonses.com    hard bounce, as if on the global suppression list
    (an attachment that is the EICAR test file)   rejected for bad content
"""

from __future__ import annotations

import email

from clarion.channels.email import headers, mime
from clarion.channels.inbox.arrival import InboxMessage, InboxOf
from clarion.channels.port import Bounce, Complaint, Delivery, EmailOutgoing, Outcome, Rejection
from clarion.core.errors import Invalid

SIMULATOR = "simulator.amazonses.com"
_MTA = "inbox.clarion.local"
_ACCEPTED = "250 2.0.0 Delivered to the local inbox"
# In two halves, so that no virus scanner takes this file for the test file.
_EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class InboxTransport(InboxOf[EmailOutgoing]):
    """See `clarion.channels.port.Transport`."""

    channel = "email"

    def receive(self, message: EmailOutgoing, now_ms: int, arrived: list[InboxMessage]) -> Outcome:
        """See `InboxOf.receive`."""
        return _receive(message, now_ms, arrived)


def _receive(message: EmailOutgoing, now_ms: int, arrived: list[InboxMessage]) -> Outcome:
    try:
        mail = mime.build(message)
    except Invalid as error:
        return Outcome("permanent", error.message)
    if message.raw is not None and _is_infected(mail.content):
        return Outcome("permanent", "Bad content", events=(Rejection(),))
    played = simulated(mail.recipient)
    outcome = _OUTCOMES[played]
    if outcome.status == "delivered":
        arrived.append(_inbox_message(message, mail, now_ms))
        if played == "ooto":
            arrived.append(_automatic_reply(message, mail, now_ms))
    return outcome


def simulated(address: str) -> str:
    """Which part of the mailbox simulator an address is ("bounce"), or "success" for all other addresses."""
    local, _, domain = address.rpartition("@")
    played = local.partition("+")[0].lower()
    return played if domain.lower() == SIMULATOR and played in _OUTCOMES else "success"


_DELIVERY = Delivery(_ACCEPTED, _MTA)
_OUTCOMES = {
    "success": Outcome("delivered", response=_ACCEPTED, events=(_DELIVERY,)),
    "ooto": Outcome("delivered", response=_ACCEPTED, events=(_DELIVERY,)),
    "complaint": Outcome(
        "delivered", response=_ACCEPTED, events=(_DELIVERY, Complaint(user_agent="Clarion inbox", simulated=True))
    ),
    "bounce": Outcome(
        "sent",
        "mailbox simulator: bounce",
        "250 2.0.0 Accepted",
        (
            Bounce(
                bounce_type="Permanent",
                bounce_sub_type="NoEmail",
                status="5.1.1",
                diagnostic_code="smtp; 550 5.1.1 user unknown",
                reporting_mta=_MTA,
                simulated=True,
            ),
        ),
    ),
    "suppressionlist": Outcome(
        "sent",
        "mailbox simulator: on the global suppression list",
        "250 2.0.0 Accepted",
        (
            Bounce(
                bounce_type="Permanent",
                bounce_sub_type="Suppressed",
                status="5.1.1",
                diagnostic_code="The address is on the global suppression list: mail to it bounced lately",
                reporting_mta=_MTA,
                simulated=True,
            ),
        ),
    ),
}


def _inbox_message(message: EmailOutgoing, mail: mime.Mail, now_ms: int) -> InboxMessage:
    return InboxMessage(
        message_id=message.message_id,
        channel="email",
        account=message.account,
        app_id=message.app_id,
        from_address=message.from_address,
        to_address=mail.recipient,
        subject=message.subject,
        text=message.text,
        html=message.html,
        raw=mail.content,
        context=message.context,
        received_at_ms=now_ms,
    )


def _automatic_reply(message: EmailOutgoing, mail: mime.Mail, now_ms: int) -> InboxMessage:
    """What ooto@ sends to the envelope sender (RFC 3834)."""
    original = f"<{message.message_id}@{mail.domain}>"
    reply = EmailOutgoing(
        message_id=f"{message.message_id}.reply",
        account=message.account,
        app_id=message.app_id,
        from_address=mail.recipient,
        to_address=mail.sender,
        subject=f"Automatic reply: {headers.clean(message.subject)}"[:255],
        text="I am out of the office.\n",
        headers=[("Auto-Submitted", "auto-replied"), ("In-Reply-To", original), ("References", original)],
        context=message.context,
        sent_at_ms=now_ms,
    )
    return _inbox_message(reply, mime.build(reply), now_ms)


def _is_infected(content: bytes) -> bool:
    try:
        payloads = [part.get_payload(decode=True) for part in email.message_from_bytes(content).walk()]
    except (ValueError, LookupError, RecursionError):
        return False  # no mail program would find an attachment in this either
    return any(isinstance(payload, bytes) and _EICAR in payload for payload in payloads)
