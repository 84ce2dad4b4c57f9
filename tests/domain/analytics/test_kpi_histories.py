"""Every KPI over histories that nobody chose, beside counting that is slow and obvious.

Messages on the edges of days and of the range, bounces after delivery, opens and clicks that repeat, text messages
whose price is said on the way and at the end; events recorded twice, in any order, in two batches.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.core.clock import DAY_MS, VirtualClock, from_ms, to_ms
from clarion.domain.analytics.kept import MESSAGES
from clarion.domain.analytics.kpis import KPIS, Family
from clarion.domain.analytics.service import Kpis
from clarion.domain.events import produced
from clarion.domain.events.columnar import ddl
from clarion.domain.events.model import EventRow
from clarion.domain.events.produced import Mail, Subject
from clarion.domain.events.reported import ROWS, encode_rows
from clarion.domain.events.sink import sinks
from clarion.engine.log import LogRow
from clarion.store.columnar import Columnar, open_columnar
from clarion.store.columnar.derived import create

APP = "app"
NOW = datetime(2027, 3, 10, 12, tzinfo=UTC)
TODAY = to_ms(datetime(2027, 3, 10, tzinfo=UTC))
FIRST = TODAY - 30 * DAY_MS
_numbers = itertools.count(1)


class Message(NamedTuple):
    """A message, and what became of it."""

    channel: str
    campaign: str
    journey: str
    activity: str
    at: int
    who: str
    left: bool
    fates: frozenset[str]
    opens: int
    clicks: int
    unsubscribes: int
    said: str
    parts: int
    prices: tuple[float, float]
    country: str
    error: str

    @property
    def day(self) -> str:
        return from_ms(self.at).date().isoformat()

    @property
    def emailed(self) -> bool:
        return self.channel == "EMAIL" and self.left

    @property
    def texted(self) -> bool:
        return self.channel == "SMS" and self.left

    @property
    def sent(self) -> bool:
        return bool(self.campaign) and self.left

    @property
    def delivered(self) -> bool:
        return self.sent and not self.bounced and not (self.texted and self.said == "FAILURE")

    @property
    def bounced(self) -> bool:
        return self.emailed and "hardbounce" in self.fates

    @property
    def arrived(self) -> bool:
        return self.emailed and not self.fates & {"hardbounce", "softbounce", "rejected"}

    @property
    def price(self) -> float:
        return 0.0 if not self.texted else max(self.prices) if self.said else self.prices[0]


_OF = [("", "", ""), ("c1", "", "run1"), ("c1", "", "run2"), ("c2", "", "run3"), ("", "j", "m1"), ("", "j", "m2")]
_EDGES = [FIRST - 1, FIRST, FIRST + DAY_MS - 1, FIRST + DAY_MS, TODAY - 10, TODAY, to_ms(NOW) + 999, to_ms(NOW) + 1000]


@st.composite
def messages(draw: st.DrawFn) -> Message:
    campaign, journey, activity = draw(st.sampled_from(_OF))
    channels = ["EMAIL", "SMS", "GCM"] if campaign else ["EMAIL"] if journey else ["EMAIL", "SMS"]
    few = st.integers(0, 3)
    return Message(
        draw(st.sampled_from(channels)),
        campaign,
        journey,
        activity,
        draw(st.sampled_from(_EDGES) | st.integers(FIRST - DAY_MS, to_ms(NOW))),
        draw(st.sampled_from(["lea", "jon", "ann"])),
        draw(st.booleans()) or not campaign,
        draw(st.frozensets(st.sampled_from(["delivered", "hardbounce", "softbounce", "rejected", "complaint"]))),
        draw(few),
        draw(few),
        draw(few),
        draw(st.sampled_from(["", "SUCCESS", "FAILURE"])),
        draw(st.integers(1, 4)),
        (draw(st.sampled_from([0.0, 645.0])), draw(st.sampled_from([645.0, 1290.0]))),
        draw(st.sampled_from(["DE", "FR"])),
        draw(st.sampled_from(["BLOCKED", "UNREACHABLE"])),
    )


def rows_of(message: Message, id: str) -> Iterator[EventRow]:
    about = Subject(
        account="1",
        app_id=APP,
        endpoint_id=message.who,
        message_id=id,
        campaign_id=message.campaign,
        journey_id=message.journey,
        activity_id=message.activity,
    )
    at = message.at
    if message.campaign:
        # The result is known a moment later, which may be another day.
        status = "SUCCESS" if message.left else "TRANSIENT_FAILURE"
        yield produced.campaign_send(
            about, at_ms=at + 20 * message.emailed, status=status, delivery_type=message.channel
        )
    if message.emailed:
        mail = Mail(message_id=id, sent_ms=at, from_address="a@b.c", destination=[], subject="")
        times = {"open": message.opens, "click": message.clicks, "unsubscribe": message.unsubscribes}
        kinds: list[Any] = ["send", *sorted(message.fates), *(kind for kind, n in times.items() for _ in range(n))]
        for number, kind in enumerate(kinds):
            yield produced.email(about, kind, mail, at_ms=at + number * 1000, occurrence=str(number))
    if message.texted:
        told = {"message_id": id, "iso_country_code": message.country, "number_of_message_parts": str(message.parts)}
        kinds = ["BUFFERED", *([message.said] if message.said else [])]
        for kind, price in zip(kinds, message.prices, strict=False):
            status = message.error if kind == "FAILURE" else "SUCCESSFUL"
            attributes = {**told, "record_status": status}
            yield produced.sms(about, kind, at_ms=at, ts_ms=at, attributes=attributes, price_millicents=price)
    if message.channel == "GCM":
        for number in range(message.opens):
            yield EventRow(
                app_id=APP,
                event_type="_campaign.opened_notification",
                event_id=f"{id}-{number}",
                endpoint_key=message.who,
                ts=at,
                arrival=at,
                campaign_id=message.campaign,
                activity_id=message.activity,
            )


Group = list[Message]


def count(which: Callable[[Message], Any]) -> Callable[[Group], float]:
    return lambda group: float(sum(which(one) for one in group))


def people(which: Callable[[Message], Any]) -> Callable[[Group], float]:
    return lambda group: float(len({one.who for one in group if which(one)}))


def share(part: Callable[[Group], float], whole: Callable[[Group], float]) -> Callable[[Group], float | None]:
    return lambda group: part(group) / whole(group) if whole(group) else None


SENT, EMAILED, TEXTED = count(lambda m: m.sent), count(lambda m: m.emailed), count(lambda m: m.texted)
PUSHED = count(lambda m: m.sent and m.channel == "GCM")
RECEIVED = count(lambda m: m.emailed and not m.bounced)
PARTS = count(lambda m: m.parts * m.texted)
PRICE = count(lambda m: m.price)
PUSH_OPENS = count(lambda m: m.opens * (m.channel == "GCM"))


def mails(fate: str) -> Callable[[Group], float]:
    return count(lambda m: m.emailed and fate in m.fates)


def times(what: str) -> Callable[[Group], float]:
    return count(lambda m: getattr(m, what) * m.emailed)


Figure = tuple[Callable[[Group], float | None], Callable[[Group], float]]
_TEXTS: dict[str, Figure] = {
    "sent": (TEXTED, TEXTED),
    "sent-by-parts": (PARTS, TEXTED),
    "delivered": (count(lambda m: m.texted and m.said == "SUCCESS"), TEXTED),
    "delivered-by-parts": (count(lambda m: m.parts * (m.texted and m.said == "SUCCESS")), TEXTED),
    "delivery-rate": (share(count(lambda m: m.texted and m.said == "SUCCESS"), TEXTED), TEXTED),
    "error-distribution": (count(lambda m: m.texted and m.said == "FAILURE"),) * 2,
    "average-price": (share(PRICE, TEXTED), TEXTED),
    "average-price-by-parts": (share(PRICE, PARTS), TEXTED),
    "total-price": (PRICE, TEXTED),
}
_MAILS: dict[str, Callable[[Group], float | None]] = {
    "sent": EMAILED,
    "delivered": count(lambda m: m.arrived),
    "delivery-rate": share(count(lambda m: m.arrived), EMAILED),
    "opened": times("opens"),
    "clicked": times("clicks"),
    "unsubscribed": times("unsubscribes"),
    "unique-opens": people(lambda m: m.emailed and m.opens),
    "unique-clicks": people(lambda m: m.emailed and m.clicks),
    "hard-bounced": mails("hardbounce"),
    "soft-bounced": mails("softbounce"),
    "hardbounced": mails("hardbounce"),
    "softbounced": mails("softbounce"),
    "with-complaints": mails("complaint"),
    "complained": mails("complaint"),
    "rejected": mails("rejected"),
    "complaint-rate": share(mails("complaint"), EMAILED),
}
_CAMPAIGN: dict[str, Figure] = {
    "successful-delivery-rate": (share(count(lambda m: m.delivered), SENT), SENT),
    "email-open-rate": (share(count(lambda m: m.emailed and not m.bounced and m.opens > 0), RECEIVED), RECEIVED),
    "unique-deliveries": (people(lambda m: m.delivered), SENT),
    "successful-deliveries": (count(lambda m: m.delivered), SENT),
    "attempted-deliveries": (SENT, SENT),
    "push-open-rate": (share(PUSH_OPENS, PUSHED), PUSHED),
    "hard-bounce-rate": (share(mails("hardbounce"), EMAILED), EMAILED),
    "direct-email-opens": (count(lambda m: m.emailed and m.opens > 0), EMAILED),
    "clicks": (times("clicks"), EMAILED),
    "direct-push-opens": (PUSH_OPENS, PUSHED),
    "sms-spend": (PRICE, TEXTED),
}
_KEYS: dict[str | None, Callable[[Message], str]] = {
    None: lambda m: "",
    "Date": lambda m: m.day,
    "CampaignId": lambda m: m.campaign,
    "CampaignActivityId": lambda m: m.activity,
    "JourneyActivityId": lambda m: m.activity,
    "IsoCountryCode": lambda m: m.country if m.texted else "",
    "ErrorCode": lambda m: m.error if m.texted and m.said == "FAILURE" else "",
}


def figure(name: str) -> Figure:
    """What a KPI counts, and of what there must be some."""
    name = name.partition("-grouped-by-")[0]
    if name.startswith("txn-sms-"):
        return _TEXTS[name.removeprefix("txn-sms-")]
    for prefix in ("txn-emails-", "journey-emails-", "emails-"):
        if name.startswith(prefix):
            return _MAILS[name.removeprefix(prefix)], EMAILED
    return _CAMPAIGN[name]


def counted(history: Group, family: Family, id: str, name: str) -> dict[str, float]:
    meant: dict[Family, Callable[[Message], bool]] = {
        "application": lambda m: not m.journey and bool(m.campaign) != name.startswith("txn-"),
        "campaign": lambda m: m.campaign == id,
        "journey": lambda m: m.journey == id,
    }
    key = _KEYS[KPIS[family][name].group]
    groups: dict[str, Group] = defaultdict(list)
    for message in history:
        if meant[family](message) and FIRST <= message.at <= to_ms(NOW) + 999:
            groups[key(message)].append(message)
    value, base = figure(name)
    found = {group: value(some) for group, some in groups.items() if base(some) and (group or key is _KEYS[None])}
    return {group: number for group, number in found.items() if number is not None}


@pytest.fixture(scope="module")
def columnar(chdb_directory: Any) -> Iterator[Columnar]:
    store = open_columnar(f"chdb://{chdb_directory}?database=kpi_histories")
    for statement in ddl(90):
        store.command(statement)
    create(store, MESSAGES, 90)
    yield store
    store.command("DROP DATABASE kpi_histories SYNC")
    store.close()


def keep(columnar: Columnar, rows: Sequence[EventRow]) -> None:
    if rows:
        log = [LogRow(1, ROWS, encode_rows(list(rows)), b"")]
        sinks(columnar)[ROWS].consume(log, f"token-{next(_numbers)}")


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(messages(), min_size=15, max_size=40), st.randoms(use_true_random=False))
def test_kpis_count_what_happened(columnar: Columnar, history: Group, random: Random) -> None:
    for table in ("events", "messages"):
        columnar.command(f"TRUNCATE TABLE {table}")
    rows = [row for number, one in enumerate(history) for row in rows_of(one, f"m{number}")]
    again = [row for row in rows if random.random() < 0.3]
    random.shuffle(rows)
    keep(columnar, rows[: len(rows) // 2])
    keep(columnar, rows[len(rows) // 2 :] + again)
    kpis = Kpis(columnar, VirtualClock(NOW), lambda: None)
    ids: dict[Family, str] = {"application": "", "campaign": "c1", "journey": "j"}
    for family, id in ids.items():
        for name in random.sample(sorted(KPIS[family]), 12):
            answered = kpis.ask(family, APP, id, name, None, None).result.rows
            found = {
                row.grouped_bys[0].value if row.grouped_bys else "": float(row.values[0].value) for row in answered
            }
            assert found == pytest.approx(counted(history, family, id, name)), name


def test_all_are_counted() -> None:
    for family, kpis in KPIS.items():
        for name in kpis:
            assert callable(figure(name)[0]), (family, name)
