"""Amazon Device Messaging and Baidu Cloud Push: what they are asked, and what the checks find out."""

from __future__ import annotations

import asyncio
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote

import pytest

from clarion.channels.catalog import provider
from clarion.channels.port import Gone, Moved
from clarion.channels.provider import Surroundings
from clarion.channels.push.configs import AdmConfig, BaiduConfig
from clarion.channels.push.notification import Notification
from clarion.core.clock import VirtualClock
from clarion.core.ids import SystemIds
from clarion.core.settings import Settings
from tests.channels.push.authority import authority
from tests.channels.push.fake import Answer, Asked, PushService, Reply
from tests.channels.push.scenes import ACCESS, GRANTED, SCENES, adm, answering, baidu, message, running
from tests.channels.servers import run

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
TAKEN = '{"request_id":1,"response_params":{"msg_id":"m-1","send_time":1}}'


def test_amazon_gets_what_it_documents(tmp_path: Path) -> None:
    async def scenario() -> None:
        service = answering(SCENES["adm"], lambda asked: Reply(body='{"registrationID":"new"}'))
        async with running(service, adm, tmp_path) as transport:
            one = message(
                "ADM", to_address="amzn1.adm-registration.v3.a/b?c", said=Notification(body="B", collapse="k")
            )
            (outcome,) = await transport.send([one])
            assert (outcome.status, outcome.events) == ("sent", (Moved("new"),))
        grant, asked = service.asked
        form = {name: values[0] for name, values in parse_qs(grant.body.decode()).items()}
        assert form == {
            "grant_type": "client_credentials",
            "scope": "messaging:push",
            "client_id": "client",
            "client_secret": "secret-of-adm",
        }
        assert asked.path == "/messaging/registrations/amzn1.adm-registration.v3.a%2Fb%3Fc/messages"
        assert asked.headers["authorization"] == "Bearer access-1"
        assert asked.headers["x-amzn-type-version"] == "com.amazon.device.messaging.ADMMessage@1.0"
        assert asked.headers["x-amzn-accept-type"] == "com.amazon.device.messaging.ADMSendResult@1.0"
        assert json.loads(asked.body)["consolidationKey"] == "k"

    run(scenario())


@pytest.mark.parametrize("address", ["", "..", "a\r\nb: c", "a b", "é", "a" * 3_000])
def test_a_malformed_registration_is_dead_and_never_asked_about(tmp_path: Path, address: str) -> None:
    async def scenario() -> None:
        service = answering(SCENES["adm"])
        async with running(service, adm, tmp_path) as transport:
            (outcome,) = await transport.send([message("ADM", to_address=address)])
            assert outcome.status == "permanent"
            assert isinstance(outcome.events[0], Gone)
            assert service.asked == []

    run(scenario())


def test_an_access_token_that_amazon_calls_expired_costs_no_message(tmp_path: Path) -> None:
    given: list[int] = []

    def answer(asked: Asked) -> Answer:
        if asked.path == ACCESS:
            given.append(1)
            return Reply(body=json.dumps({"access_token": f"t-{len(given)}", "expires_in": 3600}))
        if asked.headers["authorization"] == "Bearer t-1":
            return Reply(401, '{"reason":"AccessTokenExpired"}')
        return Reply(body='{"registrationID":"x"}')

    async def scenario() -> None:
        async with running(PushService(answer), adm, tmp_path) as transport:
            outcomes = await transport.send([message("ADM", number) for number in range(30)])
            assert {one.status for one in outcomes} == {"sent"}
            assert len(given) == 2

    run(scenario())


def test_amazon_over_http_1(tmp_path: Path) -> None:
    """Whoever does not offer HTTP/2 is spoken to as before."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                size = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n", 1)[0])
                await reader.readexactly(size)
                body = (GRANTED if b"POST /token" in head else '{"registrationID":"x"}').encode()
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
        except asyncio.IncompleteReadError:
            writer.close()

    async def scenario() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=authority().server(tmp_path))
        transport = adm(f"https://localhost:{server.sockets[0].getsockname()[1]}")
        await transport.open()
        outcomes = await transport.send([message("ADM", number) for number in range(30)])
        await transport.close()
        server.close()
        assert {one.status for one in outcomes} == {"sent"}

    run(scenario())


@pytest.mark.parametrize(
    ("answer", "level"),
    [
        (Reply(400, '{"reason":"InvalidRegistrationId"}'), "ok"),
        (Reply(401, '{"reason":"AccessTokenExpired"}'), "error"),
        (Reply(503), "error"),
    ],
)
def test_the_check_of_amazon(tmp_path: Path, answer: Reply, level: str) -> None:
    async def scenario() -> None:
        async with running(answering(SCENES["adm"], lambda asked: answer), adm, tmp_path) as transport:
            (found,) = await transport.check()
            assert found.level == level

    run(scenario())


def test_baidu_gets_a_form_with_its_signature(tmp_path: Path) -> None:
    async def scenario() -> None:
        service = PushService(lambda asked: Reply(body=TAKEN))
        async with running(service, baidu, tmp_path, clock=VirtualClock(NOON)) as transport:
            one = message(
                "BAIDU",
                to_address="4099091116498016469",
                said=Notification(title="T é", body="a+b &=", time_to_live=90),
            )
            (outcome,) = await transport.send([one])
            assert (outcome.status, outcome.provider_message_id) == ("sent", "m-1")
        (asked,) = service.asked
        assert asked.path == "/rest/3.0/push/single_device"
        assert asked.headers["user-agent"].startswith("BCCS_SDK/3.0 (")
        form = {name: values[0] for name, values in parse_qs(asked.body.decode(), strict_parsing=True).items()}
        signature = form.pop("sign")
        assert form == {
            "apikey": "key",
            "timestamp": str(int(NOON.timestamp())),
            "channel_id": "4099091116498016469",
            "msg": one.payload.decode(),
            "msg_type": "1",
            "msg_expires": "90",
        }
        # As PHP's urlencode does it, which is what Baidu documents.
        url = f"https://{asked.headers[':authority']}{asked.path}"
        told = "POST" + url + "".join(f"{name}={form[name]}" for name in sorted(form)) + "secret-of-baidu"
        escaped = quote(told, safe="-_.").replace("~", "%7E").replace("%20", "+")
        assert signature == hashlib.md5(escaped.encode()).hexdigest()

    run(scenario())


@pytest.mark.parametrize(
    ("answer", "level"),
    [
        (Reply(400, '{"error_code":30608,"error_msg":"bind relation not found"}'), "ok"),
        (Reply(403, '{"error_code":30602,"error_msg":"Request Params Not Valid"}'), "error"),
        (Reply(400, "<html>"), "error"),
        (Reply(503), "error"),
    ],
)
def test_the_check_of_baidu(tmp_path: Path, answer: Reply, level: str) -> None:
    async def scenario() -> None:
        async with running(PushService(lambda asked: answer), baidu, tmp_path) as transport:
            (found,) = await transport.check()
            assert found.level == level

    run(scenario())


@pytest.mark.parametrize(
    ("kind", "config", "setting", "default"),
    [
        ("ADM", AdmConfig(client_id="a", client_secret="b"), "adm_endpoint_url", "https://api.amazon.com"),
        ("BAIDU", BaiduConfig(api_key="a", secret_key="b"), "baidu_endpoint_url", "https://api.tuisong.baidu.com"),
    ],
)
def test_each_goes_to_its_service_or_where_settings_say(kind: str, config: Any, setting: str, default: str) -> None:
    def built(settings: Settings) -> Any:
        given = Surroundings(name="x", settings=settings, clock=VirtualClock(), ids=SystemIds())
        return provider("push", kind).build(config, given)

    assert built(Settings())._url.startswith(default)
    assert built(Settings(**{setting: "https://own.test/"}))._url.startswith("https://own.test")  # type: ignore[arg-type]
    assert "secret" not in repr(built(Settings()))
