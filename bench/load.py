"""A load generator: signed requests over kept-alive connections, from a process of its own."""

from __future__ import annotations

import asyncio
import json
import pickle
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

CONNECTIONS = 16
REGION = "eu-central-1"


class Report(NamedTuple):
    """What a load measured."""

    rate: float
    p50_ms: float
    p99_ms: float
    errors: int


def sign(url: str, method: str, path: str, body: object = None) -> bytes:
    """A whole HTTP/1.1 request, signed, as bytes. `body`: bytes as they are, anything else as JSON."""
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    request = AWSRequest(method=method, url=url + path, data=data, headers={"Content-Type": "application/json"})
    SigV4Auth(Credentials("AKIDROOT", "root-secret"), "mobiletargeting", REGION).add_auth(request)
    headers = {**dict(request.headers), "Host": urlsplit(url).netloc, "Content-Length": str(len(data))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + data


class Load:
    """Requests to be sent round and round over `connections`, each waiting for its answer."""

    def __init__(self, url: str, requests: Sequence[bytes], connections: int = CONNECTIONS) -> None:
        self._job = (urlsplit(url).hostname, urlsplit(url).port, list(requests), connections)

    def run(self, seconds: float) -> Report:
        """Send for so long and report."""
        process = subprocess.run(
            [sys.executable, "-m", "bench.load"],
            input=pickle.dumps((self._job, seconds)),
            capture_output=True,
            check=True,
        )
        return Report(*json.loads(process.stdout))


class MotoServer:
    """moto's server of the same machine, for comparison."""

    url = "http://127.0.0.1:5577"

    def __enter__(self) -> MotoServer:
        command = [sys.executable, "-m", "moto.server", "-p", "5577"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{self.url}/moto-api/", timeout=1).close()
                return self
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("moto's server did not start")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def create_app(self) -> str:
        """A project in moto."""
        client = boto3.client(
            "pinpoint",
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="AKIDROOT",
            aws_secret_access_key="root-secret",
        )
        return str(client.create_app(CreateApplicationRequest={"Name": "bench"})["ApplicationResponse"]["Id"])


async def _connection(
    host: str, port: int, requests: Sequence[bytes], first: int, end: float
) -> tuple[list[float], int]:
    reader, writer = await asyncio.open_connection(host, port)
    times, errors, number = [], 0, first
    while time.perf_counter() < end:
        begun = time.perf_counter()
        writer.write(requests[number % len(requests)])
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        if length:
            await reader.readexactly(length)
        if b"connection: close" in head.lower() or head.startswith(b"HTTP/1.0"):
            writer.close()
            reader, writer = await asyncio.open_connection(host, port)
        times.append(time.perf_counter() - begun)
        errors += head[9:10] != b"2"
        number += CONNECTIONS
    writer.close()
    return times, errors


async def _drive(job: tuple[str, int, list[bytes], int], seconds: float) -> Report:
    host, port, requests, connections = job
    begun = time.perf_counter()
    work = [_connection(host, port, requests, first, begun + seconds) for first in range(connections)]
    results = await asyncio.gather(*work)
    took = time.perf_counter() - begun
    times = sorted(value for values, _ in results for value in values)
    errors = sum(count for _, count in results)
    return Report(len(times) / took, times[len(times) // 2] * 1000, times[len(times) * 99 // 100] * 1000, errors)


def child() -> None:
    """What the load's own process does."""
    import uvloop

    job, seconds = pickle.loads(sys.stdin.buffer.read())
    print(json.dumps(uvloop.run(_drive(job, seconds))))


if __name__ == "__main__":
    child()
