"""Web Push against a service on loopback: what a browser can read of it, what answers mean, and where it never goes."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from clarion.channels.calls.guard import Guard, networks
from clarion.channels.port import Gone, Outcome, PushOutgoing
from clarion.channels.push import forms
from clarion.channels.push.notification import Notification, Sender
from clarion.channels.push.services.webpush import WebPushTransport, hosts
from clarion.channels.push.services.webpush.encryption import LONGEST, encrypt
from clarion.channels.push.services.webpush.hosts import Hosts
from clarion.channels.push.services.webpush.keys import new_pair
from clarion.channels.push.services.webpush.subscriptions import read
from clarion.core.clock import VirtualClock, parse_iso
from clarion.core.errors import Invalid
from clarion.core.ids import SeededIds
from tests.channels.push import fake
from tests.channels.push.authority import authority
from tests.channels.push.scenes import trusted
from tests.channels.servers import run

CONFIG = new_pair("mailto:ops@example.com")
BROWSER = ec.generate_private_key(ec.SECP256R1())
AUTH = b"0123456789abcdef"
SEEN = "fcm.googleapis.com"
OWN = "push.example"


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def address(url: str, **keys: str) -> str:
    found = {"p256dh": b64(point(BROWSER)), "auth": b64(AUTH), **keys}
    return json.dumps({"endpoint": url, "expirationTime": None, "keys": found})


def message(to: str, said: Notification | None = None, sender: Sender | None = None) -> PushOutgoing:
    built = forms.build(
        "WEB_PUSH", said or Notification(title="T", body="B"), sender or Sender(), token=to, sent_at_ms=0
    )
    return PushOutgoing(
        message_id="m",
        account="1",
        app_id="a",
        service="WEB_PUSH",
        to_address=to,
        payload=built.payload,
        headers=built.headers,
    )


class Scene:
    """A push service at `host`, and a transport that finds it on loopback."""

    def __init__(
        self,
        folder: Path,
        answer: Any = None,
        host: str = OWN,
        admitted: str = "127.0.0.0/8",
        found: Sequence[str] = ("127.0.0.1",),
    ) -> None:
        self._found = found
        self.service = fake.PushService(answer or (lambda asked: fake.Reply(201, headers={"location": "/m/1"})))
        self.clock = VirtualClock(parse_iso("2027-01-01T00:00:00Z"))
        self._folder, self._host = folder, host
        self._guard = Guard(networks("callout_networks", admitted))

    def send(self, *messages: Any, batches: int = 1, timeout: float = 5, reopened: bool = False) -> list[Outcome]:
        """What comes of messages, each made of the subscription's URL."""

        async def scenario() -> list[Outcome]:
            async with self.service.serve(authority().server(self._folder, self._host)) as url:
                there = url.replace("localhost", self._host) + "/push/abc"
                ways = Hosts(
                    self._guard,
                    authorities=trusted(),
                    timeout_seconds=timeout,
                    resolve=lambda host, port: self._found,
                )
                transport = WebPushTransport(CONFIG, ways, clock=self.clock, ids=SeededIds())
                await transport.open()
                found: list[Outcome] = []
                for _ in range(batches):
                    found += await transport.send([make(there) for make in messages or [to_browser]])
                    if reopened:
                        await transport.close()
                        await transport.open()
                await transport.close()
                return found

        return run(scenario())


def to_browser(url: str) -> PushOutgoing:
    return message(address(url))


def one(folder: Path, answer: Any, **options: Any) -> Outcome:
    [outcome] = Scene(folder, answer, **options).send()
    return outcome


def test_the_example_of_the_standard() -> None:
    ours = ec.derive_private_key(
        int.from_bytes(unb64("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big"), ec.SECP256R1()
    )
    browser = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    plain = b"When I grow up, I want to be a watermelon"
    salt, auth = unb64("DGv6ra1nlYgDCS1FRnbzlw"), unb64("BTBZMqHH6r4Tts7J_aSIgg")
    assert b64(encrypt(plain, unb64(browser), auth, ours, salt)) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3j"
        "l7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_the_browser_reads_what_was_said_and_nobody_the_same_twice(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    said = Notification(title="Sale", body="Until ten", action="URL", url="https://shop.example/s", data='{"n": 1}')
    sender = Sender(endpoint_id="e1", campaign_id="c1", activity_id="a1", treatment_id="0", context={"k": "v"})
    outcomes = scene.send(*[lambda url: message(address(url), said, sender)] * 2)
    assert [(outcome.status, outcome.provider_message_id) for outcome in outcomes] == [("sent", "/m/1")] * 2
    first, second = scene.service.asked
    assert first.headers["content-encoding"] == "aes128gcm"
    assert first.body[:16] != second.body[:16]
    assert first.body[21:86] != second.body[21:86]
    read_by_browser = http_ece.decrypt(first.body, private_key=BROWSER, auth_secret=AUTH, version="aes128gcm")
    assert json.loads(read_by_browser) == {
        "notification": {"title": "Sale", "body": "Until ten"},
        "data": {
            "url": "https://shop.example/s",
            "jsonBody": {"n": 1},
            "pinpoint": {
                "endpointId": "e1",
                "k": "v",
                "campaign": {"campaign_id": "c1", "campaign_activity_id": "a1", "treatment_id": "0"},
            },
        },
    }


def test_the_longest_message_is_one_record_and_more_is_refused(tmp_path: Path) -> None:
    def long(size: int) -> Any:
        def make(url: str) -> PushOutgoing:
            made = message(address(url))
            made.payload = b"x" * size
            return made

        return make

    scene = Scene(tmp_path)
    fits, more = scene.send(long(LONGEST), long(LONGEST + 1))
    assert (fits.status, more.status) == ("sent", "permanent")
    [asked] = scene.service.asked
    assert len(asked.body) == 4096
    plain = http_ece.decrypt(asked.body, private_key=BROWSER, auth_secret=AUTH, version="aes128gcm")
    assert plain == b"x" * LONGEST
    with pytest.raises(Invalid, match="larger than"):
        forms.build("WEB_PUSH", Notification(body="x" * LONGEST), Sender(), token="", sent_at_ms=0)


def test_the_project_signs_for_the_service_and_the_signature_holds(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.send(batches=2)
    first, second = (asked.headers["authorization"] for asked in scene.service.asked)
    assert first == second
    kind, _, rest = first.partition(" ")
    token, key = (part.strip().partition("=")[2] for part in rest.split(","))
    assert (kind, key) == ("vapid", CONFIG.public_key)
    head, claims, signature = token.split(".")
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(key))
    raw = unb64(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    assert json.loads(unb64(head)) == {"typ": "JWT", "alg": "ES256"}
    told = json.loads(unb64(claims))
    assert (told["aud"].partition(":")[0], told["sub"]) == ("https", "mailto:ops@example.com")
    assert told["aud"].startswith(f"https://{OWN}:")
    assert 0 < told["exp"] - scene.clock.now_ms() // 1000 <= 24 * 3600


def test_time_to_live_urgency_and_topic(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    plain = Notification(body="b")
    full = Notification(body="b", time_to_live=0, priority="high", collapse="scores")
    odd = Notification(body="b", time_to_live=60, priority="normal", collapse="a name with blanks, and too long for it")
    scene.send(*[lambda url, said=said: message(address(url), said) for said in (plain, full, odd)])
    found = {asked.headers["ttl"]: asked.headers for asked in scene.service.asked}
    told = {ttl: (headers.get("urgency"), headers.get("topic")) for ttl, headers in found.items()}
    [hashed] = [topic for _, topic in told.values() if topic not in (None, "scores")]
    assert told == {"2419200": (None, None), "0": ("high", "scores"), "60": ("normal", hashed)}
    assert hashed is not None
    assert len(hashed) == 32
    life = Notification(body="b", time_to_live=99_999_999)
    assert forms.build("WEB_PUSH", life, Sender(), token="", sent_at_ms=0).headers == [("ttl", "2419200")]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (404, ("permanent", "message", True)),
        (410, ("permanent", "message", True)),
        (400, ("permanent", "message", False)),
        (413, ("permanent", "message", False)),
        (429, ("throttled", "message", False)),
        (401, ("temporary", "credentials", False)),
        (403, ("temporary", "credentials", False)),
        (500, ("temporary", "provider", False)),
        (302, ("temporary", "provider", False)),
    ],
)
def test_what_answers_mean(tmp_path: Path, status: int, expected: tuple[str, str, bool]) -> None:
    headers = {"retry-after": "7", "location": "https://localhost:1/elsewhere"}
    outcome = one(tmp_path, lambda asked: fake.Reply(status, "why", headers), host=SEEN)
    assert (outcome.status, outcome.blame, any(isinstance(f, Gone) for f in outcome.events)) == expected
    assert (outcome.response, outcome.detail) == ("why", str(status))
    if status in (429, 500):
        assert outcome.retry_after_ms == 7_000


@pytest.mark.parametrize("status", [401, 403, 429, 503])
def test_a_host_that_a_stranger_made_up_holds_up_nobody(tmp_path: Path, status: int) -> None:
    outcome = one(tmp_path, lambda asked: fake.Reply(status))
    assert (outcome.status, outcome.blame) == ("temporary", "message")


def test_who_subscribed_with_another_key_is_gone(tmp_path: Path) -> None:
    outcome = one(tmp_path, lambda asked: fake.Reply(400, '{"reason":"VapidPkHashMismatch"}'))
    assert outcome.events == (Gone(reason="VapidPkHashMismatch"),)


@pytest.mark.parametrize("answer", [fake.Drop(), fake.Hang(), fake.Half(), fake.Garbage()])
def test_an_answer_that_got_lost_leaves_it_open(tmp_path: Path, answer: fake.Answer) -> None:
    [outcome] = Scene(tmp_path, lambda asked: answer).send(timeout=0.5)
    assert (outcome.status, outcome.blame, outcome.uncertain) == ("temporary", "message", True)


def test_of_a_long_answer_little_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "MOST_BYTES", 100)
    outcome = one(tmp_path, lambda asked: fake.Reply(413, b"x" * 16_000))
    assert (outcome.status, len(outcome.response)) == ("permanent", 100)


def test_a_batch_goes_out_side_by_side_over_one_connection(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    assert {outcome.status for outcome in scene.send(*[to_browser] * 200)} == {"sent"}
    assert (len(scene.service.asked), scene.service.connections) == (200, 1)
    assert 1 < scene.service.widest <= 100


def test_one_bad_host_leaves_the_others_alone(tmp_path: Path) -> None:
    def nowhere(url: str) -> PushOutgoing:
        return message(address("https://nowhere.example:1/x"))

    outcomes = Scene(tmp_path).send(nowhere, to_browser, nowhere, to_browser)
    assert [outcome.status for outcome in outcomes] == ["temporary", "sent", "temporary", "sent"]
    assert {outcome.blame for outcome in outcomes} == {"message"}


def test_few_hosts_are_kept_and_none_is_left_in_the_middle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "MOST", 2)

    def at(number: int) -> Any:
        return lambda url: message(address(url.replace("*", f"h{number}")))

    scene = Scene(tmp_path, host="*.push.example")
    outcomes = scene.send(*[at(number % 5) for number in range(40)], batches=2)
    assert [outcome.status for outcome in outcomes] == ["sent"] * 80
    assert scene.service.connections > 5


def test_an_address_that_takes_no_connection_gives_way_to_the_next(tmp_path: Path) -> None:
    outcomes = Scene(tmp_path, found=["127.0.0.9", "127.0.0.1"]).send(batches=2)
    assert [outcome.status for outcome in outcomes] == ["temporary", "sent"]


def test_closed_and_opened_again_it_goes_on(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    assert [outcome.status for outcome in scene.send(batches=2, reopened=True)] == ["sent"] * 2
    assert scene.service.connections == 2


def test_what_only_this_machine_can_reach_is_never_asked(tmp_path: Path) -> None:
    scene = Scene(tmp_path, admitted="")
    [outcome] = scene.send()
    assert outcome.status == "permanent"
    assert "may not be called" in outcome.detail
    assert scene.service.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://push.example/x",
        "https://127.0.0.1/x",
        "https://2130706433/x",
        "https://0x7f.1/x",
        "https://[::1]/x",
        "https://push.example.0x10/x",
        "file:///etc/passwd",
        "https:///x",
        "https://push.example:port/x",
        "not a url",
        "",
    ],
)
def test_addresses_that_are_no_name_of_a_service_are_refused(url: str) -> None:
    with pytest.raises(Invalid, match="endpoint"):
        read(address(url))


@pytest.mark.parametrize(
    "text",
    [
        "token",
        "[]",
        "{}",
        json.dumps({"endpoint": "https://push.example/x"}),
        address("https://push.example/x", p256dh="AAAA"),
        address("https://push.example/x", p256dh=b64(b"\x04" + b"\x01" * 64)),
        address("https://push.example/x", auth="AAAA"),
        address("https://push.example/x", auth="ü"),
        address("https://push.example/" + "x" * 4_000),
    ],
)
def test_a_malformed_subscription_is_gone_and_nobody_is_asked(tmp_path: Path, text: str) -> None:
    scene = Scene(tmp_path)
    [outcome] = scene.send(lambda url: message(text))
    assert (outcome.status, outcome.events) == ("permanent", (Gone(reason="BadSubscription"),))
    assert not scene.service.asked


def test_silent_and_raw_content() -> None:
    def payload(said: Notification) -> Any:
        return json.loads(forms.build("WEB_PUSH", said, Sender(), token="", sent_at_ms=0).payload)

    silent = payload(Notification(title="T", silent=True, data='{"n": 1}'))
    assert silent == {
        "data": {"pinpoint": {"campaign": {"campaign_id": "_DIRECT", "treatment_id": "0"}}, "jsonBody": {"n": 1}}
    }
    raw = '{"notification": {"title": "R"}, "data": {"x": 1}, "token": "t", "android": {}}'
    assert payload(Notification(raw=raw)) == {"notification": {"title": "R"}, "data": {"x": 1}}
    v1 = '{"fcmV1Message": {"message": {"notification": {"title": "R"}}}}'
    assert payload(Notification(raw=v1)) == {"notification": {"title": "R"}}
    with pytest.raises(Invalid, match="RawContent"):
        payload(Notification(raw="[1]"))
