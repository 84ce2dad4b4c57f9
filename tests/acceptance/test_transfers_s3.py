"""Import and export jobs over S3: a server whose settings lead to moto's server, and unmodified boto3 beside it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.acceptance.project import Project
from tests.acceptance.stacks import START, embedded

ROLE = "arn:aws:iam::000000000001:role/import"
KEY = ("AKIAEXAMPLE", "secret")


class Cloud(NamedTuple):
    """A bucket, and a project of a server that reaches it."""

    s3: Any
    project: Project

    def put(self, key: str, rows: str, *, packed: bool = False) -> str:
        data = gzip.compress(rows.encode()) if packed else rows.encode()
        self.s3.put_object(Bucket="people", Key=key, Body=data)
        return f"s3://people/{key}"

    def keys(self, prefix: str, bucket: str = "people") -> list[str]:
        found = self.s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        return sorted(one["Key"] for one in found)

    def load(self, url: str, project: Project | None = None, **request: Any) -> dict[str, Any]:
        """Import and wait for the end."""
        project = project or self.project
        wanted = {"Format": "CSV", "RoleArn": ROLE, "S3Url": url, "RegisterEndpoints": True, **request}
        job = project.pinpoint.create_import_job(ApplicationId=project.id, ImportJobRequest=wanted)
        project.server.settle()
        answer = project.pinpoint.get_import_job(ApplicationId=project.id, JobId=job["ImportJobResponse"]["Id"])
        return dict(answer["ImportJobResponse"])

    def export(self, prefix: str, project: Project | None = None, **request: Any) -> dict[str, Any]:
        """Export and wait for the end."""
        project = project or self.project
        wanted = {"RoleArn": ROLE, "S3UrlPrefix": prefix, **request}
        job = project.pinpoint.create_export_job(ApplicationId=project.id, ExportJobRequest=wanted)
        project.server.settle()
        answer = project.pinpoint.get_export_job(ApplicationId=project.id, JobId=job["ExportJobResponse"]["Id"])
        return dict(answer["ExportJobResponse"])

    def exported(self, prefix: str) -> list[dict[str, Any]]:
        """The endpoints in all objects below a prefix, in the order of keys, without their project."""
        bodies = [
            gzip.decompress(self.s3.get_object(Bucket="people", Key=key)["Body"].read()) for key in self.keys(prefix)
        ]
        lines = [json.loads(line) for body in bodies for line in body.splitlines()]
        return [{**line, "ApplicationId": ""} for line in lines]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    s3 = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=KEY[0],
        aws_secret_access_key=KEY[1],
    )
    s3.create_bucket(Bucket="people")
    settings = {
        "CLARION_S3_ENDPOINT_URL": endpoint,
        "CLARION_S3_ACCESS_KEY_ID": KEY[0],
        "CLARION_S3_SECRET_ACCESS_KEY": KEY[1],
        "CLARION_S3_REGION": "us-east-1",
    }
    with embedded(tmp_path_factory.mktemp("s3"), "--clock", f"virtual:{START}", environ=settings) as server:
        yield Cloud(s3, Project(server))
    s3.close()
    moto.stop()


def people(*names: str) -> str:
    return "Id,ChannelType,Address\n" + "".join(f"{name},EMAIL,{name}@example.com\n" for name in names)


def test_a_prefix_of_a_bucket_in_and_out_and_in_again(cloud: Cloud) -> None:
    cloud.put("in/2026/a.csv", people("a", "b") + "broken\n")
    cloud.put("in/2026-01/b.csv.gz", people("c"), packed=True)
    cloud.put("in/2026/notes.txt", "not for us")
    cloud.put("in/2025/old.csv", people("old"))
    job = cloud.load("s3://people/in/2026", DefineSegment=True)
    assert [job[name] for name in ("JobStatus", "TotalPieces", "TotalProcessed", "TotalFailures")] == [
        "COMPLETED",
        2,
        4,
        1,
    ]
    assert job["Failures"] == ["s3://people/in/2026/a.csv:4: has 1 cells, the header names 3 columns"]
    [report] = [key for key in cloud.keys("in/") if key.endswith(".errors.txt")]
    assert report == f"in/2026.{job['Id']}.errors.txt"
    body = cloud.s3.get_object(Bucket="people", Key=report)["Body"].read()
    assert body.decode().splitlines() == job["Failures"]
    out = cloud.export("s3://people/out/", SegmentId=job["Definition"]["SegmentId"])
    assert (out["JobStatus"], out["TotalProcessed"]) == ("COMPLETED", 3)
    [key] = cloud.keys("out/")
    assert key.startswith(f"out/{job['Definition']['SegmentId']}/")
    assert key.endswith(".json.gz")
    first = cloud.exported("out/")
    assert [line["Id"] for line in first] == ["a", "b", "c"]
    # Into another project it is, byte for byte, the same audience.
    other = Project(cloud.project.server)
    again = cloud.load("s3://people/out/", other, Format="JSON")
    assert (again["JobStatus"], again["TotalProcessed"], again["TotalFailures"]) == ("COMPLETED", 3, 0)
    cloud.export("s3://people/again", other)
    assert cloud.exported("again") == first


def test_buckets_that_are_not_there(cloud: Cloud) -> None:
    job = cloud.load("s3://nowhere/people.csv")
    assert (job["JobStatus"], job["Failures"]) == (
        "FAILED",
        ["s3://nowhere/people.csv: bucket nowhere does not exist"],
    )
    cloud.project.person("lea")
    out = cloud.export("s3://nowhere/out/")
    assert out["JobStatus"] == "FAILED"
    assert "bucket nowhere does not exist" in out["Failures"][0]
    none = cloud.load("s3://people/none/")
    assert none["Failures"] == ["s3://people/none/: no CSV file is there"]


def test_a_report_that_may_not_be_written_is_asked_for(cloud: Cloud) -> None:
    url = cloud.put("locked/a.csv", people("x") + "broken\n")
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::people/*"}
    cloud.s3.put_bucket_policy(Bucket="people", Policy=json.dumps({"Version": "2012-10-17", "Statement": [denied]}))
    try:
        job = cloud.load(url)
        out = cloud.export("s3://people/locked-out/")
    finally:
        cloud.s3.delete_bucket_policy(Bucket="people")
    assert (job["JobStatus"], job["TotalFailures"]) == ("COMPLETED", 1)
    assert cloud.keys("locked/") == ["locked/a.csv"]
    query = f"ApplicationId={cloud.project.id}&JobId={job['Id']}"
    assert "ReportUrl" not in cloud.project.server.control("GET", f"imports?{query}")
    failures = cloud.project.server.control("GET", f"imports/failures?{query}")["Failures"]
    assert failures == [{"Url": url, "Line": 3, "Reason": "has 1 cells, the header names 3 columns"}]
    # What was asked for itself is another matter.
    assert (out["JobStatus"], "access denied" in out["Failures"][0]) == ("FAILED", True)
