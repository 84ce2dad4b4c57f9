"""One campaign on every channel through real protocols, driven by boto3: messages per second, and memory by thirds.

python -m bench.mixed [--messages 100000]

A server of its own process (`clarion serve`, embedded engines) sends e-mails over SMTP, text messages over SMPP with a
receipt each, push notifications to APNs and FCM over HTTP/2, and webhooks over HTTPS to far ends in one other process,
which count what arrives. Memory is that of the server; it is to stay where it is in the first third.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import ssl
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import uvloop

from bench import email, push, smpp, webhook
from tests import credentials
from tests.acceptance.running import Server, eventually
from tests.channels.push.authority import authority

SHARES = {"EMAIL": 40, "SMS": 20, "GCM": 15, "APNS": 15, "CUSTOM": 10}
"""Per cent of the audience."""
_KINDS = [kind for kind, share in SHARES.items() for _ in range(share)]
PAGE = 100
IDENTITY = "arn:aws:ses:eu-central-1:000000000001:identity/example.com"
_ARRIVED = Counter[str]()


class _Mail(email._Sink):
    def _say(self, line: bytes) -> None:
        _ARRIVED["EMAIL"] += line.endswith(b"queued\r\n")
        super()._say(line)


class _Smsc(smpp._Sink):
    def data_received(self, data: bytes) -> None:
        before = self._sequence
        super().data_received(data)
        _ARRIVED["SMS"] += self._sequence - before


class _Apns(push._Sink):
    def __init__(self) -> None:
        super().__init__(push._ANSWERS["apns"])

    def _reply(self, stream: bytes) -> bytes:
        _ARRIVED["APNS"] += 1
        return super()._reply(stream)


class _Fcm(push._Sink):
    def __init__(self) -> None:
        super().__init__(push._ANSWERS["fcm"])

    def _reply(self, stream: bytes) -> bytes:
        _ARRIVED["GCM"] += 1
        return super()._reply(stream)


class _Hook(webhook.Sink):
    def taken(self, request: bytearray) -> None:
        _ARRIVED["CUSTOM"] += request.count(b'"EndpointStatus"')


def _serve(told: Connection, chain: str) -> None:
    """Run all far ends: tells their ports, and what has arrived whenever it is asked."""

    async def run() -> None:
        loop, ports = asyncio.get_running_loop(), {}
        plain: dict[str, Callable[[], asyncio.Protocol]] = {"EMAIL": _Mail, "SMS": _Smsc}
        over_tls: dict[str, tuple[Callable[[], asyncio.Protocol], str]] = {
            "APNS": (_Apns, "h2"),
            "GCM": (_Fcm, "h2"),
            "token": (lambda: push._Sink(push._ANSWERS["token"]), "h2"),
            "CUSTOM": (_Hook, "http/1.1"),
        }
        for name, sink in plain.items():
            server = await loop.create_server(sink, "127.0.0.1", 0)
            ports[name] = server.sockets[0].getsockname()[1]
        for name, (sink, protocol) in over_tls.items():
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(chain)
            tls.set_alpn_protocols([protocol])
            server = await loop.create_server(sink, "127.0.0.1", 0, ssl=tls)
            ports[name] = server.sockets[0].getsockname()[1]
        told.send(ports)
        loop.add_reader(told.fileno(), lambda: (told.recv(), told.send(dict(_ARRIVED))))
        await asyncio.Event().wait()

    uvloop.run(run())


class FarEnds:
    """`ports` by channel type, and `token` where FCM's access tokens come from."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.ports: dict[str, int] = pipe.recv()

    def arrived(self) -> dict[str, int]:
        """Messages by channel type, so far."""
        self._pipe.send(None)
        found: dict[str, int] = self._pipe.recv()
        return found


@contextmanager
def _far_ends(folder: Path) -> Iterator[FarEnds]:
    authority().server(folder)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, str(folder / "localhost.pem")), daemon=True)
    process.start()
    try:
        yield FarEnds(ours)
    finally:
        process.kill()
        process.join()


@contextmanager
def _server(folder: Path, ends: FarEnds) -> Iterator[Server]:
    trusted = folder / "trusted.pem"
    trusted.write_text(authority().pem)
    urls = {name: f"https://localhost:{port}" for name, port in ends.ports.items()}
    environ = {
        "CLARION_LOG_LEVEL": "warning",
        "CLARION_PUSH_TRANSPORT": "services",
        "CLARION_APNS_ENDPOINT_URL": urls["APNS"],
        "CLARION_FCM_ENDPOINT_URL": urls["GCM"],
        "CLARION_FCM_TOKEN_URL": urls["token"],
        "CLARION_CALLOUT_AUTHORITIES": str(trusted),
        "CLARION_CALLOUT_NETWORKS": "127.0.0.0/8",
    }
    server = Server(folder / "data", environ=environ)
    try:
        smtp = {"host": "127.0.0.1", "port": ends.ports["EMAIL"], "tls": "none"}
        smsc = {"host": "127.0.0.1", "port": ends.ports["SMS"], "system_id": "bench", "password": "b", "window": 100}
        for name, channel, kind, config in (("relay", "email", "smtp", smtp), ("carrier", "sms", "smpp", smsc)):
            body = {"Name": name, "Channel": channel, "Kind": kind, "Config": config}
            server.control("POST", "providers", body)
        yield server
    finally:
        server.end()


def _project(server: Server) -> str:
    client = server.client()
    made = client.create_app(CreateApplicationRequest={"Name": "bench"})
    app_id = str(made["ApplicationResponse"]["Id"])
    sender = {"FromAddress": "shop@example.com", "Identity": IDENTITY, "Enabled": True}
    client.update_email_channel(ApplicationId=app_id, EmailChannelRequest=sender)
    client.update_sms_channel(ApplicationId=app_id, SMSChannelRequest={"Enabled": True, "SenderId": "Acme"})
    key = {"ServiceJson": credentials.service_account(), "DefaultAuthenticationMethod": "TOKEN"}
    client.update_gcm_channel(ApplicationId=app_id, GCMChannelRequest=key)
    client.update_apns_channel(ApplicationId=app_id, APNSChannelRequest=credentials.token())
    return app_id


def _endpoint(number: int) -> dict[str, Any]:
    kind = _KINDS[number % 100]
    addresses = {"EMAIL": f"person{number}@example.com", "SMS": f"+49151{number:08}"}
    return {
        "Id": f"endpoint-{number:07d}",
        "ChannelType": kind,
        "Address": addresses.get(kind, f"{number:064x}"),
        "Attributes": {"plan": [("free", "silver", "gold")[number % 3]]},
        "User": {"UserId": f"user-{number}", "UserAttributes": {"FirstName": [f"Name{number % 100}"]}},
    }


def _load(server: Server, app_id: str, count: int) -> None:
    client = server.client(max_pool_connections=8)

    def put(first: int) -> None:
        items = [_endpoint(number) for number in range(first, min(first + PAGE, count))]
        client.update_endpoints_batch(ApplicationId=app_id, EndpointBatchRequest={"Item": items})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put, range(0, count, PAGE)))


def _campaign(server: Server, app_id: str, hook: str) -> str:
    client = server.client()
    segment = client.create_segment(ApplicationId=app_id, WriteSegmentRequest={"Name": "all", "Dimensions": {}})
    hello = "Hello {{User.UserAttributes.FirstName}}"
    wanted = {
        "Name": "mixed",
        "SegmentId": segment["SegmentResponse"]["Id"],
        "Schedule": {"StartTime": "IMMEDIATE"},
        "MessageConfiguration": {
            "EmailMessage": {"Title": hello, "HtmlBody": f"<p>{hello}, your plan: {{{{Attributes.plan}}}}</p>" * 20},
            "SMSMessage": {"Body": f"{hello}, your table is ready.", "MessageType": "TRANSACTIONAL"},
            "GCMMessage": {"Title": hello, "Body": "Your basket waits.", "Action": "OPEN_APP"},
            "APNSMessage": {"Title": hello, "Body": "Your basket waits.", "Action": "OPEN_APP"},
            "CustomMessage": {"Data": '{"offer": 7}'},
        },
        "CustomDeliveryConfiguration": {"DeliveryUri": hook, "EndpointTypes": ["CUSTOM"]},
    }
    made = client.create_campaign(ApplicationId=app_id, WriteCampaignRequest=wanted)
    return str(made["CampaignResponse"]["Id"])


def _memory_mb(pid: int) -> float:
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _cpu_seconds(pid: int) -> float:
    with open(f"/proc/{pid}/stat") as file:
        used = file.read().rpartition(")")[2].split()[11:13]
    return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")


def _measure(server: Server, ends: FarEnds, app_id: str, count: int) -> int:
    pid, samples, done = server.process.pid, list[float](), threading.Event()

    def watch() -> None:
        while not done.wait(0.25):
            samples.append(_memory_mb(pid))

    before, cpu, begun = _memory_mb(pid), _cpu_seconds(pid), time.perf_counter()
    thread = threading.Thread(target=watch)
    thread.start()
    campaign = _campaign(server, app_id, f"https://localhost:{ends.ports['CUSTOM']}/hook")
    client = server.client()

    def ended() -> bool:
        time.sleep(0.2)
        found = client.get_campaign(ApplicationId=app_id, CampaignId=campaign)["CampaignResponse"]
        return bool(found["State"]["CampaignStatus"] == "COMPLETED")

    eventually(ended, seconds=3_600)
    seconds, cpu = time.perf_counter() - begun, _cpu_seconds(pid) - cpu
    done.set()
    thread.join()
    arrived = ends.arrived()
    activities = client.get_campaign_activities(ApplicationId=app_id, CampaignId=campaign)["ActivitiesResponse"]["Item"]
    successful = sum(one["SuccessfulEndpointCount"] for one in activities)
    total = sum(arrived.values())
    print(f"{count / seconds:,.0f} messages/s by the clock, {count / cpu:,.0f} per core of the server; {seconds:.1f} s")
    print("arrived: " + ", ".join(f"{name} {arrived.get(name, 0):,}" for name in SHARES) + f"; {total:,} of {count:,}")
    print(f"recorded as sent: {successful:,}")
    third = max(1, len(samples) // 3)
    parts = [max(part, default=before) for part in (samples[:third], samples[third:-third], samples[-third:])]
    shown = ", ".join(f"{part:.0f}" for part in parts)
    print(f"memory: {before:.0f} MB before, at most {shown} MB in the three thirds ({parts[2] / parts[0]:.2f})")
    for line in server.output[1:]:
        print(f"the server said: {line}")
    return 0 if total == successful == count else 1


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=100_000)
    count = parser.parse_args().messages
    with (
        tempfile.TemporaryDirectory(prefix="clarion-bench-") as name,
        _far_ends(folder := Path(name)) as ends,
        _server(folder, ends) as server,
    ):
        app_id, begun = _project(server), time.perf_counter()
        _load(server, app_id, count)
        server.settle()
        print(f"{count:,} endpoints in {time.perf_counter() - begun:.1f} s, per cent: {SHARES}", flush=True)
        return _measure(server, ends, app_id, count)


if __name__ == "__main__":
    sys.exit(main())
