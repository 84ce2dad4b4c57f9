"""What a certificate from Apple says: which app it is for, where, and until when."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from cryptography import x509
from cryptography.x509.oid import NameOID

from clarion.core.errors import Invalid

_SANDBOX = x509.ObjectIdentifier("1.2.840.113635.100.6.3.1")
_PRODUCTION = x509.ObjectIdentifier("1.2.840.113635.100.6.3.2")


class PushCertificate(NamedTuple):
    """`topic` is the bundle id ("" if it does not say); `until` when it expires."""

    topic: str
    until: datetime
    sandbox: bool
    production: bool


def read(pem: str) -> PushCertificate:
    """A certificate out of its PEM. Raises Invalid."""
    try:
        found = x509.load_pem_x509_certificate(pem.encode())
        topics = found.subject.get_attributes_for_oid(NameOID.USER_ID)
        places = {extension.oid for extension in found.extensions}
    except ValueError:
        raise Invalid("Certificate: must be a certificate in PEM") from None
    # One that says nothing of places (it is of somebody's proxy) is good for all.
    anywhere = not places & {_SANDBOX, _PRODUCTION}
    return PushCertificate(
        topic=str(topics[0].value) if topics else "",
        until=found.not_valid_after_utc,
        sandbox=anywhere or _SANDBOX in places,
        production=anywhere or _PRODUCTION in places,
    )
