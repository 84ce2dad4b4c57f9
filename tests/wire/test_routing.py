"""Paths: what ids may contain, how they are encoded, and what is not there."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from clarion.core.errors import Invalid
from clarion.wire.app import App
from clarion.wire.router import Router
from clarion.wire.sigv4 import normal_path
from tests.wire.inprocess import ADMIN, HOST, REGION, Recorder, ask_prepared, client
from tests.wire.sending import message, send, unsigned

IDS = [
    "plain",
    "eqmj8wpxszeqy/b3vch04sn41yw",
    "a//b",
    "/",
    "us-east-1:0f8fad5b-d9cb-469f-a165-70867728950e",
    "anna+news@example.com",
    "with space",
    "100%",
    "%2F",
    "%252F",
    "~tilde",
    "日本語",
    "a?b=c&d#e",
    "a;b,c",
    "'(quoted)*!",
    "é\u0301",
    "\U0001f600",
    "tab\tnew\nline",
    "...",
    "x" * 1000,
]


@pytest.mark.parametrize("identifier", IDS)
def test_ids_through_botocore(app: App, recorders: dict[str, Recorder], identifier: str) -> None:
    pinpoint = client(app, "pinpoint")
    pinpoint.get_endpoint(ApplicationId="a", EndpointId=identifier)
    assert recorders["pinpoint"].given.endpoint_id == identifier
    pinpoint.get_user_endpoints(ApplicationId=identifier, UserId=identifier)
    assert recorders["pinpoint"].given.user_id == identifier
    assert recorders["pinpoint"].given.application_id == identifier


@given(identifier=st.text(min_size=1).filter(lambda text: text not in (".", "..") and "\0" not in text))
def test_any_label_is_decoded_once(identifier: str) -> None:
    router: Router[str] = Router()
    router.add("GET", "/v1/apps/{application-id}/endpoints/{endpoint-id}", "endpoint")
    try:
        encoded = quote(identifier, safe="").encode()
    except UnicodeEncodeError:
        return
    found = router.find("GET", b"/v1/apps/a/endpoints/" + encoded)
    assert found is not None
    assert found.labels == {"application-id": "a", "endpoint-id": identifier}


class TestResourceArns:
    ARN = "arn:aws:mobiletargeting:eu-central-1:123456789012:apps/0123/campaigns/4567"

    @pytest.mark.parametrize("safe", ["", ":", "/", ":/"])
    def test_with_colons_and_slashes_left_in_the_path(
        self, app: App, recorders: dict[str, Recorder], safe: str
    ) -> None:
        path = f"/v1/tags/{quote(self.ARN, safe=safe)}"
        for method, status, target in (("GET", 200, path), ("POST", 204, path), ("DELETE", 204, f"{path}?tagKeys=a")):
            recorders["pinpoint"].given = None
            assert send(app, method, target, b'{"tags":{}}').status == status
            assert recorders["pinpoint"].given.resource_arn == self.ARN

    def test_through_botocore(self, app: App, recorders: dict[str, Recorder]) -> None:
        client(app, "pinpoint").untag_resource(ResourceArn=self.ARN, TagKeys=["a b", "c/d", "é", "a b"])
        assert recorders["pinpoint"].given.resource_arn == self.ARN
        assert recorders["pinpoint"].given.tag_keys == ["a b", "c/d", "é", "a b"]


def test_a_literal_wins_and_a_label_is_tried_after_it(app: App, recorders: dict[str, Recorder]) -> None:
    pinpoint = client(app, "pinpoint")
    pinpoint.get_email_template(TemplateName="email")
    assert recorders["pinpoint"].given.template_name == "email"
    pinpoint.list_template_versions(TemplateName="email", TemplateType="email")
    assert recorders["pinpoint"].given.template_type == "email"


class TestNotThere:
    @pytest.mark.parametrize(
        "path", ["/v1", "/v1/apps/a/nothing", "/v1/apps/", "/v1/apps/a/endpoints/e/f", "/v2/apps", "/V1/apps", "/x"]
    )
    def test_no_such_path(self, app: App, path: str) -> None:
        answer = send(app, "GET", path)
        assert (answer.status, answer.headers["x-amzn-errortype"]) == (404, "NotFoundException")
        assert message(answer) == "Resource not found"

    def test_in_the_other_services_form(self, app: App) -> None:
        for path in ("/v1/email/nothing", "/v1/sms-voice/nothing"):
            answer = send(app, "GET", path)
            assert (answer.status, answer.headers["x-amzn-errortype"]) == (404, "NotFoundException")
            assert b"RequestID" not in answer.body

    @pytest.mark.parametrize(
        ("method", "path", "methods"),
        [
            ("PATCH", "/v1/apps", "GET, POST"),
            ("DELETE", "/v1/apps", "GET, POST"),
            ("POST", "/v1/apps/a", "DELETE, GET"),
        ],
    )
    def test_no_such_method(self, app: App, method: str, path: str, methods: str) -> None:
        answer = send(app, method, path)
        assert (answer.status, answer.headers["x-amzn-errortype"]) == (405, "MethodNotAllowedException")
        assert message(answer) == f"{method} is not defined on this path; it has {methods}"

    def test_an_empty_id_reaches_no_other_operation(self, app: App) -> None:
        """PUT …/endpoints/ would be UpdateEndpointsBatch if the slash were dropped."""
        assert send(app, "PUT", "/v1/apps/a/endpoints/", b'{"Item":[]}').status == 404


class TestNormalPath:
    @pytest.mark.parametrize(
        ("raw", "path"),
        [
            (b"/v1/apps", b"/v1/apps"),
            (b"//v1//apps", b"/v1/apps"),
            (b"/./v1/x/../apps/", b"/v1/apps/"),
            (b"/../..", b"/"),
            (b"", b"/"),
            (b"/v1/a%2F%2Fb", b"/v1/a%2F%2Fb"),
            (b"/v1/.hidden/..x", b"/v1/.hidden/..x"),
        ],
    )
    def test_segments(self, raw: bytes, path: bytes) -> None:
        assert normal_path(raw) == path

    def test_double_slashes_before_the_path(self, app: App, recorders: dict[str, Recorder]) -> None:
        """An endpoint URL that ends in a slash."""
        assert send(app, "GET", "//v1/apps").status == 200
        assert recorders["pinpoint"].given.page_size is None


class TestQueryEncodings:
    @pytest.mark.parametrize(
        "query",
        ["prefix=a%20b", "prefix=a+b", "prefix=a%20b&", "&prefix=a%20b", "prefix=%61%20b", "prefix=x&prefix=a%20b"],
    )
    def test_spaces(self, app: App, recorders: dict[str, Recorder], query: str) -> None:
        answer = send(app, "GET", f"/v1/templates?{query}")
        assert answer.status == 200, answer.body
        assert recorders["pinpoint"].given.prefix == "a b"

    def test_a_signer_that_encodes_anew(self, app: App, recorders: dict[str, Recorder]) -> None:
        """Go signs %20 where it sends +."""
        answer = _signed_as(app, sent="/v1/templates?prefix=a+b~c", signed="/v1/templates?prefix=a%20b~c")
        assert answer.status == 200, answer.body
        assert recorders["pinpoint"].given.prefix == "a b~c"

    def test_botocore(self, app: App, recorders: dict[str, Recorder]) -> None:
        for value in ("a+b c%d&e=f", "日本", "~!*'()"):
            client(app, "pinpoint").list_templates(Prefix=value, PageSize="5")
            assert recorders["pinpoint"].given.prefix == value


class TestCors:
    def test_preflight(self, app: App) -> None:
        answer = unsigned(
            app,
            "OPTIONS",
            "/v1/apps/a/events",
            {
                "Origin": "https://shop.example",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "x-new-header",
            },
        )
        assert (answer.status, answer.body) == (204, b"")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert {"GET", "POST", "PUT", "DELETE"} <= set(answer.headers["access-control-allow-methods"].split(", "))
        allowed = set(answer.headers["access-control-allow-headers"].split(", "))
        assert {
            "authorization",
            "content-type",
            "x-amz-date",
            "x-amz-security-token",
            "x-amz-content-sha256",
            "x-amz-user-agent",
            "amz-sdk-invocation-id",
            "amz-sdk-request",
            "x-new-header",
        } <= allowed

    def test_answers_and_errors_may_be_read(self, app: App) -> None:
        for method, status in (("GET", 200), ("PATCH", 405)):
            answer = send(app, method, "/v1/apps", headers={"Origin": "https://shop.example"})
            assert answer.status == status
            assert answer.headers["access-control-allow-origin"] == "*"
            exposed = answer.headers["access-control-expose-headers"].lower().split(", ")
            assert {"x-amzn-requestid", "x-amzn-errortype", "date"} <= set(exposed)

    def test_nothing_without_origin(self, app: App) -> None:
        assert not any("access-control" in name for name in send(app, "GET", "/v1/apps").headers)


def test_every_answer_has_id_and_date(app: App) -> None:
    ids = set()
    for method, target in (("GET", "/v1/apps"), ("GET", "/nothing"), ("OPTIONS", "/"), ("GET", "/healthz")):
        answer = send(app, method, target)
        ids.add(answer.headers["x-amzn-requestid"])
        assert answer.headers["date"].endswith(" GMT")
    assert len(ids) == 4


def test_a_router_refuses_a_taken_route() -> None:
    router: Router[int] = Router()
    router.add("GET", "/a/{b}", 1)
    with pytest.raises(ValueError, match="routed twice"):
        router.add("GET", "/a/{c}", 2)


def test_a_label_that_is_not_text() -> None:
    router: Router[int] = Router()
    router.add("GET", "/a/{b}", 1)
    with pytest.raises(Invalid, match="UTF-8"):
        router.find("GET", b"/a/%C3")


def _signed_as(app: App, *, sent: str, signed: str) -> Any:
    request = AWSRequest("GET", f"http://{HOST}{signed}", {}, b"")
    SigV4Auth(Credentials(ADMIN.access_key_id, ADMIN.secret), "mobiletargeting", REGION).add_auth(request)
    prepared = request.prepare()
    prepared.url = f"http://{HOST}{sent}"
    return ask_prepared(app, prepared)
