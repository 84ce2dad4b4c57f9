"""Some rows of a backlog on their way: what is sent next, what was taken, what comes again. Pure.

    records  r0 r1 r2 r3 r4 r5 r6 r7 …       r2 was not taken; r4 has its key and was
             ───── through ─→│      │
                    again: r2 r4    └─ fresh: from r6 on

Order is kept by key: of a batch that was taken in part, the records that were not are sent again, before anything
later, and with them those of their keys that came after, though they were taken: so what arrives last is in order.
All others are never sent again. Everything before the first record that is still to be taken is `through`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from clarion.channels.streaming.port import TOO_LARGE, Failed, Limits, Record
from clarion.domain.streams.backlog import Chunk, Refusal, Settled

_MESSAGE = "the record has {size} bytes; its destination takes at most {most}"


class Taken(NamedTuple):
    """What came of a batch: how many of its records were taken now, and (once each) what was wrong with others."""

    records: int
    failures: Sequence[Failed]


class Portion:
    """`chunks` are rows in order, `records` what is in each of them, `limits` those of a batch. Not thread-safe."""

    def __init__(
        self, chunks: Sequence[Chunk], records: Sequence[Sequence[Record]], limits: Limits, *, last: bool
    ) -> None:
        self.chunks = list(chunks)
        self.last = last
        """Whether nothing waits behind these rows."""
        self._records = [record for of_chunk in records for record in of_chunk]
        ends = [0]
        for of_chunk in records:
            ends.append(ends[-1] + len(of_chunk))
        self._spans = list(pairwise(ends))
        self._limits = limits
        sizes = [len(record.data) for record in self._records]
        self._sums = list(accumulate(sizes, initial=0))
        most = min(limits.record_bytes, limits.bytes)
        self._too_large = [number for number, size in enumerate(sizes) if size > most]
        self._fresh = min(chunks[0].done, len(records[0])) if chunks else 0
        self._too_large = [number for number in self._too_large if number >= self._fresh]
        self._again: list[int] = []
        self._refused: dict[int, Refusal] = {}
        self._settled_to = -1

    @property
    def through(self) -> int:
        """How many records, from the first, are delivered or refused for good."""
        return self._again[0] if self._again else self._fresh

    @property
    def left(self) -> int:
        """How many records are still to be sent."""
        return len(self._again) + len(self._records) - self._fresh

    @property
    def torn(self) -> bool:
        """Whether records behind the first missing one were taken, which only this object knows."""
        return len(self._again) < self._fresh - self.through

    @property
    def chunks_left(self) -> list[Chunk]:
        """The rows that are not through."""
        return [chunk for chunk, (_, end) in zip(self.chunks, self._spans, strict=True) if end > self._settled_to]

    @property
    def oldest_ms(self) -> int:
        """When the first of what is left was taken in, Unix ms."""
        through = self.through
        spans = zip(self.chunks, self._spans, strict=True)
        return next((chunk.at_ms for chunk, (_, end) in spans if end > through), self.chunks[-1].at_ms)

    @property
    def bytes_left(self) -> int:
        """How large what is left is, as it goes out."""
        return self._sums[-1] - self._sums[self._fresh] + sum(map(self._size, self._again))

    def batch(self) -> list[int]:
        """The next records to send, as their numbers: within limits, those of before first."""
        limits, picked, size = self._limits, list[int](), 0
        for number in self._again:
            size += self._size(number)
            if picked and (len(picked) == limits.records or size > limits.bytes):
                return picked
            picked.append(number)
        while True:
            end = self._end(limits.records - len(picked), limits.bytes - size)
            picked += range(self._fresh, end)
            size += self._sums[end] - self._sums[self._fresh]
            self._fresh = end
            if end not in self._too_large[:1]:
                break
            self._refuse_next()
        self._again = picked if len(picked) > len(self._again) else self._again
        return picked

    def _end(self, records: int, size: int) -> int:
        """Up to where fresh records fit into so many records and bytes, or one is too large for any batch."""
        fit = bisect_right(self._sums, self._sums[self._fresh] + size, self._fresh) - 1
        return max(self._fresh, min(fit, self._fresh + records, *self._too_large[:1]))

    def _refuse_next(self) -> None:
        size, most = self._size(self._fresh), min(self._limits.record_bytes, self._limits.bytes)
        self._refuse(self._fresh, Failed(0, TOO_LARGE, _MESSAGE.format(size=size, most=most), final=True))
        del self._too_large[0]
        self._fresh += 1

    def _size(self, number: int) -> int:
        return self._sums[number + 1] - self._sums[number]

    def records(self, batch: Sequence[int]) -> list[Record]:
        """The records of a batch."""
        return [self._records[number] for number in batch]

    def took(self, batch: Sequence[int], failed: Sequence[Failed]) -> Taken:
        """A batch was sent, but for what failed. Until this is called all of it counts as to be sent again."""
        if not failed:
            self._again = self._again[len(batch) :]
            return Taken(len(batch), ())
        problems = {one.index: one for one in failed if 0 <= one.index < len(batch)}
        stuck: set[str] = set()
        again: list[int] = []
        for place, number in enumerate(batch):
            problem = problems.get(place)
            if problem is not None and problem.final:
                self._refuse(number, problem)
            elif problem is not None or self._records[number].key in stuck:
                stuck.add(self._records[number].key)
                again.append(number)
        self._again = again + self._again[len(batch) :]
        return Taken(len(batch) - len(problems), list(problems.values()))

    def settle(self) -> Settled:
        """What has become through since the last time this was asked."""
        through = self.through
        finished = [
            chunk.seq
            for chunk, (_, end) in zip(self.chunks, self._spans, strict=True)
            if self._settled_to < end <= through
        ]
        partly = next(
            (
                (chunk, through - start)
                for chunk, (start, end) in zip(self.chunks, self._spans, strict=True)
                if start < through < end
            ),
            None,
        )
        refusals = [one for number, one in sorted(self._refused.items()) if number < through]
        self._refused = {number: one for number, one in self._refused.items() if number >= through}
        self._settled_to = through
        return Settled(finished, partly, refusals)

    def _refuse(self, number: int, problem: Failed) -> None:
        record = self._records[number]
        self._refused[number] = Refusal(problem.code, problem.message, record.key, record.data)
