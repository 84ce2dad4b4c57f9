"""One request to change an endpoint, checked by itself and brought into one form.

The three shapes that can carry it (EndpointRequest, EndpointBatchItem, PublicEndpoint) have the same members.
Scalars become lists, numbers become text, coordinates lose all but one decimal. Source: spec of the audience,
sections 2.1 and 2.3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias, cast

import msgspec

from clarion.core.clock import parse_iso, to_ms
from clarion.core.errors import Invalid
from clarion.domain.audience.model import OptOut, Status
from clarion.shapes.pinpoint import (
    AttributeValues,
    EndpointBatchItem,
    EndpointDemographic,
    EndpointLocation,
    EndpointRequest,
    PublicEndpoint,
    Scalar,
)

Request: TypeAlias = EndpointRequest | EndpointBatchItem | PublicEndpoint
NameKind = Literal["attributes", "metrics", "user_attributes"]

MAX_NAME, MAX_VALUE, MAX_VALUES = 50, 100, 50
MAX_USER_ID = 128
MAX_BYTES = 15 * 1024

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NONE: Mapping[str, str] = {}


class Effective(NamedTuple):
    """An EffectiveDate: as the client wrote it, and its Unix milliseconds."""

    text: str
    ms: int


class Change(msgspec.Struct, kw_only=True, gc=False):
    """What a request says. None and empty maps: not sent, the stored value stays."""

    channel_type: str | None = None
    address: str | None = None
    attributes: dict[str, list[str]] = {}
    metrics: dict[str, float] = {}
    demographic: Mapping[str, str] = {}
    location: Mapping[str, str | float] = {}
    user_id: str | None = None
    user_attributes: dict[str, list[str]] = {}
    opt_out: OptOut | None = None
    status: Status | None = None
    effective: Effective | None = None
    request_id: str | None = None

    @property
    def contact(self) -> str:
        """Channel and address in one, '' without either: see `Endpoint.contact`."""
        return f"{self.channel_type}:{self.address}" if self.channel_type and self.address else ""

    @property
    def stamped(self) -> bool:
        """Whether it is a device that introduces itself before it has an address: browser SDKs create their
        endpoint that way, with a date and a request id of their own."""
        return bool(self.effective and self.request_id) and self.channel_type is None and self.address is None

    def names(self, kind: NameKind) -> Mapping[str, object]:
        """What is sent of one of the three kinds whose names are counted."""
        return cast("Mapping[str, object]", getattr(self, kind))

    def without(self, kind: NameKind, dropped: set[str]) -> Change:
        """The same change with some names of one kind not sent."""
        kept = {name: value for name, value in self.names(kind).items() if name not in dropped}
        return msgspec.structs.replace(self, **{kind: kept})


def change_of(request: Request) -> Change:
    """The change that a request asks for; raises Invalid naming the member that breaks a rule."""
    user = request.user
    return Change(
        channel_type=request.channel_type or None,
        address=_text("Address", request.address),
        attributes=_values("Attributes", request.attributes) if request.attributes else {},
        metrics=_metrics(request.metrics) if request.metrics else {},
        demographic=_demographic(request.demographic) if request.demographic else _NONE,
        location=_location(request.location) if request.location else _NONE,
        user_id=_user_id(user.user_id) if user else None,
        user_attributes=(_values("User.UserAttributes", user.user_attributes) if user and user.user_attributes else {}),
        opt_out=_opt_out(request.opt_out),
        status=_status(request.endpoint_status),
        effective=_effective(request.effective_date) if request.effective_date else None,
        request_id=request.request_id or None,
    )


def is_empty(request: Request) -> bool:
    """Whether nothing at all is sent, as the JavaScript SDK does with every PutEvents."""
    return not any(getattr(request, member) is not None for member in request.__struct_fields__ if member != "id")


def _values(field: str, sent: Mapping[str, AttributeValues | None]) -> dict[str, list[str]]:
    """Name → list of strings; a name with null is not sent."""
    checked = {}
    for name, value in sent.items():
        if value is None:
            continue
        _check_name(field, name)
        given = value if isinstance(value, list) else [value]
        texts = [item if type(item) is str else _scalar(item) for item in given]
        if len(texts) > MAX_VALUES:
            raise Invalid(f"{field}.{name}: must not have more than {MAX_VALUES} values")
        for text in texts:
            if len(text) > MAX_VALUE:
                raise Invalid(f"{field}.{name}: values must not be longer than {MAX_VALUE} characters")
        checked[name] = texts
    return checked


def _metrics(sent: Mapping[str, float | None]) -> dict[str, float]:
    """Name → number; a name with null is not sent."""
    numbers = {name: float(value) for name, value in sent.items() if value is not None}
    for name in numbers:
        _check_name("Metrics", name)
    return numbers


def _check_name(field: str, name: str) -> None:
    if problem := _problem(name):
        raise Invalid(f"{field}: names must {problem}")


@lru_cache(maxsize=10_000)
def _problem(name: str) -> str:
    """What is wrong with a name, '' when nothing is; apps use the same few again and again."""
    if not 0 < len(name) <= MAX_NAME:
        return f"have 1 to {MAX_NAME} characters"
    return "not contain control characters" if _CONTROL.search(name) else ""


def _scalar(value: Scalar) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value)


def _demographic(sent: EndpointDemographic) -> Mapping[str, str]:
    return {leaf: value for leaf in sent.__struct_fields__ if (value := getattr(sent, leaf)) is not None}


def _location(sent: EndpointLocation) -> Mapping[str, str | float]:
    leaves: dict[str, str | float] = {}
    for leaf in sent.__struct_fields__:
        value = getattr(sent, leaf)
        if isinstance(value, str):
            leaves[leaf] = value
        elif value is not None:
            # Adding zero turns -0.0 into 0.0.
            leaves[leaf] = round(float(value), 1) + 0.0
    return leaves


def _user_id(sent: str | None) -> str | None:
    if sent is not None and len(sent) > MAX_USER_ID:
        raise Invalid(f"User.UserId: must not be longer than {MAX_USER_ID} characters")
    return _text("User.UserId", sent)


def _text(field: str, sent: str | None) -> str | None:
    if sent and "\0" in sent:
        raise Invalid(f"{field}: must not contain a NUL character")
    return sent


def _opt_out(sent: str | None) -> OptOut | None:
    if sent is None or sent in ("ALL", "NONE"):
        return cast("OptOut | None", sent)
    raise Invalid("OptOut: must be ALL or NONE")


def _status(sent: str | None) -> Status | None:
    if sent is None or sent in ("ACTIVE", "INACTIVE"):
        return cast("Status | None", sent)
    raise Invalid("EndpointStatus: must be ACTIVE or INACTIVE")


def _effective(sent: str) -> Effective:
    try:
        return Effective(sent, to_ms(parse_iso(sent)))
    except (ValueError, OverflowError) as error:
        raise Invalid("EffectiveDate: must be an ISO 8601 date") from error
