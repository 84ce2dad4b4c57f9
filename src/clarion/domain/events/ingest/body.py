"""The body of PutEvents: lean structs that hold its limits, and what exactly is wrong with a body that breaks one.

Nearly every body is good, so it is first decoded in one strict pass whose types carry the limits: no line of
Python runs per event. Only a body that this pass refuses is taken apart item by item, to tell the bad events
from the good ones and to name the reason (`DropReason`) of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta, Struct, field

from clarion.core.clock import parse_iso
from clarion.core.errors import Invalid, TooLarge
from clarion.domain.audience.model import Endpoint
from clarion.domain.events.model import (
    MAX_BODY_BYTES,
    MAX_EVENT_BYTES,
    MAX_EVENTS,
    MAX_KEY_CHARACTERS,
    MAX_KEYS,
    MAX_VALUE_CHARACTERS,
    DropReason,
)
from clarion.shapes.pinpoint import PublicEndpoint
from clarion.wire.codec import read_json
from clarion.wire.errors import FieldInvalid
from clarion.wire.explain import WHOLE, explain

Text = Annotated[str, Meta(min_length=1)]
Key = Annotated[str, Meta(max_length=MAX_KEY_CHARACTERS)]
Value = Annotated[str, Meta(max_length=MAX_VALUE_CHARACTERS)]
Milliseconds = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


class Session(Struct, kw_only=True, omit_defaults=True, gc=False):
    """The session an event belongs to; `duration` in milliseconds."""

    id: str = field(name="Id")
    start: datetime = field(name="StartTimestamp")
    stop: datetime | None = field(default=None, name="StopTimestamp")
    duration: Milliseconds | None = field(default=None, name="Duration")


class Event(Struct, kw_only=True, omit_defaults=True, gc=False):
    """One reported event. A time without offset is UTC."""

    event_type: Text = field(name="EventType")
    timestamp: datetime = field(name="Timestamp")
    attributes: Annotated[dict[Key, Value], Meta(max_length=MAX_KEYS)] | None = field(default=None, name="Attributes")
    metrics: Annotated[dict[Key, float], Meta(max_length=MAX_KEYS)] | None = field(default=None, name="Metrics")
    session: Session | None = field(default=None, name="Session")
    package_name: str | None = field(default=None, name="AppPackageName")
    title: str | None = field(default=None, name="AppTitle")
    version_code: str | None = field(default=None, name="AppVersionCode")
    sdk_name: str | None = field(default=None, name="SdkName")
    sdk_version: str | None = field(default=None, name="ClientSdkVersion")


class _StrictEvent(Event, kw_only=True, omit_defaults=True, gc=False):
    # Half of the keys for each, so that the limit of their sum needs no line of Python.
    attributes: Annotated[dict[Key, Value], Meta(max_length=MAX_KEYS // 2)] | None = field(
        default=None, name="Attributes"
    )
    metrics: Annotated[dict[Key, float], Meta(max_length=MAX_KEYS // 2)] | None = field(default=None, name="Metrics")


class _StrictItem(Struct, kw_only=True, gc=False):
    endpoint: PublicEndpoint = field(name="Endpoint")
    events: dict[Text, _StrictEvent] = field(name="Events")


class _StrictBody(Struct, gc=False):
    batch_item: dict[str, _StrictItem] = field(name="BatchItem")


class _LooseItem(Struct, kw_only=True):
    endpoint: msgspec.Raw = field(default=msgspec.Raw(b"null"), name="Endpoint")
    events: dict[str, msgspec.Raw] = field(name="Events")


class _Typed(Struct):
    event_type: str = field(default="", name="EventType")


class _LooseBody(Struct):
    batch_item: dict[str, msgspec.Raw] = field(name="BatchItem")


class Drop(NamedTuple):
    """Why an event is not taken: the reason for machines, the message for the caller; its type when it has one."""

    reason: DropReason
    message: str
    event_type: str = ""


class Item(Struct, kw_only=True):
    """What a body says of one endpoint.

    `endpoint` is None when nothing can be made of it, and `problem` then says why. `events` are the good
    ones, `dropped` the bad ones and `repeated` those that were accepted before; together they are all that the
    body has for this endpoint. `key`, `encoded` and `merged` are found out on the way; once the good events
    are encoded, only their ids are left in `accepted`.
    """

    endpoint_id: str
    endpoint: PublicEndpoint | None = None
    problem: str = ""
    events: dict[str, Event] = {}
    dropped: dict[str, Drop] = {}
    repeated: set[str] = set()
    key: str = ""
    accepted: list[str] = []
    encoded: bytes = b""
    merged: Endpoint | None = None

    def refuse(self, problem: str) -> None:
        """Take nothing of this item."""
        self.problem = problem
        self.endpoint = None
        types = {name: event.event_type for name, event in self.events.items()}
        types |= {name: drop.event_type for name, drop in self.dropped.items()}
        self.dropped = {name: Drop(DropReason.ITEM, problem, type) for name, type in types.items()}
        self.events = {}


class _Refused(Exception):
    def __init__(self, reason: DropReason, message: str) -> None:
        super().__init__(message)
        self.drop = Drop(reason, message)


_strict = msgspec.json.Decoder(_StrictBody).decode
_loose = msgspec.json.Decoder(_LooseBody)
_item = msgspec.json.Decoder(_LooseItem)
_endpoint = msgspec.json.Decoder(PublicEndpoint)
_any = msgspec.json.Decoder().decode
_typed = msgspec.json.Decoder(_Typed).decode


def decode(body: bytes) -> list[Item]:
    """The items of a PutEvents body in its order.

    Raises TooLarge over 4 MB, and Invalid for what is no such body at all or holds more than 100 events.
    """
    if len(body) > MAX_BODY_BYTES:
        raise TooLarge(f"EventsRequest: must not be larger than {MAX_BODY_BYTES} bytes")
    if len(body) > MAX_EVENT_BYTES:
        return _by_item(body)
    try:
        strict = _strict(body).batch_item
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _by_item(body)
    if sum([len(item.events) for item in strict.values()]) > MAX_EVENTS:
        raise _too_many()
    return [
        Item(endpoint_id=endpoint_id, endpoint=item.endpoint, events=item.events)  # type: ignore[arg-type]
        for endpoint_id, item in strict.items()
    ]


def _too_many() -> Invalid:
    return Invalid(f"EventsRequest: must not have more than {MAX_EVENTS} events")


def _by_item(body: bytes) -> list[Item]:
    batch = read_json(body, _loose).batch_item
    items = [_take_apart(endpoint_id, raw) for endpoint_id, raw in batch.items()]
    if sum(len(item.events) + len(item.dropped) for item in items) > MAX_EVENTS:
        raise _too_many()
    return items


def _take_apart(endpoint_id: str, raw: msgspec.Raw) -> Item:
    item = Item(endpoint_id=endpoint_id)
    try:
        loose = read_json(bytes(raw), _item)
    except Invalid as error:
        item.problem = _within("BatchItem", error)
        return item
    if bytes(loose.endpoint) == b"null":
        item.dropped = {name: Drop(DropReason.ITEM, "", _type_of(event)) for name, event in loose.events.items()}
        item.refuse("Endpoint: required, but missing")
        return item
    try:
        item.endpoint = read_json(bytes(loose.endpoint), _endpoint)
    except Invalid as error:
        item.problem = _within("Endpoint", error)
    for event_id, event in loose.events.items():
        try:
            item.events[event_id] = _event(event_id, event)
        except _Refused as refusal:
            item.dropped[event_id] = refusal.drop._replace(event_type=_type_of(event))
    return item


def _type_of(raw: msgspec.Raw) -> str:
    """The type of an event that is not taken, "" when it has none."""
    try:
        return _typed(raw).event_type
    except msgspec.DecodeError:
        return ""


def _within(name: str, error: Invalid) -> str:
    """What is wrong with a part of the body that was decoded by itself."""
    if isinstance(error, FieldInvalid) and error.field == WHOLE:
        return f"{name}: {error.reason}"
    return f"{name}.{error.message}"


def _event(event_id: str, raw: msgspec.Raw) -> Event:
    if not event_id:
        raise _Refused(DropReason.EVENT_ID, "EventId: must not be empty")
    if len(memoryview(raw)) > MAX_EVENT_BYTES:
        raise _Refused(DropReason.TOO_LARGE, f"Event: must not be larger than {MAX_EVENT_BYTES} bytes")
    try:
        sent = _any(raw)
    except msgspec.DecodeError as error:
        raise _Refused(DropReason.MALFORMED, f"Event: {error}") from error
    if not isinstance(sent, dict):
        raise _Refused(DropReason.MALFORMED, "Event: must be an object")
    members = {name: value for name, value in sent.items() if value is not None}
    if not isinstance(members.get("EventType", ""), str) or not members.get("EventType"):
        raise _Refused(DropReason.EVENT_TYPE, "EventType: must be a string that is not empty")
    members["Timestamp"] = _time("Timestamp", DropReason.TIMESTAMP, members.get("Timestamp"))
    for name in ("Attributes", "Metrics"):
        if name in members:
            members[name] = _entries(name, members[name])
    if len(members.get("Attributes", ())) + len(members.get("Metrics", ())) > MAX_KEYS:
        raise _Refused(DropReason.TOO_MANY_KEYS, f"Attributes, Metrics: must not have more than {MAX_KEYS} keys")
    if "Session" in members:
        members["Session"] = _session(members["Session"])
    try:
        return msgspec.convert(members, Event)
    except msgspec.ValidationError as error:
        raise _Refused(DropReason.MALFORMED, explain(Event, members, error).message) from error


def _entries(name: str, sent: object) -> dict[str, Any]:
    """A map's entries without those that are null, keys and values within their lengths."""
    if not isinstance(sent, dict):
        raise _Refused(DropReason.MALFORMED, f"{name}: must be an object")
    entries = {key: value for key, value in sent.items() if value is not None}
    for key, value in entries.items():
        if len(key) > MAX_KEY_CHARACTERS:
            message = f"{name}: keys must not be longer than {MAX_KEY_CHARACTERS} characters"
            raise _Refused(DropReason.KEY_TOO_LONG, message)
        if isinstance(value, str) and len(value) > MAX_VALUE_CHARACTERS:
            message = f"{name}.{key}: must not be longer than {MAX_VALUE_CHARACTERS} characters"
            raise _Refused(DropReason.VALUE_TOO_LONG, message)
    return entries


def _session(sent: object) -> Mapping[str, Any]:
    if not isinstance(sent, dict):
        raise _Refused(DropReason.SESSION, "Session: must be an object")
    session = {name: value for name, value in sent.items() if value is not None}
    if not isinstance(session.get("Id"), str):
        raise _Refused(DropReason.SESSION, "Session.Id: must be a string")
    session["StartTimestamp"] = _time("Session.StartTimestamp", DropReason.SESSION, session.get("StartTimestamp"))
    if "StopTimestamp" in session:
        session["StopTimestamp"] = _time("Session.StopTimestamp", DropReason.SESSION, session["StopTimestamp"])
    return session


def _time(name: str, reason: DropReason, sent: object) -> datetime:
    try:
        if isinstance(sent, str):
            return parse_iso(sent)
    except (ValueError, OverflowError):
        pass
    raise _Refused(reason, f"{name}: must be an ISO 8601 date")
