"""E-mail to an SMTP relay, over a few connections that are kept open.

The relay is that of the `smtp_…` settings, or of a provider. What is wrong with it (it cannot be reached, or does not
let us in) is not the messages' fault, and is said so.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Sequence
from typing import ClassVar, get_args

import msgspec
from aiosmtplib import SMTP, SMTPException, SMTPHeloError, SMTPResponseException

from clarion.channels.email import headers
from clarion.channels.email.dialogue import goodbye
from clarion.channels.email.dkim import Signer
from clarion.channels.email.relay import Relay, Tls, greeting
from clarion.channels.email.replies import Reply, unavailable
from clarion.channels.email.sessions import NoSession, Sessions
from clarion.channels.port import EmailOutgoing, Outcome
from clarion.channels.provider import Finding, Provider, ProviderConfig, Surroundings
from clarion.core.errors import Invalid


class SmtpTransport:
    """See `clarion.channels.port.Transport`. `signer` adds DKIM signatures for the From domains it has keys of."""

    name = "smtp"
    channel = "email"

    def __init__(self, relay: Relay, *, connections: int = 10, signer: Signer | None = None) -> None:
        self._relay = relay
        self._connections = max(1, connections)
        self._signer = signer
        self._sessions: Sessions | None = None
        self._tls: ssl.SSLContext | None = None

    async def open(self) -> None:
        """Load certificates; connections are made when there is something to send."""
        self._tls = await asyncio.to_thread(self._relay.context)
        self._sessions = Sessions(
            self._connect,
            connections=self._connections,
            timeout_seconds=self._relay.timeout_seconds,
            signer=self._signer,
        )

    async def close(self) -> None:
        """Say goodbye on idle connections; those at work are closed when their message is through."""
        if self._sessions is not None:
            await self._sessions.close()

    async def send(self, messages: Sequence[EmailOutgoing]) -> list[Outcome]:
        """See `Transport.send`."""
        assert self._sessions is not None, "not open"
        return await self._sessions.send(messages)

    async def check(self) -> Sequence[Finding]:
        """Whether the relay answers and lets us in."""
        if self._tls is None:
            self._tls = await asyncio.to_thread(self._relay.context)
        try:
            client = await self._connect()
        except NoSession as failure:
            return [Finding("error", failure.outcome.detail)]
        encrypted = client.get_transport_info("sslcontext") is not None
        await goodbye(client)
        if not encrypted and self._relay.tls != "none":
            return [Finding("warning", f"{self._relay.where} answers, but offers no TLS")]
        return [Finding("ok", f"{self._relay.where} answers" + (" and lets us in" if self._relay.username else ""))]

    async def _connect(self) -> SMTP:
        """A connection that is ready for MAIL. Raises NoSession."""
        relay = self._relay
        client = relay.client(self._tls)
        try:
            await client.connect()
            try:
                await client.ehlo()
            except SMTPHeloError:
                await client.helo()
        except SMTPResponseException as error:
            client.close()
            raise NoSession(unavailable(relay.where, Reply(error.code, error.message))) from error
        except (SMTPException, OSError, ValueError) as error:
            client.close()
            raise NoSession(unavailable(f"{relay.where}: {error}")) from error
        except BaseException:
            client.close()
            raise
        if relay.username:
            await self._log_in(client)
        return client

    async def _log_in(self, client: SMTP) -> None:
        relay = self._relay
        try:
            if relay.tls != "none" and client.get_transport_info("sslcontext") is None:
                client.close()
                said = f"{relay.where} offers no TLS, the password was not sent (tls=none would send it in the clear)"
                raise NoSession(unavailable(said))
            await client.login(relay.username, relay.password)
        except SMTPResponseException as error:
            client.close()
            outcome = unavailable(relay.where, Reply(error.code, error.message))
            if outcome.status != "throttled":
                outcome = msgspec.structs.replace(outcome, blame="credentials")
            raise NoSession(outcome) from error
        except (SMTPException, OSError, ValueError) as error:
            client.close()
            raise NoSession(unavailable(f"{relay.where}: {error}")) from error
        except BaseException:
            client.close()
            raise


class SmtpConfig(ProviderConfig, kw_only=True, frozen=True):
    """A relay. `tls`: "none", "opportunistic", "starttls" or "tls" (see `Relay`). `authorities` is a PEM file to trust
    instead of the system's. `name` is what we call ourselves; "": the host of `public_url`."""

    SECRET: ClassVar[tuple[str, ...]] = ("password",)

    host: str = ""
    port: int = 25
    tls: Tls = "opportunistic"
    username: str = ""
    password: str = ""
    connections: int = 10
    timeout_seconds: int = 30
    name: str = ""
    authorities: str = ""

    def check(self) -> None:
        """See `ProviderConfig.check`."""
        if not self.host or any(sign in self.host for sign in " /@\r\n"):
            raise Invalid("host: must be the name or the address of the relay")
        if self.name and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}", self.name):
            raise Invalid("name: must be the name of a host")
        if not 0 < self.port < 65_536:
            raise Invalid("port: must be from 1 to 65535")
        if self.tls not in get_args(Tls):
            raise Invalid(f"tls: must be one of {', '.join(get_args(Tls))}")
        if bool(self.username) != bool(self.password):
            raise Invalid("password: username and password go together")
        if not 1 <= self.connections <= 1_000:
            raise Invalid("connections: must be from 1 to 1000")
        if not 1 <= self.timeout_seconds <= 600:
            raise Invalid("timeout_seconds: must be from 1 to 600")


def _build(config: SmtpConfig, given: Surroundings) -> SmtpTransport:
    relay = Relay(
        host=config.host,
        port=config.port,
        tls=config.tls,
        username=config.username,
        password=config.password,
        timeout_seconds=config.timeout_seconds,
        greeting=config.name or greeting(given.settings.public_url),
        authorities=config.authorities,
    )
    return SmtpTransport(relay, connections=config.connections, signer=given.signer)


PROVIDER = Provider(
    kind="smtp",
    channel="email",
    title="SMTP relay",
    config=SmtpConfig,
    build=_build,
    identity=lambda config, message: headers.sending_domain(message),
    features=frozenset(("tls", "several connections", "batches", "tracking", "bounces", "check")),
)
