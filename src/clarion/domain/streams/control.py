"""The control API's calls on event streams: how they are, a test record, trying now."""

from __future__ import annotations

from typing import Annotated

import msgspec

from clarion.core.clock import Clock, iso_ms
from clarion.domain.streams.backlog import Refused
from clarion.domain.streams.model import State
from clarion.domain.streams.service import Streams
from clarion.domain.streams.store import Listed, Progress
from clarion.wire.context import Context
from clarion.wire.control import ControlApi, Nothing
from clarion.wire.keys import DEVELOPERS, READERS

Text = Annotated[str, msgspec.Meta(min_length=1)]
PATH = "/clarion/v1/streams"


class StreamRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Whose stream."""

    application_id: Text


class StreamError(msgspec.Struct, kw_only=True, rename="pascal"):
    """What went wrong last, and when."""

    code: str
    message: str
    at: str


class StreamStatus(msgspec.Struct, kw_only=True, rename="pascal", omit_defaults=True):
    """How a stream is. `Lag` counts the events that wait, `LagSeconds` is how long the oldest of them has.

    `Failing` is since when every try has failed, `NextTry` when the next one is due; `LastError` stays when all is
    well again. `Exported`, `Refused` (by the destination, for good) and `Lost` (never delivered) count events since
    the stream was made.
    """

    application_id: str
    destination_stream_arn: str
    state: str
    lag: int
    lag_seconds: float
    backlog_bytes: int
    backlog_bound_bytes: int
    exported: int
    refused: int
    lost: int
    last_sent: str | None = None
    failing: str | None = None
    attempts: int = 0
    next_try: str | None = None
    last_error: StreamError | None = None


class StreamList(msgspec.Struct, kw_only=True, rename="pascal"):
    """All streams of an account in a region, and how full the backlogs of the whole installation are."""

    streams: list[StreamStatus]
    backlog_bytes: int
    backlog_bound_bytes: int


class TestSent(msgspec.Struct, kw_only=True, rename="pascal"):
    """The record that was put behind what waits: of this type, with this `client_id`."""

    event_type: str
    client_id: str


class RefusedRecord(msgspec.Struct, kw_only=True, rename="pascal"):
    """A record that the destination will never take, and why."""

    at: str
    code: str
    message: str
    client_id: str
    record: str


class RefusedRecords(msgspec.Struct, kw_only=True, rename="pascal"):
    """The last of them, newest first."""

    records: list[RefusedRecord]


class StreamsControl:
    """Handlers of `streams…`. `bound` is the most bytes of all backlogs together."""

    def __init__(self, streams: Streams, clock: Clock, bound: int) -> None:
        self._streams = streams
        self._clock = clock
        self._bound = bound

    def add_to(self, control: ControlApi) -> None:
        """Add the routes."""
        control.add(
            "GET",
            PATH,
            Nothing,
            StreamList,
            self.list_streams,
            roles=READERS,
            summary="List all event streams with their lag.",
        )
        control.add(
            "GET",
            f"{PATH}/status",
            StreamRequest,
            StreamStatus,
            self.stream_status,
            roles=READERS,
            summary="Tell how the event stream of a project is.",
        )
        control.add(
            "GET",
            f"{PATH}/refused",
            StreamRequest,
            RefusedRecords,
            self.refused_records,
            roles=DEVELOPERS,
            summary="List the last records that the destination refused for good.",
        )
        control.add(
            "POST",
            f"{PATH}/test",
            StreamRequest,
            TestSent,
            self.test_stream,
            roles=DEVELOPERS,
            summary="Ask the destination, and send it a record of type _test.event_stream.",
        )
        control.add(
            "POST",
            f"{PATH}/retry",
            StreamRequest,
            Nothing,
            self.retry_stream,
            roles=DEVELOPERS,
            summary="Try now what would be tried later.",
        )

    def list_streams(self, ctx: Context, request: Nothing) -> StreamList:
        found = self._streams.all(ctx.scope)
        return StreamList(
            streams=[self._show(one) for one in found],
            backlog_bytes=self._streams.backlog_bytes(),
            backlog_bound_bytes=self._bound,
        )

    def stream_status(self, ctx: Context, request: StreamRequest) -> StreamStatus:
        return self._show(self._streams.status(ctx.scope, request.application_id))

    def refused_records(self, ctx: Context, request: StreamRequest) -> RefusedRecords:
        found = self._streams.refused(ctx.scope, request.application_id)
        return RefusedRecords(records=[_refused(one) for one in found])

    def test_stream(self, ctx: Context, request: StreamRequest) -> TestSent:
        event_type, client_id = self._streams.test(ctx.scope, request.application_id)
        return TestSent(event_type=event_type, client_id=client_id)

    def retry_stream(self, ctx: Context, request: StreamRequest) -> Nothing:
        self._streams.retry(ctx.scope, request.application_id)
        return Nothing()

    def _show(self, one: Listed) -> StreamStatus:
        progress = one.progress
        lag_ms = 0 if one.oldest_ms is None else max(0, self._clock.now_ms() - one.oldest_ms)
        return StreamStatus(
            application_id=one.stream.app_id,
            destination_stream_arn=one.stream.destination,
            state=_state(progress).value,
            lag=progress.waiting,
            lag_seconds=lag_ms / 1000,
            backlog_bytes=progress.bytes,
            backlog_bound_bytes=self._bound,
            exported=progress.exported,
            refused=progress.refused,
            lost=progress.lost,
            last_sent=_time(progress.sent_ms),
            failing=_time(progress.failing_ms),
            attempts=progress.attempts,
            next_try=_time(progress.not_before_ms) if progress.attempts else None,
            last_error=_error(progress),
        )


def _state(progress: Progress) -> State:
    if progress.failing_ms is not None:
        return State.FAILING
    return State.DELIVERING if progress.waiting else State.IDLE


def _error(progress: Progress) -> StreamError | None:
    if progress.error_ms is None:
        return None
    return StreamError(code=progress.error_code, message=progress.error, at=iso_ms(progress.error_ms))


def _time(ms: int | None) -> str | None:
    return None if ms is None else iso_ms(ms)


def _refused(one: Refused) -> RefusedRecord:
    return RefusedRecord(
        at=iso_ms(one.at_ms),
        code=one.code,
        message=one.message,
        client_id=one.client_id,
        record=one.data.decode(errors="replace").rstrip("\n"),
    )
