"""Whole audiences in and out: import and export jobs by boto3, over files of the data folder."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.project import Project

ROLE = "arn:aws:iam::000000000001:role/import"


class Files:
    """A folder that the server may read and write, with imports from it and exports into it."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.folder = Path(project.server.data) / "uploads" / project.id
        self.folder.mkdir(parents=True)

    def put(self, name: str, text: str | bytes, *, packed: bool = False) -> str:
        """Write a file; answers its URL."""
        data = text.encode() if isinstance(text, str) else text
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(data) if packed else data)
        return f"file://{path}"

    def create(self, url: str, **request: Any) -> dict[str, Any]:
        """CreateImportJob; answers what it answered."""
        wanted = {"Format": "CSV", "RoleArn": ROLE, "S3Url": url, **request}
        answer = self.project.pinpoint.create_import_job(ApplicationId=self.project.id, ImportJobRequest=wanted)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
        return dict(answer["ImportJobResponse"])

    def get(self, job_id: str) -> dict[str, Any]:
        """GetImportJob."""
        return dict(
            self.project.pinpoint.get_import_job(ApplicationId=self.project.id, JobId=job_id)["ImportJobResponse"]
        )

    def load(self, url: str, **request: Any) -> dict[str, Any]:
        """Import and wait for the end; answers the job."""
        job = self.create(url, **request)
        self.project.server.settle()
        return self.get(job["Id"])

    def export(self, **request: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Export and wait for the end; answers the job and the lines."""
        target = self.folder / f"out{len(list(self.folder.iterdir()))}"
        wanted = {"RoleArn": ROLE, "S3UrlPrefix": f"file://{target}/", **request}
        answer = self.project.pinpoint.create_export_job(ApplicationId=self.project.id, ExportJobRequest=wanted)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
        self.project.server.settle()
        job = self.project.pinpoint.get_export_job(
            ApplicationId=self.project.id, JobId=answer["ExportJobResponse"]["Id"]
        )["ExportJobResponse"]
        lines = [
            json.loads(line)
            for path in sorted(target.rglob("*.gz"))
            for line in gzip.decompress(path.read_bytes()).splitlines()
        ]
        return dict(job), lines


@pytest.fixture
def files(project: Project) -> Files:
    return Files(project)


PEOPLE = """Id,ChannelType,Address,Attributes.plan,Metrics.age,Location.City,User.UserId,\
User.UserAttributes.a,User.UserAttributes.a
one,EMAIL,one@example.com,pro,31,"Berlin, Mitte",u1,x,y
two,EMAIL,two@example.com,free,,Köln,u2,,
"""


def test_a_csv_file_becomes_endpoints_and_a_segment(files: Files) -> None:
    job = files.create(files.put("people.csv", PEOPLE), RegisterEndpoints=True, DefineSegment=True, SegmentName="new")
    segment_id = job["Definition"]["SegmentId"]
    assert {key: job[key] for key in ("JobStatus", "Type", "ApplicationId")} == {
        "JobStatus": "CREATED",
        "Type": "IMPORT",
        "ApplicationId": files.project.id,
    }
    assert "TotalPieces" not in job
    assert "CompletionDate" not in job
    files.project.server.settle()
    done = files.get(job["Id"])
    counts = ("JobStatus", "TotalPieces", "CompletedPieces", "FailedPieces", "TotalProcessed", "TotalFailures")
    assert [done[key] for key in counts] == ["COMPLETED", 1, 1, 0, 2, 0]
    assert "Failures" not in done
    one = files.project.get("one")
    assert one["Attributes"] == {"plan": ["pro"]}
    assert one["Metrics"] == {"age": 31.0}
    assert one["Location"] == {"City": "Berlin, Mitte"}
    assert one["User"] == {"UserId": "u1", "UserAttributes": {"a": ["x", "y"]}}
    assert one["RequestId"] == job["Id"]
    segment = files.project.pinpoint.get_segment(ApplicationId=files.project.id, SegmentId=segment_id)[
        "SegmentResponse"
    ]
    assert (segment["Name"], segment["SegmentType"]) == ("new", "IMPORT")
    assert segment["ImportDefinition"]["Size"] == 2
    assert segment["ImportDefinition"]["ChannelCounts"] == {"EMAIL": 2}
    jobs = files.project.pinpoint.get_segment_import_jobs(ApplicationId=files.project.id, SegmentId=segment_id)
    assert [item["Id"] for item in jobs["ImportJobsResponse"]["Item"]] == [job["Id"]]


def test_what_was_exported_is_imported_as_the_same_audience(files: Files) -> None:
    files.project.people(["b", "a"])
    files.project.put("old", ChannelType="SMS", Address="+4930123456", EndpointStatus="INACTIVE", OptOut="ALL")
    files.project.put("app", ChannelType="IN_APP", User={"UserId": "u", "UserAttributes": {"k": ["v", "w"]}})
    job, lines = files.export()
    assert (job["JobStatus"], job["TotalProcessed"], job["TotalPieces"]) == ("COMPLETED", 4, 1)
    assert [line["Id"] for line in lines] == ["a", "app", "b", "old"]
    assert lines[0] == files.project.get("a")
    other = Files(Project(files.project.server))
    source = next(files.folder.rglob("*.json.gz"))
    done = other.load(other.put("again.json.gz", source.read_bytes()), Format="JSON", RegisterEndpoints=True)
    assert (done["JobStatus"], done["TotalFailures"]) == ("COMPLETED", 0)
    _, again = other.export()
    assert [{**line, "ApplicationId": ""} for line in again] == [{**line, "ApplicationId": ""} for line in lines]


def test_bad_rows_are_told_with_their_lines(files: Files) -> None:
    rows = [
        "Id,ChannelType,Address,Metrics.age",
        "ok,EMAIL,ok@example.com,1",
        "nan,EMAIL,nan@example.com,old",
        "short,EMAIL",
        'open,EMAIL,"open@example.com,2',
        "fax,FAX,123,3",
        ",,,4",
        "bare,,,5",
        "",
        "end,EMAIL,end@example.com,6",
    ]
    url = files.put("bad.csv", "\n".join(rows))
    done = files.load(url, RegisterEndpoints=True)
    assert (done["JobStatus"], done["TotalProcessed"], done["TotalFailures"]) == ("COMPLETED", 8, 6)
    assert done["Failures"] == [
        f"{url}:3: Metrics.age: 'old' is not a number",
        f"{url}:4: has 2 cells, the header names 4 columns",
        f"{url}:5: a quoted value does not end on its line",
        f"{url}:6: ChannelType: FAX is not a channel",
        f"{url}:7: needs an Id, or a ChannelType and an Address, or nothing but a User.UserId",
        f"{url}:8: Missing ChannelType",
    ]
    (report,) = files.folder.glob("*.errors.txt")
    assert report.read_text().splitlines() == done["Failures"]


def test_what_cannot_be_read_fails(files: Files) -> None:
    missing = files.load(f"file://{files.folder}/missing.csv", RegisterEndpoints=True)
    assert (missing["JobStatus"], missing["Failures"]) == (
        "FAILED",
        [f"file://{files.folder}/missing.csv: no CSV file is there"],
    )
    packed = gzip.compress(PEOPLE.encode())
    broken = files.load(files.put("broken.csv.gz", packed[:-12]), RegisterEndpoints=True)
    assert (broken["JobStatus"], broken["FailedPieces"]) == ("FAILED", 1)
    assert "ends too early" in broken["Failures"][0]
    wrong = files.load(files.put("wrong.csv", "Id;ChannelType\na;EMAIL\n"), RegisterEndpoints=True)
    assert "the column 'Id;ChannelType' is unknown" in wrong["Failures"][0]


def test_a_segment_of_users_and_of_people_who_are_not_registered(files: Files) -> None:
    files.project.person("known", User={"UserId": "u1"}, Attributes={"plan": ["pro"]})
    files.project.person("also", User={"UserId": "u2"})
    users = files.load(files.put("users.csv", "User.UserId\nu1 u2\nnobody\n"), DefineSegment=True)
    assert (users["TotalProcessed"], users["TotalFailures"]) == (3, 0)
    rows = "Id,ChannelType,Address,Attributes.plan\nknown,EMAIL,known@example.com,free\n,EMAIL,new@example.com,free\n"
    listed = files.load(files.put("listed.csv", rows), DefineSegment=True)
    assert files.project.get("known")["Attributes"] == {"plan": ["pro"]}
    files.project.campaign(users["Definition"]["SegmentId"])
    files.project.campaign(listed["Definition"]["SegmentId"])
    files.project.server.advance("PT1M")
    mails = files.project.server.control("GET", f"inbox?ApplicationId={files.project.id}&Limit=100")["Messages"]
    assert sorted(mail["Address"] for mail in mails) == [
        "also@example.com",
        "known@example.com",
        "known@example.com",
        "new@example.com",
    ]


def test_importing_into_a_segment_again_replaces_its_list(files: Files) -> None:
    first = files.load(files.put("one.csv", PEOPLE), RegisterEndpoints=True, DefineSegment=True)
    segment_id = first["Definition"]["SegmentId"]
    again = "Id\ntwo\n"
    files.load(files.put("two.csv", again), SegmentId=segment_id)
    _, lines = files.export(SegmentId=segment_id)
    assert [line["Id"] for line in lines] == ["two"]
    _, before = files.export(SegmentId=segment_id, SegmentVersion=1)
    assert [line["Id"] for line in before] == ["one", "two"]


def test_a_cancelled_import_ends_at_once(files: Files) -> None:
    rows = "".join(f"p{n},EMAIL,p{n}@example.com\n" for n in range(60_000))
    job = files.create(files.put("many.csv", "Id,ChannelType,Address\n" + rows), RegisterEndpoints=True)
    path = f"imports/cancel?ApplicationId={files.project.id}&JobId={job['Id']}"
    answer = files.project.server.control("POST", path)
    assert answer["JobStatus"] == "FAILED"
    files.project.server.settle()
    assert files.get(job["Id"])["Failures"] == ["cancelled"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"Format": None}, "Format: required, but missing"),
        ({"Format": "XML"}, "Format: must be one of CSV, JSON"),
        ({"RoleArn": None}, "RoleArn: required, but missing"),
        ({"S3Url": None}, "S3Url: required, but missing"),
        ({"S3Url": "http://bucket/people.csv"}, "S3Url: must be s3://"),
        ({"RegisterEndpoints": False}, "RegisterEndpoints, DefineSegment: one of them must be true"),
        ({"RegisterEndpoints": "yes"}, "RegisterEndpoints: expected boolean, got string"),
    ],
)
def test_requests_that_are_refused(files: Files, change: dict[str, Any], says: str) -> None:
    request = {"Format": "CSV", "RoleArn": ROLE, "S3Url": "file:///x.csv", "RegisterEndpoints": True, **change}
    sent = {name: value for name, value in request.items() if value is not None}
    with pytest.raises(files.project.pinpoint.exceptions.BadRequestException) as raised:
        files.project.pinpoint.create_import_job(ApplicationId=files.project.id, ImportJobRequest=sent)
    assert says in raised.value.response["Error"]["Message"]
    assert files.project.pinpoint.get_import_jobs(ApplicationId=files.project.id)["ImportJobsResponse"]["Item"] == []


def test_segments_that_cannot_be_filled(files: Files) -> None:
    pinpoint = files.project.pinpoint
    with pytest.raises(pinpoint.exceptions.NotFoundException):
        files.create("file:///x.csv", SegmentId="0" * 32)
    with pytest.raises(pinpoint.exceptions.BadRequestException, match="SegmentId: must be an imported segment"):
        files.create("file:///x.csv", SegmentId=files.project.segment())


def test_all_lists_and_reads_by_boto3(files: Files) -> None:
    pinpoint, app = files.project.pinpoint, files.project.id
    loaded = files.load(files.put("people.csv", PEOPLE), RegisterEndpoints=True, DefineSegment=True)
    segment = loaded["Definition"]["SegmentId"]
    whole, _ = files.export()
    part, _ = files.export(SegmentId=segment)
    assert pinpoint.get_import_jobs(ApplicationId=app)["ImportJobsResponse"]["Item"] == [loaded]
    of_segment = pinpoint.get_segment_import_jobs(ApplicationId=app, SegmentId=segment)["ImportJobsResponse"]
    assert of_segment["Item"] == [loaded]
    first = pinpoint.get_export_jobs(ApplicationId=app, PageSize="1")["ExportJobsResponse"]
    second = pinpoint.get_export_jobs(ApplicationId=app, PageSize="1", Token=first["NextToken"])["ExportJobsResponse"]
    assert (first["Item"], second["Item"]) == ([part], [whole])
    assert "NextToken" not in second
    of_segment = pinpoint.get_segment_export_jobs(ApplicationId=app, SegmentId=segment)["ExportJobsResponse"]
    assert of_segment["Item"] == [part]


def test_what_is_not_there_is_not_found(files: Files) -> None:
    pinpoint, nobody = files.project.pinpoint, "0" * 32
    here = {"ApplicationId": files.project.id}
    wrong = [
        (pinpoint.get_import_job, {**here, "JobId": nobody}),
        (pinpoint.get_export_job, {**here, "JobId": nobody}),
        (pinpoint.get_import_jobs, {"ApplicationId": nobody}),
        (pinpoint.get_export_jobs, {"ApplicationId": nobody}),
        (pinpoint.get_segment_import_jobs, {**here, "SegmentId": nobody}),
        (pinpoint.get_segment_export_jobs, {**here, "SegmentId": nobody}),
    ]
    for call, arguments in wrong:
        with pytest.raises(pinpoint.exceptions.NotFoundException):
            call(**arguments)
    with pytest.raises(pinpoint.exceptions.BadRequestException, match="S3Url"):
        files.create("https://example.com/people.csv", RegisterEndpoints=True)
    with pytest.raises(pinpoint.exceptions.BadRequestException, match="S3UrlPrefix"):
        files.export(S3UrlPrefix="here")
