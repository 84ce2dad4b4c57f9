"""Failures become each service's exceptions, and botocore raises the right class for them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.retries import standard

from clarion.core import errors
from clarion.wire.app import App
from clarion.wire.errors import ANSWERS, Modelled
from clarion.wire.registry import SERVICES, Registry
from tests.wire.inprocess import Recorder, build, client
from tests.wire.samples import Sampler
from tools.models import load

CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "pinpoint": ("get_campaign", {"ApplicationId": "a", "CampaignId": "c"}),
    "pinpoint-email": ("get_configuration_set", {"ConfigurationSetName": "c"}),
    "pinpoint-sms-voice": ("delete_configuration_set", {"ConfigurationSetName": "c"}),
    "pinpoint-sms-voice-v2": ("describe_pools", {}),
}
KINDS = {
    "pinpoint": {
        errors.Invalid: (400, "BadRequestException"),
        errors.Forbidden: (403, "ForbiddenException"),
        errors.NotFound: (404, "NotFoundException"),
        errors.NotAllowed: (405, "MethodNotAllowedException"),
        errors.Conflict: (409, "ConflictException"),
        errors.TooLarge: (413, "PayloadTooLargeException"),
        errors.TooMany: (429, "TooManyRequestsException"),
        errors.Unimplemented: (501, "MethodNotAllowedException"),
        errors.Unavailable: (503, "InternalServerErrorException"),
    },
    "pinpoint-email": {
        errors.Invalid: (400, "BadRequestException"),
        errors.Forbidden: (403, "AccessDeniedException"),
        errors.NotFound: (404, "NotFoundException"),
        errors.Conflict: (400, "AlreadyExistsException"),
        errors.TooMany: (429, "TooManyRequestsException"),
        errors.Unimplemented: (501, "BadRequestException"),
        errors.Unavailable: (503, "InternalFailure"),
    },
    "pinpoint-sms-voice": {
        errors.Invalid: (400, "BadRequestException"),
        errors.NotFound: (404, "NotFoundException"),
        errors.Conflict: (409, "AlreadyExistsException"),
        errors.TooMany: (429, "TooManyRequestsException"),
        errors.Unavailable: (503, "InternalServiceErrorException"),
    },
    "pinpoint-sms-voice-v2": {
        errors.Invalid: (400, "ValidationException"),
        errors.Forbidden: (400, "AccessDeniedException"),
        errors.NotFound: (400, "ResourceNotFoundException"),
        errors.Conflict: (400, "ConflictException"),
        errors.TooMany: (400, "ThrottlingException"),
        errors.Unimplemented: (501, "ValidationException"),
        errors.Unavailable: (503, "InternalServerException"),
    },
}
CASES = [(service, kind, *answer) for service, kinds in KINDS.items() for kind, answer in kinds.items()]


def fail(app: App, recorders: dict[str, Recorder], service: str, error: Exception) -> Any:
    """The botocore exception that `error` in the domain becomes."""
    recorders[service].answer = error
    name, arguments = CALLS[service]
    caller = client(app, service)
    with pytest.raises(caller.exceptions.ClientError) as caught:
        getattr(caller, name)(**arguments)
    return caught.value


@pytest.mark.parametrize(("service", "kind", "status", "code"), CASES)
def test_kinds(
    app: App,
    recorders: dict[str, Recorder],
    service: str,
    kind: type[errors.ClarionError],
    status: int,
    code: str,
) -> None:
    error = fail(app, recorders, service, kind("a text for the caller"))
    response = error.response
    assert (response["Error"]["Code"], response["Error"]["Message"]) == (code, "a text for the caller")
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status
    request_id = response["ResponseMetadata"]["RequestId"]
    assert request_id == recorders[service].context.request_id
    if service == "pinpoint":
        assert response["RequestID"] == request_id
    if code in SERVICES[service].errors:
        assert type(error).__name__ == code
    if kind in (errors.Unavailable, errors.TooMany):
        assert response["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "1"


def test_every_kind_is_known_for_every_service() -> None:
    kinds = set(errors.ClarionError.__subclasses__()) - {Modelled}
    for service, table in ANSWERS.items():
        assert kinds <= set(table), service


@pytest.mark.parametrize(
    ("kind", "retried"),
    [
        (errors.Unimplemented, False),
        (errors.Invalid, False),
        (errors.Conflict, False),
        (errors.Unavailable, True),
        (errors.TooMany, True),
    ],
)
def test_what_sdks_retry(
    app: App, recorders: dict[str, Recorder], kind: type[errors.ClarionError], retried: bool
) -> None:
    """By botocore's own rules, which all SDKs share."""
    checks = [standard.TransientRetryableChecker(), standard.ThrottledRetryableChecker()]
    for service in SERVICES:
        response = fail(app, recorders, service, kind("x")).response
        http = SimpleNamespace(status_code=response["ResponseMetadata"]["HTTPStatusCode"])
        context = standard.RetryContext(1, parsed_response=response, http_response=http)
        assert any(check.is_retryable(context) for check in checks) is retried, (service, response)


MODELLED = [(service, code) for service in SERVICES for code in SERVICES[service].errors]


@pytest.mark.parametrize(("service", "code"), MODELLED)
def test_every_modelled_exception(app: App, recorders: dict[str, Recorder], service: str, code: str) -> None:
    shape = load(service).shape_for(code)
    members = Sampler(1, 1.0).value(shape)
    message = members.pop("Message", "text")
    members.pop("RequestID", None)
    error = fail(app, recorders, service, Modelled(code, message, **members))
    assert type(error).__name__ == code
    assert error.response["Error"] == {"Code": code, "Message": message}
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == SERVICES[service].errors[code].status
    for name, value in members.items():
        assert error.response[name] == value


class TestUnexpected:
    def test_nothing_leaks_and_all_is_logged(
        self, app: App, recorders: dict[str, Recorder], logs: list[dict[str, Any]]
    ) -> None:
        error = fail(app, recorders, "pinpoint", ZeroDivisionError("password is hunter2"))
        assert type(error).__name__ == "InternalServerErrorException"
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 500
        assert "hunter2" not in str(error.response)
        failed = next(line for line in logs if line["event"] == "request_failed")
        assert isinstance(failed["exc_info"], ZeroDivisionError)
        assert failed["request_id"] == error.response["RequestID"]
        assert failed["operation"] == "GetCampaign"

    @pytest.mark.parametrize(
        ("service", "code"),
        [
            ("pinpoint-email", "InternalFailure"),
            ("pinpoint-sms-voice", "InternalServiceErrorException"),
            ("pinpoint-sms-voice-v2", "InternalServerException"),
        ],
    )
    def test_in_every_service(self, app: App, recorders: dict[str, Recorder], service: str, code: str) -> None:
        error = fail(app, recorders, service, KeyError("x"))
        assert error.response["Error"]["Code"] == code
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 500

    def test_an_answer_that_cannot_be_written(self, app: App, recorders: dict[str, Recorder]) -> None:
        recorders["pinpoint"].answer = object()
        caller = client(app, "pinpoint")
        with pytest.raises(caller.exceptions.InternalServerErrorException):
            caller.get_apps()


def test_operations_that_are_not_there() -> None:
    """Each of them, in every service, answers a well-formed error that says so."""
    app = build(Registry())
    for service in SERVICES:
        caller = client(app, service)
        for name in caller.meta.method_to_api_mapping:
            model = load(service).operation_model(caller.meta.method_to_api_mapping[name])
            arguments = Sampler(0, 0.0).value(model.input_shape) if model.input_shape else {}
            with pytest.raises(caller.exceptions.ClientError) as caught:
                getattr(caller, name)(**arguments)
            response = caught.value.response
            assert response["ResponseMetadata"]["HTTPStatusCode"] == 501
            assert response["Error"]["Message"] == f"{model.name} is not implemented in Clarion yet"
            assert type(caught.value).__name__ in SERVICES[service].errors
    app.close()
