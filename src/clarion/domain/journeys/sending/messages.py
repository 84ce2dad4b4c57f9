"""Sending what message activities say: a group of people at once, through the gates and the outbox of all messages.

    endpoints ─→ hours (hold, or drop) ─→ pace (later) ─→ Messaging.prepare ─→ rows and events of the step

A user is sent to at all their endpoints of the activity's channel. Whatever becomes of the messages, the participant
goes on; only the end of quiet time, or their turn, is waited for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from clarion.core.clock import DAY_MS
from clarion.core.scope import Scope
from clarion.domain.apps.service import Apps
from clarion.domain.audience.model import Endpoint
from clarion.domain.events.asking.sent import Sent
from clarion.domain.events.figures import Figures
from clarion.domain.journeys.activities.port import Here
from clarion.domain.journeys.definition import defaults_of, rate_of
from clarion.domain.journeys.model import Go, Stay, Verdict, Walker
from clarion.domain.journeys.sending.caps import Allowance, Caps, caps_of, planned
from clarion.domain.journeys.sending.content import Contents, Spoken, channels_of, wire_of
from clarion.domain.journeys.sending.hold import Door
from clarion.domain.journeys.sending.pace import Pace
from clarion.domain.messaging.guardrails.frequency import Person
from clarion.domain.messaging.guardrails.service import Guardrails
from clarion.domain.messaging.model import CUSTOM, Facts, Occasion, Refusal, Send
from clarion.domain.messaging.service import Messaging, Prepared

HUNG_MS = 30_000
"""How long people wait when a custom channel does not keep up: nobody else shall."""

People = Mapping[str, Sequence[Endpoint]]


class Letter(NamedTuple):
    """Something for one endpoint, or the refusal that is settled already."""

    endpoint: Endpoint
    occasion: Occasion
    refusal: Refusal | None


class Sending:
    """`activities.port.Messages`."""

    def __init__(
        self, apps: Apps, contents: Contents, messaging: Messaging, guardrails: Guardrails, figures: Figures
    ) -> None:
        self._apps = apps
        self._contents = contents
        self._messaging = messaging
        self._guardrails = guardrails
        self._figures = figures

    def send(self, here: Here, group: Sequence[Walker]) -> Sequence[Verdict]:
        """See `Messages.send`."""
        kind = wire_of(here)
        if kind == CUSTOM and self._messaging.crowded((CUSTOM,)) is not None:
            return [Stay(here.now_ms + HUNG_MS, "pace") for _ in group]
        people = here.tools.people.endpoints(here.journey.app_id, group)
        spoken, send = self._contents.of(here), sending(here)
        desk = _Desk(here, spoken)
        verdicts = [desk.verdict(send, walker, people.get(walker.participant, ())) for walker in group]
        here.made.paced_ms = desk.pace.paced_ms
        here.made.events += desk.door.events
        for letters in _rounds(desk.letters):
            self._prepare(here, send, spoken, letters, people)
        return verdicts

    def _prepare(self, here: Here, send: Send, spoken: Spoken, letters: Sequence[Letter], people: People) -> None:
        made, row = here.made, here.journey
        endpoints = [letter.endpoint for letter in letters]
        settings = self._apps.settings(Scope(row.account, row.region), row.app_id)
        tally = self._guardrails.tally(settings, endpoints)
        allowance = self._allowance(here, people)
        if tally is not None or allowance is not None:
            for event in planned(made.events):
                if tally is not None:
                    tally.add(Person(event.endpoint_key, event.user_id), event.attributes["delivery_type"])
                if allowance is not None:
                    allowance.add(event.endpoint_key, 1)
        facts = Facts(
            occasions={letter.endpoint.key: letter.occasion for letter in letters},
            control_group=self._guardrails.control_group(settings, endpoints),
            frequency=tally,
            limit=allowance,
            decided={letter.endpoint.key: letter.refusal for letter in letters if letter.refusal is not None},
        )
        prepared: Prepared = self._messaging.prepare(send, spoken.contents, endpoints, facts, 0, spoken.enrich)
        made.rows += prepared.rows
        made.events += prepared.events

    def _allowance(self, here: Here, people: People) -> Allowance | None:
        """What the people of the group may still get; asks the record only when there is a limit."""
        caps = caps_of(here.wanted, defaults_of(here.journey.defaults))
        if not caps.any:
            return None
        owners = {one.key: participant for participant, endpoints in people.items() for one in endpoints}
        return Allowance(caps, self._sent(here, caps, sorted(owners)), owners)

    def _sent(self, here: Here, caps: Caps, keys: Sequence[str]) -> Mapping[str, Sent]:
        self._figures.catch_up()
        return self._figures.journey_sent(
            here.journey.app_id,
            here.journey.journey_id,
            keys,
            recent_ms=here.now_ms - DAY_MS,
            long_ms=here.now_ms - max(caps.days, 1) * DAY_MS,
            since_ms=caps.since_ms(here.now_ms),
        )


class _Desk:
    """Where a group is looked at one by one: who is sent something now, and who waits."""

    def __init__(self, here: Here, spoken: Spoken) -> None:
        self._here = here
        self._spoken = spoken
        self._wanted = channels_of(here.node.spec, wire_of(here))
        self._following = here.node.edges[0].to
        self.pace = Pace(rate_of(here.wanted), here.made.paced_ms, here.now_ms)
        self.door = Door(here)
        self.letters: list[Letter] = []

    def verdict(self, send: Send, walker: Walker, endpoints: Sequence[Endpoint]) -> Verdict:
        """What becomes of a walker; adds their letters when it is now."""
        name = _name(self._here, walker)
        wanted = [one for one in endpoints if one.channel_type in self._wanted]
        mine = [one for one in wanted if one.channel_type in self._spoken.contents]
        if not mine:
            self._tell_why(name, walker, wanted or endpoints[:1])
            return Go(self._following, "")
        opening = self.door.ask(send, walker, mine, name)
        if opening.until_ms is not None:
            return Stay(opening.until_ms, "quiet")
        refusals = {**opening.refusals, **_twice(mine)}
        turn_ms = self.pace.turn_ms(walker, len(mine) - len(refusals))
        if not self.pace.is_soon(turn_ms):
            return Stay(self.pace.back_ms(turn_ms), "pace")
        if len(mine) < len(wanted):
            self._tell_why(name, walker, [one for one in wanted if one.channel_type not in self._spoken.contents])
        occasion = Occasion(name, due_ms=turn_ms, run_id=walker.run_id)
        self.letters += [Letter(one, occasion, refusals.get(one.key)) for one in mine]
        return Go(self._following, "")

    def _tell_why(self, name: str, walker: Walker, endpoints: Sequence[Endpoint]) -> None:
        """Nothing is said to these."""
        occasion = Occasion(name, run_id=walker.run_id)
        self.letters += [Letter(one, occasion, self._silence(one)) for one in endpoints]

    def _silence(self, endpoint: Endpoint) -> Refusal:
        if endpoint.channel_type not in self._wanted:
            reason = f"there is no endpoint of type {' or '.join(sorted(self._wanted))}"
            return Refusal("channel", reason, "UNSUPPORTED_CHANNEL")
        if self._spoken.problem:
            return Refusal("content", self._spoken.problem, "FAILURE_PERMANENT")
        reason = f"the template has nothing for {endpoint.channel_type} endpoints, or that channel is not enabled"
        return Refusal("content", reason, "UNSUPPORTED_CHANNEL")


def sending(here: Here) -> Send:
    """What all messages of an activity share."""
    row = here.journey
    return Send(
        account=row.account,
        region=row.region,
        app_id=row.app_id,
        origin="journey",
        activity_id=here.node.id,
        activity_type=wire_of(here),  # type: ignore[arg-type]  # the wire's word for it
        journey_id=row.journey_id,
        treatment_id="",
        began_ms=here.now_ms,
    )


def _name(here: Here, walker: Walker) -> str:
    """What tells the one message of a visit from all others of the journey."""
    return f"{here.journey.journey_id}/{walker.participant}/{walker.entry}/{here.node.id}"


def _twice(endpoints: Sequence[Endpoint]) -> dict[str, Refusal]:
    """Endpoints of one user that lead to the same address as another of them."""
    found: dict[str, Refusal] = {}
    if len(endpoints) > 1:
        seen: set[tuple[str, str]] = set()
        for one in endpoints:
            place = one.channel_type, one.address.lower() if one.channel_type == "EMAIL" else one.address
            if place in seen and one.address:
                found[one.key] = Refusal("duplicate_address", "another endpoint of the user has the same address")
            seen.add(place)
    return found


def _rounds(letters: Sequence[Letter]) -> Iterator[list[Letter]]:
    """The letters in order, in parts in which no endpoint comes twice (as itself, and with its user)."""
    part: list[Letter] = []
    rest: list[Letter] = []
    seen: set[str] = set()
    for letter in letters:
        (rest if letter.endpoint.key in seen else part).append(letter)
        seen.add(letter.endpoint.key)
    if part:
        yield part
        yield from _rounds(rest)
