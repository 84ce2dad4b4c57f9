"""The control API's calls about charts: which there are, and one of them, as JSON or CSV."""

from __future__ import annotations

from typing import Literal

import msgspec

from clarion.domain.analytics.charts.answers import ChartAnswer, answered, as_csv
from clarion.domain.analytics.charts.asked import Text, Wanted
from clarion.domain.analytics.charts.service import Charts
from clarion.wire.context import Context
from clarion.wire.control import ControlApi, Document, Nothing
from clarion.wire.keys import READERS

PATH = "/clarion/v1/charts"
CSV = "text/csv; charset=utf-8"


class ChartRequest(Wanted, kw_only=True, rename="pascal", forbid_unknown_fields=True):
    """Which chart, of what, and whether as JSON or as CSV. A misspelt filter must not give unfiltered figures."""

    name: Text
    format: Literal["json", "csv"] = "json"


class ChartDescription(msgspec.Struct, kw_only=True, rename="pascal"):
    """A chart: the keys of its rows' groups and values, and the members it takes besides the range and whose events
    count; those it `needs` must be given."""

    name: str
    summary: str
    groups: list[str]
    values: list[str]
    takes: list[str]
    needs: list[str]


class ChartDescriptions(msgspec.Struct, kw_only=True, rename="pascal"):
    """All charts."""

    charts: list[ChartDescription]


class ChartsControl:
    """Handlers of `charts`."""

    def __init__(self, charts: Charts) -> None:
        self._charts = charts

    def add_to(self, control: ControlApi) -> None:
        """Add the routes."""
        control.add(
            "GET", PATH, Nothing, ChartDescriptions, self.list_charts, roles=READERS, summary="Name every chart."
        )
        control.add(
            "GET",
            f"{PATH}/{{Name}}",
            ChartRequest,
            ChartAnswer,
            self.get_chart,
            roles=READERS,
            summary="Answer a chart, as JSON, or as CSV with Format=csv.",
        )

    def list_charts(self, ctx: Context, request: Nothing) -> ChartDescriptions:
        return ChartDescriptions(
            charts=[
                ChartDescription(
                    name=chart.name,
                    summary=chart.summary,
                    groups=list(chart.groups),
                    values=list(chart.values),
                    takes=sorted(chart.takes - chart.needs),
                    needs=sorted(chart.needs),
                )
                for chart in self._charts.all()
            ]
        )

    def get_chart(self, ctx: Context, request: ChartRequest) -> ChartAnswer | Document:
        answer = self._charts.ask(ctx.scope, request.name, request)
        if request.format == "csv":
            return Document(as_csv(answer), CSV, f"{request.name}.csv")
        return answered(answer)
