"""Section by section what each dimension matches, decided by the columnar store on one small audience."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clarion.domain.segments.columnar import Endpoints
from clarion.shapes import pinpoint as shapes
from clarion.shapes.pinpoint import AttributeDimension, MetricDimension, SegmentDimensions, SetDimension
from clarion.store.columnar import Columnar
from tests.domain.segments import tables
from tests.domain.segments.evaluate import Happening, Person

LONG_AGO = tables.NOW - timedelta(days=60)


def person(key: str, **members: object) -> Person:
    return Person(key=key, **{"effective": LONG_AGO, **members})  # type: ignore[arg-type]


def did(kind: str, ago: timedelta, *, system: bool = False) -> list[Happening]:
    return [Happening(kind, tables.NOW - ago, system)]


DAY = timedelta(days=1)
AUDIENCE = [
    # attributes
    person("soccer", attributes={"interests": ["soccer", "chess"]}),
    person("Soccer", attributes={"interests": ["Soccer"]}),
    person("beach", attributes={"interests": ["beach soccer"]}),
    person("none", attributes={"interests": []}),
    person("blank", attributes={"interests": [""]}),
    person("user", user_attributes={"interests": ["soccer"]}),
    person("eve", attributes={"date": ["2020-12-30T23:59:59Z"]}),
    person("midnight", attributes={"date": ["2020-12-31"]}),
    person("noon", attributes={"date": ["2020-12-31T12:00:00Z"]}),
    person("offset", attributes={"date": ["2021-01-01T04:00:00+05:00"]}),
    person("last", attributes={"date": ["2020-12-31T23:59:59.999Z"]}),
    person("year", attributes={"date": ["2021-01-01T00:00:00Z"]}),
    person("never", attributes={"date": ["9999-12-31"]}),
    person("soon", attributes={"date": ["soon"]}),
    person("unix", attributes={"date": ["1609416000"]}),
    person("feb30", attributes={"date": ["2020-02-30"]}),
    # metrics
    person("young", metrics={"age": 17.5}),
    person("grown", metrics={"age": 18}),
    person("old", metrics={"age": 99, "children": 3}),
    # demographic and location
    person("iphone", channel_type="APNS", make="Apple", model="x", platform="iOS", app_version="1.0"),
    person("pixel", channel_type="GCM", make="Google", model="8", platform="Android", app_version="2.0"),
    person("lower", platform="ios"),
    person("mail", channel_type="EMAIL", country="DE"),
    person("text", channel_type="SMS", country="de"),
    person("berlin", latitude=52.5, longitude=13.4),
    person("potsdam", latitude=52.4, longitude=13.1),
    person("munich", latitude=48.1, longitude=11.6),
    person("half", latitude=52.5),
    # recency
    person("now", effective=tables.NOW),
    person("future", effective=tables.NOW + DAY),
    person("day", effective=tables.NOW - DAY),
    person("week", effective=tables.NOW - 7 * DAY),
    person("beyond", effective=tables.NOW - 7 * DAY - timedelta(milliseconds=1)),
    person("fortnight", effective=tables.NOW - 14 * DAY),
    person("month", effective=tables.NOW - 30 * DAY),
    person("visited", events=did("page", 2 * DAY)),
    person("opened", events=did("_email.open", 2 * DAY, system=True)),
    person("mailed", events=did("_email.send", 2 * DAY, system=True)),
    person("skipped", events=did("_clarion.skip", 2 * DAY, system=True)),
]
EVERYBODY = {one.key for one in AUDIENCE}


@pytest.fixture(scope="module")
def endpoints(audience: Columnar) -> Endpoints:
    tables.load(audience, "app", AUDIENCE)
    tables.load(audience, "other", [person("stranger", attributes={"interests": ["soccer"]})])
    tables.load(audience, "app", [person("deleted", attributes={"interests": ["soccer"]})], version=2, deleted=True)
    tables.load(audience, "app", [person("soccer", attributes={"interests": ["soccer"]})], version=3)
    return Endpoints(audience)


def members(endpoints: Endpoints, dimensions: SegmentDimensions) -> set[str]:
    found = endpoints.first(tables.compiled(tables.segment(dimensions)), 1000)
    assert len(found) == len(set(found))
    asked = sorted(EVERYBODY)[::2]
    matching = endpoints.among(tables.compiled(tables.segment(dimensions), among=True), [*asked, "stranger", "deleted"])
    assert matching == set(asked) & set(found), "asked about some, it says the same of them"
    return set(found)


def interests(values: list[str], type: shapes.AttributeType | None = None) -> SegmentDimensions:
    return SegmentDimensions(attributes={"interests": AttributeDimension(attribute_type=type, values=values)})


def date(type: shapes.AttributeType, *values: str) -> SegmentDimensions:
    return SegmentDimensions(attributes={"date": AttributeDimension(attribute_type=type, values=list(values))})


@pytest.mark.parametrize(
    ("dimensions", "expected"),
    [
        pytest.param(interests(["soccer"]), {"soccer"}, id="no type is INCLUSIVE: equal, case-sensitive"),
        pytest.param(interests(["soccer", "Soccer"], "INCLUSIVE"), {"soccer", "Soccer"}, id="INCLUSIVE: any value"),
        pytest.param(interests(["soc"], "INCLUSIVE"), set(), id="INCLUSIVE: no prefixes"),
        pytest.param(interests([""], "INCLUSIVE"), {"blank"}, id="INCLUSIVE: the empty value is a value"),
        pytest.param(
            interests(["soccer"], "EXCLUSIVE"), EVERYBODY - {"soccer"}, id="EXCLUSIVE: also without the attribute"
        ),
        pytest.param(
            interests(["soccer", "Soccer"], "EXCLUSIVE"), EVERYBODY - {"soccer", "Soccer"}, id="EXCLUSIVE: none of them"
        ),
        pytest.param(interests(["occ"], "CONTAINS"), {"soccer", "Soccer", "beach"}, id="CONTAINS: a substring"),
        pytest.param(interests(["soc", "ess"], "CONTAINS"), {"soccer", "beach"}, id="CONTAINS: case-sensitive, any"),
        pytest.param(
            interests([""], "CONTAINS"),
            {"soccer", "Soccer", "beach", "blank"},
            id="CONTAINS: the empty text is in every value",
        ),
        pytest.param(interests(["interests"], "CONTAINS"), set(), id="CONTAINS: the name is not searched"),
        pytest.param(interests(["x"] * 300 + ["chess"], "CONTAINS"), set(), id="CONTAINS: an update replaced chess"),
        pytest.param(
            interests([f"{number}" for number in range(300)] + ["each"], "CONTAINS"), {"beach"}, id="CONTAINS: many"
        ),
        pytest.param(
            SegmentDimensions(user_attributes={"interests": AttributeDimension(values=["soccer"])}),
            {"user"},
            id="UserAttributes are their own",
        ),
        pytest.param(
            SegmentDimensions(
                attributes={
                    "interests": AttributeDimension(values=["soccer"]),
                    "date": AttributeDimension(values=["soon"]),
                }
            ),
            set(),
            id="names in a map must all hold",
        ),
    ],
)
def test_attributes(endpoints: Endpoints, dimensions: SegmentDimensions, expected: set[str]) -> None:
    assert members(endpoints, dimensions) == expected


@pytest.mark.parametrize(
    ("dimensions", "expected"),
    [
        pytest.param(date("BEFORE", "2020-12-31T12:00:00Z"), {"eve", "midnight"}, id="BEFORE, strictly"),
        pytest.param(date("BEFORE", "2020-12-31"), {"eve"}, id="BEFORE a date: before its midnight"),
        pytest.param(date("AFTER", "2020-12-31T12:00:00Z"), {"offset", "last", "year", "never"}, id="AFTER, strictly"),
        pytest.param(date("AFTER", "2021-01-01"), {"never"}, id="AFTER a date: after its midnight"),
        pytest.param(
            date("ON", "2020-12-31T12:00:00Z"), {"midnight", "noon", "offset", "last"}, id="ON: the UTC date, no time"
        ),
        pytest.param(date("ON", "2020-12-30", "2021-01-01"), {"eve", "year"}, id="ON: any of the dates"),
        pytest.param(
            date("BETWEEN", "2020-12-31", "2020-12-31T12:00:00Z"), {"midnight", "noon"}, id="BETWEEN, bounds included"
        ),
        pytest.param(
            date("BETWEEN", "2020-12-31T12:00:00Z", "2020-12-31"), {"midnight", "noon"}, id="BETWEEN: either order"
        ),
        pytest.param(
            date("BEFORE", "9999-12-31T23:00:00Z"),
            {"eve", "midnight", "noon", "offset", "last", "year", "never"},
            id="what does not read as an instant never matches",
        ),
    ],
)
def test_dates(endpoints: Endpoints, dimensions: SegmentDimensions, expected: set[str]) -> None:
    assert members(endpoints, dimensions) == expected


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("GREATER_THAN", {"old"}),
        ("LESS_THAN", {"young"}),
        ("GREATER_THAN_OR_EQUAL", {"grown", "old"}),
        ("LESS_THAN_OR_EQUAL", {"young", "grown"}),
        ("EQUAL", {"grown"}),
    ],
)
def test_metrics(endpoints: Endpoints, operator: str, expected: set[str]) -> None:
    dimension = MetricDimension(comparison_operator=operator, value=18)
    assert members(endpoints, SegmentDimensions(metrics={"age": dimension})) == expected


def test_a_missing_metric_is_not_zero(endpoints: Endpoints) -> None:
    dimension = MetricDimension(comparison_operator="LESS_THAN", value=1)
    assert members(endpoints, SegmentDimensions(metrics={"children": dimension})) == set()


def demographic(member: str, *values: str, type: shapes.DimensionType | None = None) -> SegmentDimensions:
    dimension = SetDimension(dimension_type=type, values=list(values))
    return SegmentDimensions(demographic=shapes.SegmentDemographics(**{member: dimension}))


@pytest.mark.parametrize(
    ("dimensions", "expected"),
    [
        (demographic("app_version", "1.0"), {"iphone"}),
        (demographic("app_version", "1.0", "2.0"), {"iphone", "pixel"}),
        (demographic("make", "Apple"), {"iphone"}),
        (demographic("make", "apple"), set()),
        (demographic("make", "Apple", type="EXCLUSIVE"), EVERYBODY - {"iphone"}),
        (demographic("make", ""), set()),
        (demographic("make", "", type="EXCLUSIVE"), EVERYBODY),
        (demographic("model", "x"), {"iphone"}),
        (demographic("platform", "iOS"), {"iphone"}),
        (demographic("platform", "ios", "Android"), {"lower", "pixel"}),
        (demographic("channel", "EMAIL"), {"mail"}),
        (demographic("channel", "PUSH"), {"iphone", "pixel"}),
        (demographic("channel", "PUSH", "SMS"), {"iphone", "pixel", "text"}),
        (demographic("channel", "APNS"), {"iphone"}),
        (demographic("channel", "PUSH", type="EXCLUSIVE"), EVERYBODY - {"iphone", "pixel"}),
        (demographic("device_type", "phone"), set()),
        (demographic("device_type", "phone", type="EXCLUSIVE"), EVERYBODY),
    ],
)
def test_demographic(endpoints: Endpoints, dimensions: SegmentDimensions, expected: set[str]) -> None:
    assert members(endpoints, dimensions) == expected


def near(latitude: float, longitude: float, reach: float | None) -> SegmentDimensions:
    coordinates = shapes.GPSCoordinates(latitude=latitude, longitude=longitude)
    point = shapes.GPSPointDimension(coordinates=coordinates, range_in_kilometers=reach)
    return SegmentDimensions(location=shapes.SegmentLocation(gps_point=point))


@pytest.mark.parametrize(
    ("dimensions", "expected"),
    [
        (SegmentDimensions(location=shapes.SegmentLocation(country=SetDimension(values=["DE"]))), {"mail"}),
        (near(52.52, 13.405, 10), {"berlin"}),
        (near(52.52, 13.405, 40), {"berlin", "potsdam"}),
        (near(52.52, 13.405, 500), {"berlin", "potsdam"}),
        (near(52.52, 13.405, 510), {"berlin", "potsdam", "munich"}),
        (near(52.5, 13.4, 0), {"berlin"}),
        pytest.param(near(52.54, 13.36, None), {"berlin"}, id="without a range: the same cell of 0.1 degrees"),
        pytest.param(near(52.56, 13.36, None), set(), id="without a range: the next cell is another"),
    ],
)
def test_location(endpoints: Endpoints, dimensions: SegmentDimensions, expected: set[str]) -> None:
    assert members(endpoints, dimensions) == expected


ACTIVE = {
    "HR_24": {"now", "future", "day"},
    "DAY_7": {"now", "future", "day", "week", "visited", "opened"},
    "DAY_14": {"now", "future", "day", "week", "beyond", "fortnight", "visited", "opened"},
    "DAY_30": {"now", "future", "day", "week", "beyond", "fortnight", "month", "visited", "opened"},
}


@pytest.mark.parametrize("duration", list(ACTIVE))
def test_recency(endpoints: Endpoints, duration: shapes.Duration) -> None:
    """Up to the length to the millisecond; what was sent to somebody is not their activity."""
    active = SegmentDimensions(
        behavior=shapes.SegmentBehaviors(recency=shapes.RecencyDimension(duration=duration, recency_type="ACTIVE"))
    )
    inactive = SegmentDimensions(
        behavior=shapes.SegmentBehaviors(recency=shapes.RecencyDimension(duration=duration, recency_type="INACTIVE"))
    )
    assert members(endpoints, active) == ACTIVE[duration]
    assert members(endpoints, inactive) == EVERYBODY - ACTIVE[duration]


@pytest.mark.parametrize(
    "dimensions",
    [
        SegmentDimensions(),
        SegmentDimensions(demographic=shapes.SegmentDemographics(), location=shapes.SegmentLocation()),
        SegmentDimensions(behavior=shapes.SegmentBehaviors(), attributes={}, metrics={}),
    ],
)
def test_empty_dimensions_are_every_endpoint_of_the_app(endpoints: Endpoints, dimensions: SegmentDimensions) -> None:
    assert members(endpoints, dimensions) == EVERYBODY


def test_members_of_one_object_hold_together(endpoints: Endpoints) -> None:
    both = demographic("platform", "iOS")
    assert both.demographic
    both.demographic.make = SetDimension(values=["Apple", "Google"])
    assert members(endpoints, both) == {"iphone"}
    both.metrics = {"age": MetricDimension(comparison_operator="EQUAL", value=18)}
    assert members(endpoints, both) == set()
