"""What Kinesis and Firehose have in common: batches through a boto3 client that has nothing to do for each record.

boto3 finds credentials and endpoints, assumes the role, signs and keeps connections. But taking a parameter apart and
putting an answer together record by record costs it 27 µs a record, so both are done here, by msgspec: a request's
body is put into boto3's request, and an answer is taken out of it, in its own events. Retries are off: whoever sends
has the patience. Requests of different keys travel side by side.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    HTTPClientError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.exceptions import ConnectionError as NotConnected
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from clarion.channels import amazon
from clarion.channels.streaming import port
from clarion.channels.streaming.beside import beside
from clarion.channels.streaming.lanes import lanes, requests
from clarion.channels.streaming.port import MEMBER, Failed, Limits, Record, StreamFailed
from clarion.core.clock import perf_seconds
from clarion.core.errors import Invalid, Unavailable
from clarion.core.settings import Settings

LANES = 4
LANE_RECORDS = 400
"""Of requests with 500 at most, as keys do not spread evenly over lanes."""

_CONNECT_SECONDS = 5.0
_BEGIN = 0.6
"""No further request of a batch is begun after this share of `seconds`; with one that takes all of its time the batch
is over after less than twice `seconds`."""
_LENGTH = 300
_FAILURES = (BotoCoreError, ClientError, HTTPError, ResponseParserError)
_FOR_NOW = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "LimitExceededException",
        "ThrottlingException",
        "Throttling",
        "KMSThrottlingException",
        "ResourceInUseException",
        "RequestTimeout",
        "RequestTimeoutException",
    }
)


class Result(msgspec.Struct, frozen=True, gc=False):
    """What became of one record."""

    code: str | None = msgspec.field(default=None, name="ErrorCode")
    message: str | None = msgspec.field(default=None, name="ErrorMessage")


class Answer(Protocol):
    """What became of a request."""

    @property
    def failed(self) -> int: ...

    @property
    def results(self) -> list[Result]: ...


@dataclasses.dataclass(frozen=True, kw_only=True)
class Service:
    """What is particular to one of the two. `target` are the parameters that name the stream; `entry` is a record as
    the service wants it; `check` asks for the stream and raises Invalid when nothing may be written to it."""

    name: str
    operation: str
    records: int
    bytes: int
    limits: Limits
    endpoint: str
    target: Mapping[str, str]
    entry: Callable[[Record], msgspec.Struct]
    answer: type[Answer]
    check: Callable[[Any], None]


class AwsStream:
    """See `port.Destination`. `seconds` is for an answer to begin, and for each pause within it."""

    def __init__(self, arn: str, role: str, service: Service, settings: Settings, *, seconds: float) -> None:
        self._lanes = LANES if _is_aws(service.endpoint) else 1
        size = LANE_RECORDS if self._lanes > 1 else service.records
        self.limits = service.limits._replace(records=LANES * size)
        self._arn = arn
        self._role = role
        self._service = service
        self._settings = settings
        self._seconds = seconds
        self._lock = threading.Lock()
        self._client: Any = None
        self._closed = False

    def check(self) -> None:
        if not beside([self._checked], 2 * self._seconds)[0]:
            raise Unavailable(f"{self._arn}: the answer does not come to its end")

    def send(self, records: Sequence[Record]) -> Sequence[Failed]:
        until = perf_seconds() + _BEGIN * self._seconds
        found = lanes(records, LANE_RECORDS, self._lanes)
        outcomes = beside([partial(self._sent, records, lane, until) for lane in found], 2 * self._seconds)
        failed: list[Failed] = []
        trouble: StreamFailed | None = None
        for lane, outcome in zip(found, outcomes, strict=True):
            some, what = outcome or self._late(lane)
            failed += some
            trouble = trouble or what
        if trouble is not None and len(failed) == len(records):
            raise trouble
        return failed

    def close(self) -> None:
        with self._lock:
            self._closed = True
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _checked(self) -> bool:
        try:
            self._service.check(self._opened())
        except _FAILURES as error:
            meant = _meaning(self._arn, error)
            if meant.final:
                raise Invalid(f"{MEMBER}: {meant.message}") from error
            raise Unavailable(meant.message) from error
        except (KeyError, TypeError) as error:
            raise Unavailable(f"{self._arn}: the answer is not understood") from error
        return True

    def _late(self, lane: Sequence[int]) -> tuple[list[Failed], StreamFailed]:
        """A lane whose answer comes bit by bit, which no time limit of a socket ends. Its client is not used again."""
        with self._lock:
            self._client = None
        late = StreamFailed(port.TIMED_OUT, f"{self._arn}: the answer does not come to its end")
        return [Failed(place, late.code, late.message) for place in lane], late

    def _sent(
        self, records: Sequence[Record], lane: Sequence[int], until: float
    ) -> tuple[list[Failed], StreamFailed | None]:
        """Send one lane, request after request, up to the first that is not taken as a whole: what comes after would
        only overtake it. Answers what was not taken, and what failed as a whole."""
        failed: list[Failed] = []
        trouble: StreamFailed | None = None
        for part in requests(records, lane, self._service.records, self._service.bytes):
            if not failed and trouble is None:
                try:
                    if perf_seconds() > until:
                        raise StreamFailed(port.TIMED_OUT, f"{self._arn}: requests take too long")
                    failed = _failed(part, self._put([records[place] for place in part]))
                    continue
                except StreamFailed as error:
                    trouble = error
            code, message = (trouble.code, trouble.message) if trouble else (failed[0].code, failed[0].message)
            failed.extend([Failed(place, code, message) for place in part])
        return failed, trouble

    def _put(self, records: Sequence[Record]) -> Sequence[Result]:
        """One request. Raises StreamFailed."""
        service = self._service
        entry = service.entry
        body = _Body(msgspec.json.encode({**service.target, "Records": [entry(record) for record in records]}))
        try:
            answer = self._opened()._make_api_call(service.operation, {**service.target, "Records": body})
        except _FAILURES as error:
            raise _meaning(self._arn, error) from error
        found: Answer | None = answer.get(_OURS)
        if found is None or len(found.results) != len(records):
            raise StreamFailed(port.MALFORMED_ANSWER, f"{self._arn}: the answer is not understood")
        return found.results if found.failed else ()

    def _opened(self) -> Any:
        with self._lock:
            if self._closed:
                raise StreamFailed(port.CLOSING, f"{self._arn}: closed")
            if self._client is None:
                self._client = self._made()
            return self._client

    def _made(self) -> Any:
        service = self._service
        config = Config(
            connect_timeout=min(_CONNECT_SECONDS, self._seconds),
            read_timeout=self._seconds,
            retries={"total_max_attempts": 1, "mode": "standard"},
            max_pool_connections=LANES,
            parameter_validation=False,
        )
        client = amazon.connect(
            self._settings,
            service.name,
            region=amazon.region_of(self._arn),
            endpoint=service.endpoint,
            role=self._role,
            config=config,
        )
        decoder = msgspec.json.Decoder(service.answer)

        def take_answer(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
            if response_dict["status_code"] == 200:
                try:
                    customized_response_dict[_OURS] = decoder.decode(response_dict["body"])
                except msgspec.DecodeError:
                    customized_response_dict[_OURS] = None
                response_dict["body"] = b"{}"

        events, which = client.meta.events, f"{service.name}.{service.operation}"
        events.register(f"before-parameter-build.{which}", _note_body)
        events.register(f"before-call.{which}", _put_body)
        events.register(f"before-parse.{which}", take_answer)
        return client


def _is_aws(endpoint: str) -> bool:
    """Whether an endpoint is AWS itself, where the way is long and requests may meet. Some of what stands in for it
    loses records of requests that arrive together (moto's Kinesis does)."""
    host = urlsplit(endpoint).hostname or ""
    return not endpoint or host.endswith((".amazonaws.com", ".amazonaws.com.cn"))


_OURS = "clarion"


class _Body(tuple[()]):
    """No records as boto3 sees them, and with them the request's body."""

    content: bytes

    def __new__(cls, content: bytes) -> _Body:
        made = super().__new__(cls)
        made.content = content
        return made


def _note_body(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
    context[_OURS] = params["Records"].content


def _put_body(params: dict[str, Any], context: Mapping[str, Any], **_: Any) -> None:
    params["body"] = context[_OURS]


def _failed(part: Sequence[int], results: Sequence[Result]) -> list[Failed]:
    return [
        Failed(place, result.code, (result.message or "")[:_LENGTH])
        for place, result in zip(part, results, strict=False)
        if result.code
    ]


def _meaning(arn: str, error: Exception) -> StreamFailed:
    """The port's error for boto3's."""
    if isinstance(error, ClientError):
        said, status = error.response.get("Error", {}), error.response["ResponseMetadata"].get("HTTPStatusCode", 0)
        code = str(said.get("Code") or status)
        final = status < 500 and status != 429 and code not in _FOR_NOW
        return StreamFailed(code, f"{arn}: {code}: {said.get('Message', '')}"[:_LENGTH], final=final)
    if isinstance(error, NoCredentialsError):
        return StreamFailed(port.DENIED, f"{arn}: there is no access key for AWS", final=True)
    if isinstance(error, ConnectTimeoutError | ReadTimeoutError):
        return StreamFailed(port.TIMED_OUT, f"{arn}: no answer in time")
    if isinstance(error, ResponseParserError):
        return StreamFailed(port.MALFORMED_ANSWER, f"{arn}: the answer is not understood")
    if isinstance(error, NotConnected | HTTPClientError | HTTPError):
        return StreamFailed(port.NOT_CONNECTED, f"{arn}: {error}"[:_LENGTH])
    return StreamFailed(port.UNAVAILABLE, f"{arn}: {error}"[:_LENGTH])
