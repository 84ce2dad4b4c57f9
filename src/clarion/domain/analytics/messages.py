"""Messages, gathered from the record: KPIs and charts count them, so they count the same.

    events of the range ─→ one row a message: when, whose, what happened to it

What clients report of notifications has no message; each is a row of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from clarion.channels.push.services import SERVICES
from clarion.domain.events.model import SEPARATOR

OPENED_PUSH = ("_campaign.opened_notification", "_journey.opened_notification")
SENDS = ("_campaign.send", "_journey.send")


def attribute(name: str) -> str:
    """The value of an attribute, whose name is a constant; "" when it is not there."""
    mark = f"{name}{SEPARATOR}"
    return f"substring(arrayFirst(one -> startsWith(one, '{mark}'), kv), {len(mark) + 1})"


def metric(name: str) -> str:
    """The value of a metric, whose name is a constant; 0 when it is not there."""
    return f"if(indexOf(metric_names, '{name}') > 0, metric_values[indexOf(metric_names, '{name}')], 0)"


def listed(names: tuple[str, ...] | list[str]) -> str:
    """Constants as they stand behind IN."""
    return f"({', '.join(repr(name) for name in names)})"


def _times(condition: str) -> str:
    return f"uniqExactIf(event_id, {condition})"


def _ever(condition: str) -> str:
    return f"countIf({condition}) > 0"


def _is(event_type: str) -> str:
    return f"event_type = '{event_type}'"


_SENT = f"event_type IN {listed(SENDS)} AND status = 'SUCCESS'"
_PUSHED = listed(sorted({"PUSH", *SERVICES}))
COLUMNS: Mapping[str, str] = {
    "at": "min(ts)",
    "day": "toDate(min(ts), 'UTC')",
    "campaign": "max(campaign_id)",
    "journey": "max(journey_id)",
    "activity": "max(activity_id)",
    "treatment": "max(treatment_id)",
    "recipient": "if(max(endpoint_key) != '', max(endpoint_key), name)",
    "outcome": f"maxIf(status, event_type IN {listed(SENDS)})",
    "sent": _ever(_SENT),
    "pushed": _ever(f"{_SENT} AND {attribute('delivery_type')} IN {_PUSHED}"),
    "push_opens": _times(f"event_type IN {listed(OPENED_PUSH)}"),
    "emailed": _ever(_is("_email.send")),
    "hard": _ever(_is("_email.hardbounce")),
    "soft": _ever(_is("_email.softbounce")),
    "rejected": _ever(_is("_email.rejected")),
    "complained": _ever(_is("_email.complaint")),
    "opens": _times(_is("_email.open")),
    "clicks": _times(_is("_email.click")),
    "opened": _ever(_is("_email.open")),
    "clicked": _ever(_is("_email.click")),
    "unsubscribes": _times(_is("_email.unsubscribe")),
    "opted_out": _ever("event_type IN ('_email.unsubscribe', '_SMS.OPTOUT')"),
    "texted": _ever("startsWith(event_type, '_SMS.') AND event_type != '_SMS.OPTOUT'"),
    "text_delivered": _ever(_is("_SMS.SUCCESS")),
    "failed": _ever(_is("_SMS.FAILURE")),
    "error": f"maxIf(status, {_is('_SMS.FAILURE')})",
    "parts": f"toUInt32(max(toUInt32OrZero({attribute('number_of_message_parts')})))",
    "country": f"max({attribute('iso_country_code')})",
    # What the carrier said last counts, not the sum of what was said on the way.
    "price": f"max({metric('price_in_millicents_usd')})",
}
"""What is known of a message. Its time is when it was sent, which is the time that its events carry."""

DELIVERED = "sent AND NOT hard AND NOT failed"
EMAIL_DELIVERED = "emailed AND NOT hard"
ARRIVED = "emailed AND NOT hard AND NOT soft AND NOT rejected"


def gathered(where: str, more: Mapping[str, str] = {}) -> str:
    """A SELECT with a row for each message whose events fulfil `where`: its `name`, `COLUMNS`, and `more` of these."""
    columns = ", ".join(f"{expression} AS {name}" for name, expression in {**COLUMNS, **more}.items())
    return (
        f"SELECT if(message_id != '', message_id, concat(endpoint_key, ' ', event_id)) AS name, {columns}"  # noqa: S608 - constants of this package
        f" FROM events WHERE (system OR event_type IN {listed(OPENED_PUSH)})"
        " AND (startsWith(event_type, '_email.') OR startsWith(event_type, '_SMS.')"
        f" OR event_type IN {listed([*SENDS, *OPENED_PUSH])}) AND {where} GROUP BY name"
    )
