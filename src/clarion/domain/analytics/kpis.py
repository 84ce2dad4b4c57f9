"""The KPIs that Pinpoint's API has, one definition each. Source: spec of analytics, 3 to 6.

A KPI is a figure over messages (`query`), possibly by group. To add one is to add a line, and a case to its test.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from clarion.domain.analytics.messages import ARRIVED, BOUNCED, DELIVERED, EMAIL_DELIVERED

Family = Literal["application", "campaign", "journey"]
Messages = Literal["campaign", "journey", "transactional"]
Group = Literal["Date", "CampaignId", "CampaignActivityId", "JourneyActivityId", "IsoCountryCode", "ErrorCode"]


class Kpi(NamedTuple):
    """A figure over messages of a kind. `value` is an aggregate over the columns of `kept.COLUMNS`; there is a row
    only where the sum of `base` is above 0. `key` is what the answer calls it."""

    name: str
    messages: Messages
    value: str
    base: str
    group: Group | None = None

    @property
    def key(self) -> str:
        return "".join(part.capitalize() for part in self.name.partition("-grouped-by-")[0].split("-"))


_GROUPS: Mapping[Group, str] = {
    "Date": "date",
    "CampaignId": "campaign",
    "CampaignActivityId": "campaign-activity",
    "JourneyActivityId": "journey-activity",
    "IsoCountryCode": "country",
}

RATE = f"sum({DELIVERED}) / sum(sent)"
OPEN_RATE = f"sum({EMAIL_DELIVERED} AND opened) / sum({EMAIL_DELIVERED})"
PUSH_OPEN_RATE = "sum(push_opens) / sum(pushed)"
UNIQUE = f"uniqExactIf(recipient, {DELIVERED})"


def _with_groups(
    name: str, messages: Messages, value: str, base: str, *groups: Group, alone: bool = True
) -> Iterator[Kpi]:
    if alone:
        yield Kpi(name, messages, value, base)
    for group in groups:
        yield Kpi(f"{name}-grouped-by-{_GROUPS[group]}", messages, value, base, group)


def _application() -> Iterator[Kpi]:
    yield from _with_groups("successful-delivery-rate", "campaign", RATE, "sent", "Date")
    yield from _with_groups("email-open-rate", "campaign", OPEN_RATE, EMAIL_DELIVERED, "CampaignId")
    yield from _with_groups("unique-deliveries", "campaign", UNIQUE, "sent", "CampaignId", "Date")
    delivered = f"sum({DELIVERED})"
    yield from _with_groups("successful-deliveries", "campaign", delivered, "sent", "CampaignId", alone=False)
    yield from _with_groups("push-open-rate", "campaign", PUSH_OPEN_RATE, "pushed", "CampaignId")
    emails: Mapping[str, str] = {
        "sent": "sum(emailed)",
        "delivered": f"sum({ARRIVED})",
        "delivery-rate": f"sum({ARRIVED}) / sum(emailed)",
        "opened": "sum(opens)",
        "clicked": "sum(clicks)",
        "unique-opens": "uniqExactIf(recipient, opened)",
        "unique-clicks": "uniqExactIf(recipient, clicked)",
        "hard-bounced": "sum(hard)",
        "soft-bounced": "sum(soft)",
        "with-complaints": "sum(complained)",
        "complaint-rate": "sum(complained) / sum(emailed)",
    }
    for name, value in emails.items():
        prefix = f"txn-emails-{name}"
        yield from _with_groups(prefix, "transactional", value, "emailed", "Date")
    sms: Messages = "transactional"
    country: Group = "IsoCountryCode"
    date: Group = "Date"
    yield from _with_groups("txn-sms-sent", sms, "sum(texted)", "texted", country, date)
    yield from _with_groups("txn-sms-sent-by-parts", sms, "sumIf(parts, texted)", "texted", country)
    yield from _with_groups("txn-sms-delivered", sms, "sum(text_delivered)", "texted", country, date)
    by_parts = "sumIf(parts, text_delivered)"
    yield from _with_groups("txn-sms-delivered-by-parts", sms, by_parts, "texted", country)
    rate = "sum(text_delivered) / sum(texted)"
    yield from _with_groups("txn-sms-delivery-rate", sms, rate, "texted", date)
    yield Kpi("txn-sms-error-distribution", sms, "sum(failed)", "failed", "ErrorCode")
    prices: Mapping[str, str] = {
        "average-price": "sum(price) / sum(texted)",
        "average-price-by-parts": "sum(price) / sumIf(parts, texted)",
        "total-price": "sum(price)",
    }
    for name, value in prices.items():
        yield from _with_groups(f"txn-sms-{name}", sms, value, "texted", country, alone=False)


def _campaign() -> Iterator[Kpi]:
    run: Group = "CampaignActivityId"
    yield from _with_groups("attempted-deliveries", "campaign", "sum(sent)", "sent", run, alone=False)
    delivered = f"sum({DELIVERED})"
    yield from _with_groups("successful-deliveries", "campaign", delivered, "sent", run, alone=False)
    yield from _with_groups("successful-delivery-rate", "campaign", RATE, "sent", run, "Date")
    yield from _with_groups("unique-deliveries", "campaign", UNIQUE, "sent", run, "Date")
    bounces = f"sum({BOUNCED}) / sum(emailed)"
    yield from _with_groups("hard-bounce-rate", "campaign", bounces, "emailed", run)
    yield from _with_groups("email-open-rate", "campaign", OPEN_RATE, EMAIL_DELIVERED, run)
    opened = "sum(opened)"
    yield from _with_groups("direct-email-opens", "campaign", opened, "emailed", run, alone=False)
    yield from _with_groups("clicks", "campaign", "sum(clicks)", "emailed", run, alone=False)
    yield from _with_groups("push-open-rate", "campaign", PUSH_OPEN_RATE, "pushed", run)
    yield from _with_groups("direct-push-opens", "campaign", "sum(push_opens)", "pushed", run, alone=False)
    yield Kpi("sms-spend", "campaign", "sum(price)", "texted")


def _journey() -> Iterator[Kpi]:
    emails: Mapping[str, str] = {
        "sent": "sum(emailed)",
        "delivered": f"sum({ARRIVED})",
        "opened": "sum(opens)",
        "clicked": "sum(clicks)",
        "hardbounced": "sum(hard)",
        "softbounced": "sum(soft)",
        "complained": "sum(complained)",
        "rejected": "sum(rejected)",
        "unsubscribed": "sum(unsubscribes)",
    }
    for name, value in emails.items():
        yield Kpi(f"journey-emails-{name}", "journey", value, "emailed")
        yield Kpi(f"emails-{name}-grouped-by-journey-activity", "journey", value, "emailed", "JourneyActivityId")


KPIS: Mapping[Family, Mapping[str, Kpi]] = {
    "application": {kpi.name: kpi for kpi in _application()},
    "campaign": {kpi.name: kpi for kpi in _campaign()},
    "journey": {kpi.name: kpi for kpi in _journey()},
}
