"""One request of many records through boto3, without its work for each of them.

boto3 finds credentials and endpoints, assumes the role, signs and keeps connections. But taking a parameter apart and
putting an answer together record by record costs it 27 µs a record, so both are done here, by msgspec: a request's
body is put into boto3's request, and an answer is taken out of it, in its own events.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec
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

from clarion.channels.streaming import port
from clarion.channels.streaming.port import StreamFailed

FAILURES = (BotoCoreError, ClientError, HTTPError, ResponseParserError)
"""Everything that boto3 raises."""

_LENGTH = 300
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
    message: str | None = msgspec.field(default="", name="ErrorMessage")


class Answer(Protocol):
    """What became of a request."""

    @property
    def failed(self) -> int: ...

    @property
    def results(self) -> list[Result]: ...


class Bulk:
    """`client` with one operation of it, of which `Records` is the parameter with the records."""

    def __init__(self, client: Any, service: str, operation: str, answer: type[Answer]) -> None:
        self.client = client
        self._operation = operation
        self._decoder = msgspec.json.Decoder(answer)
        events, which = client.meta.events, f"{service}.{operation}"
        events.register(f"before-parameter-build.{which}", _note_body)
        events.register(f"before-call.{which}", _put_body)
        events.register(f"before-parse.{which}", self._take_answer)

    def put(self, target: Mapping[str, str], entries: Sequence[msgspec.Struct]) -> Answer | None:
        """One request; None for a success that is not understood. Raises FAILURES."""
        body = _Body(msgspec.json.encode({**target, "Records": entries}))
        answer: Answer | None = self.client._make_api_call(self._operation, {**target, "Records": body}).get(_OURS)
        return answer

    def _take_answer(self, response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
        if response_dict["status_code"] == 200:
            try:
                customized_response_dict[_OURS] = self._decoder.decode(response_dict["body"])
            except msgspec.DecodeError:
                customized_response_dict[_OURS] = None
            response_dict["body"] = b"{}"


def meaning(arn: str, error: Exception) -> StreamFailed:
    """The port's error for boto3's."""
    if isinstance(error, ClientError):
        said, status = error.response.get("Error", {}), error.response["ResponseMetadata"].get("HTTPStatusCode", 0)
        code = str(said.get("Code") or status)
        final = status < 500 and status != 429 and code not in _FOR_NOW
        return StreamFailed(code, f"{arn}: {code}: {said.get('Message', '')}"[:_LENGTH], final=final)
    if isinstance(error, NoCredentialsError):
        return StreamFailed(
            port.DENIED, f"{arn}: there is no access key for AWS (setting callout_access_key_id)", final=True
        )
    if isinstance(error, ConnectTimeoutError | ReadTimeoutError):
        return StreamFailed(port.TIMED_OUT, f"{arn}: no answer in time")
    if isinstance(error, ResponseParserError):
        return StreamFailed(port.MALFORMED_ANSWER, f"{arn}: the answer is not understood")
    if isinstance(error, NotConnected | HTTPClientError | HTTPError):
        return StreamFailed(port.NOT_CONNECTED, f"{arn}: {error}"[:_LENGTH])
    return StreamFailed(port.UNAVAILABLE, f"{arn}: {error}"[:_LENGTH])


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
