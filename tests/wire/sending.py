"""Requests signed by botocore's signer but made by hand, for what a client would refuse to send."""

from __future__ import annotations

import json
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from clarion.wire.app import App
from clarion.wire.keys import AccessKey
from tests.wire.inprocess import ADMIN, HOST, REGION, Answer, ask, ask_prepared

SIGNING_NAMES = {
    "pinpoint": "mobiletargeting",
    "pinpoint-email": "ses",
    "pinpoint-sms-voice": "sms-voice",
    "pinpoint-sms-voice-v2": "sms-voice",
}


def send(
    app: App,
    method: str,
    target: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    *,
    service: str = "pinpoint",
    key: AccessKey = ADMIN,
) -> Answer:
    """Sign and send a request with any body."""
    request = AWSRequest(method, f"http://{HOST}{target}", headers or {}, body)
    credentials = Credentials(key.access_key_id, key.secret, key.session_token)
    SigV4Auth(credentials, SIGNING_NAMES[service], REGION).add_auth(request)
    return ask_prepared(app, request.prepare())


def send_json(app: App, method: str, target: str, body: Any = None, **options: Any) -> Answer:
    """`send` with a JSON body."""
    return send(app, method, target, b"" if body is None else json.dumps(body).encode(), **options)


def call_v2(app: App, operation: str, body: bytes) -> Answer:
    """An SMS-Voice-V2 operation with any body."""
    headers = {"X-Amz-Target": f"PinpointSMSVoiceV2.{operation}", "Content-Type": "application/x-amz-json-1.0"}
    return send(app, "POST", "/", body, headers, service="pinpoint-sms-voice-v2")


def unsigned(app: App, method: str, target: str, headers: dict[str, str] | None = None) -> Answer:
    """A request without signature."""
    pairs = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    return ask(app, method, target, [(b"host", HOST.encode()), *pairs])


def message(answer: Answer) -> str:
    """The text of an error answer."""
    body = json.loads(answer.body)
    return body.get("Message") or body["message"]
