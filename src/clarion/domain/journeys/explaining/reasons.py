"""Reasons in words, from what is known of a journey and of somebody who is not where they are looked for. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from clarion.core.clock import iso_ms
from clarion.domain.audience.model import Endpoint, Outline
from clarion.domain.journeys.definition import Route, is_event_started
from clarion.domain.journeys.drawing.words import Words
from clarion.domain.journeys.entry import model as words
from clarion.domain.journeys.entry.admission import Terms, fault_of
from clarion.domain.journeys.explaining.path import Parting, leads_to, parting
from clarion.domain.journeys.lifecycle import CANCELLED
from clarion.domain.journeys.model import ENTERED, LEFT, Move, Waiting
from clarion.domain.journeys.participants import NEVER_MS, Standing
from clarion.domain.journeys.store import JourneyRow

WAITS: Mapping[Waiting, str] = {
    "": "their step is due",
    "wait": "they wait",
    "until": "they wait",
    "evaluate": "they wait for the evaluation of the split",
    "quiet": "they wait for the end of quiet time",
    "pace": "they wait for their turn at the journey's rate",
    "event": "they wait for an event",
    "call": "they wait for the outcome of a call",
    "redial": "they wait to be called again",
}

_FAULTS = {
    words.NO_CHANNEL: "has no channel",
    words.NO_ADDRESS: "has no address",
    words.OPT_OUT: "has opted out",
    words.INACTIVE: "is inactive",
    words.NO_ZONE: "has no time zone",
    words.OTHER_ZONE: "is in a time zone whose turn it was not",
}


def of_state(row: JourneyRow, wanted: Route, now_ms: int) -> Iterator[str]:
    """Why nobody at all enters now."""
    if row.state == "DRAFT":
        yield "the journey is a DRAFT: nobody enters before it is published"
    elif row.state == "PAUSED":
        yield "the journey is PAUSED: nobody enters until it is resumed"
    elif row.state == "CANCELLED":
        yield "the journey is CANCELLED"
    elif row.state in ("CLOSED", "COMPLETED"):
        ended = row.end_ms is not None and row.end_ms <= now_ms
        why = "its end has passed" if ended else "its start has passed, and it is not refreshed"
        yield f"the journey is {row.state}: {why}"
    elif row.start_ms is not None and row.start_ms > now_ms:
        yield f"the journey starts at {iso_ms(row.start_ms)}"
    elif is_event_started(wanted.wanted):
        yield f"the journey is entered by {Words().entry(wanted.wanted.start_condition)}"


def of_runs(ahead_ms: Sequence[int]) -> Iterator[str]:
    """When somebody enters whom nothing keeps out; `ahead_ms`: the runs that are planned, Unix ms."""
    yield f"nothing keeps them out: members enter at {iso_ms(min(ahead_ms))}" if ahead_ms else "nothing keeps them out"


def of_record(moves: Sequence[Move]) -> Iterator[str]:
    """Refusals to enter that were recorded."""
    for move in moves:
        if not move.activity and move.outcome not in (ENTERED, LEFT):
            what = _FAULTS.get(move.outcome, move.outcome)
            yield f"not let in at {iso_ms(move.at_ms)}: endpoint {move.participant[1:]} {what}"


def of_endpoints(endpoints: Sequence[Endpoint], who: str) -> Iterator[str]:
    """Why the endpoints that there are let nobody in."""
    if not endpoints:
        yield f"there is no {who}"
    for one in endpoints:
        if fault := fault_of(_outline(one)):
            yield f"endpoint {one.id} {_FAULTS[fault]}"


def of_terms(standings: Sequence[Standing], terms: Terms, entered: int, now_ms: int) -> Iterator[str]:
    """Why somebody who was there before may not enter again now, or nobody new."""
    for one in standings:
        if one.left_ms is not None and now_ms < one.left_ms + terms.interval_ms:
            yield f"they left at {iso_ms(one.left_ms)} and may enter again at {iso_ms(one.left_ms + terms.interval_ms)}"
    entries = sum(one.entry for one in standings)
    if terms.cap and entries >= terms.cap:
        yield f"they have entered {entries} time(s), and may do so {terms.cap} time(s)"
    if terms.most and entered >= terms.most:
        yield f"the journey has had {entered} entries, and may have {terms.most}"


def of_activity(route: Route, standing: Standing, moves: Sequence[Move], activity: str) -> Iterator[str]:
    """Why somebody who entered has not come to an activity; `moves` are those of their latest entry."""
    graph = route.graph
    if graph.get(activity) is None:
        yield f"version {standing.version} of the journey, which they walk, has no activity {activity}"
        return
    if activity not in graph.reachable:
        yield f"nothing leads to {activity}"
        return
    parted = parting(graph, moves, activity)
    if parted is not None:
        yield _parted(parted, activity)
    elif standing.inside and leads_to(graph, standing.activity, activity):
        yield f"they are not that far: {where(standing)}"
        return
    if not standing.inside:
        yield left(standing)


def where(standing: Standing) -> str:
    """Where somebody inside is, and what they wait for."""
    waits = WAITS.get(standing.waiting, standing.waiting)  # type: ignore[call-overload]
    until = "" if standing.due_ms >= NEVER_MS or not standing.waiting else f" until {iso_ms(standing.due_ms)}"
    return f"at {standing.activity} since {iso_ms(standing.arrived_ms)}, {waits}{until}"


def left(standing: Standing) -> str:
    """How somebody left."""
    at = "" if standing.left_ms is None else f" at {iso_ms(standing.left_ms)}"
    why = "the journey was cancelled" if standing.reason == CANCELLED else standing.reason
    place = f" from {standing.activity}" if standing.activity else ""
    return f"they left{place}{at}: {why}"


def _outline(one: Endpoint) -> Outline:
    return Outline(one.channel_type, one.address, one.user_id, one.opt_out, one.status)


def _parted(parted: Parting, activity: str) -> str:
    node, said = parted.node, Words()
    labels = {edge.outcome: said.label(node, edge) for edge in node.edges}
    taken = _named(parted.outcome, labels)
    behind = " or ".join(_named(edge.outcome, labels) for edge in parted.ways) or "another way"
    return f"at {node.id} they took {taken} at {iso_ms(parted.at_ms)}; {activity} is behind {behind}"


def _named(outcome: str, labels: Mapping[str, str]) -> str:
    label = labels.get(outcome, "")
    return f"{outcome} ({label})" if label else outcome
