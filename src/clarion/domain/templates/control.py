"""The control API's calls about templates: previews, and the partials that templates share."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from clarion.core.clock import iso_ms
from clarion.core.errors import Invalid
from clarion.domain.templates import model
from clarion.domain.templates.kinds import KINDS
from clarion.domain.templates.partials.service import decode
from clarion.domain.templates.partials.store import PartialRow
from clarion.domain.templates.preview import Previews
from clarion.domain.templates.service import Templates
from clarion.wire.context import Context
from clarion.wire.control import ControlApi, Nothing
from clarion.wire.keys import DEVELOPERS, READERS

PATH = "/clarion/v1/templates"

Text = Annotated[str, msgspec.Meta(min_length=1)]
PageSize = Annotated[int, msgspec.Meta(ge=1, le=1000)]


class PreviewRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """A stored template by `TemplateName` and `Version`, or the members of one that is not stored (`Template`).

    The recipient is an endpoint of a project, or what `Data` says, which wins.
    """

    template_type: Text
    template_name: str = ""
    version: str | None = None
    template: dict[str, Any] | None = None
    application_id: str = ""
    endpoint_id: str = ""
    data: dict[str, Any] = {}
    locale: str = ""


class PreviewPart(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """One rendered part; `Made` when it is made of another one, `Problem` in place of a text."""

    name: str
    text: str | None = None
    made: bool = False
    problem: str | None = None


class PreviewAnswer(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """The parts, and the variables that neither the recipient nor the defaults give a value."""

    template_type: str
    template_name: str | None = None
    version: str | None = None
    parts: list[PreviewPart] = msgspec.field(default_factory=list)
    missing: list[str]


class PartialRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Which partial."""

    name: Text
    version: int | None = None


class WritePartial(msgspec.Struct, kw_only=True, rename="pascal"):
    """What a partial says."""

    name: Text
    source: str
    description: str = ""


class UsedBy(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """A version of a template that calls the partial; `TemplateType` PARTIAL for another partial."""

    template_type: str
    name: str
    version: int = 0


class PartialAnswer(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """One version of a partial; lists leave out source and uses."""

    name: str
    version: int
    creation_date: str
    description: str = ""
    source: str | None = None
    used_by: list[UsedBy] | None = None


class ListPartials(msgspec.Struct, kw_only=True, rename="pascal"):
    """A page of partials whose names begin with `Prefix`."""

    prefix: str = ""
    limit: PageSize = 100
    next_token: str | None = None


class PartialsAnswer(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """A page."""

    partials: list[PartialAnswer] = msgspec.field(default_factory=list)
    next_token: str | None = None


class TemplatesControl:
    """Handlers of `templates/…`."""

    def __init__(self, templates: Templates, previews: Previews) -> None:
        self._templates = templates
        self._previews = previews

    def add_to(self, control: ControlApi) -> None:
        """Add the routes."""
        control.add(
            "POST",
            f"{PATH}/preview",
            PreviewRequest,
            PreviewAnswer,
            self.preview_template,
            roles=READERS,
            summary="Render a template for somebody and tell which variables have no value.",
        )
        control.add(
            "GET",
            f"{PATH}/partials",
            ListPartials,
            PartialsAnswer,
            self.list_partials,
            roles=READERS,
            summary="List the partials that templates share.",
        )
        control.add(
            "GET",
            f"{PATH}/partials/{{Name}}",
            PartialRequest,
            PartialAnswer,
            self.get_partial,
            roles=READERS,
            summary="Read a shared partial, and who calls it.",
        )
        control.add(
            "PUT",
            f"{PATH}/partials/{{Name}}",
            WritePartial,
            PartialAnswer,
            self.put_partial,
            roles=DEVELOPERS,
            summary="Write a shared partial; its next version is used at once.",
        )
        control.add(
            "DELETE",
            f"{PATH}/partials/{{Name}}",
            PartialRequest,
            Nothing,
            self.delete_partial,
            roles=DEVELOPERS,
            summary="Delete a shared partial that nobody calls.",
        )

    def preview_template(self, ctx: Context, request: PreviewRequest) -> PreviewAnswer:
        kind = KINDS[model.check_kind(request.template_type)]
        if request.template is None:
            name = model.check_name(request.template_name)
            content = self._templates.content(ctx.scope, kind.name, name, request.version)
        else:
            try:
                written = msgspec.convert(request.template, kind.request)
            except msgspec.ValidationError as error:
                raise Invalid(f"Template: {error}") from None
            content = self._templates.unsaved(ctx.scope, kind, written)
        endpoint: dict[str, Any] = {}
        if request.endpoint_id:
            endpoint = self._previews.variables(ctx.scope, request.application_id, request.endpoint_id)
        content = content.for_locale(request.locale or _locale(request.data) or _locale(endpoint))
        found = self._previews.render(kind, content, request.data, endpoint)
        return PreviewAnswer(
            template_type=kind.name,
            template_name=request.template_name or None,
            version=str(content.version) if content.version else None,
            parts=[
                *(PreviewPart(name=name, text=text, made=name in found.made) for name, text in found.parts.items()),
                *(PreviewPart(name=name, problem=problem) for name, problem in found.problems.items()),
            ],
            missing=found.missing,
        )

    def list_partials(self, ctx: Context, request: ListPartials) -> PartialsAnswer:
        rows, token = self._templates.partials.list(ctx.scope, request.prefix, request.limit, request.next_token)
        return PartialsAnswer(partials=[_partial(row) for row in rows], next_token=token)

    def get_partial(self, ctx: Context, request: PartialRequest) -> PartialAnswer:
        row = self._templates.partials.get(ctx.scope, request.name, request.version)
        found = _partial(row)
        found.source = decode(row).source
        found.used_by = [
            UsedBy(template_type=use.kind, name=use.name, version=use.version)
            for use in self._templates.partials.uses(ctx.scope, request.name)
        ]
        return found

    def put_partial(self, ctx: Context, request: WritePartial) -> PartialAnswer:
        name = _name(request.name)
        return _partial(self._templates.partials.put(ctx.scope, name, request.source, request.description))

    def delete_partial(self, ctx: Context, request: PartialRequest) -> Nothing:
        self._templates.partials.delete(ctx.scope, request.name)
        return Nothing()


def _name(name: str) -> str:
    try:
        return model.check_name(name)
    except Invalid as error:
        raise Invalid(error.message.replace("TemplateName", "Name", 1)) from None


def _partial(row: PartialRow) -> PartialAnswer:
    return PartialAnswer(
        name=row.name,
        version=row.version,
        creation_date=iso_ms(row.created_ms),
        description=decode(row).description,
    )


def _locale(variables: dict[str, Any]) -> object:
    demographic = variables.get("Demographic")
    return demographic.get("Locale") if isinstance(demographic, dict) else None
