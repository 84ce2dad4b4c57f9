"""Kafka over librdkafka's own brokers, read by a consumer that knows nothing of us, and over ends that misbehave."""

from __future__ import annotations

import threading
from collections import defaultdict

import pytest

from clarion.channels.streaming import port
from clarion.channels.streaming.catalog import shown
from clarion.channels.streaming.port import Destination, StreamFailed
from clarion.core.errors import Invalid, Unavailable
from clarion.core.settings import Settings
from tests.channels.calls.peers import script
from tests.channels.streaming.places import consumed, opened, record

ANY = Settings(kafka_brokers="*")


def failure(destination: Destination) -> StreamFailed:
    with pytest.raises(StreamFailed) as raised:
        destination.send([record("a", 1), record("b", 2)])
    return raised.value


@pytest.mark.parametrize("compression", ["lz4", "zstd", "none"])
def test_a_key_has_one_partition(kafka_brokers: str, compression: str) -> None:
    topic = f"keys-{compression}"
    destination = opened(f"kafka://{kafka_brokers}/{topic}?compression={compression}", ANY)
    records = [record(f"ep-{number % 20}", number) for number in range(200)] + [record("", 200)]
    assert not destination.send(records)
    destination.close()
    found = consumed(kafka_brokers, topic, len(records))
    arrived = sorted((one.value(), one.key()) for one in found)
    assert arrived == sorted((one.data, one.key.encode() or None) for one in records)
    partitions = defaultdict(set)
    for one in found:
        if one.key() is not None:
            partitions[one.key()].add(one.partition())
    assert len(partitions) == 20
    assert all(len(where) == 1 for where in partitions.values())
    assert len({one.partition() for one in found}) > 1


def test_a_record_over_the_limit_does_not_hold_up_the_others(kafka_brokers: str) -> None:
    destination = opened(f"kafka://{kafka_brokers}/large", ANY)
    records = [record("a", 1), record("a", 2, 1_100_000), record("a", 3)]
    (failed,) = destination.send(records)
    assert (failed.index, failed.code, failed.final) == (1, port.TOO_LARGE, True)
    assert [failed.index for failed in destination.send(records[1:2])] == [0]
    destination.close()
    assert [one.value() for one in consumed(kafka_brokers, "large", 2)] == [records[0].data, records[2].data]


@pytest.mark.parametrize(("pieces", "hang"), [((), True), ((), False), ((b"HTTP/1.1 400 Bad Request\r\n\r\n",), False)])
def test_an_end_that_is_no_kafka(pieces: tuple[bytes, ...], hang: bool) -> None:
    with script(*pieces, then_hang=hang) as url:
        address = url.removeprefix("http://").removesuffix("/hook")
        destination = opened(f"kafka://{address}/events", ANY, seconds=1.0)
        with pytest.raises(Unavailable):
            destination.check()
        failed = failure(destination)
        destination.close()
    assert not failed.final
    assert failed.code in (port.TIMED_OUT, port.NOT_CONNECTED, port.UNAVAILABLE)


def test_nobody_listens_and_says_why() -> None:
    destination = opened("kafka://127.0.0.1:1/events", ANY, seconds=1.0)
    failed = failure(destination)
    destination.close()
    assert (failed.code, failed.final) == (port.NOT_CONNECTED, False)
    assert "Connection refused" in failed.message


def test_brokers_that_do_not_want_us(kafka_brokers: str) -> None:
    """They know nothing of users."""
    destination = opened(f"kafka://lea:wrong@{kafka_brokers}/events?mechanism=PLAIN", ANY, seconds=1.0)
    with pytest.raises(Invalid, match=f"^{port.MEMBER}: events: _AUTHENTICATION: ") as raised:
        destination.check()
    failed = failure(destination)
    destination.close()
    assert (failed.code, failed.final) == (port.DENIED, True)
    assert "wrong" not in raised.value.message + failed.message


def test_brokers_without_tls(kafka_brokers: str) -> None:
    destination = opened(f"kafka://{kafka_brokers}/events?tls=on", ANY, seconds=1.0)
    with pytest.raises(Unavailable, match="SSL_HANDSHAKE"):
        destination.check()
    destination.close()


def test_closing_ends_a_send_that_hangs() -> None:
    with script(then_hang=True) as url:
        address = url.removeprefix("http://").removesuffix("/hook")
        destination = opened(f"kafka://{address}/events", ANY, seconds=60.0)
        closing = threading.Timer(0.3, destination.close)
        closing.start()
        assert failure(destination).code == port.CLOSING
        closing.join()


@pytest.mark.parametrize(
    ("allowed", "uri", "said"),
    [
        ("", "kafka://kafka1:9092/events", "kafka1:9092 is not one of the brokers"),
        ("kafka1:9092", "kafka://kafka1:9092,10.0.0.1:6379/events", "10.0.0.1:6379 is not one"),
        ("kafka1:9092", "kafka://kafka1:9093/events", "not one of the brokers"),
        ("*", "kafka://kafka1/events", "must be kafka://"),
        ("*", "kafka://kafka1:9092", "must be kafka://"),
        ("*", "kafka://kafka1:9092/", "must be kafka://"),
        ("*", "kafka://kafka1:9092/a/b", "must be kafka://"),
        ("*", "kafka://kafka1:9092/" + "x" * 250, "must be kafka://"),
        ("*", "kafka://kafka1:9092/a?tls=maybe", "option tls must be one of off, on"),
        ("*", "kafka://kafka1:9092/a?acks=0", "unknown option 'acks'"),
        ("*", "kafka://kafka1:9092/a?mechanism=GSSAPI", "option mechanism"),
    ],
)
def test_a_uri_that_is_not_allowed(allowed: str, uri: str, said: str) -> None:
    with pytest.raises(Invalid, match=f"^{port.MEMBER}: .*{said}"):
        opened(uri, Settings(kafka_brokers=allowed))


def test_brokers_that_are_allowed() -> None:
    settings = Settings(kafka_brokers="kafka1:9092, [::1]:9092")
    for uri in ("kafka://Kafka1:9092/events", "kafka://lea:s%40cret@kafka1:9092,[::1]:9092/events?tls=on"):
        opened(uri, settings).close()


def test_passwords_are_not_shown() -> None:
    assert shown("kafka://lea:secret@k:1/t?tls=on") == "kafka://lea:…@k:1/t?tls=on"
    assert shown("kafka://k:1/t") == "kafka://k:1/t"
