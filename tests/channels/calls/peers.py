"""Web servers on loopback: one that answers as it is told, in this process, and one that speaks bytes of a script."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Said:
    """An answer. `body` that is no bytes goes out as JSON."""

    status: int = 200
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class Site:
    """A web server that calls `answer` for each request and keeps them all."""

    answer: Callable[[Asked], Said] = lambda asked: Said()
    port: int = 0
    scheme: str = "http"
    asked: list[Asked] = field(default_factory=list)
    connections: list[socket.socket] = field(default_factory=list)

    def url(self, path: str = "/") -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}{path}"

    def hang_up(self) -> None:
        """Close all connections, as a server does that restarts."""
        for connected in self.connections:
            with suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)


@contextmanager
def site(answer: Callable[[Asked], Said] | None = None, tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """A running `Site`; `answer` can be changed while it runs."""
    running = Site()
    if answer is not None:
        running.answer = answer

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            running.connections.append(self.request)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(self.command, self.path, dict(self.headers), body)
            running.asked.append(asked)
            said = running.answer(asked)
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.content)))
            self.end_headers()
            if self.command != "HEAD":
                with suppress(OSError):
                    self.wfile.write(said.content)

        do_GET = do_HEAD = do_PUT = do_POST

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda request, address: None  # type: ignore[method-assign]
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        running.scheme = "https"
    running.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        running.hang_up()
        thread.join(10)


def _read_request(connected: socket.socket) -> None:
    """The whole of a POST, as what is left unread when a connection ends may tear the answer away; else a piece."""
    read = connected.recv(65_536)
    while read.startswith(b"POST ") and (more := _missing(read)):
        piece = connected.recv(min(more, 65_536))
        if not piece:
            return
        read += piece


def _missing(read: bytes) -> int:
    """How many bytes are still to come of a request, at least."""
    head, ended, body = read.partition(b"\r\n\r\n")
    if not ended:
        return 1
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0].strip()
    return max(int(length or 0) - len(body), 0)


@contextmanager
def script(*sent: bytes, then_hang: bool = False) -> Iterator[str]:
    """A server that reads a request and sends these pieces, whatever was asked; answers its URL. It may hang then."""
    over = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.02)

    def serve(connected: socket.socket) -> None:
        with connected, suppress(OSError):
            _read_request(connected)
            for piece in sent:
                connected.sendall(piece)
                if over.wait(0.02):
                    return
            if then_hang:
                over.wait(30)

    def accept() -> None:
        while not over.is_set():
            with suppress(TimeoutError):
                connected, _ = listening.accept()
                connected.settimeout(10)
                handlers.append(threading.Thread(target=serve, args=(connected,), daemon=True))
                handlers[-1].start()

    handlers: list[threading.Thread] = []
    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/hook"
    finally:
        over.set()
        thread.join(10)
        for handler in handlers:
            handler.join(10)
        listening.close()
