"""What a campaign's messages say: its template or its written message, compiled once per version.

An unpinned template is read anew for every page, so a run uses the version that is active when it sends; when
the template is gone, the copy made with the campaign's version serves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from clarion.core.errors import NotFound
from clarion.core.scope import Scope
from clarion.domain.apps.channels import Channels
from clarion.domain.campaigns.service import definition
from clarion.domain.campaigns.store import CampaignRow, VersionRow
from clarion.domain.messaging.content import EmailContent, EmailParts, header_pairs, template_parts
from clarion.domain.templates.model import Email, substitutions
from clarion.domain.templates.service import Content, Templates
from clarion.shapes.pinpoint import MessageConfiguration, Template

EMAIL = "EMAIL"

_email = msgspec.json.Decoder(Email).decode


class Contents:
    """Content of campaigns, by version."""

    def __init__(self, channels: Channels, templates: Templates) -> None:
        self._channels = channels
        self._templates = templates

    def can_send(self, row: CampaignRow) -> bool:
        """Whether the project's e-mail channel is there and enabled."""
        channel = self._channels.email(row.app_id)
        return channel is not None and channel.enabled

    def of(self, row: CampaignRow, version: VersionRow) -> EmailContent | None:
        """The compiled content; None when nobody is named to send it and the e-mail channel was removed."""
        wanted = definition(version)
        channel = self._channels.email(row.app_id)
        message = wanted.message_configuration
        email = message.email_message if message else None
        sender = (email.from_address if email else None) or (channel.from_address if channel else None)
        if not sender:
            return None
        template = wanted.template_configuration.email_template if wanted.template_configuration else None
        if template is not None:
            found = self._template(row, version, template)
            return EmailContent(self._templates, template_parts(found), from_address=sender, defaults=found.defaults)
        return EmailContent(self._templates, written(message), from_address=sender)

    def _template(self, row: CampaignRow, version: VersionRow, template: Template) -> Content:
        try:
            return self._templates.content(Scope(row.account, row.region), EMAIL, template.name or "", template.version)
        except NotFound:
            copy = _email(version.content)
            defaults: Mapping[str, Any] = substitutions(copy.default_substitutions)
            return Content(0, copy, defaults)


def written(message: MessageConfiguration | None) -> EmailParts:
    """The parts of a message written into the campaign; the default message serves what the e-mail leaves out."""
    email = message.email_message if message else None
    default = message.default_message if message else None
    subject = (email.title if email else None) or (default.title if default else None)
    html = email.html_body if email else None
    text = (email.body if email else None) or (default.body if default and not html else None)
    return EmailParts(
        subject=subject, html=html, text=text, headers=tuple(header_pairs(email.headers if email else None))
    )
