"""AWS operations of a journey's metrics and KPIs. The whole answer is one page: page sizes and tokens mean nothing."""

from __future__ import annotations

from clarion.domain.analytics.service import Kpis
from clarion.domain.journeys.metrics.service import JourneyMetrics
from clarion.shapes import pinpoint as shapes
from clarion.wire.context import Context


class JourneyMetricsOperations:
    """Mounted on `pinpoint`."""

    def __init__(self, metrics: JourneyMetrics, kpis: Kpis) -> None:
        self._metrics = metrics
        self._kpis = kpis

    def get_journey_date_range_kpi(
        self, ctx: Context, request: shapes.GetJourneyDateRangeKpiRequest
    ) -> shapes.JourneyDateRangeKpiResponse:
        which, name = (request.application_id, request.journey_id), request.kpi_name
        self._metrics.require(ctx.scope, *which)
        found = self._kpis.ask("journey", *which, name, request.start_time, request.end_time, request.next_token)
        return shapes.JourneyDateRangeKpiResponse(
            application_id=request.application_id,
            end_time=found.range.end,
            journey_id=request.journey_id,
            kpi_name=name,
            kpi_result=found.result,
            start_time=found.range.start,
        )

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
