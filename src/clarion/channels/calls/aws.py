"""Functions of AWS Lambda, campaigns of Amazon Personalize and of Amazon Connect: one request each, by boto3.

boto3's own retries are off, as `service` has the patience. An ARN says which region to ask.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, NoCredentialsError, ReadTimeoutError
from urllib3.exceptions import HTTPError

from clarion.channels import amazon
from clarion.channels.calls.port import CalloutFailed, Dial, Limits, Refused
from clarion.core.clock import from_ms
from clarion.core.settings import Settings

T = TypeVar("T")

_LENGTH = 300
_FOR_NOW = frozenset(
    {
        "TooManyRequestsException",
        "ThrottlingException",
        "EC2ThrottledException",
        "ResourceNotReadyException",
        "ResourceConflictException",
        "ServiceException",
        "InvalidCampaignStateException",
        "ConflictException",
    }
)
_NOT_LET_IN = frozenset({401, 403})
_REASONS = {
    "InvalidInput": Refused("InvalidInput: the number cannot be called", True),
    "RequestThrottled": Refused("RequestThrottled: too many requests", False),
}


class Aws:
    """The clients of this process, one a service and region, made when they are first wanted."""

    def __init__(self, settings: Settings, limits: Limits) -> None:
        self._settings = settings
        self._limits = limits
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str, str], Any] = {}

    def invoke(self, function: str, payload: bytes) -> bytes:
        """The answer of a function, by name or ARN. Raises CalloutFailed, also when the function does."""

        def call() -> bytes:
            client = self._client("lambda", function, self._settings.lambda_endpoint_url)
            answer = client.invoke(FunctionName=function, InvocationType="RequestResponse", Payload=payload)
            with answer["Payload"] as stream:
                body: bytes = stream.read(self._limits.payload + 1)
            if answer.get("FunctionError"):
                raise CalloutFailed(f"{function}: the function failed: {_said(body)}", answered=True)
            if len(body) > self._limits.payload:
                raise CalloutFailed(f"{function}: the answer is larger than {self._limits.payload} bytes", final=True)
            return body

        return self._ask(function, call)

    def recommend(self, campaign: str, user_id: str, count: int) -> list[str]:
        """Ids of the items that a model recommends to somebody, best first. Raises CalloutFailed."""

        def call() -> list[str]:
            client = self._client("personalize-runtime", campaign, self._settings.personalize_endpoint_url)
            answer = client.get_recommendations(campaignArn=campaign, userId=user_id, numResults=count)
            return [item["itemId"] for item in answer.get("itemList", ()) if item.get("itemId")][:count]

        return self._ask(campaign, call)

    def dial(self, campaign: str, role: str, dials: Sequence[Dial]) -> Mapping[str, Refused]:
        """Have a campaign of Amazon Connect, by ARN, call these people (at most `port.DIALS`); answers those whom it
        refuses, by token. `role` is assumed for it. Raises CalloutFailed."""
        requests = [
            {
                "clientToken": one.token,
                "phoneNumber": one.number,
                "expirationTime": from_ms(one.expires_ms),
                "attributes": dict(one.attributes),
            }
            for one in dials
        ]

        def call() -> Mapping[str, Refused]:
            client = self._client("connectcampaigns", campaign, self._settings.connect_endpoint_url, role)
            answer = client.put_dial_request_batch(id=campaign.rpartition("/")[2], dialRequests=requests)
            failed = {
                one.get("clientToken", ""): one.get("failureCode", "") for one in answer.get("failedRequests", ())
            }
            return {
                token: _REASONS.get(code) or Refused(code or "UnknownError", False) for token, code in failed.items()
            }

        return self._ask(campaign, call)

    def _ask(self, name: str, call: Callable[[], T]) -> T:
        try:
            return call()
        except ClientError as error:
            said, status = error.response.get("Error", {}), error.response["ResponseMetadata"].get("HTTPStatusCode", 0)
            code = said.get("Code", "")
            final = status < 500 and status != 429 and code not in _FOR_NOW
            raise CalloutFailed(
                f"{name}: {code}: {said.get('Message', '')}"[:_LENGTH],
                final=final,
                ill=not final or status in _NOT_LET_IN,
                answered=True,
                throttled=status == 429,
            ) from error
        except (ConnectTimeoutError, ReadTimeoutError) as error:
            late = f"{name}: no answer within {self._limits.seconds:g} seconds"
            raise CalloutFailed(late, uncertain=isinstance(error, ReadTimeoutError)) from error
        except (BotoCoreError, HTTPError) as error:
            raise CalloutFailed(f"{name}: {error}"[:_LENGTH]) from error

    def _client(self, service: str, name: str, endpoint: str, role: str = "") -> Any:
        """A client for the region of an ARN, or for the settings' region when `name` is only a name."""
        region = amazon.region_of(name)
        with self._lock:
            if (service, region, role) not in self._clients:
                self._clients[service, region, role] = self._made(service, region, endpoint, role)
            return self._clients[service, region, role]

    def _made(self, service: str, region: str, endpoint: str, role: str) -> Any:
        try:
            return amazon.connect(
                self._settings, service, region=region, endpoint=endpoint, role=role, config=self._config()
            )
        except NoCredentialsError as error:
            nobody = f"{role}: there are no credentials with which to assume the role"
            raise CalloutFailed(nobody, final=True) from error

    def _config(self) -> Config:
        return Config(
            connect_timeout=min(5.0, self._limits.seconds),
            read_timeout=self._limits.seconds,
            retries={"total_max_attempts": 1, "mode": "standard"},
            max_pool_connections=self._limits.threads,
        )


def _said(body: bytes) -> str:
    """What a function's error says, in one line."""
    return " ".join(body[: _LENGTH * 4].decode(errors="replace").split())[:_LENGTH]
