"""Signed PutEvents requests per second through uvicorn and the wire, with a stand-in for the domain.

One server process on the first core, the clients on the second: 44 KB bodies of 100 events, verified, decoded
to the model's shapes, and answered for every event.

    python -m bench.wire [seconds]
"""

from __future__ import annotations

import json
import multiprocessing
import os
import socket
import sys
import threading
import time

import structlog
import uvicorn
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from clarion.core.ids import SystemIds
from clarion.core.settings import Settings
from clarion.shapes.pinpoint import (
    EndpointItemResponse,
    EventItemResponse,
    EventsResponse,
    ItemResponse,
    PutEventsRequest,
)
from clarion.wire.app import UVICORN, App
from clarion.wire.context import Context
from clarion.wire.control import ControlApi
from clarion.wire.keys import AccessKey
from clarion.wire.registry import Registry, inline

KEY = AccessKey(access_key_id="AKIABENCH", secret="bench", account="000000000001", role="admin")
CONNECTIONS = 16
PATH = "/v1/apps/0123456789abcdef0123456789abcdef/events"


class OneKey:
    def find(self, access_key_id: str) -> AccessKey | None:
        return KEY if access_key_id == KEY.access_key_id else None


class Operations:
    """Accepts every event."""

    @inline
    def put_events(self, ctx: Context, request: PutEventsRequest) -> EventsResponse:
        accepted = EventItemResponse(message="Accepted", status_code=202)
        endpoint_accepted = EndpointItemResponse(message="Accepted", status_code=202)
        return EventsResponse(
            results={
                endpoint: ItemResponse(
                    endpoint_item_response=endpoint_accepted,
                    events_item_response=dict.fromkeys(batch.events, accepted),
                )
                for endpoint, batch in request.events_request.batch_item.items()
            }
        )


def body(events: int = 100) -> bytes:
    """A PutEvents body as a mobile client sends it, about 440 bytes an event."""
    stamp = "2026-11-25T02:44:14.123Z"
    return json.dumps(
        {
            "BatchItem": {
                "endpoint-0001": {
                    "Endpoint": {"ChannelType": "EMAIL", "Address": "a@example.com", "User": {"UserId": "u-1"}},
                    "Events": {
                        f"event-{number:04d}": {
                            "EventType": "checkout.completed",
                            "Timestamp": stamp,
                            "AppPackageName": "com.example.shop",
                            "AppVersionCode": "42",
                            "Attributes": {f"attribute{index}": f"value-{index}" for index in range(4)},
                            "Metrics": {"price": 12.5, "quantity": 3.0},
                            "Session": {
                                "Id": "session-0001",
                                "StartTimestamp": stamp,
                                "StopTimestamp": stamp,
                                "Duration": 1000,
                            },
                        }
                        for number in range(events)
                    },
                }
            }
        }
    ).encode()


def signed(port: int) -> bytes:
    """One whole signed request, good for a quarter of an hour."""
    request = AWSRequest("POST", f"http://127.0.0.1:{port}{PATH}", {"Content-Type": "application/json"}, data=body())
    SigV4Auth(Credentials(KEY.access_key_id, KEY.secret), "mobiletargeting", "us-east-1").add_auth(request)
    headers = {
        **dict(request.headers.items()),
        "Host": f"127.0.0.1:{port}",
        "Content-Length": str(len(request.data)),
        "User-Agent": "bench",
        "Accept-Encoding": "identity",
        "amz-sdk-invocation-id": "0123",
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {PATH} HTTP/1.1\r\n{head}\r\n".encode() + request.data


def serve(listener: socket.socket) -> None:
    os.sched_setaffinity(0, {0})
    structlog.configure(
        processors=[structlog.processors.TimeStamper(fmt="iso"), structlog.processors.JSONRenderer()],
        logger_factory=structlog.WriteLoggerFactory(open(os.devnull, "w")),  # noqa: SIM115
        cache_logger_on_first_use=True,
    )
    registry = Registry()
    registry.mount("pinpoint", Operations())
    app = App(Settings(), OneKey(), registry, ControlApi(), SystemIds())
    config = uvicorn.Config(app, **UVICORN, log_level="warning")
    uvicorn.Server(config).run(sockets=[listener])


def load(port: int, until: float, counts: list[int]) -> None:
    request, done = signed(port), 0
    with socket.create_connection(("127.0.0.1", port)) as connection:
        while time.perf_counter() < until:
            connection.sendall(request)
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(65536)
            assert head.startswith(b"HTTP/1.1 202"), head[:500]
            first, _, rest = head.partition(b"\r\n\r\n")
            length = int(first.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            got = len(rest)
            while got < length:
                got += len(connection.recv(65536))
            done += 1
    counts.append(done)


def main(seconds: float) -> None:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    port = listener.getsockname()[1]
    server = multiprocessing.get_context("fork").Process(target=serve, args=(listener,), daemon=True)
    server.start()
    os.sched_setaffinity(0, set(range(1, os.cpu_count() or 1)) or {0})
    time.sleep(1)
    counts: list[int] = []
    before, started = _cpu(server.pid), time.perf_counter()
    threads = [threading.Thread(target=load, args=(port, started + seconds, counts)) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took, used = time.perf_counter() - started, _cpu(server.pid) - before
    server.terminate()
    rate, share = sum(counts) / took, used / took
    print(
        f"PutEvents, {len(body())} bytes, 100 events: {rate:,.0f} requests/s at {share:.0%} of a core: "
        f"{rate / share:,.0f} requests/s/core, {rate / share * 100:,.0f} events/s/core "
        f"({rate / share / 3000:.2f} of the 3,000 aimed at)"
    )


def _cpu(pid: int | None) -> float:
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 5.0)
