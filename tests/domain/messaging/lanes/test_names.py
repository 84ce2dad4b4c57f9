"""What lanes and queues are called."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from clarion.domain.messaging.lanes.names import (
    OTP,
    PROMOTIONAL,
    TRANSACTIONAL,
    lane_name,
    lane_of,
    moved,
    priority_of,
    provider_of,
    queue_of,
    scopes,
)


def test_a_lane_is_a_provider_and_an_identity() -> None:
    assert lane_name("EMAIL") == "EMAIL"
    assert lane_name("SMS", "carrier", "+491511") == "SMS/carrier/+491511"
    assert provider_of("SMS/carrier/+491511") == "carrier"
    assert provider_of("EMAIL") == ""
    assert moved("SMS/carrier/+491511", "other") == "SMS/other/+491511"
    assert list(scopes("SMS/carrier/+491511")) == ["SMS", "SMS/carrier", "SMS/carrier/+491511"]
    assert list(scopes("SMS")) == ["SMS"]


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_identity_has_a_lane_of_its_own_that_fits(one: str, other: str) -> None:
    lanes = [lane_name("CUSTOM", "calls", identity) for identity in (one, other)]
    assert all(len(lane) <= 100 and lane.count("/") <= 2 for lane in lanes)
    assert (lanes[0] == lanes[1]) == (one == other)


@given(st.sampled_from([OTP, TRANSACTIONAL, PROMOTIONAL]), st.text(min_size=1, max_size=50))
def test_a_queue_tells_its_lane_and_priority(priority: int, lane: str) -> None:
    queue = queue_of(lane, priority)
    assert (lane_of(queue), priority_of(queue)) == (lane, priority)


def test_queues_in_order_are_in_the_order_of_their_priorities() -> None:
    queues = sorted(queue_of(lane, priority) for lane in ("A", "Z") for priority in (PROMOTIONAL, OTP, TRANSACTIONAL))
    assert [priority_of(queue) for queue in queues] == [0, 0, 1, 1, 2, 2]
