"""Doing a request with a token once, whatever becomes of the answer on its way to the caller.

    token known ─→ the kept answer
    token new   ─→ the request; in its transaction: keep the answer (or find another's), then its messages
                   └ push: the services' answers come later, and take the place of what was kept

Every process does this alone: of two at once the second waits at the index and gives the answer of the first.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

import msgspec
import sqlalchemy as sa

from clarion.core.clock import DAY_MS, Clock
from clarion.core.errors import Invalid
from clarion.core.scope import Scope
from clarion.domain.apps.service import Apps
from clarion.domain.messaging.direct import answers
from clarion.domain.messaging.direct.answers import KEEP_MS, Asked
from clarion.engine.jobs import Jobs, LeasedJob
from clarion.shapes.pinpoint import MessageRequest, SendUsersMessageRequest
from clarion.store.database import Database

CLEAN = "direct.clean"
CHUNK = 1_000

A = TypeVar("A", bound=msgspec.Struct)
T = TypeVar("T")
R = TypeVar("R")
Keep = Callable[[sa.Connection, A], bool]
"""Keeps the answer in the transaction of what it answers for; False when that was done already, by somebody else."""


class Once:
    """The answers that are kept, of every app. `register` makes the engine's worker drop old ones."""

    def __init__(self, database: Database, apps: Apps, jobs: Jobs, clock: Clock) -> None:
        self._database = database
        self._apps = apps
        self._jobs = jobs
        self._clock = clock

    def register(self) -> None:
        """Handle the daily job."""
        self._jobs.register(CLEAN, self.clean)
        self._apps.eraser(answers.erase)

    def answer(
        self,
        scope: Scope,
        app_id: str,
        operation: str,
        sent: MessageRequest | SendUsersMessageRequest,
        header: str,
        type: type[A],
        act: Callable[[Keep[A] | None], A | Future[A]],
    ) -> A | Future[A]:
        """What `act` answers, or what it answered to this token before. Errors are not kept.

        Of an answer that comes later, what `act` kept in its transaction is answered to the same token until then.

        `header` is the token that came beside the body. Raises Invalid for a token used for another body, NotFound
        for the project.
        """
        token = _token(sent.idempotency_token, header)
        if not token:
            return act(None)
        self._apps.require(scope, app_id)
        one = answers.asked(app_id, operation, token, msgspec.structs.replace(sent, idempotency_token=None))
        known = self._database.read(lambda connection: answers.earlier(connection, one))
        if known is not None:
            return msgspec.json.decode(known, type=type)
        others: list[bytes] = []

        def keep(connection: sa.Connection, answer: A) -> bool:
            now = self._clock.now_ms()
            found = answers.keep(self._database, connection, one, msgspec.json.encode(answer), now)
            if found is not None:
                others.append(found)
                return False
            if not self._jobs.has(connection, CLEAN):
                self._jobs.enqueue(connection, CLEAN, {}, due_ms=now + DAY_MS, key=CLEAN)
            return True

        answer = act(keep)
        if others:
            return msgspec.json.decode(others[-1], type=type)
        return then(answer, lambda last: self._replaced(one, last)) if isinstance(answer, Future) else answer

    def _replaced(self, one: Asked, last: A) -> Future[A]:
        """The last answer, kept in the place of the first."""
        body = msgspec.json.encode(last)
        written = self._database.submit(lambda connection: answers.replace(connection, one, body))
        return then(written, lambda _: last)

    def clean(self, job: LeasedJob) -> None:
        """Drop what is too old, and come back in a day while anything is left."""
        now = self._clock.now_ms()
        while self._database.write(lambda connection: answers.expire(connection, now - KEEP_MS, CHUNK)) == CHUNK:
            pass

        def finish(connection: sa.Connection) -> None:
            job.finish(connection)
            if answers.any_left(connection):
                self._jobs.enqueue(connection, CLEAN, {}, due_ms=now + DAY_MS, key=CLEAN)

        self._database.write(finish)


def then(first: Future[T], work: Callable[[T], R | Future[R]]) -> Future[R]:
    """What `work` makes of a result that is still to come; it is made even if nobody wants it any more."""
    last: Future[R] = Future()

    def go_on(done: Future[T]) -> None:
        try:
            made = work(done.result())
        except Exception as error:
            if last.set_running_or_notify_cancel():
                last.set_exception(error)
            return
        if isinstance(made, Future):
            made.add_done_callback(lambda inner: _pass_on(inner, last))
        elif last.set_running_or_notify_cancel():
            last.set_result(made)

    first.add_done_callback(go_on)
    return last


def _pass_on(done: Future[R], last: Future[R]) -> None:
    error = done.exception()
    if not last.set_running_or_notify_cancel():
        return  # whoever asked has gone
    if error is None:
        last.set_result(done.result())
    else:
        last.set_exception(error)


def _token(member: str | None, header: str) -> str:
    """The token of a request, "" when it has none."""
    if member is not None and header and member != header:
        raise Invalid("IdempotencyToken: differs from the header X-Clarion-Idempotency-Token")
    if member == "":
        raise Invalid("IdempotencyToken: must not be empty")
    return member or header
