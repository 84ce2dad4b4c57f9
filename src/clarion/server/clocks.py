"""The product's clock, as the settings want it."""

from __future__ import annotations

from clarion.core.clock import Clock, SystemClock, VirtualClock, parse_iso
from clarion.core.errors import Invalid


def make_clock(setting: str) -> Clock:
    """`real`, `virtual` (standing at the time of the start), or `virtual:` and an ISO 8601 time."""
    kind, _, start = setting.partition(":")
    if kind == "real" and not start:
        return SystemClock()
    if kind != "virtual":
        raise Invalid(f"clock: {setting} is neither real nor virtual")
    try:
        return VirtualClock(parse_iso(start) if start else None)
    except ValueError:
        raise Invalid(f"clock: {start} is not an ISO 8601 time") from None
