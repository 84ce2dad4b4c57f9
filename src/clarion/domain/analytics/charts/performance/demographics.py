"""Demographics: what people are and use, told by the endpoints as they are now; dates mean nothing here.

A person counts once for each value that one of their endpoints has. By user, an endpoint without user is a person of
its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clarion.core.errors import Invalid
from clarion.domain.analytics.charts.model import Ask, Chart, People, Query
from clarion.domain.analytics.charts.sources import query
from clarion.domain.events.model import SEPARATOR

DEFAULT = "platform"

_COLUMNS: Mapping[str, str] = {
    "platform": "platform",
    "platformversion": "platform_version",
    "appversion": "app_version",
    "make": "make",
    "model": "model",
    "modelversion": "model_version",
    "country": "country",
    "region": "region",
    "city": "city",
    "locale": "locale",
    "timezone": "timezone",
    "channel": "channel_type",
    "channeltype": "channel_type",
}
_KNOWN = (
    "platform, platform-version, app-version, make, model, model-version, country, region, city, locale, timezone,"
    " channel"
)
_ATTRIBUTES: Mapping[str, str] = {
    "attribute": "attributes",
    "attributes": "attributes",
    "userattribute": "user_attributes",
    "userattributes": "user_attributes",
}
_PERSON: Mapping[People, str] = {
    "Endpoint": "sipHash64(endpoint_key)",
    "User": "if(user_id = '', sipHash64(endpoint_key), sipHash64('user', user_id))",
}


def _demographics(ask: Ask) -> Query:
    value, more = _value(ask.dimension or DEFAULT)
    audience = "" if ask.audience is None else f" AND {ask.audience.sql}"
    endpoints = f"FROM endpoints FINAL WHERE app_id = {{app:String}}{audience}"
    found = f"SELECT {value} AS value, {_PERSON[ask.by]} AS person {endpoints}"
    # Besides the values all of them, who are not their sum: somebody may have several. They have no value.
    counted = (
        f"SELECT value, toFloat64(uniqExact(person)) AS people FROM ({found}) WHERE value != ''"  # noqa: S608 - constants
        " GROUP BY GROUPING SETS ((value), ())"
    )
    sql = (
        f"SELECT value, people, share FROM (SELECT value, people, people / max(people) OVER () AS share"  # noqa: S608
        f" FROM ({counted})) WHERE value != '' ORDER BY people DESC, value"
    )
    return query(ask, sql, **more)


def _value(dimension: str) -> tuple[str, dict[str, Any]]:
    """The SQL of an endpoint's value, or of its values, and its parameters."""
    kind, _, name = dimension.removeprefix("User.").partition(".")
    array = _ATTRIBUTES.get(_word(kind))
    if array is not None and name:
        mark = f"{name}{SEPARATOR}"
        tokens = f"arrayFilter(one -> startsWith(one, {{mark:String}}), {array})"
        return f"substring(arrayJoin({tokens}), length({{mark:String}}) + 1)", {"mark": mark}
    word = _word(name if _word(kind) in ("demographic", "location", "endpoint") else dimension)
    if word not in _COLUMNS:
        raise Invalid(f"Dimension: {dimension} is none of {_KNOWN}, Attribute.name, UserAttribute.name")
    return f"toString({_COLUMNS[word]})", {}


def _word(text: str) -> str:
    return text.lower().replace("-", "").replace("_", "")


CHARTS = [
    Chart(
        "demographics",
        "People by platform, or what Dimension names, and their share of those with a value.",
        ("Value",),
        ("People", "Share"),
        _demographics,
        takes=frozenset({"Dimension", "By"}),
        people="User",
    )
]
