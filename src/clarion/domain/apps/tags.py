"""Tags of every taggable resource, by ARN, in one table: projects, campaigns, segments, templates.

Whether a resource exists is known to its slice, which registers a resolver for its part of the ARN. Slices call
`attach`, `of` and `drop` in their own transactions. Source: spec of the API conventions, section 10.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import sqlalchemy as sa

from clarion.core.errors import Invalid, NotFound
from clarion.core.scope import Scope
from clarion.store.batches import select_among
from clarion.store.database import Database
from clarion.store.schema import metadata

MAX_TAGS, MAX_KEY, MAX_VALUE = 50, 128, 256

Resolver = Callable[[sa.Connection, Scope, Sequence[str]], bool]
"""Whether the resource exists: told the parts of the ARN's resource, such as ["apps", id, "segments", id]."""

_ALLOWED = re.compile(r"[\w\s.:/=+\-]*")
_RESERVED = re.compile(r"aws:", re.IGNORECASE)
_ARN = re.compile(r"arn:aws(?:-[a-z-]+)?:mobiletargeting:([^:]+):([^:]+):(.+)", re.DOTALL)

tags = sa.Table(
    "tags",
    metadata,
    sa.Column("arn", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)


def check_tags(sent: Mapping[str, str]) -> None:
    """Raise Invalid for a key or value that is too long, has other characters, or is AWS's own."""
    for key, value in sent.items():
        if not 0 < len(key) <= MAX_KEY:
            raise Invalid(f"tags: keys must have 1 to {MAX_KEY} characters")
        if len(value) > MAX_VALUE:
            raise Invalid(f"tags.{key}: values must not be longer than {MAX_VALUE} characters")
        if _RESERVED.match(key):
            raise Invalid(f"tags.{key}: keys that begin with aws: are reserved")
        if not _allowed(key) or not _allowed(value):
            raise Invalid(f"tags.{key}: only letters, digits, white space and _ . : / = + - are allowed")
    if len(sent) > MAX_TAGS:
        raise Invalid(f"tags: a resource has at most {MAX_TAGS}")


class Tags:
    """The tags of all resources, and the three operations on them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._resolvers: dict[str, Resolver] = {}

    def resolver(self, kind: str, exists: Resolver) -> None:
        """Let `exists` answer for resources of `kind`: "apps", "campaigns", "segments", "journeys", "templates"."""
        self._resolvers[kind] = exists

    def tag(self, scope: Scope, arn: str, sent: Mapping[str, str]) -> None:
        """Add tags, or give existing keys new values. Raises Invalid past 50 tags, NotFound for the resource."""
        check_tags(sent)

        def work(connection: sa.Connection) -> None:
            self._require(connection, scope, arn)
            _lock(connection, arn)
            present = self.of(connection, [arn])[arn]
            if len(present.keys() | sent.keys()) > MAX_TAGS:
                raise Invalid(f"tags: a resource has at most {MAX_TAGS}")
            self._put(connection, arn, sent)

        self._database.write(work)

    def untag(self, scope: Scope, arn: str, keys: Iterable[str]) -> None:
        """Remove tags; keys that are not there are passed over."""
        gone = list(keys)
        if not gone:
            raise Invalid("tagKeys: must not be empty")

        def work(connection: sa.Connection) -> None:
            self._require(connection, scope, arn)
            connection.execute(sa.delete(tags).where(tags.c.arn == arn, tags.c.key.in_(gone)))

        self._database.write(work)

    def show(self, scope: Scope, arn: str) -> dict[str, str]:
        """All tags of a resource."""

        def work(connection: sa.Connection) -> dict[str, str]:
            self._require(connection, scope, arn)
            return self.of(connection, [arn])[arn]

        return self._database.read(work)

    def attach(self, connection: sa.Connection, arn: str, sent: Mapping[str, str] | None) -> dict[str, str]:
        """Give a resource its first tags, checked here, in the transaction that creates it; answers them."""
        check_tags(sent or {})
        if sent:
            self._put(connection, arn, sent)
        return dict(sent or {})

    def of(self, connection: sa.Connection, arns: Sequence[str]) -> dict[str, dict[str, str]]:
        """ARN → tags, for every ARN asked; an empty map for one without tags."""
        found: dict[str, dict[str, str]] = {arn: {} for arn in arns}
        columns = sa.select(tags.c.arn, tags.c.key, tags.c.value)
        for row in select_among(connection, columns, tags.c.arn, list(found)):
            found[row.arn][row.key] = row.value
        return found

    def drop(self, connection: sa.Connection, arn: str) -> None:
        """Forget the tags of a resource that is deleted, and of everything inside it."""
        inside = tags.c.arn.startswith(f"{arn}/", autoescape=True)
        connection.execute(sa.delete(tags).where(sa.or_(tags.c.arn == arn, inside)))

    def _put(self, connection: sa.Connection, arn: str, sent: Mapping[str, str]) -> None:
        statement = self._database.insert(tags)
        statement = statement.on_conflict_do_update(
            index_elements=[tags.c.arn, tags.c.key], set_={"value": statement.excluded.value}
        )
        connection.execute(statement, [{"arn": arn, "key": key, "value": value} for key, value in sent.items()])

    def _require(self, connection: sa.Connection, scope: Scope, arn: str) -> None:
        """Raise Invalid for what is no ARN of this service, NotFound when there is no such resource of `scope`."""
        matched = _ARN.fullmatch(arn)
        if matched is None:
            raise Invalid("ResourceArn: not an ARN of this service")
        region, account, resource = matched.groups()
        parts = resource.split("/")
        kind = parts[2] if parts[0] == "apps" and len(parts) > 2 else parts[0]
        exists = self._resolvers.get(kind)
        if (account, region) != scope or exists is None or not exists(connection, scope, parts):
            raise NotFound()


def _lock(connection: sa.Connection, arn: str) -> None:
    """Let nobody else tag this resource until the transaction ends; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(arn, 0))))


def _allowed(text: str) -> bool:
    return bool(_ALLOWED.fullmatch(text))
