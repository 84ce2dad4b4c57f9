"""What a call to the outside is, and what is wrong with one that failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

import msgspec

T = TypeVar("T")

MEGABYTE = 1024 * 1024
PEOPLE = 50
"""Endpoints that one call tells of, at most."""

DIALS = 25
"""People whom one request to a contact center asks to be called, at most. Source: model of Amazon Connect."""


class Dial(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody to be called. `token` names the call: asked for again, it is made once. `number` in E.164.

    After `expires_ms` (Unix ms) the call is not wanted any more. `attributes` is what the contact center gets to know.
    """

    token: str
    number: str
    expires_ms: int
    attributes: Mapping[str, str]


class Refused(NamedTuple):
    """Why a contact center does not call somebody; `final`: asking again would change nothing."""

    reason: str
    final: bool


class CalloutFailed(Exception):
    """A call brought no usable answer. `reason` is one line for people, without secrets and without the answer.

    `final`: asking again would change nothing. `ill`: the destination is at fault, other calls would fare the same; it
    need not be for good. `uncertain`: the call had left when its answer got lost. `throttled`: it wants less.
    `retry_after_ms` is how long it is to be left alone, as far as that is known; `resting`: others leave it alone too,
    as it has failed since `since_ms` (Unix ms; 0: it is not known).
    """

    def __init__(
        self,
        reason: str,
        *,
        final: bool = False,
        ill: bool | None = None,
        answered: bool = False,
        uncertain: bool = False,
        throttled: bool = False,
        retry_after_ms: int | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final
        self.ill = not final if ill is None else ill
        self.answered = answered
        self.uncertain = uncertain
        self.throttled = throttled
        self.retry_after_ms = retry_after_ms
        self.resting = False
        self.since_ms = 0

    def tried(self, times: int) -> CalloutFailed:
        """Itself, as the last of so many tries."""
        self.reason = f"{self.reason} ({times} tries)"
        self.args = (self.reason,)
        return self

    def left_alone(self, wait_ms: int, since_ms: int = 0) -> CalloutFailed:
        """Itself, as nobody calls the destination for so long, which has failed since then."""
        self.resting, self.since_ms = True, since_ms
        self.retry_after_ms = max(wait_ms, self.retry_after_ms or 0)
        return self


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How patient calls are: `seconds` for one try, from the name to the last byte, `tries`, a pause that doubles
    between them, and most bytes either way. `at_once` calls of one batch run side by side, of `threads` in all;
    a batch begins no call once `batch_seconds` have passed. A connection is used again until it is `kept_seconds` old
    (0: never), or has been idle for `idle_seconds`; at most so many as there are threads.

    Source: quotas of the developer guide (15 s, 3 attempts, 6 MB); the rest is ours.
    """

    seconds: float = 15.0
    tries: int = 3
    pause_seconds: float = 0.25
    payload: int = 6 * MEGABYTE
    at_once: int = 8
    threads: int = 64
    batch_seconds: float = 60.0
    kept_seconds: float = 60.0
    idle_seconds: float = 15.0


def parts(items: Sequence[T], size: int = PEOPLE) -> list[Sequence[T]]:
    """The items in order, so many to a call."""
    return [items[first : first + size] for first in range(0, len(items), size)]
