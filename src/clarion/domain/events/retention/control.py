"""The control API's calls about how long a project's events are kept."""

from __future__ import annotations

from typing import Annotated

import msgspec

from clarion.domain.events.retention.service import MOST_DAYS, Retention
from clarion.wire.context import Context
from clarion.wire.control import ControlApi
from clarion.wire.keys import ADMINS, READERS

Text = Annotated[str, msgspec.Meta(min_length=1)]
Days = Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS)]

PATH = "/clarion/v1/analytics/retention"


class RetentionRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Which project."""

    application_id: Text


class WriteRetention(msgspec.Struct, kw_only=True, rename="pascal"):
    """How many days the project's events are kept; null or absent: as the settings say."""

    application_id: Text
    days: Days | None = None


class RetentionAnswer(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """What holds for the project; `own_days` is absent where it leaves that to the settings."""

    application_id: str
    days: int
    own_days: int | None = None


class RetentionControl:
    """Handlers of `analytics/retention`."""

    def __init__(self, retention: Retention) -> None:
        self._retention = retention

    def add_to(self, control: ControlApi) -> None:
        """Add the routes."""
        control.add(
            "GET",
            PATH,
            RetentionRequest,
            RetentionAnswer,
            self.get_retention,
            roles=READERS,
            summary="Tell how many days a project's events are kept.",
        )
        control.add(
            "PUT",
            PATH,
            WriteRetention,
            RetentionAnswer,
            self.put_retention,
            roles=ADMINS,
            summary="Say how many days a project's events are kept; older ones are deleted soon.",
        )

    def get_retention(self, ctx: Context, request: RetentionRequest) -> RetentionAnswer:
        return self._answer(request.application_id, self._retention.own(ctx.scope, request.application_id))

    def put_retention(self, ctx: Context, request: WriteRetention) -> RetentionAnswer:
        self._retention.write(ctx.scope, request.application_id, request.days)
        return self._answer(request.application_id, request.days)

    def _answer(self, app_id: str, own: int | None) -> RetentionAnswer:
        return RetentionAnswer(application_id=app_id, days=own or self._retention.days, own_days=own)
