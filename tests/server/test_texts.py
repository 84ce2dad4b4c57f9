"""Texts from people: STOP, HELP, START, keywords of one's own, and who is told. Source: spec of SMS, 7."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from clarion.core.errors import Conflict, Invalid, NotFound, Unavailable
from clarion.domain.audience.people.service import Who
from clarion.domain.messaging.feedback.texts import MOST_ANSWERS
from clarion.domain.sms.model import ANSWERS, ANY, Keyword, Line
from clarion.store.schema import metadata
from tests.server.house import SCOPE
from tests.server.texting import Texting, alone, texting

OURS = "+4915550100"
STOPPED, HELPED, STARTED = ANSWERS["STOP"], ANSWERS["HELP"], ANSWERS["START"]

_people = iter(f"+49155520{number:04}" for number in range(1000))


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, chdb_directory: Path) -> Iterator[Texting]:
    """One process for all tests of the module: each makes its own project, and writes as somebody new."""
    with alone(tmp_path_factory.mktemp("texts"), chdb_directory) as running:
        yield running


@pytest.fixture
def person() -> str:
    return next(_people)


def line(one: Texting, app: str, number: str = ANY, **members: Any) -> None:
    added = Line(app_id=app, account="", region="", number=number, **members)
    one.house.texts.sms.add_number(SCOPE, added)


def keyword(one: Texting, app: str, word: str, message: str, **members: Any) -> None:
    one.house.texts.sms.put_keyword(SCOPE, Keyword(app_id=app, number=ANY, word=word, message=message, **members))


def opt_out(one: Texting, app: str, endpoint: str) -> str:
    return one.house.audience.get(SCOPE, app, endpoint).opt_out


@pytest.fixture
def on_postgres(state_url: str, chdb_url: str) -> Iterator[Texting]:
    """One process on the other state database."""
    with texting(state_url, chdb_url) as running:
        yield running


@pytest.mark.parametrize("state_url", ["postgresql"], indirect=True)
def test_stop_ends_everything_and_start_begins_again(on_postgres: Texting, person: str) -> None:
    one, app = on_postgres, on_postgres.project()
    one.house.people_of(app, "phone", "SMS", person, User={"UserId": "u"})
    assert one.send(app, person)[person].status == "SUCCESSFUL"
    one.text(person, "  Stop!! ")
    assert opt_out(one, app, "phone") == "ALL"
    assert one.carrier.to(person) == ["Hello", STOPPED]
    refused = one.send(app, person)[person]
    assert (refused.status, refused.code) == ("OPT_OUT", 200)
    assert [status for kind, status in one.statuses(app) if kind == "FAILURE"] == ["OPTED_OUT"]
    (event,) = one.events(app, "_SMS.OPTOUT")
    told = {name: event.attributes[name] for name in ("destination_phone_number", "message_id", "keyword")}
    assert told == {"destination_phone_number": person, "message_id": one.carrier.sent[0].message_id, "keyword": "STOP"}
    one.text(person, "stop")
    assert one.carrier.to(person) == ["Hello", STOPPED]
    one.text(person, "START")
    assert opt_out(one, app, "phone") == "NONE"
    assert one.send(app, person)[person].status == "SUCCESSFUL"
    one.text(person, "start")
    assert one.carrier.to(person) == ["Hello", STOPPED, STARTED, "Hello"]


def test_campaigns_and_other_writings_of_a_number_are_stopped_as_well(one: Texting, person: str) -> None:
    app = one.project()
    one.send(app, person)
    one.text(person, "UNSUBSCRIBE me please")
    spelled = f"{person[:3]} {person[3:7]}-{person[7:]}"
    assert one.send(app, spelled)[spelled].status == "OPT_OUT"
    one.house.people_of(app, "late", "SMS", person)
    one.house.settle()
    message = {"SMSMessage": {"Body": "Sale", "MessageType": "PROMOTIONAL"}}
    segment = one.house.segment(app)
    one.house.campaign(app, segment, MessageConfiguration=message)
    one.house.settle()
    assert "Sale" not in one.carrier.to(person)
    assert ("FAILURE", "OPTED_OUT") in one.statuses(app)
    (skip,) = [row for row in one.events(app, "_clarion.skip") if row.campaign_id]
    assert (skip.gate, skip.reason) == ("opt_out", "the number is on the opt-out list")


def test_another_project_still_writes(one: Texting, person: str) -> None:
    app, other = one.project(), one.project()
    one.send(other, person)
    one.house.advance(seconds=1)
    one.send(app, person)
    one.text(person, "STOP")
    assert one.send(app, person)[person].status == "OPT_OUT"
    assert one.send(other, person)[person].status == "SUCCESSFUL"


def test_projects_that_share_a_list_stop_together(one: Texting, person: str) -> None:
    app, other = one.project(), one.project()
    for each in (app, other):
        line(one, each, opt_out_list="brand")
    one.send(app, person)
    one.text(person, "STOP")
    assert one.send(other, person)[person].status == "OPT_OUT"


def test_help_and_own_keywords_are_answered(one: Texting, person: str) -> None:
    app = one.project()
    keyword(one, app, "help", "Shop: call {{555}} 0199. Reply STOP to end.")
    keyword(one, app, "hours today", "9 to 5")
    keyword(one, app, "HOURS", "Mon–Fri")
    keyword(one, app, "leave", "Bye.", action="OPT_OUT")
    one.send(app, person)
    for text in ("HELP me", "hours, TODAY?", "Hours", "thanks"):
        one.house.advance(seconds=1)
        one.text(person, text)
    assert one.carrier.to(person)[1:] == ["Shop: call {{555}} 0199. Reply STOP to end.", "9 to 5", "Mon–Fri"]
    received = one.events(app, "_clarion.sms_received")
    assert [row.attributes.get("message_keyword") for row in received] == ["HELP", "HOURS TODAY", "HOURS", None]
    assert received[3].attributes["message_body"] == "thanks"
    assert received[3].attributes["previous_published_message_id"] == one.carrier.sent[-1].message_id
    one.text(person, "LEAVE")
    assert one.send(app, person)[person].status == "OPT_OUT"


def test_a_text_that_comes_twice_is_dealt_with_once(one: Texting, person: str) -> None:
    app = one.project()
    one.send(app, person)
    for _ in range(2):
        one.text(person, "HELP", id=f"same-{person}")
    assert one.carrier.to(person) == ["Hello", HELPED]
    assert len(one.events(app, "_clarion.sms_received")) == 1


def test_machines_that_answer_each_other_stop(one: Texting, person: str) -> None:
    app = one.project()
    one.send(app, person)
    for _ in range(MOST_ANSWERS + 3):
        one.text(person, "HELP")
    assert one.carrier.to(person).count(HELPED) == MOST_ANSWERS
    one.text(person, HELPED)
    one.house.advance(hours=2)
    one.text(person, "HELP")
    assert one.carrier.to(person).count(HELPED) == MOST_ANSWERS + 1


def test_neither_short_codes_nor_our_own_numbers_are_answered(one: Texting) -> None:
    app, ours = one.project(), next(_people)
    line(one, app, ours)
    one.text("72345", "HELP", to=ours)
    one.text(ours, "HELP", to=ours)
    assert one.carrier.to("72345") == one.carrier.to(ours) == []
    assert len(one.events(app, "_clarion.sms_received")) == 2


def test_nobodys_text_is_dropped(one: Texting, person: str) -> None:
    one.text(person, "STOP", to="+4915559999")
    one.text("", "", to="")
    assert one.carrier.to(person) == []


@pytest.mark.parametrize("state_url", ["postgresql"], indirect=True)
def test_what_no_database_keeps_is_left_out(on_postgres: Texting, person: str) -> None:
    one, app = on_postgres, on_postgres.project()
    one.send(app, person)
    one.text(f"{person}\0", "HE\0LP \x07\u202e🧀" + "x" * 5_000, id="in\0\n1" + "y" * 500)
    one.text("\0", "\0", to="\0")
    one.receipt("c1\0")
    (row,) = one.events(app, "_clarion.sms_received")
    assert row.attributes["message_body"].startswith("HELP \x07")
    assert len(row.attributes["message_body"]) == 1_600
    assert one.carrier.to(person) == ["Hello", HELPED]


def test_the_number_tells_the_project(one: Texting, person: str) -> None:
    app, other, number = one.project(), one.project(), next(_people)
    line(one, app, number)
    one.send(other, person)
    one.text(person, "STOP", to=number)
    assert one.send(app, person)[person].status == "OPT_OUT"
    assert one.send(other, person)[person].status == "SUCCESSFUL"
    assert one.carrier.sent[-2].origination_number == number


def test_self_managed_numbers_leave_it_to_the_project(one: Texting, person: str) -> None:
    app, number = one.project(), next(_people)
    topic = "arn:aws:sns:eu-central-1:000000000001:texts"
    with pytest.raises(Invalid, match="self-managed"):
        line(one, app, number, self_managed=True)
    line(one, app, number, self_managed=True, destination=topic)
    brought: list[tuple[str, Mapping[str, str]]] = []
    one.house.texts.messenger.bring = lambda to, role, payload, at_ms: brought.append((to, payload))  # type: ignore[method-assign]
    one.text(person, "STOP", to=number)
    assert one.send(app, person)[person].status == "SUCCESSFUL"
    assert one.carrier.to(person) == ["Hello"]
    ((to, payload),) = brought
    assert to == topic
    assert {name: payload[name] for name in payload if name != "inboundMessageId"} == {
        "originationNumber": person,
        "destinationNumber": number,
        "messageKeyword": "STOP",
        "messageBody": "STOP",
        "previousPublishedMessageId": "",
    }


def test_what_a_webhook_does_not_take_comes_again(one: Texting, person: str) -> None:
    app = one.project()
    line(one, app, destination="https://hooks.acme.test/in#whsec_" + "QUFB" * 8)
    (shown,) = one.house.texts.sms.numbers(SCOPE, app)
    assert shown.destination == "https://hooks.acme.test/in"
    asked: list[str] = []

    def bring(to: str, role: str, payload: Mapping[str, str], at_ms: int) -> None:
        asked.append(payload["inboundMessageId"])
        if len(asked) < 3:
            raise Unavailable("away")

    one.house.texts.messenger.bring = bring  # type: ignore[method-assign]
    one.send(app, person)
    one.text(person, "tell me more")
    one.house.advance(hours=1)
    assert len(asked) == 3
    assert len(set(asked)) == 1


def test_the_opt_out_list_is_kept_by_hand_as_well(one: Texting, person: str) -> None:
    app, sms = one.project(), one.house.texts.sms
    assert sms.put_opt_out(SCOPE, app, person)
    assert not sms.put_opt_out(SCOPE, app, person)
    assert one.send(app, person)[person].status == "OPT_OUT"
    ((_, entry),) = sms.opt_outs(SCOPE, app, "", 10)
    assert (entry.number, entry.by_person) == (person, False)
    sms.remove_opt_out(SCOPE, app, person)
    with pytest.raises(NotFound):
        sms.remove_opt_out(SCOPE, app, person)
    sms.put_opt_out(SCOPE, app, person)
    with pytest.raises(Conflict):
        sms.remove_opt_out(SCOPE, app, person)
    with pytest.raises(Invalid):
        sms.put_opt_out(SCOPE, app, "nobody")


def test_whoever_is_erased_stays_opted_out(one: Texting, person: str) -> None:
    app = one.project()
    one.house.people_of(app, "gone", "SMS", person)
    one.house.settle()
    one.send(app, person)
    one.text(person, "STOP")
    one.house.persons.erase(SCOPE, app, Who(None, "gone"), "AKID")
    one.house.settle()
    ((_, entry),) = one.house.texts.sms.opt_outs(SCOPE, app, "", 10)
    assert entry.number == ""
    assert one.send(app, person)[person].status == "OPT_OUT"
    assert not one.house.database.read(
        lambda c: c.exec_driver_sql("SELECT number FROM sms_conversations").scalars().all().count(person)
    )


def test_whoever_is_erased_leaves_nothing_behind_that_waits(one: Texting, person: str) -> None:
    app = one.project()
    one.house.people_of(app, "gone", "SMS", person)
    one.house.people_of(app, "stays", "SMS", other := next(_people))
    one.house.settle()
    line(one, app, destination="arn:aws:sns:eu-central-1:000000000001:texts")

    def away(to: str, role: str, payload: Mapping[str, str], at_ms: int) -> None:
        raise Unavailable("away")

    one.house.texts.messenger.bring = away  # type: ignore[method-assign]
    for number in (person, other):
        one.send(app, number)
        one.text(number, "tell me more")
    counts = one.house.persons.tell(SCOPE, app, Who(None, "gone")).counts
    told = {name: counts[name] for name in ("TextsWithoutReceipt", "Conversations", "TextsInHand")}
    assert told == {"TextsWithoutReceipt": 1, "Conversations": 1, "TextsInHand": 1}
    one.house.persons.erase(SCOPE, app, Who(None, "gone"), "AKID")
    one.house.settle()
    assert traces(one, person) == ["jobs"]  # of the erasure itself, which looks again
    one.house.advance(minutes=16)
    assert traces(one, person) == []
    assert traces(one, other) == ["endpoints", "jobs", "sms_conversations", "sms_receipts"]


def traces(one: Texting, number: str) -> list[str]:
    """Tables in which a number occurs."""

    def work(connection: sa.Connection) -> list[str]:
        found = set()
        for table in metadata.sorted_tables:
            for row in connection.execute(sa.select(table)):
                values = (value if isinstance(value, bytes) else str(value).encode() for value in row)
                if any(number.encode() in value for value in values):
                    found.add(table.name)
        return sorted(found - {"ingest_log"})

    return one.house.database.read(work)


def test_texts_to_and_from_a_bare_number_are_erased_with_whoever_has_it(one: Texting, person: str) -> None:
    app, other = one.project(), next(_people)
    line(one, app)
    for number in (person, other):
        one.send(app, number)
        one.text(number, "my secret")
    one.house.advance(seconds=1)
    one.house.people_of(app, "known", "SMS", f"{person[:5]} {person[5:]}")
    one.house.settle()
    one.house.persons.erase(SCOPE, app, Who(None, "known"), "AKID")
    one.house.settle()
    left = {number for row in one.events(app) for number in row.attributes.values() if number in (person, other)}
    assert left == {other}
    assert len(one.events(app, "_clarion.sms_received")) == 1
