"""What a review knows of the journey it looks at, and whom it can ask."""

from __future__ import annotations

from typing import Protocol

import msgspec

from clarion.domain.journeys.graph import Graph
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


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """`start_ms` and `end_ms`: from when and until when people can be inside. Unix ms."""

    wanted: WriteJourneyRequest
    graph: Graph
    lookups: Lookups
    now_ms: int
    start_ms: int
    end_ms: int
