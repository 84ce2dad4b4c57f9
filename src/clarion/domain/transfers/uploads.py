"""Files that come through the API, part by part, for imports to read: `clarion import` without a bucket."""

from __future__ import annotations

import os
import re
import shutil
import threading
from pathlib import Path, PurePosixPath
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

    def get(self, app_id: str, name: str) -> Uploaded:
        """How much of a file is there, 0 bytes when nothing is, and where it is or would be. Raises Invalid."""
        path = self._path(app_id, name)
        return Uploaded(f"file://{path}", path.stat().st_size if path.is_file() else 0)

    def delete(self, app_id: str, name: str) -> None:
        """Remove a file, or a folder that an export wrote into; one that is not there is no error."""
        path = self._path(app_id, name)
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    def drop(self, app_id: str) -> None:
        """Remove everything of a project."""
        shutil.rmtree(self._folder / app_id, ignore_errors=True)

    def check(self, app_id: str, member: str, url: str) -> None:
        """Raise Invalid for a URL that leads into the upload folder, but not to what is the project's own."""
        path = PurePosixPath(url.removeprefix("file://"))
        if not url.startswith("file://") or not path.is_relative_to(self._folder):
            return
        if not path.is_relative_to(self._folder / app_id):
            raise Invalid(f"{member}: is not among the uploads of this project")

    def _path(self, app_id: str, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise Invalid("Name: must be 1 to 200 of A-Z a-z 0-9 . _ -, beginning with a letter or digit")
        return self._folder / app_id / name
