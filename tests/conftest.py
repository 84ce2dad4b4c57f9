"""Which tests run, which run together, and in which order.

A worker takes the tests of a file in one go, so that what a module shares is made once; of acceptance tests those on
one stack. Acceptance tests come last, those on the embedded engines before those on servers: each worker starts a
server of either kind once, and not for every file, and it does not idle beside the others. Within that, files with
long tests and with many come first, so that no worker is left with a long one when the others have ended.

Most of `domain` is the same on PostgreSQL as on SQLite; what `ONCE` names runs on SQLite only. Queries answer the same
on both columnar engines; those of `EMBEDDED`, many and large, run on chDB only. Nothing runs on mixed stacks (SQLite
with ClickHouse, PostgreSQL with chDB, where both are asked for). CLARION_TEST_EVERYWHERE=1 runs everything everywhere.

Tests write into memory where there is enough of it: what they kill are processes, never the machine, and what such a
process has written is there either way. PYTEST_DEBUG_TEMPROOT names another place.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import structlog

from tests.columnar import anchor

# Here and in the processes that tests start: compiling all modules again and again would be most of what they do.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

MEMORY = Path("/dev/shm")
MEMORY_BYTES = 4 * 2**30


def _is_roomy(folder: Path) -> bool:
    """Whether tests may write there, and run what they wrote."""
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        return False
    system = os.statvfs(folder)
    free = min(system.f_bavail * system.f_frsize, os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return free >= MEMORY_BYTES and not system.f_flag & os.ST_NOEXEC


if sys.platform == "linux" and _is_roomy(MEMORY):
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

TESTS = Path(__file__).parent
ACCEPTANCE = TESTS / "acceptance"

ONCE = frozenset(
    TESTS / path
    for path in (
        "domain/campaigns/experiments/test_choosing.py",
        "domain/campaigns/test_guardrails.py",
        "domain/campaigns/test_runs.py",
        "domain/campaigns/test_stopping.py",
        "domain/campaigns/test_treatments.py",
        "domain/campaigns/triggers/test_windows.py",
        "domain/journeys/entry/test_event_entry.py",
        "domain/journeys/entry/test_segment_entry.py",
        "domain/journeys/entry/test_trouble.py",
        "domain/journeys/test_lifecycle.py",
        "domain/journeys/test_people.py",
        "domain/messaging/direct/test_push_answers.py",
        "domain/messaging/lanes/test_falling_over.py",
        "domain/segments/test_preview.py",
        "domain/streams/test_delivery.py",
        "domain/transfers/test_jobs.py",
    )
)

EMBEDDED = frozenset(
    TESTS / path
    for path in (
        "domain/analytics",
        "domain/events/test_repeats.py",
        "domain/journeys/metrics",
        "domain/segments/test_agreement.py",
    )
)

IMPORTED = ("clarion.cli.main", "clarion.server.running", "boto3", "botocore.auth", "hypothesis", "moto.server")
"""The largest things that tests import."""

ALONE = frozenset({TESTS / "domain/journeys/simulation/test_simulation.py"})
"""Files whose tests share nothing and take long: any worker may take one."""


WORKER_BYTES = 4 * 2**30
"""What a worker takes with its servers, at most."""

LONG = frozenset(
    TESTS / path
    for path in (
        "acceptance/test_crash.py",
        "acceptance/test_event_campaigns_crash.py",
        "acceptance/test_event_streams_crash.py",
        "acceptance/test_gates.py",
        "acceptance/test_journey_crash.py",
        "acceptance/test_journey_entry.py",
        "acceptance/test_people.py",
        "acceptance/test_transfers_crash.py",
        "acceptance/test_upkeep.py",
        "domain/events/test_retention.py",
        "domain/segments/test_agreement.py",
        "server/test_deleting_a_project.py",
    )
)
"""Files with few tests that take long: they begin first."""


def pytest_xdist_auto_num_workers() -> int:
    """More than there are processors: half of the time tests of servers wait, for jobs, disks and clocks.

    Two for each processor where the machine has the memory for them and for what they start, else one more.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return 2 * cores if memory >= 2 * cores * WORKER_BYTES else cores + 1


def pytest_configure(config: pytest.Config) -> None:
    """Log plainly: by default structlog draws tracebacks with all values in them, which takes longer than the tests.

    Before workers start, compile what all of them will import, lest each does.
    """
    if config.getoption("numprocesses", None):
        subprocess.run([sys.executable, "-c", f"import {', '.join(IMPORTED)}"], check=True)
    console = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure([structlog.processors.add_log_level, structlog.dev.set_exc_info, console])


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not os.environ.get("CLARION_TEST_EVERYWHERE"):
        left = {item for item in items if _is_left_out(item)}
        config.hook.pytest_deselected(items=list(left))
        items[:] = [item for item in items if item not in left]
    groups = {item: _group(item) for item in items}
    sizes = Counter(groups.values())
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: (_turn(item), item.path not in LONG, -sizes[groups[item]]))


def pytest_collection_finish() -> None:
    """Keep the cycle collector from walking through ten thousand tests and all that is imported again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if not _uses_chdb(item):
        anchor.release(item.path)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    if _uses_chdb(item):
        anchor.hold(item.path)


def pytest_sessionfinish() -> None:
    anchor.close()


def _uses_chdb(item: pytest.Item) -> bool:
    """Also where a parameter decides: then the fixture is not known beforehand."""
    return "chdb_directory" in getattr(item, "fixturenames", ()) or "chdb" in _chosen(item)


def _group(item: pytest.Item) -> str:
    """What is run by one worker in one go."""
    if item.path in ALONE:
        return item.nodeid
    file, _, _ = item.nodeid.partition("::")
    return f"{file} {_stack(item)}".strip()


def _is_left_out(item: pytest.Item) -> bool:
    chosen = _chosen(item)
    if item.path in ONCE:
        return "postgresql" in chosen
    if "clickhouse" in chosen and EMBEDDED & {item.path, *item.path.parents}:
        return True
    return {"sqlite", "clickhouse"} <= chosen or {"postgresql", "chdb"} <= chosen


def _chosen(item: pytest.Item) -> set[str]:
    callspec = getattr(item, "callspec", None)
    return set() if callspec is None else {value for value in callspec.params.values() if isinstance(value, str)}


def _stack(item: pytest.Item) -> str:
    """What the shared server of a test stands on, "" without one."""
    callspec = getattr(item, "callspec", None)
    return "" if callspec is None else str(callspec.params.get("server", ""))


def _turn(item: pytest.Item) -> int:
    if ACCEPTANCE not in item.path.parents:
        return 0
    return 2 if _stack(item) == "servers" else 1
