"""AWS operations on projects, their settings, tags and channels."""

from __future__ import annotations

from clarion.domain.apps.channels import Channels
from clarion.domain.apps.service import Apps, Described
from clarion.domain.apps.tags import Tags
from clarion.shapes.pinpoint import (
    ApplicationResponse,
    ApplicationSettingsResource,
    ApplicationsResponse,
    ChannelsResponse,
    CreateAppRequest,
    DeleteAppRequest,
    DeleteEmailChannelRequest,
    EmailChannelResponse,
    GetApplicationSettingsRequest,
    GetAppRequest,
    GetAppsRequest,
    GetChannelsRequest,
    GetEmailChannelRequest,
    ListTagsForResourceRequest,
    TagResourceRequest,
    TagsModel,
    UntagResourceRequest,
    UpdateApplicationSettingsRequest,
    UpdateEmailChannelRequest,
)
from clarion.wire.context import Context


class AppsOperations:
    """Mounted on `pinpoint`."""

    def __init__(self, apps: Apps, tags: Tags, channels: Channels) -> None:
        self._apps = apps
        self._tags = tags
        self._channels = channels

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
        return self._apps.update_settings(ctx.scope, request.application_id, sent)

    def tag_resource(self, ctx: Context, request: TagResourceRequest) -> None:
        self._tags.tag(ctx.scope, request.resource_arn, request.tags_model.tags)

    def untag_resource(self, ctx: Context, request: UntagResourceRequest) -> None:
        self._tags.untag(ctx.scope, request.resource_arn, request.tag_keys or ())

    def list_tags_for_resource(self, ctx: Context, request: ListTagsForResourceRequest) -> TagsModel:
        return TagsModel(tags=self._tags.show(ctx.scope, request.resource_arn))

    def get_channels(self, ctx: Context, request: GetChannelsRequest) -> ChannelsResponse:
        return ChannelsResponse(channels=self._channels.overview(ctx.scope, request.application_id))

    def get_email_channel(self, ctx: Context, request: GetEmailChannelRequest) -> EmailChannelResponse:
        return self._channels.get_email(ctx.scope, request.application_id)

    def update_email_channel(self, ctx: Context, request: UpdateEmailChannelRequest) -> EmailChannelResponse:
        sent = request.email_channel_request
        return self._channels.update_email(ctx.scope, request.application_id, sent, ctx.principal_arn)

    def delete_email_channel(self, ctx: Context, request: DeleteEmailChannelRequest) -> EmailChannelResponse:
        return self._channels.delete_email(ctx.scope, request.application_id)


def _answer(described: Described) -> ApplicationResponse:
    return described.app.answer(described.tags)
