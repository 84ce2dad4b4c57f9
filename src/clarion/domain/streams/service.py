"""Verbs of event streams: put, look at, delete, test, try now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec
import sqlalchemy as sa

from clarion.channels.streaming.port import UNAVAILABLE, Destination
from clarion.core.clock import Clock
from clarion.core.errors import Invalid, NotFound, Unavailable
from clarion.core.ids import Ids
from clarion.core.scope import Scope
from clarion.domain.apps.model import App
from clarion.domain.apps.service import Apps
from clarion.domain.streams import backlog, model, store, turns
from clarion.domain.streams.backlog import New, Refused
from clarion.domain.streams.packing import Piece, pack
from clarion.domain.streams.store import Listed, StreamRow
from clarion.domain.streams.turns import Failure
from clarion.engine import log
from clarion.engine.jobs import Jobs
from clarion.shapes.pinpoint import WriteEventStream
from clarion.store.database import Database
from clarion.store.vault import Vault

ERASE = "streams.erase"
NOT_FOUND = "Resource not found"
"""As Pinpoint's own calls say it."""
NO_STREAM = "the project has no event stream"


class Outlets(Protocol):
    """Where destinations come from."""

    def open(self, uri: str, *, role: str, account: str, app_id: str) -> Destination:
        """See `channels.streaming.catalog.open_destination`."""
        ...

    def shown(self, uri: str) -> str:
        """The URI as anybody may see it."""
        ...


class Erase(msgspec.Struct):
    """Arguments of `streams.erase`."""

    stream_id: str
    version: int = 1


class Streams:
    """The event streams of all projects, one each. `wake` is called when there is something to send."""

    def __init__(
        self, database: Database, apps: Apps, outlets: Outlets, vault: Vault, jobs: Jobs, clock: Clock, ids: Ids
    ) -> None:
        self._database = database
        self._apps = apps
        self._outlets = outlets
        self._vault = vault
        self._jobs = jobs
        self._clock = clock
        self._ids = ids
        self.wake: Callable[[], None] = lambda: None
        apps.on_delete(self._app_deleted)

    def put(self, scope: Scope, app_id: str, sent: WriteEventStream, principal: str) -> StreamRow:
        """Have what happens in a project from now on streamed there; what waits for a former destination, too.

        The destination is asked first. Raises Invalid saying what is wrong with it. One that does not answer is taken,
        as one that fails later would be: events wait for it, and `status` says so.
        """
        app = self._apps.require(scope, app_id)
        uri = self._meant(app_id, sent.destination_stream_arn)
        model.check(uri, sent.role_arn)
        away = self._ask(uri, sent.role_arn, app)
        destination = self._outlets.shown(uri)

        def work(connection: sa.Connection) -> StreamRow:
            self._apps.check(connection, scope, app_id)
            before = store.get(connection, app_id, lock=True)
            row = StreamRow(
                app_id=app_id,
                stream_id=before.stream_id if before else self._ids.hex32(),
                account=scope.account,
                region=scope.region,
                destination=destination,
                sealed=None,
                role=sent.role_arn,
                number=before.number + 1 if before else 1,
                behind=before.behind if before else log.newest(connection),
                modified_ms=self._clock.now_ms(),
                modified_by=principal,
            )
            if destination != uri:
                row = row._replace(sealed=self._vault.seal(uri.encode(), row.owner))
            store.put(connection, row)
            if away:
                turns.fail(connection, app_id, Failure(UNAVAILABLE, away, 1, row.modified_ms), row.modified_ms)
            self._database.after_commit(connection, lambda: self.wake())
            return row

        return self._database.write(work)

    def get(self, scope: Scope, app_id: str) -> StreamRow:
        """A project's stream. Raises NotFound."""
        self._apps.require(scope, app_id)
        return self._database.read(lambda connection: self._required(connection, app_id))

    def delete(self, scope: Scope, app_id: str) -> StreamRow:
        """End a stream; what it had not sent is dropped. Answers what it was."""

        def work(connection: sa.Connection) -> StreamRow:
            self._apps.check(connection, scope, app_id)
            row = self._required(connection, app_id, lock=True)
            self._remove(connection, row)
            return row

        return self._database.write(work)

    def all(self, scope: Scope) -> list[Listed]:
        """Every stream of an account in a region, and how far it is."""
        return self._database.read(lambda connection: store.listed(connection, scope))

    def status(self, scope: Scope, app_id: str) -> Listed:
        """How far a project's stream is."""
        self._apps.require(scope, app_id)
        found = self._database.read(lambda connection: store.listed(connection, app_id=app_id))
        if not found:
            raise NotFound(NO_STREAM)
        return found[0]

    def backlog_bytes(self) -> int:
        """What waits for all streams of the installation, packed."""
        return self._database.read(backlog.total_bytes)

    def test(self, scope: Scope, app_id: str) -> tuple[str, str]:
        """Have a record of type `_test.event_stream` sent behind what waits; answers its type and `client_id`.

        The destination is asked first, as `put` does; it has to answer.
        """
        app = self._apps.require(scope, app_id)
        row = self.get(scope, app_id)
        if away := self._ask(self.uri_of(row), row.role, app):
            raise Invalid(away)
        client_id = self._ids.uuid()
        now = self._clock.now_ms()
        body = pack([Piece("record", client_id.encode() + b"\0" + _test_record(app, client_id, now))])

        def work(connection: sa.Connection) -> None:
            held = store.of_apps(connection, [app_id], share=True).get(app_id)
            if held is None:
                raise NotFound(NO_STREAM)
            backlog.add(connection, {app_id: [New(held.stream_id, now, 1, len(body), body)]})
            self._database.after_commit(connection, lambda: self.wake())

        self._database.write(work)
        return model.TEST, client_id

    def retry(self, scope: Scope, app_id: str) -> StreamRow:
        """Try now what would be tried later."""

        def work(connection: sa.Connection) -> StreamRow:
            self._apps.check(connection, scope, app_id)
            row = self._required(connection, app_id)
            store.hasten(connection, app_id)
            self._database.after_commit(connection, lambda: self.wake())
            return row

        return self._database.write(work)

    def refused(self, scope: Scope, app_id: str) -> list[Refused]:
        """The last records that the destination would never take, newest first."""
        row = self.get(scope, app_id)
        return self._database.read(lambda connection: backlog.refused(connection, row.stream_id))

    def uri_of(self, row: StreamRow) -> str:
        """The whole destination. Raises Unavailable when its secret does not open."""
        return row.destination if row.sealed is None else self._vault.open(row.sealed, row.owner).decode()

    def open(self, row: StreamRow) -> Destination:
        """The way out of a stream. Raises Invalid, Unavailable."""
        return self._outlets.open(self.uri_of(row), role=row.role, account=row.account, app_id=row.app_id)

    def _meant(self, app_id: str, sent: str) -> str:
        """What was sent; what is stored, when that is sent back as it is shown, without its secret."""
        before = self._database.read(lambda connection: store.get(connection, app_id))
        return self.uri_of(before) if before is not None and before.destination == sent else sent

    def _ask(self, uri: str, role: str, app: App) -> str:
        """Why a destination does not answer, "" when it does and would take events. Raises Invalid."""
        destination = self._outlets.open(uri, role=role, account=app.scope.account, app_id=app.id)
        try:
            destination.check()
        except Unavailable as error:
            return error.message
        finally:
            destination.close()
        return ""

    def _required(self, connection: sa.Connection, app_id: str, *, lock: bool = False) -> StreamRow:
        row = store.get(connection, app_id, lock=lock)
        if row is None:
            raise NotFound(NOT_FOUND)
        return row

    def _remove(self, connection: sa.Connection, row: StreamRow) -> None:
        store.remove(connection, row.app_id)
        key = f"{ERASE}:{row.stream_id}"
        self._jobs.enqueue(connection, ERASE, Erase(row.stream_id), due_ms=self._clock.now_ms(), key=key)

    def _app_deleted(self, connection: sa.Connection, app: App) -> None:
        row = store.get(connection, app.id, lock=True)
        if row is not None:
            self._remove(connection, row)


def _test_record(app: App, client_id: str, now_ms: int) -> bytes:
    record = {
        "event_type": model.TEST,
        "event_timestamp": now_ms,
        "arrival_timestamp": now_ms,
        "event_version": "3.1",
        "application": {"app_id": app.id, "sdk": {}},
        "client": {"client_id": client_id},
        "device": {"platform": {}},
        "session": {},
        "attributes": {},
        "metrics": {},
        "awsAccountId": app.scope.account,
    }
    return msgspec.json.encode(record) + b"\n"
