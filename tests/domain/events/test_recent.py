"""What the memory of recent events knows, when it forgets, and whom a repeat waits for."""

from __future__ import annotations

from clarion.core.errors import Unavailable
from clarion.domain.events.ingest.recent import Claim, RecentEvents

KEY = ("app", "ep")


def take(recent: RecentEvents, *ids: str, key: tuple[str, str] = KEY) -> tuple[Claim, set[str]]:
    claim = Claim()
    return claim, recent.claim(claim, key, set(ids))


def outcome(recent: RecentEvents, claim: Claim) -> list[BaseException | None]:
    """Filled when the claim no longer waits for others."""
    heard: list[BaseException | None] = []
    recent.after(claim, heard.append)
    return heard


def test_only_the_same_event_of_the_same_endpoint_and_app_is_a_repeat() -> None:
    recent = RecentEvents()
    assert take(recent, "a", "b")[1] == set()
    assert take(recent, "b", "c")[1] == {"b"}
    assert take(recent, "a", key=("app", "other"))[1] == set()
    assert take(recent, "a", key=("other", "ep"))[1] == set()
    assert take(recent, "a", "b", "c", "d")[1] == {"a", "b", "c"}


def test_a_repeat_of_something_stored_waits_for_nobody() -> None:
    recent = RecentEvents()
    first, _ = take(recent, "a")
    recent.settle(first)
    again, known = take(recent, "a")
    assert known == {"a"}
    assert outcome(recent, again) == [None]


def test_a_repeat_waits_for_the_first_and_shares_its_fate() -> None:
    recent = RecentEvents()
    first, _ = take(recent, "a")
    second, _ = take(recent, "b")
    again, known = take(recent, "a", "b", "c")
    assert known == {"a", "b"}
    recent.settle(again)
    heard = outcome(recent, again)
    recent.settle(second)
    assert heard == []
    error = Unavailable("no")
    recent.settle(first, error)
    assert heard == [error]
    assert take(recent, "a", "b", "c")[1] == {"b", "c"}  # what failed is forgotten


def test_a_repeat_of_a_refused_event_is_told_to_come_again() -> None:
    recent = RecentEvents()
    first, _ = take(recent, "a", "b")
    again, _ = take(recent, "a")
    recent.release(first, KEY, ["a"])
    recent.settle(first)
    [error] = outcome(recent, again)
    assert isinstance(error, Unavailable)
    assert take(recent, "a", "b")[1] == {"b"}


def test_a_request_may_repeat_itself_under_another_case() -> None:
    recent = RecentEvents()
    claim = Claim()
    assert recent.claim(claim, KEY, {"a"}) == set()
    assert recent.claim(claim, KEY, {"a", "b"}) == {"a"}
    assert claim.repeats == []
    recent.settle(claim)
    assert take(recent, "a", "b")[1] == {"a", "b"}


def test_memory_is_bounded_and_the_latest_stay() -> None:
    recent = RecentEvents(most_bytes=1_000_000)
    for number in range(20_000):
        claim, _ = take(recent, f"e{number}", key=("app", f"ep{number}"))
        recent.settle(claim)

    def known(number: int) -> bool:
        return bool(take(recent, f"e{number}", key=("app", f"ep{number}"))[1])

    assert all(known(number) for number in range(19_500, 20_000))
    assert not any(known(number) for number in range(0, 17_000, 100))


def test_time_forgets() -> None:
    recent = RecentEvents(seconds=0.0)
    take(recent, "a")
    take(recent, "x")
    take(recent, "y")
    assert take(recent, "a")[1] == set()
