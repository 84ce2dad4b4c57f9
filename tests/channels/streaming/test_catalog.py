"""The kinds of destinations: which there are, what they load, and what is shown of them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from clarion.channels.streaming.address import kind_of
from clarion.channels.streaming.catalog import KINDS, shown
from clarion.channels.streaming.port import MEMBER
from clarion.core.errors import Invalid
from clarion.core.settings import Settings
from tests.channels.streaming.places import SECRET, opened

URIS = {
    "kinesis": "arn:aws:kinesis:eu-west-1:123456789012:stream/events",
    "firehose": "arn:aws-cn:firehose:cn-north-1:123456789012:deliverystream/events",
    "kafka": "kafka://kafka1:9092/events",
    "https": f"https://hook.test/in#{SECRET}",
    "http": f"http://hook.test/in#{SECRET}",
    "file": "file:///srv/events",
    "s3": "s3://lake/events",
}


def test_every_kind_opens_without_connecting() -> None:
    settings = Settings(kafka_brokers="*", callout_http=True)
    assert set(URIS) == set(KINDS)
    for kind, uri in URIS.items():
        assert kind_of(uri) == kind
        destination = opened(uri, settings)
        assert destination.limits.records > 0
        destination.close()


@pytest.mark.parametrize("uri", ["", "events", "ftp://host/x", "arn:aws:sqs:eu-west-1:1:q", "file:/x", "://", "arn:"])
def test_what_is_no_destination_is_told_what_is(uri: str) -> None:
    with pytest.raises(Invalid, match=f"^{MEMBER}: must look like one of arn:aws:kinesis.*s3://bucket/prefix$"):
        opened(uri, Settings())
    assert shown(uri) == uri


def test_nothing_heavy_is_loaded_before_it_is_wanted() -> None:
    heavy = ("confluent_kafka", "botocore", "pyarrow.parquet")
    said = f"import sys, clarion.channels.streaming.catalog; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    monkeypatch.delitem(sys.modules, "clarion.channels.streaming.kafka", raising=False)
    with pytest.raises(Invalid, match=f"^{MEMBER}: needs the package confluent_kafka, which is not installed"):
        opened(URIS["kafka"], Settings(kafka_brokers="*"))
