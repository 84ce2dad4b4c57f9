"""AWS operations of journeys; those of their metrics are in `metrics.operations`."""

from __future__ import annotations

from typing import cast

from clarion.core.clock import iso_ms
from clarion.core.pages import page_size
from clarion.domain.journeys.service import Journey, Journeys
from clarion.domain.journeys.store import RunRow
from clarion.shapes import pinpoint as shapes
from clarion.wire.context import Context


class JourneysOperations:
    """Mounted on `pinpoint`."""

    def __init__(self, journeys: Journeys) -> None:
        self._journeys = journeys

    def create_journey(self, ctx: Context, request: shapes.CreateJourneyRequest) -> shapes.JourneyResponse:
        return show(self._journeys.create(ctx.scope, request.application_id, request.write_journey_request))

    def get_journey(self, ctx: Context, request: shapes.GetJourneyRequest) -> shapes.JourneyResponse:
        return show(self._journeys.get(ctx.scope, request.application_id, request.journey_id))

    def list_journeys(self, ctx: Context, request: shapes.ListJourneysRequest) -> shapes.JourneysResponse:
        size = page_size(request.page_size)
        found, token = self._journeys.page(ctx.scope, request.application_id, size, request.token)
        return shapes.JourneysResponse(item=[show(journey) for journey in found], next_token=token)

    def update_journey(self, ctx: Context, request: shapes.UpdateJourneyRequest) -> shapes.JourneyResponse:
        which = (ctx.scope, request.application_id, request.journey_id)
        return show(self._journeys.update(*which, request.write_journey_request))

    def update_journey_state(self, ctx: Context, request: shapes.UpdateJourneyStateRequest) -> shapes.JourneyResponse:
        which = (ctx.scope, request.application_id, request.journey_id)
        return show(self._journeys.set_state(*which, request.journey_state_request.state))

    def delete_journey(self, ctx: Context, request: shapes.DeleteJourneyRequest) -> shapes.JourneyResponse:
        return show(self._journeys.delete(ctx.scope, request.application_id, request.journey_id))

    def get_journey_runs(self, ctx: Context, request: shapes.GetJourneyRunsRequest) -> shapes.JourneyRunsResponse:
        size = page_size(request.page_size)
        which = (ctx.scope, request.application_id, request.journey_id)
        found, token = self._journeys.runs(*which, size, request.token)
        return shapes.JourneyRunsResponse(item=[show_run(run) for run in found], next_token=token)


def show(journey: Journey) -> shapes.JourneyResponse:
    """A journey as answers show it: what it says of itself, as it was sent. `tags` are not supported."""
    row, wanted = journey
    said = {name: getattr(wanted, name) for name in wanted.__struct_fields__}
    said |= {"state": row.state, "creation_date": iso_ms(row.created_ms), "last_modified_date": iso_ms(row.modified_ms)}
    return shapes.JourneyResponse(application_id=row.app_id, id=row.journey_id, version=row.version, **said)


def show_run(run: RunRow) -> shapes.JourneyRunResponse:
    """A run as answers show it."""
    return shapes.JourneyRunResponse(
        run_id=run.run_id,
        creation_time=iso_ms(run.created_ms),
        last_update_time=iso_ms(run.updated_ms),
        status=cast(shapes.JourneyRunStatus, run.state),
    )
