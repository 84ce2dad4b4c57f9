"""A KPI becomes one query: messages of the range are counted, by group. Days are those of UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from clarion.domain.analytics.kept import messages
from clarion.domain.analytics.kpis import Group, Kpi, Messages
from clarion.store.columnar import Columnar

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
    group = "''" if kpi.group is None else _GROUPS[kpi.group]
    counted = messages(_OF[kpi.messages], f"{group} {kpi.value} {kpi.base}")
    found = columnar.query(
        f"SELECT {group} AS grouped, toFloat64({kpi.value}) AS value FROM ({counted})"  # noqa: S608 - constants of this package
        f" GROUP BY grouped HAVING sum({kpi.base}) > 0 AND isFinite(value)"
        + (" AND grouped != ''" if kpi.group is not None else "")
        + " ORDER BY grouped",
        {"app": app_id, "id": id, "since": since_ms, "until": until_ms},
    )
    return [Row(str(grouped), float(str(value))) for grouped, value in found]
