"""Rows of what is known about addresses: the suppression lists, complaints, topics, and who wants which.

Addresses are looked up by digest (`model.Digests`), so that a row can stay when its person is erased.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.domain.email.model import Complained, Entry, Topic
from clarion.store.batches import among, select_among
from clarion.store.database import Database
from clarion.store.schema import BigId, metadata

suppressions = sa.Table(
    "email_suppressions",
    metadata,
    sa.Column("app_id", sa.String(32), primary_key=True),
    sa.Column("digest", sa.String(32), primary_key=True),
    # Empty when its person has been erased.
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("reason", sa.String(16), nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("message_id", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Index("ix_email_suppressions_at", "app_id", "at_ms", "digest"),
)

complaints = sa.Table(
    "email_complaints",
    metadata,
    sa.Column("seq", BigId, primary_key=True),
    sa.Column("app_id", sa.String(32), nullable=False),
    sa.Column("message_id", sa.String(64), nullable=False),
    sa.Column("digest", sa.String(32), nullable=False),
    sa.Column("endpoint_id", sa.Text, nullable=False),
    sa.Column("user_id", sa.Text, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    # JSON of `model.Complained`.
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("ix_email_complaints_message", "app_id", "message_id", unique=True),
)

topics = sa.Table(
    "email_topics",
    metadata,
    sa.Column("app_id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("subscribed", sa.Boolean, nullable=False),
)

preferences = sa.Table(
    "email_preferences",
    metadata,
    sa.Column("app_id", sa.String(32), primary_key=True),
    sa.Column("digest", sa.String(32), primary_key=True),
    # A topic's name, or `model.ALL`.
    sa.Column("topic", sa.String(64), primary_key=True),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("subscribed", sa.Boolean, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
)

_ENTRY = [suppressions.c[name] for name in Entry.__struct_fields__]
_TOPIC = [topics.c[name] for name in Topic.__struct_fields__]


class Kept(NamedTuple):
    """A complaint and its number."""

    seq: int
    complaint: Complained


class Choice(NamedTuple):
    """What somebody chose of one topic."""

    digest: str
    topic: str
    subscribed: bool


def suppress(database: Database, connection: sa.Connection, app_id: str, entries: Mapping[str, Entry]) -> None:
    """Put addresses on a list, by their digests; those that are on it stay as they are."""
    if entries:
        rows = [{"app_id": app_id, "digest": one, **msgspec.structs.asdict(entry)} for one, entry in entries.items()]
        statement = database.insert(suppressions).on_conflict_do_nothing(index_elements=["app_id", "digest"])
        connection.execute(statement, rows)


def unsuppress(connection: sa.Connection, app_id: str, digest: str) -> bool:
    """Take an address off a list; whether it was on it."""
    which = sa.delete(suppressions).where(suppressions.c.app_id == app_id, suppressions.c.digest == digest)
    return connection.execute(which).rowcount > 0


def suppressed(connection: sa.Connection, app_id: str, digests: Sequence[str]) -> dict[str, Entry]:
    """Those that are on a list, by digest."""
    statement = sa.select(suppressions.c.digest, *_ENTRY).where(suppressions.c.app_id == app_id)
    return {
        row[0]: Entry(**dict(zip(Entry.__struct_fields__, row[1:], strict=True)))
        for row in select_among(connection, statement, suppressions.c.digest, digests)
    }


def suppresses(connection: sa.Connection, app_id: str) -> bool:
    """Whether anything is on a project's list."""
    one = sa.select(suppressions.c.digest).where(suppressions.c.app_id == app_id).limit(1)
    return connection.scalar(one) is not None


def listed(
    connection: sa.Connection, app_id: str, reason: str | None, after: tuple[int, str] | None, most: int
) -> list[tuple[str, Entry]]:
    """Entries of a list with their digests, newest first, behind that time and digest."""
    statement = sa.select(suppressions.c.digest, *_ENTRY).where(suppressions.c.app_id == app_id)
    if reason is not None:
        statement = statement.where(suppressions.c.reason == reason)
    if after is not None:
        at_ms, digest = after
        later = sa.and_(suppressions.c.at_ms == at_ms, suppressions.c.digest < digest)
        statement = statement.where(sa.or_(suppressions.c.at_ms < at_ms, later))
    statement = statement.order_by(suppressions.c.at_ms.desc(), suppressions.c.digest.desc()).limit(most)
    return [
        (row[0], Entry(**dict(zip(Entry.__struct_fields__, row[1:], strict=True))))
        for row in connection.execute(statement)
    ]


def complain(database: Database, connection: sa.Connection, digest: str, one: Complained) -> None:
    """Keep a complaint; a second one about the same message changes nothing."""
    row = {
        "app_id": one.app_id,
        "message_id": one.message_id,
        "digest": digest,
        "endpoint_id": one.endpoint_id,
        "user_id": one.user_id,
        "at_ms": one.at_ms,
        "body": msgspec.json.encode(one),
    }
    statement = database.insert(complaints).on_conflict_do_nothing(index_elements=["app_id", "message_id"])
    connection.execute(statement.values(**row))


def complained(connection: sa.Connection, app_id: str, before: int | None, most: int) -> list[Kept]:
    """Complaints of a project, newest first, before that number."""
    statement = sa.select(complaints.c.seq, complaints.c.body).where(complaints.c.app_id == app_id)
    if before is not None:
        statement = statement.where(complaints.c.seq < before)
    return _kept(connection, statement.order_by(complaints.c.seq.desc()).limit(most))


def complained_of(
    connection: sa.Connection, app_id: str, digests: Sequence[str], user_id: str, keys: Sequence[str], after: int = 0
) -> list[Kept]:
    """Complaints of somebody: of these addresses, of a user, or of these endpoints (lower-case ids)."""
    mine = [among(connection, complaints.c.digest, digests), sa.func.lower(complaints.c.endpoint_id).in_(list(keys))]
    if user_id:
        mine.append(complaints.c.user_id == user_id)
    statement = sa.select(complaints.c.seq, complaints.c.body)
    statement = statement.where(complaints.c.app_id == app_id, complaints.c.seq > after, sa.or_(*mine))
    return _kept(connection, statement.order_by(complaints.c.seq))


def withdraw(connection: sa.Connection, seqs: Sequence[int]) -> None:
    """Drop complaints."""
    connection.execute(sa.delete(complaints).where(among(connection, complaints.c.seq, seqs)))


def put_topic(database: Database, connection: sa.Connection, app_id: str, topic: Topic) -> None:
    """Keep a topic, in place of one of the same name."""
    row = {"app_id": app_id, **msgspec.structs.asdict(topic)}
    statement = database.insert(topics).values(**row)
    connection.execute(statement.on_conflict_do_update(index_elements=["app_id", "name"], set_=row))


def remove_topic(connection: sa.Connection, app_id: str, name: str) -> bool:
    """Drop a topic and what people chose of it; whether there was one."""
    chosen = sa.delete(preferences).where(preferences.c.app_id == app_id, preferences.c.topic == name)
    connection.execute(chosen)
    gone = sa.delete(topics).where(topics.c.app_id == app_id, topics.c.name == name)
    return connection.execute(gone).rowcount > 0


def topics_of(connection: sa.Connection, app_id: str) -> list[Topic]:
    """A project's topics, by title."""
    statement = sa.select(*_TOPIC).where(topics.c.app_id == app_id).order_by(topics.c.title, topics.c.name)
    return [Topic(**row._mapping) for row in connection.execute(statement)]


def choose(
    database: Database,
    connection: sa.Connection,
    app_id: str,
    address: str,
    digest: str,
    wanted: Mapping[str, bool],
    at_ms: int,
) -> None:
    """Keep what somebody chose, by topic."""
    for topic, subscribed in wanted.items():
        row = {
            "app_id": app_id,
            "digest": digest,
            "topic": topic,
            "address": address,
            "subscribed": subscribed,
            "at_ms": at_ms,
        }
        statement = database.insert(preferences).values(**row)
        connection.execute(statement.on_conflict_do_update(index_elements=["app_id", "digest", "topic"], set_=row))


def chosen(connection: sa.Connection, app_id: str, digests: Iterable[str]) -> list[Choice]:
    """What these people chose."""
    columns = [preferences.c[name] for name in Choice._fields]
    statement = sa.select(*columns).where(preferences.c.app_id == app_id)
    found = select_among(connection, statement, preferences.c.digest, digests)
    return [Choice(**row._mapping) for row in found]


def forget(connection: sa.Connection, app_id: str, digests: Sequence[str]) -> None:
    """Erase addresses. That they must not be written to, and what they do not want, stays as digests."""
    for table in (suppressions, preferences):
        mine = sa.and_(table.c.app_id == app_id, among(connection, table.c.digest, digests))
        if table is suppressions:
            connection.execute(sa.update(table).where(mine).values(address="", message_id="", detail=""))
        else:
            connection.execute(sa.delete(table).where(mine, table.c.subscribed))
            connection.execute(sa.update(table).where(mine).values(address=""))


def counts(connection: sa.Connection, app_id: str, digests: Sequence[str]) -> tuple[int, int]:
    """How many rows name these addresses: on the list, and of choices."""

    def count(table: sa.Table) -> int:
        mine = (table.c.app_id == app_id, among(connection, table.c.digest, digests), table.c.address != "")
        return connection.scalar(sa.select(sa.func.count()).select_from(table).where(*mine)) or 0

    return count(suppressions), count(preferences)


def erase(connection: sa.Connection, app_id: str, most: int) -> int:
    """Drop at most so many rows of each kind of a project that is gone; answers how many."""
    done = 0
    for table, key in (
        (suppressions, suppressions.c.digest),
        (preferences, preferences.c.digest),
        (complaints, complaints.c.seq),
        (topics, topics.c.name),
    ):
        some = sa.select(key).where(table.c.app_id == app_id).limit(most)
        done += connection.execute(sa.delete(table).where(table.c.app_id == app_id, key.in_(some))).rowcount
    return done


def _kept(connection: sa.Connection, statement: sa.Select[Any]) -> list[Kept]:
    return [Kept(seq, msgspec.json.decode(body, type=Complained)) for seq, body in connection.execute(statement)]
