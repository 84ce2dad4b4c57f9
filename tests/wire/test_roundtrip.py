"""Every operation of the four models: botocore encodes, we decode; we encode, botocore decodes."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest

from clarion.wire.registry import SERVICES
from tests.wire.inprocess import Recorder, build, client, mounted
from tests.wire.samples import Sampler, from_struct, to_struct
from tools.models import load, module_name

OPERATIONS = [(service, name) for service in SERVICES for name in load(service).operation_names]
DENSITIES = [1.0, 0.0, 0.4, 0.6]


def test_the_models_are_the_four_services() -> None:
    counts = {service: len(load(service).operation_names) for service in SERVICES}
    assert counts == {
        "pinpoint": 122,
        "pinpoint-email": 42,
        "pinpoint-sms-voice": 8,
        "pinpoint-sms-voice-v2": len(SERVICES["pinpoint-sms-voice-v2"].operations),
    }


@pytest.fixture(scope="module")
def recorders() -> dict[str, Recorder]:
    return {name: Recorder(service) for name, service in SERVICES.items()}


@pytest.fixture(scope="module")
def callers(recorders: dict[str, Recorder]) -> Iterator[dict[str, Any]]:
    """A client for each service, on one application."""
    app = build(mounted(recorders))
    yield {name: client(app, name) for name in SERVICES}
    app.close()


@pytest.mark.parametrize(("service", "name"), OPERATIONS, ids=[f"{s}.{n}" for s, n in OPERATIONS])
def test_every_operation(callers: dict[str, Any], recorders: dict[str, Recorder], service: str, name: str) -> None:
    recorder, model = recorders[service], load(service).operation_model(name)
    module = importlib.import_module(f"clarion.shapes.{module_name(service)}")
    caller = callers[service]
    python_name = next(python for python, api in caller.meta.method_to_api_mapping.items() if api == name)
    for seed, density in enumerate(DENSITIES):
        sampler = Sampler(seed, density)
        sent = sampler.value(model.input_shape) if model.input_shape else {}
        expected, recorder.answer = _answer(sampler, model, module)
        got = getattr(caller, python_name)(**sent)

        metadata = got.pop("ResponseMetadata")
        assert got == expected
        assert metadata["HTTPStatusCode"] == model.http.get("responseCode", 200)
        assert metadata["RequestId"] == recorder.context.request_id
        if model.input_shape:
            received = from_struct(model.input_shape, recorder.given)
            for token in _idempotency_tokens(model) - set(sent):
                assert len(received.pop(token)) == 36
            assert received == sent
        recorder.given = None


def _answer(sampler: Sampler, model: Any, module: Any) -> tuple[dict[str, Any], Any]:
    """What botocore should read, and what the operation answers for it."""
    shape = model.output_shape
    if shape is None:
        return {}, None
    payload = shape.serialization.get("payload")
    value = sampler.value(shape.members[payload] if payload else shape)
    answer = to_struct(module, shape.members[payload] if payload else shape, value)
    return ({payload: value} if payload else value), answer


def _idempotency_tokens(model: Any) -> set[str]:
    members = model.input_shape.members.items()
    return {name for name, member in members if member.metadata.get("idempotencyToken")}
