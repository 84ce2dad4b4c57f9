"""What a request to change an endpoint may say, and in which form it is taken."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clarion.core.errors import Invalid
from clarion.domain.audience.change import Change, change_of, is_empty
from clarion.domain.audience.model import check_id
from clarion.shapes.pinpoint import EndpointBatchItem, EndpointRequest, PublicEndpoint


def change(**members: Any) -> Change:
    return change_of(msgspec.convert(members, EndpointRequest))


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (["a", "b"], ["a", "b"]),
        ([], []),
        ("Wang", ["Wang"]),
        ("", [""]),
        (39, ["39"]),
        ([1, 2.5, True, "x"], ["1", "2.5", "true", "x"]),
        (False, ["false"]),
        ("v" * 100, ["v" * 100]),
        (["v"] * 50, ["v"] * 50),
    ],
)
def test_attribute_values_become_lists_of_text(sent: object, stored: list[str]) -> None:
    assert change(Attributes={"n": sent}).attributes == {"n": stored}
    assert change(User={"UserAttributes": {"n": sent}}).user_attributes == {"n": stored}


def test_null_is_not_sent() -> None:
    assert change(Attributes={"a": None, "b": ["x"]}).attributes == {"b": ["x"]}
    assert change(User={"UserAttributes": {"a": None}}).user_attributes == {}


@pytest.mark.parametrize(
    "sent",
    [
        {"Attributes": {"n" * 51: ["x"]}},
        {"Attributes": {"": ["x"]}},
        {"Attributes": {"a\x1fb": ["x"]}},
        {"Attributes": {"n": ["v" * 101]}},
        {"Attributes": {"n": ["v"] * 51}},
        {"User": {"UserAttributes": {"n" * 51: ["x"]}}},
        {"User": {"UserAttributes": {"n": ["v" * 101]}}},
        {"User": {"UserAttributes": {"n": ["v"] * 51}}},
        {"User": {"UserId": "u" * 129}},
        {"User": {"UserId": "u\0"}},
        {"Metrics": {"n" * 51: 1.0}},
        {"Address": "a\0"},
        {"OptOut": "all"},
        {"EndpointStatus": "SLEEPING"},
        {"EffectiveDate": "yesterday"},
    ],
)
def test_a_broken_rule_is_refused(sent: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        change(**sent)


@pytest.mark.parametrize("name", ["n" * 50, "a:b", "a#b", "a?b", "a/b", "a\\b", "größe"])
def test_odd_names_are_taken(name: str) -> None:
    assert change(Attributes={name: ["x"]}).attributes == {name: ["x"]}


@pytest.mark.parametrize(
    ("sent", "stored"), [(47.61, 47.6), (-122.33, -122.3), (13, 13.0), (-0.04, 0.0), (47.65000001, 47.7)]
)
def test_coordinates_keep_one_decimal(sent: float, stored: float) -> None:
    taken = change(Location={"Latitude": sent, "City": "Seattle"}).location
    assert taken == {"latitude": stored, "city": "Seattle"}
    assert str(taken["latitude"]) == str(stored)


def test_the_client_s_date_is_kept_as_written() -> None:
    effective = change(EffectiveDate="2027-03-04T10:15:02+01:00").effective
    assert effective is not None
    assert effective.text == "2027-03-04T10:15:02+01:00"
    assert effective.ms == 1804151702000


def test_the_three_shapes_say_the_same() -> None:
    body = {"ChannelType": "EMAIL", "Address": "lea@acme.test", "User": {"UserId": "u"}, "OptOut": "ALL"}
    changes = [
        change_of(msgspec.convert(body, shape)) for shape in (EndpointRequest, EndpointBatchItem, PublicEndpoint)
    ]
    assert changes[0] == changes[1] == changes[2]


@pytest.mark.parametrize(
    ("body", "empty"), [({}, True), ({"Demographic": {}}, False), ({"OptOut": "ALL"}, False), ({"Address": ""}, False)]
)
def test_empty_is_no_member_at_all(body: dict[str, Any], empty: bool) -> None:
    assert is_empty(msgspec.convert(body, PublicEndpoint)) is empty


@pytest.mark.parametrize("endpoint_id", ["a/b", "us-east-1:0-1", "lea@acme.test", "É", "x" * 512])
def test_endpoint_ids_are_free(endpoint_id: str) -> None:
    assert check_id(endpoint_id) == endpoint_id


@pytest.mark.parametrize("endpoint_id", ["", "a$", "{a", "a}", "a\0", "x" * 513])
def test_but_for_a_few_characters(endpoint_id: str) -> None:
    with pytest.raises(Invalid):
        check_id(endpoint_id)
