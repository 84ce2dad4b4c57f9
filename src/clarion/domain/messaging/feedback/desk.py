"""Where everything that comes back from providers arrives: `channels.feedback.Feedback` for all of them.

Whoever deals with a kind of feedback registers for it once, when the process is built.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from clarion.channels.feedback import CallReport, InboundText, MailReport, ReceiptReport

Receipts = Callable[[str, Sequence[ReceiptReport]], None]
Texts = Callable[[str, Sequence[InboundText]], None]
Calls = Callable[[str, Sequence[CallReport]], None]
Mails = Callable[[Sequence[MailReport]], None]


class Desk:
    """See `clarion.channels.feedback.Feedback`."""

    def __init__(self) -> None:
        self._receipts: list[Receipts] = []
        self._texts: list[Texts] = []
        self._calls: list[Calls] = []
        self._mails: list[Mails] = []

    def on_receipts(self, handle: Receipts) -> None:
        """Receipts of text messages go to `handle`, which returns once they are durable."""
        self._receipts.append(handle)

    def on_texts(self, handle: Texts) -> None:
        """Text messages from people go to `handle`, which returns once they are durable."""
        self._texts.append(handle)

    def on_calls(self, handle: Calls) -> None:
        """What became of calls goes to `handle`, which returns once it is durable."""
        self._calls.append(handle)

    def on_mails(self, handle: Mails) -> None:
        """What became of e-mails goes to `handle`, which returns once it is durable."""
        self._mails.append(handle)

    def receipts(self, provider: str, reports: Sequence[ReceiptReport]) -> None:
        """See `Feedback`."""
        for handle in self._receipts:
            handle(provider, reports)

    def texts(self, provider: str, texts: Sequence[InboundText]) -> None:
        """See `Feedback`."""
        for handle in self._texts:
            handle(provider, texts)

    def calls(self, provider: str, reports: Sequence[CallReport]) -> None:
        """See `Feedback`."""
        for handle in self._calls:
            handle(provider, reports)

    def mails(self, reports: Sequence[MailReport]) -> None:
        """See `Feedback`."""
        for handle in self._mails:
            handle(reports)
