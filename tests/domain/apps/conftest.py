from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from clarion.core.clock import SystemClock, VirtualClock, parse_iso
from clarion.core.ids import SeededIds
from clarion.core.scope import Scope
from clarion.domain.apps.channels import Channels
from clarion.domain.apps.channels.operations import ChannelOperations
from clarion.domain.apps.jobs import AppJobs
from clarion.domain.apps.keys import AccessKeys
from clarion.domain.apps.operations import AppsOperations
from clarion.domain.apps.service import Apps
from clarion.domain.apps.tags import Tags
from clarion.engine.jobs import Jobs
from clarion.engine.pumps import Engine
from clarion.engine.workers import JobsPump
from clarion.store.database import Database
from clarion.store.schema import metadata
from clarion.store.vault import open_vault
from clarion.wire.context import Context
from tests.databases import database, postgres_url, state_url

__all__ = ["database", "postgres_url", "state_url"]


class House(NamedTuple):
    """The slice, built as the server builds it."""

    database: Database
    clock: VirtualClock
    jobs: Jobs
    tags: Tags
    apps: Apps
    channels: Channels
    keys: AccessKeys
    operations: AppsOperations
    channel_operations: Any
    engine: Engine


def context(account: str = "000000000001", region: str = "eu-central-1") -> Context:
    return Context(Scope(account, region), "request-1", "AKID", "admin", f"arn:aws:iam::{account}:user/AKID")


@pytest.fixture
def house(database: Database) -> House:
    database.write(metadata.create_all)
    clock, ids = VirtualClock(parse_iso("2027-03-04T09:15:02.120Z")), SeededIds(7)
    jobs = Jobs(database, clock)
    tags = Tags(database)
    apps = Apps(database, tags, jobs, clock=clock, ids=ids)
    channels = Channels(database, apps, open_vault(database, ids, ""), clock=clock)
    keys = AccessKeys(database, clock=clock, ids=ids)
    AppJobs(database, apps, jobs, clock=clock)
    engine = Engine([JobsPump(database, jobs, clock=clock, real=SystemClock(), ids=ids)], clock, ids)
    return House(
        database,
        clock,
        jobs,
        tags,
        apps,
        channels,
        keys,
        AppsOperations(apps, tags),
        ChannelOperations(channels),
        engine,
    )
