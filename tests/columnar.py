"""The columnar store for tests: an empty database per test, on chDB and on "a server".

chDB has one directory per process, so every test module shares one, with a database per test. The server is
`tests.clickhouse_front` in a process of its own, in another time zone than UTC, started once per session.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clarion.store.columnar import Columnar, open_columnar

__all__ = ["chdb_directory", "chdb_url", "clickhouse_front", "clickhouse_url", "columnar", "columnar_url", "front"]

_ROOT = Path(__file__).parent.parent
_numbers = itertools.count(1)


class Anchor:
    """A connection that keeps chDB running in this process from test to test.

    With its last connection the engine ends, and starting it again takes longer than most tests do and leaves five
    threads behind each time. While it runs it has one directory: whoever wants another lets go first.
    """

    def __init__(self) -> None:
        self.directory: Path | None = None
        self._held: tuple[Path, Columnar] | None = None

    def hold(self, file: Path) -> None:
        """A test in this file has used the directory."""
        if self._held is None and self.directory is not None:
            self._held = file, open_columnar(f"chdb://{self.directory}?database=default")

    def release(self, file: Path) -> None:
        """A test in this file does not need the directory, and may want another, if the file is another one."""
        if self._held is not None and self._held[0] != file:
            self.close()

    def close(self) -> None:
        """Let the engine end."""
        if self._held is not None:
            self._held[1].close()
            self._held = None


anchor = Anchor()


@contextmanager
def front(path: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A running `tests.clickhouse_front` over `path`: its process and its port."""
    command = [sys.executable, "-m", "tests.clickhouse_front", "--path", str(path), "--until-stdin-closes", *arguments]
    process = subprocess.Popen(
        command,
        cwd=_ROOT,
        env={**os.environ, "TZ": "America/New_York"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout
        try:
            port = process.stdout.readline().strip()
            assert port, f"the front did not start: {process.wait(10)}"
            yield process, int(port)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture(scope="session")
def chdb_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one chDB directory of this test process: the same in all folders of tests that have this fixture."""
    if anchor.directory is None:
        anchor.directory = tmp_path_factory.mktemp("chdb")
    return anchor.directory


@pytest.fixture(scope="session")
def clickhouse_front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`http://…` of a server, without a database."""
    with front(tmp_path_factory.mktemp("clickhouse")) as (_, port):
        yield f"http://default:@127.0.0.1:{port}"


@pytest.fixture
def chdb_url(chdb_directory: Path) -> Iterator[str]:
    """An empty database in this process."""
    yield from _database("chdb://" + str(chdb_directory) + "?database={}")


@pytest.fixture
def clickhouse_url(clickhouse_front: str) -> Iterator[str]:
    """An empty database on the server."""
    yield from _database(clickhouse_front + "/{}")


def _database(pattern: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    yield pattern.format(name)
    store = open_columnar(pattern.format("default"))
    store.command(f"DROP DATABASE IF EXISTS {name} SYNC")
    store.close()


@pytest.fixture(params=["chdb", "clickhouse"])
def columnar_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database; a test that asks for it runs once per engine."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def columnar(columnar_url: str) -> Iterator[Columnar]:
    """An open, empty database, once per engine."""
    store = open_columnar(columnar_url)
    yield store
    store.close()
