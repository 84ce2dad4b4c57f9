"""Explaining and estimating: every count against the slow evaluator, and one endpoint's way through a segment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from clarion.core.clock import iso, to_ms
from clarion.core.errors import Invalid, NotFound
from clarion.domain.segments.model import Segment
from clarion.domain.segments.preview.control import EstimateRequest, ExplainRequest, SegmentExplanation, SegmentsControl
from clarion.domain.segments.preview.explain import counts
from clarion.domain.segments.preview.outline import Outline
from clarion.shapes.pinpoint import EndpointBatchItem, EndpointLocation, SegmentGroupList, WriteSegmentRequest
from clarion.store.columnar import Columnar
from tests.domain.segments import tables
from tests.domain.segments.evaluate import Happening, Person, World
from tests.domain.segments.house import House, context
from tests.domain.segments.test_agreement import answers, worlds

CTX = context()


# --- counts


def ended(segment: Segment, path: str) -> Segment | None:
    """The segment as if its definition ended with the step at `path`; None for what cannot be cut there."""
    found = re.fullmatch(r"Groups\[(\d+)\](?:\.Dimensions\[(\d+)\])?", path)
    groups = segment.definition.groups
    if found is None or groups is None:
        return None
    kept = list((groups.groups or [])[: int(found[1]) + 1])
    if found[2] is not None:
        kept[-1] = msgspec.structs.replace(kept[-1], dimensions=(kept[-1].dimensions or [])[: int(found[2]) + 1])
    return tables.segment(SegmentGroupList(groups=kept, include=groups.include), id=segment.id)


@settings(
    max_examples=12,
    derandomize=True,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(case=worlds())
def test_what_is_left_is_who_would_be_selected_if_the_definition_ended_there(
    audience: Columnar, case: tuple[World, list[Segment]]
) -> None:
    world, segments = case
    # Lists are told apart by the application in `answers` only.
    segments = [one for one in segments if "list" not in str(one.definition)][:8]
    members = answers(audience, world, segments)
    app_id = next(
        str(row[0]) for row in audience.query("SELECT app_id FROM endpoints ORDER BY length(app_id) DESC, app_id DESC")
    )
    for segment, selected in zip(segments, members, strict=True):
        outline = Outline(segment, world.find)
        found = counts(audience, outline, app_id, to_ms(tables.NOW))
        assert found.endpoints == len(world.people)
        assert found.steps[0] == (len(selected), len(selected)), segment.definition
        for (_, step), (_, left) in zip(outline.whole.walk(), found.steps, strict=True):
            if (cut := ended(segment, step.path)) is not None:
                assert left == len(world.members(cut)), (step.path, segment.definition)


AUDIENCE = {
    "ann": Person(key="ann", attributes={"plan": ["pro"]}, metrics={"age": 30}, country="DE"),
    "ben": Person(key="ben", attributes={"plan": ["pro", "beta"]}, metrics={"age": 17}, country="DE"),
    "cem": Person(key="cem", attributes={"plan": ["free"]}, metrics={"age": 40}, country="US"),
    "dee": Person(key="dee", channel_type="EMAIL", address="a@b.c"),
}


@pytest.fixture
def told(house: House) -> House:
    """The audience in both stores, as the mirror keeps it."""
    fill(house, AUDIENCE.values())
    return house


def fill(house: House, people: Any) -> None:
    items = [
        EndpointBatchItem(
            id=person.key,
            channel_type=person.channel_type or "CUSTOM",
            address=person.address or person.key,
            attributes=dict(person.attributes),
            metrics=dict(person.metrics),
            location=EndpointLocation(country=person.country) if person.country else None,
        )
        for person in people
    ]
    for start in range(0, len(items), 100):
        house.people.update_many(CTX.scope, house.app_id, items[start : start + 100], "r").result(10)
    tables.load(house.columnar, house.app_id, people)


def create(house: House, **members: Any) -> str:
    request = msgspec.convert({"Name": "s", **members}, WriteSegmentRequest)
    return house.segments.create(CTX.scope, house.app_id, request).segment.id


def explain(house: House, segment_id: str, **members: Any) -> SegmentExplanation:
    request = ExplainRequest(application_id=house.app_id, segment_id=segment_id, **members)
    return SegmentsControl(house.previews).explain_segment(CTX, request)


def numbers(found: SegmentExplanation) -> list[tuple[int, str, int, int]]:
    return [(step.depth, step.path, step.matching, step.left) for step in found.steps]


PLAN = {"Attributes": {"plan": {"Values": ["pro"]}}}
GERMAN = {"Location": {"Country": {"Values": ["DE"]}}}


def older(age: float) -> dict[str, Any]:
    return {"Metrics": {"age": {"ComparisonOperator": "GREATER_THAN", "Value": age}}}


def test_one_object_step_by_step(told: House) -> None:
    found = explain(told, create(told, Dimensions={**PLAN, **older(18), **GERMAN}))
    assert (found.endpoints, found.total, found.version, found.segment_type) == (4, 1, 1, "DIMENSIONAL")
    assert numbers(found) == [
        (0, "Dimensions", 1, 1),
        (1, "Dimensions.Attributes.plan", 2, 2),
        (1, "Dimensions.Metrics.age", 2, 1),
        (1, "Dimensions.Location.Country", 2, 1),
    ]
    assert [step.words for step in found.steps] == [
        "all conditions",
        "attribute plan is “pro”",
        "metric age > 18",
        "country is “DE”",
    ]


def test_groups_and_sources_step_by_step(told: House) -> None:
    source = create(told, Dimensions=PLAN)
    groups = [
        {"SourceSegments": [{"Id": source}], "SourceType": "NONE"},
        {"Dimensions": [GERMAN, older(35)], "Type": "ANY"},
    ]
    found = explain(told, create(told, SegmentGroups={"Include": "ALL", "Groups": groups}))
    assert numbers(found) == [
        (0, "SegmentGroups", 1, 1),
        (1, "Groups[0]", 2, 2),
        (2, "Groups[0].SourceSegments[0]", 2, 2),
        (1, "Groups[1]", 3, 1),
        (2, "Groups[1].Dimensions[0]", 2, 0),
        (3, "Groups[1].Dimensions[0].Location.Country", 2, 0),
        (2, "Groups[1].Dimensions[1]", 1, 1),
        (3, "Groups[1].Dimensions[1].Metrics.age", 1, 1),
    ]
    told.segments.delete(CTX.scope, told.app_id, source)
    gone = explain(told, create(told, SegmentGroups={"Groups": [{"Dimensions": [{}]}]}))
    assert numbers(gone) == [(0, "SegmentGroups", 4, 4), (1, "Groups[0]", 4, 4), (2, "Groups[0].Dimensions[0]", 4, 4)]


def test_the_query_is_the_one_that_counts(told: House) -> None:
    query = explain(told, create(told, Dimensions=PLAN)).query
    assert told.columnar.query(query.sql, query.parameters) == [(2,)]
    assert "plan\x1fpro" in query.parameters.values()
    assert query.milliseconds > 0
    assert query.rows_read is not None
    assert query.rows_read >= 4


def out(found: SegmentExplanation) -> tuple[str, list[str] | None] | None:
    assert found.endpoint is not None
    by = found.endpoint.kept_out_by
    assert found.endpoint.member == (by is None)
    return by and (by.path, by.value)


@pytest.mark.parametrize(
    ("write", "endpoint", "expected"),
    [
        ({"Dimensions": {**PLAN, **older(18)}}, "ann", None),
        ({"Dimensions": {**PLAN, **older(18)}}, "BEN", ("Dimensions.Metrics.age", ["17"])),
        ({"Dimensions": {**PLAN, **older(18)}}, "cem", ("Dimensions.Attributes.plan", ["free"])),
        ({"Dimensions": {**older(18), **GERMAN}}, "dee", ("Dimensions.Metrics.age", [])),
        (
            {"SegmentGroups": {"Groups": [{"Dimensions": [PLAN, GERMAN], "Type": "ANY"}]}},
            "cem",
            ("Groups[0]", None),
        ),
        (
            {"SegmentGroups": {"Groups": [{"Dimensions": [PLAN, GERMAN], "Type": "NONE"}]}},
            "ben",
            ("Groups[0].Dimensions[0].Attributes.plan", ["pro", "beta"]),
        ),
        (
            {"SegmentGroups": {"Include": "NONE", "Groups": [{"Dimensions": [older(99)]}, {"Dimensions": [GERMAN]}]}},
            "ben",
            ("Groups[1].Dimensions[0].Location.Country", ["DE"]),
        ),
        (
            {"SegmentGroups": {"Include": "ANY", "Groups": [{"Dimensions": [PLAN]}, {"Dimensions": [GERMAN]}]}},
            "dee",
            ("SegmentGroups", None),
        ),
        (
            {"Dimensions": {"Demographic": {"Channel": {"Values": ["PUSH"]}}}},
            "dee",
            ("Dimensions.Demographic.Channel", ["EMAIL"]),
        ),
        (
            {"Dimensions": {"Demographic": {"DeviceType": {"Values": ["x"]}}}},
            "dee",
            ("Dimensions.Demographic.DeviceType", None),
        ),
    ],
)
def test_what_keeps_an_endpoint_out(told: House, write: dict[str, Any], endpoint: str, expected: object) -> None:
    assert out(explain(told, create(told, **write), endpoint_id=endpoint)) == expected


def test_what_an_endpoint_did_is_its_value(house: House) -> None:
    now = house.clock.now()
    days = lambda number: now - timedelta(days=number)  # noqa: E731
    events = [Happening("buy", days(1)), Happening("buy", days(2)), Happening("buy", days(60))]
    fill(
        house, [Person(key="ann", events=events, effective=days(90)), Person(key="ben", events=[Happening("buy", now)])]
    )
    behavior = {
        "Events": [{"EventType": "buy", "Days": 30, "MinimumCount": 3}],
        "Recency": {"Duration": "HR_24", "RecencyType": "INACTIVE"},
    }
    found = explain(house, create(house, Dimensions={"Behavior": behavior}), endpoint_id="ann")
    assert out(found) == ("Dimensions.Behavior.Recency", [iso(days(1))])
    assert [(step.path, step.value) for step in found.steps[1:]] == [
        ("Dimensions.Behavior.Recency", [iso(days(1))]),
        ("Dimensions.Behavior.Events[0]", ["2"]),
    ]
    assert found.steps[2].words == "buy at least 3 times in the last 30 days"


def test_unknown_things(told: House) -> None:
    id = create(told, Dimensions={})
    for arguments in ({"endpoint_id": "nobody"}, {"version": 2}):
        with pytest.raises(NotFound):
            explain(told, id, **arguments)
    with pytest.raises(NotFound):
        explain(told, "0" * 32)


@pytest.mark.parametrize("include", ["ALL", "ANY", "NONE"])
def test_the_largest_definitions(told: House, include: str) -> None:
    """Two hundred groups, and a hundred conditions in one object: still one statement."""
    source = create(told, Dimensions=PLAN)
    groups = [
        {"SourceSegments": [{"Id": source}], "Dimensions": [GERMAN] if number % 2 else []} for number in range(200)
    ]
    id = create(told, SegmentGroups={"Include": include, "Groups": groups})
    found = explain(told, id, endpoint_id="ann")
    assert len([step for step in found.steps if step.kind == "GROUP"]) == 200
    assert found.total == told.segments.count(CTX.scope, told.app_id, id)
    wide = {f"n{number}": {"AttributeType": "EXCLUSIVE", "Values": ["v" * 100]} for number in range(100)}
    found = explain(told, create(told, Dimensions={"Attributes": wide}), endpoint_id="cem")
    assert (found.total, len(found.steps)) == (4, 101)


# --- estimates

ADDRESSED = [
    Person(key="a", channel_type="EMAIL", address="A@b.c"),
    Person(key="b", channel_type="EMAIL", address="a@b.c"),
    Person(key="c", channel_type="EMAIL", address="a@b.c", opt_out="ALL"),
    Person(key="d", channel_type="EMAIL", address="d@b.c", opt_out="ALL", status="INACTIVE"),
    Person(key="e", channel_type="EMAIL", address="", opt_out="ALL", status="INACTIVE"),
    Person(key="f", channel_type="GCM", address="token"),
    Person(key="g", channel_type="APNS", address="token", opt_out="ALL"),
    Person(key="h", channel_type="SMS", address="a@b.c"),
    Person(key="i", opt_out="ALL", status="INACTIVE"),
    Person(key="j", channel_type="IN_APP"),
    Person(key="k", channel_type="IN_APP"),
]


def excluded(house: House, channel: str | None, **members: Any) -> dict[str, int]:
    control = SegmentsControl(house.previews)
    sent = {"ApplicationId": house.app_id, "Segment": {"Dimensions": {}}, **members}
    request = msgspec.convert({**sent, "Channel": channel} if channel else sent, EstimateRequest)
    found = control.estimate_segment(CTX, request)
    assert found.count == found.eligible + sum(found.exclusions.values())
    return {"count": found.count, "eligible": found.eligible} | {
        name.removeprefix("ENDPOINT_").lower(): number for name, number in found.exclusions.items() if number
    }


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        (None, {"eligible": 5, "missing_channel": 1, "missing_address": 1, "inactive": 1, "opt_out": 2}),
        (
            "EMAIL",
            {
                "eligible": 1,
                "missing_channel": 1,
                "channel_mismatch": 5,
                "missing_address": 1,
                "inactive": 1,
                "opt_out": 1,
            },
        ),
        ("PUSH", {"eligible": 1, "missing_channel": 1, "channel_mismatch": 8, "opt_out": 1}),
        ("APNS", {"eligible": 0, "missing_channel": 1, "channel_mismatch": 9, "opt_out": 1}),
        ("VOICE", {"eligible": 0, "missing_channel": 1, "channel_mismatch": 10}),
    ],
)
def test_each_member_is_counted_for_one_reason(house: House, channel: str | None, expected: dict[str, int]) -> None:
    tables.load(house.columnar, house.app_id, ADDRESSED)
    found = excluded(house, channel)
    assert found.pop("duplicate_endpoint", 0) == (1 if channel in (None, "EMAIL") else 0)
    assert found == {"count": 11, **expected}


def test_estimates_of_stored_and_of_unsaved_definitions(told: House) -> None:
    control, app_id = SegmentsControl(told.previews), told.app_id
    id = create(told, Dimensions=PLAN)

    def sample(**members: Any) -> Sequence[str | None]:
        return [
            one.id for one in control.estimate_segment(CTX, EstimateRequest(application_id=app_id, **members)).sample
        ]

    assert sample(segment_id=id) == ["ann", "ben"]
    unsaved = msgspec.convert({"SegmentGroups": {"Groups": [{"SourceSegments": [{"Id": id}]}]}}, WriteSegmentRequest)
    assert sample(segment=unsaved) == ["ann", "ben"]
    told.segments.update(CTX.scope, app_id, id, msgspec.convert({"Dimensions": GERMAN}, WriteSegmentRequest))
    assert sample(segment_id=id, version=1) == ["ann", "ben"]
    for wrong in ({}, {"segment_id": id, "segment": unsaved}, {"segment": unsaved, "version": 1}):
        with pytest.raises(Invalid):
            sample(**wrong)
    with pytest.raises(Invalid, match="one of them is required"):
        sample(segment=WriteSegmentRequest())
    with pytest.raises(NotFound):
        sample(segment_id="0" * 32)


def test_ten_members_are_shown(house: House) -> None:
    fill(house, [Person(key=f"e{number:02}") for number in range(25)])
    request = EstimateRequest(application_id=house.app_id, segment=WriteSegmentRequest(dimensions=None))
    request.segment = msgspec.convert({"Dimensions": {}}, WriteSegmentRequest)
    found = SegmentsControl(house.previews).estimate_segment(CTX, request)
    assert (found.count, [one.id for one in found.sample]) == (25, [f"e{number:02}" for number in range(10)])


def test_nobody_is_no_error(told: House) -> None:
    contradiction = {"Demographic": {"Make": {"Values": ["a"]}, "Platform": {"Values": [""]}}}
    assert excluded(told, "EMAIL", Segment={"Dimensions": contradiction}) == {"count": 0, "eligible": 0}
    assert explain(told, create(told, Dimensions=contradiction)).total == 0


def test_previews_wait_for_what_was_acknowledged(house: House) -> None:
    id = create(house, Dimensions={})
    house.late.catch_up = lambda: fill(house, [Person(key="ann")])
    assert explain(house, id).total == 1
