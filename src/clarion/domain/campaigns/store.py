"""Campaigns in SQL: the campaign, its versions, its runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from hashlib import blake2b
from typing import NamedTuple

import sqlalchemy as sa

from clarion.core.scope import Scope
from clarion.domain.campaigns.treatments import Standing, decode
from clarion.store.batches import select_among
from clarion.store.database import Database
from clarion.store.schema import metadata

UNFINISHED = ("INITIALIZING", "RUNNING", "PAUSED")
"""States of a run that is not over."""

campaigns = sa.Table(
    "campaigns",
    metadata,
    sa.Column("app_id", sa.String(32), primary_key=True),
    sa.Column("campaign_id", sa.String(32), primary_key=True),
    sa.Column("account", sa.String(12), nullable=False),
    sa.Column("region", sa.String(32), nullable=False),
    sa.Column("segment_id", sa.String(32), nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("paused", sa.Boolean, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("treatments", sa.LargeBinary, nullable=False),
    sa.Column("defaults", sa.LargeBinary, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("modified_ms", sa.BigInteger, nullable=False),
    sa.Column("gone", sa.Boolean, nullable=False),
    sa.Index("ix_campaigns_listing", "app_id", "gone", "created_ms", "campaign_id"),
    sa.Index("ix_campaigns_segment", "app_id", "segment_id"),
    sa.Index("ix_campaigns_status", "account", "region", "status"),
)

campaign_versions = sa.Table(
    "campaign_versions",
    metadata,
    sa.Column("app_id", sa.String(32), primary_key=True),
    sa.Column("campaign_id", sa.String(32), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("definition", sa.LargeBinary, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("modified_ms", sa.BigInteger, nullable=False),
    sa.Column("approval", sa.LargeBinary),
)

campaign_runs = sa.Table(
    "campaign_runs",
    metadata,
    sa.Column("app_id", sa.String(32), primary_key=True),
    sa.Column("activity_id", sa.String(32), primary_key=True),
    sa.Column("campaign_id", sa.String(32), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("treatment_id", sa.String(1), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("result", sa.String(8)),
    sa.Column("scheduled_ms", sa.BigInteger, nullable=False),
    sa.Column("start_ms", sa.BigInteger),
    sa.Column("end_ms", sa.BigInteger),
    sa.Column("reason", sa.Text),
    sa.Column("members", sa.BigInteger, nullable=False),
    sa.Column("others", sa.BigInteger, nullable=False),
    sa.Column("parts", sa.Integer, nullable=False),
    sa.Column("parts_done", sa.Integer, nullable=False),
    sa.Column("zones", sa.Integer, nullable=False),
    sa.Column("stopped_ms", sa.BigInteger),
    sa.Column("duplicates", sa.LargeBinary),
    sa.Column("counts", sa.LargeBinary),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Index("ix_campaign_runs_campaign", "app_id", "campaign_id", "scheduled_ms"),
)


campaign_held = sa.Table(
    "campaign_held",
    metadata,
    sa.Column("app_id", sa.String(32), primary_key=True),
    sa.Column("activity_id", sa.String(32), primary_key=True),
    sa.Column("key", sa.String(160), primary_key=True),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("args", sa.LargeBinary, nullable=False),
)


class HeldJob(NamedTuple):
    """A job of a run that stands still, to be enqueued when it goes on."""

    key: str
    kind: str
    args: bytes


class CampaignRow(NamedTuple):
    """A campaign without its definition. `epoch` grows when its schedule starts anew: jobs of an older one stop.

    `kind` is what makes it run: "" the time, "EVENT", "IN_APP". `treatments` tell where each of them stands
    (`treatments.Standings`), `defaults` what the app's settings were when it was created (`model.Defaults`).
    """

    app_id: str
    campaign_id: str
    account: str
    region: str
    segment_id: str
    status: str
    paused: bool
    version: int
    epoch: int
    kind: str
    treatments: bytes
    defaults: bytes
    created_ms: int
    modified_ms: int
    gone: bool

    @property
    def standings(self) -> dict[str, Standing]:
        """Where each treatment stands, by their ids."""
        return dict(decode(self.treatments).treatments)


class VersionRow(NamedTuple):
    """One version: the WriteCampaignRequest that is kept, and copies of its templates (`content.Copies`).

    `approval` says whether it may run (`approval.model.Approval`), None when nobody need say so.
    """

    app_id: str
    campaign_id: str
    version: int
    definition: bytes
    content: bytes
    modified_ms: int
    approval: bytes | None = None


class RunRow(NamedTuple):
    """One run of a treatment, without the list of its duplicates.

    `parts` are its chains of pages: in local time one a time zone. `others` are members of the segment who belong
    to other treatments. `reason` says why it failed or was cancelled, `stopped_ms` since when it stands still.
    `kind` is that of its campaign when it began.
    """

    app_id: str
    activity_id: str
    campaign_id: str
    number: int
    version: int
    treatment_id: str
    state: str
    result: str | None
    scheduled_ms: int
    start_ms: int | None
    end_ms: int | None
    reason: str | None
    members: int
    others: int
    parts: int
    parts_done: int
    zones: int
    stopped_ms: int | None
    counts: bytes | None
    kind: str = ""


_campaign = [campaigns.c[name] for name in CampaignRow._fields]
_version = [campaign_versions.c[name] for name in VersionRow._fields]
_run = [campaign_runs.c[name] for name in RunRow._fields]


def _is(table: sa.Table, app_id: str, campaign_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.app_id == app_id, table.c.campaign_id == campaign_id)


def add(connection: sa.Connection, row: CampaignRow) -> None:
    """A new campaign."""
    connection.execute(sa.insert(campaigns), row._asdict())


def add_version(connection: sa.Connection, row: VersionRow) -> None:
    """A new version."""
    connection.execute(sa.insert(campaign_versions), row._asdict())


def change(connection: sa.Connection, app_id: str, campaign_id: str, **values: object) -> None:
    """Set columns of a campaign."""
    connection.execute(sa.update(campaigns).where(_is(campaigns, app_id, campaign_id)).values(**values))


def get(connection: sa.Connection, app_id: str, campaign_id: str, *, lock: bool = False) -> CampaignRow | None:
    """A campaign, deleted ones included; `lock` holds its row until the transaction ends."""
    statement = sa.select(*_campaign).where(_is(campaigns, app_id, campaign_id))
    row = connection.execute(statement.with_for_update() if lock else statement).first()
    return None if row is None else CampaignRow(*row)


def get_all(
    connection: sa.Connection, app_id: str, campaign_ids: Collection[str], *, lock: bool = False
) -> dict[str, CampaignRow]:
    """These campaigns, deleted ones included, by id; `lock` holds their rows until the transaction ends."""
    statement = sa.select(*_campaign).where(campaigns.c.app_id == app_id).order_by(campaigns.c.campaign_id)
    statement = statement.with_for_update() if lock else statement
    rows = select_among(connection, statement, campaigns.c.campaign_id, campaign_ids)
    return {row.campaign_id: row for row in map(CampaignRow._make, rows)}


def current_versions(connection: sa.Connection, app_id: str, campaign_ids: Collection[str]) -> dict[str, VersionRow]:
    """The versions that these campaigns are in, by campaign."""
    same = sa.and_(
        campaigns.c.app_id == campaign_versions.c.app_id,
        campaigns.c.campaign_id == campaign_versions.c.campaign_id,
        campaigns.c.version == campaign_versions.c.version,
    )
    statement = sa.select(*_version).join(campaigns, same).where(campaign_versions.c.app_id == app_id)
    rows = select_among(connection, statement, campaign_versions.c.campaign_id, campaign_ids)
    return {row.campaign_id: row for row in map(VersionRow._make, rows)}


def get_version(connection: sa.Connection, app_id: str, campaign_id: str, version: int) -> VersionRow | None:
    """One version."""
    where = sa.and_(_is(campaign_versions, app_id, campaign_id), campaign_versions.c.version == version)
    row = connection.execute(sa.select(*_version).where(where)).first()
    return None if row is None else VersionRow(*row)


def keep_approval(connection: sa.Connection, row: VersionRow, approval: bytes) -> None:
    """Keep what became of a version's approval."""
    which = sa.and_(_is(campaign_versions, row.app_id, row.campaign_id), campaign_versions.c.version == row.version)
    connection.execute(sa.update(campaign_versions).where(which).values(approval=approval))


def keep_copies(connection: sa.Connection, row: VersionRow, content: bytes) -> None:
    """Keep other copies of a version's templates."""
    which = sa.and_(_is(campaign_versions, row.app_id, row.campaign_id), campaign_versions.c.version == row.version)
    connection.execute(sa.update(campaign_versions).where(which).values(content=content))


def versions(
    connection: sa.Connection, app_id: str, campaign_id: str, before: int | None, most: int
) -> list[VersionRow]:
    """Versions, newest first, before a number."""
    statement = sa.select(*_version).where(_is(campaign_versions, app_id, campaign_id))
    if before is not None:
        statement = statement.where(campaign_versions.c.version < before)
    rows = connection.execute(statement.order_by(campaign_versions.c.version.desc()).limit(most))
    return [VersionRow(*row) for row in rows]


def listing(
    connection: sa.Connection, app_id: str, after: tuple[int, str] | None, most: int
) -> list[tuple[CampaignRow, VersionRow]]:
    """Campaigns that are not deleted with their latest versions, oldest first, after a (created, id)."""
    latest = sa.and_(
        campaigns.c.app_id == campaign_versions.c.app_id,
        campaigns.c.campaign_id == campaign_versions.c.campaign_id,
        campaigns.c.version == campaign_versions.c.version,
    )
    statement = (
        sa.select(*_campaign, *_version)
        .select_from(sa.join(campaigns, campaign_versions, latest))
        .where(campaigns.c.app_id == app_id, campaigns.c.gone.is_(False))
        .order_by(campaigns.c.created_ms, campaigns.c.campaign_id)
        .limit(most)
    )
    if after is not None:
        place = sa.tuple_(campaigns.c.created_ms, campaigns.c.campaign_id)
        statement = statement.where(place > sa.tuple_(*map(sa.literal, after)))
    size = len(_campaign)
    return [(CampaignRow(*row[:size]), VersionRow(*row[size:])) for row in connection.execute(statement)]


def of_segment(connection: sa.Connection, app_id: str, segment_id: str) -> list[CampaignRow]:
    """Campaigns that use a segment, deleted ones left out; their rows are held until the transaction ends."""
    statement = sa.select(*_campaign).where(
        campaigns.c.app_id == app_id, campaigns.c.segment_id == segment_id, campaigns.c.gone.is_(False)
    )
    rows = connection.execute(statement.order_by(campaigns.c.campaign_id).with_for_update())
    return [CampaignRow(*row) for row in rows]


def remove_campaigns(connection: sa.Connection, app_id: str) -> list[CampaignRow]:
    """Delete all campaigns of an app with their versions; answers what they were."""
    connection.execute(sa.delete(campaign_versions).where(campaign_versions.c.app_id == app_id))
    gone = sa.delete(campaigns).where(campaigns.c.app_id == app_id).returning(*_campaign)
    return [CampaignRow(*row) for row in connection.execute(gone)]


def count_active(
    connection: sa.Connection,
    scope: Scope,
    statuses: Iterable[str],
    *,
    app_id: str | None = None,
    kind: str | None = None,
) -> int:
    """How many campaigns of an account and region, or of one of its apps, have one of these statuses."""
    statement = sa.select(sa.func.count()).where(
        campaigns.c.account == scope.account,
        campaigns.c.region == scope.region,
        campaigns.c.status.in_(statuses),
        campaigns.c.gone.is_(False),
    )
    if app_id is not None:
        statement = statement.where(campaigns.c.app_id == app_id)
    if kind is not None:
        statement = statement.where(campaigns.c.kind == kind)
    return connection.scalar(statement) or 0


def remove_runs(connection: sa.Connection, app_id: str) -> Sequence[str]:
    """Delete all runs of an app; answers the ids of those that were not over."""
    connection.execute(sa.delete(campaign_held).where(campaign_held.c.app_id == app_id))
    gone = sa.delete(campaign_runs).where(campaign_runs.c.app_id == app_id)
    rows = connection.execute(gone.returning(campaign_runs.c.activity_id, campaign_runs.c.state)).all()
    return [activity_id for activity_id, state in rows if state in UNFINISHED]


def new_run(row: CampaignRow, treatment_id: str, number: int, scheduled_ms: int) -> RunRow:
    """A run that begins; its id says which one it is."""
    text = f"{row.app_id}/{row.campaign_id}/{row.epoch}/{number}/{treatment_id}"
    return RunRow(
        app_id=row.app_id,
        activity_id=blake2b(text.encode(), digest_size=16, person=b"clarion-run").hexdigest(),
        campaign_id=row.campaign_id,
        number=number,
        version=row.version,
        treatment_id=treatment_id,
        state="INITIALIZING",
        result=None,
        scheduled_ms=scheduled_ms,
        start_ms=None,
        end_ms=None,
        reason=None,
        members=0,
        others=0,
        parts=1,
        parts_done=0,
        zones=1,
        stopped_ms=None,
        counts=None,
    )


def add_run(connection: sa.Connection, row: RunRow) -> None:
    """A new run."""
    connection.execute(sa.insert(campaign_runs), row._asdict())


def get_run(connection: sa.Connection, app_id: str, activity_id: str, *, lock: bool = False) -> RunRow | None:
    """One run; `lock` holds its row until the transaction ends."""
    where = sa.and_(campaign_runs.c.app_id == app_id, campaign_runs.c.activity_id == activity_id)
    statement = sa.select(*_run).where(where)
    row = connection.execute(statement.with_for_update() if lock else statement).first()
    return None if row is None else RunRow(*row)


def get_runs(
    connection: sa.Connection, app_id: str, activity_ids: Collection[str], *, lock: bool = False
) -> dict[str, RunRow]:
    """These runs by id; `lock` holds their rows until the transaction ends."""
    statement = sa.select(*_run).where(campaign_runs.c.app_id == app_id).order_by(campaign_runs.c.activity_id)
    statement = statement.with_for_update() if lock else statement
    rows = select_among(connection, statement, campaign_runs.c.activity_id, activity_ids)
    return {row.activity_id: row for row in map(RunRow._make, rows)}


def duplicates(connection: sa.Connection, app_id: str, activity_id: str) -> bytes | None:
    """The JSON list of a run's members who get no message since another one has their address."""
    where = sa.and_(campaign_runs.c.app_id == app_id, campaign_runs.c.activity_id == activity_id)
    found: bytes | None = connection.scalar(sa.select(campaign_runs.c.duplicates).where(where))
    return found


def with_duplicates(connection: sa.Connection, app_id: str) -> dict[str, bytes]:
    """The runs of an app that note duplicates, those under way: their JSON lists by run."""
    statement = sa.select(campaign_runs.c.activity_id, campaign_runs.c.duplicates).where(
        campaign_runs.c.app_id == app_id, campaign_runs.c.duplicates.is_not(None)
    )
    return {activity_id: bytes(duplicates) for activity_id, duplicates in connection.execute(statement)}


def change_run(connection: sa.Connection, app_id: str, activity_id: str, **values: object) -> None:
    """Set columns of a run."""
    where = sa.and_(campaign_runs.c.app_id == app_id, campaign_runs.c.activity_id == activity_id)
    connection.execute(sa.update(campaign_runs).where(where).values(**values))


def runs(
    connection: sa.Connection,
    app_id: str,
    campaign_id: str,
    before: tuple[int, str] | None,
    most: int,
    treatment_id: str | None = None,
) -> list[RunRow]:
    """Runs of a campaign, or of one of its treatments, newest first, before a (scheduled, id)."""
    statement = sa.select(*_run).where(_is(campaign_runs, app_id, campaign_id))
    if treatment_id is not None:
        statement = statement.where(campaign_runs.c.treatment_id == treatment_id)
    place = sa.tuple_(campaign_runs.c.scheduled_ms, campaign_runs.c.activity_id)
    if before is not None:
        statement = statement.where(place < sa.tuple_(*map(sa.literal, before)))
    order = (campaign_runs.c.scheduled_ms.desc(), campaign_runs.c.activity_id.desc())
    return [RunRow(*row) for row in connection.execute(statement.order_by(*order).limit(most))]


def cancelled_runs(connection: sa.Connection, app_id: str, since_ms: int) -> list[str]:
    """The ids of an app's runs that were cancelled since then (Unix ms)."""
    statement = sa.select(campaign_runs.c.activity_id).where(
        campaign_runs.c.app_id == app_id, campaign_runs.c.state == "CANCELLED", campaign_runs.c.end_ms >= since_ms
    )
    return list(connection.scalars(statement))


def unfinished_runs(connection: sa.Connection, app_id: str, campaign_id: str) -> list[RunRow]:
    """The runs of a campaign that are not over, in the order of their ids."""
    statement = sa.select(*_run).where(_is(campaign_runs, app_id, campaign_id), campaign_runs.c.state.in_(UNFINISHED))
    return [RunRow(*row) for row in connection.execute(statement.order_by(campaign_runs.c.activity_id))]


def hold(database: Database, connection: sa.Connection, app_id: str, activity_id: str, job: HeldJob) -> None:
    """Keep a job of a run that stands still; there is one of each key."""
    row = {"app_id": app_id, "activity_id": activity_id, **job._asdict()}
    statement = database.insert(campaign_held).on_conflict_do_nothing(index_elements=["app_id", "activity_id", "key"])
    connection.execute(statement, row)


def has_held(connection: sa.Connection, app_id: str, activity_id: str) -> bool:
    """Whether a job is kept of a run."""
    where = sa.and_(campaign_held.c.app_id == app_id, campaign_held.c.activity_id == activity_id)
    return connection.scalar(sa.select(campaign_held.c.key).where(where).limit(1)) is not None


def take_held(connection: sa.Connection, app_id: str, activity_id: str) -> list[HeldJob]:
    """The jobs that were kept of a run, removed."""
    gone = sa.delete(campaign_held).where(campaign_held.c.app_id == app_id, campaign_held.c.activity_id == activity_id)
    rows = connection.execute(gone.returning(*(campaign_held.c[name] for name in HeldJob._fields)))
    return [HeldJob(*row) for row in rows]
