"""PutEvents step by step: what happens to a request between its arrival and the ingest log.

    on arrival, each request by itself    validate → identify → write_down
    in one transaction, all that wait     admit → merge_endpoints → append

The functions' names are what is timed (`clarion_ingest_seconds{step}`). A bad event leaves its item at the step
that finds it bad, with a reason; the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

import sqlalchemy as sa
import structlog
from msgspec import Raw

from clarion.core.clock import perf_seconds
from clarion.core.errors import ClarionError, Invalid, NotFound
from clarion.core.scope import Scope
from clarion.domain.apps.service import Apps
from clarion.domain.audience.model import Demographic, Endpoint, check_id, endpoint_key
from clarion.domain.audience.service import Audience
from clarion.domain.events.ingest import body
from clarion.domain.events.ingest.body import Drop, Event, Item
from clarion.domain.events.ingest.metrics import IngestMetrics
from clarion.domain.events.ingest.names import KnownNames, Names
from clarion.domain.events.ingest.recent import Claim, RecentEvents
from clarion.domain.events.model import DropReason, NameKind
from clarion.domain.events.rejections.keeping import Rejections
from clarion.domain.events.reported import PUT, Note, Reported, ReportedEndpoint, decode_events, encode
from clarion.engine import log
from clarion.shapes.pinpoint import (
    EndpointDemographic,
    EndpointItemResponse,
    EventItemResponse,
    EventsResponse,
    ItemResponse,
    PublicEndpoint,
)

EVENTS_PER_ROW = 2_000
"""A log row takes requests until it holds so many events."""

_log = structlog.get_logger(__name__)


class Tools(NamedTuple):
    """What the steps work with."""

    apps: Apps
    audience: Audience
    names: KnownNames
    recent: RecentEvents
    metrics: IngestMetrics
    rejections: Rejections | None


class Put:
    """One request on its way. `answered` resolves when its events are durable; `error` ends its way early."""

    def __init__(self, scope: Scope, app_id: str, request_id: str, sent: bytes, arrival: int) -> None:
        self.scope = scope
        self.app_id = app_id
        self.request_id = request_id
        self.sent = sent
        self.arrival = arrival
        self.answered: Future[EventsResponse] = Future()
        # A client that goes away cancels nothing: its events are on their way.
        self.answered.set_running_or_notify_cancel()
        self.claim = Claim()
        self.error: ClarionError | None = None
        self.items: list[Item] = []
        self.types: set[str] = set()
        self.new_names: Names = {}

    def resolve(self, error: BaseException | None = None) -> None:
        """Answer the caller: what became of its items, or the error."""
        if error is None:
            self.answered.set_result(answer(self))
        else:
            self.answered.set_exception(error)


def validate(tools: Tools, put: Put) -> None:
    """Decode the body; find names that the project has not used before."""
    put.items = body.decode(put.sent)
    put.sent = b""
    events = [event for item in put.items for event in item.events.values()]
    put.types = {event.event_type for event in events}
    used: dict[NameKind, set[str]] = {
        NameKind.TYPE: put.types,
        NameKind.ATTRIBUTE: set().union(*[event.attributes for event in events if event.attributes]),
        NameKind.METRIC: set().union(*[event.metrics for event in events if event.metrics]),
    }
    put.new_names = tools.names.new_to(put.app_id, used)


def identify(tools: Tools, put: Put) -> None:
    """Tell whose events these are, and which of them came before."""
    for item in put.items:
        try:
            item.key = endpoint_key(check_id(item.endpoint_id))
        except Invalid as error:
            item.refuse(error.message)
            continue
        if item.events:
            known = tools.recent.claim(put.claim, (put.app_id, item.key), item.events.keys())
            if known:
                item.repeated = known
                item.events = {name: event for name, event in item.events.items() if name not in known}


def write_down(tools: Tools, put: Put) -> None:
    """Encode the good events as they will stand in the log, while the processor has them at hand, and let go."""
    for item in put.items:
        if item.events:
            _write_down(item, item.events)


def admit(tools: Tools, connection: sa.Connection, puts: Sequence[Put]) -> None:
    """Let in what belongs to an existing project, and new names while their quota lasts."""
    for (scope, app_id), of_app in _by_app(puts):
        try:
            tools.apps.check(connection, scope, app_id)
        except NotFound as error:
            for put in of_app:
                put.error = error
            continue
        wanted: dict[NameKind, set[str]] = {}
        for put in of_app:
            for kind, names in put.new_names.items():
                wanted.setdefault(kind, set()).update(names)
        if wanted and (refused := tools.names.admit(connection, app_id, wanted)):
            for put in of_app:
                _drop_refused(tools, put, refused)


def merge_endpoints(tools: Tools, connection: sa.Connection, puts: Sequence[Put]) -> None:
    """Create or update the endpoints, and note what their events are to carry of them."""
    for (_, app_id), of_app in _by_app(puts):
        pairs = [(put, item) for put in of_app for item in put.items if item.endpoint is not None]
        if not pairs:
            continue
        parts = [(item.endpoint_id, item.endpoint) for _, item in pairs if item.endpoint is not None]
        outcomes = tools.audience.merge(connection, app_id, parts, request_id=[put.request_id for put, _ in pairs])
        for (_, item), outcome in zip(pairs, outcomes, strict=True):
            item.merged = outcome.endpoint
            if outcome.error is not None:
                item.problem = outcome.message


def append(tools: Tools, connection: sa.Connection, puts: Sequence[Put]) -> None:
    """Write the good events into the ingest log, many requests to a row."""
    row: list[Reported] = []
    note = Note()
    count = 0
    for put in puts:
        endpoints = [_reported(item) for item in put.items if item.accepted]
        row.append(Reported(put.app_id, put.scope.account, put.arrival, endpoints))
        note.arrival = note.arrival or put.arrival
        note.types.setdefault(put.app_id, set()).update(put.types)
        count += sum([len(item.accepted) for item in put.items])
        if count >= EVENTS_PER_ROW or (count and put is puts[-1]):
            log.append(connection, PUT, encode(row), note=encode(note))
            row, note, count = [], Note(), 0


Arrival = Callable[[Tools, Put], None]
Transaction = Callable[[Tools, sa.Connection, Sequence[Put]], None]

ON_ARRIVAL: Sequence[Arrival] = (validate, identify, write_down)
IN_TRANSACTION: Sequence[Transaction] = (admit, merge_endpoints, append)
STEPS = (*ON_ARRIVAL, *IN_TRANSACTION)


def arrive(tools: Tools, put: Put) -> None:
    """The steps that need no database. Raises Invalid or TooLarge when the request is refused as a whole."""
    began = perf_seconds()
    for step in ON_ARRIVAL:
        step(tools, put)
        ended = perf_seconds()
        tools.metrics.steps.add(step.__name__, ended - began)
        began = ended


def transact(tools: Tools, connection: sa.Connection, puts: Sequence[Put]) -> None:
    """The steps of one transaction, for all requests that share it."""
    for step in IN_TRANSACTION:
        began = perf_seconds()
        step(tools, connection, [put for put in puts if put.error is None])
        tools.metrics.steps.add(step.__name__, perf_seconds() - began)


_EVENT_ACCEPTED = EventItemResponse(message="Accepted", status_code=202)
_ENDPOINT_ACCEPTED = EndpointItemResponse(message="Accepted", status_code=202)


def answer(put: Put) -> EventsResponse:
    """What the client is told, item by item, under the ids as it wrote them."""
    return EventsResponse(results={item.endpoint_id: _item_answer(item) for item in put.items})


def count(tools: Tools, put: Put) -> None:
    """Count and log what became of a request that has been stored."""
    for item in put.items:
        if item.accepted:
            tools.metrics.accepted.inc(len(item.accepted))
        if item.repeated:
            tools.metrics.repeated.inc(len(item.repeated))
        if tools.rejections is not None and (item.dropped or item.problem):
            tools.rejections.of_item(put.scope, put.app_id, put.request_id, put.arrival, item)
        for event_id, (reason, message, _) in item.dropped.items():
            tools.metrics.dropped[reason].inc()
            _log.debug(
                "events.dropped",
                app=put.app_id,
                endpoint=item.endpoint_id,
                event_id=event_id,
                reason=reason.value,
                message=message,
            )


def _item_answer(item: Item) -> ItemResponse:
    events = dict.fromkeys(item.accepted, _EVENT_ACCEPTED)
    if item.repeated:
        events.update(dict.fromkeys(item.repeated, _EVENT_ACCEPTED))
    for event_id, drop in item.dropped.items():
        events[event_id] = EventItemResponse(message=drop.message, status_code=400)
    endpoint = _ENDPOINT_ACCEPTED
    if item.problem:
        endpoint = EndpointItemResponse(message=item.problem, status_code=400)
    return ItemResponse(endpoint_item_response=endpoint, events_item_response=events)


def _by_app(puts: Sequence[Put]) -> Iterator[tuple[tuple[Scope, str], list[Put]]]:
    """The requests of each project, in their order."""
    if len(puts) == 1:
        yield (puts[0].scope, puts[0].app_id), list(puts)
        return
    ordered = sorted(puts, key=lambda put: (put.scope, put.app_id))
    for key, of_app in groupby(ordered, key=lambda put: (put.scope, put.app_id)):
        yield key, list(of_app)


def _write_down(item: Item, events: Mapping[str, Event]) -> None:
    item.accepted = list(events)
    item.encoded = encode(events)
    item.events = {}


def _drop_refused(tools: Tools, put: Put, refused: Mapping[NameKind, Mapping[str, DropReason]]) -> None:
    for item in put.items:
        events = decode_events(item.encoded) if item.accepted else {}
        gone = {event_id: drop for event_id, event in events.items() if (drop := _refusal(event, refused))}
        if gone:
            item.dropped.update(gone)
            _write_down(item, {event_id: event for event_id, event in events.items() if event_id not in gone})
            tools.recent.release(put.claim, (put.app_id, item.key), gone)


def _refusal(event: Event, refused: Mapping[NameKind, Mapping[str, DropReason]]) -> Drop | None:
    used = {
        NameKind.TYPE: (event.event_type,),
        NameKind.ATTRIBUTE: event.attributes or (),
        NameKind.METRIC: event.metrics or (),
    }
    for kind, reasons in refused.items():
        for name in used[kind]:
            if name in reasons:
                what = "must not contain control characters" if reasons[name] is DropReason.NAME else "is one too many"
                return Drop(reasons[name], f"{_MEMBERS[kind]}: {name!r} {what}", event.event_type)
    return None


_MEMBERS = {NameKind.TYPE: "EventType", NameKind.ATTRIBUTE: "Attributes", NameKind.METRIC: "Metrics"}


def _reported(item: Item) -> ReportedEndpoint:
    """The item's events with what the endpoint adds to them: as it is stored, else (no record was made of a
    device without an address) as the request describes it."""
    known: Endpoint | PublicEndpoint | None = item.merged or item.endpoint
    events = Raw(item.encoded)
    if known is None:
        return ReportedEndpoint(item.endpoint_id, item.key, "", "", "", events)
    if isinstance(known, Endpoint):
        user_id = known.user_id
    else:
        user_id = (known.user and known.user.user_id) or ""
    device = known.demographic
    version = (device and device.app_version) or ""
    return ReportedEndpoint(item.endpoint_id, item.key, user_id, version, _device(device), events)


def _device(known: Demographic | EndpointDemographic | None) -> str:
    """The `device` object of the endpoint's stream records as JSON text, "" when nothing is known of it."""
    if known is None:
        return ""
    return _device_json(known.locale, known.make, known.model, known.platform, known.platform_version)


# There are few kinds of device in the world compared with events from them.
@lru_cache(maxsize=4096)
def _device_json(
    locale: str | None, make: str | None, model: str | None, platform: str | None, platform_version: str | None
) -> str:
    device: dict[str, object] = {}
    if locale:
        # Android says de_DE, browsers say de-DE.
        language, _, country = locale.replace("-", "_").partition("_")
        parts = {"code": locale, "country": country, "language": language}
        device["locale"] = {name: value for name, value in parts.items() if value}
    device |= {name: value for name, value in (("make", make), ("model", model)) if value}
    known = (("name", platform), ("version", platform_version))
    device["platform"] = {name: value for name, value in known if value}
    return encode(device).decode()
