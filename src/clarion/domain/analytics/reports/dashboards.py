"""Dashboards: charts that belong together, in the order in which they are looked at, as Pinpoint's console has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Dashboard(NamedTuple):
    """Charts by name, with a sentence for whoever chooses one."""

    name: str
    summary: str
    charts: Sequence[str]


_ALL = (
    Dashboard(
        "overview",
        "How the app and its messages do.",
        (
            "daily-active-endpoints",
            "monthly-active-endpoints",
            "new-endpoints",
            "retention-rate",
            "sessions",
            "revenue",
            "active-targetable-endpoints",
            "messages-delivered",
            "delivery-rate",
            "opt-out-rate",
            "email-open-rate",
            "push-open-rate",
            "endpoint-deliveries",
            "transactional-emails",
        ),
    ),
    Dashboard(
        "usage",
        "Who uses the app, how often, and comes back.",
        (
            "daily-active-endpoints",
            "daily-active-users",
            "monthly-active-endpoints",
            "monthly-active-users",
            "new-endpoints",
            "new-users",
            "retention-rate",
            "daily-retention",
            "sticky-factor",
            "sessions",
            "sessions-per-endpoint",
            "sessions-per-user",
            "session-duration",
            "session-heat-map",
            "sign-ins",
            "sign-ups",
            "authentication-failures",
        ),
    ),
    Dashboard(
        "revenue",
        "What was bought, and by how many.",
        (
            "revenue",
            "revenue-per-endpoint",
            "revenue-per-user",
            "paying-users",
            "revenue-per-paying-user",
            "units-sold",
            "units-per-endpoint",
            "purchases",
            "purchases-per-endpoint",
            "repeat-buyers",
            "revenue-by-currency",
        ),
    ),
    Dashboard(
        "events",
        "Which events are reported.",
        ("events", "event-endpoints", "events-per-session", "event-types"),
    ),
    Dashboard("demographics", "With what and where the app is used.", ("demographics",)),
    Dashboard(
        "campaigns",
        "What became of the messages of campaigns.",
        (
            "active-targetable-endpoints",
            "campaign-messages",
            "campaign-runs",
            "campaign-performance",
            "messages-delivered",
            "endpoint-deliveries",
            "delivery-rate",
            "email-open-rate",
            "push-open-rate",
            "bounce-rate",
            "opt-out-rate",
            "campaign-sessions",
            "campaign-session-times",
            "campaign-units-sold",
        ),
    ),
    Dashboard(
        "transactional",
        "What became of the messages that programs sent.",
        (
            "messages",
            "transactional-emails",
            "transactional-email-rates",
            "transactional-email-recipients",
            "transactional-sms",
            "transactional-sms-rates",
            "sms-by-country",
            "sms-errors",
        ),
    ),
    Dashboard("journeys", "What became of the messages of journeys.", ("journey-performance",)),
)

DASHBOARDS: Mapping[str, Dashboard] = {one.name: one for one in _ALL}
