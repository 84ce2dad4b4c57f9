"""What may be asked for, and where reports go."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clarion.core.errors import Invalid
from clarion.domain.transfers.model import check_export, check_import, report_url, segment_name
from clarion.shapes.pinpoint import ExportJobRequest, ImportJobRequest, ImportJobResource

ROLE = "arn:aws:iam::000000000001:role/import"


def asked(**request: Any) -> ImportJobResource:
    wanted = {"Format": "CSV", "RoleArn": ROLE, "S3Url": "s3://b/a.csv", "RegisterEndpoints": True, **request}
    return check_import(msgspec.convert(wanted, ImportJobRequest), "000000000001")


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        ({"RegisterEndpoints": False}, "RegisterEndpoints, DefineSegment: one of them must be true"),
        ({"RegisterEndpoints": False, "DefineSegment": False}, "RegisterEndpoints, DefineSegment"),
        ({"RoleArn": ""}, "RoleArn: must not be empty"),
        ({"S3Url": "https://bucket/a.csv"}, "S3Url: must be s3://bucket/key, or file:///path"),
        ({"S3Url": "s3://"}, "S3Url: names no bucket"),
        ({"S3Url": "s3:///a.csv"}, "S3Url: names no bucket"),
        ({"S3Url": "/a.csv"}, "S3Url: must be"),
        ({"S3Url": "s3://b/" + "k" * 2048}, "S3Url: must be"),
    ],
)
def test_imports_that_are_refused(request_: dict[str, Any], says: str) -> None:
    with pytest.raises(Invalid, match=says):
        asked(**request_)


def test_exports_that_are_refused() -> None:
    for prefix, says in (("https://b/out", "S3UrlPrefix: must be s3://"), ("s3://", "S3UrlPrefix: names no bucket")):
        with pytest.raises(Invalid, match=says):
            check_export(ExportJobRequest(role_arn=ROLE, s3_url_prefix=prefix))
    with pytest.raises(Invalid, match="RoleArn: must not be empty"):
        check_export(ExportJobRequest(role_arn="", s3_url_prefix="s3://b/out"))


def test_defaults_of_an_import() -> None:
    plain = asked()
    assert (plain.define_segment, plain.external_id, plain.segment_id) == (False, "000000000001", None)
    assert asked(RegisterEndpoints=None, SegmentId="s").define_segment is True
    assert asked(ExternalId="mine").external_id == "mine"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("s3://b/in/people.csv.gz", "people"),
        ("s3://b/in/2026/", "2026"),
        ("s3://b/.hidden", ".hidden"),
        ("s3://b", "b"),
    ],
)
def test_a_segment_is_called_like_its_file(url: str, name: str) -> None:
    assert segment_name(asked(S3Url=url)) == name
    assert segment_name(asked(S3Url=url, SegmentName="mine")) == "mine"


@pytest.mark.parametrize(
    ("url", "report"),
    [
        ("s3://b/in/a.csv", "s3://b/in/a.csv.j.errors.txt"),
        ("s3://b/in/2026", "s3://b/in/2026.j.errors.txt"),
        ("s3://b/in/", "s3://b/in/j.errors.txt"),
        ("s3://b/", "s3://b/j.errors.txt"),
        ("s3://b", "s3://b/j.errors.txt"),
        ("file:///data/in/", "file:///data/in/j.errors.txt"),
    ],
)
def test_where_the_report_goes(url: str, report: str) -> None:
    assert report_url(ImportJobResource(format="CSV", role_arn="r", s3_url=url), "j") == report
