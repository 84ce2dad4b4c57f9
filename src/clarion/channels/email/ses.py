"""E-mail by Amazon SES: each message as it is, by SendEmail of its API (version 2).

    SendEmail (raw MIME) ─→ SES's own message id
    configuration set or identity ─→ topic of SNS ─→ /providers/{name}: bounces, complaints, deliveries

SES puts its own Message-ID and Date in, signs with its own key and has its own envelope sender: a signature of ours
would be broken there, so there is none. Our id travels as tags. `ses_sending` talks to AWS, and loads boto3.
"""

from __future__ import annotations

import re
from typing import Any

from clarion.channels import sns
from clarion.channels.email import headers
from clarion.channels.email.notifications import ses_webhook
from clarion.channels.port import Transport
from clarion.channels.provider import Provider, ProviderConfig, Surroundings, Webhook
from clarion.core.errors import Invalid

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ARN = re.compile(r"arn:aws[a-z-]*:[a-z]+:[a-z0-9-]*:\d{12}:[A-Za-z0-9_./@+=-]{1,256}")


class SesConfig(ProviderConfig, kw_only=True, frozen=True):
    """One account and region. The access key is that of the settings (`callout_access_key_id`), or what boto3 finds.

    `configuration_set` applies to everything that is sent. `topic` is the ARN of the SNS topic that posts to us what
    became of it. `identity` is the ARN of somebody else's identity that we may send for.
    """

    region: str = ""
    role: str = ""
    configuration_set: str = ""
    topic: str = ""
    identity: str = ""
    connections: int = 20
    timeout_seconds: int = 30

    def check(self) -> None:
        """See `ProviderConfig.check`."""
        if self.region and not re.fullmatch(r"[a-z0-9-]{3,32}", self.region):
            raise Invalid("region: must be a region of AWS, such as eu-central-1")
        if self.configuration_set and not _NAME.fullmatch(self.configuration_set):
            raise Invalid("configuration_set: must be 1 to 64 letters, digits, hyphens and underscores")
        sns.check_topic("topic", self.topic)
        for member in ("role", "identity"):
            if (value := getattr(self, member)) and not _ARN.fullmatch(value):
                raise Invalid(f"{member}: must be an ARN")
        if not 1 <= self.connections <= 200:
            raise Invalid("connections: must be from 1 to 200")
        if not 1 <= self.timeout_seconds <= 600:
            raise Invalid("timeout_seconds: must be from 1 to 600")


def _build(config: SesConfig, given: Surroundings) -> Transport[Any]:
    from clarion.channels.email.ses_sending import SesTransport

    return SesTransport(config, given.settings)


def _webhook(config: SesConfig, given: Surroundings) -> Webhook:
    return ses_webhook(config.topic, given)


PROVIDER = Provider(
    kind="ses",
    channel="email",
    title="Amazon SES",
    config=SesConfig,
    build=_build,
    identity=lambda config, message: headers.sending_domain(message),
    features=frozenset(("tls", "several connections", "tracking", "bounces", "check")),
    webhook=_webhook,
)
