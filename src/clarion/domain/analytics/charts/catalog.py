"""All charts by name. To add one is to write its definition into a file of its family, which is named here."""

from __future__ import annotations

from collections.abc import Mapping

from clarion.domain.analytics.charts.activity import active, sessions, signing
from clarion.domain.analytics.charts.behaviour import cohorts, funnel, paths, retention
from clarion.domain.analytics.charts.model import Chart
from clarion.domain.analytics.charts.performance import (
    campaigns,
    demographics,
    events,
    journeys,
    responses,
    revenue,
    transactional,
)

FAMILIES = (
    active,
    sessions,
    signing,
    funnel,
    paths,
    retention,
    cohorts,
    campaigns,
    demographics,
    events,
    journeys,
    responses,
    revenue,
    transactional,
)

CHARTS: Mapping[str, Chart] = {chart.name: chart for family in FAMILIES for chart in family.CHARTS}
