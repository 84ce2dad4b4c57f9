"""The custom channel over a loopback peer: what is put together into a call, and what a call's end means."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from clarion.channels.calls.port import Limits
from clarion.channels.calls.service import Callouts
from clarion.channels.custom import CustomTransport, answers
from clarion.channels.port import CustomOutgoing
from clarion.core.settings import Settings
from tests.channels.calls.peers import Asked, Said, Site, script, site


@pytest.fixture
def peer() -> Iterator[Site]:
    with site() as running:
        yield running


@pytest.fixture
def transport(request: pytest.FixtureRequest) -> Iterator[CustomTransport]:
    """As patient as the test's parameter says, in seconds."""
    settings = Settings(callout_networks="127.0.0.0/8", callout_http=True)
    seconds = getattr(request, "param", 30)
    callouts = Callouts(settings, Limits(seconds=seconds, tries=2, pause_seconds=0.01))
    yield CustomTransport(callouts)
    callouts.close()


def outgoing(destination: str, endpoint_id: str = "lea", **members: Any) -> CustomOutgoing:
    given = {
        "data": '{"offer": "{{x}}"}',
        "campaign_id": "c",
        "treatment_id": "1",
        "activity_id": "act",
        "scheduled_ms": 1_000,
        **members,
    }
    return CustomOutgoing(
        message_id=f"m-{endpoint_id}",
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


def test_a_failure_is_its_batch_s_and_final(transport: CustomTransport, peer: Site) -> None:
    def answer(asked: Asked) -> Said:
        return Said(500 if "7" in asked.json["Endpoints"] else 200)

    peer.answer = answer
    statuses = send(transport, *(outgoing(peer.url(), str(number)) for number in range(60)))
    assert statuses == ["permanent"] * 50 + ["sent"] * 10
    assert len(peer.asked) == 3


@pytest.mark.parametrize("transport", [0.5], indirect=True)
def test_a_hanging_webhook_fails_in_time(transport: CustomTransport) -> None:
    with script(then_hang=True) as url:
        (outcome,) = asyncio.run(transport.send([outgoing(url)]))
    assert (outcome.status, outcome.detail) == ("permanent", f"{url}: no answer within 0.5 seconds (2 tries)")


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
