"""Explaining and estimating segments; nothing is written, and nobody gets a message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.core.errors import NotFound
from clarion.core.ids import Ids
from clarion.core.scope import Scope
from clarion.domain.apps.service import Apps
from clarion.domain.audience.model import Endpoint, endpoint_key
from clarion.domain.audience.service import Audience
from clarion.domain.segments import store
from clarion.domain.segments.build import Condition, build
from clarion.domain.segments.check import check_request, check_sources
from clarion.domain.segments.columnar import Endpoints, counting
from clarion.domain.segments.model import Definition, Segment
from clarion.domain.segments.optimise import optimise
from clarion.domain.segments.parse import Find, parse
from clarion.domain.segments.preview.estimate import Estimate, estimate
from clarion.domain.segments.preview.explain import Cost, Counts, Looked, cost, counts, look
from clarion.domain.segments.preview.outline import Outline, Step, culprit
from clarion.domain.segments.preview.words import own
from clarion.shapes.pinpoint import WriteSegmentRequest
from clarion.store.columnar import Columnar
from clarion.store.database import Database

SAMPLE = 10
"""How many members are shown."""

T = TypeVar("T")


class Passage(NamedTuple):
    """One endpoint and a step: whether it satisfies the step alone, and what it has that a condition asks about."""

    passes: bool
    value: list[str] | None


class Passages(NamedTuple):
    """One endpoint and all steps, in their order; `kept_out_by` is None for a member."""

    endpoint: Endpoint
    steps: list[Passage]
    kept_out_by: tuple[Step, Passage] | None


class Explained(NamedTuple):
    """A segment step by step; `sql` with `parameters` counts its members."""

    segment: Segment
    outline: Outline
    counts: Counts
    sql: str
    parameters: dict[str, Any]
    cost: Cost
    passages: Passages | None


class Estimated(NamedTuple):
    """How many, and the first few members."""

    estimate: Estimate
    sample: list[Endpoint]


class Previews:
    """Looks at segments without using them. `catch_up` as for `Segments`."""

    def __init__(
        self,
        database: Database,
        columnar: Columnar,
        apps: Apps,
        audience: Audience,
        *,
        clock: Clock,
        ids: Ids,
        catch_up: Callable[[], None],
    ) -> None:
        self._database = database
        self._columnar = columnar
        self._endpoints = Endpoints(columnar)
        self._apps = apps
        self._audience = audience
        self._clock = clock
        self._ids = ids
        self._catch_up = catch_up

    def explain(
        self, scope: Scope, app_id: str, segment_id: str, version: int | None = None, endpoint_id: str | None = None
    ) -> Explained:
        """A segment step by step, and one endpoint's way through it. Raises NotFound for what does not exist."""

        def work(segment: Segment, find: Find) -> tuple[Segment, Outline, Condition]:
            return segment, Outline(segment, find), self._condition(segment, find)

        segment, outline, condition = self._stored(scope, app_id, segment_id, version, work)
        self._catch_up()
        passages = None if endpoint_id is None else self._passages(outline, app_id, endpoint_id)
        found = counts(self._columnar, outline, app_id, self._clock.now_ms())
        took = cost(self._columnar, condition)
        return Explained(segment, outline, found, counting(condition), condition.parameters, took, passages)

    def estimate(
        self, scope: Scope, app_id: str, segment_id: str, version: int | None = None, channel: str | None = None
    ) -> Estimated:
        """How many members there are, how many could be messaged (on a channel), and a few of them."""
        condition = self._stored(scope, app_id, segment_id, version, self._condition)
        return self._estimated(app_id, condition, channel)

    def estimate_unsaved(
        self, scope: Scope, app_id: str, request: WriteSegmentRequest, channel: str | None = None
    ) -> Estimated:
        """The same of a definition that is not stored; raises Invalid as when it were."""
        check_request(request)
        now = self._clock.now_ms()
        candidate = Segment(
            app_id=app_id,
            id=self._ids.hex32(),
            kind="DIMENSIONAL",
            version=1,
            created_ms=now,
            modified_ms=now,
            definition=Definition(dimensions=request.dimensions, groups=request.segment_groups),
        )

        def work(connection: sa.Connection) -> Condition:
            self._apps.check(connection, scope, app_id)
            find = _finder(connection, app_id)
            check_sources(candidate, find)
            return self._condition(candidate, find)

        return self._estimated(app_id, self._database.read(work), channel)

    def _estimated(self, app_id: str, condition: Condition, channel: str | None) -> Estimated:
        self._catch_up()
        found = estimate(self._columnar, condition, channel)
        keys = self._endpoints.first(condition, SAMPLE) if found.members else []
        documents = self._audience.load(app_id, keys)
        return Estimated(found, [documents[key] for key in keys if key in documents])

    def _passages(self, outline: Outline, app_id: str, endpoint_id: str) -> Passages:
        key = endpoint_key(endpoint_id)
        endpoint = self._audience.load(app_id, [key]).get(key)
        found = None if endpoint is None else look(self._columnar, outline, app_id, self._clock.now_ms(), key)
        if endpoint is None or found is None:
            raise NotFound(f"EndpointId: endpoint {endpoint_id} does not exist in this application")
        steps = [step for _, step in outline.whole.walk()]
        passages = dict(zip((step.path for step in steps), _passed(steps, endpoint, found), strict=True))
        kept_out_by = None
        if not passages[outline.whole.path].passes:
            by = culprit(outline.whole, {path: passage.passes for path, passage in passages.items()})
            kept_out_by = (by, passages[by.path])
        return Passages(endpoint, list(passages.values()), kept_out_by)

    def _condition(self, segment: Segment, find: Find) -> Condition:
        return build(optimise(parse(segment, find)), app_id=segment.app_id, now_ms=self._clock.now_ms())

    def _stored(
        self, scope: Scope, app_id: str, segment_id: str, version: int | None, work: Callable[[Segment, Find], T]
    ) -> T:
        """What `work` makes of a segment and its sources."""

        def read(connection: sa.Connection) -> T:
            self._apps.check(connection, scope, app_id)
            segment = store.get(connection, app_id, segment_id, version)
            if segment is None:
                raise NotFound()
            return work(segment, _finder(connection, app_id))

        return self._database.read(read)


def _passed(steps: list[Step], endpoint: Endpoint, found: Looked) -> list[Passage]:
    had = iter(found.had)
    passages = []
    for step, passes in zip(steps, found.passes, strict=True):
        value = None if step.node is None else own(step.node, endpoint, next(had))
        passages.append(Passage(passes, value if step.kind == "CONDITION" else None))
    return passages


def _finder(connection: sa.Connection, app_id: str) -> Find:
    return lambda segment_id, version: store.get(connection, app_id, segment_id, version)
