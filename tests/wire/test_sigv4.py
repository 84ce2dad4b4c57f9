"""Requests signed by botocore are believed, and nothing about them can be changed."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import botocore.auth
import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest
from botocore.credentials import Credentials

from clarion.core.clock import VirtualClock
from clarion.wire.app import App
from clarion.wire.keys import AccessKey
from clarion.wire.signing import signed_headers
from tests.wire.inprocess import ACCOUNT, ADMIN, HOST, REGION, Answer, Recorder, ask, ask_prepared, client

TEMPORARY = AccessKey(
    access_key_id="ASIATEMP", secret="temporary", account=ACCOUNT, role="admin", session_token="token/=+1"
)
PATH = "/v1/apps/app1/endpoints/user%2F1"
BODY = b'{"Address":"a@example.com"}'
NOW = dt.datetime(2027, 1, 31, 12, 0, 0, tzinfo=dt.UTC)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> VirtualClock:
    """The server's clock and botocore's, both standing at NOW."""
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *_: NOW.replace(tzinfo=None))
    return VirtualClock(NOW)


@pytest.fixture
def app(make_app: Callable[..., App], clock: VirtualClock, recorders: dict[str, Recorder]) -> App:
    return make_app(keys=[ADMIN, TEMPORARY], real_clock=clock)


def signed(
    method: str = "PUT",
    path: str = PATH,
    body: bytes = BODY,
    key: AccessKey = ADMIN,
    *,
    signer: type[SigV4Auth] = SigV4Auth,
    service: str = "mobiletargeting",
    region: str = REGION,
    headers: dict[str, str] | None = None,
    scheme: str = "http",
    **options: Any,
) -> AWSPreparedRequest:
    request = AWSRequest(method, f"{scheme}://{HOST}{path}", headers or {"Content-Type": "application/json"}, body)
    credentials = Credentials(key.access_key_id, key.secret, key.session_token)
    signer(credentials, service, region, **options).add_auth(request)
    return request.prepare()


def presigned(**options: Any) -> AWSPreparedRequest:
    return signed("GET", PATH, b"", signer=SigV4QueryAuth, headers={"Accept": "*/*"}, **options)


def refused(answer: Answer, code: str, text: str) -> None:
    assert answer.status == 403
    assert answer.headers["x-amzn-errortype"] == code
    assert text in answer.body.decode()


def test_a_signed_request_is_believed(app: App, recorders: dict[str, Recorder]) -> None:
    answer = ask_prepared(app, signed())
    assert answer.status == 202, answer.body
    context = recorders["pinpoint"].context
    assert context.scope == (ACCOUNT, REGION)
    assert (context.access_key_id, context.role) == ("AKIAADMIN", "admin")
    assert context.principal_arn == f"arn:aws:iam::{ACCOUNT}:user/AKIAADMIN"
    assert recorders["pinpoint"].given.endpoint_id == "user/1"


@pytest.mark.parametrize("path", ["/v1/apps", "/v1/apps/a%2Fb", "/v1/templates/x%20y/email"])
@pytest.mark.parametrize("query", ["a=1&b=%C3%A9", "Step=seen&Step=bought%3Fa%3D1&A=2", "a=1&a-b=2&a=0"])
def test_what_the_command_line_signs(app: App, path: str, query: str) -> None:
    pair = (ADMIN.access_key_id, ADMIN.secret)
    headers = signed_headers("GET", HOST, path, query, b"", key=pair, region=REGION, now=NOW)
    sent = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    assert ask(app, "GET", f"{path}?{query}", sent).status == 200


def test_any_region(app: App, recorders: dict[str, Recorder]) -> None:
    assert ask_prepared(app, signed(region="xx-moon-7")).status == 202
    assert recorders["pinpoint"].context.scope.region == "xx-moon-7"


TAMPERINGS: dict[str, Callable[[AWSPreparedRequest], None]] = {
    "method": lambda r: setattr(r, "method", "GET"),
    "path": lambda r: setattr(r, "url", r.url.replace("app1", "app2")),
    "encoding": lambda r: setattr(r, "url", r.url.replace("user%2F1", "user%252F1")),
    "decoded": lambda r: setattr(r, "url", r.url.replace("app1", "%61pp1")),
    "query": lambda r: setattr(r, "url", r.url + "?a=b"),
    "body": lambda r: setattr(r, "body", BODY + b" "),
    "no body": lambda r: setattr(r, "body", b""),
    "signed header": lambda r: r.headers.__setitem__("Content-Type", "text/plain"),
    "host": lambda r: r.headers.__setitem__("Host", "evil.example"),
    "date": lambda r: r.headers.__setitem__("X-Amz-Date", "20270131T120001Z"),
    "signature": lambda r: r.headers.__setitem__(
        "Authorization",
        r.headers["Authorization"][:-1] + "0123456789abcdef"[(int(r.headers["Authorization"][-1], 16) + 1) % 16],
    ),
    "short signature": lambda r: r.headers.__setitem__("Authorization", r.headers["Authorization"][:-2]),
    "region": lambda r: r.headers.__setitem__("Authorization", r.headers["Authorization"].replace(REGION, "us-east-1")),
    "payload hash": lambda r: r.headers.__setitem__("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD"),
    "streaming": lambda r: r.headers.__setitem__("X-Amz-Content-SHA256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
    "wrong hash": lambda r: r.headers.__setitem__("X-Amz-Content-SHA256", hashlib.sha256(b"").hexdigest()),
    "left out header": lambda r: r.headers.__setitem__(
        "Authorization", r.headers["Authorization"].replace("content-type;", "")
    ),
}


@pytest.mark.parametrize("tamper", TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_nothing_can_be_changed(
    app: App, recorders: dict[str, Recorder], tamper: Callable[[AWSPreparedRequest], None]
) -> None:
    request = signed()
    tamper(request)
    refused(ask_prepared(app, request), "InvalidSignatureException", "The request signature we calculated")
    assert recorders["pinpoint"].given is None


def test_another_secret(app: App) -> None:
    forged = AccessKey(access_key_id=ADMIN.access_key_id, secret="guess", account=ACCOUNT, role="admin")
    refused(ask_prepared(app, signed(key=forged)), "InvalidSignatureException", "does not match")


def test_an_unknown_key(app: App) -> None:
    nobody = AccessKey(access_key_id="AKIANOBODY", secret="x", account=ACCOUNT, role="admin")
    text = "The security token included in the request is invalid."
    refused(ask_prepared(app, signed(key=nobody)), "UnrecognizedClientException", text)


def test_no_signature(app: App) -> None:
    answer = ask(app, "PUT", PATH, [(b"host", HOST.encode())], BODY)
    refused(answer, "MissingAuthenticationTokenException", "Missing Authentication Token")


class TestSessionToken:
    def test_it_is_needed_and_enough(self, app: App) -> None:
        assert ask_prepared(app, signed(key=TEMPORARY)).status == 202
        assert ask_prepared(app, presigned(key=TEMPORARY)).status == 200

    @pytest.mark.parametrize("token", [None, "other"])
    def test_none_or_another(self, app: App, token: str | None) -> None:
        key = AccessKey(access_key_id="ASIATEMP", secret="temporary", account="1", role="admin", session_token=token)
        for request in (signed(key=key), presigned(key=key)):
            refused(ask_prepared(app, request), "UnrecognizedClientException", "security token")

    def test_one_too_many(self, app: App) -> None:
        key = AccessKey(access_key_id="AKIAADMIN", secret=ADMIN.secret, account="1", role="admin", session_token="x")
        refused(ask_prepared(app, signed(key=key)), "UnrecognizedClientException", "security token")


class TestTime:
    @pytest.mark.parametrize("minutes", [-15, -14, 14, 15])
    def test_within_a_quarter_of_an_hour(self, app: App, make_app: Any, minutes: int) -> None:
        late = make_app(keys=[ADMIN], real_clock=VirtualClock(NOW + dt.timedelta(minutes=minutes)))
        assert ask_prepared(late, signed()).status == 202

    def test_expired(self, make_app: Any, clock: VirtualClock) -> None:
        late = make_app(keys=[ADMIN], real_clock=VirtualClock(NOW + dt.timedelta(minutes=15, seconds=1)))
        answer = ask_prepared(late, signed())
        text = "Signature expired: 20270131T120000Z is now earlier than 20270131T120001Z (20270131T121501Z - 15 min.)"
        refused(answer, "InvalidSignatureException", text)
        assert answer.headers["date"] == "Sun, 31 Jan 2027 12:15:01 GMT"

    def test_not_yet(self, make_app: Any, clock: VirtualClock) -> None:
        early = make_app(keys=[ADMIN], real_clock=VirtualClock(NOW - dt.timedelta(minutes=15, seconds=1)))
        refused(ask_prepared(early, signed()), "InvalidSignatureException", "Signature not yet current")

    def test_the_date_header_will_do(self, app: App) -> None:
        assert ask_prepared(app, signed(headers={"Date": "x", "Content-Type": "application/json"})).status == 202

    def test_scope_of_another_day(self, app: App) -> None:
        request = signed()
        header = request.headers["Authorization"].replace("/20270131/", "/20270130/")
        request.headers.__setitem__("Authorization", header)
        refused(ask_prepared(app, request), "InvalidSignatureException", "Date in Credential scope does not match")


class TestPresigned:
    def test_it_is_believed(self, app: App) -> None:
        assert ask_prepared(app, presigned()).status == 200

    @pytest.mark.parametrize(("later", "status"), [(59, 200), (60, 200), (61, 403)])
    def test_expiry(self, make_app: Any, clock: VirtualClock, later: int, status: int) -> None:
        late = make_app(keys=[ADMIN], real_clock=VirtualClock(NOW + dt.timedelta(seconds=later)))
        assert ask_prepared(late, presigned(expires=60)).status == status

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("X-Amz-Expires=3600", "X-Amz-Expires=7200"),
            ("app1", "app2"),
            ("Signature=", "Signature=0"),
            ("&X-Amz-Signature", "&extra=1&X-Amz-Signature"),
        ],
    )
    def test_nothing_can_be_changed(self, app: App, old: str, new: str) -> None:
        request = presigned()
        assert old in request.url
        request.url = request.url.replace(old, new)
        refused(ask_prepared(app, request), "InvalidSignatureException", "does not match")

    @pytest.mark.parametrize("expires", ["0", "604801", "-1", "x", "²"])
    def test_expiry_out_of_range(self, app: App, expires: str) -> None:
        request = presigned()
        request.url = request.url.replace("X-Amz-Expires=3600", f"X-Amz-Expires={expires}")
        refused(ask_prepared(app, request), "IncompleteSignatureException", "X-Amz-Expires")

    def test_the_beacon_of_old_amplify(self, app: App, recorders: dict[str, Recorder]) -> None:
        """Signed without X-Amz-Expires, sent as text to the legacy path."""
        body = b'{"BatchItem":{"e":{"Endpoint":{},"Events":{}}}}'
        path, query = "/v1/apps/app1/events/legacy", _beacon_query("/v1/apps/app1/events/legacy", body)
        headers = [(b"host", HOST.encode()), (b"content-type", b"text/plain;charset=UTF-8")]
        answer = ask(app, "POST", f"{path}?{query}", headers, body)
        assert answer.status == 202, answer.body
        assert list(recorders["pinpoint"].given.events_request.batch_item) == ["e"]


def _beacon_query(path: str, body: bytes) -> str:
    """An independent signer: as Amplify JS 4 does it."""
    scope = f"20270131/{REGION}/mobiletargeting/aws4_request"
    query = (
        f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAADMIN%2F{scope.replace('/', '%2F')}"
        "&X-Amz-Date=20270131T120000Z&X-Amz-SignedHeaders=host"
    )
    canonical = f"POST\n{path}\n{query}\nhost:{HOST}\n\nhost\n{hashlib.sha256(body).hexdigest()}"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n20270131T120000Z\n{scope}\n{digest}"
    secret = f"AWS4{ADMIN.secret}".encode()
    for part in scope.split("/"):
        secret = hmac.new(secret, part.encode(), "sha256").digest()
    return f"{query}&X-Amz-Signature={hmac.new(secret, text.encode(), 'sha256').hexdigest()}"


def test_an_unsigned_payload_over_https(app: App) -> None:
    class Unsigned(SigV4Auth):
        def payload(self, request: AWSRequest) -> str:
            request.headers["X-Amz-Content-SHA256"] = "UNSIGNED-PAYLOAD"
            return "UNSIGNED-PAYLOAD"

        def add_auth(self, request: AWSRequest) -> None:
            request.context["payload_signing_enabled"] = False
            super().add_auth(request)

    request = signed(signer=Unsigned)
    assert ask_prepared(app, request).status == 202
    request.body = BODY + b" "
    assert ask_prepared(app, request).status == 202
    request.headers.__setitem__("X-Amz-Content-SHA256", hashlib.sha256(request.body).hexdigest())
    assert ask_prepared(app, request).status == 403


@pytest.mark.parametrize(
    ("service", "wrong", "right"),
    [
        ("pinpoint", "ses", "mobiletargeting"),
        ("pinpoint-email", "mobiletargeting", "ses"),
        ("pinpoint-sms-voice", "mobiletargeting", "sms-voice"),
        ("pinpoint-sms-voice-v2", "mobiletargeting", "sms-voice"),
    ],
)
def test_the_service_must_fit(app: App, service: str, wrong: str, right: str) -> None:
    caller = client(app, service, fresh=True)
    caller.meta.events.register("before-sign", lambda request, **_: None)
    caller._request_signer._signing_name = wrong
    call = {
        "pinpoint": "get_apps",
        "pinpoint-email": "get_account",
        "pinpoint-sms-voice": "list_configuration_sets",
        "pinpoint-sms-voice-v2": "describe_pools",
    }[service]
    with pytest.raises(caller.exceptions.ClientError) as caught:
        getattr(caller, call)()
    error = caught.value.response["Error"]
    assert error["Code"] == "InvalidSignatureException"
    assert error["Message"] == f"Credential should be scoped to correct service: '{right}'."


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("", "Unsupported AWS 'algorithm': ''."),
        ("Bearer abc", "Unsupported AWS 'algorithm': 'Bearer'."),
        ("AWS4-ECDSA-P256-SHA256 Credential=x", "AWS4-ECDSA-P256-SHA256"),
        ("AWS4-HMAC-SHA256", "requires 'Credential' parameter. Authorization header requires 'Signature'"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=00", "5 slash-delimited elements"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host", "requires 'Signature'"),
        ("AWS4-HMAC-SHA256 " + "," * 10_000, "requires 'Credential' parameter"),
    ],
)
def test_incomplete_headers(app: App, header: str, text: str) -> None:
    headers = [(b"host", HOST.encode()), (b"x-amz-date", b"20270131T120000Z"), (b"authorization", header.encode())]
    refused(ask(app, "PUT", PATH, headers, BODY), "IncompleteSignatureException", text)


@pytest.mark.parametrize("header", [b"\xff\xfe", b"AWS4-HMAC-SHA256 Credential=\xff"])
def test_headers_that_are_not_text(app: App, header: bytes) -> None:
    headers = [(b"host", HOST.encode()), (b"authorization", header)]
    refused(ask(app, "PUT", PATH, headers, BODY), "IncompleteSignatureException", "UTF-8")


@pytest.mark.parametrize(
    "date", ["", "yesterday", "2027-01-31T12:00:00Z", "20271331T120000Z", "20270131T120000Z,20270131T120000Z"]
)
def test_dates_that_are_none(app: App, date: str) -> None:
    request = signed()
    request.headers.__setitem__("X-Amz-Date", date)
    request.headers.__setitem__("Authorization", request.headers["Authorization"].replace("20270131", date[:8] or "x"))
    assert ask_prepared(app, request).headers["x-amzn-errortype"] in (
        "IncompleteSignatureException",
        "InvalidSignatureException",
    )


@pytest.mark.parametrize(
    "query", ["X-Amz-Algorithm=x", "bX-Amz-Algorithm=x", "X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Algorithm=%FF"]
)
def test_incomplete_queries(app: App, query: str) -> None:
    answer = ask(app, "PUT", f"{PATH}?{query}", [(b"host", HOST.encode())], BODY)
    assert answer.status == 403
    assert answer.headers["x-amzn-errortype"] == "IncompleteSignatureException"


def test_the_host_must_be_signed(app: App) -> None:
    request = signed()
    header = request.headers["Authorization"].replace("content-type;host;x-amz-date", "content-type;x-amz-date")
    request.headers.__setitem__("Authorization", header)
    refused(ask_prepared(app, request), "InvalidSignatureException", "'Host' must be a 'SignedHeader'")


def test_the_target_must_be_signed(app: App) -> None:
    """Else anybody could turn one operation into another."""
    request = signed("POST", "/", b"{}", service="sms-voice", headers={"Content-Type": "application/x-amz-json-1.0"})
    request.headers.__setitem__("X-Amz-Target", "PinpointSMSVoiceV2.DescribePools")
    refused(ask_prepared(app, request), "InvalidSignatureException", "'X-Amz-Target' must be a 'SignedHeader'")


def test_white_space_in_signed_headers(app: App) -> None:
    headers = {"Content-Type": "application/json", "X-Extra": "  a   b\t c  "}
    assert ask_prepared(app, signed(headers=headers)).status == 202
