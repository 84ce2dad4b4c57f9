"""A group of people at a message activity, in memory: who is sent what, who waits, what is refused at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest

from clarion.core.clock import HOUR_MS
from clarion.domain.audience.model import Demographic, Endpoint
from clarion.domain.events.asking.sent import Sent
from clarion.domain.events.model import PLANNED
from clarion.domain.events.produced import Subject, planned
from clarion.domain.journeys.activities.port import Here, Made, Tools
from clarion.domain.journeys.definition import Defaults, encode, route
from clarion.domain.journeys.model import Go, Stay, Verdict, Walker
from clarion.domain.journeys.sending.content import Spoken
from clarion.domain.journeys.sending.messages import HUNG_MS, Sending
from clarion.domain.messaging.content import Content
from clarion.domain.messaging.model import Facts, LaneName, Send
from clarion.domain.messaging.service import Prepared
from clarion.shapes.pinpoint import ApplicationSettingsResource, WriteJourneyRequest
from tests.domain.journeys.walking.test_walk import JOURNEY

NOON = 1_800_000_000_000 // 86_400_000 * 86_400_000 + 12 * HOUR_MS
"""A day at 12:00 UTC."""
SECOND_MS = 1_000
QUIET = {"QuietTime": {"Start": "11:00", "End": "12:59"}}
NOBODY: Any = None
SOMETHING: Any = object()
ON = Go("next", "")


class Fakes:
    """All that `Sending` asks, and what it handed over."""

    def __init__(self, **sent: Sent) -> None:
        self.people: dict[str, list[Endpoint]] = {}
        self.spoken = Spoken(contents={"EMAIL": SOMETHING})
        self.sent = sent
        self.asked: list[list[str]] = []
        self.full: frozenset[str] = frozenset()
        self.prepared: list[tuple[Send, list[Endpoint], Facts]] = []
        self.sending = Sending(*([self] * 5))  # type: ignore[arg-type]

    # people and contents
    def endpoints(self, app_id: str, group: Sequence[Walker]) -> Mapping[str, Sequence[Endpoint]]:
        return {one.participant: self.people[one.participant] for one in group if one.participant in self.people}

    def of(self, here: Here) -> Spoken:
        return self.spoken

    # project, guardrails and figures
    def settings(self, scope: object, app_id: str) -> ApplicationSettingsResource:
        return ApplicationSettingsResource(application_id=app_id)

    def tally(self, settings: object, endpoints: object) -> None:
        return None

    def control_group(self, settings: object, endpoints: object) -> frozenset[str]:
        return frozenset()

    def catch_up(self) -> None:
        self.asked.append([])

    def journey_sent(self, app_id: str, journey_id: str, keys: Sequence[str], **times: int) -> dict[str, Sent]:
        self.asked[-1] = list(keys)
        return self.sent

    # messaging
    def crowded(self, lanes: Sequence[LaneName]) -> LaneName | None:
        return next((lane for lane in lanes if lane in self.full), None)

    def prepare(
        self, send: Send, contents: Mapping[str, Content], endpoints: list[Endpoint], facts: Facts, *_: object
    ) -> Prepared:
        self.prepared.append((send, endpoints, facts))
        going = [one for one in endpoints if one.key not in facts.decided]
        if facts.limit is not None:
            allowed = [one for one in going if facts.limit.over(one.key) is None]
            about = [Subject(account="1", app_id="app", endpoint_id=one.id, message_id=one.id) for one in allowed]
            return Prepared([], [planned(one, at_ms=NOON, delivery_type="EMAIL") for one in about])
        return Prepared([], [])

    # what tests ask
    def person(self, name: str, *zones: str, channel: str = "EMAIL", address: str = "") -> None:
        """An endpoint by itself; several zones: a user with one endpoint in each."""
        names = [name] if len(zones) < 2 else [f"{name}{number}" for number in range(len(zones))]
        made = [
            Endpoint(
                id=one,
                channel_type=channel,
                address=address or f"{one}@example.com",
                demographic=Demographic(timezone=zone) if zone else None,
            )
            for one, zone in zip(names, zones or ("",), strict=True)
        ]
        self.people[f"e{name}" if len(made) == 1 else f"u{name}"] = made

    def send(self, *walkers: Walker, now_ms: int = NOON, made: Made | None = None, **write: Any) -> list[Verdict]:
        journey = {"Name": "j", "StartActivity": "mail", "Activities": {"mail": MAIL, "next": WAIT}, **write}
        way = route(encode(msgspec.convert(journey, WriteJourneyRequest)))
        node = way.graph.get("mail")
        assert node is not None
        here = Here(
            journey=JOURNEY._replace(defaults=msgspec.json.encode(Defaults())),
            wanted=way.wanted,
            graph=way.graph,
            node=node,
            now_ms=now_ms,
            tools=Tools(conditions=NOBODY, messages=NOBODY, dialler=NOBODY, people=self),
            made=made or Made(),
        )
        self.made = here.made
        return list(self.sending.send(here, walkers))

    def going(self) -> list[str]:
        """The endpoints that would get something."""
        return [one.id for _, endpoints, facts in self.prepared for one in endpoints if one.key not in facts.decided]

    def refused(self) -> dict[str, str | None]:
        return {key: one.status for _, _, facts in self.prepared for key, one in facts.decided.items()}


MAIL = {"EMAIL": {"TemplateName": "t", "NextActivity": "next"}}
WAIT = {"Wait": {"WaitTime": {"WaitFor": "PT1H"}}}


def walker(name: str, **more: Any) -> Walker:
    return Walker(participant=name, version=1, run_id="run", entry=1, activity="mail", **more)


@pytest.fixture
def fakes() -> Fakes:
    made = Fakes()
    for name in ("lea", "jon"):
        made.person(name)
    return made


def test_everybody_is_sent_to_and_goes_on(fakes: Fakes) -> None:
    assert fakes.send(walker("elea"), walker("ejon")) == [ON, ON]
    [(send, endpoints, facts)] = fakes.prepared
    assert [one.id for one in endpoints] == ["lea", "jon"]
    assert (send.origin, send.journey_id, send.activity_id, send.activity_type) == (
        "journey",
        "journey",
        "mail",
        "EMAIL",
    )
    names = {key: (one.name, one.run_id) for key, one in facts.occasions.items()}
    assert names == {"lea": ("journey/elea/1/mail", "run"), "jon": ("journey/ejon/1/mail", "run")}
    assert fakes.asked == []


def test_a_later_entry_and_another_journey_have_names_of_their_own(fakes: Fakes) -> None:
    again = msgspec.structs.replace(walker("elea"), entry=2)
    fakes.send(again)
    assert fakes.prepared[0][2].occasions["lea"].name == "journey/elea/2/mail"


def test_somebody_who_is_not_there_any_more_goes_on(fakes: Fakes) -> None:
    assert fakes.send(walker("egone"), walker("elea")) == [ON, ON]
    assert fakes.going() == ["lea"]


def test_an_endpoint_that_comes_twice_is_looked_at_twice(fakes: Fakes) -> None:
    fakes.people["ulea"] = fakes.people["elea"]
    assert fakes.send(walker("elea"), walker("ulea")) == [ON, ON]
    assert [[one.name for one in facts.occasions.values()] for _, _, facts in fakes.prepared] == [
        ["journey/elea/1/mail"],
        ["journey/ulea/1/mail"],
    ]


def test_the_other_channel(fakes: Fakes) -> None:
    fakes.person("tom", channel="SMS")
    assert fakes.send(walker("etom")) == [ON]
    assert fakes.refused() == {"tom": "UNSUPPORTED_CHANNEL"}


def test_what_cannot_be_said_is_said_to_nobody_and_holds_up_nobody(fakes: Fakes) -> None:
    fakes.spoken = Spoken(problem="the template is gone")
    fakes.person("tom", channel="SMS")
    walkers = [walker("elea"), walker("etom")]
    assert fakes.send(*walkers, WaitForQuietTime=True, Limits={"MessagesPerSecond": 1}, **QUIET) == [ON, ON]
    assert fakes.refused() == {"lea": "FAILURE_PERMANENT", "tom": "UNSUPPORTED_CHANNEL"}
    assert fakes.made.paced_ms == 0


class TestHours:
    @pytest.fixture
    def zoned(self, fakes: Fakes) -> Fakes:
        fakes.person("lea", "UTC")
        fakes.person("far", "Asia/Tokyo")
        fakes.person("both", "UTC", "Etc/GMT+1")
        fakes.person("never", "UTC", "Etc/GMT+12")
        return fakes

    def test_dropped(self, zoned: Fakes) -> None:
        assert zoned.send(*map(walker, ("elea", "efar", "ejon")), **QUIET) == [ON, ON, ON]
        assert zoned.going() == ["far", "jon"]
        assert zoned.refused() == {"lea": "QUIET_TIME"}

    def test_held(self, zoned: Fakes) -> None:
        until = Stay(NOON + HOUR_MS, "quiet")
        assert zoned.send(*map(walker, ("elea", "efar", "ejon")), WaitForQuietTime=True, **QUIET) == [until, ON, ON]
        assert zoned.going() == ["far", "jon"]
        assert zoned.made.events == []

    def test_let_go(self, zoned: Fakes) -> None:
        waited = walker("elea", waiting="quiet", due_ms=NOON + HOUR_MS)
        assert zoned.send(waited, now_ms=NOON + HOUR_MS, WaitForQuietTime=True, **QUIET) == [ON]
        assert zoned.going() == ["lea"]
        [event] = zoned.made.events
        assert (event.status, event.endpoint_id, event.message_id) == ("QUIET_TIME_WAIT_FINISHED", "lea", "")
        assert "journey_activity_type" not in event.attributes

    def test_still_held_after_a_pause(self, zoned: Fakes) -> None:
        waited = walker("elea", waiting="quiet", due_ms=NOON - 23 * HOUR_MS)
        assert zoned.send(waited, WaitForQuietTime=True, **QUIET) == [Stay(NOON + HOUR_MS, "quiet")]
        assert zoned.made.events == []

    def test_until_all_endpoints_of_a_user_are_free(self, zoned: Fakes) -> None:
        assert zoned.send(walker("uboth"), WaitForQuietTime=True, **QUIET) == [Stay(NOON + 2 * HOUR_MS, "quiet")]

    def test_without_waiting_those_that_are_free(self, zoned: Fakes) -> None:
        assert zoned.send(walker("uboth"), now_ms=NOON + HOUR_MS, **QUIET) == [ON]
        assert (zoned.going(), zoned.refused()) == (["both0"], {"both1": "QUIET_TIME"})

    def test_when_they_are_never_free_together(self, zoned: Fakes) -> None:
        """Quiet but for two hours, twelve hours apart."""
        quiet = {"QuietTime": {"Start": "13:00", "End": "10:59"}}
        waiting = {"WaitForQuietTime": True, **quiet}
        assert zoned.send(walker("unever"), **waiting) == [ON]
        assert (zoned.going(), zoned.refused()) == (["never0"], {"never1": "QUIET_TIME"})
        assert zoned.send(walker("unever"), now_ms=NOON + 2 * HOUR_MS, **waiting) == [
            Stay(NOON + 11 * HOUR_MS, "quiet")
        ]

    def test_nobody_s_zone_is_estimated(self, zoned: Fakes) -> None:
        methods = {"TimezoneEstimationMethods": ["POSTAL_CODE"], "WaitForQuietTime": True}
        assert zoned.send(walker("ejon"), walker("efar"), **methods, **QUIET) == [ON, ON]
        assert zoned.refused() == {"jon": "QUIET_TIME_MISSING_TIMEZONE"}


LIMITS: dict[str, Any] = {"Limits": {"MessagesPerSecond": 1}}


class TestRate:
    def test_turns_that_are_soon_are_taken_and_others_waited_for(self, fakes: Fakes) -> None:
        for number in range(8):
            fakes.person(f"p{number}")
        verdicts = fakes.send(*(walker(f"ep{number}") for number in range(8)), **LIMITS)
        assert verdicts == [*[ON] * 6, *[Stay(NOON + 5 * SECOND_MS, "pace")] * 2]
        due = [fakes.prepared[0][2].occasions[f"p{number}"].due_ms for number in range(6)]
        assert due == [NOON + number * SECOND_MS for number in range(6)]
        assert fakes.made.paced_ms == NOON + 8 * SECOND_MS

    def test_the_next_group_goes_on_from_there(self, fakes: Fakes) -> None:
        made = Made(paced_ms=NOON + 4 * SECOND_MS)
        assert fakes.send(walker("elea"), walker("ejon"), made=made, **LIMITS) == [ON, ON]
        assert made.paced_ms == NOON + 6 * SECOND_MS

    def test_whoever_gets_nothing_takes_no_turn(self, fakes: Fakes) -> None:
        fakes.person("tom", channel="SMS")
        fakes.person("lea", "UTC")
        fakes.send(walker("etom"), walker("elea"), walker("ejon"), **LIMITS, **QUIET)
        assert fakes.made.paced_ms == NOON + SECOND_MS

    def test_a_user_takes_one_for_each_endpoint(self, fakes: Fakes) -> None:
        fakes.person("two", "UTC", "UTC")
        fakes.send(walker("utwo"), **LIMITS)
        assert fakes.made.paced_ms == NOON + 2 * SECOND_MS

    def test_a_turn_that_comes_in_quiet_time_waits_for_its_end(self, fakes: Fakes) -> None:
        fakes.person("lea", "UTC")
        waited = walker("elea", waiting="pace", due_ms=NOON)
        assert fakes.send(waited, WaitForQuietTime=True, **LIMITS, **QUIET) == [Stay(NOON + HOUR_MS, "quiet")]


class TestCaps:
    def test_the_record_is_asked_once_of_all_endpoints_of_the_group(self, fakes: Fakes) -> None:
        fakes.people["u1"] = [*fakes.people["elea"], Endpoint(id="phone", channel_type="SMS", address="+49301234567")]
        fakes.send(walker("u1"), walker("ejon"), Limits={"DailyCap": 1})
        assert fakes.asked == [["jon", "lea", "phone"]]

    def test_what_this_step_planned_counts(self, fakes: Fakes) -> None:
        made = Made()
        for expected in (1, 2, 2):
            fakes.send(walker("elea"), made=made, Limits={"DailyCap": 2})
            assert [event.event_type for event in made.events] == [PLANNED] * expected

    def test_what_the_record_knows_counts(self) -> None:
        fakes = Fakes(lea=Sent(recent=1))
        fakes.person("lea")
        fakes.person("jon")
        fakes.send(walker("elea"), walker("ejon"), Limits={"DailyCap": 1})
        assert [event.endpoint_id for event in fakes.made.events] == ["jon"]


def test_a_custom_channel_that_does_not_keep_up_holds_up_its_own_people_only(fakes: Fakes) -> None:
    fakes.full = frozenset({"CUSTOM"})
    call = {"CUSTOM": {"DeliveryUri": "f", "EndpointTypes": ["EMAIL"], "NextActivity": "next"}}
    assert fakes.send(walker("elea"), Activities={"mail": call, "next": WAIT}) == [Stay(NOON + HUNG_MS, "pace")]
    assert fakes.send(walker("elea")) == [ON]
