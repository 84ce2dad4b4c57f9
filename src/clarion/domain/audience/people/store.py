"""Rows about erasures. None of them says who was erased: ids are kept as digests keyed with this installation's
secret, by which somebody who knows an id can ask whether it was erased.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2b
from typing import Literal, NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.core.ids import Ids
from clarion.domain.audience.model import endpoint_key
from clarion.store import secrets
from clarion.store.batches import among
from clarion.store.database import Database
from clarion.store.schema import metadata

State = Literal["RUNNING", "COMPLETED", "FAILED"]
Kind = Literal["user", "endpoint"]

erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("app_id", sa.String(32), nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("access_key_id", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("requested_ms", sa.BigInteger, nullable=False),
    sa.Column("completed_ms", sa.BigInteger),
    # Whether the rows were counted already: after a crash some of them are gone.
    sa.Column("counted", sa.Boolean, nullable=False),
    # JSON: rows by kind.
    sa.Column("counts", sa.LargeBinary, nullable=False),
    sa.Index("ix_erasures_page", "app_id", "requested_ms", "id"),
)

# Every id that went with an erasure, so that an import does not give a newcomer what an erased endpoint had.
erased_ids = sa.Table(
    "erased_ids",
    metadata,
    sa.Column("app_id", sa.String(32), primary_key=True),
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("erasure_id", sa.String(32), nullable=False),
)

_KEY = "erasures"
_COLUMNS = [column for column in erasures.c if column.name != "counted"]


class Erasure(NamedTuple):
    """One erasure; `counts` as JSON, times in Unix ms."""

    id: str
    app_id: str
    kind: Kind
    digest: bytes
    access_key_id: str
    state: State
    requested_ms: int
    completed_ms: int | None
    counts: bytes


class Digests:
    """Makes the digests of ids."""

    def __init__(self, database: Database, ids: Ids) -> None:
        self._database = database
        self._ids = ids
        self._key: bytes | None = None

    def prepare(self) -> None:
        """Get the key, outside any transaction: `of` needs it."""
        if self._key is None:
            self._key = secrets.get(self._database, self._ids, _KEY)

    def of(self, app_id: str, kind: Kind, identifier: str) -> bytes:
        """The digest of a user id or an endpoint key."""
        assert self._key is not None
        return blake2b("\0".join((kind, app_id, identifier)).encode(), key=self._key, digest_size=32).digest()

    def erased(self, connection: sa.Connection, app_id: str, endpoint_ids: Sequence[str]) -> set[str]:
        """Those of these endpoints that were erased, for a caller with a transaction."""
        if not endpoint_ids:
            return set()
        if self._key is None:
            self._key = secrets.find(connection, _KEY)
            if self._key is None:
                return set()  # nobody ever was
        named = {self.of(app_id, "endpoint", endpoint_key(one)): one for one in endpoint_ids}
        which = among(connection, erased_ids.c.digest, list(named))
        found = connection.scalars(sa.select(erased_ids.c.digest).where(erased_ids.c.app_id == app_id, which))
        return {named[bytes(digest)] for digest in found}


def add(connection: sa.Connection, erasure: Erasure) -> None:
    """Record a new one."""
    connection.execute(sa.insert(erasures), {**erasure._asdict(), "counted": False})


def get(connection: sa.Connection, erasure_id: str) -> Erasure | None:
    """One of them."""
    row = connection.execute(sa.select(*_COLUMNS).where(erasures.c.id == erasure_id)).first()
    return None if row is None else Erasure(*row)


def running(connection: sa.Connection, app_id: str, digest: bytes) -> Erasure | None:
    """The erasure of this id that has not ended."""
    which = sa.select(*_COLUMNS).where(
        erasures.c.app_id == app_id, erasures.c.digest == digest, erasures.c.state == "RUNNING"
    )
    row = connection.execute(which).first()
    return None if row is None else Erasure(*row)


def page(
    connection: sa.Connection, app_id: str, digest: bytes | None, before: tuple[int, str] | None, limit: int
) -> list[Erasure]:
    """A project's erasures, newest first, before a (requested, id); only of one id when its digest is given."""
    statement = sa.select(*_COLUMNS).where(erasures.c.app_id == app_id)
    if digest is not None:
        ids = sa.select(erased_ids.c.erasure_id).where(erased_ids.c.app_id == app_id, erased_ids.c.digest == digest)
        statement = statement.where(sa.or_(erasures.c.digest == digest, erasures.c.id.in_(ids)))
    if before is not None:
        place = sa.tuple_(erasures.c.requested_ms, erasures.c.id)
        statement = statement.where(place < sa.tuple_(*map(sa.literal, before)))
    order = (erasures.c.requested_ms.desc(), erasures.c.id.desc())
    return [Erasure(*row) for row in connection.execute(statement.order_by(*order).limit(limit))]


def add_ids(
    database: Database, connection: sa.Connection, app_id: str, erasure_id: str, digests: Collection[bytes]
) -> None:
    """Remember that these ids were erased; the latest erasure counts."""
    statement = database.insert(erased_ids)
    statement = statement.on_conflict_do_update(
        index_elements=[erased_ids.c.app_id, erased_ids.c.digest],
        set_={"erasure_id": statement.excluded.erasure_id},
    )
    rows = [{"app_id": app_id, "digest": digest, "erasure_id": erasure_id} for digest in sorted(digests)]
    if rows:
        connection.execute(statement, rows)


def add_counts(
    connection: sa.Connection, erasure: Erasure, counts: Mapping[str, int], *, counted: bool = False
) -> None:
    """Add rows by kind; with `counted` those of the first sweep, which count once."""
    which = sa.update(erasures).where(erasures.c.id == erasure.id)
    if counted:
        which = which.where(erasures.c.counted.is_(False))
    total = msgspec.json.decode(erasure.counts, type=dict[str, int])
    for kind, number in counts.items():
        if number:
            total[kind] = total.get(kind, 0) + number
    values = {"counts": msgspec.json.encode(total)} | ({"counted": True} if counted else {})
    connection.execute(which.values(**values))


def end(connection: sa.Connection, erasure_id: str, state: State, now_ms: int) -> None:
    """It is over, one way or the other."""
    connection.execute(sa.update(erasures).where(erasures.c.id == erasure_id).values(state=state, completed_ms=now_ms))


def delete_app(connection: sa.Connection, app_id: str) -> None:
    """Forget the erasures of a deleted project."""
    for table in (erasures, erased_ids):
        connection.execute(sa.delete(table).where(table.c.app_id == app_id))
