"""The control API's call that tells who is in a project's control group."""

from __future__ import annotations

from typing import Annotated

import msgspec

from clarion.core.errors import Invalid
from clarion.domain.messaging.guardrails.service import Guardrails
from clarion.wire.context import Context
from clarion.wire.control import ControlApi
from clarion.wire.keys import READERS

Text = Annotated[str, msgspec.Meta(min_length=1)]


class ControlGroupRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Somebody: a user, or an endpoint, which stands for its user if it has one."""

    application_id: Text
    user_id: Text | None = None
    endpoint_id: Text | None = None


class ControlGroupMember(msgspec.Struct, kw_only=True, rename="pascal"):
    """How large the group is (0: there is none), who was drawn, and whether they are in it."""

    percent: int
    drawn_by: str
    member: bool


class GuardrailsControl:
    """Handler of `audience/control-group`."""

    def __init__(self, guardrails: Guardrails) -> None:
        self._guardrails = guardrails

    def add_to(self, control: ControlApi) -> None:
        """Add the route."""
        control.add(
            "GET",
            "/clarion/v1/audience/control-group",
            ControlGroupRequest,
            ControlGroupMember,
            self.control_group,
            roles=READERS,
            summary="Tell whether somebody is in the project's control group.",
        )

    def control_group(self, ctx: Context, request: ControlGroupRequest) -> ControlGroupMember:
        if (request.user_id is None) == (request.endpoint_id is None):
            raise Invalid("UserId or EndpointId: give one of them")
        app_id = request.application_id
        if request.endpoint_id is not None:
            person = self._guardrails.person(ctx.scope, app_id, request.endpoint_id)
        else:
            person = f"user/{request.user_id}"
        percent, member = self._guardrails.is_member(ctx.scope, app_id, person)
        return ControlGroupMember(percent=percent, drawn_by=person, member=member)
