"""`s3://`: stores that refuse, stall, break off or answer nonsense; and what is taken from the environment."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from clarion.core.errors import Invalid, Unavailable
from clarion.core.settings import Settings
from clarion.store.objects import Changed, Denied, Found, Limits, Missing, Objects, Unreadable, open_objects
from clarion.store.objects.s3.client import Client
from tests.store.objects.places import Scripted, answer, bounded, failure, s3_settings

URL = "s3://bucket/a.csv"
CONTENT = bytes(range(256)) * 1200
FOUND = Found(URL, len(CONTENT), '"tag"')
QUICK = Limits(connect_seconds=1.0, read_seconds=1.0, pause_seconds=0.001, part_bytes=1000, chunk_bytes=64 << 10)


def opened(scripted: Scripted) -> Objects:
    return open_objects(s3_settings(scripted.endpoint), limits=QUICK)


def piece(start: int, cut: int | None = None) -> bytes:
    """The rest of CONTENT from `start`, broken off at byte `cut`."""
    size = len(CONTENT)
    return answer(
        "206 Partial Content",
        CONTENT[start:cut],
        length=size - start,
        ETag='"tag"',
        Content_Range=f"bytes {start}-{size - 1}/{size}",
    )


def ranges(scripted: Scripted) -> list[str]:
    lines = [line for request in scripted.requests for line in request.split("\r\n")]
    return [line.partition("=")[2] for line in lines if line.lower().startswith("range:")]


@pytest.mark.parametrize("verb", ["find", "read", "write", "delete"])
def test_a_missing_bucket_is_named(moto_endpoint: str, verb: str) -> None:
    objects = open_objects(s3_settings(moto_endpoint))
    with pytest.raises(Missing, match=f"{URL}: bucket bucket does not exist"):
        do(objects, verb)
    objects.close()


@pytest.mark.parametrize("verb", ["find", "read", "write", "delete"])
@pytest.mark.parametrize(
    ("status", "code", "kind", "said"),
    [
        ("404 Not Found", "NoSuchBucket", Missing, "bucket bucket does not exist"),
        ("404 Not Found", "NoSuchKey", Missing, "does not exist"),
        ("403 Forbidden", "AccessDenied", Denied, "access denied"),
        ("403 Forbidden", "InvalidAccessKeyId", Denied, "InvalidAccessKeyId"),
        ("400 Bad Request", "ExpiredToken", Denied, "ExpiredToken"),
        ("403 Forbidden", "InvalidObjectState", Denied, "restored"),
        ("412 Precondition Failed", "PreconditionFailed", Changed, "changed"),
        ("400 Bad Request", "InvalidArgument", Unreadable, "InvalidArgument: no"),
    ],
)
def test_refusals_are_told_at_once(verb: str, status: str, code: str, kind: type[Unreadable], said: str) -> None:
    with Scripted([failure(status, code)]).running() as scripted:
        objects = opened(scripted)
        with pytest.raises(kind, match=f"{URL}: .*{said}") as raised:
            do(objects, verb)
        objects.close()
    assert type(raised.value) is kind
    assert len(scripted.requests) == 1


def do(objects: Objects, verb: str) -> None:
    """Use the object at URL in this way."""
    if verb == "find":
        objects.find(URL)
    elif verb == "read":
        list(objects.read(FOUND))
    elif verb == "delete":
        objects.delete(URL)
    else:
        with objects.write(URL) as writing:
            writing.write(b"1")


@pytest.mark.parametrize("verb", ["find", "read", "write", "delete"])
@pytest.mark.parametrize(
    "said", [failure("503 Slow Down", "SlowDown"), failure("500 Error", "InternalError"), answer("502 Bad", b"<html>")]
)
def test_temporary_trouble_is_tried_again_and_then_told(verb: str, said: bytes) -> None:
    with Scripted([said]).running() as scripted:
        objects = opened(scripted)
        with pytest.raises(Unavailable, match=URL):
            do(objects, verb)
        objects.close()
    assert len(scripted.requests) == QUICK.tries


def test_temporary_trouble_may_pass() -> None:
    with Scripted([failure("503 Slow Down", "SlowDown"), b"", piece(0)]).running() as scripted:
        objects = opened(scripted)
        assert b"".join(objects.read(FOUND)) == CONTENT
        objects.close()


@pytest.mark.parametrize("verb", ["find", "read", "write", "delete"])
def test_a_store_that_stalls_is_given_up(verb: str) -> None:
    with Scripted([None]).running() as scripted:
        objects = opened(scripted)
        with bounded(QUICK.read_seconds + 2), pytest.raises(Unavailable, match="does not answer in time"):
            do(objects, verb)
        objects.close()


def test_a_store_that_stalls_in_the_middle_is_given_up() -> None:
    scripted = Scripted([piece(0, 200_000), None], hold=True)
    with scripted.running():
        objects = opened(scripted)
        read: list[bytes] = []
        with bounded(2 * QUICK.read_seconds + 2), pytest.raises(Unavailable):
            read.extend(objects.read(FOUND))
        objects.close()
    assert CONTENT.startswith(b"".join(read))
    assert read


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    objects = open_objects(s3_settings(f"http://127.0.0.1:{port}"), limits=QUICK)
    with bounded(5), pytest.raises(Unavailable, match=URL):
        objects.find(URL)


def test_a_read_goes_on_where_the_connection_broke() -> None:
    with Scripted([piece(0, 200_000), piece(200_000)]).running() as scripted:
        objects = opened(scripted)
        assert b"".join(objects.read(FOUND)) == CONTENT
        objects.close()
    assert ranges(scripted) == [f"0-{len(CONTENT) - 1}", f"200000-{len(CONTENT) - 1}"]
    assert all('if-match: "tag"' in request.lower() for request in scripted.requests)


def test_a_read_that_gets_nowhere_is_given_up() -> None:
    with Scripted([piece(0, 200_000), piece(200_000, 200_000)]).running() as scripted:
        objects = opened(scripted)
        read: list[bytes] = []
        with pytest.raises(Unavailable, match=URL):
            read.extend(objects.read(FOUND))
        objects.close()
    assert b"".join(read) == CONTENT[:200_000]
    assert len(scripted.requests) == 1 + QUICK.tries


def test_changed_after_the_connection_broke() -> None:
    with Scripted([piece(0, 200_000), failure("412 Precondition Failed", "PreconditionFailed")]).running() as scripted:
        objects = opened(scripted)
        with pytest.raises(Changed):
            list(objects.read(FOUND))
        objects.close()


def test_a_store_that_knows_no_ranges_is_refused() -> None:
    with Scripted([answer("200 OK", CONTENT, ETag='"tag"')]).running() as scripted:
        objects = opened(scripted)
        with pytest.raises(Unreadable, match="does not answer ranges"):
            list(objects.read(FOUND, 1000))
        objects.close()


def test_a_store_that_knows_no_conditions_is_noticed() -> None:
    with Scripted([piece(0).replace(b'"tag"', b'"new"')]).running() as scripted:
        objects = opened(scripted)
        with pytest.raises(Changed):
            list(objects.read(FOUND))
        objects.close()


def page(keys: list[str], more: str = "") -> bytes:
    items = "".join(f"<Contents><Key>{key}</Key><Size>1</Size><ETag>x</ETag></Contents>" for key in keys)
    token = f"<NextContinuationToken>{more}</NextContinuationToken>" if more else ""
    truncated = str(bool(more)).lower()
    return answer(
        "200 OK", f"<ListBucketResult><IsTruncated>{truncated}</IsTruncated>{token}{items}</ListBucketResult>".encode()
    )


def test_finds_over_many_pages_and_sorts() -> None:
    with Scripted([page(["in/b", "in/a"], "two"), page(["in/d"], "three"), page(["in/c"])]).running() as scripted:
        objects = opened(scripted)
        found = objects.find("s3://bucket/in")
        objects.close()
    assert [one.url for one in found] == [f"s3://bucket/in/{name}" for name in "abcd"]
    assert ["continuation-token=two" in request for request in scripted.requests] == [False, True, False]


def started() -> bytes:
    return answer("200 OK", b"<InitiateMultipartUploadResult><UploadId>up</UploadId></InitiateMultipartUploadResult>")


def verbs(scripted: Scripted) -> list[str]:
    return [request.split(" ", 1)[0] for request in scripted.requests]


def test_an_upload_whose_part_is_refused_is_aborted() -> None:
    script = [started(), failure("403 Forbidden", "AccessDenied"), answer("204 No Content")]
    with Scripted(script).running() as scripted:
        objects = opened(scripted)
        with pytest.raises(Denied), objects.write(URL) as writing:
            writing.write(b"x" * QUICK.part_bytes)
        objects.close()
    assert verbs(scripted) == ["POST", "PUT", "DELETE"]
    assert "uploadId=up" in scripted.requests[2]


@pytest.mark.parametrize("size", [1000, 999])
def test_an_upload_whose_last_answer_was_lost_is_looked_for(size: int) -> None:
    script = [
        started(),
        answer("200 OK", ETag='"p"'),
        b"",
        failure("404 Not Found", "NoSuchUpload"),
        answer("200 OK", length=size, ETag='"whole-1"'),
        answer("204 No Content"),
    ]
    with Scripted(script).running() as scripted:
        objects = opened(scripted)
        if size == 1000:
            with objects.write(URL) as writing:
                writing.write(b"x" * 1000)
        else:
            with pytest.raises(Unreadable, match="NoSuchUpload"), objects.write(URL) as writing:
                writing.write(b"x" * 1000)
        objects.close()
    assert verbs(scripted)[:5] == ["POST", "PUT", "POST", "POST", "HEAD"]


@pytest.mark.parametrize("url", ["s3://", "s3:///a.csv"])
def test_a_url_without_bucket_is_refused(moto_endpoint: str, url: str) -> None:
    objects = open_objects(s3_settings(moto_endpoint))
    for verb in (objects.find, objects.delete, objects.write):
        with pytest.raises(Unreadable, match="must be s3://bucket/key"):
            verb(url)
    objects.close()


@pytest.mark.parametrize("bucket", ["UPPER_", "a", "a" * 300, "ä", "a b", "..", "%2e"])
def test_an_impossible_bucket_is_refused(moto_endpoint: str, bucket: str) -> None:
    objects = open_objects(s3_settings(moto_endpoint))
    with pytest.raises(Unreadable):
        objects.find(f"s3://{bucket}/a")
    objects.close()


def test_endpoints_in_the_environment_are_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[default]\nendpoint_url = http://127.0.0.1:1\nregion = eu-central-1\n")
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_PINPOINT", "AWS_ENDPOINT_URL_STS"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    client = Client(Settings(s3_access_key_id="a", s3_secret_access_key="b"), Limits()).s3
    assert client.meta.endpoint_url == "https://s3.eu-central-1.amazonaws.com"
    client.close()


@pytest.mark.parametrize(
    ("endpoint", "path_style", "address"),
    [
        ("", True, "https://bucket.s3.us-east-1.amazonaws.com/key"),
        ("http://minio:9000", True, "http://minio:9000/bucket/key"),
        ("http://minio:9000", False, "http://bucket.minio:9000/key"),
    ],
)
def test_where_the_bucket_is_named(endpoint: str, path_style: bool, address: str) -> None:
    settings = Settings(
        s3_endpoint_url=endpoint,
        s3_region="us-east-1",
        s3_access_key_id="a",
        s3_secret_access_key="b",
        s3_path_style=path_style,
    )
    client = Client(settings, Limits()).s3
    signed = client.generate_presigned_url("get_object", {"Bucket": "bucket", "Key": "key"})
    client.close()
    assert signed.partition("?")[0].replace("s3.amazonaws", "s3.us-east-1.amazonaws") == address


def test_no_access_key_anywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    objects = open_objects(Settings(s3_endpoint_url="http://127.0.0.1:1"), limits=QUICK)
    with pytest.raises(Denied, match="no access key for S3"):
        objects.find(URL)
    objects.close()


@pytest.mark.parametrize(
    "settings",
    [
        Settings(s3_endpoint_url="minio:9000"),
        Settings(s3_endpoint_url="ftp://minio"),
        Settings(s3_endpoint_url="http://"),
        Settings(s3_access_key_id="a"),
        Settings(s3_secret_access_key="b"),
    ],
)
def test_settings_that_cannot_be_meant(settings: Settings) -> None:
    with pytest.raises(Invalid, match="s3_"):
        open_objects(settings)


def test_boto3_is_loaded_by_the_first_s3_url_only() -> None:
    program = """
import sys
from clarion.core.settings import Settings
from clarion.store.objects import Denied, Unreadable, open_objects
objects = open_objects(Settings(s3_endpoint_url="http://127.0.0.1:1"))
try:
    objects.find("file:///a")
except Denied:
    pass
assert not {"boto3", "botocore"} & set(sys.modules)
sys.modules["boto3"] = None
try:
    objects.find("s3://bucket/a")
except Unreadable as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    assert "needs the package boto3" in done.stdout
