"""What goes out is, byte for byte, what the record of events says, for every family and whatever apps report."""

from __future__ import annotations

import json
import typing
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.channels.streaming.port import Record
from clarion.domain.events import produced
from clarion.domain.events.ingest.body import Event, Session
from clarion.domain.events.model import EventRow
from clarion.domain.events.produced import EmailKind, Mail, SmsKind, Subject
from clarion.domain.events.records import encode_record, stream_record, streamed
from clarion.domain.events.reported import PUT, Reported, ReportedEndpoint, encode, encode_rows, rows_of
from clarion.domain.streams.packing import Piece, pack, unpack
from clarion.domain.streams.records import records_of
from clarion.engine.log import LogRow

APP = "0f4b6f2e5a4c4f8da1b2c3d4e5f60718"

words = st.text(max_size=8)
names = st.text(min_size=1, max_size=8)
zones = st.sampled_from([None, UTC, timezone(timedelta(hours=2)), timezone(-timedelta(hours=9, minutes=30))])
moments = st.builds(
    lambda moment, zone: moment.replace(tzinfo=zone),
    st.datetimes(datetime(1971, 1, 1), datetime(2400, 1, 1)),
    zones,
)
maybe = st.none() | words
sessions = st.builds(
    Session, id=words, start=moments, stop=st.none() | moments, duration=st.none() | st.integers(0, 10**9)
)
events = st.builds(
    Event,
    event_type=names | st.sampled_from(["_session.start", "_clarion.skip", "_campaign.send"]),
    timestamp=moments,
    attributes=st.none() | st.dictionaries(names, words, max_size=3),
    metrics=st.none() | st.dictionaries(names, st.floats(allow_nan=False, allow_infinity=False), max_size=2),
    session=st.none() | sessions,
    package_name=maybe,
    title=maybe,
    version_code=maybe,
    sdk_name=maybe,
    sdk_version=maybe,
)
devices = st.sampled_from(["", '{"platform":{"name":"android","version":"14"},"make":"Fairphone"}'])
endpoints = st.builds(
    lambda endpoint_id, user, version, device, told: ReportedEndpoint(
        endpoint_id, endpoint_id.lower() or "key", user, version, device, msgspec.Raw(encode(told))
    ),
    words,
    words,
    words,
    devices,
    st.dictionaries(names, events, max_size=3),
)
requests = st.builds(Reported, st.just(APP), st.just("1"), st.integers(0, 10**13), st.lists(endpoints, max_size=3))


@settings(max_examples=80, deadline=None)
@given(st.lists(requests, min_size=1, max_size=2))
def test_reported_events(sent: list[Reported]) -> None:
    body = encode(sent)
    rows = [row for row in rows_of(LogRow(1, PUT, body, b"")) if streamed(row)]
    expected = [Record(row.endpoint_id or row.endpoint_key, encode_record(row)) for row in rows]
    assert records_of(Piece("put", body)) == expected
    assert all(record.data.count(b"\n") == 1 for record in expected)


def test_a_name_with_the_separator_of_tokens() -> None:
    told = {"e": {"EventType": "t", "Timestamp": "2027-03-04T09:15:02Z", "Attributes": {"a\x1fb": "c"}}}
    raw = msgspec.Raw(json.dumps(told).encode())
    body = encode([Reported(APP, "1", 5, [ReportedEndpoint("ep", "ep", "", "", "", raw)])])
    [row] = rows_of(LogRow(1, PUT, body, b""))
    assert records_of(Piece("put", body)) == [Record("ep", encode_record(row))]


SUBJECTS = {
    "campaign": Subject(
        account="1", app_id=APP, endpoint_id="ep-1", campaign_id="c", activity_id="a", treatment_id="1", endpoint="{}"
    ),
    "journey": Subject(
        account="1", app_id=APP, endpoint_id="ep-1", journey_id="j", journey_run_id="r", activity_id="a"
    ),
    "direct": Subject(account="1", app_id=APP, endpoint_key="ep-1", client_id="11111111-2222", context={"k": "v"}),
    "bare": Subject(account="", app_id=APP),
}
MAIL = Mail(message_id="m", sent_ms=7, from_address="a@b", destination=["c@d"], subject="ü", headers=[("From", "a@b")])


def _produced(subject: Subject) -> list[EventRow]:
    rows = [
        produced.campaign_send(subject, at_ms=9, status="SUCCESS", delivery_type="EMAIL"),
        produced.journey_send(subject, at_ms=9, status="SUCCESS", code="200", message="200"),
        produced.skip(subject, at_ms=9, gate="g", reason="r"),
        produced.planned(subject, at_ms=9, delivery_type="EMAIL"),
    ]
    link = {"link": "https://acme.test/sale", "ip_address": "::1"}
    rows += [produced.email(subject, kind, MAIL, at_ms=9, detail=link) for kind in typing.get_args(EmailKind)]
    status = {"record_status": "DELIVERED", "message_id": "s"}
    for kind in typing.get_args(SmsKind):
        rows.append(produced.sms(subject, kind, at_ms=9, ts_ms=8, attributes=status, price_millicents=645.0))
        rows.append(produced.sms(subject, kind, at_ms=9, ts_ms=8, attributes=status))
    return rows


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)
def test_what_the_product_did(subject: Subject) -> None:
    rows = _produced(subject)
    expected = [row for row in rows if streamed(row)]
    found = records_of(Piece("rows", encode_rows(rows)))
    assert [record.data for record in found] == [encode_record(row) for row in expected]
    assert [record.key for record in found] == [stream_record(row)["client"]["client_id"] for row in expected]
    assert len(found) == len(rows) - 2


def test_rows_that_nobody_writes_today() -> None:
    row = produced.campaign_send(SUBJECTS["campaign"], at_ms=9, status="SUCCESS", delivery_type="EMAIL")
    record = {"application": {"title": "t"}, "client": {"cognito_id": "x"}, "attributes": {"other": "1"}}
    changed = {
        "record": json.dumps(record),
        "application": '{"package_name":"p","sdk":{"name":"s"}}',
        "session_id": "s",
        "system": False,
    }
    for name, value in changed.items():
        odd = msgspec.structs.replace(row, **{name: value})
        [found] = records_of(Piece("rows", encode_rows([odd])))
        assert (found.key, json.loads(found.data)) == ("ep-1", stream_record(odd))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.builds(Piece, st.sampled_from(["put", "rows", "record"]), st.binary(max_size=200)), max_size=4))
def test_what_is_packed_comes_out(pieces: list[Piece]) -> None:
    assert unpack(pack(pieces)) == pieces
