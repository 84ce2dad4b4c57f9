"""Drawings: every journey can be drawn, whatever it says; what is drawn is what there is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given, settings

from clarion.domain.journeys.drawing.layout import GAP, Size, layout
from clarion.domain.journeys.drawing.mermaid import mermaid
from clarion.domain.journeys.drawing.picture import Picture, picture
from clarion.domain.journeys.drawing.svg import svg
from clarion.domain.journeys.drawing.words import Words
from clarion.domain.journeys.graph import parse
from clarion.shapes.pinpoint import WriteJourneyRequest
from tests.domain.journeys.faulty import JOURNEYS
from tests.domain.journeys.review.sound import EVENT, SOUND, changed

SVG = "{http://www.w3.org/2000/svg}"
BY_EVENT = EVENT["EventStartCondition"]
NAMES = {"everybody": "All of them", "vips": "VIPs"}


def drawn(wanted: WriteJourneyRequest | Mapping[str, Any], people: Mapping[str, int] | None = None) -> Picture:
    request = wanted if isinstance(wanted, WriteJourneyRequest) else msgspec.convert(wanted, WriteJourneyRequest)
    return picture(request, parse(request), Words(NAMES), people)


def texts(document: str, mark: str) -> list[str]:
    """The texts of the elements of a kind, in order."""
    return ["".join(one.itertext()) for one in ElementTree.fromstring(document).iter(f"{SVG}{mark}")]


def chain(size: int) -> dict[str, Any]:
    wait = {"WaitTime": {"WaitFor": "P1D"}}
    return {f"a{n}": {"Wait": {**wait, "NextActivity": f"a{n + 1}" if n + 1 < size else ""}} for n in range(size)}


@settings(deadline=None, max_examples=100)
@given(JOURNEYS)
def test_every_journey_can_be_drawn(wanted: WriteJourneyRequest) -> None:
    found = drawn(wanted, {"a": 1_000_000})
    root = ElementTree.fromstring(svg(found))
    boxes = [one for one in root.iter(f"{SVG}g") if "data-activity" in one.attrib]
    assert len(boxes) >= len(wanted.activities or {}) + 1
    lines = mermaid(found).splitlines()
    assert lines[0] == "flowchart TD"
    assert sum("-->" in line or "-.->" in line for line in lines) == len(found.arrows)
    for line in lines[1:]:
        assert re.fullmatch(r" {4}(n\d+\W.*|classDef lost [^\"]*|class [n\d,]+ lost)", line), line
        assert line.count('"') in (0, 2), line


@settings(deadline=None, max_examples=100)
@given(JOURNEYS)
def test_boxes_of_a_layout_never_overlap_and_arrows_lead_down(wanted: WriteJourneyRequest) -> None:
    found = drawn(wanted)
    sizes = {box.number: Size(20.0 + 30 * (box.number % 4), 10.0 + 5 * (box.number % 3)) for box in found.boxes}
    done = layout(found, sizes)
    placed = [(done.places[number], size) for number, size in sizes.items()]
    for number, ((x, y), size) in enumerate(placed):
        assert size.width / 2 <= x <= done.size.width - size.width / 2
        assert size.height / 2 <= y <= done.size.height - size.height / 2
        for (other_x, other_y), other in placed[:number]:
            beside = abs(x - other_x) >= (size.width + other.width) / 2 + GAP - 1e-6
            assert beside or abs(y - other_y) >= (size.height + other.height) / 2
    for number, arrow in enumerate(found.arrows):
        if not arrow.back:
            heights = [y for _, y in done.ways[number]]
            assert heights == sorted(heights)


def test_mermaid_of_the_sound_journey() -> None:
    text = mermaid(drawn(SOUND, {"pause": 12, "hello": 0}))
    for line in (
        'n0(["<b>Entry</b><br/>segment All of them"])',
        'n1["<b>EMAIL</b> hello<br/>template hello"]',
        '{"<b>ConditionalSplit</b> opened<br/>after P2D<br/>_email.open of hello"}',
        '{{"<b>Wait</b> pause<br/>for P7D<br/>12 here"}}',
        '{"<b>Holdout</b> held<br/>holds out 10 %"}',
        '-->|"yes"|',
        '-->|"no"|',
        '-->|"60 %"|',
        '-->|"segment VIPs"|',
        '-->|"else"|',
        '(("end"))',
    ):
        assert line in text, line


def test_svg_of_the_sound_journey() -> None:
    document = svg(drawn(SOUND, {"pause": 12_345}))
    shown = texts(document, "text")
    for text in ("Entry ", "segment All of them", "EMAIL hello", "template hello", "for P7D", "12,345"):
        assert text in shown
    labels = [text for text in texts(document, "text") if text in ("yesyes", "nono", "60 %60 %", "elseelse")]
    assert sorted(labels) == ["60 %60 %", "elseelse", "nono", "yesyes"]


@pytest.mark.parametrize(
    ("changes", "entry"),
    [
        ({"StartCondition": EVENT}, "event bought"),
        (
            {"StartCondition": {"EventStartCondition": {**BY_EVENT, "SegmentId": "vips"}}},
            "event bought in segment VIPs",
        ),
        ({"StartCondition": {}}, "nobody"),
    ],
)
def test_who_enters(changes: Mapping[str, Any], entry: str) -> None:
    assert drawn(changed(changes)).boxes[0].details == (entry,)


def test_what_nobody_reaches_and_what_leads_nowhere_is_marked() -> None:
    found = drawn({**SOUND, "StartActivity": "a0", "Activities": {**chain(1), "b": {"Wait": {"NextActivity": "gone"}}}})
    assert [(box.id or box.title, box.lost) for box in found.boxes] == [
        ("Entry", False),
        ("b", True),
        ("a0", False),
        ("no activity gone", True),
        ("", False),
    ]
    assert "class n1,n3 lost" in mermaid(found)


def test_a_way_back_is_drawn_as_one() -> None:
    activities = chain(3)
    activities["a2"]["Wait"]["NextActivity"] = "a0"
    found = drawn({**SOUND, "StartActivity": "a0", "Activities": activities})
    assert [(arrow.origin, arrow.to) for arrow in found.arrows if arrow.back] == [(3, 1)]
    assert "n3 -.-> n1" in mermaid(found)
    assert svg(found).count('class="a b"') == 1


def test_texts_are_escaped_and_cut() -> None:
    text = '<script>alert("1")</script> & `more` #1; ' + "long " * 100
    activities = {"a": {"Description": text, "Wait": {"WaitTime": {"WaitFor": "P1D"}}}}
    found = drawn({**SOUND, "Name": text, "StartActivity": "a", "Activities": activities})
    document = svg(found)
    assert "<script" not in document
    assert max(len(one) for one in texts(document, "text")) < 60
    assert text.strip() in [
        one.split("\n")[-2].strip() for one in texts(document, "title") if "\n" in one and "Wait" in one
    ]
    assert "<script" not in mermaid(found)
    assert "#60;script#62;alert(#34;1#34;)" in mermaid(found)


def test_forty_activities_one_behind_the_other_stand_in_a_line() -> None:
    found = drawn({**SOUND, "StartActivity": "a0", "Activities": chain(40)})
    done = layout(found, {box.number: Size(100, 40) for box in found.boxes})
    assert len({round(x, 3) for x, _ in done.places.values()}) == 1
    heights = [done.places[number][1] for number in range(42)]
    assert heights == sorted(heights)


def test_people_at_zero_are_not_told() -> None:
    assert "here" not in mermaid(drawn(SOUND, {}))
