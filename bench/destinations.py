"""Records per second of each destination of event streams, to a far end on loopback in a process of its own.

python -m bench.destinations [seconds]

Prints the rate, and what a record costs this process in CPU: with both cores busy the latter is what counts.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from clarion.channels.streaming.catalog import Surroundings, open_destination
from clarion.channels.streaming.port import Record
from clarion.core.clock import SystemClock
from clarion.core.ids import SystemIds
from clarion.core.settings import Settings

EVENT = {
    "event_type": "cart.left", "event_timestamp": 1804151402000, "arrival_timestamp": 1804151402640,
    "event_version": "3.1", "application": {"app_id": "0f4b6f2e5a4c4f8da1b2c3d4e5f60718", "title": "Acme", "sdk": {}},
    "client": {"client_id": "ep-0000000"}, "device": {"make": "Apple", "platform": {"name": "ios", "version": "17"}},
    "session": {"session_id": "s-1", "start_timestamp": 1804151402000},
    "attributes": {"category": "shoes", "page": "1f2e3d4c5b6a79880716253443526170"}, "metrics": {"amount": 79.9},
    "awsAccountId": "000000000001",
}  # fmt: skip
RECORDS = [
    Record(f"ep-{number:07}", json.dumps(EVENT).replace("0000000", f"{number:07}").encode() + b"\n")
    for number in range(50_000)
]
_RESULT = (
    b'{"SequenceNumber":"49546986683135544286507457936321625675700192471156785154","ShardId":"shardId-000000000000"}'
)


class _Sink(asyncio.Protocol):
    """Answers every POST as Kinesis would, having taken all of its records."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._out = transport
        self._got = bytearray()

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, found, body = self._got.partition(b"\r\n\r\n")
        if not found:
            return
        size = int(bytes(head).lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(body) < size:
            return
        answer = b'{"FailedRecordCount":0,"Records":[' + b",".join([_RESULT] * body.count(b"PartitionKey")) + b"]}"
        self._out.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(answer), answer))  # type: ignore[attr-defined]
        self._got.clear()


def _serve(told: Connection) -> None:
    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(_Sink, "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def _brokers(told: Connection) -> None:
    from confluent_kafka import Producer

    cluster = Producer({"bootstrap.servers": "nobody", "test.mock.num.brokers": 3, "log_level": 0})
    told.send(",".join(f"{one.host}:{one.port}" for one in cluster.list_topics(timeout=10).brokers.values()))
    while True:
        cluster.poll(60)


@contextmanager
def _beside(work: object) -> Iterator[object]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=work, args=(theirs,), daemon=True)  # type: ignore[arg-type]
    process.start()
    yield ours.recv()
    process.kill()
    process.join()


def _measure(name: str, uri: str, settings: Settings, seconds: float) -> None:
    surroundings = Surroundings(settings=settings, clock=SystemClock(), ids=SystemIds())
    role = "arn:aws:iam::000000000001:role/streams"
    destination = open_destination(uri, role=role, account="1", app_id="app", surroundings=surroundings)
    size = destination.limits.records
    batches = [RECORDS[start : start + size] for start in range(0, len(RECORDS), size)]
    destination.send(batches[0])
    sent, begun, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - begun < seconds:
        for batch in batches[:20]:
            assert not destination.send(batch)
            sent += len(batch)
    took, cpu = time.perf_counter() - begun, time.process_time() - cpu
    destination.close()
    print(f"{name:10} {sent / took:10,.0f} records/s {cpu / sent * 1e6:8.1f} µs of CPU a record", flush=True)


def main(seconds: float = 3.0) -> None:
    print(f"a record has {len(RECORDS[0].data)} bytes")
    with tempfile.TemporaryDirectory() as folder, _beside(_serve) as port, _beside(_brokers) as brokers:
        url = f"http://127.0.0.1:{port}"
        settings = Settings(
            kinesis_endpoint_url=url,
            callout_access_key_id="AKIAEXAMPLE",
            callout_secret_access_key="secret",
            callout_networks="127.0.0.0/8",
            callout_http=True,
            kafka_brokers="*",
            object_folders=folder,
        )
        for name, uri in {
            "kinesis": "arn:aws:kinesis:eu-west-1:000000000001:stream/events",
            "kafka": f"kafka://{brokers}/events",
            "webhook": f"{url}/#whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "file": f"file://{folder}/lines",
            "file gzip": f"file://{folder}/gzip?format=jsonl.gz",
            "parquet": f"file://{folder}/parquet?format=parquet",
        }.items():
            _measure(name, uri, settings, seconds)


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
