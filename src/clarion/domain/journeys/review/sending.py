"""What is worth a second look before people get messages and calls."""

from __future__ import annotations

from collections.abc import Iterator

from clarion.domain.journeys.definition import rate_of
from clarion.domain.journeys.graph import Node
from clarion.domain.journeys.model import Fault
from clarion.domain.journeys.review.context import Check, Review
from clarion.domain.journeys.times import duration_ms, instant_ms
from clarion.shapes.pinpoint import WaitTime

MESSAGES = frozenset({"EMAIL", "SMS", "PUSH", "CUSTOM"})
"""Kinds of activities that send messages, by their names in requests."""

MOST_NAMED = 5


def calls(review: Review) -> Iterator[Fault]:
    """W4."""
    settings = review.wanted.journey_channel_settings
    arn = settings.connect_campaign_arn if settings else None
    is_calling = any(node.activity.contact_center is not None for node in review.graph.nodes.values())
    if arn and is_calling and (others := review.lookups.also_calling(arn)):
        text = f"JourneyChannelSettings.ConnectCampaignArn: also used by {_named(others)}"
        yield Fault("W4", "", text, advice=True)


def rates(review: Review) -> Iterator[Fault]:
    """W7."""
    wanted = rate_of(review.wanted)
    for channel in sorted({_wire(node) for node in _messages(review)}):
        limit = review.lookups.rate(channel)
        if limit and wanted > limit:
            text = f"Limits.MessagesPerSecond: {wanted} is more than the {limit} that {channel} sends"
            yield Fault("W7", "", text, advice=True)
        if review.lookups.stays_here(channel):
            yield Fault("W7", "", f"{channel} messages go to the local inbox: nobody outside gets them", advice=True)


def variables(review: Review) -> Iterator[Fault]:
    """W15, first half."""
    for node in _messages(review):
        kind, name, version = _wire(node), node.spec.template_name, node.spec.template_version
        is_there = bool(name) and review.lookups.template(kind, name, version)
        if is_there and (found := review.lookups.undefaulted(kind, name, version)):
            yield Fault("W15", node.id, f"template {name}: no default for {_named(found)}", advice=True)


def tested(review: Review) -> Iterator[Fault]:
    """W15, second half."""
    if not review.lookups.tested():
        yield Fault("W15", "", "the journey was never tested", advice=True)


def waits(review: Review) -> Iterator[Fault]:
    """W16. A journey that keeps a rate has people wait for their turn, so that only dates can come too early; where
    the channel is the slower one, messages still lie in its outbox while their recipients wait on."""
    for node in _messages(review):
        for following in {one.id: one for one in review.graph.following(node.id)}.values():
            wait = getattr(following.spec, "wait_time", None) or getattr(following.spec, "evaluation_wait_time", None)
            if isinstance(wait, WaitTime) and _ends_early(review, node, wait):
                text = f"may be over before everybody got the message of {node.id}, given the audience and the rate"
                yield Fault("W16", following.id, text, advice=True)


def _ends_early(review: Review, message: Node, wait: WaitTime) -> bool:
    condition = review.wanted.start_condition
    start = condition.segment_start_condition if condition else None
    lane = review.lookups.rate(_wire(message))
    length, until = duration_ms(wait.wait_for), instant_ms(wait.wait_until)
    if length is not None:
        slowest, long = lane, length
    elif until is not None and until > review.start_ms:
        slowest, long = min(filter(None, (lane, rate_of(review.wanted))), default=0), until - review.start_ms
    else:
        return False
    if slowest <= 0 or start is None or review.lookups.segment(start.segment_id) is None:
        return False
    return review.lookups.members(start.segment_id) / slowest * 1000 > long


def _messages(review: Review) -> list[Node]:
    return [node for node in review.graph.nodes.values() if _wire(node) in MESSAGES]


def _wire(node: Node) -> str:
    return node.kind.wire if node.kind is not None else ""


def _named(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


CHECKS: tuple[Check, ...] = (calls, rates, variables, tested, waits)
