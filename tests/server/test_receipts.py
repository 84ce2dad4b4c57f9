"""Receipts of text messages become events, whatever order they come in, and silence does after three days."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from clarion.channels.feedback import ReceiptReport
from clarion.domain.messaging.feedback.pending import conversations, receipts
from clarion.domain.messaging.feedback.receipts import WAITS_MS
from tests.server.house import SCOPE
from tests.server.texting import CARRIER, Texting, alone, texting

NUMBER = "+4915550001"


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, chdb_directory: Path) -> Iterator[Texting]:
    """One process for all tests of the module: each makes its own project."""
    with alone(tmp_path_factory.mktemp("receipts"), chdb_directory) as running:
        yield running


@pytest.fixture
def on_postgres(state_url: str, chdb_url: str) -> Iterator[Texting]:
    """One process on the other state database."""
    with texting(state_url, chdb_url) as running:
        yield running


def waiting(one: Texting, app: str) -> int:
    of_app = sa.select(sa.func.count()).where(receipts.c.app_id == app)
    return one.house.database.read(lambda c: c.scalar(of_app) or 0)


def sent(one: Texting, app: str, number: str = NUMBER, **sms: str) -> list[str]:
    """Send a text; answers the carrier's ids."""
    result = one.send(app, number, **sms)[number]
    assert result.message_id is not None
    return one.carrier.ids[result.message_id]


def test_a_receipt_becomes_an_event_with_every_field(one: Texting) -> None:
    app = one.project()
    (id,) = sent(one, app)
    assert one.statuses(app) == [("BUFFERED", "SUCCESSFUL")]
    one.receipt(id, price_millicents=645.0, origination_number="+4915550100")
    (event,) = one.events(app, "_SMS.SUCCESS")
    (message,) = one.carrier.sent
    assert event.attributes == {
        "sender_request_id": message.message_id,
        "message_id": message.message_id,
        "destination_phone_number": NUMBER,
        "origination_phone_number": "+4915550100",
        "record_status": "DELIVERED",
        "iso_country_code": "DE",
        "number_of_message_parts": "1",
        "message_type": "Transactional",
        "treatment_id": "0",
    }
    assert (event.message_id, event.metrics) == (message.message_id, {"price_in_millicents_usd": 645.0})
    assert waiting(one, app) == 0


def test_what_is_told_again_is_recorded_once(one: Texting) -> None:
    app = one.project()
    (id,) = sent(one, app)
    before = one.house.metrics.get_sample_value("clarion_sms_receipts_unknown_total") or 0
    for _ in range(3):
        one.receipt(id, "FAILURE", "UNREACHABLE")
    one.house.advance(hours=1)
    one.house.settle()
    assert one.statuses(app) == [("BUFFERED", "SUCCESSFUL"), ("FAILURE", "UNREACHABLE")]
    again = one.house.metrics.get_sample_value("clarion_sms_receipts_unknown_total") or 0
    assert again - before == 2


def test_a_message_is_delivered_once_all_its_parts_are(one: Texting) -> None:
    app = one.project()
    first, second, third = sent(one, app, body="x" * 400)
    one.receipt(first, price_millicents=100.0)
    one.receipt(third, price_millicents=100.0)
    assert [row.event_type for row in one.events(app, "_SMS.SUCCESS")] == []
    one.receipt(second, price_millicents=100.0)
    (event,) = one.events(app, "_SMS.SUCCESS")
    assert event.attributes["number_of_message_parts"] == "3"
    assert event.metrics == {"price_in_millicents_usd": 300.0}


def test_a_message_has_failed_once_one_of_its_parts_has(one: Texting) -> None:
    app = one.project()
    first, second, third = sent(one, app, body="x" * 400)
    one.receipt(second, "FAILURE", "CARRIER_BLOCKED")
    one.receipt(first)
    one.receipt(third, "FAILURE", "UNKNOWN")
    assert one.statuses(app) == [("BUFFERED", "SUCCESSFUL"), ("FAILURE", "CARRIER_BLOCKED")]
    assert waiting(one, app) == 0


def test_a_receipt_that_is_faster_than_its_message_waits(one: Texting) -> None:
    app = one.project()
    expected = one.carrier.next_id()
    one.receipt(expected)
    (id,) = sent(one, app)
    assert id == expected
    assert one.events(app, "_SMS.SUCCESS") == []
    one.house.advance(milliseconds=WAITS_MS[0])
    one.house.settle()
    assert one.statuses(app) == [("BUFFERED", "SUCCESSFUL"), ("SUCCESS", "DELIVERED")]


def test_progress_is_told_once_and_ends_nothing(one: Texting) -> None:
    app = one.project()
    (id,) = sent(one, app)
    for status in ("PENDING", "PENDING", "SUCCESSFUL"):
        one.receipt(id, "BUFFERED", status, final=False)
    assert one.statuses(app) == [("BUFFERED", "PENDING"), ("BUFFERED", "SUCCESSFUL")]
    one.receipt(id)
    assert one.statuses(app)[-1] == ("SUCCESS", "DELIVERED")


@pytest.mark.parametrize("state_url", ["postgresql"], indirect=True)
def test_three_days_of_silence_end_as_unknown(on_postgres: Texting) -> None:
    one = on_postgres
    app = one.project()
    (silent,) = sent(one, app)
    (taken,) = sent(one, app, "+4915550002")
    one.receipt(taken, "BUFFERED", "SUCCESSFUL", final=False)
    one.house.advance(hours=71)
    assert waiting(one, app) == 2
    one.house.advance(hours=3)
    one.house.settle()
    told = {row.attributes["destination_phone_number"]: row for row in one.events(app, "_SMS.FAILURE", "_SMS.SUCCESS")}
    assert {number: (row.event_type, row.status) for number, row in told.items()} == {
        NUMBER: ("_SMS.FAILURE", "UNKNOWN"),
        "+4915550002": ("_SMS.SUCCESS", "SUCCESSFUL"),
    }
    one.receipt(silent)
    one.house.advance(hours=1)
    one.house.settle()
    assert len(one.events(app, "_SMS.SUCCESS")) == 1
    assert waiting(one, app) == 0


def test_another_provider_with_the_same_id_means_another_message(one: Texting) -> None:
    app = one.project()
    (id,) = sent(one, app)
    report = ReceiptReport(provider_message_id=id, kind="SUCCESS", record_status="DELIVERED")
    one.house.ways.desk.receipts("another", [report])
    one.house.settle()
    assert one.events(app, "_SMS.SUCCESS") == []
    one.house.ways.desk.receipts(CARRIER, [report])
    one.house.settle()
    assert [row.event_type for row in one.events(app, "_SMS.SUCCESS")] == ["_SMS.SUCCESS"]


def test_spending_is_by_the_list_until_the_receipt_tells_what_it_was(one: Texting) -> None:
    app = one.project()
    sms = one.house.texts.sms
    sms.set_price(SCOPE, "DE", 1_000)
    before = sms.spending(SCOPE, 1)[0][0].millicents
    (id,) = sent(one, app)
    assert sms.spending(SCOPE, 1)[0][0].millicents - before == 1_000
    one.receipt(id, price_millicents=700.0)
    assert sms.spending(SCOPE, 1)[0][0].millicents - before == 700
    sms.set_limit(SCOPE, before + 700)
    refused = one.send(app, NUMBER)[NUMBER]
    assert (refused.status, refused.code, refused.text) == (
        "PERMANENT_FAILURE",
        400,
        "the spending limit of 2027-03 is reached",
    )
    assert one.statuses(app)[1] == ("FAILURE", "MAX_PRICE_EXCEEDED")
    sms.set_limit(SCOPE, None)
    sms.set_price(SCOPE, "DE", None)
    assert one.send(app, NUMBER)[NUMBER].status == "SUCCESSFUL"


def test_a_deleted_project_takes_what_waits_along(one: Texting) -> None:
    app = one.project()
    sent(one, app)
    one.house.apps.delete(SCOPE, app)
    one.house.settle()
    talks = sa.select(sa.func.count()).where(conversations.c.app_id == app)
    left = one.house.database.read(lambda c: c.scalar(talks))
    assert (waiting(one, app), left) == (0, 0)


def test_reports_of_one_batch_count_in_their_order(one: Texting) -> None:
    app = one.project()
    (short,) = sent(one, app)
    first, second = sent(one, app, "+4915550003", body="y" * 200)
    (silent,) = sent(one, app, "+4915550004")

    def report(id: str, kind: str = "SUCCESS", status: str = "DELIVERED", **more: bool) -> ReceiptReport:
        return ReceiptReport(provider_message_id=id, kind=kind, record_status=status, **more)  # type: ignore[arg-type]

    reports = [
        report(short, "BUFFERED", "PENDING", final=False),
        report(first, "FAILURE", "SPAM"),
        report(silent, "BUFFERED", "PENDING", final=False),
        report(short),
        report(short, "FAILURE", "UNKNOWN"),
        report(second),
        report("", "FAILURE", "UNKNOWN"),
    ]
    one.house.ways.desk.receipts(CARRIER, reports)
    one.house.ways.desk.receipts(CARRIER, reports[:4])
    one.house.settle()
    assert [status for status in one.statuses(app) if status != ("BUFFERED", "SUCCESSFUL")] == [
        ("BUFFERED", "PENDING"),
        ("BUFFERED", "PENDING"),
        ("FAILURE", "SPAM"),
        ("SUCCESS", "DELIVERED"),
    ]
    assert waiting(one, app) == 2  # the silent one, and the part that came with the failure and after it
    one.receipt(second)
    assert waiting(one, app) == 1
