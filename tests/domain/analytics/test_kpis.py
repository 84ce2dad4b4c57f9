"""Every KPI over a record made by hand. Source: spec of analytics, 1 to 6."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clarion.core.clock import DAY_MS, VirtualClock, from_ms, to_ms
from clarion.core.errors import Invalid
from clarion.domain.analytics.kept import MESSAGES
from clarion.domain.analytics.kpis import KPIS, Family
from clarion.domain.analytics.ranges import range_of
from clarion.domain.analytics.service import BACK_DAYS, MOST_DAYS, Kpis
from clarion.domain.events import produced
from clarion.domain.events.columnar import ddl
from clarion.domain.events.model import EventRow, tokens
from clarion.domain.events.produced import EmailKind, Mail, SmsKind, Subject
from clarion.domain.events.reported import ROWS, encode_rows
from clarion.domain.events.sink import sinks
from clarion.engine.log import LogRow
from clarion.store.columnar import Columnar
from clarion.store.columnar.derived import create

APP, CAMPAIGN, JOURNEY = "app", "campaign", "journey"
NOW = datetime(2027, 3, 10, 12, tzinfo=UTC)
MONDAY = to_ms(datetime(2027, 3, 8, 9, tzinfo=UTC))
TUESDAY = MONDAY + DAY_MS
_numbers = itertools.count(1)


class Record:
    """Messages and what became of them."""

    def __init__(self, columnar: Columnar) -> None:
        for statement in ddl(90):
            columnar.command(statement)
        create(columnar, MESSAGES, 90)
        self._sink = sinks(columnar)[ROWS]
        self.rows: list[EventRow] = []
        self.kpis = Kpis(columnar, VirtualClock(NOW), lambda: None)

    def email(self, message: str, endpoint: str, *kinds: EmailKind, at: int = MONDAY, **run: str) -> None:
        """A mail with these events; of a campaign also its result."""
        about = Subject(account="1", app_id=APP, endpoint_id=endpoint, message_id=message, **run)
        if about.campaign_id:
            self.rows.append(produced.campaign_send(about, at_ms=at, status="SUCCESS", delivery_type="EMAIL"))
        mail = Mail(message_id=message, sent_ms=at, from_address="a@b.c", destination=[], subject="")
        for number, kind in enumerate(("send", *kinds)):
            self.rows.append(produced.email(about, kind, mail, at_ms=at + number, occurrence=str(number)))

    def sms(self, message: str, *kinds: SmsKind, country: str = "DE", parts: int = 1, **more: Any) -> None:
        at, run = more.pop("at", MONDAY), more.pop("run", {})
        about = Subject(account="1", app_id=APP, endpoint_id="phone", message_id=message, **run)
        if about.campaign_id:
            self.rows.append(produced.campaign_send(about, at_ms=at, status="SUCCESS", delivery_type="SMS"))
        told = {"message_id": message, "iso_country_code": country, "number_of_message_parts": str(parts)}
        for kind in ("BUFFERED", *kinds):
            own = {**told, "record_status": more.get("status", "SUCCESSFUL") if kind == "FAILURE" else "SUCCESSFUL"}
            price = more.get("price")
            self.rows.append(
                produced.sms(about, kind, at_ms=at, ts_ms=at, attributes=own, price_millicents=price)  # type: ignore[arg-type]
            )

    def push(self, message: str, endpoint: str, *, opens: int = 0, at: int = MONDAY, **run: str) -> None:
        about = Subject(account="1", app_id=APP, endpoint_id=endpoint, message_id=message, **run)
        self.rows.append(produced.campaign_send(about, at_ms=at, status="SUCCESS", delivery_type="GCM"))
        for number in range(opens):
            told = {"campaign_id": run["campaign_id"], "campaign_activity_id": run["activity_id"]}
            self.rows.append(
                EventRow(
                    app_id=APP,
                    event_type="_campaign.opened_notification",
                    event_id=f"{message}-{number}",
                    endpoint_key=endpoint,
                    ts=at,
                    arrival=at,
                    kv=tokens(told),
                    campaign_id=run["campaign_id"],
                    activity_id=run["activity_id"],
                )
            )

    def keep(self) -> None:
        self._sink.consume([LogRow(1, ROWS, encode_rows(self.rows), b"")], f"token-{next(_numbers)}")

    def ask(self, family: Family, id: str, name: str) -> list[tuple[str, float]]:
        """The rows of a KPI: group and value."""
        answer = self.kpis.ask(family, APP, id, name, None, None)
        found = []
        for row in answer.result.rows:
            (value,) = row.values
            assert value.type == "Double"
            group = KPIS[family][name].group
            assert [one.key for one in row.grouped_bys] == ([] if group is None else [group])
            found.append((row.grouped_bys[0].value if row.grouped_bys else "", float(value.value)))
        return found


@pytest.fixture
def record(columnar: Columnar) -> Record:
    """What happened in a week."""
    made = Record(columnar)
    first = {"campaign_id": CAMPAIGN, "activity_id": "run1"}
    second = {"campaign_id": CAMPAIGN, "activity_id": "run2"}
    other = {"campaign_id": "other", "activity_id": "run3"}
    made.email("c1", "lea", "delivered", "open", "open", "click", **first)
    made.email("c2", "jon", "hardbounce", **first)
    made.email("c3", "lea", "delivered", at=TUESDAY, **second)
    made.email("c4", "ann", "delivered", "open", at=TUESDAY, **other)
    made.push("p1", "dev1", opens=1, **first)
    made.push("p2", "dev2", **first)
    made.sms("s1", "SUCCESS", price=645.0, run=first)
    made.email("t1", "lea", "delivered", "open", "click", "click", "complaint")
    made.email("t2", "lea", "delivered", "open", at=TUESDAY)
    made.email("t3", "jon", "softbounce", at=TUESDAY)
    made.email("t4", "ann", "rejected", at=TUESDAY)
    made.sms("d1", "SUCCESS", parts=2, price=1000.0)
    made.sms("d2", "FAILURE", country="FR", price=500.0, status="UNREACHABLE", at=TUESDAY)
    made.sms("d3", country="FR", parts=3, price=300.0, at=TUESDAY)
    step = {"journey_id": JOURNEY, "journey_run_id": "r"}
    made.email("j1", "lea", "delivered", "open", "click", "click", "unsubscribe", activity_id="m1", **step)
    made.email("j2", "jon", "hardbounce", activity_id="m1", **step)
    made.email("j3", "ann", "softbounce", activity_id="m2", **step)
    made.email("j4", "pat", "rejected", activity_id="m2", **step)
    made.email("j5", "sue", "delivered", "complaint", activity_id="m2", **step)
    # Before the range, and of another project.
    made.email("old", "lea", "open", at=MONDAY - 40 * DAY_MS)
    made.rows.append(EventRow(**{**_fields(made.rows[-1]), "app_id": "elsewhere", "ts": MONDAY, "message_id": "x"}))
    made.keep()
    return made


def _fields(row: EventRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__struct_fields__}


DAYS = ("2027-03-08", "2027-03-09")
ALL: list[tuple[Family, str, list[tuple[str, float]]]] = [
    ("application", "successful-delivery-rate", [("", 6 / 7)]),
    ("application", "successful-delivery-rate-grouped-by-date", [(DAYS[0], 4 / 5), (DAYS[1], 1.0)]),
    ("application", "email-open-rate", [("", 2 / 3)]),
    ("application", "email-open-rate-grouped-by-campaign", [(CAMPAIGN, 1 / 2), ("other", 1.0)]),
    ("application", "unique-deliveries", [("", 5.0)]),
    ("application", "unique-deliveries-grouped-by-campaign", [(CAMPAIGN, 4.0), ("other", 1.0)]),
    ("application", "unique-deliveries-grouped-by-date", [(DAYS[0], 4.0), (DAYS[1], 2.0)]),
    ("application", "successful-deliveries-grouped-by-campaign", [(CAMPAIGN, 5.0), ("other", 1.0)]),
    ("application", "push-open-rate", [("", 1 / 2)]),
    ("application", "push-open-rate-grouped-by-campaign", [(CAMPAIGN, 1 / 2)]),
    ("application", "txn-emails-sent", [("", 4.0)]),
    ("application", "txn-emails-sent-grouped-by-date", [(DAYS[0], 1.0), (DAYS[1], 3.0)]),
    ("application", "txn-emails-delivered", [("", 2.0)]),
    ("application", "txn-emails-delivered-grouped-by-date", [(DAYS[0], 1.0), (DAYS[1], 1.0)]),
    ("application", "txn-emails-delivery-rate", [("", 1 / 2)]),
    ("application", "txn-emails-opened", [("", 2.0)]),
    ("application", "txn-emails-clicked", [("", 2.0)]),
    ("application", "txn-emails-clicked-grouped-by-date", [(DAYS[0], 2.0), (DAYS[1], 0.0)]),
    ("application", "txn-emails-unique-opens", [("", 1.0)]),
    ("application", "txn-emails-unique-clicks", [("", 1.0)]),
    ("application", "txn-emails-hard-bounced", [("", 0.0)]),
    ("application", "txn-emails-soft-bounced", [("", 1.0)]),
    ("application", "txn-emails-with-complaints", [("", 1.0)]),
    ("application", "txn-emails-complaint-rate", [("", 1 / 4)]),
    ("application", "txn-sms-sent", [("", 3.0)]),
    ("application", "txn-sms-sent-grouped-by-country", [("DE", 1.0), ("FR", 2.0)]),
    ("application", "txn-sms-sent-grouped-by-date", [(DAYS[0], 1.0), (DAYS[1], 2.0)]),
    ("application", "txn-sms-sent-by-parts", [("", 6.0)]),
    ("application", "txn-sms-sent-by-parts-grouped-by-country", [("DE", 2.0), ("FR", 4.0)]),
    ("application", "txn-sms-delivered", [("", 1.0)]),
    ("application", "txn-sms-delivered-grouped-by-country", [("DE", 1.0), ("FR", 0.0)]),
    ("application", "txn-sms-delivered-by-parts", [("", 2.0)]),
    ("application", "txn-sms-delivery-rate", [("", 1 / 3)]),
    ("application", "txn-sms-delivery-rate-grouped-by-date", [(DAYS[0], 1.0), (DAYS[1], 0.0)]),
    ("application", "txn-sms-error-distribution", [("UNREACHABLE", 1.0)]),
    ("application", "txn-sms-average-price-grouped-by-country", [("DE", 1000.0), ("FR", 400.0)]),
    ("application", "txn-sms-average-price-by-parts-grouped-by-country", [("DE", 500.0), ("FR", 200.0)]),
    ("application", "txn-sms-total-price-grouped-by-country", [("DE", 1000.0), ("FR", 800.0)]),
    ("campaign", "attempted-deliveries-grouped-by-campaign-activity", [("run1", 5.0), ("run2", 1.0)]),
    ("campaign", "successful-deliveries-grouped-by-campaign-activity", [("run1", 4.0), ("run2", 1.0)]),
    ("campaign", "successful-delivery-rate", [("", 5 / 6)]),
    ("campaign", "successful-delivery-rate-grouped-by-campaign-activity", [("run1", 4 / 5), ("run2", 1.0)]),
    ("campaign", "unique-deliveries", [("", 4.0)]),
    ("campaign", "hard-bounce-rate", [("", 1 / 3)]),
    ("campaign", "hard-bounce-rate-grouped-by-campaign-activity", [("run1", 1 / 2), ("run2", 0.0)]),
    ("campaign", "email-open-rate", [("", 1 / 2)]),
    ("campaign", "direct-email-opens-grouped-by-campaign-activity", [("run1", 1.0), ("run2", 0.0)]),
    ("campaign", "clicks-grouped-by-campaign-activity", [("run1", 1.0), ("run2", 0.0)]),
    ("campaign", "push-open-rate-grouped-by-campaign-activity", [("run1", 1 / 2)]),
    ("campaign", "direct-push-opens-grouped-by-campaign-activity", [("run1", 1.0)]),
    ("campaign", "sms-spend", [("", 645.0)]),
    ("journey", "journey-emails-sent", [("", 5.0)]),
    ("journey", "journey-emails-delivered", [("", 2.0)]),
    ("journey", "journey-emails-opened", [("", 1.0)]),
    ("journey", "journey-emails-clicked", [("", 2.0)]),
    ("journey", "journey-emails-hardbounced", [("", 1.0)]),
    ("journey", "journey-emails-softbounced", [("", 1.0)]),
    ("journey", "journey-emails-complained", [("", 1.0)]),
    ("journey", "journey-emails-rejected", [("", 1.0)]),
    ("journey", "journey-emails-unsubscribed", [("", 1.0)]),
    ("journey", "emails-sent-grouped-by-journey-activity", [("m1", 2.0), ("m2", 3.0)]),
    ("journey", "emails-delivered-grouped-by-journey-activity", [("m1", 1.0), ("m2", 1.0)]),
    ("journey", "emails-clicked-grouped-by-journey-activity", [("m1", 2.0), ("m2", 0.0)]),
]
IDS: dict[Family, str] = {"application": "", "campaign": CAMPAIGN, "journey": JOURNEY}


def test_figures(record: Record) -> None:
    for family, name, expected in ALL:
        found = record.ask(family, IDS[family], name)
        assert [group for group, _ in found] == [group for group, _ in expected], name
        assert [value for _, value in found] == pytest.approx([value for _, value in expected]), name
    # What has no case of its own can be asked for.
    for family, kpis in KPIS.items():
        for name in kpis.keys() - {told for of, told, _ in ALL if of == family}:
            assert record.ask(family, IDS[family], name)


def test_without_data_there_are_no_rows(record: Record) -> None:
    for family, kpis in KPIS.items():
        for name in kpis:
            answer = record.kpis.ask(family, "another", IDS[family], name, None, None)
            assert answer.result.rows == []


def test_all_that_pinpoint_has() -> None:
    assert {family: len(kpis) for family, kpis in KPIS.items()} == {"application": 48, "campaign": 18, "journey": 18}


def test_what_values_are_called() -> None:
    keys = [KPIS["application"][name].key for name in ("unique-deliveries-grouped-by-date", "txn-sms-sent-by-parts")]
    assert keys == ["UniqueDeliveries", "TxnSmsSentByParts"]


def test_an_unknown_name(record: Record) -> None:
    with pytest.raises(Invalid, match="KpiName: there is no clicks of an application"):
        record.kpis.ask("application", APP, "", "clicks", None, None)


class TestRanges:
    @pytest.mark.parametrize(
        ("start", "end", "expected"),
        [
            (None, None, ("2027-02-08T00:00:00", "2027-03-10T12:00:00")),
            ("2027-03-01T06:00:00", None, ("2027-03-01T06:00:00", "2027-03-10T12:00:00")),
            ("2027-01-01T00:00:00", None, ("2027-01-01T00:00:00", "2027-01-31T23:59:59")),
            (None, "2027-02-01T10:00:00", ("2027-01-02T00:00:00", "2027-02-01T10:00:00")),
            ("2027-03-01T00:00:00", "2027-03-31T23:59:59", ("2027-03-01T00:00:00", "2027-03-31T23:59:59")),
            ("2027-03-01T02:00:00+02:00", "2027-03-01T00:00:00", ("2027-03-01T00:00:00", "2027-03-01T00:00:00")),
        ],
    )
    def test_meant(self, start: str | None, end: str | None, expected: tuple[str, str]) -> None:
        given = (datetime.fromisoformat(one) if one else None for one in (start, end))
        found = range_of(*given, NOW, most=MOST_DAYS, back=BACK_DAYS)
        assert tuple(one.isoformat().removesuffix("+00:00") for one in found) == expected

    @pytest.mark.parametrize(
        ("start", "end", "text"),
        [
            (NOW, NOW - timedelta(seconds=1), "must not be after"),
            (NOW - timedelta(days=31), NOW, "at most 31 calendar days"),
            (NOW - timedelta(days=90), None, "less than 90 days"),
            (None, NOW - timedelta(days=80), "less than 90 days"),
            (NOW + timedelta(seconds=1), None, "in the future"),
            (None, NOW + timedelta(days=40), "at most 31"),
            (NOW + timedelta(days=1), NOW + timedelta(days=2), "in the future"),
            (datetime.min, None, "out of range|less than 90"),
        ],
    )
    def test_refused(self, start: datetime | None, end: datetime | None, text: str) -> None:
        with pytest.raises(Invalid, match=text):
            range_of(start, end, NOW, most=MOST_DAYS, back=BACK_DAYS)

    def test_both_ends_count(self, record: Record) -> None:
        monday, second = from_ms(MONDAY), timedelta(seconds=1)
        sent = "txn-emails-sent"
        assert record.kpis.ask("application", APP, "", sent, monday, monday).result.rows[0].values[0].value == "1.0"
        assert record.kpis.ask("application", APP, "", sent, monday + second, monday + second).result.rows == []
