"""Verbs of segments: define, change, delete, look at; and select, which is what everything else is for.

A selection always sees every write that was acknowledged before it: it first waits for the columnar store to
catch up with the ingest log.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.core import pages
from clarion.core.clock import Clock
from clarion.core.errors import Invalid, NotFound
from clarion.core.ids import Ids
from clarion.core.scope import Scope
from clarion.domain.apps.service import Apps
from clarion.domain.apps.tags import Tags
from clarion.domain.segments import store
from clarion.domain.segments.algebra import EVERYBODY, Node, leaves
from clarion.domain.segments.build import Condition, build, build_each, limited
from clarion.domain.segments.check import check_request, check_sources
from clarion.domain.segments.columnar import Documents, Endpoints
from clarion.domain.segments.lists import Lists
from clarion.domain.segments.model import Definition, Segment, resource
from clarion.domain.segments.optimise import optimise
from clarion.domain.segments.parse import MOST_LEAVES, Find, dimensions_node, parse
from clarion.domain.segments.snapshots import Snapshots
from clarion.domain.segments.store import Snapshot
from clarion.shapes.pinpoint import SegmentDimensions, SegmentImportResource, SegmentType, WriteSegmentRequest
from clarion.store.columnar import Columnar
from clarion.store.database import Database

SegmentHook = Callable[[sa.Connection, str, str], None]
"""Told app id and segment id in the transaction that changes or deletes the segment."""

Question = tuple[str, int | None] | SegmentDimensions
"""A segment (id and version, None for the latest), or dimensions that belong to none."""

MATCH_BATCH = 1_000


class Described(NamedTuple):
    """A segment in one of its versions, with its tags."""

    segment: Segment
    tags: dict[str, str]


Page = tuple[list[Described], str | None]
"""Items and the token of the next page."""


class Segments:
    """The segments of every app. `catch_up` returns when all acknowledged writes are in the columnar store."""

    def __init__(
        self,
        database: Database,
        columnar: Columnar,
        apps: Apps,
        tags: Tags,
        *,
        clock: Clock,
        ids: Ids,
        catch_up: Callable[[], None],
    ) -> None:
        self._database = database
        self._endpoints = Endpoints(columnar)
        self.lists = Lists(columnar)
        self._snapshots = Snapshots(database, self._endpoints, clock=clock, ids=ids)
        self._apps = apps
        self._tags = tags
        self._clock = clock
        self._ids = ids
        self._catch_up = catch_up
        self._hooks: list[SegmentHook] = []
        self._watchers: list[SegmentHook] = []
        tags.resolver("segments", self._exists)

    def on_delete(self, hook: SegmentHook) -> None:
        """Have `hook` end what uses a segment that is deleted, in the same transaction."""
        self._hooks.append(hook)

    def on_change(self, hook: SegmentHook) -> None:
        """Tell `hook` of a segment that means others from now on: a new definition, or a new list of members."""
        self._watchers.append(hook)

    # --- definitions

    def create(self, scope: Scope, app_id: str, request: WriteSegmentRequest) -> Described:
        """Define a dimensional segment. Raises Invalid naming the member at fault."""
        check_request(request)
        segment = self._new(app_id, "DIMENSIONAL", _definition(request))

        def work(connection: sa.Connection) -> Described:
            self._apps.check(connection, scope, app_id)
            check_sources(segment, _finder(connection, app_id))
            store.insert(connection, segment)
            return Described(segment, self._tags.attach(connection, _arn(scope, segment), request.tags))

        return self._database.write(work)

    def update(self, scope: Scope, app_id: str, segment_id: str, request: WriteSegmentRequest) -> Described:
        """Replace the whole definition by a new version. An imported segment can only get another name."""

        def work(connection: sa.Connection) -> Described:
            latest = self._get(connection, scope, app_id, segment_id, None, lock=True)
            if latest.kind == "IMPORT":
                return self._described(connection, scope, self._rename(connection, latest, request))
            check_request(request)
            segment = self._next(latest, _definition(request))
            check_sources(segment, _finder(connection, app_id))
            store.add_version(connection, segment)
            self._changed(connection, segment)
            return self._described(connection, scope, segment)

        return self._database.write(work)

    def begin_list(
        self,
        connection: sa.Connection,
        scope: Scope,
        app_id: str,
        segment_id: str | None,
        name: str,
        imported: SegmentImportResource,
        number: int,
    ) -> str:
        """For import jobs: a new imported segment whose members are list `number`; answers its id.

        With `segment_id` only a check: that segment gets the list when it is complete. Raises NotFound for an
        unknown segment, Invalid for a dimensional one.
        """
        if segment_id is None:
            self._apps.check(connection, scope, app_id)
            segment = self._new(app_id, "IMPORT", Definition(name=name, imported=imported, list_number=number))
            store.insert(connection, segment)
            return segment.id
        if self._get(connection, scope, app_id, segment_id, None).kind != "IMPORT":
            raise Invalid("SegmentId: must be an imported segment")
        return segment_id

    def complete_list(
        self,
        connection: sa.Connection,
        scope: Scope,
        app_id: str,
        segment_id: str,
        imported: SegmentImportResource,
        number: int,
        *,
        name: str | None = None,
        replace: bool = True,
    ) -> None:
        """For import jobs: what is known of list `number` now that all of it is there.

        A segment that had another list before gets a version with this one, unless not to be replaced; a `name`
        renames it. Raises NotFound when the segment is gone.
        """
        latest = self._get(connection, scope, app_id, segment_id, None, lock=True)
        if latest.definition.list_number == number:
            definition = msgspec.structs.replace(latest.definition, imported=imported)
            store.replace_version(connection, msgspec.structs.replace(latest, definition=definition))
            self._changed(connection, latest)
        elif replace:
            named = name or latest.definition.name
            segment = self._next(latest, Definition(name=named, imported=imported, list_number=number))
            store.add_version(connection, segment)
            self._changed(connection, segment)

    def delete(self, scope: Scope, app_id: str, segment_id: str) -> Described:
        """Delete a segment with all its versions; answers what it was. Segments built on it find nobody there.

        What it has in the columnar store is erased by a job (`jobs`).
        """

        def work(connection: sa.Connection) -> Described:
            segment = self._get(connection, scope, app_id, segment_id, None, lock=True)
            described = self._described(connection, scope, segment)
            for hook in self._hooks:
                hook(connection, app_id, segment_id)
            self._tags.drop(connection, _arn(scope, segment))
            store.delete(connection, segment_id)
            return described

        return self._database.write(work)

    def require(self, scope: Scope, app_id: str, segment_id: str, version: int | None = None) -> Segment:
        """That version of a segment, or the latest; raises NotFound."""
        return self._database.read(lambda connection: self._get(connection, scope, app_id, segment_id, version))

    def check(
        self, connection: sa.Connection, scope: Scope, app_id: str, segment_id: str, version: int | None = None
    ) -> Segment:
        """`require` with the connection at hand."""
        return self._get(connection, scope, app_id, segment_id, version)

    def get(self, scope: Scope, app_id: str, segment_id: str, version: int | None = None) -> Described:
        """`require`, with the tags."""

        def work(connection: sa.Connection) -> Described:
            segment = self._get(connection, scope, app_id, segment_id, version)
            return self._described(connection, scope, segment)

        return self._database.read(work)

    def page(self, scope: Scope, app_id: str, size: str | None, token: str | None) -> Page:
        """The latest versions of all segments in the order of their creation."""
        limit = pages.page_size(size)
        key = pages.decode_token("segments", token, [int, str])

        def work(connection: sa.Connection) -> Page:
            self._apps.check(connection, scope, app_id)
            after = None if key is None else (int(key[0]), str(key[1]))
            rows = store.page(connection, app_id, after, limit + 1)
            found, following = pages.cut(rows, limit, "segments", lambda one: (one.created_ms, one.id))
            tags = self._tags.of(connection, [_arn(scope, one) for one in found])
            return [Described(one, tags[_arn(scope, one)]) for one in found], following

        return self._database.read(work)

    def versions(self, scope: Scope, app_id: str, segment_id: str, size: str | None, token: str | None) -> Page:
        """All versions of a segment, newest first."""
        limit = pages.page_size(size)
        key = pages.decode_token("segment-versions", token, [int])

        def work(connection: sa.Connection) -> Page:
            tags = self._described(connection, scope, self._get(connection, scope, app_id, segment_id, None)).tags
            rows = store.versions(connection, segment_id, None if key is None else int(key[0]), limit + 1)
            found, following = pages.cut(rows, limit, "segment-versions", lambda one: (one.version,))
            return [Described(one, tags) for one in found], following

        return self._database.read(work)

    # --- selections

    def count(
        self,
        scope: Scope,
        app_id: str,
        segment_id: str,
        version: int | None = None,
        *,
        cohorts: Collection[int] | None = None,
    ) -> int:
        """How many endpoints are in the segment now; with `cohorts` (0-99) only those of them."""
        return self._endpoints.count(limited(self._condition(scope, app_id, segment_id, version), cohorts))

    def condition(self, scope: Scope, app_id: str, segment_id: str) -> Condition:
        """The condition of the segment over the columns of `endpoints`; raises NotFound."""
        return self._condition(scope, app_id, segment_id, None, caught_up=True)

    def without_zone(self, scope: Scope, app_id: str, segment_id: str) -> int:
        """How many endpoints of the segment have no time zone now."""
        condition = self._condition(scope, app_id, segment_id, None)
        return self._endpoints.count(condition._replace(sql=f"{condition.sql} AND timezone = ''"))

    def sample(
        self, scope: Scope, app_id: str, segment_id: str, version: int | None = None, *, limit: int = 10
    ) -> list[str]:
        """The keys of a few members, to look at."""
        return self._endpoints.first(self._condition(scope, app_id, segment_id, version), limit)

    def matches(
        self,
        scope: Scope,
        app_id: str,
        segment_id: str,
        version: int | None,
        endpoint_keys: Sequence[str],
        *,
        caught_up: bool = False,
    ) -> set[str]:
        """Those of `endpoint_keys` that are in the segment now. `caught_up`: the caller knows that all writes that
        matter are in the columnar store, and shall not wait for later ones."""
        if not endpoint_keys:
            return set()
        condition = self._condition(scope, app_id, segment_id, version, among=True, caught_up=caught_up)
        batches = (endpoint_keys[start : start + MATCH_BATCH] for start in range(0, len(endpoint_keys), MATCH_BATCH))
        return {key for batch in batches for key in self._endpoints.among(condition, batch)}

    def containing(
        self, scope: Scope, app_id: str, wanted: Sequence[tuple[str, int | None]], endpoint_key: str
    ) -> set[tuple[str, int | None]]:
        """Those of these segments (id and version, None for the latest) that one endpoint is in now, by one query.

        A segment that is gone contains nobody.
        """
        found = self.memberships(scope, app_id, wanted, [endpoint_key])
        return {one for one, members in found.items() if members}

    def memberships(
        self,
        scope: Scope,
        app_id: str,
        wanted: Iterable[tuple[str, int | None]],
        endpoint_keys: Sequence[str],
        *,
        caught_up: bool = False,
    ) -> dict[tuple[str, int | None], set[str]]:
        """Those of `endpoint_keys` that are in each of these segments (id and version, None for the latest) now, by
        one query for all of them; without the segments that are gone. `caught_up` as in `matches`."""
        asked = list(dict.fromkeys(wanted))
        found = self.judged(scope, app_id, asked, endpoint_keys, caught_up=caught_up)
        return {one: members for one, members in zip(asked, found, strict=True) if members is not None}

    def judged(
        self,
        scope: Scope,
        app_id: str,
        questions: Sequence[Question],
        endpoint_keys: Sequence[str],
        *,
        caught_up: bool = False,
    ) -> list[set[str] | None]:
        """Those of `endpoint_keys` for whom each question holds now, asked together; None for a segment that is gone.

        `caught_up` as in `matches`. Raises Invalid for a segment that has become too large to be selected.
        """

        def work(connection: sa.Connection) -> list[Node | None]:
            self._apps.check(connection, scope, app_id)
            find = _finder(connection, app_id)
            return [_asked(find, question) for question in questions]

        nodes = self._database.read(work)
        there = [node for node in nodes if node is not None]
        if there and endpoint_keys and not caught_up:
            self._catch_up()
        members = chain.from_iterable(self._each(app_id, pack, endpoint_keys) for pack in _packs(there))
        return [None if node is None else next(members) for node in nodes]

    def _each(self, app_id: str, nodes: Sequence[Node], endpoint_keys: Sequence[str]) -> list[set[str]]:
        """Those of `endpoint_keys` that each of these trees means, by one query for every so many keys."""
        conditions = build_each(nodes, app_id=app_id, now_ms=self._clock.now_ms(), among=True)
        members: list[set[str]] = [set() for _ in nodes]
        for start in range(0, len(endpoint_keys), MATCH_BATCH):
            batch = self._endpoints.each(conditions, endpoint_keys[start : start + MATCH_BATCH])
            for all_, some in zip(members, batch, strict=True):
                all_ |= some
        return members

    def documents(
        self,
        scope: Scope,
        app_id: str,
        segment_id: str | None,
        version: int | None = None,
        *,
        after: str = "",
        limit: int,
        at_ms: int | None = None,
    ) -> Iterator[Documents]:
        """Up to `limit` members behind the key `after`, or of all endpoints, as the API answers them, in key order.

        Pages come as they are read. `at_ms` is the moment that recency is judged by. Raises NotFound, Invalid.
        """

        def work(connection: sa.Connection) -> Condition:
            if segment_id is None:
                self._apps.check(connection, scope, app_id)
                return build(EVERYBODY, app_id=app_id, now_ms=self._clock.now_ms())
            segment = self._get(connection, scope, app_id, segment_id, version)
            return self._compiled(connection, segment, now_ms=at_ms)

        condition = self._database.read(work)
        self._catch_up()
        return self._endpoints.documents(app_id, condition, after, limit)

    def snapshot(
        self,
        scope: Scope,
        app_id: str,
        segment_id: str,
        version: int | None,
        snapshot_id: str,
        cohorts: Collection[int] | None = None,
    ) -> int:
        """Write down who is in the segment now, and answer how many; again for the same id: those of then.

        With `cohorts` (0-99) only their members. They can be paged for 90 days. Raises NotFound when the segment
        is gone.
        """
        known = self._snapshots.find(snapshot_id)
        if known is None:
            condition = limited(self._condition(scope, app_id, segment_id, version), cohorts)
            known = self._snapshots.take(condition, app_id, snapshot_id)
        return known.members

    def members(self, snapshot_id: str, after: int, limit: int) -> list[str]:
        """Endpoint keys of a snapshot at positions `after + 1` to `after + limit`; fewer at its end."""
        return self._snapshots.page(snapshot_id, after, limit)

    def drop_snapshot(self, snapshot_id: str) -> None:
        """Erase a snapshot that nobody needs any more; without harm when there is none."""
        self._snapshots.drop(snapshot_id)

    def duplicates(self, snapshot_id: str) -> list[str]:
        """Members of a snapshot who share channel and address with one before them: see `Snapshots`."""
        return self._snapshots.duplicates(snapshot_id)

    def duplicates_among(
        self, scope: Scope, app_id: str, segment_id: str, version: int | None, cohorts: Collection[int]
    ) -> list[str]:
        """Members in these cohorts who share channel and address with one before them, of whichever cohort."""
        return self._endpoints.duplicates_among(self._condition(scope, app_id, segment_id, version), cohorts)

    def zones(self, snapshot_id: str) -> list[str]:
        """Time zones of a snapshot's members, '' for none: see `Snapshots`."""
        return self._snapshots.zones(snapshot_id)

    def zone_parts(self, snapshot_id: str) -> list[Snapshot]:
        """The members of each zone as snapshots of their own: see `Snapshots`."""
        return self._snapshots.zone_parts(snapshot_id)

    def zone_part(self, snapshot_id: str, zone: str) -> str:
        """The snapshot id of the members of one zone."""
        return self._snapshots.zone_part(snapshot_id, zone)

    # --- inside

    def _condition(
        self,
        scope: Scope,
        app_id: str,
        segment_id: str,
        version: int | None,
        *,
        among: bool = False,
        caught_up: bool = False,
    ) -> Condition:
        def work(connection: sa.Connection) -> Condition:
            return self._compiled(connection, self._get(connection, scope, app_id, segment_id, version), among=among)

        condition = self._database.read(work)
        if not caught_up:
            self._catch_up()
        return condition

    def _compiled(
        self, connection: sa.Connection, segment: Segment, *, among: bool = False, now_ms: int | None = None
    ) -> Condition:
        node = optimise(parse(segment, _finder(connection, segment.app_id)))
        now_ms = self._clock.now_ms() if now_ms is None else now_ms
        return build(node, app_id=segment.app_id, now_ms=now_ms, among=among)

    def _get(
        self,
        connection: sa.Connection,
        scope: Scope,
        app_id: str,
        segment_id: str,
        version: int | None,
        *,
        lock: bool = False,
    ) -> Segment:
        self._apps.check(connection, scope, app_id)
        segment = store.get(connection, app_id, segment_id, version, lock=lock)
        if segment is None:
            raise NotFound()
        return segment

    def _described(self, connection: sa.Connection, scope: Scope, segment: Segment) -> Described:
        arn = _arn(scope, segment)
        return Described(segment, self._tags.of(connection, [arn])[arn])

    def _changed(self, connection: sa.Connection, segment: Segment) -> None:
        for hook in self._watchers:
            hook(connection, segment.app_id, segment.id)

    def _rename(self, connection: sa.Connection, latest: Segment, request: WriteSegmentRequest) -> Segment:
        """Its version stays, as the list of members belongs to that."""
        if request.dimensions is not None or request.segment_groups is not None:
            raise Invalid("Dimensions and SegmentGroups: an imported segment can only get another Name")
        definition = msgspec.structs.replace(latest.definition, name=request.name or latest.definition.name)
        renamed = msgspec.structs.replace(latest, definition=definition, modified_ms=self._clock.now_ms())
        store.replace_version(connection, renamed)
        return renamed

    def _new(self, app_id: str, kind: SegmentType, definition: Definition) -> Segment:
        now = self._clock.now_ms()
        return Segment(
            app_id=app_id,
            id=self._ids.hex32(),
            kind=kind,
            version=1,
            created_ms=now,
            modified_ms=now,
            definition=definition,
        )

    def _next(self, latest: Segment, definition: Definition) -> Segment:
        now, version = self._clock.now_ms(), latest.version + 1
        return msgspec.structs.replace(latest, version=version, modified_ms=now, definition=definition)

    def _exists(self, connection: sa.Connection, scope: Scope, parts: Sequence[str]) -> bool:
        if len(parts) != 4:
            return False
        try:
            self._get(connection, scope, parts[1], parts[3], None)
        except NotFound:
            return False
        return True


def _definition(request: WriteSegmentRequest) -> Definition:
    return Definition(name=request.name, dimensions=request.dimensions, groups=request.segment_groups)


def _finder(connection: sa.Connection, app_id: str) -> Find:
    return lambda segment_id, version: store.get(connection, app_id, segment_id, version)


def _asked(find: Find, question: Question) -> Node | None:
    """The tree of a question; None when its segment is gone."""
    if isinstance(question, SegmentDimensions):
        return optimise(dimensions_node(question))
    segment = find(*question)
    return None if segment is None else optimise(parse(segment, find))


def _packs(nodes: Sequence[Node]) -> Iterator[list[Node]]:
    """The trees in their order, as many together as one statement can hold."""
    pack: list[Node] = []
    size = 0
    for node in nodes:
        own = sum(1 for _ in leaves(node))
        if pack and size + own > MOST_LEAVES:
            yield pack
            pack, size = [], 0
        pack.append(node)
        size += own
    if pack:
        yield pack


def _arn(scope: Scope, segment: Segment) -> str:
    return scope.arn(resource(segment.app_id, segment.id))
