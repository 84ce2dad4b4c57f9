"""The endpoint as it is stored, and the forms in which others get to see it.

The document outlives releases, so it carries a version. Lists are normalised and nothing is None but the two
groups that an answer leaves out until they are set; an empty string stands for "not set".
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, cast

import msgspec

from clarion.core.clock import iso_ms
from clarion.core.errors import Invalid
from clarion.shapes.pinpoint import (
    AttributeValues,
    ChannelType,
    EndpointDemographic,
    EndpointLocation,
    EndpointResponse,
    EndpointUser,
)

Status = Literal["ACTIVE", "INACTIVE"]
OptOut = Literal["ALL", "NONE"]

MAX_ID = 512
"""Characters of an endpoint id (our own limit: an index must hold it)."""

_FORBIDDEN_IN_ID = frozenset("${}\0")


class Demographic(msgspec.Struct, omit_defaults=True, gc=False):
    """The device; member by member as in the API."""

    app_version: str = ""
    locale: str = ""
    make: str = ""
    model: str = ""
    model_version: str = ""
    platform: str = ""
    platform_version: str = ""
    timezone: str = ""


class Location(msgspec.Struct, omit_defaults=True, gc=False):
    """The place; latitude and longitude to one decimal, as Pinpoint keeps them."""

    city: str = ""
    country: str = ""
    latitude: float | None = None
    longitude: float | None = None
    postal_code: str = ""
    region: str = ""


class Endpoint(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """One address on one channel. Treat a stored or read one, and what hangs on it, as unchangeable.

    `attributes_of` is the user whose attributes `user_attributes` are; it outlasts the user id of an endpoint
    that left its user, so that they are not carried to the next one. `status_reason` says why Clarion itself
    made an endpoint inactive. `effective` is the EffectiveDate as the client wrote it, `effective_ms` its time.
    """

    version: int = 1
    id: str
    channel_type: str = ""
    address: str = ""
    attributes: dict[str, list[str]] = {}
    metrics: dict[str, float] = {}
    demographic: Demographic | None = None
    location: Location | None = None
    user_id: str = ""
    user_attributes: dict[str, list[str]] = {}
    attributes_of: str = ""
    opt_out: OptOut = "NONE"
    status: Status = "ACTIVE"
    status_reason: str = ""
    effective: str = ""
    effective_ms: int = 0
    request_id: str = ""
    cohort: int = 0
    created_ms: int = 0

    @property
    def key(self) -> str:
        """What the endpoint is found by."""
        return endpoint_key(self.id)

    @property
    def contact(self) -> str:
        """Channel and address in one, '' without either: no two active endpoints of an app share one."""
        return f"{self.channel_type}:{self.address}" if self.channel_type and self.address else ""


class Outline(msgspec.Struct, gc=False):
    """What of a stored endpoint tells whose it is and whether it can be reached."""

    channel_type: str = ""
    address: str = ""
    user_id: str = ""
    opt_out: OptOut = "NONE"
    status: Status = "ACTIVE"


class Fate(NamedTuple):
    """What a provider said of the address that a message went to: nobody is there any more (`reason`), or it goes on as
    `moved_to`. `since_ms` (Unix ms, 0: not known): an endpoint whose EffectiveDate is later is not meant."""

    endpoint_id: str
    channel_type: str
    address: str
    reason: str = ""
    since_ms: int = 0
    moved_to: str = ""


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Endpoint).decode
decode_outline = msgspec.json.Decoder(Outline).decode


def endpoint_key(endpoint_id: str) -> str:
    """The key of an endpoint id: ids compare case-insensitively."""
    return endpoint_id.lower()


def check_id(endpoint_id: str) -> str:
    """The id itself; raises Invalid when it is empty, too long or holds `$`, `{` or `}`."""
    if not endpoint_id:
        raise Invalid("EndpointId: must not be empty")
    if len(endpoint_id) > MAX_ID:
        raise Invalid(f"EndpointId: must not be longer than {MAX_ID} characters")
    if not _FORBIDDEN_IN_ID.isdisjoint(endpoint_id):
        raise Invalid("EndpointId: must not contain $, { or }")
    return endpoint_id


def answer(app_id: str, endpoint: Endpoint) -> EndpointResponse:
    """The endpoint as the API shows it.

    `Attributes`, `Metrics` and `User` are there when empty; `Demographic` and `Location` once they were set.
    """
    return EndpointResponse(
        address=endpoint.address or None,
        application_id=app_id,
        attributes=endpoint.attributes,
        channel_type=cast("ChannelType | None", endpoint.channel_type or None),
        cohort_id=str(endpoint.cohort),
        creation_date=iso_ms(endpoint.created_ms),
        demographic=_demographic(endpoint.demographic),
        effective_date=endpoint.effective,
        endpoint_status=endpoint.status,
        id=endpoint.id,
        location=_location(endpoint.location),
        metrics=endpoint.metrics,
        opt_out=endpoint.opt_out,
        request_id=endpoint.request_id,
        user=EndpointUser(
            user_attributes=cast("dict[str, AttributeValues | None]", endpoint.user_attributes) or None,
            user_id=endpoint.user_id or None,
        ),
    )


def template_context(endpoint: Endpoint) -> dict[str, Any]:
    """The endpoint as message variables see it: nested mappings with the API's names, no member unset."""
    user: dict[str, Any] = {"UserAttributes": endpoint.user_attributes}
    if endpoint.user_id:
        user["UserId"] = endpoint.user_id
    demographic, location = _demographic(endpoint.demographic), _location(endpoint.location)
    context: dict[str, Any] = {
        "Id": endpoint.id,
        "Attributes": endpoint.attributes,
        "Metrics": endpoint.metrics,
        "Demographic": msgspec.to_builtins(demographic) if demographic else {},
        "Location": msgspec.to_builtins(location) if location else {},
        "User": user,
        "OptOut": endpoint.opt_out,
        "EndpointStatus": endpoint.status,
        "EffectiveDate": iso_ms(endpoint.effective_ms),
        "CreationDate": iso_ms(endpoint.created_ms),
        "CohortId": str(endpoint.cohort),
        "RequestId": endpoint.request_id,
    }
    if endpoint.address:
        context["Address"] = endpoint.address
    if endpoint.channel_type:
        context["ChannelType"] = endpoint.channel_type
    return context


def _demographic(stored: Demographic | None) -> EndpointDemographic | None:
    if stored is None:
        return None
    return EndpointDemographic(
        app_version=stored.app_version or None,
        locale=stored.locale or None,
        make=stored.make or None,
        model=stored.model or None,
        model_version=stored.model_version or None,
        platform=stored.platform or None,
        platform_version=stored.platform_version or None,
        timezone=stored.timezone or None,
    )


def _location(stored: Location | None) -> EndpointLocation | None:
    if stored is None:
        return None
    return EndpointLocation(
        city=stored.city or None,
        country=stored.country or None,
        latitude=stored.latitude,
        longitude=stored.longitude,
        postal_code=stored.postal_code or None,
        region=stored.region or None,
    )
