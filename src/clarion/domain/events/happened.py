"""What happened, as far as somebody who waits for it must know: read out of the ingest log without the rest.

A log row says in its note which types of which projects are in it, so rows with nothing that anybody waits for are
not opened, and of one that is opened only the events of awaited types become objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec
from msgspec import Struct

from clarion.domain.events.model import SKIP, attributes_of
from clarion.domain.events.reported import PUT, ROWS, Note, decode_note
from clarion.engine.log import LogRow

Awaited = Callable[[str, bool, str], bool]
"""Whether anybody waits for events of this project (its id), by the product itself (True) or an app, of this type."""


class Happened(Struct, frozen=True, gc=False):
    """One event. `system`: the product itself says so, not an app. `arrival` in Unix ms.

    `campaign_id` and `trace_id` are those of the message a system event is about.
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


class _Event(Struct, gc=False):
    event_type: str = msgspec.field(name="EventType")
    attributes: dict[str, str] | None = msgspec.field(default=None, name="Attributes")
    metrics: dict[str, float] | None = msgspec.field(default=None, name="Metrics")


class _Endpoint(Struct, array_like=True, gc=False):
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
    endpoints: list[_Endpoint]


class _Row(Struct, gc=False):
    app_id: str
    event_type: str
    event_id: str
    endpoint_key: str
    arrival: int
    user_id: str = ""
    kv: list[str] = []
    metric_names: list[str] = []
    metric_values: list[float] = []
    campaign_id: str = ""
    trace_id: str = ""


_decode_put = msgspec.json.Decoder(list[_Request]).decode
_decode_rows = msgspec.json.Decoder(list[_Row]).decode


def apps_in(rows: Sequence[LogRow]) -> set[str]:
    """The projects whose events are in these log rows."""
    return {app_id for row in rows if row.kind in (PUT, ROWS) for app_id in _note(row).types}


def happened(row: LogRow, awaited: Awaited) -> Iterator[Happened]:
    """The events of a log row that somebody waits for; none for a row of another kind."""
    if row.kind not in (PUT, ROWS):
        return
    system = row.kind == ROWS
    told = _note(row).types
    if not any(awaited(app_id, system, name) for app_id, names in told.items() for name in names if name != SKIP):
        return
    yield from _produced(row, awaited) if system else _reported(row, awaited)


def _reported(row: LogRow, awaited: Awaited) -> Iterator[Happened]:
    for request in _decode_put(row.body):
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


def _produced(row: LogRow, awaited: Awaited) -> Iterator[Happened]:
    for event in _decode_rows(row.body):
        if event.event_type != SKIP and awaited(event.app_id, True, event.event_type):
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
            )


def _note(row: LogRow) -> Note:
    return decode_note(row.note) if row.note else Note()
