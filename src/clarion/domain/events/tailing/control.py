"""The control API's call that follows events."""

from __future__ import annotations

from typing import Annotated

import msgspec

from clarion.core.clock import iso_ms
from clarion.domain.events.model import EventRow
from clarion.domain.events.rejections.model import RULES, Kept
from clarion.domain.events.tailing.service import Asked, Outcome, Tail
from clarion.wire.context import Context
from clarion.wire.control import ControlApi
from clarion.wire.keys import DEVELOPERS

Text = Annotated[str, msgspec.Meta(min_length=1)]


class TailRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """What to follow: one project or all of the account, some event types, one endpoint, one outcome.

    `cursor` goes on behind an earlier answer; without it the newest entries come. `wait_seconds`: how long to wait
    for something new.
    """

    application_id: Text | None = None
    event_type: list[Text] = []
    endpoint_id: Text | None = None
    outcome: Outcome | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100
    wait_seconds: Annotated[int, msgspec.Meta(ge=0, le=20)] = 0
    cursor: str | None = None


class TailEntry(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """An event that was taken, or something that was not: then `reason` and `rule` say why.

    `source` is `APP` for what an app reported, `CLARION` for what the product recorded itself.
    """

    at: str
    outcome: Outcome
    source: str
    application_id: str = ""
    event_type: str = ""
    event_id: str = ""
    endpoint_id: str = ""
    user_id: str = ""
    event_timestamp: str = ""
    attributes: dict[str, str] = {}
    metrics: dict[str, float] = {}
    session_id: str = ""
    campaign_id: str = ""
    journey_id: str = ""
    message_id: str = ""
    status: str = ""
    gate: str = ""
    reason: str = ""
    rule: str = ""
    message: str = ""
    request_id: str = ""
    access_key_id: str = ""


class TailAnswer(msgspec.Struct, kw_only=True, rename="pascal"):
    """What is new, oldest first; `skipped` more were left out. `cursor` is where the next call goes on."""

    entries: list[TailEntry]
    skipped: int
    cursor: str


class TailControl:
    """Handler of `events/tail`."""

    def __init__(self, tail: Tail) -> None:
        self._tail = tail

    def add_to(self, control: ControlApi) -> None:
        """Add the route."""
        control.add(
            "GET",
            "/clarion/v1/events/tail",
            TailRequest,
            TailAnswer,
            self.tail_events,
            roles=DEVELOPERS,
            summary="Follow events as they arrive, and what was not taken, with the reason.",
        )

    def tail_events(self, ctx: Context, request: TailRequest) -> TailAnswer:
        asked = Asked(
            request.application_id,
            request.event_type,
            request.endpoint_id,
            request.outcome,
            request.limit,
            request.cursor,
            request.wait_seconds,
        )
        seen = self._tail.look(ctx.scope, asked)
        return TailAnswer(entries=[_entry(one) for one in seen.entries], skipped=seen.skipped, cursor=seen.cursor)


def _entry(one: EventRow | Kept) -> TailEntry:
    return _rejected(one) if isinstance(one, Kept) else _accepted(one)


def _accepted(row: EventRow) -> TailEntry:
    return TailEntry(
        at=iso_ms(row.arrival),
        outcome="ACCEPTED",
        source="CLARION" if row.system else "APP",
        application_id=row.app_id,
        event_type=row.event_type,
        event_id=row.event_id,
        endpoint_id=row.endpoint_id or row.endpoint_key,
        user_id=row.user_id,
        event_timestamp=iso_ms(row.ts),
        attributes=row.attributes,
        metrics=row.metrics,
        session_id=row.session_id,
        campaign_id=row.campaign_id,
        journey_id=row.journey_id,
        message_id=row.message_id,
        status=row.status,
        gate=row.gate,
        reason=row.reason,
    )


def _rejected(one: Kept) -> TailEntry:
    detail = one.detail
    return TailEntry(
        at=iso_ms(one.at_ms),
        outcome="REJECTED",
        source="APP",
        application_id=one.app_id or detail.asked,
        event_type=one.event_type,
        event_id=detail.event_id,
        endpoint_id=detail.endpoint_id,
        reason=one.reason,
        rule=RULES.get(one.reason, ""),
        message=detail.message,
        request_id=detail.request_id,
        access_key_id=detail.access_key_id,
    )
