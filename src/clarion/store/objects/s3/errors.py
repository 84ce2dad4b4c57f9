"""What boto3's errors mean, as the port's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    ReadTimeoutError,
    ResponseStreamingError,
)
from botocore.exceptions import ConnectionError as NotConnected
from urllib3.exceptions import HTTPError

from clarion.core.errors import ClarionError, Unavailable
from clarion.store.objects.port import Changed, Denied, Missing, Unreadable

Failure: TypeAlias = BotoCoreError | ClientError | HTTPError
FAILURES = (BotoCoreError, ClientError, HTTPError)
"""Everything that boto3 raises; urllib3's own errors get through it when TLS breaks within a body."""

DROPPED = (IncompleteReadError, ResponseStreamingError, HTTPClientError, HTTPError)
"""What reading a body raises when the connection ends, or falls silent, before the body does."""

_FOR_NOW = {"OperationAborted", "ConditionalRequestConflict", "RequestTimeout", "SlowDown"}
_GONE = {"NoSuchKey", "NoSuchVersion", "404", "NotFound"}
_CHANGED = {"PreconditionFailed", "412", "InvalidRange", "416"}
_REFUSED = {"ExpiredToken", "InvalidToken", "AuthorizationHeaderMalformed"}
"""Answered with 400."""
_ARCHIVED = "InvalidObjectState"


def explained(url: str, error: Failure) -> ClarionError:
    """The port's error, naming the URL and what the store said."""
    if isinstance(error, ClientError):
        return _answered(url, error.response)
    if isinstance(error, ConnectTimeoutError | ReadTimeoutError):
        return Unavailable(f"{url}: the store does not answer in time ({error})")
    if isinstance(error, (*DROPPED, NotConnected, CredentialRetrievalError)):
        return Unavailable(f"{url}: {error}")
    if isinstance(error, NoCredentialsError):
        return Denied(f"{url}: no access key for S3 (settings s3_access_key_id and s3_secret_access_key)")
    return Unreadable(f"{url}: {error}")


def worth_another_try(error: Failure, meant: ClarionError) -> bool:
    """Whether to ask again at once: temporary trouble, but not a store that let a whole time limit pass."""
    return isinstance(meant, Unavailable) and not isinstance(error, ConnectTimeoutError | ReadTimeoutError)


def code_of(error: Failure) -> str:
    """The code the store answered with, or nothing."""
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""


def _answered(url: str, response: Mapping[str, Any]) -> ClarionError:
    error = response.get("Error", {})
    code, message = str(error.get("Code", "")), str(error.get("Message", ""))
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    said = ": ".join(part for part in (code, message) if part)
    if code == "NoSuchBucket":
        return Missing(f"{url}: bucket {error.get('BucketName') or url.split('/')[2]} does not exist")
    if code in _GONE:
        return Missing(f"{url}: does not exist")
    if code in _CHANGED:
        return Changed(f"{url}: changed since it was found")
    if code == _ARCHIVED:
        return Denied(f"{url}: is archived and must be restored first ({said})")
    if code in _FOR_NOW or status == 429 or status >= 500:
        return Unavailable(f"{url}: {said}")
    if code in _REFUSED or status in (401, 403):
        return Denied(f"{url}: access denied ({said})")
    return Unreadable(f"{url}: {said}")
