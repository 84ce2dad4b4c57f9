"""Who is active: endpoints and users by day. Active is who reported at least one event through an app."""

from __future__ import annotations

from clarion.domain.analytics.charts.model import Ask, Chart, People, Query
from clarion.domain.analytics.charts.sources import DATE, query, reported

KEY: dict[People, str] = {"Endpoint": "endpoint_key", "User": "user_id"}


def _daily(people: People) -> Chart:
    key = KEY[people]

    def compile(ask: Ask) -> Query:
        sql = (
            f"SELECT {DATE} AS date, toFloat64(uniqExact({key})) {reported(ask)} AND {key} != ''"
            " GROUP BY date ORDER BY date"
        )
        return query(ask, sql)

    plural = f"{people}s"
    return Chart(
        f"daily-active-{plural.lower()}",
        f"{plural} that reported an event, by day.",
        ("Date",),
        (f"DailyActive{plural}",),
        compile,
        people=people,
    )


CHARTS = [_daily("Endpoint"), _daily("User")]
