"""What became of messages of campaigns, journeys and programs, against slow and obvious Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.domain.analytics.charts.answers import answered
from clarion.domain.analytics.charts.model import Condition
from clarion.domain.events.asking.sent import ATTEMPTED
from tests.domain.analytics.charts.history import History, at
from tests.domain.analytics.charts.performance.sent import HOUR_MS, START, Sent, messages

K = TypeVar("K")
Groups = Mapping[tuple[str, ...], list[float | None]]

ZONES = st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata"])
INTERVALS = st.sampled_from([None, "Day", "Hour"])
quick = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
again = st.lists(st.integers(0, 7), max_size=3)
ALL = {"start_time": "2027-03-08", "end_time": "2027-03-11"}


def put(history: History, some: list[Sent], repeated: Iterable[int]) -> None:
    """All of it, in one batch, and some of it again in another."""
    history.forget()
    history.record([row for one in some for row in one.rows()])
    history.record([row for number in repeated if number < len(some) for row in some[number].rows()])


def ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def there(one: Sent, zone: str) -> datetime:
    return datetime.fromtimestamp(one.at / 1000, UTC).astimezone(ZoneInfo(zone))


def date(one: Sent, zone: str, interval: str | None = None) -> str:
    moment = there(one, zone)
    if interval == "Hour":
        return moment.replace(minute=0).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return moment.date().isoformat()


def grouped(some: Iterable[Sent], key: Callable[[Sent], tuple[str, ...]]) -> dict[tuple[str, ...], list[Sent]]:
    found: dict[tuple[str, ...], list[Sent]] = {}
    for one in some:
        found.setdefault(key(one), []).append(one)
    return found


def rows(history: History, chart: str, **wanted: object) -> Groups:
    return {tuple(row.groups): list(row.values) for row in history.rows(chart, **wanted)}


def is_delivered(one: Sent) -> bool:
    failed = {"EMAIL": "hard", "SMS": "FAILURE"}.get(one.channel)
    return one.went_out and failed not in one.kinds


def has_arrived(one: Sent) -> bool:
    return one.is_sent("EMAIL") and not {"hard", "soft", "rejected"} & set(one.kinds)


def opened(some: Iterable[Sent], channel: str) -> int:
    """E-mails that were opened; notifications as often as they were."""
    counts = [one.kinds.count("open") for one in some if one.channel == channel]
    return sum(min(count, 1) for count in counts) if channel == "EMAIL" else sum(counts)


def count(some: Iterable[Sent], channel: str, kind: str) -> int:
    return sum(kind in one.kinds for one in some if one.channel == channel)


def opted_out(some: Iterable[Sent]) -> set[str]:
    words = {"EMAIL": "unsubscribe", "SMS": "OPTOUT"}
    return {one.endpoint for one in some if words.get(one.channel) in one.kinds}


def outcomes(some: list[Sent]) -> list[float]:
    return [
        len({one.endpoint for one in some if one.status in ATTEMPTED}),
        sum(one.went_out for one in some),
        sum(is_delivered(one) for one in some),
        opened(some, "EMAIL") + opened(some, "GCM"),
        sum(one.kinds.count("click") for one in some if one.channel == "EMAIL"),
        count(some, "EMAIL", "hard"),
        len(opted_out(some)),
        count(some, "EMAIL", "complaint"),
    ]


def rates(some: list[Sent]) -> list[float | None]:
    mails = [one for one in some if one.is_sent("EMAIL")]
    good = [one for one in mails if is_delivered(one)]
    return [
        ratio(sum(is_delivered(one) for one in some), sum(one.went_out for one in some)),
        ratio(opened(good, "EMAIL"), len(good)),
        ratio(opened(some, "GCM"), sum(one.is_sent("GCM") for one in some)),
        ratio(count(some, "EMAIL", "hard"), len(mails)),
        ratio(len(opted_out(some)), len({one.endpoint for one in some if is_delivered(one)})),
    ]


def texts(some: list[Sent]) -> list[Sent]:
    return [one for one in some if one.is_sent("SMS")]


def spend(some: list[Sent]) -> float:
    final = {"SUCCESS", "FAILURE", "OPTOUT"}
    return sum(one.price for one in texts(some) if final & set(one.kinds))


@quick
@given(some=messages, repeated=again, zone=ZONES, interval=INTERVALS, only=st.sampled_from([None, "c1"]))
def test_campaigns(
    history: History, some: list[Sent], repeated: list[int], zone: str, interval: str | None, only: str | None
) -> None:
    put(history, some, repeated)
    wanted = {**ALL, "time_zone": zone, "campaign_id": only}
    tried = [
        one for one in some if one.is_campaign and one.status in ATTEMPTED and (only is None or one.of == only)
    ]  # fmt: skip
    by_time = grouped(tried, lambda one: (date(one, zone, interval), one.of, one.treatment))
    found = rows(history, "campaign-performance", interval=interval, **wanted)
    assert found == {key: outcomes(group) for key, group in by_time.items()}
    runs = grouped(tried, lambda one: (one.of, one.activity, one.treatment))
    money = {key: [sum(one.parts for one in texts(group)), spend(group)] for key, group in runs.items()}
    assert rows(history, "campaign-runs", **wanted) == {
        key: [*outcomes(group), *rates(group), *money[key]] for key, group in runs.items()
    }
    each = grouped(tried, lambda one: (one.of, one.treatment))
    found = rows(history, "campaign-messages", **wanted)
    assert {key: values[: len(values) - 2] for key, values in found.items()} == {
        key: [*outcomes(group), *rates(group)] for key, group in each.items()
    }
    days = grouped(tried, lambda one: (date(one, zone),))
    for number, chart in enumerate(
        ("delivery-rate", "email-open-rate", "push-open-rate", "bounce-rate", "opt-out-rate")
    ):
        assert rows(history, chart, **wanted) == {key: [rates(group)[number]] for key, group in days.items()}
    delivered = {key: [one for one in group if is_delivered(one)] for key, group in days.items()}
    assert rows(history, "messages-delivered", **wanted) == {key: [len(group)] for key, group in delivered.items()}
    reached = {key: [len({one.endpoint for one in group})] for key, group in delivered.items()}
    assert rows(history, "endpoint-deliveries", **wanted) == reached


@quick
@given(some=messages, repeated=again, zone=ZONES, interval=INTERVALS)
def test_journeys(history: History, some: list[Sent], repeated: list[int], zone: str, interval: str | None) -> None:
    put(history, some, repeated)
    own = [one for one in some if one.is_journey]
    found = rows(history, "journey-performance", interval=interval, time_zone=zone, **ALL)
    groups = grouped(own, lambda one: (date(one, zone, interval), one.of, one.activity))
    assert found == {key: _of_journey(group) for key, group in groups.items()}
    assert rows(history, "journey-performance", journey_id="j2", **ALL) == {}


def _of_journey(some: list[Sent]) -> list[float]:
    delivered = [has_arrived(one) if one.channel == "EMAIL" else is_delivered(one) for one in some]
    return [
        sum(one.went_out for one in some),
        sum(delivered),
        opened(some, "EMAIL") + opened(some, "GCM"),
        sum(one.kinds.count("click") for one in some if one.channel == "EMAIL"),
        *(count(some, "EMAIL", kind) for kind in ("hard", "soft", "rejected", "complaint")),
        sum(one.kinds.count("unsubscribe") for one in some if one.channel == "EMAIL"),
        sum(not one.went_out for one in some),
    ]


@quick
@given(some=messages, repeated=again, zone=ZONES)
def test_programs(history: History, some: list[Sent], repeated: list[int], zone: str) -> None:
    put(history, some, repeated)
    wanted = {**ALL, "time_zone": zone}
    own = [one._replace(status="SUCCESS") for one in some if not one.of]
    put(history, [one for one in some if one.of] + own, repeated)
    mails = grouped([one for one in own if one.channel == "EMAIL"], lambda one: (date(one, zone),))
    assert rows(history, "transactional-emails", **wanted) == {key: _mails(some, zone) for key, some in mails.items()}
    assert rows(history, "transactional-email-recipients", **wanted) == {
        key: [len({one.endpoint for one in some if kind in one.kinds}) for kind in ("open", "click")]
        for key, some in mails.items()
    }
    assert rows(history, "transactional-email-rates", **wanted) == {
        key: [
            sum(has_arrived(one) for one in some) / len(some),
            count(some, "EMAIL", "hard") / len(some),
            count(some, "EMAIL", "complaint") / len(some),
        ]
        for key, some in mails.items()
    }
    sms = grouped([one for one in own if one.channel == "SMS"], lambda one: (date(one, zone),))
    assert rows(history, "transactional-sms", **wanted) == {key: _texts(some) for key, some in sms.items()}
    assert rows(history, "transactional-sms-rates", **wanted) == {
        key: [count(some, "SMS", "SUCCESS") / len(some)] for key, some in sms.items()
    }
    both = grouped(own, lambda one: (date(one, zone), one.channel))
    assert rows(history, "messages", **wanted) == {key: _of_channel(some, zone) for key, some in both.items()}
    countries = grouped([one for one in own if one.channel == "SMS"], lambda one: (one.country,))
    assert rows(history, "sms-by-country", **wanted) == {
        key: [
            len(some),
            sum(one.parts for one in some),
            count(some, "SMS", "SUCCESS"),
            spend(some) / sum(one.parts for one in some),
            spend(some),
        ]
        for key, some in countries.items()
    }


def hourly(some: Iterable[Sent], kind: str, zone: str) -> int:
    """Clock hours of the zone in which it happened to a message, added up."""
    found = set()
    for one in some:
        for number, (what, halves) in enumerate(one.happened):
            if what == kind:
                moment = there(one._replace(at=one.at + halves * HOUR_MS // 2), zone)
                found.add((one.id, moment.replace(minute=0)))
                del number
    return len(found)


def _mails(some: list[Sent], zone: str) -> list[float]:
    return [
        len(some),
        sum(has_arrived(one) for one in some),
        sum(one.kinds.count("open") for one in some),
        hourly(some, "open", zone),
        sum(one.kinds.count("click") for one in some),
        hourly(some, "click", zone),
        *(count(some, "EMAIL", kind) for kind in ("hard", "soft", "rejected", "complaint")),
        sum(one.kinds.count("unsubscribe") for one in some),
    ]


def _texts(some: list[Sent]) -> list[float]:
    good = [one for one in some if "SUCCESS" in one.kinds]
    parts = [sum(one.parts for one in group) for group in (some, good)]
    failed, left = count(some, "SMS", "FAILURE"), count(some, "SMS", "OPTOUT")
    return [len(some), parts[0], len(good), parts[1], failed, left, spend(some)]


def _of_channel(some: list[Sent], zone: str) -> list[float]:
    if some[0].channel == "SMS":
        return [len(some), count(some, "SMS", "SUCCESS"), 0, 0, 0, 0, count(some, "SMS", "FAILURE")]
    mails = _mails(some, zone)
    failed = sum(bool({"hard", "soft", "rejected"} & set(one.kinds)) for one in some)
    return [*mails[:2], *mails[2:6], failed]


def text(id: str, moment: int, *kinds: str) -> Sent:
    happened = [(kind, 0) for kind in kinds]
    return Sent(id, "", "", "", "lea", "SMS", moment, "SUCCESS", happened, "DE", 1, 500.0)


def test_why_text_messages_failed(history: History) -> None:
    first, last = at("03-08 09:00"), at("03-10 09:00")
    put(history, [text("1", first, "FAILURE"), text("2", last, "FAILURE"), text("3", last, "FAILURE")], [])
    asked = {"start_time": "2027-03-08", "end_time": "2027-03-10"}
    assert rows(history, "sms-errors", **asked) == {("UNREACHABLE",): [3.0, 1.0, 1.0]}
    one_day = {"start_time": "2027-03-08", "end_time": "2027-03-08"}
    assert rows(history, "sms-errors", **one_day) == {("UNREACHABLE",): [1.0, 1.0, None]}


def test_the_average_of_rates_is_that_of_the_days(history: History) -> None:
    first, last = at("03-08 09:00"), at("03-09 09:00")
    delivered = [text(f"{number}", last, "SUCCESS") for number in range(3)]
    put(history, [text("a", first, "FAILURE"), *delivered], [])
    (summary,) = answered(history.ask("transactional-sms-rates", **ALL)).summaries
    assert (summary.average, summary.total) == (0.5, None)


def test_of_a_channel_and_an_audience(history: History) -> None:
    mail = text("m", START)._replace(channel="EMAIL", endpoint="jon")
    put(history, [text("t", START), mail], [])
    history.endpoint("jon", platform="Web")
    assert rows(history, "messages", channel=["SMS"]).keys() == {("2027-03-08", "SMS")}
    assert rows(history, "messages", platform=["web"]).keys() == {("2027-03-08", "EMAIL")}
    history.segments["s"] = Condition("platform = {p0:String}", {"p0": "Web"})
    assert rows(history, "messages", segment_id="s").keys() == {("2027-03-08", "EMAIL")}
