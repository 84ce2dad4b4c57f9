"""The port: what can be done with objects by their URL, and how it fails.

URLs are taken literally, nothing in them is decoded: `s3://bucket/key` as the AWS CLI writes it,
`file:///absolute/path` with blanks, `%` or `?` standing for themselves.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from clarion.core.errors import Invalid


class Unreadable(Invalid):
    """The object cannot be read (listed, written, deleted), and trying again will not help.

    The message begins with the URL and says why. Temporary trouble is `core.errors.Unavailable` instead.
    """


class Missing(Unreadable):
    """No such bucket, folder or object, or it went away in between."""


class Denied(Unreadable):
    """The store refuses these credentials, or the path is outside the folders that the operator allows."""


class Changed(Unreadable):
    """The object is not the one any more that `find` saw."""


class Found(NamedTuple):
    """One object as it was when it was looked at."""

    url: str
    size: int
    """In bytes."""
    tag: str
    """Another one whenever the content is: the ETag; of files inode, modification time and size."""


class Limits(NamedTuple):
    """How long and how much at a time; what an implementation has no use for it ignores."""

    connect_seconds: float = 5.0
    read_seconds: float = 30.0
    """Longest silence of the store, while it answers or takes data, before it counts as stalled."""
    tries: int = 4
    """How often one request, or the rest of one object, is asked for without a byte arriving."""
    pause_seconds: float = 0.2
    """Before the second try; doubled for each further one."""
    chunk_bytes: int = 1 << 20
    """Most bytes that `read` hands out at once."""
    piece_bytes: int = 32 << 20
    """Most bytes one request asks for: an object is looked at again, and may turn out changed, this often."""
    part_bytes: int = 16 << 20
    """What is written goes in parts of this size (S3 takes 10,000 of at least 5 MiB), or whole when it is less."""


class Writing(Protocol):
    """Where the content of a new object goes; enough of a file for `gzip.GzipFile(fileobj=…)`."""

    def write(self, data: bytes, /) -> int: ...

    def flush(self) -> None:
        """Does nothing: the object appears when the block ends."""
        ...


class Objects(Protocol):
    """Objects by URL; safe for any number of threads. Everything raises `Unreadable` or `Unavailable`."""

    def find(self, url: str) -> list[Found]:
        """The object of exactly this URL, or else all objects whose URL begins with it, sorted by URL.

        Prefixes are strings: `s3://b/in/2026` also finds `s3://b/in/2026-01/x.csv`. Only a folder of files is taken
        as that folder also without its last `/`. Empty objects that stand for a folder (`…/`) are left out. Nothing
        found is an empty list; Missing is a bucket, or an allowed folder, that does not exist.
        """
        ...

    def read(self, found: Found, start: int = 0) -> Generator[bytes, None, None]:
        """The content from byte `start` on in chunks, in constant memory; close it if you do not exhaust it.

        Raises Changed when the object has another tag by now, also in the middle: what was handed out before is
        of the object that was found. Dropped connections are taken up where they broke.
        """
        ...

    def write(self, url: str) -> AbstractContextManager[Writing]:
        """A new object, in place of an old one: there whole when the block has ended well, not at all otherwise."""
        ...

    def delete(self, url: str) -> None:
        """Remove the object; one that is not there is no error."""
        ...

    def close(self) -> None:
        """Let go of connections; the next call opens them anew."""
        ...
