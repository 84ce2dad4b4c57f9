"""Signatures that AWS has published (its signature test suite and the examples of its documentation)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import pytest

from clarion.core.clock import VirtualClock
from clarion.core.errors import Forbidden
from clarion.wire.http.asgi import header_map
from clarion.wire.http.chunked import SIGNED, unframe
from clarion.wire.keys import AccessKey
from clarion.wire.sigv4 import SignedRequest, Verified, Verifier
from tests.wire.inprocess import Keys

SUITE = AccessKey(
    access_key_id="AKIDEXAMPLE", secret="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", account="1", role="admin"
)
DOCS = AccessKey(
    access_key_id="AKIAIOSFODNN7EXAMPLE",
    secret="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    account="1",
    role="admin",
)
HOST = (b"host", b"example.amazonaws.com")
DATE = (b"x-amz-date", b"20150830T123600Z")
FORM = b"application/x-www-form-urlencoded"
UNRESERVED = b"-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
VANILLA = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"


def verify(
    method: str,
    target: bytes,
    headers: Iterable[tuple[bytes, bytes]],
    body: bytes = b"",
    *,
    now: str = "2015-08-30T12:36:00+00:00",
    service: str = "service",
) -> Verified:
    path, _, query = target.partition(b"?")
    request = SignedRequest(method, path, query, header_map(list(headers)), body)
    clock = VirtualClock(datetime.fromisoformat(now))
    verifier = Verifier(Keys(SUITE, DOCS), clock, 900)
    return verifier.verify(request, verifier.identify(request.headers, query, service))


def authorization(signature: str, signed: str = "host;x-amz-date", service: str = "service") -> tuple[bytes, bytes]:
    scope = f"AKIDEXAMPLE/20150830/us-east-1/{service}/aws4_request"
    text = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={signed}, Signature={signature}"
    return b"authorization", text.encode()


SUITE_CASES = {
    "get-vanilla": ("GET", b"/", [], VANILLA),
    "get-vanilla-query-order-key-case": (
        "GET",
        b"/?Param2=value2&Param1=value1",
        [],
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ),
    "get-vanilla-query-unreserved": (
        "GET",
        b"/?" + UNRESERVED + b"=" + UNRESERVED,
        [],
        "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
    ),
    "get-unreserved": (
        "GET",
        b"/" + UNRESERVED,
        [],
        "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
    ),
    "get-utf8": (
        "GET",
        "/ሴ".encode(),
        [],
        "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
    ),
    "get-slashes": ("GET", b"//", [], VANILLA),
    "get-relative": ("GET", b"/example/..", [], VANILLA),
    "get-relative-relative": ("GET", b"/example1/example2/../..", [], VANILLA),
    "get-slash-dot-slash": ("GET", b"/./", [], VANILLA),
    "get-slash-pointless-dot": (
        "GET",
        b"/./example",
        [],
        "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5",
    ),
    "get-space": (
        "GET",
        b"/example space/",
        [],
        "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
    ),
    "post-vanilla": (
        "POST",
        b"/",
        [],
        "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    ),
    "post-vanilla-query": (
        "POST",
        b"/?Param1=value1",
        [],
        "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
    ),
    "post-header-key-sort": (
        "POST",
        b"/",
        [(b"my-header1", b"value1")],
        "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
    ),
    "get-header-value-trim": (
        "GET",
        b"/",
        [(b"my-header1", b" value1 "), (b"my-header2", b' "a   b   c" ')],
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    ),
    "get-header-key-duplicate": (
        "GET",
        b"/",
        [(b"my-header1", b"value2"), (b"my-header1", b"value2"), (b"my-header1", b"value1")],
        "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
    ),
}


@pytest.mark.parametrize("case", SUITE_CASES.values(), ids=SUITE_CASES.keys())
def test_the_signature_test_suite(case: tuple[str, bytes, list[tuple[bytes, bytes]], str]) -> None:
    method, target, extra, signature = case
    signed = ";".join(["host", *sorted({name.decode() for name, _ in extra}), "x-amz-date"])
    headers = [HOST, DATE, *extra, authorization(signature, signed)]
    assert verify(method, target, headers).key is SUITE
    with pytest.raises(Forbidden):
        verify(method, target + b"x", headers)


def test_the_suite_s_body() -> None:
    headers = [
        HOST,
        DATE,
        (b"content-type", FORM),
        authorization(
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a", "content-type;host;x-amz-date"
        ),
    ]
    assert verify("POST", b"/", headers, b"Param1=value1").region == "us-east-1"
    with pytest.raises(Forbidden):
        verify("POST", b"/", headers, b"Param1=value2")


def test_the_documentation_s_list_users() -> None:
    headers = [
        (b"host", b"iam.amazonaws.com"),
        DATE,
        (b"content-type", FORM + b"; charset=utf-8"),
        authorization(
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
            "content-type;host;x-amz-date",
            "iam",
        ),
    ]
    assert verify("GET", b"/?Action=ListUsers&Version=2010-05-08", headers, service="iam").key is SUITE


def test_the_documentation_s_presigned_url() -> None:
    query = (
        b"X-Amz-Algorithm=AWS4-HMAC-SHA256"
        b"&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        b"&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        b"&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )
    headers = [
        (b"host", b"examplebucket.s3.amazonaws.com"),
        (b"x-amz-content-sha256", b"UNSIGNED-PAYLOAD"),
    ]
    for now in ("2013-05-24T00:00:00+00:00", "2013-05-24T23:59:59+00:00"):
        assert verify("GET", b"/test.txt?" + query, headers, now=now, service="s3").key is DOCS
    with pytest.raises(Forbidden, match="Signature expired"):
        verify("GET", b"/test.txt?" + query, headers, now="2013-05-25T00:00:01+00:00", service="s3")


CHUNKS = (
    (65536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
    (1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
    (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
)


def test_the_documentation_s_chunked_upload() -> None:
    signed = (
        "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;"
        "x-amz-storage-class"
    )
    credential = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"
    seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
    header = f"AWS4-HMAC-SHA256 Credential={credential},SignedHeaders={signed},Signature={seed}"
    headers = [
        (b"host", b"s3.amazonaws.com"),
        (b"x-amz-date", b"20130524T000000Z"),
        (b"x-amz-storage-class", b"REDUCED_REDUNDANCY"),
        (b"authorization", header.encode()),
        (b"x-amz-content-sha256", SIGNED),
        (b"content-encoding", b"aws-chunked"),
        (b"x-amz-decoded-content-length", b"66560"),
        (b"content-length", b"66824"),
    ]
    body = b"".join(
        b"%x;chunk-signature=%s\r\n%s\r\n" % (size, signature.encode(), b"a" * size) for size, signature in CHUNKS
    )
    assert len(body) == 66824

    def data(sent: bytes) -> bytes:
        found = verify(
            "PUT", b"/examplebucket/chunkObject.txt", headers, sent, now="2013-05-24T00:00:00+00:00", service="s3"
        )
        return unframe(sent, SIGNED, found.chunks, declared=b"66560", limit=100_000)

    assert data(body) == b"a" * 66560
    with pytest.raises(Forbidden):
        data(body.replace(b"a\r\n", b"b\r\n", 1))
    with pytest.raises(Forbidden):
        data(body.replace(b"ad80c730", b"ad80c731"))
