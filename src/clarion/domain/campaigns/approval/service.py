"""Verbs of approval: approve or reject the version of a campaign that waits for it."""

from __future__ import annotations

import sqlalchemy as sa
from msgspec.structs import replace

from clarion.core.clock import Clock
from clarion.core.errors import Conflict, Forbidden
from clarion.core.scope import Scope
from clarion.domain.apps.keys import AccessKeys
from clarion.domain.apps.service import Apps
from clarion.domain.campaigns import store
from clarion.domain.campaigns.approval.model import Approval, decode, encode
from clarion.domain.campaigns.service import Campaign, Campaigns
from clarion.domain.campaigns.store import VersionRow
from clarion.store.database import Database
from clarion.wire.keys import MARKETERS


class Approvals:
    """The approvals of every app."""

    def __init__(self, database: Database, apps: Apps, keys: AccessKeys, campaigns: Campaigns, clock: Clock) -> None:
        self._database = database
        self._apps = apps
        self._keys = keys
        self._campaigns = campaigns
        self._clock = clock

    def approve(
        self, scope: Scope, app_id: str, campaign_id: str, version: int | None, *, by: str, comment: str = ""
    ) -> Campaign:
        """Let a campaign run. `version` is the one that was looked at, None: whichever is the latest.

        Raises Forbidden for the key that wrote it, as long as another one could approve it while the project wants
        that; Conflict when there is nothing to approve, or when it was changed.
        """
        mine = not self._apps.settings(scope, app_id).approval_required or self._alone(scope, app_id, by)

        def work(connection: sa.Connection) -> Campaign:
            found, waiting = self._waiting(connection, scope, app_id, campaign_id, version)
            if waiting.author == by and not mine:
                raise Forbidden(
                    f"version {found.version} must be approved by another access key than the one that wrote it"
                )
            if not waiting.waits:
                raise Conflict(f"version {found.version} is approved already")
            self._campaigns.release(connection, scope, app_id, campaign_id)
            self._keep(connection, found, replace(waiting, status="APPROVED"), by, comment)
            return self._campaigns.at(connection, scope, app_id, campaign_id)

        return self._database.write(work)

    def reject(
        self, scope: Scope, app_id: str, campaign_id: str, version: int | None, *, by: str, comment: str = ""
    ) -> Campaign:
        """Say that a campaign must not run as it is. Its author may take it back this way. Raises as `approve`."""

        def work(connection: sa.Connection) -> Campaign:
            found, waiting = self._waiting(connection, scope, app_id, campaign_id, version)
            if not waiting.waits:
                raise Conflict(f"version {found.version} is approved already: pause the campaign, or change it")
            self._keep(connection, found, replace(waiting, status="REJECTED"), by, comment)
            return self._campaigns.at(connection, scope, app_id, campaign_id)

        return self._database.write(work)

    def _waiting(
        self, connection: sa.Connection, scope: Scope, app_id: str, campaign_id: str, version: int | None
    ) -> tuple[VersionRow, Approval]:
        """The latest version and its approval, with the campaign held until the transaction ends."""
        campaign = self._campaigns.at(connection, scope, app_id, campaign_id, lock=True)
        found = campaign.version
        if version is not None and version != found.version:
            raise Conflict(f"the campaign was changed: its latest version is {found.version}")
        approval = decode(found.approval)
        if approval is None:
            raise Conflict(f"version {found.version} needs no approval")
        return found, approval

    def _keep(self, connection: sa.Connection, found: VersionRow, approval: Approval, by: str, comment: str) -> None:
        said = replace(approval, by=by, at_ms=self._clock.now_ms(), comment=comment)
        store.keep_approval(connection, found, encode(said))

    def _alone(self, scope: Scope, app_id: str, by: str) -> bool:
        """Whether there is no other access key that could approve anything in this project."""
        return not any(
            one.access_key_id != by and one.role in MARKETERS and one.app_id in (None, app_id)
            for one in self._keys.listed(scope.account)
        )
