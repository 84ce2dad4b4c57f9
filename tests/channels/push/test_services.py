"""What the transports of all push services promise, each against a service on loopback that behaves or does not."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from h2.errors import ErrorCodes

from clarion.channels.port import Outcome
from clarion.channels.push.services.http2 import CONNECTIONS, Http2
from tests.channels.push import scenes
from tests.channels.push.authority import Authority, authority
from tests.channels.push.fake import Answer, Asked, Drop, Garbage, Half, Hang, Reply, Reset
from tests.channels.push.scenes import SCENES, Scene, answering, messages, running, sent
from tests.channels.servers import run


@pytest.fixture(params=sorted(SCENES))
def scene(request: pytest.FixtureRequest) -> Scene:
    return SCENES[request.param]


def outcomes_of(scene: Scene, folder: Path, answer: Any = None, count: int = 1, **options: Any) -> list[Outcome]:
    """What comes of messages that the service answers so."""

    async def scenario() -> list[Outcome]:
        async with running(answering(scene, answer), scene.make, folder, **options) as transport:
            found: list[Outcome] = await transport.send(messages(scene, count))
            return found

    return run(scenario())


def test_a_batch_goes_out_side_by_side_over_one_connection(scene: Scene, tmp_path: Path) -> None:
    async def scenario() -> None:
        service = answering(scene)
        async with running(service, scene.make, tmp_path, in_flight=40) as transport:
            outcomes = await transport.send(messages(scene, 300))
            assert [outcome.status for outcome in outcomes] == ["sent"] * 300
            assert len(sent(service)) == 300
            assert 1 < service.widest <= 40
            connections = service.connections
            assert connections == 1 or (connections <= CONNECTIONS and scene.service in ("ADM", "BAIDU"))
            assert [outcome.status for outcome in await transport.send(messages(scene, 3))] == ["sent"] * 3
            assert service.connections == connections

    run(scenario())


def test_each_message_has_its_own_outcome_in_order(scene: Scene, tmp_path: Path) -> None:
    refused = Reply(413, '{"reason":"PayloadTooLarge","error":{"status":"INVALID_ARGUMENT","message":"too large"}}')

    def answer(asked: Asked) -> Answer:
        marked = b"T1%22" in asked.body or b'"T1"' in asked.body
        return refused if marked else Reply(body=scene.taken)

    outcomes = outcomes_of(scene, tmp_path, answer, count=4)
    assert [outcome.status for outcome in outcomes] == ["sent", "permanent", "sent", "sent"]
    assert outcomes[1].detail.startswith("413")
    assert outcomes[1].blame == "message"


def test_no_more_streams_than_the_service_allows(scene: Scene, tmp_path: Path) -> None:
    async def scenario() -> None:
        service = answering(scene)
        service.most_streams = 3
        async with running(service, scene.make, tmp_path, in_flight=50) as transport:
            # What is sent before the service has said how many it allows it may refuse; this is sent after.
            await transport.send(messages(scene, 1))
            outcomes = await transport.send(messages(scene, 40))
            assert {outcome.status for outcome in outcomes} == {"sent"}
            assert service.widest <= 3
            assert service.connections == 1

    run(scenario())


def test_a_connection_that_says_goodbye_is_left_without_a_loss(scene: Scene, tmp_path: Path) -> None:
    async def scenario() -> None:
        count = iter(range(1_000))
        service = answering(scene, lambda asked: Reply(body=scene.taken, goodbye=next(count) % 5 == 4))
        async with running(service, scene.make, tmp_path, in_flight=1) as transport:
            outcomes = await transport.send(messages(scene, 12))
            assert {outcome.status for outcome in outcomes} == {"sent"}
            assert service.connections == 3
            assert len(sent(service)) == 12

    run(scenario())


def test_a_connection_that_ended_while_idle_is_replaced(scene: Scene, tmp_path: Path) -> None:
    async def scenario() -> None:
        service = answering(scene)
        async with running(service, scene.make, tmp_path, in_flight=5) as transport:
            for start in (0, 10, 20):
                batch = messages(scene, 10, start)
                outcomes = await transport.send(batch)
                # Cut this moment, the connection may have looked alive: then nobody knows, and the caller repeats.
                again = [one for one, outcome in zip(batch, outcomes, strict=True) if outcome.status == "temporary"]
                assert {outcome.status for outcome in await transport.send(again)} <= {"sent"}
                service.cut()
            arrived = "".join(asked.text for asked in sent(service))
            assert all(f'"T{number}"' in arrived for number in range(30))
            assert service.connections >= 3

    run(scenario())


def test_slow_down_is_throttled_with_the_time_it_says(scene: Scene, tmp_path: Path) -> None:
    (outcome,) = outcomes_of(scene, tmp_path, lambda asked: scene.busy)
    assert (outcome.status, outcome.retry_after_ms, outcome.blame) == ("throttled", 7_000, "message")


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_an_ill_service_is_to_blame(scene: Scene, tmp_path: Path, status: int) -> None:
    reply = Reply(status, "<html>bad gateway</html>", {"retry-after": "3"})
    (outcome,) = outcomes_of(scene, tmp_path, lambda asked: reply)
    assert (outcome.status, outcome.blame, outcome.uncertain) == ("temporary", "provider", False)
    assert outcome.retry_after_ms == 3_000
    assert outcome.response == "<html>bad gateway</html>"


def test_not_let_in_stops_the_batch_and_blames_the_credentials(scene: Scene, tmp_path: Path) -> None:
    async def scenario() -> None:
        service = answering(scene, lambda asked: scene.stranger)
        async with running(service, scene.make, tmp_path, in_flight=2) as transport:
            outcomes = await transport.send(messages(scene, 50))
            assert {(outcome.status, outcome.blame) for outcome in outcomes} == {("temporary", "credentials")}
            assert len(sent(service)) <= 4

    run(scenario())


@pytest.mark.parametrize(
    "answer", [Drop(), Half(), Garbage(), Reset(ErrorCodes.INTERNAL_ERROR)], ids=lambda answer: type(answer).__name__
)
def test_an_answer_that_got_lost_is_uncertain(scene: Scene, tmp_path: Path, answer: Answer) -> None:
    async def scenario() -> None:
        service = answering(scene, lambda asked: answer)
        async with running(service, scene.make, tmp_path) as transport:
            (outcome,) = await transport.send(messages(scene))
            assert (outcome.status, outcome.uncertain, outcome.blame) == ("temporary", True, "message")
            assert "may have been delivered" in outcome.detail
            assert len(sent(service)) == 1  # never sent again by itself

    run(scenario())


def test_no_answer_in_time_is_uncertain_and_others_go_on(scene: Scene, tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        return Hang() if b"T0%22" in asked.body or b'"T0"' in asked.body else Reply(body=scene.taken)

    outcomes = outcomes_of(scene, tmp_path, answer, count=6, timeout_seconds=0.5)
    assert [outcome.status for outcome in outcomes] == ["temporary", *["sent"] * 5]
    assert (outcomes[0].uncertain, outcomes[0].blame) == (True, "message")
    assert "none in 0.5 s" in outcomes[0].detail


def test_what_was_not_begun_is_certain(scene: Scene, tmp_path: Path) -> None:
    (outcome,) = outcomes_of(scene, tmp_path, lambda asked: Reset())
    assert (outcome.status, outcome.blame, outcome.uncertain) == ("temporary", "provider", False)


def test_garbage_instead_of_an_answer(scene: Scene, tmp_path: Path) -> None:
    for body in ("", "null", "[]", '{"error":[]}', '{"error":{"details":[1,{}]}}', "\xff\x00", "{" * 10_000):
        (outcome,) = outcomes_of(scene, tmp_path, lambda asked, body=body: Reply(400, body.encode("latin-1")))
        assert outcome.status == "permanent"
        assert len(outcome.response) <= 2_000
        if scene.taken:
            (outcome,) = outcomes_of(scene, tmp_path, lambda asked, body=body: Reply(200, body.encode("latin-1")))
            assert (outcome.status, outcome.uncertain) == ("temporary", True)


@pytest.mark.parametrize("value", ["é", "x" * 20_000])
def test_headers_that_are_none_do_no_harm(scene: Scene, tmp_path: Path, value: str) -> None:
    headers = dict.fromkeys(("retry-after", "date", "apns-id", "x-amzn-requestid"), value)
    for reply in (Reply(200, scene.taken, headers), Reply(503, "", headers)):
        outcomes = outcomes_of(scene, tmp_path, lambda asked, reply=reply: reply, count=3)
        assert len(outcomes) == 3
        assert {outcome.retry_after_ms for outcome in outcomes} == {None}
        assert {outcome.status for outcome in outcomes} <= {"sent", "temporary"}


HOSTILE = (
    "a\r\nx-evil: 1",
    "../../v2/elsewhere?x=1#y",
    "a\0b",
    "%0d%0ax-evil:%201",
    '"},"evil":{"a":"',
    "a&evil=1",
    "x" * 5_000,
    "é漢字😀",
)


def test_a_hostile_token_stays_a_token_and_harms_no_other(scene: Scene, tmp_path: Path) -> None:
    def evil(asked: Asked) -> bool:
        told = json.loads(asked.body) if asked.body.startswith(b"{") else dict(parse_qsl(asked.body.decode()))
        return "x-evil" in asked.headers or "evil" in told

    async def scenario() -> None:
        service = answering(scene)
        async with running(service, scene.make, tmp_path) as transport:
            good = messages(scene)
            (first,) = await transport.send(good)
            depth = max(asked.path.count("/") for asked in service.asked)
            bad = [scenes.message(scene.service, n, to_address=token) for n, token in enumerate(HOSTILE, 1)]
            *outcomes, last = await transport.send([*bad, *good])
            assert (first.status, last.status) == ("sent", "sent")
            assert {one.status for one in outcomes} <= {"permanent", "sent"}
            assert not [asked for asked in service.asked if evil(asked)]
            assert max(asked.path.count("/") for asked in service.asked) == depth

    run(scenario())


def test_what_nobody_foresaw_costs_one_message_only(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(self: Http2, url: str, headers: Any, body: bytes) -> Any:
        if b"T1%22" in body or b'"T1"' in body:
            raise RuntimeError("secret")
        return await whole(self, url, headers, body)

    whole = Http2.post
    monkeypatch.setattr(Http2, "post", broken)
    outcomes = outcomes_of(scene, tmp_path, count=4)
    assert [outcome.status for outcome in outcomes] == ["sent", "temporary", "sent", "sent"]
    assert outcomes[1].uncertain
    assert "secret" not in outcomes[1].detail


def test_a_redirect_is_not_followed(scene: Scene, tmp_path: Path) -> None:
    elsewhere = Reply(307, headers={"location": "https://elsewhere.test/"})
    (outcome,) = outcomes_of(scene, tmp_path, lambda asked: elsewhere)
    assert (outcome.status, outcome.blame) == ("temporary", "provider")
    assert outcome.detail.startswith("307")


def test_a_proxy_of_the_environment_sees_nothing(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    (outcome,) = outcomes_of(scene, tmp_path)
    assert outcome.status == "sent"


def test_a_service_with_a_wrong_certificate_hears_nothing(scene: Scene, tmp_path: Path) -> None:
    async def scenario() -> None:
        for maker, host in ((Authority("Others"), "localhost"), (authority(), "elsewhere.test")):
            service = answering(scene)
            async with service.serve(maker.server(tmp_path, host)) as url:
                transport = scene.make(url)
                await transport.open()
                outcomes = await transport.send(messages(scene, 30))
                await transport.close()
            assert {(one.status, one.blame, one.uncertain) for one in outcomes} == {("temporary", "provider", False)}
            assert "certificate" in outcomes[0].detail
            assert service.asked == []

    run(scenario())


def test_nobody_there_is_found_out_once_for_a_batch(scene: Scene, tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # and does not listen

        async def scenario() -> None:
            transport = scene.make(f"https://localhost:{held.getsockname()[1]}", in_flight=2)
            await transport.open()
            outcomes = await transport.send(messages(scene, 500))
            await transport.close()
            assert {(one.status, one.blame, one.uncertain) for one in outcomes} == {("temporary", "provider", False)}

        run(scenario())


def test_unencrypted_is_out_of_the_question(scene: Scene) -> None:
    async def scenario() -> None:
        transport = scene.make("http://localhost:1")
        await transport.open()
        (outcome,) = await transport.send(messages(scene))
        await transport.close()
        assert (outcome.status, outcome.blame, outcome.uncertain) == ("temporary", "provider", False)

    run(scenario())


def test_open_close_and_open_again(scene: Scene, tmp_path: Path) -> None:
    async def scenario() -> None:
        service = answering(scene)
        async with running(service, scene.make, tmp_path) as transport:
            assert transport.channel == "push"
            assert await transport.send([]) == []
            await transport.close()
            (outcome,) = await transport.send(messages(scene))
            assert (outcome.status, outcome.blame) == ("temporary", "provider")
            await transport.open()
            (outcome,) = await transport.send(messages(scene))
            assert outcome.status == "sent"

    run(scenario())


def test_cancelled_it_asks_no_more(scene: Scene, tmp_path: Path) -> None:
    async def scenario() -> None:
        answers: list[Answer] = [Reply(body=scene.taken)]
        service = answering(scene, lambda asked: answers.pop() if answers else Hang())
        async with running(service, scene.make, tmp_path, in_flight=5) as transport:
            await transport.send(messages(scene))
            task = asyncio.ensure_future(transport.send(messages(scene, 50)))
            await service.until(lambda: len(sent(service)) == 6)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert len(sent(service)) == 6

    run(scenario())


def test_credentials_are_in_no_outcome(scene: Scene, tmp_path: Path) -> None:
    secrets = ("secret-of-adm", "secret-of-baidu", "access-1", "PRIVATE KEY", "assertion", "eyJ")
    for answer in (scene.stranger, Drop(), Reply(500, "x")):
        (outcome,) = outcomes_of(scene, tmp_path, lambda asked, answer=answer: answer)
        assert not [secret for secret in secrets if secret in repr(outcome)]


def test_a_payload_at_its_limit_arrives_whole(scene: Scene, tmp_path: Path) -> None:
    async def scenario() -> None:
        service = answering(scene)
        async with running(service, scene.make, tmp_path) as transport:
            raw = json.dumps({"aps": {"content-available": 0}, "data": {"x": "é" * 1_900}}, ensure_ascii=False)
            said = scenes.Notification(raw=raw)
            (message,) = messages(scene, said=said)
            assert len(message.payload) > 3_800
            (outcome,) = await transport.send([message])
            assert outcome.status == "sent"
            assert "é" * 1_900 in sent(service)[0].text

    run(scenario())
