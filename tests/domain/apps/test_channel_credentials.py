"""Which credentials are taken, which are refused, and that no refusal tells what was in them."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import convert

from clarion.channels.push.configs import service_account
from clarion.core.errors import Invalid
from clarion.domain.apps.channels.kinds import KINDS
from clarion.shapes import pinpoint as shapes
from tests import credentials as made

SHAPES: dict[str, Any] = {
    "APNS": shapes.APNSChannelRequest,
    "GCM": shapes.GCMChannelRequest,
    "ADM": shapes.ADMChannelRequest,
    "BAIDU": shapes.BaiduChannelRequest,
    "SMS": shapes.SMSChannelRequest,
    "VOICE": shapes.VoiceChannelRequest,
}
P384 = ec.generate_private_key(ec.SECP384R1())
METHOD = "DefaultAuthenticationMethod"


def check(kind: str, body: dict[str, Any]) -> None:
    """What configuring a new channel checks."""
    declared = KINDS[kind]
    sent = convert(body, SHAPES[kind])
    declared.check_sent(declared.read(sent))
    declared.check_whole(declared.merge(None, sent))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("APNS", made.token()),
        ("APNS", made.certified()),
        ("APNS", made.certified(BundleId="com.acme.shop")),
        ("APNS", {**made.token(), **made.certified()}),
        *(("APNS", made.token(**{METHOD: word})) for word in ("TOKEN", "KEY", "key", "")),
        ("APNS", made.certified(**{METHOD: "certificate"})),
        ("APNS", made.certified(Certificate="Bag Attributes\n    friendlyName: x\n" + made.certificate())),
        ("GCM", {"ApiKey": "AAAA-key_1:x"}),
        ("GCM", {"ServiceJson": made.service_account()}),
        ("GCM", {"ServiceJson": made.service_account(), METHOD: "token"}),
        ("GCM", {"ServiceJson": made.service_account(), "ApiKey": "k", METHOD: "KEY"}),
        ("GCM", {"ServiceJson": made.service_account(token_uri=None, private_key_id=None, universe_domain="x")}),
        ("ADM", {"ClientId": "amzn1.application-oa2-client.1", "ClientSecret": "s"}),
        ("BAIDU", {"ApiKey": "k", "SecretKey": "s"}),
        ("SMS", {}),
        ("SMS", {"SenderId": "Acme-Shop_1", "ShortCode": "54321"}),
        ("VOICE", {}),
    ],
)
def test_right_credentials_are_taken(kind: str, body: dict[str, Any]) -> None:
    check(kind, body)


@pytest.mark.parametrize(
    ("kind", "body", "field"),
    [
        ("APNS", {}, "Certificate: missing"),
        ("APNS", {"BundleId": "com.acme.shop"}, "Certificate: missing"),
        *(("APNS", made.token(**{name: ""}), f"{name}: missing") for name in made.token()),
        ("APNS", made.certified(PrivateKey=""), "PrivateKey: missing"),
        ("APNS", made.certified(Certificate=""), "Certificate: missing"),
        ("APNS", made.certified(**{METHOD: "TOKEN"}), "BundleId: missing"),
        ("APNS", made.token(**{METHOD: "CERTIFICATE"}), "Certificate: missing"),
        ("APNS", made.token(**{METHOD: "PASSWORD"}), METHOD),
        ("APNS", made.certified(TeamId="ABCDE12345"), "BundleId: missing"),
        ("APNS", made.token(BundleId="com.acme\r\nx: y"), "BundleId"),
        ("APNS", made.token(TeamId="A B"), "TeamId"),
        ("APNS", made.token(TokenKeyId="K" * 65), "TokenKeyId"),
        ("APNS", made.token(TokenKey="c2VjcmV0"), "TokenKey: must be a private key"),
        ("APNS", made.token(TokenKey=made.pem(made.rsa_key())), "TokenKey: must be an EC key"),
        ("APNS", made.token(TokenKey=made.pem(P384)), "TokenKey: must be an EC key"),
        ("APNS", made.token(TokenKey=made.pem(made.ec_key(), b"x")), "TokenKey: is protected"),
        ("APNS", made.certified(Certificate="c2VjcmV0"), "Certificate: must be"),
        ("APNS", made.certified(Certificate=made.pem(made.rsa_key())), "Certificate: must be"),
        ("APNS", made.certified(PrivateKey=made.certificate()), "PrivateKey: must be"),
        ("APNS", made.certified(PrivateKey=made.pem(made.ec_key())), "PrivateKey: is not the key"),
        ("GCM", {}, "ApiKey: missing"),
        ("GCM", {METHOD: "TOKEN"}, "ApiKey: missing"),
        ("GCM", {"ApiKey": "k", METHOD: "TOKEN"}, "ServiceJson: missing"),
        ("GCM", {"ServiceJson": made.service_account(), METHOD: "KEY"}, "ApiKey: missing"),
        ("GCM", {"ApiKey": "k", METHOD: "CERTIFICATE"}, METHOD),
        ("GCM", {"ApiKey": "two words"}, "ApiKey"),
        ("GCM", {"ApiKey": "k\n"}, "ApiKey"),
        ("GCM", {"ApiKey": "k" * 4097}, "ApiKey"),
        ("GCM", {"ServiceJson": "c2VjcmV0"}, "ServiceJson: is not"),
        ("GCM", {"ServiceJson": "[]"}, "ServiceJson: is not"),
        ("GCM", {"ServiceJson": '{"project_id": 1}'}, "ServiceJson: is not"),
        ("GCM", {"ServiceJson": made.service_account(client_email=None)}, "client_email"),
        ("GCM", {"ServiceJson": made.service_account(type="authorized_user")}, "type must be"),
        ("GCM", {"ServiceJson": made.service_account(project_id="a/../b c")}, "project_id"),
        ("GCM", {"ServiceJson": made.service_account(token_uri="http://10.0.0.1/")}, "token_uri"),
        ("GCM", {"ServiceJson": made.service_account(private_key="c2VjcmV0")}, "private_key must be|private_key: must"),
        ("GCM", {"ServiceJson": made.service_account(private_key=made.pem(made.ec_key()))}, "private_key must be"),
        ("ADM", {"ClientId": "", "ClientSecret": "s"}, "ClientId"),
        ("ADM", {"ClientId": "i", "ClientSecret": "s\r\nx"}, "ClientSecret"),
        ("BAIDU", {"ApiKey": "é", "SecretKey": "s"}, "ApiKey"),
        ("BAIDU", {"ApiKey": "k", "SecretKey": ""}, "SecretKey"),
        ("SMS", {"SenderId": "TwelveLetter"}, "SenderId"),
        ("SMS", {"SenderId": "Ac me"}, "SenderId"),
        ("SMS", {"ShortCode": "12"}, "ShortCode"),
        ("SMS", {"ShortCode": "+12345"}, "ShortCode"),
    ],
)
def test_wrong_credentials_are_refused(kind: str, body: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid, match=field) as caught:
        check(kind, body)
    text = caught.value.message
    assert caught.value.__cause__ is None
    assert "c2VjcmV0" not in text
    assert "PRIVATE" not in text


def test_a_service_account_as_transports_read_it() -> None:
    account = service_account(made.service_account())
    assert (account.project_id, account.token_uri) == ("acme-shop", "https://oauth2.googleapis.com/token")
    assert account.private_key == made.pem(made.rsa_key())
