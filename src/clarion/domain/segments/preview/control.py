"""The control API's calls about segments: explain one, and estimate one before it is used or even stored."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from clarion.core.errors import Invalid
from clarion.domain.audience.model import answer
from clarion.domain.segments.preview.outline import Kind
from clarion.domain.segments.preview.service import Explained, Passage, Passages, Previews
from clarion.shapes.pinpoint import ChannelType, EndpointResponse, SegmentType, WriteSegmentRequest
from clarion.wire.context import Context
from clarion.wire.control import ControlApi
from clarion.wire.keys import READERS

Text = Annotated[str, msgspec.Meta(min_length=1)]
Version = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


class ExplainRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Which segment, in its latest version unless one is given; and how one endpoint fares in it."""

    application_id: Text
    segment_id: Text
    version: Version | None = None
    endpoint_id: Text | None = None


class SegmentStep(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """A group, a source segment, an object of dimensions, or a single condition, at `path` in the definition.

    `matching` endpoints of the app satisfy it alone; `left` would be selected if the definition ended with it.
    Of the endpoint that was asked about: whether it satisfies it alone, and its own value. `depth` says how far in
    it is: a step's parts follow it, one deeper.
    """

    path: str
    kind: Kind
    depth: int
    words: str
    matching: int
    left: int
    passes: bool | None = None
    value: list[str] | None = None


class KeptOutBy(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """The first step that keeps the endpoint out, and the endpoint's own value."""

    path: str
    words: str
    value: list[str] | None = None


class SegmentPassage(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """The endpoint that was asked about."""

    endpoint_id: str
    member: bool
    kept_out_by: KeptOutBy | None = None


class SegmentQuery(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """The query that counts the members, and what it took. `rows_read`: of the endpoints, as the engine estimates."""

    sql: str
    parameters: dict[str, Any]
    milliseconds: float
    rows_read: int | None = None


class SegmentExplanation(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """How many of the app's `endpoints` each step lets through, to the `total` of members."""

    application_id: str
    segment_id: str
    version: int
    segment_type: SegmentType
    endpoints: int
    total: int
    steps: list[SegmentStep]
    query: SegmentQuery
    endpoint: SegmentPassage | None = None


class EstimateRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """A stored segment (`segment_id`, and `version` unless the latest is meant), or a definition in `segment`.

    `channel`: what keeps endpoints from a message on it counts; PUSH is every push channel. Without, each endpoint
    is judged by its own channel.
    """

    application_id: Text
    segment_id: Text | None = None
    version: Version | None = None
    segment: WriteSegmentRequest | None = None
    channel: ChannelType | None = None


class SegmentEstimate(msgspec.Struct, kw_only=True, rename="pascal"):
    """`count` members: the `eligible` ones could be messaged now, the others are `exclusions`, each for one reason.

    `sample` has the first few members, whether eligible or not.
    """

    count: int
    eligible: int
    exclusions: dict[str, int]
    sample: list[EndpointResponse]


class SegmentsControl:
    """Handlers of `segments/explain` and `segments/estimate`."""

    def __init__(self, previews: Previews) -> None:
        self._previews = previews

    def add_to(self, control: ControlApi) -> None:
        """Add the routes."""
        control.add(
            "POST",
            "/clarion/v1/segments/explain",
            ExplainRequest,
            SegmentExplanation,
            self.explain_segment,
            roles=READERS,
            summary="Tell how many endpoints each condition of a segment lets through, and what keeps one out.",
        )
        control.add(
            "POST",
            "/clarion/v1/segments/estimate",
            EstimateRequest,
            SegmentEstimate,
            self.estimate_segment,
            roles=READERS,
            summary="Count a segment's members, those who could be messaged, and the reasons for the others.",
        )

    def explain_segment(self, ctx: Context, request: ExplainRequest) -> SegmentExplanation:
        found = self._previews.explain(
            ctx.scope, request.application_id, request.segment_id, request.version, request.endpoint_id
        )
        segment = found.segment
        return SegmentExplanation(
            application_id=segment.app_id,
            segment_id=segment.id,
            version=segment.version,
            segment_type=segment.kind,
            endpoints=found.counts.endpoints,
            total=found.counts.steps[0][1],
            steps=_steps(found),
            query=SegmentQuery(
                sql=found.sql,
                parameters=found.parameters,
                milliseconds=found.cost.milliseconds,
                rows_read=found.cost.rows,
            ),
            endpoint=None if found.passages is None else _passage(found.passages),
        )

    def estimate_segment(self, ctx: Context, request: EstimateRequest) -> SegmentEstimate:
        app_id, channel = request.application_id, request.channel
        if (request.segment_id is None) == (request.segment is None):
            raise Invalid("SegmentId: give either SegmentId or Segment")
        if request.segment is not None:
            if request.version is not None:
                raise Invalid("Version: goes with SegmentId, not with Segment")
            found = self._previews.estimate_unsaved(ctx.scope, app_id, request.segment, channel)
        else:
            found = self._previews.estimate(ctx.scope, app_id, request.segment_id or "", request.version, channel)
        return SegmentEstimate(
            count=found.estimate.members,
            eligible=found.estimate.eligible,
            exclusions=found.estimate.exclusions,
            sample=[answer(app_id, endpoint) for endpoint in found.sample],
        )


def _steps(found: Explained) -> list[SegmentStep]:
    walked = list(found.outline.whole.walk())
    passages: list[Passage | None] = list(found.passages.steps) if found.passages else [None] * len(walked)
    return [
        SegmentStep(
            path=step.path,
            kind=step.kind,
            depth=depth,
            words=step.words,
            matching=matching,
            left=left,
            passes=passage and passage.passes,
            value=passage and passage.value,
        )
        for (depth, step), (matching, left), passage in zip(walked, found.counts.steps, passages, strict=True)
    ]


def _passage(passages: Passages) -> SegmentPassage:
    by = passages.kept_out_by
    return SegmentPassage(
        endpoint_id=passages.endpoint.id,
        member=by is None,
        kept_out_by=by and KeptOutBy(path=by[0].path, words=by[0].words, value=by[1].value),
    )
