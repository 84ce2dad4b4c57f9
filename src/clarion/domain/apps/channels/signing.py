"""The secrets that sign a project's calls to hooks and webhooks, in the form of Standard Webhooks.

Each project has one, made when it is first wanted. While it is being changed the one before signs as well, so that a
receiver may learn the new one without missing a call. They are kept as a row of `channels` that is no channel, and so
sealed, sealed anew and removed with the others.

    one ──rotate──> two, the new one and the one before ──a day──> one
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.channels import signatures
from clarion.core.clock import DAY_MS, Clock, perf_seconds
from clarion.core.errors import NotFound
from clarion.core.ids import Ids
from clarion.core.scope import Scope
from clarion.domain.apps import store as apps_store
from clarion.domain.apps.channels import store
from clarion.domain.apps.channels.store import ChannelRow
from clarion.domain.apps.service import Apps
from clarion.store.database import Database
from clarion.store.vault import Vault

KIND = "WEBHOOK_SECRET"
"""Its row among the channels."""

_BYTES = 32
_SEEN_SECONDS = 5.0
"""How long another process may go on signing as before."""
_MOST = 10_000


class Shown(NamedTuple):
    """A project's secrets, `whsec_…`. `previous` signs too until `until_ms` (Unix ms); "" and 0 when there is none."""

    secret: str
    previous: str = ""
    until_ms: int = 0


class _Sealed(msgspec.Struct, frozen=True):
    """What is sealed."""

    secret: str
    previous: str = ""
    until_ms: int = 0
    version: int = 1


_decode = msgspec.json.Decoder(_Sealed).decode


class Signing:
    """The secrets of all projects."""

    def __init__(self, database: Database, apps: Apps, vault: Vault, clock: Clock, ids: Ids) -> None:
        self._database = database
        self._apps = apps
        self._vault = vault
        self._clock = clock
        self._ids = ids
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[float, Shown]] = {}

    def of(self, app_id: str) -> Sequence[bytes]:
        """What signs a project's calls now, the newest first. Raises NotFound without the project, Unavailable when
        the secrets do not open."""
        now = perf_seconds()
        seen = self._seen.get(app_id)
        if seen is None or now - seen[0] > _SEEN_SECONDS:
            shown = self._made(app_id, lambda connection: _known(connection, app_id))
            with self._lock:
                if len(self._seen) >= _MOST:
                    self._seen.clear()
                self._seen[app_id] = (now, shown)
        else:
            shown = seen[1]
        valid = [shown.secret, *([shown.previous] if shown.until_ms > self._clock.now_ms() else [])]
        return signatures.secrets_of(",".join(valid))

    def show(self, scope: Scope, app_id: str) -> Shown:
        """A project's secrets, as its receivers need them."""
        shown = self._made(app_id, lambda connection: self._apps.check(connection, scope, app_id))
        return shown if shown.until_ms > self._clock.now_ms() else Shown(shown.secret)

    def rotate(self, scope: Scope, app_id: str, by: str, *, at_once: bool = False) -> Shown:
        """Make a new secret. The one before signs for another day as well, unless this is to be `at_once`."""

        def work(connection: sa.Connection) -> Shown:
            apps_store.lock(connection, app_id)
            self._apps.check(connection, scope, app_id)
            old = store.get(connection, app_id, KIND)
            if old is None or at_once:
                return self._put(connection, app_id, old, _Sealed(self._fresh()), by)
            until_ms = self._clock.now_ms() + DAY_MS
            before = self._opened(old).secret
            return self._put(connection, app_id, old, _Sealed(self._fresh(), before, until_ms), by)

        shown = self._database.write(work)
        with self._lock:
            self._seen.pop(app_id, None)
        return shown

    def _made(self, app_id: str, check: Callable[[sa.Connection], object]) -> Shown:
        """The secrets, made if there are none yet."""

        def look(connection: sa.Connection) -> Shown | None:
            check(connection)
            row = store.get(connection, app_id, KIND)
            return None if row is None else self._opened(row)

        def make(connection: sa.Connection) -> Shown:
            apps_store.lock(connection, app_id)
            return look(connection) or self._put(connection, app_id, None, _Sealed(self._fresh()), "")

        return self._database.read(look) or self._database.write(make)

    def _put(self, connection: sa.Connection, app_id: str, old: ChannelRow | None, held: _Sealed, by: str) -> Shown:
        now = self._clock.now_ms()
        row = old or ChannelRow(app_id, KIND, False, 0, now, now, by, b"{}", None)
        row = row._replace(version=row.version + 1, modified_ms=now, modified_by=by)
        sealed = self._vault.seal(msgspec.json.encode(held), row.owner)
        store.save(self._database, connection, row._replace(sealed=sealed))
        return Shown(held.secret, held.previous, held.until_ms)

    def _opened(self, row: ChannelRow) -> Shown:
        assert row.sealed is not None
        held = _decode(self._vault.open(row.sealed, row.owner))
        return Shown(held.secret, held.previous, held.until_ms)

    def _fresh(self) -> str:
        return signatures.PREFIX + base64.b64encode(self._ids.secret(_BYTES)).decode()


def _known(connection: sa.Connection, app_id: str) -> None:
    if connection.scalar(sa.select(apps_store.apps.c.id).where(apps_store.apps.c.id == app_id)) is None:
        raise NotFound()
