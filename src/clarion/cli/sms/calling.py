"""What the commands about text messages share."""

from __future__ import annotations

from clarion.cli.client import Client
from clarion.cli.output import fail
from clarion.core.settings import load

PATH = "/clarion/v1/sms"


def client(config: str | None, data: str | None, url: str | None, region: str) -> Client:
    """The server's API."""
    return Client(load({"data": data}, config=config), url, region)


def text_of(value: str) -> str:
    """An option's text, or with `@` the file's that it names, without the line's end."""
    if not value.startswith("@"):
        return value
    try:
        with open(value[1:], encoding="utf-8") as file:
            return file.read().strip()
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{value[1:]}: {error}")
