"""SQL that several charts of performance are made of. All texts are constants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clarion.domain.analytics import kept
from clarion.domain.analytics.charts.activity.presence import BITS, days_of, meant_number, pieces, presence
from clarion.domain.analytics.charts.model import Ask, Member, People

KEY: Mapping[People, str] = {"Endpoint": "endpoint_key", "User": "user_id"}
"""Who an event is of; "" where nobody is."""

FILTERS: frozenset[Member] = frozenset({"EventType", "Attribute", "Metric"})

_OF: Mapping[str, str] = {
    "campaign": "campaign_id != '' AND ({campaign:String} = '' OR campaign_id = {campaign:String})",
    "journey": "journey_id != '' AND ({journey:String} = '' OR journey_id = {journey:String})",
    "transactional": "campaign_id = '' AND journey_id = ''",
}


def active(ask: Ask, people: People) -> str:
    """A subquery: how many people were active in the range."""
    parts = [presence(ask, people, days) for days in pieces(days_of(ask), BITS)]
    every = " UNION ALL ".join(f"SELECT who FROM {part}" for part in parts)  # noqa: S608 - constants
    # A row a person, but for ranges of several pieces.
    return f"(SELECT {'count()' if len(parts) == 1 else 'uniqExact(who)'} FROM ({every}))"  # noqa: S608 - constants


def messages(ask: Ask, of: str, using: str) -> str:
    """`FROM …`: the messages of a kind that were sent in the range, to the audience that is meant; those of
    `kept.COLUMNS` that are named in the SQL that goes on `using` them."""
    return f"FROM ({kept.messages(f'{_OF[of]}{meant_number(ask)}', using)})"


def named(ask: Ask) -> dict[str, Any]:
    """The parameters of `messages`."""
    return {"campaign": ask.campaign_id, "journey": ask.journey_id}


def moment(ask: Ask, column: str) -> str:
    """The day of a moment in the zone, or where hours are asked for, when its hour there began; see `shown`."""
    if ask.interval == "Hour":
        return f"toStartOfHour(toTimeZone({column}, {{zone:String}}))"
    return f"toDate({column}, {{zone:String}})"


def shown(ask: Ask, name: str) -> str:
    """A `moment` as charts show it: the day, or when the hour began, in UTC."""
    return f"formatDateTime({name}, '%Y-%m-%dT%H:%i:%SZ', 'UTC')" if ask.interval == "Hour" else f"toString({name})"


def share(part: str, whole: str) -> str:
    """A quotient; NULL where there is nothing to divide by."""
    return f"toFloat64({part}) / nullIf(toFloat64({whole}), 0)"


def columns(values: Mapping[str, str]) -> str:
    """The values of a chart by key, as a SELECT has them."""
    return ", ".join(f"toFloat64({sql})" for sql in values.values())
