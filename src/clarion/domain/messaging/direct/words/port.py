"""What a round of direct messages asks of the words of any channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from clarion.channels import phones
from clarion.channels.port import Outgoing
from clarion.core.errors import Invalid
from clarion.domain.messaging.content import Recipient, Renderer
from clarion.domain.messaging.content.raw import check_json
from clarion.domain.messaging.model import LaneName
from clarion.domain.templates.handlebars import TemplateCache
from clarion.domain.templates.model import Email, Push, Sms, Voice, check_source
from clarion.domain.templates.service import Content
from clarion.shapes.pinpoint import AddressConfiguration, EndpointSendConfiguration

Target = AddressConfiguration | EndpointSendConfiguration


class Named(NamedTuple):
    """The templates that a request names, None for those it does not."""

    email: Content[Email] | None = None
    push: Content[Push] | None = None
    sms: Content[Sms] | None = None
    voice: Content[Voice] | None = None


class Words(Protocol):
    """What a request says to endpoints of some channel types; made once a request, which it checks: Invalid."""

    @property
    def lane(self) -> LaneName:
        """The way out that its messages take."""

    def speaks(self, channel: str, target: Target) -> bool:
        """Whether anything is said to this target on a channel of that type."""

    def message(self, render: Renderer, recipient: Recipient, target: Target) -> Outgoing:
        """The message for one recipient. Raises RenderError, Invalid for what could never be delivered."""


class Nothing(Invalid):
    """The request has no message for a channel."""

    def __init__(self, channel: str) -> None:
        super().__init__(f"The request has no message for the channel {channel}")


def check_overrides(field: str, target: Target, cache: TemplateCache) -> None:
    """Raise Invalid naming member, line and column when an override of `field` does not compile."""
    check_source(f"{field}.TitleOverride", target.title_override, cache)
    check_source(f"{field}.BodyOverride", target.body_override, cache)
    check_raw(f"{field}.RawContent", target.raw_content, cache)


def check_raw(member: str, source: str | None, cache: TemplateCache) -> None:
    """Raise Invalid for raw content that is no JSON, or that does not compile."""
    check_json(member, source)
    check_source(member, source, cache)


def check_number(address: str) -> None:
    """Raise Invalid for what is no phone number."""
    if phones.e164(address) is None:
        raise Invalid(f"{address!r} is not a phone number such as +4930123456")


def first(*values: str | None) -> str | None:
    """The first text that says something."""
    return next((value for value in values if value), None)


def given(substitutions: Mapping[str, list[str]] | None) -> Mapping[str, list[str]]:
    """Substitutions, none when there are none."""
    return substitutions or {}
