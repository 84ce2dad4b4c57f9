"""What a request says about its signature: read from the `Authorization` header or from a presigned query, and
not yet believed."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from clarion.core.errors import Forbidden

ALGORITHM = b"AWS4-HMAC-SHA256"
_LONGEST_EXPIRY = 7 * 24 * 3600
_STAMP = "%Y%m%dT%H%M%SZ"
_ELEMENTS = "Credential must have 5 slash-delimited elements: access-key/date/region/service/aws4_request."
_CREDENTIAL = re.compile(r"([^/,]+)/([^/,]+)/([^/,]+)/([^/,]+)/aws4_request")
_HEADER = re.compile(
    rf"\s*AWS4-HMAC-SHA256\s+Credential={_CREDENTIAL.pattern}\s*,"
    r"\s*SignedHeaders=([^,\s]+)\s*,\s*Signature=([0-9a-f]+)\s*"
)


class Claim(NamedTuple):
    """What a request says about its signature, not yet believed."""

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: bytes
    signature: bytes
    stamp: str
    expires: int | None
    token: str | None
    presigned: bool

    @property
    def scope(self) -> bytes:
        """The credential scope as it is signed."""
        return f"{self.date}/{self.region}/{self.service}/aws4_request".encode()


def read_claim(headers: Mapping[bytes, bytes], query: bytes) -> Claim:
    """The signature parameters of the header, else of the query; raises Forbidden when neither is whole."""
    header = headers.get(b"authorization")
    try:
        if header is not None:
            return _header_claim(header.decode(), headers)
        if b"X-Amz-Algorithm=" in query:
            return _query_claim(query)
    except UnicodeDecodeError as error:
        raise _incomplete("The signature parameters are not UTF-8 text.") from error
    raise Forbidden("Missing Authentication Token", "MissingAuthenticationTokenException")


def _header_claim(header: str, headers: Mapping[bytes, bytes]) -> Claim:
    found, stamp = _HEADER.fullmatch(header), _header_stamp(headers)
    if found is None or not stamp:
        raise _header_fault(header, stamp)
    token = headers.get(b"x-amz-security-token")
    access_key_id, date, region, service, signed_headers, signature = found.groups()
    return Claim(
        access_key_id,
        date,
        region,
        service,
        signed_headers.encode(),
        signature.encode(),
        stamp,
        None,
        None if token is None else token.decode(),
        presigned=False,
    )


def _header_fault(header: str, stamp: str) -> Forbidden:
    algorithm, _, rest = header.strip().partition(" ")
    if algorithm.encode() != ALGORITHM:
        return _incomplete(f"Unsupported AWS 'algorithm': '{algorithm[:40]}'.")
    names = {part.strip().partition("=")[0] for part in rest.split(",")}
    texts = [
        f"Authorization header requires '{name}' parameter."
        for name in ("Credential", "Signature", "SignedHeaders")
        if name not in names
    ]
    if not stamp:
        texts.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    return _incomplete(" ".join(texts) or _ELEMENTS)


def _header_stamp(headers: Mapping[bytes, bytes]) -> str:
    stamp = headers.get(b"x-amz-date") or headers.get(b"date") or b""
    if b" " not in stamp:
        return stamp.decode()
    try:
        return stamp_of(parsedate_to_datetime(stamp.decode()))
    except ValueError:
        return stamp.decode()


def _query_claim(query: bytes) -> Claim:
    fields = {
        unquote_to_bytes(name).decode(): unquote_to_bytes(value.replace(b"+", b" ")).decode()
        for name, value in query_pairs(query)
    }
    algorithm = fields.get("X-Amz-Algorithm", "")
    if algorithm.encode() != ALGORITHM:
        raise _incomplete(f"Unsupported AWS 'algorithm': '{algorithm[:40]}'.")
    names = ("X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Date")
    if missing := [name for name in names if not fields.get(name)]:
        raise _incomplete(" ".join(f"AWS query-string parameters must include '{name}'." for name in missing))
    # The old Amplify beacon signs its URL without X-Amz-Expires.
    expires = fields.get("X-Amz-Expires")
    if expires is not None and not (expires.isascii() and expires.isdigit() and 1 <= int(expires) <= _LONGEST_EXPIRY):
        raise _incomplete(f"X-Amz-Expires must be a number of seconds from 1 to {_LONGEST_EXPIRY}.")
    credential = _CREDENTIAL.fullmatch(fields["X-Amz-Credential"])
    if credential is None:
        raise _incomplete(_ELEMENTS)
    access_key_id, date, region, service = credential.groups()
    return Claim(
        access_key_id,
        date,
        region,
        service,
        fields["X-Amz-SignedHeaders"].encode(),
        fields["X-Amz-Signature"].encode(),
        fields["X-Amz-Date"],
        None if expires is None else int(expires),
        fields.get("X-Amz-Security-Token"),
        presigned=True,
    )


@functools.lru_cache(maxsize=512)
def moment_of(stamp: str) -> datetime:
    """The time of a signature; raises Forbidden for what is none."""
    try:
        return datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError as error:
        text = f"Date must be in ISO-8601 'basic format'. Got '{stamp[:40]}'."
        raise _incomplete(text) from error


def stamp_of(moment: datetime) -> str:
    """A time as signatures write it."""
    return moment.astimezone(UTC).strftime(_STAMP)


def query_pairs(query: bytes) -> list[tuple[bytes, bytes]]:
    """Names and values of a raw query as they were sent."""
    parts = (part.partition(b"=") for part in query.split(b"&"))
    return [(name, value) for name, _, value in parts]


def _incomplete(text: str) -> Forbidden:
    return Forbidden(text, "IncompleteSignatureException")
