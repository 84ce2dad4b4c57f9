"""What the commands about text messages share."""

from __future__ import annotations

from clarion.cli.output import fail

PATH = "/clarion/v1/sms"


def text_of(value: str) -> str:
    """An option's text, or with `@` the file's that it names, without the line's end."""
    if not value.startswith("@"):
        return value
    try:
        with open(value[1:], encoding="utf-8") as file:
            return file.read().strip()
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{value[1:]}: {error}")
