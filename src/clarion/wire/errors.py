"""The kinds of failure of `core.errors` as each service's exceptions: the only place that knows both.

Clients find the exception by the `x-amzn-ErrorType` header (and by `__type` in the json protocol), and the
text by the member `Message` (`message` in Pinpoint Email). Choices where the models say nothing:

- A role or project that may not do something gets the service's modelled 403 (`ForbiddenException`, in
  SMS-Voice-V2 `AccessDeniedException`); what is wrong with the signature has AWS's general types, status 403.
- `Conflict` on a Pinpoint operation that does not declare it is still 409 `ConflictException`: the shape
  exists in the service, so SDKs raise its class.
- An operation without behaviour is 501 with a modelled type. SDKs retry 500, 502, 503 and 504, and 501 not.
- `Unavailable` is 503 with the service's internal error type and `Retry-After`, so that SDKs do retry.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from clarion.core import errors
from clarion.wire.http.asgi import Response
from clarion.wire.model import Service

_FORBIDDEN = "ForbiddenException"
_RETRY: tuple[tuple[bytes, bytes], ...] = ((b"retry-after", b"1"),)


class FieldInvalid(errors.Invalid):
    """A member of the input is not what the model says; `field` is its path in the body (`A.b[0]`)."""

    def __init__(self, field: str, reason: str, *, missing: bool = False) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason
        self.missing = missing


class Modelled(errors.ClarionError):
    """One particular exception of a service's model, for operations of services that tell more apart than
    the kinds do: `Modelled("ConflictException", "…", Reason="LAST_PHONE_NUMBER", ResourceType="pool")`.

    `members` are the other members of its body, by their wire names.
    """

    def __init__(self, code: str, message: str, **members: object) -> None:
        super().__init__(message)
        self.code = code
        self.members = members


class _Answer(NamedTuple):
    code: str
    status: int
    headers: tuple[tuple[bytes, bytes], ...] = ()


_PINPOINT: Mapping[type[errors.ClarionError], _Answer] = {
    errors.Invalid: _Answer("BadRequestException", 400),
    errors.Forbidden: _Answer(_FORBIDDEN, 403),
    errors.NotFound: _Answer("NotFoundException", 404),
    errors.NotAllowed: _Answer("MethodNotAllowedException", 405),
    errors.Conflict: _Answer("ConflictException", 409),
    errors.TooLarge: _Answer("PayloadTooLargeException", 413),
    errors.TooMany: _Answer("TooManyRequestsException", 429, _RETRY),
    errors.Unimplemented: _Answer("MethodNotAllowedException", 501),
    errors.Unavailable: _Answer("InternalServerErrorException", 503, _RETRY),
    errors.ClarionError: _Answer("InternalServerErrorException", 500),
}
_SMS_VOICE = {
    **_PINPOINT,
    errors.Forbidden: _Answer("AccessDeniedException", 403),
    errors.NotAllowed: _Answer("BadRequestException", 405),
    errors.Conflict: _Answer("AlreadyExistsException", 409),
    errors.TooLarge: _Answer("BadRequestException", 413),
    errors.Unimplemented: _Answer("BadRequestException", 501),
    errors.Unavailable: _Answer("InternalServiceErrorException", 503, _RETRY),
    errors.ClarionError: _Answer("InternalServiceErrorException", 500),
}
_EMAIL = {
    **_SMS_VOICE,
    errors.Conflict: _Answer("AlreadyExistsException", 400),
    errors.Unavailable: _Answer("InternalFailure", 503, _RETRY),
    errors.ClarionError: _Answer("InternalFailure", 500),
}
_SMS_VOICE_V2 = {
    errors.Invalid: _Answer("ValidationException", 400),
    errors.Forbidden: _Answer("AccessDeniedException", 400),
    errors.NotFound: _Answer("ResourceNotFoundException", 400),
    errors.NotAllowed: _Answer("ValidationException", 405),
    errors.Conflict: _Answer("ConflictException", 400),
    errors.TooLarge: _Answer("ValidationException", 413),
    errors.TooMany: _Answer("ThrottlingException", 400, _RETRY),
    errors.Unimplemented: _Answer("ValidationException", 501),
    errors.Unavailable: _Answer("InternalServerException", 503, _RETRY),
    errors.ClarionError: _Answer("InternalServerException", 500),
}
ANSWERS: Mapping[str, Mapping[type[errors.ClarionError], _Answer]] = {
    "pinpoint": _PINPOINT,
    "pinpoint-email": _EMAIL,
    "pinpoint-sms-voice": _SMS_VOICE,
    "pinpoint-sms-voice-v2": _SMS_VOICE_V2,
}
_REASONS: Mapping[type[errors.ClarionError], str] = {
    errors.Invalid: "INVALID_REQUEST",
    errors.NotAllowed: "UNKNOWN_OPERATION",
    errors.TooLarge: "MAXIMUM_SIZE_EXCEEDED",
    errors.Unimplemented: "UNKNOWN_OPERATION",
}

INTERNAL = "An internal error occurred. The server's log has it under this request's id."


def content_type(service: Service) -> bytes:
    """The content type of a service's bodies."""
    return b"application/json" if service.protocol == "rest-json" else b"application/x-amz-json-1.0"


def render(service: Service, error: Exception, request_id: str) -> Response:
    """The answer that tells a client of `service` about `error`; anything that is no ClarionError is an
    internal error without details."""
    known = error if isinstance(error, errors.ClarionError) else errors.ClarionError(INTERNAL)
    answer = _answer(service, known)
    body = _body(service, answer, known, request_id)
    if isinstance(known, Modelled):
        body |= known.members
    headers = (
        (b"content-type", content_type(service)),
        (b"x-amzn-errortype", answer.code.encode()),
        *answer.headers,
    )
    return Response(answer.status, msgspec.json.encode(body), headers)


def _answer(service: Service, error: errors.ClarionError) -> _Answer:
    if isinstance(error, Modelled):
        shape = service.errors.get(error.code)
        return _Answer(error.code, 400 if shape is None else shape.status)
    if isinstance(error, errors.Forbidden) and error.code != _FORBIDDEN:
        return _Answer(error.code, 403)
    table = ANSWERS[service.name]
    return next(table[kind] for kind in type(error).__mro__ if kind in table)


def _body(service: Service, answer: _Answer, error: errors.ClarionError, request_id: str) -> dict[str, object]:
    match service.name:
        case "pinpoint":
            return {"RequestID": request_id, "Message": error.message}
        case "pinpoint-email":
            return {"message": error.message}
        case "pinpoint-sms-voice":
            return {"Message": error.message}
    body: dict[str, object] = {"__type": answer.code, "Message": error.message}
    if answer.code == "InternalServerException":
        body["RequestId"] = request_id
    elif answer.code == "ValidationException":
        body |= _validation(error)
    return body


def _validation(error: errors.ClarionError) -> dict[str, object]:
    if isinstance(error, FieldInvalid):
        reason = "MISSING_PARAMETER" if error.missing else "FIELD_VALIDATION_FAILED"
        return {"Reason": reason, "Fields": [{"Name": error.field, "Message": error.reason}]}
    return {"Reason": next((_REASONS[kind] for kind in type(error).__mro__ if kind in _REASONS), "OTHER")}
