"""Each push service's transport against the fake service: how it is built, what it is answered, what it is sent."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from clarion.channels.port import PushOutgoing, PushService, Transport
from clarion.channels.push import forms
from clarion.channels.push.configs import AdmConfig, ApnsConfig, BaiduConfig, GcmConfig
from clarion.channels.push.notification import Notification, Sender
from clarion.channels.push.services.adm import AdmTransport
from clarion.channels.push.services.apns import ApnsTransport
from clarion.channels.push.services.baidu import BaiduTransport
from clarion.channels.push.services.fcm import FcmTransport
from clarion.core.clock import SystemClock
from tests import credentials
from tests.channels.push import fake
from tests.channels.push.authority import authority

ACCESS = "/token"
GRANTED = json.dumps({"access_token": "access-1", "expires_in": 3600, "token_type": "Bearer"})


@cache
def token_config() -> ApnsConfig:
    return ApnsConfig(
        bundle_id="com.acme.shop",
        team_id="ABCDE12345",
        token_key_id="KEY1234567",
        token_key=credentials.pem(credentials.ec_key()),
    )


def certificate_config(**options: Any) -> ApnsConfig:
    certificate, key = authority().client(**options)
    return ApnsConfig(certificate=certificate, private_key=key)


@cache
def gcm_config() -> GcmConfig:
    return GcmConfig(service_json=credentials.service_account())


def apns(url: str, config: ApnsConfig | None = None, service: Any = "APNS", **options: Any) -> ApnsTransport:
    return ApnsTransport(service, config or token_config(), url=url, **_usual(options))


def fcm(url: str, config: GcmConfig | None = None, **options: Any) -> FcmTransport:
    options.setdefault("token_url", url + ACCESS)
    return FcmTransport(config or gcm_config(), url=url, **_usual(options))


def adm(url: str, config: AdmConfig | None = None, **options: Any) -> AdmTransport:
    config = config or AdmConfig(client_id="client", client_secret="secret-of-adm")
    return AdmTransport(config, url=url, token_url=url + ACCESS, **_usual(options))


def baidu(url: str, config: BaiduConfig | None = None, **options: Any) -> BaiduTransport:
    config = config or BaiduConfig(api_key="key", secret_key="secret-of-baidu")
    return BaiduTransport(config, url=url, **_usual(options))


def _usual(options: dict[str, Any]) -> dict[str, Any]:
    return {"clock": SystemClock(), "authorities": trusted(), "timeout_seconds": 10, **options}


_files: dict[str, str] = {}


def trusted() -> str:
    """A file with the certificate of the tests' authority."""
    return _files["trusted"]


@dataclass(frozen=True)
class Scene:
    """`taken` is an answer of success, `busy` one that wants to be left alone for 7 s, `stranger` a refusal."""

    make: Callable[..., Transport[PushOutgoing]]
    service: PushService
    taken: str
    busy: fake.Reply
    stranger: fake.Reply


_WAIT = {"retry-after": "7"}
SCENES = {
    "apns token": Scene(
        apns,
        "APNS",
        "",
        fake.Reply(429, '{"reason":"TooManyRequests"}', _WAIT),
        fake.Reply(403, '{"reason":"InvalidProviderToken"}'),
    ),
    "apns certificate": Scene(
        lambda url, **options: apns(url, certificate_config(), **options),
        "APNS_SANDBOX",
        "",
        fake.Reply(429, '{"reason":"TooManyRequests"}', _WAIT),
        fake.Reply(403, '{"reason":"BadCertificate"}'),
    ),
    "fcm": Scene(
        fcm,
        "GCM",
        '{"name":"projects/acme-shop/messages/m-1"}',
        fake.Reply(429, '{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"quota"}}', _WAIT),
        fake.Reply(403, '{"error":{"code":403,"status":"PERMISSION_DENIED","message":"no"}}'),
    ),
    "adm": Scene(
        adm,
        "ADM",
        '{"registrationID":"token-0"}',
        fake.Reply(429, '{"reason":"MaxRateExceeded"}', _WAIT),
        fake.Reply(401, '{"reason":"AccessTokenExpired"}'),
    ),
    "baidu": Scene(
        baidu,
        "BAIDU",
        '{"request_id":1,"response_params":{"msg_id":"m-1","send_time":1}}',
        fake.Reply(429, '{"request_id":1,"error_code":30699,"error_msg":"too many requests"}', _WAIT),
        fake.Reply(403, '{"request_id":1,"error_code":30603,"error_msg":"Authentication Failed"}'),
    ),
}


def messages(scene: Scene, count: int = 1, start: int = 0, **members: Any) -> list[PushOutgoing]:
    """Notifications in the form of the scene's service, each to a device of its own."""
    return [message(scene.service, number, **members) for number in range(start, start + count)]


def message(service: Any, number: int = 0, **members: Any) -> PushOutgoing:
    address = f"{number:064x}" if service.startswith("APNS") else f"token-{number}"
    address = members.pop("to_address", address)
    said = members.pop("said", None) or Notification(title=f"T{number}", body="B")
    built = forms.build(service, said, Sender(), token=address, sent_at_ms=1_800_000_000_000)
    found = PushOutgoing(
        message_id=f"{number:032x}",
        account="1",
        app_id="app",
        service=cast(PushService, service),
        to_address=address,
        payload=built.payload,
        headers=built.headers,
    )
    for name, value in members.items():
        setattr(found, name, value)
    return found


def answering(scene: Scene, answer: Callable[[fake.Asked], fake.Answer] | None = None) -> fake.PushService:
    """A service that gives access tokens, and answers the rest as it is told (else: taken)."""

    def reply(asked: fake.Asked) -> fake.Answer:
        if asked.path == ACCESS:
            return fake.Reply(body=GRANTED)
        return answer(asked) if answer is not None else fake.Reply(body=scene.taken)

    return fake.PushService(reply)


def sent(service: fake.PushService) -> list[fake.Asked]:
    """What it was asked, but for access tokens."""
    return [asked for asked in service.asked if asked.path != ACCESS]


@asynccontextmanager
async def running(
    peer: fake.PushService, make: Callable[..., Any], folder: Path, /, **options: Any
) -> AsyncIterator[Any]:
    """A transport, open, and its service at the other end."""
    async with peer.serve(authority().server(folder)) as url:
        transport = make(url, **options)
        await transport.open()
        try:
            yield transport
        finally:
            await transport.close()
