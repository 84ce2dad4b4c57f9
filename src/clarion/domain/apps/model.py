"""What a project is, and the rules for its name, its settings and its senders. Pure.

Sources: spec of the audience, section 1; spec of e-mail, section 1.1.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from clarion.core.clock import iso_ms
from clarion.core.errors import Invalid
from clarion.core.scope import Scope
from clarion.shapes.pinpoint import (
    ApplicationResponse,
    ApplicationSettingsJourneyLimits,
    CampaignLimits,
    FrequencyCap,
    JourneyTimeframeCap,
    QuietTime,
    WriteApplicationSettingsRequest,
)

MAX_NAME = 64

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CLOCK_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_ADDRESS = re.compile(r"[^\s@<>\"(),:;\[\\\]]+@[^\s@<>\"(),:;\[\\\]]+")
_NAMED_ADDRESS = re.compile(rf"[^\r\n<>]*<({_ADDRESS.pattern})>")


class App(NamedTuple):
    """A project. `created_ms` is Unix milliseconds."""

    scope: Scope
    id: str
    name: str
    created_ms: int

    @property
    def arn(self) -> str:
        return self.scope.arn(f"apps/{self.id}")

    def answer(self, tags: dict[str, str]) -> ApplicationResponse:
        """The project as the API shows it; `tags` are there when empty."""
        return ApplicationResponse(
            arn=self.arn, id=self.id, name=self.name, tags=tags, creation_date=iso_ms(self.created_ms)
        )


def check_name(name: str) -> str:
    """The name itself; raises Invalid unless it has 1 to 64 characters, none of them a control character."""
    if not 0 < len(name) <= MAX_NAME:
        raise Invalid(f"Name: must have 1 to {MAX_NAME} characters")
    if _CONTROL.search(name):
        raise Invalid("Name: must not contain control characters")
    return name


def check_settings(sent: WriteApplicationSettingsRequest) -> None:
    """Raise Invalid naming the first setting that is out of its range; 0 is no limit everywhere."""
    check_limits(sent.limits)
    check_quiet_time("QuietTime", sent.quiet_time)
    if sent.journey_limits is not None:
        _check_journey_limits(sent.journey_limits)
    for number, cap in enumerate(sent.frequency_caps or ()):
        _check_frequency_cap(f"FrequencyCaps[{number}]", cap)


def check_limits(limits: CampaignLimits | None) -> None:
    """Raise Invalid naming the first of a campaign's `Limits`, or of a project's defaults, that is out of range."""
    if limits is None:
        return
    _between("Limits.Daily", limits.daily, 100)
    _between("Limits.Total", limits.total, 100)
    _between("Limits.Session", limits.session)
    _between("Limits.MessagesPerSecond", limits.messages_per_second, 20_000)
    _between("Limits.MaximumDuration", limits.maximum_duration)
    if 0 < (limits.maximum_duration or 0) < 60:
        raise Invalid("Limits.MaximumDuration: must be at least 60 seconds")


def check_quiet_time(field: str, quiet: QuietTime | None) -> None:
    """Raise Invalid naming the end of `field` that is no time of day; without either there is no quiet time."""
    if quiet is None or not (quiet.start or quiet.end):
        return
    for member, value in (("Start", quiet.start), ("End", quiet.end)):
        if not value or not _CLOCK_TIME.fullmatch(value):
            raise Invalid(f"{field}.{member}: must be a time of day as HH:MM, 00:00 to 23:59")


def _check_frequency_cap(field: str, cap: FrequencyCap) -> None:
    if (cap.days is None) == (cap.hours is None):
        raise Invalid(f"{field}: Days or Hours is required, and not both")
    if cap.channel_types is not None and not cap.channel_types:
        raise Invalid(f"{field}.ChannelTypes: must not be empty; leave it out for all channels")


def _check_journey_limits(limits: ApplicationSettingsJourneyLimits) -> None:
    _between("JourneyLimits.DailyCap", limits.daily_cap, 100)
    _between("JourneyLimits.TotalCap", limits.total_cap, 100)
    if limits.timeframe_cap is not None:
        _check_timeframe(limits.timeframe_cap)


def _check_timeframe(cap: JourneyTimeframeCap) -> None:
    _between("JourneyLimits.TimeframeCap.Cap", cap.cap, 100)
    _between("JourneyLimits.TimeframeCap.Days", cap.days, 30)
    if bool(cap.cap) != bool(cap.days):
        raise Invalid("JourneyLimits.TimeframeCap: Cap and Days go together")


def _between(field: str, value: int | None, most: int | None = None) -> None:
    if value is None:
        return
    if value < 0 or (most is not None and value > most):
        raise Invalid(f"{field}: must be 0 to {most}" if most is not None else f"{field}: must not be negative")


def is_sender(text: str) -> bool:
    """Whether `text` is `address` or `name <address>`; at most 320 characters of address."""
    text = text.strip()
    named = _NAMED_ADDRESS.fullmatch(text)
    address = named[1] if named else text
    return len(address) <= 320 and bool(_ADDRESS.fullmatch(address))
