"""The SMTP relay e-mail goes to: where it is, how it is encrypted, and as whom we log in."""

from __future__ import annotations

import dataclasses
import socket
import ssl
from typing import Literal, get_args
from urllib.parse import urlsplit

from aiosmtplib import SMTP

from clarion.core.errors import Invalid
from clarion.core.settings import Settings

Tls = Literal["none", "opportunistic", "starttls", "tls"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Relay:
    """Address of a relay and how to talk to it.

    `tls`: `none` never encrypts, and is the only mode that sends a password in the clear; `opportunistic`
    encrypts if the server can, without looking at its certificate; `starttls` and `tls` (from the first byte)
    insist on encryption and a valid certificate. `authorities` is a PEM file to trust instead of the
    system's. `timeout_seconds` bounds each step of the conversation, `greeting` is our name in EHLO.
    """

    host: str
    port: int = 25
    tls: Tls = "opportunistic"
    username: str = ""
    password: str = ""
    timeout_seconds: float = 30
    greeting: str = "localhost"
    authorities: str = ""

    def __repr__(self) -> str:
        return f"Relay({self.where})"

    @property
    def where(self) -> str:
        """How errors name it."""
        return f"{self.host}:{self.port}"

    @classmethod
    def from_settings(cls, settings: Settings) -> Relay:
        """The relay of the `smtp_…` settings. Raises Invalid for an unknown TLS mode."""
        tls: Tls | None = next((mode for mode in get_args(Tls) if mode == settings.smtp_tls), None)
        if tls is None:
            raise Invalid(f"settings: smtp_tls must be one of {', '.join(get_args(Tls))}")
        return cls(
            host=settings.smtp_host,
            port=settings.smtp_port,
            tls=tls,
            username=settings.smtp_username,
            password=settings.smtp_password,
            timeout_seconds=settings.smtp_timeout_seconds,
            greeting=greeting(settings.public_url),
        )

    def context(self) -> ssl.SSLContext | None:
        """What TLS connections of this relay are made with. Reads certificates from disk."""
        if self.tls == "none":
            return None
        context = ssl.create_default_context(cafile=self.authorities or None)
        if self.tls == "opportunistic":
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def client(self, context: ssl.SSLContext | None) -> SMTP:
        """A client that has not connected yet. It does not log in by itself."""
        return SMTP(
            hostname=self.host,
            port=self.port,
            local_hostname=self.greeting,
            timeout=self.timeout_seconds,
            use_tls=self.tls == "tls",
            start_tls={"none": False, "tls": False, "starttls": True, "opportunistic": None}[self.tls],
            tls_context=context,
        )


def greeting(public_url: str) -> str:
    """What we call ourselves to other mail servers: the name recipients reach us by, else this machine's."""
    name = urlsplit(public_url).hostname or socket.gethostname()
    return name if name.isascii() and name.replace("-", "").replace(".", "").isalnum() else "localhost"
