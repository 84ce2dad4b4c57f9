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
_NOTHING = Raw(b"")
_EMPTY = Raw(b"{}")
_NO_DEVICE = Raw(b'{"platform":{}}')
_ONLY_ROWS = (b"\\u001f", *[name.encode() for name in INTERNAL])
"""Where one of these is in a body, it is read as rows: what becomes of a name with the separator of attribute tokens in
it only they know, and of these types nothing is streamed."""


class _Sent(Struct, gc=False):
    """An event as `events.ingest.body.Event` was encoded; what goes out as it is stays so."""

    event_type: Raw = msgspec.field(name="EventType")
    timestamp: datetime = msgspec.field(name="Timestamp")
    attributes: Raw = msgspec.field(default=_EMPTY, name="Attributes")
    metrics: Raw = msgspec.field(default=_EMPTY, name="Metrics")
    session: Raw = msgspec.field(default=_NOTHING, name="Session")
    package_name: str | None = msgspec.field(default=None, name="AppPackageName")
    title: str | None = msgspec.field(default=None, name="AppTitle")
    version_code: str | None = msgspec.field(default=None, name="AppVersionCode")
    sdk_name: str | None = msgspec.field(default=None, name="SdkName")
    sdk_version: str | None = msgspec.field(default=None, name="ClientSdkVersion")


class _SentSession(Struct, gc=False):
    id: str = msgspec.field(name="Id")
    start: datetime = msgspec.field(name="StartTimestamp")
    stop: datetime | None = msgspec.field(default=None, name="StopTimestamp")


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


class _Session(Struct, gc=False):
    session_id: Text = UNSET
    start_timestamp: int | UnsetType = UNSET
    stop_timestamp: int | UnsetType = UNSET


class _Record(Struct, gc=False):
    """A record of a reported event, its members in the order of `events.records.stream_record`."""

    event_type: Raw
    event_timestamp: int
    arrival_timestamp: int
    event_version: str
    application: Raw
    client: Raw
    device: Raw
    session: Raw
    attributes: Raw
    metrics: Raw


_decode_put = msgspec.json.Decoder(list[_Request]).decode
_decode_rows = msgspec.json.Decoder(list[EventRow]).decode
_decode_members = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_client = msgspec.json.Decoder(dict[str, str]).decode
_encode = msgspec.json.Encoder().encode
_decode_session = msgspec.json.Decoder(_SentSession).decode


def records_of(piece: Piece) -> list[Record]:
    """The records of all events in a piece, in order. Raises msgspec.DecodeError for what nobody has packed."""
    if piece.form == "put":
        return _reported(piece.body)
    if piece.form == "rows":
        return _produced(piece.body)
    key, _, data = piece.body.partition(b"\0")
    return [Record(key.decode(), data)]


def _reported(body: bytes) -> list[Record]:
    if any(word in body for word in _ONLY_ROWS):
        rows = [row for row in rows_of(LogRow(0, PUT, body, b"")) if streamed(row)]
        return [Record(row.endpoint_id or row.endpoint_key, encode_record(row)) for row in rows]
    found: list[Record] = []
    make = _Making()
    for request in _decode_put(body):
        for endpoint in request.endpoints:
            client_id = endpoint.endpoint_id or endpoint.endpoint_key
            client = Raw(_encode({"client_id": client_id}))
            device = Raw(endpoint.device.encode()) if endpoint.device else _NO_DEVICE
            for event in endpoint.events.values():
                record = _Record(
                    event.event_type,
                    _ms(event.timestamp),
                    request.arrival,
                    "3.0",
                    make.application(request.app_id, endpoint.app_version, event),
                    client,
                    device,
                    make.session(event.session),
                    event.attributes,
                    event.metrics,
                )
                found.append(Record(client_id, _encode(record) + b"\n"))
    return found


class _Making:
    """Sections that many events of a piece have in common, encoded once."""

    def __init__(self) -> None:
        self._applications: dict[tuple[str | None, ...], Raw] = {}
        self._sessions: dict[bytes, Raw] = {b"": _EMPTY}

    def application(self, app_id: str, version: str, event: _Sent) -> Raw:
        key = (version, event.package_name, event.title, event.version_code, event.sdk_name, event.sdk_version, app_id)
        made = self._applications.get(key)
        if made is None:
            sdk = _Sdk(event.sdk_name or UNSET, event.sdk_version or UNSET)
            names = (event.package_name, event.title, version, event.version_code)
            made = Raw(_encode(_Application(app_id, sdk, *[name or UNSET for name in names])))
            self._applications[key] = made
        return made

    def session(self, sent: Raw) -> Raw:
        key = bytes(sent)
        made = self._sessions.get(key)
        if made is None:
            told = _decode_session(key)
            stop = UNSET if told.stop is None else _ms(told.stop)
            made = self._sessions[key] = Raw(_encode(_Session(told.id or UNSET, _ms(told.start), stop)))
        return made


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
