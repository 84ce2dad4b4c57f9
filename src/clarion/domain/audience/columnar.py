"""The mirror: endpoints once more, in columns, for segments to select from.

The truth is the state database. A log row only names the endpoints that were written; the sink reads them as they
are by then, so a mirror that lags takes over many writes of one endpoint as one. Rows carry the version of the
write they show, a deletion that of the log row which announced it, and the highest version counts: taking the same
rows over again, in any order, changes nothing.

The store itself makes the columns of the documents (`FROM_STATE`), which spares Python three quarters of the work;
`row_of` says the same in Python, for whoever compares both copies. `document` is kept for exports.

Tokens: an attribute is one string per value, `name + "\\x1f" + value`. Empty text stands for "not set".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

import msgspec
import pyarrow as pa

from clarion.domain.audience import store
from clarion.domain.audience.model import Demographic, Endpoint, Location, encode
from clarion.domain.audience.store import Versioned, Written
from clarion.engine.log import LogRow
from clarion.store.columnar import DURABLE, Columnar
from clarion.store.database import Database

TABLE = "endpoints"
CHUNK = 10_000
"""Rows of an insert. Each makes a part of the table, and parts are merged again and again: few are cheap."""
SEPARATOR = "\x1f"

_WORD = "LowCardinality(String)"
_TIME = "DateTime64(3, 'UTC')"

COLUMNS: Mapping[str, str] = {
    "app_id": "String",
    "endpoint_key": "String",
    "endpoint_id": "String",
    "version": "UInt64",
    "deleted": "UInt8",
    "channel_type": _WORD,
    "address": "String",
    "opt_out": _WORD,
    "status": _WORD,
    "effective": _TIME,
    "created": _TIME,
    "cohort": "UInt8",
    "user_id": "String",
    # Whose user attributes an endpoint without user still carries.
    "former_user": "String",
    "locale": _WORD,
    "timezone": _WORD,
    "make": _WORD,
    "model": _WORD,
    "model_version": _WORD,
    "platform": _WORD,
    "platform_version": _WORD,
    "app_version": _WORD,
    "city": "String",
    "country": _WORD,
    "region": "String",
    "postal_code": "String",
    "latitude": "Nullable(Float64)",
    "longitude": "Nullable(Float64)",
    "attributes": f"Array({_WORD})",
    "user_attributes": f"Array({_WORD})",
    "metric_names": f"Array({_WORD})",
    "metric_values": "Array(Float64)",
    "document": "String",
}

KEY_HASH = "key_hash UInt64 MATERIALIZED sipHash64(endpoint_key)"
"""For counting: telling numbers apart takes half as long as telling texts apart."""

DDL: Sequence[str] = (
    f"CREATE TABLE IF NOT EXISTS {TABLE}"
    f" ({', '.join(f'{name} {type}' for name, type in COLUMNS.items())}, {KEY_HASH})"
    f" ENGINE = ReplacingMergeTree(version, deleted) ORDER BY (app_id, endpoint_key) SETTINGS {DURABLE}",
)

_ERASE = "DELETE FROM endpoints WHERE app_id IN {apps:Array(String)}"

_FIRST_MS, _LAST_MS = -2_208_988_800_000, 10_413_791_999_999  # what DateTime64 can hold: 1900 to 2299
_NO_DEMOGRAPHIC, _NO_LOCATION = Demographic(), Location()

_names = msgspec.json.Decoder(list[tuple[str, str]])

_TEXTS: Mapping[str, Sequence[str]] = {
    "demographic": list(Demographic.__struct_fields__),
    "location": ["city", "country", "region", "postal_code"],
}
_DOCUMENT = (
    "Tuple(id String, channel_type String, address String, attributes Map(String, Array(String)),"
    " metrics Map(String, Float64),"
    f" demographic Tuple({', '.join(f'{name} String' for name in _TEXTS['demographic'])}),"
    f" location Tuple({', '.join(f'{name} String' for name in _TEXTS['location'])},"
    " latitude Nullable(Float64), longitude Nullable(Float64)),"
    " user_id String, user_attributes Map(String, Array(String)), attributes_of String, opt_out String,"
    " status String, effective_ms Int64, created_ms Int64, cohort UInt8)"
)


def _instant(name: str) -> str:
    return f"fromUnixTimestamp64Milli(least(greatest(one.{name}_ms, {_FIRST_MS}), {_LAST_MS}), 'UTC') AS {name}"


def _tokens(name: str) -> str:
    texts = f"arrayMap(text -> concat(name, '\\x1f', text), texts), mapKeys(one.{name}), mapValues(one.{name})"
    return f"arrayFlatten(arrayMap((name, texts) -> {texts})) AS {name}"


_UNDER = ", ".join(f"one.{group}.{name} AS {name}" for group, names in _TEXTS.items() for name in names)
FROM_STATE = f"""
SELECT app_id, endpoint_key, one.id AS endpoint_id, version, deleted,
    one.channel_type AS channel_type, one.address AS address,
    if(one.opt_out = '', 'NONE', one.opt_out) AS opt_out, if(one.status = '', 'ACTIVE', one.status) AS status,
    {_instant("effective")}, {_instant("created")}, one.cohort AS cohort, one.user_id AS user_id,
    if(one.user_id = '', one.attributes_of, '') AS former_user,
    {_UNDER}, one.location.latitude AS latitude, one.location.longitude AS longitude,
    {_tokens("attributes")}, {_tokens("user_attributes")},
    mapKeys(one.metrics) AS metric_names, mapValues(one.metrics) AS metric_values, document
FROM (SELECT app_id, endpoint_key, version, deleted, document, JSONExtract(document, '{_DOCUMENT}') AS one FROM input)
"""  # noqa: S608 - constants of this file only


class MirrorSink:
    """Takes log rows of kind `endpoints`."""

    def __init__(self, database: Database, columnar: Columnar) -> None:
        self._database = database
        self._columnar = columnar

    def consume(self, rows: Sequence[LogRow], token: str) -> None:
        """Bring the endpoints that `rows` name up to date."""
        apps: dict[str, dict[str, int]] = {}
        for row in rows:
            for app_id, key in _names.decode(row.body):
                apps.setdefault(app_id, {})[key] = row.id
        # In an order that does not change from one time to the next.
        named = [(app_id, *one) for app_id in sorted(apps) for one in sorted(apps[app_id].items()) if one[0]]
        for number, start in enumerate(range(0, len(named), CHUNK)):
            table = self._current(named[start : start + CHUNK])
            self._columnar.insert_arrow(TABLE, table, token=f"{token}-{number}", select=FROM_STATE)
        # All at once: a deletion takes a look at every part of the table, and whoever selects waits for it.
        if erased := sorted(app_id for app_id, keys in apps.items() if "" in keys):
            self._columnar.command(_ERASE, {"apps": erased})

    def _current(self, named: Sequence[tuple[str, str, int]]) -> pa.Table:
        """Endpoints as they are now, of app ids, keys, and the numbers of the log rows that announced them."""
        keys_of = {app_id: [key for _, key, _ in some] for app_id, some in groupby(named, itemgetter(0))}
        found = self._database.read(
            lambda connection: {app_id: store.documents(connection, app_id, keys) for app_id, keys in keys_of.items()}
        )
        apps, keys, numbers = zip(*named, strict=True)
        present = [found[app_id].get(key) for app_id, key, _ in named]
        # Of one that is gone nothing is known but its id; its version is that of the row.
        current = [
            one or Written(number, encode(Endpoint(id=key)))
            for one, key, number in zip(present, keys, numbers, strict=True)
        ]
        versions, documents = zip(*current, strict=True)
        return pa.table(
            {
                "app_id": pa.array(apps, pa.string()),
                "endpoint_key": pa.array(keys, pa.string()),
                "version": pa.array(versions, pa.uint64()),
                "deleted": pa.array([one is None for one in present], pa.bool_()).cast(pa.uint8()),
                "document": pa.array(documents, pa.binary()),
            }
        )


def row_of(app_id: str, stored: Versioned) -> dict[str, object]:
    """The columns of one endpoint."""
    endpoint = stored.endpoint
    demographic = endpoint.demographic or _NO_DEMOGRAPHIC
    location = endpoint.location or _NO_LOCATION
    return {
        "app_id": app_id,
        "endpoint_key": stored.key,
        "endpoint_id": endpoint.id,
        "version": stored.version,
        "deleted": 0,
        "channel_type": endpoint.channel_type,
        "address": endpoint.address,
        "opt_out": endpoint.opt_out,
        "status": endpoint.status,
        "effective": _time(endpoint.effective_ms),
        "created": _time(endpoint.created_ms),
        "cohort": endpoint.cohort,
        "user_id": endpoint.user_id,
        "former_user": "" if endpoint.user_id else endpoint.attributes_of,
        "locale": demographic.locale,
        "timezone": demographic.timezone,
        "make": demographic.make,
        "model": demographic.model,
        "model_version": demographic.model_version,
        "platform": demographic.platform,
        "platform_version": demographic.platform_version,
        "app_version": demographic.app_version,
        "city": location.city,
        "country": location.country,
        "region": location.region,
        "postal_code": location.postal_code,
        "latitude": location.latitude,
        "longitude": location.longitude,
        "attributes": list(tokens(endpoint.attributes)),
        "user_attributes": list(tokens(endpoint.user_attributes)),
        "metric_names": list(endpoint.metrics),
        "metric_values": list(endpoint.metrics.values()),
        "document": encode(endpoint).decode(),
    }


def tokens(attributes: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """One token per value; an attribute without values has none."""
    for name, values in attributes.items():
        for value in values:
            yield f"{name}{SEPARATOR}{value}"


def _time(ms: int) -> float:
    return min(max(ms, _FIRST_MS), _LAST_MS) / 1000
