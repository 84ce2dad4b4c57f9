"""What a hook's answer means for the people of a page, with a stand-in for the calls."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.channels.calls.port import CalloutFailed
from clarion.domain.audience.model import Demographic, Endpoint, template_context
from clarion.domain.campaigns.hooks.filtering import filtering
from clarion.domain.messaging.model import Refusal, Send, Turn
from clarion.shapes.pinpoint import CampaignHook, DirectMessageConfiguration, SMSMessage
from tests.domain.calling import FakeCallout

SEND = Send(account="1", region="r", app_id="app", origin="campaign", campaign_id="c", activity_id="a")
MESSAGE = DirectMessageConfiguration(sms_message=SMSMessage(body="Hello"))


def turn(name: str = "lea", channel: str = "SMS", refusal: Refusal | None = None) -> Turn:
    endpoint = Endpoint(
        id=name,
        channel_type=channel,
        address="+15005550100",
        attributes={"tier": ["gold"], "size": ["M"]},
        metrics={"visits": 3.0},
        user_id="u1",
        user_attributes={"Name": ["Lea"]},
        demographic=Demographic(make="Acme"),
        cohort=42,
    )
    return Turn(
        endpoint=endpoint, message_id=f"m-{name}", due_ms=0, variables=template_context(endpoint), refusal=refusal
    )


def ask(callout: FakeCallout, *turns: Turn, hook: CampaignHook | None = None) -> None:
    filtering(callout, hook or CampaignHook(lambda_function_name="choose"), MESSAGE, 1_000)(SEND, turns)


def test_a_hook_is_told_of_the_message_the_run_and_the_people() -> None:
    callout = FakeCallout(lambda payload: payload["Endpoints"])
    one = turn("le/a")
    ask(callout, one)
    ((uri, told),) = callout.called
    endpoints = told.pop("Endpoints")
    assert uri == "choose"
    assert told == {
        "MessageConfiguration": {"SMSMessage": {"Body": "Hello"}},
        "ApplicationId": "app",
        "CampaignId": "c",
        "TreatmentId": "0",
        "ActivityId": "a",
        "ScheduledTime": "1970-01-01T00:00:01.000Z",
    }
    assert endpoints["le/a"]["Attributes"] == {"tier": ["gold"], "size": ["M"], "CohortId": ["42"]}
    assert endpoints["le/a"]["User"] == {"UserId": "u1", "UserAttributes": {"Name": ["Lea"]}}
    assert one.refusal is None


def test_the_url_is_called_instead_of_the_function() -> None:
    callout = FakeCallout(lambda payload: payload)
    ask(
        callout,
        turn(),
        hook=CampaignHook(lambda_function_name="choose", web_url="https://hook.example/", mode="FILTER"),
    )
    assert [uri for uri, _ in callout.called] == ["https://hook.example/"]


def test_who_is_left_out_gets_nothing_and_it_is_no_failure() -> None:
    turns = [turn("lea"), turn("tim"), turn("kim")]
    ask(FakeCallout(lambda payload: {"lea": {}, "kim": None, "stranger": {}, "requestId": "x"}), *turns)
    assert [one.refusal and (one.refusal.gate, one.refusal.status) for one in turns] == [
        None,
        ("hook", None),
        ("hook", None),
    ]


@pytest.mark.parametrize("wrapped", [True, False])
def test_endpoints_may_come_back_in_the_whole_request(wrapped: bool) -> None:
    one = turn()
    ask(FakeCallout(lambda payload: payload if wrapped else payload["Endpoints"]), one)
    assert one.refusal is None


def test_an_endpoint_may_be_called_endpoints() -> None:
    turns = [turn("Endpoints"), turn("lea")]
    ask(FakeCallout(lambda payload: {"Endpoints": {}}), *turns)
    assert [one.refusal is None for one in turns] == [True, False]


def test_changes_are_for_this_message_only() -> None:
    one = turn()
    given = {
        "Address": "+15005550199",
        "OptOut": "ALL",
        "Attributes": {"tier": ["silver"], "credit": [12, 1.5, True, "x", None, {}], "word": "single"},
        "Metrics": {"visits": 4, "rank": 1},
        "Demographic": {"Model": "X", "Make": ["no"]},
        "Location": {"City": "Rome"},
        "User": {"UserId": "u2", "UserAttributes": {"Name": ["Leah"], "Age": [30]}},
    }
    ask(FakeCallout(lambda payload: {"lea": given}), one)
    assert one.variables["Attributes"] == {
        "tier": ["silver"],
        "size": ["M"],
        "credit": ["12", "1.5", "true", "x"],
        "word": ["single"],
    }
    assert one.variables["Metrics"] == {"visits": 4, "rank": 1}
    assert one.variables["Demographic"] == {"Make": "Acme", "Model": "X"}
    assert one.variables["Location"] == {"City": "Rome"}
    assert one.variables["User"] == {"UserId": "u1", "UserAttributes": {"Name": ["Leah"], "Age": ["30"]}}
    assert (one.variables["Address"], one.variables["OptOut"]) == ("+15005550100", "NONE")
    assert one.endpoint == turn().endpoint


@pytest.mark.parametrize(
    "channel", ["ADM", "APNS", "APNS_SANDBOX", "APNS_VOIP", "APNS_VOIP_SANDBOX", "BAIDU", "GCM", "SMS"]
)
def test_title_and_body_are_replaced(channel: str) -> None:
    one = turn(channel=channel)
    ask(FakeCallout(lambda payload: {"lea": {"TitleOverride": "T", "BodyOverride": "B"}}), one)
    assert (one.title, one.body) == ("T", "B")


@pytest.mark.parametrize("channel", ["EMAIL", "CUSTOM", "VOICE"])
def test_title_and_body_of_other_channels_stay(channel: str) -> None:
    one = turn(channel=channel)
    ask(FakeCallout(lambda payload: {"lea": {"TitleOverride": "T", "BodyOverride": "B"}}), one)
    assert (one.title, one.body) == (None, None)


def test_overrides_that_are_no_texts_are_ignored() -> None:
    one = turn()
    ask(
        FakeCallout(lambda payload: {"lea": {"TitleOverride": 1, "BodyOverride": None, "Attributes": [], "User": "x"}}),
        one,
    )
    assert (one.title, one.body, one.refusal) == (None, None, None)


def test_fifty_at_a_time_and_a_failure_is_its_batch_s() -> None:
    def answer(payload: Any) -> Any:
        if "0" in payload["Endpoints"]:
            raise CalloutFailed("no answer")
        return payload["Endpoints"]

    callout = FakeCallout(answer)
    turns = [turn(str(number)) for number in range(120)]
    ask(callout, *turns)
    assert [len(payload["Endpoints"]) for _, payload in callout.called] == [50, 50, 20]
    assert [one.refusal for one in turns] == [Refusal("hook", "no answer", "HOOK_FAILURE")] * 50 + [None] * 70


@pytest.mark.parametrize("answer", [b"", b"rubbish", b"\xff", b"[]", b"null", b'"lea"', b"[" * 100_000])
def test_rubbish_is_a_failure(answer: bytes) -> None:
    one = turn()
    ask(FakeCallout(lambda payload: answer), one)
    assert one.refusal is not None
    assert one.refusal.status == "HOOK_FAILURE"


def test_whom_something_else_refused_the_hook_is_not_asked_about() -> None:
    callout = FakeCallout()
    said = Refusal("recommender", "no answer", "RECOMMENDATION_FAILURE")
    one = turn(refusal=said)
    ask(callout, one)
    assert (callout.called, one.refusal) == ([], said)


def test_delivery_mode_is_a_failure_that_says_what_to_use_instead() -> None:
    callout = FakeCallout()
    one = turn()
    ask(callout, one, hook=CampaignHook(lambda_function_name="choose", mode="DELIVERY"))
    assert callout.called == []
    assert one.refusal is not None
    assert (one.refusal.status, "custom channel" in one.refusal.reason) == ("HOOK_FAILURE", True)
