"""Objects by URL: reading, listing and writing `s3://bucket/key` and `file:///path`. Knows no feature.

Files only inside folders that the operator allows (`files`, `beneath`); S3 is the one place of Clarion that
stands on boto3 (`s3`), which is loaded when the first such URL is used.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Lock

from clarion.core.errors import Invalid
from clarion.core.settings import Settings
from clarion.store.objects.files import Files
from clarion.store.objects.port import Changed, Denied, Found, Limits, Missing, Objects, Unreadable, Writing

__all__ = ["Changed", "Denied", "Found", "Limits", "Missing", "Objects", "Unreadable", "Writing", "open_objects"]


def open_objects(settings: Settings, *, folders: Sequence[Path] = (), limits: Limits | None = None) -> Objects:
    """Objects as the settings say; `folders` are open to `file://` besides those of `object_folders`.

    Connects to nothing. Raises Invalid for a setting that cannot be meant.
    """
    limits = limits or Limits()
    return _ByScheme(settings, Files([*allowed(settings), *folders], limits), limits)


def allowed(settings: Settings) -> list[Path]:
    """The folders of `object_folders`. Raises Invalid for one that is not an absolute path."""
    folders = [Path(folder) for folder in settings.object_folders.split(os.pathsep) if folder]
    for folder in folders:
        if not folder.is_absolute():
            raise Invalid(f"object_folders: {folder} is not an absolute path")
    return folders


class _ByScheme:
    """Hands every call to the store that the URL's scheme belongs to."""

    def __init__(self, settings: Settings, files: Files, limits: Limits) -> None:
        self._settings = settings
        self._files = files
        self._limits = limits
        self._s3: Objects | None = None
        self._lock = Lock()

    def find(self, url: str) -> list[Found]:
        return self._of(url).find(url)

    def read(self, found: Found, start: int = 0) -> Iterator[bytes]:
        return self._of(found.url).read(found, start)

    def write(self, url: str) -> AbstractContextManager[Writing]:
        return self._of(url).write(url)

    def delete(self, url: str) -> None:
        self._of(url).delete(url)

    def close(self) -> None:
        with self._lock:
            store, self._s3 = self._s3, None
        if store is not None:
            store.close()

    def _of(self, url: str) -> Objects:
        if url.startswith("file://"):
            return self._files
        raise Unreadable(f"{url}: must be s3://bucket/key or file:///path")
