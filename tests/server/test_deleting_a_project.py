"""A deleted project leaves nothing behind, in no table of either database; another one loses nothing.

`fill` must put something of a project into every table that has an `app_id`: a new table without is a failure here,
as is one that nobody empties. What keeps a project's id in other columns is found by looking for the id itself.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from clarion.channels.port import Outcome, SmsOutgoing, VoiceOutgoing
from clarion.core.errors import Invalid
from clarion.core.ids import SystemIds
from clarion.domain.analytics.reports.service import Asks
from clarion.domain.apps import service as apps_service
from clarion.domain.audience.policies import Own
from clarion.domain.campaigns.triggers import store as triggers
from clarion.domain.campaigns.triggers.model import Matches, encode_matches
from clarion.domain.events import produced
from clarion.domain.events.model import EventRow
from clarion.domain.events.produced import Subject
from clarion.domain.events.repeats import Repeats
from clarion.domain.journeys import participants
from clarion.domain.journeys.entry import store as entry_store
from clarion.domain.journeys.entry.matches import Matches as JourneyMatches
from clarion.domain.journeys.entry.matches import encode_matches as encode_journey_matches
from clarion.domain.journeys.model import Told, encode_told
from clarion.domain.messaging.inbox.store import Filter
from clarion.domain.messaging.model import Envelope, put
from clarion.domain.messaging.otp import store as otp
from clarion.domain.sms.model import Keyword, Line
from clarion.domain.streams import store as streams
from clarion.domain.streams.store import StreamRow
from clarion.shapes.pinpoint import EventsResponse, ImportJobRequest, MessageRequest, WriteApplicationSettingsRequest
from clarion.store.schema import metadata
from clarion.wire.context import Context
from tests.server.house import SCOPE, House

EXEMPT: frozenset[str] = frozenset()
"""State tables with an `app_id` that outlive the project, each with its reason."""

COLUMNAR = {
    "activity",
    "endpoints",
    "event_repeats",
    "events",
    "journey_moves",
    "journey_sends",
    "messages",
    "session_starts",
}
"""Columnar tables with an `app_id`."""


IMPORT = {"Format": "CSV", "RoleArn": "arn", "S3Url": "file:///nowhere/people.csv", "DefineSegment": True}


def fill(house: House, app: str) -> None:
    """Something of this project everywhere."""
    house.keys.create(SCOPE.account, "client", app_id=app)
    house.apps.update_settings(SCOPE, app, msgspec.convert({"Limits": {"Daily": 3}}, WriteApplicationSettingsRequest))
    house.audience.policies.write(SCOPE, app, Own(7))
    house.analytics.retention.write(SCOPE, app, 100)
    house.analytics.reports.save(SCOPE, app, "weekly", Asks(dashboard="usage", last_days=7))
    house.people(app, "gone")
    house.erase(app, "gone")
    house.people(app, "lea", "jon", Attributes={"plan": ["gold"]}, User={"UserId": "u"})
    house.people(app, "kai", Demographic={"Timezone": "Pacific/Honolulu"})
    house.audience.remove_attributes(SCOPE, app, "endpoint-custom-attributes", ["old*"])
    segment = house.segment(app)
    waiting = {"FilterType": "ENDPOINT", "Dimensions": {"EventType": {"Values": ["cart.left"]}}}
    triggered = house.campaign(
        app, segment, Schedule={"StartTime": "IMMEDIATE", "Frequency": "EVENT", "EventFilter": waiting}
    )
    house.settle()
    put_event(house, app, "first")
    # Days are sealed when they are over, and large.
    house.columnar.command("INSERT INTO session_starts (app_id, day) SELECT {app:String}, 1", {"app": app})
    house.rejections.of_request(SCOPE, app, "request", "AKID", Invalid("no events"), proven=True)
    house.rejections.flush()
    house.send_once(app, "token", Endpoints={"jon": {}})
    local = {"StartTime": house.in_time(minutes=1), "IsLocalTime": True, "Timezone": "UTC"}
    for schedule in ({"StartTime": "IMMEDIATE", "Frequency": "DAILY"}, local):
        campaign = house.campaign(app, segment, Schedule=schedule, tags={"a": "b"})
        house.change(app, campaign, segment, Schedule=schedule, Name="changed")
    house.tags.tag(SCOPE, SCOPE.arn(f"apps/{app}"), {"c": "d"})
    house.about_address(app, "kai@example.com", "kai", "")
    house.transfers.create_import(SCOPE, app, msgspec.convert(IMPORT, ImportJobRequest))
    house.advance(minutes=2)
    house.stopping.stop(SCOPE, app, campaign)
    house.advance(hours=11)  # to where kai lives
    unanswered = encode_matches(Matches())
    house.database.write(lambda c: triggers.add_matches(c, {triggers.Key(app, triggered, "0"): [unanswered]}))
    go_ways(house, app, segment)
    house.database.write(lambda c: streams.put(c, StreamRow(app, app, *SCOPE, "file:///", None, "", 1, 0, 0, "")))
    code = otp.Code(place=app, app_id=app, number="n", code="c", attempts_left=1, expires_ms=2**50)
    house.database.write(lambda c: otp.put(house.database, c, code))
    texts_both_ways(house, app)
    put_event(house, app, "waiting", "cart.seen")
    house.consumer.catch_up(30)


def texts_both_ways(house: House, app: str) -> None:
    """A number with a keyword, somebody opted out, and a text and a call of which more is still to be told."""
    sms = house.texts.sms
    sms.add_number(SCOPE, Line(app_id=app, account="", region="", number="+4915550100"))
    sms.put_keyword(SCOPE, Keyword(app_id=app, number="+4915550100", word="HOURS", message="9 to 5"))
    sms.put_opt_out(SCOPE, app, "+4915550002")
    common = {"account": SCOPE.account, "app_id": app}
    left = {
        "SMS": SmsOutgoing(message_id=f"s{app[1:]}", to_address="+4915550001", body="x", **common),
        "VOICE": VoiceOutgoing(message_id=f"v{app[1:]}", to_address="+4915550001", body="x", **common),
    }
    settled = []
    for channel, message in left.items():
        about = Envelope(channel=channel, region=SCOPE.region, origin="direct", **common)
        put(about, message)
        settled.append((about, Outcome("sent", provider_message_id=app)))
    house.database.write(lambda connection: [tell(connection, settled) for tell in house.messaging.settled])


def go_ways(house: House, app: str, segment: str) -> None:
    """Journeys: one that is walked, with events to be answered, and one whose hour has not come where kai lives."""
    wait = {"w": {"Wait": {"WaitTime": {"WaitFor": "P9D"}}}}
    start = {"SegmentStartCondition": {"SegmentId": segment}}
    walked = house.journey(app, wait, State="ACTIVE", StartCondition=start, RefreshFrequency="P1D")
    local = {"StartTime": house.in_time(minutes=6), "Timezone": "UTC"}
    house.journey(app, wait, State="ACTIVE", StartCondition=start, Schedule=local, LocalTime=True)
    house.advance(minutes=7)  # but not yet where kai lives
    told = encode_told(Told("", "cart.left")).decode()
    house.database.write(lambda c: participants.tell(c, walked, [(0, "elea", told)]))
    record_send(house, app, walked)
    house.database.write(
        lambda c: entry_store.add_matches(c, app, [(walked, encode_journey_matches(JourneyMatches(items=[])))])
    )


def record_send(house: House, app: str, journey: str) -> None:
    """A journey's message to lea, and what her app reported twice."""
    about = Subject(account=SCOPE.account, app_id=app, endpoint_id="lea", journey_id=journey, activity_id="m")
    event = produced.journey_send(about, at_ms=house.clock.now_ms(), status="SUCCESS")
    now = house.clock.now_ms()
    again = EventRow(app_id=app, event_type="a", event_id="1", endpoint_key="lea", ts=now, arrival=now)
    house.database.write(lambda c: house.events.record(c, [event, again, again]))
    house.consumer.catch_up(30)
    assert Repeats(house.columnar).catch_up(app)


def put_event(house: House, app: str, name: str, event_type: str = "cart.left") -> EventsResponse:
    ctx = Context(SCOPE, SystemIds().uuid(), "AKID", "admin", "arn")
    event = {"EventType": event_type, "Timestamp": house.in_time(), "Attributes": {"colour": "red"}}
    body = {"BatchItem": {"lea": {"Endpoint": {}, "Events": {name: {**event, "Metrics": {"price": 1.5}}}}}}
    return house.events.put(ctx, app, msgspec.json.encode(body)).result(30)


def of_app(house: House, app: str) -> dict[str, int]:
    """State tables with an `app_id`, and how many rows of this app each has."""
    tables = [table for table in metadata.sorted_tables if "app_id" in table.c]

    def work(connection: sa.Connection) -> dict[str, int]:
        count = sa.select(sa.func.count())
        return {t.name: connection.scalar(count.select_from(t).where(t.c.app_id == app)) or 0 for t in tables}

    return house.database.read(work)


def traces(house: House, app: str) -> list[str]:
    """State tables in which this id occurs, wherever that is."""

    def mentions(value: Any) -> bool:
        return app in value if isinstance(value, str) else isinstance(value, bytes) and app.encode() in value

    def work(connection: sa.Connection) -> list[str]:
        found = []
        for table in metadata.sorted_tables:
            if any(mentions(value) for row in connection.execute(sa.select(table)) for value in row):
                found.append(table.name)
        return found

    return house.database.read(work)


def kept_as(house: House, app: str) -> list[str]:
    """What the project's snapshots are called in the columnar store."""
    snapshots = metadata.tables["segment_snapshots"]
    which = sa.select(snapshots.c.kept_as).where(snapshots.c.app_id == app)
    return house.database.read(lambda c: list(c.scalars(which)))


def columnar(house: House, app: str, snapshots: list[str]) -> dict[str, int]:
    """Columnar tables, and how many rows of the app each has."""

    def count(sql: str, parameters: dict[str, object]) -> int:
        return int(str(house.columnar.query(sql, parameters)[0][0]))

    members = "SELECT count() FROM segment_snapshots WHERE snapshot_id IN {names:Array(String)}"
    found = {name: f"SELECT count() FROM {name} WHERE app_id = {{app:String}}" for name in columnar_tables(house)}
    return {
        **{name: count(sql, {"app": app}) for name, sql in found.items()},
        "segment_snapshots": count(members, {"names": snapshots}),
    }


def columnar_tables(house: House) -> set[str]:
    sql = (
        "SELECT table FROM system.columns WHERE database = currentDatabase() AND name = 'app_id' AND table IN"
        " (SELECT name FROM system.tables WHERE database = currentDatabase() AND engine != 'MaterializedView')"
    )
    return {str(name) for (name,) in house.columnar.query(sql)}


def test_nothing_is_left(house: House) -> None:
    gone, stays = house.project(), house.project()
    for app in (gone, stays):
        fill(house, app)
    assert columnar_tables(house) == COLUMNAR
    names = {app: kept_as(house, app) for app in (gone, stays)}
    before = of_app(house, stays)
    assert [name for name, rows in before.items() if not rows] == [], "fill does not put anything into these"
    in_columnar = columnar(house, stays, names[stays])
    assert all(in_columnar.values())
    house.apps.delete(SCOPE, gone)
    house.settle()
    assert {name for name, rows in of_app(house, gone).items() if rows} <= EXEMPT
    assert not any(columnar(house, gone, names[gone]).values())
    house.advance(minutes=20)
    house.consumer.catch_up(30)
    assert [name for name in traces(house, gone) if name not in EXEMPT] == []
    assert not any(columnar(house, gone, names[gone]).values())
    assert of_app(house, stays) == before
    assert columnar(house, stays, names[stays]) == in_columnar


def test_what_comes_in_late_goes_as_well(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """As from a process that has not heard of the deletion yet."""
    monkeypatch.setattr(apps_service, "STALE_SECONDS", 1_000.0)
    monkeypatch.setattr(house.apps, "_forget", lambda *_: None)
    app = house.project()
    fill(house, app)
    house.apps.delete(SCOPE, app)
    house.settle()
    house.people(app, "late", Attributes={"late": ["yes"]})
    put_event(house, app, "late")
    segment = house.segment(app)
    house.campaign(app, segment, Schedule={"StartTime": house.in_time(days=1)}, tags={"late": "yes"})
    house.segments.snapshot(SCOPE, app, segment, None, "late")
    journey = house.journey(app, {"w": {"Wait": {"WaitTime": {"WaitFor": "P9D"}}}})
    house.enter(app, journey, "elate", activity="w")
    record_send(house, app, journey)
    names = kept_as(house, app)
    house.consumer.catch_up(30)
    late = columnar(house, app, names)
    assert [name for name, rows in late.items() if not rows] == ["session_starts"]  # made when charts ask
    house.advance(minutes=20)
    house.consumer.catch_up(30)
    assert traces(house, app) == []
    assert not any(columnar(house, app, names).values())


def test_direct_messages_that_wait_go_with_it(state_url: str, chdb_url: str) -> None:
    """With one message a second most of them still wait when the project is deleted."""
    house = House(state_url, chdb_url, email_rate=1)
    try:
        gone, stays = house.project(), house.project()
        for app in (gone, stays):
            to = {f"p{number}@example.com": {"ChannelType": "EMAIL"} for number in range(5)}
            simple = {"Subject": {"Data": "s"}, "TextPart": {"Data": "t"}}
            words = {"EmailMessage": {"SimpleEmail": simple}}
            house.direct.send(
                SCOPE, app, msgspec.convert({"Addresses": to, "MessageConfiguration": words}, MessageRequest)
            )
        house.apps.delete(SCOPE, gone)
        house.settle()
        outbox = metadata.tables["outbox"]
        left = house.database.read(lambda c: list(c.scalars(sa.select(outbox.c.group_id))))
        assert left
        assert not [group for group in left if gone in group]
        house.advance(minutes=1)
        assert len(house.inbox.page(Filter(app_id=stays), 100, None)[0]) == 5
    finally:
        house.close()
