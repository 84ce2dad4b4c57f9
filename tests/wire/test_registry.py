"""How operations are mounted and called."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future

import pytest

from clarion.core.errors import Conflict
from clarion.shapes.pinpoint import EventsResponse, GetAppsRequest, PutEventsRequest
from clarion.wire.app import App
from clarion.wire.context import Context
from clarion.wire.registry import RawRequest, Registry, inline, partial, raw_body
from tests.wire.inprocess import build, client
from tests.wire.sending import send


class Slow:
    """Tells on which thread it ran."""

    def __init__(self) -> None:
        self.thread = ""

    def get_apps(self, ctx: Context, request: GetAppsRequest) -> bytes:
        self.thread = threading.current_thread().name
        return b'{"ApplicationsResponse":{}}'


class Hot:
    """Inline: answers at once, by a future, or from bytes."""

    def __init__(self) -> None:
        self.given: RawRequest | None = None
        self.thread = ""

    @inline
    @raw_body
    def put_events(self, ctx: Context, raw: RawRequest) -> Future[bytes]:
        self.given, self.thread = raw, threading.current_thread().name
        answer: Future[bytes] = Future()
        threading.Timer(0.01, answer.set_result, [b'{"Results":{}}']).start()
        return answer

    @inline
    def get_app(self, ctx: Context, request: object) -> Future[bytes]:
        answer: Future[bytes] = Future()
        answer.set_exception(Conflict("busy"))
        return answer


def served(operations: object) -> App:
    registry = Registry()
    registry.mount("pinpoint", operations)
    return build(registry)


def test_ordinary_operations_run_in_the_pool() -> None:
    operations = Slow()
    app = served(operations)
    assert send(app, "GET", "/v1/apps").body == b'{"ApplicationsResponse":{}}'
    assert operations.thread.startswith("operation")
    app.close()


def test_inline_operations_run_on_the_loop_and_may_answer_later() -> None:
    operations = Hot()
    app = served(operations)
    body = b' {"not": "looked at"'
    answer = send(app, "POST", "/v1/apps/a%2Fb/events", body)
    assert (answer.status, answer.body) == (202, b'{"Results":{}}')
    assert operations.given == RawRequest({"application_id": "a/b"}, body)
    assert operations.thread == threading.current_thread().name
    assert send(app, "GET", "/v1/apps/a").status == 409
    app.close()


def test_a_future_from_an_ordinary_operation() -> None:
    class Operations:
        def put_events(self, ctx: Context, request: PutEventsRequest) -> Future[EventsResponse]:
            answer: Future[EventsResponse] = Future()
            threading.Timer(0.01, answer.set_result, [EventsResponse(results={})]).start()
            return answer

    app = served(Operations())
    answer = client(app, "pinpoint").put_events(ApplicationId="a", EventsRequest={"BatchItem": {}})
    assert answer["EventsResponse"] == {"Results": {}}
    app.close()


class TestMounting:
    def test_a_method_that_is_no_operation(self) -> None:
        class Operations:
            def get_aps(self, ctx: object, request: object) -> None: ...

        with pytest.raises(ValueError, match=r"Operations.get_aps is no operation of pinpoint"):
            Registry().mount("pinpoint", Operations())

    def test_twice(self) -> None:
        registry = Registry()
        registry.mount("pinpoint", Slow())
        with pytest.raises(ValueError, match="get_apps is mounted twice"):
            registry.mount("pinpoint", Slow())

    def test_private_methods_and_data_are_left_alone(self) -> None:
        class Operations:
            limit = 5

            def _own(self) -> None: ...

        Registry().mount("pinpoint", Operations())


def test_coverage(make_app: Callable[..., App]) -> None:
    class Operations:
        @partial("no paging")
        def get_apps(self, ctx: object, request: object) -> None: ...

    registry = Registry()
    registry.mount("pinpoint", Operations())
    lines = list(registry.coverage())
    assert len(lines) > 270
    found = [line for line in lines if line.function]
    assert [(line.service, line.operation, line.missing) for line in found] == [("pinpoint", "GetApps", "no paging")]
    assert found[0].function.endswith("Operations.get_apps")
