"""What a new version of a journey under way may be; pure.

What people inside, the record and the entries that have begun rely on stays: how the journey starts, when it began,
whether it keeps a rate, and what kind of activity an id stands for. Everything else may change.
"""

from __future__ import annotations

from collections.abc import Iterable

from clarion.core.errors import Conflict, Invalid
from clarion.domain.journeys.definition import is_event_started, rate_of
from clarion.domain.journeys.model import spec_of
from clarion.domain.journeys.store import JourneyRow
from clarion.domain.journeys.times import instant_ms
from clarion.shapes.pinpoint import WriteJourneyRequest

EDITABLE = ("ACTIVE", "PAUSED")


def check_edit(
    row: JourneyRow,
    before: WriteJourneyRequest,
    after: WriteJourneyRequest,
    older: Iterable[WriteJourneyRequest],
    now_ms: int,
) -> None:
    """Raise Conflict for a journey that nobody enters, Invalid naming what must stay as it is.

    `older` are all versions there are, `before` is the newest of them.
    """
    if row.state == "DRAFT":
        raise Conflict("the journey is a DRAFT: change it with UpdateJourney")
    if row.state not in EDITABLE:
        raise Conflict(f"the journey is {row.state}: nobody would enter a new version")
    if is_event_started(before) != is_event_started(after):
        raise Invalid("StartCondition: a journey under way keeps its kind of start, by a segment or by an event")
    if row.start_ms is not None and row.start_ms <= now_ms:
        _check_begun(before, after)
    if rate_of(after) and not rate_of(before):
        raise Invalid("Limits.MessagesPerSecond: a journey under way can change its rate, but not get one")
    _check_kinds(after, older)


def _check_begun(before: WriteJourneyRequest, after: WriteJourneyRequest) -> None:
    starts = [instant_ms(one.schedule.start_time if one.schedule else None) for one in (before, after)]
    if starts[0] != starts[1]:
        raise Invalid("Schedule.StartTime: the journey has started")
    if bool(before.local_time) != bool(after.local_time):
        raise Invalid("LocalTime: the journey has started")


def _check_kinds(after: WriteJourneyRequest, older: Iterable[WriteJourneyRequest]) -> None:
    """The figures of an activity are those of all versions: an id stands for one kind of activity."""
    known = _kinds(after)
    for one in older:
        for id, kinds in _kinds(one).items():
            if known.get(id, kinds) != kinds:
                raise Invalid(f"Activities.{id}: was another kind of activity in an older version; give it another id")


def _kinds(wanted: WriteJourneyRequest) -> dict[str, list[str]]:
    return {id: [name for name, _ in spec_of(one)] for id, one in (wanted.activities or {}).items()}
