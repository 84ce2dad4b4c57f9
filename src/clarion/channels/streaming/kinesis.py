"""Amazon Kinesis Data Streams: `arn:aws:kinesis:region:account:stream/name`. A client id is the partition key.

Asked by DescribeStream, which roles made for Pinpoint may call, and not DescribeStreamSummary. Limits are those of
every stream; some may be set to take larger records (10 MiB), which events are not.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

import msgspec

from clarion.channels.streaming.address import Stream, check_role
from clarion.channels.streaming.aws import LANES, AwsStream, Service
from clarion.channels.streaming.bulk import Result
from clarion.channels.streaming.catalog import Surroundings
from clarion.channels.streaming.port import MEMBER, Limits, Record
from clarion.core.errors import Invalid

_ARN = re.compile(r"arn:aws[a-zA-Z-]*:kinesis:[a-z0-9-]+:[0-9]{12}:stream/[a-zA-Z0-9_.-]{1,128}")
_KEY = 256
"""Most characters of a partition key, of four bytes at most."""
_RECORDS = 500
_BYTES = (5 << 20) - _RECORDS * _KEY * 4
_LIMITS = Limits(LANES * _RECORDS, LANES * _BYTES // 2, (1 << 20) - _KEY * 4)
_READY = frozenset({"ACTIVE", "UPDATING"})


class _Entry(msgspec.Struct, gc=False):
    Data: bytes
    PartitionKey: str


class _Answer(msgspec.Struct, frozen=True):
    failed: int = msgspec.field(name="FailedRecordCount")
    results: list[Result] = msgspec.field(name="Records")


def open_stream(stream: Stream, given: Surroundings) -> AwsStream:
    """See `catalog.open_destination`."""
    arn = stream.uri
    if not _ARN.fullmatch(arn):
        raise Invalid(f"{MEMBER}: must be arn:aws:kinesis:region:account:stream/name")
    check_role(stream)

    def check(client: Any) -> None:
        status = client.describe_stream(StreamARN=arn, Limit=1)["StreamDescription"]["StreamStatus"]
        if status not in _READY:
            raise Invalid(f"{MEMBER}: {arn} is {status}")

    service = Service(
        name="kinesis",
        operation="PutRecords",
        records=_RECORDS,
        bytes=_BYTES,
        limits=_LIMITS,
        endpoint=given.settings.kinesis_endpoint_url,
        target={"StreamARN": arn},
        entry=_entry,
        answer=_Answer,
        check=check,
    )
    return AwsStream(arn, stream.role, service, given.settings, seconds=given.seconds)


def _entry(record: Record) -> _Entry:
    key = record.key
    if 0 < len(key) <= _KEY:
        return _Entry(record.data, key)
    return _Entry(record.data, hashlib.sha256(key.encode()).hexdigest() if key else "-")
