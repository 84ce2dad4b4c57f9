"""PutEvents: what is taken, what is not, and in which words, down to the exact answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clarion.core.errors import Invalid, NotFound, TooLarge
from clarion.domain.events.model import MAX_BODY_BYTES, MAX_EVENT_BYTES
from tests.domain.events.answers import ACCEPTED, answer, item, refused
from tests.domain.events.bodies import TIME, batch, body, event
from tests.domain.events.conftest import NOW, House


def test_the_example_of_the_specification(any_house: House) -> None:
    """The event, its endpoint and the answer, on each engine."""
    sent = event(
        Attributes={"category": "shoes"},
        Metrics={"amount": 79.9},
        Session={"Id": "s-55", "StartTimestamp": "2027-03-04T09:10:00Z"},
    )
    demographic = {"AppVersion": "4.2", "Locale": "de_DE", "Make": "Fairphone", "Platform": "android"}
    endpoint = {
        "ChannelType": "EMAIL",
        "Address": "lea@acme.test",
        "User": {"UserId": "u-19"},
        "Demographic": demographic,
    }
    raw = batch({"EP-7781": {"Endpoint": endpoint, "Events": {"e-1": sent}}})
    assert any_house.put(raw) == {"Results": {"EP-7781": item({"e-1": ACCEPTED})}}
    known = any_house.audience.get(any_house.scope, any_house.app, "ep-7781")
    assert (known.address, known.user_id) == ("lea@acme.test", "u-19")
    [row] = any_house.stored()
    assert (row.app_id, row.account, row.event_type, row.event_id) == (
        any_house.app,
        "000000000001",
        "cart.left",
        "e-1",
    )
    assert (row.endpoint_key, row.endpoint_id, row.user_id, row.system) == ("ep-7781", "EP-7781", "u-19", False)
    assert (row.ts, row.arrival) == (1804151702120, 1804151703008)
    assert (row.session_id, row.session_start, row.session_stop) == ("s-55", 1804151400000, None)
    assert (row.attributes, row.metrics) == ({"category": "shoes"}, {"amount": 79.9})
    assert json.loads(row.application) == {"version_name": "4.2", "sdk": {}}
    assert json.loads(row.device) == {
        "locale": {"code": "de_DE", "language": "de", "country": "DE"},
        "make": "Fairphone",
        "platform": {"name": "android"},
    }


GOOD: dict[str, dict[str, Any]] = {
    "least": event(),
    "nulls": event(Attributes=None, Metrics=None, Session=None, AppTitle=None),
    "null entries": event(Attributes={"a": None, "b": "c"}, Metrics={"m": None}),
    "unknown member": event(Color="blue"),
    "date only": event(Timestamp="2027-03-04"),
    "offset": event(Timestamp="2027-03-04T09:15:02+05:30"),
    "no offset": event(Timestamp="2027-03-04T09:15:02"),
    "basic format": event(Timestamp="20270304T091502Z"),
    "40 keys": event(Attributes={f"a{n}": "" for n in range(35)}, Metrics={f"m{n}": n for n in range(5)}),
    "longest key": event(Attributes={"k" * 50: "v"}),
    "longest value": event(Attributes={"k": "ü" * 200}),
    "stopped session": event(
        Session={"Id": "", "StartTimestamp": TIME, "StopTimestamp": "2027-03-04T10:00Z", "Duration": -5}
    ),
    "reported by the SDK": event(EventType="_session.start"),
    "in the product's name": event(EventType="_email.open"),
}


@pytest.mark.parametrize("name", GOOD)
def test_good(shared: House, name: str) -> None:
    assert shared.put(body({"e": GOOD[name]})) == answer({"e": ACCEPTED})
    assert [row.event_id for row in shared.stored()] == ["e"]


BAD: dict[str, tuple[Any, str, str]] = {
    "no object": ([], "malformed", "Event: must be an object"),
    "null": (None, "malformed", "Event: must be an object"),
    "no type": ({"Timestamp": TIME}, "event_type", "EventType: must be a string that is not empty"),
    "empty type": (event(EventType=""), "event_type", "EventType: must be a string that is not empty"),
    "numeric type": (event(EventType=5), "event_type", "EventType: must be a string that is not empty"),
    "no time": ({"EventType": "t"}, "timestamp", "Timestamp: must be an ISO 8601 date"),
    "bad time": (event(Timestamp="yesterday"), "timestamp", "Timestamp: must be an ISO 8601 date"),
    "numeric time": (event(Timestamp=1804151402120), "timestamp", "Timestamp: must be an ISO 8601 date"),
    "no such day": (event(Timestamp="2027-02-29T00:00:00Z"), "timestamp", "Timestamp: must be an ISO 8601 date"),
    "attributes": (event(Attributes=["a"]), "malformed", "Attributes: must be an object"),
    "attribute": (event(Attributes={"a": 5}), "malformed", "Attributes.a: expected string, got number"),
    "metric": (event(Metrics={"m": "5"}), "malformed", "Metrics.m: expected number, got string"),
    "title": (event(AppTitle=5), "malformed", "AppTitle: expected string, got number"),
    "long key": (
        event(Attributes={"k" * 51: "v"}),
        "key_too_long",
        "Attributes: keys must not be longer than 50 characters",
    ),
    "long metric key": (
        event(Metrics={"k" * 51: 1}),
        "key_too_long",
        "Metrics: keys must not be longer than 50 characters",
    ),
    "long value": (
        event(Attributes={"k": "v" * 201}),
        "value_too_long",
        "Attributes.k: must not be longer than 200 characters",
    ),
    "41 keys": (
        event(Attributes={f"a{n}": "" for n in range(21)}, Metrics={f"m{n}": n for n in range(20)}),
        "too_many_keys",
        "Attributes, Metrics: must not have more than 40 keys",
    ),
    "session": (event(Session="s"), "session", "Session: must be an object"),
    "session without id": (event(Session={"StartTimestamp": TIME}), "session", "Session.Id: must be a string"),
    "session without start": (
        event(Session={"Id": "s"}),
        "session",
        "Session.StartTimestamp: must be an ISO 8601 date",
    ),
    "session that stops badly": (
        event(Session={"Id": "s", "StartTimestamp": TIME, "StopTimestamp": "x"}),
        "session",
        "Session.StopTimestamp: must be an ISO 8601 date",
    ),
    "fraction of a duration": (
        event(Session={"Id": "s", "StartTimestamp": TIME, "Duration": 1.5}),
        "malformed",
        "Session.Duration: expected integer, got number",
    ),
    "duration": (
        event(Session={"Id": "s", "StartTimestamp": TIME, "Duration": 2**63}),
        "malformed",
        "Session.Duration: must be at most 9223372036854775807",
    ),
    "control character": (
        event(Attributes={"a\x1fb": "v"}),
        "name",
        "Attributes: 'a\\x1fb' must not contain control characters",
    ),
    "too large": (
        event(Padding="x" * MAX_EVENT_BYTES),
        "too_large",
        f"Event: must not be larger than {MAX_EVENT_BYTES} bytes",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_beside_good(shared: House, name: str) -> None:
    """The bad event is named and counted, the good ones around it are stored."""
    bad, reason, message = BAD[name]
    raw = body({"before": event(), "bad": bad, "after": event(Attributes={"k": "v"})})
    expected = {"before": ACCEPTED, "bad": refused(message), "after": ACCEPTED}
    assert shared.put(raw) == answer(expected)
    assert [row.event_id for row in shared.stored()] == ["after", "before"]
    counted = {reason.value: counter._value.get() for reason, counter in shared.metrics.dropped.items()}
    assert {name: value for name, value in counted.items() if value} == {reason: 1}
    assert shared.metrics.accepted._value.get() == 2


WHOLE: dict[str, tuple[bytes, type[Exception], str]] = {
    "empty": (b"", Invalid, "The request body is empty; expected a JSON object"),
    "no JSON": (b"{", Invalid, "The request body is not valid JSON: input data was truncated"),
    "no object": (b"[]", Invalid, "The request body: expected object, got list"),
    "no batch": (b"{}", Invalid, "BatchItem: required, but missing"),
    "null batch": (b'{"BatchItem":null}', Invalid, "BatchItem: expected object, got null"),
    "list batch": (b'{"BatchItem":[]}', Invalid, "BatchItem: expected object, got list"),
    "not UTF-8": (body({"e": event()}).replace(b"cart", b"\xff"), Invalid, "The request body is not UTF-8 text"),
    "nested": (b'{"BatchItem":' + b"[" * 100_000, Invalid, "The request body is nested too deeply"),
    "101 events": (
        body({f"e{n}": event() for n in range(101)}),
        Invalid,
        "EventsRequest: must not have more than 100 events",
    ),
    "101 events in two items, one bad": (
        batch({f"ep{i}": {"Endpoint": {}, "Events": {f"e{n}": event() if n else 5 for n in range(51)}} for i in "12"}),
        Invalid,
        "EventsRequest: must not have more than 100 events",
    ),
    "too large": (
        b" " * (MAX_BODY_BYTES + 1),
        TooLarge,
        f"EventsRequest: must not be larger than {MAX_BODY_BYTES} bytes",
    ),
}


@pytest.mark.parametrize("name", WHOLE)
def test_refused_as_a_whole(shared: House, name: str) -> None:
    raw, kind, message = WHOLE[name]
    with pytest.raises(kind) as caught:
        shared.put(raw)
    assert caught.value.message == message  # type: ignore[attr-defined]
    assert shared.stored() == []


def test_100_events_and_no_event(house: House) -> None:
    assert house.put(batch({})) == {"Results": {}}
    assert house.put(body({})) == answer({})
    sent = {f"e{n:02d}": event() for n in range(100)}
    assert house.put(body(sent)) == answer(dict.fromkeys(sent, ACCEPTED))
    assert [row.event_id for row in house.stored()] == sorted(sent)


def test_items_that_are_no_items(house: House) -> None:
    raw = batch(
        {
            "no-object": [],
            "no-endpoint": {"Events": {"e": event(), "f": 5}},
            "no-events": {"Endpoint": {}},
            "null-events": {"Endpoint": {}, "Events": None},
            "$bad": {"Endpoint": {}, "Events": {"e": event()}},
            "": {"Endpoint": {}, "Events": {"e": event()}},
            "bad-endpoint": {"Endpoint": {"ChannelType": "PIGEON"}, "Events": {"e": event()}},
            "list-endpoint": {"Endpoint": [], "Events": {"e": event()}},
            "good": {"Endpoint": {}, "Events": {"e": event(), "": event()}},
        }
    )
    gone = "Endpoint: required, but missing"
    found = house.put(raw)["Results"]
    assert "must be one of" in found["bad-endpoint"]["EndpointItemResponse"].pop("Message")
    assert found == {
        "no-object": item({}, refused("BatchItem: expected object, got list")),
        "no-endpoint": item({"e": refused(gone), "f": refused(gone)}, refused(gone)),
        "no-events": item({}, refused("BatchItem.Events: required, but missing")),
        "null-events": item({}, refused("BatchItem.Events: expected object, got null")),
        "$bad": item(
            {"e": refused("EndpointId: must not contain $, { or }")},
            refused("EndpointId: must not contain $, { or }"),
        ),
        "": item({"e": refused("EndpointId: must not be empty")}, refused("EndpointId: must not be empty")),
        "bad-endpoint": item({"e": ACCEPTED}, {"StatusCode": 400}),
        "list-endpoint": item({"e": ACCEPTED}, refused("Endpoint: expected object, got list")),
        "good": item({"e": ACCEPTED, "": refused("EventId: must not be empty")}),
    }
    assert [row.endpoint_key for row in house.stored()] == ["bad-endpoint", "good", "list-endpoint"]


def test_events_of_a_device_without_address_are_kept(house: House) -> None:
    """As with mobile SDKs before there is a push token: the endpoint is refused, what it says is not lost."""
    endpoint = {"Demographic": {"Make": "Fairphone", "AppVersion": "4.2"}, "User": {"UserId": "u"}}
    found = house.put(body({"e": event()}, endpoint))
    assert found == answer({"e": ACCEPTED}, refused("Missing ChannelType"))
    with pytest.raises(NotFound):
        house.audience.get(house.scope, house.app, "ep-7781")
    [row] = house.stored()
    assert (row.user_id, json.loads(row.device)) == ("u", {"make": "Fairphone", "platform": {}})


def test_an_empty_endpoint_erases_nothing(house: House) -> None:
    known = {"ChannelType": "EMAIL", "Address": "lea@acme.test", "Demographic": {"Make": "Fairphone"}}
    house.put(body({"1": event()}, known))
    house.put(body({"2": event()}, {}))
    endpoint = house.audience.get(house.scope, house.app, "ep-7781")
    assert (endpoint.address, endpoint.channel_type) == ("lea@acme.test", "EMAIL")
    assert [json.loads(row.device)["make"] for row in house.stored()] == ["Fairphone", "Fairphone"]


def test_unknown_project_and_foreign_project(house: House) -> None:
    with pytest.raises(NotFound):
        house.put(body({"e": event()}), app="0" * 32)
    with pytest.raises(NotFound):
        house.events.put(house.context("000000000002"), house.app, body({"e": event()})).result(10)
    assert house.put(body({"e": event()})) == answer({"e": ACCEPTED})
    assert len(house.stored()) == 1


def test_arrival_is_the_products_clock(house: House) -> None:
    house.put(body({"e": event(Timestamp="1969-12-31T23:59:59.999Z")}))
    [row] = house.stored()
    assert NOW == "2027-03-04T09:15:03.008Z"
    assert (row.ts, row.arrival) == (-1, 1804151703008)
