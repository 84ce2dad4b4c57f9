"""Charts and KPIs over a month of a large app: 20,000,000 events of 1,000,000 endpoints, on chDB, through the services.

Targets on two cores, median of warm rounds: 300 ms, for retention, cohorts, funnels and paths 2 s. For what has a best
query by hand that we know, how many times its time Clarion takes in the same run. A chart that needs more than a range
is asked as `MEMBERS` says; all charts of the catalog are measured, or those named. CPU is that of all threads
together, which is also true on a busy machine.

    python -m bench.analytics [--events 20000000] [--people 1000000] [--data folder] [--rounds 5] [name ...]

With `--data` the store is kept in that folder and used again.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from bench.history import APP, JOURNEY, NOW, fill
from clarion.core.clock import VirtualClock
from clarion.core.errors import ClarionError, NotFound
from clarion.core.scope import Scope
from clarion.domain.analytics.charts.asked import Wanted
from clarion.domain.analytics.charts.catalog import CHARTS
from clarion.domain.analytics.charts.model import Condition
from clarion.domain.analytics.charts.service import Charts
from clarion.domain.analytics.kpis import Family
from clarion.domain.analytics.service import Kpis
from clarion.store.columnar import Columnar, Refused, open_columnar

TARGET, SLOW_TARGET = 0.3, 2.0
SLOW = ("retention", "cohort", "funnel", "path")
SCOPE = Scope("000000000001", "eu-central-1")
MEMBERS: Mapping[str, Any] = {
    "EventType": ["cart.left"],
    "Attribute": {"category": "shoes"},
    "Metric": {"qty": "2"},
    "MetricName": "amount",
    "Dimension": "Platform",
    "Step": ["_session.start", "product.view", "cart.add", "_monetization.purchase"],
    "Window": "P1D",
    "By": "User",
    "Interval": "Day",
    "CampaignId": "campaign1",
    "JourneyId": JOURNEY,
    "Channel": ["EMAIL"],
}
"""What a chart is given of what it needs."""

_ALWAYS = {"Step", "Window"}

INSTEAD: Mapping[str, Mapping[str, Any]] = {
    "event-attribute": {"Dimension": "category"},
    "event-metric": {"MetricName": "amount"},
    "paths-after": {"Step": ["cart.add"]},
    "paths-before": {"Step": ["cart.add"]},
}
"""What a chart is given instead."""

VARIANTS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "daily-active-endpoints": [{"Platform": ["ios"]}, {"TimeZone": "Europe/Berlin"}],
    "campaign-performance": [{"Interval": "Hour", "CampaignId": "campaign1"}],
    "daily-retention": [{"By": "Endpoint"}],
    "demographics": [{"Dimension": "Attribute.plan", "By": "Endpoint"}],
    "event-endpoints": [{"EventType": ["cart.left"]}],
    "events": [{"EventType": ["cart.left"], "Attribute": {"category": "shoes"}}],
    "retention-cohorts": [{"EventType": ["_monetization.purchase"]}],
    "funnel": [{"By": "User"}, {"Step": ["product.view?Attribute.category=shoes", "product.view", "cart.add"]}],
}
"""What else is asked of a chart: filters of the audience, a time zone."""

SAMPLE: Sequence[tuple[Family, str, str]] = (
    ("application", "", "successful-delivery-rate"),
    ("application", "", "unique-deliveries-grouped-by-date"),
    ("application", "", "email-open-rate-grouped-by-campaign"),
    ("application", "", "txn-emails-sent"),
    ("application", "", "txn-emails-unique-opens-grouped-by-date"),
    ("application", "", "txn-sms-sent-grouped-by-country"),
    ("application", "", "txn-sms-average-price-by-parts-grouped-by-country"),
    ("application", "", "txn-sms-error-distribution"),
    ("campaign", "campaign1", "unique-deliveries"),
    ("campaign", "campaign1", "clicks-grouped-by-campaign-activity"),
    ("campaign", "push0", "push-open-rate"),
    ("journey", JOURNEY, "emails-opened-grouped-by-journey-activity"),
)

_OF = "FROM events WHERE app_id = 'bench'"
_SEEN = f"SELECT endpoint_key AS e, groupUniqArray(toDate(ts)) AS days {_OF} AND NOT system GROUP BY e"
BY_HAND: Mapping[str, str] = {
    "events": f"SELECT toDate(ts) AS day, count() {_OF} AND NOT system GROUP BY day",
    "event-types": f"SELECT event_type, count(), max(ts) {_OF} AND NOT system GROUP BY event_type",
    "revenue": "SELECT toDate(ts) AS day, sum(metric_values[indexOf(metric_names, '_item_price')]"
    f" * metric_values[indexOf(metric_names, '_quantity')]) {_OF} AND NOT system"
    " AND event_type = '_monetization.purchase' GROUP BY day",
    "daily-active-endpoints": f"SELECT toDate(ts) AS day, uniqExact(endpoint_key) {_OF} AND NOT system GROUP BY day",
    "daily-retention": f"SELECT arrayMin(days) AS first, count(), countIf(arrayExists(d -> d - first BETWEEN 1 AND 7,"
    f" days)), countIf(arrayExists(d -> d - first BETWEEN 1 AND 30, days)) FROM ({_SEEN}) GROUP BY first",
    "funnel": "SELECT level, count() FROM (SELECT windowFunnel(86400000)(toUInt64(toUnixTimestamp64Milli(ts)),"
    " event_type = '_session.start', event_type = 'product.view', event_type = 'cart.add',"
    f" event_type = '_monetization.purchase') AS level {_OF} AND NOT system AND event_type IN"
    " ('_session.start', 'product.view', 'cart.add', '_monetization.purchase') GROUP BY endpoint_key) GROUP BY level",
    "application successful-delivery-rate": "SELECT countIf(sent > 0 AND gone = 0) / countIf(sent > 0) FROM"
    " (SELECT message_id, countIf(event_type = '_campaign.send' AND status = 'SUCCESS') AS sent,"
    f" countIf(event_type IN ('_email.hardbounce', '_SMS.FAILURE')) AS gone {_OF} AND system AND campaign_id != ''"
    " AND event_type IN ('_campaign.send', '_email.hardbounce', '_SMS.FAILURE') GROUP BY message_id)",
    "application txn-emails-sent": f"SELECT uniqExact(message_id) {_OF} AND system AND event_type = '_email.send'"
    " AND campaign_id = '' AND journey_id = ''",
    "campaign campaign1 unique-deliveries": "SELECT uniqExactIf(e, gone = 0) FROM (SELECT message_id,"
    " any(endpoint_key) AS e, countIf(event_type = '_email.hardbounce') AS gone"
    f" {_OF} AND system AND event_type IN ('_campaign.send', '_email.hardbounce') AND campaign_id = 'campaign1'"
    " GROUP BY message_id)",
}
"""The quickest we know to write over the table of events alone, by chart or KPI."""


class Bench:
    """Measures and says; `missed` are those over their target."""

    def __init__(self, columnar: Columnar, rounds: int) -> None:
        self._columnar = columnar
        self._rounds = rounds
        clock = VirtualClock(NOW)
        apps: Any = self
        self._charts = Charts(columnar, apps, self, lambda app_id: 90, clock, lambda: None)
        self._kpis = Kpis(columnar, clock, lambda: None)
        self.missed: list[str] = []

    def require(self, scope: Scope, app_id: str) -> None:
        """There is one project."""

    def condition(self, scope: Scope, app_id: str, segment_id: str) -> Condition:
        raise NotFound()

    def chart(self, name: str, more: Mapping[str, Any] = {}) -> None:
        chart = CHARTS[name]
        needed: dict[str, Any] = {one: MEMBERS[one] for one in (*chart.needs, *(chart.takes & _ALWAYS))}
        asked = {"ApplicationId": APP, "StartTime": "2026-11-01"} | needed | dict(INSTEAD.get(name, {})) | dict(more)
        wanted = msgspec.convert(asked, Wanted)
        said = " ".join(f"{member}={value}" for member, value in more.items())
        self._measure(f"{name} {said}".strip(), lambda: len(self._charts.ask(SCOPE, name, wanted).rows))

    def kpi(self, family: Family, id: str, name: str) -> None:
        title = " ".join(part for part in (family, id, name) if part)
        self._measure(title, lambda: len(self._kpis.ask(family, APP, id, name, None, None).result.rows))

    def _measure(self, title: str, ask: Callable[[], int]) -> None:
        target = SLOW_TARGET if any(word in title for word in SLOW) else TARGET
        by_hand = BY_HAND.get(title)
        ways = {"": ask} | ({"by hand": lambda: len(self._columnar.query(by_hand))} if by_hand else {})
        try:
            rows = {way: work() for way, work in ways.items()}
            # Turn by turn, so that a busy moment is everybody's.
            times = [{way: _seconds(work) for way, work in ways.items()} for _ in range(self._rounds)]
            begun = time.process_time()
            ask()
            busy = time.process_time() - begun
        except (ClarionError, Refused) as error:
            print(f"{title:62} FAILED {error}", flush=True)
            self.missed.append(title)
            return
        medians = {way: statistics.median(one[way] for one in times) for way in ways}
        took, best = medians[""], min(one[""] for one in times)
        line = f"{title:62} {rows['']:6,} rows  median {took * 1000:7,.0f} ms  best {best * 1000:7,.0f} ms"
        line += f"  (CPU {busy * 1000:6,.0f})  target {target * 1000:5,.0f}: ratio {target / took:6.2f}"
        if by_hand:
            line += f"  by hand {medians['by hand'] * 1000:7,.0f} ms: {took / medians['by hand']:.2f} times its time"
        print(line, flush=True)
        if took > target:
            self.missed.append(title)


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def measure(columnar: Columnar, rounds: int, wanted: Sequence[str]) -> list[str]:
    """Measure all, or whose name holds one of the wanted words; those that missed their target."""
    bench = Bench(columnar, rounds)
    for name in sorted(CHARTS):
        if not wanted or any(word in name for word in wanted):
            bench.chart(name)
            for more in VARIANTS.get(name, ()):
                bench.chart(name, more)
    for family, id, name in SAMPLE:
        if not wanted or any(word in f"kpi {name}" for word in wanted):
            bench.kpi(family, id, name)
    return bench.missed


def main() -> int:
    asked = argparse.ArgumentParser()
    asked.add_argument("--events", type=int, default=20_000_000)
    asked.add_argument("--people", type=int, default=1_000_000)
    asked.add_argument("--data")
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("name", nargs="*")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="clarion-bench-") as folder:
        columnar = open_columnar(f"chdb://{Path(given.data or folder).absolute()}")
        try:
            fill(columnar, given.events, given.people)
            missed = measure(columnar, given.rounds, given.name)
        finally:
            columnar.close()
    print(f"{len(missed)} over their target" + (f": {', '.join(missed)}" if missed else ""))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
