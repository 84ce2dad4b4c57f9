"""The sink stores what `rows_of` says, event by event, whatever a body holds."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.domain.events import produced
from clarion.domain.events.columnar import COLUMNS, ddl
from clarion.domain.events.ingest.body import decode
from clarion.domain.events.model import EventRow
from clarion.domain.events.produced import Mail, Subject
from clarion.domain.events.queries import ROW, row_of
from clarion.domain.events.reported import (
    PUT,
    ROWS,
    Reported,
    ReportedEndpoint,
    encode,
    encode_rows,
    rows_of,
)
from clarion.domain.events.sink import sinks
from clarion.engine.log import LogRow
from clarion.store.columnar import Columnar, open_columnar
from tests.domain.events.bodies import batch, bodies, body, event, text

_tokens = (f"token-{number}" for number in itertools.count())
_JSON_COLUMNS = ("application", "device", "record")


@pytest.fixture
def events(columnar: Columnar) -> Columnar:
    for statement in ddl(90):
        columnar.command(statement)
    return columnar


@pytest.fixture(scope="module")
def embedded(chdb_directory: Any) -> Iterator[Columnar]:
    """One table for many examples."""
    store = open_columnar(f"chdb://{chdb_directory}?database=test_events_sink")
    store.command("DROP TABLE IF EXISTS events SYNC")
    for statement in ddl(90):
        store.command(statement)
    yield store
    store.command("DROP DATABASE test_events_sink SYNC")
    store.close()


def reported(raw: bytes, arrival: int = 1804151403008, app: str = "app", **context: str) -> Reported:
    endpoints = [
        ReportedEndpoint(
            item.endpoint_id,
            item.endpoint_id.lower(),
            context.get("user_id", ""),
            context.get("app_version", ""),
            context.get("device", ""),
            msgspec.Raw(encode(item.events)),
        )
        for item in decode(raw)
    ]
    return Reported(app, "000000000001", arrival, endpoints)


def put(*requests: Reported) -> LogRow:
    return LogRow(1, PUT, encode(list(requests)), b"")


def stored(store: Columnar, app: str = "app") -> list[EventRow]:
    sql = f"SELECT {ROW} FROM events WHERE app_id = {{app:String}}"
    return [row_of(values) for values in store.query(sql, {"app": app})]


def comparable(rows: list[EventRow]) -> list[dict[str, Any]]:
    """Rows as dictionaries in one order, with JSON texts as values."""
    found = []
    for row in rows:
        columns = msgspec.structs.asdict(row)
        for name in _JSON_COLUMNS:
            columns[name] = json.loads(columns[name]) if columns[name] else None
        found.append(columns)
    return sorted(found, key=lambda columns: json.dumps(columns, sort_keys=True))


def test_columns_are_those_of_the_row() -> None:
    assert tuple(name for name, _ in COLUMNS) == EventRow.__struct_fields__


_apps = (f"app-{number}" for number in itertools.count())


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.data_too_large, HealthCheck.too_slow],
)
@given(
    st.lists(bodies, min_size=1, max_size=8),
    st.fixed_dictionaries({"user_id": text, "app_version": text, "device": st.sampled_from(["", '{"make":"é\\""}'])}),
    st.sampled_from([0, 999, 1804151403008, 4102444800000]),
)
def test_equals_the_reference(
    embedded: Columnar, items: list[dict[str, Any]], context: dict[str, str], arrival: int
) -> None:
    app = next(_apps)
    rows = [put(*(reported(batch(item), arrival, app=app, **context) for item in items))] * 2
    sinks(embedded)[PUT].consume(rows, next(_tokens))
    assert comparable(stored(embedded, app)) == comparable([row for log_row in rows for row in rows_of(log_row)])


FULL = event(
    Attributes={"campaign_id": "c", "campaign_activity_id": "a", "treatment_id": "1", "Ä\u0001": "\x1f/\"'\\"},
    Metrics={"n": 9007199254740993, "x": 1e-300, "y": -0.0, "big": 2**80},
    Session={"Id": "s", "StartTimestamp": "2027-03-04T09:00:00+02:00", "StopTimestamp": "2027-03-04 08:00:00Z"},
    AppPackageName="com.acme.shop",
    AppTitle='Acme, "Shop"',
    AppVersionCode="402,",
    SdkName="amplify",
    ClientSdkVersion="2.14.0",
)


def test_a_full_and_an_empty_event_on_each_engine(events: Columnar) -> None:
    raw = body({"full": FULL, "empty": event(), "null": event(Attributes=None, Metrics=None, Session=None)})
    request = reported(raw, user_id="u-19", app_version="4.2", device='{"make":"Fairphone"}')
    sinks(events)[PUT].consume([put(request)], "one")
    found = {row.event_id: row for row in stored(events)}
    assert comparable(list(found.values())) == comparable(list(rows_of(put(request))))
    full = found["full"]
    assert full.attributes == FULL["Attributes"]
    assert full.metrics == {"n": 9007199254740992.0, "x": 1e-300, "y": 0.0, "big": float(2**80)}
    assert (full.campaign_id, full.activity_id, full.treatment_id) == ("c", "a", "1")
    assert (full.session_start, full.session_stop, full.session_duration) == (1804143600000, 1804147200000, None)
    assert json.loads(full.application) == {
        "package_name": "com.acme.shop",
        "title": 'Acme, "Shop"',
        "version_name": "4.2",
        "version_code": "402,",
        "sdk": {"name": "amplify", "version": "2.14.0"},
    }
    assert (found["empty"].session_start, found["empty"].kv, found["empty"].ts) == (None, [], 1804151702120)


def test_an_app_cannot_speak_in_the_products_name(events: Columnar) -> None:
    forged = event(EventType="_email.open", Attributes={"campaign_id": "c", "journey_id": "j"})
    honest = event(EventType="_campaign.opened_notification", Attributes={"campaign_id": "c"})
    sinks(events)[PUT].consume([put(reported(body({"forged": forged, "honest": honest})))], "one")
    found = {row.event_id: row for row in stored(events)}
    assert (found["forged"].campaign_id, found["forged"].journey_id, found["forged"].system) == ("", "", False)
    assert found["forged"].attributes == {"campaign_id": "c", "journey_id": "j"}
    assert found["honest"].campaign_id == "c"


def produced_rows() -> list[EventRow]:
    subject = Subject(account="000000000001", app_id="app", endpoint_id="EP-1", campaign_id="c", activity_id="a")
    mail = Mail(message_id="m", sent_ms=5, from_address="a@b.test", destination=["é@b.test"], subject='\u2028"')
    attributes = {"record_status": "DELIVERED", "message_id": "sm-1"}
    return [
        produced.campaign_send(subject, at_ms=10, status="HOLDOUT", delivery_type="EMAIL", gate="g", reason="r"),
        produced.email(subject, "send", mail, at_ms=1804151403008),
        produced.email(subject, "hardbounce", mail, at_ms=1804151403009, detail={"bounce_type": "Permanent"}),
        produced.sms(subject, "SUCCESS", at_ms=7, ts_ms=8, attributes=attributes, price_millicents=64.5),
        produced.skip(subject, at_ms=9, gate="address", reason="none"),
        EventRow(
            app_id="app",
            event_type="t",
            event_id="e",
            endpoint_key="k",
            ts=-1,
            arrival=0,
            session_id="s",
            session_start=1,
            session_stop=-2,
            session_duration=2**62,
        ),
    ]


def test_rows_of_the_product_on_each_engine(events: Columnar) -> None:
    rows = produced_rows()
    log_row = LogRow(1, ROWS, encode_rows(rows), b"")
    assert list(rows_of(log_row)) == rows
    sinks(events)[ROWS].consume([log_row], "one")
    assert comparable(stored(events)) == comparable(rows)


def test_a_repeated_batch_is_stored_once_on_each_engine(events: Columnar) -> None:
    # Arrivals years apart: a part for every week.
    requests = [reported(body({"e": event()}), arrival=week * 7 * 86_400_000) for week in range(104)]
    rows = [put(*requests[:50]), put(*requests[50:])]
    for _ in range(2):
        sinks(events)[PUT].consume(rows, "one")
        sinks(events)[ROWS].consume([LogRow(2, ROWS, encode_rows(produced_rows()), b"")], "two")
    assert events.query("SELECT count() FROM events") == [(104 + len(produced_rows()),)]


def test_retention_follows_the_setting(events: Columnar) -> None:
    for statement in ddl(7):
        events.command(statement)
    [(sql,)] = events.query(
        "SELECT create_table_query FROM system.tables WHERE name = 'events' AND database = currentDatabase()"
    )
    assert "stored + toIntervalDay(7)" in str(sql)
