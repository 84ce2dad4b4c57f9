"""AWS operations on endpoints and users.

UpdateEndpoint, UpdateEndpointsBatch and DeleteEndpoint are called on the event loop and answer with a future of
the database's writer, so that a request costs no thread. Reads go through the thread pool: on PostgreSQL, or
when the disk is slow, one that waits would stop everybody.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from clarion.domain.audience.model import answer
from clarion.domain.audience.service import Audience
from clarion.shapes.pinpoint import (
    AttributesResource,
    DeleteEndpointRequest,
    DeleteUserEndpointsRequest,
    EndpointResponse,
    EndpointsResponse,
    GetEndpointRequest,
    GetUserEndpointsRequest,
    MessageBody,
    RemoveAttributesRequest,
    UpdateEndpointRequest,
    UpdateEndpointsBatchRequest,
)
from clarion.wire.context import Context
from clarion.wire.registry import inline

A = TypeVar("A")
B = TypeVar("B")


class AudienceOperations:
    """Mounted on `pinpoint`."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience

    def get_endpoint(self, ctx: Context, request: GetEndpointRequest) -> EndpointResponse:
        app_id = request.application_id
        return answer(app_id, self._audience.get(ctx.scope, app_id, request.endpoint_id))

    @inline
    def update_endpoint(self, ctx: Context, request: UpdateEndpointRequest) -> Future[MessageBody]:
        written = self._audience.update(
            ctx.scope, request.application_id, request.endpoint_id, request.endpoint_request, ctx.request_id
        )
        return _then(written, lambda _: _accepted(ctx))

    @inline
    def update_endpoints_batch(self, ctx: Context, request: UpdateEndpointsBatchRequest) -> Future[MessageBody]:
        items = request.endpoint_batch_request.item
        written = self._audience.update_many(ctx.scope, request.application_id, items, ctx.request_id)
        return _then(written, lambda _: _accepted(ctx))

    @inline
    def delete_endpoint(self, ctx: Context, request: DeleteEndpointRequest) -> Future[EndpointResponse]:
        app_id = request.application_id
        gone = self._audience.delete(ctx.scope, app_id, request.endpoint_id)
        return _then(gone, lambda endpoint: answer(app_id, endpoint))

    def get_user_endpoints(self, ctx: Context, request: GetUserEndpointsRequest) -> EndpointsResponse:
        app_id = request.application_id
        found = self._audience.user(ctx.scope, app_id, request.user_id)
        return EndpointsResponse(item=[answer(app_id, endpoint) for endpoint in found])

    def delete_user_endpoints(self, ctx: Context, request: DeleteUserEndpointsRequest) -> EndpointsResponse:
        app_id = request.application_id
        gone = self._audience.delete_user(ctx.scope, app_id, request.user_id)
        return EndpointsResponse(item=[answer(app_id, endpoint) for endpoint in gone])

    def remove_attributes(self, ctx: Context, request: RemoveAttributesRequest) -> AttributesResource:
        app_id, attribute_type = request.application_id, request.attribute_type
        patterns = request.update_attributes_request.blacklist or []
        removed = self._audience.remove_attributes(ctx.scope, app_id, attribute_type, patterns)
        return AttributesResource(application_id=app_id, attribute_type=attribute_type, attributes=removed)


def _accepted(ctx: Context) -> MessageBody:
    return MessageBody(message="Accepted", request_id=ctx.request_id)


def _then(future: Future[A], make: Callable[[A], B]) -> Future[B]:
    """A future of `make(result)`; an error passes through."""
    made: Future[B] = Future()

    def done(finished: Future[A]) -> None:
        if not made.set_running_or_notify_cancel():
            return  # nobody waits any more
        try:
            made.set_result(make(finished.result()))
        except BaseException as error:
            made.set_exception(error)

    future.add_done_callback(done)
    return made
