"""SQLite's log is copied back beside the writer."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import sqlalchemy as sa

from clarion.store.checkpoints import WORTHWHILE_BYTES
from clarion.store.database import open_database

TABLE = sa.Table("blobs", sa.MetaData(), sa.Column("body", sa.LargeBinary))


def test_what_was_written_reaches_the_file_without_the_writer(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    database = open_database(f"sqlite:///{path}")
    try:
        database.write(lambda connection: TABLE.create(connection))
        database.write(lambda connection: connection.execute(TABLE.insert(), [{"body": b"x" * 100_000}] * 60) and None)
        end = time.monotonic() + 20
        while path.stat().st_size < WORTHWHILE_BYTES:
            assert time.monotonic() < end, "the log was not copied back"
            time.sleep(0.05)
    finally:
        database.close()
    assert sqlite3.connect(path).execute("SELECT count(*) FROM blobs").fetchone() == (60,)
