"""Objects by URL: reading, listing and writing `s3://bucket/key` and `file:///path`. Knows no feature.

Files only inside folders that the operator allows (`files`, `beneath`); S3 is the one place of Clarion that
stands on boto3 (`s3`), which is loaded when the first such URL is used.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Lock
from urllib.parse import urlsplit

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
    check(settings)
    return _ByScheme(settings, Files([*allowed(settings), *folders], limits), limits)


def allowed(settings: Settings) -> list[Path]:
    """The folders of `object_folders`. Raises Invalid for one that is not an absolute path."""
    folders = [Path(folder) for folder in settings.object_folders.split(os.pathsep) if folder]
    for folder in folders:
        if not folder.is_absolute():
            raise Invalid(f"object_folders: {folder} is not an absolute path")
    return folders


def check(settings: Settings) -> None:
    """Raises Invalid for settings of S3 with which no client can be made."""
    endpoint = urlsplit(settings.s3_endpoint_url)
    if settings.s3_endpoint_url and (endpoint.scheme not in ("http", "https") or not endpoint.hostname):
        raise Invalid("s3_endpoint_url: must be http://host:port or https://host:port")
    if bool(settings.s3_access_key_id) != bool(settings.s3_secret_access_key):
        raise Invalid("s3_access_key_id: needs s3_secret_access_key, and the other way round")


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

    def read(self, found: Found, start: int = 0) -> Generator[bytes, None, None]:
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
        if "\0" in url or not _is_text(url):
            raise Unreadable(f"{url!r}: must be plain UTF-8 text without NUL")
        if url.startswith("file://"):
            return self._files
        if url.startswith("s3://"):
            return self._opened_s3(url)
        raise Unreadable(f"{url}: must be s3://bucket/key or file:///path")

    def _opened_s3(self, url: str) -> Objects:
        with self._lock:
            if self._s3 is None:
                try:
                    from clarion.store.objects.s3 import S3
                except ModuleNotFoundError as error:
                    raise Unreadable(f"{url}: needs the package {error.name}, which is not installed") from error

                self._s3 = S3(self._settings, self._limits)
            return self._s3


def _is_text(url: str) -> bool:
    try:
        url.encode()
    except UnicodeEncodeError:
        return False
    return True
