"""Credentials of push services as users have them, made once per process. Nobody has ever issued any of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.x509.oid import NameOID


def pem(key: PrivateKeyTypes, password: bytes | None = None) -> str:
    """A private key in PKCS#8, as .p8 files and service accounts have it."""
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption).decode()


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    """A key as Apple gives out for tokens."""
    return ec.generate_private_key(ec.SECP256R1())


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    """A key as service accounts and certificates have it."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def certificate() -> str:
    """A certificate of `rsa_key`, signed by itself."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Apple Push Services: com.acme.shop")])
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, rsa_key().public_key(), 77, begin, begin + timedelta(days=365))
    return builder.sign(rsa_key(), hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def token(**members: str) -> dict[str, Any]:
    """Token authentication of APNs."""
    key = {"BundleId": "com.acme.shop", "TeamId": "ABCDE12345", "TokenKeyId": "KEY1234567", "TokenKey": pem(ec_key())}
    return {**key, **members}


def certified(**members: str) -> dict[str, Any]:
    """Certificate authentication of APNs."""
    return {"Certificate": certificate(), "PrivateKey": pem(rsa_key()), **members}


def service_account(**members: Any) -> str:
    """The JSON of a Google service account; a member that is None is left out."""
    account = {
        "type": "service_account",
        "project_id": "acme-shop",
        "private_key_id": "0123456789abcdef",
        "private_key": pem(rsa_key()),
        "client_email": "push@acme-shop.iam.gserviceaccount.com",
        "client_id": "1234",
        "token_uri": "https://oauth2.googleapis.com/token",
        **members,
    }
    return json.dumps({name: value for name, value in account.items() if value is not None})
