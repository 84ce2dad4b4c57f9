"""AWS operations of message templates."""

from __future__ import annotations

from typing import Any, cast

from clarion.core.clock import iso_ms
from clarion.core.pages import page_size
from clarion.domain.templates import model
from clarion.domain.templates.kinds import EMAIL, IN_APP, PUSH, SMS, VOICE, Kind
from clarion.domain.templates.service import Templates, decode
from clarion.domain.templates.store import TemplateRow, VersionRow
from clarion.shapes import pinpoint as shapes
from clarion.wire.context import Context


class TemplatesOperations:
    """Mounted on `pinpoint`. The operations of the five kinds differ in their shapes only."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    def create_email_template(
        self, ctx: Context, request: shapes.CreateEmailTemplateRequest
    ) -> shapes.CreateTemplateMessageBody:
        arn = self._create(ctx, EMAIL, request.template_name, request.email_template_request)
        return shapes.CreateTemplateMessageBody(arn=arn, message="Created", request_id=ctx.request_id)

    def create_sms_template(
        self, ctx: Context, request: shapes.CreateSmsTemplateRequest
    ) -> shapes.CreateTemplateMessageBody:
        arn = self._create(ctx, SMS, request.template_name, request.sms_template_request)
        return shapes.CreateTemplateMessageBody(arn=arn, message="Created", request_id=ctx.request_id)

    def create_voice_template(
        self, ctx: Context, request: shapes.CreateVoiceTemplateRequest
    ) -> shapes.CreateTemplateMessageBody:
        arn = self._create(ctx, VOICE, request.template_name, request.voice_template_request)
        return shapes.CreateTemplateMessageBody(arn=arn, message="Created", request_id=ctx.request_id)

    def create_push_template(
        self, ctx: Context, request: shapes.CreatePushTemplateRequest
    ) -> shapes.CreateTemplateMessageBody:
        arn = self._create(ctx, PUSH, request.template_name, request.push_notification_template_request)
        return shapes.CreateTemplateMessageBody(arn=arn, message="Created", request_id=ctx.request_id)

    def create_in_app_template(
        self, ctx: Context, request: shapes.CreateInAppTemplateRequest
    ) -> shapes.TemplateCreateMessageBody:
        arn = self._create(ctx, IN_APP, request.template_name, request.in_app_template_request)
        return shapes.TemplateCreateMessageBody(arn=arn, message="Created", request_id=ctx.request_id)

    def get_email_template(self, ctx: Context, request: shapes.GetEmailTemplateRequest) -> shapes.EmailTemplateResponse:
        return cast(shapes.EmailTemplateResponse, self._get(ctx, EMAIL, request.template_name, request.version))

    def get_sms_template(self, ctx: Context, request: shapes.GetSmsTemplateRequest) -> shapes.SMSTemplateResponse:
        return cast(shapes.SMSTemplateResponse, self._get(ctx, SMS, request.template_name, request.version))

    def get_voice_template(self, ctx: Context, request: shapes.GetVoiceTemplateRequest) -> shapes.VoiceTemplateResponse:
        return cast(shapes.VoiceTemplateResponse, self._get(ctx, VOICE, request.template_name, request.version))

    def get_push_template(
        self, ctx: Context, request: shapes.GetPushTemplateRequest
    ) -> shapes.PushNotificationTemplateResponse:
        found = self._get(ctx, PUSH, request.template_name, request.version)
        return cast(shapes.PushNotificationTemplateResponse, found)

    def get_in_app_template(
        self, ctx: Context, request: shapes.GetInAppTemplateRequest
    ) -> shapes.InAppTemplateResponse:
        return cast(shapes.InAppTemplateResponse, self._get(ctx, IN_APP, request.template_name, request.version))

    def update_email_template(self, ctx: Context, request: shapes.UpdateEmailTemplateRequest) -> shapes.MessageBody:
        return self._update(ctx, EMAIL, request, request.email_template_request)

    def update_sms_template(self, ctx: Context, request: shapes.UpdateSmsTemplateRequest) -> shapes.MessageBody:
        return self._update(ctx, SMS, request, request.sms_template_request)

    def update_voice_template(self, ctx: Context, request: shapes.UpdateVoiceTemplateRequest) -> shapes.MessageBody:
        return self._update(ctx, VOICE, request, request.voice_template_request)

    def update_push_template(self, ctx: Context, request: shapes.UpdatePushTemplateRequest) -> shapes.MessageBody:
        return self._update(ctx, PUSH, request, request.push_notification_template_request)

    def update_in_app_template(self, ctx: Context, request: shapes.UpdateInAppTemplateRequest) -> shapes.MessageBody:
        return self._update(ctx, IN_APP, request, request.in_app_template_request)

    def delete_email_template(self, ctx: Context, request: shapes.DeleteEmailTemplateRequest) -> shapes.MessageBody:
        return self._delete(ctx, EMAIL, request.template_name, request.version)

    def delete_sms_template(self, ctx: Context, request: shapes.DeleteSmsTemplateRequest) -> shapes.MessageBody:
        return self._delete(ctx, SMS, request.template_name, request.version)

    def delete_voice_template(self, ctx: Context, request: shapes.DeleteVoiceTemplateRequest) -> shapes.MessageBody:
        return self._delete(ctx, VOICE, request.template_name, request.version)

    def delete_push_template(self, ctx: Context, request: shapes.DeletePushTemplateRequest) -> shapes.MessageBody:
        return self._delete(ctx, PUSH, request.template_name, request.version)

    def delete_in_app_template(self, ctx: Context, request: shapes.DeleteInAppTemplateRequest) -> shapes.MessageBody:
        return self._delete(ctx, IN_APP, request.template_name, request.version)

    def update_template_active_version(
        self, ctx: Context, request: shapes.UpdateTemplateActiveVersionRequest
    ) -> shapes.MessageBody:
        kind = model.check_kind(request.template_type)
        version = request.template_active_version_request.version
        self._templates.activate(ctx.scope, kind, request.template_name, version)
        return _accepted(ctx)

    def list_templates(self, ctx: Context, request: shapes.ListTemplatesRequest) -> shapes.TemplatesResponse:
        kind = model.check_kind(request.template_type) if request.template_type else None
        size = page_size(request.page_size)
        rows, token = self._templates.list(ctx.scope, kind, request.prefix, size, request.next_token)
        return shapes.TemplatesResponse(item=[_listed(*row) for row in rows], next_token=token)

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

    def _create(self, ctx: Context, kind: Kind, name: str, request: Any) -> str:
        content = self._templates.read(ctx.scope, kind, request)
        return self._templates.create(ctx.scope, kind.name, name, content, request.tags)

    def _get(self, ctx: Context, kind: Kind, name: str, version: str | None) -> Any:
        row, tags = self._templates.get(ctx.scope, kind.name, name, version)
        return kind.answer(
            **kind.said(decode(row)),
            arn=model.arn(ctx.scope, kind.name, row.name),
            creation_date=iso_ms(row.created_ms),
            last_modified_date=iso_ms(row.modified_ms),
            tags=tags,
            template_name=row.name,
            template_type=kind.name,
            version=str(row.version),
        )

    def _update(self, ctx: Context, kind: Kind, request: Any, written: Any) -> shapes.MessageBody:
        content = self._templates.read(ctx.scope, kind, written)
        self._templates.update(
            ctx.scope,
            kind.name,
            request.template_name,
            content,
            version=request.version,
            new_version=bool(request.create_new_version),
        )
        return _accepted(ctx)

    def _delete(self, ctx: Context, kind: Kind, name: str, version: str | None) -> shapes.MessageBody:
        self._templates.delete(ctx.scope, kind.name, name, version)
        return _accepted(ctx)


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
