"""Connections to checked addresses, kept for the next call, and the end of each call's time.

A socket's own time limit is for one step, and a peer that sends a byte now and then never reaches it; so when the time
of a call is over, its connection is cut by a thread that watches all of them.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from clarion.channels.calls.port import Limits
from clarion.core.clock import perf_seconds

_CONNECT_SECONDS = 5.0
"""For one of several addresses."""

Place = tuple[bool, str, int]
"""Whether by TLS, the host's name, the port."""


class Deadline:
    """The end of one call's time."""

    def __init__(self, seconds: float) -> None:
        self.until = perf_seconds() + seconds
        self.uncertain = False
        """The request has left, at least in part."""
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._cut = False

    @property
    def passed(self) -> bool:
        return self._cut or perf_seconds() >= self.until

    def left(self) -> float:
        """Seconds. Raises TimeoutError when there are none."""
        if self.passed:
            raise TimeoutError
        return max(self.until - perf_seconds(), 0.001)

    def watch(self, connected: socket.socket | None) -> None:
        """Cut this connection when time is over, and none that was watched before."""
        with self._lock:
            self._socket = connected
            if self._cut:
                self._shut()

    def cut(self) -> None:
        """Time is over now."""
        with self._lock:
            self._cut = True
            self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            with suppress(OSError):  # the peer was faster
                # Of the socket below TLS, whose own state belongs to the thread that uses it.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class Watch:
    """Cuts what takes too long, and closes what has been idle too long; one thread, begun by the first call."""

    def __init__(self, limits: Limits, pool: Pool) -> None:
        self._limits = limits
        self._pool = pool
        self._awake = threading.Condition()
        self._under_way: dict[Deadline, None] = {}
        """In the order of their ends, as all have the same time."""
        self._running = self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    def begin(self) -> Deadline | None:
        """A call begins; None once this is closed. Every begun call says `end`."""
        deadline = Deadline(self._limits.seconds)
        with self._awake:
            if self._closed:
                return None
            self._under_way[deadline] = None
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name="callout-watch", daemon=True).start()
        return deadline

    def end(self, deadline: Deadline) -> None:
        """A call is over."""
        deadline.watch(None)
        with self._awake:
            self._under_way.pop(deadline, None)

    def close(self) -> None:
        """Cut all that is under way; no call begins any more."""
        with self._awake:
            self._closed = True
            under_way = list(self._under_way)
            self._awake.notify_all()
        for deadline in under_way:
            deadline.cut()
        self._pool.close()

    def _run(self) -> None:
        while True:
            idle = self._pool.reap(perf_seconds())
            with self._awake:
                now = perf_seconds()
                first = next(iter(self._under_way), None)
                if self._closed or (first is None and not idle):
                    self._running = False
                    return
                if first is None or first.until > now:
                    left = self._limits.idle_seconds if first is None else first.until - now
                    self._awake.wait(min(left, self._limits.idle_seconds) + 0.001)
                    continue
                del self._under_way[first]
            first.cut()


class Connection:
    """One connection. `since` is when it was made, `idle` since when nobody uses it, in seconds."""

    def __init__(self, connected: socket.socket, since: float) -> None:
        self.socket = connected
        self.since = since
        self.idle = since
        self.used = False

    @property
    def is_stale(self) -> bool:
        """The other end has closed it, or said something that nobody asked for."""
        try:
            watched = select.poll()
            watched.register(self.socket, select.POLLIN)
            return bool(watched.poll(0))
        except (OSError, ValueError):
            return True

    def close(self) -> None:
        with suppress(OSError):
            self.socket.close()


class Pool:
    """Connections that wait for the next call, by place; the one used last goes first. Each leads to an address that
    was judged when it was made, and is not kept so long that a change of the name goes unnoticed."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._waiting: dict[Place, deque[Connection]] = {}
        self._count = 0
        self._closed = False

    def take(self, place: Place) -> Connection | None:
        """A connection that seems alive, now the caller's; None when there is none."""
        now = perf_seconds()
        while True:
            with self._lock:
                waiting = self._waiting.get(place)
                if not waiting:
                    return None
                found = waiting.pop()
                self._count -= 1
                if not waiting:
                    del self._waiting[place]
            if not self._is_old(found, now) and not found.is_stale:
                return found
            found.close()

    def give(self, place: Place, connection: Connection) -> None:
        """Keep a connection whose last answer was read to its end."""
        connection.used, connection.idle = True, perf_seconds()
        with self._lock:
            fits = not self._closed and self._count < self._limits.threads
            if fits and not self._is_old(connection, connection.idle):
                self._waiting.setdefault(place, deque()).append(connection)
                self._count += 1
                return
        connection.close()

    def reap(self, now: float) -> int:
        """Close what has waited too long; answers how many still wait."""
        old: list[Connection] = []
        with self._lock:
            for place, waiting in list(self._waiting.items()):
                while waiting and self._is_old(waiting[0], now):
                    old.append(waiting.popleft())
                if not waiting:
                    del self._waiting[place]
            self._count -= len(old)
            count = self._count
        for connection in old:
            connection.close()
        return count

    def close(self) -> None:
        """Close those that wait, and from now on every one that comes back."""
        with self._lock:
            self._closed = True
            waiting = [one for kept in self._waiting.values() for one in kept]
            self._waiting.clear()
            self._count = 0
        for connection in waiting:
            connection.close()

    def _is_old(self, connection: Connection, now: float) -> bool:
        limits = self._limits
        return now - connection.since >= limits.kept_seconds or now - connection.idle >= limits.idle_seconds


def connect(
    host: str, port: int, addresses: Sequence[str], tls: ssl.SSLContext | None, deadline: Deadline
) -> Connection:
    """A connection to the first address that takes one, whatever the host's name means by now; TLS is checked against
    the name. Raises OSError."""
    plain = _first(addresses, port, deadline)
    deadline.watch(plain)
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.settimeout(deadline.left())
        if tls is None:
            return Connection(plain, perf_seconds())
        safe = tls.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
    except BaseException:
        plain.close()
        raise
    deadline.watch(safe)
    try:
        safe.do_handshake()
    except BaseException:
        deadline.watch(None)
        safe.close()
        raise
    return Connection(safe, perf_seconds())


def _first(addresses: Sequence[str], port: int, deadline: Deadline) -> socket.socket:
    *others, last = addresses
    for address in others:
        try:
            return socket.create_connection((address, port), min(_CONNECT_SECONDS, deadline.left()))
        except OSError:
            deadline.left()
    return socket.create_connection((last, port), deadline.left())
