"""Several charts at once, over the same range: as JSON, or as a zip with a CSV of each."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime

import msgspec

from clarion.core.clock import iso
from clarion.core.errors import Invalid, NotFound
from clarion.core.scope import Scope
from clarion.domain.analytics.charts.answers import Answer, ChartAnswer, answered, as_csv
from clarion.domain.analytics.charts.asked import MEMBERS, Wanted
from clarion.domain.analytics.charts.catalog import CHARTS
from clarion.domain.analytics.charts.service import Charts
from clarion.domain.analytics.reports.dashboards import DASHBOARDS, Dashboard
from clarion.wire.control import Document

CSV = "text/csv; charset=utf-8"
ZIP = "application/zip"


class ChartsAnswer(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """Charts over the range that was meant, in the order in which they are looked at. `name` is the dashboard's or the
    report's."""

    application_id: str
    name: str
    start_time: str
    end_time: str
    time_zone: str
    charts: list[ChartAnswer]


def dashboard(name: str) -> Dashboard:
    """The dashboard of this name; raises NotFound."""
    found = DASHBOARDS.get(name)
    if found is None:
        raise NotFound(f"there is no dashboard {name}")
    return found


def ask_all(charts: Charts, scope: Scope, found: Dashboard, wanted: Wanted) -> Sequence[Answer]:
    """All charts of a dashboard. What only some charts take is for these. Raises as `Charts.ask`, and Invalid for what
    none of them takes."""
    _check(found, wanted)
    answers: list[Answer] = []
    for name in found.charts:
        answer = charts.ask(scope, name, _for(name, wanted))
        answers.append(answer)
        # Time goes on: the others are asked for the very same range.
        start, end = iso(answer.range.start), iso(answer.range.end)
        wanted = msgspec.structs.replace(wanted, start_time=start, end_time=end)
    return answers


def check_all(charts: Charts, scope: Scope, found: Dashboard, wanted: Wanted) -> None:
    """Raise what `ask_all` would raise, without asking."""
    _check(found, wanted)
    for name in found.charts:
        charts.check(scope, name, _for(name, wanted))


def told(name: str, answers: Sequence[Answer]) -> ChartsAnswer:
    """As the API answers it."""
    first = answers[0]
    return ChartsAnswer(
        application_id=first.app_id,
        name=name,
        start_time=iso(first.range.start),
        end_time=iso(first.range.end),
        time_zone=first.zone,
        charts=[answered(one) for one in answers],
    )


def as_file(name: str, answers: Sequence[Answer], *, several: bool, now: datetime) -> Document:
    """The CSV of a chart, or of `several` a zip with one for each; `now` is when the files say they were made."""
    if not several:
        return Document(as_csv(answers[0]), CSV, f"{name}.csv")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        for one in answers:
            info = zipfile.ZipInfo(f"{one.chart.name}.csv", now.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            files.writestr(info, as_csv(one))
    return Document(packed.getvalue(), ZIP, f"{name}.zip")


def _for(name: str, wanted: Wanted) -> Wanted:
    """What is wanted of one chart: without what it does not take."""
    chart = CHARTS[name]
    blank = Wanted(application_id="-")
    takes = chart.takes | chart.needs
    others = {attribute: getattr(blank, attribute) for member, attribute in MEMBERS.items() if member not in takes}
    return msgspec.structs.replace(wanted, **others)


def _check(found: Dashboard, wanted: Wanted) -> None:
    taken = {member for name in found.charts for member in CHARTS[name].takes | CHARTS[name].needs}
    for member, attribute in MEMBERS.items():
        if getattr(wanted, attribute) and member not in taken:
            raise Invalid(f"{member}: no chart of the dashboard {found.name} takes it")
