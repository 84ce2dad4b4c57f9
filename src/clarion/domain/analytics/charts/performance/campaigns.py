"""What became of the messages of campaigns: in all, by run and treatment, by hour or day.

Counted as the KPIs count: a message is sent once, delivered unless it bounced for good or failed, and opened however
often it was; clicks all count. The hour or day is that of sending, and of notifications opened that of opening.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clarion.domain.analytics.charts.model import Ask, Chart, Member, Query
from clarion.domain.analytics.charts.performance.parts import columns, messages, moment, named, share, shown
from clarion.domain.analytics.charts.sources import query
from clarion.domain.analytics.messages import BOUNCED, DELIVERED, EMAIL_DELIVERED

SENT = "sum(sent)"
ARRIVED = f"sum({DELIVERED})"
OPENED = "sum(opened) + sum(push_opens)"
REACHED = f"uniqExactIf(recipient, {DELIVERED})"

OUTCOMES: Mapping[str, str] = {
    "Targeted": "uniqExactIf(recipient, attempted)",
    "Sent": SENT,
    "Delivered": ARRIVED,
    "Opened": OPENED,
    "Clicked": "sum(clicks)",
    "Bounced": "sum(hard)",
    "OptedOut": "uniqExactIf(recipient, opted_out)",
    "Complaints": "sum(complained)",
}
RATES: Mapping[str, str] = {
    "DeliveryRate": share(ARRIVED, SENT),
    "EmailOpenRate": share(f"sum({EMAIL_DELIVERED} AND opened)", f"sum({EMAIL_DELIVERED})"),
    "PushOpenRate": share("sum(push_opens)", "sum(pushed)"),
    "BounceRate": share(f"sum({BOUNCED})", "sum(emailed)"),
    "OptOutRate": share("uniqExactIf(recipient, opted_out)", REACHED),
}
SMS: Mapping[str, str] = {"Parts": "sumIf(parts, texted)", "Spend": "sum(price)"}

_GROUPS: Mapping[str, str] = {
    "CampaignId": "campaign",
    "CampaignActivityId": "activity",
    "TreatmentId": "if(treatment = '', '0', treatment)",
}
_TAKES: frozenset[Member] = frozenset({"CampaignId"})


def _by(ask: Ask, groups: Sequence[str], values: Mapping[str, str]) -> Query:
    """The values of the messages of each group, where there is any of them."""
    keys = [_GROUPS[group] if group in _GROUPS else moment(ask, "at") for group in groups]
    named_keys = ", ".join(f"{key} AS g{number}" for number, key in enumerate(keys))
    names = ", ".join(f"g{number}" for number in range(len(keys)))
    told = ", ".join(
        f"g{number}" if group in _GROUPS else shown(ask, f"g{number}") for number, group in enumerate(groups)
    )
    counted = f"{SENT} + sum(push_opens) + sum(attempted)"
    found = messages(ask, "campaign", f"{named_keys} {columns(values)} {counted}")
    sql = (
        f"SELECT {told}, {columns(values)} FROM (SELECT *, {named_keys} {found})"  # noqa: S608 - constants
        f" GROUP BY {names} HAVING {counted} > 0 ORDER BY {names}"
    )
    return query(ask, sql, **named(ask))


def _table(name: str, summary: str, groups: Sequence[str], values: Mapping[str, str], *takes: Member) -> Chart:
    return Chart(
        name, summary, groups, tuple(values), lambda ask: _by(ask, groups, values), takes=_TAKES | frozenset(takes)
    )


def _daily(name: str, summary: str, value: str, *, add_up: bool = False) -> Chart:
    """A value of each day's messages."""
    key = "".join(part.capitalize() for part in name.split("-"))
    chart = _table(name, summary, ("Date",), {key: value})
    return chart._replace(add_up=add_up)


CHARTS = [
    _table(
        "campaign-performance",
        "What became of the messages of campaigns, by day (or hour, with Interval=Hour) and treatment.",
        ("Date", "CampaignId", "TreatmentId"),
        OUTCOMES,
        "Interval",
    ),
    _table(
        "campaign-messages",
        "What became of the messages of each campaign, by treatment, with rates.",
        ("CampaignId", "TreatmentId"),
        {**OUTCOMES, **RATES, **SMS},
    ),
    _table(
        "campaign-runs",
        "What became of the messages of each run of a campaign, by treatment, with rates.",
        ("CampaignId", "CampaignActivityId", "TreatmentId"),
        {**OUTCOMES, **RATES, **SMS},
    ),
    _daily("messages-delivered", "Messages of campaigns that were delivered, by day.", ARRIVED, add_up=True),
    _daily("endpoint-deliveries", "Endpoints that a message of a campaign was delivered to, by day.", REACHED)._replace(
        counts=True
    ),
    _daily("delivery-rate", "Delivered messages of campaigns by those sent, by day.", RATES["DeliveryRate"]),
    _daily("email-open-rate", "Opened e-mails of campaigns by those delivered, by day.", RATES["EmailOpenRate"]),
    _daily("push-open-rate", "Opened notifications of campaigns by those sent, by day.", RATES["PushOpenRate"]),
    _daily("bounce-rate", "E-mails of campaigns that bounced for good by those sent, by day.", RATES["BounceRate"]),
    _daily("opt-out-rate", "Recipients that opted out by those reached, by day.", RATES["OptOutRate"]),
]
