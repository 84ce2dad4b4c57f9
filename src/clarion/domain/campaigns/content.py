"""What a treatment says on each channel: its templates or its written messages, compiled once per version.

An unpinned template is read anew for every page, so a run uses the version that is active when it sends. When a
template, or its pinned version, is gone, the copy made with the campaign's version serves.
Source: spec of campaigns, section 3.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec

from clarion.core.errors import Invalid, NotFound
from clarion.core.scope import Scope
from clarion.domain.campaigns.checks.message import named_templates
from clarion.domain.campaigns.store import CampaignRow, VersionRow
from clarion.domain.campaigns.treatments import Treatment, treatments
from clarion.domain.messaging.content import Composer, Content, CustomContent, Said
from clarion.domain.templates import service as templates_service
from clarion.domain.templates.service import Templates
from clarion.shapes.pinpoint import MessageConfiguration, Template, WriteCampaignRequest

CUSTOM = "CUSTOM"

KIND_OF = {"EmailTemplate": "EMAIL", "PushTemplate": "PUSH", "SMSTemplate": "SMS", "InAppTemplate": "INAPP"}
"""Members of TemplateConfiguration → kinds of templates."""

NO_CHANNEL = "no channel is enabled that the campaign has content for"
"""Why a run says nothing to anybody."""


class Gone(Exception):
    """A template of the campaign is gone, and so is its copy; the text says which one."""


class Copies(msgspec.Struct, frozen=True, kw_only=True):
    """Copies of the templates that a campaign's version names, by kind, name and version as they are named there."""

    version: int = 1
    templates: dict[str, msgspec.Raw] = {}


_copies = msgspec.json.Decoder(Copies).decode


class Contents:
    """Content of campaigns, by version and treatment."""

    def __init__(self, composer: Composer, templates: Templates) -> None:
        self._composer = composer
        self._templates = templates

    def copies(self, scope: Scope, wanted: WriteCampaignRequest) -> bytes:
        """Copies of all templates that a definition names. Raises NotFound, Invalid for a version that is no number."""
        found = {}
        for one in treatments(wanted):
            for member, template in named_templates(one.templates):
                kind = KIND_OF[member]
                try:
                    content = self._templates.content(scope, kind, template.name or "", template.version)
                except Invalid as error:
                    raise Invalid(f"{one.at}TemplateConfiguration.{member}.{error.message}") from error
                found[_key(kind, template)] = msgspec.Raw(content.copy())
        return msgspec.json.encode(Copies(templates=found))

    def refreshed(self, scope: Scope, wanted: WriteCampaignRequest, copies: bytes) -> bytes:
        """The copies anew, of the templates that there still are."""
        found = dict(_copies(copies).templates)
        for one in treatments(wanted):
            for member, template in named_templates(one.templates):
                kind = KIND_OF[member]
                with suppress(NotFound):
                    content = self._templates.content(scope, kind, template.name or "", template.version)
                    found[_key(kind, template)] = msgspec.Raw(content.copy())
        return msgspec.json.encode(Copies(templates=found))

    def of(self, row: CampaignRow, version: VersionRow, one: Treatment, scheduled_ms: int) -> dict[str, Content]:
        """The compiled content by channel type, for channels that are switched on. Raises Gone."""
        said = self.said(row, version, one)
        found = dict(self._composer.by_channel(row.app_id, said))
        custom = said.message.custom_message
        if one.delivery is not None and custom is not None and custom.data:
            content = CustomContent(one.delivery.delivery_uri, custom.data, scheduled_ms=scheduled_ms)
            kinds: list[str] = [*(one.delivery.endpoint_types or (CUSTOM,))]
            found |= dict.fromkeys(kinds, content)
        return found

    def said(self, row: CampaignRow, version: VersionRow, one: Treatment) -> Said:
        """What a treatment's messages, and its templates of this moment, say. Raises Gone."""
        found: dict[str, templates_service.Content[Any]] = {}
        for member, template in named_templates(one.templates):
            found[KIND_OF[member]] = self._template(Scope(row.account, row.region), version, KIND_OF[member], template)
        return Said(one.message or MessageConfiguration(), found)

    def _template(
        self, scope: Scope, version: VersionRow, kind: str, template: Template
    ) -> templates_service.Content[Any]:
        try:
            return self._templates.content(scope, kind, template.name or "", template.version)
        except NotFound:
            copy = _copies(version.content).templates.get(_key(kind, template))
            if copy is None:
                raise Gone(f"the {kind} template {template.name} is gone") from None
            return self._templates.copied(kind, bytes(copy))


def _key(kind: str, template: Template) -> str:
    return f"{kind}/{template.name}/{template.version or ''}"
