"""The recorded past, for whoever plays through what might have been: when events were, and how people respond."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from clarion.domain.events.asking.sent import ATTEMPTED
from clarion.domain.events.model import INTERNAL, SERVICE_TYPES
from clarion.store.columnar import Columnar


class Wanted(NamedTuple):
    """Events of some types (`excluding`: of all others), by the product (`system`), by apps (False), or either (None),
    for which `condition` holds: SQL over `events` with its parameters, `app` among them."""

    types: Sequence[str]
    excluding: bool
    system: bool | None
    condition: str
    parameters: Mapping[str, object]


class Occurred(NamedTuple):
    """An event: whose, and when it arrived (Unix ms)."""

    endpoint_key: str
    user_id: str
    at_ms: int


def occurred(
    columnar: Columnar, app_id: str, wanted: Wanted, since_ms: int, until_ms: int, most: int
) -> list[Occurred]:
    """The first `most` events between these moments (the end not included), oldest first."""
    tests = [
        "app_id = {app:String}",
        "endpoint_key != ''",
        "event_type NOT IN {internal:Array(String)}",
        "(system OR event_type NOT IN {produced:Array(String)})",
        "arrival >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')",
        "arrival < fromUnixTimestamp64Milli({until:Int64}, 'UTC')",
        f"({wanted.condition})",
    ]
    if wanted.types:
        tests.append(f"event_type {'NOT ' if wanted.excluding else ''}IN {{types:Array(String)}}")
    if wanted.system is not None:
        tests.append("system" if wanted.system else "NOT system")
    rows = columnar.query(
        "SELECT DISTINCT toUnixTimestamp64Milli(arrival) AS at, endpoint_key, user_id, event_id FROM events"  # noqa: S608 - constants, and conditions of `segments.build`
        f" WHERE {' AND '.join(tests)} ORDER BY at, endpoint_key, event_id LIMIT {{most:UInt64}}",
        {
            **wanted.parameters,
            "app": app_id,
            "internal": sorted(INTERNAL),
            "produced": sorted(SERVICE_TYPES),
            "since": since_ms,
            "until": until_ms,
            "types": sorted(wanted.types),
            "most": most,
        },
    )
    return [Occurred(str(key), str(user), int(str(at))) for at, key, user, _ in rows]


class Responses(NamedTuple):
    """Messages that were sent, and to how many of them something happened."""

    sent: int = 0
    responded: int = 0


def responses(
    columnar: Columnar, app_id: str, sends: Sequence[str], types: Sequence[str], since_ms: int
) -> dict[str, Responses]:
    """How the endpoints of a project responded to their messages since then, by endpoint key.

    `sends` are the types that say that a message was sent, `types` what may have happened to it.
    """
    told = "event_type IN {sends:Array(String)} AND (status = '' OR status IN {attempted:Array(String)})"
    rows = columnar.query(
        "SELECT endpoint_key, count(), countIf(responded) FROM ("  # noqa: S608 - constants of this function
        f" SELECT message_id, any(endpoint_key) AS endpoint_key, countIf({told}) > 0 AS sent,"
        " countIf(event_type IN {types:Array(String)}) > 0 AS responded"
        " FROM events WHERE app_id = {app:String} AND message_id != '' AND system"
        " AND event_type IN {either:Array(String)}"
        " AND arrival >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') GROUP BY message_id HAVING sent"
        ") GROUP BY endpoint_key",
        {
            "app": app_id,
            "sends": sorted(sends),
            "types": sorted(types),
            "either": sorted({*sends, *types}),
            "attempted": [*ATTEMPTED, "SUCCESSFUL"],
            "since": since_ms,
        },
    )
    return {str(key): Responses(int(str(sent)), int(str(did))) for key, sent, did in rows}
