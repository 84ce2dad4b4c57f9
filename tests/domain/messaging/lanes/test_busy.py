"""A machine so busy that leases are not renewed in time: who lives in the same process is not taken for dead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from clarion.channels.port import EmailOutgoing, Outcome
from clarion.domain.messaging.lanes.pump import LEASE_SECONDS
from tests.domain.messaging.conftest import Processes
from tests.domain.messaging.house import House, Recording
from tests.domain.messaging.test_lanes import left, put, statuses


class Busy(Recording):
    """While it sends, a pump's lease expires and the other pump has its turn."""

    house: House
    found: str | None = None

    async def send(self, messages: Sequence[EmailOutgoing]) -> list[Outcome]:
        if not self.batches:
            self.batches.append([])
            self.house.real.move_to(self.house.real.now() + timedelta(seconds=LEASE_SECONDS + 1))
            self.found = self.house.lanes[1]._dead()
        return await super().send(messages)


def test_a_pump_whose_lease_was_not_renewed_is_not_taken_over_in_its_own_process(processes: Processes) -> None:
    transport = Busy()
    house = transport.house = processes(transport=transport, lanes=2)
    ids = put(house, 5)
    assert house.lanes[0].step() == 5
    assert transport.found is None
    house.settle()
    assert transport.handed == ids
    assert statuses(house) == {"SUCCESS": 5}
    assert left(house) == 0
