"""How many messages somebody inside may get."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clarion.core.clock import DAY_MS
from clarion.domain.events.asking.sent import Sent
from clarion.domain.journeys.definition import Defaults
from clarion.domain.journeys.sending.caps import Allowance, Caps, caps_of
from clarion.shapes.pinpoint import WriteJourneyRequest

NOW = 1_700_000_000_000
FRAME, NO_FRAME = {"Cap": 3, "Days": 7}, {"Cap": 0, "Days": 7}


@pytest.mark.parametrize(
    ("limits", "project", "daily", "expected"),
    [
        ({}, {}, 0, Caps()),
        ({"DailyCap": 2}, {}, 0, Caps(daily=2)),
        ({"DailyCap": 2}, {"DailyCap": 3}, 4, Caps(daily=2)),
        ({"DailyCap": 0}, {"DailyCap": 3}, 4, Caps(daily_journeys=3)),
        ({}, {"DailyCap": 3}, 4, Caps(daily_journeys=3)),
        ({}, {"DailyCap": 0}, 4, Caps(daily_app=4)),
        ({"TotalCap": 5}, {"TotalCap": 6}, 0, Caps(total=5)),
        ({}, {"TotalCap": 6}, 0, Caps(total=6)),
        ({"TotalCap": 0}, {"TotalCap": 6}, 0, Caps()),
        ({"TimeframeCap": FRAME}, {"TimeframeCap": {"Cap": 9, "Days": 9}}, 0, Caps(timeframe=3, days=7)),
        ({}, {"TimeframeCap": FRAME}, 0, Caps(timeframe=3, days=7)),
        ({"TimeframeCap": NO_FRAME}, {"TimeframeCap": FRAME}, 0, Caps()),
        ({"TimeframeCap": {"Cap": 3, "Days": 0}}, {}, 0, Caps()),
    ],
)
def test_the_journeys_own_limits_come_before_the_projects(
    limits: dict[str, Any], project: dict[str, Any], daily: int, expected: Caps
) -> None:
    wanted = msgspec.convert({"Name": "j", "Limits": limits}, WriteJourneyRequest)
    told = {"journey_limits": project, "limits": {"Daily": daily}}
    caps = caps_of(wanted, msgspec.convert(told, Defaults))
    assert caps == expected
    assert caps.any == (expected != Caps())


@pytest.mark.parametrize(
    ("caps", "days"),
    [(Caps(daily=1), 1), (Caps(timeframe=1, days=7), 7), (Caps(timeframe=1, days=1, daily=1), 1)],
)
def test_how_far_back_is_looked(caps: Caps, days: int) -> None:
    assert caps.since_ms(NOW) == NOW - days * DAY_MS
    assert caps._replace(total=1).since_ms(NOW) == 0


@pytest.mark.parametrize(
    ("caps", "sent", "gate"),
    [
        (Caps(daily=2), Sent(recent=1, total=9, journeys_recent=9, journeys_long=9, app_recent=9), ""),
        (Caps(daily=2), Sent(recent=2), "daily_cap"),
        (Caps(daily_journeys=2), Sent(journeys_recent=2), "daily_cap"),
        (Caps(daily_journeys=2), Sent(journeys_recent=1, app_recent=5), ""),
        (Caps(daily_app=2), Sent(app_recent=2), "daily_cap"),
        (Caps(total=2), Sent(total=1, journeys_long=5), ""),
        (Caps(total=2), Sent(total=2), "total_cap"),
        (Caps(timeframe=2, days=3), Sent(journeys_long=2), "timeframe_cap"),
        (Caps(timeframe=2, days=3), Sent(journeys_long=1, total=9), ""),
    ],
)
def test_each_cap_counts_its_own(caps: Caps, sent: Sent, gate: str) -> None:
    refused = Allowance(caps, {"lea": sent}, {"lea": "elea"}).over("lea")
    assert (refused.gate if refused else "") == gate
    assert refused is None or refused.status == "DAILY_CAP"


@pytest.mark.parametrize("caps", [Caps(daily=2), Caps(daily_journeys=2), Caps(daily_app=2), Caps(total=2)])
def test_what_is_planned_counts_and_can_be_taken_back(caps: Caps) -> None:
    allowance = Allowance(caps, {}, {"lea": "elea", "jon": "ejon"})
    for expected in (False, False, True):
        assert (allowance.over("lea") is not None) == expected
        allowance.add("lea", 1)
    assert allowance.over("jon") is None
    allowance.add("lea", -2)
    assert allowance.over("lea") is None


def test_a_users_day_is_one_for_all_their_endpoints() -> None:
    sent = {"a": Sent(recent=1), "b": Sent(recent=1)}
    owners = {"a": "u1", "b": "u1", "c": "u1", "d": "u2"}
    allowance = Allowance(Caps(daily=3), sent, owners)
    assert allowance.over("c") is None
    allowance.add("c", 1)
    assert [allowance.over(key) is None for key in "abcd"] == [False, False, False, True]
    assert Allowance(Caps(total=1), sent, owners).over("c") is None
