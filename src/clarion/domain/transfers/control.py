"""The control API's calls about imports and exports: uploads, progress, all failures, and a way to cancel."""

from __future__ import annotations

from typing import Annotated

import msgspec

from clarion.domain.apps.service import Apps
from clarion.domain.transfers.downloads import Downloads
from clarion.domain.transfers.model import export_answer, import_answer
from clarion.domain.transfers.service import Transfers
from clarion.domain.transfers.uploads import Uploads
from clarion.shapes.pinpoint import ExportJobResponse, ImportJobResponse
from clarion.wire.context import Context
from clarion.wire.control import ControlApi, Nothing
from clarion.wire.keys import DEVELOPERS, READERS

Text = Annotated[str, msgspec.Meta(min_length=1)]


class JobRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Which job; failures go on at `next_token`."""

    application_id: Text
    job_id: Text
    next_token: str | None = None


class PieceProgress(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """An object of an import: how many of its lines and of its unpacked bytes are done; `size` is as it is packed."""

    url: str
    size: int
    state: str
    lines: int
    bytes_done: int
    error: str | None = None


class Progress(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """An import, its objects, and where its report is."""

    job: ImportJobResponse
    pieces: list[PieceProgress]
    report_url: str | None = None


class ExportedObject(msgspec.Struct, kw_only=True, rename="pascal"):
    """An object that an export has written, and how many endpoints are in it."""

    number: int
    url: str
    endpoints: int


class ExportProgress(msgspec.Struct, kw_only=True, rename="pascal"):
    """An export and its objects."""

    job: ExportJobResponse
    objects: list[ExportedObject]


class ContentRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Which object of an export, and from which byte on."""

    application_id: Text
    job_id: Text
    number: Annotated[int, msgspec.Meta(ge=0)] = 0
    offset: Annotated[int, msgspec.Meta(ge=0)] = 0


class Content(msgspec.Struct, kw_only=True, rename="pascal"):
    """A part of an object as base64, and the size of the whole."""

    data: bytes
    size: int


class RefusedRow(msgspec.Struct, kw_only=True, rename="pascal"):
    """A row that was refused."""

    url: str
    line: int
    reason: str


class RefusedRows(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """By object and line; `next_token` while there are more."""

    failures: list[RefusedRow]
    next_token: str | None = None


class UploadPart(msgspec.Struct, kw_only=True, rename="pascal"):
    """A part of a file: its bytes as base64, and where in the file they begin."""

    application_id: Text
    name: Text
    offset: Annotated[int, msgspec.Meta(ge=0)] = 0
    data: bytes = b""


class UploadName(msgspec.Struct, kw_only=True, rename="pascal"):
    """An uploaded file."""

    application_id: Text
    name: Text


class Upload(msgspec.Struct, kw_only=True, rename="pascal"):
    """Where jobs find the file, and how many bytes are there."""

    url: str
    size: int


class TransfersControl:
    """Handlers of `imports`, `exports` and `uploads`."""

    def __init__(self, transfers: Transfers, apps: Apps, uploads: Uploads, downloads: Downloads) -> None:
        self._transfers = transfers
        self._apps = apps
        self._uploads = uploads
        self._downloads = downloads

    def add_to(self, control: ControlApi) -> None:
        """Add the routes."""
        self._add_imports(control)
        self._add_exports(control)
        self._add_uploads(control)

    def _add_imports(self, control: ControlApi) -> None:
        add, at = control.add, "/clarion/v1"
        add(
            "GET",
            f"{at}/imports",
            JobRequest,
            Progress,
            self.import_progress,
            roles=READERS,
            summary="Show how far an import is, object by object.",
        )
        add(
            "GET",
            f"{at}/imports/failures",
            JobRequest,
            RefusedRows,
            self.import_failures,
            roles=READERS,
            summary="List all rows that an import refused.",
        )
        add(
            "POST",
            f"{at}/imports/cancel",
            JobRequest,
            ImportJobResponse,
            self.cancel_import,
            roles=DEVELOPERS,
            summary="End an import where it is; what it has written stays.",
        )

    def _add_exports(self, control: ControlApi) -> None:
        add, at = control.add, "/clarion/v1"
        add(
            "GET",
            f"{at}/exports",
            JobRequest,
            ExportProgress,
            self.export_progress,
            roles=READERS,
            summary="Show what an export has written, object by object.",
        )
        add(
            "GET",
            f"{at}/exports/content",
            ContentRequest,
            Content,
            self.export_content,
            roles=DEVELOPERS,
            summary="Read a part of an object of a finished export.",
        )
        add(
            "POST",
            f"{at}/exports/cancel",
            JobRequest,
            ExportJobResponse,
            self.cancel_export,
            roles=DEVELOPERS,
            summary="End an export where it is.",
        )

    def _add_uploads(self, control: ControlApi) -> None:
        add, at = control.add, "/clarion/v1"
        add(
            "GET",
            f"{at}/uploads",
            UploadName,
            Upload,
            self.uploaded,
            roles=DEVELOPERS,
            summary="Tell where an uploaded file is, or would be, and how much of it is there.",
        )
        add(
            "POST",
            f"{at}/uploads",
            UploadPart,
            Upload,
            self.upload,
            roles=DEVELOPERS,
            summary="Upload a part of a file for an import to read.",
        )
        add(
            "DELETE",
            f"{at}/uploads",
            UploadName,
            Nothing,
            self.delete_upload,
            roles=DEVELOPERS,
            summary="Remove an uploaded file, or a folder of an export.",
        )

    def import_progress(self, ctx: Context, request: JobRequest) -> Progress:
        found = self._transfers.progress(ctx.scope, request.application_id, "IMPORT", request.job_id)
        pieces = [
            PieceProgress(
                url=piece.url,
                size=piece.size,
                state=piece.state,
                lines=piece.at_line,
                bytes_done=piece.at_byte,
                error=piece.error,
            )
            for piece in found.pieces
        ]
        job = import_answer(*found.described)
        return Progress(job=job, pieces=pieces, report_url=found.described.job.report_url)

    def import_failures(self, ctx: Context, request: JobRequest) -> RefusedRows:
        found, following = self._transfers.failures(
            ctx.scope, request.application_id, request.job_id, request.next_token
        )
        rows = [RefusedRow(url=url, line=failure.line, reason=failure.reason) for url, failure in found]
        return RefusedRows(failures=rows, next_token=following)

    def cancel_import(self, ctx: Context, request: JobRequest) -> ImportJobResponse:
        return import_answer(*self._transfers.cancel(ctx.scope, request.application_id, "IMPORT", request.job_id))

    def cancel_export(self, ctx: Context, request: JobRequest) -> ExportJobResponse:
        return export_answer(*self._transfers.cancel(ctx.scope, request.application_id, "EXPORT", request.job_id))

    def export_progress(self, ctx: Context, request: JobRequest) -> ExportProgress:
        found = self._transfers.progress(ctx.scope, request.application_id, "EXPORT", request.job_id)
        objects = [ExportedObject(number=piece.number, url=piece.url, endpoints=piece.size) for piece in found.pieces]
        return ExportProgress(job=export_answer(*found.described), objects=objects)

    def export_content(self, ctx: Context, request: ContentRequest) -> Content:
        part = self._downloads.part(ctx.scope, request.application_id, request.job_id, request.number, request.offset)
        return Content(data=part.data, size=part.size)

    def uploaded(self, ctx: Context, request: UploadName) -> Upload:
        self._apps.require(ctx.scope, request.application_id)
        there = self._uploads.get(request.application_id, request.name)
        return Upload(url=there.url, size=there.size)

    def upload(self, ctx: Context, request: UploadPart) -> Upload:
        self._apps.require(ctx.scope, request.application_id)
        done = self._uploads.put(request.application_id, request.name, request.offset, request.data)
        return Upload(url=done.url, size=done.size)

    def delete_upload(self, ctx: Context, request: UploadName) -> Nothing:
        self._apps.require(ctx.scope, request.application_id)
        self._uploads.delete(request.application_id, request.name)
        return Nothing()
