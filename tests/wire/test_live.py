"""Unmodified boto3 over loopback against uvicorn: what only a real connection shows."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import socket
import threading
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import uvicorn
from botocore.config import Config

from clarion.core.errors import NotFound
from clarion.wire.app import UVICORN
from clarion.wire.registry import SERVICES
from tests.wire.inprocess import ADMIN, REGION, Recorder, build, mounted

IDS = ["a/b", "a+b c", "日本/%2F", "us-east-1:uuid", "~!*'()", "x?y#z"]


@pytest.fixture(scope="module")
def recorders() -> dict[str, Recorder]:
    return {name: Recorder(service) for name, service in SERVICES.items()}


@pytest.fixture(scope="module")
def port(recorders: dict[str, Recorder]) -> Iterator[int]:
    """A server on a free port."""
    app = build(mounted(recorders))
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listener:
        server = uvicorn.Server(uvicorn.Config(app, **UVICORN, log_level="warning"))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(10)
    app.close()


@pytest.fixture(scope="module")
def pinpoint(port: int) -> Any:
    return connect(port)


def connect(port: int, service: str = "pinpoint", suffix: str = "") -> Any:
    return boto3.client(
        service,
        endpoint_url=f"http://127.0.0.1:{port}{suffix}",
        region_name=REGION,
        aws_access_key_id=ADMIN.access_key_id,
        aws_secret_access_key=ADMIN.secret,
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.mark.parametrize("identifier", IDS)
def test_path_encodings(pinpoint: Any, recorders: dict[str, Recorder], identifier: str) -> None:
    pinpoint.update_endpoint(ApplicationId="app", EndpointId=identifier, EndpointRequest={"Address": identifier})
    assert recorders["pinpoint"].given.endpoint_id == identifier
    assert recorders["pinpoint"].given.endpoint_request.address == identifier
    arn = f"arn:aws:mobiletargeting:{REGION}:1:apps/{identifier}"
    pinpoint.untag_resource(ResourceArn=arn, TagKeys=[identifier, "b"])
    assert recorders["pinpoint"].given.resource_arn == arn
    assert recorders["pinpoint"].given.tag_keys == [identifier, "b"]


def test_an_endpoint_url_with_a_slash_at_its_end(port: int, recorders: dict[str, Recorder]) -> None:
    connect(port, suffix="/").get_app(ApplicationId="x")
    assert recorders["pinpoint"].given.application_id == "x"


def test_modelled_errors(pinpoint: Any, recorders: dict[str, Recorder]) -> None:
    recorders["pinpoint"].answer = NotFound()
    with pytest.raises(pinpoint.exceptions.NotFoundException, match="Resource not found"):
        pinpoint.get_app(ApplicationId="x")
    recorders["pinpoint"].answer = None


def test_the_json_protocol(port: int, recorders: dict[str, Recorder]) -> None:
    connect(port, "pinpoint-sms-voice-v2").describe_pools(PoolIds=["p-1"])
    assert recorders["pinpoint-sms-voice-v2"].given.pool_ids == ["p-1"]


def test_a_presigned_url(pinpoint: Any, port: int, recorders: dict[str, Recorder]) -> None:
    url = pinpoint.generate_presigned_url("get_endpoint", {"ApplicationId": "a", "EndpointId": "b/c d"})
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", url.partition(str(port))[2])
        assert connection.getresponse().status == 200
    assert recorders["pinpoint"].given.endpoint_id == "b/c d"


def test_forty_megabytes_are_refused_and_the_connection_lives(pinpoint: Any, port: int) -> None:
    with pytest.raises(pinpoint.exceptions.PayloadTooLargeException):
        pinpoint.put_events(
            ApplicationId="a",
            EventsRequest={
                "BatchItem": {"e": {"Endpoint": {"Address": "x" * 40_000_000}, "Events": {}}},
            },
        )
    assert pinpoint.get_apps()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_keep_alive_and_the_head_of_an_answer(port: int) -> None:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        for path, status in (("/healthz", 200), ("/v1/apps", 403), ("/nothing", 404), ("/healthz", 200)):
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == status
            names = [name.lower() for name, _ in answer.getheaders()]
            assert len(names) == len(set(names))
            assert {"date", "x-amzn-requestid", "content-length"} <= set(names)
            assert "server" not in names


@pytest.mark.parametrize(
    "request_line", [b"GET /v1/apps/%ZZ HTTP/1.1", b"GET http://x/healthz HTTP/1.1", b"GET /\xff HTTP/1.1"]
)
def test_odd_request_lines(port: int, request_line: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request_line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = connection.recv(100)
    assert answer[9:12] in (b"200", b"400", b"403")
