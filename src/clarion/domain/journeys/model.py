"""The words of journeys: people on their way, what an activity decides about them, and what jobs say.

Walker   one participant in hand: where they are, since when, what they wait for
Verdict  what becomes of a walker at an activity: Go on, Stay, or Leave
Move     the record of it
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import msgspec

from clarion.shapes.pinpoint import Activity

JourneyState = Literal["DRAFT", "ACTIVE", "COMPLETED", "CANCELLED", "CLOSED", "PAUSED"]

WALKING: frozenset[str] = frozenset({"ACTIVE", "CLOSED"})
"""States in which people take steps."""

STEP = "journeys.step"
ERASE = "journeys.erase"

SHARDS = 3
"""Parts of a journey whose steps are prepared side by side; a journey that has to keep a rate has one."""

Waiting = Literal["", "wait", "until", "evaluate", "quiet", "pace", "event", "call", "redial"]
"""What somebody at an activity waits for: "" nothing, they arrive; a duration; a date; the evaluation of a split;
the end of quiet time; their turn at the journey's rate; an event; the outcome of a call; being called again."""

FROZEN: frozenset[str] = frozenset({"wait", "evaluate", "event", "call"})
"""Waits that a pause of the journey makes longer by as much."""


class Edge(NamedTuple):
    """A way out of an activity: the outcome that leads to it, and the next activity ("" ends the journey)."""

    outcome: str
    to: str


class Fault(NamedTuple):
    """Why a journey cannot be published, or (`advice`) what it should reconsider. `activity` "": the journey's own."""

    code: str
    activity: str
    text: str
    advice: bool = False


class Walker(msgspec.Struct, kw_only=True):
    """A participant inside a journey, in the hands of a step. Unix ms.

    `participant` is "u" + user id, or "e" + endpoint key. `entry` counts their entries into this journey from 1, `turn`
    all their moves in it: both name what they do, so that planning it again gives the same. `tries` counts what the
    activity has tried with them. `signal` is what an event told about them since ("" nothing): a `Told`, encoded.
    """

    seq: int = 0
    participant: str
    version: int
    run_id: str
    entry: int
    activity: str
    waiting: Waiting = ""
    arrived_ms: int = 0
    due_ms: int = 0
    turn: int = 0
    tries: int = 0
    shard: int = 0
    entered_ms: int = 0
    signal: str = ""

    @property
    def user_id(self) -> str:
        """ "" when an endpoint walks by itself."""
        return self.participant[1:] if self.participant[0] == "u" else ""

    @property
    def endpoint_key(self) -> str:
        """ "" when a user walks with all their endpoints."""
        return self.participant[1:] if self.participant[0] == "e" else ""


class Go(NamedTuple):
    """Move on to this activity ("" ends the journey); `detail` is what else is to be said of it."""

    to: str
    outcome: str
    detail: str = ""


class Stay(NamedTuple):
    """Wait here until then (Unix ms; None: until a signal). `outcome` is recorded unless it is "", with `detail`.

    `tries` is what the walker's shall be.
    """

    until_ms: int | None
    waiting: Waiting
    outcome: str = ""
    detail: str = ""
    tries: int = 0


class Leave(NamedTuple):
    """The journey ends here for them; `outcome` is the activity's word for it."""

    reason: str
    outcome: str = ""


Verdict = Go | Stay | Leave


class Move(NamedTuple):
    """One line of the record of journeys (`metrics.columnar`): what happened to somebody at an activity.

    `activity` is "" for entries and refusals to enter. `number` is 1, or how many people a line without `participant`
    stands for. Unix ms.
    """

    app_id: str
    journey_id: str
    run_id: str
    version: int
    participant: str
    entry: int
    turn: int
    activity: str
    outcome: str
    detail: str
    at_ms: int
    number: int = 1


ENTERED, LEFT = "ENDPOINT_ENTERED", "ENDPOINT_LEFT"
"""Outcomes of moves without activity: somebody came in, somebody is out (`detail`: why)."""


class StepJob(msgspec.Struct, kw_only=True):
    """Let the due people of a part of a journey take their steps."""

    version: int = 1
    app_id: str
    journey_id: str
    shard: int


class JourneyJob(msgspec.Struct, kw_only=True):
    """Something about a journey as a whole; `epoch` tells whether it is still wanted."""

    version: int = 1
    app_id: str
    journey_id: str
    epoch: int = 0


def step_key(journey_id: str, shard: int) -> str:
    """The key of the job of a part of a journey."""
    return f"step:{journey_id}:{shard}"


class Told(msgspec.Struct, array_like=True):
    """What an event told about somebody inside: that they leave (`activity` ""), or that the event which they await
    at an activity has come. `detail` names the event."""

    activity: str
    detail: str


encode_told = msgspec.json.Encoder().encode
decode_told = msgspec.json.Decoder(Told).decode


def spec_of(activity: Activity) -> list[tuple[str, Any]]:
    """The members of an activity that say what it does, by attribute; exactly one when it is well-formed."""
    members = ((name, getattr(activity, name)) for name in activity.__struct_fields__ if name != "description")
    return [(name, member) for name, member in members if member is not None]
