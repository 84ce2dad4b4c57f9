"""The custom channel over a loopback peer: what is put together into a call, and what a call's end means."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import standardwebhooks

from clarion.channels import signatures
from clarion.channels.calls.circuit import State
from clarion.channels.calls.port import Limits
from clarion.channels.calls.service import Callouts
from clarion.channels.custom import CustomTransport, answers, identity
from clarion.channels.port import CustomOutgoing, EmailOutgoing, Outcome
from clarion.core.clock import VirtualClock
from clarion.core.errors import Unavailable
from clarion.core.settings import Settings
from tests.channels.calls.peers import Said, Site, script, site
from tests.channels.certificates import self_signed

SECRETS = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD0000"]


@pytest.fixture
def peer() -> Iterator[Site]:
    with site() as running:
        yield running


class World:
    """A transport on a clock of the test's own. `seconds` is how patient it is."""

    def __init__(self, seconds: float = 30, **settings: Any) -> None:
        self.clock = VirtualClock()
        self.sealed = False
        given = Settings(**({"callout_networks": "127.0.0.0/8", "callout_http": True} | settings))
        limits = Limits(seconds=seconds, pause_seconds=0.01)
        self.callouts = Callouts(given, limits, clock=self.clock, signing=self._secrets)
        self.transport = CustomTransport(self.callouts, self.clock, outage_hours=given.outage_hours)

    def send(self, *messages: CustomOutgoing) -> list[Outcome]:
        for message in messages:
            message.sent_at_ms = message.sent_at_ms or self.clock.now_ms()
        return asyncio.run(self.transport.send(messages))

    def later(self, ms: int | None) -> None:
        self.clock.move_to(self.clock.now() + timedelta(milliseconds=ms or 0))

    def _secrets(self, app_id: str) -> list[bytes]:
        if self.sealed:
            raise Unavailable("secrets_key: key 1 is not given")
        return signatures.secrets_of(",".join(SECRETS))


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """As patient as the test's parameter says, in seconds."""
    made = World(getattr(request, "param", 30))
    yield made
    made.callouts.close()


@pytest.fixture
def transport(world: World) -> CustomTransport:
    return world.transport


def outgoing(destination: str, endpoint_id: str = "lea", **members: Any) -> CustomOutgoing:
    given = {
        "data": '{"offer": "{{x}}"}',
        "campaign_id": "c",
        "treatment_id": "1",
        "activity_id": "act",
        "scheduled_ms": 1_000,
        "message_id": f"m-{endpoint_id}",
        **members,
    }
    return CustomOutgoing(
        account="000000000001",
        app_id="app",
        destination=destination,
        endpoint_id=endpoint_id,
        endpoint=json.dumps({"Address": endpoint_id}).encode(),
        **given,
    )


def send(transport: CustomTransport, *messages: CustomOutgoing) -> list[str]:
    return [outcome.status for outcome in asyncio.run(transport.send(messages))]


def test_the_payload_of_a_campaign(transport: CustomTransport, peer: Site) -> None:
    assert send(transport, outgoing(peer.url("/hook")), outgoing(peer.url("/hook"), "a/b")) == ["sent", "sent"]
    (asked,) = peer.asked
    assert (asked.method, asked.path) == ("POST", "/hook")
    assert asked.json == {
        "Message": {},
        "Data": '{"offer": "{{x}}"}',
        "ApplicationId": "app",
        "CampaignId": "c",
        "TreatmentId": "1",
        "ActivityId": "act",
        "ScheduledTime": "1970-01-01T00:00:01.000Z",
        "Endpoints": {"lea": {"Address": "lea"}, "a/b": {"Address": "a/b"}},
    }


def test_the_payload_of_a_journey(transport: CustomTransport, peer: Site) -> None:
    context = {"JourneyId": "j", "JourneyActivityId": "ja", "EndpointId": "lea"}
    send(transport, outgoing(peer.url(), campaign_id="", treatment_id="", context=context))
    told = peer.asked[0].json
    assert {name: told.get(name) for name in ("JourneyId", "JourneyActivityId", "CampaignId")} == {
        "JourneyId": "j",
        "JourneyActivityId": "ja",
        "CampaignId": None,
    }


def test_fifty_share_a_call_if_they_say_the_same(transport: CustomTransport, peer: Site) -> None:
    messages = [outgoing(peer.url(f"/{number % 2}"), str(number)) for number in range(130)]
    messages.append(outgoing(peer.url("/0"), "other", activity_id="another"))
    messages.append(outgoing(peer.url("/0"), "third", treatment_id="0"))
    assert send(transport, *messages) == ["sent"] * 132
    assert sorted((asked.path, len(asked.json["Endpoints"])) for asked in peer.asked) == [
        ("/0", 1),
        ("/0", 1),
        ("/0", 15),
        ("/0", 50),
        ("/1", 15),
        ("/1", 50),
    ]


def test_several_messages_to_one_endpoint_go_in_several_calls(transport: CustomTransport, peer: Site) -> None:
    assert send(transport, *[outgoing(peer.url()), outgoing(peer.url()), outgoing(peer.url(), "tim")]) == ["sent"] * 3
    assert sorted(len(asked.json["Endpoints"]) for asked in peer.asked) == [1, 2]


@pytest.mark.parametrize("said", [Said(200, b"rubbish"), Said(204), Said(202, [1])])
def test_any_success_will_do(transport: CustomTransport, peer: Site, said: Said) -> None:
    peer.answer = lambda asked: said
    assert send(transport, outgoing(peer.url())) == ["sent"]


def test_a_failure_is_its_batch_s(world: World, peer: Site) -> None:
    peer.answer = lambda asked: Said(500 if "7" in asked.json["Endpoints"] else 200)
    outcomes = world.send(*(outgoing(peer.url(), str(number)) for number in range(60)))
    assert [outcome.status for outcome in outcomes] == ["temporary"] * 50 + ["sent"] * 10
    assert len(peer.asked) == 2
    assert {(one.blame, one.uncertain, one.retry_after_ms) for one in outcomes[:50]} == {("message", False, 5_000)}


def test_who_failed_together_waits_equally_long_and_longer_each_time(world: World, peer: Site) -> None:
    """So they come together again, as the same message."""
    peer.answer = lambda asked: Said(500 if "7" in asked.json["Endpoints"] else 200)
    failing = [outgoing(peer.url(), str(number)) for number in range(50)]
    waits = [{one.retry_after_ms for one in world.send(*failing)} for _ in range(4)]
    assert waits == [{5_000}, {10_000}, {20_000}, {40_000}]
    assert len({asked.headers["webhook-id"] for asked in peer.asked}) == 1
    peer.answer = lambda asked: Said()
    assert {one.status for one in world.send(*failing)} == {"sent"}
    peer.answer = lambda asked: Said(500)
    assert world.send(*failing)[0].retry_after_ms == 5_000


@pytest.mark.parametrize("world", [0.5], indirect=True)
def test_a_hanging_webhook_costs_one_call_s_time(world: World) -> None:
    with script(then_hang=True) as url:
        (outcome,) = world.send(outgoing(url))
    assert (outcome.status, outcome.detail) == ("temporary", f"{url}: no answer within 0.5 seconds")
    assert outcome.uncertain


def test_who_is_not_reached_has_not_been_told(world: World) -> None:
    with site() as gone:
        pass
    (outcome,) = world.send(outgoing(gone.url()))
    assert (outcome.status, outcome.uncertain) == ("temporary", False)


@pytest.mark.parametrize("status", [301, 400, 404, 410, 413, 422])
def test_what_a_webhook_refuses_is_over(world: World, peer: Site, status: int) -> None:
    peer.answer = lambda asked: Said(status)
    for _ in range(8):
        (outcome,) = world.send(outgoing(peer.url()))
        assert (outcome.status, outcome.blame) == ("permanent", "message")
    assert len(peer.asked) == 8


@pytest.mark.parametrize("status", [401, 403])
def test_who_does_not_let_us_in_may_do_so_later(world: World, peer: Site, status: int) -> None:
    """A receiver that has not heard of the new secret yet is no reason to give its people up."""
    peer.answer = lambda asked: Said(status)
    (outcome,) = world.send(outgoing(peer.url()))
    assert outcome.status == "temporary"


def test_who_wants_less_is_throttled(world: World, peer: Site) -> None:
    peer.answer = lambda asked: Said(429)
    assert [(one.status, one.blame) for one in world.send(outgoing(peer.url()))] == [("throttled", "message")]


def test_a_destination_that_fails_again_and_again_is_left_alone(world: World, peer: Site) -> None:
    peer.answer = lambda asked: Said(503)
    people = [outgoing(peer.url(), str(number)) for number in range(1_000)]
    outcomes = world.send(*people)
    assert {one.status for one in outcomes} == {"temporary"}
    called = len(peer.asked)
    assert 5 <= called <= 12  # those that were under way when it opened
    assert {one.blame for one in outcomes[called * 50 :]} == {"provider"}
    assert "not called, as it failed before" in outcomes[-1].detail
    assert "answered 503" in outcomes[-1].detail
    (other,) = world.send(outgoing(peer.url("/other")))
    assert other.blame == "message"
    assert [(view.destination, view.state) for view in world.callouts.circuits()] == [
        (peer.url(), State.OPEN),
        (peer.url("/other"), State.CLOSED),
    ]
    assert world.callouts.circuit_counts() == {State.CLOSED: 1, State.OPEN: 1, State.HALF_OPEN: 0}
    peer.asked.clear()
    waits = []
    for _ in range(4):
        outcomes = world.send(*people)
        assert {one.blame for one in outcomes} == {"provider"}
        waits.append(world.callouts.circuits()[0].until_ms - world.clock.now_ms())
        world.later(waits[-1])
    assert len(peer.asked) == 3  # a probe after each pause
    assert waits == [5_000, 10_000, 20_000, 40_000]
    peer.answer = lambda asked: Said()
    probing = [one.status for one in world.send(*people)]
    assert "sent" in probing
    assert {one.status for one in world.send(*people)} == {"sent"}
    assert [view.destination for view in world.callouts.circuits()] == [peer.url("/other")]


def test_one_that_says_how_long_is_left_alone_for_so_long(world: World, peer: Site) -> None:
    peer.answer = lambda asked: Said(503, headers={"Retry-After": "120"})
    (outcome,) = world.send(outgoing(peer.url()))
    assert (outcome.blame, outcome.retry_after_ms) == ("provider", 120_000)
    world.later(119_999)
    (outcome,) = world.send(outgoing(peer.url()))
    assert (outcome.retry_after_ms, len(peer.asked)) == (1, 1)
    world.later(1)
    peer.answer = lambda asked: Said()
    assert send(world.transport, outgoing(peer.url())) == ["sent"]


def test_one_message_that_always_fails_does_not_speak_for_its_destination(world: World, peer: Site) -> None:
    """The webhook answers, and fails over what is in the message: the attempts run out, nobody else waits for that."""
    peer.answer = lambda asked: Said(500)
    for _ in range(12):
        (outcome,) = world.send(outgoing(peer.url()))
        assert outcome.blame == "message"
    assert [view.state for view in world.callouts.circuits()] == [State.CLOSED]


def test_one_that_nobody_reaches_is_left_alone_whoever_asks(world: World) -> None:
    with site() as gone:
        pass
    blames = [world.send(outgoing(gone.url()))[0].blame for _ in range(6)]
    assert blames == ["message"] * 4 + ["provider"] * 2


def down_for(world: World, url: str, hours: float) -> None:
    """Somebody tries to reach it all the time."""
    for _ in range(5):
        world.send(outgoing(url))
    end = world.clock.now_ms() + round(hours * 3_600_000)
    while world.clock.now_ms() < end:
        (outcome,) = world.send(outgoing(url))
        world.later(outcome.retry_after_ms or 60_000)


def test_who_has_waited_for_hours_is_given_up(world: World) -> None:
    with site() as gone:
        pass
    sent = world.clock.now_ms() - 11 * 3_600_000
    down_for(world, gone.url(), 1.2)
    (old,) = world.send(outgoing(gone.url(), sent_at_ms=sent))
    (new,) = world.send(outgoing(gone.url()))
    assert (old.status, new.status) == ("permanent", "temporary")


def test_whoever_comes_when_it_has_failed_for_hours_is_given_up_too(world: World) -> None:
    with site() as gone:
        pass
    down_for(world, gone.url(), 12.2)
    assert world.send(outgoing(gone.url()))[0].status == "permanent"
    world.later(2 * 3_600_000)
    (later,) = world.send(outgoing(gone.url()))
    assert (later.status, later.blame) == ("temporary", "provider")  # nobody has asked meanwhile: it may have worked


def test_calls_are_signed_with_both_secrets_while_they_change(world: World, peer: Site) -> None:
    assert send(world.transport, outgoing(peer.url())) == ["sent"]
    (asked,) = peer.asked
    headers = {name.lower(): value for name, value in asked.headers.items()}
    for secret in SECRETS:
        assert standardwebhooks.Webhook(secret).verify(asked.body, headers) == asked.json
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(SECRETS[0]).verify(asked.body.replace(b"offer", b"forge"), headers)
    assert "forge" not in asked.body.decode()


def test_a_message_has_its_id_whenever_it_is_sent_and_another_has_another(world: World, peer: Site) -> None:
    one, two = outgoing(peer.url()), outgoing(peer.url(), message_id="m-other")
    for message in (one, one, two):
        world.send(message)
    ids = [asked.headers["webhook-id"] for asked in peer.asked]
    assert ids[0] == ids[1] != ids[2]
    assert len({asked.body for asked in peer.asked}) == 1


def test_secrets_that_do_not_open_cost_nobody_anything(world: World, peer: Site) -> None:
    world.sealed = True
    (outcome,) = world.send(outgoing(peer.url()))
    assert (outcome.status, outcome.blame, peer.asked) == ("temporary", "credentials", [])


def test_a_certificate_that_is_not_valid_may_be_renewed(tmp_path: Path) -> None:
    context, _ = self_signed(tmp_path)
    world = World()
    with site(tls=context) as peer:
        (outcome,) = world.send(outgoing(peer.url()))
    world.callouts.close()
    assert (outcome.status, outcome.uncertain, peer.asked) == ("temporary", False, [])
    assert "certificate" in outcome.detail


@pytest.mark.parametrize(
    ("destination", "lane"),
    [
        ("deliver", "deliver"),
        ("https://hook.example", "hook.example"),
        ("https://hook.example:8443/", "hook.example:8443"),
        ("https://hook.example/a", "hook.example#5c2f1d5b"),
    ],
)
def test_a_destination_has_a_lane_of_its_own(destination: str, lane: str) -> None:
    found = identity(outgoing(destination))
    assert found.partition("#")[0] == lane.partition("#")[0]
    assert ("#" in found) == ("#" in lane)
    assert identity(outgoing("https://hook.example/b?c=d")) != identity(outgoing("https://hook.example/b"))
    assert identity(EmailOutgoing(message_id="m", account="a", app_id="p", from_address="a", to_address="b")) == ""


def test_a_destination_that_may_not_be_called_fails(transport: CustomTransport) -> None:
    (outcome,) = asyncio.run(transport.send([outgoing("https://[::1]/hook")]))
    assert outcome.status == "permanent"
    assert "may not be called" in outcome.detail


def answered(transport: CustomTransport, *messages: CustomOutgoing) -> list[dict[str, str]]:
    return [dict(outcome.answered) for outcome in asyncio.run(transport.send(messages))]


def test_what_is_answered_of_a_journey_s_endpoints_is_kept(transport: CustomTransport, peer: Site) -> None:
    said = Said(200, {"lea": {"EventAttributes": {"offer": "gold"}}, "tom": {"EventAttributes": {}}})
    peer.answer = lambda asked: said
    journey = {"campaign_id": "", "treatment_id": "", "context": {"JourneyId": "j", "JourneyActivityId": "act"}}
    people = [outgoing(peer.url("/"), name, **journey) for name in ("lea", "jon", "tom")]
    assert answered(transport, *people) == [{"offer": "gold"}, {}, {}]


def test_what_is_answered_of_a_campaign_s_endpoints_is_not(transport: CustomTransport, peer: Site) -> None:
    peer.answer = lambda asked: Said(200, {"lea": {"EventAttributes": {"offer": "gold"}}})
    assert answered(transport, outgoing(peer.url("/"))) == [{}]
    assert len(peer.asked) == 1


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b"thanks", {}),
        (b"[]", {}),
        (b'"\xff\xfe"', {}),
        (b"[" * 100_000, {}),
        (b'{"lea": ' * 50_000, {}),
        (b'{"lea": []}', {}),
        (b'{"lea": {"EventAttributes": ["a"]}}', {}),
        (b'{"lea": {"EventAttributes": {"a": 1, "b": "2", "": "x"}}}', {"lea": {"b": "2"}}),
        (b'{"lea": {"EventAttributes": {"a": "' + b"x" * 128 + b'"}}}', {"lea": {"a": "x" * 128}}),
        (b'{"lea": {"EventAttributes": {"a": "' + b"x" * 129 + b'", "b": "2"}}}', {"lea": {"b": "2"}}),
        (b'{"lea": {"EventAttributes": {"' + b"x" * 129 + b'": "1"}}}', {}),
        (
            json.dumps({"lea": {"EventAttributes": {str(number): "v" for number in range(7)}}}).encode(),
            {"lea": {str(number): "v" for number in range(5)}},
        ),
    ],
)
def test_answers_of_any_form(body: bytes, kept: dict[str, dict[str, str]]) -> None:
    assert answers(body) == kept
