"""Who gets which treatment: a campaign's share of the cohorts for its hold-out and each of its treatments.

Everybody belongs to one of a hundred cohorts for good. A campaign draws an order of the cohorts from its id, once
and for all of its runs: the first ones are held out, the next ones belong to the further treatments in their order,
the rest to the default treatment. Source: spec of campaigns, section 5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b

import msgspec

COHORTS = 100
DEFAULT = "0"
"""Id of the default treatment; further ones are "1" to "4"."""


class Allocation(msgspec.Struct, frozen=True):
    """Cohorts (0-99) of the hold-out and, by their ids, of all treatments; every cohort is in exactly one place."""

    holdout: frozenset[int]
    treatments: Mapping[str, frozenset[int]]

    def of(self, cohort: int) -> str | None:
        """The treatment of a cohort, None when it is held out."""
        return next((name for name, cohorts in self.treatments.items() if cohort in cohorts), None)

    def told(self, treatment_id: str) -> frozenset[int]:
        """The cohorts that a treatment's run goes through: its own; that of the default also tells the held out."""
        own = self.treatments[treatment_id]
        return own | self.holdout if treatment_id == DEFAULT else own


def drawn(campaign_id: str) -> list[int]:
    """The cohorts in the order that the campaign has drawn."""
    return sorted(
        range(COHORTS), key=lambda cohort: blake2b(f"{campaign_id}/{cohort}".encode(), digest_size=8).digest()
    )


def allocate(campaign_id: str, holdout: int, sizes: Sequence[int]) -> Allocation:
    """The cohorts of a campaign with a hold-out of that percentage and further treatments of these, in order.

    Together they are at most 100. The same arguments always give the same answer.
    """
    order = drawn(campaign_id)
    treatments, first = {}, holdout
    for number, size in enumerate(sizes, 1):
        treatments[str(number)] = frozenset(order[first : first + size])
        first += size
    return Allocation(frozenset(order[:holdout]), {DEFAULT: frozenset(order[first:]), **treatments})
