"""Several providers of a channel: who carries a message, and what becomes of it when one is ill."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from clarion.channels.port import EmailOutgoing, Outcome, Outgoing
from clarion.domain.messaging import outbox
from clarion.domain.messaging.lanes import figures, states
from clarion.domain.messaging.lanes.states import LaneRow
from clarion.domain.messaging.model import Envelope, Send
from tests.domain.messaging.conftest import Processes
from tests.domain.messaging.house import SENT, House

APP = "a" * 32
FIRST, SECOND = "EMAIL/first", "EMAIL/second"
ILL = Outcome("temporary", "connection refused", blame="provider")
LOCKED = Outcome("temporary", "535 no", blame="credentials")


class Two:
    """Two providers; `answers` says what each answers to a message, by lane."""

    def __init__(self, **answers: Callable[[Outgoing], Outcome]) -> None:
        self.answers = answers
        self.tried: dict[str, list[str]] = defaultdict(list)
        self.order = [FIRST, SECOND]

    def lanes(self, message: Outgoing) -> Sequence[str]:
        return self.order

    def send(self, lane: str, messages: Sequence[Outgoing]) -> list[Outcome]:
        self.tried[lane] += [message.message_id for message in messages]
        answer = self.answers.get(lane.partition("/")[2], lambda message: SENT)
        return [answer(message) for message in messages]

    def rate(self, lane: str) -> float:
        return 0

    def watch(self) -> None: ...

    def close(self) -> None: ...


def put(house: House, count: int, *, origin: Any = "campaign", first: int = 0) -> list[str]:
    """Messages in the lanes that the way names."""
    now = house.clock.now_ms()
    send = Send(account="123456789012", region="eu-central-1", app_id=APP, origin=origin, activity_id="run")
    rows = []
    for number in range(first, first + count):
        message = EmailOutgoing(
            message_id=f"{number:032x}",
            account=send.account,
            app_id=APP,
            from_address="shop@acme.test",
            to_address=f"{number}@example.com",
            sent_at_ms=now,
        )
        envelope = Envelope(
            channel="EMAIL",
            account=send.account,
            region=send.region,
            app_id=APP,
            origin=origin,
            campaign_id="c" * 32 if origin == "campaign" else "",
            email=message,
        )
        rows.append(house.messaging.row(send, envelope, "EMAIL", "run", now))
    house.database.write(lambda connection: outbox.add(house.database, connection, rows))
    return [row.message_id for row in rows]


def queues(house: House) -> dict[str, int]:
    return {one.queue: one.ready for one in house.database.read(outbox.queued)}


def decide(house: House, *rows: LaneRow) -> None:
    for row in rows:
        house.database.write(lambda c, row=row: states.save(house.database, c, row))  # type: ignore[misc]


def ended(house: House) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for row in house.recorded(APP, "_campaign.send"):
        found[row.status] += 1
    return dict(found)


@pytest.mark.parametrize("failure", [ILL, LOCKED])
def test_the_second_provider_carries_on_at_once_when_the_first_is_ill(processes: Processes, failure: Outcome) -> None:
    way = Two(first=lambda message: failure)
    house = processes(way=way)
    ids = put(house, 5)
    house.settle()
    assert way.tried == {FIRST: ids, SECOND: ids}
    assert ended(house) == {"SUCCESS": 5}
    lanes = {one.lane for one in house.database.read(figures.load)}
    assert lanes <= {FIRST, SECOND}


def test_a_provider_that_will_not_carry_a_message_hands_it_on_and_the_last_ones_word_counts(
    processes: Processes,
) -> None:
    def no(message: Outgoing) -> Outcome:
        return Outcome("permanent", "no route to there", blame="provider")

    way = Two(first=no)
    house = processes(way=way)
    put(house, 2)
    house.settle()
    assert ended(house) == {"SUCCESS": 2}

    way.answers["second"] = no
    put(house, 2, first=2)
    house.settle()
    assert ended(house) == {"SUCCESS": 2, "FAILURE_PERMANENT": 2}


def test_what_is_the_messages_own_fault_stays_with_its_provider(processes: Processes) -> None:
    way = Two(first=lambda message: Outcome("permanent", "550 nobody there"))
    house = processes(way=way)
    put(house, 3)
    house.settle()
    assert set(way.tried) == {FIRST}
    assert ended(house) == {"FAILURE_PERMANENT": 3}


def test_an_answer_that_got_lost_is_not_asked_of_another_provider(processes: Processes) -> None:
    lost = Outcome("temporary", "reset", uncertain=True, blame="provider")
    outcomes = [lost, SENT]
    way = Two(first=lambda message: outcomes.pop(0))
    house = processes(way=way)
    ids = put(house, 1)
    house.advance(120)
    assert way.tried == {FIRST: ids * 2}


def test_messages_wait_for_a_lonely_provider_without_using_up_their_attempts(processes: Processes) -> None:
    way = Two(first=lambda message: ILL)
    way.order = [FIRST]
    house = processes(way=way, outage_hours=2, delivery_attempts=3)
    ids = put(house, 30)
    house.advance(3_000)
    assert queues(house) == {"2EMAIL/first": 30}
    assert len(way.tried[FIRST]) < 30 + 10 * 120  # a few at a time try
    way.answers.clear()
    house.advance(120)
    assert ended(house) == {"SUCCESS": 30}
    assert set(way.tried[FIRST]) == set(ids)


def test_an_outage_that_lasts_too_long_ends_the_messages(processes: Processes) -> None:
    way = Two(first=lambda message: ILL)
    way.order = [FIRST]
    house = processes(way=way, outage_hours=1)
    put(house, 2)
    house.advance(2 * 3_600)
    assert ended(house) == {"TRANSIENT_FAILURE": 2}


def test_the_first_provider_gets_messages_back_once_the_second_is_ill_and_it_is_well(processes: Processes) -> None:
    way = Two(first=lambda message: ILL, second=lambda message: ILL)
    house = processes(way=way)
    put(house, 3)
    house.settle()
    assert ended(house) == {}
    way.answers.pop("first")
    house.advance(180)
    assert ended(house) == {"SUCCESS": 3}


def test_a_paused_lane_keeps_its_messages_and_a_rerouted_one_gives_them_away(processes: Processes) -> None:
    way = Two()
    house = processes(way=way)
    decide(house, LaneRow("EMAIL/first", "paused"))
    ids = put(house, 4)
    house.advance(60)
    assert queues(house) == {"2EMAIL/first": 4}
    assert not way.tried
    decide(house, LaneRow("EMAIL/first", "paused", reroute_to="second"))
    house.settle()
    assert way.tried == {SECOND: ids}


def test_planners_wait_for_lanes_that_are_well_and_not_for_one_that_is_ill(processes: Processes) -> None:
    way = Two(first=lambda message: ILL)
    way.order = [FIRST]
    house = processes(way=way)
    put(house, 30)
    assert house.messaging.crowded(most=30) == "EMAIL"
    house.settle()  # the lane is found to be ill
    assert house.messaging.crowded(most=30) is None
    assert house.messaging.crowded(most=3) == "EMAIL"  # ten times as many wait
    way.order = [SECOND]
    decide(house, LaneRow("EMAIL/second", "paused"))
    put(house, 20, first=100)
    assert house.messaging.crowded(most=20) == "EMAIL"
    house.settle()
    assert house.messaging.crowded(most=20) is None


def test_urgent_messages_overtake_a_campaign(processes: Processes) -> None:
    way = Two()
    house = processes(way=way)
    slow = put(house, 3)
    fast = put(house, 1, origin="direct", first=50)
    assert queues(house) == {"1EMAIL/first": 1, "2EMAIL/first": 3}
    house.settle()
    assert way.tried[FIRST] == [*fast, *slow]


def test_messages_of_a_provider_that_is_gone_go_to_another(processes: Processes) -> None:
    way = Two(gone=lambda message: Outcome("temporary", "there is no provider gone", blame="provider"))
    house = processes(way=way)
    ids = put(house, 2)
    table = outbox.outbox
    house.database.write(lambda c: c.execute(sa.update(table).values(queue="2EMAIL/gone")).rowcount)
    house.settle()
    assert way.tried == {"EMAIL/gone": ids, FIRST: ids}
