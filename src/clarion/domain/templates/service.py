"""Verbs of templates: create, overwrite, add versions, choose the active one, read.

    create ──→ version 1, active and latest
    update ──→ overwrites the latest version, or adds the next one; the active version stays
    active-version ──→ any version becomes the one messages use

Numbers are never given twice, also not after a version was deleted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, overload

import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.core.errors import Invalid, NotFound, TooMany
from clarion.core.pages import cut, decode_token
from clarion.core.scope import Scope
from clarion.domain.apps.tags import Tags
from clarion.domain.templates import model, store
from clarion.domain.templates.handlebars import Template, TemplateCache
from clarion.domain.templates.kinds import IN_APP, Kind
from clarion.domain.templates.model import LATEST, Content, Email, InApp, Push, Sms, Stored, Voice, encode
from clarion.domain.templates.partials import store as partial_store
from clarion.domain.templates.partials.service import Partials
from clarion.domain.templates.partials.store import Use
from clarion.domain.templates.sources import Sources, called, texts
from clarion.domain.templates.store import TemplateRow, VersionRow
from clarion.store.database import Database

MAX_TEMPLATES = 20_000
MAX_VERSIONS = 5_000

__all__ = ["Compiling", "Content", "Templates", "decode"]


class Templates:
    """The templates of every account.

    `cache` holds compiled sources for all who render, `partials` are those that templates share. Unless `make_texts`,
    no text part is made of a template's HTML.
    """

    def __init__(
        self, database: Database, tags: Tags, clock: Clock, cache: TemplateCache, *, make_texts: bool = True
    ) -> None:
        self._database = database
        self._tags = tags
        self._clock = clock
        self._make_texts = make_texts
        self.cache = cache
        self.partials = Partials(database, clock, cache)

    def compiled(self, source: str) -> Template:
        """A source that belongs to no template, compiled, from the cache; raises TemplateSyntaxError."""
        return self.cache.get(source)

    def text_of(self, html: str) -> Template | None:
        """None: what belongs to no template is sent as it was written, nothing is made of it."""
        return None

    def read(self, scope: Scope, kind: Kind, request: Any) -> Stored:
        """A version from a request. Raises Invalid naming what is wrong with which member."""
        if kind is IN_APP or not (names := called(texts(request))):
            return kind.read(request, self.cache)
        library = self._database.read(lambda connection: self.partials.library(connection, scope, names))
        return kind.read(request, Sources(self.cache, library))

    def create(self, scope: Scope, kind: str, name: str, content: Stored, tags: Mapping[str, str] | None) -> str:
        """A new template with one active version; answers its ARN.

        Raises Invalid when the name is taken, TooMany when the account has all it may have.
        """
        model.check_name(name)
        arn = model.arn(scope, kind, name)
        now = self._clock.now_ms()

        def work(connection: sa.Connection) -> None:
            if store.get(connection, scope, kind, name) is not None:
                raise Invalid(f"TemplateName: a template named {name} exists already")
            if store.count(connection, scope.account) >= MAX_TEMPLATES:
                raise TooMany(f"an account has at most {MAX_TEMPLATES} templates")
            store.add(connection, scope, TemplateRow(name, kind, 1, 1, 1, now))
            store.add_version(connection, scope, VersionRow(name, kind, 1, encode(content), now, now))
            self._record(connection, scope, Use(kind, name, 1), content)
            self._tags.attach(connection, arn, tags)

        try:
            self._database.write(work)
        except sa.exc.IntegrityError:
            raise Invalid(f"TemplateName: a template named {name} exists already") from None
        return arn

    def update(
        self, scope: Scope, kind: str, name: str, content: Stored, *, version: str | None, new_version: bool
    ) -> None:
        """Overwrite the latest version, or add one. `version`, when given, must be the latest."""
        if new_version and version:
            raise Invalid("version: cannot be combined with create-new-version=true")
        now = self._clock.now_ms()

        def work(connection: sa.Connection) -> None:
            found = self._required(connection, scope, kind, name, lock=True)
            if version and version != LATEST and _number(version) != found.latest:
                raise Invalid(f"version: {version} is not the latest version, {found.latest} is")
            if not new_version:
                store.overwrite(connection, scope, kind, name, found.latest, encode(content), now)
                self._record(connection, scope, Use(kind, name, found.latest), content)
                return
            if found.highest >= MAX_VERSIONS:
                raise Invalid(f"a template has at most {MAX_VERSIONS} versions")
            number = found.highest + 1
            store.add_version(connection, scope, VersionRow(name, kind, number, encode(content), now, now))
            store.change(connection, scope, kind, name, latest=number, highest=number)
            self._record(connection, scope, Use(kind, name, number), content)

        self._database.write(work)

    def activate(self, scope: Scope, kind: str, name: str, version: str | None) -> None:
        """Make a version ("latest" or a number) the one that messages use."""

        def work(connection: sa.Connection) -> None:
            found = self._required(connection, scope, kind, name, lock=True)
            number = self._resolve(found, version or LATEST)
            if store.get_version(connection, scope, kind, name, number) is None:
                raise NotFound(f"version {number} of template {name} not found")
            store.change(connection, scope, kind, name, active=number)

        self._database.write(work)

    def delete(self, scope: Scope, kind: str, name: str, version: str | None) -> None:
        """Delete a template, or one version of it; the active version cannot go alone."""

        def work(connection: sa.Connection) -> None:
            found = self._required(connection, scope, kind, name, lock=True)
            if version is None:
                store.remove(connection, scope, kind, name)
                partial_store.forget(connection, scope, kind, name)
                self._tags.drop(connection, model.arn(scope, kind, name))
                return
            number = self._resolve(found, version)
            if store.get_version(connection, scope, kind, name, number) is None:
                raise NotFound(f"version {number} of template {name} not found")
            if number == found.active:
                raise Invalid(f"version: {number} is the active version; activate another one first")
            store.remove_version(connection, scope, kind, name, number)
            partial_store.forget(connection, scope, kind, name, number)
            store.change(connection, scope, kind, name, latest=store.newest(connection, scope, kind, name))

        self._database.write(work)

    def get(self, scope: Scope, kind: str, name: str, version: str | None) -> tuple[VersionRow, dict[str, str]]:
        """A version (the active one without `version`) and the template's tags."""

        def work(connection: sa.Connection) -> tuple[VersionRow, dict[str, str]]:
            row = self._version(connection, scope, kind, name, version)
            arn = model.arn(scope, kind, name)
            return row, self._tags.of(connection, [arn])[arn]

        return self._database.read(work)

    @overload
    def content(self, scope: Scope, kind: Literal["EMAIL"], name: str, version: str | None) -> Content[Email]: ...
    @overload
    def content(self, scope: Scope, kind: Literal["SMS"], name: str, version: str | None) -> Content[Sms]: ...
    @overload
    def content(self, scope: Scope, kind: Literal["VOICE"], name: str, version: str | None) -> Content[Voice]: ...
    @overload
    def content(self, scope: Scope, kind: Literal["PUSH"], name: str, version: str | None) -> Content[Push]: ...
    @overload
    def content(self, scope: Scope, kind: Literal["INAPP"], name: str, version: str | None) -> Content[InApp]: ...
    @overload
    def content(self, scope: Scope, kind: str, name: str, version: str | None) -> Content[Any]: ...
    def content(self, scope: Scope, kind: str, name: str, version: str | None) -> Content[Any]:
        """What a message that names this template is made of, of the latest versions of its partials.

        Raises NotFound.
        """

        def work(connection: sa.Connection) -> Content[Any]:
            row = self._version(connection, scope, kind, name, version)
            parts = decode(row)
            return self._content(row.version, parts, self.partials.library(connection, scope, _called(kind, parts)))

        return self._database.read(work)

    def copied(self, kind: str, document: bytes) -> Content[Any]:
        """The same of a copy, made by `Content.copy` or `model.encode`."""
        parts = model.decode(kind, document)
        return self._content(0, parts, parts.partials or {})

    def unsaved(self, scope: Scope, kind: Kind, request: Any) -> Content[Any]:
        """The same of what a request would store. Raises Invalid as `read`."""
        parts = self.read(scope, kind, request)
        names = _called(kind.name, parts)
        library = self._database.read(lambda connection: self.partials.library(connection, scope, names))
        return self._content(0, parts, library)

    def _content(self, version: int, parts: Any, library: Mapping[str, str]) -> Content[Any]:
        sources = Sources(self.cache, library, texts=self._make_texts)
        return Content(version, parts, model.substitutions(parts.default_substitutions), sources)

    def exists(self, connection: sa.Connection, scope: Scope, parts: Sequence[str]) -> bool:
        """Whether there is the template of an ARN's resource parts, ["templates", name, kind]: for tags."""
        return len(parts) == 3 and store.get(connection, scope, parts[2].upper(), parts[1]) is not None

    def list(
        self, scope: Scope, kind: str | None, prefix: str | None, size: int, token: str | None
    ) -> tuple[Sequence[tuple[TemplateRow, VersionRow]], str | None]:
        """A page of templates with their active version, by name."""
        after = decode_token("templates", token, [str, str])
        last = None if after is None else (str(after[0]), str(after[1]))
        rows = self._database.read(
            lambda connection: list(store.listing(connection, scope, kind, prefix, last, size + 1))
        )
        return cut(rows, size, "templates", lambda row: (row[0].name, row[0].kind))

    def versions(
        self, scope: Scope, kind: str, name: str, size: int, token: str | None
    ) -> tuple[Sequence[VersionRow], str | None]:
        """A page of a template's versions, newest first."""
        after = decode_token("template-versions", token, [int])

        def work(connection: sa.Connection) -> list[VersionRow]:
            self._required(connection, scope, kind, name)
            before = None if after is None else int(after[0])
            return list(store.versions(connection, scope, kind, name, before, size + 1))

        return cut(self._database.read(work), size, "template-versions", lambda row: (row.version,))

    def _record(self, connection: sa.Connection, scope: Scope, use: Use, content: Stored) -> None:
        """Note which shared partials a version calls."""
        library = self.partials.library(connection, scope, names := _called(use.kind, content))
        partial_store.record(connection, scope, use, names & library.keys())

    def _version(
        self, connection: sa.Connection, scope: Scope, kind: str, name: str, version: str | None
    ) -> VersionRow:
        found = self._required(connection, scope, kind, name)
        number = found.active if version is None else self._resolve(found, version)
        row = store.get_version(connection, scope, kind, name, number)
        if row is None:
            raise NotFound(f"version {number} of template {name} not found")
        return row

    def _required(
        self, connection: sa.Connection, scope: Scope, kind: str, name: str, *, lock: bool = False
    ) -> TemplateRow:
        found = store.get(connection, scope, kind, name, lock=lock)
        if found is None:
            raise NotFound(f"template {name} not found")
        return found

    def _resolve(self, found: TemplateRow, version: str) -> int:
        return found.latest if version == LATEST else _number(version)


Compiling = Templates | Sources
"""What compiles the sources of a message: a template's own, or what serves for messages without one."""


def _called(kind: str, parts: Stored) -> set[str]:
    return set() if kind == IN_APP.name else called(texts(parts))


def decode(row: VersionRow) -> Any:
    """The content of a version, of its kind's class."""
    return model.decode(row.kind, row.document)


def _number(version: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", version):
        raise Invalid(f"version: {version} is not a version number")
    return int(version)
