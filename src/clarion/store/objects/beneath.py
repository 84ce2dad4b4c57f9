"""Paths that stay inside the allowed folders, whatever is in the URL, in the folders, or put there meanwhile.

Three locks: the URL must spell an absolute path without `..`, below an allowed folder; what its links lead to must
be below an allowed folder too; and that place is opened step by step, following no link any more.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from clarion.store.objects.port import Denied, Unreadable

SCHEME = "file://"
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Allowed:
    """The folders that may be read and written."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = [PurePosixPath(os.path.abspath(folder)) for folder in folders]

    def path(self, url: str) -> str:
        """The path that the URL spells, as it is spelled but for a last `/`. Raises Unreadable, Denied."""
        path = url.removeprefix(SCHEME)
        if path == url or not path.startswith("/"):
            raise Unreadable(f"{url}: must be file:///absolute/path")
        if "\0" in path or any(part in ("", ".", "..") for part in path.removesuffix("/")[1:].split("/")):
            raise Unreadable(f"{url!r}: must be a plain path, without '..', '.', '//' or NUL")
        if not any(PurePosixPath(path).is_relative_to(folder) for folder in self._folders):
            raise _outside(url)
        return path.removesuffix("/")

    def split(self, path: str) -> tuple[str, tuple[str, ...]]:
        """Where the path leads when its links are followed: a true allowed folder and the names below it.

        Neither need exist. Raises Denied.
        """
        real = PurePosixPath(os.path.realpath(path))
        for folder in self._folders:
            root = os.path.realpath(folder)
            if real.is_relative_to(root):
                return root, real.relative_to(root).parts
        raise _outside(SCHEME + path)

    def is_folder_itself(self, path: str) -> bool:
        """Whether the path is an allowed folder and not below one."""
        return PurePosixPath(path) in self._folders


@contextmanager
def opened(root: str, names: Sequence[str], *, create: bool = False) -> Iterator[int]:
    """A descriptor of the folder `names` below `root`, reached without following a link below `root`.

    `create` makes the folders that are missing, `root` as well. Raises OSError as the system does.
    """
    if create:
        os.makedirs(root, exist_ok=True)
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for name in names:
            if create:
                _make(name, descriptor)
            below = os.open(name, _DIRECTORY, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
        yield descriptor
    finally:
        os.close(descriptor)


def _make(name: str, descriptor: int) -> None:
    try:
        os.mkdir(name, dir_fd=descriptor)
    except FileExistsError:
        return
    os.fsync(descriptor)


def _outside(url: str) -> Denied:
    return Denied(f"{url}: outside the folders that may be used (setting object_folders)")
