"""boto3 clients as the settings say: whose access key, which region, which role. Whoever imports this loads boto3.

Endpoints in the environment (AWS_ENDPOINT_URL…) are left alone: they are there to lead programs to Clarion itself.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import NoCredentialsError

from clarion.core.settings import Settings


def region_of(arn: str) -> str:
    """The region in an ARN; nothing for what is only a name."""
    return arn.split(":")[3] if arn.startswith("arn:") and arn.count(":") >= 5 else ""


def connect(settings: Settings, service: str, *, region: str, endpoint: str, role: str, config: Config) -> Any:
    """A client of a service. Without `region` the settings' counts; the role, if there is one, is assumed by it.

    What `endpoint` names stands in for AWS and need not know roles, unless something stands in for STS, too. Raises
    NoCredentialsError where a role is to be assumed by nobody.
    """
    core = botocore.session.get_session()
    core.register_component("data_loader", _models())
    core.set_config_variable("ignore_configured_endpoint_urls", True)
    region = region or settings.callout_region or core.get_config_variable("region") or "us-east-1"
    if settings.callout_access_key_id:
        core.set_credentials(settings.callout_access_key_id, settings.callout_secret_access_key)
    if role and (not endpoint or settings.sts_endpoint_url):
        core._credentials = _assumed(settings, core, role, region, config)
    return core.create_client(service, endpoint_url=endpoint or None, region_name=region, config=config)


@cache
def _models() -> Any:
    """The service models read from disk, once for all clients: each session of its own would keep 10 MiB of them."""
    return botocore.session.get_session().get_component("data_loader")


def _assumed(settings: Settings, core: Any, role: str, region: str, config: Config) -> Any:
    """The credentials of a role, fetched anew before they expire."""

    def client(service: str, **given: Any) -> Any:
        given |= {"region_name": region, "config": config}
        return core.create_client(service, endpoint_url=settings.sts_endpoint_url or None, **given)

    own = core.get_credentials()
    if own is None:
        raise NoCredentialsError
    fetcher = AssumeRoleCredentialFetcher(client, own, role, extra_args={"RoleSessionName": "clarion"})
    return DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")
