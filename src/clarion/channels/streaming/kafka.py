"""Kafka, by librdkafka: `kafka://[user:password@]host:port[,host:port]/topic[?tls=on&mechanism=PLAIN&compression=zstd]`.

A client id is the record's key, and what is of one key is in one partition, in order. Every record is acknowledged by
all replicas in step; librdkafka's own retries (which keep the order) are bounded by `seconds`, and what has not
been acknowledged by then is given up before `send` returns, so that nothing arrives later than it is told.

Brokers name each other, so no address can be judged beforehand: an event stream may only name those of the setting
`kafka_brokers`. Certificates are checked against the system's authorities, or those of `callout_authorities`.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import unquote

from confluent_kafka import KafkaError, KafkaException, Producer

from clarion.channels.streaming import port
from clarion.channels.streaming.address import Stream, one_of, split_options
from clarion.channels.streaming.catalog import Surroundings
from clarion.channels.streaming.port import MEMBER, Failed, Record, StreamFailed
from clarion.core.errors import Invalid, Unavailable
from clarion.core.settings import Settings

_LIMITS = port.Limits(10_000, 8 << 20, 990_000)
"""A message of 1,000,000 bytes, with key and framing, is what librdkafka and brokers take without being told."""
_GRACE_SECONDS = 5.0
"""For librdkafka to report what it has given up."""
_ADDRESS = re.compile(r"(?:(?P<user>[^@/]+)@)?(?P<brokers>[A-Za-z0-9.:,\[\]_-]+)/(?P<topic>[A-Za-z0-9._-]{1,249})")
_BROKER = re.compile(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}")

_WORDS = {
    port.TIMED_OUT: (KafkaError._MSG_TIMED_OUT, KafkaError._TIMED_OUT, KafkaError.REQUEST_TIMED_OUT),
    port.NOT_CONNECTED: (KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT, KafkaError._RESOLVE),
    port.THROTTLED: (KafkaError.THROTTLING_QUOTA_EXCEEDED, KafkaError._QUEUE_FULL),
    port.CLOSING: (KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT, KafkaError._DESTROY),
    port.MISSING: (
        KafkaError._UNKNOWN_TOPIC,
        KafkaError._UNKNOWN_PARTITION,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError.TOPIC_EXCEPTION,
    ),
    port.DENIED: (
        KafkaError._AUTHENTICATION,
        KafkaError._SSL,
        KafkaError.SASL_AUTHENTICATION_FAILED,
        KafkaError.UNSUPPORTED_SASL_MECHANISM,
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    ),
    port.TOO_LARGE: (KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.RECORD_LIST_TOO_LARGE),
    port.REFUSED: (KafkaError.INVALID_RECORD, KafkaError.INVALID_MSG),
}
_SURE = {
    "enable.idempotence": True,
    "acks": "all",
    "partitioner": "murmur2_random",
    "delivery.report.only.error": True,
    "queue.buffering.max.messages": _LIMITS.records,
    "queue.buffering.max.kbytes": 2 * _LIMITS.bytes >> 10,
    "linger.ms": 5,
    "client.id": "clarion",
    # What it would say of connections is told with what failed.
    "log_level": 2,
}

_CODES: dict[int, str] = {code: word for word, codes in _WORDS.items() for code in codes}
_OF_RECORDS = frozenset({port.TOO_LARGE, port.REFUSED})
_FINAL = frozenset({port.MISSING, port.DENIED})


def open_stream(stream: Stream, given: Surroundings) -> Kafka:
    """See `catalog.open_destination`."""
    base, options = split_options(stream.uri, ("tls", "mechanism", "compression"))
    parts = _ADDRESS.fullmatch(base.removeprefix("kafka://"))
    brokers = parts["brokers"].lower().split(",") if parts else []
    if parts is None or not all(_BROKER.fullmatch(broker) for broker in brokers):
        raise Invalid(f"{MEMBER}: must be kafka://host:port/topic, with more brokers by commas")
    allowed = given.settings.kafka_brokers.lower().replace(",", " ").split()
    if "*" not in allowed and (strange := [broker for broker in brokers if broker not in allowed]):
        raise Invalid(f"{MEMBER}: {strange[0]} is not one of the brokers that may be used (setting kafka_brokers)")
    tls = one_of(options, "tls", "off", "on") == "on"
    config: dict[str, Any] = {
        "bootstrap.servers": ",".join(brokers),
        "security.protocol": "ssl" if tls else "plaintext",
        "compression.type": one_of(options, "compression", "lz4", "zstd", "snappy", "gzip", "none"),
    }
    mechanism = one_of(options, "mechanism", "SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN")
    if parts["user"]:
        user, _, password = parts["user"].partition(":")
        config |= {
            "security.protocol": "sasl_ssl" if tls else "sasl_plaintext",
            "sasl.mechanism": mechanism,
            "sasl.username": unquote(user),
            "sasl.password": unquote(password),
        }
    return Kafka(parts["topic"], config | _trust(given.settings) | _patience(given.seconds), given.seconds)


def _trust(settings: Settings) -> dict[str, Any]:
    return {"ssl.ca.location": settings.callout_authorities} if settings.callout_authorities else {}


def _patience(seconds: float) -> dict[str, Any]:
    ms = round(seconds * 1000)
    return {
        "message.timeout.ms": ms,
        "request.timeout.ms": max(ms // 2, 1),
        "socket.connection.setup.timeout.ms": max(ms // 2, 1000),
        "reconnect.backoff.max.ms": 2_000,
    }


class Kafka:
    """See `port.Destination`. Whoever sends waits `seconds` at most, and as long again as it takes to tell."""

    limits = _LIMITS

    def __init__(self, topic: str, config: dict[str, Any], seconds: float) -> None:
        self._topic = topic
        self._config = config
        self._seconds = seconds
        self._lock = threading.Lock()
        self._producer: Producer | None = None
        self._closed = False
        self._last: KafkaError | None = None
        """What librdkafka said last that was wrong with its connections."""

    def check(self) -> None:
        """Asks for the topic. Brokers that make topics on demand make it now."""
        producer = self._opened()
        try:
            found = producer.list_topics(self._topic, timeout=self._seconds).topics.get(self._topic)
            error = found.error if found is not None else None
        except KafkaException as raised:
            producer.poll(0)  # what was wrong with its connections
            error = raised.args[0]
        if error is not None:
            meant = self._meaning(error)
            if meant.final:
                raise Invalid(f"{MEMBER}: {meant.message}")
            raise Unavailable(meant.message)

    def send(self, records: Sequence[Record]) -> Sequence[Failed]:
        failed: dict[int, KafkaError] = {}

        def report(place: int, error: KafkaError | None, message: object) -> None:
            if error is not None:
                failed[place] = error

        producer = self._opened()
        for place, record in enumerate(records):
            try:
                producer.produce(self._topic, record.data, record.key or None, on_delivery=partial(report, place))
            except (KafkaException, BufferError) as raised:
                failed[place] = raised.args[0] if isinstance(raised, KafkaException) else _full()
        if producer.flush(self._seconds + _GRACE_SECONDS):
            producer.purge()
            producer.flush(_GRACE_SECONDS)
        if any(error.fatal() for error in failed.values()) or (self._last is not None and self._last.fatal()):
            self._let_go()
        if not failed:
            self._last = None
            return ()
        told = [self._told(place, error) for place, error in sorted(failed.items())]
        if len(told) == len(records) and not any(one.final for one in told):
            raise self._meaning(failed[0])
        return told

    def close(self) -> None:
        with self._lock:
            self._closed = True
            producer, self._producer = self._producer, None
        if producer is not None:
            producer.purge(blocking=False)

    def _told(self, place: int, error: KafkaError) -> Failed:
        meant = self._meaning(error)
        return Failed(place, meant.code, meant.message, meant.code in _OF_RECORDS)

    def _meaning(self, error: KafkaError) -> StreamFailed:
        """The port's error for librdkafka's; what has only timed out may have failed before, for a better reason."""
        known = _CODES.get(error.code())
        if known in (port.TIMED_OUT, port.NOT_CONNECTED) and self._last is not None:
            error, known = self._last, _CODES.get(self._last.code(), known)
        code = known or port.UNAVAILABLE
        return StreamFailed(code, f"{self._topic}: {error.name()}: {error.str()}"[:300], final=code in _FINAL)

    def _opened(self) -> Producer:
        with self._lock:
            if self._closed:
                raise StreamFailed(port.CLOSING, f"{self._topic}: closed")
            if self._producer is None:
                self._last = None
                self._producer = Producer(self._config | _SURE | {"error_cb": self._note})
            return self._producer

    def _let_go(self) -> None:
        """After an error that ends a producer, the next send has a new one."""
        with self._lock:
            self._producer = None

    def _note(self, error: KafkaError) -> None:
        if _CODES.get(error.code()) != port.NOT_CONNECTED or self._last is None:
            self._last = error


def _full() -> KafkaError:
    return KafkaError(KafkaError._QUEUE_FULL)
