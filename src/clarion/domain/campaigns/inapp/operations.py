"""AWS operations of in-app messages."""

from __future__ import annotations

from clarion.domain.campaigns.inapp.service import InApp
from clarion.shapes import pinpoint as shapes
from clarion.wire.context import Context


class InAppOperations:
    """Mounted on `pinpoint`."""

    def __init__(self, in_app: InApp) -> None:
        self._in_app = in_app

    def get_in_app_messages(
        self, ctx: Context, request: shapes.GetInAppMessagesRequest
    ) -> shapes.InAppMessagesResponse:
        found = self._in_app.messages(ctx.scope, request.application_id, request.endpoint_id)
        return shapes.InAppMessagesResponse(in_app_message_campaigns=found)
