"""AWS operations of message templates (e-mail, and what all kinds share)."""

from __future__ import annotations

from clarion.core.clock import iso_ms
from clarion.core.pages import page_size
from clarion.domain.templates import model
from clarion.domain.templates.service import Templates, decode
from clarion.domain.templates.store import TemplateRow, VersionRow
from clarion.shapes import pinpoint as shapes
from clarion.wire.context import Context
from clarion.wire.registry import partial

EMAIL: shapes.TemplateType = "EMAIL"


class TemplatesOperations:
    """Mounted on `pinpoint`."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    def create_email_template(
        self, ctx: Context, request: shapes.CreateEmailTemplateRequest
    ) -> shapes.CreateTemplateMessageBody:
        content = model.email(request.email_template_request, self._templates.cache)
        tags = request.email_template_request.tags
        arn = self._templates.create(ctx.scope, EMAIL, request.template_name, content, tags)
        return shapes.CreateTemplateMessageBody(arn=arn, message="Created", request_id=ctx.request_id)

    def get_email_template(self, ctx: Context, request: shapes.GetEmailTemplateRequest) -> shapes.EmailTemplateResponse:
        row, tags = self._templates.get(ctx.scope, EMAIL, request.template_name, request.version)
        content = decode(row)
        return shapes.EmailTemplateResponse(
            arn=model.arn(ctx.scope, EMAIL, row.name),
            creation_date=iso_ms(row.created_ms),
            default_substitutions=content.default_substitutions,
            html_part=content.html,
            last_modified_date=iso_ms(row.modified_ms),
            recommender_id=content.recommender_id,
            subject=content.subject,
            headers=content.headers,
            tags=tags,
            template_description=content.description,
            template_name=row.name,
            template_type=EMAIL,
            text_part=content.text,
            version=str(row.version),
        )

    def update_email_template(self, ctx: Context, request: shapes.UpdateEmailTemplateRequest) -> shapes.MessageBody:
        content = model.email(request.email_template_request, self._templates.cache)
        self._templates.update(
            ctx.scope,
            EMAIL,
            request.template_name,
            content,
            version=request.version,
            new_version=bool(request.create_new_version),
        )
        return _accepted(ctx)

    def delete_email_template(self, ctx: Context, request: shapes.DeleteEmailTemplateRequest) -> shapes.MessageBody:
        self._templates.delete(ctx.scope, EMAIL, request.template_name, request.version)
        return _accepted(ctx)

    @partial("e-mail templates only")
    def update_template_active_version(
        self, ctx: Context, request: shapes.UpdateTemplateActiveVersionRequest
    ) -> shapes.MessageBody:
        kind = model.check_kind(request.template_type)
        version = request.template_active_version_request.version
        self._templates.activate(ctx.scope, kind, request.template_name, version)
        return _accepted(ctx)

    @partial("e-mail templates only")
    def list_templates(self, ctx: Context, request: shapes.ListTemplatesRequest) -> shapes.TemplatesResponse:
        kind = model.check_kind(request.template_type) if request.template_type else None
        size = page_size(request.page_size)
        rows, token = self._templates.list(ctx.scope, kind, request.prefix, size, request.next_token)
        return shapes.TemplatesResponse(item=[_listed(*row) for row in rows], next_token=token)

    @partial("e-mail templates only")
    def list_template_versions(
        self, ctx: Context, request: shapes.ListTemplateVersionsRequest
    ) -> shapes.TemplateVersionsResponse:
        kind = model.check_kind(request.template_type)
        size = page_size(request.page_size)
        rows, token = self._templates.versions(ctx.scope, kind, request.template_name, size, request.next_token)
        return shapes.TemplateVersionsResponse(
            item=[_version(row) for row in rows],
            message="Accepted",
            next_token=token,
            request_id=ctx.request_id,
        )


def _accepted(ctx: Context) -> shapes.MessageBody:
    return shapes.MessageBody(message="Accepted", request_id=ctx.request_id)


def _listed(template: TemplateRow, active: VersionRow) -> shapes.TemplateResponse:
    return shapes.TemplateResponse(
        creation_date=iso_ms(template.created_ms),
        last_modified_date=iso_ms(active.modified_ms),
        template_name=template.name,
        template_type=model.check_kind(template.kind),
        version=str(template.active),
    )


def _version(row: VersionRow) -> shapes.TemplateVersionResponse:
    content = decode(row)
    return shapes.TemplateVersionResponse(
        creation_date=iso_ms(row.created_ms),
        default_substitutions=content.default_substitutions,
        last_modified_date=iso_ms(row.modified_ms),
        template_description=content.description,
        template_name=row.name,
        template_type=row.kind,
        version=str(row.version),
    )
