"""What a killed process may leave behind in chDB's files, put right before the engine opens them.

A MergeTree writes an insert's deduplication token to its log first and renames the new part into place second.
A process killed in between leaves a token without its rows, and the retry that would store them is taken for a
repetition. So every logged token whose part is not there is forgotten: retried, it stores its rows.

Format of `deduplication_logs/deduplication_log_<n>.txt`, one line a token: operation (1: added) TAB part TAB
token; a part is `<partition>_<first block>_<last block>_<level>`, and merging widens the range of blocks.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterable
from pathlib import Path

_PART = re.compile(r"([^_]+)_(\d+)_(\d+)_\d+(?:_\d+)?")
_ADDED = "1"


def forget_unfinished_inserts(path: Path) -> None:
    """Repair the chDB directory `path`; does nothing while an engine has it open."""
    logs = sorted(path.glob("store/*/*/deduplication_logs/deduplication_log_*.txt"))
    if not logs:
        return
    with open(path / "status", "a") as status:
        try:
            fcntl.flock(status, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        for log in logs:
            _repair(log, spare=path / "repaired.tmp")


def _repair(log: Path, spare: Path) -> None:
    lines = log.read_text().splitlines(keepends=True)
    blocks = _stored_blocks(entry.name for entry in os.scandir(log.parent.parent) if entry.is_dir())
    kept = [line for line in lines if _has_rows(line, blocks)]
    if kept == lines:
        return
    spare.write_text("".join(kept))  # not beside the log: the engine reads every file there
    spare.replace(log)


def _stored_blocks(parts: Iterable[str]) -> dict[str, list[tuple[int, int]]]:
    """The ranges of block numbers by partition, of whatever is a finished part among directory names."""
    blocks: dict[str, list[tuple[int, int]]] = {}
    for part in parts:
        if found := _PART.fullmatch(part):
            blocks.setdefault(found[1], []).append((int(found[2]), int(found[3])))
    return blocks


def _has_rows(line: str, blocks: dict[str, list[tuple[int, int]]]) -> bool:
    fields = line.rstrip("\n").split("\t")
    if len(fields) != 3:
        return False  # torn by the kill
    if fields[0] != _ADDED or not (part := _PART.fullmatch(fields[1])):
        return True
    return any(first <= int(part[2]) and int(part[3]) <= last for first, last in blocks.get(part[1], ()))
