"""Baidu Cloud Push: messages to Android devices in China, one signed form each.

Source: Baidu, "REST API" 3.0 (`push/single_device`, "签名算法", "错误码"). The address is the device's channel id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from urllib.parse import quote_plus, urlencode

from clarion.channels.port import Gone, Outcome, PushOutgoing
from clarion.channels.provider import Finding, Provider, Surroundings
from clarion.channels.push.configs import BaiduConfig
from clarion.channels.push.services import answers
from clarion.channels.push.services.http2 import CONNECTIONS, Answer, Http2, Unanswered, let_in, side_by_side
from clarion.core.clock import Clock, SystemClock

URL = "https://api.tuisong.baidu.com"

# Baidu turns away clients whose name has another form.
_HEADERS = {
    "content-type": "application/x-www-form-urlencoded;charset=utf-8",
    "user-agent": "BCCS_SDK/3.0 (clarion)",
}
_NOBODY = "0"

# 30602: wrong signature or time, 30603: unknown key, 30604: quota to be paid, 30607, 30612, 30613: the app is not one.
_NOT_LET_IN = frozenset((30602, 30603, 30604, 30607, 30612, 30613))
_NOT_BOUND = 30608
_OFTEN = frozenset((30614, 30699))
_ILL = frozenset((30600, 30606))


def sign(url: str, fields: Mapping[str, str], secret_key: str) -> str:
    """The signature of a POST: MD5 of method, address, sorted fields and secret, all of it escaped as in a form."""
    told = "".join(f"{name}={fields[name]}" for name in sorted(fields))
    return hashlib.md5(quote_plus(f"POST{url}{told}{secret_key}", safe="").encode(), usedforsecurity=False).hexdigest()


def verdict(status: int, body: bytes, headers: Mapping[str, str]) -> Outcome:
    """What an answer means. `detail` is status, Baidu's number and sentence, `response` its  JSON,
    `provider_message_id` the msg_id."""
    found = answers.members(body)
    code = found.get("error_code")
    if status == 200 and code in (None, 0):
        params = found.get("response_params")
        told = params.get("msg_id") if isinstance(params, dict) else None
        return Outcome("sent", "200", provider_message_id=str(told)) if told else answers.garbage(status, body)
    if not isinstance(code, int):
        return answers.usual(status, "", body, headers)
    line, response = (
        answers.detail(status, f"{code} {answers.word(found, 'error_msg')}"),
        answers.text(body),
    )
    if code == _NOT_BOUND:
        return Outcome("permanent", line, response, (Gone(reason=f"{code} {answers.word(found, 'error_msg')}"),))
    if code in _NOT_LET_IN:
        return Outcome("temporary", line, response, blame="credentials")
    if code in _OFTEN:
        return Outcome("throttled", line, response, retry_after_ms=answers.retry_after_ms(headers))
    if code in _ILL or status >= 500:
        wait = answers.retry_after_ms(headers)
        return Outcome("temporary", line, response, blame="provider", retry_after_ms=wait)
    return Outcome("permanent", line, response)


class BaiduTransport:
    """See `clarion.channels.port.Transport`."""

    name = "BAIDU"
    channel = "push"

    def __init__(
        self,
        config: BaiduConfig,
        *,
        clock: Clock,
        url: str = URL,
        authorities: str = "",
        timeout_seconds: float = 30,
        in_flight: int = CONNECTIONS,
    ) -> None:
        self._config = config
        self._clock = clock
        self._url = f"{url.rstrip('/')}/rest/3.0/push/single_device"
        self._in_flight = min(in_flight, CONNECTIONS)
        self._http = Http2(authorities=authorities, timeout_seconds=timeout_seconds)

    async def open(self) -> None:
        """Read certificates; connections are made when there is something to send."""
        await self._http.open()

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    async def send(self, messages: Sequence[PushOutgoing]) -> list[Outcome]:
        """See `Transport.send`."""
        return await side_by_side(messages, self._one, self._in_flight)

    async def _one(self, message: PushOutgoing) -> Outcome:
        told = {"channel_id": message.to_address, "msg": message.payload.decode(), **dict(message.headers)}
        return let_in(_verdict(await self._post(told)))

    async def _post(self, told: Mapping[str, str]) -> Answer:
        now = self._clock.now_ms() // 1_000
        fields = {"apikey": self._config.api_key, "timestamp": str(now), **told}
        fields["sign"] = sign(self._url, fields, self._config.secret_key)
        return await self._http.post(self._url, _HEADERS, urlencode(fields).encode())

    async def check(self) -> list[Finding]:
        """Whether Baidu takes our signature, by a message to a device that there is not."""
        try:
            outcome = _verdict(await self._post({"channel_id": _NOBODY, "msg_type": "0", "msg": "{}"}))
        except Unanswered as error:
            outcome = error.outcome
        if outcome.status in ("sent", "permanent") and outcome.response.startswith("{"):
            return [Finding("ok", "Baidu lets us in")]
        return [Finding("error", outcome.detail)]


def _verdict(answer: Answer) -> Outcome:
    return verdict(answer.status, answer.body, answer.headers)


def _build(config: BaiduConfig, given: Surroundings) -> BaiduTransport:
    settings = given.settings
    return BaiduTransport(
        config,
        clock=SystemClock(),  # Baidu judges signatures by real time
        url=settings.baidu_endpoint_url or URL,
        authorities=settings.callout_authorities,
        timeout_seconds=settings.push_timeout_seconds,
        in_flight=settings.push_in_flight,
    )


PROVIDER = Provider(
    kind="BAIDU",
    channel="push",
    title="Baidu Cloud Push",
    config=BaiduConfig,
    build=_build,
    features=frozenset({"tls", "check"}),
)
