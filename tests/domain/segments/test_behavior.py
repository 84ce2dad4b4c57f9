"""Behavioural dimensions: what an endpoint did, how often, how long ago, and with what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from clarion.core.clock import to_ms
from clarion.core.errors import Invalid
from clarion.domain.segments.algebra import EVERYBODY, ActiveWithin, And, Did, HasToken, Measures, Node, Not, Or, leaves
from clarion.domain.segments.build import build
from clarion.domain.segments.check import MOST_FILTERS, check_request
from clarion.domain.segments.columnar import Endpoints
from clarion.domain.segments.optimise import optimise
from clarion.domain.segments.parse import dimensions_node
from clarion.shapes.pinpoint import SegmentDimensions, SegmentEventDimension, WriteSegmentRequest
from clarion.store.columnar import Columnar
from tests.domain.segments import tables
from tests.domain.segments.evaluate import Happening, Person

DAY = timedelta(days=1)


def bought(ago: timedelta, price: float = 1, **attributes: str) -> Happening:
    return Happening("purchase", tables.NOW - ago, attributes=attributes, metrics={"price": price})


def mail(kind: str, ago: timedelta, id: str = "", *, system: bool = True) -> Happening:
    return Happening(f"_email.{kind}", tables.NOW - ago, system, id=id)


AUDIENCE = {
    "once": [bought(DAY, 10, shop="web", colour="red")],
    "twice": [bought(DAY, 10, shop="app"), bought(2 * DAY, 99, shop="web")],
    "often": [bought(number * DAY, 5, shop="app") for number in range(1, 11)],
    "at the edge": [bought(30 * DAY)],
    "just too long ago": [bought(30 * DAY + timedelta(milliseconds=1))],
    "opened": [mail("send", 4 * DAY), mail("open", 3 * DAY)],
    "not opened": [mail("send", 4 * DAY)],
    "opened, told twice": [mail("open", 3 * DAY, "same"), mail("open", 2 * DAY, "same")],
    "opened twice": [mail("open", 3 * DAY, "a"), mail("open", 2 * DAY, "b")],
    "claims to have opened": [mail("open", DAY, system=False)],
    "nothing": [],
}
BUYERS = {"once", "twice", "often", "at the edge"}
OPENERS = {"opened", "opened, told twice", "opened twice"}


@pytest.fixture(scope="module")
def endpoints(audience: Columnar) -> Endpoints:
    tables.load(audience, "app", [Person(key=key, events=events) for key, events in AUDIENCE.items()])
    tables.load(audience, "other", [Person(key="nothing", events=[bought(DAY)])])
    return Endpoints(audience)


def on(*events: dict[str, Any]) -> SegmentDimensions:
    full = [{"EventType": "purchase", "Days": 30, **event} for event in events]
    return msgspec.convert({"Behavior": {"Events": full}}, SegmentDimensions)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({}, BUYERS),
        ({"DimensionType": "INCLUSIVE", "MinimumCount": 1}, BUYERS),
        ({"DimensionType": "EXCLUSIVE"}, AUDIENCE.keys() - BUYERS),
        ({"Days": 29}, BUYERS - {"at the edge"}),
        ({"Days": 90}, BUYERS | {"just too long ago"}),
        ({"MinimumCount": 2}, {"twice", "often"}),
        ({"MinimumCount": 10}, {"often"}),
        ({"MinimumCount": 11}, set()),
        ({"MinimumCount": 1_000_000}, set()),
        ({"MaximumCount": 1}, {"once", "at the edge"}),
        ({"MinimumCount": 2, "MaximumCount": 2}, {"twice"}),
        ({"MinimumCount": 3, "Days": 2}, set()),
        ({"DimensionType": "EXCLUSIVE", "MinimumCount": 2}, AUDIENCE.keys() - {"twice", "often"}),
        ({"EventType": "Purchase"}, set()),
        ({"EventType": "never seen", "DimensionType": "EXCLUSIVE"}, set(AUDIENCE)),
        ({"Attributes": {"shop": {"Values": ["web"]}}}, {"once", "twice"}),
        (
            {"Attributes": {"shop": {"AttributeType": "EXCLUSIVE", "Values": ["web"]}}},
            {"twice", "often", "at the edge"},
        ),
        ({"Attributes": {"shop": {"Values": ["web"]}, "colour": {"Values": ["red", "blue"]}}}, {"once"}),
        ({"Attributes": {"shop": {"AttributeType": "CONTAINS", "Values": ["p"]}}, "MinimumCount": 2}, {"often"}),
        ({"Metrics": {"price": {"ComparisonOperator": "GREATER_THAN", "Value": 9}}}, {"once", "twice"}),
        ({"Metrics": {"size": {"ComparisonOperator": "LESS_THAN", "Value": 9}}}, set()),
        (
            {
                "Attributes": {"shop": {"Values": ["app"]}},
                "Metrics": {"price": {"ComparisonOperator": "EQUAL", "Value": 99}},
            },
            set(),
        ),
        ({"EventType": "_email.open"}, OPENERS),
        ({"EventType": "_email.open", "MinimumCount": 2}, {"opened twice"}),
        ({"EventType": "_email.send"}, {"opened", "not opened"}),
    ],
)
def test_who_did(endpoints: Endpoints, event: dict[str, Any], expected: set[str]) -> None:
    condition = tables.compiled(tables.segment(on(event)))
    assert set(endpoints.first(condition, 100)) == expected
    assert endpoints.among(tables.compiled(tables.segment(on(event)), among=True), list(AUDIENCE)) == expected


def test_several_hold_together(endpoints: Endpoints) -> None:
    got_mail = {"EventType": "_email.send"}
    not_opened = {"EventType": "_email.open", "DimensionType": "EXCLUSIVE"}
    assert endpoints.first(tables.compiled(tables.segment(on(got_mail, not_opened))), 9) == ["not opened"]


# --- algebra


def one(**members: Any) -> Did:
    return Did(**{"event_type": "e", "days": 7, "least": 1, "most": None, "where": EVERYBODY, **members})


def test_definitions_as_algebra() -> None:
    events = [
        SegmentEventDimension(event_type="e", days=7),
        SegmentEventDimension(
            event_type="f", days=1, minimum_count=2, maximum_count=3, dimension_type="EXCLUSIVE", attributes={}
        ),
    ]
    behavior = msgspec.convert({"Behavior": {}}, SegmentDimensions)
    assert behavior.behavior is not None
    behavior.behavior.events = events
    assert optimise(dimensions_node(behavior)) == And((one(), Not(one(event_type="f", days=1, least=2, most=3))))


TOKEN = HasToken("kv", frozenset({"a\x1fb"}))


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (And((one(days=7), one(days=30))), one(days=7)),
        (Or((one(days=7), one(days=30), one(days=1))), one(days=30)),
        (Or((Not(one(days=7)), Not(one(days=30)))), Not(one(days=7))),
        (And((one(least=2), one(least=3))), And((one(least=2), one(least=3)))),
        (And((one(most=2), one(most=2, days=30))), And((one(most=2), one(most=2, days=30)))),
        (And((one(), one(event_type="f"), ActiveWithin(24))), And((one(), one(event_type="f"), ActiveWithin(24)))),
        (And((one(), one(where=TOKEN))), And((one(), one(where=TOKEN)))),
        (one(where=And((And((TOKEN,)), EVERYBODY))), one(where=TOKEN)),
        (one(where=HasToken("kv", frozenset())), Or(())),
        (Not(one(where=And((TOKEN, HasToken("kv", frozenset()))))), EVERYBODY),
    ],
)
def test_smaller_trees(node: Node, expected: Node) -> None:
    assert optimise(node) == expected


def test_filters_count_as_comparisons() -> None:
    assert len(list(leaves(Not(one(where=And((TOKEN, Measures("m", "=", 1)))))))) == 3


def sql(node: Node) -> str:
    return build(node, app_id="app", now_ms=to_ms(tables.NOW)).sql


def test_text() -> None:
    since = "arrival >= fromUnixTimestamp64Milli({p1:Int64}, 'UTC')"
    events = "key_hash IN (SELECT endpoint_hash FROM events WHERE app_id = {app:String} AND event_type = {p0:String}"
    assert sql(one()) == f"{events} AND {since})"
    assert sql(one(event_type="_email.open")) == f"{events} AND {since} AND system)"
    assert sql(one(where=TOKEN, least=2, most=3)) == (
        f"{events} AND {since} AND has(kv, {{p2:String}})"
        " GROUP BY endpoint_hash HAVING count() >= {p3:UInt64} AND count() <= {p4:UInt64})"
    )


# --- what is refused


@pytest.mark.parametrize("event_type", ["') OR 1=1 --", "{app:String}", "\0", "\\N", "%", "ü\x1f"])
def test_hostile_names_are_values(endpoints: Endpoints, event_type: str) -> None:
    event = {"EventType": event_type, "Attributes": {event_type: {"Values": [event_type]}}}
    assert endpoints.count(tables.compiled(tables.segment(on(event)))) == 0


def filters(count: int) -> dict[str, Any]:
    return {f"n{number}": {"Values": ["v"]} for number in range(count)}


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"Attributes": filters(200)}, rf"Events\[0\]: must have at most {MOST_FILTERS} Attributes and Metrics.* 200"),
        (
            {"MinimumCount": 3, "MaximumCount": 2},
            r"Events\[0\].MaximumCount: must be at least MinimumCount, which is 3",
        ),
        ({"Attributes": {"": {"Values": ["v"]}}}, r"Events\[0\].Attributes: '' cannot be the name"),
        ({"Attributes": {"a": {"Values": []}}}, r"Events\[0\].Attributes.a.Values: must have at least one"),
        (
            {"Attributes": {"a": {"AttributeType": "ON", "Values": ["x"]}}},
            r"Events\[0\].Attributes.a.Values\[0\]: must be",
        ),
        (
            {"Metrics": {"m": {"ComparisonOperator": "ABOUT", "Value": 1}}},
            r"Metrics.m.ComparisonOperator: must be one of",
        ),
    ],
)
def test_refused(event: dict[str, Any], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        check_request(WriteSegmentRequest(dimensions=on(event)))


@pytest.mark.parametrize(
    "event",
    [{"Days": 0}, {"Days": 91}, {"MinimumCount": 0}, {"MaximumCount": 10**7}, {"Days": None}, {"EventType": ""}],
)
def test_what_the_shapes_refuse(event: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        on(event)


def test_each_event_and_each_filter_is_a_dimension() -> None:
    check_request(WriteSegmentRequest(dimensions=on(*[{"Attributes": filters(4)}] * 20)))
    with pytest.raises(Invalid, match="at most 100 dimensions, this one has 120"):
        check_request(WriteSegmentRequest(dimensions=on(*[{"Attributes": filters(5)}] * 20)))
