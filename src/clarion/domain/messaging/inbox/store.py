"""Messages of the local inbox, one row each; the oldest go when there are too many.

Rows are numbered in order of arrival, which is what listings go by, so a page stays where it was while new
messages come in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.channels.inbox import InboxMessage
from clarion.channels.push.services import SERVICES
from clarion.store.batches import among
from clarion.store.database import Database
from clarion.store.schema import BigId, metadata

inbox_messages = sa.Table(
    "inbox_messages",
    metadata,
    sa.Column("seq", BigId, primary_key=True),
    sa.Column("message_id", sa.String(255), nullable=False, unique=True),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("app_id", sa.String(32), nullable=False),
    sa.Column("channel", sa.String(20), nullable=False),
    # Lower case, for looking it up; the message has it as it was written.
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("ix_inbox_messages_app", "app_id", "seq"),
    sa.Index("ix_inbox_messages_address", "address"),
    # Otherwise SQLite gives the numbers of deleted messages to new ones.
    sqlite_autoincrement=True,
)


class Document(msgspec.Struct, omit_defaults=True):
    """What a row holds. Outlives releases: versioned."""

    message: InboxMessage
    version: int = 1


class Kept(NamedTuple):
    """A message of the inbox and its number."""

    seq: int
    message: InboxMessage


class Filter(NamedTuple):
    """Which messages: those that fit everything that is not None. `channel` is a channel type in any case, or PUSH for
    every push service."""

    account: str | None = None
    app_id: str | None = None
    address: str | None = None
    channel: str | None = None


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Document).decode


def add(database: Database, connection: sa.Connection, messages: Sequence[InboxMessage]) -> None:
    """Keep messages; one that is there already stays as it was."""
    rows = [
        {
            "message_id": message.message_id,
            "account": message.account,
            "app_id": message.app_id,
            "channel": message.channel.upper(),
            "address": message.to_address.lower(),
            "body": _encode(Document(message)),
        }
        for message in messages
    ]
    connection.execute(database.insert(inbox_messages).on_conflict_do_nothing(index_elements=["message_id"]), rows)


def trim(connection: sa.Connection, keep: int) -> None:
    """Delete what is further back than `keep` numbers: at most `keep` messages stay."""
    newest = sa.select(sa.func.max(inbox_messages.c.seq)).scalar_subquery()
    connection.execute(sa.delete(inbox_messages).where(inbox_messages.c.seq <= newest - keep))


def page(connection: sa.Connection, wanted: Filter, before: int | None, limit: int) -> list[Kept]:
    """Messages newest first, those with a number below `before`."""
    statement = sa.select(inbox_messages.c.seq, inbox_messages.c.body).where(*_conditions(wanted))
    if before is not None:
        statement = statement.where(inbox_messages.c.seq < before)
    rows = connection.execute(statement.order_by(inbox_messages.c.seq.desc()).limit(limit))
    return [Kept(seq, _decode(body).message) for seq, body in rows]


def after(connection: sa.Connection, app_id: str, seq: int, most: int) -> list[Kept]:
    """The next messages of a project behind number `seq`, oldest first."""
    statement = sa.select(inbox_messages.c.seq, inbox_messages.c.body).where(
        inbox_messages.c.app_id == app_id, inbox_messages.c.seq > seq
    )
    rows = connection.execute(statement.order_by(inbox_messages.c.seq).limit(most))
    return [Kept(number, _decode(body).message) for number, body in rows]


def remove(connection: sa.Connection, seqs: Sequence[int]) -> None:
    """Delete messages by their numbers."""
    connection.execute(sa.delete(inbox_messages).where(among(connection, inbox_messages.c.seq, seqs)))


def get(connection: sa.Connection, message_id: str) -> InboxMessage | None:
    """One message."""
    body = connection.scalar(sa.select(inbox_messages.c.body).where(inbox_messages.c.message_id == message_id))
    return None if body is None else _decode(body).message


def delete(connection: sa.Connection, wanted: Filter) -> int:
    """Delete messages; answers how many."""
    return connection.execute(sa.delete(inbox_messages).where(*_conditions(wanted))).rowcount


def erase(connection: sa.Connection, app_id: str, most: int) -> int:
    """Delete at most so many messages of a project that is gone; answers how many there were."""
    some = sa.select(inbox_messages.c.seq).where(inbox_messages.c.app_id == app_id).limit(most)
    return connection.execute(sa.delete(inbox_messages).where(inbox_messages.c.seq.in_(some))).rowcount


def _conditions(wanted: Filter) -> list[sa.ColumnElement[bool]]:
    found = []
    if wanted.account is not None:
        found.append(inbox_messages.c.account == wanted.account)
    if wanted.app_id is not None:
        found.append(inbox_messages.c.app_id == wanted.app_id)
    if wanted.address is not None:
        found.append(inbox_messages.c.address == wanted.address.lower())
    if wanted.channel is not None:
        kind = wanted.channel.upper()
        found.append(inbox_messages.c.channel.in_(SERVICES if kind == "PUSH" else (kind,)))
    return found
