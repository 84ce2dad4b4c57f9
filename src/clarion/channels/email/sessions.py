"""Connections to one place that takes e-mail, kept open between batches, and the workers that share a batch.

A batch is drained by up to `connections` workers, each with a connection of its own:

    take an idle connection or connect ── fails ──> this worker ends; the others go on with the batch
      │
      └─> next message ─> MAIL ─> RCPT ─> DATA ─> content ─> answer ─> next message …
               │ refused: RSET, its own outcome            │ no answer: temporary and `uncertain`
               │ connection lost: on a used connection the message is tried once more on a fresh one
               └─ (servers close idle connections, and some after so many messages), else temporary

What no worker could be found for gets the outcome of the last failed attempt to connect. With `patience` a batch ends
after so many seconds: what has not begun, or waits for an answer before the content, goes back as temporary; what was
passed on is waited for.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from aiosmtplib import SMTP

from clarion.channels.email import dialogue, mime
from clarion.channels.email.dialogue import Stale, goodbye
from clarion.channels.email.dkim import Signer
from clarion.channels.port import EmailOutgoing, Outcome
from clarion.core.errors import Invalid, Unavailable

_PACED = Outcome("throttled", "no more messages a second are wanted", blame="provider", retry_after_ms=1_000)
_CROWDED = Outcome("throttled", "all connections are busy", blame="provider", retry_after_ms=1_000)

Connect = Callable[[], Awaitable[SMTP]]
"""Makes a connection that is ready for MAIL. Raises NoSession."""


class Slots(asyncio.Semaphore):
    """Connections that several `Sessions` share: so many at work, and as many without work besides."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most
        self.idle = 0


class NoSession(Exception):
    """There is no connection to be had; `outcome` is what becomes of the messages for it."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.detail)
        self.outcome = outcome


class _Batch:
    """One call of `send`: what is left to do, and what has come of the rest."""

    def __init__(self, messages: Sequence[EmailOutgoing], patience: float | None) -> None:
        self.pending = deque(enumerate(messages))
        self.outcomes: list[Outcome | None] = [None] * len(messages)
        self.failure = Outcome("temporary", "no SMTP session")
        loop = asyncio.get_running_loop()
        self.complete = loop.create_future()
        self.ends = None if patience is None else loop.time() + patience
        self._open = len(messages)

    def record(self, index: int, outcome: Outcome) -> None:
        self.outcomes[index] = outcome
        self._open -= 1
        if not self._open:
            self.complete.set_result(None)

    @property
    def is_over(self) -> bool:
        """Whether its time is over."""
        return self.ends is not None and asyncio.get_running_loop().time() >= self.ends

    def result(self) -> list[Outcome]:
        return [outcome or self.failure for outcome in self.outcomes]


class Sessions:
    """At most `connections` at a time, of all batches together; `slots` are shared with others, too.

    `timeout_seconds` bounds the wait for the answer to a content, `signer` adds DKIM signatures. `too_slow` is what
    becomes of messages when patience is over. `idle_seconds`: how long a connection is kept without work. `rate`:
    most messages a second, 0 for any number; what patience is over for then is `throttled`.
    """

    def __init__(
        self,
        connect: Connect,
        *,
        connections: int,
        timeout_seconds: float,
        signer: Signer | None = None,
        patience: float | None = None,
        too_slow: Outcome | None = None,
        slots: Slots | None = None,
        idle_seconds: float | None = None,
        rate: float = 0,
    ) -> None:
        self.connections = max(1, connections)
        self._connect = connect
        self._timeout = timeout_seconds
        self._signer = signer
        self._patience = patience
        self._too_slow = too_slow or Outcome("temporary", "the server is too slow")
        self._own = asyncio.Semaphore(self.connections)
        self._shared = slots
        self._idle_seconds = idle_seconds
        self._gap = 1 / rate if rate else 0.0
        self._next_at = 0.0
        self._idle: list[SMTP] = []
        self._sweeper: asyncio.TimerHandle | None = None
        self._leaving: set[asyncio.Task[None]] = set()
        self._is_open = True
        self._at_work: set[SMTP] = set()
        self.busy = 0

    def _set_idle(self, clients: list[SMTP]) -> list[SMTP]:
        """Replace what is idle; answers what was."""
        before, self._idle = self._idle, clients
        if self._shared is not None:
            self._shared.idle += len(clients) - len(before)
        return before

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way and no connection is kept."""
        return not self.busy and not self._idle and not self._leaving

    @property
    def is_working(self) -> bool:
        """Whether any message is on a connection, or could be at once."""
        return any(client.is_connected for client in (*self._at_work, *self._idle))

    async def close(self) -> None:
        """Say goodbye on idle connections; those at work are closed when their message is through."""
        self._is_open = False
        if self._sweeper is not None:
            self._sweeper.cancel()
        idle = self._set_idle([])
        await asyncio.gather(*(goodbye(client) for client in idle), *self._leaving)

    async def send(self, messages: Sequence[EmailOutgoing]) -> list[Outcome]:
        """See `Transport.send`."""
        if not messages:
            return []
        batch = _Batch(messages, self._patience)
        workers = {asyncio.create_task(self._work(batch)) for _ in range(min(len(messages), self.connections))}
        running = set(workers)
        self.busy += 1
        try:
            while running and not batch.complete.done():
                await asyncio.wait({*running, batch.complete}, return_when=asyncio.FIRST_COMPLETED)
                running = {worker for worker in running if not worker.done()}
        finally:
            self.busy -= 1
            # What still runs is waiting for a connection that is not needed any more (or was cancelled with us).
            for worker in running:
                worker.cancel()
            results = await asyncio.gather(*workers, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                batch.failure = Outcome("temporary", f"{type(result).__name__}: {result}")
        return batch.result()

    async def _work(self, batch: _Batch) -> None:
        try:
            async with asyncio.timeout_at(batch.ends):
                await self._own.acquire()
        except TimeoutError:
            batch.failure = self._too_slow
            return
        try:
            await self._share(batch)
        finally:
            self._own.release()

    async def _share(self, batch: _Batch) -> None:
        if self._shared is None:
            await self._drain(batch)
            return
        try:
            async with asyncio.timeout_at(batch.ends):
                await self._shared.acquire()
        except TimeoutError:
            batch.failure = _CROWDED
            return
        try:
            await self._drain(batch)
        finally:
            self._shared.release()

    async def _drain(self, batch: _Batch) -> None:
        client = self._take_idle()
        used = client is not None
        try:
            while batch.pending:
                if batch.is_over:
                    raise TimeoutError
                if client is None or not client.is_connected:
                    client, used = await self._new(batch), False
                used = await self._next(batch, client, used)
        except NoSession as failure:
            batch.failure = failure.outcome
        except TimeoutError:
            batch.failure = self._too_slow
        except BaseException:
            if client is not None:
                client.close()
            raise
        if client is not None:
            await self._give_back(client)

    async def _next(self, batch: _Batch, client: SMTP, used: bool) -> bool:
        """The next message on a connection; answers whether it is a `used` one now."""
        self._at_work.add(client)
        try:
            if self._gap:
                await self._pace(batch)
            if not batch.pending:
                return used
            index, message = batch.pending.popleft()
            try:
                batch.record(index, await self._one(client, message, used, batch.ends))
            except Stale:
                batch.pending.appendleft((index, message))
                client.close()
            except TimeoutError:
                client.close()
                batch.record(index, self._too_slow)
            return True
        finally:
            self._at_work.discard(client)

    async def _pace(self, batch: _Batch) -> None:
        """Wait for the next message's turn. Raises NoSession when it comes after the batch's end."""
        now = asyncio.get_running_loop().time()
        turn = max(self._next_at, now)
        if batch.ends is not None and turn > batch.ends:
            raise NoSession(_PACED)
        self._next_at = turn + self._gap
        try:
            await asyncio.sleep(turn - now)
        except asyncio.CancelledError:
            if batch.complete.done():  # others were faster; the connection is as good as before
                raise NoSession(_PACED) from None
            raise

    async def _new(self, batch: _Batch) -> SMTP:
        async with asyncio.timeout_at(batch.ends):
            return await self._connect()

    async def _one(self, client: SMTP, message: EmailOutgoing, used: bool, ends: float | None) -> Outcome:
        """Raises Stale, and TimeoutError when patience ended before the content was passed on."""
        try:
            mail = self._prepare(message)
        except Invalid as error:
            return Outcome("permanent", error.message)
        except Unavailable as error:  # a key that does not open
            return Outcome("temporary", error.message, blame="credentials")
        except Exception as error:
            return Outcome("temporary", f"{type(error).__name__}: {error}")
        try:
            async with asyncio.timeout_at(ends):
                refusal = await dialogue.envelope(client, mail, used)
        except (Stale, TimeoutError):
            raise
        except Exception as error:
            client.close()
            return Outcome("temporary", f"{type(error).__name__}: {error}")
        if refusal is not None:
            return refusal
        try:
            return await dialogue.content(client, mail, self._timeout)
        except Exception as error:
            client.close()
            return Outcome("temporary", f"{type(error).__name__}: {error}", uncertain=True)

    def _prepare(self, message: EmailOutgoing) -> mime.Mail:
        mail = mime.build(message)
        if self._signer is None:
            return mail
        signature = self._signer.sign(mail.domain, mail.content, message.sent_at_ms)
        return mail._replace(content=signature + mail.content)

    def _take_idle(self) -> SMTP | None:
        while self._idle:
            *rest, client = self._idle
            self._set_idle(rest)
            if client.is_connected:
                return client
        return None

    async def _give_back(self, client: SMTP) -> None:
        if not self._is_open or (self._shared is not None and self._shared.idle >= self._shared.most):
            await goodbye(client)
        elif client.is_connected:
            self._set_idle([*self._idle, client])
            if self._idle_seconds is not None:
                if self._sweeper is not None:
                    self._sweeper.cancel()
                self._sweeper = asyncio.get_running_loop().call_later(self._idle_seconds, self._sweep)

    def _sweep(self) -> None:
        """Nothing was given back for a while: what is still idle goes."""
        for client in self._set_idle([]):
            task = asyncio.create_task(goodbye(client))
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)
