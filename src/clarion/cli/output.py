"""How commands speak: rich on a terminal, plain when piped, JSON where a script asked for it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

console = Console(highlight=False)
_errors = Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """One line for people; markup only shows on a terminal."""
    console.print(text, soft_wrap=True)


def plain(text: str) -> str:
    """A text that a terminal shows as it is, whatever markup it looks like."""
    return escape(text) if console.is_terminal else text


def cells(row: Sequence[object]) -> list[object]:
    """A row whose texts a table shows as they are."""
    return [plain(cell) if isinstance(cell, str) else cell for cell in row]


def as_json(value: object) -> None:
    """The machine form of an answer."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value)).decode() + "\n")


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table on a terminal, tab-separated lines with a heading when piped."""
    lines = [["" if cell is None else str(cell) for cell in row] for row in rows]
    if not console.is_terminal:
        for line in [list(columns), *lines]:
            sys.stdout.write("\t".join(line) + "\n")
        return
    shown = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for line in lines:
        shown.add_row(*line)
    console.print(shown)


@contextmanager
def progress(doing: str) -> Iterator[Callable[[int], None]]:
    """While something long goes on: on a terminal, `doing` and the number that the yielded function is told."""
    with _errors.status(doing) as status:
        yield lambda number: status.update(f"{doing}: {number:,}")


def log_warnings() -> None:
    """For commands that run the product's own code here: what it warns of goes to standard error.

    The others do without: loading what logs takes a third of their time.
    """
    from clarion.server import logs

    logs.configure("warning")


def fail(text: str) -> NoReturn:
    """Say what is wrong on standard error and end with 1."""
    _errors.print(text, style="red", soft_wrap=True, markup=False)
    raise typer.Exit(1)
