"""All charts by name. To add one is to write its definition into a file of its family, which is named here."""

from __future__ import annotations

from collections.abc import Mapping

from clarion.domain.analytics.charts import activity, funnel
from clarion.domain.analytics.charts.model import Chart

_FAMILIES = (activity, funnel)

CHARTS: Mapping[str, Chart] = {chart.name: chart for family in _FAMILIES for chart in family.CHARTS}
