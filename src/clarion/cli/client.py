"""The server's API as the commands use it: signed like everybody's, over plain HTTP."""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from clarion.cli.output import fail
from clarion.core.clock import SystemClock
from clarion.core.settings import Settings, load
from clarion.server import credentials
from clarion.wire.signing import signed_headers

TIMEOUT_SECONDS = 120


class Client:
    """Calls a running server with the root key of the settings or of the data folder."""

    def __init__(self, settings: Settings, url: str | None, region: str) -> None:
        self._url = urlsplit(url or f"http://{settings.host}:{settings.port}")
        self._region = region
        self._key = self._find_key(settings)

    def call(self, method: str, path: str, query: Mapping[str, object] | None = None, body: object = None) -> Any:
        """The parsed answer; says what is wrong and ends the command when there is an error."""
        return _parsed(self.read(method, path, query, body))

    def read(self, method: str, path: str, query: Mapping[str, object] | None = None, body: object = None) -> bytes:
        """The answer as it is, which may be something else than JSON; ends like `call`."""
        given = {name: value for name, value in (query or {}).items() if value is not None}
        encoded = urlencode(given, doseq=True, quote_via=quote)
        data = b"" if body is None else msgspec.json.encode(body)
        host = self._url.netloc
        headers = signed_headers(
            method, host, path, encoded, data, key=self._key, region=self._region, now=SystemClock().now()
        )
        kind = http.client.HTTPSConnection if self._url.scheme == "https" else http.client.HTTPConnection
        connection = kind(host, timeout=TIMEOUT_SECONDS)
        try:
            target = f"{path}?{encoded}" if encoded else path
            connection.request(method, target, body=data, headers={**headers, "Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
        except OSError as error:
            fail(f"no server answers at {self._url.geturl()}: {error.strerror or error}. Is `clarion serve` running?")
        finally:
            connection.close()
        if answer.status >= 300:
            parsed = _parsed(text)
            message = parsed.get("Message") if isinstance(parsed, dict) else None
            fail(f"{answer.status} {message or answer.reason}")
        return text

    def pages(
        self, path: str, query: Mapping[str, object] | None = None, *, token: str = "NextToken"
    ) -> Iterator[dict[str, Any]]:
        """The answers of a list, page by page; `token` is what the call names the token of a page."""
        following = None
        while True:
            page = self.call("GET", path, {**(query or {}), token: following})
            yield page
            if (following := page.get("NextToken")) is None:
                return

    def _find_key(self, settings: Settings) -> tuple[str, str]:
        if settings.access_key_id:
            return settings.access_key_id, settings.secret_access_key
        folder = Path(settings.data).expanduser()
        found = credentials.read(folder)
        if found is None:
            fail(f"no access key: neither CLARION_ACCESS_KEY_ID nor {credentials.path(folder)} is there")
        return found


def connected(config: str | None, data: str | None, url: str | None, region: str) -> Client:
    """The server that a command's options name."""
    return Client(load({"data": data}, config=config), url, region)


def _parsed(text: bytes) -> Any:
    try:
        return msgspec.json.decode(text) if text else {}
    except msgspec.DecodeError:
        return {"Message": text.decode(errors="replace")}
