"""Topics of Amazon SNS, by boto3."""

from __future__ import annotations

from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from clarion.channels import amazon
from clarion.core.errors import Unavailable
from clarion.core.settings import Settings


def connected(settings: Settings, topic: str, role: str, seconds: float) -> Any:
    """A client for a topic's region, under a role if there is one. Raises Unavailable."""
    config = Config(connect_timeout=seconds, read_timeout=seconds, retries={"total_max_attempts": 1})
    endpoint = settings.sns_endpoint_url
    try:
        return amazon.connect(
            settings, "sns", region=amazon.region_of(topic), endpoint=endpoint, role=role, config=config
        )
    except BotoCoreError as error:
        raise Unavailable(f"{topic}: {error}") from error


def publish(client: Any, topic: str, message: str) -> None:
    """Publish a message. Raises Unavailable saying why it was not taken."""
    try:
        client.publish(TopicArn=topic, Message=message)
    except ClientError as error:
        said = error.response.get("Error", {})
        raise Unavailable(f"{topic}: {said.get('Code', '')}: {said.get('Message', '')}"[:300]) from error
    except BotoCoreError as error:
        raise Unavailable(f"{topic}: {error}"[:300]) from error
