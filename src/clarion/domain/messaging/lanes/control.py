"""The control API's calls for lanes: what each is doing, and pausing, draining, leading elsewhere, slowing down.

Lanes are the installation's, so this is for admins of its own account.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Literal, get_args

import msgspec
import sqlalchemy as sa

from clarion.core.clock import Clock, iso_ms
from clarion.core.errors import Conflict, Invalid, NotFound
from clarion.domain.messaging import outbox
from clarion.domain.messaging.lanes import figures, states
from clarion.domain.messaging.lanes.figures import Figures
from clarion.domain.messaging.lanes.names import lane_of, priority_of, provider_of
from clarion.domain.messaging.lanes.states import LaneRow
from clarion.domain.messaging.model import LaneName
from clarion.domain.messaging.outbox import Queued
from clarion.store.database import Database
from clarion.wire.context import Context
from clarion.wire.control import ControlApi, Nothing

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=160)]


class Lane(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """A lane: messages that wait and that are being handed over, the age in seconds of the oldest that is due, messages
    per second lately, how many left and how many attempts failed since the processes began, the last failure, and since
    when it rests.

    `waiting` splits by priority: one-time passwords, transactional, promotional.
    """

    name: str
    state: str
    queued: int
    sending: int
    waiting: list[int]
    rate: float
    handed: int
    failed: int
    oldest_seconds: float | None = None
    rests_until: str | None = None
    reroute_to: str | None = None
    rate_limit: float | None = None
    concurrency: int | None = None
    last_error: str | None = None
    last_error_at: str | None = None


class LaneList(msgspec.Struct, kw_only=True, rename="pascal"):
    """Every lane that has messages, did something within the hour, or of which something was decided."""

    lanes: list[Lane]


class ChangeRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """A lane, all lanes of a provider (`SMS/carrier`) or of a channel (`SMS`), and what to change. `reroute_to` names a
    provider, "" none; 0 is no limit."""

    name: Text
    state: Literal["open", "paused", "draining"] | None = None
    reroute_to: str | None = None
    rate: float | None = None
    concurrency: int | None = None


class LanesControl:
    """Handler of `lanes`. `forget` is called after a change; `providers` tells the names of a channel's ("sms")."""

    def __init__(
        self,
        database: Database,
        forget: Callable[[], None],
        providers: Mapping[str, Callable[[], Sequence[str]]],
        *,
        clock: Clock,
        account: str,
    ) -> None:
        self._database = database
        self._forget = forget
        self._providers = providers
        self._clock = clock
        self._account = account

    def add_to(self, control: ControlApi) -> None:
        """Add the routes."""
        path = "/clarion/v1/lanes"
        control.add("GET", path, Nothing, LaneList, self.list_lanes, summary="List the lanes and what they do.")
        control.add(
            "POST",
            path,
            ChangeRequest,
            Nothing,
            self.change_lane,
            summary="Pause, drain, resume, reroute or slow down lanes.",
            status=204,
        )

    def list_lanes(self, ctx: Context, request: Nothing) -> LaneList:
        ctx.check_installation(self._account)
        return LaneList(lanes=self._database.read(self._lanes))

    def change_lane(self, ctx: Context, request: ChangeRequest) -> Nothing:
        ctx.check_installation(self._account)
        channel = request.name.partition("/")[0]
        if channel not in get_args(LaneName):
            raise Invalid(f"Name: must begin with one of {', '.join(get_args(LaneName))}")
        if (request.rate or 0) < 0 or (request.concurrency or 0) < 0:
            raise Invalid("Rate, Concurrency: must be 0 (no limit) or more")
        names = self._providers[channel.lower()]() if channel.lower() in self._providers else ()
        if request.reroute_to and request.reroute_to not in names:
            raise Invalid(f"RerouteTo: there is no enabled provider {request.reroute_to} of this channel")
        if request.reroute_to and request.reroute_to == provider_of(request.name):
            raise Invalid("RerouteTo: must name another provider")
        if request.state == "draining" and not set(names) - {provider_of(request.name)}:
            raise Conflict("there is no other provider that could take new messages; pause the lane instead")

        def work(connection: sa.Connection) -> None:
            if names and provider_of(request.name) not in ("", *names):
                self._seen(connection, request.name)
            row = states.get(connection, request.name)
            changed = LaneRow(
                row.name,
                row.state if request.state is None else request.state,
                row.reroute_to if request.reroute_to is None else request.reroute_to,
                row.rate if request.rate is None else request.rate,
                row.concurrency if request.concurrency is None else request.concurrency,
            )
            states.save(self._database, connection, changed)

        self._database.write(work)
        self._forget()
        return Nothing()

    def _seen(self, connection: sa.Connection, name: str) -> None:
        """Raise NotFound if neither a lane nor a provider's lanes of this name are known: it was mistyped."""
        if not any(f"{lane.name}/".startswith(f"{name}/") for lane in self._lanes(connection)):
            raise NotFound(f"there is no lane {name}, and no enabled provider {provider_of(name)} of its channel")

    def _lanes(self, connection: sa.Connection) -> list[Lane]:
        decided = states.load(connection)
        queued: dict[str, list[Queued]] = defaultdict(list)
        for queue in outbox.queued(connection):
            queued[lane_of(queue.queue)].append(queue)
        doing: dict[str, list[Figures]] = defaultdict(list)
        for one in figures.load(connection):
            doing[one.lane].append(one)
        names = sorted({*queued, *doing, *decided.names()})
        return [self._lane(name, decided.of(name), queued[name], doing[name]) for name in names]

    def _lane(self, name: str, row: LaneRow, queues: Sequence[Queued], doing: Sequence[Figures]) -> Lane:
        now = self._clock.now_ms()
        oldest = min((queue.oldest_ms for queue in queues if queue.oldest_ms is not None), default=None)
        rests = max((one.rests_until_ms for one in doing), default=0)
        last = max(doing, key=lambda one: one.error_ms, default=None)
        waiting = [0, 0, 0]
        for queue in queues:
            waiting[priority_of(queue.queue)] += queue.ready
        return Lane(
            name=name,
            state=row.state if row.state != "open" else "resting" if rests > now else "open",
            queued=sum(waiting),
            sending=sum(queue.handing for queue in queues),
            waiting=waiting,
            rate=round(sum(one.rate for one in doing), 1),
            handed=sum(one.handed for one in doing),
            failed=sum(one.failed for one in doing),
            oldest_seconds=None if oldest is None or oldest > now else round((now - oldest) / 1000, 1),
            rests_until=iso_ms(rests) if rests > now else None,
            reroute_to=row.reroute_to or None,
            rate_limit=row.rate or None,
            concurrency=row.concurrency or None,
            last_error=last.error if last is not None and last.error else None,
            last_error_at=iso_ms(last.error_ms) if last is not None and last.error_ms else None,
        )
