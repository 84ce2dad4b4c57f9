"""What Amazon SNS posts to us, checked: it is of our topic, and signed with a certificate of Amazon's.

Anybody can have a topic and post from it, so the topic's ARN has to be known beforehand. Where the certificate is says
the message itself: only hosts of SNS are asked, over TLS, never where else a name leads. A subscription is confirmed by
a request to the same hosts. Source: Amazon SNS, "Verifying the signatures of Amazon SNS messages".
"""

from __future__ import annotations

import base64
import binascii
import re
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from clarion.channels.calls.guard import Guard
from clarion.channels.calls.port import CalloutFailed, Limits
from clarion.channels.calls.web import Web
from clarion.channels.provider import Webhook
from clarion.core.errors import Forbidden, Invalid, NotFound, Unavailable
from clarion.wire.http.asgi import Response
from clarion.wire.http.plain import PlainRequest

Fetch = Callable[[str], bytes]
"""What is at a URL. Raises Unavailable."""

_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]{1,256}")
_HOST = re.compile(r"sns\.[a-z0-9-]{3,32}\.amazonaws\.com(\.cn)?")
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_MOST_KNOWN = 16


class Envelope(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """What SNS posts."""

    type: str
    message_id: str
    topic_arn: str
    message: str
    timestamp: str
    signature_version: str
    signature: str
    signing_cert_url: str = msgspec.field(name="SigningCertURL")
    subject: str | None = None
    token: str | None = None
    subscribe_url: str | None = msgspec.field(default=None, name="SubscribeURL")


_decode = msgspec.json.Decoder(Envelope).decode


def check_topic(member: str, arn: str) -> None:
    """Raises Invalid for a member of a config that is no topic; "" is none."""
    if arn and not _TOPIC.fullmatch(arn):
        raise Invalid(f"{member}: must be the ARN of a topic of SNS")


def webhook(arn: str, take: Callable[[str], None], fetch: Fetch | None = None) -> Webhook:
    """What answers the topic of an ARN ("": there is none); `take` gets the messages of its notifications, and they are
    acknowledged when it returns. What is not of the topic, or not signed by Amazon, is nobody's."""
    topic = Topic(arn, fetch=fetch)

    def answer(request: PlainRequest) -> Response:
        if request.method != "POST" or not arn:
            raise NotFound("There is nothing here")
        message = topic.opened(request.body)
        if message is not None:
            take(message)
        return Response(204, b"")

    return answer


class Topic:
    """What one topic posts. `fetch` is for tests; else hosts of SNS are asked over TLS."""

    def __init__(self, arn: str, *, fetch: Fetch | None = None) -> None:
        self._arn = arn
        self._fetch = fetch or _Fetching()
        self._lock = threading.Lock()
        self._keys: dict[str, RSAPublicKey] = {}

    def opened(self, body: bytes) -> str | None:
        """The message of a notification; None for one that was about the subscription, which is confirmed then.

        Raises Invalid for what is no message of SNS, Forbidden for one that is forged or of another topic, Unavailable
        when SNS cannot be asked.
        """
        try:
            envelope = _decode(body)
        except (msgspec.DecodeError, RecursionError) as error:
            raise Invalid("not a message of Amazon SNS") from error
        if envelope.type not in _SIGNED:
            raise Invalid("Type: is none that Amazon SNS has")
        if not self._arn or envelope.topic_arn != self._arn:
            raise Forbidden("The topic is not the provider's")
        self._check(envelope)
        if envelope.type == "Notification":
            return envelope.message
        if envelope.type == "SubscriptionConfirmation":
            self._fetch(_of_sns("SubscribeURL", envelope.subscribe_url or ""))
        return None

    def _check(self, envelope: Envelope) -> None:
        algorithm: Any = {"1": hashes.SHA1, "2": hashes.SHA256}.get(envelope.signature_version)
        if algorithm is None:
            raise Forbidden("The signature has a version that is not known")
        try:
            signature = base64.b64decode(envelope.signature, validate=True)
            self._key(envelope.signing_cert_url).verify(signature, _canonical(envelope), PKCS1v15(), algorithm())
        except (InvalidSignature, binascii.Error) as error:
            raise Forbidden("The signature is not Amazon's") from error

    def _key(self, url: str) -> RSAPublicKey:
        address = _of_sns("SigningCertURL", url)
        if not urlsplit(address).path.endswith(".pem"):
            raise Forbidden("SigningCertURL: is no certificate of Amazon SNS")
        with self._lock:
            if (known := self._keys.get(address)) is not None:
                return known
        try:
            key = x509.load_pem_x509_certificate(self._fetch(address)).public_key()
        except ValueError as error:
            raise Forbidden("SigningCertURL: is no certificate") from error
        if not isinstance(key, RSAPublicKey):
            raise Forbidden("SigningCertURL: is no certificate of Amazon SNS")
        with self._lock:
            if len(self._keys) >= _MOST_KNOWN:
                self._keys.clear()
            self._keys[address] = key
        return key


class _Fetching:
    """GET from hosts of SNS."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._web: Web | None = None

    def __call__(self, url: str) -> bytes:
        with self._lock:
            if self._web is None:
                self._web = Web(Guard(), Limits(seconds=10.0))
            web = self._web
        try:
            return web.ask("GET", url).body
        except CalloutFailed as error:
            raise Unavailable(error.reason) from error


def _of_sns(member: str, url: str) -> str:
    """The URL, when it is one of SNS's own. Raises Forbidden."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Forbidden(f"{member}: is no address of Amazon SNS") from error
    usual = parts.scheme == "https" and port in (None, 443) and parts.username is None and parts.password is None
    if not usual or not _HOST.fullmatch(parts.hostname or ""):
        raise Forbidden(f"{member}: is no address of Amazon SNS")
    return url


def _canonical(envelope: Envelope) -> bytes:
    members = {name: value for name, value in msgspec.to_builtins(envelope).items() if value is not None}
    lines = [f"{name}\n{members[name]}\n" for name in _SIGNED[envelope.type] if name in members]
    return "".join(lines).encode()
