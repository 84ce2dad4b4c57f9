"""The other side of SigV4: headers that sign a request, for Clarion's own command line talking to a server."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from clarion.wire.claim import ALGORITHM
from clarion.wire.sigv4 import signing_key

_SERVICE = "mobiletargeting"


def signed_headers(
    method: str,
    host: str,
    path: str,
    query: str,
    body: bytes,
    *,
    key: tuple[str, str],
    region: str,
    now: datetime,
) -> Mapping[str, str]:
    """Headers to send along. `path` and `query` are as they will be sent, percent-encoded (the query in any order: what
    is signed is sorted by name, then value); `key` is access key id and secret."""
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    date = stamp[:8]
    scope = f"{date}/{region}/{_SERVICE}/aws4_request"
    names = "host;x-amz-date"
    canonical = "\n".join(
        (
            method,
            quote(path),
            "&".join(sorted(query.split("&"), key=lambda pair: pair.partition("="))),
            f"host:{host}\nx-amz-date:{stamp}\n",
            names,
            hashlib.sha256(body).hexdigest(),
        )
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join((ALGORITHM.decode(), stamp, scope, digest))
    signature = hmac.digest(signing_key(key[1], date, region, _SERVICE), text.encode(), "sha256").hex()
    credential = f"Credential={key[0]}/{scope}"
    return {
        "Host": host,
        "X-Amz-Date": stamp,
        "Authorization": f"{ALGORITHM.decode()} {credential}, SignedHeaders={names}, Signature={signature}",
    }
