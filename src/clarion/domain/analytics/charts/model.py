"""What a chart is, and what is asked of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

Member = Literal[
    "EventType",
    "Attribute",
    "Metric",
    "MetricName",
    "Dimension",
    "Step",
    "Window",
    "By",
    "Interval",
    "CampaignId",
    "JourneyId",
    "Channel",
]
"""Members of a request that only some charts take; every chart takes the range and the filters of the audience."""

People = Literal["Endpoint", "User"]


class Condition(NamedTuple):
    """A condition of SQL over the columns of `endpoints`, with its parameters."""

    sql: str
    parameters: Mapping[str, object]


class Ask(NamedTuple):
    """What is asked: moments in Unix ms, both included; `zone` is an IANA name, days are days there.

    `audience` means the endpoints whose events count, as they are now; None: all, also those that are gone.
    `kept_ms` is when the record begins, `repeats` tells whether some events were recorded more than once, `seals`
    under which seals sessions of days are known (`activity.sealing`). The rest is as in `control.ChartRequest`,
    checked.
    """

    app_id: str
    since_ms: int
    until_ms: int
    now_ms: int
    zone: str = "UTC"
    audience: Condition | None = None
    event_types: Sequence[str] = ()
    attributes: Mapping[str, str] = {}
    metrics: Mapping[str, str] = {}
    metric_name: str = ""
    dimension: str = ""
    steps: Sequence[str] = ()
    window_ms: int | None = None
    by: People = "Endpoint"
    interval: str = ""
    campaign_id: str = ""
    journey_id: str = ""
    channels: Sequence[str] = ()
    kept_ms: int = 0
    repeats: bool = False
    seals: Mapping[int, int] = {}


class Query(NamedTuple):
    """A SELECT whose columns are the chart's groups, as text, then its values, as Float64 or NULL (no such value).

    `exact` is false where people are counted by a sketch.
    """

    sql: str
    parameters: Mapping[str, object]
    exact: bool = True


class Chart(NamedTuple):
    """A figure: `groups` and `values` are the keys of a row, `compile` makes the query, `takes` says which of the
    members that are not for all it obeys, `needs` which of those it cannot do without.

    Where the first group is `Date`, answers tell each value's average by day and change, and its total where the values
    of days `add_up`. Where they do, or are `counts` of people, a day without a row is one of 0. `summary` is a sentence
    for whoever chooses one. `people` tells whom it counts when not asked, `once` that it has to be told whether there
    are `repeats`, `sessions` that it asks for `seals`.
    """

    name: str
    summary: str
    groups: Sequence[str]
    values: Sequence[str]
    compile: Callable[[Ask], Query]
    takes: frozenset[Member] = frozenset()
    needs: frozenset[Member] = frozenset()
    add_up: bool = False
    counts: bool = False
    people: People = "Endpoint"
    once: bool = False
    sessions: bool = False
