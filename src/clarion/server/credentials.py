"""The root access key of a data folder: `credentials` in AWS's own file format, readable by its owner only."""

from __future__ import annotations

import base64
import configparser
import os
from pathlib import Path
from typing import NamedTuple

FILE = "credentials"


class RootKey(NamedTuple):
    """An access key as AWS tools want it."""

    access_key_id: str
    secret_access_key: str


def path(data: Path) -> Path:
    """Where the root key of this data folder is."""
    return data / FILE


def read(data: Path) -> RootKey | None:
    """The saved root key, or None when there is none yet."""
    parser = configparser.ConfigParser(interpolation=None)
    if not parser.read(path(data)) or "default" not in parser:
        return None
    section = parser["default"]
    return RootKey(section["aws_access_key_id"], section["aws_secret_access_key"])


def save(data: Path, key: RootKey) -> None:
    """Write the root key with mode 0600 from the first byte on."""
    descriptor = os.open(path(data), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(
            f"[default]\naws_access_key_id = {key.access_key_id}\naws_secret_access_key = {key.secret_access_key}\n"
        )


def text_of(secret: bytes) -> str:
    """Secret bytes as the text of a secret access key."""
    return base64.b64encode(secret).decode()
