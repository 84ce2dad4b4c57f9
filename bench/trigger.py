"""Event campaigns under load: how long from PutEvents until the messages are in the outbox.

20 campaigns listen in one project while 10,000 events/s come in through the real API in bodies of 100. Each campaign
waits for a type of its own, one event in a hundred is of such a type; every recipient has to be looked up in the
segment. Target on two cores that the load generator shares: a median under 1 s, nothing lost, nothing doubled.

    python -m bench.trigger [seconds] [events a second]
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.load import sign
from tests.acceptance.running import Server

CAMPAIGNS, RATE, EVENTS, ONE_IN = 20, 10_000, 100, 100
ENDPOINTS = 5_000
CONNECTIONS = 8
MEDIAN_SECONDS = 1.0
SENDER = {"FromAddress": "shop@shop.example", "Identity": "arn:aws:ses:eu-central-1:000000000001:identity/shop.example"}


def body(number: int) -> bytes:
    """A body of one endpoint's events, every hundredth of a type that a campaign waits for."""
    events = {
        f"{number}-{place}": {
            "EventType": f"wanted.{number % CAMPAIGNS}" if (number * EVENTS + place) % ONE_IN == 0 else "page.view",
            "Timestamp": "2026-11-04T09:00:00.000Z",
            "Attributes": {"category": ("shoes", "hats")[place % 2], "path": f"/p/{place}", "lang": "de"},
            "Metrics": {"amount": place / 100},
        }
        for place in range(EVENTS)
    }
    item = {"Endpoint": {}, "Events": events}
    return json.dumps({"BatchItem": {f"ep-{number * 7 % ENDPOINTS}": item}}, separators=(",", ":")).encode()


# --- the load generator: a process of its own


async def _connection(host: str, port: int, requests: list[bytes], first: int, begun: float, gap: float) -> int:
    """Send every `CONNECTIONS`th request at its time, or as soon after it as the one before is answered."""
    reader, writer = await asyncio.open_connection(host, port)
    bad = 0
    for number in range(first, len(requests), CONNECTIONS):
        await asyncio.sleep(max(0.0, begun + number * gap - time.perf_counter()))
        writer.write(requests[number])
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head.lower())
        answer = await reader.readexactly(int(length[1]) if length else 0)
        bad += head[9:12] != b"202" or b'"StatusCode":400' in answer
    writer.close()
    return bad


async def _drive(host: str, port: int, requests: list[bytes], gap: float) -> dict[str, float]:
    begun = time.perf_counter()
    work = [_connection(host, port, requests, first, begun, gap) for first in range(CONNECTIONS)]
    bad = sum(await asyncio.gather(*work))
    return {"seconds": time.perf_counter() - begun, "errors": bad}


def child(url: str, app: str, count: int, rate: float) -> None:
    """Make and sign the requests, say so, wait for the start, send, print what was measured."""
    path = f"/v1/apps/{app}/events"
    requests = [sign(url, "POST", path, body(number)) for number in range(count)]
    print("ready", flush=True)
    sys.stdin.readline()
    parts = urlsplit(url)
    print(json.dumps(asyncio.run(_drive(str(parts.hostname), int(parts.port or 80), requests, EVENTS / rate))))


# --- the measurement


def prepare(client: Any) -> str:
    """A project with people and campaigns that listen."""
    app = str(client.create_app(CreateApplicationRequest={"Name": "bench"})["ApplicationResponse"]["Id"])
    client.update_email_channel(ApplicationId=app, EmailChannelRequest=SENDER)
    for first in range(0, ENDPOINTS, 100):
        items = [
            {"Id": f"ep-{n}", "ChannelType": "EMAIL", "Address": f"p{n}@acme.test", "Attributes": {"plan": ["pro"]}}
            for n in range(first, first + 100)
        ]
        client.update_endpoints_batch(ApplicationId=app, EndpointBatchRequest={"Item": items})
    segment = {"Name": "s", "Dimensions": {"Attributes": {"plan": {"Values": ["pro"]}}}}
    made = client.create_segment(ApplicationId=app, WriteSegmentRequest=segment)["SegmentResponse"]["Id"]
    for number in range(CAMPAIGNS):
        dimensions = {"EventType": {"Values": [f"wanted.{number}"]}, "Attributes": {"lang": {"Values": ["de", "en"]}}}
        event_filter = {"FilterType": "ENDPOINT", "Dimensions": dimensions}
        campaign = {
            "Name": f"c{number}",
            "SegmentId": made,
            "Schedule": {"StartTime": "IMMEDIATE", "Frequency": "EVENT", "EventFilter": event_filter},
            "MessageConfiguration": {"EmailMessage": {"Title": "Hello {{Id}}", "Body": "You left something."}},
        }
        client.create_campaign(ApplicationId=app, WriteCampaignRequest=campaign)
    return app


def delays(url: str) -> dict[float, float]:
    """Messages by seconds from their event until the outbox: the histogram's buckets, cumulated."""
    with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = re.findall(r'clarion_trigger_delay_seconds_bucket\{le="([^"]+)"\} (\S+)', text)
    return {float(edge): float(count) for edge, count in found}


def percentile(counts: dict[float, float], share: float) -> float:
    """The value under which `share` of all lies, by straight lines between the buckets' edges."""
    wanted = max(counts.values(), default=0.0) * share
    low, below = 0.0, 0.0
    for edge, count in sorted(counts.items()):
        if count >= wanted:
            return low + (edge - low) * (wanted - below) / (count - below) if count > below else edge
        low, below = edge, count
    return float("nan")


def main(seconds: float, rate: float) -> int:
    with tempfile.TemporaryDirectory(prefix="clarion-bench-") as folder:
        server = Server(Path(folder) / "data", environ={"CLARION_LOG_LEVEL": "warning"})
        try:
            app = prepare(server.client())
            server.settle()
            count = int(seconds * rate / EVENTS)
            command = [sys.executable, "-m", "bench.trigger", "child", server.url, app, str(count), str(rate)]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
                assert process.stdin
                assert process.stdout
                assert process.stdout.readline() == "ready\n"
                process.stdin.write("go\n")
                process.stdin.flush()
                report = json.loads(process.stdout.readline())
            server.settle()
            counts = delays(server.url)
            answered, wanted = max(counts.values(), default=0), sum(n * EVENTS % ONE_IN == 0 for n in range(count))
            median, high = percentile(counts, 0.5), percentile(counts, 0.99)
            print(
                f"{CAMPAIGNS} campaigns, {count * EVENTS / report['seconds']:,.0f} events/s of {rate:,.0f},"
                f" {report['errors']:.0f} errors: {answered:,.0f} messages for {wanted:,} events;"
                f" from the event to the outbox {median:.2f} s (median, of {MEDIAN_SECONDS:g} s), {high:.2f} s (p99)"
            )
        finally:
            server.end()
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        child(sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5]))
    else:
        numbers = [float(argument) for argument in sys.argv[1:]]
        sys.exit(main(numbers[0] if numbers else 20.0, numbers[1] if len(numbers) > 1 else RATE))
