"""The report of an import: every row that was refused, as lines of `file:line: reason`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import sqlalchemy as sa
import structlog

from clarion.core.errors import ClarionError
from clarion.domain.transfers import store
from clarion.domain.transfers.model import MOST_FAILURES, Failure, Job
from clarion.store.database import Database
from clarion.store.objects import Objects

_log = structlog.get_logger(__name__)


class Reports:
    """What was refused, for the job resource and as an object beside what was read."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self._database = database
        self._objects = objects

    def first(self, connection: sa.Connection, job: Job) -> list[str]:
        """The reason of the job's end, if there is one, and the first failed rows."""
        found = [] if job.reason is None else [job.reason]
        return [*found, *islice(_texts(connection, job), MOST_FAILURES - len(found))]

    def write(self, job: Job, url: str) -> str | None:
        """Write the report; answers where it is, None where nothing may be written: the rows can be asked for."""

        def work(connection: sa.Connection) -> None:
            with self._objects.write(url) as report:
                for text in _texts(connection, job):
                    report.write(text.encode() + b"\n")

        try:
            self._database.read(work)
        except ClarionError as error:
            _log.warning("transfers.report_not_written", job=job.id, url=url, error=error.message)
            return None
        return url


def _texts(connection: sa.Connection, job: Job) -> Iterator[str]:
    urls = {piece.number: piece.url for piece in store.pieces(connection, job.id)} if job.failed else {}
    for _, failure in store.failures(connection, job.id) if job.failed else ():
        yield text(urls.get(failure.piece, ""), failure)


def text(url: str, failure: Failure) -> str:
    """One line of the report."""
    return f"{url}:{failure.line}: {failure.reason}"
