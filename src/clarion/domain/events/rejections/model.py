"""A rejection: an event, a part of a request or a whole request that was not taken, and the rule behind it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from clarion.core.clock import DAY_MS
from clarion.core.errors import ClarionError, Forbidden, NotFound, TooLarge, TooMany
from clarion.core.scope import Scope
from clarion.domain.events.model import (
    MAX_BODY_BYTES,
    MAX_EVENT_BYTES,
    MAX_EVENTS,
    MAX_KEY_CHARACTERS,
    MAX_KEYS,
    MAX_VALUE_CHARACTERS,
    NAME_QUOTAS,
    DropReason,
    NameKind,
)

KEEP_MS = 3 * DAY_MS
"""How long a rejection is kept, in the product's time."""

MOST = 10_000
"""Of a project, about: older ones go first."""

LONGEST_TEXT = 1_000
"""Characters of a client's own words (an endpoint's or event's id, a message) that are kept."""


class RequestReason(enum.StrEnum):
    """Reasons for which more than an event is not taken. With `DropReason` the closed set."""

    ENDPOINT = "endpoint"
    REQUEST = "request"
    REQUEST_TOO_LARGE = "request_too_large"
    PROJECT = "project"
    SIGNATURE = "signature"
    NOT_ALLOWED = "not_allowed"
    THROTTLED = "throttled"
    MORE = "more"


RULES: Mapping[str, str] = {
    DropReason.MALFORMED: "An event is an object with members of the documented types.",
    DropReason.ITEM: "An item of BatchItem has an endpoint id, an Endpoint and Events; without them its events go too.",
    DropReason.EVENT_ID: "An event id is not empty.",
    DropReason.TOO_LARGE: f"An event has at most {MAX_EVENT_BYTES:,} bytes.",
    DropReason.EVENT_TYPE: "EventType is a text that is not empty.",
    DropReason.TIMESTAMP: "Timestamp is an ISO 8601 date with time.",
    DropReason.SESSION: "Session has an Id and a StartTimestamp, its times are ISO 8601 dates.",
    DropReason.TOO_MANY_KEYS: f"An event has at most {MAX_KEYS} attributes and metrics together.",
    DropReason.KEY_TOO_LONG: f"The name of an attribute or metric has at most {MAX_KEY_CHARACTERS} characters.",
    DropReason.VALUE_TOO_LONG: f"The value of an attribute has at most {MAX_VALUE_CHARACTERS} characters.",
    DropReason.NAME: "Names of types, attributes and metrics have no control characters.",
    DropReason.TYPE_QUOTA: f"A project has at most {NAME_QUOTAS[NameKind.TYPE]:,} event types of its own.",
    DropReason.ATTRIBUTE_QUOTA: f"A project has at most {NAME_QUOTAS[NameKind.ATTRIBUTE]:,} names of attributes.",
    DropReason.METRIC_QUOTA: f"A project has at most {NAME_QUOTAS[NameKind.METRIC]:,} names of metrics.",
    RequestReason.ENDPOINT: "The endpoint of an item obeys UpdateEndpoint's rules; its events are taken without it.",
    RequestReason.REQUEST: f"A request is one EventsRequest in JSON with at most {MAX_EVENTS} events.",
    RequestReason.REQUEST_TOO_LARGE: f"A request has at most {MAX_BODY_BYTES:,} bytes, unpacked.",
    RequestReason.PROJECT: "The project in the path exists in the account and region of the signature.",
    RequestReason.SIGNATURE: "A request is signed with the secret of its access key, for now and for this service.",
    RequestReason.NOT_ALLOWED: "The access key may call PutEvents on this project.",
    RequestReason.THROTTLED: "A project stays within its rate of requests.",
    RequestReason.MORE: "Of one project only so many rejections a second are kept.",
}


_BY_ERROR: Mapping[type[ClarionError], RequestReason] = {
    NotFound: RequestReason.PROJECT,
    TooLarge: RequestReason.REQUEST_TOO_LARGE,
    TooMany: RequestReason.THROTTLED,
}


def reason_of(error: ClarionError, *, proven: bool) -> RequestReason:
    """Why a request was refused as a whole; `proven`: its signature was good."""
    if isinstance(error, Forbidden):
        return RequestReason.NOT_ALLOWED if proven else RequestReason.SIGNATURE
    return _BY_ERROR.get(type(error), RequestReason.REQUEST)


class Detail(msgspec.Struct, omit_defaults=True):
    """What is told of a rejection beside the columns it is found by."""

    message: str
    endpoint_id: str = ""
    event_id: str = ""
    request_id: str = ""
    access_key_id: str = ""
    asked: str = ""
    """The project as the request named it, when the account has none of that name."""


class Rejection(NamedTuple):
    """One of them; "" for what is not known. `app_id` is "" when the project is none of the account's."""

    scope: Scope
    app_id: str
    at_ms: int
    reason: str
    detail: Detail
    endpoint_key: str = ""
    event_type: str = ""


class Kept(NamedTuple):
    """A rejection as it is kept: `seq` grows in the order in which they can be read."""

    seq: int
    app_id: str
    at_ms: int
    reason: str
    endpoint_key: str
    event_type: str
    detail: Detail


def cut(text: str) -> str:
    """A client's words, as far as they are kept."""
    plain = text.replace("\0", "\N{REPLACEMENT CHARACTER}")  # PostgreSQL takes no NUL
    return plain if len(plain) <= LONGEST_TEXT else plain[: LONGEST_TEXT - 1] + "…"
