"""Our signatures, judged by dkimpy."""

from __future__ import annotations

import contextlib
import types
from base64 import b64decode
from collections.abc import Callable

import dkim
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.channels.email import mime
from clarion.channels.email.dkim import DkimKey, DkimSigner, canonical_body
from clarion.core.errors import Invalid
from tests.channels.letters import letter

AT_MS = 1_700_000_000_000


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


RSA_KEY = DkimKey("acme.test", "r1", pem(rsa.generate_private_key(65537, 2048)))
ED_KEY = DkimKey("acme.test", "e1", pem(ed25519.Ed25519PrivateKey.generate()))


def records(*keys: DkimKey) -> Callable[..., bytes | None]:
    published = {f"{key.selector}._domainkey.{key.domain}.".encode(): key.record().encode() for key in keys}
    return lambda name, timeout=5: published.get(name)


class _VerifyKey:
    """What dkimpy asks of PyNaCl, which is not installed: check one Ed25519 signature."""

    def __init__(self, key: bytes, encoder: object) -> None:
        self._key = ed25519.Ed25519PublicKey.from_public_bytes(b64decode(key))

    def verify(self, data: bytes, signature: bytes) -> None:
        self._key.verify(signature, data)


@pytest.fixture(autouse=True)
def _nacl(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = types.SimpleNamespace(
        signing=types.SimpleNamespace(VerifyKey=_VerifyKey),
        encoding=types.SimpleNamespace(Base64Encoder=None),
        exceptions=types.SimpleNamespace(BadSignatureError=InvalidSignature, ValueError=ValueError),
    )
    monkeypatch.setattr(dkim, "nacl", stand_in, raising=False)


def signed(content: bytes, *keys: DkimKey, domain: str = "acme.test") -> bytes:
    return DkimSigner(keys).sign(domain, content, AT_MS) + content


def valid(content: bytes, *keys: DkimKey, index: int = 0) -> bool:
    return bool(dkim.DKIM(content).verify(idx=index, dnsfunc=records(*keys)))


@pytest.mark.parametrize("key", [RSA_KEY, ED_KEY], ids=["rsa", "ed25519"])
def test_dkimpy_accepts_the_signature(key: DkimKey) -> None:
    content = signed(mime.build(letter(subject="Grüße " * 20)).content, key)
    assert valid(content, key)
    assert max(map(len, content.split(b"\r\n"))) < 100


def test_two_keys_sign_twice() -> None:
    content = signed(mime.build(letter()).content, RSA_KEY, ED_KEY)
    assert content.count(b"DKIM-Signature:") == 2
    assert valid(content, RSA_KEY, ED_KEY, index=0)
    assert valid(content, RSA_KEY, ED_KEY, index=1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"on its way.", b"on it's way."),
        (b"Subject: Your", b"Subject: My"),
        (b"lea@example.com", b"max@example.com"),
        (b"multipart/alternative", b"multipart/mixed"),
        (b"Date: ", b"Date: Mon, "),
        (b"\r\nFrom: ", b"\r\nFrom: ceo@acme.test\r\nFrom: "),
    ],
)
def test_what_is_changed_on_the_way_is_noticed(old: bytes, new: bytes) -> None:
    content = signed(mime.build(letter()).content, RSA_KEY)
    changed = content.replace(old, new, 1)
    assert changed != content
    assert valid(content, RSA_KEY)
    with contextlib.suppress(dkim.DKIMException):
        assert not valid(changed, RSA_KEY)


def test_what_relays_may_do_is_forgiven() -> None:
    content = signed(mime.build(letter(text="a  b \n\n", html=None)).content, RSA_KEY)
    assert valid(content.replace(b"Subject: Your order", b"SUBJECT:  Your\r\n\torder"), RSA_KEY)
    assert valid(content.replace(b"a  b ", b"a b") + b"\r\n\r\n", RSA_KEY)
    assert valid(b"Received: from x by y\r\n" + content, RSA_KEY)


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=200), subject=st.text(max_size=120), blank=st.sampled_from([" ", "\t", "\r\n", " \n "]))
def test_dkimpy_accepts_any_letter(text: str, subject: str, blank: str) -> None:
    message = letter(text=blank + text + blank * 3, html=None, subject=subject, reply_to=["ü <a@b.test>"])
    assert valid(signed(mime.build(message).content, ED_KEY), ED_KEY)


@settings(max_examples=100, deadline=None)
@given(lines=st.lists(st.text("ab \t", max_size=8), max_size=8))
def test_the_canonical_body_is_dkimpys(lines: list[str]) -> None:
    body = "\r\n".join(lines).encode()
    assert canonical_body(body) == dkim.canonicalization.Relaxed.canonicalize_body(body + b"\r\n")


def test_an_empty_body() -> None:
    assert canonical_body(b"") == b""
    content = signed(mime.build(letter(text="", html=None)).content, RSA_KEY)
    assert valid(content, RSA_KEY)


@pytest.mark.parametrize(
    ("domain", "signs"),
    [("acme.test", True), ("ACME.test", True), ("shop.eu.acme.test", True), ("evilacme.test", False), ("test", False)],
)
def test_the_key_of_the_domain_or_its_parent(domain: str, signs: bool) -> None:
    content = mime.build(letter(from_address=f"shop@{domain}")).content
    result = DkimSigner([RSA_KEY]).sign(domain, content, AT_MS)
    assert bool(result) is signs
    if signs:
        assert valid(result + content, RSA_KEY)


def test_the_nearest_domain_wins() -> None:
    own = DkimKey("eu.acme.test", "own", pem(ed25519.Ed25519PrivateKey.generate()))
    result = DkimSigner([RSA_KEY, own]).sign("shop.eu.acme.test", mime.build(letter()).content, AT_MS)
    assert b"d=eu.acme.test;" in result


def test_a_retry_signs_to_the_same_bytes() -> None:
    content = mime.build(letter()).content
    assert signed(content, RSA_KEY, ED_KEY) == signed(content, RSA_KEY, ED_KEY)


@pytest.mark.parametrize("bad", [b"", b"not a key", pem(ec.generate_private_key(ec.SECP256R1()))])
def test_keys_that_cannot_sign(bad: bytes) -> None:
    with pytest.raises(Invalid, match="DKIM key s1 of"):
        DkimKey("acme.test", "s1", bad)
