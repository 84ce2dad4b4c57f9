"""The merge rules as tables."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clarion.core.errors import Invalid
from clarion.domain.audience import merge as rules
from clarion.domain.audience.change import Effective, change_of
from clarion.domain.audience.merge import Stamp, blank, merge
from clarion.domain.audience.model import Endpoint, answer, decode, encode, template_context
from clarion.shapes.pinpoint import EndpointRequest

STAMP = Stamp(Effective("2027-01-15T08:00:00.000Z", 1_800_000_000_000), "request", 42, 1_800_000_000_000)
LATER = Stamp(Effective("2027-01-15T08:00:05.000Z", 1_800_000_005_000), "later", 7, 1_800_000_005_000)


def put(
    base: Endpoint, body: dict[str, Any], stamp: Stamp = LATER, shared: dict[str, list[str]] | None = None
) -> Endpoint:
    return merge(base, change_of(msgspec.convert(body, EndpointRequest)), stamp, shared)


def made(body: dict[str, Any]) -> Endpoint:
    return put(blank("E-1", STAMP), body, STAMP)


def shown(endpoint: Endpoint) -> dict[str, Any]:
    return msgspec.to_builtins(answer("app", endpoint))


FULL = {
    "ChannelType": "EMAIL",
    "Address": "lea@acme.test",
    "Attributes": {"a": ["1", "2"], "b": ["3"]},
    "Metrics": {"m": 6, "n": 1.5},
    "Demographic": {"Make": "Apple", "Locale": "en_US"},
    "Location": {"City": "Bern", "Latitude": 46.95},
    "User": {"UserId": "u1", "UserAttributes": {"x": ["1"]}},
    "OptOut": "ALL",
    "EndpointStatus": "INACTIVE",
    "EffectiveDate": "2026-01-01T00:00:00Z",
    "RequestId": "mine",
}


@pytest.mark.parametrize(
    ("sent", "members"),
    [
        ({}, {"EndpointStatus": "ACTIVE", "EffectiveDate": "2027-01-15T08:00:05.000Z", "RequestId": "later"}),
        ({"EndpointStatus": "INACTIVE"}, {"EndpointStatus": "INACTIVE", "OptOut": "ALL"}),
        ({"Attributes": {"a": ["9"]}}, {"Attributes": {"a": ["9"], "b": ["3"]}}),
        ({"Attributes": {"a": []}}, {"Attributes": {"a": [], "b": ["3"]}}),
        ({"Attributes": {"a": None}}, {"Attributes": {"a": ["1", "2"], "b": ["3"]}}),
        ({"Attributes": {"c": "bare"}}, {"Attributes": {"a": ["1", "2"], "b": ["3"], "c": ["bare"]}}),
        ({"Attributes": {}}, {"Attributes": {"a": ["1", "2"], "b": ["3"]}}),
        ({"Metrics": {"n": 2}}, {"Metrics": {"m": 6.0, "n": 2.0}}),
        ({"Demographic": {"Model": "X"}}, {"Demographic": {"Make": "Apple", "Model": "X", "Locale": "en_US"}}),
        ({"Demographic": {}}, {"Demographic": {"Make": "Apple", "Locale": "en_US"}}),
        ({"Demographic": {"Make": ""}}, {"Demographic": {"Locale": "en_US"}}),
        ({"Location": {"City": "Thun"}}, {"Location": {"City": "Thun", "Latitude": 47.0}}),
        ({"Address": "new@acme.test"}, {"Address": "new@acme.test", "ChannelType": "EMAIL"}),
        ({"ChannelType": "SMS"}, {"Address": "lea@acme.test", "ChannelType": "SMS"}),
        ({"OptOut": "NONE"}, {"OptOut": "NONE"}),
        ({"RequestId": "again"}, {"RequestId": "again"}),
        ({"EffectiveDate": "2020-02-02T00:00:00.5Z"}, {"EffectiveDate": "2020-02-02T00:00:00.5Z"}),
        ({"User": {}}, {"User": {"UserId": "u1", "UserAttributes": {"x": ["1"]}}}),
        (
            {"User": {"UserAttributes": {"y": ["2"]}}},
            {"User": {"UserId": "u1", "UserAttributes": {"x": ["1"], "y": ["2"]}}},
        ),
        ({"User": {"UserId": "u1"}}, {"User": {"UserId": "u1", "UserAttributes": {"x": ["1"]}}}),
        ({"User": {"UserId": ""}}, {"User": {"UserAttributes": {"x": ["1"]}}}),
        ({"User": {"UserId": "u2"}}, {"User": {"UserId": "u2"}}),
    ],
)
def test_what_is_sent_replaces_and_the_rest_stays(sent: dict[str, Any], members: dict[str, Any]) -> None:
    before = made(FULL)
    image = encode(before)
    after = shown(put(before, sent))
    for name, value in members.items():
        assert after[name] == value
    assert encode(before) == image
    untouched = shown(before)
    sometimes = {"EndpointStatus", "EffectiveDate", "RequestId"}
    for name in untouched.keys() - sent.keys() - members.keys() - sometimes:
        assert after[name] == untouched[name]


def test_a_new_endpoint_has_defaults() -> None:
    assert shown(made({"ChannelType": "EMAIL", "Address": "a@b.c"})) == {
        "ApplicationId": "app",
        "Id": "E-1",
        "ChannelType": "EMAIL",
        "Address": "a@b.c",
        "Attributes": {},
        "Metrics": {},
        "User": {},
        "OptOut": "NONE",
        "EndpointStatus": "ACTIVE",
        "CohortId": "42",
        "CreationDate": "2027-01-15T08:00:00.000Z",
        "EffectiveDate": "2027-01-15T08:00:00.000Z",
        "RequestId": "request",
    }


def test_creation_date_cohort_and_the_id_as_first_sent_never_change() -> None:
    first = made(FULL)
    again = put(first, {"OptOut": "NONE"})
    assert (again.id, again.cohort, again.created_ms) == ("E-1", 42, STAMP.now.ms)


@pytest.mark.parametrize(
    ("before", "user_id", "shared", "expected"),
    [
        # Gathered without a user: comes along, the user's own win.
        ({"UserAttributes": {"x": ["mine"], "y": ["2"]}}, "u2", {"x": ["theirs"]}, {"x": ["theirs"], "y": ["2"]}),
        ({"UserAttributes": {"x": ["mine"]}}, "u2", None, {"x": ["mine"]}),
        # Another user's: stay behind.
        ({"UserId": "u1", "UserAttributes": {"x": ["1"]}}, "u2", {"z": ["3"]}, {"z": ["3"]}),
        ({"UserId": "u1", "UserAttributes": {"x": ["1"]}}, "u2", None, {}),
        # Its own: stay.
        ({"UserId": "u1", "UserAttributes": {"x": ["1"]}}, "u1", None, {"x": ["1"]}),
    ],
)
def test_joining_a_user(
    before: dict[str, Any], user_id: str, shared: dict[str, list[str]] | None, expected: dict[str, list[str]]
) -> None:
    after = put(made({"User": before}), {"User": {"UserId": user_id}}, shared=shared)
    assert after.user_id == user_id
    assert after.user_attributes == expected


def test_what_is_sent_on_joining_wins_over_the_user_s() -> None:
    after = put(
        made({}), {"User": {"UserId": "u", "UserAttributes": {"x": ["new"]}}}, shared={"x": ["old"], "y": ["1"]}
    )
    assert after.user_attributes == {"x": ["new"], "y": ["1"]}


def test_a_detached_endpoint_does_not_carry_its_last_user_to_the_next() -> None:
    detached = put(made({"User": {"UserId": "u1", "UserAttributes": {"name": ["Lea"]}}}), {"User": {"UserId": ""}})
    assert detached.user_attributes == {"name": ["Lea"]}
    assert put(detached, {"User": {"UserId": "u2"}}).user_attributes == {}
    assert put(detached, {"User": {"UserId": "u1"}}).user_attributes == {"name": ["Lea"]}


def test_a_write_clears_the_reason_of_an_inactive_endpoint() -> None:
    inactive = rules.deactivate(made(FULL), "ADDRESS_REUSED")
    assert (inactive.status, inactive.status_reason) == ("INACTIVE", "ADDRESS_REUSED")
    assert put(inactive, {}).status_reason == ""


@pytest.mark.parametrize(
    ("sent", "nothing"),
    [
        ({}, False),  # INACTIVE becomes ACTIVE
        ({"EndpointStatus": "INACTIVE"}, True),
        ({**FULL, "EffectiveDate": None, "RequestId": None}, True),
        (FULL, True),
        ({**FULL, "EffectiveDate": "2026-01-01T00:00:01Z"}, False),
        ({**FULL, "RequestId": "other"}, False),
        ({"EndpointStatus": "INACTIVE", "Attributes": {"a": ["1"]}}, False),
    ],
)
def test_nothing_new(sent: dict[str, Any], nothing: bool) -> None:
    before = made(FULL)
    change = change_of(msgspec.convert(sent, EndpointRequest))
    assert rules.says_nothing_new(before, merge(before, change, LATER), change) is nothing


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"Address": "a@b.c"}, "Missing ChannelType"),
        ({"ChannelType": "EMAIL"}, "Missing Address"),
        ({"ChannelType": "SMS", "Address": ""}, "Missing Address"),
        ({"ChannelType": "IN_APP"}, None),
        ({"ChannelType": "EMAIL", "Address": "a@b.c"}, None),
    ],
)
def test_a_new_endpoint_needs_channel_and_address(body: dict[str, Any], text: str | None) -> None:
    change = change_of(msgspec.convert(body, EndpointRequest))
    if text is None:
        rules.refuse_incomplete(change)
    else:
        with pytest.raises(Invalid, match=text):
            rules.refuse_incomplete(change)


def others(*channels: str) -> list[Endpoint]:
    return [Endpoint(id=f"e{n}", channel_type=channel, effective_ms=100 - n) for n, channel in enumerate(channels)]


@pytest.mark.parametrize(
    ("present", "newcomer", "retire", "leaves"),
    [
        (["EMAIL"] * 2, "EMAIL", False, None),
        (["EMAIL"] * 3, "EMAIL", False, "refused"),
        (["GCM"] * 3, "EMAIL", False, "refused"),
        (["GCM"] * 3, "PUSH", False, "refused"),
        (["GCM"] * 3, "VOICE", False, "refused"),
        (["GCM"] * 3, "", False, "refused"),
        (["EMAIL"] * 3, "GCM", False, "refused"),
        (["GCM", "EMAIL", "EMAIL"], "APNS", False, "e0"),
        (["GCM", "BAIDU", "EMAIL"], "APNS_SANDBOX", False, "e1"),
        (["APNS_VOIP", "APNS_VOIP_SANDBOX", "ADM"], "BAIDU", False, "e2"),
        (["EMAIL"] * 3, "EMAIL", True, "e2"),
        (["GCM", "GCM", "SMS"], "", True, "e2"),
        (["EMAIL"] * 2, "EMAIL", True, None),
    ],
)
def test_room_for_one_more_endpoint_of_a_user(
    present: list[str], newcomer: str, retire: bool, leaves: str | None
) -> None:
    if leaves == "refused":
        with pytest.raises(Invalid, match=r"^Exceeded maximum endpoint per user count:3$"):
            rules.evicted(others(*present), newcomer, 3, retire=retire)
        return
    leaving = rules.evicted(others(*present), newcomer, 3, retire=retire)
    assert [one.id for one in leaving] == ([leaves] if leaves else [])


def test_no_limit() -> None:
    assert rules.evicted(others(*["EMAIL"] * 500), "EMAIL", 0, retire=False) == []


def test_documents_come_back_as_they_were() -> None:
    for body in ({}, FULL):
        endpoint = made(body)
        assert decode(encode(endpoint)) == endpoint


def test_message_variables_have_the_api_s_names() -> None:
    context = template_context(made(FULL))
    assert context["User"] == {"UserId": "u1", "UserAttributes": {"x": ["1"]}}
    assert context["Demographic"] == {"Make": "Apple", "Locale": "en_US"}
    assert context["Location"] == {"City": "Bern", "Latitude": 47.0}
    assert context["Attributes"]["a"] == ["1", "2"]
    assert context["EffectiveDate"] == "2026-01-01T00:00:00.000Z"
    assert context["CreationDate"] == "2027-01-15T08:00:00.000Z"
    assert "Address" not in template_context(made({}))
