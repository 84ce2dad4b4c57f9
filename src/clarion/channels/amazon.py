"""boto3 clients as the settings say, whose access key, which region, which role; for transports with threads of their
own, and with what a service's refusals have in common. Whoever imports this loads boto3.

Endpoints in the environment (AWS_ENDPOINT_URL…) are left alone: they are there to lead programs to Clarion itself.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar

import botocore.session
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    SSLError,
)
from botocore.parsers import ResponseParserError

from clarion.channels.halting import Halt
from clarion.channels.port import Outcome
from clarion.core.settings import Settings

T = TypeVar("T")
A = TypeVar("A")

FAILURES = (BotoCoreError, ClientError, ResponseParserError)
"""What boto3 raises; the last is for answers that are none."""

_LENGTH = 300
_SLOW_DOWN = frozenset(
    ("LimitExceededException", "RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException")
)
_NOT_LET_IN = frozenset(
    (
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "NotAuthorized",
        "OptInRequired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    )
)


def region_of(arn: str) -> str:
    """The region in an ARN; nothing for what is only a name."""
    return arn.split(":")[3] if arn.startswith("arn:") and arn.count(":") >= 5 else ""


def connect(settings: Settings, service: str, *, region: str, endpoint: str, role: str, config: Config) -> Any:
    """A client of a service. Without `region` the settings' counts; the role, if there is one, is assumed by it.

    What `endpoint` names stands in for AWS and need not know roles, unless something stands in for STS, too. Raises
    NoCredentialsError where a role is to be assumed by nobody.
    """
    core = botocore.session.get_session()
    core.register_component("data_loader", _models())
    core.set_config_variable("ignore_configured_endpoint_urls", True)
    region = region or settings.callout_region or core.get_config_variable("region") or "us-east-1"
    if settings.callout_access_key_id:
        core.set_credentials(settings.callout_access_key_id, settings.callout_secret_access_key)
    if role and (not endpoint or settings.sts_endpoint_url):
        core._credentials = _assumed(settings, core, role, region, config)
    return core.create_client(service, endpoint_url=endpoint or None, region_name=region, config=config)


@cache
def _models() -> Any:
    """The service models read from disk, once for all clients: each session of its own would keep 10 MiB of them."""
    return botocore.session.get_session().get_component("data_loader")


def _assumed(settings: Settings, core: Any, role: str, region: str, config: Config) -> Any:
    """The credentials of a role, fetched anew before they expire."""

    def client(service: str, **given: Any) -> Any:
        given |= {"region_name": region, "config": config}
        return core.create_client(service, endpoint_url=settings.sts_endpoint_url or None, **given)

    own = core.get_credentials()
    if own is None:
        raise NoCredentialsError
    fetcher = AssumeRoleCredentialFetcher(client, own, role, extra_args={"RoleSessionName": "clarion"})
    return DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")


class Asking(Generic[T]):
    """One service's client, and the threads that its requests block: boto3 is not asynchronous.

    `seconds` is for the wait for an answer; `connections` requests are under way at most. The client is made when it
    is first wanted: it may ask for a role. boto3 tries once.
    """

    def __init__(
        self,
        settings: Settings,
        service: str,
        *,
        threads: str,
        region: str,
        endpoint: str,
        role: str = "",
        seconds: float,
        connections: int,
    ) -> None:
        self._settings = settings
        self._service = service
        self._name = threads
        self._region = region
        self._endpoint = endpoint
        self._role = role
        self._seconds = seconds
        self._connections = connections
        self._threads: ThreadPoolExecutor | None = None
        self._client: Any = None
        self._making = threading.Lock()

    async def open(self) -> None:
        """Get ready; asks nobody."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._connections, thread_name_prefix=self._name)

    async def close(self) -> None:
        """End connections when their requests are through."""
        threads, self._threads = self._threads, None
        if threads is not None:
            await asyncio.to_thread(threads.shutdown, wait=True, cancel_futures=True)
        client, self._client = self._client, None
        if client is not None:
            client.close()

    async def ask(self, call: Callable[[Any], A]) -> A:
        """What a call of the client answers. Raises FAILURES."""
        assert self._threads is not None, "not open"
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: call(self._connected()))

    async def each(
        self,
        messages: Sequence[T],
        one: Callable[[Any, T], Outcome],
        failed: Callable[[Exception], Outcome],
    ) -> list[Outcome]:
        """An outcome a message, of one request each; `failed` is what FAILURES mean. Once we are not let in, nobody
        is there or nobody answers, nobody else is tried."""
        loop, threads = asyncio.get_running_loop(), self._threads
        if threads is None:
            return [Outcome("temporary", "not open", blame="provider")] * len(messages)
        halt = Halt(self._connections)

        def work(message: T) -> Outcome:
            if halt.outcome is not None:
                return halt.outcome
            try:
                outcome = one(self._connected(), message)
            except FAILURES as error:
                outcome = failed(error)
            except Exception as error:
                # boto3 expects answers to have the form of its model. Nothing is to cost the others their outcomes.
                why = f"no answer that can be read: {type(error).__name__}"
                outcome = Outcome("temporary", why, blame="provider", uncertain=True)
            halt.see(outcome)
            return outcome

        return list(await asyncio.gather(*(loop.run_in_executor(threads, work, message) for message in messages)))

    def _connected(self) -> Any:
        with self._making:
            if self._client is None:
                config = Config(
                    connect_timeout=self._seconds / 2,
                    read_timeout=self._seconds,
                    retries={"total_max_attempts": 1, "mode": "standard"},
                    max_pool_connections=self._connections,
                )
                self._client = connect(
                    self._settings,
                    self._service,
                    region=self._region,
                    endpoint=self._endpoint,
                    role=self._role,
                    config=config,
                )
            return self._client


class Refused(NamedTuple):
    """What a service says of a request it does not take: `told` is all of it in a line for people."""

    code: str
    reason: str
    text: str
    status: int
    told: str
    response: Mapping[str, Any]

    @property
    def is_locked_out(self) -> bool:
        """Whether our credentials are to blame."""
        return self.code in _NOT_LET_IN or self.status in (401, 403)

    @property
    def is_too_fast(self) -> bool:
        """Whether it wants us to slow down."""
        return self.code in _SLOW_DOWN or self.status == 429

    @property
    def is_ill(self) -> bool:
        """Whether the service, not the request, is to blame: also where an error has no status of one."""
        return self.status >= 500 or self.status < 400


def refused(error: ClientError) -> Refused:
    """What the error tells."""
    response: Mapping[str, Any] = error.response
    said = response.get("Error") or {}
    code = str(said.get("Code", "")).rpartition("#")[2]
    reason, text = str(response.get("Reason") or ""), str(said.get("Message", ""))
    told = line(" ".join(part for part in (code, reason, text) if part))
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    return Refused(code, reason, text, status, told, response)


def unanswered(error: Exception) -> Outcome:
    """What one of FAILURES without an answer of the service means for a message."""
    if isinstance(error, (NoCredentialsError, PartialCredentialsError)):
        return Outcome("temporary", "there are no credentials for AWS", blame="credentials")
    if isinstance(error, ParamValidationError):
        return Outcome("permanent", line(str(error)))
    if isinstance(error, (ConnectTimeoutError, EndpointConnectionError, SSLError)):
        return Outcome("temporary", f"no connection: {type(error).__name__}", blame="provider")
    # The request may have left: a time-out, a reset, an answer that is none.
    uncertain = isinstance(error, (HTTPClientError, ResponseParserError))
    told = f"no answer: {type(error).__name__}; it may have been taken"
    return Outcome("temporary", told, blame="provider", uncertain=uncertain)


def line(text: str) -> str:
    """A text in one line of so many characters."""
    return " ".join(text.split())[:_LENGTH]
