"""Access keys: who may talk to this installation, for which account, in which role, for which project.

The secret is stored as it is. A signature is checked by computing it again, so the secret must be recoverable;
a key to encrypt it with would have to lie where the database is read from, and would protect from nobody who
can read there. The embedded database's file has mode 0600; a PostgreSQL database needs its own protection.

Every request looks its key up on the event loop, so the keys of all accounts are kept in memory and read again
every second: a key that another process revokes is dead within two, one revoked here at once.
"""

from __future__ import annotations

import base64
import threading
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
import structlog

from clarion.core.clock import Clock
from clarion.core.errors import Invalid, NotFound, Unavailable
from clarion.core.ids import Ids
from clarion.domain.apps.model import App
from clarion.store.database import Database
from clarion.store.schema import metadata
from clarion.wire.keys import AccessKey, Role

REFRESH_SECONDS = 1.0
MAX_LABEL = 100

_log = structlog.get_logger(__name__)

access_keys = sa.Table(
    "access_keys",
    metadata,
    sa.Column("access_key_id", sa.Text, primary_key=True),
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("app_id", sa.Text),
    sa.Column("session_token", sa.Text),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
)


class ListedKey(NamedTuple):
    """A key without its secret. `created_ms` is Unix milliseconds."""

    access_key_id: str
    account: str
    role: Role
    app_id: str | None
    label: str
    created_ms: int


class AccessKeys:
    """All access keys; what the wire looks keys up in (`wire.keys.KeyStore`)."""

    def __init__(self, database: Database, *, clock: Clock, ids: Ids) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._keys: dict[str, AccessKey] = {}
        self._reading = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Read the keys, and go on reading them every second until `stop`."""
        self.refresh()
        self._thread = threading.Thread(target=self._run, name="access-keys", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def find(self, access_key_id: str) -> AccessKey | None:
        """The key as it was at most two seconds ago, None when there was none. Never waits."""
        return self._keys.get(access_key_id)

    def create(self, account: str, role: Role, *, app_id: str | None = None, label: str = "") -> AccessKey:
        """A new key with a random id and secret. Raises Invalid when the role needs a project and has none."""
        key = AccessKey(
            access_key_id="AKIA" + base64.b32encode(self._ids.secret(10)).decode(),
            secret=base64.b64encode(self._ids.secret(30)).decode(),
            account=account,
            role=role,
            app_id=app_id,
        )
        self.ensure(key, label=label)
        return key

    def ensure(self, key: AccessKey, *, label: str = "") -> None:
        """Have exactly this key: for a root key that comes from settings."""
        if key.role == "client" and key.app_id is None:
            raise Invalid("a client key is for one project: name it")
        if len(label) > MAX_LABEL:
            raise Invalid(f"label: must not be longer than {MAX_LABEL} characters")
        row = {
            "secret": key.secret,
            "account": key.account,
            "role": key.role,
            "app_id": key.app_id,
            "session_token": key.session_token,
            "label": label,
        }
        statement = self._database.insert(access_keys).values(
            access_key_id=key.access_key_id, created_ms=self._clock.now_ms(), **row
        )
        statement = statement.on_conflict_do_update(index_elements=[access_keys.c.access_key_id], set_=row)
        self._database.write(lambda connection: connection.execute(statement).rowcount)
        self.refresh()

    def listed(self, account: str | None = None) -> list[ListedKey]:
        """The keys of an account, or all, oldest first."""
        columns = [access_keys.c[name] for name in ListedKey._fields]
        statement = sa.select(*columns).order_by(access_keys.c.created_ms, access_keys.c.access_key_id)
        if account is not None:
            statement = statement.where(access_keys.c.account == account)
        return self._database.read(lambda connection: [ListedKey(*row) for row in connection.execute(statement)])

    def revoke(self, access_key_id: str, account: str | None = None) -> None:
        """Delete a key (of `account`, when given): it is dead here when this returns. Raises NotFound."""
        which = sa.delete(access_keys).where(access_keys.c.access_key_id == access_key_id)
        if account is not None:
            which = which.where(access_keys.c.account == account)
        if not self._database.write(lambda connection: connection.execute(which).rowcount):
            raise NotFound(f"there is no access key {access_key_id}")
        self.refresh()

    def app_deleted(self, connection: sa.Connection, app: App) -> None:
        """Delete the keys that were for this project only."""
        connection.execute(sa.delete(access_keys).where(access_keys.c.app_id == app.id))

    def refresh(self) -> None:
        """Read all keys. One reader at a time, so that an older picture never replaces a newer one."""
        columns = [access_keys.c[name] for name in AccessKey.__struct_fields__]
        with self._reading:
            rows = self._database.read(lambda connection: connection.execute(sa.select(*columns)).all())
            self._keys = {row.access_key_id: _key(row) for row in rows}

    def _run(self) -> None:
        while not self._stopping.wait(REFRESH_SECONDS):
            try:
                self.refresh()
            except Unavailable:
                _log.warning("keys.not_refreshed")


def _key(row: sa.Row[*tuple[Any, ...]]) -> AccessKey:
    return AccessKey(
        access_key_id=row.access_key_id,
        secret=row.secret,
        account=row.account,
        role=cast(Role, row.role),
        app_id=row.app_id,
        session_token=row.session_token,
    )
