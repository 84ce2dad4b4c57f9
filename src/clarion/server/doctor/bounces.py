"""Whether what becomes of e-mails can come back at all, as far as settings tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from clarion.channels.email.inbound.listener import tls_context
from clarion.core.settings import Settings
from clarion.domain.email.service import reasons


class Way(NamedTuple):
    """What was found, and what to do about it."""

    state: Literal["well", "warning"]
    detail: str
    advice: str = ""


def ways_back(settings: Settings) -> Iterator[Way]:
    """Where mail leaves this machine: whether bounces have a way back. Raises Invalid for settings that cannot be."""
    reasons(settings.email_suppression)
    tls_context(settings.inbound_smtp_certificate, settings.inbound_smtp_key)
    told = [
        *([f"by SMTP on port {settings.inbound_smtp_port}"] if settings.inbound_smtp_port else []),
        *(["at /feedback/email"] if settings.feedback_webhook_secret else []),
    ]
    if settings.inbound_smtp_port and not (settings.bounce_domain or settings.feedback_address):
        yield Way(
            "warning",
            f"mail is taken in on port {settings.inbound_smtp_port}, but there is no address that it may be for",
            "set CLARION_BOUNCE_DOMAIN, or give sending domains one of their own (clarion domain set)",
        )
    elif settings.bounce_domain and not told:
        yield Way(
            "warning",
            f"bounces go to {settings.bounce_domain}, and nothing here takes them in",
            "set CLARION_INBOUND_SMTP_PORT in one process, or CLARION_FEEDBACK_WEBHOOK_SECRET; see email-feedback.md",
        )
    elif told:
        yield Way("well", f"bounces come back {' and '.join(told)}")
