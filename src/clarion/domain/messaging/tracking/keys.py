"""The secret that tracking tokens are signed with: made once, kept in the state database, shared by processes."""

from __future__ import annotations

import sqlalchemy as sa

from clarion.channels.tracking import Tokens
from clarion.core.ids import Ids
from clarion.store.database import Database
from clarion.store.schema import metadata

KEY_BYTES = 32

_TRACKING = "tracking"

secrets = sa.Table(
    "secrets",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
)


def tokens(database: Database, ids: Ids) -> Tokens:
    """The signer of this database's tracking tokens; makes its key the first time."""
    wanted = sa.select(secrets.c.value).where(secrets.c.name == _TRACKING)

    def work(connection: sa.Connection) -> bytes:
        row = {"name": _TRACKING, "value": ids.secret(KEY_BYTES)}
        connection.execute(database.insert(secrets).on_conflict_do_nothing(index_elements=["name"]), row)
        return bytes(connection.execute(wanted).scalar_one())

    found = database.read(lambda connection: connection.scalar(wanted))
    return Tokens(bytes(found) if found is not None else database.write(work))
