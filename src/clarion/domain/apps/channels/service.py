"""All channels: configure, show, remove, and look up for sending.

A channel is a row with a version that each update raises. What is secret in it is sealed apart from the rest, so that
everything but credentials can be read without a key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.channels.provider import Config
from clarion.core.clock import Clock, iso_ms
from clarion.core.errors import NotFound, Unavailable
from clarion.core.scope import Scope
from clarion.domain.apps import store as apps_store
from clarion.domain.apps.channels import store
from clarion.domain.apps.channels.configs import EmailConfig
from clarion.domain.apps.channels.kinds import KINDS, Kind
from clarion.domain.apps.channels.store import ChannelRow
from clarion.domain.apps.model import App
from clarion.domain.apps.service import Apps
from clarion.shapes.pinpoint import ChannelResponse
from clarion.store.database import Database
from clarion.store.vault import Vault

EMAIL = "EMAIL"

FASTEST = 20_000
"""Messages per second of a channel without a limit: the most that campaign limits can name."""


class Channel(NamedTuple):
    """A configured channel as senders need it; `config` is of the kind's own class, secrets in clear."""

    app_id: str
    kind: str
    enabled: bool
    config: Config


class EmailChannel(NamedTuple):
    """A configured e-mail channel as senders need it."""

    app_id: str
    enabled: bool
    from_address: str
    identity: str
    configuration_set: str


class Channels:
    """All channels. `rates` has limits of lanes in messages per second by kind; 0, or none: no limit."""

    def __init__(
        self, database: Database, apps: Apps, vault: Vault, *, clock: Clock, rates: Mapping[str, int] | None = None
    ) -> None:
        self._database = database
        self._apps = apps
        self._vault = vault
        self._clock = clock
        self._rates = rates or {}
        apps.on_delete(self._app_deleted)

    def find(self, app_id: str, kind: str) -> Channel | None:
        """A project's channel of a kind, such as `GCM`, also a disabled one; None when it is not configured.

        One row is read and opened. Raises Unavailable when its secrets do not open.
        """
        row = self._database.read(lambda connection: store.get(connection, app_id, kind))
        return None if row is None else Channel(row.app_id, row.kind, row.enabled, self._config(row))

    def enabled_kinds(self, app_id: str) -> frozenset[str]:
        """The kinds that are configured and switched on; nothing is opened for it."""
        return self._database.read(lambda connection: store.enabled(connection, app_id))

    def email(self, app_id: str) -> EmailChannel | None:
        """A project's e-mail channel, None when it was never configured. Disabled ones are answered too."""
        found = self.find(app_id, EMAIL)
        if found is None:
            return None
        config = found.config
        assert isinstance(config, EmailConfig)
        return EmailChannel(app_id, found.enabled, config.from_address, config.identity, config.configuration_set)

    def get(self, scope: Scope, app_id: str, kind: str) -> msgspec.Struct:
        """The channel as the API shows it; raises NotFound when it is not configured."""

        def work(connection: sa.Connection) -> ChannelRow:
            self._apps.check(connection, scope, app_id)
            return _required(connection, app_id, kind)

        row = self._database.read(work)
        return self._answer(row, self._config(row))

    def update(self, scope: Scope, app_id: str, kind: str, sent: msgspec.Struct, by: str) -> msgspec.Struct:
        """Configure the channel, with the kind's request; `by` is who does it. Raises Invalid.

        `Enabled` stays when it is not sent; a new channel is enabled.
        """
        declared = KINDS[kind]
        declared.check_sent(declared.read(sent))
        enabled: bool | None = getattr(sent, "enabled", None)

        def work(connection: sa.Connection) -> tuple[ChannelRow, Config]:
            apps_store.lock(connection, app_id)
            self._apps.check(connection, scope, app_id)
            now = self._clock.now_ms()
            old = store.get(connection, app_id, kind)
            config = declared.merge(None if old is None else self._config(old), sent)
            declared.check_whole(config)
            if old is None:
                row = ChannelRow(app_id, kind, enabled is not False, 1, now, now, by, b"", None)
            else:
                row = old._replace(version=old.version + 1, modified_ms=now, modified_by=by)
                row = row._replace(enabled=old.enabled if enabled is None else enabled)
            row = self._sealed(row, config)
            store.save(self._database, connection, row)
            return row, config

        return self._answer(*self._database.write(work))

    def delete(self, scope: Scope, app_id: str, kind: str) -> msgspec.Struct:
        """Remove the channel and its credentials; answers what it was, without secrets when they do not open."""

        def work(connection: sa.Connection) -> ChannelRow:
            self._apps.check(connection, scope, app_id)
            row = _required(connection, app_id, kind)
            store.delete(connection, app_id, kind)
            return row

        row = self._database.write(work)
        try:
            config = self._config(row)
        except Unavailable:
            config = _plain(KINDS[kind], row, b"{}")
        return self._answer(row, config)

    def overview(self, scope: Scope, app_id: str) -> dict[str, ChannelResponse]:
        """Every configured channel by kind, also disabled ones, and the in-app channel all apps have."""

        def work(connection: sa.Connection) -> dict[str, ChannelResponse]:
            self._apps.check(connection, scope, app_id)
            rows = [row for row in store.every(connection, app_id) if row.kind in KINDS]
            found = {row.kind: ChannelResponse(**_common(row)) for row in rows}
            return {**found, "IN_APP": ChannelResponse(enabled=True, is_archived=False, version=0)}

        return self._database.read(work)

    def places(self, scope: Scope | None, app_id: str | None = None) -> list[tuple[str, str, bool]]:
        """Projects, kinds and switches of configured channels: of one project, of all of a scope, or of all there are.

        Raises NotFound for the project.
        """

        def work(connection: sa.Connection) -> list[tuple[str, str, bool]]:
            if scope is not None and app_id is not None:
                self._apps.check(connection, scope, app_id)
            return [place for place in store.places(connection, scope, app_id) if place[1] in KINDS]

        return self._database.read(work)

    def _app_deleted(self, connection: sa.Connection, app: App) -> None:
        store.delete_all(connection, app.id)

    def _config(self, row: ChannelRow) -> Config:
        secrets = b"{}" if row.sealed is None else self._vault.open(row.sealed, row.owner)
        return _plain(KINDS[row.kind], row, secrets)

    def _sealed(self, row: ChannelRow, config: Config) -> ChannelRow:
        """The row with `config` in it, what is secret sealed."""
        members = msgspec.to_builtins(config)
        secrets = {name: value for name in config.SECRET if (value := members.pop(name))}
        sealed = self._vault.seal(msgspec.json.encode(secrets), row.owner) if secrets else None
        return row._replace(config=msgspec.json.encode(members), sealed=sealed)

    def _answer(self, row: ChannelRow, config: Config) -> msgspec.Struct:
        kind = KINDS[row.kind]
        rates = dict.fromkeys(kind.rates, self._rates.get(row.kind) or FASTEST)
        return kind.response(platform=row.kind, **_common(row), **kind.show(config), **rates)


def _plain(kind: Kind, row: ChannelRow, secrets: bytes) -> Config:
    return msgspec.convert({**msgspec.json.decode(row.config), **msgspec.json.decode(secrets)}, kind.config)


def _required(connection: sa.Connection, app_id: str, kind: str) -> ChannelRow:
    row = store.get(connection, app_id, kind)
    if row is None:
        raise NotFound()
    return row


def _common(row: ChannelRow) -> dict[str, Any]:
    """The members that the answers of all kinds have."""
    return {
        "application_id": row.app_id,
        "creation_date": iso_ms(row.created_ms),
        "enabled": row.enabled,
        "has_credential": row.sealed is not None,
        "id": row.kind.lower(),
        "is_archived": False,
        "last_modified_by": row.modified_by,
        "last_modified_date": iso_ms(row.modified_ms),
        "version": row.version,
    }
