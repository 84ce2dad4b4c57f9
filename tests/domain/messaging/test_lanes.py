"""Lanes on both state databases: every message leaves once and is recorded, whatever breaks in between."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from clarion.channels.port import Bounce, EmailOutgoing, Outcome
from clarion.core.clock import VirtualClock, parse_iso
from clarion.core.errors import Unavailable
from clarion.domain.events.model import EventRow
from clarion.domain.messaging import outbox
from clarion.domain.messaging.lanes.pump import BATCH, LEASE_SECONDS
from clarion.domain.messaging.model import Envelope, encode_envelope
from clarion.domain.messaging.outbox import NewRow
from clarion.engine.jobs import LeasedJob
from tests.domain.messaging.conftest import Processes
from tests.domain.messaging.house import NOW, SENT, House, Recording

APP = "a" * 32
LATER = Outcome("temporary", "451 not now")


def put(
    house: House, count: int, *, origin: Any = "campaign", group: str = "run", expires_ms: int | None = None
) -> list[str]:
    """Messages due now, ready in the outbox; answers their ids."""
    now = house.clock.now_ms()
    rows = []
    for number in range(count):
        message_id = f"{number:032x}"
        message = EmailOutgoing(
            message_id=message_id,
            account="123456789012",
            app_id=APP,
            from_address="shop@acme.test",
            to_address=f"{number}@example.com",
            text="t",
            sent_at_ms=now,
        )
        envelope = Envelope(
            channel="EMAIL",
            account="123456789012",
            region="eu-central-1",
            app_id=APP,
            origin=origin,
            endpoint_id=f"e{number}",
            campaign_id="c" * 32 if origin == "campaign" else "",
            activity_id=group,
            email=message,
        )
        rows.append(NewRow(message_id, "EMAIL", group, now, expires_ms, encode_envelope(envelope)))
    house.database.write(lambda connection: outbox.add(house.database, connection, rows))
    return [row.message_id for row in rows]


def statuses(house: House) -> dict[str, int]:
    """How many messages ended with which campaign status; each once."""
    rows = house.recorded(APP, "_campaign.send")
    assert len({row.event_id for row in rows}) == len(rows)
    return dict(Counter(row.status for row in rows))


def left(house: House) -> int:
    table = outbox.outbox
    return house.database.read(lambda c: c.scalar(sa.select(sa.func.count()).select_from(table))) or 0


def test_lanes_of_two_processes_hand_over_everything_once(processes: Processes) -> None:
    transports = [Recording(), Recording()]
    houses = [processes(transport=transport, seed=seed, lanes=2) for seed, transport in enumerate(transports)]
    ids = put(houses[0], 1_800)

    def drive(step: Any) -> None:
        while step():
            pass

    threads = [threading.Thread(target=drive, args=(lane.step,)) for house in houses for lane in house.lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(transports[0].handed + transports[1].handed) == ids
    assert left(houses[0]) == 0
    assert statuses(houses[0]) == {"SUCCESS": 1_800}


class Killing(Recording):
    """Hands over, and then its process is gone before anything is recorded."""

    house: House

    async def send(self, messages: Sequence[EmailOutgoing]) -> list[Outcome]:
        outcomes = await super().send(messages)
        self.house.database.close()
        return outcomes


@pytest.mark.parametrize(
    ("unrecorded_handover", "again", "status"), [("resend", True, "SUCCESS"), ("skip", False, "UNKNOWN")]
)
def test_killed_between_hand_over_and_record(
    processes: Processes, unrecorded_handover: str, again: bool, status: str
) -> None:
    clock, real = VirtualClock(parse_iso(NOW)), VirtualClock(parse_iso(NOW))
    common = {"clock": clock, "real": real, "unrecorded_handover": unrecorded_handover}
    killing = Killing()
    first = killing.house = processes(transport=killing, **common)
    ids = put(first, 7)
    with pytest.raises(Unavailable):
        first.lanes[0].step()
    assert killing.handed == ids

    transport = Recording()
    second = processes(transport=transport, seed=2, **common)
    assert second.lanes[0].step() == 0  # the dead lane's lease has not expired: it might be alive
    real.move_to(real.now() + timedelta(seconds=LEASE_SECONDS + 1))
    second.settle()
    assert transport.handed == (ids if again else [])
    assert statuses(second) == {status: 7}
    assert left(second) == 0
    reasons = {row.reason for row in second.recorded(APP, "_campaign.send")}
    assert reasons == ({""} if again else {"interrupted while being handed over; not sent again"})


def test_a_message_is_the_same_to_the_byte_when_it_is_sent_again(processes: Processes) -> None:
    transport = Recording(LATER, SENT)
    house = processes(transport=transport, public_url="https://clarion.test")
    put(house, 1)
    house.advance(60)
    first, second = transport.batches[0][0], transport.batches[1][0]
    assert msgspec.msgpack.encode(first) == msgspec.msgpack.encode(second)


def test_what_could_not_be_recorded_is_recorded_later_and_not_sent_again(processes: Processes) -> None:
    transport = Recording()
    house = processes(transport=transport)
    ids = put(house, 3)
    lane, encoded = house.lanes[0], house.events.encoded
    broken = [Unavailable("no room"), Unavailable("no room")]

    def failing(rows: Sequence[EventRow]) -> Callable[[sa.Connection], None]:
        append = encoded(rows)

        def work(connection: sa.Connection) -> None:
            append(connection)
            if broken:
                raise broken.pop()

        return work

    lane._record = failing
    for _ in range(2):
        with pytest.raises(Unavailable):
            lane.step()
        assert left(house) == 3
    assert lane.step() == 3
    assert transport.handed == ids
    assert statuses(house) == {"SUCCESS": 3}
    assert left(house) == 0


def test_temporary_failures_come_again_with_growing_delays(processes: Processes) -> None:
    transport = Recording(LATER, LATER, LATER, SENT)
    house = processes(transport=transport)
    put(house, 1)
    times = []
    for attempt in range(1, 5):
        house.settle()
        assert len(transport.batches) == attempt
        times.append(house.clock.now_ms())
        due = house.lanes[0].next_due_ms()
        if due is None:
            break
        house.advance((due - house.clock.now_ms()) / 1000)
    delays = [after - before for before, after in pairwise(times)]
    assert len(delays) == 3
    assert all(0 <= delay <= 1000 << number for number, delay in enumerate(delays))
    assert sum(delays) > 0
    assert statuses(house) == {"SUCCESS": 1}


@pytest.mark.parametrize(
    ("outcome", "status", "others"),
    [
        (LATER, "TRANSIENT_FAILURE", set()),
        (Outcome("throttled", "429 this device", retry_after_ms=0), "THROTTLED", set()),
        (Outcome("temporary", "lost", uncertain=True), "UNKNOWN", set()),
        (
            Outcome("temporary", "452", events=(Bounce(bounce_type="Transient", bounce_sub_type="MailboxFull"),)),
            "SUCCESS",
            {"_email.send", "_email.softbounce"},
        ),
    ],
)
def test_attempts_are_used_up(processes: Processes, outcome: Outcome, status: str, others: set[str]) -> None:
    transport = Recording(outcome)
    house = processes(transport=transport, delivery_attempts=3)
    put(house, 2)
    house.advance(3600)
    assert Counter(transport.handed) == {f"{number:032x}": 3 for number in range(2)}
    assert statuses(house) == {status: 2}
    assert {row.event_type for row in house.recorded(APP)} - {"_campaign.send"} == others
    assert left(house) == 0


def test_whoever_is_told_to_slow_down_loses_no_message_by_it_until_it_is_too_late(processes: Processes) -> None:
    slow = [Outcome("throttled", "421 slow down")] * 12
    house = processes(transport=Recording(*slow, SENT), delivery_attempts=3, outage_hours=1)
    put(house, 2)
    house.advance(1_800)
    assert statuses(house) == {"SUCCESS": 2}


def test_being_told_to_slow_down_for_too_long_ends_the_messages(processes: Processes) -> None:
    house = processes(transport=Recording(Outcome("throttled", "421 slow down")), outage_hours=1)
    put(house, 2)
    house.advance(2 * 3_600)
    assert statuses(house) == {"THROTTLED": 2}
    assert left(house) == 0


def test_a_direct_message_that_nobody_takes_is_explained(processes: Processes) -> None:
    house = processes(transport=Recording(Outcome("permanent", "550 go away")))
    put(house, 1, origin="direct", group="")
    house.settle()
    (row,) = house.recorded(APP)
    assert (row.event_type, row.gate, row.reason) == ("_clarion.skip", "channel", "550 go away")


def test_no_attempt_after_the_message_has_expired(processes: Processes) -> None:
    transport = Recording(LATER)
    house = processes(transport=transport)
    put(house, 1, expires_ms=house.clock.now_ms())
    house.advance(3600)
    assert len(transport.batches) == 1
    assert statuses(house) == {"TRANSIENT_FAILURE": 1}


def test_messages_whose_time_is_over_before_their_turn_are_not_sent(processes: Processes) -> None:
    transport = Recording()
    house = processes(transport=transport, email_rate=10)
    put(house, 35, expires_ms=house.clock.now_ms() + 1_000)
    house.advance(5)
    assert len(transport.handed) == 20
    assert statuses(house) == {"SUCCESS": 20, "EXPIRED": 15}
    assert {row.gate for row in house.recorded(APP, "_campaign.send") if row.status == "EXPIRED"} == {"expiry"}
    assert left(house) == 0


class Breaking(Recording):
    """Breaks its word the first two times."""

    async def send(self, messages: Sequence[EmailOutgoing]) -> list[Outcome]:
        outcomes = await super().send(messages)
        if len(self.batches) == 1:
            raise RuntimeError("a bug")
        return outcomes[:-1] if len(self.batches) == 2 else outcomes


def test_a_transport_that_breaks_its_word_costs_an_attempt(processes: Processes) -> None:
    transport = Breaking()
    house = processes(transport=transport)
    put(house, 2)
    house.advance(60)
    assert len(transport.batches) >= 3
    assert statuses(house) == {"SUCCESS": 2}


class Closed(Recording):
    """Cannot be opened the first three times."""

    refusals = 3

    async def open(self) -> None:
        if self.refusals:
            self.refusals -= 1
            raise OSError("no certificates")


def test_a_transport_that_does_not_open_is_tried_again(processes: Processes) -> None:
    transport = Closed()
    transport.name = "closed"
    house = processes(transport=transport)
    put(house, 2)
    house.advance(60)
    assert statuses(house) == {"SUCCESS": 2}
    assert [thread.name for thread in threading.enumerate()].count("transport-email-closed") == 1


def test_the_channel_s_rate_holds_on_the_product_s_clock(processes: Processes) -> None:
    transport = Recording()
    house = processes(transport=transport, email_rate=10, lanes=2)
    put(house, 35)
    counts = []
    for _ in range(5):
        house.settle()
        counts.append(len(transport.handed))
        house.advance(1)
    assert counts == [10, 20, 30, 35, 35]
    assert statuses(house) == {"SUCCESS": 35}


class Args(msgspec.Struct):
    """Arguments of the job that follows a run."""

    run: str


def test_the_last_message_of_a_closed_group_enqueues_its_job(processes: Processes) -> None:
    done: list[str] = []

    def finish(job: LeasedJob) -> None:
        done.append(job.decode(Args).run)

    house = processes(transport=Recording(LATER, SENT))
    house.jobs.register("runs.finish", finish)
    for group in ("run", "empty"):
        house.database.write(lambda c, g=group: house.messaging.open_group(c, g, "runs.finish", Args(g)))  # type: ignore[misc]
    put(house, 3)
    house.settle()
    assert done == []
    for group in ("run", "empty"):
        house.database.write(lambda c, g=group: house.messaging.close_group(c, g))  # type: ignore[misc]
    house.settle()
    assert done == ["empty"]  # one message of the run is to be tried again
    house.advance(60)
    assert sorted(done) == ["empty", "run"]
    house.advance(60)
    assert len(done) == 2


def test_a_lane_that_stops_hands_over_nothing_more_and_leaves_the_rest(processes: Processes) -> None:
    first, second = Recording(), Recording()
    house, other = processes(transport=first), processes(transport=second, seed=2)
    put(house, BATCH + 200)
    assert house.lanes[0].step() == BATCH
    house.lanes[0].stop(5)
    other.settle()
    assert (len(first.handed), len(second.handed)) == (BATCH, 200)
