"""What the pages for recipients are written on: small HTML without scripts, readable by everybody and everything."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

from clarion.wire.http.asgi import Response

NO_STORE = (b"cache-control", b"no-store, no-cache, must-revalidate, private, max-age=0")

_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:0;min-height:100vh;display:grid;"
    "place-items:center;background:#f4f5f7;color:#1c2430}main{background:#fff;border-radius:12px;padding:2rem;"
    "max-width:26rem;margin:1rem;box-shadow:0 1px 4px #0002}h1{font-size:1.3rem;margin:0 0 .5rem}"
    "fieldset{border:0;margin:1rem 0;padding:0}legend{padding:0;font-weight:600}"
    "label{display:block;padding:.5rem 0}input{margin-inline-end:.6rem}small{display:block;margin-inline-start:1.6rem}"
    "button{font:inherit;padding:.6rem 1.2rem;border:0;border-radius:8px;background:#1d5fd1;color:#fff;cursor:pointer}"
    "button.plain{background:none;color:inherit;text-decoration:underline;padding-inline:0;margin-inline-start:1rem}"
    "a{color:inherit}:focus-visible{outline:3px solid #f0a500;outline-offset:2px}"
    "@media(prefers-color-scheme:dark){body{background:#14181f;color:#e6e9ee}main{background:#1f2530}}"
)
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def page(title: str, content: str) -> Response:
    """A page. `title` is plain text of ours, `content` HTML whose foreign parts are escaped."""
    html = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f"<style>{_STYLE}</style><main>{content}</main></html>"
    )
    headers = (
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", _POLICY.encode()),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
        NO_STORE,
    )
    return Response(200, html.encode(), headers)
