"""Firebase Cloud Messaging: messages to devices with Google's services, one request each.

Source: Firebase, "FCM HTTP v1 API" and "Error codes"; Google, "Using OAuth 2.0 for Server to Server Applications". A
service account lets us in. Server keys (`method` "KEY") belong to the legacy API, which Google switched off in 2024:
who still has a server that speaks it names it in the settings, everybody else is told so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from clarion.channels.port import Gone, Outcome, PushOutgoing
from clarion.channels.provider import Finding, Provider, Surroundings
from clarion.channels.push.configs import GcmConfig, ServiceAccount, service_account
from clarion.channels.push.services import answers, legacy
from clarion.channels.push.services.http2 import IN_FLIGHT, Http2, Unanswered, let_in, side_by_side
from clarion.channels.push.services.jwt import encoded, rs256
from clarion.channels.push.services.oauth import AccessToken
from clarion.core.clock import Clock, SystemClock

URL = "https://fcm.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"

SWITCHED_OFF = (
    "FCM's legacy API, which ApiKey is for, was switched off by Google in 2024: give the channel the ServiceJson of a "
    "service account and DefaultAuthenticationMethod TOKEN (or name a server of your own in fcm_legacy_endpoint_url)"
)

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LIFE_SECONDS = 3_600
_NOBODY = "nobody"
_BAD_TOKEN = "registration token"  # noqa: S105, Google's words for it


def verdict(status: int, body: bytes, headers: Mapping[str, str]) -> Outcome:
    """What an answer means. `detail` is status and Google's sentence, `response` Google's JSON,
    `provider_message_id` the `name` of the message."""
    found = answers.members(body)
    if status == 200:
        if name := answers.word(found, "name"):
            return Outcome("sent", "200", provider_message_id=name.rpartition("/")[2])
        return answers.garbage(status, body)
    error = found.get("error")
    error = error if isinstance(error, dict) else {}
    code, said = _code(error), answers.word(error, "message")
    line, response = answers.detail(status, f"{code}: {said}" if said else code), answers.text(body)
    match code:
        case "UNREGISTERED":
            return Outcome("permanent", line, response, (Gone(reason="UNREGISTERED"),))
        case "INVALID_ARGUMENT":
            dead = (Gone(reason="INVALID_ARGUMENT: " + said[:200]),) if _of_token(error, said) else ()
            return Outcome("permanent", line, response, dead)
        case "SENDER_ID_MISMATCH" | "NOT_FOUND" | "THIRD_PARTY_AUTH_ERROR":
            # The last: Google may not speak to Apple for this project; devices of Google's own do not mind.
            return Outcome("permanent", line, response)
        case _:
            return answers.usual(status, f"{code}: {said}" if said else code, body, headers)


def _code(error: Mapping[str, Any]) -> str:
    """FCM's own code, else Google's status."""
    details = error.get("details")
    for one in details if isinstance(details, list) else ():
        if isinstance(one, dict) and (code := answers.word(one, "errorCode")):
            return code
    return answers.word(error, "status")


def _of_token(error: Mapping[str, Any], said: str) -> bool:
    """Whether it is the token that is no argument, and not something else of the message."""
    if _BAD_TOKEN in said.lower():
        return True
    details = error.get("details")
    for one in details if isinstance(details, list) else ():
        violations = one.get("fieldViolations") if isinstance(one, dict) else None
        for found in violations if isinstance(violations, list) else ():
            if isinstance(found, dict) and found.get("field") == "message.token":
                return True
    return False


class _Access(AccessToken):
    """A service account's access token, for a statement that its key signs."""

    def __init__(self, http: Http2, url: str, account: ServiceAccount, clock: Clock) -> None:
        super().__init__(http, url, clock)
        self._now_ms = clock.now_ms
        self._account = account
        self._sign = rs256("ServiceJson: private_key", account.private_key)

    def form(self) -> Mapping[str, str]:
        """See `AccessToken.form`."""
        now = self._now_ms() // 1_000
        header = {"alg": "RS256", "typ": "JWT"}
        if self._account.private_key_id:
            header["kid"] = self._account.private_key_id
        claims = {
            "iss": self._account.client_email,
            "scope": SCOPE,
            "aud": self._account.token_uri,
            "iat": now,
            "exp": now + _LIFE_SECONDS,
        }
        return {"grant_type": _GRANT, "assertion": encoded(header, claims, self._sign)}


class FcmTransport:
    """See `clarion.channels.port.Transport`. `token_url` replaces the service account's own, which must be Google's:
    it is what a project's owner says, and we would call it from inside the operator's network."""

    name = "GCM"
    channel = "push"

    def __init__(
        self,
        config: GcmConfig,
        *,
        clock: Clock,
        url: str = URL,
        token_url: str = "",
        legacy_url: str = "",
        authorities: str = "",
        timeout_seconds: float = 30,
        in_flight: int = IN_FLIGHT,
    ) -> None:
        self._config = config
        self._legacy_url = legacy_url
        self._in_flight = in_flight
        self._http = Http2(authorities=authorities, timeout_seconds=timeout_seconds, only=True)
        # Nothing said, Pinpoint takes the key first. With an account beside it that would only fail.
        keyless = not config.default_authentication_method and not legacy_url and bool(config.service_json)
        self._default = "TOKEN" if keyless else config.method
        self._access: _Access | None = None
        self._send_url = self._who = ""
        if config.service_json:
            account = service_account(config.service_json)
            self._who = account.client_email
            self._send_url = f"{url.rstrip('/')}/v1/projects/{account.project_id}/messages:send"
            if token_url or _is_of_google(account.token_uri):
                self._access = _Access(self._http, token_url or account.token_uri, account, clock)

    async def open(self) -> None:
        """Read certificates; connections are made when there is something to send."""
        await self._http.open()
        if self._access is not None:
            self._access.forget()

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    async def send(self, messages: Sequence[PushOutgoing]) -> list[Outcome]:
        """See `Transport.send`."""
        return await side_by_side(messages, self._one, self._in_flight)

    async def _one(self, message: PushOutgoing) -> Outcome:
        method = _method(message.method) or self._default
        if not (self._config.api_key if method == "KEY" else self._config.service_json):
            if message.method:
                return Outcome("permanent", f"the message is to go by {method}, for which the channel has nothing")
            raise Unanswered(Outcome("temporary", f"no {method} is configured", blame="credentials"), all_of_them=True)
        if method == "TOKEN":
            return let_in(await self._deliver(message.payload))
        if not self._legacy_url:
            raise Unanswered(Outcome("permanent", SWITCHED_OFF, blame="credentials"), all_of_them=True)
        headers = {"authorization": f"key={self._config.api_key}", "content-type": "application/json"}
        body = legacy.body(message.payload)
        if body is None:
            return Outcome("permanent", "the message has no form in FCM's legacy API")
        answer = await self._http.post(self._legacy_url, headers, body)
        return let_in(legacy.verdict(answer.status, answer.body, answer.headers))

    async def _deliver(self, payload: bytes) -> Outcome:
        if self._access is None:
            why = "the token_uri of the service account is not Google's; fcm_token_url may name it"
            raise Unanswered(Outcome("temporary", why, blame="credentials"), all_of_them=True)
        token = await self._access.get()
        answer = await self._http.post(self._send_url, _headers(token), payload)
        if answer.status == 401 and b"THIRD_PARTY_AUTH_ERROR" not in answer.body:
            self._access.refused(token)
            answer = await self._http.post(self._send_url, _headers(await self._access.get()), payload)
        return verdict(answer.status, answer.body, answer.headers)

    async def check(self) -> list[Finding]:
        """Whether Google lets us in, by a message to nobody that is only looked at."""
        found = []
        if self._config.service_json:
            found.append(await self._checked())
        if self._config.api_key and not self._legacy_url:
            used = self._default == "KEY"
            found.append(Finding("error" if used else "warning", SWITCHED_OFF))
        return found

    async def _checked(self) -> Finding:
        message = {"token": _NOBODY, "data": {"check": "1"}}
        payload = msgspec.json.encode({"validate_only": True, "message": message})
        try:
            outcome = await self._deliver(payload)
        except Unanswered as error:
            outcome = error.outcome
        if outcome.status == "sent" or (outcome.status == "permanent" and outcome.events):
            return Finding("ok", f"Google lets us in as {self._who}")
        return Finding("error", f"as {self._who}: {outcome.detail}")


def _headers(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}", "content-type": "application/json"}


def _method(word: str) -> str:
    """A message's word for how to sign in, in the channel's words; "" for none."""
    return {"": "", "TOKEN": "TOKEN"}.get(word.upper(), "KEY")


def _is_of_google(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host == "accounts.google.com" or host.endswith(".googleapis.com")


def _build(config: GcmConfig, given: Surroundings) -> FcmTransport:
    settings = given.settings
    return FcmTransport(
        config,
        clock=SystemClock(),  # Google judges signatures by real time
        url=settings.fcm_endpoint_url or URL,
        token_url=settings.fcm_token_url,
        legacy_url=settings.fcm_legacy_endpoint_url,
        authorities=settings.callout_authorities,
        timeout_seconds=settings.push_timeout_seconds,
        in_flight=settings.push_in_flight,
    )


PROVIDER = Provider(
    kind="GCM",
    channel="push",
    title="Firebase Cloud Messaging",
    config=GcmConfig,
    build=_build,
    features=frozenset({"tls", "check"}),
)
