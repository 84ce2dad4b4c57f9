"""What became of the messages of journeys, by activity, by hour or day. Counted as journey metrics and KPIs count."""

from __future__ import annotations

from collections.abc import Mapping

from clarion.domain.analytics.charts.model import Ask, Chart, Query
from clarion.domain.analytics.charts.performance.parts import columns, messages, moment, named, shown
from clarion.domain.analytics.charts.sources import query
from clarion.domain.analytics.messages import ARRIVED

OUTCOMES: Mapping[str, str] = {
    "Sent": "sum(sent)",
    "Delivered": f"sum(if(emailed, {ARRIVED}, sent AND NOT failed))",
    "Opened": "sum(opened) + sum(push_opens)",
    "Clicked": "sum(clicks)",
    "HardBounced": "sum(hard)",
    "SoftBounced": "sum(soft)",
    "Rejected": "sum(rejected)",
    "Complaints": "sum(complained)",
    "Unsubscribed": "sum(unsubscribes)",
    "NotSent": "sum(outcome NOT IN ('', 'SUCCESS'))",
}


def _performance(ask: Ask) -> Query:
    date = moment(ask, "at")
    found = messages(ask, "journey", f"{date} journey activity {columns(OUTCOMES)}")
    sql = (
        f"SELECT {shown(ask, 'date')}, journey, activity, {columns(OUTCOMES)}"  # noqa: S608 - constants
        f" FROM (SELECT *, {date} AS date {found})"
        " GROUP BY date, journey, activity ORDER BY date, journey, activity"
    )
    return query(ask, sql, **named(ask))


CHARTS = [
    Chart(
        "journey-performance",
        "What became of the messages of journeys, by day (or hour, with Interval=Hour) and activity.",
        ("Date", "JourneyId", "JourneyActivityId"),
        tuple(OUTCOMES),
        _performance,
        takes=frozenset({"JourneyId", "Interval"}),
    )
]
