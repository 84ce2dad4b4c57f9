"""Nothing a client sends makes the wire fail in its own name: no 500, and no input that is not of its type."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from botocore.serialize import create_serializer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.wire.app import App
from clarion.wire.registry import SERVICES
from tests.wire.inprocess import Recorder, ask, build, mounted
from tests.wire.samples import Sampler
from tests.wire.sending import message, send
from tools.models import load

JUNK = (None, True, 0, -1, 1.5, 10**30, "", "x", "\ud7ff", [], [None], [[]], {}, {"": None}, {"a": {"b": []}})


@pytest.fixture(scope="module")
def recorders() -> dict[str, Recorder]:
    return {name: Recorder(service) for name, service in SERVICES.items()}


@pytest.fixture(scope="module")
def app(recorders: dict[str, Recorder]) -> Iterator[App]:
    made = build(mounted(recorders))
    yield made
    made.close()


@pytest.mark.parametrize("service", SERVICES)
def test_bodies_with_one_thing_wrong(app: App, recorders: dict[str, Recorder], service: str) -> None:
    chance = random.Random(5)
    serializer = create_serializer(SERVICES[service].protocol)
    refused = accepted = 0
    for name in load(service).operation_names:
        model = load(service).operation_model(name)
        if model.input_shape is None:
            continue
        for seed in range(4):
            request = serializer.serialize_to_request(Sampler(seed, 0.7).value(model.input_shape), model)
            if not request["body"]:
                continue
            body = json.dumps(_spoiled(json.loads(request["body"]), chance)).encode()
            target = request["url_path"] + (f"?{urlencode(request['query_string'])}" if request["query_string"] else "")
            recorders[service].given = None
            answer = send(app, request["method"], target, body, dict(request["headers"]), service=service)
            if answer.status == 400:
                refused += 1
                assert ":" in message(answer) or "JSON" in message(answer), (name, body, answer.body)
            else:
                accepted += 1
                assert answer.status < 300, (name, body, answer.body)
                given = recorders[service].given
                msgspec.convert(msgspec.to_builtins(given), type(given))
    assert refused > 0
    assert accepted > 0


def _spoiled(value: Any, chance: random.Random) -> Any:
    """A copy with one node replaced by junk."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(sorted(value))
        return value | {key: _spoiled(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.85:
        index = chance.randrange(len(value))
        return [*value[:index], _spoiled(value[index], chance), *value[index + 1 :]]
    return chance.choice(JUNK)


METHODS = st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "BREW"])
NAMES = st.sampled_from(
    [
        b"authorization",
        b"x-amz-date",
        b"date",
        b"x-amz-content-sha256",
        b"x-amz-security-token",
        b"x-amz-target",
        b"content-encoding",
        b"content-length",
        b"origin",
        b"host",
    ]
)
VALUES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [
            b"STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            b"UNSIGNED-PAYLOAD",
            b"gzip",
            b"20270131T120000Z",
            b"PinpointSMSVoiceV2.DescribePools",
            b"AWS4-HMAC-SHA256 Credential=AKIAADMIN/20270131/x/y/aws4_request, SignedHeaders=host, Signature=0",
        ]
    ),
)
TARGETS = st.one_of(
    st.binary(max_size=60).map(lambda part: b"/" + part),
    st.binary(max_size=40).map(lambda part: b"/v1/apps/" + part),
    st.binary(max_size=40).map(lambda part: b"/v1/apps?X-Amz-Algorithm=AWS4-HMAC-SHA256&" + part),
    st.binary(max_size=40).map(lambda part: b"/healthz?" + part),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=METHODS, target=TARGETS, headers=st.lists(st.tuples(NAMES, VALUES), max_size=6), body=st.binary(max_size=50)
)
def test_requests_of_random_bytes(
    app: App, method: str, target: bytes, headers: list[tuple[bytes, bytes]], body: bytes
) -> None:
    answer = ask(app, method, target, headers, body)
    assert answer.status in (200, 204, 400, 403, 404, 405, 413), answer.body


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.one_of(st.binary(max_size=80), st.text(max_size=80).map(str.encode)))
def test_signed_bodies_of_random_bytes(app: App, body: bytes) -> None:
    assert send(app, "POST", "/v1/apps/a/events", body).status in (202, 400)
