"""Unsigned pages, metrics, the access log, request rates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from clarion.core.errors import NotFound, TooMany
from clarion.core.scope import Scope
from clarion.core.settings import Settings
from clarion.wire.app import App
from clarion.wire.http.asgi import Response
from clarion.wire.http.plain import PlainRequest, PlainRoute, text
from clarion.wire.http.rates import Rates, rate_of
from tests.wire.inprocess import ACCOUNT, ADMIN, ask, client
from tests.wire.sending import send, unsigned


class TestHealth:
    def test_alive(self, app: App) -> None:
        assert unsigned(app, "GET", "/healthz").body == b"ok\n"
        assert unsigned(app, "HEAD", "/healthz").status == 200

    def test_ready(self, make_app: Callable[..., App]) -> None:
        reasons = ["database: no answer", ""]
        app = make_app(ready=lambda: reasons.pop(0))
        answer = unsigned(app, "GET", "/readyz")
        assert (answer.status, answer.body) == (503, b"database: no answer\n")
        assert unsigned(app, "GET", "/readyz").status == 200

    def test_other_methods(self, app: App) -> None:
        answer = unsigned(app, "DELETE", "/healthz")
        assert (answer.status, answer.body) == (405, b"DELETE is not defined here")


class TestPlainRoutes:
    def page(self, request: PlainRequest) -> Response:
        self.seen = request
        if request.path.endswith("missing"):
            raise NotFound("no such page")
        if request.path.endswith("broken"):
            raise KeyError("secret")
        return text(200, "page")

    def test_everything_below_a_prefix(self, make_app: Callable[..., App]) -> None:
        app = make_app(plain=[PlainRoute("/t", self.page), PlainRoute("/", self.page)])
        answer = unsigned(app, "GET", "/t/o/a%2Fb.gif?x=1&x=2&y=%C3%A9", {"User-Agent": "mail"})
        assert (answer.status, answer.body) == (200, b"page")
        assert self.seen.path == "/t/o/a/b.gif"
        assert self.seen.query == {"x": ["1", "2"], "y": ["é"]}
        assert self.seen.headers[b"user-agent"] == b"mail"
        assert unsigned(app, "GET", "/t").status == 200
        assert unsigned(app, "GET", "/").status == 200
        assert unsigned(app, "GET", "/tt").status == 404
        assert unsigned(app, "GET", "/v1/apps").status == 403

    def test_failures_are_plain_text(self, make_app: Callable[..., App]) -> None:
        app = make_app(plain=[PlainRoute("/t", self.page)])
        answer = unsigned(app, "GET", "/t/missing")
        assert (answer.status, answer.body) == (404, b"no such page")
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        answer = unsigned(app, "GET", "/t/broken")
        assert answer.status == 500
        assert b"secret" not in answer.body
        assert unsigned(app, "GET", "/t/%FF").status == 400

    def test_bodies(self, make_app: Callable[..., App]) -> None:
        app = make_app(plain=[PlainRoute("/hook", self.page, methods=("POST",), max_body_bytes=10)])
        assert ask(app, "POST", "/hook", [], b"0123456789").status == 200
        assert self.seen.body == b"0123456789"
        assert ask(app, "POST", "/hook", [], b"0123456789a").status == 413

    def test_the_json_protocol_keeps_its_path(self, make_app: Callable[..., App]) -> None:
        app = make_app(plain=[PlainRoute("/", self.page)])
        assert client(app, "pinpoint-sms-voice-v2").describe_pools()["ResponseMetadata"]["HTTPStatusCode"] == 200


class TestTelemetry:
    def test_metrics(self, app: App) -> None:
        send(app, "GET", "/v1/apps")
        send(app, "GET", "/v1/apps")
        send(app, "GET", "/nothing")
        families = text_string_to_metric_families(unsigned(app, "GET", "/metrics").body.decode())
        samples = {(s.name, *sorted(s.labels.items())): s.value for f in families for s in f.samples}
        labels = {"service": "pinpoint", "operation": "GetApps", "status": "200"}
        assert samples["clarion_requests_total", *sorted(labels.items())] == 2
        labels |= {"operation": "-", "status": "404"}
        assert samples["clarion_requests_total", *sorted(labels.items())] == 1
        seconds = {"service": "pinpoint", "operation": "GetApps"}
        assert samples["clarion_request_seconds_count", *sorted(seconds.items())] == 2

    def test_one_line_a_request_without_secrets(self, app: App, logs: list[dict[str, Any]]) -> None:
        answer = send(app, "PUT", "/v1/apps/a/endpoints/e?token=hidden", b'{"Address":"hidden@example.com"}')
        unsigned(app, "GET", "/healthz")
        (line,) = [line for line in logs if line["event"] == "request"]
        assert line.pop("ms") >= 0
        assert line == {
            "event": "request",
            "log_level": "info",
            "method": "PUT",
            "service": "pinpoint",
            "operation": "UpdateEndpoint",
            "status": 202,
            "request_id": answer.headers["x-amzn-requestid"],
            "account": ACCOUNT,
        }
        assert "hidden" not in str(logs)
        assert ADMIN.secret not in str(logs)


class TestRates:
    def test_off_by_default(self, app: App) -> None:
        assert {send(app, "POST", "/v1/apps/a/campaigns", b"{}").status for _ in range(30)} == {201}

    def test_on(self, make_app: Callable[..., App]) -> None:
        app = make_app(settings=Settings(rate_limits=True))
        assert app._parts.rates is not None
        app._parts = app._parts._replace(rates=Rates(lambda: 0.0))
        answers = [send(app, "POST", "/v1/phone/number/validate", b"{}") for _ in range(21)]
        assert [answer.status for answer in answers] == [200] * 20 + [429]
        assert answers[-1].headers["x-amzn-errortype"] == "TooManyRequestsException"
        assert answers[-1].headers["retry-after"] == "1"
        assert send(app, "GET", "/v1/apps").status == 200

    def test_buckets_refill(self) -> None:
        now = 0.0
        rates = Rates(lambda: now)
        here, there = Scope("1", "a"), Scope("1", "b")

        def taken(scope: Scope, operation: str) -> int:
            for count in range(1000):
                try:
                    rates.take(scope, "pinpoint", operation)
                except TooMany:
                    return count
            return 1000

        assert taken(here, "CreateCampaign") == 25
        assert taken(here, "CreateSegment") == 25
        assert taken(there, "CreateCampaign") == 25
        now = 1.0
        assert taken(here, "CreateCampaign") == 25
        now = 1.25
        assert taken(here, "CreateCampaign") == 6
        assert taken(here, "GetApps") == 300

    @pytest.mark.parametrize(
        ("service", "operation", "rate"),
        [
            ("pinpoint", "PutEvents", 7000),
            ("pinpoint", "GetApps", 300),
            ("pinpoint-sms-voice-v2", "PutOptedOutNumber", 10),
            ("pinpoint-sms-voice-v2", "DescribePools", 1),
            ("pinpoint-sms-voice-v2", "SendTextMessage", None),
            ("pinpoint-email", "SendEmail", None),
        ],
    )
    def test_the_quota_page(self, service: str, operation: str, rate: int | None) -> None:
        assert rate_of(service, operation) == rate
