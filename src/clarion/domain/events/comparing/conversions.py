"""Who did what a campaign was for, by what they were given: one query over the record.

Somebody is a user where the endpoint has one, else the endpoint. They belong to an arm: the treatment that they were
sent, or the hold-out. Cohorts are drawn for each endpoint, so a user with several may be in several arms; then the
endpoint whose key comes first decides. That is drawn as blindly as the cohorts, while leaving such users out would
leave more of the busiest out of the small arms.

    Failed attempts to send count, too: among those held out nobody knows who could not have been reached.

    given       what was decided of each endpoint: its arm, and when (several times in a campaign that recurs)
    people      each of them with their arm, those times, and all names that their events may carry
    happened    the goal's events, opens and clicks by such names
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from clarion.domain.events.asking.sent import ATTEMPTED
from clarion.domain.events.figures import CAMPAIGN_SEND
from clarion.domain.events.model import SERVICE_TYPES
from clarion.store.columnar import Columnar

HOLDOUT, REST = "holdout", "rest"
"""The arms that are no treatment: who was held out, and who was sent the winner after a test."""

OPENS = ("_email.open", "_campaign.opened_notification")
CLICKS = ("_email.click",)


class Goal(NamedTuple):
    """Events that count: of a type, for which `condition` holds (SQL over `events`, with its parameters), that arrived
    within so long after the decision."""

    event_type: str
    condition: str
    parameters: Mapping[str, object]
    within_ms: int


class Arm(NamedTuple):
    """People, and how many of them did it, opened something of the campaign, clicked on something; `mixed` are those
    who have endpoints in other arms, too."""

    people: int = 0
    conversions: int = 0
    opens: int = 0
    clicks: int = 0
    mixed: int = 0


def arms(
    columnar: Columnar, app_id: str, campaign_id: str, since_ms: int, goal: Goal | None, rest: Sequence[str] = ()
) -> dict[str, Arm]:
    """The arms of a campaign that was created at `since_ms` (Unix ms): by treatment id, `HOLDOUT`, `REST`.

    `rest` are the runs (activities) that sent the winner to the rest. Without a goal nobody converts.
    """
    wanted = goal or Goal("", "0", {}, 0)
    parameters: dict[str, object] = {
        **wanted.parameters,
        "app": app_id,
        "campaign": campaign_id,
        "since": since_ms,
        "send": CAMPAIGN_SEND,
        "reached": list(ATTEMPTED),
        "rest": list(rest),
        "goal": wanted.event_type,
        "within": wanted.within_ms,
        "opens": list(OPENS),
        "clicks": list(CLICKS),
        "types": sorted({wanted.event_type, *OPENS, *CLICKS}),
        "produced": sorted(SERVICE_TYPES),
    }
    rows = columnar.query(_QUERY.replace("<goal>", wanted.condition), parameters)
    return {str(row[0]): Arm(*(int(str(count)) for count in row[1:])) for row in rows}


# An arm that is the rest's gives way to that of a test, so that numbers of the test stay when the rest is sent.
_QUERY = """
SELECT arm, uniqExact(person), uniqExactIf(person, converted), uniqExactIf(person, opened),
    uniqExactIf(person, clicked), uniqExactIf(person, mixed)
FROM (
    SELECT person, own AS arm, mixed,
        arrayExists(sent -> arrayExists(at -> at >= sent AND at < sent + {within:Int64}, goals), decided)
            AS converted,
        last_open >= arrayMin(decided) AS opened, last_click >= arrayMin(decided) AS clicked
    FROM (
        SELECT person, argMin(given, (given = 'rest', endpoint)) AS own,
            argMin(times, (given = 'rest', endpoint)) AS decided,
            uniqExact(given) > 1 AS mixed,
            arrayJoin(arrayDistinct(arrayConcat([person], groupArray(endpoint)))) AS name
        FROM (
            SELECT if(user_id != '', concat('u', user_id), concat('e', endpoint_key)) AS person,
                concat('e', endpoint_key) AS endpoint, argMin(arm, at) AS given, groupUniqArray(at) AS times
            FROM (
                SELECT user_id, endpoint_key, toUnixTimestamp64Milli(arrival) AS at,
                    multiIf(status = 'HOLDOUT', 'holdout', has({rest:Array(String)}, activity_id), 'rest',
                        toString(treatment_id)) AS arm
                FROM events
                WHERE app_id = {app:String} AND event_type = {send:String} AND system
                    AND campaign_id = {campaign:String}
                    AND (status = 'HOLDOUT' OR status IN {reached:Array(String)})
            )
            GROUP BY user_id, endpoint_key
        )
        GROUP BY person
    ) AS people
    LEFT JOIN (
        SELECT name, groupUniqArrayIf(at, is_goal) AS goals, maxIf(at, is_open) AS last_open,
            maxIf(at, is_click) AS last_click
        FROM (
            SELECT arrayJoin(if(user_id = '', [concat('e', endpoint_key)],
                    [concat('e', endpoint_key), concat('u', user_id)])) AS name,
                toUnixTimestamp64Milli(arrival) AS at,
                event_type = {goal:String} AND <goal> AND (system OR event_type NOT IN {produced:Array(String)})
                    AS is_goal,
                campaign_id = {campaign:String} AND (system OR event_type NOT IN {produced:Array(String)}) AS told,
                told AND event_type IN {opens:Array(String)} AS is_open,
                told AND event_type IN {clicks:Array(String)} AS is_click
            FROM events
            WHERE app_id = {app:String} AND event_type IN {types:Array(String)}
                AND arrival >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
        )
        WHERE is_goal OR is_open OR is_click
        GROUP BY name
    ) AS happened USING (name)
)
GROUP BY arm ORDER BY arm
"""
