"""E-mails to send in tests."""

from __future__ import annotations

from typing import Any

from clarion.channels.port import EmailOutgoing


def letter(**changes: Any) -> EmailOutgoing:
    """A small valid e-mail, with whatever a test wants to be different."""
    fields: dict[str, Any] = {
        "message_id": "0123456789abcdef0123456789abcdef",
        "account": "000000000001",
        "app_id": "a" * 32,
        "from_address": '"Acme Shop" <shop@acme.test>',
        "to_address": "lea@example.com",
        "subject": "Your order",
        "text": "It is on its way.",
        "html": "<p>It is on its way.</p>",
        "sent_at_ms": 1_804_151_402_000,
    }
    return EmailOutgoing(**(fields | changes))
