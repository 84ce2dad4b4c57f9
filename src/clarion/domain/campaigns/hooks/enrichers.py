"""What is asked of others before a campaign's messages are rendered: first the hook, then the recommenders."""

from __future__ import annotations

from clarion.channels.calls.service import Callout
from clarion.core.scope import Scope
from clarion.domain.apps.service import Apps
from clarion.domain.campaigns.content import Contents
from clarion.domain.campaigns.hooks.filtering import filtering
from clarion.domain.campaigns.hooks.telling import direct_form
from clarion.domain.campaigns.store import CampaignRow, VersionRow
from clarion.domain.campaigns.treatments import Treatment
from clarion.domain.messaging.content.composing import written
from clarion.domain.messaging.model import Enricher
from clarion.domain.messaging.recommending import recommenders_of, recommending
from clarion.domain.recommenders.service import Recommenders
from clarion.shapes.pinpoint import CampaignHook


class Enrichers:
    """Of all campaigns."""

    def __init__(self, apps: Apps, contents: Contents, recommenders: Recommenders, callout: Callout) -> None:
        self._apps = apps
        self._contents = contents
        self._recommenders = recommenders
        self._callout = callout

    def of(
        self, row: CampaignRow, version: VersionRow, one: Treatment, hook: CampaignHook | None, scheduled_ms: int
    ) -> list[Enricher]:
        """Those of a treatment, in order. `hook` is the campaign's own; the project's serves campaigns without one.
        Raises Gone."""
        said = self._contents.said(row, version, one)
        found: list[Enricher] = []
        hook = hook if calls(hook) else self._default(row)
        if hook is not None:
            message = direct_form(said.message, said.templates, written(said.message))
            found.append(filtering(self._callout, hook, message, scheduled_ms))
        if named := recommenders_of(said):
            found.append(recommending(self._recommenders, named, scheduled_ms))
        return found

    def _default(self, row: CampaignRow) -> CampaignHook | None:
        """The project's hook as it is now."""
        hook = self._apps.settings(Scope(row.account, row.region), row.app_id).campaign_hook
        return hook if calls(hook) else None


def calls(hook: CampaignHook | None) -> bool:
    """Whether a hook names anybody to call."""
    return hook is not None and bool(hook.lambda_function_name or hook.web_url)
