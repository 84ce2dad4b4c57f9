"""What a kind of activity is: its ways out, its faults, and what it decides about those who come to it.

A kind is one small file here that ends by registering itself; `docs/recipes/add-an-activity.md` walks through one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import msgspec

from clarion.domain.audience.model import Endpoint
from clarion.domain.events.model import EventRow
from clarion.domain.journeys.model import Edge, Fault, Verdict, Walker
from clarion.domain.journeys.store import JourneyRow
from clarion.domain.messaging.outbox import NewRow
from clarion.shapes.pinpoint import SimpleCondition, WriteJourneyRequest

if TYPE_CHECKING:
    from clarion.domain.journeys.graph import Graph, Node
    from clarion.domain.journeys.review.context import Review


class Made(msgspec.Struct):
    """What a step makes besides moves: messages for the outbox, events, and how far they use up the journey's rate."""

    rows: list[NewRow] = []
    events: list[EventRow] = []
    paced_ms: int = 0


class Conditions(Protocol):
    """Judges people by conditions."""

    def holds(
        self, here: Here, conditions: Sequence[SimpleCondition], group: Sequence[Walker]
    ) -> Sequence[frozenset[str] | None]:
        """For each condition the participants for whom it holds now; None, and so for nobody, when the segment that it
        asks for is gone. Raises Unavailable."""
        ...


class Messages(Protocol):
    """Sends what message activities say."""

    def send(self, here: Here, group: Sequence[Walker]) -> Sequence[Verdict]:
        """Prepare the messages of `here.node` into `here.made`; what becomes of each walker. Raises Unavailable."""
        ...


class Dialler(Protocol):
    """Has people called by a contact center."""

    def call(self, here: Here, group: Sequence[Walker]) -> Sequence[Verdict]:
        """What becomes of each walker at a contact center activity. Raises Unavailable."""
        ...


class People(Protocol):
    """The endpoints behind participants."""

    def endpoints(self, app_id: str, group: Sequence[Walker]) -> Mapping[str, Sequence[Endpoint]]:
        """By participant; nobody there any more: left out."""
        ...


class Tools(msgspec.Struct, frozen=True):
    """What activities work with."""

    conditions: Conditions
    messages: Messages
    dialler: Dialler
    people: People


class Here(msgspec.Struct, frozen=True, kw_only=True):
    """The activity that a group of people is at, with all that is around it. `now_ms` is the product's clock."""

    journey: JourneyRow
    wanted: WriteJourneyRequest
    graph: Graph
    node: Node
    now_ms: int
    tools: Tools
    made: Made


class Kind(ABC):
    """A kind of activity. `member` is its attribute in `shapes.Activity`, `wire` its name in requests, `metric` the
    `ActivityType` of its metrics."""

    member: ClassVar[str]
    wire: ClassVar[str]
    metric: ClassVar[str]

    @abstractmethod
    def edges(self, spec: Any) -> tuple[Edge, ...]:
        """The ways out, in their order."""

    @abstractmethod
    def faults(self, node: Node, review: Review) -> Iterator[Fault]:
        """What is wrong with an activity of this kind, and what it should reconsider."""

    @abstractmethod
    def arrive(self, here: Here, group: Sequence[Walker]) -> Iterable[Verdict]:
        """What becomes of each of the group, in its order: of those who arrive (`waiting` is "") and of those who
        waited here and whose time has come. Raises Unavailable when it cannot be said now."""


KINDS: dict[str, Kind] = {}
"""All kinds, by member."""


def register(kind: Kind) -> None:
    """Make a kind known."""
    if kind.member in KINDS:
        raise ValueError(f"two kinds of activity for {kind.member}")
    KINDS[kind.member] = kind
