"""The slow and obvious way to count who is there: over events one by one, day by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from clarion.core.clock import to_ms
from tests.domain.analytics.charts.history import Happened

DAY = timedelta(days=1)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Device(NamedTuple):
    """An endpoint that there is."""

    key: str
    created: int
    user: str
    zone: str
    platform: str


class Told(NamedTuple):
    """What is asked of a history: moments, both included."""

    since: int
    until: int
    zone: str

    def day(self, ms: int) -> date:
        return datetime.fromtimestamp(ms / 1000, UTC).astimezone(ZoneInfo(self.zone)).date()

    def days(self) -> list[date]:
        first, last = self.day(self.since), self.day(self.until)
        return [first + number * DAY for number in range((last - first).days + 1)]

    def begin(self, day: date) -> int:
        return to_ms(datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC))

    def has(self, ms: int) -> bool:
        return self.since <= ms <= self.until


def who(event: Happened | Device, by: str) -> str:
    if by == "User":
        return event.user
    return event.endpoint if isinstance(event, Happened) else event.key


def daily(events: Sequence[Happened], told: Told, by: str) -> dict[str, float]:
    found: dict[str, set[str]] = {}
    for event in events:
        if told.has(event.at) and who(event, by):
            found.setdefault(told.day(event.at).isoformat(), set()).add(who(event, by))
    return {day: float(len(people)) for day, people in found.items()}


def monthly(events: Sequence[Happened], told: Told, by: str) -> dict[str, float]:
    found = {}
    for day in told.days():
        since, before = told.begin(day - 29 * DAY), min(told.until + 1, told.begin(day + DAY))
        people = {who(event, by) for event in events if since <= event.at < before} - {""}
        if people:
            found[day.isoformat()] = float(len(people))
    return found


def sticky(events: Sequence[Happened], told: Told, by: str) -> dict[str, float]:
    whole = told._replace(since=told.begin(told.day(told.since)))
    active = daily(events, whole, by)
    return {day: active.get(day, 0.0) / people for day, people in monthly(events, told, by).items()}


def new(events: Sequence[Happened], devices: Sequence[Device], told: Told, by: str) -> dict[str, float]:
    first: dict[str, int] = {}
    for person, ms in [(who(event, by), event.at) for event in events] + [
        (who(one, by), one.created) for one in devices
    ]:
        if person:
            first[person] = min(first.get(person, ms), ms)
    return dict(Counter(told.day(ms).isoformat() for ms in first.values() if told.has(ms)))


def sessions(events: Sequence[Happened], told: Told) -> list[Happened]:
    """The starts that began one, each once."""
    begun = {}
    for start in events:
        if start.type != "_session.start" or not told.has(start.at):
            continue
        ends = [
            event.at
            for event in events
            if event.endpoint == start.endpoint
            and event.type in ("_session.stop", "_session.pause")
            and event.at <= start.at
        ]
        if not ends or start.at - max(ends) > 5000:
            begun[start.endpoint, start.id, start.at // 86_400_000] = start
    return list(begun.values())


def by_day(events: Sequence[Happened], told: Told) -> dict[str, float]:
    return dict(Counter(told.day(event.at).isoformat() for event in events))


def per(begun: Sequence[Happened], events: Sequence[Happened], told: Told, by: str) -> dict[str, float]:
    of = by_day([one for one in begun if who(one, by)], told)
    return {day: of.get(day, 0.0) / people for day, people in daily(events, told, by).items()}


def totals(begun: Sequence[Happened], events: Sequence[Happened], told: Told) -> list[float | None]:
    people = {by: {who(event, by) for event in events if told.has(event.at)} - {""} for by in ("Endpoint", "User")}
    of_users = [one for one in begun if one.user]
    users = len(of_users) / len(people["User"]) if people["User"] else None
    return [len(begun), len(begun) / len(people["Endpoint"]), users] if people["Endpoint"] else []


def heat_map(begun: Sequence[Happened], devices: Sequence[Device], told: Told) -> Mapping[tuple[str, str], float]:
    zones = {one.key: one.zone for one in devices if one.zone and "/" in one.zone}
    found: Counter[tuple[str, str]] = Counter()
    for one in begun:
        local = datetime.fromtimestamp(one.at / 1000, UTC).astimezone(ZoneInfo(zones.get(one.endpoint, told.zone)))
        found[WEEKDAYS[local.weekday()], f"{local.hour:02}"] += 1
    return found
