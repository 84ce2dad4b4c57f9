"""One person is told, or erased, in every table of either database; nobody else loses anything.

What names people is found by looking at the schemas: a new table needs a holder (`people.holder.Holder`), or a reason
here why it needs none.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from clarion.core.errors import Invalid, NotFound
from clarion.core.ids import SystemIds
from clarion.domain.audience.people.service import Who
from clarion.domain.audience.writing import Restored, item_of
from clarion.domain.messaging.tracking.hits import KIND
from clarion.engine import log, log_dead
from clarion.engine.log_dead import ingest_dead
from clarion.shapes.pinpoint import EndpointBatchItem, MessageRequest
from clarion.store.schema import metadata
from clarion.wire.context import Context
from tests.server.house import SCOPE, House

NAMING = re.compile(r"endpoint|user|address|contact|recipient|member|participant|duplicate|body|args|document")
"""Columns that name people, or hold documents that may."""

EXEMPT = {
    "access_keys": "keys of those who run campaigns",
    "audience_policies": "a number per project",
    "campaign_held": "pages of runs that stand still, by number",
    "campaign_versions": "what the author wrote",
    "erased_ids": "digests only",
    "event_names": "names of attributes, not of people",
    "ingest_dead": "redacted by `people.jobs`, through the holders' redactors",
    "ingest_log": "erasing waits until it has been taken over",
    "outbox_groups": "names of runs",
    "outbox_leases": "goes with its message",
    "outbox_parked": "pages of runs, by number",
    "recommenders": "how models are asked",
    "reports": "what is asked of charts, as its author wrote it",
    "segment_snapshots": "names of selections and how large they are",
    "segment_versions": "what the author wrote",
    "template_partials": "what the author wrote",
    "template_versions": "what the author wrote",
}
"""State tables that need no holder, each with its reason."""

LEA = Who("lea-user", None)
SECRETS = ("lea-user", "lea-phone", "lea-mail", "lea-old", "lea@example.com", "lea-likes-opera")


def columnar_tables(house: House) -> dict[str, list[str]]:
    """Views keep nothing themselves."""
    sql = (
        "SELECT table, name FROM system.columns WHERE database = currentDatabase() AND table IN"
        " (SELECT name FROM system.tables WHERE database = currentDatabase() AND engine != 'MaterializedView')"
    )
    found: dict[str, list[str]] = {}
    for table, name in house.columnar.query(sql):
        found.setdefault(str(table), []).append(str(name))
    return found


def test_every_table_that_names_people_has_somebody_who_erases_them(house: House) -> None:
    held = {table for holder in house.persons.holders for table in holder.tables}
    naming = {
        table.name for table in metadata.sorted_tables if any(NAMING.search(column.name) for column in table.c)
    } | {
        f"columnar.{table}"
        for table, columns in columnar_tables(house).items()
        if any(NAMING.search(column) for column in columns)
    }
    assert sorted(naming - held - EXEMPT.keys()) == []
    assert not held & EXEMPT.keys()


def put_event(house: House, app: str, endpoint: str, name: str, **attributes: str) -> None:
    ctx = Context(SCOPE, SystemIds().uuid(), "AKID", "admin", "arn")
    event = {"EventType": "cart.left", "Timestamp": house.in_time(), "Attributes": attributes}
    body = {"BatchItem": {endpoint: {"Endpoint": {}, "Events": {name: event}}}}
    house.events.put(ctx, app, msgspec.json.encode(body)).result(30)


def send(house: House, app: str, **to: Any) -> None:
    simple = {"Subject": {"Data": "Dear {{Attributes.hobby}}"}, "TextPart": {"Data": "Hello"}}
    words = {"EmailMessage": {"SimpleEmail": simple}}
    house.direct.send(SCOPE, app, msgspec.convert({**to, "MessageConfiguration": words}, MessageRequest))


def fill(house: House, app: str, name: str = "lea") -> None:
    """Everything of a person everywhere, but what waits."""
    user = {"UserId": f"{name}-user", "UserAttributes": {"likes": [f"{name}-likes-opera"]}}
    put_event(house, app, f"{name}-phone", "before-sign-in")
    house.people_of(app, f"{name}-Phone", "IN_APP", None, User=user)
    house.people_of(app, f"{name}-mail", "EMAIL", f"{name}@example.com", User=user)
    house.people_of(app, f"{name}-old", "SMS", "+4915550001", User=user)
    house.people_of(app, f"{name}-old", "SMS", "+4915550001", User={"UserId": ""})
    put_event(house, app, f"{name}-phone", "after-sign-in", note=f"{name}-likes-opera")
    put_event(house, app, f"{name}-phone", "too-long", note=f"{name}-likes-opera" * 20)
    house.rejections.flush()
    house.campaign(app, house.segment(app))
    wait = {"w": {"Wait": {"WaitTime": {"WaitFor": "P9D"}}}}
    house.enter(app, house.journey(app, wait), f"u{name}-user", f"e{name}-phone", activity="w")
    send(house, app, Addresses={f"{name}@example.com": {"ChannelType": "EMAIL"}})
    send(house, app, Endpoints={f"{name}-mail": {}})
    house.send_once(app, f"greet {name}", Endpoints={f"{name}-mail": {}})
    house.settle()
    house.about_address(app, f"{name}@example.com", f"{name}-mail", f"{name}-user")


def traces(house: House, *words: str) -> list[str]:
    """Tables of either database in which one of these words occurs, and the word."""

    def work(connection: sa.Connection) -> list[str]:
        found = []
        for table in metadata.sorted_tables:
            for row in connection.execute(sa.select(table)):
                for value in row:
                    text = value.encode() if isinstance(value, str) else value
                    if isinstance(text, bytes):
                        found += [f"{table.name}: {word}" for word in words if word.encode() in text.lower()]
        return found

    found = house.database.read(work)
    for table, columns in columnar_tables(house).items():
        shown = ", ".join(f"toString({column})" for column in columns)
        for row in house.columnar.query(f"SELECT {shown} FROM {table}"):
            found += [f"columnar.{table}: {word}" for word in words if any(word in str(v).lower() for v in row)]
    return sorted(set(found))


def erase(house: House, app: str, who: Who = LEA) -> str:
    return house.persons.erase(SCOPE, app, who, "AKID").id


def export(house: House, app: str, who: Who, limit: int = 100) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    token = None
    while True:
        part = house.persons.export(SCOPE, app, who, limit, token)
        assert len(part.items) <= limit
        found.setdefault(part.section, []).extend(part.items)
        token = part.token
        if token is None:
            return found


def test_nothing_is_left_of_somebody_and_everything_of_the_others(house: House) -> None:
    app = house.project()
    fill(house, app, "jon")
    fill(house, app)
    jon = export(house, app, Who("jon-user", None))
    assert {line.partition(":")[0] for line in traces(house, *SECRETS)} >= {
        "direct_answers",
        "email_complaints",
        "email_preferences",
        "email_suppressions",
        "endpoints",
        "inbox_messages",
        "journey_participants",
        "columnar.endpoints",
        "columnar.events",
        "columnar.journey_moves",
        "columnar.segment_snapshots",
    }
    erasure = erase(house, app)
    house.settle()
    assert traces(house, *SECRETS) == ["jobs: " + word for word in sorted(SECRETS) if word != "lea-likes-opera"]
    (done,), _ = house.persons.erasures(SCOPE, app, LEA, 10, None)
    assert (done.id, done.state, done.access_key_id) == (erasure, "COMPLETED", "AKID")
    counts = msgspec.json.decode(done.counts)
    assert counts["Endpoints"] == 3
    assert counts["DirectAnswers"] == 1
    assert (counts["EmailSuppressions"], counts["EmailPreferences"], counts["EmailComplaints"]) == (1, 2, 1)
    assert counts["RejectedEvents"] == 1
    assert counts["JourneyParticipants"] == 2
    assert min(counts[kind] for kind in ("Events", "InboxMessages", "SelectionRows", "EndpointVersions")) > 0
    house.advance(minutes=16)
    assert traces(house, *SECRETS) == []
    assert export(house, app, Who("jon-user", None)) == jon
    with pytest.raises(NotFound):
        house.persons.tell(SCOPE, app, LEA)
    house.advance(days=2)
    assert msgspec.json.decode(house.persons.erasures(SCOPE, app, LEA, 10, None)[0][0].counts) == counts


def test_an_address_stays_suppressed_when_its_person_has_been_erased(house: House) -> None:
    app = house.project()
    fill(house, app)
    erase(house, app)
    house.settle()
    (entry,), _ = house.mail.suppressions.page(SCOPE, app, None, 10, None)
    assert (entry.address, entry.reason) == ("", "MANUAL")
    assert house.mail.suppressions.find(SCOPE, app, "LEA@example.com") == entry
    wishes = {one.topic.name: one.subscribed for one in house.mail.topics.preferences(SCOPE, app, "lea@example.com")}
    assert wishes == {"news": False, "offers": True}
    assert house.mail.complaints.page(SCOPE, app, 10, None) == ([], None)


def test_what_waits_goes_as_well(state_url: str, chdb_url: str) -> None:
    """In the log, among the rows set aside, in the outbox and among the hits."""
    house = House(state_url, chdb_url, email_rate=1)
    try:
        app = house.project()
        house.people_of(app, "lea-mail", "EMAIL", "lea@example.com", User={"UserId": "lea-user"})
        house.people_of(app, "jon-mail", "EMAIL", "jon@example.com", User={"UserId": "jon-user"})
        house.settle()
        send(house, app, Addresses={f"p{n}@example.com": {"ChannelType": "EMAIL"} for n in range(30)})
        send(
            house,
            app,
            Endpoints={"lea-mail": {}, "jon-mail": {}},
            Addresses={"Lea@example.com": {"ChannelType": "EMAIL"}},
        )
        for name in ("lea-mail", "jon-mail"):
            put_event(house, app, name, f"{name}-waits")
        rows = house.database.read(lambda c: list(c.execute(sa.select(log.log_batches.ingest_log))))
        house.database.write(lambda c: log_dead.set_aside(c, [row.id for row in rows], now_ms=0, error="refused"))
        broken = [b'{"half": "lea-MAIL', b'{"half": "jon-mail']
        for body in broken:
            row = house.database.write(lambda c, body=body: log.append(c, "events.rows", body))  # type: ignore[misc]
            house.database.write(lambda c, row=row: log_dead.set_aside(c, [row], now_ms=0, error="refused"))  # type: ignore[misc]
        put_event(house, app, "lea-mail", "waits-in-the-log")
        hits = [
            {"kind": "one_click", "id": "h", "app_id": app, "message_id": "m", "at_ms": 1, "endpoint_id": one}
            for one in ("lea-mail", "jon-mail")
        ]
        far = house.clock.now_ms() + 10**9
        house.database.write(lambda c: [house.jobs.enqueue(c, KIND, hit, due_ms=far) for hit in hits])
        erase(house, app)
        house.settle()
        assert traces(house, "jon-mail")
        lasting = ("waits-in-the-log", "lea-mail-waits")
        assert traces(house, *lasting) == []
        assert {line.partition(":")[0] for line in traces(house, "lea-mail", "lea@example.com", "lea-user")} == {"jobs"}
        kept = house.database.read(lambda c: log_dead.listed(c, limit=1_000))
        assert [row.body for row in kept if row.body.startswith(b'{"half')] == [broken[1]]
        house.database.write(lambda c: log_dead.drop(c, [row.id for row in kept if row.body == broken[1]]))
        house.database.write(lambda c: log_dead.retry(c, None))
        house.advance(minutes=16)
        assert traces(house, *SECRETS, *lasting) == []
        assert len(export(house, app, Who("jon-user", None))["Events"]) >= 2
        (jon,) = [job for job in house.database.read(_hits) if b"jon-mail" in job]
        assert jon
    finally:
        house.close()


def test_a_run_ends_when_those_who_wait_are_erased(state_url: str, chdb_url: str) -> None:
    house = House(state_url, chdb_url, email_rate=1)
    try:
        app = house.project()
        names = [f"p{number}" for number in range(9)]
        house.people(app, *names)
        campaign = house.campaign(app, house.segment(app))
        house.settle()
        arrived = house.reached(app)
        assert len(arrived) < len(names)
        for name in set(names) - set(arrived):
            house.persons.erase(SCOPE, app, Who(None, name), "AKID")
        house.settle()
        assert house.status(app, campaign) == "COMPLETED"
        house.advance(minutes=20)
        assert house.reached(app) == arrived
        (activity,) = house.activities(app, campaign)
        assert activity.successful_endpoint_count == len(arrived)
    finally:
        house.close()


def _hits(connection: sa.Connection) -> list[bytes]:
    jobs = metadata.tables["jobs"]
    return [bytes(args) for args in connection.scalars(sa.select(jobs.c.args).where(jobs.c.kind == KIND))]


def test_whoever_comes_back_is_somebody_new(house: House) -> None:
    app = house.project()
    fill(house, app)
    before = house.audience.get(SCOPE, app, "lea-mail")
    erase(house, app)
    house.settle()
    house.people_of(app, "lea-mail", "EMAIL", "lea@example.com", User={"UserId": "lea-user"})
    put_event(house, app, "lea-mail", "new-life")
    send(house, app, Endpoints={"lea-mail": {}})
    house.settle()
    new = export(house, app, LEA)
    assert [one["EventId"] for one in new["Events"] if one["Record"]["event_type"] == "cart.left"] == ["new-life"]
    house.advance(minutes=16)
    assert export(house, app, LEA) == new
    assert [one["Id"] for one in new["Endpoints"]] == ["lea-mail"]
    assert house.audience.get(SCOPE, app, "lea-mail").user_attributes == {} != before.user_attributes


def test_an_import_restores_nothing_of_somebody_who_was_erased(house: House) -> None:
    app = house.project()
    house.people_of(app, "lea-mail", "EMAIL", "lea@example.com")
    erase(house, app, Who(None, "Lea-Mail"))
    house.settle()
    sent = msgspec.convert({"Id": "lea-mail", "ChannelType": "EMAIL", "Address": "a@b.c"}, EndpointBatchItem)
    other = msgspec.structs.replace(sent, id="jon-mail", address="j@b.c")
    restored = Restored(42, 1_000)
    items = [item_of(one.id or "", one, "r", restored) for one in (sent, other)]
    house.database.write(lambda connection: house.audience.register(connection, app, items))
    lea, jon = (house.audience.get(SCOPE, app, name) for name in ("lea-mail", "jon-mail"))
    assert (jon.cohort, jon.created_ms) == (42, 1_000)
    assert lea.created_ms == house.clock.now_ms()


def test_exports_page_through_everything_once(house: House) -> None:
    app = house.project()
    fill(house, app)
    for number in range(7):
        put_event(house, app, "lea-phone", f"more-{number}")
    house.settle()
    whole = export(house, app, LEA)
    assert export(house, app, LEA, 2) == whole
    assert {one["Id"] for one in whole["Endpoints"]} == {"lea-phone", "lea-mail", "lea-old"}
    names = {one["EventId"] for one in whole["Events"]}
    assert {"before-sign-in", "after-sign-in", *(f"more-{n}" for n in range(7))} <= names
    assert {one["EventType"] for one in whole["Decisions"]} >= {"_campaign.send", "_email.send"}
    assert [one["EventId"] for one in whole["RejectedEvents"]] == ["too-long"]
    assert len(whole["Inbox"]) == 4
    assert [one["DeliveryStatus"] for one in whole["DirectAnswers"]] == ["SUCCESSFUL"]
    with pytest.raises(Invalid):
        house.persons.export(SCOPE, app, Who(None, "lea-mail"), 10, None)


def test_erasing_twice_and_nobody(house: House) -> None:
    app, other = house.project(), house.project()
    fill(house, app)
    fill(house, other)
    first = erase(house, app)
    assert erase(house, app) == first
    house.settle()
    second = erase(house, app)
    assert second != first
    house.settle()
    nobody = erase(house, app, Who(None, "never-seen"))
    house.settle()
    rows, _ = house.persons.erasures(SCOPE, app, None, 10, None)
    assert {row.id for row in rows} == {first, second, nobody}
    assert {row.state for row in rows} == {"COMPLETED"}
    assert len(export(house, other, LEA)["Endpoints"]) == 3
    rows, _ = house.persons.erasures(SCOPE, other, LEA, 10, None)
    assert rows == []
    assert ingest_dead.name in EXEMPT
