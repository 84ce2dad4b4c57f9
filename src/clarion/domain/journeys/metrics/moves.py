"""The record of moves, read: sums of it, and the moves of single people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from clarion.domain.journeys.activities.wait import STARTED
from clarion.domain.journeys.metrics.columnar import ROW, move_of
from clarion.domain.journeys.model import LEFT, Move
from clarion.store.columnar import Columnar

CONTINUED = "CONTINUE_WAITING"
"""What is recorded of somebody who waits for the outcome of a call and has to wait on."""

RELEASED = "QUIET_TIME_WAIT_FINISHED"
"""The status that tells of the end of waiting, beside the one that tells what became of the message."""

_APP = "app_id = {app:String}"
_JOURNEY = "app_id = {app:String} AND journey_id = {journey:String}"
_RUN = " AND ({run:String} = '' OR run_id = {run:String})"
_SUMS = f"SELECT outcome, toUInt64(sum(number)) FROM journey_moves WHERE {_JOURNEY} AND activity = {{activity:String}}"  # noqa: S608 - constants of this file
# Whoever's latest word at the activity is that they wait, does; saying so again is no word.
_WAITING = (
    "SELECT countIf(last % 2 = 1) FROM (SELECT max(turn * 2 + (outcome = {started:String})) AS last"  # noqa: S608 - as above
    f" FROM journey_moves WHERE {_JOURNEY} AND activity IN ('', {{activity:String}}){_RUN}"
    " AND if(activity = '', outcome = {left:String}, outcome != {again:String}) GROUP BY participant, entry)"
)
# A message has an id; what was not even tried may have none, and happens to an endpoint once at a time.
_SENDS = (
    "SELECT status, uniqExact(if(message_id != '', message_id, concat(participant, ' ', toString(at))))"  # noqa: S608
    f" FROM journey_sends WHERE {_JOURNEY} AND activity = {{activity:String}}{_RUN} AND status != {{released:String}}"
    " GROUP BY status"
)


class Moves:
    """What happened in journeys. `catch_up` brings the record up to what was appended before."""

    def __init__(self, columnar: Columnar, catch_up: Callable[[], None]) -> None:
        self._columnar = columnar
        self.catch_up = catch_up

    def sums(self, app_id: str, journey_id: str, activity: str, run_id: str = "") -> Mapping[str, int]:
        """How often each outcome was recorded at an activity ("": of entering), of one run or of all."""
        given = {"app": app_id, "journey": journey_id, "activity": activity, "run": run_id}
        return self._counts(f"{_SUMS}{_RUN} GROUP BY outcome", given)

    def left(self, app_id: str, journey_id: str, run_id: str = "") -> Mapping[str, int]:
        """Those who left, by reason."""
        sql = (
            f"SELECT detail, toUInt64(sum(number)) FROM journey_moves WHERE {_JOURNEY}"  # noqa: S608 - as above
            f" AND activity = '' AND outcome = {{left:String}}{_RUN} GROUP BY detail"
        )
        return self._counts(sql, {"app": app_id, "journey": journey_id, "run": run_id, "left": LEFT})

    def waiting(self, app_id: str, journey_id: str, activity: str, run_id: str = "") -> int:
        """How many have begun to wait at an activity, and have neither gone on nor left since."""
        given: dict[str, object] = {"app": app_id, "journey": journey_id, "activity": activity, "run": run_id}
        given |= {"started": STARTED, "again": CONTINUED, "left": LEFT}
        ((number,),) = self._columnar.query(_WAITING, given)
        return int(str(number))

    def sends(self, app_id: str, journey_id: str, activity: str, run_id: str = "") -> Mapping[str, int]:
        """What became of the messages of an activity: their number by `journey_send_status`, each counted once."""
        given = {"app": app_id, "journey": journey_id, "activity": activity, "run": run_id, "released": RELEASED}
        return self._counts(_SENDS, given)

    def of_people(self, app_id: str, journey_id: str, people: Sequence[str], most: int) -> list[Move]:
        """The latest moves of these participants in a journey, in their order."""
        sql = (
            f"SELECT {ROW} FROM journey_moves WHERE {_JOURNEY} AND participant IN {{people:Array(String)}}"  # noqa: S608
            " ORDER BY at DESC, entry DESC, turn DESC LIMIT {most:UInt32}"
        )
        given = {"app": app_id, "journey": journey_id, "people": list(people), "most": most}
        return [move_of(values) for values in reversed(self._columnar.query(sql, given))]

    def of_person(
        self, app_id: str, people: Sequence[str], before: tuple[int, str], since_ms: int, most: int
    ) -> list[tuple[str, Move]]:
        """The last moves of these participants in all journeys, newest first: behind a place, which is a moment (Unix
        ms) and the text beside each move, and not before `since_ms`."""
        place = (
            "concat('j', journey_id, ' ', participant, ' ', leftPad(toString(entry), 10, '0'), ' ',"
            " leftPad(toString(turn), 10, '0'), ' ', activity, ' ', outcome)"
        )
        sql = (
            f"SELECT {place} AS place, {ROW} FROM journey_moves"  # noqa: S608 - constants of this file
            f" WHERE {_APP} AND participant IN {{people:Array(String)}}"
            " AND (toUnixTimestamp64Milli(at), place) < ({before:Int64}, {before_id:String})"
            " AND toUnixTimestamp64Milli(at) >= {since:Int64}"
            " ORDER BY toUnixTimestamp64Milli(at) DESC, place DESC LIMIT {most:UInt32}"
        )
        given = {"app": app_id, "people": list(people), "before": before[0], "before_id": before[1]}
        rows = self._columnar.query(sql, {**given, "since": since_ms, "most": most})
        return [(str(place), move_of(values)) for place, *values in rows]

    def forget(self, app_id: str, journey_id: str) -> None:
        """Erase the moves of a journey that is gone, or ("") of a project, also those that are still on their way."""
        self.catch_up()
        given, which = ({"journey": journey_id}, _JOURNEY) if journey_id else ({}, _APP)
        for table in ("journey_moves", "journey_sends"):
            self._columnar.command(f"DELETE FROM {table} WHERE {which}", {"app": app_id, **given})  # noqa: S608

    def _counts(self, sql: str, given: Mapping[str, object]) -> Mapping[str, int]:
        return {str(word): int(str(number)) for word, number in self._columnar.query(sql, given)}
