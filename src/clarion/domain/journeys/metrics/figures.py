"""The execution metrics of a journey, its activities and its runs: names and numbers. Source: spec of journeys, 13.

Every number is a sum over the record: of moves, and for messages of `_journey.send` events. Nobody keeps counters.
Names that Pinpoint has are there at zero; what only Clarion knows has a name of its own when there is any of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from clarion.domain.journeys.activities.random_split import HELD_OUT, PASSED
from clarion.domain.journeys.activities.wait import FINISHED, SKIPPED, STARTED
from clarion.domain.journeys.activities.wait_for_event import RECEIVED, TIMED_OUT
from clarion.domain.journeys.lifecycle import CANCELLED
from clarion.domain.journeys.metrics.moves import CONTINUED, Moves
from clarion.domain.journeys.model import ENTERED, LEFT

MESSAGE, WAIT, HOLDOUT, CONTACT_CENTER = "MESSAGE", "WAIT", "HOLDOUT", "CONTACT_CENTER"
WAIT_FOR_EVENT = "WAIT_FOR_EVENT"

_REFUSED = ("REENTRY_CAP_EXCEEDED", "ACTIVE_ENDPOINT_REJECTED")
_OF_RUNS = (
    "ENDPOINT_PRODUCED",
    "ENDPOINTS_FROM_USER",
    "ENDPOINT_OPT_OUT",
    "ENDPOINT_INACTIVE",
    "FILTERED_OUT_BY_SEGMENT",
    "ENDPOINT_MISSING_ADDRESS",
    "ENDPOINT_MISSING_CHANNEL",
    "ENDPOINT_MISSING_TIMEZONE",
    "ENDPOINT_TIMEZONE_MISMATCH",
    "DUPLICATE_ENDPOINT",
    "DUPLICATE_USER",
    "PAUSED",
    "ENDED",
    "ENDPOINT_ESTIMATED_TIMEZONE",
)
_OF_MESSAGES = (
    "SUCCESS",
    "DAILY_CAP_EXCEEDED",
    "QUIET_TIME",
    "THROTTLED",
    "TRANSIENT_FAILURE",
    "SERVICE_FAILURE",
    "FAILURE_PERMANENT",
    "UNKNOWN",
)
_BY_STATUS = {"DAILY_CAP": "DAILY_CAP_EXCEEDED", "FAILURE": "SERVICE_FAILURE"}
"""Statuses whose metric has another name."""

NAMES: Mapping[str, tuple[str, ...]] = {
    WAIT: (STARTED, FINISHED, SKIPPED),
    WAIT_FOR_EVENT: (STARTED, RECEIVED, TIMED_OUT),
    HOLDOUT: (HELD_OUT, PASSED),
    MESSAGE: _OF_MESSAGES,
    CONTACT_CENTER: (
        "CALL_QUEUED",
        CONTINUED,
        "DIAL_FAILURE",
        "DROPPED",
        "TIMEOUT",
        STARTED,
        FINISHED,
        "WAIT_FOR_QUIET_HOURS",
    ),
}
"""What is counted at activities of these types; at others, their branches."""


class JourneyFigures:
    """All figures. `run_id` "": of all runs together."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves

    def journey(self, app_id: str, journey_id: str) -> dict[str, int]:
        """Of the journey as a whole. Those who are out because it was cancelled have not left it."""
        sums = self._moves.sums(app_id, journey_id, "")
        cancelled = self._cancelled(app_id, journey_id)
        entered, out = sums.get(ENTERED, 0), sums.get(LEFT, 0)
        return {
            ENTERED: entered,
            "ENDPOINT_ACTIVE": entered - out,
            LEFT: out - cancelled,
            "CANCELLED": cancelled,
            **{name: sums.get(name, 0) for name in _REFUSED},
        }

    def run(self, app_id: str, journey_id: str, run_id: str) -> dict[str, int]:
        """Of one execution of the entry: who was looked at, and who dropped out where."""
        sums = self._moves.sums(app_id, journey_id, "", run_id)
        figures = {name: sums.get(name, 0) for name in _OF_RUNS}
        figures["ENDED"] += self._cancelled(app_id, journey_id, run_id)
        told = {ENTERED, LEFT, *figures}
        return figures | {name: number for name, number in sums.items() if name not in told}

    def activity(
        self, app_id: str, journey_id: str, activity: str, type: str, branches: Iterable[str], run_id: str = ""
    ) -> dict[str, int]:
        """Of an activity of this type, whose ways out have these outcomes."""
        where = (app_id, journey_id, activity, run_id)
        names = NAMES.get(type) or tuple(branches)
        if type == MESSAGE:
            return _named(names, self._moves.sends(*where))
        figures = _named(names, self._moves.sums(*where))
        if STARTED in figures:
            figures[STARTED] = self._moves.waiting(*where)
        return figures

    def _cancelled(self, app_id: str, journey_id: str, run_id: str = "") -> int:
        """Those who are out because somebody cancelled the journey, or ("cancelled: why") it could not go on."""
        left = self._moves.left(app_id, journey_id, run_id)
        return sum(number for reason, number in left.items() if reason.partition(":")[0] == CANCELLED)


def _named(names: Iterable[str], counts: Mapping[str, int]) -> dict[str, int]:
    """The counts under the names of their metrics, those at zero included."""
    figures = dict.fromkeys(names, 0)
    for word, number in counts.items():
        name = _BY_STATUS.get(word, word)
        figures[name] = figures.get(name, 0) + number
    return figures
