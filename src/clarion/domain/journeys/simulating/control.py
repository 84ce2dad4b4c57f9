"""The control API's calls that simulate a journey."""

from __future__ import annotations

from statistics import median
from typing import Annotated

import msgspec

from clarion.core.clock import HOUR_MS, iso_ms
from clarion.domain.journeys.simulating.service import MOST_DAYS, MOST_PEOPLE, Simulations
from clarion.domain.journeys.simulating.telling import Played
from clarion.shapes.pinpoint import WriteJourneyRequest
from clarion.wire.context import Context
from clarion.wire.control import ControlApi
from clarion.wire.keys import READERS

PATH = "/clarion/v1/apps/{ApplicationId}/journeys"

Days = Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS)]
People = Annotated[int, msgspec.Meta(ge=1, le=MOST_PEOPLE)]


class SimulateKeptRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """A journey that is there, as if it had begun `days` ago, with at most so many people."""

    application_id: str
    journey_id: str
    days: Days = 30
    maximum_people: People = 10_000


class SimulateRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """The same of a journey that is not there yet."""

    application_id: str
    journey: WriteJourneyRequest
    days: Days = 30
    maximum_people: People = 10_000


class SimulatedActivity(msgspec.Struct, kw_only=True, rename="pascal"):
    """How many people had which outcome at an activity, and how many would be there at the end."""

    activity_id: str
    outcomes: dict[str, int]
    still_there: int


class SimulatedMessages(msgspec.Struct, kw_only=True, rename="pascal"):
    """Messages of one day (ISO date, UTC), activity and channel."""

    date: str
    activity_id: str
    channel_type: str
    messages: int


class SimulatedResponse(msgspec.Struct, kw_only=True, rename="pascal"):
    """What was assumed: such a share of those who are sent an activity's message respond so, on average."""

    activity_id: str
    event_types: str
    rate: float


class Simulation(msgspec.Struct, kw_only=True, rename="pascal"):
    """What a journey would have done. Numbers are of all `people`, reckoned up from the `people_walked`."""

    start: str
    end: str
    people: int
    people_walked: int
    entries: int
    still_inside: int
    median_hours_inside: float | None
    left: dict[str, int]
    activities: list[SimulatedActivity]
    messages: list[SimulatedMessages]
    assumptions: list[SimulatedResponse]


class SimulationsControl:
    """Handlers of `simulation`."""

    def __init__(self, simulations: Simulations) -> None:
        self._simulations = simulations

    def add_to(self, control: ControlApi) -> None:
        """Add the routes."""
        path, text = f"{PATH}/{{JourneyId}}/simulation", "What a journey would have done in the last days."
        control.add("POST", path, SimulateKeptRequest, Simulation, self.simulate_journey, roles=READERS, summary=text)
        path, text = f"{PATH}/simulation", "What a journey that is not there yet would have done in the last days."
        control.add("POST", path, SimulateRequest, Simulation, self.simulate_draft, roles=READERS, summary=text)

    def simulate_journey(self, ctx: Context, request: SimulateKeptRequest) -> Simulation:
        most, where = request.maximum_people, (request.application_id, request.journey_id)
        return _shown(self._simulations.kept(ctx.scope, *where, request.days, most))

    def simulate_draft(self, ctx: Context, request: SimulateRequest) -> Simulation:
        most = request.maximum_people
        return _shown(self._simulations.play(ctx.scope, request.application_id, request.journey, request.days, most))


def _shown(played: Played) -> Simulation:
    told, share = played.told, played.share
    hours = [lasted_ms / HOUR_MS for lasted_ms in told.lasted_ms]

    def all_of(number: int) -> int:
        return round(number * share)

    return Simulation(
        start=iso_ms(played.since_ms),
        end=iso_ms(played.until_ms),
        people=played.people,
        people_walked=played.walked,
        entries=all_of(told.entries),
        still_inside=all_of(sum(played.inside.values())),
        median_hours_inside=round(median(hours), 2) if hours else None,
        left={reason: all_of(number) for reason, number in told.left.most_common()},
        activities=[
            SimulatedActivity(
                activity_id=activity,
                outcomes={name: all_of(number) for name, number in sorted(told.outcomes.get(activity, {}).items())},
                still_there=all_of(played.inside.get(activity, 0)),
            )
            for activity in played.order
            if activity in told.outcomes or activity in played.inside
        ],
        messages=[
            SimulatedMessages(date=date, activity_id=activity, channel_type=channel, messages=all_of(number))
            for (date, activity, channel), number in sorted(told.messages.items())
        ],
        assumptions=[
            SimulatedResponse(activity_id=one.activity, event_types=one.asked, rate=round(one.rate, 4))
            for one in played.assumptions
        ],
    )
