"""The tables that a query sees: the record and the endpoints of one project, in columns that stay what they are.

A table is a query over what is really there, which lets nothing through but the project's own rows. Its real name is
written out with its database, so that no name in a query can stand for it.
"""

from __future__ import annotations

from collections.abc import Mapping

PREFIX = "clarion_with_"
"""In front of every name that a query gives to a part of its own: no table of ours is called so."""

_NAME = "substring(token, 1, position(token, '\\x1f') - 1)"
_VALUE = "substring(token, position(token, '\\x1f') + 1)"
_METRICS = "mapFromArrays(metric_names, metric_values) AS metrics"


def _texts(tokens: str) -> str:
    """Attribute tokens as a map of one text a name."""
    return f"mapFromArrays(arrayMap(token -> {_NAME}, {tokens}), arrayMap(token -> {_VALUE}, {tokens}))"


def _lists(tokens: str) -> str:
    """Attribute tokens as a map of all texts of a name."""
    names = f"arrayDistinct(arrayMap(token -> {_NAME}, {tokens}))"
    values = f"arrayMap(token -> {_VALUE}, arrayFilter(token -> {_NAME} = name, {tokens}))"
    return f"mapFromArrays({names}, arrayMap(name -> {values}, {names}))"


_EVENTS = f"""
    event_type, event_id, endpoint_id, endpoint_key, user_id, ts, arrival, system,
    session_id, session_start, session_stop, session_duration,
    {_texts("kv")} AS attributes, {_METRICS},
    campaign_id, activity_id, treatment_id, journey_id, status, gate, reason, message_id, trace_id,
    application, device, record
"""
_ENDPOINTS = f"""
    endpoint_id, endpoint_key, user_id, channel_type, address, opt_out, status, created, effective,
    locale, timezone, make, model, model_version, platform, platform_version, app_version,
    city, country, region, postal_code, latitude, longitude,
    {_lists("endpoints.attributes")} AS attributes, {_lists("endpoints.user_attributes")} AS user_attributes, {_METRICS}
"""

_MINE = "app_id = {app:String}"

TABLES: Mapping[str, str] = {
    # What is only planned is nobody's business yet.
    "events": f"SELECT {_EVENTS} FROM {{database}}.events WHERE {_MINE} AND event_type != '_clarion.planned'",  # noqa: S608
    "endpoints": f"SELECT {_ENDPOINTS} FROM {{database}}.endpoints FINAL WHERE {_MINE}",  # noqa: S608
}


def query_of(name: str, database: str) -> str:
    """The query that a table is. Its one parameter is `app`."""
    return " ".join(TABLES[name].replace("{database}", database).split())
