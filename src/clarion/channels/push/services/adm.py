"""Amazon Device Messaging: messages to Fire tablets and televisions, one request each.

Source: Amazon, "Send a message via ADM" and "Request an access token". An OAuth client lets us in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from clarion.channels.port import Fact, Gone, Moved, Outcome, PushOutgoing
from clarion.channels.provider import Finding, Provider, Surroundings
from clarion.channels.push.configs import AdmConfig
from clarion.channels.push.services import answers
from clarion.channels.push.services.http2 import CONNECTIONS, Http2, Unanswered, let_in, side_by_side
from clarion.channels.push.services.oauth import AccessToken
from clarion.core.clock import Clock, SystemClock

URL = "https://api.amazon.com"
TOKEN_URL = "https://api.amazon.com/auth/O2/token"  # noqa: S105, an address

_ID = re.compile(r"[!-~]{1,2000}")
_DEAD = frozenset(("Unregistered", "InvalidRegistrationId"))
_NOBODY = "nobody"
_HEADERS = {
    "content-type": "application/json",
    "accept": "application/json",
    "x-amzn-type-version": "com.amazon.device.messaging.ADMMessage@1.0",
    "x-amzn-accept-type": "com.amazon.device.messaging.ADMSendResult@1.0",
}


def verdict(status: int, body: bytes, headers: Mapping[str, str], *, address: str = "") -> Outcome:
    """What an answer means to a message for `address`. `detail` is "400 Unregistered", `response` Amazon's JSON,
    `provider_message_id` its request id. Another registration id than `address` is where the app is now."""
    found = answers.members(body)
    request_id = headers.get("x-amzn-requestid") or ""
    if status == 200:
        now = answers.word(found, "registrationID")
        if not now:
            return answers.garbage(status, body)
        moved: tuple[Fact, ...] = (Moved(now),) if address and now != address else ()
        return Outcome("sent", "200", events=moved, provider_message_id=request_id)
    reason = answers.word(found, "reason") or answers.word(found, "message")
    if reason in _DEAD:
        line, response = answers.detail(status, reason), answers.text(body)
        return Outcome("permanent", line, response, (Gone(reason=reason),), provider_message_id=request_id)
    return answers.usual(status, reason, body, headers)


class _Access(AccessToken):
    """An OAuth client's access token."""

    def __init__(self, http: Http2, url: str, config: AdmConfig, clock: Clock) -> None:
        super().__init__(http, url, clock)
        self._config = config

    def form(self) -> Mapping[str, str]:
        """See `AccessToken.form`."""
        return {
            "grant_type": "client_credentials",
            "scope": "messaging:push",
            "client_id": self._config.client_id,
            "client_secret": self._config.client_secret,
        }


class AdmTransport:
    """See `clarion.channels.port.Transport`."""

    name = "ADM"
    channel = "push"

    def __init__(
        self,
        config: AdmConfig,
        *,
        clock: Clock,
        url: str = URL,
        token_url: str = TOKEN_URL,
        authorities: str = "",
        timeout_seconds: float = 30,
        in_flight: int = CONNECTIONS,
    ) -> None:
        self._url = url.rstrip("/")
        self._in_flight = min(in_flight, CONNECTIONS)
        self._http = Http2(authorities=authorities, timeout_seconds=timeout_seconds)
        self._access = _Access(self._http, token_url, config, clock)

    async def open(self) -> None:
        """Read certificates; connections are made when there is something to send."""
        await self._http.open()
        self._access.forget()

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    async def send(self, messages: Sequence[PushOutgoing]) -> list[Outcome]:
        """See `Transport.send`."""
        return await side_by_side(messages, self._one, self._in_flight)

    async def _one(self, message: PushOutgoing) -> Outcome:
        return let_in(await self._deliver(message.to_address, message.payload))

    async def _deliver(self, address: str, payload: bytes) -> Outcome:
        if not _ID.fullmatch(address) or not address.strip("."):
            return Outcome("permanent", why := "InvalidRegistrationId: not one", events=(Gone(reason=why),))
        url = f"{self._url}/messaging/registrations/{quote(address, safe='')}/messages"
        token = await self._access.get()
        answer = await self._http.post(url, {**_HEADERS, "authorization": f"Bearer {token}"}, payload)
        if answer.status == 401:
            self._access.refused(token)
            token = await self._access.get()
            answer = await self._http.post(url, {**_HEADERS, "authorization": f"Bearer {token}"}, payload)
        return verdict(answer.status, answer.body, answer.headers, address=address)

    async def check(self) -> list[Finding]:
        """Whether Amazon lets us in, by a message to a registration that there is not."""
        try:
            outcome = await self._deliver(_NOBODY, b'{"data":{}}')
        except Unanswered as error:
            outcome = error.outcome
        if outcome.status == "sent" or any(isinstance(fact, Gone) for fact in outcome.events):
            return [Finding("ok", "Amazon lets us in")]
        return [Finding("error", outcome.detail)]


def _build(config: AdmConfig, given: Surroundings) -> AdmTransport:
    settings = given.settings
    return AdmTransport(
        config,
        clock=SystemClock(),  # how long an access token lives is told in real time
        url=settings.adm_endpoint_url or URL,
        token_url=settings.adm_token_url or TOKEN_URL,
        authorities=settings.callout_authorities,
        timeout_seconds=settings.push_timeout_seconds,
        in_flight=settings.push_in_flight,
    )


PROVIDER = Provider(
    kind="ADM",
    channel="push",
    title="Amazon Device Messaging",
    config=AdmConfig,
    build=_build,
    features=frozenset({"tls", "check"}),
)
