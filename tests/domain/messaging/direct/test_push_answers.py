"""SendMessages with push notifications: what the services answer is the answer, as long as it comes in time."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from clarion.channels.port import Gone, Moved, Outcome, PushOutgoing
from clarion.store.columnar import Columnar
from tests.domain.messaging.house import House

PATIENCE = 20
BODY = {"GCMMessage": {"Body": "Hi"}}
DEAD = Outcome("permanent", "404 UNREGISTERED", '{"error":{"status":"NOT_FOUND"}}', (Gone(reason="UNREGISTERED"),))


class Scripted:
    """A push service: outcomes by token, the last one of each for ever. Waits for `gate` before it answers."""

    name = "scripted"
    channel = "push"

    def __init__(self) -> None:
        self.outcomes: dict[str, list[Outcome]] = {}
        self.asked: list[str] = []
        self.gate = threading.Event()
        self.gate.set()

    async def open(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def send(self, messages: Sequence[PushOutgoing]) -> list[Outcome]:
        assert self.gate.wait(PATIENCE)
        return [self._one(message.to_address) for message in messages]

    def _one(self, token: str) -> Outcome:
        self.asked.append(token)
        left = self.outcomes.get(token, [Outcome("sent", "200")])
        return left.pop(0) if len(left) > 1 else left[0]


@pytest.fixture
def service() -> Scripted:
    return Scripted()


@pytest.fixture
def start(state_url: str, chdb: Columnar, service: Scripted) -> Iterator[Callable[..., House]]:
    """A process with its threads, told how long requests wait."""
    houses: list[House] = []

    def start(wait_ms: int) -> House:
        house = House(state_url, chdb, direct_wait_ms=wait_ms)
        house.loops[1].transport = service
        houses.append(house)
        house.engine.start()
        house.waiting.begin()
        return house

    yield start
    for house in houses:
        service.gate.set()
        house.waiting.end()
        house.engine.stop()
        house.close()


def project(house: House) -> str:
    app = house.app(channel=False)
    house.channel(app, "GCM")
    return app


def send(house: House, app: str, *tokens: str, **more: Any) -> dict[str, Any]:
    addresses = {token: {"ChannelType": "GCM"} for token in tokens}
    found: dict[str, Any] = house.send(app, MessageConfiguration=BODY, Addresses=addresses, **more)["Result"]
    return found


def pairs(found: dict[str, Any]) -> dict[str, tuple[str, int]]:
    return {token: (one["DeliveryStatus"], one["StatusCode"]) for token, one in found.items()}


def test_each_address_has_the_answer_of_its_service(start: Callable[..., House], service: Scripted) -> None:
    house = start(60_000)
    service.outcomes = {
        "dead": [DEAD],
        "moved": [Outcome("sent", "200", provider_message_id="projects/p/1", events=(Moved("elsewhere"),))],
        "slow": [Outcome("throttled", "429 QUOTA_EXCEEDED"), Outcome("sent")],
        "ill": [Outcome("temporary", "503 UNAVAILABLE", blame="provider"), Outcome("sent")],
        "out": [Outcome("temporary", "401 UNAUTHENTICATED", blame="credentials"), Outcome("sent")],
        "lost": [Outcome("temporary", "no answer", uncertain=True), Outcome("sent")],
    }
    app = project(house)
    found: dict[str, Any] = {}
    for token in ("fine", "moved", "dead", "slow", "lost", "out", "ill"):
        found |= send(house, app, token)
        house.advance(3_600)  # lanes rest after an illness
    assert pairs(found) == {
        "fine": ("SUCCESSFUL", 200),
        "dead": ("PERMANENT_FAILURE", 410),
        "moved": ("SUCCESSFUL", 200),
        "slow": ("THROTTLED", 429),
        "ill": ("TEMPORARY_FAILURE", 500),
        "out": ("PERMANENT_FAILURE", 400),
        "lost": ("UNKNOWN_FAILURE", 500),
    }
    assert found["moved"]["UpdatedToken"] == "elsewhere"
    assert json.loads(found["moved"]["StatusMessage"])["pushProviderMessageId"] == "projects/p/1"
    # Whoever was told of a failure tries again himself, or not.
    house.advance(24 * 3_600)
    assert sorted(service.asked) == sorted(found)
    assert [row.attributes["gate"] for row in house.recorded(app)] == ["channel"] * 5


def test_an_endpoint_and_a_user_have_it_too_and_the_dead_one_is_inactive(
    start: Callable[..., House], service: Scripted
) -> None:
    house = start(60_000)
    service.outcomes = {"dead": [DEAD]}
    app = project(house)
    house.endpoint(app, "phone", "u1", channel_type="GCM", address="dead")
    house.endpoint(app, "tablet", "u1", channel_type="GCM", address="fine")
    found = house.send_users(app, MessageConfiguration=BODY, Users={"u1": {}})["Result"]["u1"]
    assert pairs(found) == {"phone": ("PERMANENT_FAILURE", 410), "tablet": ("SUCCESSFUL", 200)}
    assert found["phone"]["Address"] == "dead"
    assert {key: one.status for key, one in house.audience.load(app, ["phone", "tablet"]).items()} == {
        "phone": "INACTIVE",
        "tablet": "ACTIVE",
    }
    [again] = house.send(app, MessageConfiguration=BODY, Endpoints={"phone": {}})["EndpointResult"].values()
    assert (again["DeliveryStatus"], service.asked.count("dead")) == ("PERMANENT_FAILURE", 1)


def test_an_answer_that_does_not_come_in_time_is_not_waited_for(start: Callable[..., House], service: Scripted) -> None:
    house = start(50)
    service.outcomes = {"slow": [Outcome("temporary", "503 UNAVAILABLE"), Outcome("sent", "200")]}
    service.gate.clear()
    app = project(house)
    assert pairs(send(house, app, "slow")) == {"slow": ("SUCCESSFUL", 200)}
    service.gate.set()
    house.settle()
    house.advance(24 * 3_600)
    assert service.asked == ["slow", "slow"]


def test_while_a_lane_rests_nobody_waits_for_it(start: Callable[..., House], service: Scripted) -> None:
    house = start(60_000)
    service.outcomes = {"phone": [Outcome("temporary", "503 UNAVAILABLE", blame="provider"), Outcome("sent", "200")]}
    app = project(house)
    assert pairs(send(house, app, "phone")) == {"phone": ("TEMPORARY_FAILURE", 500)}
    assert pairs(send(house, app, "phone")) == {"phone": ("SUCCESSFUL", 200)}
    assert service.asked == ["phone"]
    house.advance(3_600)
    assert service.asked == ["phone", "phone"]


def test_the_same_token_gives_the_services_answer_again(start: Callable[..., House], service: Scripted) -> None:
    house = start(60_000)
    service.outcomes = {"dead": [DEAD]}
    app = project(house)
    first, second = (send(house, app, "dead", IdempotencyToken="once") for _ in range(2))
    assert first == second
    assert pairs(second) == {"dead": ("PERMANENT_FAILURE", 410)}
    assert service.asked == ["dead"]
