"""The far ends of the suite: somewhere to send to, and a way to see what has arrived that shares no code with ours."""

from __future__ import annotations

import gzip
import itertools
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pyarrow.parquet
from confluent_kafka import OFFSET_BEGINNING, Consumer, Message, Producer, TopicPartition
from moto.server import ThreadedMotoServer

from clarion.channels.streaming.catalog import Surroundings, open_destination
from clarion.channels.streaming.port import Destination, Record
from clarion.core.clock import SystemClock
from clarion.core.ids import SystemIds
from clarion.core.settings import Settings
from tests.channels.calls.peers import Asked, Said, site

ROLE = "arn:aws:iam::000000000001:role/streams"
APP = "0f4b6f2e5a4c4f8da1b2c3d4e5f60718"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEYS = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret", "region_name": "eu-west-1"}

_numbers = itertools.count()


@dataclass
class Place:
    """A far end. `arrived` answers the records there, in an order that keeps that of each key; `missing` is the URI of
    one that is not there; `ordered`: keeps order per key."""

    kind: str
    uri: str
    settings: Settings
    arrived: Callable[[int], list[bytes]]
    """Waits until there are so many."""
    missing: str = ""
    ordered: bool = True

    def open(self, uri: str = "", **surroundings: Any) -> Destination:
        return opened(uri or self.uri, self.settings, **surroundings)


def opened(uri: str, settings: Settings, **surroundings: Any) -> Destination:
    given = {"clock": SystemClock(), "ids": SystemIds()} | surroundings
    return open_destination(
        uri, role=ROLE, account="000000000001", app_id=APP, surroundings=Surroundings(settings=settings, **given)
    )


def record(key: str, number: int, size: int = 0) -> Record:
    """An event of somebody; the number tells it from others, `size` makes it so many bytes."""
    event = {
        "event_type": "cart.left",
        "event_timestamp": 1_804_151_402_000 + number,
        "arrival_timestamp": 1_804_151_402_640 + number,
        "event_version": "3.1",
        "application": {"app_id": APP, "sdk": {}},
        "client": {"client_id": key},
        "device": {"platform": {}},
        "session": {},
        "attributes": {"näme": "Lea \U0001f600\u2028", "number": str(number)},
        "metrics": {"amount": 79.9},
        "awsAccountId": "000000000001",
    }
    plain = json.dumps(event, ensure_ascii=False).encode() + b"\n"
    if size:
        plain = plain.replace(b'"number"', b'"long": "' + b"x" * (size - len(plain) - 12) + b'", "number"')
        assert len(plain) == size
    return Record(key, plain)


@contextmanager
def moto() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def aws_settings(endpoint: str, **more: Any) -> Settings:
    return Settings(
        kinesis_endpoint_url=endpoint,
        firehose_endpoint_url=endpoint,
        callout_access_key_id="AKIAEXAMPLE",
        callout_secret_access_key="secret",
        s3_endpoint_url=endpoint,
        s3_access_key_id="AKIAEXAMPLE",
        s3_secret_access_key="secret",
        **more,
    )


def kinesis(endpoint: str) -> Place:
    client, name = boto3.client("kinesis", endpoint_url=endpoint, **KEYS), f"stream-{next(_numbers)}"
    client.create_stream(StreamName=name, ShardCount=2)

    def arrived(wanted: int) -> list[bytes]:
        found = []
        for shard in client.list_shards(StreamName=name)["Shards"]:
            start = {"StreamName": name, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
            at = client.get_shard_iterator(**start)["ShardIterator"]
            while at:
                page = client.get_records(ShardIterator=at, Limit=10_000)
                found += [one["Data"] for one in page["Records"]]
                at = page["NextShardIterator"] if page["Records"] else None
        return found

    arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/"
    return Place("kinesis", arn + name, aws_settings(endpoint), arrived, arn + "nowhere")


def firehose(endpoint: str) -> Place:
    client, name = boto3.client("firehose", endpoint_url=endpoint, **KEYS), f"delivery-{next(_numbers)}"
    s3 = boto3.client("s3", endpoint_url=endpoint, **KEYS)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    to = {"RoleARN": ROLE, "BucketARN": f"arn:aws:s3:::{name}"}
    client.create_delivery_stream(DeliveryStreamName=name, ExtendedS3DestinationConfiguration=to)
    arn = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/"
    arrived = _lines_of_bucket(s3, name)
    return Place("firehose", arn + name, aws_settings(endpoint), arrived, arn + "nowhere", ordered=False)


def bucket(endpoint: str) -> Place:
    name = f"events-{next(_numbers)}"
    s3 = boto3.client("s3", endpoint_url=endpoint, **KEYS)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return Place(
        "s3", f"s3://{name}/in/here", aws_settings(endpoint), _lines_of_bucket(s3, name), "s3://not-there-at-all/x"
    )


def _lines_of_bucket(s3: Any, name: str) -> Callable[[int], list[bytes]]:
    def arrived(wanted: int) -> list[bytes]:
        found = s3.list_objects_v2(Bucket=name).get("Contents", [])
        keys = sorted(one["Key"] for one in found)
        contents = [s3.get_object(Bucket=name, Key=key)["Body"].read() for key in keys]
        return [line for content in contents for line in content.splitlines(keepends=True)]

    return arrived


def folder(path: Path, ending: str = "jsonl") -> Place:
    """`ending` is the format."""
    read = {"jsonl": Path.read_bytes, "jsonl.gz": lambda file: gzip.decompress(file.read_bytes()), "parquet": _rows}

    def arrived(wanted: int) -> list[bytes]:
        files = sorted(path.rglob(f"[!.]*.{ending}"))
        return [line for file in files for line in read[ending](file).splitlines(keepends=True)]

    settings = Settings(object_folders=str(path.parent))
    return Place(f"file {ending}", f"file://{path}?format={ending}", settings, arrived, f"file:///nowhere/{path.name}")


def _rows(file: Path) -> bytes:
    return b"".join(row.encode() + b"\n" for row in pyarrow.parquet.read_table(file)["record"].to_pylist())


@contextmanager
def kafka_cluster() -> Iterator[str]:
    """Addresses of three brokers inside librdkafka, of a client of their own."""
    cluster = Producer({"bootstrap.servers": "nobody", "test.mock.num.brokers": 3, "log_level": 0})
    brokers = cluster.list_topics(timeout=10).brokers.values()
    yield ",".join(f"{one.host}:{one.port}" for one in brokers)
    del cluster


def kafka(brokers: str) -> Place:
    topic = f"events-{next(_numbers)}"

    def arrived(wanted: int) -> list[bytes]:
        return [one.value() or b"" for one in consumed(brokers, topic, wanted)]

    uri = f"kafka://{brokers}/"
    return Place("kafka", uri + topic, Settings(kafka_brokers=brokers), arrived, "")


def consumed(brokers: str, topic: str, wanted: int) -> list[Message]:
    """So many records of a topic, those of each partition in order."""
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": "none"})
    partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
    found: list[Message] = []
    until = time.monotonic() + 60
    while len(found) < wanted and time.monotonic() < until:
        found += [one for one in consumer.consume(1000, 0.1) if one.error() is None]
    consumer.close()
    return found


@contextmanager
def webhook() -> Iterator[Place]:
    def answer(asked: Asked) -> Said:
        return Said(404 if asked.path == "/nowhere" else 204)

    with site(answer) as running:

        def arrived(wanted: int) -> list[bytes]:
            posted = [asked.json for asked in running.asked if asked.path == "/hook"]
            events = [event for body in posted if body["type"] == "events" for event in body["data"]]
            return [json.dumps(event, ensure_ascii=False).encode() + b"\n" for event in events]

        settings = Settings(callout_networks="127.0.0.0/8", callout_http=True)
        uri = running.url("/hook") + f"#{SECRET}"
        yield Place("webhook", uri, settings, arrived, running.url("/nowhere") + f"#{SECRET}")
