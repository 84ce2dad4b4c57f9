"""Asking models and functions, with a stand-in for the calls."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clarion.channels.calls.port import CalloutFailed
from clarion.domain.recommenders.asking import Found, Person, ask
from clarion.domain.recommenders.model import BY_USER, Recommender
from tests.domain.calling import FakeCallout

MODEL = "arn:aws:personalize:eu-central-1:000000000001:campaign/shop"
BY_MODEL = Recommender(provider=MODEL, items=2)
BY_URL = Recommender(provider="https://models.example/", items=2)
BY_FUNCTION = Recommender(provider=MODEL, items=2, transformer="describe", attributes={"Title": "T", "Price": "P"})
ABOUT = {"CampaignId": "c", "ActivityId": "a"}


def people(*names: str) -> list[Person]:
    return [Person(name, f"user-{name}", msgspec.json.encode({"Address": name})) for name in names]


def fail(*_: Any) -> Any:
    raise CalloutFailed("no answer")


def test_a_model_is_asked_for_each_endpoint() -> None:
    callout = FakeCallout(items=lambda identity: [f"{identity}-{number}" for number in range(9)])
    assert ask(callout, BY_MODEL, people("lea", "tim"), ABOUT) == [
        Found({"RecommendationItems": ["lea-0", "lea-1"]}),
        Found({"RecommendationItems": ["tim-0", "tim-1"]}),
    ]
    assert callout.asked == [(MODEL, "lea", 2), (MODEL, "tim", 2)]
    assert callout.called == []


def test_users_are_asked_for_once_and_endpoints_without_one_fail() -> None:
    callout = FakeCallout(items=lambda identity: [identity])
    both = [Person("lea-mail", "u1", b"{}"), Person("lea-phone", "u1", b"{}"), Person("nobody", "", b"{}")]
    found = ask(callout, msgspec.structs.replace(BY_MODEL, id_type=BY_USER), both, ABOUT)
    assert [one.variables for one in found] == [{"RecommendationItems": ["u1"]}] * 2 + [{}]
    assert found[2].failed == "the model wants a user id, and the endpoint has none"
    assert callout.asked == [(MODEL, "u1", 2)]


def test_nothing_recommended_is_no_failure() -> None:
    assert ask(FakeCallout(), BY_MODEL, people("lea"), ABOUT) == [Found()]
    assert ask(FakeCallout(lambda payload: {"recommendations": {}}), BY_URL, people("lea"), ABOUT) == [Found()]


def test_a_failure_is_one_person_s() -> None:
    callout = FakeCallout(items=lambda identity: fail() if identity == "tim" else ["x"])
    assert ask(callout, BY_MODEL, people("lea", "tim"), ABOUT) == [
        Found({"RecommendationItems": ["x"]}),
        Found(failed="no answer"),
    ]


def test_an_item_that_is_too_long_is_a_failure() -> None:
    callout = FakeCallout(items=lambda identity: ["x" * (100 if identity == "lea" else 101)])
    found = ask(callout, BY_MODEL, people("lea", "tim"), ABOUT)
    assert [one.failed for one in found] == ["", "a recommended item has more than 100 characters"]


def test_a_url_is_asked_for_fifty_at_a_time() -> None:
    callout = FakeCallout(lambda payload: {"recommendations": {one: [one, "b", "c"] for one in payload["userIds"]}})
    crowd = people(*map(str, range(120)))
    found = ask(callout, BY_URL, crowd, ABOUT)
    assert [one.variables["RecommendationItems"] for one in found] == [[str(number), "b"] for number in range(120)]
    assert [(uri, len(payload["userIds"]), payload["numResults"]) for uri, payload in callout.called] == [
        ("https://models.example/", 50, 2),
        ("https://models.example/", 50, 2),
        ("https://models.example/", 20, 2),
    ]


@pytest.mark.parametrize(
    "answer",
    [b"", b"[]", b"{}", b'{"recommendations": []}', b'{"recommendations": {"lea": [1]}}', b"\xff", b"[" * 9_999],
)
def test_rubbish_of_a_url_is_a_failure_of_its_batch(answer: bytes) -> None:
    found = ask(FakeCallout(lambda payload: answer), BY_URL, people("lea", "tim"), ABOUT)
    assert all("cannot be read" in one.failed for one in found)


def _titled(payload: Any) -> Any:
    return {
        name: {**endpoint, "Recommendations": {"Title": [f"{item}!" for item in endpoint["RecommendationItems"]]}}
        for name, endpoint in payload["Endpoints"].items()
    }


def test_a_function_makes_attributes_of_items() -> None:
    callout = FakeCallout(_titled, lambda identity: ["a", "b", "c"])
    found = ask(callout, BY_FUNCTION, people("lea"), ABOUT)
    assert found == [Found({"RecommendationItems": ["a", "b"], "Recommendations": {"Title": ["a!", "b!"]}})]
    told = {"lea": {"Address": "lea", "RecommendationItems": ["a", "b"]}}
    assert callout.called == [("describe", {"CampaignId": "c", "ActivityId": "a", "Endpoints": told})]


def test_a_function_is_told_of_fifty_at_a_time_and_only_of_those_with_items() -> None:
    callout = FakeCallout(_titled, lambda identity: [] if identity == "7" else ["a"])
    found = ask(callout, BY_FUNCTION, people(*map(str, range(120))), ABOUT)
    assert [len(payload["Endpoints"]) for _, payload in callout.called] == [50, 50, 19]
    assert [number for number, one in enumerate(found) if not one.variables] == [7]
    assert not any(one.failed for one in found)


def test_a_function_that_fails_has_failed_for_its_batch() -> None:
    def answer(payload: Any) -> Any:
        return fail() if "0" in payload["Endpoints"] else _titled(payload)

    found = ask(FakeCallout(answer, lambda identity: ["a"]), BY_FUNCTION, people(*map(str, range(60))), ABOUT)
    assert [one.failed for one in found] == ["no answer"] * 50 + [""] * 10


@pytest.mark.parametrize(
    "endpoint",
    [
        {"Recommendations": {"Title": "a", "Price": ["1", "2"]}},
        {"User": {"UserAttributes": {"Recommendations": {"Title": "a", "Price": ["1", "2"]}}}},
        {"Attributes": [{"Recommendations": {"Title": "a", "Price": ["1", "2"]}}], "Address": "elsewhere"},
    ],
)
@pytest.mark.parametrize("wrapped", [True, False])
def test_attributes_may_stand_anywhere(endpoint: Any, wrapped: bool) -> None:
    answer = {"Endpoints": {"lea": endpoint}} if wrapped else {"lea": endpoint}
    (found,) = ask(FakeCallout(lambda payload: answer, lambda identity: ["x"]), BY_FUNCTION, people("lea"), ABOUT)
    assert found.variables["Recommendations"] == {"Title": "a", "Price": ["1", "2"]}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"rubbish", "not JSON"),
        (b"", "not JSON"),
        (b"[]", "not an object"),
        (b"null", "not an object"),
        (b"{}", "no Recommendations"),
        (b'{"tim": {"Recommendations": {"Title": "a"}}}', "no Recommendations"),
        (b'{"lea": null}', "no Recommendations"),
        (b'{"lea": {"Recommendations": "a"}}', "no Recommendations"),
        (b'{"lea": {"Recommendations": {}}}', "named as configured: Price, Title"),
        (b'{"lea": {"Recommendations": {"Other": "a"}}}', "named as configured"),
        (b'{"lea": {"Recommendations": {"Title": 1}}}', "strings"),
        (b'{"lea": {"Recommendations": {"Title": ["a", 1]}}}', "strings"),
    ],
)
def test_what_breaks_the_rules_of_an_answer_is_a_failure(answer: bytes, why: str) -> None:
    (found,) = ask(FakeCallout(lambda payload: answer, lambda identity: ["x"]), BY_FUNCTION, people("lea"), ABOUT)
    assert why in found.failed
    assert found.variables == {}
