"""What deleted projects and segments leave in the columnar store goes as well, and nothing of others."""

from __future__ import annotations

import pytest

from clarion.core.errors import NotFound
from clarion.domain.segments import jobs as segments_jobs
from clarion.domain.segments import store
from clarion.shapes.pinpoint import SegmentDimensions, SegmentImportResource, WriteSegmentRequest
from tests.domain.segments import tables
from tests.domain.segments.evaluate import Person
from tests.domain.segments.house import House, context

SCOPE = context().scope
LIST = SegmentImportResource(external_id="", format="CSV", role_arn="r", s3_url="s3://b/k", size=1)


def everybody(house: House, app_id: str) -> str:
    request = WriteSegmentRequest(dimensions=SegmentDimensions())
    return house.segments.create(SCOPE, app_id, request).segment.id


def imported(house: House, app_id: str) -> str:
    """A segment with a list of one endpoint."""
    made = house.database.write(lambda c: house.segments.begin_list(c, SCOPE, app_id, None, "l", LIST, 1))
    line = b'{"segment_id":"%s","version":1,"endpoint_key":"e1","user_id":""}' % made.encode()
    house.columnar.insert_json("segment_imports", line, token=made)
    return made


def names(house: House, app_id: str) -> list[str]:
    """What snapshots and parts of a project are called in the columnar store."""
    return [one.kept_as for one in house.database.read(lambda c: store.snapshots_of(c, app_id, 100))]


def kept(house: House, kept_as: list[str]) -> int:
    sql = "SELECT count() FROM segment_snapshots WHERE snapshot_id IN {names:Array(String)}"
    return int(str(house.columnar.query(sql, {"names": kept_as})[0][0]))


def listed(house: House, segment_id: str) -> int:
    sql = "SELECT count() FROM segment_imports WHERE segment_id = {id:String}"
    return int(str(house.columnar.query(sql, {"id": segment_id})[0][0]))


def test_a_deleted_project(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments_jobs, "CHUNK", 2)
    other = house.apps.create(SCOPE, "other", None).app.id
    lists, told = {}, {}
    for app in (house.app_id, other):
        tables.load(house.columnar, app, [Person("e1", timezone="Europe/Berlin"), Person("e2", timezone="Asia/Tokyo")])
        segment, lists[app] = everybody(house, app), imported(house, app)
        for run in ("one", "two"):
            assert house.segments.snapshot(SCOPE, app, segment, None, f"{app} {run}") == 2
        house.segments.zones(f"{app} two")
        told[app] = names(house, app)
    house.apps.delete(SCOPE, house.app_id)
    house.engine.settle(30)
    assert (kept(house, told[house.app_id]), kept(house, told[other])) == (0, 6)
    assert (names(house, house.app_id), len(names(house, other))) == ([], 4)
    assert (listed(house, lists[house.app_id]), listed(house, lists[other])) == (0, 1)


def test_a_deleted_imported_segment(house: House) -> None:
    one, other = imported(house, house.app_id), imported(house, house.app_id)
    house.segments.snapshot(SCOPE, house.app_id, other, None, "run")
    house.segments.delete(SCOPE, house.app_id, one)
    house.engine.settle(30)
    assert (listed(house, one), listed(house, other)) == (0, 1)
    assert house.segments.members("run", 0, 9) == []
    with pytest.raises(NotFound):
        house.segments.require(SCOPE, house.app_id, one)
