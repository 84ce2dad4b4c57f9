"""Notifications through a push service: what arrives there, keys that change meanwhile, and a kill in between."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clarion.core.clock import SystemClock
from tests import credentials
from tests.acceptance.project import Project
from tests.acceptance.running import Server, eventually
from tests.acceptance.stacks import embedded
from tests.channels.push.authority import authority
from tests.channels.push.fake import Answer, Asked, PushService, Reply

HELLO = {"Title": "Hi {{Id}}", "Body": "B", "Action": "DEEP_LINK", "Url": "shop://basket"}


class Apple:
    """Takes notifications signed by keys that it has not revoked, and remembers them by device."""

    def __init__(self) -> None:
        self.service = PushService(self._answer)
        self.begin()

    def begin(self) -> None:
        """Forget everything."""
        self.revoked: set[str] = set()
        self.taken: dict[str, list[str]] = {}
        self.refused = Counter[str]()
        self.revoke_after: tuple[int, str] | None = None

    def _answer(self, asked: Asked) -> Answer:
        head = asked.headers["authorization"].removeprefix("bearer ").partition(".")[0]
        key = str(json.loads(base64.urlsafe_b64decode(head + "=="))["kid"])
        if key in self.revoked:
            self.refused[key] += 1
            return Reply(403, '{"reason":"InvalidProviderToken"}')
        device = asked.path.rpartition("/")[2]
        if device.startswith("dead"):  # hexadecimal, too
            return Reply(410, '{"reason":"Unregistered","timestamp":4000000000000}')
        self.taken.setdefault(device, []).append(asked.headers["apns-id"])
        if self.revoke_after is not None and len(self.taken) >= self.revoke_after[0]:
            self.revoked.add(self.revoke_after[1])
        return Reply(headers={"apns-id": asked.headers["apns-id"]})


@contextmanager
def serving(service: PushService, folder: Path) -> Iterator[str]:
    """The service in a thread of its own; its URL."""
    loop, over, ready = asyncio.new_event_loop(), asyncio.Event(), threading.Event()
    found: list[str] = []

    async def serve() -> None:
        async with service.serve(authority().server(folder)) as url:
            found.append(url)
            ready.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert ready.wait(20)
    yield found[0]
    loop.call_soon_threadsafe(over.set)
    thread.join(20)
    loop.close()


@pytest.fixture(scope="module")
def apple(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Apple, str]]:
    made = Apple()
    with serving(made.service, tmp_path_factory.mktemp("apple")) as url:
        yield made, url


@pytest.fixture(scope="module")
def pushing(tmp_path_factory: pytest.TempPathFactory, apple: tuple[Apple, str]) -> Iterator[Server]:
    """A server that sends to that Apple, on the machine's own clock."""
    folder = tmp_path_factory.mktemp("pushing")
    (folder / "trusted.pem").write_text(authority().pem)
    environ = {
        "CLARION_PUSH_TRANSPORT": "services",
        "CLARION_PUSH_IN_FLIGHT": "4",
        "CLARION_DIRECT_WAIT_MS": "30000",
        "CLARION_APNS_ENDPOINT_URL": apple[1],
        "CLARION_CALLOUT_AUTHORITIES": str(folder / "trusted.pem"),
    }
    with embedded(folder, environ=environ) as running:
        yield running


@pytest.fixture
def shop(pushing: Server, apple: tuple[Apple, str]) -> Iterator[Project]:
    """A project whose APNs key is KEYONE."""
    apple[0].begin()
    project = Project(pushing, channel=False)
    use_key(project, "KEYONE")
    yield project
    project.leave()


def use_key(project: Project, key_id: str) -> None:
    project.pinpoint.update_apns_channel(
        ApplicationId=project.id, APNSChannelRequest={**credentials.token(TokenKeyId=key_id), "Enabled": True}
    )


def devices(shop: Project, count: int) -> list[str]:
    """Endpoints of as many devices; their tokens."""
    tokens = [f"{number:064x}" for number in range(count)]
    shop.people({f"phone{n}": {"ChannelType": "APNS", "Address": token} for n, token in enumerate(tokens)})
    return tokens


def test_a_direct_message_arrives_as_it_is_documented(shop: Project, apple: tuple[Apple, str]) -> None:
    token = "ab" * 32
    shop.put("lea", ChannelType="APNS", Address=token)
    message = {**HELLO, "TimeToLive": 60, "CollapseId": "basket", "Badge": 2}
    request = {"MessageConfiguration": {"APNSMessage": message}, "Endpoints": {"lea": {"Context": {"order": "7"}}}}
    answer = shop.pinpoint.send_messages(ApplicationId=shop.id, MessageRequest=request)
    result = answer["MessageResponse"]["EndpointResult"]["lea"]
    assert (result["DeliveryStatus"], result["StatusCode"]) == ("SUCCESSFUL", 200)
    [asked] = [one for one in apple[0].service.asked if one.path == f"/3/device/{token}"]
    headers = {name: value for name, value in asked.headers.items() if name.startswith("apns-")}
    assert abs(int(headers.pop("apns-expiration")) - SystemClock().now_ms() // 1_000 - 60) < 30
    assert headers.pop("apns-id").replace("-", "") == result["MessageId"]
    assert headers == {
        "apns-topic": "com.acme.shop",
        "apns-push-type": "alert",
        "apns-priority": "10",
        "apns-collapse-id": "basket",
    }
    assert json.loads(asked.body) == {
        "aps": {"alert": {"title": "Hi lea", "body": "B"}, "content-available": 1, "mutable-content": 0, "badge": 2},
        "data": {
            "pinpoint": {
                "endpointId": "lea",
                "deeplink": "shop://basket",
                "order": "7",
                "campaign": {"campaign_id": "_DIRECT", "treatment_id": "0"},
            }
        },
    }


def test_a_dead_device_is_told_as_410_and_its_endpoint_retires(shop: Project) -> None:
    token = "dead" * 16
    shop.put("old", ChannelType="APNS", Address=token)
    request = {"MessageConfiguration": {"APNSMessage": HELLO}, "Endpoints": {"old": {}}}
    answer = shop.pinpoint.send_messages(ApplicationId=shop.id, MessageRequest=request)
    result = answer["MessageResponse"]["EndpointResult"]["old"]
    assert (result["DeliveryStatus"], result["StatusCode"]) == ("PERMANENT_FAILURE", 410)
    said = json.loads(result["StatusMessage"])
    assert (said["pushProviderStatusCode"], said["pushProviderError"]) == ("410", "Unregistered")
    assert json.loads(said["pushProviderResponse"])["reason"] == "Unregistered"
    eventually(lambda: shop.get("old")["EndpointStatus"] == "INACTIVE")


def test_a_key_revoked_in_mid_campaign_and_replaced_costs_nobody_a_message(
    shop: Project, apple: tuple[Apple, str]
) -> None:
    tokens = devices(shop, 60)
    apple[0].revoke_after = (20, "KEYONE")
    campaign = shop.campaign(shop.segment(), MessageConfiguration={"APNSMessage": HELLO})["Id"]
    eventually(lambda: apple[0].refused["KEYONE"] >= 1)
    assert len(apple[0].taken) < 60
    use_key(shop, "KEYTWO")
    eventually(lambda: len(apple[0].taken) == 60, 60)
    eventually(lambda: shop.status(campaign) == "COMPLETED", 60)
    assert apple[0].taken.keys() == set(tokens)
    assert {len(ids) for ids in apple[0].taken.values()} == {1}  # what was refused had not been delivered
    [activity] = shop.activities(campaign)
    assert (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"]) == (60, 60)


def test_a_kill_between_hand_over_and_record_repeats_with_the_same_id(shop: Project, apple: tuple[Apple, str]) -> None:
    tokens = devices(shop, 300)
    campaign = shop.campaign(shop.segment(), MessageConfiguration={"APNSMessage": HELLO})["Id"]
    eventually(lambda: len(apple[0].taken) >= 40)
    shop.server.kill()
    shop.server.restart()
    shop.reconnect()
    eventually(lambda: len(apple[0].taken) == 300, 60)
    eventually(lambda: shop.status(campaign) == "COMPLETED", 60)
    assert apple[0].taken.keys() == set(tokens)
    assert all(len(set(ids)) == 1 for ids in apple[0].taken.values())
    assert len({ids[0] for ids in apple[0].taken.values()}) == 300
    [activity] = shop.activities(campaign)
    assert (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"]) == (300, 300)
