"""The aws-chunked body framing: `size[;chunk-signature=…]` CRLF data CRLF …, then trailing headers.

STREAMING-AWS4-HMAC-SHA256-PAYLOAD            every chunk carries a signature
STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER    the trailing headers carry one too
STREAMING-UNSIGNED-PAYLOAD-TRAILER            no signatures, a checksum in the trailing headers
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import zlib
from collections.abc import Callable, Mapping

from clarion.core.errors import Forbidden, Invalid, TooLarge
from clarion.wire.sigv4 import MISMATCH, ChunkSigner

SIGNED = b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_TRAILER = b"STREAMING-UNSIGNED-PAYLOAD-TRAILER"
_LONGEST_LINE = 4096
_LONGEST_TRAILER = 16_384

# crc32c and crc64nvme have no implementation in the standard library: those trailers are read past.
_CHECKSUMS: Mapping[bytes, Callable[[bytes], bytes]] = {
    b"x-amz-checksum-crc32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    b"x-amz-checksum-sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    b"x-amz-checksum-sha256": lambda data: hashlib.sha256(data).digest(),
}


def unframe(body: bytes, kind: bytes, signer: ChunkSigner | None, *, declared: bytes | None, limit: int) -> bytes:
    """The data inside an aws-chunked `body`.

    `kind` is the request's x-amz-content-sha256, `declared` its x-amz-decoded-content-length. Raises Invalid
    for broken framing or a wrong checksum, Forbidden for a wrong signature, TooLarge beyond `limit` bytes.
    """
    if kind not in (SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER):
        raise Invalid(f"x-amz-content-sha256: {kind.decode(errors='replace')[:80]} is not supported")
    data, rest = _chunks(body, None if kind == UNSIGNED_TRAILER else signer, limit)
    if declared is not None and declared != str(len(data)).encode():
        raise Invalid(f"x-amz-decoded-content-length: says {declared.decode(errors='replace')[:20]}, found {len(data)}")
    trailers = _trailers(rest, signer if kind == SIGNED_TRAILER else None)
    for name, digest in _CHECKSUMS.items():
        if name in trailers and not _same(trailers[name], digest(data)):
            raise Invalid(f"{name.decode()}: the checksum does not match the body")
    return data


def _chunks(body: bytes, signer: ChunkSigner | None, limit: int) -> tuple[bytes, bytes]:
    pieces: list[bytes] = []
    position = total = 0
    while True:
        end = body.find(b"\r\n", position, position + _LONGEST_LINE)
        size_text, _, extension = body[position : max(end, position)].partition(b";")
        if end < 0 or not size_text or len(size_text) > 8 or size_text.strip(b"0123456789abcdefABCDEF"):
            raise Invalid("The aws-chunked body is broken: a chunk without size")
        size = int(size_text, 16)
        data = body[end + 2 : end + 2 + size]
        total += size
        if total > limit:
            raise TooLarge(f"The request body is larger than {limit} bytes")
        if len(data) != size:
            raise Invalid("The aws-chunked body is broken: it ends inside a chunk")
        if signer is not None:
            name, _, signature = extension.strip().partition(b"=")
            if name != b"chunk-signature":
                raise Forbidden(MISMATCH, "InvalidSignatureException")
            signer.check_chunk(data, signature)
        position = end + 2 + size
        if size == 0:
            return b"".join(pieces), body[position:]
        if body[position : position + 2] != b"\r\n":
            raise Invalid("The aws-chunked body is broken: a chunk longer than its size")
        pieces.append(data)
        position += 2


def _trailers(rest: bytes, signer: ChunkSigner | None) -> dict[bytes, bytes]:
    if len(rest) > _LONGEST_TRAILER:
        raise Invalid("The aws-chunked body is broken: data after the last chunk")
    found: dict[bytes, bytes] = {}
    signature = b""
    for line in filter(None, rest.split(b"\r\n")):
        name, colon, value = line.partition(b":")
        if not colon:
            raise Invalid("The aws-chunked body is broken: a trailing header without colon")
        if name.strip().lower() == b"x-amz-trailer-signature":
            signature = value.strip()
        else:
            found[name.strip().lower()] = value.strip()
    if signer is not None:
        signer.check_trailer(b"".join(name + b":" + value + b"\n" for name, value in found.items()), signature)
    return found


def _same(text: bytes, digest: bytes) -> bool:
    try:
        return hmac.compare_digest(base64.b64decode(text, validate=True), digest)
    except binascii.Error:
        return False
