"""What people did to be known: signed in, signed up, or failed to."""

from __future__ import annotations

from clarion.domain.analytics.charts.model import Ask, Chart, Query
from clarion.domain.analytics.charts.sources import query, reported

_DATE = "toString(toDate(at, {zone:String}))"


def _chart(name: str, value: str, event_type: str, summary: str) -> Chart:
    def compile(ask: Ask) -> Query:
        once = f"SELECT min(ts) AS at {reported(ask, (event_type,))} GROUP BY endpoint_key, event_id"
        return query(ask, f"SELECT {_DATE} AS date, toFloat64(count()) FROM ({once}) GROUP BY date ORDER BY date")

    return Chart(name, summary, ("Date",), (value,), compile, add_up=True)


CHARTS = [
    _chart("sign-ins", "SignIns", "_userauth.sign_in", "Sign-ins, by day."),
    _chart("sign-ups", "SignUps", "_userauth.sign_up", "Sign-ups, by day."),
    _chart("authentication-failures", "AuthenticationFailures", "_userauth.auth_fail", "Failed sign-ins, by day."),
]
