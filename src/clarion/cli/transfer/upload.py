"""Local files on their way to the server: named by what they are, so that the same command goes on where it stopped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from clarion.cli.client import Client
from clarion.cli.output import fail, progress
from clarion.domain.transfers.model import ENDINGS
from clarion.shapes.pinpoint import Format

PATH = "/clarion/v1/uploads"
PART = 4 << 20
"""Bytes in one request: with base64 below the 7 MB that a server takes."""


class Uploaded(NamedTuple):
    """Local files that are on the server: the URL that means all of them, and what each is called there."""

    url: str
    names: dict[str, str]
    local: dict[str, str]
    """URL on the server → local path."""


def upload(client: Client, app_id: str, files: Sequence[Path], format: Format) -> Uploaded:
    """Bring the files up. Parts that are there already, from a run that was interrupted, are not sent again."""
    token = _token(files)
    names, local = {}, {}
    for number, file in enumerate(files):
        name = _name(token, number, file, format)
        names[name] = str(file)
        local[_upload(client, app_id, file, name)] = str(file)
    if len(files) == 1:
        return Uploaded(next(iter(local)), names, local)
    prefix = client.call("GET", PATH, {"ApplicationId": app_id, "Name": f"{token}-"})["Url"]
    return Uploaded(prefix, names, local)


def remove(client: Client, app_id: str, names: Sequence[str]) -> None:
    """Remove files, or folders, from the server."""
    for name in names:
        client.call("DELETE", PATH, {"ApplicationId": app_id, "Name": name})


def _upload(client: Client, app_id: str, file: Path, name: str) -> str:
    query = {"ApplicationId": app_id, "Name": name}
    before = file.stat()
    there: dict[str, Any] = client.call("GET", PATH, query)
    at = there["Size"] if there["Size"] <= before.st_size else 0
    with file.open("rb") as content, progress(f"uploading {file}, bytes") as tell:
        content.seek(at)
        if not at:
            # An empty file goes up, too.
            client.call("POST", PATH, query, {"Data": b""})
        while part := content.read(PART):
            client.call("POST", PATH, {**query, "Offset": at}, {"Data": part})
            at += len(part)
            tell(at)
    after = file.stat()
    if at != before.st_size or (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        fail(f"{file} changed while it was uploaded")
    return str(there["Url"])


def _token(files: Sequence[Path]) -> str:
    """The same for the same files as they are now."""
    digest = blake2b(digest_size=8)
    for file in files:
        status = file.stat()
        digest.update(f"{file.resolve()}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    return digest.hexdigest()


def _name(token: str, number: int, file: Path, format: Format) -> str:
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", file.name)[-120:]
    if not plain.lower().endswith(ENDINGS[format]):
        plain += ENDINGS[format][0]
    return f"{token}-{number:03d}-{plain}"
