"""AWS operations that send: SendMessages and SendUsersMessages. They answer 200 even if nobody got anything."""

from __future__ import annotations

from clarion.domain.messaging.direct.round import Result
from clarion.domain.messaging.direct.service import Direct
from clarion.shapes import pinpoint as shapes
from clarion.wire.context import Context


class MessagingOperations:
    """Mounted on `pinpoint`."""

    def __init__(self, direct: Direct) -> None:
        self._direct = direct

    def send_messages(self, ctx: Context, request: shapes.SendMessagesRequest) -> shapes.MessageResponse:
        sent = request.message_request
        addresses, endpoints = self._direct.send(ctx.scope, request.application_id, sent)
        return shapes.MessageResponse(
            application_id=request.application_id,
            request_id=ctx.request_id,
            result={name: _of_address(result) for name, result in addresses.items()} if sent.addresses else None,
            endpoint_result=_of_endpoints(endpoints) if sent.endpoints else None,
        )

    def send_users_messages(
        self, ctx: Context, request: shapes.SendUsersMessagesRequest
    ) -> shapes.SendUsersMessageResponse:
        users = self._direct.send_to_users(ctx.scope, request.application_id, request.send_users_message_request)
        return shapes.SendUsersMessageResponse(
            application_id=request.application_id,
            request_id=ctx.request_id,
            result={user: _of_endpoints(endpoints) for user, endpoints in users.items()},
        )


def _of_address(result: Result) -> shapes.MessageResult:
    return shapes.MessageResult(
        delivery_status=result.status,
        message_id=result.message_id,
        status_code=result.code,
        status_message=result.text,
    )


def _of_endpoints(results: dict[str, Result]) -> dict[str, shapes.EndpointMessageResult]:
    return {
        name: shapes.EndpointMessageResult(
            address=result.address,
            delivery_status=result.status,
            message_id=result.message_id,
            status_code=result.code,
            status_message=result.text,
        )
        for name, result in results.items()
    }
