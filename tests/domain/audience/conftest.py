from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
import pytest

from clarion.core.clock import SystemClock, VirtualClock, parse_iso
from clarion.core.ids import SeededIds
from clarion.core.scope import Scope
from clarion.domain.apps.jobs import AppJobs
from clarion.domain.apps.service import Apps
from clarion.domain.apps.tags import Tags
from clarion.domain.audience.jobs import AudienceJobs
from clarion.domain.audience.operations import AudienceOperations
from clarion.domain.audience.roster import Policy
from clarion.domain.audience.service import Audience
from clarion.engine.jobs import Jobs
from clarion.engine.pumps import Engine
from clarion.engine.workers import JobsPump
from clarion.shapes import pinpoint as shapes
from clarion.store.database import Database
from clarion.store.schema import metadata
from clarion.wire.context import Context
from tests.columnar import chdb_directory, chdb_url, clickhouse_front, clickhouse_url, columnar, columnar_url
from tests.databases import database, postgres_url, state_url

__all__ = [
    "chdb_directory",
    "chdb_url",
    "clickhouse_front",
    "clickhouse_url",
    "columnar",
    "columnar_url",
    "database",
    "postgres_url",
    "state_url",
]

SCOPE = Scope("000000000001", "eu-central-1")
CTX = Context(SCOPE, "request-1", "AKID", "admin", "arn:aws:iam::000000000001:user/AKID")


class House(NamedTuple):
    """The slice with an app, built as the server builds it, and shorthands that speak the API's JSON."""

    database: Database
    clock: VirtualClock
    jobs: Jobs
    apps: Apps
    audience: Audience
    operations: AudienceOperations
    engine: Engine
    app: str

    def put(self, endpoint_id: str, ctx: Context = CTX, app: str = "", **body: Any) -> None:
        request = shapes.UpdateEndpointRequest(
            application_id=app or self.app,
            endpoint_id=endpoint_id,
            endpoint_request=msgspec.convert(body, shapes.EndpointRequest),
        )
        answer = self.operations.update_endpoint(ctx, request).result(30)
        assert (answer.message, answer.request_id) == ("Accepted", ctx.request_id)

    def batch(self, *items: dict[str, Any], ctx: Context = CTX) -> shapes.MessageBody:
        body = msgspec.convert({"Item": list(items)}, shapes.EndpointBatchRequest)
        request = shapes.UpdateEndpointsBatchRequest(application_id=self.app, endpoint_batch_request=body)
        return self.operations.update_endpoints_batch(ctx, request).result(30)

    def get(self, endpoint_id: str, ctx: Context = CTX) -> dict[str, Any]:
        request = shapes.GetEndpointRequest(application_id=self.app, endpoint_id=endpoint_id)
        return msgspec.to_builtins(self.operations.get_endpoint(ctx, request))

    def user(self, user_id: str, ctx: Context = CTX) -> list[dict[str, Any]]:
        request = shapes.GetUserEndpointsRequest(application_id=self.app, user_id=user_id)
        return msgspec.to_builtins(self.operations.get_user_endpoints(ctx, request))["Item"]

    def delete(self, endpoint_id: str, ctx: Context = CTX) -> dict[str, Any]:
        request = shapes.DeleteEndpointRequest(application_id=self.app, endpoint_id=endpoint_id)
        return msgspec.to_builtins(self.operations.delete_endpoint(ctx, request).result(30))

    def remove(self, attribute_type: str, *patterns: str, ctx: Context = CTX) -> dict[str, Any]:
        request = shapes.RemoveAttributesRequest(
            application_id=self.app,
            attribute_type=attribute_type,
            update_attributes_request=shapes.UpdateAttributesRequest(blacklist=list(patterns)),
        )
        return msgspec.to_builtins(self.operations.remove_attributes(ctx, request))


def build(database: Database, **options: Any) -> House:
    """The slice on an empty database."""
    database.write(metadata.create_all)
    clock, ids = VirtualClock(parse_iso("2027-03-04T09:15:02.120Z")), SeededIds(7)
    jobs = Jobs(database, clock)
    apps = Apps(database, Tags(database), jobs, clock=clock, ids=ids)
    audience = Audience(database, apps, jobs, clock=clock, ids=ids, **options)
    AppJobs(database, apps, jobs, clock=clock)
    AudienceJobs(database, jobs, clock=clock)
    engine = Engine([JobsPump(database, jobs, clock=clock, real=SystemClock(), ids=ids)], clock, ids)
    app = apps.create(SCOPE, "Shop", None).app.id
    return House(database, clock, jobs, apps, audience, AudienceOperations(audience), engine, app)


@pytest.fixture
def house(database: Database) -> House:
    return build(database)


@pytest.fixture
def small(database: Database) -> House:
    """Users have at most three endpoints, one more is refused."""
    return build(database, policy=Policy(3, retire=False))


def mail(address: str, user: str = "", **user_attributes: list[str]) -> dict[str, Any]:
    body: dict[str, Any] = {"ChannelType": "EMAIL", "Address": address}
    if user or user_attributes:
        body["User"] = {"UserId": user, "UserAttributes": user_attributes}
    return body
