"""The control API's calls about the audience as a whole: how many endpoints a user may have."""

from __future__ import annotations

from typing import Annotated

import msgspec

from clarion.domain.audience.policies import Mode, Own, Policies
from clarion.wire.context import Context
from clarion.wire.control import ControlApi
from clarion.wire.keys import DEVELOPERS, READERS

Text = Annotated[str, msgspec.Meta(min_length=1)]
Most = Annotated[int, msgspec.Meta(ge=0, le=1000)]

PATH = "/clarion/v1/audience/policy"


class PolicyRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Which project."""

    application_id: Text


class WritePolicy(msgspec.Struct, kw_only=True, rename="pascal"):
    """What a project says itself; null or absent: as the settings say. 0 endpoints: any number."""

    application_id: Text
    endpoints_per_user: Most | None = None
    mode: Mode | None = None


class OwnPolicy(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """What the project says itself; absent where it leaves that to the settings."""

    endpoints_per_user: int | None = None
    mode: Mode | None = None


class PolicyAnswer(msgspec.Struct, kw_only=True, rename="pascal"):
    """What holds for the project, and which part of that it says itself."""

    application_id: str
    endpoints_per_user: int
    mode: Mode
    own: OwnPolicy


class PolicyControl:
    """Handlers of `audience/policy`."""

    def __init__(self, policies: Policies) -> None:
        self._policies = policies

    def add_to(self, control: ControlApi) -> None:
        """Add the routes."""
        control.add(
            "GET",
            PATH,
            PolicyRequest,
            PolicyAnswer,
            self.get_audience_policy,
            roles=READERS,
            summary="Tell how many endpoints a user may have.",
        )
        control.add(
            "PUT",
            PATH,
            WritePolicy,
            PolicyAnswer,
            self.put_audience_policy,
            roles=DEVELOPERS,
            summary="Say how many endpoints a user may have, and what becomes of one too many.",
        )

    def get_audience_policy(self, ctx: Context, request: PolicyRequest) -> PolicyAnswer:
        own = self._policies.own(ctx.scope, request.application_id)
        return self._answer(request.application_id, own)

    def put_audience_policy(self, ctx: Context, request: WritePolicy) -> PolicyAnswer:
        own = Own(request.endpoints_per_user, request.mode)
        self._policies.write(ctx.scope, request.application_id, own)
        return self._answer(request.application_id, own)

    def _answer(self, app_id: str, own: Own) -> PolicyAnswer:
        most, retire = self._policies.applied(own)
        return PolicyAnswer(
            application_id=app_id,
            endpoints_per_user=most,
            mode="retire" if retire else "strict",
            own=OwnPolicy(endpoints_per_user=own.endpoints_per_user, mode=own.mode),
        )
