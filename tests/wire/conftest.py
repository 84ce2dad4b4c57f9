"""Fixtures for the wire: the application with a recorder behind every operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from clarion.wire.app import App
from clarion.wire.registry import SERVICES, Registry
from tests.wire.inprocess import Recorder, build, mounted


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[Any]]:
    """What is logged, kept from the terminal."""
    with capture_logs() as found:
        yield found


@pytest.fixture
def recorders() -> dict[str, Recorder]:
    """What answers each service's operations."""
    return {name: Recorder(service) for name, service in SERVICES.items()}


@pytest.fixture
def registry(recorders: dict[str, Recorder]) -> Registry:
    """Every operation of every service, mounted on the recorders."""
    return mounted(recorders)


@pytest.fixture
def make_app(registry: Registry) -> Iterator[Callable[..., App]]:
    """Builds applications over the registry and closes them."""
    made: list[App] = []

    def make(**options: Any) -> App:
        made.append(build(options.pop("registry", registry), **options))
        return made[-1]

    yield make
    for app in made:
        app.close()


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    return make_app()
