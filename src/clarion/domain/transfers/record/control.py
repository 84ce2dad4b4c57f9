"""The control API's calls about exports of the record: ask for one, follow it, end it."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import msgspec

from clarion.core.clock import Clock, iso_ms, parse_iso, to_ms
from clarion.core.errors import Invalid
from clarion.domain.apps.service import Apps
from clarion.domain.transfers.model import Job, PieceState, RecordExport, RecordFormat, check_url
from clarion.domain.transfers.service import Progress, Transfers
from clarion.shapes.pinpoint import JobStatus
from clarion.store.objects import Missing, Objects
from clarion.wire.context import Context
from clarion.wire.control import ControlApi
from clarion.wire.keys import DEVELOPERS

PATH = "/clarion/v1/events/exports"

Text = Annotated[str, msgspec.Meta(min_length=1)]


class NewExport(msgspec.Struct, kw_only=True, rename="pascal"):
    """Which events, by arrival: `from` on, before `to` (ISO 8601; default: all there are), of some types; where to."""

    application_id: Text
    url: Text
    format: RecordFormat = "parquet"
    from_: str | None = msgspec.field(default=None, name="From")
    to: str | None = None
    event_types: Annotated[list[Text], msgspec.Meta(max_length=100)] = []


class WhichExport(msgspec.Struct, kw_only=True, rename="pascal"):
    """One export."""

    application_id: Text
    export_id: Text


class ExportsRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """One export with its objects or, without `export_id`, all of a project."""

    application_id: Text
    export_id: Text | None = None
    page_size: str | None = None
    next_token: str | None = None


class ExportedFile(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """An object: its events (as planned, until it is `done`), by the span of their arrival."""

    number: int
    url: str
    events: int
    from_: str = msgspec.field(name="From")
    to: str
    state: PieceState


class Export(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """An export. `events` are written of about `total_events`; `reason` says why one has failed."""

    export_id: str
    status: JobStatus
    url: str
    format: RecordFormat
    from_: str = msgspec.field(name="From")
    to: str
    event_types: list[str] = []
    created_at: str
    completed_at: str | None = None
    events: int
    total_events: int | None = None
    completed_objects: int
    total_objects: int
    reason: str | None = None
    objects: list[ExportedFile] = []


class Exports(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """Newest first; `next_token` while there are more."""

    exports: list[Export]
    next_token: str | None = None


class RecordControl:
    """Handlers of `events/exports`."""

    def __init__(self, transfers: Transfers, apps: Apps, objects: Objects, clock: Clock) -> None:
        self._transfers = transfers
        self._apps = apps
        self._objects = objects
        self._clock = clock

    def add_to(self, control: ControlApi) -> None:
        """Add the routes."""
        control.add(
            "POST",
            PATH,
            NewExport,
            Export,
            self.export_events,
            roles=DEVELOPERS,
            summary="Export events of a range of time as Parquet or JSON lines to a bucket or folder.",
        )
        control.add(
            "GET",
            PATH,
            ExportsRequest,
            Exports,
            self.event_exports,
            roles=DEVELOPERS,
            summary="Show how far an export of events is, or list all of a project.",
        )
        control.add(
            "POST",
            f"{PATH}/cancel",
            WhichExport,
            Export,
            self.cancel_event_export,
            roles=DEVELOPERS,
            summary="End an export of events where it is; objects that are whole stay.",
        )

    def export_events(self, ctx: Context, request: NewExport) -> Export:
        self._apps.require(ctx.scope, request.application_id)
        now = self._clock.now_ms()
        begin = 0 if request.from_ is None else _moment("From", request.from_)
        end = now + 1 if request.to is None else _moment("To", request.to)
        if request.to is not None and end > now:
            raise Invalid("To: must not be in the future")
        if begin >= end:
            raise Invalid("From: must be before To")
        check_url("Url", request.url)
        if request.url.startswith("file://"):
            self._check_folder(request.url)
        wanted = RecordExport(
            url=request.url,
            format=request.format,
            from_ms=begin,
            until_ms=end,
            event_types=sorted(set(request.event_types)),
        )
        return _shown(self._transfers.create_record_export(ctx.scope, request.application_id, wanted))

    def event_exports(self, ctx: Context, request: ExportsRequest) -> Exports:
        if request.export_id is not None:
            found = self._transfers.progress(ctx.scope, request.application_id, "RECORD", request.export_id)
            return Exports(exports=[_with_objects(found)])
        described, following = self._transfers.page(
            ctx.scope, request.application_id, "RECORD", None, request.page_size, request.next_token
        )
        return Exports(exports=[_shown(one.job) for one in described], next_token=following)

    def cancel_event_export(self, ctx: Context, request: WhichExport) -> Export:
        found = self._transfers.cancel(ctx.scope, request.application_id, "RECORD", request.export_id)
        return _shown(found.job)

    def _check_folder(self, url: str) -> None:
        """Say at once what would be said after the first events: that nothing may be written there."""
        probe = f"{url.rstrip('/')}/.clarion"
        try:
            # What is not there yet will be made.
            with suppress(Missing):
                self._objects.find(probe)
        except Invalid as error:
            raise Invalid(f"Url: {error.message.replace(probe, url)}") from None


def _moment(member: str, text: str) -> int:
    try:
        return max(0, to_ms(parse_iso(text)))
    except (ValueError, OverflowError):
        raise Invalid(f"{member}: must be an ISO 8601 date") from None


def _shown(job: Job) -> Export:
    wanted = job.record
    return Export(
        export_id=job.id,
        status=job.status,
        url=wanted.url,
        format=wanted.format,
        from_=iso_ms(wanted.from_ms),
        to=iso_ms(wanted.until_ms),
        event_types=wanted.event_types,
        created_at=iso_ms(job.created_ms),
        completed_at=None if job.completed_ms is None else iso_ms(job.completed_ms),
        events=job.processed,
        completed_objects=job.pieces_done,
        total_objects=job.pieces,
        reason=job.reason,
    )


def _with_objects(found: Progress) -> Export:
    shown = _shown(found.described.job)
    shown.total_events = sum(piece.at_line if piece.state == "done" else piece.size for piece in found.pieces)
    for piece in found.pieces:
        begin, end = map(int, piece.tag.split(" "))
        shown.objects.append(
            ExportedFile(
                number=piece.number,
                url=piece.url,
                events=piece.at_line if piece.state == "done" else piece.size,
                from_=iso_ms(begin),
                to=iso_ms(end),
                state=piece.state,
            )
        )
    return shown
