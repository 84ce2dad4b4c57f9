"""Definitions as algebra: what becomes which leaf, and what is refused on the way."""

from __future__ import annotations

import pytest

from clarion.core.errors import Invalid
from clarion.domain.segments.algebra import (
    EVERYBODY,
    NOBODY,
    And,
    HasInstant,
    HasToken,
    Listed,
    Node,
    Not,
    OneOf,
    Or,
    SameCell,
    Span,
    leaves,
)
from clarion.domain.segments.model import PUSH_CHANNELS, Segment, instant
from clarion.domain.segments.optimise import optimise
from clarion.domain.segments.parse import MOST_LEAVES, MOST_LEVELS, Find, dimensions_node, parse
from clarion.shapes import pinpoint as shapes
from clarion.shapes.pinpoint import SegmentDimensions, SegmentGroup, SegmentGroupList, SegmentReference
from tests.domain.segments.tables import segment

MINUTE = 60_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01", 0),
        ("1970-01-01T00:01", MINUTE),
        ("1970-01-01T00:01Z", MINUTE),
        ("1970-01-01T00:01:00.0019Z", MINUTE + 1),
        ("1970-01-01T01:01:00+01:00", MINUTE),
        ("1970-01-01T01:01:00+0100", MINUTE),
        ("1969-12-31T23:59:59.9999Z", -1),
        ("9999-12-31", 253_402_214_400_000),
        *((text, None) for text in ("", "soon", "0", "19700101", "1970-1-1", "1970-01-01 00:01", "1970-01-01\n")),
        *((text, None) for text in ("1970-02-30", "1970-13-01", "1970-01-01T24:00Z", "1970-01-01T00:00:60Z")),
        *((text, None) for text in ("0999-01-01", "1970-01-01T00Z", "１９７０-01-01", "9999-12-31T23:00-02:00")),
    ],
)
def test_instants(text: str, expected: int | None) -> None:
    assert instant(text) == expected


def attribute(type: shapes.AttributeType, *values: str) -> Node:
    dimension = shapes.AttributeDimension(attribute_type=type, values=list(values))
    return optimise(dimensions_node(SegmentDimensions(attributes={"n": dimension})))


@pytest.mark.parametrize(
    ("node", "span"),
    [
        (attribute("BEFORE", "1970-01-01"), Span(None, 0)),
        (attribute("AFTER", "1970-01-01"), Span(1, None)),
        (attribute("ON", "1970-01-01T12:00:00Z"), Span(0, 86_400_000)),
        (attribute("ON", "1969-12-31T12:00:00Z"), Span(-86_400_000, 0)),
        (attribute("BETWEEN", "1970-01-01T00:01Z", "1970-01-01"), Span(0, MINUTE + 1)),
    ],
)
def test_dates_are_spans_of_milliseconds(node: Node, span: Span) -> None:
    assert node == HasInstant("attributes", "n", frozenset({span}))


def test_push_is_every_push_channel() -> None:
    channel = shapes.SetDimension(dimension_type="EXCLUSIVE", values=["PUSH", "SMS"])
    node = dimensions_node(SegmentDimensions(demographic=shapes.SegmentDemographics(channel=channel)))
    assert optimise(node) == Not(OneOf("channel_type", PUSH_CHANNELS | {"SMS"}))


def test_a_point_without_range_is_its_cell() -> None:
    point = shapes.GPSPointDimension(coordinates=shapes.GPSCoordinates(latitude=52.46, longitude=-0.04))
    node = dimensions_node(SegmentDimensions(location=shapes.SegmentLocation(gps_point=point)))
    assert optimise(node) == SameCell(525, 0)


# --- sources


def on(*ids: str, version: int | None = None, dimensions: int = 0) -> SegmentGroupList:
    """A definition over source segments, with so many dimensions of its own."""
    own = [
        SegmentDimensions(attributes={f"n{number}": shapes.AttributeDimension(values=["v"])})
        for number in range(dimensions)
    ]
    references = [SegmentReference(id=id, version=version) for id in ids]
    return SegmentGroupList(groups=[SegmentGroup(source_segments=references, dimensions=own)])


def among(*segments: Segment) -> Find:
    def find(id: str, version: int | None) -> Segment | None:
        matching = [one for one in segments if one.id == id and version in (None, one.version)]
        return max(matching, key=lambda one: one.version, default=None)

    return find


def test_sources_are_written_out_in_their_version() -> None:
    leaf = SegmentDimensions(attributes={"a": shapes.AttributeDimension(values=["1"])})
    find = among(segment(leaf, id="s"), segment(SegmentDimensions(), id="s", version=2))
    assert optimise(parse(segment(on("s", version=1)), find)) == HasToken("attributes", frozenset({"a\x1f1"}))
    assert optimise(parse(segment(on("s")), find)) == EVERYBODY
    assert optimise(parse(segment(on("s", version=3)), find)) == NOBODY


def test_an_imported_segment_is_its_list() -> None:
    find = among(segment(id="i", version=1), segment(id="i", version=2))
    assert optimise(parse(segment(on("i")), find)) == Listed("i", 2)


def test_a_segment_among_its_own_sources_is_refused_at_any_distance() -> None:
    own = segment(on("subject"))
    with pytest.raises(Invalid, match="subject is among its own source segments"):
        parse(own, among(own))
    round_trip = [segment(on("b"), id="a"), segment(on("c"), id="b"), segment(on("a", version=1), id="c")]
    with pytest.raises(Invalid, match="segment a is among"):
        parse(round_trip[0], among(*round_trip))


def test_an_earlier_version_of_itself_is_itself() -> None:
    versions = [segment(SegmentDimensions()), segment(on("subject", version=1), version=2)]
    with pytest.raises(Invalid, match="among its own"):
        parse(versions[1], among(*versions))


def test_the_same_source_twice_is_no_circle() -> None:
    source = segment(SegmentDimensions(), id="s")
    assert optimise(parse(segment(on("s", "s")), among(source))) == EVERYBODY


def test_nesting_ends() -> None:
    chain = [segment(on(f"s{number + 1}"), id=f"s{number}") for number in range(MOST_LEVELS)]
    with pytest.raises(Invalid, match="nested more than 20 deep"):
        parse(chain[0], among(*chain, segment(SegmentDimensions(), id=f"s{MOST_LEVELS}")))
    parse(chain[1], among(*chain, segment(SegmentDimensions(), id=f"s{MOST_LEVELS}")))


def test_a_tower_that_doubles_on_every_floor_is_refused_quickly() -> None:
    floors = [segment(on(f"s{number + 1}", f"s{number + 1}"), id=f"s{number}") for number in range(MOST_LEVELS - 2)]
    ground = segment(on("none", dimensions=10), id=f"s{MOST_LEVELS - 2}")
    with pytest.raises(Invalid, match=f"more than {MOST_LEAVES} dimensions"):
        parse(floors[0], among(*floors, ground))


def test_group_logic_is_spelt_out() -> None:
    find = among(segment(id="i"), segment(id="j"))
    definition = on("i", "j")
    assert definition.groups
    definition.include, definition.groups[0].source_type = "NONE", "ANY"
    node = parse(segment(definition), find)
    assert node == Not(Or((And((Or((Listed("i", 1), Listed("j", 1))), EVERYBODY)),)))
    assert len(list(leaves(node))) == 2
