"""Calls: who is called at which number, how patient we are, and what calls are known by. Pure.

A dial request is good for three minutes, as Amazon Connect has it; the other times are ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b

from clarion.channels.calls.port import Dial
from clarion.domain.audience.model import Endpoint
from clarion.domain.journeys.activities.port import Here
from clarion.domain.journeys.model import Walker
from clarion.shapes.pinpoint import EventCondition, EventDimensions, SetDimension, SimpleCondition

MINUTE_MS = 60_000
EXPIRES_MS = 3 * MINUTE_MS
CHECK_MS, MOST_CHECKS = 5 * MINUTE_MS, 12
"""How often the outcome of a call is looked for, and how many times."""
REDIAL_MS, MOST_DIALS = 5 * MINUTE_MS, 3
"""When somebody is dialled again whom the contact center did not take, and how many times in all."""

RESULT = "contact_center.disposition"
"""The event by which a contact center tells the outcome of a call."""

_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)


def number_of(endpoints: Sequence[Endpoint]) -> Endpoint | None:
    """The endpoint at which somebody is called: of those with a number to call, the one that was changed last."""
    callable_ones = [
        one
        for one in endpoints
        if one.channel_type == "VOICE" and one.opt_out != "ALL" and _E164.fullmatch(one.address)
    ]
    return max(callable_ones, key=lambda one: (one.status == "ACTIVE", one.effective_ms, one.key), default=None)


def dial(here: Here, walker: Walker, endpoint: Endpoint) -> Dial:
    """The call that somebody gets at an activity: the same one, however often it is asked for."""
    visit = f"{walker.participant}\0{walker.entry}\0{here.node.id}\0{endpoint.address}".encode()
    told = {
        "application_id": here.journey.app_id,
        "journey_id": here.journey.journey_id,
        "journey_run_id": walker.run_id,
        "journey_activity_id": here.node.id,
        "endpoint_id": endpoint.id,
        "user_id": endpoint.user_id,
    }
    return Dial(
        token=f"{here.journey.journey_id}-{blake2b(visit, digest_size=16, person=b'clarion-dial').hexdigest()}",
        number=endpoint.address,
        expires_ms=here.now_ms + EXPIRES_MS,
        attributes={name: value for name, value in told.items() if value},
    )


def result(activity: str) -> SimpleCondition:
    """That the outcome of a call of this activity is known."""
    wanted = EventDimensions(event_type=SetDimension(dimension_type="INCLUSIVE", values=[RESULT]))
    return SimpleCondition(event_condition=EventCondition(dimensions=wanted, message_activity=activity))
