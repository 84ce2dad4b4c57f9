"""Answers to requests that carried a token, kept so that the same request again is answered and not done again.

    first    row and outbox rows in one transaction; whoever comes at the same time waits for it at the unique index
    again    the same body: the kept answer, word for word; another body: refused
    erased   a person of the answer is gone: token and nothing else stays, the request is refused but never done twice

Tokens and bodies are kept as digests. Rows go after `KEEP_MS`, and with their project.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.core.clock import DAY_MS
from clarion.core.errors import Conflict, Invalid
from clarion.store.batches import among
from clarion.store.database import Database
from clarion.store.schema import BigId, metadata

KEEP_MS = 30 * DAY_MS
LONGEST = 256

answers = sa.Table(
    "direct_answers",
    metadata,
    sa.Column("seq", BigId, primary_key=True),
    sa.Column("app_id", sa.String(32), nullable=False),
    sa.Column("operation", sa.String(32), nullable=False),
    sa.Column("token", sa.String(32), nullable=False),
    sa.Column("request", sa.String(32), nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    # The answer in the API's JSON; empty when a person of it has been erased.
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("ix_direct_answers_token", "app_id", "operation", "token", unique=True),
    sa.Index("ix_direct_answers_age", "at_ms"),
)


class Asked(NamedTuple):
    """A request with a token: digests of the token and of the body, 32 hexadecimal digits each."""

    app_id: str
    operation: str
    token: str
    request: str


class Kept(NamedTuple):
    """An answer that names people."""

    seq: int
    operation: str
    at_ms: int
    body: bytes


def asked(app_id: str, operation: str, token: str, body: msgspec.Struct) -> Asked:
    """What a request is known by; `body` without its token. Raises Invalid for a token that is none."""
    if len(token) > LONGEST or not token.isascii() or not token.isprintable():
        raise Invalid(f"IdempotencyToken: must be 1 to {LONGEST} printable ASCII characters")
    return Asked(app_id, operation, _digest(token.encode()), _digest(msgspec.json.encode(body, order="deterministic")))


def earlier(connection: sa.Connection, one: Asked) -> bytes | None:
    """The answer of before, None when this is the first request of its token.

    Raises Invalid for another body, Conflict for an answer that has been erased.
    """
    known = sa.select(answers.c.request, answers.c.body).where(
        answers.c.app_id == one.app_id, answers.c.operation == one.operation, answers.c.token == one.token
    )
    row = connection.execute(known).first()
    if row is None:
        return None
    request, body = row
    if not body:
        raise Conflict("IdempotencyToken: this request was answered; the answer was erased with a person in it")
    if request != one.request:
        raise Invalid("IdempotencyToken: was used before, for a request that says something else")
    return bytes(body)


def keep(database: Database, connection: sa.Connection, one: Asked, body: bytes, at_ms: int) -> bytes | None:
    """Keep an answer unless there is one; answers the one there is, with the errors of `earlier`.

    Comes first in its transaction: on PostgreSQL it waits here for a request of the same token to end.
    """
    statement = database.insert(answers).on_conflict_do_nothing(index_elements=["app_id", "operation", "token"])
    new = statement.values(**one._asdict(), at_ms=at_ms, version=1, body=body).returning(answers.c.seq)
    return earlier(connection, one) if connection.execute(new).first() is None else None


def replace(connection: sa.Connection, one: Asked, body: bytes) -> None:
    """Put a later answer in the place of the one that is kept, unless that was erased."""
    kept = sa.and_(answers.c.app_id == one.app_id, answers.c.operation == one.operation, answers.c.token == one.token)
    connection.execute(sa.update(answers).where(kept, sa.func.length(answers.c.body) > 0).values(body=body))


def after(connection: sa.Connection, app_id: str, seq: int, most: int) -> list[Kept]:
    """The next answers of a project behind number `seq`, but erased ones."""
    columns = [answers.c[name] for name in Kept._fields]
    which = sa.select(*columns).where(
        answers.c.app_id == app_id, answers.c.seq > seq, sa.func.length(answers.c.body) > 0
    )
    return [Kept(*row) for row in connection.execute(which.order_by(answers.c.seq).limit(most))]


def blank(connection: sa.Connection, seqs: Sequence[int]) -> None:
    """Erase answers; their tokens stay, so that nothing is sent twice."""
    connection.execute(sa.update(answers).where(among(connection, answers.c.seq, seqs)).values(request="", body=b""))


def erase(connection: sa.Connection, app_id: str, most: int) -> int:
    """Drop at most so many answers of a project that is gone; answers how many."""
    some = sa.select(answers.c.seq).where(answers.c.app_id == app_id).limit(most)
    return connection.execute(sa.delete(answers).where(answers.c.seq.in_(some))).rowcount


def expire(connection: sa.Connection, before_ms: int, most: int) -> int:
    """Drop at most so many answers older than that; answers how many."""
    some = sa.select(answers.c.seq).where(answers.c.at_ms < before_ms).order_by(answers.c.at_ms).limit(most)
    return connection.execute(sa.delete(answers).where(answers.c.seq.in_(some))).rowcount


def any_left(connection: sa.Connection) -> bool:
    """Whether there are answers of any project."""
    return connection.scalar(sa.select(answers.c.seq).limit(1)) is not None


def _digest(text: bytes) -> str:
    return blake2b(text, digest_size=16, person=b"clarion-once").hexdigest()
