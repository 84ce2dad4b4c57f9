"""Calls over a SIP trunk, from SendMessages to the ear of the called person."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

import pytest

from clarion.channels.voice import audio
from clarion.channels.voice.speech.espeak import EspeakSpeech
from clarion.channels.voice.speech.port import Script
from tests.acceptance.project import Project
from tests.acceptance.running import REGION, Server, eventually
from tests.acceptance.stacks import embedded
from tests.acceptance.test_messages import send
from tests.channels.voice.trunk import Leg, Trunk, header, hears, trunk

T = TypeVar("T")
NUMBER = "+4930123456"


class Exchange:
    """A trunk on a thread of its own."""

    def __init__(self) -> None:
        self._before = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._stack = AsyncExitStack()
        self.trunk: Trunk = self._do(self._stack.enter_async_context(trunk()))

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def behaves(self, behave: Callable[[Leg], Coroutine[Any, Any, None]]) -> None:
        self.trunk.behave = behave
        self._before = len(self.trunk.legs)

    def leg(self) -> Leg:
        """The one call there was, once it is over."""
        eventually(lambda: self.trunk.legs[self._before :])
        self._do(self.trunk.idle())
        (leg,) = self.trunk.legs[self._before :]
        return leg

    def end(self) -> None:
        self._do(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    made = Exchange()
    yield made
    made.end()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, exchange: Exchange) -> Iterator[Server]:
    """On the real clock, with the trunk as its provider of calls."""
    with embedded(tmp_path_factory.mktemp("calls")) as made:
        config = {"host": "127.0.0.1", "port": exchange.trunk.port, "caller": "+12025550123", "pause_ms": 100}
        added = {"Name": "trunk", "Channel": "voice", "Kind": "sip", "Config": config}
        made.control("POST", "providers", added)
        yield made


@pytest.fixture
def calling(server: Server) -> Iterator[Project]:
    made = Project(server)
    made.pinpoint.update_voice_channel(ApplicationId=made.id, VoiceChannelRequest={"Enabled": True})
    made.put("desk", ChannelType="VOICE", Address=NUMBER, User={"UserAttributes": {"code": ["12"]}})
    yield made
    made.leave()


def call(project: Project, body: str, **voice: str) -> str:
    found = send(project, {"VoiceMessage": {"Body": body, **voice}}, Endpoints={"desk": {}})
    result = found["EndpointResult"]["desk"]
    assert result["DeliveryStatus"] == "SUCCESSFUL"
    return str(result["MessageId"])


def why(project: Project) -> list[dict[str, Any]]:
    """All that is recorded about the desk."""
    path = f"why?ApplicationId={project.id}&EndpointId=desk"
    return list(project.server.control("GET", path)["Decisions"])


def course(project: Project, last: str) -> list[str]:
    """The events of a call until the last one is there."""

    def told() -> list[str]:
        found = [one["EventType"].removeprefix("_VOICE.") for one in why(project)]
        return found if last in found else []

    return sorted(eventually(told))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("Your code is {{User.UserAttributes.code}}", Script("Your code is 12", False, "en-GB", "Amy")),
        (
            "<speak>Code <break time='200ms'/>{{User.UserAttributes.code}}</speak>",
            Script("<speak>Code <break time='200ms'/>12</speak>", True, "en-GB", "Amy"),
        ),
    ],
)
def test_who_answers_hears_what_the_engine_says(calling: Project, exchange: Exchange, body: str, said: Script) -> None:
    exchange.behaves(hears)
    call(calling, body, VoiceId="Amy", LanguageCode="en-GB")
    leg = exchange.leg()
    leg.ear.check(audio.PCMU)
    spoken = audio.encoded(EspeakSpeech().say(said), audio.PCMU)
    assert leg.ear.sound[800 : 800 + len(spoken)] == spoken
    assert leg.ear.sound[:800] + leg.ear.sound[800 + len(spoken) :] == b"\xff" * (len(leg.ear.sound) - len(spoken))
    assert course(calling, "COMPLETED") == ["ANSWERED", "COMPLETED", "INITIATED", "RINGING"]
    assert leg.invite.startswith(f"INVITE sip:{NUMBER}@127.0.0.1 SIP/2.0")
    assert header(leg.invite, "From").startswith("<sip:+12025550123@127.0.0.1>")


def test_who_is_busy_is_not_called_again(calling: Project, exchange: Exchange) -> None:
    async def busy(leg: Leg) -> None:
        leg.respond(486, "Busy Here")
        await leg.next("ACK")

    exchange.behaves(busy)
    call(calling, "hello", OriginationNumber="+4930999999")
    leg = exchange.leg()
    assert course(calling, "BUSY") == ["BUSY", "INITIATED"]
    assert header(leg.invite, "From").startswith("<sip:+4930999999@127.0.0.1>")
    counted = calling.server.raw("GET", "/metrics")[1]
    assert 'clarion_calls_total{provider="trunk",state="BUSY"} 1.0' in counted


def test_a_number_that_does_not_exist_and_ssml_that_nobody_speaks(calling: Project, exchange: Exchange) -> None:
    async def unknown(leg: Leg) -> None:
        leg.respond(404, "Not Found")
        await leg.next("ACK")

    exchange.behaves(unknown)
    call(calling, "hello")
    exchange.leg()
    (told,) = eventually(lambda: why(calling))
    assert (told["Gate"], told["Reason"]) == ("channel", "the number cannot be called: 404 Not Found")
    bomb = '<speak><!DOCTYPE x [<!ENTITY a "aa">]>&a;</speak>'
    found = send(calling, {"VoiceMessage": {"Body": bomb}}, Endpoints={"desk": {}})
    assert found["EndpointResult"]["desk"]["DeliveryStatus"] == "PERMANENT_FAILURE"


def test_a_person_is_not_called_again_when_the_server_is_killed_in_the_middle(
    calling: Project, exchange: Exchange
) -> None:
    talking = threading.Event()

    async def listens(leg: Leg) -> None:
        leg.pick_up()
        await leg.next("ACK")
        await leg.ear.hears(20)
        talking.set()

    exchange.behaves(listens)
    call(calling, "This text is long enough. " * 20)
    assert talking.wait(20)
    course(calling, "ANSWERED")
    calling.server.kill()
    calling.server.restart()
    calling.reconnect()
    calling.server.settle()
    exchange.leg()
    assert course(calling, "ANSWERED") == ["ANSWERED", "INITIATED"]
    exchange.behaves(hears)
    call(calling, "again")
    exchange.leg()
    course(calling, "COMPLETED")


def test_the_query_of_the_guide_counts_calls(calling: Project, exchange: Exchange) -> None:
    exchange.behaves(hears)
    call(calling, "Hello there")
    exchange.leg()
    course(calling, "COMPLETED")
    guide = (Path(__file__).parents[2] / "docs/voice.md").read_text()
    query = guide.partition('clarion sql --app $APP "')[2].partition('"')[0]
    server = calling.server
    told = server.clarion("sql", "--app", calling.id, "--region", REGION, "--json", query, "--url", server.url).stdout
    (row,) = json.loads(told)["Rows"]
    assert row[:2] == [1, 1.0]
    assert row[2] >= 1


def test_the_operator_asks_whether_the_trunk_is_there(server: Server, exchange: Exchange) -> None:
    done = server.clarion("provider", "check", "trunk", "--url", server.url)
    assert "the trunk answers: 200 OK" in done.stdout, done.stderr
