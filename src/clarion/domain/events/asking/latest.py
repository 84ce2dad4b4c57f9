"""When people last did, or were sent, something: the newest event of each of several kinds, by one query.

People who walk together were written down together, in the order of their endpoints' keys, which is the order of the
table within a day: keys are asked for in a way that lets the engine skip what lies between.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from clarion.domain.events.asking.keys import among, encode, parts
from clarion.domain.events.model import INTERNAL, SERVICE_TYPES
from clarion.store.columnar import Columnar

SENT = "(event_type != '_journey.send' OR status = 'SUCCESS')"
"""Of the results of a journey's messages only those that were sent."""


class Kind(NamedTuple):
    """Events of some types (`excluding`: of all others; without any: of all), of one activity of a journey unless that
    is "", for which `condition` holds: SQL over `events`."""

    types: frozenset[str]
    excluding: bool
    activity: str
    condition: str


class Latest(NamedTuple):
    """When the newest event of each kind arrived (Unix ms, 0: never), by endpoint key and by the user who had the
    endpoint then. Without those who have none at all."""

    by_endpoint: dict[str, list[int]]
    by_user: dict[str, list[int]]


def latest(
    columnar: Columnar,
    app_id: str,
    journey_id: str,
    kinds: Sequence[Kind],
    parameters: Mapping[str, object],
    endpoint_keys: Sequence[str],
    user_ids: Sequence[str],
    since_ms: int,
) -> Latest:
    """The newest events since then of these endpoints, and of all endpoints that belonged to these users.

    `parameters` are those of the kinds' conditions, `app` among them. Of the types that the product records itself only
    its own events count, and none of what it records for itself alone.
    """
    found = Latest({}, {})
    sql, bound = _statement(journey_id, kinds)
    for keys, users in _batches(endpoint_keys, user_ids):
        own = {"keys": encode(keys)} if keys else {}
        own |= {"users": encode(users)} if users else {}
        given = {"since": since_ms, **parameters, **bound, **own, "app": app_id}
        wanted_keys, wanted_users = frozenset(keys), frozenset(users)
        for key, user, *moments in columnar.query(sql.replace("<people>", _people(own)), given):
            arrivals = [int(str(moment)) for moment in moments]
            if key in wanted_keys:
                _keep(found.by_endpoint, str(key), arrivals)
            if user in wanted_users:
                _keep(found.by_user, str(user), arrivals)
    return found


def _statement(journey_id: str, kinds: Sequence[Kind]) -> tuple[str, dict[str, object]]:
    """The query, but for `<people>`, and what its own placeholders stand for."""
    bound: dict[str, object] = {}
    tests = [_test(number, kind, bound) for number, kind in enumerate(kinds)]
    # What all kinds have in common, where the table's order and its bloom filters help.
    common = ["app_id = {app:String}", "arrival >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')"]
    if all(kind.types and not kind.excluding for kind in kinds):
        common.append("event_type IN {types:Array(String)}")
        bound["types"] = sorted(frozenset().union(*(kind.types for kind in kinds)) - INTERNAL)
    else:
        common.append("event_type NOT IN {internal:Array(String)}")
        bound["internal"] = sorted(INTERNAL)
    if any(kind.activity for kind in kinds):
        bound["journey"] = journey_id
    if all(kind.activity for kind in kinds):
        common.append("journey_id = {journey:String}")
    else:
        # What an app reports of a type of the product's own names no journey.
        common.append("(system OR event_type NOT IN {produced:Array(String)})")
        bound["produced"] = sorted(SERVICE_TYPES)
    either = " OR ".join(f"({test})" for test in tests)
    newest = ["max(arrival)"] if len(tests) == 1 else [f"maxIf(arrival, {test})" for test in tests]
    columns = ", ".join(f"toUnixTimestamp64Milli({one})" for one in newest)
    sql = (
        f"SELECT endpoint_key, user_id, {columns} FROM events"  # noqa: S608 - constants, and conditions of `segments.build`
        f" WHERE {' AND '.join(common)} AND <people> AND ({either}) GROUP BY endpoint_key, user_id"
    )
    return sql, bound


def _test(number: int, kind: Kind, bound: dict[str, object]) -> str:
    """The condition of one kind; its values go into `bound`."""
    parts = [f"({kind.condition})"]
    if kind.types:
        parts.append(f"event_type {'NOT ' if kind.excluding else ''}IN {{types{number}:Array(String)}}")
        bound[f"types{number}"] = sorted(kind.types)
    if kind.activity:
        parts.append(f"journey_id = {{journey:String}} AND activity_id = {{activity{number}:String}}")
        bound[f"activity{number}"] = kind.activity
    return " AND ".join(parts)


def _people(given: Mapping[str, object]) -> str:
    columns = {"keys": "endpoint_key", "users": "user_id"}
    tests = [among(column, name) for name, column in columns.items() if name in given]
    return f"({' OR '.join(tests)})"


def _batches(keys: Sequence[str], users: Sequence[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Parts of both lists that fit into a query together."""
    parts_of_keys, parts_of_users = list(parts(keys)), list(parts(users))
    for number in range(max(len(parts_of_keys), len(parts_of_users))):
        yield (
            parts_of_keys[number] if number < len(parts_of_keys) else [],
            parts_of_users[number] if number < len(parts_of_users) else [],
        )


def _keep(known: dict[str, list[int]], name: str, arrivals: list[int]) -> None:
    before = known.get(name)
    known[name] = arrivals if before is None else list(map(max, before, arrivals))
