"""What everything Twilio-compatible has in common: requests as forms, signed calls back.

A request is a POST under an account with its own key; the answer is JSON, an error one with a `code`. The service calls
back with forms, signed with the account's token. Source: Twilio, "Twilio API: requests", "Webhooks security".
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import msgspec
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import BuilderError, DetailedPyreqwestError, PyreqwestError, RequestTimeoutError

from clarion.channels.port import Outcome
from clarion.core.errors import Invalid

URL = "https://api.twilio.com"
VERSION = "2010-04-01"
SIGNATURE = b"x-twilio-signature"
LONGEST = 300
MOST_BYTES = 1_000_000

_CONNECTING = "client error (Connect)"
_LONGEST_WAIT_MS = 3_600_000


class Answer(NamedTuple):
    """What the service answered: its status, the members of its JSON, how long it wants us to wait (ms)."""

    status: int
    members: Mapping[str, Any]
    text: str
    retry_after_ms: int | None

    @property
    def code(self) -> int:
        """The service's own error code, 0 without."""
        code = self.members.get("code")
        return code if isinstance(code, int) else 0

    @property
    def message(self) -> str:
        """What it says is wrong."""
        return " ".join(str(self.members.get("message") or "").split())[:LONGEST]


class Unanswered(Exception):
    """There is no answer; `outcome` is what that means for whatever was asked for."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.detail)
        self.outcome = outcome


class Account:
    """Requests under one account. `user` and `password` are the account's id and token, or an API key and its secret.

    `authorities` (a PEM file) are trusted besides the system's; `plain`: also without TLS. `seconds` is for a request
    from its beginning to the last byte of its answer; `connections` are made at most, and kept.
    """

    def __init__(
        self,
        url: str,
        account_sid: str,
        user: str,
        password: str,
        *,
        authorities: str = "",
        plain: bool = False,
        seconds: float = 30,
        connections: int = 20,
    ) -> None:
        self._base = f"{url.rstrip('/')}/{VERSION}/Accounts/{quote(account_sid, safe='')}"
        self._authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self._authorities = authorities
        self._plain = plain
        self._seconds = seconds
        self._connections = connections
        self._client: Client | None = None
        self._turns: asyncio.Semaphore | None = None

    async def open(self) -> None:
        """Get ready, on the loop that asks. Raises Invalid for certificates that cannot be read."""
        if self._client is None:
            self._turns = asyncio.Semaphore(self._connections)
            self._client = await asyncio.to_thread(self._build)

    async def close(self) -> None:
        """Let go of connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def post(self, path: str, form: Mapping[str, str] | Sequence[tuple[str, str]]) -> Answer:
        """POST to a path below the account's; in pairs, members may come more than once. Raises Unanswered."""
        return await self._ask("POST", path, urlencode(form).encode())

    async def get(self, path: str) -> Answer:
        """GET a path below the account's. Raises Unanswered."""
        return await self._ask("GET", path, b"")

    async def _ask(self, method: str, path: str, body: bytes) -> Answer:
        if self._client is None or self._turns is None:
            raise Unanswered(Outcome("temporary", "not open", blame="provider"))
        headers = {"authorization": self._authorization, "accept": "application/json"}
        if method == "POST":
            headers["content-type"] = "application/x-www-form-urlencoded"
        async with self._turns:
            try:
                request = self._client.request(method, self._base + path).headers(headers)
                if method == "POST":
                    request = request.body_bytes(body)
                async with request.build_streamed() as begun:
                    read = bytes(await begun.body_reader.read(MOST_BYTES) or b"")
                    return Answer(begun.status, _members(read), _line(read), _wait(begun.headers.get("retry-after")))
            except BuilderError as error:
                why = f"the address cannot be used: {_last(error)}"
                raise Unanswered(Outcome("temporary", why, blame="provider")) from None
            except PyreqwestError as error:
                raise Unanswered(self._unanswered(error)) from None

    def _build(self) -> Client:
        limit = timedelta(seconds=self._seconds)
        # The environment's proxies and the service's redirects are for others: neither is to see credentials.
        builder = ClientBuilder().https_only(not self._plain).no_proxy().follow_redirects(False)
        builder = builder.http1_only().pool_max_idle_per_host(self._connections)
        builder = builder.timeout(limit).connect_timeout(limit / 2).user_agent("clarion")
        try:
            if self._authorities:
                builder = builder.add_root_certificate_pem(Path(self._authorities).read_bytes())
            return builder.build()
        except (OSError, PyreqwestError, ValueError) as error:
            raise Invalid(f"callout_authorities: cannot be used: {type(error).__name__}") from None

    def _unanswered(self, error: PyreqwestError) -> Outcome:
        last = _last(error)
        if _CONNECTING in _causes(error):
            return Outcome("temporary", f"no connection: {last}", blame="provider")
        if isinstance(error, RequestTimeoutError):
            last = f"none in {self._seconds:g} s"
        return Outcome("temporary", f"no answer: {last}; it may have been taken", blame="provider", uncertain=True)


def refusal(answer: Answer) -> Outcome | None:
    """What an answer means that is no verdict on what was asked for: we are not let in, are too fast, or the service is
    ill. None for any other."""
    told = f"{answer.status} {answer.code or ''} {answer.message}".strip().replace("  ", " ")
    if answer.status in (401, 403) or (answer.status == 404 and answer.code in (0, 20404)):
        return Outcome("temporary", told, answer.text, blame="credentials")
    if answer.status == 429:
        return Outcome("throttled", told, answer.text, retry_after_ms=answer.retry_after_ms)
    if answer.status >= 500 or 300 <= answer.status < 400:
        return Outcome("temporary", told, answer.text, blame="provider", retry_after_ms=answer.retry_after_ms)
    return None


def form_of(body: bytes) -> list[tuple[str, str]]:
    """The members of a form, in order. Raises Invalid."""
    try:
        return parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=200)
    except (UnicodeDecodeError, ValueError) as error:
        raise Invalid("not a form") from error


def is_signed(token: str, url: str, form: list[tuple[str, str]], signature: bytes) -> bool:
    """Whether a call to a URL of ours was signed with an account's token; with or without the usual port in it."""
    given = signature.strip()
    tail = "".join(name + value for name, value in sorted(set(form)))
    forms = {url, _with_port(url), _without_port(url)}
    made = [base64.b64encode(hmac.new(token.encode(), (one + tail).encode(), hashlib.sha1).digest()) for one in forms]
    return bool(token) and any(hmac.compare_digest(one, given) for one in made)


def _with_port(url: str) -> str:
    parts = urlsplit(url)
    if parts.port is not None:
        return url
    return parts._replace(netloc=f"{parts.netloc}:{443 if parts.scheme == 'https' else 80}").geturl()


def _without_port(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition(":")[0]).geturl() if parts.port is not None else url


def _members(body: bytes) -> Mapping[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _line(body: bytes) -> str:
    return " ".join(body[: 4 * LONGEST].decode(errors="replace").split())[:LONGEST]


def _wait(text: str | None) -> int | None:
    """Milliseconds of `Retry-After` in seconds."""
    given = (text or "").strip()
    if not (given.isascii() and given.isdigit()):
        return None
    return min(int(given[:9]) * 1_000, _LONGEST_WAIT_MS)


def _causes(error: PyreqwestError) -> list[str]:
    told = error.details.get("causes") if isinstance(error, DetailedPyreqwestError) else None
    return [cause["message"] for cause in told or []] or [error.message]


def _last(error: PyreqwestError) -> str:
    """Why, in the last word only: the others have the URL in them."""
    return _causes(error)[-1]
