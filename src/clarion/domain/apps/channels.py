"""The channels of a project: what is configured, and whether it is switched on.

A channel is a row with a version that each update raises; the kind's own members are the document of its
request. In-app and custom messages need no channel. Sources: spec of the audience, 1.1; spec of e-mail, 1.1.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.core.clock import Clock, iso_ms
from clarion.core.errors import NotFound
from clarion.core.scope import Scope
from clarion.domain.apps import store
from clarion.domain.apps.model import check_email_channel
from clarion.domain.apps.service import Apps
from clarion.domain.apps.store import ChannelRow
from clarion.shapes.pinpoint import ChannelResponse, EmailChannelRequest, EmailChannelResponse
from clarion.store.database import Database

EMAIL = "EMAIL"

FASTEST = 20_000
"""MessagesPerSecond of a channel without a limit: the most that campaign limits can name."""


class EmailChannel(NamedTuple):
    """A configured e-mail channel as senders need it."""

    app_id: str
    enabled: bool
    from_address: str
    identity: str
    configuration_set: str


class Channels:
    """All channels. `email_rate` is the lane's limit in messages per second, 0: none."""

    def __init__(self, database: Database, apps: Apps, *, clock: Clock, email_rate: int = 0) -> None:
        self._database = database
        self._apps = apps
        self._clock = clock
        self._email_rate = email_rate or FASTEST

    def email(self, app_id: str) -> EmailChannel | None:
        """A project's e-mail channel, None when it was never configured. Disabled ones are answered too."""
        row = self._database.read(lambda connection: store.channel(connection, app_id, EMAIL))
        if row is None:
            return None
        config = _email(row)
        return EmailChannel(app_id, row.enabled, config.from_address, config.identity, config.configuration_set or "")

    def get_email(self, scope: Scope, app_id: str) -> EmailChannelResponse:
        """The channel as the API shows it; raises NotFound when it was never configured."""

        def work(connection: sa.Connection) -> EmailChannelResponse:
            self._apps.check(connection, scope, app_id)
            return self._email_answer(_required(connection, app_id, EMAIL))

        return self._database.read(work)

    def update_email(self, scope: Scope, app_id: str, sent: EmailChannelRequest, by: str) -> EmailChannelResponse:
        """Configure the channel anew; `by` is who does it.

        What is not sent is unset, but for `Enabled`: it stays, and a new channel is enabled.
        """
        check_email_channel(sent)
        config = msgspec.structs.replace(sent, enabled=None)
        return self._email_answer(self._save(scope, app_id, EMAIL, msgspec.json.encode(config), sent.enabled, by))

    def delete_email(self, scope: Scope, app_id: str) -> EmailChannelResponse:
        """Remove the channel; answers what it was."""
        return self._email_answer(self._delete(scope, app_id, EMAIL))

    def overview(self, scope: Scope, app_id: str) -> dict[str, ChannelResponse]:
        """Every configured channel by kind, also disabled ones, and the in-app channel all apps have."""

        def work(connection: sa.Connection) -> dict[str, ChannelResponse]:
            self._apps.check(connection, scope, app_id)
            found = {row.kind: _overview(row) for row in store.all_channels(connection, app_id)}
            return {**found, "IN_APP": ChannelResponse(enabled=True, is_archived=False, version=0)}

        return self._database.read(work)

    def _save(self, scope: Scope, app_id: str, kind: str, config: bytes, enabled: bool | None, by: str) -> ChannelRow:
        def work(connection: sa.Connection) -> ChannelRow:
            store.lock(connection, app_id)
            self._apps.check(connection, scope, app_id)
            now = self._clock.now_ms()
            old = store.channel(connection, app_id, kind)
            if enabled is None:
                switched_on = True if old is None else old.enabled
            else:
                switched_on = enabled
            version, created_ms = (1, now) if old is None else (old.version + 1, old.created_ms)
            row = ChannelRow(app_id, kind, switched_on, version, created_ms, now, by, config)
            store.save_channel(self._database, connection, row)
            return row

        return self._database.write(work)

    def _delete(self, scope: Scope, app_id: str, kind: str) -> ChannelRow:
        def work(connection: sa.Connection) -> ChannelRow:
            self._apps.check(connection, scope, app_id)
            row = _required(connection, app_id, kind)
            store.delete_channel(connection, app_id, kind)
            return row

        return self._database.write(work)

    def _email_answer(self, row: ChannelRow) -> EmailChannelResponse:
        config = _email(row)
        return EmailChannelResponse(
            application_id=row.app_id,
            configuration_set=config.configuration_set,
            creation_date=iso_ms(row.created_ms),
            enabled=row.enabled,
            from_address=config.from_address,
            has_credential=False,
            id=row.kind.lower(),
            identity=config.identity,
            is_archived=False,
            last_modified_by=row.modified_by,
            last_modified_date=iso_ms(row.modified_ms),
            messages_per_second=self._email_rate,
            platform=row.kind,
            role_arn=config.role_arn,
            orchestration_sending_role_arn=config.orchestration_sending_role_arn,
            version=row.version,
        )


def _email(row: ChannelRow) -> EmailChannelRequest:
    return msgspec.json.decode(row.config, type=EmailChannelRequest)


def _required(connection: sa.Connection, app_id: str, kind: str) -> ChannelRow:
    row = store.channel(connection, app_id, kind)
    if row is None:
        raise NotFound()
    return row


def _overview(row: ChannelRow) -> ChannelResponse:
    return ChannelResponse(
        application_id=row.app_id,
        creation_date=iso_ms(row.created_ms),
        enabled=row.enabled,
        has_credential=False,
        id=row.kind.lower(),
        is_archived=False,
        last_modified_by=row.modified_by,
        last_modified_date=iso_ms(row.modified_ms),
        version=row.version,
    )
