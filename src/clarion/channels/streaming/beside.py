"""Calls side by side, no longer than so many seconds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from clarion.core.clock import perf_seconds

T = TypeVar("T")


def beside(calls: Sequence[Callable[[], T]], seconds: float) -> list[T | None]:
    """What each call answers, on a thread of its own; None for one that takes longer, which is left behind.

    The threads are daemons, so that none of those keeps the process from ending. Raises what a call raises.
    """
    answers: list[T | None] = [None] * len(calls)
    errors: list[BaseException] = []

    def run(place: int) -> None:
        try:
            answers[place] = calls[place]()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(place,), name="stream", daemon=True) for place in range(len(calls))]
    until = perf_seconds() + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(until - perf_seconds(), 0.0))
    if errors:
        raise errors[0]
    return answers[:]
