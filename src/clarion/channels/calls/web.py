"""One HTTP request to one checked address: bounded in time from the name to the last byte, and in size.

On http.client, as it leaves every step to us: which address is connected to, that nothing is redirected, unpacked or
led through a proxy of the environment, and that no byte too many is read. Every call has a connection of its own.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import suppress
from typing import NamedTuple

from clarion.channels.calls.guard import Guard, Target
from clarion.channels.calls.port import CalloutFailed, Limits
from clarion.core.clock import perf_seconds
from clarion.core.errors import Invalid, Unavailable

Resolve = Callable[[str, int], Sequence[str]]

_CONNECT_SECONDS = 5.0
"""For one of several addresses."""
_CHUNK = 65_536
_RESOLVERS = 16
_FOR_NOW = frozenset({408, 425, 429})


class Reply(NamedTuple):
    """A success: headers with their names in lower case, and the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Rejected(CalloutFailed):
    """The other end answered with another status than 2xx; headers with their names in lower case."""

    def __init__(self, reason: str, status: int, headers: Mapping[str, str], *, final: bool) -> None:
        super().__init__(reason, final=final)
        self.status = status
        self.headers = headers


class Web:
    """Requests to URLs that `guard` lets pass. `authorities` is a PEM file to trust besides the system's; OSError
    when it cannot be read."""

    def __init__(self, guard: Guard, limits: Limits, *, authorities: str = "", resolve: Resolve | None = None) -> None:
        self._guard = guard
        self._limits = limits
        self._resolve = resolve or addresses_of
        self._tls = ssl.create_default_context()
        if authorities:
            self._tls.load_verify_locations(cafile=authorities)
        self._names = ThreadPoolExecutor(_RESOLVERS, thread_name_prefix="callout-names")
        self._lock = threading.Lock()
        self._under_way: set[_Deadline] = set()
        self._closed = False

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

        Raises Rejected for another status than 2xx, CalloutFailed (whose cause is TimeoutError, OSError or
        HTTPException, or none where the call was not allowed) without an answer, and Unavailable while closing.
        """
        try:
            target = self._guard.target(url)
        except Invalid as error:
            raise CalloutFailed(f"the URL {error.message}", final=True) from error
        deadline = self._begun()
        try:
            return self._asked(method, target, body, headers or {}, unread, deadline)
        except CancelledError as error:
            raise Unavailable(f"{target.shown}: this process is ending") from error
        except (OSError, http.client.HTTPException) as error:
            if self._closed:
                raise Unavailable(f"{target.shown}: this process is ending") from error
            cause = TimeoutError() if deadline.passed else error
            raise CalloutFailed(f"{target.shown}: {self._meaning(cause)}", final=_is_final(cause)) from cause
        finally:
            deadline.end()
            with self._lock:
                self._under_way.discard(deadline)

    def close(self) -> None:
        """Break off what is under way; its callers get Unavailable."""
        with self._lock:
            self._closed = True
            under_way = list(self._under_way)
        for deadline in under_way:
            deadline.cut()
        self._names.shutdown(wait=False, cancel_futures=True)

    def _begun(self) -> _Deadline:
        with self._lock:
            if self._closed:
                raise Unavailable("this process is ending")
            deadline = _Deadline(self._limits.seconds)
            self._under_way.add(deadline)
        return deadline

    def _asked(
        self,
        method: str,
        target: Target,
        body: bytes | None,
        more: Mapping[str, str],
        unread: bool,
        deadline: _Deadline,
    ) -> Reply:
        addresses = self._guard.admitted(target, self._found(target, deadline))
        connection = _Connection(target, addresses, self._tls if target.tls else None, deadline)
        headers = {"Accept": "application/json", "User-Agent": "clarion", "Connection": "close"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, target.path, body=body, headers=headers | dict(more))
            with connection.getresponse() as response:
                # A connection that was cut looks like the end of the headers.
                deadline.left()
                names = {name.lower(): value for name, value in response.getheaders()}
                _check_status(target, response.status, names)
                answer = b"" if unread else self._body(target, response)
        finally:
            connection.close()
        if deadline.passed and not unread:
            raise TimeoutError
        return Reply(response.status, names, answer)

    def _found(self, target: Target, deadline: _Deadline) -> Sequence[str]:
        """The system's resolver knows no time limit, so it is left behind when ours has passed."""
        try:
            looking = self._names.submit(self._resolve, target.host, target.port)
        except RuntimeError as error:
            raise Unavailable("this process is ending") from error
        return looking.result(deadline.left())

    def _body(self, target: Target, response: http.client.HTTPResponse) -> bytes:
        most, answer = self._limits.payload, bytearray()
        too_large = CalloutFailed(f"{target.shown}: the answer is larger than {most} bytes", final=True)
        if (response.length or 0) > most:
            raise too_large
        while part := response.read(_CHUNK):
            answer += part
            if len(answer) > most:
                raise too_large
        if response.length:
            raise http.client.IncompleteRead(b"", response.length)
        return bytes(answer)

    def _meaning(self, error: OSError | http.client.HTTPException) -> str:
        if isinstance(error, TimeoutError):
            return f"no answer within {self._limits.seconds:g} seconds"
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"the certificate is not valid: {error.verify_message}"
        if isinstance(error, socket.gaierror):
            return "the host's name cannot be resolved"
        if isinstance(error, OSError):
            return f"the connection failed: {error.strerror or error or type(error).__name__}"
        return f"the answer is not HTTP, or not complete ({type(error).__name__})"


class _Deadline:
    """The end of one request's time. A socket's own time limit is for one step, and a peer that sends a byte now
    and then never reaches it; so when the time is over, the connection itself is cut."""

    def __init__(self, seconds: float) -> None:
        self._until = perf_seconds() + seconds
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._cut = False
        self._timer = threading.Timer(seconds, self.cut)
        self._timer.daemon = True
        self._timer.start()

    @property
    def passed(self) -> bool:
        return self._cut or perf_seconds() >= self._until

    def left(self) -> float:
        """Seconds. Raises TimeoutError when there are none."""
        if self.passed:
            raise TimeoutError
        return max(self._until - perf_seconds(), 0.001)

    def watch(self, connected: socket.socket) -> None:
        """Cut this connection when time is over. Works on a duplicate, whatever TLS makes of the original."""
        with self._lock:
            self._let_go()
            self._socket = connected.dup()
        if self._cut:
            self.cut()

    def cut(self) -> None:
        """Time is over now."""
        with self._lock:
            self._cut = True
            if self._socket is not None:
                with suppress(OSError):  # the peer was faster
                    self._socket.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """The request is over."""
        self._timer.cancel()
        with self._lock:
            self._let_go()

    def _let_go(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class _Connection(http.client.HTTPConnection):
    """Connects to given addresses, whatever the host's name means by now; TLS is checked against the name."""

    def __init__(
        self, target: Target, addresses: Sequence[str], context: ssl.SSLContext | None, deadline: _Deadline
    ) -> None:
        super().__init__(target.host, target.port)
        self.default_port = 443 if context is not None else 80
        self._addresses = addresses
        self._context = context
        self._deadline = deadline

    def connect(self) -> None:
        plain = self._first()
        plain.settimeout(self._deadline.left())
        self._deadline.watch(plain)
        self.sock = plain if self._context is None else self._context.wrap_socket(plain, server_hostname=self.host)

    def _first(self) -> socket.socket:
        """A connection to the first address that takes one."""
        *others, last = self._addresses
        for address in others:
            try:
                return socket.create_connection((address, self.port), min(_CONNECT_SECONDS, self._deadline.left()))
            except OSError:
                self._deadline.left()
        return socket.create_connection((last, self.port), self._deadline.left())


def addresses_of(host: str, port: int) -> list[str]:
    """The addresses of a name, or the usual form of an address, in the system's order. Raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _check_status(target: Target, status: int, headers: Mapping[str, str]) -> None:
    if 200 <= status < 300:
        return
    moved = ", and redirects are not followed" if 300 <= status < 400 else ""
    final = status < 500 and status not in _FOR_NOW
    raise Rejected(f"{target.shown}: answered {status}{moved}", status, headers, final=final)


def _is_final(error: Exception) -> bool:
    return isinstance(error, ssl.SSLCertVerificationError)
