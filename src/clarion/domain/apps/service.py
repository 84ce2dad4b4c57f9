"""Projects: create, find, list, delete; their settings.

Everything else lives in a project, so every verb of the product begins with `Apps.require` (or `check` inside a
transaction): it is what keeps accounts and regions apart.

    delete ─→ one transaction: project, tags, what `on_delete` hooks remove (channels …), job apps.erase
    apps.erase ─→ empties the big tables (`eraser`) a chunk at a time (`jobs`), and does it all again a while later
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.core import pages
from clarion.core.clock import Clock, iso_ms, perf_seconds
from clarion.core.errors import NotFound, TooMany
from clarion.core.ids import Ids
from clarion.core.scope import Scope
from clarion.domain.apps import store
from clarion.domain.apps.model import App, check_name, check_settings
from clarion.domain.apps.tags import Tags
from clarion.engine.jobs import Jobs
from clarion.shapes.pinpoint import (
    ApplicationSettingsJourneyLimits,
    ApplicationSettingsResource,
    CampaignHook,
    CampaignLimits,
    QuietTime,
    WriteApplicationSettingsRequest,
)
from clarion.store.database import Database

ERASE = "apps.erase"

STALE_SECONDS = 2.0
"""How long this process may go on believing in a project that another process has deleted."""

NO_APP = "Application not found"
"""What moto says, and its users test for, when the project itself is asked for; elsewhere "Resource not found"."""

_APP_ID = re.compile(r"[0-9a-f]{32}")
_MOST_CACHED = 10_000

DeleteHook = Callable[[sa.Connection, App], None]
"""Removes what a slice keeps of a deleted project, if there is anything."""

Eraser = Callable[[sa.Connection, str, int], int]
"""Deletes at most so many rows of an app; answers how many it found, 0 when all is gone."""


class Erase(msgspec.Struct, kw_only=True):
    """Arguments of `apps.erase`. `late`: the second time, after what was under way has come in."""

    app_id: str
    account: str
    region: str
    late: bool = False
    version: int = 1


class Described(NamedTuple):
    """A project with its tags."""

    app: App
    tags: dict[str, str]


class Apps:
    """All projects. `quota` is the most of them per account and region, 0: no limit."""

    def __init__(self, database: Database, tags: Tags, jobs: Jobs, *, clock: Clock, ids: Ids, quota: int = 0) -> None:
        self._database = database
        self._tags = tags
        self._jobs = jobs
        self._clock = clock
        self._ids = ids
        self._quota = quota
        self._hooks: list[DeleteHook] = []
        self.erasers: list[Eraser] = []
        self._cache: dict[tuple[Scope, str], tuple[App, float]] = {}
        tags.resolver("apps", lambda c, scope, parts: len(parts) == 2 and _find(c, scope, parts[1]) is not None)

    def on_delete(self, hook: DeleteHook) -> None:
        """Have `hook` called in the transaction that deletes a project, and once more later. For tables that
        can be large: `eraser`."""
        self._hooks.append(hook)

    def eraser(self, erase: Eraser) -> None:
        """Have `erase` called again and again after a project was deleted, until it answers 0."""
        self.erasers.append(erase)

    def require(self, scope: Scope, app_id: str) -> App:
        """The project; raises NotFound when `scope` has none of this id. Answers from memory when it can."""
        return self._cached(scope, app_id) or self._database.read(lambda c: self.check(c, scope, app_id))

    def check(self, connection: sa.Connection, scope: Scope, app_id: str) -> App:
        """`require` with the connection at hand."""
        app = self._cached(scope, app_id)
        if app is None:
            app = _find(connection, scope, app_id)
            if app is None:
                raise NotFound()
            if len(self._cache) >= _MOST_CACHED:
                self._cache.clear()
            self._cache[scope, app_id] = (app, perf_seconds() + STALE_SECONDS)
        return app

    def create(self, scope: Scope, name: str, tags: dict[str, str] | None) -> Described:
        """A new project. Raises Invalid for name or tags, TooMany over the quota."""
        app = App(scope, self._ids.hex32(), check_name(name), self._clock.now_ms())

        def work(connection: sa.Connection) -> Described:
            if self._quota and store.count(connection, scope) >= self._quota:
                raise TooMany(f"an account has at most {self._quota} projects in a region")
            store.insert(connection, app)
            return Described(app, self._tags.attach(connection, app.arn, tags))

        return self._database.write(work)

    def get(self, scope: Scope, app_id: str) -> Described:
        """A project and its tags, as they are now."""

        def work(connection: sa.Connection) -> Described:
            app = _find(connection, scope, app_id)
            if app is None:
                raise NotFound(NO_APP)
            return Described(app, self._tags.of(connection, [app.arn])[app.arn])

        return self._database.read(work)

    def page(self, scope: Scope, size: str | None, token: str | None) -> tuple[list[Described], str | None]:
        """Projects in the order of their creation, and the token of the next page."""
        limit = pages.page_size(size)
        key = pages.decode_token("apps", token, [int, str])

        def work(connection: sa.Connection) -> tuple[list[Described], str | None]:
            after = None if key is None else (int(key[0]), str(key[1]))
            rows = store.page(connection, scope, after, limit + 1)
            found, following = pages.cut(rows, limit, "apps", lambda app: (app.created_ms, app.id))
            tags = self._tags.of(connection, [app.arn for app in found])
            return [Described(app, tags[app.arn]) for app in found], following

        return self._database.read(work)

    def delete(self, scope: Scope, app_id: str) -> Described:
        """Delete a project and everything in it; answers what it was. Its big tables are emptied by and by."""

        def work(connection: sa.Connection) -> Described:
            store.lock(connection, app_id)
            app = _find(connection, scope, app_id)
            if app is None:
                raise NotFound(NO_APP)
            described = Described(app, self._tags.of(connection, [app.arn])[app.arn])
            self.remove(connection, app)
            args = Erase(app_id=app_id, account=scope.account, region=scope.region)
            self._jobs.enqueue(connection, ERASE, args, due_ms=self._clock.now_ms(), key=f"{ERASE}:{app_id}")
            self._database.after_commit(connection, lambda: self._forget(scope, app_id))
            return described

        return self._database.write(work)

    def remove(self, connection: sa.Connection, app: App) -> None:
        """What deleting a project removes at once; again without harm."""
        for hook in self._hooks:
            hook(connection, app)
        self._tags.drop(connection, app.arn)
        store.delete(connection, app.id)

    def settings(self, scope: Scope, app_id: str) -> ApplicationSettingsResource:
        """A project's settings; members that are not set are empty."""

        def work(connection: sa.Connection) -> ApplicationSettingsResource:
            self.check(connection, scope, app_id)
            return _answer(app_id, store.settings(connection, app_id))

        return self._database.read(work)

    def update_settings(
        self, scope: Scope, app_id: str, sent: WriteApplicationSettingsRequest
    ) -> ApplicationSettingsResource:
        """Change the members that are sent; an empty one is cleared. Raises Invalid out of range."""
        check_settings(sent)

        def work(connection: sa.Connection) -> ApplicationSettingsResource:
            store.lock(connection, app_id)
            self.check(connection, scope, app_id)
            merged = _merged(self.stored_settings(connection, app_id), sent)
            now = self._clock.now_ms()
            document = msgspec.json.encode(merged)
            store.save_settings(connection, app_id, document, now)
            return _answer(app_id, store.Settings(document, now))

        return self._database.write(work)

    def stored_settings(self, connection: sa.Connection, app_id: str) -> WriteApplicationSettingsRequest:
        """The settings as they are now, for a campaign or journey to copy: only what is set is there."""
        return _decoded(store.settings(connection, app_id).document)

    def _cached(self, scope: Scope, app_id: str) -> App | None:
        entry = self._cache.get((scope, app_id))
        return entry[0] if entry is not None and entry[1] > perf_seconds() else None

    def _forget(self, scope: Scope, app_id: str) -> None:
        self._cache.pop((scope, app_id), None)


def _find(connection: sa.Connection, scope: Scope, app_id: str) -> App | None:
    return store.get(connection, scope, app_id) if _APP_ID.fullmatch(app_id) else None


def _decoded(document: bytes | None) -> WriteApplicationSettingsRequest:
    return msgspec.json.decode(document or b"{}", type=WriteApplicationSettingsRequest)


def _merged(
    stored: WriteApplicationSettingsRequest, sent: WriteApplicationSettingsRequest
) -> WriteApplicationSettingsRequest:
    """Members sent replace those stored, empty ones clear them."""
    merged = {}
    for member in sent.__struct_fields__:
        value = getattr(sent, member)
        if value is None:
            value = getattr(stored, member)
        elif value == [] or (isinstance(value, msgspec.Struct) and value == type(value)()):
            value = None
        merged[member] = value
    return WriteApplicationSettingsRequest(**merged)


def _answer(app_id: str, stored: store.Settings) -> ApplicationSettingsResource:
    settings = _decoded(stored.document)
    return ApplicationSettingsResource(
        application_id=app_id,
        campaign_hook=settings.campaign_hook or CampaignHook(),
        last_modified_date=None if stored.modified_ms is None else iso_ms(stored.modified_ms),
        limits=settings.limits or CampaignLimits(),
        quiet_time=settings.quiet_time or QuietTime(),
        journey_limits=settings.journey_limits or ApplicationSettingsJourneyLimits(),
        frequency_caps=settings.frequency_caps,
        control_group=settings.control_group,
        approval_required=settings.approval_required,
    )
