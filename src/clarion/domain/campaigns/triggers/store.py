"""Windows in SQL: the times in which treatments listen, the events they still have to answer, and whom they answered.

| Table              | Holds                                                                                        |
|--------------------|----------------------------------------------------------------------------------------------|
| campaign_windows   | one row for each treatment that listens or will, until its window is over                    |
| campaign_stamps    | one number for each project, which grows with every change of its windows: caches ask for it |
| campaign_matches   | events that matched and are not answered yet, in their order, a list of them in each row     |
| campaign_answers   | whom a window answered lately, until that is in the record of events for sure                |
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from clarion.store.batches import among, insert_rows, select_among
from clarion.store.database import Database
from clarion.store.schema import BigId, metadata

windows = sa.Table(
    "campaign_windows",
    metadata,
    sa.Column("app_id", sa.String(32), primary_key=True),
    sa.Column("campaign_id", sa.String(32), primary_key=True),
    sa.Column("treatment_id", sa.String(1), primary_key=True),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("activity_id", sa.String(32), nullable=False),
    sa.Column("listens", sa.Boolean, nullable=False),
    sa.Column("behind", sa.BigInteger, nullable=False),
    sa.Column("start_ms", sa.BigInteger, nullable=False),
    sa.Column("end_ms", sa.BigInteger),
    sa.Column("paced_ms", sa.BigInteger, nullable=False),
)

stamps = sa.Table(
    "campaign_stamps",
    metadata,
    sa.Column("app_id", sa.String(32), primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
)

matches = sa.Table(
    "campaign_matches",
    metadata,
    sa.Column("seq", BigId, primary_key=True),
    sa.Column("app_id", sa.String(32), nullable=False),
    sa.Column("campaign_id", sa.String(32), nullable=False),
    sa.Column("treatment_id", sa.String(1), nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("ix_campaign_matches_window", "app_id", "campaign_id", "treatment_id", "seq"),
    # A row that is answered twice must be missed, not taken for a new one.
    sqlite_autoincrement=True,
)

answers = sa.Table(
    "campaign_answers",
    metadata,
    sa.Column("message_id", sa.String(32), primary_key=True),
    sa.Column("app_id", sa.String(32), nullable=False),
    sa.Column("campaign_id", sa.String(32), nullable=False),
    sa.Column("endpoint_key", sa.Text, nullable=False),
    sa.Column("occasion", sa.String(32), nullable=False),
    sa.Column("sent", sa.Boolean, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Index("ix_campaign_answers_endpoint", "app_id", "endpoint_key"),
    sa.Index("ix_campaign_answers_age", "app_id", "campaign_id", "at_ms"),
)


class Key(NamedTuple):
    """A treatment that has a window."""

    app_id: str
    campaign_id: str
    treatment_id: str


class WindowRow(NamedTuple):
    """The time in which a treatment listens. Unix ms; `end_ms` is not in it, None: no end.

    `kind` is "EVENT" or "IN_APP", `version` that of the campaign. It does not listen while the campaign is paused,
    and answers only events whose log row has a number `behind` this one: the later ones than its opening.
    `activity_id` is its run, "" before it has begun. `paced_ms`: before then the rate allows no further message.
    """

    app_id: str
    campaign_id: str
    treatment_id: str
    kind: str
    version: int
    activity_id: str
    listens: bool
    behind: int
    start_ms: int
    end_ms: int | None
    paced_ms: int

    @property
    def key(self) -> Key:
        return Key(self.app_id, self.campaign_id, self.treatment_id)


class MatchesRow(NamedTuple):
    """Events that matched: `model.Matches` encoded."""

    seq: int
    body: bytes


class Answer(NamedTuple):
    """That an endpoint was targeted on an occasion. `sent`: with a message, else it was refused. Unix ms."""

    message_id: str
    app_id: str
    campaign_id: str
    endpoint_key: str
    occasion: str
    sent: bool
    at_ms: int


_window = [windows.c[name] for name in WindowRow._fields]
_answer = [answers.c[name] for name in Answer._fields]


def _is(table: sa.Table, key: Key) -> sa.ColumnElement[bool]:
    return sa.and_(
        table.c.app_id == key.app_id, table.c.campaign_id == key.campaign_id, table.c.treatment_id == key.treatment_id
    )


def put_window(database: Database, connection: sa.Connection, row: WindowRow) -> None:
    """A new window, or a known one changed."""
    values = row._asdict()
    statement = database.insert(windows).values(values)
    changed = {name: value for name, value in values.items() if name not in Key._fields}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["app_id", "campaign_id", "treatment_id"], set_=changed)
    )
    stamp(database, connection, row.app_id)


def stamp(database: Database, connection: sa.Connection, app_id: str) -> None:
    """Say that windows of a project have changed."""
    statement = database.insert(stamps).values(app_id=app_id, number=1)
    grown = {"number": stamps.c.number + 1}
    connection.execute(statement.on_conflict_do_update(index_elements=["app_id"], set_=grown))


def stamps_of(connection: sa.Connection, app_ids: Collection[str]) -> dict[str, int]:
    """The numbers of these projects; those that never had a window are left out."""
    return {row.app_id: row.number for row in select_among(connection, sa.select(stamps), stamps.c.app_id, app_ids)}


def get_window(connection: sa.Connection, key: Key, *, lock: bool = False) -> WindowRow | None:
    """A window; `lock` holds its row until the transaction ends."""
    statement = sa.select(*_window).where(_is(windows, key))
    row = connection.execute(statement.with_for_update() if lock else statement).first()
    return None if row is None else WindowRow(*row)


def windows_among(
    connection: sa.Connection, app_id: str, campaign_ids: Collection[str], *, lock: bool = False
) -> dict[Key, WindowRow]:
    """The windows of these campaigns; `lock` holds their rows until the transaction ends."""
    statement = sa.select(*_window).where(windows.c.app_id == app_id)
    statement = statement.order_by(windows.c.campaign_id, windows.c.treatment_id)
    statement = statement.with_for_update() if lock else statement
    rows = map(WindowRow._make, select_among(connection, statement, windows.c.campaign_id, campaign_ids))
    return {row.key: row for row in rows}


def change_window(connection: sa.Connection, key: Key, **values: object) -> None:
    """Set columns that no cache needs to know of."""
    connection.execute(sa.update(windows).where(_is(windows, key)).values(**values))


def windows_of(connection: sa.Connection, app_id: str, campaign_id: str | None = None) -> list[WindowRow]:
    """The windows of a project, or of one campaign."""
    statement = sa.select(*_window).where(windows.c.app_id == app_id)
    if campaign_id is not None:
        statement = statement.where(windows.c.campaign_id == campaign_id)
    rows = connection.execute(statement.order_by(windows.c.campaign_id, windows.c.treatment_id))
    return [WindowRow(*row) for row in rows]


def listening(connection: sa.Connection, keys: Iterable[Key]) -> list[Key]:
    """Those of these windows that listen; they are held until the transaction ends, always in the same order."""
    found = []
    for key in sorted(keys):
        window = get_window(connection, key, lock=True)
        if window is not None and window.listens:
            found.append(key)
    return found


def remove_window(database: Database, connection: sa.Connection, key: Key) -> None:
    """A window is over, with what it had not answered."""
    connection.execute(sa.delete(windows).where(_is(windows, key)))
    connection.execute(sa.delete(matches).where(_is(matches, key)))
    stamp(database, connection, key.app_id)


def remove_app(connection: sa.Connection, app_id: str) -> None:
    """No window of a project is left; without a number there is nothing to look for."""
    for table in (windows, matches, answers, stamps):
        connection.execute(sa.delete(table).where(table.c.app_id == app_id))


def add_matches(connection: sa.Connection, bodies: Mapping[Key, Sequence[bytes]]) -> None:
    """Events for windows to answer."""
    rows = [(*key, body) for key, of_window in bodies.items() for body in of_window]
    if rows:
        insert_rows(connection, sa.insert(matches), (*Key._fields, "body"), rows)


def next_matches(connection: sa.Connection, key: Key, most: int) -> list[MatchesRow]:
    """The oldest events that a window has not answered."""
    statement = sa.select(matches.c.seq, matches.c.body).where(_is(matches, key)).order_by(matches.c.seq).limit(most)
    return [MatchesRow(*row) for row in connection.execute(statement)]


def has_matches(connection: sa.Connection, key: Key) -> bool:
    """Whether a window has something to answer."""
    return connection.scalar(sa.select(matches.c.seq).where(_is(matches, key)).limit(1)) is not None


def having_matches(connection: sa.Connection, app_id: str, campaign_ids: Collection[str]) -> set[Key]:
    """The windows of these campaigns that have something to answer."""
    statement = sa.select(matches.c.campaign_id, matches.c.treatment_id).where(matches.c.app_id == app_id).distinct()
    rows = select_among(connection, statement, matches.c.campaign_id, campaign_ids)
    return {Key(app_id, row.campaign_id, row.treatment_id) for row in rows}


def matches_after(connection: sa.Connection, app_id: str, seq: int, most: int) -> list[MatchesRow]:
    """The next events of a project behind a number that are to be answered."""
    statement = sa.select(matches.c.seq, matches.c.body).where(matches.c.app_id == app_id, matches.c.seq > seq)
    return [MatchesRow(*row) for row in connection.execute(statement.order_by(matches.c.seq).limit(most))]


def replace_matches(connection: sa.Connection, seq: int, body: bytes) -> None:
    """Give a row of matches other events."""
    connection.execute(sa.update(matches).where(matches.c.seq == seq).values(body=body))


def remove_matches(connection: sa.Connection, seqs: Sequence[int]) -> bool:
    """These are answered; False when some of them were already."""
    gone = connection.execute(sa.delete(matches).where(among(connection, matches.c.seq, seqs)))
    return gone.rowcount == len(seqs)


def drop_matches(connection: sa.Connection, key: Key) -> None:
    """What a window has not answered shall not be answered any more."""
    connection.execute(sa.delete(matches).where(_is(matches, key)))


def add_answers(database: Database, connection: sa.Connection, rows: Sequence[Answer]) -> None:
    """Write down who was answered; those that are written down already stay as they are."""
    if rows:
        statement = database.insert(answers).on_conflict_do_nothing(index_elements=["message_id"])
        insert_rows(connection, statement, Answer._fields, [tuple(row) for row in rows])


def answers_to(connection: sa.Connection, app_id: str, campaign_id: str, keys: Iterable[str]) -> list[Answer]:
    """What a campaign lately answered these endpoints."""
    statement = sa.select(*_answer).where(answers.c.app_id == app_id, answers.c.campaign_id == campaign_id)
    return [Answer._make(row) for row in select_among(connection, statement, answers.c.endpoint_key, keys)]


def answers_of(connection: sa.Connection, app_id: str, keys: Iterable[str]) -> list[Answer]:
    """What all campaigns of a project lately answered these endpoints."""
    statement = sa.select(*_answer).where(answers.c.app_id == app_id)
    return [Answer._make(row) for row in select_among(connection, statement, answers.c.endpoint_key, keys)]


def old_answers(connection: sa.Connection, app_id: str, campaign_id: str, before_ms: int, most: int) -> list[str]:
    """The ids of answers of a campaign from before a time, the oldest first."""
    statement = sa.select(answers.c.message_id).where(
        answers.c.app_id == app_id, answers.c.campaign_id == campaign_id, answers.c.at_ms < before_ms
    )
    return list(connection.scalars(statement.order_by(answers.c.at_ms).limit(most)))


def remove_answers(connection: sa.Connection, message_ids: Sequence[str]) -> None:
    """These answers are in the record of events."""
    connection.execute(sa.delete(answers).where(among(connection, answers.c.message_id, message_ids)))


def forget_answers(connection: sa.Connection, app_id: str, campaign_id: str) -> None:
    """Nobody will ask any more whom a campaign answered."""
    connection.execute(sa.delete(answers).where(answers.c.app_id == app_id, answers.c.campaign_id == campaign_id))
