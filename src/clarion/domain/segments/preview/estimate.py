"""How many of a segment's members could be messaged now, and what keeps the others from it: each for one reason.

The reasons are those of a run, in the order of its gates, under the names of a campaign's ExecutionMetrics.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from clarion.domain.segments.build import Condition
from clarion.domain.segments.model import PUSH_CHANNELS
from clarion.store.columnar import Columnar

REASONS: Final[Mapping[str, str]] = {
    "ENDPOINT_MISSING_CHANNEL": "channel_type = ''",
    "ENDPOINT_CHANNEL_MISMATCH": "channel_type NOT IN {channels:Array(String)}",
    "ENDPOINT_MISSING_ADDRESS": "address = '' AND channel_type != 'IN_APP'",
    "ENDPOINT_INACTIVE": "status = 'INACTIVE'",
    "ENDPOINT_OPT_OUT": "opt_out = 'ALL'",
}
"""When an endpoint is left out; what asks for `channels` only when a channel was named."""

# Two endpoints with one address are one message; 64 bits of a hash tell ten million addresses apart.
_PLACE = "sipHash64(channel_type, if(address = '', endpoint_key, if(channel_type = 'EMAIL', lower(address), address)))"


class Estimate(NamedTuple):
    """Members, those who could be messaged, and the others by reason: together they are all members."""

    members: int
    eligible: int
    exclusions: dict[str, int]


def estimate(columnar: Columnar, condition: Condition, channel: str | None) -> Estimate:
    """Count those that `condition` means; for no channel each by its own. All in one scan."""
    reasons = {name: test for name, test in REASONS.items() if channel is not None or "{channels" not in test}
    names = list(reasons)
    cases = ", ".join(f"{test}, {number}" for number, test in enumerate(reasons.values(), 1))
    counts = ", ".join(f"countIf(reason = {number})" for number in range(1, len(names) + 1))
    columns = f"SELECT multiIf({cases}, 0) AS reason, {_PLACE} AS place"
    rows = f"{columns} FROM endpoints FINAL WHERE app_id = {{app:String}} AND {condition.sql}"
    sql = f"SELECT count(), uniqExactIf(place, reason = 0), {counts} FROM ({rows})"  # noqa: S608 - constants only
    channels = {} if channel is None else {"channels": sorted(PUSH_CHANNELS) if channel == "PUSH" else [channel]}
    ((total, eligible, *excluded),) = columnar.query(sql, {**condition.parameters, **channels})
    exclusions = {name: _whole(number) for name, number in zip(names, excluded, strict=True)}
    exclusions["DUPLICATE_ENDPOINT"] = _whole(total) - _whole(eligible) - sum(exclusions.values())
    return Estimate(_whole(total), _whole(eligible), exclusions)


def _whole(number: object) -> int:
    assert isinstance(number, int)
    return number
