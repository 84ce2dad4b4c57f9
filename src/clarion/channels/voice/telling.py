"""Reports of calls on their way to whoever records them: in their order, many together, again after a failure."""

from __future__ import annotations

import asyncio

import structlog

from clarion.channels.feedback import CallReport, Feedback

PAUSES = (0.5, 2.0, 8.0, 30.0, 60.0)
"""Seconds before reports that could not be kept are told again; the last as often as it takes."""
_MOST = 10_000

_log = structlog.get_logger(__name__)


class Telling:
    """What a transport tells of its calls. Lives on the transport's event loop."""

    def __init__(self, feedback: Feedback, provider: str, *, pauses: tuple[float, ...] = PAUSES) -> None:
        self._feedback = feedback
        self._provider = provider
        self._pauses = pauses
        self._waiting: list[CallReport] = []
        self._task: asyncio.Task[None] | None = None

    def add(self, report: CallReport) -> None:
        """Have a report told. While nothing can be kept, the oldest of ten thousand is lost."""
        self._waiting.append(report)
        if len(self._waiting) > _MOST:
            _log.error("voice.report_lost", provider=self._provider, call=self._waiting.pop(0).provider_message_id)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._tell())

    async def close(self, seconds: float) -> None:
        """Wait so long for what is left to be told."""
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=seconds)
            self._task.cancel()

    async def _tell(self) -> None:
        failures = 0
        while self._waiting:
            batch = list(self._waiting)
            try:
                await asyncio.to_thread(self._feedback.calls, self._provider, batch)
            except Exception as error:
                _log.warning("voice.feedback_failed", provider=self._provider, error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(self._pauses[min(failures, len(self._pauses) - 1)])
                failures += 1
            else:
                failures = 0
                told = set(map(id, batch))
                self._waiting = [report for report in self._waiting if id(report) not in told]
