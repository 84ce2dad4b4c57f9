"""Endpoint rows: the document by key, and beside it only what endpoints are looked up by.

| Column     | For                                                                                        |
|------------|--------------------------------------------------------------------------------------------|
| version    | number of the ingest-log row that announced the last write: rises for ever, also over a    |
|            | deletion, so that the mirror can tell old from new                                         |
| user_id    | the endpoints of a user; NULL without one                                                  |
| contact_id | who is active at an address: digest of `Endpoint.contact`, NULL unless active              |

A change to one endpoint reads and writes others (its user's, those at its address), also ones that do not exist
yet. So on PostgreSQL writers of one app take turns: whoever is going to write holds the app's lock until the end
of the transaction. Locks on single rows would deadlock between two endpoints of one user. SQLite has one writer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import repeat
from typing import Any, NamedTuple, TypeVar

import msgspec
import sqlalchemy as sa

from clarion.domain.audience.model import Endpoint, decode
from clarion.engine import log
from clarion.store.batches import among, insert_rows, select_among
from clarion.store.database import Database
from clarion.store.schema import metadata

T = TypeVar("T", str, bytes)

LOG_KIND = "endpoints"
"""Log rows of this kind hold a JSON list of (app id, endpoint key); an empty key is the whole app."""

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Type of a key that is compared byte by byte, as the columnar store does: ranges are the same ones everywhere."""

endpoints = sa.Table(
    "endpoints",
    metadata,
    sa.Column("app_id", sa.String(32), primary_key=True),
    sa.Column("endpoint_key", KEY, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("user_id", sa.Text),
    sa.Column("contact_id", sa.LargeBinary),
    sa.Column("document", sa.LargeBinary, nullable=False),
    sa.Index(
        "ix_endpoints_user",
        "app_id",
        "user_id",
        sqlite_where=sa.text("user_id IS NOT NULL"),
        postgresql_where=sa.text("user_id IS NOT NULL"),
    ),
    sa.Index(
        "ix_endpoints_contact",
        "app_id",
        "contact_id",
        sqlite_where=sa.text("contact_id IS NOT NULL"),
        postgresql_where=sa.text("contact_id IS NOT NULL"),
    ),
)

_WRITTEN = ("app_id", "endpoint_key", "version", "user_id", "contact_id", "document")
_COLUMNS = sa.select(endpoints.c.endpoint_key, endpoints.c.document)
_ROWS = _COLUMNS.where(endpoints.c.app_id == sa.bindparam("app"))
_ONE = _ROWS.where(endpoints.c.endpoint_key == sa.bindparam("value"))
_OF_USER = _ROWS.where(endpoints.c.user_id == sa.bindparam("value"))
_AT_CONTACT = _ROWS.where(endpoints.c.contact_id == sa.bindparam("value"))
_texts = msgspec.json.Decoder(list[str]).decode
_numbers = msgspec.json.Decoder(list[int]).decode
_LOCK = sa.select(sa.func.pg_advisory_xact_lock(sa.bindparam("app", type_=sa.BigInteger)))


class Stored(NamedTuple):
    """An endpoint to be written: its key, itself, and its encoded document."""

    key: str
    endpoint: Endpoint
    document: bytes


class Versioned(NamedTuple):
    """A stored endpoint and the version it was written with."""

    key: str
    version: int
    endpoint: Endpoint


class Taken(NamedTuple):
    """Keys, users and stored addresses that there are."""

    keys: set[str]
    user_ids: set[str]
    contact_ids: set[bytes]


class Rows:
    """The stored endpoints of one app as a roster's source, which nobody else writes until the transaction ends."""

    def __init__(self, connection: sa.Connection, app_id: str) -> None:
        self._connection = connection
        self._app_id = app_id
        if connection.dialect.name == "postgresql":
            number = blake2b(f"endpoints {app_id}".encode(), digest_size=8).digest()
            connection.execute(_LOCK, {"app": int.from_bytes(number, "big", signed=True)})

    def by_keys(self, keys: Iterable[str]) -> Mapping[str, bytes]:
        """The endpoints of these keys."""
        return self._find(_ONE, endpoints.c.endpoint_key, list(keys))

    def by_users(self, user_ids: Iterable[str]) -> Mapping[str, bytes]:
        """All endpoints of these users."""
        return self._find(_OF_USER, endpoints.c.user_id, list(user_ids))

    def by_contacts(self, contacts: Iterable[str]) -> Mapping[str, bytes]:
        """The endpoints active at these addresses."""
        return self._find(_AT_CONTACT, endpoints.c.contact_id, [contact_id(contact) for contact in contacts])

    def taken(self, keys: Sequence[str], user_ids: Sequence[str], contact_ids: Sequence[bytes]) -> Taken:
        """Those of these keys, users and stored addresses that there are."""
        keys_of = sa.select(endpoints.c.endpoint_key)
        users_of, contacts_of = sa.select(endpoints.c.user_id), sa.select(endpoints.c.contact_id)
        return Taken(
            self._values(keys_of, endpoints.c.endpoint_key, keys),
            self._values(users_of, endpoints.c.user_id, user_ids),
            self._values(contacts_of, endpoints.c.contact_id, contact_ids),
        )

    def _values(self, statement: sa.Select[Any], column: sa.Column[T], values: Sequence[T]) -> set[T]:
        of_app = statement.where(endpoints.c.app_id == self._app_id)
        given = [value for value in values if value]
        return {row[0] for row in select_among(self._connection, of_app, column, given)}

    def _find(self, one: sa.Select[Any, Any], column: sa.Column[Any], values: Sequence[Any]) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        if len(values) == 1:
            rows = self._connection.execute(one, {"app": self._app_id, "value": values[0]})
            found.update((row.endpoint_key, row.document) for row in rows)
        else:
            for keys, _, stored in _together(self._connection, self._app_id, column, values):
                found.update(zip(keys, stored, strict=True))
        return found


def get(connection: sa.Connection, app_id: str, key: str) -> Endpoint | None:
    """One endpoint."""
    row = connection.execute(_ONE, {"app": app_id, "value": key}).first()
    return None if row is None else decode(row.document)


def load(connection: sa.Connection, app_id: str, keys: Sequence[str]) -> dict[str, Endpoint]:
    """The endpoints of these keys; keys without one are left out."""
    if len(keys) == 1:
        found = get(connection, app_id, keys[0])
        return {} if found is None else {keys[0]: found}
    statement = _COLUMNS.where(endpoints.c.app_id == app_id)
    rows = select_among(connection, statement, endpoints.c.endpoint_key, keys)
    return {row.endpoint_key: decode(row.document) for row in rows}


def of_user(connection: sa.Connection, app_id: str, user_id: str) -> list[Endpoint]:
    """The endpoints of a user, oldest first."""
    rows = connection.execute(_OF_USER, {"app": app_id, "value": user_id})
    return sorted((decode(row.document) for row in rows), key=lambda endpoint: (endpoint.created_ms, endpoint.key))


def keys_of_users(connection: sa.Connection, app_id: str, user_ids: Sequence[str]) -> dict[str, list[str]]:
    """The endpoint keys of these users, by user."""
    statement = sa.select(endpoints.c.user_id, endpoints.c.endpoint_key).where(endpoints.c.app_id == app_id)
    found: dict[str, list[str]] = {}
    for row in select_among(connection, statement, endpoints.c.user_id, user_ids):
        found.setdefault(row.user_id, []).append(row.endpoint_key)
    return found


class Written(NamedTuple):
    """A stored document and the version it was written with."""

    version: int
    document: bytes


def documents(connection: sa.Connection, app_id: str, keys: Sequence[str]) -> dict[str, Written]:
    """The documents of these keys, with their versions: what the mirror takes over."""
    found: dict[str, Written] = {}
    for some, versions, stored in _together(connection, app_id, endpoints.c.endpoint_key, keys):
        found.update(zip(some, map(Written, versions, stored), strict=True))
    return found


def _together(
    connection: sa.Connection, app_id: str, column: sa.Column[Any], values: Sequence[Any]
) -> Iterator[tuple[Sequence[str], Sequence[int], Sequence[bytes]]]:
    """Keys, versions and documents of the endpoints whose `column` is one of `values`, many at a time.

    SQLite answers them in one row: its driver lets go of the interpreter for each, and would wait to get it back.
    """
    chosen = (endpoints.c.endpoint_key, endpoints.c.version, endpoints.c.document)
    if connection.dialect.name == "sqlite":
        key, version, document = chosen
        packed = sa.select(
            sa.func.json_group_array(key).label("some"),
            sa.func.json_group_array(version).label("versions"),
            sa.cast(sa.func.group_concat(document, "\n"), sa.LargeBinary).label("lines"),
        )
        for row in select_among(connection, packed.where(endpoints.c.app_id == app_id), column, values):
            if row.lines is not None:
                # JSON has no line ends of its own.
                yield _texts(row.some), _numbers(row.versions), row.lines.split(b"\n")
    else:
        statement = sa.select(*chosen).where(endpoints.c.app_id == app_id)
        rows = select_among(connection, statement, column, values)
        if columns := list(zip(*rows, strict=True)):
            yield columns[0], columns[1], columns[2]


def versioned(connection: sa.Connection, app_id: str, keys: Sequence[str]) -> list[Versioned]:
    """The endpoints of these keys with their versions."""
    found = documents(connection, app_id, keys)
    return [Versioned(key, one.version, decode(one.document)) for key, one in found.items()]


def versioned_after(connection: sa.Connection, app_id: str, after: str, limit: int) -> list[Versioned]:
    """The next endpoints of an app behind the key `after`, by key, with their versions."""
    behind = sa.and_(endpoints.c.app_id == app_id, endpoints.c.endpoint_key > after)
    statement = sa.select(endpoints.c.endpoint_key, endpoints.c.version, endpoints.c.document).where(behind)
    rows = connection.execute(statement.order_by(endpoints.c.endpoint_key).limit(limit))
    return [Versioned(key, version, decode(document)) for key, version, document in rows]


def versions(connection: sa.Connection, app_id: str, keys: Sequence[str]) -> dict[str, int]:
    """The versions of the endpoints of these keys; keys without one are left out."""
    statement = sa.select(endpoints.c.endpoint_key, endpoints.c.version).where(endpoints.c.app_id == app_id)
    rows = select_among(connection, statement, endpoints.c.endpoint_key, keys)
    return {row.endpoint_key: row.version for row in rows}


def app_after(connection: sa.Connection, after: str) -> str | None:
    """The first app behind `after` that has endpoints."""
    statement = sa.select(endpoints.c.app_id).where(endpoints.c.app_id > after).order_by(endpoints.c.app_id).limit(1)
    return connection.scalar(statement)


def keys_after(connection: sa.Connection, app_id: str, after: str, limit: int) -> list[str]:
    """The next keys of an app behind `after`, in the order of bytes."""
    statement = sa.select(endpoints.c.endpoint_key).where(
        endpoints.c.app_id == app_id, endpoints.c.endpoint_key > after
    )
    return list(connection.scalars(statement.order_by(endpoints.c.endpoint_key).limit(limit)))


class Writer:
    """Writes and deletes endpoint rows, each time together with the log row that tells the mirror."""

    def __init__(self, database: Database) -> None:
        statement = database.insert(endpoints)
        self._upsert = statement.on_conflict_do_update(
            index_elements=[endpoints.c.app_id, endpoints.c.endpoint_key],
            set_={name: statement.excluded[name] for name in _WRITTEN[2:]},
        )

    def save(self, connection: sa.Connection, app_id: str, written: Sequence[Stored]) -> None:
        """Add or replace endpoints of an app whose `Rows` the caller holds."""
        if not written:
            return
        self.put(
            connection,
            app_id,
            [key for key, _, _ in written],
            [endpoint.user_id for _, endpoint, _ in written],
            [contact_id(endpoint.contact) if endpoint.status == "ACTIVE" else b"" for _, endpoint, _ in written],
            [document for _, _, document in written],
        )

    def put(
        self,
        connection: sa.Connection,
        app_id: str,
        keys: Sequence[str],
        user_ids: Sequence[str],
        contact_ids: Sequence[bytes],
        documents: Sequence[bytes],
    ) -> None:
        """As `save`, column by column; empty is a user or an address that is not there."""
        version = announce(connection, app_id, keys)
        users, contacts = ((value or None for value in column) for column in (user_ids, contact_ids))
        rows = list(zip(repeat(app_id), keys, repeat(version), users, contacts, documents, strict=False))
        insert_rows(connection, self._upsert, _WRITTEN, rows)

    def delete(self, connection: sa.Connection, app_id: str, keys: Sequence[str]) -> None:
        """Remove endpoints."""
        if keys:
            announce(connection, app_id, keys)
            self._delete(connection, app_id, keys)

    def remove(self, connection: sa.Connection, app_id: str, keys: Sequence[str]) -> None:
        """Remove endpoints that the caller has announced."""
        if keys:
            self._delete(connection, app_id, keys)

    def erase(self, connection: sa.Connection, app_id: str, limit: int) -> int:
        """Remove some endpoints of an app that is gone; the mirror is told once, with the last of them."""
        keys = keys_after(connection, app_id, "", limit)
        if keys:
            self._delete(connection, app_id, keys)
            if not keys_after(connection, app_id, "", 1):
                announce(connection, app_id, [""])
        return len(keys)

    def _delete(self, connection: sa.Connection, app_id: str, keys: Sequence[str]) -> None:
        statement = sa.delete(endpoints).where(endpoints.c.app_id == app_id)
        connection.execute(statement.where(among(connection, endpoints.c.endpoint_key, keys)))


def announce(connection: sa.Connection, app_id: str, keys: Sequence[str]) -> int:
    """Append the log row that tells the mirror of these endpoints; answers its number."""
    return log.append(connection, LOG_KIND, msgspec.json.encode([(app_id, key) for key in keys]))


def contact_id(contact: str) -> bytes:
    """How an address (`Endpoint.contact`) is stored beside an endpoint; empty for none."""
    return blake2b(contact.encode(), digest_size=16).digest() if contact else b""
