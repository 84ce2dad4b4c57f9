"""AWS operations of event streams."""

from __future__ import annotations

from clarion.core.clock import iso_ms
from clarion.domain.streams.service import Streams
from clarion.domain.streams.store import StreamRow
from clarion.shapes import pinpoint as shapes
from clarion.wire.context import Context


class StreamsOperations:
    """Mounted on `pinpoint`."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams

    def put_event_stream(self, ctx: Context, request: shapes.PutEventStreamRequest) -> shapes.EventStream:
        sent = request.write_event_stream
        return show(self._streams.put(ctx.scope, request.application_id, sent, ctx.principal_arn))

    def get_event_stream(self, ctx: Context, request: shapes.GetEventStreamRequest) -> shapes.EventStream:
        return show(self._streams.get(ctx.scope, request.application_id))

    def delete_event_stream(self, ctx: Context, request: shapes.DeleteEventStreamRequest) -> shapes.EventStream:
        return show(self._streams.delete(ctx.scope, request.application_id))


def show(row: StreamRow) -> shapes.EventStream:
    """A stream in the API's shape. `ExternalId` is deprecated and left out."""
    return shapes.EventStream(
        application_id=row.app_id,
        destination_stream_arn=row.destination,
        last_modified_date=iso_ms(row.modified_ms),
        last_updated_by=row.modified_by,
        role_arn=row.role,
    )
