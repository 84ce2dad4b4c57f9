"""Processes that run: the server, and a worker without an API. Both end on Ctrl-C or SIGTERM, in order.

serve: stores → migrate → root key → system → engine → HTTP → `listening on …` → (demo) → signal → all of it back
"""

from __future__ import annotations

import signal
import socket
import sys
import threading
from collections.abc import Callable

import structlog
import uvicorn

from clarion.core.errors import Unavailable
from clarion.core.settings import Settings
from clarion.server import credentials, logs
from clarion.server import demo as demo_project
from clarion.server.credentials import RootKey
from clarion.server.stores import data_folder
from clarion.server.system import System
from clarion.wire.app import UVICORN
from clarion.wire.keys import AccessKey

GRACE_SECONDS = 15
ACCESS_KEY_PREFIX = "AKIA"

_log = structlog.get_logger(__name__)


class _Server(uvicorn.Server):
    """uvicorn's server, telling when it listens."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._listening()


def run_server(settings: Settings, *, demo: bool = False) -> int:
    """Serve until a signal comes; answers the exit code. `demo` makes a demo project when there is no project."""
    logs.configure(settings.log_level, final=True)
    bound = _bind(settings)
    url = _url(settings, bound)
    system = System(settings, url)
    try:
        key = _root_key(system, settings)
        system.start(work=settings.workers)
        _serve(system, bound, lambda: _announce(system, url, key, demo=demo))
    except KeyboardInterrupt:
        pass
    finally:
        system.close()
        bound.close()
    return 0


def run_worker(settings: Settings) -> int:
    """Do the background work until a signal comes; answers the exit code."""
    logs.configure(settings.log_level, final=True)
    system = System(settings, settings.public_url)
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    try:
        system.start(work=True)
        sys.stdout.write("working\n")
        sys.stdout.flush()
        stopping.wait()
    finally:
        system.close()
    return 0


def _bind(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((settings.host, settings.port))
    except OSError as error:
        bound.close()
        raise Unavailable(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}") from error
    return bound


def _url(settings: Settings, bound: socket.socket) -> str:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{bound.getsockname()[1]}"


def _root_key(system: System, settings: Settings) -> RootKey:
    """The root key of this installation: from the settings, from the data folder, or new and saved there."""
    folder = data_folder(settings)
    key = RootKey(settings.access_key_id, settings.secret_access_key) if settings.access_key_id else None
    if key is None:
        key = credentials.read(folder)
    if key is None:
        secret = system.ids.secret(30)
        key = RootKey(ACCESS_KEY_PREFIX + system.ids.hex32()[:16].upper(), credentials.text_of(secret))
        credentials.save(folder, key)
    system.keys.ensure(
        AccessKey(
            access_key_id=key.access_key_id, secret=key.secret_access_key, account=settings.account, role="admin"
        ),
        label="root",
    )
    return key


def _serve(system: System, bound: socket.socket, listening: Callable[[], None]) -> None:
    config = uvicorn.Config(
        system.app,
        **UVICORN,
        log_config=None,
        backlog=2048,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    _Server(config, listening).run(sockets=[bound])


def _announce(system: System, url: str, key: RootKey, *, demo: bool) -> None:
    sys.stdout.write(f"listening on {url}\n")
    sys.stdout.flush()
    if demo:
        threading.Thread(target=_show, args=(system, url, key), name="demo", daemon=True).start()


def _show(system: System, url: str, key: RootKey) -> None:
    """Make the demo project when there is none, and say what to try."""
    try:
        text = demo_project.text(system.settings, url, demo_project.make(url, key))
    except Exception:
        _log.exception("demo_failed")
        return
    sys.stdout.write(text)
    sys.stdout.flush()
