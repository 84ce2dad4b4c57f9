"""What Kinesis and Firehose have in common: batches as requests, those of different keys side by side.

Retries of boto3 are off: whoever sends has the patience.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import msgspec
from botocore.config import Config

from clarion.channels import amazon
from clarion.channels.streaming import port
from clarion.channels.streaming.beside import beside
from clarion.channels.streaming.bulk import FAILURES, Answer, Bulk, meaning
from clarion.channels.streaming.lanes import lanes, requests
from clarion.channels.streaming.port import MEMBER, Failed, Limits, Record, StreamFailed
from clarion.core.clock import perf_seconds
from clarion.core.errors import Invalid, Unavailable
from clarion.core.settings import Settings

_LENGTH = 300

LANES = 4
LANE_RECORDS = 400
"""Of requests with 500 at most, as keys do not spread evenly over lanes."""

_CONNECT_SECONDS = 5.0
_BEGIN = 0.6
"""No further request of a batch is begun after this share of `seconds`; with one that takes all of its time the batch
is over after less than twice `seconds`."""


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
        self._bulk: Bulk | None = None
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
            bulk, self._bulk = self._bulk, None
        if bulk is not None:
            bulk.client.close()

    def _checked(self) -> bool:
        try:
            self._service.check(self._opened().client)
        except FAILURES as error:
            meant = meaning(self._arn, error)
            if meant.final:
                raise Invalid(f"{MEMBER}: {meant.message}") from error
            raise Unavailable(meant.message) from error
        except (KeyError, TypeError) as error:
            raise Unavailable(f"{self._arn}: the answer is not understood") from error
        return True

    def _late(self, lane: Sequence[int]) -> tuple[list[Failed], StreamFailed]:
        """A lane whose answer comes bit by bit, which no time limit of a socket ends. Its client is not used again."""
        with self._lock:
            self._bulk = None
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
                    failed = self._put(records, part)
                    continue
                except StreamFailed as error:
                    trouble = error
            code, message = (trouble.code, trouble.message) if trouble else (failed[0].code, failed[0].message)
            failed.extend([Failed(place, code, message) for place in part])
        return failed, trouble

    def _put(self, records: Sequence[Record], part: Sequence[int]) -> list[Failed]:
        """Send some in one request; answers what was not taken. Raises StreamFailed."""
        entry, arn = self._service.entry, self._arn
        try:
            found = self._opened().put(self._service.target, [entry(records[place]) for place in part])
        except FAILURES as error:
            raise meaning(arn, error) from error
        results = found.results if found is not None else []
        failed = [
            Failed(place, result.code, f"{arn}: {result.code}: {result.message}"[:_LENGTH])
            for place, result in zip(part, results, strict=False)
            if result.code
        ]
        if found is None or len(results) != len(part) or len(failed) != found.failed:
            raise StreamFailed(port.MALFORMED_ANSWER, f"{arn}: the answer is not understood")
        return failed

    def _opened(self) -> Bulk:
        with self._lock:
            if self._closed:
                raise StreamFailed(port.CLOSING, f"{self._arn}: closed")
            if self._bulk is None:
                self._bulk = self._made()
            return self._bulk

    def _made(self) -> Bulk:
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
        return Bulk(client, service.name, service.operation, service.answer)


def _is_aws(endpoint: str) -> bool:
    """Whether an endpoint is AWS itself, where the way is long and requests may meet. Some of what stands in for it
    loses records of requests that arrive together (moto's Kinesis does)."""
    host = urlsplit(endpoint).hostname or ""
    return not endpoint or host.endswith((".amazonaws.com", ".amazonaws.com.cn"))
