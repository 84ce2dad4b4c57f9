"""AWS operations on channels: get, update and delete of every kind, and the overview."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from clarion.domain.apps.channels.kinds import KINDS
from clarion.domain.apps.channels.service import Channels
from clarion.shapes.pinpoint import ChannelsResponse, GetChannelsRequest
from clarion.wire.context import Context

Call = Callable[[Context, Any], msgspec.Struct]


class ChannelOperations:
    """Mounted on `pinpoint`: `get_gcm_channel` and so on are made of the kinds."""

    def __init__(self, channels: Channels) -> None:
        self._channels = channels
        for kind in KINDS.values():
            if kind.ours:
                continue
            self._add(f"get_{kind.id}_channel", self._get(kind.name))
            self._add(f"update_{kind.id}_channel", self._update(kind.name, f"{kind.id}_channel_request"))
            self._add(f"delete_{kind.id}_channel", self._delete(kind.name))

    def get_channels(self, ctx: Context, request: GetChannelsRequest) -> ChannelsResponse:
        return ChannelsResponse(channels=self._channels.overview(ctx.scope, request.application_id))

    def _add(self, name: str, call: Call) -> None:
        call.__qualname__ = f"{type(self).__name__}.{name}"
        setattr(self, name, call)

    def _get(self, kind: str) -> Call:
        return lambda ctx, request: self._channels.get(ctx.scope, request.application_id, kind)

    def _update(self, kind: str, payload: str) -> Call:
        def update(ctx: Context, request: Any) -> msgspec.Struct:
            sent = getattr(request, payload)
            return self._channels.update(ctx.scope, request.application_id, kind, sent, ctx.principal_arn)

        return update

    def _delete(self, kind: str) -> Call:
        return lambda ctx, request: self._channels.delete(ctx.scope, request.application_id, kind)
