"""What comes back from providers, out of the blue: receipts, text messages from people, the course of calls, bounces.

Providers hand it to `Feedback` and acknowledge it to their peer only once the call has returned: then it is durable.
The same thing told twice is recorded once. What is about a message that nobody here knows is dropped and counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from clarion.channels.port import Bounce, Complaint, Delivery

CallState = Literal["INITIATED", "RINGING", "ANSWERED", "COMPLETED", "BUSY", "NO_ANSWER", "FAILED", "CANCELLED"]


class ReceiptReport(msgspec.Struct, frozen=True, kw_only=True):
    """A provider's word on a text message that left earlier, named by the provider's id for it.

    `final` is False while more is to come (BUFFERED, ENROUTE). `record_status` is in Pinpoint's words (DELIVERED,
    UNREACHABLE, BLOCKED, CARRIER_BLOCKED, SPAM, INVALID, TTL_EXPIRED, UNKNOWN …), `detail` in the provider's own.
    """

    provider_message_id: str
    kind: Literal["SUCCESS", "FAILURE", "OPTOUT", "BUFFERED"]
    record_status: str
    final: bool = True
    at_ms: int = 0
    detail: str = ""
    origination_number: str = ""
    price_millicents: float | None = None


class InboundText(msgspec.Struct, frozen=True, kw_only=True):
    """A text message from a person. `inbound_id` tells it from others of this provider."""

    inbound_id: str
    from_number: str
    to_number: str
    body: str
    at_ms: int = 0
    previous_provider_message_id: str = ""


class CallReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a call, named by the provider's id for it. `seconds` is how long people were connected."""

    provider_message_id: str
    state: CallState
    at_ms: int = 0
    seconds: int = 0
    detail: str = ""
    price_millicents: float | None = None


class MailReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an e-mail, named by project and our own message id.

    Where the project is not known (""), `hour_ms` is the hour the message was sent in (Unix ms of its beginning), as a
    bounce's address tells. `headers` are those of the mail that somebody complained about, whole, `source_ip` where
    the complaint says it came from.
    """

    app_id: str
    message_id: str
    recipient: str
    fact: Bounce | Complaint | Delivery
    at_ms: int = 0
    headers: Sequence[tuple[str, str]] = ()
    hour_ms: int = 0
    source_ip: str = ""


class Feedback(Protocol):
    """Whoever records it. `provider` is the name of the provider's lane set, as configured. May be called from any
    thread but not from an event loop: it writes to a database. Raises Unavailable when it cannot; then nothing is kept.
    """

    def receipts(self, provider: str, reports: Sequence[ReceiptReport]) -> None: ...

    def texts(self, provider: str, texts: Sequence[InboundText]) -> None: ...

    def calls(self, provider: str, reports: Sequence[CallReport]) -> None: ...

    def mails(self, reports: Sequence[MailReport]) -> None: ...


class Nobody:
    """Feedback that nobody wants: tests, benchmarks."""

    def receipts(self, provider: str, reports: Sequence[ReceiptReport]) -> None:
        """Dropped."""

    def texts(self, provider: str, texts: Sequence[InboundText]) -> None:
        """Dropped."""

    def calls(self, provider: str, reports: Sequence[CallReport]) -> None:
        """Dropped."""

    def mails(self, reports: Sequence[MailReport]) -> None:
        """Dropped."""
