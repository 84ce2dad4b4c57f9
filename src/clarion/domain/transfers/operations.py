"""AWS operations on import and export jobs."""

from __future__ import annotations

from clarion.domain.transfers.model import export_answer, import_answer
from clarion.domain.transfers.service import Transfers
from clarion.shapes.pinpoint import (
    CreateExportJobRequest,
    CreateImportJobRequest,
    ExportJobResponse,
    ExportJobsResponse,
    GetExportJobRequest,
    GetExportJobsRequest,
    GetImportJobRequest,
    GetImportJobsRequest,
    GetSegmentExportJobsRequest,
    GetSegmentImportJobsRequest,
    ImportJobResponse,
    ImportJobsResponse,
)
from clarion.wire.context import Context


class TransfersOperations:
    """Mounted on `pinpoint`."""

    def __init__(self, transfers: Transfers) -> None:
        self._transfers = transfers

    def create_import_job(self, ctx: Context, request: CreateImportJobRequest) -> ImportJobResponse:
        return import_answer(
            self._transfers.create_import(ctx.scope, request.application_id, request.import_job_request)
        )

    def create_export_job(self, ctx: Context, request: CreateExportJobRequest) -> ExportJobResponse:
        return export_answer(
            self._transfers.create_export(ctx.scope, request.application_id, request.export_job_request)
        )

    def get_import_job(self, ctx: Context, request: GetImportJobRequest) -> ImportJobResponse:
        return import_answer(*self._transfers.get(ctx.scope, request.application_id, "IMPORT", request.job_id))

    def get_export_job(self, ctx: Context, request: GetExportJobRequest) -> ExportJobResponse:
        return export_answer(*self._transfers.get(ctx.scope, request.application_id, "EXPORT", request.job_id))

    def get_import_jobs(self, ctx: Context, request: GetImportJobsRequest) -> ImportJobsResponse:
        return self._imports(ctx, request, None)

    def get_segment_import_jobs(self, ctx: Context, request: GetSegmentImportJobsRequest) -> ImportJobsResponse:
        return self._imports(ctx, request, request.segment_id)

    def get_export_jobs(self, ctx: Context, request: GetExportJobsRequest) -> ExportJobsResponse:
        return self._exports(ctx, request, None)

    def get_segment_export_jobs(self, ctx: Context, request: GetSegmentExportJobsRequest) -> ExportJobsResponse:
        return self._exports(ctx, request, request.segment_id)

    def _imports(
        self, ctx: Context, request: GetImportJobsRequest | GetSegmentImportJobsRequest, segment_id: str | None
    ) -> ImportJobsResponse:
        found, following = self._transfers.page(
            ctx.scope, request.application_id, "IMPORT", segment_id, request.page_size, request.token
        )
        return ImportJobsResponse(item=[import_answer(*one) for one in found], next_token=following)

    def _exports(
        self, ctx: Context, request: GetExportJobsRequest | GetSegmentExportJobsRequest, segment_id: str | None
    ) -> ExportJobsResponse:
        found, following = self._transfers.page(
            ctx.scope, request.application_id, "EXPORT", segment_id, request.page_size, request.token
        )
        return ExportJobsResponse(item=[export_answer(*one) for one in found], next_token=following)
