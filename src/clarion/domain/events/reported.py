"""What PutEvents leaves in the ingest log, and how anybody reads events out of a log row.

A log row of kind `events.put` is a JSON list of `Reported`: one element a request, since the requests of one
transaction share a row. It holds the good events as they were decoded, so every later reader may trust it.
A row of kind `events.rows` is a JSON list of `EventRow`. The columnar sink reads both by SQL; `rows_of` is
the same meaning in Python, for readers that need single events, and the yardstick of the sink's tests.
Who waits for certain events reads them by `happened`: a row says in its note which types of which projects are in it,
so rows without any that are awaited are not opened, and of one that is opened only those become objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct

from clarion.core.clock import to_ms
from clarion.domain.events.ingest.body import Event
from clarion.domain.events.model import INTERNAL, SERVICE_TYPES, EventRow, attributes_of, tokens
from clarion.engine.log import LogRow

PUT = "events.put"
ROWS = "events.rows"


class ReportedEndpoint(Struct, array_like=True):
    """One endpoint's events in a request, with what the merged endpoint adds to them.

    `app_version` is the endpoint's; `device` the `device` object of the stream record as JSON text, or "".
    `events` is the JSON object that `decode_events` reads.
    """

    endpoint_id: str
    endpoint_key: str
    user_id: str
    app_version: str
    device: str
    events: msgspec.Raw


class Reported(Struct, array_like=True):
    """The good events of one request; `arrival` in Unix ms."""

    app_id: str
    account: str
    arrival: int
    endpoints: list[ReportedEndpoint]


class Note(Struct):
    """What a log row says of itself: event types by app id, so that a reader who waits for others need not open it.

    May name a type whose events were all dropped. `arrival` is the oldest of a row of kind `events.put`, Unix ms.
    """

    version: int = 1
    arrival: int = 0
    types: dict[str, set[str]] = {}


encode = msgspec.json.Encoder().encode
decode_events = msgspec.json.Decoder(dict[str, Event]).decode
_decode_put = msgspec.json.Decoder(list[Reported]).decode
_decode_rows = msgspec.json.Decoder(list[EventRow]).decode
decode_note = msgspec.json.Decoder(Note).decode


def encode_rows(rows: Sequence[EventRow]) -> bytes:
    """The body of an `events.rows` log row."""
    return encode(rows)


def note_of(rows: Sequence[EventRow]) -> bytes:
    """The note of an `events.rows` log row."""
    note = Note()
    for row in rows:
        note.types.setdefault(row.app_id, set()).add(row.event_type)
    return encode(note)


def rows_of(log_row: LogRow) -> Iterator[EventRow]:
    """Every event of a log row of either kind, as it is stored."""
    if log_row.kind == ROWS:
        yield from _decode_rows(log_row.body)
        return
    for request in _decode_put(log_row.body):
        for endpoint in request.endpoints:
            for event_id, event in decode_events(endpoint.events).items():
                yield _row(request, endpoint, event_id, event)


def without_rows(body: bytes, leave_out: Callable[[EventRow], bool]) -> bytes | None:
    """The body of an `events.rows` log row without some events, None when none is left. Raises msgspec.DecodeError."""
    rows = _decode_rows(body)
    left = [row for row in rows if not leave_out(row)]
    return body if len(left) == len(rows) else encode_rows(left) if left else None


def without_put(body: bytes, leave_out: Callable[[str, int, str, str], bool]) -> bytes | None:
    """The body of an `events.put` log row without some endpoints' events; see `without_rows`.

    `leave_out` is told project, arrival, endpoint key and user id.
    """
    requests = _decode_put(body)
    dropped = 0
    for request in requests:
        left = [
            one
            for one in request.endpoints
            if not leave_out(request.app_id, request.arrival, one.endpoint_key, one.user_id)
        ]
        dropped += len(request.endpoints) - len(left)
        request.endpoints = left
    if not dropped:
        return body
    requests = [request for request in requests if request.endpoints]
    return encode(requests) if requests else None


def _row(request: Reported, endpoint: ReportedEndpoint, event_id: str, event: Event) -> EventRow:
    attributes, metrics, session = event.attributes or {}, event.metrics or {}, event.session
    # What an app says in the product's own words must not enter figures about what the product did.
    told = {} if event.event_type in SERVICE_TYPES else attributes
    return EventRow(
        app_id=request.app_id,
        event_type=event.event_type,
        event_id=event_id,
        endpoint_key=endpoint.endpoint_key,
        endpoint_id=endpoint.endpoint_id,
        user_id=endpoint.user_id,
        ts=_ms(event.timestamp),
        arrival=request.arrival,
        account=request.account,
        session_id=session.id if session else "",
        session_start=_ms(session.start) if session else None,
        session_stop=_ms(session.stop) if session and session.stop else None,
        session_duration=session.duration if session else None,
        kv=tokens(attributes),
        metric_names=list(metrics),
        metric_values=list(metrics.values()),
        campaign_id=told.get("campaign_id", ""),
        activity_id=told.get("campaign_activity_id", "") or told.get("journey_activity_id", ""),
        treatment_id=told.get("treatment_id", ""),
        journey_id=told.get("journey_id", ""),
        application=_application(endpoint, event),
        device=endpoint.device,
    )


def _application(endpoint: ReportedEndpoint, event: Event) -> str:
    named = {
        "package_name": event.package_name,
        "title": event.title,
        "version_name": endpoint.app_version,
        "version_code": event.version_code,
    }
    sdk = {"name": event.sdk_name, "version": event.sdk_version}
    application: dict[str, Any] = _present(named)
    return encode(application | {"sdk": _present(sdk)}).decode()


def _present(members: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in members.items() if value}


def _ms(moment: datetime) -> int:
    return to_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


# --- what happened, as far as somebody who waits for it must know

Awaited = Callable[[str, bool, str], bool]
"""Whether anybody waits for events of this project (its id), by the product itself (True) or an app, of this type."""


class Happened(Struct, frozen=True, gc=False):
    """One event. `system`: the product itself says so, not an app. `arrival` in Unix ms.

    `campaign_id`, `journey_id` and `trace_id` are those of the message a system event is about.
    """

    app_id: str
    event_type: str
    event_id: str
    endpoint_key: str
    user_id: str
    arrival: int
    system: bool
    attributes: Mapping[str, str] = {}
    metrics: Mapping[str, float] = {}
    campaign_id: str = ""
    trace_id: str = ""
    journey_id: str = ""


class _Event(Struct, gc=False):
    event_type: str = msgspec.field(name="EventType")
    attributes: dict[str, str] | None = msgspec.field(default=None, name="Attributes")
    metrics: dict[str, float] | None = msgspec.field(default=None, name="Metrics")


class _Told(Struct, array_like=True, gc=False):
    endpoint_id: str
    endpoint_key: str
    user_id: str
    app_version: str
    device: str
    events: dict[str, _Event]


class _Request(Struct, array_like=True, gc=False):
    app_id: str
    account: str
    arrival: int
    endpoints: list[_Told]


class _Row(Struct, gc=False):
    app_id: str
    event_type: str
    event_id: str
    endpoint_key: str
    arrival: int
    user_id: str = ""
    system: bool = False
    kv: list[str] = []
    metric_names: list[str] = []
    metric_values: list[float] = []
    campaign_id: str = ""
    trace_id: str = ""
    journey_id: str = ""


_decode_awaited = msgspec.json.Decoder(list[_Request]).decode
_decode_produced = msgspec.json.Decoder(list[_Row]).decode


def apps_in(rows: Sequence[LogRow]) -> set[str]:
    """The projects whose events are in these log rows."""
    return {app_id for row in rows if row.kind in (PUT, ROWS) for app_id in _noted(row).types}


def happened(row: LogRow, awaited: Awaited) -> Iterator[Happened]:
    """The events of a log row that somebody waits for; none for a row of another kind."""
    if row.kind not in (PUT, ROWS):
        return
    system = row.kind == ROWS
    told = _noted(row).types
    if not any(
        awaited(app_id, system, name) for app_id, names in told.items() for name in names if name not in INTERNAL
    ):
        return
    yield from _awaited_rows(row, awaited) if system else _awaited_put(row, awaited)


def _awaited_put(row: LogRow, awaited: Awaited) -> Iterator[Happened]:
    for request in _decode_awaited(row.body):
        app_id = request.app_id
        for endpoint in request.endpoints:
            for event_id, event in endpoint.events.items():
                if awaited(app_id, False, event.event_type):
                    yield Happened(
                        app_id,
                        event.event_type,
                        event_id,
                        endpoint.endpoint_key,
                        endpoint.user_id,
                        request.arrival,
                        False,
                        event.attributes or {},
                        event.metrics or {},
                    )


def _awaited_rows(row: LogRow, awaited: Awaited) -> Iterator[Happened]:
    for event in _decode_produced(row.body):
        if event.system and event.event_type not in INTERNAL and awaited(event.app_id, True, event.event_type):
            yield Happened(
                event.app_id,
                event.event_type,
                event.event_id,
                event.endpoint_key,
                event.user_id,
                event.arrival,
                True,
                attributes_of(event.kv),
                dict(zip(event.metric_names, event.metric_values, strict=True)),
                event.campaign_id,
                event.trace_id,
                event.journey_id,
            )


def _noted(row: LogRow) -> Note:
    return decode_note(row.note) if row.note else Note()
