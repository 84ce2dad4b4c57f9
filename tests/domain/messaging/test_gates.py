"""The gates: who is refused, by which gate, with which of Pinpoint's words, and in which order."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clarion.core.clock import parse_iso, to_ms
from clarion.domain.audience.model import Demographic, Endpoint
from clarion.domain.messaging.gates import DIRECT_GATES, GATES, refusal
from clarion.domain.messaging.guardrails.frequency import Rule, Tally
from clarion.domain.messaging.model import Caps, Counts, Facts, Send
from clarion.shapes.pinpoint import QuietTime

NOW = to_ms(parse_iso("2027-03-04T21:30:00Z"))
SEND = Send(
    account="1",
    region="r",
    app_id="a",
    origin="campaign",
    channels=frozenset({"EMAIL"}),
    began_ms=NOW,
)
LEA = Endpoint(id="Lea", channel_type="EMAIL", address="lea@example.com", cohort=42)
BERLIN = Demographic(timezone="Europe/Berlin")
NIGHT = QuietTime(start="22:00", end="06:00")


def asked(
    send: dict[str, Any] | None = None,
    endpoint: dict[str, Any] | None = None,
    facts: dict[str, Any] | None = None,
    due_ms: int = NOW,
    gates: Any = GATES,
) -> tuple[str, str | None] | None:
    """Gate and status of the refusal, if any."""
    said = refusal(
        gates,
        msgspec.structs.replace(SEND, **send or {}),
        msgspec.structs.replace(LEA, **endpoint or {}),
        Facts(**facts or {}),
        due_ms,
    )
    if said is not None:
        assert said.reason
    return None if said is None else (said.gate, said.status)


def counted(**counts: int) -> dict[str, Any]:
    return {"counts": {"lea": Counts(**counts)}}


CASES: list[tuple[str, dict[str, Any], tuple[str, str | None] | None]] = [
    ("nothing in the way", {}, None),
    ("no channel", {"endpoint": {"channel_type": ""}}, ("channel", None)),
    ("another channel", {"endpoint": {"channel_type": "SMS"}}, ("content", None)),
    ("nothing to send at all", {"send": {"channels": frozenset()}}, ("content", None)),
    ("no zone in a local run", {"send": {"zone_fault": "missing"}}, ("time_zone", None)),
    ("local time over", {"send": {"zone_fault": "past"}}, ("turn", None)),
    ("no address", {"endpoint": {"address": ""}}, ("address", None)),
    ("inactive", {"endpoint": {"status": "INACTIVE"}}, ("status", None)),
    ("opted out", {"endpoint": {"opt_out": "ALL"}}, ("opt_out", None)),
    ("address twice", {"facts": {"duplicates": frozenset({"lea"})}}, ("duplicate_address", "DUPLICATE_ADDRESS")),
    ("somebody else twice", {"facts": {"duplicates": frozenset({"max"})}}, None),
    ("held out", {"send": {"holdout": frozenset({41, 42})}}, ("holdout", "HOLDOUT")),
    ("in another cohort", {"send": {"holdout": frozenset({41, 43})}}, None),
    ("total used up", {"send": {"caps": Caps(total=3)}, "facts": counted(total=3)}, ("campaign_cap", "CAMPAIGN_CAP")),
    ("total not used up", {"send": {"caps": Caps(total=3)}, "facts": counted(total=2)}, None),
    ("day used up", {"send": {"caps": Caps(daily=1)}, "facts": counted(daily=1)}, ("daily_cap", "DAILY_CAP")),
    ("project's day", {"send": {"caps": Caps(app_daily=2)}, "facts": counted(app_daily=2)}, ("daily_cap", "DAILY_CAP")),
    ("0 is no limit", {"facts": counted(app_daily=99, daily=99, total=99)}, None),
    ("never sent to before", {"send": {"caps": Caps(1, 1, 1)}}, None),
    (
        "in the control group, before being held out",
        {"send": {"holdout": frozenset({42})}, "facts": {"control_group": frozenset({"lea"})}},
        ("control_group", "HOLDOUT"),
    ),
    (
        "used up by everything of the project",
        {"facts": {"frequency": Tally([Rule(2, 24)], {(0, "endpoint/lea"): 2})}},
        ("frequency_cap", "DAILY_CAP"),
    ),
    ("not used up by it", {"facts": {"frequency": Tally([Rule(2, 24)], {(0, "endpoint/lea"): 1})}}, None),
    (
        "the custom way is a channel of its own",
        {
            "send": {"custom": frozenset({"EMAIL"})},
            "facts": {"frequency": Tally([Rule(1, 24, frozenset({"EMAIL"}))], {(0, "endpoint/lea"): 1})},
        },
        None,
    ),
    ("due at the deadline", {"send": {"deadline_ms": NOW}}, None),
    ("due after the deadline", {"send": {"deadline_ms": NOW}, "due_ms": NOW + 1}, ("expiry", "EXPIRED")),
    (
        "quiet in Berlin: 22:30",
        {"send": {"quiet_time": NIGHT}, "endpoint": {"demographic": BERLIN}},
        ("quiet_time", "QUIET_TIME"),
    ),
    (
        "no longer quiet when it is due",
        {"send": {"quiet_time": NIGHT}, "endpoint": {"demographic": BERLIN}, "due_ms": NOW + 8 * 3_600_000},
        None,
    ),
    ("nobody knows where", {"send": {"quiet_time": NIGHT}}, None),
    ("no such zone", {"send": {"quiet_time": NIGHT}, "endpoint": {"demographic": Demographic(timezone="X/Y")}}, None),
    (
        "an inactive one who opted out: the earlier gate",
        {"endpoint": {"status": "INACTIVE", "opt_out": "ALL"}},
        ("status", None),
    ),
    (
        "silent gates before those that write a status",
        {"endpoint": {"opt_out": "ALL"}, "send": {"holdout": frozenset({42})}},
        ("opt_out", None),
    ),
]


@pytest.mark.parametrize(("situation", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_campaign_s_recipient(situation: dict[str, Any], expected: tuple[str, str | None] | None) -> None:
    assert asked(**situation) == expected


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ({}, None),
        ({"address": ""}, ("address", None)),
        ({"status": "INACTIVE"}, ("status", None)),
        ({"opt_out": "ALL"}, ("opt_out", None)),
    ],
)
def test_a_direct_message_asks_less(endpoint: dict[str, Any], expected: tuple[str, str | None] | None) -> None:
    assert asked({"holdout": frozenset({42}), "deadline_ms": 0}, endpoint, gates=DIRECT_GATES) == expected


def test_a_refusal_carries_the_name_of_its_gate() -> None:
    names = {gate.__name__ for gate in GATES}
    refused = [asked(**situation) for _, situation, expected in CASES if expected is not None]
    assert {said[0] for said in refused if said} == names
