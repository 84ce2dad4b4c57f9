"""Rows of text messages that left: those that wait for their receipts, who wrote to whom last, what came in.

A message waits with a row for each of its parts, found by the provider's id of the part. A row is *open* until its part
has a receipt; what is left of a message that has failed is *over*, so that later receipts are known to be too late.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.domain.events.produced import Subject
from clarion.store.batches import among, insert_rows
from clarion.store.database import Database
from clarion.store.schema import metadata

State = Literal["", "SUCCESS", "FAILURE", "OVER"]
OPEN: State = ""
OVER: State = "OVER"

receipts = sa.Table(
    "sms_receipts",
    metadata,
    sa.Column("provider_id", sa.String(128), primary_key=True),
    sa.Column("message_id", sa.String(32), primary_key=True),
    sa.Column("provider", sa.String(32), nullable=False),
    sa.Column("app_id", sa.String(32), nullable=False),
    sa.Column("endpoint_key", sa.Text, nullable=False),
    sa.Column("number", sa.String(20), nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    # Pinpoint's word of the part's last receipt, also of one that is not final.
    sa.Column("status", sa.String(40), nullable=False),
    sa.Column("origination", sa.String(20), nullable=False),
    sa.Column("price", sa.Float),
    sa.Column("expires_ms", sa.BigInteger, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("ix_sms_receipts_message", "message_id"),
    sa.Index("ix_sms_receipts_number", "app_id", "number"),
    sa.Index("ix_sms_receipts_age", "expires_ms"),
)

conversations = sa.Table(
    "sms_conversations",
    metadata,
    sa.Column("number", sa.String(20), primary_key=True),
    sa.Column("origination", sa.String(20), primary_key=True),
    sa.Column("provider", sa.String(32), primary_key=True),
    sa.Column("account", sa.String(12), nullable=False),
    sa.Column("region", sa.String(32), nullable=False),
    sa.Column("app_id", sa.String(32), nullable=False),
    sa.Column("endpoint_id", sa.Text, nullable=False),
    sa.Column("user_id", sa.Text, nullable=False),
    sa.Column("message_id", sa.String(32), nullable=False),
    sa.Column("sent_ms", sa.BigInteger, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("ix_sms_conversations_app", "app_id", "number"),
    sa.Index("ix_sms_conversations_age", "sent_ms"),
)

inbound = sa.Table(
    "sms_inbound",
    metadata,
    sa.Column("provider", sa.String(32), primary_key=True),
    sa.Column("inbound_id", sa.String(128), primary_key=True),
    # Digest of the person's number.
    sa.Column("place", sa.String(64), nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("answered", sa.Boolean, nullable=False),
    sa.Index("ix_sms_inbound_place", "place", "at_ms"),
    sa.Index("ix_sms_inbound_age", "at_ms"),
)


class Told(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What events of a message say, whatever comes back. `estimate` is its price by the list (millicents)."""

    version: int = 1
    region: str
    subject: Subject
    attributes: dict[str, str]
    ts_ms: int
    estimate: float | None = None


class Row(NamedTuple):
    """A part that waits."""

    provider_id: str
    message_id: str
    provider: str
    app_id: str
    endpoint_key: str
    number: str
    state: State
    status: str
    origination: str
    price: float | None
    expires_ms: int
    body: bytes


class Conversation(NamedTuple):
    """The last text message from a number (as the message named it) to a person, by a provider."""

    number: str
    origination: str
    provider: str
    account: str
    region: str
    app_id: str
    endpoint_id: str
    user_id: str
    message_id: str
    sent_ms: int
    body: bytes


encode_told = msgspec.msgpack.Encoder().encode
decode_told = msgspec.msgpack.Decoder(Told).decode

_COLUMNS = [receipts.c[name] for name in Row._fields]
_TALK = [conversations.c[name] for name in Conversation._fields]


def add(database: Database, connection: sa.Connection, rows: Sequence[Row]) -> None:
    """Let parts wait; one that waits already stays as it is."""
    if rows:
        statement = database.insert(receipts).on_conflict_do_nothing(index_elements=["provider_id", "message_id"])
        insert_rows(connection, statement, Row._fields, rows)


def find(connection: sa.Connection, provider: str, ids: Sequence[str]) -> list[Row]:
    """All parts of the messages that have a part with one of these ids, nobody else's until the transaction ends."""
    known = sa.select(receipts.c.message_id).where(
        among(connection, receipts.c.provider_id, ids), receipts.c.provider.in_(("", provider))
    )
    messages = sorted(set(connection.scalars(known)))
    if not messages:
        return []
    wanted = sa.select(*_COLUMNS).where(among(connection, receipts.c.message_id, messages))
    ordered = wanted.order_by(receipts.c.message_id, receipts.c.provider_id)
    return [Row._make(row) for row in connection.execute(ordered.with_for_update())]


_save = (
    sa.update(receipts)
    .where(receipts.c.provider_id == sa.bindparam("of_id"), receipts.c.message_id == sa.bindparam("of_message"))
    .values({name: sa.bindparam(f"now_{name}") for name in ("state", "status", "origination", "price")})
)


def save(connection: sa.Connection, rows: Sequence[Row]) -> None:
    """Keep what the receipts of parts said."""
    given = [
        {
            "of_id": row.provider_id,
            "of_message": row.message_id,
            "now_state": row.state,
            "now_status": row.status[:40],
            "now_origination": row.origination,
            "now_price": row.price,
        }
        for row in rows
    ]
    if given:
        connection.execute(_save, given)


def close(connection: sa.Connection, message_ids: Sequence[str], *, failed: bool) -> None:
    """Messages have come to their end: their rows go; of one that has failed the open parts stay, over."""
    if not message_ids:
        return
    mine = among(connection, receipts.c.message_id, message_ids)
    if failed:
        connection.execute(sa.update(receipts).where(mine, receipts.c.state == OPEN).values(state=OVER))
        mine = sa.and_(mine, receipts.c.state != OVER)
    connection.execute(sa.delete(receipts).where(mine))


def drop(connection: sa.Connection, provider_id: str, message_id: str) -> None:
    """A receipt came too late to mean anything."""
    mine = (receipts.c.provider_id == provider_id, receipts.c.message_id == message_id)
    connection.execute(sa.delete(receipts).where(*mine))


def expired(connection: sa.Connection, now_ms: int, most: int) -> list[Row]:
    """All parts of at most so many messages whose time is over, nobody else's until the transaction ends."""
    old = sa.select(receipts.c.message_id).where(receipts.c.expires_ms <= now_ms)
    messages = sorted(set(connection.scalars(old.order_by(receipts.c.expires_ms).limit(most))))
    if not messages:
        return []
    wanted = sa.select(*_COLUMNS).where(among(connection, receipts.c.message_id, messages))
    ordered = wanted.order_by(receipts.c.message_id, receipts.c.provider_id)
    return [Row._make(row) for row in connection.execute(ordered.with_for_update())]


def wrote(database: Database, connection: sa.Connection, talks: Sequence[Conversation]) -> None:
    """Remember who was written to; of several to one person from one number the last counts."""
    latest = {(talk.number, talk.origination, talk.provider): talk for talk in talks}
    if not latest:
        return
    statement = database.insert(conversations)
    changed = {name: statement.excluded[name] for name in Conversation._fields[3:]}
    index = ["number", "origination", "provider"]
    upsert = statement.on_conflict_do_update(index_elements=index, set_=changed)
    insert_rows(connection, upsert, Conversation._fields, [latest[key] for key in sorted(latest)])


def talks(connection: sa.Connection, number: str) -> list[Conversation]:
    """Who wrote to a person, the latest first."""
    wanted = sa.select(*_TALK).where(conversations.c.number == number).order_by(conversations.c.sent_ms.desc())
    return [Conversation._make(row) for row in connection.execute(wanted.limit(100))]


def take_in(
    database: Database, connection: sa.Connection, provider: str, inbound_id: str, place: str, at_ms: int
) -> bool:
    """Note that a text came in; False when it had already."""
    row = {"provider": provider, "inbound_id": inbound_id, "place": place, "at_ms": at_ms, "answered": False}
    statement = database.insert(inbound).values(**row)
    new = statement.on_conflict_do_nothing(index_elements=["provider", "inbound_id"])
    return connection.execute(new.returning(inbound.c.inbound_id)).first() is not None


def answered(connection: sa.Connection, provider: str, inbound_id: str) -> None:
    """Note that a text was answered by itself."""
    mine = (inbound.c.provider == provider, inbound.c.inbound_id == inbound_id)
    connection.execute(sa.update(inbound).where(*mine).values(answered=True))


def answers_since(connection: sa.Connection, place: str, since_ms: int) -> int:
    """How many texts of a person were answered by themselves since a time."""
    mine = (inbound.c.place == place, inbound.c.at_ms >= since_ms, inbound.c.answered)
    return connection.scalar(sa.select(sa.func.count()).select_from(inbound).where(*mine)) or 0


def clean(connection: sa.Connection, inbound_before_ms: int, talks_before_ms: int, most: int) -> int:
    """Drop at most so many old rows of either kind; answers how many."""
    old = sa.select(inbound.c.provider, inbound.c.inbound_id).where(inbound.c.at_ms < inbound_before_ms).limit(most)
    gone = sa.tuple_(inbound.c.provider, inbound.c.inbound_id).in_(old)
    dropped = connection.execute(sa.delete(inbound).where(gone)).rowcount
    keys = (conversations.c.number, conversations.c.origination, conversations.c.provider)
    quiet = sa.select(*keys).where(conversations.c.sent_ms < talks_before_ms).limit(most)
    return dropped + connection.execute(sa.delete(conversations).where(sa.tuple_(*keys).in_(quiet))).rowcount


def first_to_expire(connection: sa.Connection) -> int | None:
    """When the first message's time is over (Unix ms)."""
    found: int | None = connection.scalar(sa.select(sa.func.min(receipts.c.expires_ms)))
    return found


def any_left(connection: sa.Connection) -> bool:
    """Whether there is anything that will have to be dropped some day."""
    tables = (receipts, conversations, inbound)
    return any(connection.scalar(sa.select(sa.literal(1)).select_from(one).limit(1)) is not None for one in tables)


def erase(connection: sa.Connection, app_id: str, most: int) -> int:
    """Drop at most so many rows of a project that is gone; answers how many."""
    some = sa.select(receipts.c.provider_id, receipts.c.message_id).where(receipts.c.app_id == app_id).limit(most)
    mine = sa.tuple_(receipts.c.provider_id, receipts.c.message_id).in_(some)
    done = connection.execute(sa.delete(receipts).where(mine)).rowcount
    keys = (conversations.c.number, conversations.c.origination, conversations.c.provider)
    others = sa.select(*keys).where(conversations.c.app_id == app_id).limit(most)
    return max(done, connection.execute(sa.delete(conversations).where(sa.tuple_(*keys).in_(others))).rowcount)
