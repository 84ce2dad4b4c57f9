"""Which lane is served next, and when a lane rests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from clarion.channels.port import Outcome, Outgoing
from clarion.core.clock import VirtualClock, parse_iso
from clarion.core.ids import SeededIds
from clarion.domain.messaging.lanes.states import LaneRow, States
from clarion.domain.messaging.lanes.turns import FEW, Turns
from clarion.domain.messaging.outbox import Ready
from clarion.engine.rates import TokenBucket

OPEN = States({})
SENT = Outcome("sent")
ILL = Outcome("temporary", "503", blame="provider")


class Rated:
    """A way whose lanes have rates."""

    def __init__(self, **rates: float) -> None:
        self.rates = rates

    def lanes(self, message: Outgoing) -> Sequence[str]:
        raise AssertionError

    def send(self, lane: str, messages: Sequence[Outgoing]) -> list[Outcome]:
        raise AssertionError

    def rate(self, lane: str) -> float:
        return self.rates.get(lane, 0)

    def watch(self) -> None: ...

    def close(self) -> None: ...


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(parse_iso("2027-03-04T09:15:00Z"))


def turns(clock: VirtualClock, *, channel: float = 0, **rates: float) -> Turns:
    return Turns(Rated(**rates), TokenBucket(channel, clock), clock=clock, real=clock, ids=SeededIds(1))


def ready(clock: VirtualClock, *queues: str) -> list[Ready]:
    return [Ready(queue, clock.now_ms()) for queue in queues]


def forward(clock: VirtualClock, seconds: float) -> None:
    clock.move_to(clock.now() + timedelta(seconds=seconds))


def taken(of: Turns, found: Sequence[Ready], states: States = OPEN, most: int = 100) -> str | None:
    turn = of.take(found, states, most)
    return None if turn is None else turn.queue


def test_one_time_passwords_go_before_what_is_transactional_and_that_before_what_is_promotional(
    clock: VirtualClock,
) -> None:
    of, queues = turns(clock), ["2A", "1A", "0B"]
    for expected in ("0B", "1A", "2A"):
        found = ready(clock, *queues)
        assert taken(of, found) == expected
        queues.remove(expected)


def test_lanes_of_one_priority_take_turns(clock: VirtualClock) -> None:
    of, found = turns(clock), ready(clock, "2A", "2B", "2C")
    order = []
    for _ in range(6):
        turn = of.take(found, OPEN, 100)
        assert turn is not None
        order.append(turn.queue)
        of.done(turn, turn.most, OPEN)
    assert order == ["2A", "2B", "2C", "2A", "2B", "2C"]


def test_a_slow_lane_does_not_keep_all_pumps_while_others_wait(clock: VirtualClock) -> None:
    of, found = turns(clock), ready(clock, "2A", "2B")
    slow = of.take(found, OPEN, 100)
    assert slow is not None
    assert slow.queue == "2A"
    for _ in range(5):
        turn = of.take(found, OPEN, 100)
        assert turn is not None
        assert turn.queue == "2B"
        of.done(turn, turn.most, OPEN)


def test_what_is_not_due_or_paused_or_at_its_limit_waits(clock: VirtualClock) -> None:
    of = turns(clock)
    assert taken(of, [Ready("2A", clock.now_ms() + 1)]) is None
    assert taken(of, ready(clock, "2A"), States({"A": LaneRow("A", "paused")})) is None
    one = States({"A": LaneRow("A", concurrency=1)})
    assert taken(of, ready(clock, "2A"), one) == "2A"
    assert taken(of, ready(clock, "2A"), one) is None


def test_limits_of_channel_and_lane_both_hold(clock: VirtualClock) -> None:
    of = turns(clock, channel=10, A=4)
    turn = of.take(ready(clock, "2A"), OPEN, 100)
    assert turn is not None
    assert turn.most == 4
    other = of.take(ready(clock, "2A", "2B"), OPEN, 100)
    assert other is not None
    assert other == ("2B", 6)  # what A could not use is there for others
    assert of.take(ready(clock, "2B"), OPEN, 100) is None
    of.done(turn, 1, OPEN)
    again = of.take(ready(clock, "2A"), OPEN, 100)
    assert again is not None
    assert again.most == 3


def test_what_people_decided_of_a_rate_beats_the_providers(clock: VirtualClock) -> None:
    of = turns(clock, A=4)
    turn = of.take(ready(clock, "2A"), States({"A": LaneRow("A", rate=2)}), 100)
    assert turn is not None
    assert turn.most == 2


def test_a_lane_whose_provider_is_ill_rests_longer_each_time_and_then_a_few_messages_try(clock: VirtualClock) -> None:
    of, found = turns(clock), ready(clock, "2A")
    rests = []
    for _ in range(8):
        turn = of.take([Ready("2A", 0)], OPEN, 100)
        assert turn is not None
        of.learn("A", [ILL] * 3)
        of.done(turn, 3, OPEN)
        assert taken(of, found) is None
        rests.append(of.rests_until("A") - clock.now_ms())
        forward(clock, rests[-1] / 1000)
    assert all(250 <= rest <= 60_000 for rest in rests)
    assert max(rests[4:]) > max(rests[:2])
    turn = of.take([Ready("2A", 0)], OPEN, 100)
    assert turn is not None
    assert turn.most == FEW
    assert taken(of, [Ready("2A", 0)]) is None  # one is trying
    of.learn("A", [SENT])
    of.done(turn, FEW, OPEN)
    whole = of.take([Ready("2A", 0)], OPEN, 100)
    assert whole is not None
    assert whole.most == 100


def test_messages_that_fail_by_themselves_do_not_make_a_lane_rest(clock: VirtualClock) -> None:
    of = turns(clock)
    of.learn("A", [Outcome("throttled", "429 this device", retry_after_ms=0)])
    of.learn("A", [Outcome("temporary", "mailbox full"), Outcome("permanent", "nobody")])
    of.learn("A", [Outcome("permanent", "no such country", blame="provider")])
    assert of.rests_until("A") <= clock.now_ms()
    of.learn("A", [ILL, SENT])  # it is well enough for others
    assert of.rests_until("A") <= clock.now_ms()


@pytest.mark.parametrize(("wanted", "rest"), [(7_000, 7_000), (None, 1_000)])
def test_a_provider_that_wants_us_to_slow_down_is_heard(clock: VirtualClock, wanted: int | None, rest: int) -> None:
    of = turns(clock)
    of.learn("A", [SENT, Outcome("throttled", "too fast", retry_after_ms=wanted)])
    assert of.rests_until("A") - clock.now_ms() == rest
    assert of.open([Ready("2A", 5)], OPEN) == [Ready("2A", clock.now_ms() + rest)]
