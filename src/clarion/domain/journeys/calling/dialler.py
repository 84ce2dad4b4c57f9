"""The calls of a contact center activity.

    arrives ─→ quiet hours ("quiet") ─→ would still come here? ─→ dialled ─→ queued ("call") ─→ outcome ─→ goes on
                                          └→ no: DROPPED             └→ not taken: once more ("redial"), or goes on

The contact center is asked while the step is prepared, before anything is committed: a step that is done again asks for
the same calls by the same tokens. The outcome comes as an event; it is looked for every few minutes, in a test once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from clarion.channels.calls.port import DIALS, CalloutFailed, Refused, parts
from clarion.channels.calls.service import Callout
from clarion.domain.audience.model import Endpoint
from clarion.domain.journeys.activities.port import Here
from clarion.domain.journeys.calling import telling
from clarion.domain.journeys.calling.model import (
    CHECK_MS,
    MOST_CHECKS,
    MOST_DIALS,
    REDIAL_MS,
    dial,
    number_of,
    result,
)
from clarion.domain.journeys.calling.qualifying import astray
from clarion.domain.journeys.definition import defaults_of
from clarion.domain.journeys.model import Go, Leave, Stay, Verdict, Walker
from clarion.domain.journeys.sending.hours import Hours
from clarion.domain.journeys.sending.zones import zones_of

QUEUED, STARTED, FINISHED = "CALL_QUEUED", "WAIT_STARTED", "WAIT_FINISHED"
CONTINUED, TIMEOUT, FAILED = "CONTINUE_WAITING", "TIMEOUT", "DIAL_FAILURE"
DROPPED, HELD, QUIET = "DROPPED", "WAIT_FOR_QUIET_HOURS", "QUIET_TIME"

NO_NUMBER = "no VOICE endpoint with a number like +12025550123"


class Callee(NamedTuple):
    """Somebody and where they are called."""

    walker: Walker
    endpoint: Endpoint


class Calling:
    """`activities.port.Dialler`."""

    def __init__(self, callouts: Callout) -> None:
        self._callouts = callouts

    def call(self, here: Here, group: Sequence[Walker]) -> Sequence[Verdict]:
        """See `Dialler.call`."""
        verdicts = self._awaited(here, [walker for walker in group if walker.waiting == "call"])
        verdicts |= self._called(here, [walker for walker in group if walker.waiting != "call"])
        return [verdicts[walker.participant] for walker in group]

    def _awaited(self, here: Here, group: Sequence[Walker]) -> dict[str, Verdict]:
        """What becomes of those who wait for the outcome of their call."""
        following = here.node.edges[0].to
        until_ms = here.now_ms + CHECK_MS
        verdicts: dict[str, Verdict] = {}
        asked = [walker for walker in group if walker.tries]
        ended = self._ended(here, asked)
        for walker in group:
            if not walker.tries:
                verdicts[walker.participant] = Stay(until_ms, "call", STARTED, tries=1)
            elif walker.participant in ended:
                verdicts[walker.participant] = Go(following, FINISHED)
            elif walker.tries >= (1 if here.journey.test_of else MOST_CHECKS):
                verdicts[walker.participant] = Go(following, TIMEOUT)
            else:
                verdicts[walker.participant] = Stay(until_ms, "call", CONTINUED, tries=walker.tries + 1)
        return verdicts

    def _ended(self, here: Here, group: Sequence[Walker]) -> frozenset[str]:
        if not group:
            return frozenset()
        (found,) = here.tools.conditions.holds(here, [result(here.node.id)], group)
        return found or frozenset()

    def _called(self, here: Here, group: Sequence[Walker]) -> dict[str, Verdict]:
        """What becomes of those who come to be called."""
        following = here.node.edges[0].to
        people = here.tools.people.endpoints(here.journey.app_id, group) if group else {}
        callees = {
            walker.participant: Callee(walker, endpoint)
            for walker in group
            if (endpoint := number_of(people.get(walker.participant, ()))) is not None
        }
        verdicts = _held(here, callees.values())
        asked = [walker for walker in group if walker.participant not in verdicts]
        lost = astray(here, asked) if asked else {}
        now = []
        for walker in asked:
            name = walker.participant
            if name in lost:
                verdicts[name] = Leave(lost[name], DROPPED)
            elif name not in callees:
                verdicts[name] = Go(following, FAILED, NO_NUMBER)
            else:
                now.append(callees[name])
        refused = self._dialled(here, now)
        for walker, endpoint in now:
            verdicts[walker.participant] = _asked(here, walker, endpoint, refused.get(walker.participant))
        return verdicts

    def _dialled(self, here: Here, callees: Sequence[Callee]) -> Mapping[str, Refused]:
        """Ask for the calls; answers whom the contact center does not take, by participant."""
        settings = here.wanted.journey_channel_settings
        center = (settings.connect_campaign_arn if settings else None) or ""
        role = (settings.connect_campaign_execution_role_arn if settings else None) or ""
        if not center:
            return {walker.participant: Refused("there is no contact center", True) for walker, _ in callees}
        batches = parts([(walker.participant, dial(here, walker, endpoint)) for walker, endpoint in callees], DIALS)
        calls = [partial(self._callouts.dial, center, role, [one for _, one in batch]) for batch in batches]
        # Whoever does not answer the first is not waited for again by everybody else.
        answers = self._callouts.batch(calls[:1])
        is_away = any(isinstance(one, CalloutFailed) and not one.final for one in answers)
        answers += answers * (len(calls) - 1) if is_away else self._callouts.batch(calls[1:])
        refused: dict[str, Refused] = {}
        for batch, answer in zip(batches, answers, strict=True):
            if isinstance(answer, CalloutFailed):
                refused |= {name: Refused(answer.reason, answer.final) for name, _ in batch}
            else:
                refused |= {name: answer[one.token] for name, one in batch if one.token in answer}
        return refused


def _held(here: Here, callees: Iterable[Callee]) -> dict[str, Verdict]:
    """What becomes of those who may not be called now: they wait for it, or go on without."""
    hours = Hours.of(here.wanted, defaults_of(here.journey.defaults).quiet_time)
    if not hours.any:
        return {}
    methods = tuple(here.wanted.timezone_estimation_methods or ())
    verdicts: dict[str, Verdict] = {}
    for walker, endpoint in callees:
        free = hours.free_at("VOICE", zones_of(endpoint, methods).zones, here.now_ms)
        if free.at_ms == here.now_ms:
            if walker.waiting == "quiet":
                here.made.events.append(telling.told(here, walker, endpoint, telling.RELEASED))
        elif free.at_ms is not None and here.wanted.wait_for_quiet_time:
            outcome = "" if walker.waiting == "quiet" else HELD
            verdicts[walker.participant] = Stay(free.at_ms, "quiet", outcome, tries=walker.tries)
        else:
            result = telling.NO_ZONE if free.zone_missing else telling.QUIET
            gate = "time_zone" if free.zone_missing else "quiet_time"
            here.made.events.append(telling.told(here, walker, endpoint, result, gate, free.why))
            verdicts[walker.participant] = Go(here.node.edges[0].to, QUIET, free.why)
    return verdicts


def _asked(here: Here, walker: Walker, endpoint: Endpoint, refused: Refused | None) -> Verdict:
    """What becomes of somebody of whom the contact center was told."""
    if refused is None:
        here.made.events.append(telling.told(here, walker, endpoint, telling.SUCCESS))
        return Stay(here.now_ms, "call", QUEUED)
    again = not refused.final and not here.journey.test_of and walker.tries + 1 < MOST_DIALS
    result = telling.REFUSED if refused.final else telling.LATER
    here.made.events.append(telling.told(here, walker, endpoint, result, "channel", refused.reason))
    if again:
        return Stay(here.now_ms + REDIAL_MS, "redial", FAILED, refused.reason, walker.tries + 1)
    return Go(here.node.edges[0].to, FAILED, refused.reason)
