"""Request rates: Pinpoint's quotas per account, region and operation, each operation on its own.

Off unless `settings.rate_limits`. The numbers are those of the service's quota page; burst equals rate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from clarion.core.clock import perf_seconds
from clarion.core.errors import TooMany
from clarion.core.scope import Scope

PINPOINT: Mapping[str, int] = {
    **dict.fromkeys(("CreateCampaign", "UpdateCampaign", "DeleteCampaign"), 25),
    **dict.fromkeys(("CreateSegment", "UpdateSegment", "DeleteSegment"), 25),
    "DeleteEndpoint": 1_000,
    "GetEndpoint": 7_000,
    "PhoneNumberValidate": 20,
    "PutEvents": 7_000,
    "SendMessages": 4_000,
    "SendUsersMessages": 6_000,
    "UpdateEndpoint": 5_000,
    "UpdateEndpointsBatch": 5_000,
    "GetInAppMessages": 5_000,
}
PINPOINT_OTHERS = 300
SMS_VOICE_V2: Mapping[str, int] = {"PutOptedOutNumber": 10, "DeleteOptedOutNumber": 10}
SMS_VOICE_V2_OTHERS = 1


def rate_of(service: str, operation: str) -> int | None:
    """Requests per second that the service allows for an operation; None: no such quota.

    Sending by SMS-Voice-V2 is limited by the originating number's throughput instead, and the quota page
    lists no rates for the other two services.
    """
    if service == "pinpoint":
        return PINPOINT.get(operation, PINPOINT_OTHERS)
    if service == "pinpoint-sms-voice-v2" and not operation.startswith("Send"):
        return SMS_VOICE_V2.get(operation, SMS_VOICE_V2_OTHERS)
    return None


class Rates:
    """One bucket for each (account, region, operation) seen; used on the event loop only."""

    def __init__(self, seconds: Callable[[], float] = perf_seconds) -> None:
        self._seconds = seconds
        self._buckets: dict[tuple[Scope, str, str], tuple[float, float]] = {}

    def take(self, scope: Scope, service: str, operation: str) -> None:
        """Count one request; raises TooMany when the rate is used up."""
        rate = rate_of(service, operation)
        if rate is None:
            return
        key, now = (scope, service, operation), self._seconds()
        level, then = self._buckets.get(key, (float(rate), now))
        level = min(float(rate), level + (now - then) * rate)
        if level < 1:
            raise TooMany("Rate exceeded")
        self._buckets[key] = (level - 1, now)
