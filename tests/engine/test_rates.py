from __future__ import annotations

from datetime import timedelta

import pytest

from clarion.core.clock import VirtualClock
from clarion.core.ids import SeededIds
from clarion.engine.backoff import Backoff
from clarion.engine.rates import TokenBucket


def pass_ms(clock: VirtualClock, ms: int) -> None:
    clock.move_to(clock.now() + timedelta(milliseconds=ms))


def test_bucket_gives_its_burst_then_its_rate(clock: VirtualClock) -> None:
    bucket = TokenBucket(10, clock, burst=3)
    assert [bucket.take() for _ in range(4)] == [1, 1, 1, 0]
    pass_ms(clock, 99)
    assert bucket.take() == 0
    pass_ms(clock, 1)
    assert bucket.take() == 1
    pass_ms(clock, 60_000)
    assert bucket.take(100) == 3


def test_waiting_as_long_as_told_is_enough_and_not_more(clock: VirtualClock) -> None:
    bucket = TokenBucket(3, clock, burst=1)
    assert bucket.wait_ms() == 0
    bucket.take()
    wait = bucket.wait_ms()
    assert wait == 334
    pass_ms(clock, wait - 1)
    assert bucket.take() == 0
    pass_ms(clock, 1)
    assert bucket.take() == 1


def test_over_a_long_time_the_rate_is_exact(clock: VirtualClock) -> None:
    bucket = TokenBucket(7, clock, burst=2)
    bucket.take(2)
    sent = 0
    for _ in range(100_000):
        pass_ms(clock, 10)
        sent += bucket.take()
    assert 6_999 <= sent <= 7_000


def test_unused_tokens_may_be_put_back(clock: VirtualClock) -> None:
    bucket = TokenBucket(5, clock)
    assert bucket.take(5) == 5
    bucket.put_back(2)
    assert bucket.take(5) == 2


def test_slow_rates_still_let_one_go(clock: VirtualClock) -> None:
    bucket = TokenBucket(0.5, clock)
    assert bucket.take() == 1
    assert bucket.wait_ms() == 2_000
    assert bucket.wait_ms(50) == 2_000


def test_rate_zero_is_no_limit(clock: VirtualClock) -> None:
    bucket = TokenBucket(0, clock)
    assert bucket.take(1_000_000) == 1_000_000
    assert bucket.wait_ms(1_000_000) == 0


@pytest.mark.parametrize(("attempt", "most"), [(1, 100), (2, 200), (5, 1_600), (6, 3_000), (5_000, 3_000)])
def test_backoff_draws_from_the_whole_range(attempt: int, most: int) -> None:
    backoff = Backoff(SeededIds(3), base_ms=100, cap_ms=3_000)
    delays = [backoff.delay_ms(attempt) for _ in range(500)]
    assert max(delays) <= most
    assert max(delays) > most * 0.9
    assert min(delays) < most * 0.1
