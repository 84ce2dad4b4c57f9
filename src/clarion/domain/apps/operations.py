"""AWS operations on projects, their settings and tags."""

from __future__ import annotations

from clarion.core.errors import Forbidden
from clarion.domain.apps.service import Apps, Described
from clarion.domain.apps.tags import Tags
from clarion.shapes.pinpoint import (
    ApplicationResponse,
    ApplicationSettingsResource,
    ApplicationsResponse,
    CreateAppRequest,
    DeleteAppRequest,
    GetApplicationSettingsRequest,
    GetAppRequest,
    GetAppsRequest,
    ListTagsForResourceRequest,
    TagResourceRequest,
    TagsModel,
    UntagResourceRequest,
    UpdateApplicationSettingsRequest,
)
from clarion.wire.context import Context
from clarion.wire.keys import DEVELOPERS


class AppsOperations:
    """Mounted on `pinpoint`."""

    def __init__(self, apps: Apps, tags: Tags) -> None:
        self._apps = apps
        self._tags = tags

    def create_app(self, ctx: Context, request: CreateAppRequest) -> ApplicationResponse:
        sent = request.create_application_request
        return _answer(self._apps.create(ctx.scope, sent.name, sent.tags))

    def get_app(self, ctx: Context, request: GetAppRequest) -> ApplicationResponse:
        return _answer(self._apps.get(ctx.scope, request.application_id))

    def get_apps(self, ctx: Context, request: GetAppsRequest) -> ApplicationsResponse:
        found, following = self._apps.page(ctx.scope, request.page_size, request.token)
        return ApplicationsResponse(item=[_answer(described) for described in found], next_token=following)

    def delete_app(self, ctx: Context, request: DeleteAppRequest) -> ApplicationResponse:
        return _answer(self._apps.delete(ctx.scope, request.application_id))

    def get_application_settings(
        self, ctx: Context, request: GetApplicationSettingsRequest
    ) -> ApplicationSettingsResource:
        return self._apps.settings(ctx.scope, request.application_id)

    def update_application_settings(
        self, ctx: Context, request: UpdateApplicationSettingsRequest
    ) -> ApplicationSettingsResource:
        sent = request.write_application_settings_request
        if sent.approval_required is not None and ctx.role not in DEVELOPERS:
            known = self._apps.settings(ctx.scope, request.application_id).approval_required
            if sent.approval_required != bool(known):
                raise Forbidden("ApprovalRequired: only a developer or an admin may change it")
        return self._apps.update_settings(ctx.scope, request.application_id, sent)

    def tag_resource(self, ctx: Context, request: TagResourceRequest) -> None:
        self._tags.tag(ctx.scope, request.resource_arn, request.tags_model.tags)

    def untag_resource(self, ctx: Context, request: UntagResourceRequest) -> None:
        self._tags.untag(ctx.scope, request.resource_arn, request.tag_keys or ())

    def list_tags_for_resource(self, ctx: Context, request: ListTagsForResourceRequest) -> TagsModel:
        return TagsModel(tags=self._tags.show(ctx.scope, request.resource_arn))


def _answer(described: Described) -> ApplicationResponse:
    return described.app.answer(described.tags)
