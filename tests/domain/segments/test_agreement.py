"""The compiler against the slow, obvious evaluator, on generated audiences and segments.

Every run compares the same 2,040 pairs of a segment and an audience; `CLARION_SEGMENT_PAIRS=20000` tries that many
random ones instead.
"""

from __future__ import annotations

import itertools
import os
import re
from datetime import timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from clarion.domain.segments.model import Segment
from clarion.shapes import pinpoint as shapes
from clarion.store.columnar import Columnar
from tests.domain.segments import tables
from tests.domain.segments.evaluate import Happening, Person, World, kilometers

SEGMENTS = 24
PAIRS = int(os.environ.get("CLARION_SEGMENT_PAIRS", "0"))

NAMES = ["plan", "näme"]
VALUES = [
    *("", "pro", "Pro", "prox", "ü", "x\x1fy", "plan\x1fpro"),
    *("2020-01-01", "2020-01-01T00:00:00Z", "2020-01-01T23:59:59.999Z", "2020-01-02", "2020-02-30"),
    *("2020-01-02T01:00:00+05:00", "2020-01-01T12:00", "9999-12-31", "1066-10-14T09:00:00Z", "20200101", "42"),
]
DATES = [
    *("2020-01-01", "2020-01-01T12:00:00Z", "2020-01-02T01:00:00+05:00", "2020-01-01T23:59:59.999Z"),
    *("9999-12-31", "1066-10-14"),
]
METRICS = ["age", "plan"]
NUMBERS = [-1.5, 0.0, 1.0, 0.1, 1e300, 41.99999999]
EVENTS = ["page", "page", "_email.open", "_email.send", "_clarion.skip", "never"]
CHANNELS = ["", "EMAIL", "SMS", "GCM", "APNS_SANDBOX", "PUSH", "IN_APP"]
COUNTRIES = ["", "DE", "de", "US"]
PLACES = [52.5, 52.4, -33.9, 0.0, 13.4, 90.0, -0.1]
RANGES = [None, 0.001, 5.0, 30.0, 8120.0, 30000.0]
SOURCES = [f"s{number}" for number in range(SEGMENTS)]
MOMENTS = [timedelta(hours=23), timedelta(hours=25), timedelta(days=10), timedelta(days=20), timedelta(days=40)]
MOMENTS += [timedelta(days=7), -timedelta(days=1), timedelta(days=14, milliseconds=1)]


def some(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3)


def mostly_none(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.one_of(st.none(), st.none(), strategy)


attributes = st.one_of(
    st.builds(
        shapes.AttributeDimension,
        attribute_type=st.sampled_from([None, "INCLUSIVE", "EXCLUSIVE"]),
        values=some(VALUES),
    ),
    st.builds(
        shapes.AttributeDimension,
        attribute_type=st.just("CONTAINS"),
        values=some(["", "ro", "p", "\x1f", "2020-01", "ü", "plan"]),
    ),
    st.builds(shapes.AttributeDimension, attribute_type=st.sampled_from(["BEFORE", "AFTER", "ON"]), values=some(DATES)),
    st.builds(
        shapes.AttributeDimension,
        attribute_type=st.just("BETWEEN"),
        values=st.lists(st.sampled_from(DATES), min_size=2, max_size=2),
    ),
)
metrics = st.builds(
    shapes.MetricDimension,
    comparison_operator=st.sampled_from(
        ["EQUAL", "GREATER_THAN", "LESS_THAN", "GREATER_THAN_OR_EQUAL", "LESS_THAN_OR_EQUAL"]
    ),
    value=st.sampled_from(NUMBERS),
)


def sets(values: list[str]) -> st.SearchStrategy[object]:
    kind = st.sampled_from([None, "INCLUSIVE", "EXCLUSIVE"])
    return st.builds(shapes.SetDimension, dimension_type=kind, values=some(values))


def maps(names: list[str], values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.dictionaries(st.sampled_from(names), values, min_size=1, max_size=2)


recencies = st.builds(
    shapes.RecencyDimension,
    duration=st.sampled_from(["HR_24", "DAY_7", "DAY_14", "DAY_30"]),
    recency_type=st.sampled_from(["ACTIVE", "INACTIVE"]),
)
did = st.builds(
    shapes.SegmentEventDimension,
    event_type=st.sampled_from(EVENTS),
    dimension_type=st.sampled_from([None, "INCLUSIVE", "EXCLUSIVE"]),
    days=st.sampled_from([1, 7, 30]),
    minimum_count=st.sampled_from([None, None, 1, 2]),
    maximum_count=st.sampled_from([None, None, 2, 3]),
    attributes=mostly_none(maps(NAMES, attributes)),
    metrics=mostly_none(maps(METRICS, metrics)),
)
behaviors = st.one_of(
    st.builds(shapes.SegmentBehaviors, recency=recencies),
    st.builds(shapes.SegmentBehaviors, events=st.lists(did, min_size=1, max_size=2)),
    st.builds(shapes.SegmentBehaviors, recency=mostly_none(recencies), events=mostly_none(st.lists(did, max_size=2))),
)
demographics = st.one_of(
    st.builds(shapes.SegmentDemographics, channel=sets([*CHANNELS, "PUSH"])),
    st.builds(shapes.SegmentDemographics, make=sets(["Apple", "apple"]), platform=sets(["ios", "iOS"])),
    st.builds(shapes.SegmentDemographics, app_version=sets(["1.0", "2.0"]), model=sets(["x"])),
    st.builds(shapes.SegmentDemographics, device_type=sets(["phone"])),
)
points = st.builds(
    shapes.GPSPointDimension,
    coordinates=st.builds(
        shapes.GPSCoordinates,
        latitude=st.sampled_from([*PLACES, 52.46]),
        longitude=st.sampled_from([*PLACES, 179.9]),
    ),
    range_in_kilometers=st.sampled_from(RANGES),
)
locations = st.one_of(
    st.builds(shapes.SegmentLocation, country=sets(COUNTRIES)), st.builds(shapes.SegmentLocation, gps_point=points)
)
kinds = {
    "attributes": maps(NAMES, attributes),
    "user_attributes": maps(NAMES, attributes),
    "metrics": maps(METRICS, metrics),
    "behavior": behaviors,
    "demographic": demographics,
    "location": locations,
}
dimensions = st.one_of(
    *(st.builds(shapes.SegmentDimensions, **{kind: members}) for kind, members in kinds.items()),
    st.builds(shapes.SegmentDimensions, **{kind: mostly_none(members) for kind, members in kinds.items()}),
)
dimensions |= st.builds(
    shapes.SegmentDimensions,
    attributes=maps(NAMES, attributes),
    metrics=mostly_none(maps(METRICS, metrics)),
    behavior=st.builds(shapes.SegmentBehaviors, recency=recencies),
    demographic=demographics,
)
how = st.sampled_from([None, "ALL", "ANY", "NONE"])


def groups(sources: list[str]) -> st.SearchStrategy[shapes.SegmentGroupList]:
    """Group lists over segments made before; "gone" does not exist, imported lists are as frequent as the rest."""
    ids = st.one_of(st.just("list"), st.sampled_from([*sources, "gone"]))
    references = st.builds(shapes.SegmentReference, id=ids, version=st.sampled_from([None, 1, 2]))
    group = st.builds(
        shapes.SegmentGroup,
        dimensions=st.one_of(st.none(), st.lists(dimensions, max_size=3)),
        source_segments=st.one_of(st.none(), st.lists(references, min_size=1, max_size=3)),
        source_type=how,
        type=how,
    )
    return st.builds(shapes.SegmentGroupList, groups=st.lists(group, min_size=1, max_size=3), include=how)


people = st.builds(
    Person,
    key=st.just(""),
    user_id=st.sampled_from(["", "u1", "u2", "U1"]),
    channel_type=st.sampled_from(CHANNELS),
    app_version=st.sampled_from(["", "1.0", "2.0"]),
    make=st.sampled_from(["", "Apple", "apple"]),
    model=st.sampled_from(["", "x"]),
    platform=st.sampled_from(["", "ios", "iOS"]),
    country=st.sampled_from(COUNTRIES),
    latitude=st.sampled_from([None, *PLACES]),
    longitude=st.sampled_from([None, *PLACES]),
    effective=st.sampled_from([tables.NOW - ago for ago in MOMENTS]),
    attributes=st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(VALUES), max_size=3), max_size=3),
    user_attributes=st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(VALUES), max_size=2), max_size=2),
    metrics=st.dictionaries(st.sampled_from(METRICS), st.sampled_from(NUMBERS), max_size=2),
    events=st.lists(
        st.builds(
            Happening,
            kind=st.sampled_from(EVENTS[:-1]),
            at=st.sampled_from([tables.NOW - ago for ago in MOMENTS]),
            system=st.booleans(),
            attributes=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES), max_size=2),
            metrics=st.dictionaries(st.sampled_from(METRICS), st.sampled_from(NUMBERS), max_size=1),
            id=st.sampled_from(["", "", "same"]),
        ),
        max_size=5,
    ),
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[World, list[Segment]]:
    """An audience, imported segments and segments built on those before them."""
    crowd = draw(st.lists(people, min_size=12, max_size=16))
    for number, person in enumerate(crowd):
        person.key = f"e{number}"
    rows = st.lists(st.tuples(st.sampled_from(["", "e1", "e3", "e99"]), st.sampled_from(["", "u1", "u2"])), max_size=4)
    versions: dict[str, list[Segment]] = {}
    lists = {}
    for version in (1, 2):
        lists["list", version] = draw(rows)
        versions.setdefault("list", []).append(tables.segment(id="list", version=version))
    for name in SOURCES:
        definition = draw(groups(list(versions)) if draw(st.booleans()) else dimensions)
        versions[name] = [tables.segment(definition, id=name)]
        if draw(st.booleans()):
            versions[name].append(tables.segment(draw(dimensions), id=name, version=2))

    def find(id: str, version: int | None) -> Segment | None:
        known = versions.get(id, [])
        if version is None:
            return known[-1] if known else None
        return known[version - 1] if version <= len(known) else None

    world = World(people=crowd, now=tables.NOW, find=find, lists=lists)
    return world, [versions[name][-1] for name in SOURCES]


_apps = itertools.count(1)


def answers(columnar: Columnar, world: World, segments: list[Segment]) -> list[set[str]]:
    """The members of every segment as the compiler selects them, in one query."""
    app_id = f"app{next(_apps)}"
    unique = {(f"{app_id} {id}", version): rows for (id, version), rows in world.lists.items()}
    tables.load(columnar, app_id, world.people, unique)
    columns, parameters = [], {"app": app_id}
    for number, segment in enumerate(segments):
        condition = tables.compiled(segment, world.find)
        columns.append(re.sub(r"\{(p\d+):", rf"{{s{number}_\1:", condition.sql))
        for name, value in condition.parameters.items():
            if name != "app":
                parameters[f"s{number}_{name}"] = f"{app_id} {value}" if value == "list" else value
    sql = f"SELECT endpoint_key, {', '.join(columns)} FROM endpoints FINAL WHERE app_id = {{app:String}}"
    rows = columnar.query(sql, parameters)
    for row in rows:
        assert None not in row, "every condition is two-valued"
    return [{str(row[0]) for row in rows if row[number + 1]} for number in range(len(segments))]


@settings(
    max_examples=PAIRS // SEGMENTS or 85,
    derandomize=not PAIRS,
    deadline=None,
    # Shrinking takes minutes, as every try loads an audience; the message says enough.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(case=worlds())
def test_compiled_segments_select_whom_the_reference_describes(
    audience: Columnar, case: tuple[World, list[Segment]]
) -> None:
    world, segments = case
    expected = [world.members(segment) for segment in segments]
    for segment, found, wanted in zip(segments, answers(audience, world, segments), expected, strict=True):
        wrong = [person for person in world.people if (person.key in found) != (person.key in wanted)]
        assert not wrong, segment.definition


def test_no_generated_distance_is_so_close_to_a_range_that_rounding_decides() -> None:
    points = itertools.product([*PLACES, 52.46], [*PLACES, 179.9], PLACES, PLACES)
    for latitude, longitude, latitude2, longitude2 in points:
        distance = kilometers(latitude, longitude, latitude2, longitude2)
        for reach in RANGES[1:]:
            assert reach is None or abs(distance - reach) > 1e-6, (latitude, longitude, latitude2, longitude2)
