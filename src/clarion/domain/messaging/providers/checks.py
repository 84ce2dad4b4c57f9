"""The control API's call that checks the channels of projects."""

from __future__ import annotations

import msgspec

from clarion.domain.messaging.providers.checking import ChannelChecks, Checked
from clarion.wire.context import Context
from clarion.wire.control import ControlApi
from clarion.wire.keys import DEVELOPERS

PATH = "/clarion/v1/channels/check"


class CheckRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Which project; absent: all of the account in this region."""

    application_id: str | None = None


class CheckAnswer(msgspec.Struct, kw_only=True, rename="pascal"):
    """What was found out, and whether nothing of it is an error."""

    good: bool
    channels: list[Checked]


class ChecksControl:
    """Handler of `channels/check`."""

    def __init__(self, checks: ChannelChecks) -> None:
        self._checks = checks

    def add_to(self, control: ControlApi) -> None:
        """Add the route."""
        control.add(
            "POST",
            PATH,
            CheckRequest,
            CheckAnswer,
            self.check_channels,
            roles=DEVELOPERS,
            summary="Ask the services of push channels whether they let us in.",
        )

    def check_channels(self, ctx: Context, request: CheckRequest) -> CheckAnswer:
        found = self._checks.check(ctx.scope, request.application_id)
        return CheckAnswer(good=all(one.good for one in found), channels=found)
