"""A run as GetCampaignActivities shows it. Its counts come from the record of events. Source: spec of segments, 6."""

from __future__ import annotations

from clarion.core.clock import iso_ms
from clarion.domain.campaigns.model import EVENT, IN_APP
from clarion.domain.campaigns.store import RunRow
from clarion.domain.events.figures import Figures, RunCounts
from clarion.shapes.pinpoint import ActivityResponse

_BY_GATE = {
    "channel": "ENDPOINT_MISSING_CHANNEL",
    "content": "ENDPOINT_CHANNEL_MISMATCH",
    "time_zone": "ENDPOINT_MISSING_TIMEZONE",
    "turn": "ENDPOINT_TIMEZONE_MISMATCH",
    "address": "ENDPOINT_MISSING_ADDRESS",
    "status": "ENDPOINT_INACTIVE",
    "opt_out": "ENDPOINT_OPT_OUT",
}
_BY_STATUS = {"DUPLICATE_ADDRESS": "DUPLICATE_ENDPOINT"}


def execution_metrics(run: RunRow, counts: RunCounts) -> dict[str, str]:
    """Who dropped out where; the values are text, as in the API."""
    produced = run.members + run.others if counts.produced is None else counts.produced
    metrics = {"ENDPOINT_PRODUCED": produced}
    if run.others:
        metrics["TREATMENT_HOLDOUT"] = run.others
    for gate, count in counts.skipped.items():
        metrics[_BY_GATE.get(gate, gate.upper())] = count
    for status, name in _BY_STATUS.items():
        if status in counts.statuses:
            metrics[name] = counts.statuses[status]
    return {name: str(count) for name, count in sorted(metrics.items())}


def counted(figures: Figures, run: RunRow) -> RunCounts:
    """What the record of events says of a run by now."""
    if run.kind == EVENT:
        return figures.window_counts(run.app_id, run.activity_id)
    if run.kind == IN_APP:
        return figures.shown_counts(run.app_id, run.campaign_id, run.treatment_id, run.scheduled_ms)
    return figures.run_counts(run.app_id, run.activity_id)


def answer(run: RunRow, counts: RunCounts) -> ActivityResponse:
    """The run in the API's shape."""
    return ActivityResponse(
        application_id=run.app_id,
        campaign_id=run.campaign_id,
        id=run.activity_id,
        state=run.state,
        result=run.result,
        scheduled_start=iso_ms(run.scheduled_ms),
        start=None if run.start_ms is None else iso_ms(run.start_ms),
        end=None if run.end_ms is None else iso_ms(run.end_ms),
        total_endpoint_count=counts.attempted,
        successful_endpoint_count=counts.successful,
        timezones_total_count=run.zones,
        timezones_completed_count=_zones_completed(run),
        treatment_id=run.treatment_id,
        execution_metrics=execution_metrics(run, counts),
        reason=run.reason,
    )


def _zones_completed(run: RunRow) -> int:
    if run.result == "SUCCESS":
        return run.zones
    # Parts of zones that are not served come first.
    return min(run.zones, max(0, run.parts_done - (run.parts - run.zones)))
