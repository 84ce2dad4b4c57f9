"""Journeys as files: read, written, compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.cli.journey.form import (
    differences,
    following,
    kind_of,
    normal,
    parsed,
    read,
    segments_mapped,
    write,
)
from tests.domain.journeys.faulty import JOURNEYS

DOCUMENTS = JOURNEYS.map(lambda wanted: normal(msgspec.json.decode(msgspec.json.encode(wanted))))


def test_yaml_means_what_json_means() -> None:
    text = """
    Name: 007
    QuietTime: {Start: 22:00, End: 07:00}
    Schedule: {StartTime: 2027-02-01T08:00:00Z}
    LocalTime: true
    RefreshOnSegmentUpdate: false
    Limits: {DailyCap: 5}
    StartActivity: no
    RefreshFrequency: ~
    Activities: {no: {Description: "1", Wait: {WaitTime: {WaitFor: PT1H}}}}
    """
    assert parsed("here", text) == [
        {
            "Name": "007",
            "QuietTime": {"Start": "22:00", "End": "07:00"},
            "Schedule": {"StartTime": "2027-02-01T08:00:00Z"},
            "LocalTime": True,
            "RefreshOnSegmentUpdate": False,
            "Limits": {"DailyCap": 5},
            "StartActivity": "no",
            "RefreshFrequency": None,
            "Activities": {"no": {"Description": "1", "Wait": {"WaitTime": {"WaitFor": "PT1H"}}}},
        }
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Name: a\n---\nName: b",
        "- Name: a\n- Name: b",
        "- Name: a\n---\nName: b\n---\n",
        '[{"Name": "a"}, {"Name": "b"}]',
    ],
)
def test_several_in_a_file(text: str) -> None:
    assert [one["Name"] for one in parsed("here", text)] == ["a", "b"]


@settings(max_examples=50, deadline=None)
@given(DOCUMENTS, st.sampled_from([".json", ".yaml"]))
def test_what_is_written_is_read_again(document: dict[str, Any], suffix: str) -> None:
    path = Path(f"way{suffix}")
    text = write([document, {**document, "Name": "second"}], path)
    found = parsed("here", text, as_json=suffix == ".json")
    assert found == [document, {**document, "Name": "second"}]
    assert [normal(one) for one in found] == found


@settings(max_examples=50, deadline=None)
@given(DOCUMENTS)
def test_other_yaml_parsers_read_it_as_well(document: dict[str, Any]) -> None:
    assert yaml.safe_load(write([document])) == document


@settings(max_examples=50, deadline=None)
@given(DOCUMENTS, DOCUMENTS)
def test_differences_are_there_when_journeys_differ(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert bool(differences(one, other)) == (one != other)
    assert len(differences(one, other)) == len(differences(other, one))


def test_differences_in_words() -> None:
    before = {"Name": "a", "Limits": {"DailyCap": 1}, "Schedule": {}, "Activities": {"x": {"Branches": [{"P": 1}]}}}
    after = {"Name": "b", "LocalTime": True, "Schedule": {}, "Activities": {"x": {"Branches": [{"P": 1}, {"P": 2}]}}}
    assert differences(before, after) == [
        "~ Name: a → b",
        "- Limits.DailyCap: 1",
        "+ LocalTime: true",
        "+ Activities.x.Branches[1].P: 2",
    ]


def test_dates_have_one_form() -> None:
    said = {"Name": "a", "Schedule": {"StartTime": "2027-02-01T09:00:00+01:00", "EndTime": "2027-02-01T08:00:00.000Z"}}
    assert normal(said)["Schedule"] == {"StartTime": "2027-02-01T08:00:00Z", "EndTime": "2027-02-01T08:00:00Z"}


def test_what_the_service_says_is_not_the_journey() -> None:
    answer = {
        "Name": "a",
        "Id": "i",
        "ApplicationId": "p",
        "State": "ACTIVE",
        "CreationDate": "c",
        "LastModifiedDate": "m",
        "Version": 3,
        "tags": {},
        "LocalTime": False,
    }
    assert normal(answer) == {"Name": "a", "LocalTime": False}


def test_segments_wherever_they_are() -> None:
    document: dict[str, Any] = {
        "StartCondition": {"SegmentStartCondition": {"SegmentId": "a"}, "EventStartCondition": {"SegmentId": "b"}},
        "Activities": {
            "x": {"MultiCondition": {"Branches": [{"Condition": {"SegmentCondition": {"SegmentId": "c"}}}]}}
        },
        "Name": "a",
    }
    seen: list[str] = []
    mapped = segments_mapped(document, lambda id: seen.append(id) or id.upper())  # type: ignore[func-returns-value]
    assert seen == ["a", "b", "c"]
    assert mapped["Name"] == "a"
    assert mapped["StartCondition"] == {
        "SegmentStartCondition": {"SegmentId": "A"},
        "EventStartCondition": {"SegmentId": "B"},
    }
    assert document["StartCondition"]["SegmentStartCondition"]["SegmentId"] == "a"


@pytest.mark.parametrize(
    ("activity", "kind", "ways"),
    [
        ({}, "", []),
        ({"Description": "d"}, "", []),
        ({"Wait": {}}, "Wait", []),
        ({"Wait": {"NextActivity": "b"}}, "Wait", ["b"]),
        ({"EMAIL": {"NextActivity": "b"}}, "EMAIL", ["b"]),
        ({"Wait": {}, "Holdout": {}}, "", []),
        ({"ConditionalSplit": {"TrueActivity": "t", "FalseActivity": "f"}}, "ConditionalSplit", ["t", "f"]),
        ({"RandomSplit": {"Branches": [{"NextActivity": "a"}, {}]}}, "RandomSplit", ["a", ""]),
        (
            {"MultiCondition": {"Branches": [{"NextActivity": "a"}], "DefaultActivity": "d"}},
            "MultiCondition",
            ["a", "d"],
        ),
    ],
)
def test_activities_in_short(activity: dict[str, Any], kind: str, ways: list[str]) -> None:
    assert (kind_of(activity), following(activity)) == (kind, ways)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no journey"),
        ("# nothing", "no journey"),
        ("[]", "no journey"),
        ("5", "journey 1: is not an object"),
        ("Name: a\n---\nfive", "journey 2: is not an object"),
        ("LocalTime: true", "Name"),
        ("Name: a\nLocalTime: perhaps", "LocalTime"),
        ("Name: a\nSchedule: {StartTime: soon}", "StartTime"),
        ("Name: a\nFoo: 1", "nobody knows Foo"),
        ("Name: a\nActivities: {x: {Wait: {Foo: 1}}}", "nobody knows Activities.x.Wait.Foo"),
        ("Name: a\nActivities: {x: {RandomSplit: {Branches: [{}, {Foo: 1}]}}}", "RandomSplit.Branches[1].Foo"),
        ("Name: a\nActivities: {x: {}, x: {}}", "x is there twice"),
        ("Name: a\nState: CLOSED", "State must be"),
        ("Name: !!python/object:os.system a", "python"),
        ("Name: [a", "here"),
        ("? [a]\n: b", "here"),
    ],
)
def test_what_is_no_file(text: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        parsed("here", text)
    assert said in capsys.readouterr().err


def test_files_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    for name in ("none.yaml", "", "binary.yaml"):
        with pytest.raises(typer.Exit):
            read(tmp_path / name)
        assert capsys.readouterr().err.startswith(str(tmp_path))
