"""What a review knows of the journey it looks at, and whom it can ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import msgspec

from clarion.domain.journeys.graph import Graph
from clarion.domain.journeys.model import Fault
from clarion.shapes.pinpoint import WriteJourneyRequest


class Lookups(Protocol):
    """What a review asks about the project."""

    def template(self, kind: str, name: str, version: str | None) -> bool:
        """Whether there is such a template (kind: EMAIL, SMS, PUSH, CUSTOM is not one) in that version."""
        ...

    def enabled(self) -> frozenset[str]:
        """The channel types that are switched on."""
        ...

    def sender(self) -> str:
        """The e-mail channel's FromAddress, ""."""
        ...

    def segment(self, segment_id: str) -> str | None:
        """What a segment is: DIMENSIONAL, IMPORT, or BUILT_ON_IMPORT; None: there is none."""
        ...

    def members(self, segment_id: str) -> int:
        """How many endpoints a segment has now."""
        ...

    def without_zone(self, segment_id: str) -> int:
        """How many of them have no time zone."""
        ...

    def refused(self, uri: str) -> str:
        """Why a function or a webhook cannot be called, ""."""
        ...

    def undefaulted(self, kind: str, name: str, version: str | None) -> list[str]:
        """The variables of a template that have no value when neither endpoint nor event gives one."""
        ...

    def rate(self, channel: str) -> int:
        """Messages per second that go out on a channel; 0: no limit."""
        ...

    def stays_here(self, channel: str) -> bool:
        """Whether the messages of a channel go to the local inbox, and to nobody else."""
        ...

    def daily_cap(self) -> bool:
        """Whether the project says how many messages a day somebody gets at most."""
        ...

    def tested(self) -> bool:
        """Whether the journey was ever tested."""
        ...

    def also_calling(self, campaign_arn: str) -> list[str]:
        """The other journeys under way that use a Connect campaign."""
        ...

    def full(self, event_started: bool) -> str:
        """The quota that keeps a further journey from starting, ""."""
        ...


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """`start_ms` and `end_ms`: from when and until when people can be inside. Unix ms. `delay_ms` is from
    publishing to the first entries, `most_days` how long a journey may run."""

    wanted: WriteJourneyRequest
    graph: Graph
    lookups: Lookups
    now_ms: int
    start_ms: int
    end_ms: int
    delay_ms: int = 300_000
    most_days: int = 540


Check = Callable[[Review], Iterator[Fault]]
"""A check of a journey as a whole; those of single activities are `Kind.faults`."""
