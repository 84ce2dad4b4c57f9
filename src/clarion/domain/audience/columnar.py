"""The mirror: endpoints once more, in columns, for segments to select from.

The truth is the state database. A log row only names the endpoints that were written; the sink reads them as they
are by then, so a mirror that lags takes over many writes of one endpoint as one. Rows carry the version of the
write they show, a deletion that of the log row which announced it, and the highest version counts: taking the same
rows over again, in any order, changes nothing.

`document` is the endpoint as the API answers it, in JSON: what an export writes.

Tokens: an attribute is one string per value, `name + "\\x1f" + value`. Empty text stands for "not set".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

import msgspec

from clarion.domain.audience import store
from clarion.domain.audience.model import Demographic, Endpoint, Location, answer
from clarion.domain.audience.store import Versioned
from clarion.engine.log import LogRow
from clarion.store.columnar import DURABLE, Columnar
from clarion.store.database import Database

TABLE = "endpoints"
CHUNK = 5_000
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

DDL: Sequence[str] = (
    f"CREATE TABLE IF NOT EXISTS {TABLE} ({', '.join(f'{name} {type}' for name, type in COLUMNS.items())})"
    f" ENGINE = ReplacingMergeTree(version, deleted) ORDER BY (app_id, endpoint_key) SETTINGS {DURABLE}",
)

_ERASE = "DELETE FROM endpoints WHERE app_id IN {apps:Array(String)}"

_FIRST_MS, _LAST_MS = -2_208_988_800_000, 10_413_791_999_999  # what DateTime64 can hold: 1900 to 2299
_encode_answer = msgspec.json.Encoder().encode
_NO_DEMOGRAPHIC, _NO_LOCATION = Demographic(), Location()

_names = msgspec.json.Decoder(list[tuple[str, str]])
_encode = msgspec.json.Encoder().encode


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
        lines = self._lines(apps)
        number = 0
        while chunk := list(islice(lines, CHUNK)):
            self._columnar.insert_json(TABLE, b"\n".join(chunk), token=f"{token}-{number}")
            number += 1
        # All at once: a deletion takes a look at every part of the table, and whoever selects waits for it.
        if erased := sorted(app_id for app_id, keys in apps.items() if "" in keys):
            self._columnar.command(_ERASE, {"apps": erased})

    def _lines(self, apps: Mapping[str, Mapping[str, int]]) -> Iterator[bytes]:
        """JSONEachRow of every endpoint named, in an order that does not change from one time to the next."""
        for app_id in sorted(apps):
            announced = sorted((key, number) for key, number in apps[app_id].items() if key)
            for start in range(0, len(announced), CHUNK):
                yield from self._app_lines(app_id, announced[start : start + CHUNK])

    def _app_lines(self, app_id: str, announced: Sequence[tuple[str, int]]) -> Iterator[bytes]:
        keys = [key for key, _ in announced]
        stored = self._database.read(lambda connection: store.versioned(connection, app_id, keys))
        found = {one.key: one for one in stored}
        for key, number in announced:
            one = found.get(key)
            yield _encode(_gone(app_id, key, number) if one is None else row_of(app_id, one))


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
        "document": _encode_answer(answer(app_id, endpoint)).decode(),
    }


def tokens(attributes: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """One token per value; an attribute without values has none."""
    for name, values in attributes.items():
        for value in values:
            yield f"{name}{SEPARATOR}{value}"


def _gone(app_id: str, key: str, number: int) -> dict[str, object]:
    return row_of(app_id, Versioned(key, number, Endpoint(id=key))) | {"deleted": 1}


def _time(ms: int) -> float:
    return min(max(ms, _FIRST_MS), _LAST_MS) / 1000
