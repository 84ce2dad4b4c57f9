"""A running job, watched until it has ended: a bar on a terminal, a line now and then when piped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from clarion.cli.client import Client
from clarion.cli.output import console, say
from clarion.core.clock import perf_seconds

ENDED = ("COMPLETED", "FAILED")
LOOK_SECONDS = 0.3
LINE_SECONDS = 5.0

Told = Callable[[Mapping[str, Any]], None]


def follow(client: Client, path: str, query: Mapping[str, object], *, quiet: bool = False) -> dict[str, Any]:
    """The progress (`GET path`) of a job that has ended. `quiet`: say nothing on the way."""
    if quiet:
        return _watch(client, path, query, lambda progress: None)
    if not console.is_terminal:
        return _watch(client, path, query, _Lines())
    columns = (
        TextColumn("{task.description:<12}"),
        BarColumn(),
        TextColumn("{task.fields[counts]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        return _watch(client, path, query, _Bar(bar))


def _watch(client: Client, path: str, query: Mapping[str, object], tell: Told) -> dict[str, Any]:
    pause = threading.Event()
    while True:
        progress: dict[str, Any] = client.call("GET", path, query)
        tell(progress)
        if progress["Job"]["JobStatus"] in ENDED:
            return progress
        pause.wait(LOOK_SECONDS)


class _Counts:
    """Rows so far, in words; the rate is over the time since the first look."""

    def __init__(self) -> None:
        self._began: tuple[float, int] | None = None

    def words(self, progress: Mapping[str, Any]) -> str:
        job = progress["Job"]
        rows, now = int(job.get("TotalProcessed", 0)), perf_seconds()
        began, before = self._began = self._began or (now, rows)
        parts = [f"{rows:,} rows"]
        if now - began > 1:
            parts.append(f"{(rows - before) / (now - began):,.0f} rows/s")
        if failed := job.get("TotalFailures"):
            parts.append(f"{failed:,} refused")
        if pieces := progress.get("Pieces"):
            parts.append(f"{sum(piece['BytesDone'] for piece in pieces) / 1e6:,.1f} MB read")
        if (total := job.get("TotalPieces", 0)) > 1:
            parts.append(f"{job['CompletedPieces']} of {total} files")
        return ", ".join(parts)


class _Lines:
    """A line whenever the state changes, and every few seconds."""

    def __init__(self) -> None:
        self._counts = _Counts()
        self._said: tuple[str, float] = ("", 0.0)

    def __call__(self, progress: Mapping[str, Any]) -> None:
        status, now = progress["Job"]["JobStatus"], perf_seconds()
        words = self._counts.words(progress)
        if status != self._said[0] or now - self._said[1] > LINE_SECONDS:
            self._said = (status, now)
            say(f"{status}: {words}")


class _Bar:
    """How much of the files is done; of packed ones only that they are, since nobody knows what is in them."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._counts = _Counts()
        self._task = bar.add_task("", total=None, counts="")

    def __call__(self, progress: Mapping[str, Any]) -> None:
        pieces = progress.get("Pieces", [])
        total = sum(piece["Size"] for piece in pieces)
        packed = any(piece["Url"].endswith(".gz") for piece in pieces)
        done = sum(
            piece["Size"] if piece["State"] == "done" else 0 if packed else piece["BytesDone"] for piece in pieces
        )
        known = total > 0 and (not packed or len(pieces) > 1)
        self._bar.update(
            self._task,
            description=progress["Job"]["JobStatus"].lower(),
            total=total if known else None,
            completed=done,
            counts=self._counts.words(progress),
        )
