"""Apple Push Notification service: notifications to devices of Apple, one request each.

Source: Apple, "Sending notification requests to APNs" and "Handling notification responses from APNs". A token signed
by the team's key or a client certificate lets us in, as the message or the channel says; neither stands in for the
other. The id of the notification is our message id: a message that is sent again has the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal

from clarion.channels.port import Gone, Outcome, PushOutgoing
from clarion.channels.provider import Finding, Provider, Surroundings
from clarion.channels.push.configs import ApnsConfig
from clarion.channels.push.services import answers, certificates
from clarion.channels.push.services.http2 import IN_FLIGHT, Answer, Http2, Unanswered, let_in, side_by_side
from clarion.channels.push.services.jwt import ProviderToken
from clarion.core.clock import Clock, SystemClock

ApnsService = Literal["APNS", "APNS_SANDBOX", "APNS_VOIP", "APNS_VOIP_SANDBOX"]

PRODUCTION = "https://api.push.apple.com"
SANDBOX = "https://api.sandbox.push.apple.com"

_TOKEN = re.compile(r"(?:[0-9A-Fa-f]{2}){1,200}")
_HEX32 = re.compile(r"[0-9a-f]{32}")
_NOBODY = "0" * 64
_WARN = timedelta(days=30)

# Apple's word for what is wrong with our credentials or with what they are for, and not with one message.
_NOT_LET_IN = frozenset(
    "BadCertificate BadCertificateEnvironment BadEnvironmentKeyIdInToken BadTopic ExpiredProviderToken Forbidden "
    "InvalidProviderToken MissingProviderToken MissingTopic TopicDisallowed UnrelatedKeyIdInToken".split()
)
# A topic beside the bundle id for each type of notification that has one.
_SUFFIXES = {
    "voip": ".voip",
    "complication": ".complication",
    "fileprovider": ".pushkit.fileprovider",
    "location": ".location-query",
    "liveactivity": ".push-type.liveactivity",
    "pushtotalk": ".voip-ptt",
}


def verdict(status: int, body: bytes, headers: Mapping[str, str]) -> Outcome:
    """What an answer means. `detail` is "410 Unregistered", `response` Apple's JSON,
    `provider_message_id` its apns-id."""
    if status == 200:
        return Outcome("sent", "200", provider_message_id=headers.get("apns-id") or "")
    found = answers.members(body)
    reason = answers.word(found, "reason")
    line, response = answers.detail(status, reason), answers.text(body)
    if reason == "TooManyProviderTokenUpdates":
        wait = answers.retry_after_ms(headers)
        return Outcome("throttled", line, response, blame="credentials", retry_after_ms=wait)
    if reason == "TooManyRequests":  # to this device: others may go on
        return Outcome("throttled", line, response, retry_after_ms=answers.retry_after_ms(headers) or 0)
    if reason in _NOT_LET_IN:
        return Outcome("temporary", line, response, blame="credentials")
    if reason == "IdleTimeout":
        return Outcome("temporary", line, response, blame="provider")
    if status == 410:
        since = found.get("timestamp")
        since_ms = max(since, 0) if isinstance(since, int) and not isinstance(since, bool) else 0
        return Outcome("permanent", line, response, (Gone(reason=reason or "410", since_ms=since_ms),))
    if status in (404, 405) and reason:
        return Outcome("permanent", line, response)
    return answers.usual(status, reason, body, headers)


class ApnsTransport:
    """See `clarion.channels.port.Transport`. `service` decides on the host, and with its push type on the topic."""

    channel = "push"

    def __init__(
        self,
        service: ApnsService,
        config: ApnsConfig,
        *,
        url: str,
        clock: Clock,
        authorities: str = "",
        timeout_seconds: float = 30,
        in_flight: int = IN_FLIGHT,
    ) -> None:
        self.name: str = service
        self._config = config
        self._url = url.rstrip("/")
        self._clock = clock
        self._in_flight = in_flight
        self._token: ProviderToken | None = None
        self._certificate: certificates.PushCertificate | None = None
        # A connection speaks for one identity, so there is one way for each.
        self._ways: dict[str, Http2] = {}
        if config.token_key:
            self._token = ProviderToken(team_id=config.team_id, key_id=config.token_key_id, pem=config.token_key)
            self._ways["TOKEN"] = Http2(authorities=authorities, timeout_seconds=timeout_seconds, only=True)
        if config.certificate:
            self._certificate = certificates.read(config.certificate)
            identity = f"{config.certificate.strip()}\n{config.private_key.strip()}\n"
            self._ways["CERTIFICATE"] = Http2(
                authorities=authorities, timeout_seconds=timeout_seconds, identity=identity, only=True
            )

    async def open(self) -> None:
        """Read certificates; connections are made when there is something to send."""
        for way in self._ways.values():
            await way.open()

    async def close(self) -> None:
        """Let go of connections."""
        for way in self._ways.values():
            await way.close()

    async def send(self, messages: Sequence[PushOutgoing]) -> list[Outcome]:
        """See `Transport.send`."""
        return await side_by_side(messages, self._one, self._in_flight)

    async def _one(self, message: PushOutgoing) -> Outcome:
        method = _method(message.method) or self._config.method
        if method not in self._ways:
            if message.method:
                return Outcome("permanent", f"the message is to go by {method}, for which the channel has nothing")
            raise Unanswered(Outcome("temporary", f"no {method} is configured", blame="credentials"), all_of_them=True)
        if not _TOKEN.fullmatch(message.to_address):
            why = "BadDeviceToken: not a hexadecimal number"
            return Outcome("permanent", why, events=(Gone(reason=why),))
        headers = self._headers(message, method)
        return let_in(await self._deliver(method, message.to_address, headers, message.payload))

    def _headers(self, message: PushOutgoing, method: str) -> dict[str, str]:
        headers = dict(message.headers)
        if topic := self._topic(method, headers.get("apns-push-type", "alert")):
            headers["apns-topic"] = topic
        if _HEX32.fullmatch(message.message_id):
            found = message.message_id
            headers["apns-id"] = f"{found[:8]}-{found[8:12]}-{found[12:16]}-{found[16:20]}-{found[20:]}"
        return headers

    def _topic(self, method: str, push_type: str) -> str:
        base = self._config.bundle_id
        if not base and method == "CERTIFICATE" and self._certificate is not None:
            base = self._certificate.topic
        suffix = _SUFFIXES.get(push_type, "")
        return base + suffix if base and not base.endswith(suffix or "\0") else base

    async def _deliver(self, method: str, token: str, headers: dict[str, str], payload: bytes) -> Outcome:
        url = f"{self._url}/3/device/{token}"
        if method == "CERTIFICATE" or self._token is None:
            return _verdict(await self._ways[method].post(url, headers, payload))
        shown = self._token.current(self._clock.now_ms())
        answer = await self._ways[method].post(url, {**headers, "authorization": f"bearer {shown}"}, payload)
        if answer.status == 403 and b"ExpiredProviderToken" in answer.body:
            another = self._token.instead_of(shown, self._clock.now_ms())
            if another is not None:
                headers["authorization"] = f"bearer {another}"
                answer = await self._ways[method].post(url, headers, payload)
        return _verdict(answer)

    async def check(self) -> list[Finding]:
        """Whether Apple lets us in, by a notification to nobody; when the certificate ends."""
        found = self._of_certificate()
        for method in self._ways:
            headers = {"apns-push-type": "background", "apns-priority": "5"}
            if topic := self._topic(method, "voip" if "VOIP" in self.name else "background"):
                headers["apns-topic"] = topic
                headers["apns-push-type"] = "voip" if "VOIP" in self.name else "background"
            try:
                outcome = await self._deliver(method, _NOBODY, headers, b'{"aps":{"content-available":1}}')
            except Unanswered as error:
                outcome = error.outcome
            found.append(self._judged(method, outcome))
        return found

    def _judged(self, method: str, outcome: Outcome) -> Finding:
        what = f"key {self._config.token_key_id} of team {self._config.team_id}" if method == "TOKEN" else "certificate"
        error = answers.told(outcome).error
        if outcome.status == "sent" or error in ("BadDeviceToken", "DeviceTokenNotForTopic", "Unregistered"):
            return Finding("ok", f"Apple lets us in by {what}")
        return Finding("error", f"by {what}: {outcome.detail}")

    def _of_certificate(self) -> list[Finding]:
        if self._certificate is None:
            return []
        found = []
        until, now = self._certificate.until, self._clock.now()
        if until <= now:
            found.append(Finding("error", f"the certificate expired on {until:%Y-%m-%d}"))
        elif until - now <= _WARN:
            found.append(Finding("warning", f"the certificate expires on {until:%Y-%m-%d}"))
        else:
            found.append(Finding("ok", f"the certificate is good until {until:%Y-%m-%d}"))
        place = "sandbox" if "SANDBOX" in self.name else "production"
        if not getattr(self._certificate, place):
            found.append(Finding("error", f"the certificate is not for Apple's {place} environment"))
        topic = self._certificate.topic.removesuffix(".voip")
        if topic and self._config.bundle_id and topic != self._config.bundle_id.removesuffix(".voip"):
            found.append(Finding("warning", f"the certificate is for {topic}, the channel's BundleId another one"))
        return found


def _verdict(answer: Answer) -> Outcome:
    return verdict(answer.status, answer.body, answer.headers)


def _method(word: str) -> str:
    """A message's word for how to sign in, in the channel's words; "" for none."""
    return {"": "", "CERTIFICATE": "CERTIFICATE"}.get(word.upper(), "TOKEN")


def _provider(service: ApnsService, title: str) -> Provider[ApnsConfig]:
    sandbox = "SANDBOX" in service

    def build(config: ApnsConfig, given: Surroundings) -> ApnsTransport:
        settings = given.settings
        url = settings.apns_sandbox_endpoint_url if sandbox else settings.apns_endpoint_url
        return ApnsTransport(
            service,
            config,
            url=url or (SANDBOX if sandbox else PRODUCTION),
            clock=SystemClock(),  # Apple judges signatures by real time
            authorities=settings.callout_authorities,
            timeout_seconds=settings.push_timeout_seconds,
            in_flight=settings.push_in_flight,
        )

    return Provider(
        kind=service,
        channel="push",
        title=title,
        config=ApnsConfig,
        build=build,
        features=frozenset({"tls", "check"}),
    )


PROVIDERS = (
    _provider("APNS", "Apple Push Notification service"),
    _provider("APNS_SANDBOX", "Apple Push Notification service, sandbox"),
    _provider("APNS_VOIP", "Apple Push Notification service, calls"),
    _provider("APNS_VOIP_SANDBOX", "Apple Push Notification service, calls, sandbox"),
)
