"""A connection to one address of a mail server, ready for MAIL, encrypted as wanted.

With `opportunistic` a server whose TLS does not work is talked to without for a while, as mail servers do among
themselves: the alternative would be no mail at all, and whoever can break TLS can also hide that it is offered.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable

from aiosmtplib import SMTP, SMTPException, SMTPHeloError, SMTPResponseException

from clarion.channels.email.mx.config import Tls
from clarion.channels.email.replies import Reply

_PLAIN_SECONDS = 600.0
_MOST_PLAIN = 10_000


class NotConnected(Exception):
    """This address did not become a connection; the text says why. `reply` is the server's, if it said anything.

    `loop`: it was ourselves who answered.
    """

    def __init__(self, message: str, reply: Reply | None = None, *, loop: bool = False) -> None:
        super().__init__(message)
        self.reply = reply
        self.loop = loop


class Connector:
    """Connects as `name`; `own` are our names, small letters. `authorities` is a PEM file to trust instead of the
    system's."""

    def __init__(
        self,
        *,
        name: str,
        own: frozenset[str],
        port: int,
        timeout_seconds: float,
        authorities: str,
        now: Callable[[], float],
    ) -> None:
        self._name = name
        self._own = own
        self._port = port
        self._timeout = timeout_seconds
        self._now = now
        self._verified = ssl.create_default_context(cafile=authorities or None)
        self._unverified = ssl.create_default_context()
        self._unverified.check_hostname = False
        self._unverified.verify_mode = ssl.CERT_NONE
        self._plain: dict[str, float] = {}

    async def connect(self, host: str, address: str, tls: Tls) -> SMTP:
        """Raises NotConnected."""
        if tls != "opportunistic":
            return await self._session(host, address, tls)
        if self._plain.get(host, 0.0) > self._now():
            return await self._session(host, address, None)
        try:
            return await self._session(host, address, tls)
        except _TlsFailed:
            if len(self._plain) >= _MOST_PLAIN:
                self._plain.clear()
            self._plain[host] = self._now() + _PLAIN_SECONDS
            return await self._session(host, address, None)

    async def _session(self, host: str, address: str, tls: Tls | None) -> SMTP:
        where = f"{host} [{address}]"
        sock = await self._socket(where, address)
        client = SMTP(
            hostname=host, sock=sock, port=None, local_hostname=self._name, timeout=self._timeout, start_tls=False
        )
        try:
            await client.connect()
            await self._greet(client, where)
            if tls is not None:
                await self._encrypt(client, where, host, tls)
        except SMTPResponseException as error:
            client.close()
            reply = Reply(error.code, error.message)
            raise NotConnected(f"{where}: {reply.line}", reply) from error
        except (SMTPException, OSError, ValueError) as error:
            client.close()
            raise NotConnected(f"{where}: {error}") from error
        except BaseException:
            client.close()
            sock.close()
            raise
        return client

    async def _socket(self, where: str, address: str) -> socket.socket:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            sock = socket.socket(family, socket.SOCK_STREAM)
        except OSError as error:
            raise NotConnected(f"{where}: {error}") from error
        sock.setblocking(False)
        try:
            async with asyncio.timeout(self._timeout):
                await asyncio.get_running_loop().sock_connect(sock, (address, self._port))
        except TimeoutError as error:
            sock.close()
            raise NotConnected(f"{where}: no answer") from error
        except OSError as error:
            sock.close()
            raise NotConnected(f"{where}: {error.strerror or error}") from error
        except BaseException:
            sock.close()
            raise
        return sock

    async def _greet(self, client: SMTP, where: str) -> None:
        try:
            reply = await client.ehlo()
        except SMTPHeloError:
            reply = await client.helo()
        if reply.message.split(None, 1)[:1] and reply.message.split(None, 1)[0].lower() in self._own:
            client.close()
            raise NotConnected(f"{where} is this machine itself", loop=True)

    async def _encrypt(self, client: SMTP, where: str, host: str, tls: Tls) -> None:
        if not client.supports_extension("starttls"):
            if tls != "opportunistic":
                client.close()
                raise NotConnected(f"{where} offers no TLS")
            return
        context = self._verified if tls == "verify" else self._unverified
        try:
            await client.starttls(server_hostname=host, tls_context=context)
            await client.ehlo()
        except (SMTPException, OSError, ValueError) as error:
            client.close()
            raise _TlsFailed(f"{where}: TLS: {error}") from error


class _TlsFailed(NotConnected):
    """It was there, but encryption did not come about."""
