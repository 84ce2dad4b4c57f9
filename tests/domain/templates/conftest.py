"""Templates on a database of their own, as the server builds them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from clarion.core.clock import VirtualClock
from clarion.core.scope import Scope
from clarion.domain.apps.tags import Tags
from clarion.domain.templates.handlebars import TemplateCache
from clarion.domain.templates.service import Templates
from clarion.store.database import Database
from clarion.store.schema import metadata
from tests.databases import database, postgres_url, state_url

__all__ = ["database", "postgres_url", "state_url"]

SCOPE = Scope("000000000001", "eu-central-1")


@pytest.fixture
def scope() -> Scope:
    return SCOPE


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def templates(database: Database, clock: VirtualClock) -> Templates:
    database.write(metadata.create_all)
    return Templates(database, Tags(database), clock, TemplateCache())
