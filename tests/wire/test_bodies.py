"""Bodies on their way in: size limits, gzip, aws-chunked framing."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import hmac
import io
import json
import random
import re
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest
from botocore.credentials import Credentials
from botocore.httpchecksum import AwsChunkedWrapper, Crc32Checksum, Sha256Checksum

from clarion.core.settings import Settings
from clarion.wire.app import App
from clarion.wire.http.body import Budget
from tests.wire.inprocess import ADMIN, HOST, REGION, Answer, Recorder, ask, ask_prepared, client

EVENTS = "/v1/apps/app1/events"
MESSAGES = "/v1/apps/app1/messages"
SMALL = b'{"BatchItem":{}}'


def signed(path: str, body: bytes, headers: dict[str, str] | None = None, method: str = "POST") -> AWSPreparedRequest:
    request = AWSRequest(method, f"http://{HOST}{path}", headers or {}, body)
    SigV4Auth(Credentials(ADMIN.access_key_id, ADMIN.secret), "mobiletargeting", REGION).add_auth(request)
    return request.prepare()


def is_error(answer: Answer, status: int, code: str, text: str) -> None:
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (status, code), answer.body
    body = json.loads(answer.body)
    assert text in body["Message"]
    assert body["RequestID"] == answer.headers["x-amzn-requestid"]


def padded(size: int) -> bytes:
    return SMALL + b" " * (size - len(SMALL))


class TestSize:
    @pytest.mark.parametrize(("path", "limit"), [(EVENTS, 4_000_000), ("/v1/apps", 7_000_000)])
    def test_at_the_limit_and_one_over(self, app: App, path: str, limit: int) -> None:
        body = b'{"Name":"n","BatchItem":{}}'
        body += b" " * (limit - len(body))
        assert ask_prepared(app, signed(path, body)).status in (201, 202)
        is_error(ask_prepared(app, signed(path, body + b" ")), 413, "PayloadTooLargeException", str(limit))

    def test_forty_megabytes_are_not_read_when_announced(self, app: App) -> None:
        headers = [(b"host", HOST.encode()), (b"content-length", b"40000000")]
        answer = ask(app, "POST", EVENTS, headers, _pieces(40))
        is_error(answer, 413, "PayloadTooLargeException", "4000000")
        assert answer.taken == 0

    def test_forty_megabytes_are_not_kept_when_streamed(self, app: App) -> None:
        request = signed(EVENTS, b"", {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"})
        headers = [*_pairs(request), (b"transfer-encoding", b"chunked")]
        answer = ask(app, "POST", EVENTS, headers, _pieces(40))
        is_error(answer, 413, "PayloadTooLargeException", "4000000")
        assert answer.taken <= 5_000_000

    def test_a_length_of_many_digits(self, app: App) -> None:
        answer = ask(app, "POST", EVENTS, [(b"content-length", b"9" * 5000)], b"")
        is_error(answer, 413, "PayloadTooLargeException", "4000000")

    def test_the_setting_lowers_every_limit(self, make_app: Callable[..., App]) -> None:
        app = make_app(settings=Settings(max_body_bytes=1000))
        assert ask_prepared(app, signed(EVENTS, padded(1000))).status == 202
        is_error(ask_prepared(app, signed(EVENTS, padded(1001))), 413, "PayloadTooLargeException", "1000")

    def test_the_setting_raises_the_common_limit_only(self, make_app: Callable[..., App]) -> None:
        app = make_app(settings=Settings(max_body_bytes=8_000_000))
        name = b'{"Name":"n"}' + b" " * 7_900_000
        assert ask_prepared(app, signed("/v1/apps", name)).status == 201
        is_error(ask_prepared(app, signed(EVENTS, padded(4_000_001))), 413, "PayloadTooLargeException", "4000000")

    def test_the_body_in_many_pieces(self, app: App) -> None:
        request = signed(EVENTS, SMALL)
        assert ask(app, "POST", EVENTS, _pairs(request), [SMALL[:3], b"", SMALL[3:10], SMALL[10:]]).status == 202

    def test_strangers_send_no_bodies(self, app: App) -> None:
        headers = [(b"host", HOST.encode()), (b"content-length", b"3000000")]
        answer = ask(app, "POST", EVENTS, headers, _pieces(3))
        assert (answer.status, answer.taken) == (403, 0)

    def test_only_so_many_bytes_at_a_time(self, app: App) -> None:
        app._parts = app._parts._replace(budget=Budget(1000))
        answer = ask_prepared(app, signed(EVENTS, padded(1001)))
        is_error(answer, 503, "InternalServerErrorException", "Too many large requests")
        for status, size in ((202, 1000), (202, 1000), (503, 1001), (202, 1000)):
            assert ask_prepared(app, signed(EVENTS, padded(size))).status == status

    def test_a_client_that_goes_away(self, app: App, recorders: dict[str, Recorder]) -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.disconnect"}

        async def send(message: object) -> None:
            raise AssertionError("nobody is there")

        scope = {"type": "http", "method": "POST", "raw_path": EVENTS.encode(), "query_string": b""}
        headers = [(name.lower(), value) for name, value in _pairs(signed(EVENTS, SMALL))]
        asyncio.run(app({**scope, "headers": headers}, receive, send))
        assert recorders["pinpoint"].given is None


class TestGzip:
    def test_botocore_s_own_compression(self, app: App, recorders: dict[str, Recorder]) -> None:
        body = gzip.compress(b'{"BatchItem":{"e":{"Endpoint":{},"Events":{}}}}')
        assert ask_prepared(app, signed(EVENTS, body, {"Content-Encoding": "gzip"})).status == 202
        assert list(recorders["pinpoint"].given.events_request.batch_item) == ["e"]

    def test_several_members(self, app: App) -> None:
        body = gzip.compress(SMALL[:5]) + gzip.compress(SMALL[5:])
        assert ask_prepared(app, signed(EVENTS, body, {"Content-Encoding": "x-gzip"})).status == 202

    def test_a_large_body_is_inflated_in_the_pool(self, app: App) -> None:
        noise = base64.b64encode(random.Random(1).randbytes(30_000))
        body = gzip.compress(b'{"BatchItem":{},"x":"%s"}' % noise)
        assert len(body) > 16_384
        assert ask_prepared(app, signed(EVENTS, body, {"Content-Encoding": "gzip"})).status == 202

    @pytest.mark.parametrize("members", [1, 50])
    def test_a_bomb(self, app: App, members: int) -> None:
        """Small as sent, large when inflated: refused at the limit."""
        bomb = gzip.compress(b" " * (1 << 27 if members == 1 else 1 << 17), 9) * members
        answer = ask_prepared(app, signed(EVENTS, bomb, {"Content-Encoding": "gzip"}))
        is_error(answer, 413, "PayloadTooLargeException", "4000000")

    def test_ten_thousand_empty_members(self, app: App) -> None:
        body = gzip.compress(b"") * 10_000
        answer = ask_prepared(app, signed(EVENTS, body, {"Content-Encoding": "gzip"}))
        is_error(answer, 400, "BadRequestException", "gzip members")

    @pytest.mark.parametrize(
        ("body", "text"),
        [
            (b"not gzip at all", "not valid gzip"),
            (gzip.compress(SMALL, mtime=0)[:-3], "cut off"),
            (gzip.compress(SMALL, mtime=0) + b"rest", "not valid gzip"),
            (zlib.compress(SMALL), "not valid gzip"),
        ],
    )
    def test_what_is_not_gzip(self, app: App, body: bytes, text: str) -> None:
        is_error(
            ask_prepared(app, signed(EVENTS, body, {"Content-Encoding": "gzip"})), 400, "BadRequestException", text
        )

    @pytest.mark.parametrize("coding", ["br", "gzip, gzip", "deflate"])
    def test_other_codings(self, app: App, coding: str) -> None:
        answer = ask_prepared(app, signed(EVENTS, SMALL, {"Content-Encoding": coding}))
        is_error(answer, 400, "BadRequestException", "only gzip is supported")

    def test_identity(self, app: App) -> None:
        assert ask_prepared(app, signed(EVENTS, SMALL, {"Content-Encoding": "identity"})).status == 202

    def test_nothing_is_inflated_for_strangers(self, app: App) -> None:
        answer = ask(app, "POST", EVENTS, [(b"host", b"x"), (b"content-encoding", b"gzip")], b"no gzip")
        is_error(answer, 403, "MissingAuthenticationTokenException", "Missing Authentication Token")


class TestChunked:
    @pytest.mark.parametrize("checksum", [Crc32Checksum, Sha256Checksum])
    def test_botocore_s_trailing_checksum(
        self, app: App, recorders: dict[str, Recorder], checksum: type[Crc32Checksum]
    ) -> None:
        data = b'{"BatchItem":{"e":{"Endpoint":{},"Events":{}}}}'
        assert ask_prepared(app, _trailed(data, checksum)).status == 202
        assert list(recorders["pinpoint"].given.events_request.batch_item) == ["e"]

    def test_a_wrong_checksum(self, app: App) -> None:
        request = _trailed(SMALL, Crc32Checksum)
        request.body = request.body.replace(b"Batch", b"batch")
        is_error(ask_prepared(app, request), 400, "BadRequestException", "checksum does not match")

    def test_gzip_inside(self, app: App) -> None:
        request = _trailed(gzip.compress(SMALL), Crc32Checksum, {"Content-Encoding": "gzip,aws-chunked"})
        assert ask_prepared(app, request).status == 202

    @pytest.mark.parametrize(
        ("body", "text"),
        [
            (b"", "a chunk without size"),
            (b"zz\r\n", "a chunk without size"),
            (b"-1\r\n", "a chunk without size"),
            (b"5\r\nabc", "ends inside a chunk"),
            (b"3\r\nabcdef\r\n0\r\n\r\n", "longer than its size"),
            (b"3\r\nabc\r\n", "a chunk without size"),
            (b"fffffffff\r\nabc", "a chunk without size"),
            (b"1\r\na\r\n0\r\nnocolon\r\n\r\n", "without colon"),
            (b"1\r\na\r\n0\r\n\r\n" + b"x" * 20_000, "after the last chunk"),
        ],
    )
    def test_broken_framing(self, app: App, body: bytes, text: str) -> None:
        is_error(ask_prepared(app, _framed(body)), 400, "BadRequestException", text)

    def test_more_inside_than_allowed(self, make_app: Callable[..., App]) -> None:
        app = make_app(settings=Settings(max_body_bytes=1000))
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (1001, padded(1001))
        is_error(ask_prepared(app, _framed(body)), 413, "PayloadTooLargeException", "1000")
        is_error(ask_prepared(app, _framed(b"ffffffff\r\nabc")), 413, "PayloadTooLargeException", "1000")

    def test_the_declared_length_must_hold(self, app: App) -> None:
        request = _framed(b"%x\r\n%s\r\n0\r\n\r\n" % (len(SMALL), SMALL), {"x-amz-decoded-content-length": "7"})
        is_error(ask_prepared(app, request), 400, "BadRequestException", "x-amz-decoded-content-length")

    def test_an_unknown_streaming_kind(self, app: App) -> None:
        request = _framed(b"0\r\n\r\n", kind="STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD")
        is_error(ask_prepared(app, request), 400, "BadRequestException", "is not supported")


class TestSignedChunks:
    """STREAMING-AWS4-HMAC-SHA256-PAYLOAD(-TRAILER), signed here by an independent few lines."""

    def test_signed_chunks(self, app: App, recorders: dict[str, Recorder]) -> None:
        for trailer in (False, True):
            recorders["pinpoint"].given = None
            answer = ask_prepared(app, _signed_chunks([SMALL[:6], SMALL[6:]], trailer=trailer))
            assert answer.status == 202, answer.body
            assert recorders["pinpoint"].given.events_request.batch_item == {}

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (b"Batc", b"batc"),
            (b"chunk-signature=", b"chunk-signature=0"),
            (b"chunk-signature", b"chunk-sig"),
            (b"x-amz-meta:value", b"x-amz-meta:other"),
            (b"x-amz-trailer-signature:", b"x-amz-trailer-signature:0"),
        ],
    )
    def test_nothing_can_be_changed(self, app: App, recorders: dict[str, Recorder], old: bytes, new: bytes) -> None:
        request = _signed_chunks([SMALL[:6], SMALL[6:]], trailer=True)
        assert old in request.body
        request.body = request.body.replace(old, new)
        answer = ask_prepared(app, request)
        is_error(answer, 403, "InvalidSignatureException", "does not match")
        assert recorders["pinpoint"].given is None

    def test_a_chunk_without_signature(self, app: App) -> None:
        request = _signed_chunks([SMALL], trailer=False)
        request.body = re.sub(rb";chunk-signature=\w+", b"", request.body)
        is_error(ask_prepared(app, request), 403, "InvalidSignatureException", "does not match")

    def test_chunks_cannot_change_places(self, app: App) -> None:
        request = _signed_chunks([b"{    ", b"     ", b"}    "], trailer=False)
        parts = request.body.split(b"\r\n")
        request.body = b"\r\n".join([*parts[2:4], *parts[:2], *parts[4:]])
        is_error(ask_prepared(app, request), 403, "InvalidSignatureException", "does not match")


def test_the_body_may_have_any_content_type(app: App, recorders: dict[str, Recorder]) -> None:
    for kind in ("application/x-www-form-urlencoded", "text/plain", "application/json; charset=latin-1", "nonsense"):
        recorders["pinpoint"].given = None
        assert ask_prepared(app, signed("/v1/apps", b'{"Name":"\xc3\xa9"}', {"Content-Type": kind})).status == 201
        assert recorders["pinpoint"].given.create_application_request.name == "é"


def test_a_body_where_none_belongs_is_ignored(app: App) -> None:
    assert ask_prepared(app, signed("/v1/apps/app1", b"whatever", method="DELETE")).status == 200


def test_botocore_compresses_nothing_here(app: App) -> None:
    """The client under test sends plain JSON unless told otherwise."""
    assert client(app, "pinpoint").put_events(ApplicationId="a", EventsRequest={"BatchItem": {}})


def _pieces(megabytes: int) -> Iterator[bytes]:
    for _ in range(megabytes * 16):
        yield b" " * 65_536


def _pairs(request: AWSPreparedRequest) -> list[tuple[bytes, bytes]]:
    found = [(name.encode(), value.encode()) for name, value in dict(request.headers.items()).items()]
    return [*found, (b"host", HOST.encode())]


def _framed(
    body: bytes, headers: dict[str, str] | None = None, kind: str = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
) -> AWSPreparedRequest:
    return signed(EVENTS, body, {"X-Amz-Content-SHA256": kind, **(headers or {})})


def _trailed(data: bytes, checksum: type[Crc32Checksum], headers: dict[str, str] | None = None) -> AWSPreparedRequest:
    name = "x-amz-checksum-crc32" if checksum is Crc32Checksum else "x-amz-checksum-sha256"
    framed = AwsChunkedWrapper(io.BytesIO(data), checksum_cls=checksum, checksum_name=name, chunk_size=10).read()
    sent = {
        "Content-Encoding": "aws-chunked",
        "X-Amz-Trailer": name,
        "X-Amz-Decoded-Content-Length": str(len(data)),
        **(headers or {}),
    }
    return _framed(framed, sent)


def _signed_chunks(pieces: list[bytes], *, trailer: bool) -> AWSPreparedRequest:
    kind = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" + ("-TRAILER" if trailer else "")
    request = _framed(b"", {"Content-Encoding": "aws-chunked"}, kind)
    stamp = request.headers["X-Amz-Date"]
    scope = f"{stamp[:8]}/{REGION}/mobiletargeting/aws4_request"
    key = f"AWS4{ADMIN.secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), "sha256").digest()
    previous = request.headers["Authorization"].rpartition("Signature=")[2]

    def sign(kind: str, *lines: str) -> str:
        text = "\n".join([f"AWS4-HMAC-SHA256-{kind}", stamp, scope, previous, *lines])
        return hmac.new(key, text.encode(), "sha256").hexdigest()

    body = b""
    for piece in [*pieces, b""]:
        empty, digest = hashlib.sha256(b"").hexdigest(), hashlib.sha256(piece).hexdigest()
        previous = sign("PAYLOAD", empty, digest)
        body += b"%x;chunk-signature=%s\r\n" % (len(piece), previous.encode())
        body += piece + b"\r\n" if piece else b""
    if trailer:
        line = b"x-amz-meta:value"
        signature = sign("TRAILER", hashlib.sha256(line + b"\n").hexdigest())
        body += line + b"\r\nx-amz-trailer-signature:" + signature.encode() + b"\r\n"
    request.body = body + b"\r\n"
    return request
