"""A request for a chart, checked: which range, whose events, and what the chart takes besides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Annotated, Literal

import msgspec

from clarion.channels.push.services import SERVICES
from clarion.core.clock import parse_duration, parse_iso, to_ms
from clarion.core.errors import Invalid
from clarion.domain.analytics.charts.model import Ask, Chart, Condition, Member, People
from clarion.domain.analytics.ranges import Range, range_of, zone_of
from clarion.domain.events.model import SEPARATOR
from clarion.shapes.pinpoint import ChannelType

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
Texts = Annotated[list[Text], msgspec.Meta(max_length=100)]
Filter = Annotated[dict[str, str], msgspec.Meta(max_length=20)]

SegmentOf = Callable[[str], Condition]
"""The condition of a segment, by its id; raises NotFound."""


class Wanted(msgspec.Struct, kw_only=True, rename="pascal"):
    """What a chart is asked for.

    `start_time`, `end_time`: ISO 8601, both included; a date alone is the whole day. `time_zone`: an IANA name, UTC
    unless given. Whose events count: members of `segment_id`; endpoints as they are now, of a `platform` or `channel`
    (any of several), with `endpoint_attribute`s. Which events: of an `event_type` (any of several), with all of
    `attribute` and `metric`. `step` is an event type, and may go on like a query: `cart.left?Attribute.category=shoes`.
    `window` is an ISO 8601 duration. `by` tells whom to count. A `metric` without value only names one, as
    `metric_name` does. Charts of messages take `channel` as that of the messages.
    """

    application_id: Text
    start_time: Text | None = None
    end_time: Text | None = None
    time_zone: Text = "UTC"
    segment_id: Text | None = None
    platform: Texts = []
    channel: list[ChannelType] = []
    endpoint_attribute: Filter = {}
    event_type: Texts = []
    attribute: Filter = {}
    metric: Filter = {}
    metric_name: Text | None = None
    dimension: Text | None = None
    step: Texts = []
    window: Text | None = None
    by: People | None = None
    interval: Literal["Hour", "Day"] | None = None
    campaign_id: Text | None = None
    journey_id: Text | None = None


MEMBERS: Mapping[Member, str] = {
    "EventType": "event_type",
    "Attribute": "attribute",
    "Metric": "metric",
    "MetricName": "metric_name",
    "Dimension": "dimension",
    "Step": "step",
    "Window": "window",
    "By": "by",
    "Interval": "interval",
    "CampaignId": "campaign_id",
    "JourneyId": "journey_id",
}
"""What only some charts take, with the attributes of `Wanted`."""


def asked(chart: Chart, wanted: Wanted, now: datetime, days: int, segment_of: SegmentOf) -> tuple[Ask, Range]:
    """What is meant, and the range of it; events are kept for `days`. Raises Invalid, and what `segment_of` raises."""
    for member, attribute in MEMBERS.items():
        given = bool(getattr(wanted, attribute))
        if given and member not in chart.takes | chart.needs:
            raise Invalid(f"{member}: the chart {chart.name} does not take it")
        if not given and member in chart.needs:
            raise Invalid(f"{member}: the chart {chart.name} needs it")
    zone = zone_of(wanted.time_zone)
    start = moment("StartTime", wanted.start_time, zone)
    if start is not None and start > now:
        raise Invalid("StartTime: lies in the future")
    end = moment("EndTime", wanted.end_time, zone, last=True)
    meant = range_of(start, end, now, most=days, back=days, zone=zone)
    ask = Ask(
        app_id=wanted.application_id,
        since_ms=to_ms(meant.start),
        until_ms=to_ms(meant.end) + 999,
        now_ms=to_ms(now),
        zone=wanted.time_zone,
        audience=_audience(wanted, segment_of, of_endpoints="Channel" not in chart.takes),
        event_types=wanted.event_type,
        attributes=wanted.attribute,
        metrics=_numbers(chart, wanted.metric),
        metric_name=wanted.metric_name or next((name for name, value in wanted.metric.items() if not value), ""),
        dimension=wanted.dimension or "",
        steps=wanted.step,
        window_ms=None if wanted.window is None else duration_ms("Window", wanted.window),
        by=wanted.by or chart.people,
        interval=wanted.interval or "",
        campaign_id=wanted.campaign_id or "",
        journey_id=wanted.journey_id or "",
        kept_ms=to_ms(now - timedelta(days=days)),
        channels=_channels(wanted) if "Channel" in chart.takes else (),
    )
    return ask, meant


def moment(member: str, text: str | None, zone: tzinfo, *, last: bool = False) -> datetime | None:
    """A moment in UTC; of a date alone the first second of the day, or the last one. Raises Invalid."""
    if text is None:
        return None
    try:
        if len(text) == len("2027-03-01"):
            day = datetime.fromisoformat(text).date()
            if last:
                following = datetime.combine(day + timedelta(days=1), time(), zone)
                return following.astimezone(UTC) - timedelta(seconds=1)
            return datetime.combine(day, time(), zone).astimezone(UTC)
        return parse_iso(text)
    except (ValueError, OverflowError):
        raise Invalid(f"{member}: {text} is not an ISO 8601 time") from None


def duration_ms(member: str, text: str) -> int:
    """An ISO 8601 duration above zero in milliseconds; raises Invalid."""
    try:
        found = round(parse_duration(text).total_seconds() * 1000)
    except (ValueError, OverflowError):
        raise Invalid(f"{member}: {text} is not an ISO 8601 duration such as PT24H") from None
    if found <= 0:
        raise Invalid(f"{member}: must be above zero")
    return found


def _numbers(chart: Chart, metrics: Mapping[str, str]) -> Mapping[str, str]:
    if "MetricName" in chart.takes:
        metrics = {name: value for name, value in metrics.items() if value}
    for name, value in metrics.items():
        try:
            float(value)
        except ValueError:
            raise Invalid(f"Metric.{name}: {value} is not a number") from None
    return metrics


def _channels(wanted: Wanted) -> list[str]:
    # PUSH means every push channel, as in segments.
    return sorted({*wanted.channel, *(SERVICES if "PUSH" in wanted.channel else ())})


def _audience(wanted: Wanted, segment_of: SegmentOf, *, of_endpoints: bool) -> Condition | None:
    tests: list[str] = []
    given: dict[str, object] = {}
    if wanted.segment_id is not None:
        segment = segment_of(wanted.segment_id)
        tests.append(f"({segment.sql})")
        given |= segment.parameters
    if wanted.platform:
        tests.append("lower(platform) IN {platforms:Array(String)}")
        given["platforms"] = [name.lower() for name in wanted.platform]
    if wanted.channel and of_endpoints:
        tests.append("channel_type IN {channels:Array(String)}")
        given["channels"] = _channels(wanted)
    for number, (name, value) in enumerate(wanted.endpoint_attribute.items()):
        tests.append(f"has(attributes, {{e{number}:String}})")
        given[f"e{number}"] = f"{name}{SEPARATOR}{value}"
    return Condition(" AND ".join(tests), given) if tests else None
