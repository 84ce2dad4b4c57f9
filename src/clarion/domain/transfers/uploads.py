"""Files that come through the API, part by part, for imports to read: `clarion import` without a bucket."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path
from typing import NamedTuple

from clarion.core.errors import Conflict, Invalid

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


class Uploaded(NamedTuple):
    """A file as far as it has come: where imports find it, and how many bytes are there."""

    url: str
    size: int


class Uploads:
    """The upload folder, with a folder for each project. Processes that share the work must share it, too."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def put(self, app_id: str, name: str, offset: int, data: bytes) -> Uploaded:
        """Write a part that begins at byte `offset`; 0 begins the file anew. The same part again does no harm.

        Raises Invalid for a name, Conflict when the part does not follow what is there.
        """
        path = self._path(app_id, name)
        with self._lock:
            path.parent.mkdir(parents=True, exist_ok=True)
            size = path.stat().st_size if path.exists() else 0
            if offset > size:
                raise Conflict(f"Offset: {offset} is behind the {size} bytes that are there")
            with path.open("r+b" if path.exists() else "wb") as file:
                file.truncate(offset)
                file.seek(offset)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        return Uploaded(f"file://{path}", offset + len(data))

    def delete(self, app_id: str, name: str) -> None:
        """Remove a file; one that is not there is no error."""
        self._path(app_id, name).unlink(missing_ok=True)

    def _path(self, app_id: str, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise Invalid("Name: must be 1 to 200 of A-Z a-z 0-9 . _ -, beginning with a letter or digit")
        return self._folder / app_id / name
