"""What all activities that send something have in common: one way on, a template, and a channel to send it by."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from clarion.domain.journeys.activities.port import Here, Kind
from clarion.domain.journeys.model import Edge, Fault, Verdict, Walker

if TYPE_CHECKING:
    from clarion.domain.journeys.graph import Node
    from clarion.domain.journeys.review.context import Review


class MessageActivity(Kind):
    """Sends, and everybody goes on. What became of each message is told by `_journey.send` events, not by moves."""

    metric = "MESSAGE"

    def edges(self, spec: Any) -> tuple[Edge, ...]:
        return (Edge("", spec.next_activity or ""),)

    def faults(self, node: Node, review: Review) -> Iterator[Fault]:
        yield from self.template_faults(node, review)
        yield from self.own_faults(node, review)

    @abstractmethod
    def own_faults(self, node: Node, review: Review) -> Iterator[Fault]:
        """What is wrong besides the template."""

    def template_faults(self, node: Node, review: Review) -> Iterator[Fault]:
        """E11."""
        name, version = node.spec.template_name, node.spec.template_version
        if not name:
            yield Fault("E11", node.id, "TemplateName is required: journeys send templates")
        elif not review.lookups.template(self.wire, name, version):
            there = (
                f"version {version} of the {self.wire} template {name}" if version else f"{self.wire} template {name}"
            )
            yield Fault("E11", node.id, f"there is no {there}")

    def arrive(self, here: Here, group: Sequence[Walker]) -> Iterable[Verdict]:
        return here.tools.messages.send(here, group)
