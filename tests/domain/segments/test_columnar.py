"""Counting, sampling, keeping and paging, on chDB and on a server."""

from __future__ import annotations

import pytest

from clarion.domain.segments.columnar import Endpoints
from clarion.shapes.pinpoint import AttributeDimension, SegmentDimensions
from clarion.store.columnar import Columnar
from tests.domain.segments import tables
from tests.domain.segments.evaluate import Person


@pytest.fixture
def endpoints(columnar: Columnar) -> Endpoints:
    tables.create(columnar)
    plan = {"plan": ["pro"]}
    people = [
        Person(key="e1", attributes=plan, channel_type="EMAIL", address="a@example.com", timezone="Europe/Berlin"),
        Person(key="e2", attributes=plan, channel_type="EMAIL", address="a@example.com", timezone="Asia/Tokyo"),
        Person(key="e3", attributes=plan, channel_type="SMS", address="a@example.com", timezone="not a zone"),
        Person(key="e4", attributes=plan, channel_type="EMAIL", address="b@example.com", status="INACTIVE"),
        Person(key="e5", attributes=plan, channel_type="EMAIL", address="b@example.com", opt_out="ALL"),
        Person(key="e6", attributes=plan, channel_type="EMAIL", address="b@example.com", timezone="Asia/Tokyo"),
        Person(key="e7", attributes=plan),
        Person(key="e8", attributes=plan),
        Person(key="f1", channel_type="EMAIL", address="a@example.com"),
    ]
    tables.load(columnar, "app", people)
    tables.load(columnar, "other", [Person(key="e1", attributes=plan), Person(key="g1", attributes=plan)])
    return Endpoints(columnar)


PRO = tables.compiled(
    tables.segment(SegmentDimensions(attributes={"plan": AttributeDimension(values=["pro"])})),
)
KEYS = ["e1", "e2", "e3", "e4", "e5", "e6", "e7", "e8"]


def test_counts(endpoints: Endpoints) -> None:
    assert endpoints.count(PRO) == 8


def test_looks_at_some(endpoints: Endpoints) -> None:
    assert endpoints.first(PRO, 3) == ["e1", "e2", "e3"]
    assert endpoints.among(PRO, ["e2", "f1", "g1", "nobody"]) == {"e2"}


def test_keeps_members_numbered_in_key_order(endpoints: Endpoints, columnar: Columnar) -> None:
    assert endpoints.keep(PRO, "one") == 8
    tables.load(columnar, "app", [Person(key="e0", attributes={"plan": ["pro"]})], version=2)
    assert endpoints.keep(PRO, "two") == 9
    assert list(endpoints.kept("one", 0, 100).values()) == KEYS
    assert list(endpoints.kept("one", 2, 3).values()) == ["e3", "e4", "e5"]
    assert list(endpoints.kept("one", 6, 3).values()) == ["e7", "e8"]
    assert list(endpoints.kept("one", 8, 3).values()) == []
    assert list(endpoints.kept("two", 0, 2).values()) == ["e0", "e1"]
    rows = columnar.query("SELECT position FROM segment_snapshots WHERE snapshot_id = 'one' ORDER BY position")
    assert rows == [(number,) for number in range(1, 9)]


def test_keeps_nobody(endpoints: Endpoints) -> None:
    nobody = tables.compiled(tables.segment(id="list"))
    assert endpoints.keep(nobody, "none") == 0
    assert list(endpoints.kept("none", 0, 10).values()) == []


def test_finds_members_that_share_an_address_on_a_channel(endpoints: Endpoints) -> None:
    """Not those who cannot be messaged, have no address, or are not members."""
    endpoints.keep(PRO, "all")
    assert endpoints.duplicates("app", "all") == ["e2"]


def test_divides_members_by_zone(endpoints: Endpoints) -> None:
    endpoints.keep(PRO, "all")
    assert endpoints.divide("app", "all", "parts") == [("", 5), ("Asia/Tokyo", 2), ("Europe/Berlin", 1)]
    assert list(endpoints.kept("parts/", 0, 10).values()) == ["e3", "e4", "e5", "e7", "e8"]
    assert list(endpoints.kept("parts/Asia/Tokyo", 0, 1).values()) == ["e2"]
    assert list(endpoints.kept("parts/Asia/Tokyo", 1, 1).values()) == ["e6"]
    assert list(endpoints.kept("all", 0, 10).values()) == KEYS
