"""Objects that are files below the allowed folders.

A file that is being written is `.<hash of its name>.clarion-part` beside its place, locked by its writer; what a
killed writer left is taken over by the next one of the same name. `find` does not see such files.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from clarion.core.errors import Unavailable
from clarion.store.objects.beneath import SCHEME, Allowed, opened
from clarion.store.objects.file_errors import told
from clarion.store.objects.port import Changed, Found, Limits, Missing, Unreadable, Writing

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITE = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_PART = ".clarion-part"


class Files:
    """`file://` (see `port.Objects`). Links are followed as long as they lead into an allowed folder;
    below a folder that is listed only those to files are."""

    def __init__(self, folders: Sequence[Path], limits: Limits) -> None:
        self._allowed = Allowed(folders)
        self._limits = limits

    def find(self, url: str) -> list[Found]:
        path = self._allowed.path(url)
        with told(url):
            if self._is_folder(path, url):
                return sorted(self._below(path, ""))
            if url.endswith("/"):
                return []
            if exact := self._exact(path, url):
                return [exact]
            parent, _, beginning = path.rpartition("/")
            return sorted(self._below(parent, beginning)) if os.path.isdir(parent) else []

    def read(self, found: Found, start: int = 0) -> Generator[bytes, None, None]:
        with told(found.url), self._open(found) as descriptor:
            while start < found.size:
                if _tag(self._look(self._allowed.path(found.url))) != found.tag:
                    raise _changed(found)
                chunk = os.pread(descriptor, min(self._limits.chunk_bytes, found.size - start), start)
                if not chunk or _tag(os.fstat(descriptor)) != found.tag:
                    raise _changed(found)
                start += len(chunk)
                yield chunk

    @contextmanager
    def write(self, url: str) -> Iterator[Writing]:
        with self._parent(url, create=True) as (folder, name):
            part = f".{hashlib.sha256(name.encode()).hexdigest()[:24]}{_PART}"
            with told(url), suppress(FileNotFoundError):
                if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                    raise Unreadable(f"{url}: is a folder")
            with told(url):
                file = os.fdopen(_claim(folder, part, url), "wb", self._limits.chunk_bytes)
            try:
                yield _Writing(url, file)
                with told(url):
                    file.flush()
                    os.fsync(file.fileno())
                    os.replace(part, name, src_dir_fd=folder, dst_dir_fd=folder)
                    os.fsync(folder)
            except BaseException:
                with suppress(OSError):
                    os.unlink(part, dir_fd=folder)
                raise
            finally:
                with suppress(OSError):
                    file.close()

    def delete(self, url: str) -> None:
        with suppress(Missing), self._parent(url) as (folder, name), told(url):
            os.unlink(name, dir_fd=folder)
            os.fsync(folder)

    def close(self) -> None:
        pass

    def _is_folder(self, path: str, url: str) -> bool:
        root, names = self._allowed.split(path)
        if not os.path.isdir(root):
            raise Missing(f"{url}: the allowed folder {root} does not exist")
        return not names or os.path.isdir(os.path.join(root, *names))

    def _exact(self, path: str, url: str) -> Found | None:
        try:
            status = self._look(path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable(f"{url}: is neither a file nor a folder")
        return Found(url, status.st_size, _tag(status))

    def _look(self, path: str) -> os.stat_result:
        root, names = self._allowed.split(path)
        with opened(root, names[:-1]) as folder:
            return os.stat(names[-1] if names else ".", dir_fd=folder, follow_symlinks=False)

    def _below(self, path: str, beginning: str) -> Iterator[Found]:
        """Files in the folder at `path`, and in those below, whose path in there begins so."""
        root, names = self._allowed.split(path)
        with opened(root, names) as top:
            for at, folders, files, folder in os.fwalk(".", dir_fd=top, onerror=_raise):
                if at == ".":
                    folders[:] = [name for name in folders if name.startswith(beginning)]
                    files = [name for name in files if name.startswith(beginning)]
                here = path + at[1:]
                for name in files:
                    if found := self._listed(f"{here}/{name}", name, folder):
                        yield found

    def _listed(self, path: str, name: str, folder: int) -> Found | None:
        try:
            path.encode()
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISLNK(status.st_mode):
                status = self._look(path)
        except UnicodeEncodeError as error:
            raise Unreadable(f"{SCHEME}{path!r}: the name is not UTF-8") from error
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(status.st_mode) or (name.startswith(".") and name.endswith(_PART)):
            return None
        return Found(SCHEME + path, status.st_size, _tag(status))

    @contextmanager
    def _open(self, found: Found) -> Iterator[int]:
        root, names = self._allowed.split(self._allowed.path(found.url))
        if not names:
            raise Unreadable(f"{found.url}: is a folder")
        with opened(root, names[:-1]) as folder:
            descriptor = os.open(names[-1], _READ, dir_fd=folder)
        try:
            if _tag(os.fstat(descriptor)) != found.tag:
                raise _changed(found)
            yield descriptor
        finally:
            os.close(descriptor)

    @contextmanager
    def _parent(self, url: str, *, create: bool = False) -> Iterator[tuple[int, str]]:
        """The folder that the file of this URL is or will be in, as a descriptor, and its name in there."""
        path = self._allowed.path(url)
        if url.endswith("/") or self._allowed.is_folder_itself(path):
            raise Unreadable(f"{url}: is a folder")
        parent, _, name = path.rpartition("/")
        root, names = self._allowed.split(parent)
        with ExitStack() as stack:
            with told(url):
                descriptor = stack.enter_context(opened(root, names, create=create))
            yield descriptor, name


class _Writing:
    def __init__(self, url: str, file: BinaryIO) -> None:
        self._url = url
        self._file = file

    def write(self, data: bytes, /) -> int:
        with told(self._url):
            return self._file.write(data)

    def flush(self) -> None:
        pass


def _claim(folder: int, part: str, url: str) -> int:
    """The part file, empty and locked. Raises Unavailable while another writer has it."""
    while True:
        descriptor = os.open(part, _WRITE, 0o666, dir_fd=folder)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(descriptor), os.stat(part, dir_fd=folder, follow_symlinks=False)):
                    os.ftruncate(descriptor, 0)
                    return descriptor
        except BlockingIOError as error:
            os.close(descriptor)
            raise Unavailable(f"{url}: is being written by somebody else") from error
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _tag(status: os.stat_result) -> str:
    return f"{status.st_ino:x}-{status.st_mtime_ns:x}-{status.st_size:x}"


def _changed(found: Found) -> Changed:
    return Changed(f"{found.url}: changed since it was found")


def _raise(error: OSError) -> None:
    raise error
