"""The simulation finds what would lose or double somebody: each of these mistakes is seen within some seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from clarion.domain.journeys import store
from clarion.domain.journeys.entry import entering
from clarion.domain.journeys.lifecycle import Lifecycle
from clarion.domain.journeys.metrics import record
from clarion.domain.journeys.sending.caps import Allowance
from clarion.domain.journeys.sending.hours import Free, Hours
from clarion.domain.journeys.walking import steps
from clarion.domain.journeys.walking.walk import Walk
from clarion.domain.messaging import outbox
from clarion.engine.jobs import LeasedJob
from tests.domain.journeys.simulation.simulation import run

MOST = 150

Mistake = Callable[[pytest.MonkeyPatch], None]


def _moves_are_lost(patch: pytest.MonkeyPatch) -> None:
    kept = record.append
    patch.setattr(record, "append", lambda connection, moves: kept(connection, moves[:-1] or moves))


def _the_numbers_are_not_kept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(store, "moved", lambda *given, **named: None)


def _a_step_does_not_come_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(steps.Steps, "_again", lambda self, connection, args: None)


def _two_may_finish_a_job(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(LeasedJob, "finish", lambda self, connection: None)


def _a_resumed_journey_stands_still(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Lifecycle, "_walk", lambda self, connection, row: None)


def _planning_again_sends_again(patch: pytest.MonkeyPatch) -> None:
    number = iter(range(1_000_000))
    kept = outbox.add
    patch.setattr(
        outbox,
        "add",
        lambda database, connection, rows: kept(
            database, connection, [row._replace(message_id=f"{row.message_id[:24]}{next(number):08}") for row in rows]
        ),
    )


def _people_enter_while_they_are_inside(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(entering.participants, "standings", lambda *given: {})


def _everybody_goes_the_first_way(patch: pytest.MonkeyPatch) -> None:
    kept = Walk._apply

    def apply(self: Any, walker: Any, verdict: Any) -> None:
        kept(self, walker, verdict._replace(to="") if hasattr(verdict, "to") else verdict)

    patch.setattr(Walk, "_apply", apply)


def _caps_are_not_kept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Allowance, "over", lambda self, endpoint_key: None)


def _quiet_time_is_not_kept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Hours, "free_at", lambda self, channel, zones, now_ms: Free(now_ms))


@pytest.mark.parametrize(
    "mistake",
    [
        _moves_are_lost,
        _the_numbers_are_not_kept,
        _a_step_does_not_come_again,
        _two_may_finish_a_job,
        _a_resumed_journey_stands_still,
        _planning_again_sends_again,
        _people_enter_while_they_are_inside,
        _everybody_goes_the_first_way,
        _caps_are_not_kept,
        _quiet_time_is_not_kept,
    ],
)
def test_a_mistake_is_found(mistake: Mistake, monkeypatch: pytest.MonkeyPatch) -> None:
    mistake(monkeypatch)
    assert next(_failing(), None) is not None


def _failing() -> Iterator[int]:
    return (seed for seed in range(MOST) if run(seed).wrong)
