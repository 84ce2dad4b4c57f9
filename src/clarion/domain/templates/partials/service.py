"""Verbs of shared partials: put, read, list, delete; and which of them a template is made of.

Every put that changes something is a new version; templates take the latest. What is in use cannot be deleted, and
no partial can come to call itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.core.errors import Conflict, Invalid, NotFound, TooMany
from clarion.core.pages import cut, decode_token
from clarion.core.scope import Scope
from clarion.domain.templates.handlebars import TemplateCache, TemplateSyntaxError
from clarion.domain.templates.partials import store
from clarion.domain.templates.partials.store import PartialRow, Use
from clarion.domain.templates.sources import called
from clarion.store.database import Database

KIND = "PARTIAL"
MAX_PARTIAL = 100_000
MAX_VERSIONS = 20_000
"""Versions of all partials of an account."""
MAX_DESCRIPTION = 500
MAX_TOGETHER = 200
"""Partials that one template may be made of."""
_SHOWN = 100


class Partial(msgspec.Struct, frozen=True, omit_defaults=True):
    """One version of a partial, as it is stored; `version` is that of the format."""

    source: str
    version: int = 1
    description: str = ""


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Partial).decode


class Partials:
    """The partials of every account and region."""

    def __init__(self, database: Database, clock: Clock, cache: TemplateCache) -> None:
        self._database = database
        self._clock = clock
        self._cache = cache

    def put(self, scope: Scope, name: str, source: str, description: str) -> PartialRow:
        """Write a partial; its version. Raises Invalid for what is too long, does not compile, or calls itself."""
        if len(source) > MAX_PARTIAL:
            raise Invalid(f"Source: must have at most {MAX_PARTIAL} characters")
        if len(description) > MAX_DESCRIPTION:
            raise Invalid(f"Description: must have at most {MAX_DESCRIPTION} characters")
        now = self._clock.now_ms()

        def work(connection: sa.Connection) -> PartialRow:
            found = self.library(connection, scope, called([source]), {name: source})
            self._check(source, found)
            kept = store.latest(connection, scope, [name]).get(name)
            document = _encode(Partial(source, description=description))
            if kept is not None and kept.document == document:
                return kept
            if store.count(connection, scope.account) >= MAX_VERSIONS:
                raise TooMany(f"an account has at most {MAX_VERSIONS} versions of partials")
            row = PartialRow(name, kept.version + 1 if kept else 1, document, now)
            store.add(connection, scope, row)
            store.record(connection, scope, Use(KIND, name, 0), called([source]) & found.keys())
            return row

        try:
            return self._database.write(work)
        except sa.exc.IntegrityError:
            raise Conflict(f"the partial {name} is being written by somebody else") from None

    def _check(self, source: str, library: Mapping[str, str]) -> None:
        try:
            self._cache.get(source, library)
        except TemplateSyntaxError as error:
            raise Invalid(f"Source: {error.message}") from error

    def get(self, scope: Scope, name: str, version: int | None = None) -> PartialRow:
        """The latest version, or one of them. Raises NotFound."""

        def work(connection: sa.Connection) -> PartialRow | None:
            if version is not None:
                return store.get(connection, scope, name, version)
            return store.latest(connection, scope, [name]).get(name)

        found = self._database.read(work)
        if found is None:
            raise NotFound(f"there is no partial {name}" + (f" of version {version}" if version else ""))
        return found

    def uses(self, scope: Scope, name: str) -> Sequence[Use]:
        """The first hundred who call it."""
        return self._database.read(lambda connection: store.using(connection, scope, name, _SHOWN))

    def list(self, scope: Scope, prefix: str, size: int, token: str | None) -> tuple[Sequence[PartialRow], str | None]:
        """A page of the latest versions, by name."""
        after = decode_token("template-partials", token, [str])
        name = "" if after is None else str(after[0])
        rows = self._database.read(lambda connection: store.listing(connection, scope, prefix, name, size + 1))
        return cut(list(rows), size, "template-partials", lambda row: (row.name,))

    def delete(self, scope: Scope, name: str) -> None:
        """Delete all versions. Raises NotFound, Conflict while somebody calls it."""

        def work(connection: sa.Connection) -> None:
            if name not in store.latest(connection, scope, [name]):
                raise NotFound(f"there is no partial {name}")
            for use in store.using(connection, scope, name, 1):
                raise Conflict(f"the partial {name} is called by {use.name} ({use.kind})")
            store.remove(connection, scope, name)
            store.forget(connection, scope, KIND, name)

        self._database.write(work)

    def library(
        self, connection: sa.Connection, scope: Scope, names: Iterable[str], given: Mapping[str, str] | None = None
    ) -> Mapping[str, str]:
        """Of these names those that are partials, with all that they call: name → source. `given` are not looked up.

        Raises Invalid when there are too many.
        """
        found = dict(given or {})
        wanted = set(names) - found.keys()
        missing: set[str] = set()
        while wanted:
            rows = store.latest(connection, scope, wanted)
            found |= {name: _decode(row.document).source for name, row in rows.items()}
            if len(found) > MAX_TOGETHER:
                raise Invalid(f"a template is made of at most {MAX_TOGETHER} partials")
            missing |= wanted - rows.keys()
            wanted = called(found[name] for name in rows) - found.keys() - missing
        return found


def decode(row: PartialRow) -> Partial:
    """What a version holds."""
    return _decode(row.document)
