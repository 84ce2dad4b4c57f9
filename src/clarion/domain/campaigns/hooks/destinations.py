"""Whom a campaign may call: checked when it is defined, so that nobody finds out at night."""

from __future__ import annotations

from typing import Protocol

from clarion.core.errors import Invalid
from clarion.domain.campaigns.checks.delivery import is_url
from clarion.domain.campaigns.treatments import treatments
from clarion.shapes.pinpoint import CampaignHook, WriteCampaignRequest


class Reachable(Protocol):
    """What is needed of `channels.calls.service.Callouts`."""

    def check_uri(self, member: str, uri: str) -> None:
        """Raise Invalid naming the member unless this may be called at all."""
        ...

    def check_webhook(self, member: str, url: str, account: str) -> None:
        """Raise Invalid naming the member unless the URL says that it takes calls of the account."""
        ...


class Destinations:
    """Functions and URLs that campaigns name."""

    def __init__(self, callouts: Reachable) -> None:
        self._callouts = callouts

    def check(self, account: str, wanted: WriteCampaignRequest, before: WriteCampaignRequest | None = None) -> None:
        """Raise Invalid for a hook or a custom channel that cannot be called.

        A custom channel's URL is asked whether it expects calls of the account, once, and again only when it was
        not named in the version `before`: a webhook that is down must not keep anybody from pausing a campaign.
        """
        self._check_hook(wanted.hook)
        asked = _urls(before) if before is not None else set()
        for one in treatments(wanted):
            if one.delivery is None:
                continue
            member, uri = f"{one.at}CustomDeliveryConfiguration.DeliveryUri", one.delivery.delivery_uri
            self._callouts.check_uri(member, uri)
            if is_url(uri) and uri not in asked:
                self._callouts.check_webhook(member, uri, account)
                asked.add(uri)

    def _check_hook(self, hook: CampaignHook | None) -> None:
        if hook is None:
            return
        if hook.lambda_function_name:
            self._callouts.check_uri("Hook.LambdaFunctionName", hook.lambda_function_name)
        if hook.web_url:
            if "://" not in hook.web_url:
                raise Invalid("Hook.WebUrl: must be an https:// URL")
            self._callouts.check_uri("Hook.WebUrl", hook.web_url)


def _urls(wanted: WriteCampaignRequest) -> set[str]:
    return {one.delivery.delivery_uri for one in treatments(wanted) if one.delivery is not None}
