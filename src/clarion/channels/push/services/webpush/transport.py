"""Web Push as a transport: one request a message (RFC 8030), encrypted (RFC 8291), signed by the project (RFC 8292).

The push service is whatever the browser named. Blame falls on a service, or on our key, only if it is one of those that
browsers really have: or anybody could subscribe with a host that refuses us and so hold up everybody's messages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from clarion.channels.calls.guard import Guard, networks
from clarion.channels.port import Gone, Outcome, PushOutgoing
from clarion.channels.provider import Finding, Provider, Surroundings
from clarion.channels.push.configs import WebPushConfig
from clarion.channels.push.services import answers, jwt
from clarion.channels.push.services.http2 import IN_FLIGHT, Unanswered, side_by_side
from clarion.channels.push.services.webpush.encryption import LONGEST, SALT, encrypt
from clarion.channels.push.services.webpush.hosts import Hosts
from clarion.channels.push.services.webpush.keys import public_of
from clarion.channels.push.services.webpush.subscriptions import Subscription, read
from clarion.core.clock import Clock, SystemClock
from clarion.core.errors import Invalid
from clarion.core.ids import Ids

KNOWN = ("googleapis.com", "push.services.mozilla.com", "push.apple.com", "notify.windows.com")
"""Domains of the push services of Chrome and its kin, Firefox, Safari and Edge."""
TOKEN_SECONDS = 12 * 3_600
"""How long a signature holds; RFC 8292 allows a day, and clocks differ."""
_RENEWED_MS = 3_600_000
_MOST_TOKENS = 1_000


class Vapid:
    """The project's signature for each push service: the same for an hour."""

    def __init__(self, config: WebPushConfig, clock: Clock) -> None:
        self._sign = jwt.es256("PrivateKey", config.private_key)
        self._config = config
        self._clock = clock
        self._tokens: dict[str, tuple[int, str]] = {}

    def header(self, origin: str) -> str:
        """The value of `Authorization` for a service."""
        now = self._clock.now_ms()
        made, token = self._tokens.get(origin, (0, ""))
        if not 0 <= now - made < _RENEWED_MS:
            claims = {"aud": origin, "exp": now // 1_000 + TOKEN_SECONDS, "sub": self._config.subject}
            token = jwt.encoded({"typ": "JWT", "alg": "ES256"}, claims, self._sign)
            if len(self._tokens) >= _MOST_TOKENS:
                self._tokens.clear()
            self._tokens[origin] = (now, token)
        return f"vapid t={token}, k={self._config.public_key}"


class WebPushTransport:
    """See `clarion.channels.port.Transport`."""

    name = "WEB_PUSH"
    channel = "push"

    def __init__(
        self, config: WebPushConfig, hosts: Hosts, *, clock: Clock, ids: Ids, in_flight: int = IN_FLIGHT
    ) -> None:
        self._config = config
        self._hosts = hosts
        self._vapid = Vapid(config, clock)
        self._ids = ids
        self._in_flight = in_flight

    async def open(self) -> None:
        """Connections are made when there is something to send."""

    async def close(self) -> None:
        """Let go of connections."""
        await self._hosts.close()

    async def send(self, messages: Sequence[PushOutgoing]) -> list[Outcome]:
        """See `Transport.send`."""
        return await side_by_side(messages, self._one, self._in_flight)

    async def _one(self, message: PushOutgoing) -> Outcome:
        if len(message.payload) > LONGEST:
            return Outcome("permanent", f"the notification is larger than {LONGEST} bytes")
        try:
            to = read(message.to_address)
        except Invalid as error:
            return Outcome("permanent", error.message, events=(Gone(reason="BadSubscription"),))
        # A key pair for each message: who learns one reads nothing else.
        key = ec.generate_private_key(ec.SECP256R1())
        body = encrypt(message.payload, to.browser, to.auth, key, self._ids.secret(SALT))
        headers = {
            **dict(message.headers),
            "content-type": "application/octet-stream",
            "content-encoding": "aes128gcm",
            "authorization": self._vapid.header(to.origin),
        }
        try:
            answer = await self._hosts.post(to.url, headers, body)
        except Unanswered as error:
            # One host of many: what is wrong with it is not wrong with the others.
            raise Unanswered(_of(to, error.outcome)) from None
        return _of(to, verdict(answer.status, answer.body, answer.headers))

    async def check(self) -> list[Finding]:
        """Whether the key pair is one. There is nobody to ask: only browsers know where to."""
        if public_of(self._config.private_key) != self._config.public_key:
            return [Finding("error", "the public key is not that of the private key")]
        return [Finding("ok", "key pair and subject are there; only a browser's own service could say more")]


def verdict(status: int, body: bytes, headers: Mapping[str, str]) -> Outcome:
    """What an answer means. `provider_message_id` is the URL of the message at the service."""
    if status in (200, 201, 202, 204):
        return Outcome("sent", str(status), provider_message_id=headers.get("location") or "")
    line, response = answers.detail(status, ""), answers.text(body)
    if status in (404, 410):
        return Outcome("permanent", line, response, (Gone(reason=f"{status} subscription is gone"),))
    if status == 400 and b"VapidPkHashMismatch" in body:
        return Outcome("permanent", line, response, (Gone(reason="VapidPkHashMismatch"),))
    return answers.usual(status, "", body, headers)


def _of(to: Subscription, outcome: Outcome) -> Outcome:
    """The outcome, blaming nobody but the message unless its service is a known one."""
    host = to.origin.removeprefix("https://").partition(":")[0]
    if any(host == known or host.endswith(f".{known}") for known in KNOWN):
        return outcome
    if outcome.status == "throttled":
        return msgspec.structs.replace(outcome, status="temporary", blame="message")
    return msgspec.structs.replace(outcome, blame="message")


def _build(config: WebPushConfig, given: Surroundings) -> WebPushTransport:
    settings = given.settings
    hosts = Hosts(
        Guard(networks("callout_networks", settings.callout_networks)),
        authorities=settings.callout_authorities,
        timeout_seconds=min(settings.push_timeout_seconds, 10),
    )
    # Services judge signatures by real time.
    return WebPushTransport(config, hosts, clock=SystemClock(), ids=given.ids, in_flight=settings.push_in_flight)


PROVIDER = Provider(
    kind="WEB_PUSH",
    channel="push",
    title="Web Push (browsers), signed with a key pair of the project's own",
    config=WebPushConfig,
    build=_build,
    features=frozenset({"tls", "check"}),
)
