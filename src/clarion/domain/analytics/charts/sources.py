"""The parts of SQL that charts are made of. All texts are constants; what a caller wrote is a bound parameter.

Parameters: `app`, `since`, `until`, `zone`, `types`; `a0`, `a1` … tokens of attributes, `m0`, `m1` … of metrics.
Those of the audience are made by whoever gave the condition, and are called otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence

from clarion.domain.analytics.charts.model import Ask, Query
from clarion.domain.events.model import SEPARATOR
from clarion.domain.events.repeats import HASH, REPEATED

DAY = "toDate(ts, {zone:String})"
DATE = f"toString({DAY})"

RANGE = "ts >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') AND ts <= fromUnixTimestamp64Milli({until:Int64}, 'UTC')"
_ALL = "*, endpoint_hash"
_MEANT = "endpoint_hash IN (SELECT key_hash FROM endpoints FINAL WHERE app_id = {app:String} AND %s)"


def query(ask: Ask, sql: str, *, exact: bool = True, **more: object) -> Query:
    """The statement with those of the parameters, and of `more`, that it has a place for."""
    given = _parameters(ask) | more
    return Query(sql, {name: value for name, value in given.items() if f"{{{name}:" in sql}, exact)


def reported(ask: Ask, types: Sequence[str] = (), *, in_range: bool = True) -> str:
    """`FROM events WHERE …`: what apps reported in the range, of the audience that is meant; of these types, which are
    constants of a chart, if any are given."""
    return _from(ask, "NOT system", types, in_range)


def recorded(ask: Ask, types: Sequence[str] = (), *, in_range: bool = True) -> str:
    """The same of what the product itself recorded: messages and what became of them."""
    return _from(ask, "system", types, in_range)


def active_days(ask: Ask, *, in_range: bool = True) -> str:
    """A subquery: who was active on which days (of the zone), in the range or ever, of the audience that is meant.

    Columns `day` Date, `endpoint_key` and `user_id` String ('': reported without a user), `at` DateTime64, the moment
    of the first event of that day. One row a day, endpoint and user.
    """
    return (
        f"(SELECT {DAY} AS day, endpoint_key, user_id, min(ts) AS at"
        f" {reported(ask, in_range=in_range)} GROUP BY day, endpoint_key, user_id)"
    )


def matching(ask: Ask) -> str:
    """` AND …`: of the event types, attributes and metrics that are asked for."""
    tests = ["event_type IN {types:Array(String)}"] if ask.event_types else []
    tests += [f"has(kv, {{a{number}:String}})" for number in range(len(ask.attributes))]
    tests += [
        f"indexOf(metric_names, {{m{number}:String}}) > 0"
        f" AND metric_values[indexOf(metric_names, {{m{number}:String}})] = {{v{number}:Float64}}"
        for number in range(len(ask.metrics))
    ]
    return "".join(f" AND {test}" for test in tests)


def once(ask: Ask, types: Sequence[str] = ()) -> str:
    """`FROM …`: what is asked for of the events that apps reported, each once; of these types, if any are given."""
    found = f"{reported(ask, types)}{matching(ask)}"
    if not ask.repeats:
        return f"FROM (SELECT {_ALL} {found})"
    first = f"SELECT {_ALL} {found} AND {REPEATED} ORDER BY arrival LIMIT 1 BY {HASH}, toDate(ts)"
    return f"FROM (SELECT {_ALL} {found} AND NOT {REPEATED} UNION ALL SELECT * FROM ({first}))"  # noqa: S608 - constants


def meant(ask: Ask) -> str:
    """` AND …`: of the audience that is meant, by `endpoint_hash`."""
    return "" if ask.audience is None else f" AND {_MEANT % ask.audience.sql}"


def _from(ask: Ask, whose: str, types: Sequence[str], in_range: bool) -> str:
    tests = ["app_id = {app:String}", whose, *([RANGE] if in_range else [])]
    if types:
        tests.append(f"event_type IN ({', '.join(repr(name) for name in types)})")
    return f"FROM events WHERE {' AND '.join(tests)}{meant(ask)}"


def _parameters(ask: Ask) -> dict[str, object]:
    found: dict[str, object] = {
        "app": ask.app_id,
        "since": ask.since_ms,
        "until": ask.until_ms,
        "zone": ask.zone,
        "types": list(ask.event_types),
    }
    for number, (name, value) in enumerate(ask.attributes.items()):
        found[f"a{number}"] = f"{name}{SEPARATOR}{value}"
    for number, (name, value) in enumerate(ask.metrics.items()):
        found |= {f"m{number}": name, f"v{number}": float(value)}
    if ask.audience is not None:
        found |= ask.audience.parameters
    return found
