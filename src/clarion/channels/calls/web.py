"""One HTTP request to one checked address: bounded in time from the name to the last byte, and in size.

Every step is ours: which address is connected to, that nothing is redirected, unpacked or led through a proxy of the
environment, and that no byte too many is read. Connections are kept for the next call; one that turns out to have been
closed meanwhile, before a byte of the answer came, is replaced once.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import NamedTuple

from clarion.channels.calls.answers import Answer, Malformed, TooLarge
from clarion.channels.calls.connections import Connection, Deadline, Pool, Watch, connect
from clarion.channels.calls.guard import Guard, Target
from clarion.channels.calls.port import CalloutFailed, Limits
from clarion.core.clock import SystemClock
from clarion.core.errors import Invalid, Unavailable

Resolve = Callable[[str, int], Sequence[str]]

_CHUNK = 65_536
_RESOLVERS = 16
_FOR_NOW = frozenset({408, 425, 429})
_NOT_LET_IN = frozenset({401, 403})
_MAY_ASK = frozenset({429, 503})
_LONGEST_WAIT = 86_400.0


class Reply(NamedTuple):
    """A success: headers with their names in lower case, and the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Rejected(CalloutFailed):
    """The other end answered with another status than 2xx; headers with their names in lower case."""

    def __init__(self, reason: str, status: int, headers: Mapping[str, str]) -> None:
        final = status < 500 and status not in _FOR_NOW
        wait = asked_to_wait(headers) if status in _MAY_ASK else None
        super().__init__(
            reason,
            final=final,
            ill=not final or status in _NOT_LET_IN,
            answered=True,
            throttled=status == 429,
            retry_after_ms=None if wait is None else round(wait * 1000),
        )
        self.status = status
        self.headers = headers


class Web:
    """Requests to URLs that `guard` lets pass. `authorities` is a PEM file to trust besides the system's; OSError
    when it cannot be read."""

    def __init__(self, guard: Guard, limits: Limits, *, authorities: str = "", resolve: Resolve | None = None) -> None:
        self._target = lru_cache(maxsize=1_024)(guard.target)
        self._guard = guard
        self._limits = limits
        self._resolve = resolve or addresses_of
        self._tls = ssl.create_default_context()
        if authorities:
            self._tls.load_verify_locations(cafile=authorities)
        self._names = ThreadPoolExecutor(_RESOLVERS, thread_name_prefix="callout-names")
        self._pool = Pool(limits)
        self._watch = Watch(limits, self._pool)

    def ask(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        unread: bool = False,
    ) -> Reply:
        """One request; with `unread` the answer's status is all that is waited for, and its body is left empty.

        Raises Rejected for another status than 2xx, CalloutFailed (whose cause is TimeoutError, OSError or Malformed,
        or none where the call was not allowed) without an answer, and Unavailable while closing.
        """
        try:
            target = self._target(url)
        except Invalid as error:
            raise CalloutFailed(f"the URL {error.message}", final=True) from error
        deadline = self._watch.begin()
        if deadline is None:
            raise Unavailable("this process is ending")
        try:
            return self._asked(method, target, _request(method, target, body, headers or {}), unread, deadline)
        except CancelledError as error:
            raise Unavailable(f"{target.shown}: this process is ending") from error
        except (OSError, Malformed) as error:
            if self._watch.closed:
                raise Unavailable(f"{target.shown}: this process is ending") from error
            cause = TimeoutError() if deadline.passed else error
            raise CalloutFailed(
                f"{target.shown}: {self._meaning(cause)}",
                final=isinstance(cause, ssl.SSLCertVerificationError),
                ill=True,
                uncertain=deadline.uncertain,
            ) from cause
        finally:
            self._watch.end(deadline)

    def close(self) -> None:
        """Break off what is under way; its callers get Unavailable."""
        self._watch.close()
        self._names.shutdown(wait=False, cancel_futures=True)

    def _asked(self, method: str, target: Target, request: bytes, unread: bool, deadline: Deadline) -> Reply:
        place = (target.tls, target.host, target.port)
        kept = self._pool.take(place)
        answer = Answer(method, self._limits.payload, unread=unread)
        if kept is not None:
            try:
                return self._exchanged(target, kept, request, answer, deadline)
            except (OSError, Malformed):
                if answer.begun or deadline.passed or self._watch.closed:
                    raise
                answer = Answer(method, self._limits.payload, unread=unread)
        deadline.uncertain = kept is not None
        addresses = self._guard.admitted(target, self._found(target, deadline))
        made = connect(target.host, target.port, addresses, self._tls if target.tls else None, deadline)
        return self._exchanged(target, made, request, answer, deadline)

    def _exchanged(
        self, target: Target, connection: Connection, request: bytes, answer: Answer, deadline: Deadline
    ) -> Reply:
        """One request and its answer; then the connection is kept if it can be."""
        reusable = False
        deadline.watch(connection.socket)
        try:
            connection.socket.settimeout(deadline.left())
            deadline.uncertain = True
            connection.socket.sendall(request)
            while not answer.complete:
                answer.feed(connection.socket.recv(_CHUNK))
            # A connection that was cut looks like the end of an answer that does not tell its length.
            deadline.left()
            reusable = answer.reusable
        except TooLarge as error:
            most = self._limits.payload
            raise CalloutFailed(f"{target.shown}: the answer is larger than {most} bytes", final=True) from error
        finally:
            deadline.watch(None)
            if reusable:
                self._pool.give((target.tls, target.host, target.port), connection)
            else:
                connection.close()
        if not 200 <= answer.status < 300:
            moved = ", and redirects are not followed" if 300 <= answer.status < 400 else ""
            raise Rejected(f"{target.shown}: answered {answer.status}{moved}", answer.status, answer.headers)
        return Reply(answer.status, answer.headers, bytes(answer.body))

    def _found(self, target: Target, deadline: Deadline) -> Sequence[str]:
        """The system's resolver knows no time limit, so it is left behind when ours has passed."""
        try:
            looking = self._names.submit(self._resolve, target.host, target.port)
        except RuntimeError as error:
            raise Unavailable("this process is ending") from error
        return looking.result(deadline.left())

    def _meaning(self, error: OSError | Malformed) -> str:
        if isinstance(error, TimeoutError):
            return f"no answer within {self._limits.seconds:g} seconds"
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"the certificate is not valid: {error.verify_message}"
        if isinstance(error, socket.gaierror):
            return "the host's name cannot be resolved"
        if isinstance(error, OSError):
            return f"the connection failed: {error.strerror or error or type(error).__name__}"
        return f"the answer is not HTTP, or not complete ({error})"


def addresses_of(host: str, port: int) -> list[str]:
    """The addresses of a name, or the usual form of an address, in the system's order. Raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def asked_to_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds of `Retry-After`, which may be a number or a date; a day at most."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _LONGEST_WAIT)
    try:
        wait = parsedate_to_datetime(text) - SystemClock().now()
    except (ValueError, TypeError):
        return None
    return min(max(wait.total_seconds(), 0.0), _LONGEST_WAIT)


def _request(method: str, target: Target, body: bytes | None, more: Mapping[str, str]) -> bytes:
    host = f"[{target.host}]" if ":" in target.host else target.host
    if target.port != (443 if target.tls else 80):
        host = f"{host}:{target.port}"
    lines = [f"{method} {target.path} HTTP/1.1", f"Host: {host}", "Accept: application/json", "User-Agent: clarion"]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in more.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")
