"""The words in which figures of messages are told: KPIs and charts say the same of them."""

from __future__ import annotations

from collections.abc import Sequence

from clarion.domain.events.model import SEPARATOR

DELIVERED = "sent AND NOT hard AND NOT failed"
EMAIL_DELIVERED = "emailed AND NOT hard"
ARRIVED = "emailed AND NOT hard AND NOT soft AND NOT rejected"
"""Conditions over `kept.COLUMNS`: a message of a campaign that was delivered, an e-mail of one; an e-mail otherwise."""

BOUNCED = "hard AND NOT suppressed"
"""What bounce rates count: not what was held back because the address had bounced before."""


def attribute(name: str) -> str:
    """The value of an attribute, whose name is a constant; "" when it is not there."""
    mark = f"{name}{SEPARATOR}"
    return f"substring(arrayFirst(one -> startsWith(one, '{mark}'), kv), {len(mark) + 1})"


def metric(name: str) -> str:
    """The value of a metric, whose name is a constant; 0 when it is not there."""
    return f"if(indexOf(metric_names, '{name}') > 0, metric_values[indexOf(metric_names, '{name}')], 0)"


def listed(names: Sequence[str]) -> str:
    """Constants as they stand behind IN."""
    return f"({', '.join(repr(name) for name in names)})"
