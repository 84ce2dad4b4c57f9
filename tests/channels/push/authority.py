"""A certificate authority of the tests' own: it certifies a server on loopback, and clients of push services."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.credentials import pem

DAY = timedelta(days=1)


class Authority:
    """`pem` is its own certificate, to be trusted."""

    def __init__(self, name: str = "Tests") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        own = self._builder(self._name, self._key, datetime.now(UTC) - DAY, datetime.now(UTC) + 9999 * DAY)
        own = own.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.pem = own.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, begin: datetime, end: datetime
    ) -> x509.CertificateBuilder:
        number = x509.random_serial_number()
        return x509.CertificateBuilder(self._name, subject, key.public_key(), number, begin, end)

    def server(self, folder: Path, host: str = "localhost") -> ssl.SSLContext:
        """The TLS context of a server of that name."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        names = x509.SubjectAlternativeName([x509.DNSName(host), x509.IPAddress(ip_address("127.0.0.1"))])
        builder = self._builder(subject, key, datetime.now(UTC) - DAY, datetime.now(UTC) + DAY)
        made = builder.add_extension(names, critical=False).sign(self._key, hashes.SHA256())
        path = folder / f"{host}.pem"
        path.write_bytes(made.public_bytes(Encoding.PEM) + pem(key).encode())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def client(
        self,
        *,
        topic: str = "com.acme.shop",
        days: float = 365,
        now: datetime | None = None,
        environments: str = "both",
    ) -> tuple[str, str]:
        """Certificate and key as Apple gives out for an app, in PEM; good for so many `days` from `now` on."""
        key = ec.generate_private_key(ec.SECP256R1())
        begin = now or datetime.now(UTC)
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.USER_ID, topic),
                x509.NameAttribute(NameOID.COMMON_NAME, f"Apple Push Services: {topic}"),
            ]
        )
        builder = self._builder(subject, key, begin - 400 * DAY, begin + days * DAY)
        for oid, which in (("1.2.840.113635.100.6.3.1", "sandbox"), ("1.2.840.113635.100.6.3.2", "production")):
            if environments in (which, "both"):
                null = x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), b"\x05\x00")
                builder = builder.add_extension(null, critical=False)
        made = builder.sign(self._key, hashes.SHA256())
        return made.public_bytes(Encoding.PEM).decode(), pem(key)


@cache
def authority() -> Authority:
    """The one that clients are told to trust."""
    return Authority()
