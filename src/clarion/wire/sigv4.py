"""Signature Version 4, verified: header form, presigned query form, session tokens, streamed chunks.

The rules, from AWS's description of the scheme and from what its SDKs send:

- The canonical path is the raw path, still percent-encoded, encoded once more; slashes stay. Some SDKs first
  drop empty, `.` and `..` segments, others do not: requests are routed on the path without them (see
  `normal_path`) and either signature is good for it.
- Query parameters are sorted as encoded. Clients that sign `%20` but send `+` are met by encoding anew.
- Only the headers that the client lists are signed, but `host` must be, and `x-amz-target` where it is sent.
- The body is signed by its SHA-256 as it travels, before decompression; or `UNSIGNED-PAYLOAD`; or chunk by
  chunk (`ChunkSigner`), which carries on from the request's own signature.
- Time is judged by the real clock, never by a virtual one.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import quote_from_bytes, unquote_to_bytes

from clarion.core.clock import Clock
from clarion.core.errors import Forbidden
from clarion.wire.claim import ALGORITHM, Claim, moment_of, query_pairs, read_claim, stamp_of
from clarion.wire.keys import AccessKey, KeyStore

EMPTY_HASH = hashlib.sha256(b"").hexdigest().encode()
MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access Key and signing method. Consult the service documentation for details."
)
_UNSIGNED = b"UNSIGNED-PAYLOAD"
_PLAIN_PATH = re.compile(rb"[A-Za-z0-9_.~/-]*")
_REGION = re.compile(r"[a-z0-9-]{1,40}")


class SignedRequest(NamedTuple):
    """What a signature covers: everything as it came over the wire. Header names are lower-case; values of a
    repeated header are joined by commas."""

    method: str
    raw_path: bytes
    query: bytes
    headers: Mapping[bytes, bytes]
    body: bytes


class Identified(NamedTuple):
    """A claim and the key it names; not yet proven."""

    claim: Claim
    key: AccessKey


class Verified(NamedTuple):
    """Whose request it is; `chunks` verifies a streamed body (None: the body is covered already)."""

    key: AccessKey
    region: str
    chunks: ChunkSigner | None


class ChunkSigner:
    """Signatures of an aws-chunked body: each covers the one before, the first the request's own."""

    def __init__(self, key: bytes, stamp: str, scope: bytes, seed: bytes) -> None:
        self._key = key
        self._prefix = stamp.encode() + b"\n" + scope + b"\n"
        self._previous = seed

    def check_chunk(self, data: bytes, signature: bytes) -> None:
        """Raises Forbidden when `signature` is not that of the next chunk."""
        body = b"\n".join((self._previous, EMPTY_HASH, hashlib.sha256(data).hexdigest().encode()))
        self._check(b"AWS4-HMAC-SHA256-PAYLOAD\n" + self._prefix + body, signature)

    def check_trailer(self, lines: bytes, signature: bytes) -> None:
        """Raises Forbidden when `signature` is not that of the trailing headers (`name:value\\n` each)."""
        body = self._previous + b"\n" + hashlib.sha256(lines).hexdigest().encode()
        self._check(b"AWS4-HMAC-SHA256-TRAILER\n" + self._prefix + body, signature)

    def _check(self, text: bytes, signature: bytes) -> None:
        expected = hmac.digest(self._key, text, "sha256").hex().encode()
        if not hmac.compare_digest(expected, signature):
            raise Forbidden(MISMATCH, "InvalidSignatureException")
        self._previous = expected


class Verifier:
    """Checks requests against the key store. `clock` is the machine's own."""

    def __init__(self, keys: KeyStore, clock: Clock, skew_seconds: int) -> None:
        self._keys = keys
        self._clock = clock
        self._skew = skew_seconds

    def identify(self, headers: Mapping[bytes, bytes], query: bytes, signing_name: str) -> Identified:
        """Who says to have sent a request that must be signed for `signing_name`: all that can be told before
        its body is there.

        Raises Forbidden with the AWS error type and text of what is wrong.
        """
        claim = read_claim(headers, query)
        key = self._key(claim)
        _check_scope(claim, signing_name)
        self._check_time(claim)
        return Identified(claim, key)

    def verify(self, request: SignedRequest, identified: Identified) -> Verified:
        """The same, believed; raises Forbidden when the signature is not that of `request`."""
        claim, key = identified
        secret = signing_key(key.secret, claim.date, claim.region, claim.service)
        payload = _payload_hash(request, claim)
        headers = _canonical_headers(request.headers, claim.signed_headers)
        prefix = b"\n".join((ALGORITHM, claim.stamp.encode(), claim.scope, b""))
        for path, query in _canonical_targets(request, claim):
            text = b"\n".join((request.method.encode(), path, query, headers, claim.signed_headers, payload))
            digest = hashlib.sha256(text).hexdigest().encode()
            expected = hmac.digest(secret, prefix + digest, "sha256").hex().encode()
            if hmac.compare_digest(expected, claim.signature):
                streamed = payload.startswith(b"STREAMING-AWS4")
                chunks = ChunkSigner(secret, claim.stamp, claim.scope, expected) if streamed else None
                return Verified(key, claim.region, chunks)
        raise Forbidden(MISMATCH, "InvalidSignatureException")

    def _key(self, claim: Claim) -> AccessKey:
        key = self._keys.find(claim.access_key_id)
        if key is None or not hmac.compare_digest((claim.token or "").encode(), (key.session_token or "").encode()):
            text = "The security token included in the request is invalid."
            raise Forbidden(text, "UnrecognizedClientException")
        return key

    def _check_time(self, claim: Claim) -> None:
        moment, now = moment_of(claim.stamp), self._clock.now()
        skew = timedelta(seconds=self._skew)
        length = skew if claim.expires is None else timedelta(seconds=claim.expires)
        if now - moment > length:
            limit, why = stamp_of(now - length), f"({stamp_of(now)} - {length.total_seconds() / 60:g} min.)"
            if claim.expires is not None:
                limit, why = stamp_of(now), f"({claim.stamp} + {claim.expires} seconds)"
            text = f"Signature expired: {claim.stamp} is now earlier than {limit} {why}"
            raise Forbidden(text, "InvalidSignatureException")
        if moment - now > skew:
            why = f"({stamp_of(now)} + {self._skew / 60:g} min.)"
            text = f"Signature not yet current: {claim.stamp} is still later than {stamp_of(now + skew)} {why}"
            raise Forbidden(text, "InvalidSignatureException")


def normal_path(raw: bytes) -> bytes:
    """The raw path without empty, `.` and `..` segments: what is routed."""
    if b"//" not in raw and b"/." not in raw:
        return raw or b"/"
    kept: list[bytes] = []
    for segment in raw.split(b"/"):
        if segment == b"..":
            del kept[-1:]
        elif segment not in (b"", b"."):
            kept.append(segment)
    return b"/" + b"/".join(kept) + (b"/" if kept and raw.endswith(b"/") else b"")


def _check_scope(claim: Claim, signing_name: str) -> None:
    text = ""
    if claim.service != signing_name:
        text = f"Credential should be scoped to correct service: '{signing_name}'."
    elif not _REGION.fullmatch(claim.region):
        text = "Credential should be scoped to a valid region."
    elif claim.date != claim.stamp[:8]:
        text = (
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{claim.date}' != '{claim.stamp[:8]}', from '{claim.stamp}'."
        )
    if text:
        raise Forbidden(text, "InvalidSignatureException")


def _payload_hash(request: SignedRequest, claim: Claim) -> bytes:
    declared = request.headers.get(b"x-amz-content-sha256")
    if declared is None and claim.presigned and b"X-Amz-Content-Sha256=" + _UNSIGNED in request.query:
        return _UNSIGNED
    if declared == _UNSIGNED or (declared is not None and declared.startswith(b"STREAMING-")):
        return declared
    actual = hashlib.sha256(request.body).hexdigest().encode()
    if declared is not None and not hmac.compare_digest(declared, actual):
        raise Forbidden(MISMATCH, "InvalidSignatureException")
    return actual


def _canonical_headers(headers: Mapping[bytes, bytes], signed: bytes) -> bytes:
    names = signed.split(b";")
    needed = [b"host", b"x-amz-target"] if b"x-amz-target" in headers else [b"host"]
    for name in needed:
        if name not in names:
            text = f"'{name.decode().title()}' must be a 'SignedHeader' in the AWS Authorization."
            raise Forbidden(text, "InvalidSignatureException")
    lines = [name + b":" + b" ".join(headers.get(name, b"").split()) + b"\n" for name in names]
    return b"".join(lines)


def _canonical_targets(request: SignedRequest, claim: Claim) -> Iterator[tuple[bytes, bytes]]:
    """Path and query in each form that a client may have signed; for nearly all requests it is one."""
    normal = normal_path(request.raw_path)
    paths = [normal] if normal == request.raw_path else [normal, request.raw_path]
    queries = _canonical_queries(request.query, without_signature=claim.presigned)
    for path in paths:
        for query in queries:
            yield _quoted(path), query


def _quoted(path: bytes) -> bytes:
    return path if _PLAIN_PATH.fullmatch(path) else quote_from_bytes(path).encode()


def _canonical_queries(raw: bytes, *, without_signature: bool) -> list[bytes]:
    if not raw:
        return [b""]
    pairs = [pair for pair in query_pairs(raw) if not (without_signature and pair[0] == b"X-Amz-Signature")]
    real = [(_encoded(name), _encoded(value)) for name, value in pairs if name or value]
    as_sent = b"&".join(name + b"=" + value for name, value in sorted(pairs))
    anew = b"&".join(name + b"=" + value for name, value in sorted(real))
    return [as_sent] if anew == as_sent else [as_sent, anew]


def _encoded(text: bytes) -> bytes:
    return quote_from_bytes(unquote_to_bytes(text.replace(b"+", b" ")), safe="").encode()


@functools.lru_cache(maxsize=4096)
def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The key that signs a day's requests to one service in one region."""
    key = b"AWS4" + secret.encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
