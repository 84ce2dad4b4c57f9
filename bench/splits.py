"""Asking the record of events about the people of a step: a split on opens and clicks, on chDB.

Target on two cores: 2,000 people of one entry in 20 ms at three million events. They come in the order of their
endpoints' keys, a third of all in each part of a journey; people drawn at random are told beside it. The events are
made by the engine itself.

    python -m bench.splits [people]
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from clarion.domain.events import columnar as events_columnar
from clarion.domain.events.asking.latest import Kind, latest
from clarion.store.columnar import Columnar, open_columnar

GROUP, ROUNDS, TARGET_SECONDS = 2_000, 25, 0.02
JOURNEY = "a" * 32
SINCE_MS = 1_791_200_000_000
SHARES = {"_journey.send": 100, "_email.send": 100, "_email.delivered": 95, "_email.open": 40, "_email.click": 10}
"""Per cent of the people who have such an event."""

_EVENTS = """
    INSERT INTO events (app_id, event_type, event_id, endpoint_key, user_id, ts, arrival, system, kv, journey_id,
        activity_id, message_id, status)
    SELECT 'app', {type:String}, toString(generateUUIDv4()), lower(hex(MD5(toString(number)))),
        concat('user', toString(number)), toDateTime64('2026-10-07 09:00:00', 3, 'UTC') + number % 3600,
        toDateTime64('2026-10-07 10:00:00', 3, 'UTC') + number % 80000, true, ['feedback\\x1freceived'],
        {journey:String}, 'mail', lower(hex(MD5(toString(number + 1)))), 'SUCCESS'
    FROM numbers({people:UInt64}) WHERE cityHash64(number, {type:String}) % 100 < {share:UInt64}
"""


def make(columnar: Columnar, people: int) -> list[str]:
    """A journey's mail to so many people, and what became of it; answers their endpoint keys in order."""
    for statement in events_columnar.ddl(90):
        columnar.command(statement)
    for kind, share in SHARES.items():
        columnar.command(_EVENTS, {"type": kind, "share": share, "journey": JOURNEY, "people": people})
    sql = "SELECT lower(hex(MD5(toString(number)))) AS key FROM numbers({people:UInt64}) ORDER BY key"
    return [str(key) for (key,) in columnar.query(sql, {"people": people})]


def measure(columnar: Columnar, kinds: Sequence[Kind], groups: Sequence[Sequence[str]]) -> tuple[float, int]:
    """Seconds for a group, the median, and how many of the last were found."""
    seconds, found = [], 0
    for group in groups:
        began = time.perf_counter()
        found = len(latest(columnar, "app", JOURNEY, kinds, {}, group, [], SINCE_MS).by_endpoint)
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds), found


def main(people: int = 900_000) -> None:
    """Measure, and say how it compares to the target."""
    kinds = [Kind(frozenset({f"_email.{name}"}), False, "mail", "1") for name in ("open", "click")]
    with tempfile.TemporaryDirectory() as folder:
        columnar = open_columnar(f"chdb://{Path(folder) / 'events'}")
        keys = make(columnar, people)
        [(events,)] = columnar.query("SELECT count() FROM events")
        chance = random.Random(1)
        starts = [chance.randrange(len(keys) - 3 * GROUP) for _ in range(ROUNDS)]
        near = [keys[start : start + 3 * GROUP : 3] for start in starts]
        far = [chance.sample(keys, GROUP) for _ in range(ROUNDS)]
        print(f"{people:,} people, {events:,} events, groups of {GROUP:,}")
        for name, groups in (("one entry", near), ("at random", far)):
            for what, asked in (("open", kinds[:1]), ("open, click", kinds)):
                seconds, found = measure(columnar, asked, groups)
                ratio = f"{TARGET_SECONDS / seconds:5.2f} of the target" if groups is near else ""
                print(f"{name:10} {what:12} {seconds * 1000:7.1f} ms  {found:5} found  {ratio}")
        columnar.close()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
