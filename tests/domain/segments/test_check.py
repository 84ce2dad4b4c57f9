"""WriteSegmentRequest's rules: what is refused, and that the message names the field."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clarion.core.errors import Invalid
from clarion.domain.segments.check import check_request, check_sources
from clarion.domain.segments.model import Segment
from clarion.shapes.pinpoint import SegmentDimensions, SegmentGroupList, WriteSegmentRequest
from tests.domain.segments.tables import segment


def request(**members: Any) -> WriteSegmentRequest:
    return msgspec.convert(members, WriteSegmentRequest)


def group(**members: Any) -> dict[str, Any]:
    return {"Groups": [members]}


def many(count: int) -> dict[str, Any]:
    return {f"n{number}": {"Values": ["v"]} for number in range(count)}


@pytest.mark.parametrize(
    "accepted",
    [
        {"Dimensions": {}},
        {"Dimensions": {"Demographic": {}, "Location": {}, "Behavior": {}, "Attributes": {}}},
        {"SegmentGroups": group()},
        {"SegmentGroups": group(Dimensions=[{}], SourceSegments=[], Type="ANY")},
        {"Dimensions": {"Attributes": {"n": {"Values": ["v" * 100, ""]}}}},
        {"Dimensions": {"Attributes": many(100)}},
        {"Dimensions": {"Attributes": {"n": {"AttributeType": "BEFORE", "Values": ["2020-12-31T12:00:00Z"]}}}},
        {"Dimensions": {"Attributes": {"n": {"AttributeType": "BETWEEN", "Values": ["2020-12-31", "2020-01-01"]}}}},
        {"Dimensions": {"Location": {"GPSPoint": {"Coordinates": {"Latitude": -90, "Longitude": 180}}}}},
    ],
)
def test_accepted(accepted: dict[str, Any]) -> None:
    check_request(request(**accepted))


@pytest.mark.parametrize(
    ("refused", "message"),
    [
        ({}, "Dimensions or SegmentGroups: one of them is required"),
        ({"Dimensions": {}, "SegmentGroups": group()}, "exclude each other"),
        ({"SegmentGroups": {}}, "SegmentGroups.Groups: must have at least one group"),
        ({"SegmentGroups": {"Groups": []}}, "SegmentGroups.Groups: must have at least one group"),
        ({"Dimensions": {"Attributes": many(101)}}, "at most 100 dimensions, this one has 101"),
        (
            {"SegmentGroups": {"Groups": [{"Dimensions": [{"Attributes": many(60)}, {"UserAttributes": many(41)}]}]}},
            "at most 100 dimensions, this one has 101",
        ),
        ({"Dimensions": {"Attributes": {"n": {"Values": []}}}}, "Dimensions.Attributes.n.Values: must have at least"),
        (
            {"SegmentGroups": group(Dimensions=[{}, {"UserAttributes": {"n": {"Values": ["v", "v" * 101]}}}])},
            "SegmentGroups.Groups[0].Dimensions[1].UserAttributes.n.Values[1]: must have at most 100 characters",
        ),
        ({"Dimensions": {"Attributes": {"": {"Values": ["v"]}}}}, "Dimensions.Attributes: ''"),
        ({"Dimensions": {"Attributes": {"a\x1fb": {"Values": ["v"]}}}}, "Dimensions.Attributes: 'a"),
        *(
            (
                {"Dimensions": {"Attributes": {"n": {"AttributeType": type, "Values": ["2020-12-31", "soon"]}}}},
                "Dimensions.Attributes.n.Values[1]: must be an ISO 8601 instant",
            )
            for type in ("BEFORE", "AFTER", "ON", "BETWEEN")
        ),
        (
            {"Dimensions": {"Attributes": {"n": {"AttributeType": "BETWEEN", "Values": ["2020-12-31"]}}}},
            "Dimensions.Attributes.n.Values: BETWEEN takes exactly two",
        ),
        (
            {"Dimensions": {"Metrics": {"age": {"ComparisonOperator": "BIGGER", "Value": 1}}}},
            "Dimensions.Metrics.age.ComparisonOperator: must be one of EQUAL, GREATER_THAN",
        ),
        ({"Dimensions": {"Metrics": {"": {"ComparisonOperator": "EQUAL", "Value": 1}}}}, "Dimensions.Metrics: ''"),
        (
            {"Dimensions": {"Demographic": {"Channel": {"Values": []}}}},
            "Dimensions.Demographic.Channel.Values: must have at least one value",
        ),
        (
            {"Dimensions": {"Demographic": {"DeviceType": {"Values": ["v" * 101]}}}},
            "Dimensions.Demographic.DeviceType.Values[0]: must have at most",
        ),
        ({"Dimensions": {"Location": {"Country": {"Values": []}}}}, "Dimensions.Location.Country.Values"),
        (
            {"Dimensions": {"Location": {"GPSPoint": {"Coordinates": {"Latitude": 90.1, "Longitude": 0}}}}},
            "Dimensions.Location.GPSPoint.Coordinates.Latitude: must be from -90 to 90",
        ),
        (
            {"Dimensions": {"Location": {"GPSPoint": {"Coordinates": {"Latitude": 0, "Longitude": -181}}}}},
            "Dimensions.Location.GPSPoint.Coordinates.Longitude: must be from -180 to 180",
        ),
        (
            {
                "Dimensions": {
                    "Location": {"GPSPoint": {"Coordinates": {"Latitude": 0, "Longitude": 0}, "RangeInKilometers": -1}}
                }
            },
            "Dimensions.Location.GPSPoint.RangeInKilometers: must be a number from 0",
        ),
    ],
)
def test_refused(refused: dict[str, Any], message: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_request(request(**refused))
    assert message in caught.value.message


# --- sources

SEGMENTS = {
    "dynamic": segment(SegmentDimensions(), id="dynamic"),
    "other": segment(SegmentDimensions(), id="other"),
    "list": segment(id="list"),
    "list2": segment(id="list2"),
}


def find(id: str, version: int | None) -> Segment | None:
    return SEGMENTS.get(id) if version in (None, 1) else None


def on(*groups: list[tuple[str, int | None]]) -> Segment:
    body = {"Groups": [{"SourceSegments": [{"Id": id, "Version": version} for id, version in one]} for one in groups]}
    return segment(msgspec.convert(body, SegmentGroupList), id="new")


@pytest.mark.parametrize(
    "accepted",
    [
        on([("dynamic", None), ("other", 1)]),
        on([("list", None)]),
        on([("list", None)], [("dynamic", None)]),
        segment(SegmentDimensions()),
    ],
)
def test_accepted_sources(accepted: Segment) -> None:
    check_sources(accepted, find)


@pytest.mark.parametrize(
    ("refused", "message"),
    [
        (
            on([("dynamic", None)], [("dynamic", None), ("unknown", None)]),
            "SegmentGroups.Groups[1].SourceSegments[1]: segment unknown does not exist in this application",
        ),
        (on([("dynamic", 2)]), "SourceSegments[0]: segment dynamic version 2 does not exist"),
        (on([("list", None), ("dynamic", None)]), "Groups[0].SourceSegments: must be one imported segment, or"),
        (on([("list", None), ("list2", None)]), "Groups[0].SourceSegments: must be one imported segment, or"),
    ],
)
def test_refused_sources(refused: Segment, message: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_sources(refused, find)
    assert message in caught.value.message


def test_a_segment_cannot_be_built_on_itself() -> None:
    candidate = on([("dynamic", None)])
    circle = segment(msgspec.convert({"Groups": [{"SourceSegments": [{"Id": "new"}]}]}, SegmentGroupList), id="dynamic")
    with pytest.raises(Invalid, match="new is among its own source segments"):
        check_sources(candidate, lambda id, version: circle if id == "dynamic" else candidate)
