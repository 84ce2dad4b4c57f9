"""Servers for the acceptance tests: shared by all tests, each of which makes projects of its own.

`server` is there twice: on the embedded engines, and on a PostgreSQL and a ClickHouse HTTP front of the tests'
own. Both run on a virtual clock that tests only move forward. `real` runs on the machine's clock.

What is the same whatever the server stands on (`ONCE`) runs on the embedded engines only, so that the suite stays
under a quarter of an hour; with CLARION_TEST_EVERYWHERE=1 it runs on both.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Iterator

import pytest

from tests.acceptance.outside import Outside, outside_world
from tests.acceptance.project import Project
from tests.acceptance.running import Server
from tests.acceptance.stacks import START, embedded, servers

ONCE = frozenset(
    f"test_{name}.py"
    for name in (
        "analytics_reports apps audience auth bad_input campaign_bad_input campaign_channels campaign_stop"
        " channels charts charts_behaviour charts_performance control custom_channel event_campaigns event_exports"
        " event_streams experiments gates guardrails hooks journey_ahead journey_calls journey_channels"
        " journey_commands journey_limits journey_messages journey_metrics journey_review journey_splits"
        " journey_versions journeys kpis messages messages_once messages_push messages_sms messages_voice moto otp"
        " people recommenders schedules segment_previews segment_rules sql tags template_extensions template_kinds"
        " templates timeline upkeep"
    ).split()
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get("CLARION_TEST_EVERYWHERE"):
        return
    left = {item for item in items if item.path.name in ONCE and _is_on_servers(item)}
    config.hook.pytest_deselected(items=list(left))
    items[:] = [item for item in items if item not in left]


def _is_on_servers(item: pytest.Item) -> bool:
    callspec = getattr(item, "callspec", None)
    return callspec is not None and "servers" in callspec.params.values()


@pytest.fixture(scope="session", params=["embedded", "servers"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server on a virtual clock, once per stack."""
    start = {"embedded": embedded, "servers": servers}[request.param]
    with start(tmp_path_factory.mktemp(request.param), "--clock", f"virtual:{START}") as running:
        yield running


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server on the machine's own clock, with embedded engines."""
    with embedded(tmp_path_factory.mktemp("real")) as running:
        yield running


@pytest.fixture
def project(server: Server) -> Iterator[Project]:
    """A project with an e-mail channel, deleted afterwards so that nothing of it goes on running."""
    made = Project(server)
    yield made
    made.leave()


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """Functions, models and webhooks that `calling` may call."""
    with outside_world(tmp_path_factory.mktemp("outside")) as running:
        yield running


@pytest.fixture(scope="module", params=["embedded", "servers"])
def calling(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, outside: Outside
) -> Iterator[Server]:
    """`server` with settings that let it call `outside`."""
    start = {"embedded": embedded, "servers": servers}[request.param]
    folder = tmp_path_factory.mktemp(f"calling-{request.param}")
    with start(folder, "--clock", f"virtual:{START}", environ=outside.settings) as running:
        yield running


@pytest.fixture
def shop(calling: Server) -> Iterator[Project]:
    """`project` on `calling`."""
    made = Project(calling)
    yield made
    made.leave()


@pytest.fixture(autouse=True)
def no_internal_errors(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test may make a server log an error, whatever it answered, unless the test says it means to."""
    running = [value for value in request.node.funcargs.values() if isinstance(value, Server)]
    before = [len(one.output) for one in running]
    yield
    if request.node.get_closest_marker("breaks_things"):
        return
    lines = [line for one, start in zip(running, before, strict=True) for line in one.output[start:]]
    assert not [line for line in lines if _is_error(line)]


def _is_error(line: str) -> bool:
    try:
        return bool(json.loads(line)["level"] == "error")
    except (ValueError, KeyError, TypeError):
        return line.startswith("Traceback")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failure what the servers said."""
    report = yield
    if report.failed:
        for name, value in getattr(item, "funcargs", {}).items():
            if isinstance(value, Server):
                report.sections.append((f"output of {name}", "\n".join(value.output[-60:])))
    return report
