"""Texts of people on their way to whoever takes a project's: a job each, tried again until it is taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec
import sqlalchemy as sa
import structlog

from clarion.core.clock import Clock
from clarion.domain.sms.service import Sms
from clarion.engine.jobs import Jobs, LeasedJob
from clarion.store.database import Database

KIND = "sms.forward"
ATTEMPTS = 12

_log = structlog.get_logger(__name__)


class Forward(msgspec.Struct, kw_only=True):
    """Arguments of `sms.forward`: a text to one of a project's numbers ("": what holds for all)."""

    app_id: str
    number: str
    at_ms: int
    person: str
    payload: dict[str, str]
    version: int = 1


class Messenger(Protocol):
    """Whoever brings a text to a destination. Raises ClarionError when it was not taken."""

    def bring(self, destination: str, role: str, payload: Mapping[str, str], at_ms: int) -> None: ...


class Forwarding:
    """The jobs, of every project."""

    def __init__(self, database: Database, sms: Sms, messenger: Messenger, jobs: Jobs, clock: Clock) -> None:
        self._database = database
        self._sms = sms
        self._messenger = messenger
        self._jobs = jobs
        self._clock = clock

    def register(self) -> None:
        """Let the engine's worker bring texts."""
        self._jobs.register(KIND, self.bring, attempts=ATTEMPTS)

    def enqueue(self, connection: sa.Connection, forward: Forward) -> None:
        """Bring a text, in the caller's transaction."""
        self._jobs.enqueue(connection, KIND, forward, due_ms=self._clock.now_ms())

    def bring(self, job: LeasedJob) -> None:
        """Bring one text; it may come twice, with the same `inboundMessageId`."""
        forward = job.decode(Forward)
        line = next((one for one in self._sms.lines(forward.app_id) if one.number == forward.number), None)
        if line is not None and line.destination:
            destination = self._database.read(lambda connection: self._sms.destination(connection, line))
            self._messenger.bring(destination, line.role, forward.payload, forward.at_ms)
        else:
            _log.info("sms.nobody_takes_texts", app=forward.app_id)
        self._database.write(job.finish)
