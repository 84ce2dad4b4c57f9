"""Which tests run together, and in which order.

A worker takes the tests of a file in one go, so that what a module shares is made once; of acceptance tests those on
one stack. All that run on the embedded engines come before those on servers: each worker starts a server of either
kind once, and not for every file. Small files come last, when workers are running out of work.
"""

from __future__ import annotations

from pathlib import Path

import pytest

ACCEPTANCE = Path(__file__).parent / "acceptance"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        file, _, _ = item.nodeid.partition("::")
        item.add_marker(pytest.mark.xdist_group(f"{file} {_stack(item)}".strip()))
    items.sort(key=_turn)


def _stack(item: pytest.Item) -> str:
    """What the shared server of a test stands on, "" without one."""
    callspec = getattr(item, "callspec", None)
    return "" if callspec is None else str(callspec.params.get("server", ""))


def _turn(item: pytest.Item) -> int:
    if ACCEPTANCE not in item.path.parents:
        return 2
    return 1 if _stack(item) == "servers" else 0
