"""Who a treatment's run goes through: its members written down, and those of them whose address another one has."""

from __future__ import annotations

from clarion.core.scope import Scope
from clarion.domain.campaigns.allocation import COHORTS
from clarion.domain.campaigns.experiments.shares import cohorts_of
from clarion.domain.campaigns.store import CampaignRow, RunRow
from clarion.domain.segments.service import Segments
from clarion.shapes.pinpoint import WriteCampaignRequest


class Members:
    """The members of runs."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments

    def take(self, row: CampaignRow, wanted: WriteCampaignRequest, run: RunRow) -> int:
        """Write the members of a run down under its id and answer how many. Raises NotFound without the segment."""
        return self._segments.snapshot(*_segment(row, wanted), run.activity_id, cohorts_of(wanted, run))

    def others(self, row: CampaignRow, wanted: WriteCampaignRequest, run: RunRow) -> int:
        """How many members of the segment belong to other treatments."""
        cohorts = cohorts_of(wanted, run)
        if cohorts is None:
            return 0
        return self._segments.count(*_segment(row, wanted), cohorts=frozenset(range(COHORTS)) - cohorts)

    def duplicates(self, row: CampaignRow, wanted: WriteCampaignRequest, run: RunRow) -> list[str]:
        """Who gets no message since somebody else has the same address, in whichever treatment that one is."""
        cohorts = cohorts_of(wanted, run)
        if cohorts is None:
            return self._segments.duplicates(run.activity_id)
        return self._segments.duplicates_among(*_segment(row, wanted), cohorts)


def _segment(row: CampaignRow, wanted: WriteCampaignRequest) -> tuple[Scope, str, str, int | None]:
    return Scope(row.account, row.region), row.app_id, wanted.segment_id or "", wanted.segment_version
