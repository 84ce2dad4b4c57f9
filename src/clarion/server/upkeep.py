"""The control API's calls for whoever looks after the installation: given-up jobs, log rows set aside, the mirror.

They reach across accounts, so they are for admins of the installation's own account (setting `account`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from clarion.core import pages
from clarion.core.clock import Clock, iso_ms
from clarion.core.errors import Invalid
from clarion.domain.audience.mirror.check import Difference, MirrorCheck, Position
from clarion.engine import log_dead
from clarion.engine.jobs import Jobs
from clarion.store.database import Database
from clarion.wire.context import Context
from clarion.wire.control import ControlApi

PAGE = 100
EXCERPT = 300

Text = Annotated[str, msgspec.Meta(min_length=1)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=1000)]
Number = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
Numbers = Annotated[list[Number], msgspec.Meta(min_length=1, max_length=1000)]


class JobsRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Which jobs; `limit` of them, going on at `next_token`."""

    state: Literal["dead"] | None = None
    kind: Text | None = None
    limit: Limit = PAGE
    next_token: str | None = None


class Job(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """A job: `waiting`, `running` or `dead`; `error` is what its last attempt failed of."""

    id: int
    kind: str
    state: Literal["waiting", "running", "dead"]
    due_at: str
    attempts: int
    key: str | None = None
    error: str | None = None


class JobsPage(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """Oldest first; `next_token` while there are more."""

    jobs: list[Job]
    next_token: str | None = None


class SetAsideRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """`limit` rows, going on at `next_token`."""

    limit: Limit = PAGE
    next_token: str | None = None


class SetAside(msgspec.Struct, kw_only=True, rename="pascal"):
    """A row of the ingest log that no sink took: why, how many bytes it has, and how it begins."""

    id: int
    kind: str
    set_aside_at: str
    error: str
    size: int
    excerpt: str


class SetAsidePage(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """Oldest first; `next_token` while there are more."""

    rows: list[SetAside]
    next_token: str | None = None


class Which(msgspec.Struct, kw_only=True, rename="pascal"):
    """Those of these ids, or `all`: one of the two."""

    ids: Numbers | None = None
    all: bool = False


class These(msgspec.Struct, kw_only=True, rename="pascal"):
    """Those of these ids."""

    ids: Numbers


class Changed(msgspec.Struct, rename="pascal"):
    """How many there were."""

    changed: int


class MirrorRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """One project or, without `application_id`, all of them; going on at `next_token`; `repair` what differs."""

    application_id: Text | None = None
    repair: bool = False
    next_token: str | None = None


class MirrorAnswer(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """How many endpoints this call compared, and what differed; `next_token` while there are more to compare."""

    compared: int
    differences: list[Difference]
    next_token: str | None = None


class UpkeepControl:
    """Handlers of `jobs`, `ingest/dead` and `doctor/mirror`. `account` is the installation's own."""

    def __init__(self, database: Database, jobs: Jobs, mirror: MirrorCheck, clock: Clock, account: str) -> None:
        self._database = database
        self._jobs = jobs
        self._mirror = mirror
        self._clock = clock
        self._account = account

    def add_to(self, control: ControlApi) -> None:
        """Add the routes."""

        def add(method: Any, path: str, request: Any, response: Any, handler: Any, summary: str) -> None:
            control.add(method, f"/clarion/v1/{path}", request, response, handler, summary=summary)

        add("GET", "jobs", JobsRequest, JobsPage, self.list_jobs, "List jobs; those given up have failed too often.")
        add("POST", "jobs/retry", Which, Changed, self.retry_jobs, "Give given-up jobs all their attempts again.")
        add("POST", "jobs/drop", These, Changed, self.drop_jobs, "Remove given-up jobs for good.")
        add("GET", "ingest/dead", SetAsideRequest, SetAsidePage, self.list_set_aside, "List log rows set aside.")
        add("POST", "ingest/dead/retry", Which, Changed, self.retry_set_aside, "Bring log rows back into the log.")
        add("POST", "ingest/dead/drop", These, Changed, self.drop_set_aside, "Remove log rows set aside for good.")
        summary = "Compare the columnar copy of the endpoints with the state, some seconds' worth a call."
        add("POST", "doctor/mirror", MirrorRequest, MirrorAnswer, self.check_mirror, summary)

    def list_jobs(self, ctx: Context, request: JobsRequest) -> JobsPage:
        ctx.check_installation(self._account)
        after, limit = _after("jobs", request.next_token), request.limit
        rows = self._database.read(
            lambda c: self._jobs.listed(
                c, dead=request.state == "dead", kind=request.kind, after=after, limit=limit + 1
            )
        )
        rows, token = pages.cut(rows, limit, "jobs", lambda row: (row.id,))
        jobs = [
            Job(
                id=row.id,
                kind=row.kind,
                state="dead" if row.state == "dead" else "running" if row.lease else "waiting",
                due_at=iso_ms(row.due_ms),
                attempts=row.attempts,
                key=row.key,
                error=row.error,
            )
            for row in rows
        ]
        return JobsPage(jobs=jobs, next_token=token)

    def retry_jobs(self, ctx: Context, request: Which) -> Changed:
        ctx.check_installation(self._account)
        ids, now_ms = _ids(request), self._clock.now_ms()
        return Changed(self._database.write(lambda c: self._jobs.revive_all(c, ids, due_ms=now_ms)))

    def drop_jobs(self, ctx: Context, request: These) -> Changed:
        ctx.check_installation(self._account)
        return Changed(self._database.write(lambda c: self._jobs.drop(c, request.ids)))

    def list_set_aside(self, ctx: Context, request: SetAsideRequest) -> SetAsidePage:
        ctx.check_installation(self._account)
        after, limit = _after("ingest", request.next_token), request.limit
        rows = self._database.read(lambda c: log_dead.listed(c, after=after, limit=limit + 1))
        rows, token = pages.cut(rows, limit, "ingest", lambda row: (row.id,))
        return SetAsidePage(rows=[_shown(row) for row in rows], next_token=token)

    def retry_set_aside(self, ctx: Context, request: Which) -> Changed:
        ctx.check_installation(self._account)
        ids = _ids(request)
        return Changed(self._database.write(lambda c: log_dead.retry(c, ids)))

    def drop_set_aside(self, ctx: Context, request: These) -> Changed:
        ctx.check_installation(self._account)
        return Changed(self._database.write(lambda c: log_dead.drop(c, request.ids)))

    def check_mirror(self, ctx: Context, request: MirrorRequest) -> MirrorAnswer:
        ctx.check_installation(self._account)
        return look(self._mirror, request)


def look(mirror: MirrorCheck, request: MirrorRequest) -> MirrorAnswer:
    """One part of the check: what `doctor/mirror` answers."""
    key = pages.decode_token("mirror", request.next_token, [str, str, bool])
    position = Position() if key is None else Position(str(key[0]), str(key[1]), bool(key[2]))
    done = mirror.look(position, app_id=request.application_id, repair=request.repair)
    token = None if done.position is None else pages.encode_token("mirror", *done.position)
    return MirrorAnswer(compared=done.compared, differences=done.differences, next_token=token)


def _after(kind: str, token: str | None) -> int:
    key = pages.decode_token(kind, token, [int])
    return 0 if key is None else int(key[0])


def _ids(request: Which) -> list[int] | None:
    if (request.ids is None) == (not request.all):
        raise Invalid("Ids: give either Ids or All")
    return request.ids


def _shown(row: log_dead.Dead) -> SetAside:
    return SetAside(
        id=row.id,
        kind=row.kind,
        set_aside_at=iso_ms(row.set_aside_ms),
        error=row.error or "no running process knows this kind; it comes back with one that does",
        size=len(row.body),
        excerpt=row.body[:EXCERPT].decode(errors="replace"),
    )
