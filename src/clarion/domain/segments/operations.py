"""AWS operations on segments."""

from __future__ import annotations

import re

from clarion.core.errors import Invalid
from clarion.core.scope import Scope
from clarion.domain.segments.model import answer
from clarion.domain.segments.service import Described, Page, Segments
from clarion.shapes.pinpoint import (
    CreateSegmentRequest,
    DeleteSegmentRequest,
    GetSegmentRequest,
    GetSegmentsRequest,
    GetSegmentVersionRequest,
    GetSegmentVersionsRequest,
    SegmentResponse,
    SegmentsResponse,
    UpdateSegmentRequest,
)
from clarion.wire.context import Context


class SegmentsOperations:
    """Mounted on `pinpoint`."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments

    def create_segment(self, ctx: Context, request: CreateSegmentRequest) -> SegmentResponse:
        created = self._segments.create(ctx.scope, request.application_id, request.write_segment_request)
        return _answer(ctx.scope, created)

    def get_segment(self, ctx: Context, request: GetSegmentRequest) -> SegmentResponse:
        return _answer(ctx.scope, self._segments.get(ctx.scope, request.application_id, request.segment_id))

    def update_segment(self, ctx: Context, request: UpdateSegmentRequest) -> SegmentResponse:
        sent = request.write_segment_request
        updated = self._segments.update(ctx.scope, request.application_id, request.segment_id, sent)
        return _answer(ctx.scope, updated)

    def delete_segment(self, ctx: Context, request: DeleteSegmentRequest) -> SegmentResponse:
        return _answer(ctx.scope, self._segments.delete(ctx.scope, request.application_id, request.segment_id))

    def get_segments(self, ctx: Context, request: GetSegmentsRequest) -> SegmentsResponse:
        found = self._segments.page(ctx.scope, request.application_id, request.page_size, request.token)
        return _answers(ctx.scope, found)

    def get_segment_versions(self, ctx: Context, request: GetSegmentVersionsRequest) -> SegmentsResponse:
        found = self._segments.versions(
            ctx.scope, request.application_id, request.segment_id, request.page_size, request.token
        )
        return _answers(ctx.scope, found)

    def get_segment_version(self, ctx: Context, request: GetSegmentVersionRequest) -> SegmentResponse:
        if not re.fullmatch(r"[0-9]{1,10}", request.version):
            raise Invalid("version: must be a whole number")
        version = int(request.version)
        return _answer(ctx.scope, self._segments.get(ctx.scope, request.application_id, request.segment_id, version))


def _answer(scope: Scope, described: Described) -> SegmentResponse:
    return answer(described.segment, scope, described.tags)


def _answers(scope: Scope, page: Page) -> SegmentsResponse:
    found, following = page
    return SegmentsResponse(item=[_answer(scope, described) for described in found], next_token=following)
