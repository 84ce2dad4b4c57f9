"""Where the suite keeps objects: a folder of files, a bucket of moto's server; and stores that misbehave."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clarion.core.settings import Settings
from clarion.store.objects import Found, Limits, Objects, open_objects

LIMITS = Limits(
    connect_seconds=2.0,
    read_seconds=10.0,
    pause_seconds=0.001,
    chunk_bytes=64 << 10,
    piece_bytes=256 << 10,
    part_bytes=5 << 20,
)


@dataclass
class Place:
    """Objects below `base`, and a way in past the code under test."""

    kind: str
    base: str
    objects: Objects
    put: Callable[[str, bytes], None]
    remove: Callable[[str], None]
    names: Callable[[], list[str]]
    """Everything there is, also what `find` would not tell."""

    def find(self, name: str = "") -> list[str]:
        return [found.url.removeprefix(self.base) for found in self.objects.find(self.base + name)]

    def one(self, name: str) -> Found:
        [found] = self.objects.find(self.base + name)
        return found

    def content(self, name: str, start: int = 0) -> bytes:
        return b"".join(self.objects.read(self.one(name), start))


def files_place(folder: Path) -> Place:
    """A place in a folder of its own."""

    def put(name: str, content: bytes) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written.append(path)
        # The clock of the file system is coarse: let every write have a time of its own.
        stamp = 1_700_000_000_000_000_000 + len(written) * 1_000_000_000
        os.utime(path, ns=(stamp, stamp))

    written: list[Path] = []
    folder.mkdir()
    objects = open_objects(Settings(object_folders=str(folder)), limits=LIMITS)
    return Place(
        "file",
        f"file://{folder}/",
        objects,
        put,
        lambda name: (folder / name).unlink(),
        lambda: sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()),
    )


def s3_settings(endpoint: str) -> Settings:
    return Settings(
        s3_endpoint_url=endpoint, s3_region="us-east-1", s3_access_key_id="AKIAEXAMPLE", s3_secret_access_key="secret"
    )


def s3_place(endpoint: str, bucket: str, client: Any) -> Place:
    """A place in a bucket of its own; `client` is unmodified boto3."""
    client.create_bucket(Bucket=bucket)

    def names() -> list[str]:
        uploads = client.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
        objects = client.list_objects_v2(Bucket=bucket).get("Contents", [])
        return sorted([item["Key"] for item in objects] + [f"unfinished {item['Key']}" for item in uploads])

    return Place(
        "s3",
        f"s3://{bucket}/",
        open_objects(s3_settings(endpoint), limits=LIMITS),
        lambda name, content: client.put_object(Bucket=bucket, Key=name, Body=content),
        lambda name: client.delete_object(Bucket=bucket, Key=name),
        names,
    )


class Scripted:
    """A store that answers request after request with the given bytes and then ends the connection.

    An answer of None says nothing until the client goes, and so does the end of any other with `hold`.
    The last one is repeated.
    """

    def __init__(self, answers: list[bytes | None], *, hold: bool = False) -> None:
        self._hold = hold
        self._answers = answers
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self.requests: list[str] = []

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    @contextmanager
    def running(self) -> Iterator[Scripted]:
        accepting = threading.Thread(target=self._accept)
        accepting.start()
        try:
            yield self
        finally:
            self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()
            for thread in [accepting, *self._threads]:
                thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(10)
            received = b""
            while b"\r\n\r\n" not in received:
                data = connection.recv(65536)
                if not data:
                    return
                received += data
            answer = self._answers[min(len(self.requests), len(self._answers) - 1)]
            self.requests.append(received.decode("latin-1"))
            try:
                if answer is not None:
                    connection.sendall(answer)
                    if not self._hold:
                        connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass
            except OSError:
                return


def answer(status: str, body: bytes = b"", *, length: int | None = None, **headers: str) -> bytes:
    """An HTTP answer; `length` is what it says of its body's length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def failure(status: str, code: str, message: str = "no") -> bytes:
    """An error of S3."""
    return answer(status, f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode())


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """The block must come to its end, and not only when everything else has: in so long, or ten times as long where a
    machine is busy."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < 10 * seconds
