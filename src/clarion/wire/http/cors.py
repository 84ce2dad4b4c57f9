"""Browsers call the API directly: every path answers preflights, and every answer may be read by any page.

That is safe because nothing is granted by cookies: each request carries its own signature.
"""

from __future__ import annotations

from clarion.wire.http.asgi import Headers, Response

_ALLOWED = (
    b"authorization, content-type, content-encoding, x-amz-date, x-amz-security-token, x-amz-content-sha256, "
    b"x-amz-target, x-amz-user-agent, amz-sdk-invocation-id, amz-sdk-request"
)
EXPOSED: tuple[tuple[bytes, bytes], ...] = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"x-amzn-RequestId, x-amzn-ErrorType, Date, Retry-After"),
)


def preflight(headers: Headers) -> Response:
    """The answer to an OPTIONS request: any method, our headers and those the browser asks for."""
    asked = headers.get(b"access-control-request-headers", b"")
    found = [
        (b"access-control-allow-methods", b"GET, POST, PUT, DELETE, OPTIONS"),
        (b"access-control-allow-headers", _ALLOWED + (b", " + asked if asked else b"")),
        (b"access-control-max-age", b"86400"),
    ]
    if b"access-control-request-private-network" in headers:
        found.append((b"access-control-allow-private-network", b"true"))
    return Response(204, b"", tuple(found))
