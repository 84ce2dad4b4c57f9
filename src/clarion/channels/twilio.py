"""What everything Twilio-compatible has in common: requests as forms, signed calls back.

A request is a POST under an account with its own key; the answer is JSON, an error one with a `code`. The service calls
back with forms, signed with the account's token. Source: Twilio, "Twilio API: requests", "Webhooks security".
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple, TypeVar
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import msgspec
import structlog
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import BuilderError, DetailedPyreqwestError, PyreqwestError, RequestTimeoutError

from clarion.channels.halting import Halt
from clarion.channels.port import Outcome
from clarion.channels.provider import Finding, ProviderConfig, Surroundings
from clarion.core.errors import Forbidden, Invalid
from clarion.wire.http.plain import PlainRequest

T = TypeVar("T")

_log = structlog.get_logger(__name__)

URL = "https://api.twilio.com"
VERSION = "2010-04-01"
SIGNATURE = b"x-twilio-signature"
LONGEST = 300
MOST_BYTES = 1_000_000

_SID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CONNECTING = "client error (Connect)"
_LONGEST_WAIT_MS = 3_600_000


class AccountConfig(ProviderConfig, kw_only=True, frozen=True):
    """One account. With `api_key` it signs in by that key's secret; the account's token still checks calls back.
    `connections` requests are under way at most."""

    SECRET: ClassVar[tuple[str, ...]] = ("auth_token", "api_secret")

    account_sid: str = ""
    auth_token: str = ""
    api_key: str = ""
    api_secret: str = ""
    url: str = URL
    connections: int = 20
    timeout_seconds: float = 30

    def check(self) -> None:
        """See `ProviderConfig`."""
        for member in ("account_sid", "auth_token"):
            if not getattr(self, member):
                raise Invalid(f"{member}: is required")
        for member in ("account_sid", "api_key"):
            check_sid(member, getattr(self, member))
        if bool(self.api_key) != bool(self.api_secret):
            raise Invalid("api_secret: goes with api_key")
        parts = urlsplit(self.url)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or parts.query:
            raise Invalid("url: must be like https://api.twilio.com")
        if not 1 <= self.connections <= 500:
            raise Invalid("connections: must be from 1 to 500")
        if not 1 <= self.timeout_seconds <= 600:
            raise Invalid("timeout_seconds: must be from 1 to 600")


def check_sid(member: str, value: str) -> None:
    """Raises Invalid for a member of a config that is no id; "" is none."""
    if value and not _SID.fullmatch(value):
        raise Invalid(f"{member}: must be an id, of letters and digits")


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
    """Requests under one account.

    What the settings trust at callouts (`callout_authorities`, `callout_http`) is trusted here, too. `timeout_seconds`
    are for a request from its beginning to the last byte of its answer; connections are kept.
    """

    def __init__(self, config: AccountConfig, given: Surroundings) -> None:
        self._base = f"{config.url.rstrip('/')}/{VERSION}/Accounts/{quote(config.account_sid, safe='')}"
        signs_in = f"{config.api_key or config.account_sid}:{config.api_secret or config.auth_token}"
        self._authorization = "Basic " + base64.b64encode(signs_in.encode()).decode()
        self._authorities = given.settings.callout_authorities
        self._plain = given.settings.callout_http
        self._seconds = config.timeout_seconds
        self._connections = config.connections
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

    async def each(self, messages: Sequence[T], one: Callable[[T], Awaitable[Outcome]]) -> list[Outcome]:
        """An outcome a message, as many at a time as there are connections. Once we are not let in, nobody is there or
        nobody answers, nobody else is tried. What is Unanswered is its outcome."""
        halt = Halt(self._connections)
        outcomes: dict[int, Outcome] = {}
        left = iter(enumerate(messages))

        async def work() -> None:
            for place, message in left:
                try:
                    outcome = halt.outcome or await one(message)
                except Unanswered as error:
                    outcome = error.outcome
                    halt.see(outcome)
                except Exception as error:
                    # Nobody foresaw it; it is not to cost the others their outcomes. What it says may be a secret.
                    _log.error("twilio.unforeseen", error=type(error).__name__)
                    outcome = Outcome("temporary", f"{type(error).__name__}; it may have been taken", uncertain=True)
                else:
                    halt.see(outcome)
                outcomes[place] = outcome

        await asyncio.gather(*(work() for _ in range(min(self._connections, len(messages)))))
        return [outcomes[place] for place in range(len(messages))]

    async def standing(self, also: Sequence[Finding]) -> list[Finding]:
        """Whether the account lets us in and is active, and if so what was found besides."""
        try:
            answer = await self.get(".json")
        except Unanswered as error:
            return [Finding("error", error.outcome.detail)]
        if answer.status != 200:
            return [Finding("error", f"the account does not let us in: {answer.status} {answer.message}".strip())]
        status = str(answer.members.get("status", ""))
        level: Literal["ok", "error"] = "ok" if status == "active" else "error"
        return [Finding(level, f"the account is {status or 'of no known status'}"), *also]

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
                refused = self._base.startswith("http:") and not self._plain
                told = "http:// needs the setting callout_http" if refused else _last(error)
                why = f"url: cannot be used: {told}"
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


def taken(answer: Answer, id: re.Pattern[str], *, provider: str, followed: bool) -> Outcome | None:
    """What an answer means that says yes, None for any other. Of what nobody will tell us anything (it is not
    `followed`), nothing is to be expected."""
    if answer.status not in (200, 201):
        return None
    found = answer.members.get("sid")
    if not isinstance(found, str) or not id.fullmatch(found):
        return Outcome("temporary", "the answer has no id", answer.text, blame="provider", uncertain=True)
    return Outcome("sent", str(answer.status), provider_message_id=found if followed else "", provider=provider)


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


def public_base(given: Surroundings) -> str:
    """Where a provider reaches us, "" when it cannot."""
    url = given.settings.public_url.rstrip("/")
    return f"{url}/providers/{given.name}" if url else ""


def signed_form(request: PlainRequest, token: str, url: str) -> dict[str, str]:
    """What a call to a URL of ours ("": there is none) says. Raises Invalid for what is no form, Forbidden for what the
    account has not signed."""
    form = form_of(request.body)
    if request.query or not url or not is_signed(token, url, form, request.headers.get(SIGNATURE, b"")):
        raise Forbidden("The signature is not the account's")
    return dict(form)


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
