"""Events as apps report them, drawn by hypothesis, and how plain Python reads them: each once, days of a zone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.domain.analytics.charts.history import Happened, at

HOUR_MS = 3_600_000
FIRST, LAST = at("03-27 00:00"), at("03-30 00:00")
"""Europe changes its clocks in between."""

K = TypeVar("K")

ZONES = st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata"])
MOMENTS = st.integers(FIRST // HOUR_MS, LAST // HOUR_MS).map(lambda hour: hour * HOUR_MS) | st.integers(FIRST, LAST)
RANGE = {"start_time": "2027-03-27", "end_time": "2027-03-29"}
PURCHASE = "_monetization.purchase"

attributes = st.dictionaries(
    st.sampled_from(["color", "size", "col"]), st.sampled_from(["red", "blue", ""]), max_size=3
)
metrics = st.dictionaries(st.sampled_from(["price", "weight"]), st.sampled_from([-1.5, 0.0, 2.0, 2.25]), max_size=2)


def events(types: Sequence[str]) -> st.SearchStrategy[list[Happened]]:
    """Histories in which some events are recorded more than once, at any place. Ids are those of an endpoint."""
    one = st.builds(
        Happened,
        endpoint=st.sampled_from(["phone", "tablet", "web"]),
        type=st.sampled_from(types),
        at=MOMENTS,
        id=st.just(""),
        user=st.sampled_from(["", "lea", "jon"]),
        attributes=attributes,
        metrics=metrics,
        arrival=st.just(0),
        session=st.just(""),
    )
    return st.lists(one, max_size=12).map(_numbered).flatmap(_repeated)


def _numbered(some: list[Happened]) -> list[Happened]:
    # Endpoints number their events: the same id of two endpoints means two events.
    counts: dict[str, int] = defaultdict(int)
    found = []
    for event in some:
        counts[event.endpoint] += 1
        found.append(event._replace(id=str(counts[event.endpoint])))
    return found


def _repeated(some: list[Happened]) -> st.SearchStrategy[list[Happened]]:
    if not some:
        return st.just(some)
    return st.lists(st.sampled_from(some), max_size=4).flatmap(lambda again: st.permutations([*some, *again]))


def once(some: Iterable[Happened], zone: str = "UTC") -> list[Happened]:
    """Those of the range, each once."""
    days = {date(2027, 3, day) for day in (27, 28, 29)}
    return [event for event in {(e.endpoint, e.id): e for e in some}.values() if _day(event, zone) in days]


def day(event: Happened, zone: str = "UTC") -> str:
    """The day of an event in a zone."""
    return _day(event, zone).isoformat()


def by(some: Iterable[Happened], key: Callable[[Happened], K]) -> Mapping[K, list[Happened]]:
    """The events by a key."""
    found: dict[K, list[Happened]] = defaultdict(list)
    for event in some:
        found[key(event)].append(event)
    return found


def _day(event: Happened, zone: str) -> date:
    return datetime.fromtimestamp(event.at / 1000, UTC).astimezone(ZoneInfo(zone)).date()
