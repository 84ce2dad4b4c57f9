"""Journeys in SQL: the journey, its versions, its runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from clarion.domain.journeys.model import JourneyState
from clarion.store.schema import metadata

journeys = sa.Table(
    "journeys",
    metadata,
    sa.Column("app_id", sa.String(32), primary_key=True),
    sa.Column("journey_id", sa.String(32), primary_key=True),
    sa.Column("account", sa.String(12), nullable=False),
    sa.Column("region", sa.String(32), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("modified_ms", sa.BigInteger, nullable=False),
    sa.Column("published_ms", sa.BigInteger),
    sa.Column("start_ms", sa.BigInteger),
    sa.Column("end_ms", sa.BigInteger),
    sa.Column("paused_ms", sa.BigInteger),
    sa.Column("paced_ms", sa.BigInteger, nullable=False),
    sa.Column("segment_id", sa.String(32), nullable=False),
    sa.Column("segment_version", sa.Integer),
    sa.Column("event_started", sa.Boolean, nullable=False),
    sa.Column("behind", sa.BigInteger, nullable=False),
    sa.Column("defaults", sa.LargeBinary, nullable=False),
    sa.Column("test_of", sa.String(32), nullable=False),
    sa.Column("inside", sa.BigInteger, nullable=False),
    sa.Column("entered", sa.BigInteger, nullable=False),
    sa.Index("ix_journeys_listing", "app_id", "created_ms", "journey_id"),
    sa.Index("ix_journeys_state", "account", "region", "state"),
    sa.Index("ix_journeys_segment", "app_id", "segment_id"),
)

journey_versions = sa.Table(
    "journey_versions",
    metadata,
    sa.Column("app_id", sa.String(32), primary_key=True),
    sa.Column("journey_id", sa.String(32), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("definition", sa.LargeBinary, nullable=False),
    sa.Column("modified_ms", sa.BigInteger, nullable=False),
)

journey_runs = sa.Table(
    "journey_runs",
    metadata,
    sa.Column("app_id", sa.String(32), primary_key=True),
    sa.Column("run_id", sa.String(32), primary_key=True),
    sa.Column("journey_id", sa.String(32), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("scheduled_ms", sa.BigInteger, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("updated_ms", sa.BigInteger, nullable=False),
    sa.Column("entering", sa.Boolean, nullable=False),
    sa.Column("inside", sa.BigInteger, nullable=False),
    sa.Index("ix_journey_runs_journey", "app_id", "journey_id", "number"),
)


class JourneyRow(NamedTuple):
    """A journey without its definition. Unix ms.

    `version` is the one that new participants walk, `epoch` grows whenever its entries are scheduled anew: jobs of an
    older one stop. `paced_ms` is when its rate allows the next message. `segment_id` is who enters ("" for an event
    start without one), in the version `segment_version` (None: the latest); only events whose log row has a number
    `behind` this one count. `defaults` are the project's journey limits at its creation (`definition.Defaults`),
    `test_of` the journey that this one tests. `inside` are the participants on their way, `entered` all entries there
    ever were.
    """

    app_id: str
    journey_id: str
    account: str
    region: str
    state: JourneyState
    version: int
    epoch: int
    created_ms: int
    modified_ms: int
    published_ms: int | None
    start_ms: int | None
    end_ms: int | None
    paused_ms: int | None
    paced_ms: int
    segment_id: str
    event_started: bool
    behind: int
    defaults: bytes
    test_of: str
    inside: int
    entered: int
    segment_version: int | None = None


class RunRow(NamedTuple):
    """One execution of the entry. `entering`: not everybody has been looked at yet; `inside` as of the journey."""

    app_id: str
    run_id: str
    journey_id: str
    number: int
    state: str
    scheduled_ms: int
    created_ms: int
    updated_ms: int
    entering: bool
    inside: int


_COLUMNS = [journeys.c[name] for name in JourneyRow._fields]
_RUN_COLUMNS = [journey_runs.c[name] for name in RunRow._fields]


def _is(app_id: str, journey_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(journeys.c.app_id == app_id, journeys.c.journey_id == journey_id)


def _is_run(app_id: str, run_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(journey_runs.c.app_id == app_id, journey_runs.c.run_id == run_id)


def get(connection: sa.Connection, app_id: str, journey_id: str, *, lock: bool = False) -> JourneyRow | None:
    """A journey; with `lock` nobody else changes it or its participants until the transaction ends."""
    statement = sa.select(*_COLUMNS).where(_is(app_id, journey_id))
    row = connection.execute(statement.with_for_update() if lock else statement).first()
    return None if row is None else JourneyRow(*row)


def insert(connection: sa.Connection, row: JourneyRow, definition: bytes) -> None:
    """Add a journey with its first version."""
    connection.execute(sa.insert(journeys).values(row._asdict()))
    add_version(connection, row, definition)


def change(connection: sa.Connection, app_id: str, journey_id: str, **values: object) -> None:
    """Set columns of a journey."""
    connection.execute(sa.update(journeys).where(_is(app_id, journey_id)).values(values))


def add_version(connection: sa.Connection, row: JourneyRow, definition: bytes) -> None:
    """Keep the definition of the row's version, in place of what it was before."""
    key = {"app_id": row.app_id, "journey_id": row.journey_id, "version": row.version}
    at = sa.and_(*(journey_versions.c[name] == value for name, value in key.items()))
    connection.execute(sa.delete(journey_versions).where(at))
    connection.execute(sa.insert(journey_versions).values(**key, definition=definition, modified_ms=row.modified_ms))


def definitions(connection: sa.Connection, app_id: str, journey_id: str) -> dict[int, bytes]:
    """What is kept of every version, by number."""
    columns = journey_versions.c
    statement = sa.select(columns.version, columns.definition).where(
        columns.app_id == app_id, columns.journey_id == journey_id
    )
    return {row.version: row.definition for row in connection.execute(statement)}


def versions(connection: sa.Connection, app_id: str, journey_id: str) -> list[tuple[int, bytes, int]]:
    """Number, definition and time of writing of every version, newest first."""
    columns = journey_versions.c
    statement = (
        sa.select(columns.version, columns.definition, columns.modified_ms)
        .where(columns.app_id == app_id, columns.journey_id == journey_id)
        .order_by(columns.version.desc())
    )
    return [(row.version, row.definition, row.modified_ms) for row in connection.execute(statement)]


def definition(connection: sa.Connection, app_id: str, journey_id: str, version: int) -> bytes:
    """What is kept of one version."""
    columns = journey_versions.c
    statement = sa.select(columns.definition).where(
        columns.app_id == app_id, columns.journey_id == journey_id, columns.version == version
    )
    found: bytes = connection.execute(statement).scalar_one()
    return found


def page(
    connection: sa.Connection, app_id: str, after: tuple[int, str] | None, limit: int
) -> list[tuple[JourneyRow, bytes]]:
    """Journeys of a project in the order of their creation, behind the one at `after`, with what they say now."""
    newest = sa.and_(
        journey_versions.c.app_id == journeys.c.app_id,
        journey_versions.c.journey_id == journeys.c.journey_id,
        journey_versions.c.version == journeys.c.version,
    )
    statement = sa.select(*_COLUMNS, journey_versions.c.definition).join(journey_versions, newest)
    statement = statement.where(journeys.c.app_id == app_id)
    if after is not None:
        statement = statement.where(sa.tuple_(journeys.c.created_ms, journeys.c.journey_id) > sa.tuple_(*after))
    statement = statement.order_by(journeys.c.created_ms, journeys.c.journey_id).limit(limit)
    return [(JourneyRow(*row), kept) for *row, kept in connection.execute(statement)]


def of_app(connection: sa.Connection, app_id: str, states: Sequence[str] | None = None) -> list[JourneyRow]:
    """All journeys of a project, or those in these states."""
    statement = sa.select(*_COLUMNS).where(journeys.c.app_id == app_id)
    if states is not None:
        statement = statement.where(journeys.c.state.in_(states))
    return [JourneyRow(*row) for row in connection.execute(statement)]


def of_segment(connection: sa.Connection, app_id: str, segment_id: str, states: Sequence[str]) -> list[JourneyRow]:
    """Journeys in these states whose participants come from a segment."""
    statement = sa.select(*_COLUMNS).where(
        journeys.c.app_id == app_id, journeys.c.segment_id == segment_id, journeys.c.state.in_(states)
    )
    return [JourneyRow(*row) for row in connection.execute(statement)]


def active(connection: sa.Connection, account: str, region: str, *, event_started: bool | None = None) -> int:
    """How many journeys of an account are active or paused; tests do not count."""
    statement = sa.select(sa.func.count()).where(
        journeys.c.account == account,
        journeys.c.region == region,
        journeys.c.state.in_(("ACTIVE", "PAUSED")),
        journeys.c.test_of == "",
    )
    if event_started is not None:
        statement = statement.where(journeys.c.event_started == event_started)
    return connection.scalar(statement) or 0


def tested(connection: sa.Connection, app_id: str, journey_id: str) -> bool:
    """Whether there is a test of a journey."""
    statement = sa.select(journeys.c.journey_id).where(journeys.c.app_id == app_id, journeys.c.test_of == journey_id)
    return connection.scalar(statement.limit(1)) is not None


def delete(connection: sa.Connection, app_id: str, journey_id: str) -> None:
    """Remove a journey with its versions and runs; its participants are erased by a job."""
    for table in (journeys, journey_versions, journey_runs):
        connection.execute(sa.delete(table).where(table.c.app_id == app_id, table.c.journey_id == journey_id))


# --- runs


def add_run(connection: sa.Connection, row: RunRow) -> None:
    """Write down a run."""
    connection.execute(sa.insert(journey_runs).values(row._asdict()))


def get_run(connection: sa.Connection, app_id: str, run_id: str) -> RunRow | None:
    """A run of any journey of the project."""
    row = connection.execute(sa.select(*_RUN_COLUMNS).where(_is_run(app_id, run_id))).first()
    return None if row is None else RunRow(*row)


def change_run(connection: sa.Connection, app_id: str, run_id: str, **values: object) -> None:
    """Set columns of a run."""
    connection.execute(sa.update(journey_runs).where(_is_run(app_id, run_id)).values(values))


def runs(
    connection: sa.Connection, app_id: str, journey_id: str, after: int | None = None, limit: int | None = None
) -> list[RunRow]:
    """The runs of a journey, oldest first, behind the one of number `after`."""
    statement = sa.select(*_RUN_COLUMNS).where(journey_runs.c.app_id == app_id, journey_runs.c.journey_id == journey_id)
    if after is not None:
        statement = statement.where(journey_runs.c.number > after)
    rows = connection.execute(statement.order_by(journey_runs.c.number).limit(limit))
    return [RunRow(*row) for row in rows]


def is_entering(connection: sa.Connection, app_id: str, journey_id: str) -> bool:
    """Whether a run of a journey has not looked at everybody yet."""
    statement = sa.select(journey_runs.c.run_id).where(
        journey_runs.c.app_id == app_id,
        journey_runs.c.journey_id == journey_id,
        journey_runs.c.state.in_(("SCHEDULED", "RUNNING")),
        journey_runs.c.entering,
    )
    return connection.scalar(statement.limit(1)) is not None


def cancel_runs(connection: sa.Connection, app_id: str, journey_id: str, now_ms: int) -> None:
    """Runs that are not over end with the journey."""
    connection.execute(
        sa.update(journey_runs)
        .where(
            journey_runs.c.app_id == app_id,
            journey_runs.c.journey_id == journey_id,
            journey_runs.c.state.in_(("SCHEDULED", "RUNNING")),
        )
        .values(state="CANCELLED", entering=False, updated_ms=now_ms)
    )


def last_run(connection: sa.Connection, app_id: str, journey_id: str) -> RunRow | None:
    """The run of a journey that was made last."""
    here = sa.and_(journey_runs.c.app_id == app_id, journey_runs.c.journey_id == journey_id)
    row = connection.execute(
        sa.select(*_RUN_COLUMNS).where(here).order_by(journey_runs.c.number.desc()).limit(1)
    ).first()
    return None if row is None else RunRow(*row)


def runs_ahead(connection: sa.Connection, app_id: str, journey_id: str) -> list[RunRow]:
    """The runs of a journey that have not begun or still let people in."""
    statement = sa.select(*_RUN_COLUMNS).where(
        journey_runs.c.app_id == app_id,
        journey_runs.c.journey_id == journey_id,
        sa.or_(
            journey_runs.c.state == "SCHEDULED", sa.and_(journey_runs.c.state == "RUNNING", journey_runs.c.entering)
        ),
    )
    return [RunRow(*row) for row in connection.execute(statement.order_by(journey_runs.c.number))]


def moved(
    connection: sa.Connection, app_id: str, journey_id: str, change_of: dict[str, int], now_ms: int, entered: int = 0
) -> None:
    """The numbers of people inside have changed by so much, by run; the journey is held. Runs without anybody end."""
    for run_id, change_by in sorted(change_of.items()):
        connection.execute(
            sa.update(journey_runs)
            .where(_is_run(app_id, run_id))
            .values(inside=journey_runs.c.inside + change_by, updated_ms=now_ms)
        )
    end_runs(connection, app_id, journey_id)
    change(
        connection,
        app_id,
        journey_id,
        inside=journeys.c.inside + sum(change_of.values()),
        entered=journeys.c.entered + entered,
    )


def end_runs(connection: sa.Connection, app_id: str, journey_id: str, state: str = "COMPLETED") -> None:
    """Runs that everybody has entered and left are over."""
    connection.execute(
        sa.update(journey_runs)
        .where(
            journey_runs.c.app_id == app_id,
            journey_runs.c.journey_id == journey_id,
            journey_runs.c.state == "RUNNING",
            sa.not_(journey_runs.c.entering),
            journey_runs.c.inside <= 0,
        )
        .values(state=state)
    )
