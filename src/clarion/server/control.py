"""The control API's own calls: the clock, and waiting until everything accepted has had its effect."""

from __future__ import annotations

from typing import Annotated

import msgspec

from clarion.core.clock import Clock, VirtualClock, iso, parse_duration, parse_iso
from clarion.core.errors import Conflict, Invalid
from clarion.engine.log import LogConsumer
from clarion.engine.pumps import Engine
from clarion.wire.context import Context
from clarion.wire.control import ControlApi, Nothing
from clarion.wire.keys import DEVELOPERS, READERS

Text = Annotated[str, msgspec.Meta(min_length=1)]


class MoveClock(msgspec.Struct, kw_only=True, rename="pascal"):
    """Move a virtual clock: by an ISO 8601 duration, or to a time; one of the two."""

    advance: Text | None = None
    to: Text | None = None


class Now(msgspec.Struct, kw_only=True, rename="pascal"):
    """The product's time, ISO 8601."""

    now: str


class TimeControl:
    """Handlers of `clock` and `settle`."""

    def __init__(self, engine: Engine, consumer: LogConsumer, clock: Clock) -> None:
        self._engine = engine
        self._consumer = consumer
        self._clock = clock

    def add_to(self, control: ControlApi) -> None:
        """Add the routes."""
        control.add("GET", "/clarion/v1/clock", Nothing, Now, self.tell_time, roles=READERS, summary="Tell the time.")
        control.add(
            "POST",
            "/clarion/v1/clock",
            MoveClock,
            Now,
            self.move_clock,
            roles=DEVELOPERS,
            summary="Move a virtual clock; answers when everything that became due has been done.",
        )
        control.add(
            "POST",
            "/clarion/v1/settle",
            Nothing,
            Now,
            self.settle,
            roles=DEVELOPERS,
            summary="Wait until everything accepted is queryable and every due job has run.",
        )

    def tell_time(self, ctx: Context, request: Nothing) -> Now:
        return Now(now=iso(self._clock.now()))

    def move_clock(self, ctx: Context, request: MoveClock) -> Now:
        if not isinstance(self._clock, VirtualClock):
            raise Conflict("the clock is real and cannot be moved; start the server with --clock virtual")
        if (request.advance is None) == (request.to is None):
            raise Invalid("Advance: give either Advance or To")
        now = self._clock.now()
        if request.advance is not None:
            try:
                target = now + parse_duration(request.advance)
            except (ValueError, OverflowError):
                raise Invalid(f"Advance: {request.advance} is not an ISO 8601 duration such as PT3H") from None
        else:
            try:
                target = parse_iso(request.to or "")
            except ValueError:
                raise Invalid(f"To: {request.to} is not an ISO 8601 time") from None
            if target < now:
                raise Invalid(f"To: {request.to} is before {iso(now)}; time does not run backwards")
        self._engine.advance(target)
        self._consumer.catch_up()
        return Now(now=iso(self._clock.now()))

    def settle(self, ctx: Context, request: Nothing) -> Now:
        self._consumer.catch_up()
        self._engine.settle()
        self._consumer.catch_up()
        return Now(now=iso(self._clock.now()))
