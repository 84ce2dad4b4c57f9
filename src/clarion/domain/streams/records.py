"""From pieces of the backlog to records as they go out, tens of thousands a second.

The meaning is that of `events.records`, which works on rows of the record and is the yardstick of the tests: the same
bytes. Reported events become records without passing through rows and dicts.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from clarion.channels.streaming.port import Record
from clarion.domain.events.model import INTERNAL, EventRow, attributes_of
from clarion.domain.events.records import encode_record, streamed
from clarion.domain.events.reported import PUT, rows_of
from clarion.domain.streams.packing import Piece
from clarion.engine.log import LogRow

Text = str | UnsetType

_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_WITHOUT_ZONE = datetime(1970, 1, 1)
_NO_DEVICE = Raw(b'{"platform":{}}')
_SEPARATOR_ESCAPED = b"\\u001f"


class _SentSession(Struct, gc=False):
    id: str = msgspec.field(name="Id")
    start: datetime = msgspec.field(name="StartTimestamp")
    stop: datetime | None = msgspec.field(default=None, name="StopTimestamp")


class _Sent(Struct, gc=False):
    """An event as it was reported; see `events.ingest.body.Event`."""

    event_type: str = msgspec.field(name="EventType")
    timestamp: datetime = msgspec.field(name="Timestamp")
    attributes: dict[str, str] | None = msgspec.field(default=None, name="Attributes")
    metrics: dict[str, float] | None = msgspec.field(default=None, name="Metrics")
    session: _SentSession | None = msgspec.field(default=None, name="Session")
    package_name: str | None = msgspec.field(default=None, name="AppPackageName")
    title: str | None = msgspec.field(default=None, name="AppTitle")
    version_code: str | None = msgspec.field(default=None, name="AppVersionCode")
    sdk_name: str | None = msgspec.field(default=None, name="SdkName")
    sdk_version: str | None = msgspec.field(default=None, name="ClientSdkVersion")


class _Endpoint(Struct, array_like=True, gc=False):
    endpoint_id: str
    endpoint_key: str
    user_id: str
    app_version: str
    device: str
    events: dict[str, _Sent]


class _Request(Struct, array_like=True, gc=False):
    app_id: str
    account: str
    arrival: int
    endpoints: list[_Endpoint]


class _Sdk(Struct, omit_defaults=True, gc=False):
    name: Text = UNSET
    version: Text = UNSET


class _Application(Struct, gc=False):
    app_id: str
    sdk: _Sdk
    package_name: Text = UNSET
    title: Text = UNSET
    version_name: Text = UNSET
    version_code: Text = UNSET


class _Client(Struct, gc=False):
    client_id: str


class _Session(Struct, gc=False):
    session_id: Text = UNSET
    start_timestamp: int | UnsetType = UNSET
    stop_timestamp: int | UnsetType = UNSET


class _Record(Struct, gc=False):
    """A record of a reported event, its members in the order of `events.records.stream_record`."""

    event_type: str
    event_timestamp: int
    arrival_timestamp: int
    event_version: str
    application: _Application
    client: _Client
    device: Raw
    session: _Session
    attributes: dict[str, str]
    metrics: dict[str, float]


_decode_put = msgspec.json.Decoder(list[_Request]).decode
_decode_rows = msgspec.json.Decoder(list[EventRow]).decode
_decode_members = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_client = msgspec.json.Decoder(dict[str, str]).decode
_encode = msgspec.json.Encoder().encode
_NO_SDK = _Sdk()
_NO_SESSION = _Session()


def records_of(piece: Piece) -> list[Record]:
    """The records of all events in a piece, in order. Raises msgspec.DecodeError for what nobody has packed."""
    if piece.form == "put":
        return _reported(piece.body)
    if piece.form == "rows":
        return _produced(piece.body)
    key, _, data = piece.body.partition(b"\0")
    return [Record(key.decode(), data)]


def _reported(body: bytes) -> list[Record]:
    if _SEPARATOR_ESCAPED in body:
        # A name with the separator of attribute tokens in it: what becomes of that only rows know.
        rows = [row for row in rows_of(LogRow(0, PUT, body, b"")) if streamed(row)]
        return [Record(row.endpoint_id or row.endpoint_key, encode_record(row)) for row in rows]
    found: list[Record] = []
    for request in _decode_put(body):
        for endpoint in request.endpoints:
            client_id = endpoint.endpoint_id or endpoint.endpoint_key
            client = _Client(client_id)
            device = Raw(endpoint.device.encode()) if endpoint.device else _NO_DEVICE
            found += [
                Record(client_id, _line(request, endpoint, event, client, device))
                for event in endpoint.events.values()
                if event.event_type not in INTERNAL
            ]
    return found


def _line(request: _Request, endpoint: _Endpoint, event: _Sent, client: _Client, device: Raw) -> bytes:
    sdk = _NO_SDK
    if event.sdk_name or event.sdk_version:
        sdk = _Sdk(event.sdk_name or UNSET, event.sdk_version or UNSET)
    application = _Application(
        request.app_id,
        sdk,
        event.package_name or UNSET,
        event.title or UNSET,
        endpoint.app_version or UNSET,
        event.version_code or UNSET,
    )
    record = _Record(
        event.event_type,
        _ms(event.timestamp),
        request.arrival,
        "3.0",
        application,
        client,
        device,
        _session(event.session) if event.session is not None else _NO_SESSION,
        event.attributes or {},
        event.metrics or {},
    )
    return _encode(record) + b"\n"


def _session(sent: _SentSession) -> _Session:
    return _Session(sent.id or UNSET, _ms(sent.start), UNSET if sent.stop is None else _ms(sent.stop))


def _ms(moment: datetime) -> int:
    return (moment - (_EPOCH_WITHOUT_ZONE if moment.tzinfo is None else _EPOCH)) // _MILLISECOND


def _produced(body: bytes) -> list[Record]:
    return [_of_row(row) for row in _decode_rows(body) if streamed(row)]


def _of_row(row: EventRow) -> Record:
    """The record of what the product did; what the row carries as JSON already is put into it as it is."""
    extra = _decode_members(row.record) if row.record else {}
    client_id = row.endpoint_id or row.endpoint_key
    client = {"client_id": client_id, **(_decode_client(extra.pop("client")) if "client" in extra else {})}
    client_id = client["client_id"]
    if not row.system or row.application or row.session_id or "application" in extra:
        # Nothing that the product does has these.
        return Record(client_id, encode_record(row))
    record: dict[str, object] = {
        "event_type": row.event_type,
        "event_timestamp": row.ts,
        "arrival_timestamp": row.arrival,
        "event_version": "3.1",
        "application": {"app_id": row.app_id, "sdk": {}},
        "client": client,
        "device": Raw(row.device.encode()) if row.device else _NO_DEVICE,
        "session": {},
        "attributes": attributes_of(row.kv),
    }
    if row.metric_names:
        record["metrics"] = row.metrics
    if row.account:
        record["awsAccountId"] = row.account
    record.update(extra)
    return Record(client_id, _encode(record) + b"\n")
