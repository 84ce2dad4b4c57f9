"""AWS operations that send: SendMessages and SendUsersMessages. They answer 200 even if nobody got anything."""

from __future__ import annotations

from clarion.domain.messaging.direct.once import Keep, Once
from clarion.domain.messaging.direct.round import Result
from clarion.domain.messaging.direct.service import Direct
from clarion.shapes import pinpoint as shapes
from clarion.wire.context import Context


class MessagingOperations:
    """Mounted on `pinpoint`."""

    def __init__(self, direct: Direct, once: Once) -> None:
        self._direct = direct
        self._once = once

    def send_messages(self, ctx: Context, request: shapes.SendMessagesRequest) -> shapes.MessageResponse:
        app_id, sent = request.application_id, request.message_request

        def told(addresses: dict[str, Result], endpoints: dict[str, Result]) -> shapes.MessageResponse:
            return shapes.MessageResponse(
                application_id=app_id,
                request_id=ctx.request_id,
                result={name: _of_address(result) for name, result in addresses.items()} if sent.addresses else None,
                endpoint_result=_of_endpoints(endpoints) if sent.endpoints else None,
            )

        def act(keep: Keep[shapes.MessageResponse] | None) -> shapes.MessageResponse:
            first = None if keep is None else lambda connection, results: keep(connection, told(*results))
            return told(*self._direct.send(ctx.scope, app_id, sent, first))

        token, answer = ctx.idempotency_token, shapes.MessageResponse
        return self._once.answer(ctx.scope, app_id, "SendMessages", sent, token, answer, act)

    def send_users_messages(
        self, ctx: Context, request: shapes.SendUsersMessagesRequest
    ) -> shapes.SendUsersMessageResponse:
        app_id, sent = request.application_id, request.send_users_message_request

        def told(users: dict[str, dict[str, Result]]) -> shapes.SendUsersMessageResponse:
            return shapes.SendUsersMessageResponse(
                application_id=app_id,
                request_id=ctx.request_id,
                result={user: _of_endpoints(endpoints) for user, endpoints in users.items()},
            )

        def act(keep: Keep[shapes.SendUsersMessageResponse] | None) -> shapes.SendUsersMessageResponse:
            first = None if keep is None else lambda connection, users: keep(connection, told(users))
            return told(self._direct.send_to_users(ctx.scope, app_id, sent, first))

        token, answer = ctx.idempotency_token, shapes.SendUsersMessageResponse
        return self._once.answer(ctx.scope, app_id, "SendUsersMessages", sent, token, answer, act)


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
