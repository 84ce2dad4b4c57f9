"""GetEndpoint and UpdateEndpoint through the real, signed API; CreateApp and GetApp beside moto's server.

Target: 2,000 requests/s with a 99th percentile under 20 ms. Requests are signed before the clock starts and
sent over kept-alive connections by a process of its own.

    python -m bench.api [seconds]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench.load import Load, MotoServer, Report, sign
from tests.acceptance.running import Server

TARGET, LATENCY_MS = 2_000, 20.0
ENDPOINTS = 2_000


def main(seconds: float) -> int:
    with tempfile.TemporaryDirectory(prefix="clarion-bench-") as folder:
        server = Server(Path(folder) / "data", environ={"CLARION_LOG_LEVEL": "warning"})
        try:
            app = _prepare(server)
            _report("UpdateEndpoint", _update(server, app, seconds))
            _report("GetEndpoint", _get(server, app, seconds))
            ours = [_create_app(server.url, seconds), _get_app(server.url, app, seconds)]
        finally:
            server.stop()
        with MotoServer() as moto:
            theirs_app = moto.create_app()
            theirs = [_create_app(moto.url, seconds), _get_app(moto.url, theirs_app, seconds)]
    for name, mine, other in zip(("CreateApp", "GetApp"), ours, theirs, strict=True):
        ratio = mine.rate / other.rate if other.rate else float("inf")
        print(
            f"{name}: {mine.rate:,.0f} requests/s, p99 {mine.p99_ms:.1f} ms; moto {other.rate:,.0f} ({ratio:.1f} times)"
        )
    return 0


def _prepare(server: Server) -> str:
    client = server.client()
    app: str = client.create_app(CreateApplicationRequest={"Name": "bench"})["ApplicationResponse"]["Id"]
    for first in range(0, ENDPOINTS, 100):
        items = [{"Id": f"e{number}", **_endpoint(number)} for number in range(first, first + 100)]
        client.update_endpoints_batch(ApplicationId=app, EndpointBatchRequest={"Item": items})
    return app


def _endpoint(number: int) -> dict[str, object]:
    return {
        "ChannelType": "EMAIL",
        "Address": f"person{number}@example.com",
        "Attributes": {"plan": ["gold"], "interests": ["news", "offers"]},
        "Demographic": {"Locale": "de_DE", "Timezone": "Europe/Berlin"},
        "Location": {"City": "Berlin", "Country": "DE"},
        "User": {"UserId": f"user{number}", "UserAttributes": {"FirstName": ["Lea"]}},
    }


def _update(server: Server, app: str, seconds: float) -> Report:
    path = f"/v1/apps/{app}/endpoints"
    return Load(server.url, [sign(server.url, "PUT", f"{path}/e{n}", _endpoint(n)) for n in range(ENDPOINTS)]).run(
        seconds
    )


def _get(server: Server, app: str, seconds: float) -> Report:
    path = f"/v1/apps/{app}/endpoints"
    return Load(server.url, [sign(server.url, "GET", f"{path}/e{n}") for n in range(ENDPOINTS)]).run(seconds)


def _create_app(url: str, seconds: float) -> Report:
    return Load(url, [sign(url, "POST", "/v1/apps", {"Name": "bench"})]).run(seconds)


def _get_app(url: str, app: str, seconds: float) -> Report:
    return Load(url, [sign(url, "GET", f"/v1/apps/{app}")]).run(seconds)


def _report(name: str, report: Report) -> None:
    print(
        f"{name}: {report.rate:,.0f} requests/s ({report.rate / TARGET:.2f} of {TARGET:,}),"
        f" p50 {report.p50_ms:.1f} ms, p99 {report.p99_ms:.1f} ms"
        f" ({report.p99_ms / LATENCY_MS:.2f} of {LATENCY_MS:.0f} ms), {report.errors} errors"
    )


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 5.0))
