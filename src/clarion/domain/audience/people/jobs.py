"""Erasing somebody, step by step; a process that dies in between is followed by another that goes on.

    erase ─→ catch up ─→ one transaction: endpoints gone, mirror told, their ids kept as digests ─→ sweep
    sweep ─→ catch up ─→ count (once) ─→ every holder erases ─→ COMPLETED ─→ sweep once more, a while later

Everything that was accepted before the endpoints went is in the stores when the holders begin: nothing that waits
in the log can bring somebody back. What was in somebody's hands meanwhile (a message being handed over, a page of a
campaign being planned) is found by the second sweep. Sweeps that wait are done together, as each asks the columnar
store to look at everything it has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
import structlog

from clarion.core.clock import Clock
from clarion.domain.audience import store as endpoints
from clarion.domain.audience.model import Endpoint, decode
from clarion.domain.audience.people import store
from clarion.domain.audience.people.holder import Person, Redact
from clarion.domain.audience.people.service import ERASE, Erase, People, Who, is_left_by
from clarion.domain.audience.store import Rows, Writer
from clarion.engine import log_dead
from clarion.engine.jobs import Jobs, LeasedJob, finish_all
from clarion.store.database import Database

SWEEP, PURGE = "people.sweep", "people.purge"
LATER_MS = 15 * 60_000
PURGE_MS = 24 * 60 * 60_000
ATTEMPTS = 300
"""The columnar store may be away for a day."""

TOGETHER = 50
_DEAD_ROWS = 100

_log = structlog.get_logger(__name__)


class Sweep(msgspec.Struct, kw_only=True):
    """Arguments of `people.sweep`. `late`: the second time."""

    erasure_id: str
    person: Person
    late: bool = False
    version: int = 1


class PeopleJobs:
    """The handlers of `people.erase`, `people.sweep` and `people.purge`."""

    def __init__(self, database: Database, people: People, jobs: Jobs, *, clock: Clock) -> None:
        self._database = database
        self._people = people
        self._jobs = jobs
        self._clock = clock
        self._writer = Writer(database)
        jobs.register(ERASE, self.erase, attempts=ATTEMPTS, on_dead=self._failed)
        jobs.register(SWEEP, self.sweep, batch=True, size=TOGETHER, attempts=ATTEMPTS, on_dead=self._failed)
        jobs.register(PURGE, self.purge)

    def erase(self, job: LeasedJob) -> None:
        """Take somebody's endpoints away and leave the rest to a sweep."""
        args = job.decode(Erase)
        who = Who(args.user_id, args.endpoint_id)
        self._people.catch_up()
        self._people.digests.prepare()
        if who.user_id is None:
            found = Person(app_id=args.app_id, keys=[who.identifier])
        else:
            found, _ = self._people.find(args.app_id, who)
        self._database.write(lambda connection: self._take_away(connection, job, args, found))

    def sweep(self, jobs: Sequence[LeasedJob]) -> None:
        """Have the holders erase several people."""
        self._people.catch_up()
        sweeps = [job.decode(Sweep) for job in jobs]
        wanted = self._database.read(lambda c: [one for one in sweeps if store.get(c, one.erasure_id) is not None])
        people = [self._as_of_now(one) for one in wanted]
        counts = [self._count(one) for one in people]
        self._database.write(lambda c: self._keep_counts(c, wanted, counts, late=False))
        if people:
            self._redact(people)
        marked = [holder.erase(people) for holder in reversed(self._people.holders)] if people else []

        def finish(connection: sa.Connection) -> None:
            finish_all(connection, jobs)
            self._keep_counts(connection, wanted, counts, late=True)
            for one in wanted:
                self._end(connection, one)
            if any(marked) and not self._jobs.has(connection, PURGE):
                self._jobs.enqueue(connection, PURGE, {}, due_ms=self._clock.now_ms() + PURGE_MS, key=PURGE)

        self._database.write(finish)

    def purge(self, job: LeasedJob) -> None:
        """Take erased rows of the columnar store off the disk."""
        for holder in self._people.holders:
            holder.purge()

    def _take_away(self, connection: sa.Connection, job: LeasedJob, args: Erase, found: Person) -> None:
        job.finish(connection)
        if store.get(connection, args.erasure_id) is None:
            return
        rows = Rows(connection, args.app_id)
        documents = dict(rows.by_keys(found.keys))
        if found.user_id:
            documents |= rows.by_users([found.user_id])
        stored = {key: decode(document) for key, document in documents.items()}
        own = {key: one for key, one in stored.items() if _belongs(one, found.user_id)}
        keys = sorted((set(found.keys) - stored.keys()) | own.keys())
        announced = endpoints.announce(connection, args.app_id, keys) if keys else 0
        self._writer.remove(connection, args.app_id, list(own))
        digests = {self._people.digests.of(args.app_id, "endpoint", key) for key in keys}
        if found.user_id:
            digests.add(self._people.digests.of(args.app_id, "user", found.user_id))
        store.add_ids(self._database, connection, args.app_id, args.erasure_id, digests)
        self._add_counts(connection, args.erasure_id, {"Endpoints": len(own)})
        now = self._clock.now_ms()
        addresses = {one.address.lower() for one in own.values() if one.address} | set(found.addresses)
        person = msgspec.structs.replace(
            found, keys=keys, addresses=sorted(addresses), before_ms=now, announced=announced
        )
        sweep = Sweep(erasure_id=args.erasure_id, person=person)
        self._jobs.enqueue(connection, SWEEP, sweep, due_ms=now, key=f"{SWEEP}:{args.erasure_id}")

    def _as_of_now(self, one: Sweep) -> Person:
        """The person, with the endpoints that have been created anew under the same keys."""
        person = one.person
        found = self._database.read(lambda connection: endpoints.load(connection, person.app_id, person.keys))
        newer = {key: endpoint.created_ms for key, endpoint in found.items()}
        return msgspec.structs.replace(person, newer=newer, late=one.late)

    def _count(self, person: Person) -> Counter[str]:
        found: Counter[str] = Counter()
        for holder in self._people.holders:
            found.update({kind: number for kind, number in holder.count(person).items() if kind != "Endpoints"})
        return found

    def _keep_counts(
        self, connection: sa.Connection, sweeps: Sequence[Sweep], counts: Sequence[Counter[str]], *, late: bool
    ) -> None:
        """Keep the counts of the first sweeps before anything is erased, or those of the late ones afterwards."""
        for one, found in zip(sweeps, counts, strict=True):
            if one.late is late:
                self._add_counts(connection, one.erasure_id, found, counted=not late)

    def _add_counts(
        self, connection: sa.Connection, erasure_id: str, counts: dict[str, int], *, counted: bool = False
    ) -> None:
        erasure = store.get(connection, erasure_id)
        if erasure is not None:
            store.add_counts(connection, erasure, counts, counted=counted)

    def _end(self, connection: sa.Connection, one: Sweep) -> None:
        if one.late:
            return
        now = self._clock.now_ms()
        store.end(connection, one.erasure_id, "COMPLETED", now)
        late = msgspec.structs.replace(one, late=True)
        self._jobs.enqueue(connection, SWEEP, late, due_ms=now + LATER_MS, key=f"{SWEEP}:{one.erasure_id}")

    def _redact(self, people: Sequence[Person]) -> None:
        """Take people out of log rows that were set aside, so that bringing those back does not bring them back."""
        redactors = {kind: redact for holder in self._people.holders for kind, redact in holder.redactors().items()}
        after = 0
        while rows := self._database.read(lambda c, after=after: log_dead.listed(c, after=after, limit=_DEAD_ROWS)):  # type: ignore[misc]
            after = rows[-1].id
            for row in rows:
                body = _redacted(row.body, redactors.get(row.kind), people)
                if body != row.body:
                    self._database.write(lambda c, row_id=row.id, body=body: _keep(c, row_id, body))  # type: ignore[misc]

    def _failed(self, connection: sa.Connection, job: LeasedJob) -> None:
        args = msgspec.json.decode(job.args, type=_Named)
        erasure = store.get(connection, args.erasure_id)
        if erasure is not None and erasure.state == "RUNNING":
            _log.error("people.erasure_failed", erasure=erasure.id)
            store.end(connection, erasure.id, "FAILED", self._clock.now_ms())


def _redacted(body: bytes, redact: Redact | None, people: Sequence[Person]) -> bytes | None:
    for one in people:
        try:
            left = body if redact is None else redact(body, one)
        except msgspec.DecodeError:
            left = None if one.named_in(body) else body
        if left is None:
            return None
        body = left
    return body


def _keep(connection: sa.Connection, row_id: int, body: bytes | None) -> None:
    if body is None:
        log_dead.drop(connection, [row_id])
    else:
        log_dead.replace(connection, row_id, body)


class _Named(msgspec.Struct):
    erasure_id: str


def _belongs(endpoint: Endpoint, user_id: str) -> bool:
    """Whether it goes with the person: it may have become somebody else's since it was found."""
    return not user_id or endpoint.user_id == user_id or is_left_by(endpoint, user_id)
