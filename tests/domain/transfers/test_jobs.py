"""Import and export jobs: what they refuse, what they make of bad input and of trouble on the way, how they end."""

from __future__ import annotations

import gzip
import os
from typing import Any

import pytest

from clarion.core.errors import Conflict, Invalid, NotFound, TooMany, Unavailable
from clarion.core.scope import Scope
from clarion.domain.transfers import exports as exporting
from clarion.shapes.pinpoint import ImportJobRequest
from tests.domain.transfers.desk import ROLE, Desk, people
from tests.server.house import SCOPE


def counts(job: dict[str, Any]) -> tuple[str, int, int]:
    return job["JobStatus"], job["TotalProcessed"], job["TotalFailures"]


def test_segments_that_no_import_can_fill(desk: Desk) -> None:
    url = desk.put("people.csv", people(1))
    with pytest.raises(NotFound):
        desk.create(url, SegmentId="0" * 32)
    with pytest.raises(Invalid, match="SegmentId: must be an imported segment"):
        desk.create(url, SegmentId=desk.house.segment(desk.app))
    with pytest.raises(NotFound):
        desk.export(SegmentId="0" * 32)
    with pytest.raises(Invalid, match="SegmentVersion: needs a SegmentId"):
        desk.export(SegmentVersion=1)
    with pytest.raises(NotFound):
        desk.export(SegmentId=desk.house.segment(desk.app), SegmentVersion=2)


def test_jobs_are_found_in_their_account_project_and_kind_only(desk: Desk) -> None:
    transfers = desk.house.transfers
    imported, exported = desk.create(desk.put("people.csv", people(1)))["Id"], desk.export()["Id"]
    other = desk.house.project()
    strangers = Scope("000000000002", SCOPE.region)
    for scope, app, kind, job in (
        (SCOPE, desk.app, "EXPORT", imported),
        (SCOPE, desk.app, "IMPORT", exported),
        (SCOPE, desk.app, "IMPORT", "0" * 32),
        (SCOPE, other, "IMPORT", imported),
        (strangers, desk.app, "IMPORT", imported),
    ):
        for ask in (transfers.get, transfers.cancel, transfers.progress):
            with pytest.raises(NotFound):
                ask(scope, app, kind, job)  # type: ignore[operator]
    with pytest.raises(NotFound):
        transfers.page(strangers, desk.app, "IMPORT", None, None, None)
    with pytest.raises(NotFound):
        transfers.create_import(
            strangers,
            desk.app,
            ImportJobRequest(format="CSV", role_arn=ROLE, s3_url="s3://b/a.csv", register_endpoints=True),
        )


def test_ten_run_at_a_time(desk: Desk) -> None:
    url = desk.put("people.csv", people(1))
    jobs = [desk.create(url)["Id"] for _ in range(10)]
    with pytest.raises(TooMany, match="an account has at most 10 import jobs running"):
        desk.create(url)
    other = Scope(SCOPE.account, "us-east-1")
    app = desk.house.apps.create(other, "shop", None).app.id
    sent = ImportJobRequest(format="CSV", role_arn=ROLE, s3_url=url, register_endpoints=True)
    desk.house.transfers.create_import(other, app, sent)
    desk.export()
    desk.house.transfers.cancel(SCOPE, desk.app, "IMPORT", jobs[0])
    assert desk.load(url)["JobStatus"] == "COMPLETED"


def test_lists_are_paged_newest_first(desk: Desk) -> None:
    transfers = desk.house.transfers
    url = desk.put("people.csv", people(1))
    segment = desk.load(url, DefineSegment=True)["Definition"]["SegmentId"]
    mine = [desk.create(url, SegmentId=segment)["Id"] for _ in range(3)]
    others = [desk.create(url)["Id"] for _ in range(2)]
    seen, token = [], None
    while True:
        page, token = transfers.page(SCOPE, desk.app, "IMPORT", None, "4", token)
        seen.append([one.job.id for one in page])
        if token is None:
            break
    assert [len(page) for page in seen] == [4, 2]
    assert [one for page in seen for one in page][:5] == [*reversed(others), *reversed(mine)]
    page, token = transfers.page(SCOPE, desk.app, "IMPORT", segment, "3", None)
    assert [one.job.id for one in page] == list(reversed(mine))
    page, token = transfers.page(SCOPE, desk.app, "IMPORT", segment, "3", token)
    assert (len(page), token) == (1, None)
    exports = [desk.export(SegmentId=segment)["Id"], desk.export()["Id"]]
    assert [one.job.id for one in transfers.page(SCOPE, desk.app, "EXPORT", None, None, None)[0]] == exports[::-1]
    assert [one.job.id for one in transfers.page(SCOPE, desk.app, "EXPORT", segment, None, None)[0]] == exports[:1]
    with pytest.raises(Invalid, match="token"):
        transfers.page(SCOPE, desk.app, "IMPORT", None, None, "nonsense")
    with pytest.raises(NotFound):
        transfers.page(SCOPE, desk.app, "IMPORT", "0" * 32, None, None)


def test_a_folder_of_many_files_and_others_beside(desk: Desk) -> None:
    for number in range(200):
        desk.put(f"in/{number % 7}/{number:04d}.csv", people(number))
    desk.put("in/packed.csv.gz", gzip.compress(people(200).encode()))
    for name in ("a.json", "read.me", "b.csv.bak", "c.csv.errors.txt"):
        desk.put(f"in/{name}", "not for this import")
    job = desk.load(f"file://{desk.files}/in/")
    assert counts(job) == ("COMPLETED", 201, 0)
    assert (job["TotalPieces"], job["CompletedPieces"], job["FailedPieces"]) == (201, 201, 0)
    assert len(desk.endpoints()) == 201


def test_files_that_are_not_there(desk: Desk) -> None:
    (desk.files / "empty").mkdir()
    desk.put("other/a.json", "{}")
    for name in ("empty/", "other/", "none.csv"):
        job = desk.load(f"file://{desk.files}/{name}")
        assert (job["JobStatus"], job["TotalPieces"]) == ("FAILED", 0)
        assert job["Failures"] == [f"file://{desk.files}/{name}: no CSV file is there"]
    denied = desk.load("file:///etc/passwd")
    assert (denied["JobStatus"], "outside" in denied["Failures"][0]) == ("FAILED", True)


def test_one_bad_file_does_not_stop_the_others(desk: Desk) -> None:
    desk.put("in/a.csv", people(1))
    desk.put("in/b.csv", "Name,Mail\nlea,lea@example.com\n")
    desk.put("in/c.csv.gz", gzip.compress(people(2).encode())[:-3])
    desk.put("in/d.csv", "")
    desk.put("in/e.csv", people())
    job = desk.load(f"file://{desk.files}/in/", DefineSegment=True)
    assert (job["JobStatus"], job["TotalPieces"], job["CompletedPieces"], job["FailedPieces"]) == ("FAILED", 5, 2, 3)
    assert job["Failures"] == [
        f"file://{desk.files}/in/b.csv: the column 'Name' is unknown"
        " (columns are separated by commas, names are case-sensitive)"
    ]
    errors = {
        piece.url[-6:]: piece.error
        for piece in desk.house.transfers.progress(SCOPE, desk.app, "IMPORT", job["Id"]).pieces
    }
    assert "ends too early" in (errors["csv.gz"] or "")
    assert "the first line must name the columns" in (errors["/d.csv"] or "")
    # What was readable is registered, and is in the segment.
    segment = desk.house.segments.get(SCOPE, desk.app, job["Definition"]["SegmentId"]).segment
    assert segment.definition.imported is not None
    assert segment.definition.imported.size == len(desk.endpoints())


def test_rows_that_break_a_rule_of_endpoints(desk: Desk) -> None:
    header = "Id,ChannelType,Address,OptOut,EffectiveDate,Attributes.a,User.UserId\n"
    rows = [
        ("a$b,EMAIL,1@example.com,,,,", "Id"),
        ("b,EMAIL,2@example.com,MAYBE,,,", "OptOut: must be ALL or NONE"),
        ("c,EMAIL,3@example.com,,yesterday,,", "EffectiveDate: must be an ISO 8601 date"),
        ("d,EMAIL,4@example.com,,," + "x" * 101 + ",", "Attributes.a: values must not be longer than 100 characters"),
        ("e,EMAIL,5@example.com,,,," + "u" * 129, "User.UserId: must not be longer than 128 characters"),
        ("f,EMAIL," + "x" * 20_000 + ",,,,", "15"),
        ("g,EMAIL,g\0@example.com,,,,", "Address: must not contain a NUL character"),
        ("h,EMAIL,h@example.com,,,,", ""),
        ("new,,,,,,", "Missing ChannelType"),
    ]
    job = desk.load(desk.put("bad.csv", header + "\n".join(row for row, _ in rows)), DefineSegment=True)
    assert counts(job) == ("COMPLETED", len(rows), len(rows) - 1)
    wrong = [(number, says) for number, (_, says) in enumerate(rows, 2) if says]
    for (number, says), failure in zip(wrong, job["Failures"], strict=True):
        assert failure.startswith(f"file://{desk.files}/bad.csv:{number}: ")
        assert says in failure
    assert desk.endpoints() == ["h"]
    segment = desk.house.segments.get(SCOPE, desk.app, job["Definition"]["SegmentId"]).segment
    assert segment.definition.imported is not None
    assert segment.definition.imported.size == 1


def test_more_names_than_a_project_may_have(desk: Desk) -> None:
    header = "Id,ChannelType,Address," + ",".join(f"Attributes.a{n}" for n in range(300))
    full = "all,EMAIL,all@example.com," + ",".join(["x"] * 300)
    some = "some,EMAIL,some@example.com," + ",".join(["x"] * 250 + [""] * 50)
    more = "more,EMAIL,more@example.com," + ",".join(["x"] * 251 + [""] * 49)
    job = desk.load(desk.put("wide.csv", "\n".join([header, full, some, more])))
    assert counts(job) == ("COMPLETED", 3, 2)
    assert [failure.rpartition(": ")[2] for failure in job["Failures"]] == ["Too many custom attributes"] * 2
    assert desk.endpoints() == ["some"]


def test_the_same_id_again_in_a_file_changes_the_endpoint(desk: Desk) -> None:
    rows = "Id,ChannelType,Address,Attributes.a,Attributes.b\nx,EMAIL,1@example.com,1,\nX,EMAIL,2@example.com,,2\n"
    job = desk.load(desk.put("twice.csv", rows), DefineSegment=True)
    assert counts(job) == ("COMPLETED", 2, 0)
    endpoint = desk.house.audience.get(SCOPE, desk.app, "x")
    assert (endpoint.address, endpoint.attributes) == ("2@example.com", {"a": ["1"], "b": ["2"]})
    segment = desk.house.segments.get(SCOPE, desk.app, job["Definition"]["SegmentId"]).segment
    assert segment.definition.imported is not None
    assert (segment.definition.imported.size, segment.definition.imported.channel_counts) == (1, {"EMAIL": 1})


def test_a_hundred_failures_are_told_and_all_can_be_read(desk: Desk) -> None:
    rows = "".join(f"p{n}\n" for n in range(1200))
    job = desk.load(desk.put("bad.csv", "Id,ChannelType,Address\n" + rows))
    assert counts(job) == ("COMPLETED", 1200, 1200)
    assert len(job["Failures"]) == 100
    seen, token = [], None
    while True:
        page, token = desk.house.transfers.failures(SCOPE, desk.app, job["Id"], token, 70)
        seen += [failure.line for _, failure in page]
        if token is None:
            break
    assert seen == list(range(2, 1202))
    with pytest.raises(Invalid):
        desk.house.transfers.failures(SCOPE, desk.app, job["Id"], "nonsense")


def test_a_file_that_changes_or_goes_before_it_is_read(desk: Desk) -> None:
    changed, gone = desk.create(desk.put("changed.csv", people(1))), desk.create(desk.put("gone.csv", people(2)))
    original = desk.house.objects.find

    def find(url: str) -> Any:
        found = original(url)
        if url.endswith("changed.csv"):
            os.utime(desk.files / "changed.csv", ns=(1, 1))
        else:
            (desk.files / "gone.csv").unlink()
        return found

    desk.house.objects.find = find  # type: ignore[method-assign]
    desk.house.settle()
    assert "changed since it was found" in desk.get(changed["Id"])["Failures"][0]
    assert "does not exist" in desk.get(gone["Id"])["Failures"][0]
    assert {desk.get(one["Id"])["FailedPieces"] for one in (changed, gone)} == {1}
    assert desk.endpoints() == []


@pytest.mark.parametrize("verb", ["find", "read"])
def test_a_store_that_stalls_is_given_up_with_what_it_said(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    def stalled(*_: object) -> Any:
        raise Unavailable("s3://bucket/a.csv: the store does not answer in time")

    url = desk.put("people.csv", people(1))
    monkeypatch.setattr(desk.house.objects, verb, stalled)
    job = desk.load(url, DefineSegment=True)
    assert job["JobStatus"] in ("INITIALIZING", "PROCESSING")
    desk.house.advance(hours=4)
    job = desk.get(job["Id"])
    assert (job["JobStatus"], job["Failures"]) == ("FAILED", ["s3://bucket/a.csv: the store does not answer in time"])
    monkeypatch.undo()
    assert counts(desk.load(url)) == ("COMPLETED", 1, 0)


def test_a_store_that_recovers_costs_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    original, troubles = desk.house.objects.write, [Unavailable("not now")] * 3

    def write(url: str) -> Any:
        if troubles:
            raise troubles.pop()
        return original(url)

    monkeypatch.setattr(desk.house.objects, "write", write)
    desk.house.people(desk.app, "lea")
    job = desk.export()
    desk.house.advance(hours=1)
    assert desk.exported(job["Id"])["JobStatus"] == "COMPLETED"
    assert desk.written() == ["lea"]


def test_a_cancelled_import_reports_what_it_did(desk: Desk) -> None:
    job = desk.create(desk.put("people.csv", people(1) + "bad\n"), DefineSegment=True, SegmentName="new")
    desk.house.transfers.cancel(SCOPE, desk.app, "IMPORT", job["Id"])
    with pytest.raises(Conflict, match="the job has ended: FAILED"):
        desk.house.transfers.cancel(SCOPE, desk.app, "IMPORT", job["Id"])
    desk.house.settle()
    ended = desk.get(job["Id"])
    assert (ended["JobStatus"], ended["Failures"]) == ("FAILED", ["cancelled"])
    assert desk.endpoints() == []
    segment = desk.house.segments.get(SCOPE, desk.app, job["Definition"]["SegmentId"]).segment
    assert segment.definition.imported is not None
    assert segment.definition.imported.size == 0


def test_a_deleted_project_ends_its_jobs_and_takes_its_uploads_along(desk: Desk) -> None:
    uploads = desk.house.uploads
    there = uploads.put(desk.app, "people.csv", 0, people(*range(300)).encode())
    jobs = [desk.create(there.url, DefineSegment=True)["Id"], desk.export()["Id"]]
    desk.house.apps.delete(SCOPE, desk.app)
    desk.house.settle()
    assert uploads.get(desk.app, "people.csv").size == 0
    assert desk.endpoints() == []
    for kind, job in zip(("IMPORT", "EXPORT"), jobs, strict=True):
        with pytest.raises(NotFound):
            desk.house.transfers.get(SCOPE, desk.app, kind, job)  # type: ignore[arg-type]


def test_a_deleted_segment_does_not_stop_its_import(desk: Desk) -> None:
    job = desk.create(desk.put("people.csv", people(1)), DefineSegment=True)
    desk.house.segments.delete(SCOPE, desk.app, job["Definition"]["SegmentId"])
    desk.house.settle()
    assert counts(desk.get(job["Id"])) == ("COMPLETED", 1, 0)
    assert desk.endpoints() == ["p1"]
    segment = desk.house.segment(desk.app)
    export = desk.export(SegmentId=segment)
    desk.house.segments.delete(SCOPE, desk.app, segment)
    desk.house.settle()
    assert desk.exported(export["Id"])["JobStatus"] == "FAILED"


def test_an_export_in_several_objects_has_everybody_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PIECE", 4)
    names = [f"p{number:02d}" for number in range(12)]
    desk.house.people(desk.app, *names)
    job = desk.export()
    assert job["Definition"] == {"RoleArn": ROLE, "S3UrlPrefix": f"file://{desk.files}/out"}
    desk.house.settle()
    ended = desk.exported(job["Id"])
    assert (ended["JobStatus"], ended["TotalProcessed"], ended["TotalPieces"], ended["CompletedPieces"]) == (
        "COMPLETED",
        12,
        3,
        3,
    )
    assert desk.written() == names
    assert all(path.parts[-3] == "out" and path.parts[-2] == desk.app for path in desk.files.rglob("*.gz"))


def test_an_export_of_a_segment_keeps_to_its_version(desk: Desk) -> None:
    segment = desk.load(desk.put("one.csv", people(1)), DefineSegment=True)["Definition"]["SegmentId"]
    job = desk.export(SegmentId=segment)
    assert job["Definition"]["SegmentVersion"] == 1
    desk.load(desk.put("two.csv", people(2)), SegmentId=segment)
    assert desk.exported(job["Id"])["TotalProcessed"] == 1
    assert desk.written() == ["p1"]


def test_uploads_of_another_project_are_out_of_reach(desk: Desk) -> None:
    other = desk.house.project()
    uploads = desk.house.uploads
    theirs = uploads.put(other, "people.csv", 0, people(1).encode()).url
    mine = uploads.put(desk.app, "people.csv", 0, people(2).encode()).url
    folder = theirs.rsplit("/", 2)[0]
    for url in (theirs, folder, f"{folder}/", f"{folder}/{desk.app[:8]}"):
        with pytest.raises(Invalid, match="S3Url: is not among the uploads of this project"):
            desk.create(url)
        with pytest.raises(Invalid, match="S3UrlPrefix: is not among the uploads of this project"):
            desk.export(S3UrlPrefix=url)
    assert counts(desk.load(mine)) == ("COMPLETED", 1, 0)
