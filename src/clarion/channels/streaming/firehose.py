"""Amazon Data Firehose: `arn:aws:firehose:region:account:deliverystream/name`. It knows no keys and promises no order.

A stream that has a source of its own (Kinesis, MSK) takes no records from anybody else, which is told at once.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from clarion.channels.streaming.address import Stream, check_role
from clarion.channels.streaming.aws import LANES, AwsStream, Service
from clarion.channels.streaming.bulk import Result
from clarion.channels.streaming.catalog import Surroundings
from clarion.channels.streaming.port import MEMBER, Limits, Record
from clarion.core.errors import Invalid

_ARN = re.compile(r"arn:aws[a-zA-Z-]*:firehose:[a-z0-9-]+:[0-9]{12}:deliverystream/[a-zA-Z0-9_.-]{1,64}")
_RECORDS = 500
_BYTES = 3 << 20
"""4 MiB may be in a request; whether that counts them in base64 is not said, so they are under it either way."""
_LIMITS = Limits(LANES * _RECORDS, LANES * _BYTES // 2, 1000 << 10)


class _Entry(msgspec.Struct, gc=False):
    Data: bytes


class _Answer(msgspec.Struct, frozen=True):
    failed: int = msgspec.field(name="FailedPutCount")
    results: list[Result] = msgspec.field(name="RequestResponses")


def open_stream(stream: Stream, given: Surroundings) -> AwsStream:
    """See `catalog.open_destination`."""
    arn = stream.uri
    if not _ARN.fullmatch(arn):
        raise Invalid(f"{MEMBER}: must be arn:aws:firehose:region:account:deliverystream/name")
    check_role(stream)
    target = {"DeliveryStreamName": arn.rpartition("/")[2]}

    def check(client: Any) -> None:
        about = client.describe_delivery_stream(**target, Limit=1)["DeliveryStreamDescription"]
        if about["DeliveryStreamStatus"] != "ACTIVE":
            raise Invalid(f"{MEMBER}: {arn} is {about['DeliveryStreamStatus']}")
        if about.get("DeliveryStreamType", "DirectPut") != "DirectPut":
            raise Invalid(f"{MEMBER}: {arn} takes records from its source only ({about['DeliveryStreamType']})")

    service = Service(
        name="firehose",
        operation="PutRecordBatch",
        records=_RECORDS,
        bytes=_BYTES,
        limits=_LIMITS,
        endpoint=given.settings.firehose_endpoint_url,
        target=target,
        entry=_entry,
        answer=_Answer,
        check=check,
    )
    return AwsStream(arn, stream.role, service, given.settings, seconds=given.seconds)


def _entry(record: Record) -> _Entry:
    return _Entry(record.data)
