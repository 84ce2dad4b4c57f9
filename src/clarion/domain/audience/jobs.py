"""Erasing removed attributes from stored endpoints, page by page, when Clarion is set to do so."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.domain.audience import store
from clarion.domain.audience.model import Endpoint, decode, encode
from clarion.domain.audience.names import matcher
from clarion.domain.audience.service import STRIP, Strip
from clarion.domain.audience.store import Rows, Stored, Writer
from clarion.engine.jobs import Jobs, LeasedJob
from clarion.store.database import Database

PAGE = 500


class AudienceJobs:
    """The handler of `audience.strip`."""

    def __init__(self, database: Database, jobs: Jobs, *, clock: Clock) -> None:
        self._database = database
        self._jobs = jobs
        self._clock = clock
        self._writer = Writer(database)
        jobs.register(STRIP, self.strip)

    def strip(self, job: LeasedJob) -> None:
        """Do one page and leave the rest to a job of its own, in one transaction."""
        self._database.write(lambda connection: self._page(connection, job))

    def _page(self, connection: sa.Connection, job: LeasedJob) -> None:
        job.finish(connection)
        args = job.decode(Strip)
        keys = store.keys_after(connection, args.app_id, args.after, PAGE)
        if not keys:
            return
        found = Rows(connection, args.app_id).by_keys(keys)
        before = {key: decode(document) for key, document in found.items()}
        stripped = {key: _without(endpoint, args) for key, endpoint in before.items()}
        changed = [Stored(key, one, encode(one)) for key, one in stripped.items() if one != before[key]]
        self._writer.save(connection, args.app_id, changed)
        rest = msgspec.structs.replace(args, after=keys[-1])
        self._jobs.enqueue(connection, STRIP, rest, due_ms=self._clock.now_ms())


def _without(endpoint: Endpoint, args: Strip) -> Endpoint:
    matches = matcher(args.patterns)
    held = getattr(endpoint, args.kind)
    kept = {name: value for name, value in held.items() if not matches.fullmatch(name)}
    return msgspec.structs.replace(endpoint, **{args.kind: kept})
