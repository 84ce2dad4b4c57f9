"""AWS operations of execution metrics. The whole answer is one page: page sizes and tokens mean nothing here."""

from __future__ import annotations

from clarion.domain.journeys.metrics.service import JourneyMetrics
from clarion.shapes import pinpoint as shapes
from clarion.wire.context import Context


class JourneyMetricsOperations:
    """Mounted on `pinpoint`."""

    def __init__(self, metrics: JourneyMetrics) -> None:
        self._metrics = metrics

    def get_journey_execution_metrics(
        self, ctx: Context, request: shapes.GetJourneyExecutionMetricsRequest
    ) -> shapes.JourneyExecutionMetricsResponse:
        counted = self._metrics.journey(ctx.scope, request.application_id, request.journey_id)
        return shapes.JourneyExecutionMetricsResponse(
            application_id=request.application_id,
            journey_id=request.journey_id,
            last_evaluated_time=counted.at,
            metrics=counted.metrics,
        )

    def get_journey_execution_activity_metrics(
        self, ctx: Context, request: shapes.GetJourneyExecutionActivityMetricsRequest
    ) -> shapes.JourneyExecutionActivityMetricsResponse:
        which = (request.application_id, request.journey_id, request.journey_activity_id)
        counted = self._metrics.activity(ctx.scope, *which)
        return shapes.JourneyExecutionActivityMetricsResponse(
            activity_type=counted.type,
            application_id=request.application_id,
            journey_activity_id=request.journey_activity_id,
            journey_id=request.journey_id,
            last_evaluated_time=counted.at,
            metrics=counted.metrics,
        )

    def get_journey_run_execution_metrics(
        self, ctx: Context, request: shapes.GetJourneyRunExecutionMetricsRequest
    ) -> shapes.JourneyRunExecutionMetricsResponse:
        counted = self._metrics.run(ctx.scope, request.application_id, request.journey_id, request.run_id)
        return shapes.JourneyRunExecutionMetricsResponse(
            application_id=request.application_id,
            journey_id=request.journey_id,
            last_evaluated_time=counted.at,
            metrics=counted.metrics,
            run_id=request.run_id,
        )

    def get_journey_run_execution_activity_metrics(
        self, ctx: Context, request: shapes.GetJourneyRunExecutionActivityMetricsRequest
    ) -> shapes.JourneyRunExecutionActivityMetricsResponse:
        which = (request.application_id, request.journey_id, request.journey_activity_id, request.run_id)
        counted = self._metrics.activity(ctx.scope, *which)
        return shapes.JourneyRunExecutionActivityMetricsResponse(
            activity_type=counted.type,
            application_id=request.application_id,
            journey_activity_id=request.journey_activity_id,
            journey_id=request.journey_id,
            last_evaluated_time=counted.at,
            metrics=counted.metrics,
            run_id=request.run_id,
        )
