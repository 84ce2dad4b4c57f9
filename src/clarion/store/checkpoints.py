"""Copying SQLite's write-ahead log back into the database file, beside the writer instead of in its commits.

A checkpoint of some megabytes takes as long as many commits; whoever waits for the commit that triggers it waits
for all of it. This thread does the work in small portions (PASSIVE: it blocks nobody). The writer's own
checkpoint stays on for when the log grows in spite of it, and then finds little left to do.
"""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import structlog

INTERVAL_SECONDS = 0.25
WORTHWHILE_BYTES = 4_000_000

_log = structlog.get_logger(__name__)


class Checkpointer:
    """Checkpoints the database at `path` until `stop`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log_file = path.with_name(f"{path.name}-wal")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sqlite-checkpoint", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread, letting a checkpoint that is under way finish."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=0, check_same_thread=False)
        try:
            while not self._stopping.wait(INTERVAL_SECONDS):
                if self._size() >= WORTHWHILE_BYTES:
                    self._checkpoint(connection)
        finally:
            connection.close()

    def _size(self) -> int:
        try:
            return self._log_file.stat().st_size
        except OSError:
            return 0

    def _checkpoint(self, connection: sqlite3.Connection) -> None:
        try:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.Error as error:
            _log.warning("store.checkpoint_failed", error=str(error))
