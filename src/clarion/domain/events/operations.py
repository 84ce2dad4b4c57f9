"""PutEvents, from the wire: the hot path of the product."""

from __future__ import annotations

from concurrent.futures import Future

from clarion.domain.events.service import Events
from clarion.shapes.pinpoint import EventsResponse
from clarion.wire.context import Context
from clarion.wire.registry import RawRequest, inline, raw_body


class EventsOperations:
    """Operations on events. The body is decoded by the pipeline, in the form that suits it."""

    def __init__(self, events: Events) -> None:
        self._events = events

    @inline
    @raw_body
    def put_events(self, ctx: Context, request: RawRequest) -> Future[EventsResponse]:
        """Answers once the events are durable."""
        return self._events.put(ctx, request.labels["application_id"], request.body)
