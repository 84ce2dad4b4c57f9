"""Objects that are only a stream of bytes in chunks, for tests of what reads them."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import AbstractContextManager

from clarion.store.objects import Found, Writing


class Stream:
    """One object of the given chunks, whatever its URL; `asked` are the places it was read from."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.asked: list[int] = []

    def read(self, found: Found, start: int = 0) -> Generator[bytes, None, None]:
        self.asked.append(start)
        for chunk in self._chunks:
            if start < len(chunk):
                yield chunk[start:]
            start = max(0, start - len(chunk))

    def find(self, url: str) -> list[Found]:
        raise NotImplementedError

    def write(self, url: str) -> AbstractContextManager[Writing]:
        raise NotImplementedError

    def delete(self, url: str) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


def cut(data: bytes, size: int) -> list[bytes]:
    """The data in chunks of `size`."""
    return [data[start : start + size] for start in range(0, len(data), size)]


def found(data: bytes, name: str = "people.csv") -> Found:
    """What `find` would say of an object with this content."""
    return Found(f"s3://bucket/{name}", len(data), "tag")
