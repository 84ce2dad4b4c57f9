"""AWS operation of a project's KPIs; those of campaigns and journeys stand with them. All rows are one page."""

from __future__ import annotations

from clarion.domain.analytics.service import Kpis
from clarion.domain.apps.service import Apps
from clarion.shapes import pinpoint as shapes
from clarion.wire.context import Context


class AnalyticsOperations:
    """Mounted on `pinpoint`."""

    def __init__(self, apps: Apps, kpis: Kpis) -> None:
        self._apps = apps
        self._kpis = kpis

    def get_application_date_range_kpi(
        self, ctx: Context, request: shapes.GetApplicationDateRangeKpiRequest
    ) -> shapes.ApplicationDateRangeKpiResponse:
        app_id, name = request.application_id, request.kpi_name
        self._apps.require(ctx.scope, app_id)
        found = self._kpis.ask(
            "application", app_id, "", name, request.start_time, request.end_time, request.next_token
        )
        return shapes.ApplicationDateRangeKpiResponse(
            application_id=app_id,
            end_time=found.range.end,
            kpi_name=name,
            kpi_result=found.result,
            start_time=found.range.start,
        )
