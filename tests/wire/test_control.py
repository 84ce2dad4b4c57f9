"""The control API: typed requests and answers, roles, and its OpenAPI document."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta

from clarion.core.errors import NotFound
from clarion.wire.app import App
from clarion.wire.context import Context
from clarion.wire.control import ControlApi, Nothing
from clarion.wire.http.openapi import document
from clarion.wire.keys import MARKETERS, READERS, AccessKey
from clarion.wire.registry import inline
from tests.wire.inprocess import ACCOUNT, ADMIN
from tests.wire.sending import message, send, send_json, unsigned


class ListLetters(msgspec.Struct, rename="pascal"):
    application_id: str
    limit: Annotated[int, Meta(ge=1, le=100)] = 50
    channel: Literal["EMAIL", "SMS"] | None = None
    addresses: list[str] = []
    attribute: dict[str, str] = {}
    start_time: datetime | None = None
    newest: bool = False


class Letter(msgspec.Struct, rename="pascal", omit_defaults=True):
    message_id: str
    subject: str | None = None


class Letters(msgspec.Struct, rename="pascal"):
    item: list[Letter]


class PutLetter(msgspec.Struct, rename="pascal"):
    application_id: str
    message_id: str
    subject: str
    tags: dict[str, str] = {}


class Handlers:
    def __init__(self) -> None:
        self.given: Any = None
        self.context: Any = None
        self.thread = ""

    def list_letters(self, ctx: Context, request: ListLetters) -> Letters:
        self.given, self.context = request, ctx
        return Letters(item=[Letter(message_id="m1")])

    @inline
    def put_letter(self, ctx: Context, request: PutLetter) -> Letter:
        self.given, self.thread = request, threading.current_thread().name
        if request.message_id == "none":
            raise NotFound
        return Letter(message_id=request.message_id, subject=request.subject)

    def clear(self, ctx: Context, request: Nothing) -> Nothing:
        return Nothing()


LETTERS = "/clarion/v1/apps/{ApplicationId}/letters"


@pytest.fixture
def handlers() -> Handlers:
    return Handlers()


@pytest.fixture
def control(handlers: Handlers) -> ControlApi:
    api = ControlApi()
    api.add("GET", LETTERS, ListLetters, Letters, handlers.list_letters, roles=READERS, summary="List letters")
    api.add("PUT", f"{LETTERS}/{{MessageId}}", PutLetter, Letter, handlers.put_letter, roles=MARKETERS, status=201)
    api.add("DELETE", "/clarion/v1/letters", Nothing, Nothing, handlers.clear)
    return api


def keyed(role: Any, app_id: str | None = None) -> AccessKey:
    return AccessKey(access_key_id=f"AK{role}{app_id}", secret="s", account=ACCOUNT, role=role, app_id=app_id)


KEYS = [ADMIN, keyed("reader"), keyed("marketer"), keyed("client", "a1"), keyed("reader", "a1")]


@pytest.fixture
def app(make_app: Callable[..., App], control: ControlApi) -> App:
    return make_app(control=control, keys=KEYS)


class TestRequests:
    def test_path_and_query(self, app: App, handlers: Handlers) -> None:
        query = (
            "Limit=7&Channel=SMS&Addresses=a&Addresses=b%20c&Attribute.Color=red&Attribute.a.b=%C3%A9"
            "&StartTime=2027-01-31T12:00:00Z&Newest=true&Unknown=1&Unknown.x=2"
        )
        answer = send(app, "GET", f"/clarion/v1/apps/a%2F1/letters?{query}")
        assert (answer.status, json.loads(answer.body)) == (200, {"Item": [{"MessageId": "m1"}]})
        assert answer.headers["content-type"] == "application/json"
        assert handlers.given == ListLetters(
            application_id="a/1",
            limit=7,
            channel="SMS",
            addresses=["a", "b c"],
            attribute={"Color": "red", "a.b": "é"},
            start_time=datetime(2027, 1, 31, 12, tzinfo=UTC),
            newest=True,
        )
        assert handlers.context.scope.account == ACCOUNT

    def test_defaults(self, app: App, handlers: Handlers) -> None:
        assert send(app, "GET", "/clarion/v1/apps/a/letters").status == 200
        assert handlers.given == ListLetters(application_id="a")

    def test_texts_that_look_like_something_else(self, app: App, handlers: Handlers) -> None:
        assert send(app, "GET", "/clarion/v1/apps/0123/letters?Addresses=5&Attribute.x=null").status == 200
        assert handlers.given.application_id == "0123"
        assert (handlers.given.addresses, handlers.given.attribute) == (["5"], {"x": "null"})

    def test_path_and_body_inline(self, app: App, handlers: Handlers) -> None:
        body = {"Subject": "Hi", "Tags": {"a": "b"}, "MessageId": "not this one"}
        answer = send_json(app, "PUT", "/clarion/v1/apps/a/letters/m9", body)
        assert (answer.status, json.loads(answer.body)) == (201, {"MessageId": "m9", "Subject": "Hi"})
        assert handlers.given == PutLetter("a", "m9", "Hi", {"a": "b"})
        assert handlers.thread == threading.current_thread().name

    def test_no_answer(self, app: App) -> None:
        answer = send(app, "DELETE", "/clarion/v1/letters")
        assert (answer.status, answer.body) == (204, b"")


class TestErrors:
    @pytest.mark.parametrize(
        ("method", "target", "body", "text"),
        [
            ("GET", "/clarion/v1/apps/a/letters?Limit=0", b"", "Limit: must be at least 1"),
            ("GET", "/clarion/v1/apps/a/letters?Limit=many", b"", "Limit: expected integer, got string"),
            ("GET", "/clarion/v1/apps/a/letters?Channel=FAX", b"", "Channel: must be one of EMAIL, SMS"),
            ("PUT", "/clarion/v1/apps/a/letters/m", b"", "Subject: required, but missing"),
            ("PUT", "/clarion/v1/apps/a/letters/m", b'{"Subject":[]}', "Subject: expected string, got list"),
            ("PUT", "/clarion/v1/apps/a/letters/m", b'{"Subject":"s","Tags":{"x":{}}}', "Tags.x: expected string"),
            ("PUT", "/clarion/v1/apps/a/letters/m", b"[1]", "The request body: expected object, got list"),
            ("PUT", "/clarion/v1/apps/a/letters/m", b"{", "not valid JSON"),
        ],
    )
    def test_invalid(self, app: App, method: str, target: str, body: bytes, text: str) -> None:
        answer = send(app, method, target, body)
        assert (answer.status, answer.headers["x-amzn-errortype"]) == (400, "BadRequestException")
        assert json.loads(answer.body)["RequestID"] == answer.headers["x-amzn-requestid"]
        assert text in message(answer)

    def test_kinds(self, app: App) -> None:
        assert send_json(app, "PUT", "/clarion/v1/apps/a/letters/none", {"Subject": "s"}).status == 404
        assert send(app, "GET", "/clarion/v1/nothing").status == 404
        assert send(app, "POST", "/clarion/v1/letters").status == 405
        assert unsigned(app, "GET", "/clarion/v1/apps/a/letters").status == 403


class TestRoles:
    @pytest.mark.parametrize(
        ("subject", "reads", "writes", "clears"),
        [
            (ADMIN, 200, 201, 204),
            (keyed("marketer"), 200, 201, 403),
            (keyed("reader"), 200, 403, 403),
            (keyed("client", "a1"), 403, 403, 403),
            (keyed("reader", "a1"), 200, 403, 403),
        ],
    )
    def test_roles(self, app: App, subject: AccessKey, reads: int, writes: int, clears: int) -> None:
        assert send(app, "GET", "/clarion/v1/apps/a1/letters", key=subject).status == reads
        written = send_json(app, "PUT", "/clarion/v1/apps/a1/letters/m", {"Subject": "s"}, key=subject)
        assert written.status == writes
        assert send(app, "DELETE", "/clarion/v1/letters", key=subject).status == clears

    def test_a_key_of_one_project(self, app: App) -> None:
        answer = send(app, "GET", "/clarion/v1/apps/a2/letters", key=keyed("reader", "a1"))
        assert (answer.status, answer.headers["x-amzn-errortype"]) == (403, "ForbiddenException")
        assert "clarion:list_letters" in message(answer)

    def test_a_key_of_one_project_by_query(self, make_app: Callable[..., App], handlers: Handlers) -> None:
        control = ControlApi()
        control.add("GET", "/clarion/v1/letters", ListLetters, Letters, handlers.list_letters, roles=READERS)
        app, subject = make_app(control=control, keys=KEYS), keyed("reader", "a1")
        assert send(app, "GET", "/clarion/v1/letters?ApplicationId=a1", key=subject).status == 200
        for query in ("", "?ApplicationId=a2", "?ApplicationId=a1&ApplicationId=a2"):
            assert send(app, "GET", f"/clarion/v1/letters{query}", key=subject).status == 403


class TestAdding:
    @pytest.mark.parametrize(
        ("method", "path", "text"),
        [
            ("GET", "/v1/letters", "is not under"),
            ("GET", "/clarion/v1/{Nonsense}", "has no member Nonsense"),
            ("DELETE", "/clarion/v1/letters", "is added twice"),
        ],
    )
    def test_mistakes(self, control: ControlApi, method: Any, path: str, text: str) -> None:
        with pytest.raises(ValueError, match=text):
            control.add(method, path, Nothing, Nothing, lambda ctx, request: Nothing())


class TestOpenApi:
    def test_it_is_served_unsigned(self, app: App, control: ControlApi) -> None:
        answer = unsigned(app, "GET", "/clarion/v1/openapi.json")
        assert answer.status == 200
        assert json.loads(answer.body) == json.loads(msgspec.json.encode(document(control)))

    def test_operations(self, control: ControlApi) -> None:
        found = document(control)
        assert found["openapi"] == "3.1.0"
        reading = found["paths"][LETTERS]["get"]
        assert (reading["operationId"], reading["summary"]) == ("list_letters", "List letters")
        places = {item["name"]: (item["in"], item["required"]) for item in reading["parameters"]}
        assert places["ApplicationId"] == ("path", True)
        assert places["Limit"] == places["Attribute"] == ("query", False)
        answer = reading["responses"]["200"]["content"]["application/json"]["schema"]
        assert answer == {"$ref": "#/components/schemas/Letters"}
        writing = found["paths"][f"{LETTERS}/{{MessageId}}"]["put"]
        body = writing["requestBody"]["content"]["application/json"]["schema"]
        assert (set(body["properties"]), body["required"]) == ({"Subject", "Tags"}, ["Subject"])
        assert found["paths"]["/clarion/v1/letters"]["delete"]["responses"]["204"]

    def test_every_reference_resolves(self, control: ControlApi) -> None:
        text = json.dumps(found := document(control))
        for part in text.split('"$ref": "#/components/schemas/')[1:]:
            assert part.partition('"')[0] in found["components"]["schemas"]

    def test_two_slices_may_have_a_struct_of_one_name_each(self) -> None:
        one = msgspec.defstruct("Same", [("a", int)], module="one.slice")
        other = msgspec.defstruct("Same", [("b", int)], module="other.slice")
        control = ControlApi()
        control.add("POST", "/clarion/v1/one", one, other, lambda ctx, request: request)
        control.add("POST", "/clarion/v1/other", other, one, lambda ctx, request: request)
        found = document(control)
        operation = found["paths"]["/clarion/v1/one"]["post"]
        body = operation["requestBody"]["content"]["application/json"]["schema"]
        answer = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert list(body["properties"]) == ["a"]
        assert list(found["components"]["schemas"][answer]["properties"]) == ["b"]
