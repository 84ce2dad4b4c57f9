"""AWS operations that send: SendMessages and SendUsersMessages. They answer 200 even if nobody got anything."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from clarion.domain.messaging.direct.once import Keep, Once, then
from clarion.domain.messaging.direct.round import Result
from clarion.domain.messaging.direct.service import Direct, Sent
from clarion.shapes import pinpoint as shapes
from clarion.wire.context import Context

Answer = shapes.MessageResponse | Future[shapes.MessageResponse]
UsersAnswer = shapes.SendUsersMessageResponse | Future[shapes.SendUsersMessageResponse]

T = TypeVar("T")
R = TypeVar("R")
Refine = Callable[[Result], Result]


class MessagingOperations:
    """Mounted on `pinpoint`. With push notifications the answer comes once services have answered, or time is over."""

    def __init__(self, direct: Direct, once: Once) -> None:
        self._direct = direct
        self._once = once

    def send_messages(self, ctx: Context, request: shapes.SendMessagesRequest) -> Answer:
        app_id, sent = request.application_id, request.message_request

        def told(results: tuple[dict[str, Result], dict[str, Result]], refine: Refine) -> shapes.MessageResponse:
            addresses, endpoints = results
            found = {name: _of_address(refine(result)) for name, result in addresses.items()}
            return shapes.MessageResponse(
                application_id=app_id,
                request_id=ctx.request_id,
                result=found if sent.addresses else None,
                endpoint_result=_of_endpoints(endpoints, refine) if sent.endpoints else None,
            )

        def act(keep: Keep[shapes.MessageResponse] | None) -> Answer:
            first = None if keep is None else lambda connection, results: keep(connection, told(results, _same))
            return _answered(self._direct.send(ctx.scope, app_id, sent, first), told)

        token, answer = ctx.idempotency_token, shapes.MessageResponse
        return self._once.answer(ctx.scope, app_id, "SendMessages", sent, token, answer, act)

    def send_users_messages(self, ctx: Context, request: shapes.SendUsersMessagesRequest) -> UsersAnswer:
        app_id, sent = request.application_id, request.send_users_message_request

        def told(users: dict[str, dict[str, Result]], refine: Refine) -> shapes.SendUsersMessageResponse:
            return shapes.SendUsersMessageResponse(
                application_id=app_id,
                request_id=ctx.request_id,
                result={user: _of_endpoints(endpoints, refine) for user, endpoints in users.items()},
            )

        def act(keep: Keep[shapes.SendUsersMessageResponse] | None) -> UsersAnswer:
            first = None if keep is None else lambda connection, users: keep(connection, told(users, _same))
            return _answered(self._direct.send_to_users(ctx.scope, app_id, sent, first), told)

        token, answer = ctx.idempotency_token, shapes.SendUsersMessageResponse
        return self._once.answer(ctx.scope, app_id, "SendUsersMessages", sent, token, answer, act)


def _answered(sent: Sent[T], told: Callable[[T, Refine], R]) -> R | Future[R]:
    """The answer at once, or once push services have said what it is."""
    if sent.answers is None:
        return told(sent.results, _same)
    return then(sent.answers, lambda answers: told(sent.results, lambda result: sent.known(result, answers)))


def _same(result: Result) -> Result:
    return result


def _of_address(result: Result) -> shapes.MessageResult:
    return shapes.MessageResult(
        delivery_status=result.status,
        message_id=result.message_id,
        status_code=result.code,
        status_message=result.text,
        updated_token=result.updated_token,
    )


def _of_endpoints(results: dict[str, Result], refine: Refine) -> dict[str, shapes.EndpointMessageResult]:
    return {
        name: shapes.EndpointMessageResult(
            address=result.address,
            delivery_status=result.status,
            message_id=result.message_id,
            status_code=result.code,
            status_message=result.text,
            updated_token=result.updated_token,
        )
        for name, result in ((name, refine(accepted)) for name, accepted in results.items())
    }
