"""A KPI becomes one query over the record: events are gathered into messages, messages are counted.

    events of the range ─→ one row a message: when, whose, what happened to it ─→ aggregate, by group

Days are those of UTC in which a message was sent, which is the time that its events carry. What clients report of
notifications has no message; each is a row of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from clarion.channels.push.services import SERVICES
from clarion.domain.analytics.kpis import Group, Kpi, Messages
from clarion.domain.events.model import SEPARATOR
from clarion.store.columnar import Columnar

OPENED_PUSH = "_campaign.opened_notification"


def _attribute(name: str) -> str:
    mark = f"{name}{SEPARATOR}"
    return f"substring(arrayFirst(one -> startsWith(one, '{mark}'), kv), {len(mark) + 1})"


def _times(event_type: str) -> str:
    return f"uniqExactIf(event_id, event_type = '{event_type}')"


def _ever(condition: str) -> str:
    return f"countIf({condition}) > 0"


_PUSHED = ", ".join(f"'{name}'" for name in sorted({"PUSH", *SERVICES}))
COLUMNS: Mapping[str, str] = {
    "day": "toDate(min(ts), 'UTC')",
    "campaign": "max(campaign_id)",
    "activity": "max(activity_id)",
    "recipient": "if(max(endpoint_key) != '', max(endpoint_key), name)",
    "sent": _ever("event_type = '_campaign.send' AND status = 'SUCCESS'"),
    "pushed": _ever(
        f"event_type = '_campaign.send' AND status = 'SUCCESS' AND {_attribute('delivery_type')} IN ({_PUSHED})"
    ),
    "push_opens": _times(OPENED_PUSH),
    "emailed": _ever("event_type = '_email.send'"),
    "hard": _ever("event_type = '_email.hardbounce'"),
    "soft": _ever("event_type = '_email.softbounce'"),
    "rejected": _ever("event_type = '_email.rejected'"),
    "complained": _ever("event_type = '_email.complaint'"),
    "opens": _times("_email.open"),
    "clicks": _times("_email.click"),
    "unsubscribes": _times("_email.unsubscribe"),
    "texted": _ever("startsWith(event_type, '_SMS.') AND event_type != '_SMS.OPTOUT'"),
    "text_delivered": _ever("event_type = '_SMS.SUCCESS'"),
    "failed": _ever("event_type = '_SMS.FAILURE'"),
    "error": "maxIf(status, event_type = '_SMS.FAILURE')",
    "parts": f"toUInt32(max(toUInt32OrZero({_attribute('number_of_message_parts')})))",
    "country": f"max({_attribute('iso_country_code')})",
    # What the carrier said last counts, not the sum of what was said on the way.
    "price": "max(if(indexOf(metric_names, 'price_in_millicents_usd') > 0,"
    " metric_values[indexOf(metric_names, 'price_in_millicents_usd')], 0))",
}
"""What is known of a message."""

_GROUPS: Mapping[Group, str] = {
    "Date": "toString(day)",
    "CampaignId": "campaign",
    "CampaignActivityId": "activity",
    "JourneyActivityId": "activity",
    "IsoCountryCode": "country",
    "ErrorCode": "error",
}

_OF: Mapping[Messages, str] = {
    "campaign": "campaign_id != '' AND ({id:String} = '' OR campaign_id = {id:String})",
    "journey": "journey_id = {id:String}",
    "transactional": "campaign_id = '' AND journey_id = '' AND {id:String} = ''",
}


class Row(NamedTuple):
    """A value of a group ("": there are none)."""

    group: str
    value: float


def rows(columnar: Columnar, kpi: Kpi, app_id: str, id: str, since_ms: int, until_ms: int) -> Sequence[Row]:
    """The rows of a KPI, by group; `id` is the campaign or journey, "" for a project. Both ends included (Unix ms)."""
    columns = ", ".join(f"{expression} AS {name}" for name, expression in COLUMNS.items())
    group = "''" if kpi.group is None else _GROUPS[kpi.group]
    found = columnar.query(
        f"SELECT {group} AS grouped, toFloat64({kpi.value}) AS value FROM ("  # noqa: S608 - constants of this package
        f"SELECT if(message_id != '', message_id, concat(endpoint_key, ' ', event_id)) AS name, {columns}"
        " FROM events WHERE app_id = {app:String} AND (system OR event_type = {opened:String})"
        " AND (startsWith(event_type, '_email.') OR startsWith(event_type, '_SMS.')"
        " OR event_type IN ('_campaign.send', {opened:String}))"
        f" AND {_OF[kpi.messages]} AND ts >= fromUnixTimestamp64Milli({{since:Int64}}, 'UTC')"
        " AND ts <= fromUnixTimestamp64Milli({until:Int64}, 'UTC') GROUP BY name)"
        f" GROUP BY grouped HAVING sum({kpi.base}) > 0 AND isFinite(value)"
        + (" AND grouped != ''" if kpi.group is not None else "")
        + " ORDER BY grouped",
        {"app": app_id, "id": id, "opened": OPENED_PUSH, "since": since_ms, "until": until_ms},
    )
    return [Row(str(grouped), float(str(value))) for grouped, value in found]
