"""The control API's calls about dashboards and saved reports."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from clarion.core.clock import Clock, iso_ms
from clarion.domain.analytics.charts.asked import Text, Wanted
from clarion.domain.analytics.charts.service import Charts
from clarion.domain.analytics.reports.answering import ChartsAnswer, as_file, ask_all, dashboard, told
from clarion.domain.analytics.reports.dashboards import DASHBOARDS
from clarion.domain.analytics.reports.service import Asks, Reports
from clarion.domain.analytics.reports.store import Saved
from clarion.wire.context import Context
from clarion.wire.control import ControlApi, Document, Nothing
from clarion.wire.keys import MARKETERS, READERS

PATH = "/clarion/v1/dashboards"
REPORTS = "/clarion/v1/reports"
REPORT = f"{REPORTS}/{{Id}}"

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Days = Annotated[int, msgspec.Meta(ge=1, le=3650)]
Format = Literal["json", "csv"]


class DashboardRequest(Wanted, kw_only=True, rename="pascal", forbid_unknown_fields=True):
    """Which dashboard, of what; `csv` is a zip with a file for each chart. What only some charts take is for these."""

    name: Text
    format: Format = "json"


class DashboardDescription(msgspec.Struct, kw_only=True, rename="pascal"):
    """A dashboard, and its charts."""

    name: str
    summary: str
    charts: list[str]


class DashboardDescriptions(msgspec.Struct, kw_only=True, rename="pascal"):
    """All dashboards."""

    dashboards: list[DashboardDescription]


class WriteReport(msgspec.Struct, kw_only=True, rename="pascal"):
    """A report: a chart or a dashboard, with members as in a query of it, of the last so many days if given."""

    application_id: Text
    name: Name
    chart: Text | None = None
    dashboard: Text | None = None
    members: dict[str, Any] = {}
    last_days: Days | None = None


class ChangeReport(WriteReport, kw_only=True, rename="pascal"):
    """The same in place of the report `id`."""

    id: Text


class ReportRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Which report."""

    application_id: Text
    id: Text


class ReportsRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Of which project."""

    application_id: Text


class ResultRequest(ReportRequest, kw_only=True, rename="pascal"):
    """Which report, and another range than its own. `csv` is a file, or for a dashboard a zip of them."""

    start_time: Text | None = None
    end_time: Text | None = None
    time_zone: Text | None = None
    format: Format = "json"


class ReportAnswer(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """A saved report."""

    application_id: str
    id: str
    name: str
    created_at: str
    modified_at: str
    chart: str | None = None
    dashboard: str | None = None
    members: dict[str, Any] = {}
    last_days: int | None = None


class ReportAnswers(msgspec.Struct, kw_only=True, rename="pascal"):
    """All of a project, by name."""

    reports: list[ReportAnswer]


class ReportsControl:
    """Handlers of `dashboards` and `reports`."""

    def __init__(self, charts: Charts, reports: Reports, clock: Clock) -> None:
        self._charts = charts
        self._reports = reports
        self._clock = clock

    def add_to(self, control: ControlApi) -> None:
        """Add the routes."""
        add = control.add
        add("GET", PATH, Nothing, DashboardDescriptions, self.list_dashboards, roles=READERS, summary="Name all.")
        one = f"{PATH}/{{Name}}"
        summary = "Answer all charts of a dashboard, as JSON, or as a zip of CSVs with Format=csv."
        add("GET", one, DashboardRequest, ChartsAnswer, self.get_dashboard, roles=READERS, summary=summary)
        summary = "Name a project's saved reports."
        add("GET", REPORTS, ReportsRequest, ReportAnswers, self.list_reports, roles=READERS, summary=summary)
        summary = "Save a report."
        add("POST", REPORTS, WriteReport, ReportAnswer, self.create_report, roles=MARKETERS, summary=summary)
        add("GET", REPORT, ReportRequest, ReportAnswer, self.get_report, roles=READERS, summary="Show a report.")
        summary = "Save a report in place of another."
        add("PUT", REPORT, ChangeReport, ReportAnswer, self.put_report, roles=MARKETERS, summary=summary)
        summary = "Delete a report."
        add("DELETE", REPORT, ReportRequest, Nothing, self.delete_report, roles=MARKETERS, summary=summary)
        summary = "Answer a report, as JSON, or as CSV (a zip for a dashboard) with Format=csv."
        result = f"{REPORT}/result"
        add("GET", result, ResultRequest, ChartsAnswer, self.get_report_result, roles=READERS, summary=summary)

    def list_dashboards(self, ctx: Context, request: Nothing) -> DashboardDescriptions:
        told = [
            DashboardDescription(name=one.name, summary=one.summary, charts=list(one.charts))
            for one in DASHBOARDS.values()
        ]
        return DashboardDescriptions(dashboards=told)

    def get_dashboard(self, ctx: Context, request: DashboardRequest) -> ChartsAnswer | Document:
        found = dashboard(request.name)
        answers = ask_all(self._charts, ctx.scope, found, request)
        if request.format == "csv":
            return as_file(found.name, answers, several=True, now=self._clock.now())
        return told(found.name, answers)

    def list_reports(self, ctx: Context, request: ReportsRequest) -> ReportAnswers:
        return ReportAnswers(reports=[_answer(one) for one in self._reports.all(ctx.scope, request.application_id)])

    def create_report(self, ctx: Context, request: WriteReport) -> ReportAnswer:
        return _answer(self._reports.save(ctx.scope, request.application_id, request.name, _asks(request)))

    def get_report(self, ctx: Context, request: ReportRequest) -> ReportAnswer:
        return _answer(self._reports.get(ctx.scope, request.application_id, request.id))

    def put_report(self, ctx: Context, request: ChangeReport) -> ReportAnswer:
        saved = self._reports.save(ctx.scope, request.application_id, request.name, _asks(request), request.id)
        return _answer(saved)

    def delete_report(self, ctx: Context, request: ReportRequest) -> Nothing:
        self._reports.delete(ctx.scope, request.application_id, request.id)
        return Nothing()

    def get_report_result(self, ctx: Context, request: ResultRequest) -> ChartsAnswer | Document:
        saved = self._reports.get(ctx.scope, request.application_id, request.id)
        said = {"StartTime": request.start_time, "EndTime": request.end_time, "TimeZone": request.time_zone}
        answers = self._reports.ask(ctx.scope, saved, {name: one for name, one in said.items() if one is not None})
        if request.format == "csv":
            several = "Dashboard" in saved.asks
            return as_file(saved.id, answers, several=several, now=self._clock.now())
        return told(saved.name, answers)


def _asks(request: WriteReport) -> Asks:
    return Asks(chart=request.chart, dashboard=request.dashboard, members=request.members, last_days=request.last_days)


def _answer(saved: Saved) -> ReportAnswer:
    asks = msgspec.convert(saved.asks, Asks)
    return ReportAnswer(
        application_id=saved.app_id,
        id=saved.id,
        name=saved.name,
        created_at=iso_ms(saved.created_ms),
        modified_at=iso_ms(saved.modified_ms),
        chart=asks.chart,
        dashboard=asks.dashboard,
        members=asks.members,
        last_days=asks.last_days,
    )
